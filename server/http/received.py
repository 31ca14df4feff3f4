"""From the bytes of an HTTP request to what was asked, or a clean refusal. Nothing received is ever echoed."""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

import orjson
from starlette.types import Receive

from schema.answering.asked import Asked
from schema.answering.errors import ErrorKind

Headers = Mapping[bytes, bytes]

# RFC 9110 §5.3: these may not be repeated, and taking either of two would let a proxy and us see different requests.
_SINGLE = (b"authorization", b"content-type", b"content-encoding", b"content-length", b"idempotency-key")
_KEY = re.compile(rb'"?([!#-~]{1,255}?)"?')
_WRITTEN_NUL = re.compile(r"\\u(?:0000|\{0+\})")


class Rejected(Exception):
    """A request refused for its form. `status` is the HTTP status; the message names the fault, not what was sent."""

    def __init__(self, status: int, kind: ErrorKind, message: str | None = None) -> None:
        super().__init__(kind)
        self.status = status
        self.kind = kind
        self.message = message


class Disconnected(Exception):
    """The client went away before its request was complete: there is nobody to answer."""


def headers_of(raw: Iterable[tuple[bytes, bytes]]) -> Headers:
    """The headers by lower-case name; raises Rejected when one that must stand alone is repeated."""
    pairs = list(raw)
    headers = dict(pairs)
    if len(headers) != len(pairs):
        names = [name for name, _ in pairs]
        if any(names.count(name) > 1 for name in _SINGLE):
            raise _malformed("请求头重复", "A header that must stand alone is repeated")
    return headers


def check_content(headers: Headers, most: int) -> None:
    """Refuse what is not plain UTF-8 JSON of at most `most` bytes, as far as the headers tell."""
    if headers.get(b"content-encoding", b"identity").lower() != b"identity":
        raise Rejected(415, ErrorKind.UNSUPPORTED_MEDIA_TYPE)
    if not _is_json(headers.get(b"content-type", b"")):
        raise Rejected(415, ErrorKind.UNSUPPORTED_MEDIA_TYPE)
    length = headers.get(b"content-length", b"0")
    if not length.isdigit():
        raise _malformed("Content-Length 无效", "Content-Length is not a number")
    if len(length) > 18 or int(length) > most:
        raise Rejected(413, ErrorKind.PAYLOAD_TOO_LARGE)


def bearer_token(headers: Headers) -> str | None:
    """The access token, None without an Authorization header; raises Rejected (401) for another scheme or form."""
    value = headers.get(b"authorization")
    if value is None:
        return None
    scheme, _, token = value.partition(b" ")
    if scheme.lower() != b"bearer" or not token.isascii() or not (written := token.strip(b" ")):
        raise Rejected(401, ErrorKind.UNAUTHENTICATED)
    return written.decode("ascii")


def idempotency_key(headers: Headers) -> str | None:
    """The client's key for repeating this request safely, quoted or not; raises Rejected (400) for an unusable one."""
    value = headers.get(b"idempotency-key")
    if value is None:
        return None
    key = _KEY.fullmatch(value)
    if key is None:
        raise _malformed(
            "Idempotency-Key 须为 1-255 个可见 ASCII 字符", "Idempotency-Key: 1 to 255 visible ASCII characters"
        )
    return key[1].decode("ascii")


async def body_of(receive: Receive, most: int) -> bytes:
    """The whole body; raises Rejected (413) as soon as more than `most` bytes have come, Disconnected at a hang-up."""
    body, more = b"", True
    chunks: list[bytes] = []
    size = 0
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Disconnected
        body, more = message.get("body", b""), message.get("more_body", False)
        size += len(body)
        if size > most:
            raise Rejected(413, ErrorKind.PAYLOAD_TOO_LARGE)
        chunks.append(body)
    return body if len(chunks) == 1 else b"".join(chunks)


def asked_in(body: bytes) -> Asked:
    """The request that a JSON body holds (GraphQL over HTTP, "Request Parameters"); raises Rejected (400)."""
    try:
        payload = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise _malformed("请求体不是合法的 JSON（UTF-8）", "The body is not valid JSON in UTF-8") from None
    if not isinstance(payload, dict):
        raise _malformed("请求体须为一个对象，不支持批量", "The body must be one object; batches are not supported")
    asked = Asked(_text(payload), _name(payload), _object(payload, "variables"))
    _object(payload, "extensions")
    if _holds_nul(asked, body):
        raise Rejected(400, ErrorKind.BAD_USER_INPUT, "不能含有空字符 U+0000 / Text must not hold the character U+0000")
    return asked


@lru_cache(64)
def _is_json(content_type: bytes) -> bool:
    media, *parameters = (part.strip().lower() for part in content_type.split(b";"))
    return media == b"application/json" and all(p in {b"charset=utf-8", b'charset="utf-8"'} for p in parameters)


def _text(payload: dict[str, object]) -> str:
    query = payload.get("query")
    if not isinstance(query, str):
        raise _malformed("query 须为字符串", "`query` must be a string")
    return query


def _name(payload: dict[str, object]) -> str | None:
    name = payload.get("operationName")
    if name is not None and not isinstance(name, str):
        raise _malformed("operationName 须为字符串或 null", "`operationName` must be a string or null")
    return name


def _object(payload: dict[str, object], key: str) -> dict[str, object]:
    value = payload.get(key)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise _malformed(f"{key} 须为对象或 null", f"`{key}` must be an object or null")
    return value


def _holds_nul(asked: Asked, body: bytes) -> bool:
    """PostgreSQL's text knows no NUL; JSON can only write it as an escape, a document as JSON's or as GraphQL's."""
    if "\\u" in asked.query and _WRITTEN_NUL.search(asked.query):
        return True
    return b"\\u0000" in body and _has_nul([asked.query, asked.operation_name, asked.variables])


def _has_nul(pending: list[object]) -> bool:
    while pending:
        value = pending.pop()
        if isinstance(value, str) and "\0" in value:
            return True
        if isinstance(value, dict):
            pending += [*value, *value.values()]
        elif isinstance(value, list):
            pending += value
    return False


def _malformed(zh: str, en: str) -> Rejected:
    return Rejected(400, ErrorKind.BAD_REQUEST, f"{zh} / {en}")
