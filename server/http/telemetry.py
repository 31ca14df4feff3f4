"""What the process says about itself: JSON lines on standard error, one per request, without personal data."""

import logging
import re
import sys
import time
from collections.abc import Iterable, MutableMapping
from datetime import UTC, datetime
from itertools import count
from os import urandom
from typing import Any

import orjson
import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from schema.answering.errors import surprise
from server.http.addresses import Network, TrustedProxies
from server.http.replies import refused, send_out

_NOTED = "zhike.noted"
_REQUEST_ID = re.compile(rb"[0-9A-Za-z._-]{8,64}")
_PROCESS, _NUMBERS = urandom(8).hex(), count(1)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def configure_logging(level: str) -> None:
    """Send log lines of this level (`debug`, `info`, `warning`, `error`) and above to standard error, as JSON."""
    least = logging.getLevelNamesMapping()[level.upper()]
    root = logging.getLogger()
    root.handlers = [*(one for one in root.handlers if not isinstance(one, _LibraryLog)), _LibraryLog(least)]
    root.setLevel(least)
    structlog.configure(
        processors=[_json_line],
        wrapper_class=structlog.make_filtering_bound_logger(least),
        logger_factory=structlog.BytesLoggerFactory(sys.stderr.buffer),
        cache_logger_on_first_use=True,
    )


class _LibraryLog(logging.Handler):
    """What libraries log, as lines of ours: warnings and above, all of it at `debug`. Arguments and tracebacks are left
    out, since they quote values.
    """

    def __init__(self, least: int) -> None:
        super().__init__(least if least <= logging.DEBUG else max(least, logging.WARNING))
        self._log = structlog.get_logger("zhike.libraries")

    def emit(self, record: logging.LogRecord) -> None:
        try:
            self._write(record)
        except Exception:  # noqa: BLE001 - a log that cannot be written stops nobody's work
            self.handleError(record)

    def _write(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        line = {"logger": record.name, "message": str(record.msg).partition("\n")[0]}
        if error:
            line["error"] = f"{type(error).__module__}.{type(error).__qualname__}"
        self._log.log(min(record.levelno, logging.ERROR), "library", **line)


def _json_line(_logger: object, level: str, event: MutableMapping[str, Any]) -> bytes:
    """In one step instead of the library's four, which took a tenth of the time of a small query."""
    return orjson.dumps({**event, "level": level, "timestamp": datetime.now(UTC)}, option=orjson.OPT_UTC_Z)


def noted(scope: Scope) -> dict[str, object]:
    """What a way in adds to its request's line. Only words from closed lists and digests belong here."""
    note: dict[str, object] = scope.setdefault(_NOTED, {})
    return note


def new_request_id() -> str:
    """What an answer and its line in the log are found by: no two processes and no two requests have the same."""
    return f"{_PROCESS}{next(_NUMBERS):08x}"


class RequestLog:
    """Writes one line per HTTP request and turns whatever escaped below into a JSON 500 with the id of its log entry.

    Paths are logged only where a known address answered: anything else a client wrote there may be personal data.
    """

    def __init__(self, app: ASGIApp, paths: frozenset[str], trusted: Iterable[Network] = ()) -> None:
        self._app = app
        self._paths = paths
        self._trusted = TrustedProxies(trusted)
        self._has_proxies = bool(self._trusted)
        self._log = structlog.get_logger("zhike.requests")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        id_ = self._request_id(scope) if self._has_proxies else new_request_id()
        noted(scope)["request"] = id_
        status: int | None = None
        own = (b"x-request-id", id_.encode())

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = (*message.get("headers", ()), own)
            await send(message)

        try:
            await self._app(scope, receive, sending)
        except Exception as error:  # noqa: BLE001 - the server would log its text, and texts quote values
            told = surprise(error)
            if status is None:
                await send_out(sending, refused(500, told))
        self._log.info("request", **self._line(scope, status, time.perf_counter() - started))

    def _request_id(self, scope: Scope) -> str:
        """A new id, or the one that a trusted proxy gave: anybody else could write what they like into our log."""
        if self._trusted.sent(scope):
            for name, value in scope["headers"]:
                if name == b"x-request-id" and _REQUEST_ID.fullmatch(value):
                    return str(value, "ascii")
        return new_request_id()

    def _line(self, scope: Scope, status: int | None, seconds: float) -> dict[str, object]:
        return {
            "method": scope["method"] if scope["method"] in _METHODS else "other",
            "path": scope["path"] if scope["path"] in self._paths else "other",
            "status": status,
            "ms": round(seconds * 1000, 2),
            **noted(scope),
        }
