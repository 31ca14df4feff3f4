"""How long the texts and lists of an argument may be: judged at each root before its first statement is run."""

from collections.abc import Iterable, Iterator
from enum import Enum
from typing import Any, NamedTuple, TypeAlias

from domain.base import api_name
from domain.errors import DomainError, Invalid
from resolvers.errors import Refused

REPETITIONS = 10
"""How many times as long as its maximum a list of enum values may be, if the same ones are repeated in it."""

MAX_TEXT = 25_000
"""Characters of all texts of one request, each counted wherever it is used: ten roots may share one variable."""

Path: TypeAlias = tuple[str | int, ...]


class Bound(NamedTuple):
    """The most that one argument or input field may hold. Hashable, since it is part of a selection.

    `characters` are those of a text, or of each text of a list, as sent; `items` those of a list; `fields` are the
    bounds inside an input object, by Python's names. What has no maximum of its own is None. `code` is that of the
    refusal of a long text.
    """

    characters: int | None = None
    items: int | None = None
    fields: tuple[tuple[str, "Bound"], ...] = ()
    code: str = "BAD_USER_INPUT"


class Excess(NamedTuple):
    """One text or list that is too long: where, what of it is counted, how many are allowed."""

    path: Path
    counted: str
    allowed: int
    code: str

    @property
    def zh(self) -> str:
        return f"内容过长，最多 {self.allowed} 个字符" if self.counted == "characters" else f"最多 {self.allowed} 项"

    @property
    def en(self) -> str:
        what = "characters" if self.counted == "characters" else "items"
        return f"The limit is {self.allowed} {what}"


def exceeded(value: Any, bound: Bound, path: Path = ()) -> Iterator[Excess]:
    """What of a coerced value is too long, each with its path by the API's names. Looks at lengths alone."""
    if isinstance(value, str):
        if bound.characters is not None and len(value) > bound.characters:
            yield Excess(path, "characters", bound.characters, bound.code)
    elif isinstance(value, list):
        yield from _exceeded_by_list(value, bound, path)
    elif isinstance(value, dict):
        for name, inner in bound.fields:
            if name in value:
                yield from exceeded(value[name], inner, (*path, api_name(name)))


def _exceeded_by_list(value: list[Any], bound: Bound, path: Path) -> Iterator[Excess]:
    if bound.items is not None and _more_than(bound.items, value):
        yield Excess(path, "items", bound.items, "LIMIT_EXCEEDED")
        return
    if bound.characters is not None or bound.fields:
        for index, item in enumerate(value):
            yield from exceeded(item, bound, (*path, index))


def _more_than(most: int, value: list[Any]) -> bool:
    """Whether there are more items. The same enum value twice counts once, within reason."""
    if len(value) <= most:
        return False
    if len(value) > REPETITIONS * most or not all(isinstance(one, Enum) for one in value):
        return True
    return len(set(value)) > most


def refuse_excess(value: Any, bound: Bound, argument: str) -> None:
    """Raises Refused for the first text or list of a read's argument that is too long."""
    for excess in exceeded(value, bound, (api_name(argument),)):
        place = ".".join(map(str, excess.path))
        facts: dict[str, Any] = {"inputPath": list(excess.path)}
        if excess.code == "LIMIT_EXCEEDED":
            facts |= {"limit": excess.counted, "allowed": excess.allowed}
        raise Refused(excess.code, f"{place}：{excess.zh}", f"{place}: {excess.en}", facts)


def refuse_much_text(bounded: Iterable[tuple[Any, Bound]]) -> None:
    """Raises Refused where the texts of all arguments of a request are too long together."""
    counted = sum(_characters(value, bound) for value, bound in bounded)
    if counted > MAX_TEXT:
        raise Refused(
            "LIMIT_EXCEEDED",
            f"一次请求中的文本共 {counted} 个字符，最多 {MAX_TEXT} 个；请分成几次请求",
            f"The texts of this request have {counted} characters in all, and the limit is {MAX_TEXT}: send several",
            {"limit": "text", "allowed": MAX_TEXT, "counted": counted},
        )


def _characters(value: Any, bound: Bound) -> int:
    """Characters of the texts that have a maximum."""
    if isinstance(value, str):
        return len(value) if bound.characters is not None else 0
    if isinstance(value, list):
        return sum(_characters(item, bound) for item in value)
    if isinstance(value, dict):
        return sum(_characters(value[name], inner) for name, inner in bound.fields if name in value)
    return 0


def invalid(value: Any, bound: Bound) -> list[DomainError]:
    """What of an act's input is too long, as the act itself would refuse it."""
    return [Invalid(tuple(map(str, one.path)), one.zh, one.en) for one in exceeded(value, bound)]
