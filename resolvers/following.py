"""Following tickets: from the events that were committed to what each means for one viewer.

Sequence numbers commit out of order, so a follower reads by writing transaction and stops below the oldest one that is
still running: nothing that commits later can lie before what was read. Numbers of transactions mean something in one
line of the database's history only, so a cursor opens in the line that it was made in, and in no other.
"""

from collections import OrderedDict
from enum import StrEnum
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from sqlalchemy import BigInteger, Uuid, and_, false, func, inspect, literal_column, or_, select, true, tuple_
from sqlalchemy.orm import aliased
from sqlalchemy.types import Text

from auth.access import Within
from auth.policy import SCOPE_EVENTS
from auth.rows import rule_for
from auth.sealing.cursors import CursorBroken, CursorSealer
from auth.viewer import ViewerKind
from domain.base import Base
from domain.event import Event, EventKind
from domain.ticket import Ticket
from resolvers.errors import Refused
from resolvers.reading.roots import Making, keyed_level
from resolvers.reading.statement import Binds, Request, Statement, Tools
from resolvers.tickets import TICKETS

MOST_AT_ONCE, MOST_TOLD = 100, 10_000
PLACE = b"ticketChanged"
LAST_ID = UUID(int=(1 << 128) - 1)
NO_TICKET = UUID(int=0)

_HISTORY = literal_column(
    """concat_ws('.', (SELECT epoch FROM installation), (SELECT system_identifier FROM pg_control_system()),
    left(pg_walfile_name(pg_current_wal_insert_lsn()), 8))""",
    Text,
)
"""Which line of history this is: another one after a restore (epoch), in another cluster (system identifier), and after
a recovery to an earlier moment or a failover (timeline)."""

_OLDEST_RUNNING = literal_column("(pg_snapshot_xmin(pg_current_snapshot())::text)::bigint", BigInteger)


class ChangeKind(StrEnum):
    """What a change of a ticket means for the viewer who follows."""

    CREATED = "CREATED"
    CHANGED = "CHANGED"
    LOST = "LOST"


class Position(NamedTuple):
    """A place in the stream: everything up to this ticket of this event was read."""

    xact: int
    id: UUID
    ticket_id: UUID

    @classmethod
    def below(cls, xact: int) -> "Position":
        """Where every transaction before this one was read."""
        return cls(xact - 1, LAST_ID, LAST_ID)


class Change(NamedTuple):
    """One change for one viewer."""

    kind: ChangeKind
    ticket_id: UUID
    position: Position


class Row(NamedTuple):
    """One ticket of one event, `came` or `left` where the event moves tickets into or out of the viewer's reach."""

    xact: int
    id: UUID
    ticket_id: UUID
    kind: EventKind
    is_own: bool
    """Whether the event happened to this ticket, rather than to another one of its customer or to the customer."""
    came: bool
    left: bool

    @property
    def position(self) -> Position:
        return Position(self.xact, self.id, self.ticket_id)


class Present(NamedTuple):
    """Where the database stands: its line of history, and its oldest running transaction."""

    history: str
    oldest: int

    def write(self, cursors: CursorSealer, position: Position) -> str:
        """The position as a cursor of this line of history."""
        return cursors.seal(orjson.dumps(list(position)), self._place)

    def read(self, cursors: CursorSealer, text: str) -> Position:
        """The position that a cursor names. Raises Refused for any other text, and for a cursor of another history."""
        try:
            xact, id_, ticket_id = orjson.loads(cursors.position(text, self._place))
        except CursorBroken:
            raise _bad_cursor() from None
        if xact >= self.oldest:  # only an older copy of the data has not come as far
            raise _bad_cursor()
        return Position(xact, UUID(id_), UUID(ticket_id))

    @property
    def _place(self) -> bytes:
        return PLACE + b"\0" + self.history.encode()


class Follower:
    """One viewer's stream. Remembers of which tickets it told, and whether they were in reach then."""

    def __init__(self, tools: Tools) -> None:
        self._reach = cache(lambda kind: keyed_level(TICKETS, (), Making(kind, tools, set())))
        self._told: OrderedDict[UUID, bool] = OrderedDict()
        self._rights: Any = None
        self._history = ""

    async def start(self, request: Request) -> Present:
        """The present. What commits from now on lies behind `Position.below` its oldest running transaction."""
        horizon = select(_HISTORY.label("history"), _OLDEST_RUNNING.label("oldest")).subquery("horizon")
        self._history, oldest = (await Statement(select(*horizon.c), Binds()).rows(request))[0]
        return Present(self._history, oldest)

    async def changes(self, request: Request, since: Position) -> tuple[list[Change], Position]:
        """What happened after the position as far as this viewer may know, and how far was read.

        The viewer may be another one than last time: the same person with other rights. Raises Refused where the
        database has changed to another line of history meanwhile.
        """
        changes = await self._lost(request, since)
        found = await _events(request.viewer.kind).rows(request._replace(values=since))
        if found[0][1] != self._history:
            raise _bad_cursor()
        rows = [Row(*row[2:]) for row in found if row[2] is not None]
        reached = await self._reached(request, {row.ticket_id for row in rows})
        for row in rows:
            kind = self._meaning(row, in_reach=row.ticket_id in reached)
            if kind:
                changes.append(Change(kind, row.ticket_id, row.position))
        # Short of the limit nothing is left below the horizon, which moves on though nothing happened to tickets.
        return changes, rows[-1].position if len(rows) == MOST_AT_ONCE else Position.below(found[0][0])

    async def _lost(self, request: Request, at: Position) -> list[Change]:
        """With other rights, the tickets told of that are no longer in reach."""
        before, self._rights = self._rights, (request.viewer.kind, request.viewer.team_id)
        if before in {None, self._rights}:
            return []
        told = {ticket_id for ticket_id, in_reach in self._told.items() if in_reach}
        lost = told - await self._reached(request, told)
        for ticket_id in lost:
            self._remember(ticket_id, in_reach=False)
        return [Change(ChangeKind.LOST, ticket_id, at) for ticket_id in sorted(lost)]

    async def _reached(self, request: Request, tickets: set[UUID]) -> set[UUID]:
        return set(await self._reach(request.viewer.kind).keyed(request, list(tickets)))

    def _meaning(self, row: Row, *, in_reach: bool) -> ChangeKind | None:
        """Of a ticket that never was in reach nothing is told, not even that it is none of the viewer's."""
        before = self._told.get(row.ticket_id)
        if in_reach:
            if not row.is_own and (before or not row.came):
                return None
            self._remember(row.ticket_id, in_reach=True)
            return ChangeKind.CREATED if row.is_own and row.kind == EventKind.TICKET_OPENED else ChangeKind.CHANGED
        if before or (row.left and before is None):
            self._remember(row.ticket_id, in_reach=False)
            return ChangeKind.LOST
        return None

    def _remember(self, ticket_id: UUID, *, in_reach: bool) -> None:
        self._told[ticket_id] = in_reach
        self._told.move_to_end(ticket_id)
        if len(self._told) > MOST_TOLD:
            self._told.popitem(last=False)


@cache
def _events(kind: ViewerKind) -> Statement:
    """The horizon, the line of history, and up to `MOST_AT_ONCE` rows below the horizon: events of tickets, and
    customers that change hands.

    An event that moves a customer into or out of reach has a row for each ticket the customer had then; one of a
    customer without tickets has a row of no ticket. So each event has a row, and a short answer is the whole rest.
    """
    binds = Binds()
    since = (
        binds.new(lambda request: request.values[0], BigInteger()),
        binds.new(lambda request: request.values[1], Uuid()),
        binds.new(lambda request: request.values[2], Uuid()),
    )
    me = binds.new(lambda request: request.viewer.public_id, Text())
    ours = or_(Event.before == me, Event.after == me)
    found = (
        select(Event)
        .where(tuple_(Event.xact, Event.id) >= tuple_(*since[:2]), Event.xact < _OLDEST_RUNNING)
        .where(or_(Event.ticket_id.is_not(None), and_(Event.kind == EventKind.TRANSFERRED, ours)))
        .order_by(Event.xact, Event.id)
        .limit(MOST_AT_ONCE + 1)  # the first one may have been read already
        .subquery("found")
    )
    event, ticket = aliased(Event, found), aliased(Ticket)
    moves = _moves_scope(kind, event)
    came, left = and_(moves, event.after == me), and_(moves, event.before == me)
    ticket_id = func.coalesce(ticket.id, event.ticket_id, NO_TICKET)
    sibling = and_(event.ticket_id.is_(None), or_(came, left), ticket.opened_at <= event.at)
    rows = (
        select(
            event.xact,
            event.id,
            ticket_id.label("ticket_id"),
            event.kind,
            func.coalesce(ticket.id == event.ticket_id, false()).label("is_own"),
            func.coalesce(came, false()).label("came"),
            func.coalesce(left, false()).label("left"),
        )
        .outerjoin(ticket, and_(ticket.customer_id == event.customer_id, or_(ticket.id == event.ticket_id, sibling)))
        .where(tuple_(event.xact, event.id, ticket_id) > tuple_(*since))
        .order_by(event.xact, event.id, ticket_id)
        .limit(MOST_AT_ONCE)
        .subquery("rows")
    )
    horizon = select(_OLDEST_RUNNING.label("oldest"), _HISTORY.label("history")).subquery("horizon")
    chosen = select(*horizon.c, *rows.c).select_from(horizon.outerjoin(rows, true()))
    return Statement(chosen.order_by(rows.c.xact, rows.c.id, rows.c.ticket_id), binds)


def _bad_cursor() -> Refused:
    return Refused("BAD_CURSOR", "游标不属于此订阅", "Not a cursor of this subscription")


class StreamUndecided(Exception):
    """A row rule of a followed type of which the access page names no event: losses would be told to nobody."""


def _moves_scope(kind: ViewerKind, event: Any) -> Any:
    """Whether an event is one of those by which rows come into this kind of viewer's scope and leave it. Of what came
    or went the row rules decide; the event says of whom to ask, and whom to tell of a loss.
    """
    return or_(false(), *(event.kind == moving for moving in scope_events(Ticket, kind)))


def scope_events(model: type[Base], kind: ViewerKind) -> list[EventKind]:
    """The events that move rows of a type into and out of scope, by the row rules that it stands on. Raises
    StreamUndecided where the access page names none for one of them.
    """
    rule = rule_for(model, kind)
    if isinstance(rule, Within) and not rule.only:
        return scope_events(inspect(model).relationships[rule.parent].mapper.class_, kind)
    predicate = rule.only if isinstance(rule, Within) else rule
    if predicate not in SCOPE_EVENTS:
        raise StreamUndecided(f"{model.__name__}: SCOPE_EVENTS does not say which event moves rows of this rule")
    event = SCOPE_EVENTS[predicate]
    return [event] if event else []
