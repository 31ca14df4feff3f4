"""What the access page says of a row, as SQL: made once for each kind of viewer and alias, for all plans."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement

from auth.access import Predicate
from auth.door.pieces import Fragment, Piece
from auth.rows import asking, may, may_reveal, reaches
from auth.viewer import ViewerKind

MOST_KEPT = 4_096
"""Of each kind of piece. There are as many as rows, acts and texts of one statement, for each kind of viewer."""


def fixed(expression: ColumnElement[Any]) -> Fragment:
    """An expression without parameters of its own, which is put into text once."""
    return Fragment(Piece(expression))


def _told(condition: Any) -> Any:
    return condition if isinstance(condition, bool) else fixed(condition)


@lru_cache(MOST_KEPT)
def reached(row: Any, kind: ViewerKind) -> Any:
    """Whether viewers of the kind reach the row; a bool where the row does not matter."""
    return _told(reaches(row, asking(kind)))


@lru_cache(MOST_KEPT)
def allowed(act: str, row: Any, kind: ViewerKind) -> Any:
    """Whether the act would succeed; a bool where the row does not matter."""
    condition = may(act, row, asking(kind))
    return condition if isinstance(condition, bool) else fixed(condition.is_(True))


@lru_cache(MOST_KEPT)
def revealed(field: str, row: Any, kind: ViewerKind) -> Any:
    """Whether the clear value of the text would be shown on request."""
    return _told(may_reveal(field, row, asking(kind)))


@lru_cache(MOST_KEPT)
def clear(predicate: Predicate, row: Any, kind: ViewerKind) -> Any:
    """Whether a text that varies from row to row is clear on this one."""
    return _told(predicate(row, asking(kind)))


@lru_cache(MOST_KEPT)
def column(row: Any, attribute: str) -> Fragment:
    """A column of the row."""
    return fixed(getattr(row, attribute))


@lru_cache(MOST_KEPT)
def derived(row: Any, make: Callable[[Any], ColumnElement[Any]]) -> Fragment:
    """What is computed from the row alone."""
    return fixed(make(row))
