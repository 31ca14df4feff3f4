"""The load: so many connections, each asking again as soon as it is answered."""

import selectors
import socket
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import cycle
from typing import Any

import orjson

BUFFER = 1 << 18


class Refused(Exception):
    """A server answered with anything but data. Says what it answered."""


@dataclass
class Load:
    """What one stretch of load gave: seconds per answer, and how long the stretch was."""

    latencies: list[float] = field(default_factory=list)
    seconds: float = 0.0


def requests(token: str, query: str, variables: Sequence[dict[str, Any]]) -> list[bytes]:
    """HTTP requests ready to be sent, one for each set of variables."""
    return [_request(token, orjson.dumps({"query": query, "variables": one})) for one in variables]


def ask(port: int, request: bytes) -> bytes:
    """The body of one answer. Raises Refused."""
    with _connected(port) as connection:
        connection.sendall(request)
        answer = b""
        while not _complete(answer):
            answer += _received(connection)
    head, _, body = answer.partition(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 200") or b'"errors"' in body:
        raise Refused(f"{head.splitlines()[0].decode()}: {body[:500].decode()}")
    return body


def load(port: int, asked: Sequence[bytes], connections: int, seconds: float) -> Load:
    """Keeps `connections` requests in flight for so long, and until each was answered twice on average.

    Raises Refused for any answer that is not 200.
    """
    turns, made = cycle(asked), Load()
    with selectors.DefaultSelector() as selector:
        for _ in range(connections):
            connection = _connected(port)
            selector.register(connection, selectors.EVENT_READ, _Asking(connection, turns))
        begun = time.perf_counter()
        for key in selector.get_map().values():
            key.data.ask()
        while time.perf_counter() - begun < seconds or len(made.latencies) < 2 * connections:
            for key, _ in selector.select():
                if taken := key.data.heard():
                    made.latencies.append(taken)
                    key.data.ask()
        made.seconds = time.perf_counter() - begun
        for key in list(selector.get_map().values()):
            key.data.connection.close()
    return made


class _Asking:
    """One connection: what it sent last, and what came back so far."""

    def __init__(self, connection: socket.socket, turns: Iterator[bytes]) -> None:
        self.connection, self._turns = connection, turns
        self._answer = b""
        self._asked = 0.0

    def ask(self) -> None:
        self._answer = b""
        self._asked = time.perf_counter()
        self.connection.sendall(next(self._turns))

    def heard(self) -> float | None:
        """Seconds since the question, once the answer is whole."""
        self._answer += _received(self.connection)
        if not _complete(self._answer):
            return None
        if not self._answer.startswith(b"HTTP/1.1 200"):
            raise Refused(self._answer[:500].decode(errors="replace"))
        return time.perf_counter() - self._asked


def _connected(port: int) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", port), timeout=60)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def _received(connection: socket.socket) -> bytes:
    part = connection.recv(BUFFER)
    if not part:
        raise Refused("the server closed the connection")
    return part


def _complete(answer: bytes) -> bool:
    end = answer.find(b"\r\n\r\n")
    if end < 0:
        return False
    head = answer[:end].lower()
    at = head.index(b"content-length:") + 15
    length = int(head[at:].split(b"\r\n", 1)[0])
    return len(answer) >= end + 4 + length


def _request(token: str, body: bytes) -> bytes:
    head = (
        "POST /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nAccept: application/json\r\n"
        f"Authorization: Bearer {token}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body
