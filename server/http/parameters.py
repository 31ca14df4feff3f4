"""The parameters of a GraphQL request, from a JSON body or from a URL, or a clean refusal. Nothing is ever echoed."""

import re
from urllib.parse import parse_qsl

from schema.answering.asked import Asked
from schema.answering.errors import ErrorKind
from server.http.payloads import loaded, refuse_excess
from server.http.received import Rejected, malformed

MAX_QUERY_STRING = 16_000
"""Bytes of a query by GET. Clients send what is longer than 2,000 by POST; many proxies refuse 8,000."""
MAX_PARAMETERS = 20
"""Parameters of a URL, those that nothing reads included."""

_WRITTEN_NUL = re.compile(r"\\u(?:0000|\{0+\})")
_LONG_URL = "URL 过长，请改用 POST / The URL is too long, send this by POST. Bytes of the query string at most:"


class NotPersisted(Rejected):
    """A request that names its document by a digest. The status follows the content type, as for GraphQL's errors."""

    def __init__(self, message: str | None) -> None:
        super().__init__(400, ErrorKind.PERSISTED_QUERY_NOT_SUPPORTED, message)


def asked_in(body: bytes) -> Asked:
    """The request that a JSON body holds (GraphQL over HTTP, "Request Parameters"); raises Rejected (400), and
    GraphQLError where it holds too many values.
    """
    payload = loaded(body, "请求体", "The body")
    if not isinstance(payload, dict):
        raise malformed("请求体须为一个对象，不支持批量", "The body must be one object; batches are not supported")
    return _read(payload, may_hold_nul=b"\\u0000" in body)


def asked_in_url(query_string: bytes) -> Asked:
    """The same of a URL, its `variables` and `extensions` as JSON; raises Rejected (400, 414), and GraphQLError."""
    if len(query_string) > MAX_QUERY_STRING:
        raise Rejected(414, ErrorKind.PAYLOAD_TOO_LARGE, f"{_LONG_URL} {MAX_QUERY_STRING}")
    if query_string.count(b"&") >= MAX_PARAMETERS:
        raise malformed("URL 参数过多", "The URL has too many parameters")
    try:
        pairs = parse_qsl(query_string.decode("ascii"), errors="strict", keep_blank_values=True)
    except ValueError:
        raise malformed("URL 参数不是 UTF-8", "The parameters of the URL are not in UTF-8") from None
    payload: dict[str, object] = dict(pairs)
    if len(payload) != len(pairs):
        raise malformed("URL 参数重复", "A parameter of the URL is repeated")
    for key in ("variables", "extensions"):
        if text := payload.get(key):
            payload[key] = loaded(str(text).encode(), key, f"`{key}`")
    given = {key: value for key, value in payload.items() if value != "" or key == "query"}
    return _read(given, may_hold_nul=True)


def _read(payload: dict[str, object], *, may_hold_nul: bool) -> Asked:
    refuse_excess(payload)
    extensions = _object(payload, "extensions")
    if payload.get("query") is None:
        _refuse_persisted(payload, extensions)
    asked = Asked(_text(payload), _name(payload), _object(payload, "variables"))
    if _writes_nul(asked.query) or (may_hold_nul and _has_nul([asked.query, asked.operation_name, asked.variables])):
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
    return name or None  # an empty one names none, as in a URL


def _object(payload: dict[str, object], key: str) -> dict[str, object]:
    value = payload.get(key)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise malformed(f"{key} 须为对象或 null", f"`{key}` must be an object or null")
    return value


def _writes_nul(query: str) -> bool:
    """PostgreSQL's text knows no NUL; JSON can only write it as an escape, a document as JSON's or as GraphQL's."""
    return "\\u" in query and _WRITTEN_NUL.search(query) is not None


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
