"""Pieces of statements that are put into text once and stand in many: conditions of the access page, filters, columns.

Working one through costs as much as a small statement; putting a known text in place costs next to nothing.
"""

from collections.abc import Sequence
from typing import Any, TypeAlias, Union

from sqlalchemy import BindParameter, ColumnElement

Part: TypeAlias = Union[str, "Named", "Bound"]
"""Of a text: as it is, or to be filled in by the statement in which it stands."""


class Named:
    """The name of a table's alias, which each statement numbers for itself."""

    def __init__(self, kind: str, name: Any) -> None:
        self.kind, self.name = kind, name


class Bound:
    """A parameter: the piece's own by its place among `Fragment.binds`, or one of every request, such as who asks."""

    def __init__(self, bind: BindParameter[Any], own: int | None) -> None:
        self.bind, self.own = bind, own


class Piece:
    """An expression over aliases that are the same in all statements. The rows that it speaks of stand in the FROM of
    each statement in which it is used; what else it looks up stands inside it. `own` names its own
    parameters.
    """

    def __init__(self, expression: ColumnElement[Any], own: Sequence[str] = ()) -> None:
        self.expression, self.own = expression, own
        self.parts: tuple[Part, ...] | None = None
        self._grouped: dict[Any, Piece] = {}

    def grouped(self, against: Any) -> "Piece":
        """The piece as it stands beside this operator, in parentheses where it needs them."""
        if against not in self._grouped:
            inner: Any = self.expression.self_group(against)
            self._grouped[against] = self if inner is self.expression else Piece(inner, self.own)
        return self._grouped[against]


class Fragment(ColumnElement[Any]):
    """A piece in one statement, with the parameters that it has there."""

    __visit_name__ = "fragment"
    _traverse_internals: list[Any] = []  # noqa: RUF012 - as the library has it
    inherit_cache = False

    def __init__(self, piece: Piece, binds: Sequence[BindParameter[Any]] = ()) -> None:
        self.piece, self.binds = piece, binds
        self.type = piece.expression.type

    def self_group(self, against: Any = None) -> "Fragment":
        """Itself, in parentheses where it needs them."""
        piece = self.piece.grouped(against)
        return self if piece is self.piece else Fragment(piece, self.binds)
