"""The parameters of a GraphQL request, from a JSON body or from a URL, or a clean refusal. Nothing is ever echoed."""

import re
from urllib.parse import parse_qsl

import orjson

from schema.answering.asked import Asked
from schema.answering.errors import ErrorKind
from server.http.received import Rejected, malformed

MAX_QUERY_STRING = 16_000
"""Bytes of a query by GET. Clients send what is longer than 2,000 by POST; many proxies refuse 8,000."""

_WRITTEN_NUL = re.compile(r"\\u(?:0000|\{0+\})")
_LONG_URL = "URL 过长，请改用 POST / The URL is too long, send this by POST. Bytes of the query string at most:"


class NotPersisted(Rejected):
    """A request that names its document by a digest. The status follows the content type, as for GraphQL's errors."""

    def __init__(self, message: str | None) -> None:
        super().__init__(400, ErrorKind.PERSISTED_QUERY_NOT_SUPPORTED, message)


def asked_in(body: bytes) -> Asked:
    """The request that a JSON body holds (GraphQL over HTTP, "Request Parameters"); raises Rejected (400)."""
    payload = _parsed(body, "请求体", "The body")
    if not isinstance(payload, dict):
        raise malformed("请求体须为一个对象，不支持批量", "The body must be one object; batches are not supported")
    return _read(payload, body)


def asked_in_url(query_string: bytes) -> Asked:
    """The request that a URL holds, its `variables` and `extensions` as JSON; raises Rejected (400, 414)."""
    if len(query_string) > MAX_QUERY_STRING:
        raise Rejected(414, ErrorKind.PAYLOAD_TOO_LARGE, f"{_LONG_URL} {MAX_QUERY_STRING}")
    try:
        pairs = parse_qsl(query_string.decode("ascii"), errors="strict", keep_blank_values=True)
    except ValueError:
        raise malformed("URL 参数不是 UTF-8", "The parameters of the URL are not in UTF-8") from None
    payload: dict[str, object] = dict(pairs)
    if len(payload) != len(pairs):
        raise malformed("URL 参数重复", "A parameter of the URL is repeated")
    for key in ("variables", "extensions"):
        if text := payload.get(key):
            payload[key] = _parsed(str(text).encode(), key, f"`{key}`")
    given = {key: value for key, value in payload.items() if value != "" or key == "query"}
    return _read(given, orjson.dumps(given))


def _parsed(text: bytes, zh: str, en: str) -> object:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        raise malformed(f"{zh}不是合法的 JSON（UTF-8）", f"{en} is not valid JSON in UTF-8") from None


def _read(payload: dict[str, object], written: bytes) -> Asked:
    extensions = _object(payload, "extensions")
    if payload.get("query") is None:
        _refuse_persisted(payload, extensions)
    asked = Asked(_text(payload), _name(payload), _object(payload, "variables"))
    if _holds_nul(asked, written):
        raise Rejected(400, ErrorKind.BAD_USER_INPUT, "不能含有空字符 U+0000 / Text must not hold the character U+0000")
    return asked


def _refuse_persisted(payload: dict[str, object], extensions: dict[str, object]) -> None:
    """Clients that send a digest instead of a document send the document once they are told, in words that they know:
    Apollo reads the code, urql the message.
    """
    if "persistedQuery" in extensions:
        raise NotPersisted("PersistedQueryNotSupported")
    if "documentId" in payload:
        raise NotPersisted(None)


def _text(payload: dict[str, object]) -> str:
    query = payload.get("query")
    if not isinstance(query, str):
        raise malformed("query 须为字符串", "`query` must be a string")
    return query


def _name(payload: dict[str, object]) -> str | None:
    name = payload.get("operationName")
    if name is not None and not isinstance(name, str):
        raise malformed("operationName 须为字符串或 null", "`operationName` must be a string or null")
    return name


def _object(payload: dict[str, object], key: str) -> dict[str, object]:
    value = payload.get(key)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise malformed(f"{key} 须为对象或 null", f"`{key}` must be an object or null")
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
