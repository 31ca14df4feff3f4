"""Narrowing a list: a filter given becomes a condition, if each field it stands on is CLEAR for the viewer (R05)."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, NamedTuple

from sqlalchemy import ARRAY, ColumnElement, DateTime, Integer, bindparam
from sqlalchemy.sql.type_api import TypeEngine

from auth.door.pieces import Fragment, Piece
from auth.rows import is_clear
from auth.sealing.names import NameIndex, search_text
from auth.viewer import ViewerKind
from domain.base import api_name
from domain.errors import Invalid
from resolvers.errors import Refused
from resolvers.reading.conditions import kept
from resolvers.reading.noun import Filter, Given, Noun
from resolvers.reading.selection import Arg, Field, Shape
from resolvers.reading.statement import Binds, Request, Tools

PAGE_ARGUMENTS = frozenset({"first", "after", "last", "before", "where", "order_by"})
"""What else a page is asked with. Any other argument, but what counts are made `by`, narrows; one that no filter
implements raises KeyError.
"""


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

    def bind_buckets(self) -> Sequence[ColumnElement[Any]]:
        index = self._tools.digests.names
        return [self.bind(ARRAY(Integer), partial(self._buckets, index, place)) for place in range(index.alternatives)]

    def _buckets(self, index: NameIndex, place: int, text: str) -> list[int]:
        return index.of_search(self.searched(text))[place]

    def text(self, request: Request) -> str:
        """The text that a request searches for, in the form in which names are compared; empty narrows nothing."""
        return self.searched(self._take(request.values))

    @staticmethod
    def searched(text: str) -> str:
        try:
            return search_text(text)
        except Invalid as refused:
            raise Refused("BAD_USER_INPUT", refused.zh, refused.en) from None


class _Noted:
    """Stands for any request's argument while a filter is put into text; notes what it binds. Implements `Given`."""

    def __init__(self, shape: Shape) -> None:
        self.shape, self.binds = shape, list[_OwnBind]()

    def bind(self, type_: TypeEngine[Any], read: Callable[[Any], Any] = as_it_is) -> ColumnElement[Any]:
        return self._own(lambda given: given.bind(type_, read), type_)

    def bind_now(self) -> ColumnElement[Any]:
        return self._own(lambda given: given.bind_now(), DateTime(timezone=True))

    def bind_buckets(self) -> Sequence[ColumnElement[Any]]:
        raise ValueError("A filter over buckets of names is made anew for each statement")

    def _own(self, bind: "_OwnBind", type_: TypeEngine[Any]) -> ColumnElement[Any]:
        self.binds.append(bind)
        return bindparam(_OWN.format(len(self.binds) - 1), type_=type_)


_OwnBind = Callable[[GivenFilter], Any]
_OWN = "own {}"


@kept
def _piece(narrow: Callable[[Any, Given], Any], row: Any, shape: Shape) -> tuple[Piece, list[_OwnBind]]:
    """A filter over this row, made once for all plans, and its parameters."""
    noted = _Noted(shape)
    made = narrow(row, noted)
    return Piece(made, [_OWN.format(place) for place in range(len(noted.binds))]), noted.binds


def _condition(narrowing: Filter, row: Any, given: GivenFilter) -> ColumnElement[bool]:
    piece, binds = _piece(narrowing.narrow, row, given.shape)
    return Fragment(piece, [bind(given) for bind in binds])


class Narrowed(NamedTuple):
    """What the filters given make of a list: conditions of SQL, and at most one search behind them."""

    conditions: list[ColumnElement[bool]]
    search: tuple[Filter, GivenFilter] | None


def is_searched(noun: Noun, field: Field) -> bool:
    """Whether a filter given has to open what it finds."""
    where = field.arg("where")
    if where is None or not isinstance(where.shape, tuple):
        return False
    given = [name for name, shape in where.shape if shape is not None]
    return any(noun.filters[name].opened for name in given if name in noun.filters)


def narrowed(noun: Noun, kind: ViewerKind, row: Any, field: Field, binds: Binds, tools: Tools) -> Narrowed:
    """All filters given. Raises Refused for one that would betray a field not seen CLEAR."""
    conditions, searches = [], []
    for name, given in _given(field, binds, tools):
        if name in PAGE_ARGUMENTS or name == "by":
            continue
        narrowing = noun.filters[name]
        for needed in narrowing.fields:
            if not is_clear(noun.model, needed, kind):
                told = api_name(name)
                raise Refused("FORBIDDEN", f"无权按此条件筛选：{told}", f"You may not filter {noun.name} by {told}")
        if narrowing.opened:
            searches.append((narrowing, given))
        else:
            conditions.append(_condition(narrowing, row, given))
    return Narrowed(conditions, searches[0] if searches else None)


def conditions(
    noun: Noun, kind: ViewerKind, row: Any, field: Field, binds: Binds, tools: Tools
) -> list[ColumnElement[bool]]:
    """The conditions of all filters given, of a list that takes no search. Raises as `narrowed`, ValueError for one."""
    found = narrowed(noun, kind, row, field, binds, tools)
    if found.search:
        raise ValueError(f"{noun.name} is searched: use resolvers/reading/search.py")
    return found.conditions


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
