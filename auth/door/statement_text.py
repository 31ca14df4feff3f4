"""SQLAlchemy statements as text for the driver, with `$1`, `$2`, …

What the access page, an order or a filter says once and for all stands in the text, where partial indexes can be
matched to it under a generic plan; what a request brings is bound.
"""

from typing import Any, NamedTuple

from sqlalchemy import BindParameter, Executable
from sqlalchemy.dialects.postgresql import psycopg
from sqlalchemy.dialects.postgresql.psycopg import PGCompiler_psycopg


class Text(NamedTuple):
    """A statement's text, and the names of its binds in the order of their numbers."""

    sql: bytes
    binds: tuple[str, ...]


class _ConstantsInText(PGCompiler_psycopg):
    def visit_bindparam(self, bindparam: BindParameter[Any], *args: Any, **kw: Any) -> str:
        kw["literal_binds"] = not bindparam.required
        return str(super().visit_bindparam(bindparam, *args, **kw))  # type: ignore[no-untyped-call]


DIALECT = psycopg.dialect(paramstyle="numeric_dollar")  # type: ignore[no-untyped-call]
DIALECT.statement_compiler = _ConstantsInText


def text_of(statement: Executable) -> Text:
    """The statement's text. Raises ValueError for an expanding bind, which has no fixed text."""
    compiled = statement.compile(dialect=DIALECT)  # type: ignore[attr-defined]
    sql = str(compiled)
    if "POSTCOMPILE" in sql:
        raise ValueError("An expanding bind would be left in the text; use any_() with an array")
    return Text(sql.encode(), tuple(dict.fromkeys(compiled.positiontup or ())))
