"""The scoped session: the only door to the database for mapped classes (design §3, §5).

It cannot be had without a viewer, and gives that viewer's rows only, whichever way they are asked for. One session is
one transaction: what one viewer loaded is never found by another.
"""

from collections.abc import AsyncIterator, Iterable, Sequence
from collections.abc import Set as AbstractSet
from contextlib import asynccontextmanager
from functools import lru_cache
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Result,
    Select,
    Uuid,
    and_,
    any_,
    bindparam,
    event,
    false,
    inspect,
    or_,
    select,
    true,
)
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession
from sqlalchemy.orm import ORMExecuteState, Session, with_loader_criteria
from sqlalchemy.orm.interfaces import ORMOption
from sqlalchemy.orm.util import identity_key

from auth.access import Within, absent, same
from auth.chronicle import RECORDS, write
from auth.jobs import REACHED, Job, SystemViewer
from auth.keys import KeyRing
from auth.policy import PAGE
from auth.recording import Recorder, mask_in_place, needs_key
from auth.rows import VIEWER_ID, VIEWER_TEAM, asking, reaches, reaches_none, rule_for
from auth.viewer import Viewer, ViewerKind
from domain.customer import Customer
from domain.data_key import DataKey
from domain.event import take_events
from domain.partner import PartnerListing
from domain.tables import Base
from domain.ticket import TicketStep

Asker = Viewer | SystemViewer

PLACING = frozenset({"owner_id", "customer_id", "ticket_id"})
"""Columns that say in whose reach a row lies. Others move a row out of reach in the course of duty: a ticket that is
closed, or assigned to somebody else."""


ONE_ID = "one_id"
"""Name of the bind for the id of the row that is asked for."""

BY_ID = "by_id"
"""Execution option of the statements of `_row_by_id`, which carry the scope already: what they were made for."""

AT_THE_DESK = "at_the_desk"
"""Name of the bind for customers that this transaction may serve out of reach: callers found by contact."""


Row = TypeVar("Row", bound=Base)


class Unscoped(Exception):
    """A way to rows that the scoped session does not give. A mistake of the program, never of a caller."""


class OutOfReach(Exception):
    """The viewer was about to write a row that lies, or would lie, outside their reach. Nothing is written."""


@lru_cache(maxsize=256)
def scope_of(asker: ViewerKind | Job) -> tuple[ORMOption, ...]:
    """What narrows a statement to the rows of this kind of asker, whose values `VIEWER_ID` and `VIEWER_TEAM` bring."""
    mapped: list[type[Base]] = [mapper.class_ for mapper in Base.registry.mappers]
    return tuple(with_loader_criteria(model, reached(model, asker), include_aliases=True) for model in mapped)


@lru_cache(maxsize=4096)
def _row_by_id(model: type[Base], asker: ViewerKind | Job, locked: bool) -> Select[Any]:
    """The row in reach under `ONE_ID`. Made once: what SQLAlchemy works out about a statement, it keeps on it."""
    (key,) = inspect(model).primary_key
    statement = select(model).where(key == bindparam(ONE_ID, type_=key.type), reached(model, asker))
    if locked:
        # NO KEY UPDATE: writers wait for each other, but nobody who merely refers to the row waits for them.
        statement = statement.with_for_update(key_share=True)
    return statement.execution_options(**{BY_ID: (model, locked)})


def reached(model: type[Base], asker: ViewerKind | Job) -> ColumnElement[bool]:
    """The rows of a type that a session gives, as a condition on the mapped class."""
    if isinstance(asker, Job):
        return true() if model in REACHED[asker] else false()
    if model is PartnerListing:
        # What the page's own predicate looks at stays in its sight; consents themselves are shown to nobody.
        return and_(same(model.partner_id, asking(asker).id), absent(model.withdrawn_at))
    condition: Any = reaches(model, asking(asker)) if model in PAGE else False
    if model is Customer:
        return or_(condition, Customer.id == any_(bindparam(AT_THE_DESK, type_=ARRAY(Uuid()))))
    return and_(true(), condition)


class ScopedSession(AsyncSession):
    """`async with ScopedSession(engine, viewer, ring) as session:` gives and takes the viewer's rows only.

    `get` and `select` find rows in reach and no others. At flush, personal texts are sealed, recorded events are
    written, and new rows and rows that change hands must lie in reach, else OutOfReach. Statements that write and
    statements on tables raise Unscoped: acts change objects, so that no rule, event or seal is passed by.
    """

    sync_session: "_Guarded"

    async def get(self, entity: type[Row], ident: Any, **wishes: Any) -> Row | None:  # type: ignore[override]
        """The row of this id, where it is in reach."""
        if wishes or len(inspect(entity).primary_key) > 1:
            return await super().get(entity, ident, **wishes)
        loaded = self.sync_session.identity_map.get(identity_key(entity, ident))
        if loaded is not None and not inspect(loaded).expired:
            return loaded
        return await self._by_id(entity, ident, locked=False)

    async def lock(self, entity: type[Row], ident: Any) -> Row | None:
        """The same, asked for in any case and locked against other writers until the transaction ends."""
        return await self._by_id(entity, ident, locked=True)

    async def _by_id(self, entity: type[Row], ident: Any, *, locked: bool) -> Row | None:
        session = self.sync_session
        statement = _row_by_id(entity, session.kind, locked)
        found: Row | None = await self.scalar(statement, {ONE_ID: ident, **session.values()})
        if found is not None:
            session.loaded.append(found)
        return found

    def serve(self, customer_id: UUID) -> None:
        """Lets this transaction act for a customer out of reach: a caller, found by contact within the hour (S62)."""
        self.sync_session.at_the_desk.append(customer_id)

    def __init__(self, engine: AsyncEngine, viewer: Asker, ring: KeyRing) -> None:
        if not isinstance(viewer, Viewer | SystemViewer):
            raise Unscoped("A session needs a viewer")
        super().__init__(
            engine, sync_session_class=_Guarded, expire_on_commit=False, autoflush=False, viewer=viewer, ring=ring
        )


@asynccontextmanager
async def opened(engine: AsyncEngine, viewer: Asker, ring: KeyRing) -> AsyncIterator[ScopedSession]:
    """A fresh session in one transaction: committed at the end, rolled back by any exception."""
    async with ScopedSession(engine, viewer, ring) as session, session.begin():
        yield session


class _Guarded(Session):
    def __init__(self, *, viewer: Asker, ring: KeyRing, **options: Any) -> None:
        super().__init__(**options)
        self.viewer = viewer
        self.recorder = Recorder(ring)
        self.unsettled: list[Base] = []
        self.at_the_desk: list[UUID] = []
        self.loaded: list[Base] = []  # the session itself forgets rows that nobody holds and nobody changed

    @property
    def kind(self) -> ViewerKind | Job:
        """What the scope of a statement depends on."""
        return self.viewer.job if isinstance(self.viewer, SystemViewer) else self.viewer.kind

    def values(self) -> dict[str, Any]:
        """What the binds of a scope hold. Bound: compared with nothing a bind finds nothing, where None would ask
        IS NULL.
        """
        if isinstance(self.viewer, SystemViewer):
            return {}
        return {VIEWER_ID: self.viewer.id, VIEWER_TEAM: self.viewer.team_id, AT_THE_DESK: self.at_the_desk}


@event.listens_for(_Guarded, "do_orm_execute")
def _scope_statement(state: ORMExecuteState) -> Result[Any] | None:
    if not state.is_select or not state.is_orm_statement or state.is_from_statement:
        raise Unscoped("The scoped session runs select() over mapped classes; to write, change or add objects")
    session = state.session
    assert isinstance(session, _Guarded)
    if _carries_scope(state, session.kind):
        return None
    values = session.values()
    if values:
        state.parameters = state.parameters or {}
    return state.invoke_statement(state.statement.options(*scope_of(session.kind)), params=values or None)


def _carries_scope(state: ORMExecuteState, kind: ViewerKind | Job) -> bool:
    """Whether this very statement was made here for this kind of asker; that somebody says so is not enough."""
    made_for = state.execution_options.get(BY_ID)
    return made_for is not None and state.statement is _row_by_id(made_for[0], kind, made_for[1])


@event.listens_for(_Guarded, "before_attach")
def _refuse_strangers(session: _Guarded, row: Any) -> None:
    if inspect(row).key is not None and row not in session:
        raise Unscoped("A row that another session loaded; load it here")


@event.listens_for(_Guarded, "before_flush")
def _record(session: _Guarded, _context: Any, _rows: Any) -> None:
    """What cannot be judged before its parents are written is judged after. Records are written here and now."""
    records = [event for row in [*session.new, *session.dirty] for event in take_events(row)]
    added = [row for row in session.new if isinstance(row, RECORDS)]
    for row in added:
        session.expunge(row)
    session.unsettled = _unsettled(session)
    _seal(session)
    _write_down(session, [*records, *added])


@event.listens_for(_Guarded, "after_flush")
def _settle(session: _Guarded, _context: Any) -> None:
    for row in session.unsettled:
        if not _in_reach(session, type(row), inspect(row).mapper.primary_key_from_instance(row)):
            raise _out_of_reach(row)


def _unsettled(session: _Guarded) -> list[Base]:
    """New rows, and rows that change hands; but for those below a parent that is in reach already."""
    rows = [*session.new, *(row for row in session.dirty if _changes_hands(row))]
    for row in rows:
        if not _may_hold(session.viewer, type(row)):
            raise _out_of_reach(row)
    return [row for row in rows if not _below_one_in_reach(session, row)]


def _changes_hands(row: Any) -> bool:
    attributes = inspect(row).attrs
    return any(attributes[name].history.has_changes() for name in PLACING if name in attributes)


def _may_hold(viewer: Asker, model: type[Base]) -> bool:
    """Whether the viewer may have rows of this type at all. What the page does not name is written by jobs only."""
    if isinstance(viewer, SystemViewer):
        return model in REACHED[viewer.job]
    return model in PAGE and not reaches_none(model, viewer.kind)


def _below_one_in_reach(session: _Guarded, row: Any) -> bool:
    """Asked before the flush: the act may itself end the viewer's reach, as closing a customer's last ticket does."""
    if isinstance(session.viewer, SystemViewer):
        return True
    if not isinstance(rule_for(type(row), session.viewer.kind), Within):
        return False
    customer_id = row.ticket.customer_id if isinstance(row, TicketStep) else row.customer_id
    # What this session loaded was in reach a moment ago, in this transaction.
    loaded = session.identity_map.get(identity_key(Customer, customer_id))
    return loaded is not None or _in_reach(session, Customer, [customer_id])


def _in_reach(session: _Guarded, model: type[Base], identity: Sequence[Any]) -> bool:
    keys = zip(inspect(model).primary_key, identity, strict=True)
    return session.scalar(select(true()).select_from(model).where(*[key == value for key, value in keys])) is True


def _out_of_reach(row: Base) -> OutOfReach:
    return OutOfReach(f"{type(row).__name__}: the row lies outside the viewer's reach; nothing was written")


def _seal(session: _Guarded) -> None:
    recorder = session.recorder
    rows = [*session.new, *session.dirty]
    session.add_all([recorder.begin(row.id) for row in rows if isinstance(row, Customer) and row in session.new])
    missing = {row.person_id for row in rows if needs_key(row) and not recorder.knows(row.person_id)}
    for person_id, wrapped in _data_keys(session, missing):
        recorder.unwrap(person_id, wrapped)
    for row in rows:
        recorder.fill(row)


def _write_down(session: _Guarded, records: list[Any]) -> None:
    for row in records:
        mask_in_place(row)
    if records:
        write(session.connection(), records)


def _data_keys(session: _Guarded, persons: AbstractSet[UUID]) -> Iterable[Any]:
    # On the connection, past the scope: no viewer reaches a data key, and only rows in reach are written.
    if not persons:
        return ()
    keys = DataKey.__table__
    return session.connection().execute(select(keys.c.id, keys.c.wrapped).where(keys.c.id.in_(persons)))
