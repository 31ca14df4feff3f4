"""From the bytes of an HTTP request to what was asked, or a clean refusal. Nothing received is ever echoed."""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

from starlette.types import Receive

from schema.answering.errors import ErrorEntry, ErrorKind, entry
from server.http.replies import REFUSED_TOKEN, Header

Headers = Mapping[bytes, bytes]

# RFC 9110 §5.3: these may not be repeated, and taking either of two would let a proxy and us see different requests.
_SINGLE = (b"authorization", b"content-type", b"content-encoding", b"content-length", b"idempotency-key")
_LONGEST_TYPE = 256
_KEY = re.compile(rb'"?([!#-~]{1,255}?)"?')


class Rejected(Exception):
    """A request refused for its form. `status` is the HTTP status; the message names the fault, not what was sent."""

    def __init__(
        self,
        status: int,
        kind: ErrorKind,
        message: str | None = None,
        headers: tuple[Header, ...] = (),
        told: ErrorEntry | None = None,
    ) -> None:
        super().__init__(kind)
        self.status = status
        self.kind = kind
        self.message = message
        self.headers = headers
        self._told = told

    @property
    def entry(self) -> ErrorEntry:
        """What the client is told: `told` where it was given, else the kind and the message."""
        return self._told or entry(self.kind, self.message)


class Disconnected(Exception):
    """The client went away before its request was complete: there is nobody to answer."""


def headers_of(raw: Iterable[tuple[bytes, bytes]]) -> Headers:
    """The headers by lower-case name; raises Rejected when one that must stand alone is repeated."""
    pairs = list(raw)
    headers = dict(pairs)
    if len(headers) != len(pairs):
        names = [name for name, _ in pairs]
        if any(names.count(name) > 1 for name in _SINGLE):
            raise malformed("请求头重复", "A header that must stand alone is repeated")
        if b"accept" in headers:
            headers[b"accept"] = b",".join(value for name, value in pairs if name == b"accept")
    return headers


def check_content(headers: Headers, most: int) -> None:
    """Refuse what is not plain UTF-8 JSON of at most `most` bytes, as far as the headers tell."""
    if headers.get(b"content-encoding", b"identity").lower() != b"identity":
        raise Rejected(415, ErrorKind.UNSUPPORTED_MEDIA_TYPE)
    content_type = headers.get(b"content-type", b"")
    if len(content_type) > _LONGEST_TYPE or not _is_json(content_type):
        raise Rejected(415, ErrorKind.UNSUPPORTED_MEDIA_TYPE)
    length = headers.get(b"content-length", b"0")
    if not length.isdigit():
        raise malformed("Content-Length 无效", "Content-Length is not a number")
    if len(length) > 18 or int(length) > most:
        raise Rejected(413, ErrorKind.PAYLOAD_TOO_LARGE)


def bearer_token(headers: Headers) -> str | None:
    """The access token, None without an Authorization header; raises Rejected (401) for another scheme or form."""
    value = headers.get(b"authorization")
    if value is None:
        return None
    scheme, _, token = value.partition(b" ")
    if scheme.lower() != b"bearer" or not token.isascii() or not (written := token.strip(b" ")):
        raise Rejected(401, ErrorKind.UNAUTHENTICATED, headers=(REFUSED_TOKEN,))
    return written.decode("ascii")


def idempotency_key(headers: Headers) -> str | None:
    """The client's key for repeating this request safely, quoted or not; raises Rejected (400) for an unusable one."""
    value = headers.get(b"idempotency-key")
    if value is None:
        return None
    key = _KEY.fullmatch(value)
    if key is None:
        raise malformed(
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


def refuse_upgrade(headers: Headers) -> None:
    """Raises Rejected where the client wants to speak WebSocket: subscriptions are streams of events here."""
    if headers.get(b"upgrade", b"").lower() == b"websocket":
        raise Rejected(400, ErrorKind.BAD_REQUEST, _NO_WEBSOCKET, headers=((b"connection", b"close"),))


_NO_WEBSOCKET = (
    "不支持 WebSocket，订阅请用 POST 和 Accept: text/event-stream / "
    "WebSocket is not spoken here: subscribe by POST with Accept: text/event-stream"
)


@lru_cache(64)
def _is_json(content_type: bytes) -> bool:
    media, *parameters = (part.strip().lower() for part in content_type.split(b";"))
    return media == b"application/json" and all(map(_is_utf8, parameters))


def _is_utf8(parameter: bytes) -> bool:
    """Whether a parameter of the content type leaves the text in UTF-8; only a charset says anything of it."""
    name, _, value = parameter.partition(b"=")
    return name.strip() != b"charset" or value.strip().strip(b"\"'") in {b"utf-8", b"utf8"}


def malformed(zh: str, en: str) -> Rejected:
    """The refusal of a request that is not well-formed."""
    return Rejected(400, ErrorKind.BAD_REQUEST, f"{zh} / {en}")
