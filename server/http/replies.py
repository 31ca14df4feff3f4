"""HTTP answers: their content type, status and headers."""

from typing import NamedTuple

import orjson
from starlette.types import Send

from schema.answering.asked import Reply
from schema.answering.errors import ErrorEntry, ErrorKind
from server.http.negotiation import EVENTS, GRAPHQL, JSON

Header = tuple[bytes, bytes]

CHALLENGE: Header = (b"www-authenticate", b'Bearer realm="zhike"')
REFUSED_TOKEN: Header = (b"www-authenticate", b'Bearer realm="zhike", error="invalid_token"')
ALLOW_READING: Header = (b"allow", b"GET, POST")
VARY: Header = (b"vary", b"accept, authorization")
ALLOW_POST: Header = (b"allow", b"POST")

# For `application/graphql-response+json`; the older `application/json` answers 200 to every well-formed request.
STATUS_OF_REQUEST_ERRORS: dict[str, int] = {
    ErrorKind.UNAUTHENTICATED: 401,
    ErrorKind.FORBIDDEN: 403,
    ErrorKind.INTERNAL: 500,
}
OTHER_REQUEST_ERRORS = 400

STATUS_OF_ANY_TYPE: dict[str, int] = {
    ErrorKind.BAD_REQUEST: 400,
    ErrorKind.PERSONAL_DATA_IN_URL: 400,
    ErrorKind.METHOD_NOT_ALLOWED: 405,
}
"""What is wrong with the request beside its document: told to old clients too."""

_HEADERS_OF_STATUS: dict[int, tuple[Header, ...]] = {401: (CHALLENGE,), 405: (ALLOW_POST,)}

FIXED: tuple[Header, ...] = ((b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff"))
HEADERS = {media: ((b"content-type", media + b"; charset=utf-8"), *FIXED) for media in (JSON, GRAPHQL, EVENTS)}

JSON_UTC = orjson.OPT_NAIVE_UTC | orjson.OPT_UTC_Z
COMPLETE = b"event: complete\ndata:\n\n"


def retry_after(seconds: int) -> Header:
    """When a client may ask again."""
    return b"retry-after", str(seconds).encode()


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
    body = orjson.dumps(reply, option=JSON_UTC)
    if "data" in reply:
        return Outgoing(200, _framed(body, media), media)
    code = _code(reply)
    status = STATUS_OF_ANY_TYPE.get(code) or _status(code, media)
    if status == 200:
        return Outgoing(200, _framed(body, media), media)
    return Outgoing(status, body, JSON if media == EVENTS else media, _HEADERS_OF_STATUS.get(status, ()))


def refused(status: int, error: ErrorEntry, *headers: Header, media: bytes = JSON) -> Outgoing:
    """A request that was not answered at all, told in the form of GraphQL errors."""
    return Outgoing(status, orjson.dumps({"errors": [error]}), JSON if media == EVENTS else media, headers)


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
    return _next(orjson.dumps(reply, option=JSON_UTC))


def _framed(body: bytes, media: bytes) -> bytes:
    return _next(body) + COMPLETE if media == EVENTS else body


def _next(body: bytes) -> bytes:
    return b"event: next\ndata: " + body + b"\n\n"


def _status(code: str, media: bytes) -> int:
    """A client of streams reads refusals in the stream, but for those that a new token would mend."""
    if media == GRAPHQL:
        return STATUS_OF_REQUEST_ERRORS.get(code, OTHER_REQUEST_ERRORS)
    return 401 if media == EVENTS and code == ErrorKind.UNAUTHENTICATED else 200


def _code(reply: Reply) -> str:
    errors = reply.get("errors")
    first = errors[0] if isinstance(errors, list) and errors else {}
    return str(first.get("extensions", {}).get("code"))
