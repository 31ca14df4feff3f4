"""Writing many rows at once: sealed on the way, sent by COPY in binary form, parents before children."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any, NamedTuple

import psycopg
from psycopg import sql
from sqlalchemy import ARRAY, Column, Table
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.orm import Mapper, RelationshipDirection

from auth.door.recording import Recorder
from domain.customer import Customer
from domain.event import take_events
from domain.identity import new_id
from domain.tables import Base

_BY_THE_SERVER = frozenset({"xact"})
_DIALECT = PGDialect_psycopg()  # type: ignore[no-untyped-call]

Rows = dict[str, list[tuple[Any, ...]]]
"""Finished rows by table, as COPY takes them."""


def sealed(rows: Iterable[Base], recorder: Recorder) -> Rows:
    """Finished rows of new mapped instances, their events and, for customers, data keys among them.

    Rows have their ids, tickets their numbers. Every customer among them is new; what hangs below a customer of the
    past needs `recorder.unwrap` before. Clear values and events are taken off the instances.
    """
    finished: Rows = defaultdict(list)
    for row in rows:
        if isinstance(row, Customer):
            _put(finished, recorder.begin(row.id))
        for event in take_events(row):
            event.__dict__.setdefault("id", new_id())
            recorder.fill(event)
            _put(finished, event)
        recorder.fill(row)
        _put(finished, row)
    return finished


def copy(connection: psycopg.Connection[Any], rows: Rows) -> int:
    """Writes finished rows within the connection's transaction, whatever their order; gives their number."""
    for table in Base.metadata.sorted_tables:
        if found := rows.get(table.name):
            _copy_table(connection, table.name, found)
    return sum(map(len, rows.values()))


def _put(finished: Rows, row: Any) -> None:
    values = row.__dict__
    for name, foreign_key, key in _parents(row.__mapper__):
        if values.get(name) is not None:
            values[foreign_key] = getattr(values[name], key)
    shape = _shape(row.__tablename__)
    finished[row.__tablename__].append(tuple(values.get(name, default) for name, default in shape.read))
    for name, link in _links(row.__mapper__):
        finished[link] += [(row.id, other.id) for other in values.get(name, ())]


class _Shape(NamedTuple):
    """How a table is copied: all columns but those that only the server fills in, their types, where values stand."""

    columns: Sequence[str]
    types: Sequence[str]
    read: Sequence[tuple[str, Any]]


@cache
def _shape(table: str) -> _Shape:
    mapped = Base.metadata.tables[table]
    columns = [column for column in mapped.columns if column.computed is None and column.name not in _BY_THE_SERVER]
    return _Shape(
        [column.name for column in columns],
        [_type_name(column) for column in columns],
        [(column.key, _default(column)) for column in columns],
    )


@cache
def _links(mapper: Mapper[Any]) -> list[tuple[str, str]]:
    """Relationships through a table of pairs, and that table."""
    return [(r.key, r.secondary.name) for r in mapper.relationships if isinstance(r.secondary, Table)]


@cache
def _parents(mapper: Mapper[Any]) -> list[tuple[str, str, str]]:
    """Parents given as objects: the relationship, the foreign key to fill from it, the parent's own key."""
    upward = RelationshipDirection.MANYTOONE
    relations = [r for r in mapper.relationships if r.direction is upward and not r.viewonly]
    pairs = [(relation.key, *relation.local_remote_pairs[0]) for relation in relations]
    return [(name, str(local.key), str(remote.key)) for name, local, remote in pairs]


def _type_name(column: Column[Any]) -> str:
    if isinstance(column.type, ARRAY):
        return f"{column.type.item_type.compile(_DIALECT)}[]".lower()
    return column.type.compile(_DIALECT).lower().split("(")[0]


def _default(column: Column[Any]) -> Any:
    default: Any = column.default
    if default is None or column.primary_key:
        return None
    return default.arg(None) if default.is_callable else default.arg


def _copy_table(connection: psycopg.Connection[Any], table: str, rows: list[tuple[Any, ...]]) -> None:
    shape = _shape(table)
    columns = sql.SQL(", ").join(map(sql.Identifier, shape.columns))
    statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT BINARY)").format(sql.Identifier(table), columns)
    with connection.cursor() as cursor, cursor.copy(statement) as copying:
        copying.set_types(shape.types)
        for row in rows:
            copying.write_row(row)
