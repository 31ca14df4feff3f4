"""HTTP answers: their content type, status and headers."""

from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

import orjson
from starlette.types import Send

from schema.answering.asked import Reply
from schema.answering.errors import ErrorEntry, ErrorKind

Header = tuple[bytes, bytes]

JSON = b"application/json"
GRAPHQL = b"application/graphql-response+json"

# For `application/graphql-response+json`; the older `application/json` answers 200 to every well-formed request, which
# one with several operations and no name is not.
STATUS_OF_REQUEST_ERRORS: dict[str, int] = {
    ErrorKind.UNAUTHENTICATED: 401,
    ErrorKind.FORBIDDEN: 403,
    ErrorKind.INTERNAL: 500,
}
OTHER_REQUEST_ERRORS = 400

CHALLENGE: Header = (b"www-authenticate", b'Bearer realm="zhike"')
REFUSED_TOKEN: Header = (b"www-authenticate", b'Bearer realm="zhike", error="invalid_token"')

_FIXED: tuple[Header, ...] = ((b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff"))
_HEADERS = {media: ((b"content-type", media + b"; charset=utf-8"), *_FIXED) for media in (JSON, GRAPHQL)}


class Outgoing(NamedTuple):
    """A response ready to be sent, but for the headers that all share."""

    status: int
    body: bytes
    headers: tuple[Header, ...] = ()


@lru_cache(256)
def negotiated(accept: bytes) -> bytes:
    """The content type to answer in: the better liked of the two, JSON where the client names neither."""
    liked = [(quality, media) for media, quality in _ranges(accept) if media in _HEADERS and quality > 0]
    return max(liked, key=lambda one: one[0])[1] if liked else JSON


def replied(reply: Reply | bytes, media: bytes) -> Outgoing:
    """The answer of a well-formed request. Naive datetimes in it are UTC."""
    if isinstance(reply, bytes):
        return Outgoing(200, reply)
    body = orjson.dumps(reply, option=orjson.OPT_NAIVE_UTC | orjson.OPT_UTC_Z)
    if "data" in reply:
        return Outgoing(200, body)
    code = _code(reply)
    if media == JSON and code != ErrorKind.BAD_REQUEST:
        return Outgoing(200, body)
    status = STATUS_OF_REQUEST_ERRORS.get(code, OTHER_REQUEST_ERRORS)
    return Outgoing(status, body, (CHALLENGE,) if status == 401 else ())


def refused(status: int, error: ErrorEntry, *headers: Header) -> Outgoing:
    """A request that was not answered at all, told in the form of GraphQL errors."""
    return Outgoing(status, orjson.dumps({"errors": [error]}), headers)


async def send_out(send: Send, outgoing: Outgoing, media: bytes = JSON) -> None:
    """Send the response; a client that has gone away is no error."""
    length = (b"content-length", str(len(outgoing.body)).encode())
    headers = (*_HEADERS[media], *outgoing.headers, length)
    try:
        await send({"type": "http.response.start", "status": outgoing.status, "headers": headers})
        await send({"type": "http.response.body", "body": outgoing.body})
    except OSError:
        return


def _code(reply: Reply) -> str:
    errors = reply.get("errors")
    first = errors[0] if isinstance(errors, list) and errors else {}
    return str(first.get("extensions", {}).get("code"))


def _ranges(accept: bytes) -> Iterable[tuple[bytes, float]]:
    for part in accept.lower().split(b","):
        media, *parameters = (piece.strip() for piece in part.split(b";"))
        yield media, _quality(parameters)


def _quality(parameters: list[bytes]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition(b"=")
        if name.strip() == b"q":
            try:
                return float(value)
            except ValueError:
                return 0.0
    return 1.0
