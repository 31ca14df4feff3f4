"""HTTP/1.1 on a connection: uvicorn's, but bounded, every refusal is JSON, and nothing received reaches the log."""

import asyncio
from typing import Any

import httptools
import orjson
import structlog
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from schema.answering.errors import ErrorEntry, ErrorKind, entry
from server.http.connections import AUTHENTICATED_KEEP_ALIVE, MAX_HEAD_BYTES, MAX_HEADERS, Connections, Limit
from server.http.framing import Framing
from server.http.negotiation import JSON
from server.http.replies import FIXED, Header, limit_headers, limited, link_to_docs
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
        self._framing: Framing | None = None  # while a body is read
        self._body_bytes = 0
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
        self._all.heard(self)
        framing, self._body_bytes = self._framing, 0
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            return
        except httptools.HttpParserError:
            self.refuse(400, ErrorKind.BAD_REQUEST)
            return
        if framing is not None and framing is self._framing and framing.around(len(data) - self._body_bytes):
            self.refuse(413, ErrorKind.PAYLOAD_TOO_LARGE)
        if self._reading_head:
            self._more_head(len(data))
        elif self.is_idle:
            self._all.wait_for_head(self)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope[CONNECTION] = self  # type: ignore[literal-required]
        self._reading_head, self._head_bytes, self._framing = True, 0, None

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header; or a trailer, which is counted and tells nothing: no proxy has looked at it."""
        if self._framing is None:
            super().on_header(name, value)
        elif not self._refused and self._framing.trailer(len(name) + len(value)):
            self.refuse(431, ErrorKind.HEADERS_TOO_LARGE)

    def on_headers_complete(self) -> None:
        self._reading_head, self._framing = False, Framing()
        self._all.head_came(self)
        if self._refused:
            return
        size = len(self.url) + sum(len(name) + len(value) for name, value in self.headers)
        if size > MAX_HEAD_BYTES or len(self.headers) > MAX_HEADERS:
            self.refuse(431, ErrorKind.HEADERS_TOO_LARGE)
            return
        super().on_headers_complete()

    def on_chunk_header(self) -> None:
        """A chunk begins."""
        if not self._refused and self._framing is not None and self._framing.chunk():
            self.refuse(413, ErrorKind.PAYLOAD_TOO_LARGE)

    def on_body(self, body: bytes) -> None:
        self._body_bytes += len(body)
        if not self._refused:
            super().on_body(body)

    def on_message_complete(self) -> None:
        self._framing = None
        if not self._refused:
            super().on_message_complete()

    @property
    def is_idle(self) -> bool:
        """Whether nothing is being answered on it."""
        cycle: RequestResponseCycle | None = self.cycle
        return cycle is None or cycle.response_complete

    @property
    def waits(self) -> bool:
        """Whether its client is the one that it waits for: to ask, to go on with a request, to read an answer.

        A client that asks on before it has read keeps requests in a queue: that is no reason to spare it either.
        """
        return self.is_idle or self.cycle.more_body or self.flow.write_paused or bool(self.pipeline)

    def authenticate(self) -> None:
        """A request on this connection had a good token: it counts among those that have, and may rest for longer."""
        if self._all.authenticate(self):
            self.authenticated, self.timeout_keep_alive = True, AUTHENTICATED_KEEP_ALIVE
        else:
            self.cycle.keep_alive = False

    def refuse(self, status: int, kind: ErrorKind, limit: Limit | None = None) -> None:
        """Answers what cannot be read as a request, in the form of all other errors, and closes the connection."""
        self._refused = True
        if self.transport.is_closing():
            return
        if self._may_be_answered:  # what stands in the middle of another answer is no answer
            self._write_refusal(status, _error(kind, limit))
        self.transport.close()

    @property
    def _may_be_answered(self) -> bool:
        return self.is_idle or (self.cycle.more_body and not self.cycle.response_started and not self.pipeline)

    def drop(self) -> None:
        """Closes at once."""
        self._refused = True
        self.transport.abort()

    def _more_head(self, received: int) -> None:
        self._all.wait_for_head(self)
        self._head_bytes += received
        if self._head_bytes > MAX_HEAD_BYTES:
            self.refuse(431, ErrorKind.HEADERS_TOO_LARGE)

    def _write_refusal(self, status: int, error: ErrorEntry) -> None:
        id_ = new_request_id()
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


def _error(kind: ErrorKind, limit: Limit | None) -> ErrorEntry:
    return entry(kind) if limit is None else limited(limit.name, limit.allowed, _RETRY_SECONDS)
