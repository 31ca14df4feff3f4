"""How errors look to clients: a stable code, two languages, no value, and surprises as an id alone."""

import traceback
from collections.abc import Iterator
from enum import StrEnum
from typing import Self, TypeAlias
from uuid import uuid4

import structlog
from graphql import GraphQLError, GraphQLSyntaxError

from domain.errors import DomainError
from schema.answering.wording import concerns_variable, invalid_variable, syntax_error, validation_error

ErrorEntry: TypeAlias = dict[str, object]
"""One member of a response's `errors`, JSON-ready."""

_log = structlog.get_logger("zhike.errors")
_FRAMES_KEPT = 20
_TIMED_OUT = frozenset({"57014", "55P03"})
"""SQLSTATE query_canceled, which the statement timeout gives, and lock_not_available."""


class ErrorKind(StrEnum):
    """Every `extensions.code` there is, with what it tells the caller in general."""

    zh: str
    en: str

    UNAUTHENTICATED = "UNAUTHENTICATED", "请先登录", "Sign in and send a valid token"
    FORBIDDEN = "FORBIDDEN", "没有权限执行此操作", "You may not do this"
    BAD_USER_INPUT = "BAD_USER_INPUT", "输入无效", "An input value is not valid"
    BAD_PAGE = "BAD_PAGE", "分页参数无效", "The page arguments are not valid"
    BAD_CURSOR = (
        "BAD_CURSOR",
        "游标无效，请从第一页重新开始",
        "The cursor is not valid: start again from the first page",
    )
    LIMIT_EXCEEDED = "LIMIT_EXCEEDED", "超出限制", "A limit is exceeded"
    GRAPHQL_PARSE_FAILED = "GRAPHQL_PARSE_FAILED", "查询语法错误", "The document is not GraphQL"
    GRAPHQL_VALIDATION_FAILED = "GRAPHQL_VALIDATION_FAILED", "查询不符合架构", "The document does not fit the schema"
    BAD_REQUEST = "BAD_REQUEST", "请求格式错误", "The request is malformed"
    NOT_FOUND = "NOT_FOUND", "没有此地址", "There is nothing at this address"
    METHOD_NOT_ALLOWED = "METHOD_NOT_ALLOWED", "不支持此方法", "This method is not allowed here"
    NOT_ACCEPTABLE = (
        "NOT_ACCEPTABLE",
        "订阅以事件流发送，请以 Accept: text/event-stream 请求",
        "A subscription is sent as a stream of events: ask with Accept: text/event-stream",
    )
    PERSONAL_DATA_IN_URL = (
        "PERSONAL_DATA_IN_URL",
        "此参数可能含个人信息，不能放在 URL 中，请改用 POST",
        "This argument can hold personal data, which must not stand in a URL: send the query by POST",
    )
    PERSISTED_QUERY_NOT_SUPPORTED = (
        "PERSISTED_QUERY_NOT_SUPPORTED",
        "不支持持久化查询，请发送完整的 query",
        "Persisted queries are not supported: send the whole query",
    )
    UNSUPPORTED_MEDIA_TYPE = (
        "UNSUPPORTED_MEDIA_TYPE",
        "请以 application/json（UTF-8，不压缩）发送",
        "Send application/json in UTF-8, not compressed",
    )
    PAYLOAD_TOO_LARGE = "PAYLOAD_TOO_LARGE", "请求过大", "The request is too large"
    TIMEOUT = "TIMEOUT", "处理超时，请缩小查询", "This took too long: ask for less"
    REQUEST_TIMEOUT = "REQUEST_TIMEOUT", "请求发送过慢", "The request was sent too slowly"
    HEADERS_TOO_LARGE = "HEADERS_TOO_LARGE", "请求头过大", "The headers of the request are too large"
    UNAVAILABLE = "UNAVAILABLE", "服务暂不可用，请稍后重试", "The service is not ready: try again later"
    INTERNAL = "INTERNAL", "内部错误", "Internal error"

    def __new__(cls, code: str, zh: str, en: str) -> Self:
        kind = str.__new__(cls, code)
        kind._value_ = code
        kind.zh, kind.en = zh, en
        return kind

    @property
    def message(self) -> str:
        """Both languages in one line."""
        return f"{self.zh} / {self.en}"


class Several(Exception):
    """What a request has too much of, told as GraphQL errors."""

    def __init__(self, errors: list[GraphQLError]) -> None:
        super().__init__()
        self.errors = errors


_CODES = frozenset(kind.value for kind in ErrorKind)


def entry(kind: ErrorKind, message: str | None = None, **extensions: object) -> ErrorEntry:
    """An error entry of our own; without a message the kind's general one."""
    return {"message": message or kind.message, "extensions": {**extensions, "code": kind.value}}


def formatted(error: Exception) -> ErrorEntry:
    """Any exception as a client may see it.

    Refusals made on purpose (a known `code`) pass with their message. The library's parse, validation and coercion
    errors lose every value and suggestion. All else is a surprise: logged under an id, and the client gets the id.
    """
    if not isinstance(error, GraphQLError):
        return _refused(error) or timed_out(error) or surprise(error)
    return {**_placed(error), **_graphql_error(error)}


def timed_out(error: BaseException) -> ErrorEntry | None:
    """What a statement, a lock or a connection was waited for too long is told as; None for any other error."""
    for cause in _causes(error):
        sqlstate = getattr(cause, "sqlstate", None)
        if isinstance(cause, TimeoutError) or sqlstate in _TIMED_OUT:
            _log.warning("timeout", type=f"{type(cause).__module__}.{type(cause).__qualname__}", sqlstate=sqlstate)
            return entry(ErrorKind.TIMEOUT)
    return None


def surprise(error: BaseException) -> ErrorEntry:
    """Log what nobody expected under a new id and give the entry with that id.

    Messages and local variables stay out of the log, since database errors quote values. Types, SQLSTATE and places
    are kept.
    """
    id_ = uuid4().hex
    _log.error("surprise", id=id_, errors=[_described(one) for one in _chain(error)])
    return entry(ErrorKind.INTERNAL, id=id_)


def _graphql_error(error: GraphQLError) -> ErrorEntry:
    if isinstance(error, GraphQLSyntaxError):
        return entry(ErrorKind.GRAPHQL_PARSE_FAILED, syntax_error(error))
    cause = _cause(error)
    if concerns_variable(error):
        told = str(cause) if _refused(cause) else None
        return entry(ErrorKind.BAD_USER_INPUT, invalid_variable(error, told), **_input_path(error))
    if not isinstance(cause, GraphQLError):
        return _refused(cause) or _literal_refused(error) or timed_out(cause) or surprise(cause)
    if (cause.extensions or {}).get("code") in _CODES:
        return {"message": cause.message, "extensions": dict(cause.extensions or {})}
    return surprise(cause) if error.path else _invalid(error)


def _invalid(error: GraphQLError) -> ErrorEntry:
    kind = ErrorKind.GRAPHQL_VALIDATION_FAILED if error.nodes else ErrorKind.BAD_REQUEST
    return entry(kind, validation_error(error), **_input_path(error))


def _input_path(error: GraphQLError) -> dict[str, object]:
    """Where in the variables or in an argument the wrong value stands: names and list indices, no value."""
    path = (error.extensions or {}).get("inputPath")
    return {} if path is None else {"inputPath": path}


def _literal_refused(error: GraphQLError) -> ErrorEntry | None:
    """A scalar of ours met a literal it cannot read: an exception, but during validation, so without a path."""
    return None if error.path else _invalid(error)


def _refused(error: Exception) -> ErrorEntry | None:
    code = getattr(error, "code", None)
    if isinstance(error, DomainError):
        return entry(ErrorKind[code] if code in _CODES else ErrorKind.BAD_USER_INPUT, str(error))
    if not isinstance(code, str) or code not in _CODES:
        return None
    return entry(ErrorKind[code], str(error), **(getattr(error, "extensions", None) or {}))


def _cause(error: GraphQLError) -> Exception:
    """What a resolver raised, through all the library's wrappings; the error itself where nothing is wrapped."""
    cause: Exception = error
    while isinstance(cause, GraphQLError) and cause.original_error:
        cause = cause.original_error
    return cause


def _placed(error: GraphQLError) -> ErrorEntry:
    place: ErrorEntry = {}
    if error.locations:
        place["locations"] = [{"line": at.line, "column": at.column} for at in error.locations]
    if error.path:
        place["path"] = error.path
    return place


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and what it was raised from, as a driver's error inside a library's."""
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        cause = cause.__cause__ or getattr(cause, "orig", None)


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    following: BaseException | None = error
    while following is not None and id(following) not in seen:
        seen.add(id(following))
        yield following
        following = following.__cause__ or following.__context__


def _described(error: BaseException) -> dict[str, object]:
    frames = traceback.extract_tb(error.__traceback__)[-_FRAMES_KEPT:]
    described: dict[str, object] = {
        "type": f"{type(error).__module__}.{type(error).__qualname__}",
        "at": [f"{'/'.join(frame.filename.split('/')[-3:])}:{frame.lineno} {frame.name}" for frame in frames],
    }
    if sqlstate := getattr(error, "sqlstate", None):
        described["sqlstate"] = sqlstate
    return described
