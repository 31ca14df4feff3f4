"""Streams over real connections: clients that no longer read go, those that do stay, and servers that stop say so."""

import json
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from server.http import streaming
from tests.http.conftest import RunningServer
from tests.http.test_connections import assert_limited

FOLLOW = "subscription { ticketChanged { kind id cursor } }"
AUDITS = Path(__file__).parent / "audits"


class Stream:
    """A client of raw bytes, with a small buffer: what it does not read the server cannot get rid of."""

    def __init__(self, server: RunningServer, caller: str) -> None:
        self.connection = socket.socket()
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2_048)
        self.connection.settimeout(60)
        self.connection.connect(server.address)
        body = json.dumps({"query": FOLLOW}).encode()
        self.connection.sendall(
            b"POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\naccept: text/event-stream\r\n"
            + f"authorization: Bearer {server.tokens[caller]}\r\ncontent-length: {len(body)}\r\n\r\n".encode()
            + body
        )
        self.read = b""
        while b"\r\n\r\n" not in self.read:
            self.read += self.connection.recv(100)

    @property
    def status(self) -> int:
        return int(self.read.split(b" ", 2)[1])

    def rest(self) -> bytes:
        """All until the server closes or ends the response."""
        while not self.read.endswith(b"0\r\n\r\n") and (more := self.connection.recv(65_536)):
            self.read += more
        return self.read

    def close(self) -> None:
        self.connection.close()


@pytest.fixture
def own_server(short_folder: Path) -> Iterator[RunningServer]:
    folder = short_folder / "b"
    folder.mkdir(mode=0o711, exist_ok=True)
    running = RunningServer(folder)
    yield running
    running.stop()


def test_the_sixth_stream_is_429_with_the_time_to_wait_and_the_five_go_on(server: RunningServer) -> None:
    five = [Stream(server, "manager") for _ in range(streaming.MAX_PER_VIEWER)]
    try:
        sixth = server.post(FOLLOW, "manager", headers={"accept": "text/event-stream"})
        assert sixth.status_code == 429
        assert_limited(sixth.headers, sixth.json(), "streams", streaming.MAX_PER_VIEWER)
        assert [one.status for one in five] == [200] * 5
    finally:
        for one in five:
            one.close()


def test_streams_that_do_not_read_free_their_places_and_one_that_reads_stays(own_server: RunningServer) -> None:
    dead = [Stream(own_server, "rep") for _ in range(streaming.MAX_PER_VIEWER - 1)]
    live = Stream(own_server, "rep")
    live.connection.setblocking(False)
    deadline, again, refused = time.monotonic() + 150, None, 0
    while again is None and time.monotonic() < deadline:
        _drain(live)
        attempt = Stream(own_server, "rep")
        if attempt.status == 200:
            again = attempt
        else:
            refused += attempt.status == 429
            attempt.close()
            time.sleep(1)
    assert again is not None, "no place became free"
    assert refused > 0
    live.connection.setblocking(True)
    assert live.connection.recv(100), "the stream that reads is still open"
    for one in (*dead, live, again):
        one.close()


def _drain(stream: Stream) -> None:
    try:
        while stream.connection.recv(65_536):
            pass
    except BlockingIOError:
        return
    raise AssertionError("the stream that reads was closed")


def test_a_server_that_stops_ends_its_streams_without_complete(own_server: RunningServer) -> None:
    one = Stream(own_server, "rep")
    assert own_server.stop() == 0
    assert b"complete" not in one.rest()
    one.close()


CLIENT = """
import { createClient } from "graphql-sse";
const [url, token, after] = process.argv.slice(1);
const client = createClient({
  url, headers: { authorization: `Bearer ${token}` }, retryAttempts: 3, retry: async () => {},
  on: { connecting: (again) => console.log(JSON.stringify({ connecting: again })) },
});
client.subscribe({ query: "subscription { ticketChanged { id } }" }, {
  next: (result) => console.log(JSON.stringify({ next: result })),
  error: (error) => { console.log(JSON.stringify({ error: String(error) })); process.exit(0); },
  complete: () => { console.log(JSON.stringify({ complete: true })); process.exit(0); },
});
"""


def test_graphql_sse_connects_again_when_the_server_stops(own_server: RunningServer, audits_installed: str) -> None:
    client = subprocess.Popen(
        [audits_installed, "--input-type=module", "-e", CLIENT, own_server.url, own_server.tokens["rep"]],
        cwd=AUDITS, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert client.stdout
    told: list[dict[str, Any]] = [json.loads(client.stdout.readline())]
    until = time.monotonic() + 30
    while not _is_open(own_server):
        assert time.monotonic() < until
    own_server.stop()
    told += [json.loads(line) for line in client.stdout]
    client.wait(30)
    client.stdout.close()
    assert told[0] == {"connecting": False}
    assert {"connecting": True} in told, "an end without `complete` is no end"
    assert not any("complete" in one for one in told)


def _is_open(server: RunningServer) -> bool:
    """Whether the viewer's stream is open: then four more find a place, and a fifth does not."""
    more = [Stream(server, "rep") for _ in range(streaming.MAX_PER_VIEWER)]
    statuses = sorted(one.status for one in more)
    for one in more:
        one.close()
    time.sleep(0.3)
    return statuses[-1] == 429
