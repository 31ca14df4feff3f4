"""Narrowing a list: a filter given becomes a condition, if each field it stands on is CLEAR for the viewer (R05)."""

from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, DateTime, Integer
from sqlalchemy.sql.type_api import TypeEngine

from auth.rows import is_clear
from auth.viewer import ViewerKind
from domain.base import api_name
from domain.errors import Invalid
from resolvers.errors import Refused
from resolvers.reading.noun import Noun
from resolvers.reading.selection import Arg, Field, Shape
from resolvers.reading.statement import Binds, Tools


def as_it_is(value: Any) -> Any:
    """The value, unchanged."""
    return value


class GivenFilter:
    """One filter's argument, `where` or a plain one, while its plan is made. Implements `noun.Given`."""

    def __init__(self, shape: Shape, take: Callable[[Any], Any], binds: Binds, tools: Tools) -> None:
        self.shape, self._take, self._binds, self._tools = shape, take, binds, tools

    def bind(self, type_: TypeEngine[Any], read: Callable[[Any], Any] = as_it_is) -> ColumnElement[Any]:
        return self._binds.new(lambda request: read(self._take(request.values)), type_)

    def bind_now(self) -> ColumnElement[Any]:
        return self._binds.new(lambda request: request.at, DateTime(timezone=True))

    def bind_grams(self) -> ColumnElement[Any]:
        def grams(text: str) -> list[int]:
            try:
                return self._tools.digests.search_grams(text)
            except Invalid as refused:
                raise Refused("BAD_USER_INPUT", refused.zh, refused.en) from None

        return self.bind(ARRAY(Integer), grams)


def conditions(
    noun: Noun, kind: ViewerKind, row: Any, field: Field, binds: Binds, tools: Tools
) -> Iterator[ColumnElement[bool]]:
    """The conditions of all filters given. Raises Refused for one that would betray a field not seen CLEAR."""
    for name, given in _given(field, binds, tools):
        if name not in noun.filters:
            continue
        narrowing = noun.filters[name]
        for needed in narrowing.fields:
            if not is_clear(noun.model, needed, kind):
                told = api_name(name)
                raise Refused("FORBIDDEN", f"无权按此条件筛选：{told}", f"You may not filter {noun.name} by {told}")
        yield narrowing.narrow(row, given)


def _given(field: Field, binds: Binds, tools: Tools) -> Iterator[tuple[str, GivenFilter]]:
    for name, arg in field.args:
        if name == "where" and isinstance(arg.shape, tuple):
            yield from (
                (inner, GivenFilter(shape, _inner(arg, inner), binds, tools))
                for inner, shape in arg.shape
                if shape is not None
            )
        elif arg.shape is not None:
            yield name, GivenFilter(arg.shape, _whole(arg), binds, tools)


def _whole(arg: Arg) -> Callable[[Any], Any]:
    return lambda values: values[arg.slot]


def _inner(arg: Arg, name: str) -> Callable[[Any], Any]:
    return lambda values: values[arg.slot][name]
