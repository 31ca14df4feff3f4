"""HTTP/1.1 on a connection: uvicorn's, but bounded, every refusal is JSON, and nothing received reaches the log."""

import asyncio
from typing import Any

import httptools
import orjson
import structlog
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from schema.answering.errors import ErrorKind, entry
from server.http.connections import AUTHENTICATED_KEEP_ALIVE, MAX_HEAD_BYTES, MAX_HEADERS, Connections
from server.http.negotiation import JSON
from server.http.replies import FIXED, Header, limit_headers, link_to_docs
from server.http.streaming import CONNECTION
from server.http.telemetry import new_request_id

_log = structlog.get_logger("zhike.requests")
_RETRY_SECONDS = 10


class Protocol(HttpToolsProtocol):
    """One connection of a client."""

    def __init__(self, connections: Connections, **options: Any) -> None:
        super().__init__(**options)
        self._all = connections
        self._reading_head, self._head_bytes, self._refused = False, 0, False
        self.address, self.authenticated = "", False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.address = self.client[0] if self.client else ""
        self._all.open(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._all.close(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Feeds the parser. A request that wants another protocol is answered as the plain request that it also is."""
        if self._refused:
            return
        self._unset_keepalive_if_required()
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            return
        except httptools.HttpParserError:
            self.refuse(400, ErrorKind.BAD_REQUEST)
            return
        if self._reading_head:
            self._more_head(len(data))
        elif self.is_idle:
            self._all.wait_for_head(self)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope[CONNECTION] = self  # type: ignore[literal-required]
        self._reading_head, self._head_bytes = True, 0

    def on_headers_complete(self) -> None:
        self._reading_head = False
        self._all.head_came(self)
        if self._refused:
            return
        size = len(self.url) + sum(len(name) + len(value) for name, value in self.headers)
        if size > MAX_HEAD_BYTES or len(self.headers) > MAX_HEADERS:
            self.refuse(431, ErrorKind.HEADERS_TOO_LARGE)
            return
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        if not self._refused:
            super().on_body(body)

    def on_message_complete(self) -> None:
        if not self._refused:
            super().on_message_complete()

    @property
    def is_idle(self) -> bool:
        """Whether nothing is being answered on it."""
        cycle: RequestResponseCycle | None = self.cycle
        return cycle is None or cycle.response_complete

    def authenticate(self) -> None:
        """A request on this connection had a good token: it counts among those that have, and may rest for longer."""
        if self._all.authenticate(self):
            self.authenticated, self.timeout_keep_alive = True, AUTHENTICATED_KEEP_ALIVE
        else:
            self.cycle.keep_alive = False

    def refuse(self, status: int, kind: ErrorKind) -> None:
        """Answers what cannot be read as a request, in the form of all other errors, and closes the connection."""
        self._refused = True
        if self.transport.is_closing():
            return
        if self.is_idle:  # what stands in the middle of another answer is no answer
            self._write_refusal(status, kind)
        self.transport.close()

    def drop(self) -> None:
        """Closes at once."""
        self._refused = True
        self.transport.abort()

    def _more_head(self, received: int) -> None:
        self._all.wait_for_head(self)
        self._head_bytes += received
        if self._head_bytes > MAX_HEAD_BYTES:
            self.refuse(431, ErrorKind.HEADERS_TOO_LARGE)

    def _write_refusal(self, status: int, kind: ErrorKind) -> None:
        error, id_ = entry(kind), new_request_id()
        link_to_docs([error])
        body = orjson.dumps({"errors": [error]})
        headers: tuple[Header, ...] = (
            (b"content-type", JSON + b"; charset=utf-8"),
            *FIXED,
            *(limit_headers(_RETRY_SECONDS) if status in {429, 503} else ()),
            (b"x-request-id", id_.encode()),
            (b"content-length", str(len(body)).encode()),
            (b"connection", b"close"),
        )
        head = b"".join(b"%s: %s\r\n" % header for header in (*self.server_state.default_headers, *headers))
        self.transport.write(STATUS_LINE[status] + head + b"\r\n" + body)
        _log.info("request", method="other", path="other", status=status, request=id_)

    def _should_upgrade(self) -> bool:
        return False

    def _unsupported_upgrade_warning(self) -> None:
        pass
