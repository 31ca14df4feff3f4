"""Writing down what happened: rows that are only ever inserted, past the unit of work, in one statement for all.

They refer to nothing by foreign keys, so they need no order among the other rows of the transaction.
"""

from collections.abc import Sequence
from enum import Enum
from functools import cache, lru_cache
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, inspect

from domain.access_log import AccessLogEntry, AuditEntry
from domain.base import Base
from domain.event import Event

RECORDS = (Event, AccessLogEntry, AuditEntry)
"""What happened: everybody's acts are written down, whoever may read of them."""

MOST_AT_ONCE = 100
"""Rows of one statement, so that its values stay far below the 65,535 that PostgreSQL takes."""

Part = tuple[type[Base], int]
"""So many rows of one type."""


def write(connection: Connection, rows: Sequence[Base]) -> None:
    """Inserts the rows, which get their ids and defaults here, within the connection's transaction."""
    ordered = sorted(rows, key=lambda row: RECORDS.index(type(row)))
    for start in range(0, len(ordered), MOST_AT_ONCE):
        some = ordered[start : start + MOST_AT_ONCE]
        parts = tuple((model, len(list(group))) for model, group in groupby(map(type, some)))
        connection.exec_driver_sql(_statement(parts), tuple(value for row in some for value in _values(row)))


@lru_cache(maxsize=1000)
def _statement(parts: tuple[Part, ...]) -> str:
    inserts = [_insert(model, count) for model, count in parts]
    *before, last = inserts
    named = ", ".join(f"part_{at} AS ({insert})" for at, insert in enumerate(before))
    return f"WITH {named} {last}" if named else last


def _insert(model: type[Base], count: int) -> str:
    names = [column.name for column, _ in _columns(model)]
    row = f"({', '.join(['%s'] * len(names))})"
    return f"INSERT INTO {model.__tablename__} ({', '.join(names)}) VALUES {', '.join([row] * count)}"  # noqa: S608 - our own names


@cache
def _columns(model: type[Base]) -> list[tuple[Any, str]]:
    """What is written of a type, each column with its attribute; the database fills what it has a default for."""
    mapped = inspect(model).column_attrs
    columns: list[tuple[Any, str]] = [(attr.columns[0], attr.key) for attr in mapped]
    return [(column, name) for column, name in columns if column.server_default is None]


def _values(row: Base) -> list[object]:
    return [_value(row, column, name) for column, name in _columns(type(row))]


def _value(row: Base, column: Any, name: str) -> object:
    value = row.__dict__.get(name)
    if value is None and column.default is not None:
        value = column.default.arg(None)  # SQLAlchemy lets every default take a context
        setattr(row, name, value)
    return value.name if isinstance(value, Enum) else value
