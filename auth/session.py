"""The scoped session: the only door to the database for mapped classes (design §3, §5).

It cannot be had without a viewer, and gives that viewer's rows only, whichever way they are asked for. One session is
one transaction: what one viewer loaded is never found by another.
"""

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from functools import lru_cache
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Result,
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
from auth.jobs import REACHED, Job, SystemViewer
from auth.keys import KeyRing
from auth.policy import PAGE
from auth.recording import Recorder, needs_key
from auth.rows import VIEWER_ID, VIEWER_TEAM, asking, reaches, reaches_none, rule_for
from auth.viewer import Viewer, ViewerKind
from domain.access_log import AccessLogEntry, AuditEntry
from domain.customer import Customer, DataKey
from domain.event import Event, take_events
from domain.partner import PartnerListing
from domain.tables import Base
from domain.ticket import TicketStep

Asker = Viewer | SystemViewer

RECORDS = (Event, AccessLogEntry, AuditEntry)
"""What happened: everybody's acts are written down, whoever may read of them."""

PLACING = frozenset({"owner_id", "customer_id", "ticket_id"})
"""Columns that say in whose reach a row lies. Others move a row out of reach in the course of duty: a ticket that is
closed, or assigned to somebody else."""


AT_THE_DESK = "at_the_desk"
"""Name of the bind for customers that this transaction may serve out of reach: callers found by contact."""


ALONE = "alone"
"""Execution option of a statement that reads rows of one type and nothing else: that type."""

Row = TypeVar("Row", bound=Base)


class Unscoped(Exception):
    """A way to rows that the scoped session does not give. A mistake of the program, never of a caller."""


class OutOfReach(Exception):
    """The viewer was about to write a row that lies, or would lie, outside their reach. Nothing is written."""


@lru_cache(maxsize=1024)
def scope_of(asker: ViewerKind | Job, alone: type[Base] | None = None) -> tuple[ORMOption, ...]:
    """What narrows a statement to the rows of this kind of asker, whose values `VIEWER_ID` and `VIEWER_TEAM` bring.

    A statement on one type `alone` carries that type's rule only: every rule costs, whether it is looked at or not.
    """
    mapped: list[type[Base]] = [alone] if alone else [mapper.class_ for mapper in Base.registry.mappers]
    return tuple(with_loader_criteria(model, reached(model, asker), include_aliases=True) for model in mapped)


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
        if not wishes.get("options"):
            wishes["execution_options"] = {ALONE: entity}
        return await super().get(entity, ident, **wishes)

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


@event.listens_for(_Guarded, "do_orm_execute")
def _scope_statement(state: ORMExecuteState) -> Result[Any]:
    if not state.is_select or not state.is_orm_statement or state.is_from_statement:
        raise Unscoped("The scoped session runs select() over mapped classes; to write, change or add objects")
    session = state.session
    assert isinstance(session, _Guarded)
    viewer, alone = session.viewer, state.execution_options.get(ALONE)
    if isinstance(viewer, SystemViewer):
        return state.invoke_statement(state.statement.options(*scope_of(viewer.job, alone)))
    # Bound, not written: compared with nothing a bind finds nothing, where None would ask IS NULL.
    state.parameters = state.parameters or {}
    values = {VIEWER_ID: viewer.id, VIEWER_TEAM: viewer.team_id, AT_THE_DESK: session.at_the_desk}
    return state.invoke_statement(state.statement.options(*scope_of(viewer.kind, alone)), params=values)


@event.listens_for(_Guarded, "before_attach")
def _refuse_strangers(session: _Guarded, row: Any) -> None:
    if inspect(row).key is not None and row not in session:
        raise Unscoped("A row that another session loaded; load it here")


@event.listens_for(_Guarded, "before_flush")
def _record(session: _Guarded, _context: Any, _rows: Any) -> None:
    """Events first, since they are rows too; what cannot be judged before its parents are written is judged after."""
    for row in [*session.new, *session.dirty]:
        session.add_all(take_events(row))
    session.unsettled = _unsettled(session)
    _seal(session)


@event.listens_for(_Guarded, "after_flush")
def _settle(session: _Guarded, _context: Any) -> None:
    for row in session.unsettled:
        if not _in_reach(session, type(row), inspect(row).mapper.primary_key_from_instance(row)):
            raise _out_of_reach(row)


def _unsettled(session: _Guarded) -> list[Base]:
    """New rows, and rows that change hands; but for those below a parent that is in reach already."""
    rows = [row for row in session.new if not isinstance(row, RECORDS)]
    rows += [row for row in session.dirty if _changes_hands(row)]
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


def _data_keys(session: _Guarded, persons: Iterable[UUID]) -> Iterable[Any]:
    # On the connection, past the scope: no viewer reaches a data key, and only rows in reach are written.
    keys = DataKey.__table__
    return session.connection().execute(select(keys.c.id, keys.c.wrapped).where(keys.c.id.in_(persons)))
