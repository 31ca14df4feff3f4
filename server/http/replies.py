"""HTTP answers: their content type, status and headers."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import orjson
from starlette.types import Send

from schema.answering.asked import Reply
from schema.answering.errors import ErrorEntry, ErrorKind, entry
from server.http.negotiation import EVENTS, GRAPHQL, JSON

Header = tuple[bytes, bytes]

CHALLENGE: Header = (b"www-authenticate", b'Bearer realm="zhike"')
REFUSED_TOKEN: Header = (b"www-authenticate", b'Bearer realm="zhike", error="invalid_token"')
ALLOW_READING: Header = (b"allow", b"GET, POST")
CLOSE: Header = (b"connection", b"close")
VARY: Header = (b"vary", b"accept, authorization")
ALLOW_POST: Header = (b"allow", b"POST")

# For `application/graphql-response+json`; the older `application/json` answers 200 to every well-formed request.
STATUS_OF_REQUEST_ERRORS: dict[str, int] = {
    ErrorKind.UNAUTHENTICATED: 401,
    ErrorKind.FORBIDDEN: 403,
    ErrorKind.INTERNAL: 500,
}
OTHER_REQUEST_ERRORS = 400

STATUS_OF_ACTS: dict[str, int] = {ErrorKind.TIMEOUT: 503, ErrorKind.UNAVAILABLE: 503}
"""What ends a mutation, and may not have been done: clients and proxies know the status as one to repeat later."""

STATUS_OF_ANY_TYPE: dict[str, int] = {
    ErrorKind.BAD_REQUEST: 400,
    ErrorKind.PERSONAL_DATA_IN_URL: 400,
    ErrorKind.METHOD_NOT_ALLOWED: 405,
    **STATUS_OF_ACTS,
}
"""What is wrong with the request beside its document: told to old clients too."""

_HEADERS_OF_STATUS: dict[int, tuple[Header, ...]] = {401: (CHALLENGE,), 405: (ALLOW_POST,)}

FIXED: tuple[Header, ...] = ((b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff"))
HEADERS = {media: ((b"content-type", media + b"; charset=utf-8"), *FIXED) for media in (JSON, GRAPHQL, EVENTS)}

RETRY_AFTER = "retryAfter"
_error_pages = "docs/errors.md"

JSON_UTC = orjson.OPT_NAIVE_UTC | orjson.OPT_UTC_Z
COMPLETE = b"event: complete\ndata:\n\n"


def retry_after(seconds: int) -> Header:
    """When a client may ask again."""
    return b"retry-after", str(seconds).encode()


def limit_headers(seconds: int) -> tuple[Header, ...]:
    """What is told of a limit that is reached: nothing remains, and when there will be something again."""
    return retry_after(seconds), (b"ratelimit-remaining", b"0"), (b"ratelimit-reset", str(seconds).encode())


def limited(limit: str, allowed: int, seconds: int, message: str | None = None) -> ErrorEntry:
    """The error of a limit that time heals: its name, how much is allowed, and when to ask again. `refused` gives it
    the headers that say the same.
    """
    told: dict[str, object] = {"limit": limit, "allowed": allowed, RETRY_AFTER: seconds}
    return entry(ErrorKind.LIMIT_EXCEEDED, message, **told)


def set_error_pages(address: str) -> None:
    """Where `extensions.docs` of every error points to; the code follows as the fragment."""
    global _error_pages  # noqa: PLW0603 - a property of the installation, like where its log goes
    _error_pages = address


def link_to_docs(errors: object) -> None:
    """Gives each error the address of the page that says what a client does about it."""
    for error in errors if isinstance(errors, list) else ():
        extensions = error.get("extensions")
        if extensions is not None:
            extensions["docs"] = f"{_error_pages}#{str(extensions.get('code')).lower()}"


class Outgoing(NamedTuple):
    """A response ready to be sent, but for the headers that all share."""

    status: int
    body: bytes
    media: bytes = JSON
    headers: tuple[Header, ...] = ()


def replied(reply: Reply | bytes, media: bytes) -> Outgoing:
    """The answer of a well-formed request; a stream of one result where `media` is EVENTS. Naive datetimes are UTC."""
    if isinstance(reply, bytes):
        return Outgoing(200, _framed(reply, media), media)
    if "errors" not in reply:
        body = orjson.dumps(reply, option=JSON_UTC)
        return Outgoing(
            200,
            body if media != EVENTS else _framed(body, media),
            media,
            _waiting(reply) if "extensions" in reply else (),
        )
    body = orjson.dumps(reply, option=JSON_UTC)
    status, headers = _status(reply, media), _waiting(reply)
    if status == 200:
        return Outgoing(200, _framed(body, media), media, headers)
    headers = (*headers, *_HEADERS_OF_STATUS.get(status, ()))
    return Outgoing(status, body, JSON if media == EVENTS else media, headers)


def refused(status: int, error: ErrorEntry, *headers: Header, media: bytes = JSON) -> Outgoing:
    """A request that was not answered at all, told in the form of GraphQL errors."""
    link_to_docs([error])
    told: Reply = {"errors": [error]}
    return Outgoing(status, orjson.dumps(told), JSON if media == EVENTS else media, (*headers, *_waiting(told)))


async def send_out(send: Send, outgoing: Outgoing) -> None:
    """Send the response; a client that has gone away is no error."""
    length = (b"content-length", str(len(outgoing.body)).encode())
    headers = (*HEADERS[outgoing.media], *outgoing.headers, length)
    try:
        await send({"type": "http.response.start", "status": outgoing.status, "headers": headers})
        await send({"type": "http.response.body", "body": outgoing.body})
    except OSError:
        return


def event(reply: Reply) -> bytes:
    """One result of a stream, as graphql-sse sends it."""
    link_to_docs(reply.get("errors"))
    return _next(orjson.dumps(reply, option=JSON_UTC))


def _framed(body: bytes, media: bytes) -> bytes:
    return _next(body) + COMPLETE if media == EVENTS else body


def _next(body: bytes) -> bytes:
    return b"event: next\ndata: " + body + b"\n\n"


def _status(reply: Reply, media: bytes) -> int:
    """A client of streams reads refusals in the stream, but for those that a new token would mend."""
    extensions = _first_extensions(reply)
    code = str(extensions.get("code"))
    if "data" in reply:
        return STATUS_OF_ACTS.get(code, 200) if reply["data"] is None else 200
    if status := 429 if RETRY_AFTER in extensions else STATUS_OF_ANY_TYPE.get(code):
        return status
    if media == GRAPHQL:
        return STATUS_OF_REQUEST_ERRORS.get(code, OTHER_REQUEST_ERRORS)
    return 401 if media == EVENTS and code == ErrorKind.UNAUTHENTICATED else 200


def _waiting(reply: Reply) -> tuple[Header, ...]:
    """The headers of a limit that time heals: what was refused may be asked for again in so many seconds."""
    extensions = reply.get("extensions")
    seconds = extensions.get(RETRY_AFTER) if isinstance(extensions, dict) else None
    seconds = seconds or ("errors" in reply and _first_extensions(reply).get(RETRY_AFTER))
    return limit_headers(int(seconds)) if seconds else ()


def _first_extensions(reply: Reply) -> Mapping[str, Any]:
    errors = reply.get("errors")
    first = errors[0] if isinstance(errors, list) and errors else {}
    extensions: Mapping[str, Any] = first.get("extensions", {})
    return extensions
