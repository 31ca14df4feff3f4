"""SQLAlchemy statements as text for the driver, with `$1`, `$2`, …

What the access page, an order or a filter says once and for all stands in the text, where partial indexes can be
matched to it under a generic plan; what a request brings is bound.
"""

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import BindParameter, Executable
from sqlalchemy.dialects.postgresql import psycopg
from sqlalchemy.dialects.postgresql.psycopg import PGCompiler_psycopg

from auth.door.pieces import Bound, Fragment, Named, Part


class Text(NamedTuple):
    """A statement's text, and the names of its binds in the order of their numbers."""

    sql: bytes
    binds: tuple[str, ...]


_OPEN_PART = re.compile("_part_([0-9]+)_")


class _Open:
    """What a piece leaves to the statements in which it will stand; in its text, names that need no quotes."""

    def __init__(self, own: Sequence[str]) -> None:
        self._own = {name: place for place, name in enumerate(own)}
        self._parts: list[Part] = []

    def name(self, kind: str, name: Any) -> str:
        return self._put(Named(kind, name))

    def bind(self, bind: BindParameter[Any]) -> str:
        return self._put(Bound(bind, self._own.get(bind.key)))

    def parts(self, text: str) -> tuple[Part, ...]:
        pieces = _OPEN_PART.split(text)
        return tuple(self._parts[int(one)] if place % 2 else one for place, one in enumerate(pieces))

    def _put(self, part: Part) -> str:
        self._parts.append(part)
        return f"_part_{len(self._parts) - 1}_"


class _ConstantsInText(PGCompiler_psycopg):
    _open: _Open | None = None

    def visit_bindparam(self, bindparam: BindParameter[Any], *args: Any, **kw: Any) -> str:
        if self._open and bindparam.required:
            return self._open.bind(bindparam)
        kw["literal_binds"] = not bindparam.required
        return str(super().visit_bindparam(bindparam, *args, **kw))  # type: ignore[no-untyped-call]

    def _truncated_identifier(self, ident_class: str, name: Any) -> str:
        if self._open:
            return self._open.name(ident_class, name)
        return str(super()._truncated_identifier(ident_class, name))

    def visit_fragment(self, fragment: Fragment, **_kw: Any) -> str:
        """The text of its piece, which is made where the piece first stands."""
        if fragment.piece.parts is None:
            fragment.piece.parts = self._parts(fragment)
        return "".join([one if type(one) is str else self._filled(one, fragment) for one in fragment.piece.parts])

    def _parts(self, fragment: Fragment) -> tuple[Part, ...]:
        around, self._open = self._open, _Open(fragment.piece.own)
        try:
            return self._open.parts(str(self.process(fragment.piece.expression)))
        finally:
            self._open = around

    def _filled(self, part: Any, fragment: Fragment) -> str:
        if isinstance(part, Named):
            return self._truncated_identifier(part.kind, part.name)
        return self.visit_bindparam(part.bind if part.own is None else fragment.binds[part.own])


DIALECT = psycopg.dialect(paramstyle="numeric_dollar")  # type: ignore[no-untyped-call]
DIALECT.statement_compiler = _ConstantsInText


def text_of(statement: Executable) -> Text:
    """The statement's text. Raises ValueError for an expanding bind, which has no fixed text."""
    compiled = statement.compile(dialect=DIALECT)  # type: ignore[attr-defined]
    sql = str(compiled)
    if "POSTCOMPILE" in sql:
        raise ValueError("An expanding bind would be left in the text; use any_() with an array")
    return Text(sql.encode(), tuple(dict.fromkeys(compiled.positiontup or ())))
