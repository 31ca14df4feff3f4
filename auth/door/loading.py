"""Loading one row by its id, straight from the driver: every act begins with one."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, inspect
from sqlalchemy.orm.util import identity_key

from auth.door.desks import Cursor
from auth.door.scope import AskerKind, addable_by_id, permitted_by_id, row_by_id
from auth.door.statement_text import DIALECT, text_of
from auth.viewer import ViewerKind
from domain.base import Base

Read = Callable[[Any], Any]


class ById:
    """One row of a type in scope of a kind of asker, or none: locked against other writers where `locked`."""

    def __init__(self, model: type[Base], asker: AskerKind, locked: bool) -> None:
        loaded = [column for column in inspect(model).column_attrs if not column.deferred]
        statement = row_by_id(model, asker, [getattr(model, column.key) for column in loaded])
        if locked:
            # NO KEY UPDATE: writers wait for each other, but nobody who merely refers to the row waits for them.
            statement = statement.with_for_update(key_share=True)
        self._text = text_of(statement)
        self.looks_elsewhere = self._text.sql.count(b"SELECT") > 1
        """Whether reach depends on other rows: after a wait, PostgreSQL looks again at the locked row only."""
        self._model = model
        self._manager = inspect(model).class_manager
        self._columns = {column.key: column.columns[0] for column in loaded}
        self._readers: dict[str, Read] | None = None

    async def values(self, cursor: Cursor, binds: Mapping[str, object]) -> dict[str, Any] | None:
        """The row's attributes by name. Raises psycopg.Error."""
        await cursor.execute(self._text.sql, [binds[name] for name in self._text.binds], prepare=True)
        row = await cursor.fetchone()
        if row is None:
            return None
        if self._readers is None:
            self._readers = _readers(self._columns, cursor)
        values = dict(zip(self._columns, row, strict=True))
        values.update({key: read(values[key]) for key, read in self._readers.items()})
        return values

    def made(self, values: dict[str, Any]) -> Base:
        """A persistent instance of the row, for a session to take."""
        row: Base = self._manager.new_instance()
        row.__dict__.update(values)
        inspect(row).key = identity_key(instance=row)
        return row


by_id = lru_cache(maxsize=4096)(ById)


class Holds:
    """A question about one row by its id: whether a statement gives anything."""

    def __init__(self, statement: Select[Any]) -> None:
        self._text = text_of(statement)
        self.looks_elsewhere = self._text.sql.count(b"SELECT") > 1

    async def answer(self, cursor: Cursor, binds: Mapping[str, object]) -> bool:
        """Raises psycopg.Error."""
        await cursor.execute(self._text.sql, [binds[name] for name in self._text.binds], prepare=True)
        return await cursor.fetchone() is not None


@lru_cache(maxsize=4096)
def addable(model: type[Base], kind: ViewerKind) -> Holds:
    """Asks whether a row that was just written lies where this kind of viewer may add one."""
    return Holds(addable_by_id(model, kind))


@lru_cache(maxsize=4096)
def permits(act: str, model: type[Base], kind: ViewerKind) -> Holds:
    """Asks whether this kind of viewer may do the act to a row in scope."""
    return Holds(permitted_by_id(act, model, kind))


def _readers(columns: Mapping[str, Any], cursor: Cursor) -> dict[str, Read]:
    """What turns the driver's values into the attributes', where they differ, as with an enum."""
    readers = {}
    for (key, column), told in zip(columns.items(), cursor.description or (), strict=True):
        read = column.type.dialect_impl(DIALECT).result_processor(DIALECT, told.type_code)
        if read is not None:
            readers[key] = read
    return readers
