"""The connections of this process: bounded in all, per address and in the time that a request may take to come."""

import asyncio
from collections import Counter
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from schema.answering.errors import ErrorKind
from server.http.addresses import Network, TrustedProxies, address_block

HEAD_SECONDS = 10.0
"""In which a client sends the head of a request, counted from its first byte, or from connecting."""

MAX_HEAD_BYTES, MAX_HEADERS = 32_768, 100
AUTHENTICATED_KEEP_ALIVE = 65
"""Seconds that a connection may rest between requests once one of them had a good token; others rest for five."""

_SWEEP_SECONDS = 1.0


@dataclass(frozen=True)
class ConnectionLimits:
    """How many connections there may be: without a good token so far, with one, and from one address."""

    anonymous: int = 2_000
    authenticated: int = 8_000
    per_address: int = 1_000
    trusted_proxies: tuple[Network, ...] = ()


class Limit(NamedTuple):
    """A limit that is reached: its name, and how much there may be."""

    name: str
    allowed: int


class Connection(Protocol):
    """What is counted: one client's connection."""

    address: str
    authenticated: bool

    @property
    def waits(self) -> bool:
        """Whether its client is the one that it waits for: to ask, to go on with a request, to read an answer."""

    def refuse(self, status: int, kind: ErrorKind, limit: Limit | None = None) -> None:
        """Answers with an error, of a limit where it is one, and closes."""

    def drop(self) -> None:
        """Closes at once."""


class Connections:
    """Counts connections, and ends those that take too long to say what they want. Belongs to one event loop."""

    def __init__(self, limits: ConnectionLimits | None = None) -> None:
        self._limits = limits or ConnectionLimits()
        self._proxies = TrustedProxies(self._limits.trusted_proxies)
        self._anonymous: dict[Connection, None] = {}  # the one that was silent for the longest first
        self._authenticated: set[Connection] = set()
        self._of_address: Counter[str] = Counter()
        self._waiting: dict[Connection, float] = {}
        self._sweeper: asyncio.TimerHandle | None = None

    def open(self, connection: Connection) -> bool:
        """Counts a new connection. False, after an answer that says so, where there are too many.

        Where all places of anonymous connections are taken, one that waits for its client gives way, whether for a
        request, for the rest of one or until an answer is read: who holds connections open keeps nobody else out. It is
        the one that was silent for the longest, so that a request whose parts come promptly stays.
        """
        block = address_block(connection.address)
        if self._of_address[block] >= self._limits.per_address and not self._proxies.trusts(connection.address):
            connection.refuse(429, ErrorKind.LIMIT_EXCEEDED, Limit("connections", self._limits.per_address))
            return False
        if len(self._anonymous) >= self._limits.anonymous and not self._drop_most_silent():
            connection.refuse(503, ErrorKind.UNAVAILABLE)
            return False
        self._anonymous[connection] = None
        self._of_address[block] += 1
        self.wait_for_head(connection)
        return True

    def close(self, connection: Connection) -> None:
        """Counts a connection no longer. One that was never counted is nothing to it."""
        self._waiting.pop(connection, None)
        if connection not in self._anonymous and connection not in self._authenticated:
            return
        self._anonymous.pop(connection, None)
        self._authenticated.discard(connection)
        block = address_block(connection.address)
        self._of_address[block] -= 1
        if not self._of_address[block]:
            del self._of_address[block]

    def authenticate(self, connection: Connection) -> bool:
        """Counts a connection among those with a good token. False where these have no place any more."""
        if len(self._authenticated) >= self._limits.authenticated:
            return False
        if connection in self._anonymous:
            del self._anonymous[connection]
            self._authenticated.add(connection)
        return True

    def wait_for_head(self, connection: Connection) -> None:
        """From now on the connection has `HEAD_SECONDS` to send the head of a request, unless its time runs already."""
        loop = asyncio.get_running_loop()
        self._waiting.setdefault(connection, loop.time() + HEAD_SECONDS)
        if self._sweeper is None:
            self._sweeper = loop.call_later(_SWEEP_SECONDS, self._sweep)

    def heard(self, connection: Connection) -> None:
        """Something came on the connection: it is now the last that would give way."""
        if connection in self._anonymous:
            del self._anonymous[connection]
            self._anonymous[connection] = None

    def head_came(self, connection: Connection) -> None:
        """The head of a request is complete."""
        self._waiting.pop(connection, None)

    def _sweep(self) -> None:
        now = asyncio.get_running_loop().time()
        late = [connection for connection, until in self._waiting.items() if until <= now]
        for connection in late:
            del self._waiting[connection]
            connection.refuse(408, ErrorKind.REQUEST_TIMEOUT)
        self._sweeper = asyncio.get_running_loop().call_later(_SWEEP_SECONDS, self._sweep) if self._waiting else None

    def _drop_most_silent(self) -> bool:
        for connection in self._anonymous:
            if connection.waits:
                self.close(connection)
                connection.drop()
                return True
        return False
