"""The scoped session: the only door to the database for mapped classes (design §3, §5).

It cannot be had without a viewer, and gives that viewer's rows only, whichever way they are asked for. One session is
one transaction: what one viewer loaded is never found by another. Rows are mapped, and lists are asked for, with
SQLAlchemy; a row by its id, and the objects that an act leaves behind, go straight to the driver (decision 0024).
"""

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Any, TypeVar, cast
from uuid import UUID

from sqlalchemy import ScalarResult, Select, inspect
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from auth.access import Within, anyone
from auth.door.desks import Desk, Desks
from auth.door.loading import addable, by_id, permits
from auth.door.mapped import MappedSession, Unscoped
from auth.door.recording import Recorder, mask_in_place, needs_key
from auth.door.scope import ONE_ID, Asker, kind_of, may_hold
from auth.door.scope_columns import parent_of, scope_columns
from auth.door.writing import changed_columns, statements, take_keys, with_relatives
from auth.jobs import SystemViewer
from auth.rows import VIEWER_ID, VIEWER_TEAM, added_rule_for, permitted, rule_for
from auth.sealing.keys import KeyRing
from auth.viewer import Viewer
from domain.access_log import AccessLogEntry, AuditEntry
from domain.base import Base
from domain.contact_change import ContactChange
from domain.customer import Customer
from domain.event import Event, take_events

RECORDS = (Event, AccessLogEntry, AuditEntry, ContactChange)
"""What happened: everybody's acts are written down, whoever may read of them."""

DATA_KEYS = b"SELECT id, wrapped FROM data_key WHERE id = ANY($1)"

Row = TypeVar("Row", bound=Base)
Value = TypeVar("Value")


class OutOfReach(Exception):
    """The viewer was about to write a row that lies, or would lie, outside their reach. Nothing is written."""


class Vanished(Exception):
    """A row that was changed here is not there any more. Nothing is written."""


class ScopedSession:
    """`async with opened(desks, viewer, ring) as session:` gives and takes the viewer's rows only.

    `get`, `lock` and select() find rows in reach and no others. Acts change and add objects; at the end personal texts
    are sealed, recorded events are written, and new rows and rows that change hands must lie in reach, else OutOfReach.
    Statements that write and statements on tables raise Unscoped, so that no rule, event or seal is passed by.
    """

    def __init__(self, desk: Desk, viewer: Asker, ring: KeyRing) -> None:
        if not isinstance(viewer, Viewer | SystemViewer):
            raise Unscoped("A session needs a viewer")
        self.recorder = Recorder(ring)
        self._desk, self._viewer, self._kind = desk, viewer, kind_of(viewer)
        self._held: dict[tuple[type[Base], Any], Base] = {}
        self._new: list[Base] = []
        self._mapped: AsyncSession | None = None

    async def get(self, model: type[Row], id_: Any) -> Row | None:
        """The row of this id, where it is in reach."""
        return self._known(model, id_) or await self._load(model, id_, locked=False)

    async def lock(self, model: type[Row], id_: Any) -> Row | None:
        """The same, locked against other writers until the transaction ends, and as it stands now: lock before you
        change, for what was changed here is not read again.
        """
        row = await self._load(model, id_, locked=True)
        if row is None or not by_id(model, self._kind, True).looks_elsewhere:
            return row
        return row if await self._is_in_reach(row) else None

    async def permits(self, act: str, row: Base) -> bool:
        """Whether the access page lets the viewer do this to a row in scope."""
        assert isinstance(self._viewer, Viewer)
        asked = permits(act, type(row), self._viewer.kind)
        if not asked.looks_elsewhere:
            return permitted(act, row, self._viewer) is True
        return await asked.answer(self._desk.cursor, self._binds(row.id))  # type: ignore[attr-defined]

    async def scalars(self, statement: Select[Value, *tuple[Any, ...]]) -> ScalarResult[Value]:
        """What a select() over mapped classes gives of the rows in reach. Raises Unscoped for any other statement."""
        found: ScalarResult[Value] = await self._reader().scalars(statement)
        return found

    async def scalar(self, statement: Select[Value, *tuple[Any, ...]]) -> Value | None:
        """The first of it."""
        found: Value | None = await self._reader().scalar(statement)
        return found

    async def refresh(self, row: Base, names: Iterable[str]) -> None:
        """Loads the named relationships of a row of this session."""
        await self._reader().refresh(row, names)

    @property
    def connection(self) -> AsyncConnection:
        """The transaction itself, past the scope: for the few facts that `auth` keeps about what lies beyond."""
        return self._desk.connection

    def add(self, row: Base) -> None:
        """A new row. Raises Unscoped for one that another session loaded."""
        if inspect(row).key is not None:
            raise Unscoped("A row that another session loaded; load it here")
        self._new.append(row)

    def add_all(self, rows: Iterable[Base]) -> None:
        """New rows."""
        for row in rows:
            self.add(row)

    async def open_keys(self, persons: Iterable[UUID]) -> None:
        """Hands the recorder the data keys of these persons; a destroyed one is not there. Past the scope: no viewer
        reaches a data key, and only rows in reach are unsealed and written.
        """
        missing = [person_id for person_id in persons if not self.recorder.knows(person_id)]
        if not missing:
            return
        await self._desk.cursor.execute(DATA_KEYS, (missing,), prepare=True)
        for person_id, wrapped in await self._desk.cursor.fetchall():
            self.recorder.unwrap(person_id, wrapped)

    async def write(self) -> None:
        """Writes what was changed and added. The session is not used again.

        Raises OutOfReach, Vanished, psycopg.Error.
        """
        self._new, changed = with_relatives(self._new), self._changed()
        records = [event for row in [*self._new, *changed] for event in take_events(row)]
        for row in (*self._new, *changed):
            take_keys(row)
        for event in records:
            mask_in_place(event)
        unsettled = [row for row in self._placed(changed) if not await self._is_surely_in_scope(row)]
        await self._seal(changed)
        await self._write([*self._new, *records], changed)
        # What could not be judged before its parents were written is judged now.
        for row in unsettled:
            if not await self._is_where_it_may_be(row):
                raise _out_of_reach(row)

    def _known(self, model: type[Row], id_: Any) -> Row | None:
        found: Any = self._held.get((model, id_))
        if found is None and self._mapped is not None:
            found = cast("MappedSession", self._mapped.sync_session).found(model, id_)
        known: Row | None = found
        return known

    async def _load(self, model: type[Row], id_: Any, *, locked: bool) -> Row | None:
        asked = by_id(model, self._kind, locked)
        values = await asked.values(self._desk.cursor, self._binds(id_))
        if values is None:
            return None
        known = self._known(model, id_)
        if known is None:
            known = cast("Row", asked.made(values))
            self._hold(model, id_, known)
        elif not inspect(known).modified:
            known.__dict__.update(values)
        return known

    def _hold(self, model: type[Base], id_: Any, row: Base) -> None:
        self._held[model, id_] = row
        if self._mapped is not None:
            self._mapped.add(row)

    def _reader(self) -> AsyncSession:
        """SQLAlchemy's session on the same transaction, with the rows that are here already. It never writes."""
        if self._mapped is None:
            self._mapped = AsyncSession(
                self._desk.connection,
                sync_session_class=MappedSession,
                autoflush=False,
                expire_on_commit=False,
                kind=self._kind,
                binds_of_scope=self._scope(),
            )
            self._mapped.add_all(self._held.values())
        return self._mapped

    def _scope(self) -> dict[str, Any]:
        """What the binds of a scope hold. Bound: compared with nothing a bind finds nothing, where None would ask
        IS NULL.
        """
        if isinstance(self._viewer, SystemViewer):
            return {}
        return {VIEWER_ID: self._viewer.id, VIEWER_TEAM: self._viewer.team_id}

    def _binds(self, id_: Any) -> dict[str, Any]:
        return {ONE_ID: id_, **self._scope()}

    def _changed(self) -> list[Base]:
        read = cast("MappedSession", self._mapped.sync_session).changed() if self._mapped is not None else []
        held = [row for row in self._held.values() if inspect(row).modified]
        return list(dict.fromkeys([*held, *read]))

    def _placed(self, changed: Iterable[Base]) -> list[Base]:
        """New rows, and rows that change hands. Raises OutOfReach where the viewer may hold no row of the type."""
        new = [row for row in self._new if not isinstance(row, RECORDS)]
        rows = [*new, *(row for row in changed if self._changes_hands(row))]
        for row in rows:
            if not may_hold(self._viewer, type(row)):
                raise _out_of_reach(row)
        return rows

    def _changes_hands(self, row: Base) -> bool:
        if isinstance(self._viewer, SystemViewer):
            return not may_hold(self._viewer, type(row))
        return not scope_columns(type(row), self._viewer.kind).isdisjoint(changed_columns(row))

    async def _is_surely_in_scope(self, row: Base) -> bool:
        """Whether the row is in scope whatever it holds, or below a row in scope.

        Asked before writing: the act may itself end the viewer's scope, as giving a customer's only ticket away does.
        """
        if isinstance(self._viewer, SystemViewer):
            return True
        rule = self._rule_of(row, self._viewer)
        if not isinstance(rule, Within):
            return rule is anyone
        parent, key = parent_of(type(row), rule)
        found = await self.get(parent, getattr(row, key))
        return found is not None and rule.only is None

    def _rule_of(self, row: Base, viewer: Viewer) -> Any:
        rule = added_rule_for if inspect(row).key is None else rule_for
        return rule(type(row), viewer.kind)

    async def _is_where_it_may_be(self, row: Any) -> bool:
        """Asked after writing, of a new row and of one that changed hands."""
        if inspect(row).key is not None or isinstance(self._viewer, SystemViewer):
            return await self._is_in_reach(row)
        model: type[Base] = type(row)
        return await addable(model, self._viewer.kind).answer(self._desk.cursor, self._binds(row.id))

    async def _is_in_reach(self, row: Any) -> bool:
        model: type[Base] = type(row)
        return await by_id(model, self._kind, False).values(self._desk.cursor, self._binds(row.id)) is not None

    async def _seal(self, changed: Sequence[Base]) -> None:
        recorder = self.recorder
        rows: list[Any] = [*self._new, *changed]
        self._new += [recorder.begin(row.id) for row in self._new if isinstance(row, Customer)]
        await self.open_keys({row.person_id for row in rows if needs_key(row)})
        for row in rows:
            recorder.fill(row)

    async def _write(self, new: Sequence[Base], changed: Sequence[Base]) -> None:
        for statement in statements(new, changed):
            await self._desk.cursor.execute(statement.sql, statement.values, prepare=True)
            if await self._desk.cursor.fetchone() != (statement.changed,):
                raise Vanished("A row that was changed is not there any more; nothing was written")


@asynccontextmanager
async def opened(desks: Desks, viewer: Asker, ring: KeyRing) -> AsyncIterator[ScopedSession]:
    """A fresh session in one transaction: committed at the end, rolled back by any exception."""
    desk = await desks.take()
    try:
        session = ScopedSession(desk, viewer, ring)
        yield session
        await session.write()
        await desk.commit()
    finally:
        await desks.give_back(desk)


def _out_of_reach(row: Base) -> OutOfReach:
    return OutOfReach(f"{type(row).__name__}: the row lies outside the viewer's reach; nothing was written")
