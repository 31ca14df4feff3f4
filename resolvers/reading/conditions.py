"""What the access page says of a row, as SQL: made once for each kind of viewer and alias, for all plans."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any, TypeVar, cast

from sqlalchemy import ColumnElement

from auth.access import Predicate
from auth.door.pieces import Fragment, Piece
from auth.rows import asking, may, may_reveal, reaches
from auth.viewer import ViewerKind

MOST_KEPT = 4_096
"""Of each kind of piece. There are as many as rows, acts and texts of one statement, for each kind of viewer."""


Made = TypeVar("Made", bound=Callable[..., Any])
_KEPT: list[Any] = []


def kept(make: Made) -> Made:
    """Makes each piece once, until `forget`."""
    keeping: Any = lru_cache(MOST_KEPT)(make)
    _KEPT.append(keeping)
    return cast("Made", keeping)


def forget() -> None:
    """Forgets all pieces: a planner begins with none, as it begins without plans."""
    for keeping in _KEPT:
        keeping.cache_clear()


def fixed(expression: ColumnElement[Any]) -> Fragment:
    """An expression without parameters of its own, which is put into text once."""
    return Fragment(Piece(expression))


def _told(condition: Any) -> Any:
    return condition if isinstance(condition, bool) else fixed(condition)


@kept
def reached(row: Any, kind: ViewerKind) -> Any:
    """Whether viewers of the kind reach the row; a bool where the row does not matter."""
    return _told(reaches(row, asking(kind)))


@kept
def allowed(act: str, row: Any, kind: ViewerKind) -> Any:
    """Whether the act would succeed; a bool where the row does not matter."""
    return _allowed(act, row, kind)


def _allowed(act: str, row: Any, kind: ViewerKind) -> Any:
    condition = may(act, row, asking(kind))
    return condition if isinstance(condition, bool) else fixed(condition.is_(True))


@kept
def revealed(field: str, row: Any, kind: ViewerKind) -> Any:
    """Whether the clear value of the text would be shown on request."""
    return _told(may_reveal(field, row, asking(kind)))


@kept
def clear(predicate: Predicate, row: Any, kind: ViewerKind) -> Any:
    """Whether a text that varies from row to row is clear on this one."""
    return _told(predicate(row, asking(kind)))


@kept
def column(row: Any, attribute: str) -> Fragment:
    """A column of the row."""
    return fixed(getattr(row, attribute))


@kept
def derived(row: Any, make: Callable[[Any], ColumnElement[Any]]) -> Fragment:
    """What is computed from the row alone."""
    return fixed(make(row))
