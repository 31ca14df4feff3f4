"""How much the JSON of a request may hold. Judged once, before anything walks the values: what follows may recurse."""

from typing import Any

import orjson

from schema.answering.errors import ErrorKind
from schema.answering.limits import exceeded
from schema.answering.variables import MAX_VALUES
from server.http.received import Rejected, malformed

MAX_NESTING = 64
"""Objects and lists in one another, the whole request included. The inputs of the SDL take six."""

MAX_STRUCTURE = 100_000
"""Brackets, commas and colons of the bytes, those in texts included: more than the longest document, the longest texts
and the most values have together. Reading a body that consists of them takes a tenth of a second.
"""

_BEGINNING = 20_000
"""Bytes of a body with too much structure that are read still, to tell whether it is for its nesting."""

_OUTER = 2
_DEEP = "depth limit"


def loaded(text: bytes, zh: str, en: str) -> object:
    """What JSON says. Raises Rejected (400), and GraphQLError where it holds too many values."""
    is_large = len(text) > MAX_STRUCTURE and sum(map(text.count, (b",", b"[", b"{", b":"))) > MAX_STRUCTURE
    try:
        value = orjson.loads(text[:_BEGINNING] if is_large else text)
    except orjson.JSONDecodeError as error:
        if error.msg.startswith(_DEEP):
            raise _too_deep() from None
        if not is_large:
            raise malformed(f"{zh}不是合法的 JSON（UTF-8）", f"{en} is not valid JSON in UTF-8") from None
    if is_large:
        raise exceeded("values", MAX_VALUES)
    return value


def refuse_excess(payload: dict[str, object]) -> None:
    """Raises Rejected (400) where values are nested too deeply, GraphQLError where there are too many.

    Below the names of variables all are counted together, whether the operation declares them or not.
    """
    level: list[Any] = [payload]
    seen = depth = 0
    while level:
        depth += 1
        if depth > MAX_NESTING:
            raise _too_deep()
        inner: list[Any] = []
        seen = 0 if depth <= _OUTER else seen
        for value in level:
            seen += len(value)
            if seen > MAX_VALUES:
                raise exceeded("values", MAX_VALUES)
            inner += value.values() if isinstance(value, dict) else value
        level = [value for value in inner if isinstance(value, dict | list)]


def _too_deep() -> Rejected:
    return Rejected(
        400,
        ErrorKind.BAD_USER_INPUT,
        f"JSON 嵌套过深（最多 {MAX_NESTING} 层） / The JSON is nested too deeply (at most {MAX_NESTING} levels)",
    )
