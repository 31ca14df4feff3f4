"""HTTP/1.1 on a connection: uvicorn's, but every refusal is JSON and nothing received reaches the log."""

import httptools
import orjson
import structlog
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from schema.answering.errors import ErrorKind, entry
from server.http.negotiation import JSON
from server.http.replies import FIXED, Header
from server.http.streaming import TRANSPORT

_log = structlog.get_logger("zhike.requests")


class Protocol(HttpToolsProtocol):
    """One connection of a client."""

    def data_received(self, data: bytes) -> None:
        """Feeds the parser. A request that wants another protocol is answered as the plain request that it also is."""
        self._unset_keepalive_if_required()
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            return
        except httptools.HttpParserError:
            self.refuse(400, ErrorKind.BAD_REQUEST)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope[TRANSPORT] = self.transport  # type: ignore[literal-required]

    def refuse(self, status: int, kind: ErrorKind) -> None:
        """Answers what cannot be read as a request, in the form of all other errors, and closes the connection."""
        if self.transport.is_closing():
            return
        if self._is_answering():
            self.transport.close()  # what stands in the middle of another answer is no answer
            return
        body = orjson.dumps({"errors": [entry(kind)]})
        headers: tuple[Header, ...] = (
            (b"content-type", JSON + b"; charset=utf-8"),
            *FIXED,
            (b"content-length", str(len(body)).encode()),
            (b"connection", b"close"),
        )
        head = b"".join(b"%s: %s\r\n" % header for header in (*self.server_state.default_headers, *headers))
        self.transport.write(STATUS_LINE[status] + head + b"\r\n" + body)
        self.transport.close()
        _log.info("request", method="other", path="other", status=status)

    def _is_answering(self) -> bool:
        cycle: RequestResponseCycle | None = self.cycle
        return cycle is not None and not cycle.response_complete

    def _should_upgrade(self) -> bool:
        return False

    def _unsupported_upgrade_warning(self) -> None:
        pass
