"""Following tickets: from the events that were committed to what each means for one viewer (design §5).

Sequence numbers commit out of order, so a follower reads by writing transaction and stops below the oldest one that is
still running: nothing that commits later can lie before what was read.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections import OrderedDict
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from sqlalchemy import BigInteger, Uuid, and_, case, func, literal_column, or_, select, tuple_
from sqlalchemy.orm import aliased
from sqlalchemy.types import Text

from auth.sealing import CursorSigner, SignatureBroken
from auth.viewer import ViewerKind
from domain.event import Event, EventKind
from domain.ticket import Ticket
from resolvers.errors import Refused
from resolvers.reading.roots import Making, keyed_level
from resolvers.reading.statement import Binds, Request, Statement, Tools
from resolvers.tickets import TICKETS

MOST_AT_ONCE, MOST_KNOWN = 100, 10_000
HEAD = b"ticketChanged\0"
LAST_ID = UUID(int=(1 << 128) - 1)

_OLDEST_RUNNING = literal_column("(pg_snapshot_xmin(pg_current_snapshot())::text)::bigint", BigInteger)


class ChangeKind(StrEnum):
    """What a change of a ticket means for the viewer who follows."""

    CREATED = "CREATED"
    CHANGED = "CHANGED"
    LOST = "LOST"


class Position(NamedTuple):
    """A place in the stream of events: everything up to it was read."""

    xact: int
    id: UUID


class Change(NamedTuple):
    """One change for one viewer."""

    kind: ChangeKind
    ticket_id: UUID
    position: Position


def write_position(signer: CursorSigner, position: Position) -> str:
    """The place as an opaque, signed cursor."""
    body = HEAD + orjson.dumps([position.xact, position.id])
    return urlsafe_b64encode(signer.sign(body) + body).decode()


def read_position(signer: CursorSigner, text: str) -> Position:
    """The place that a cursor names. Raises Refused for any other text."""
    try:
        body = signer.verified(urlsafe_b64decode(text))
    except (SignatureBroken, ValueError):
        body = b""
    if not body.startswith(HEAD):
        raise Refused("BAD_CURSOR", "游标不属于此订阅", "Not a cursor of this subscription")
    xact, id_ = orjson.loads(body[len(HEAD) :])
    return Position(xact, UUID(id_))


class Follower:
    """One viewer's stream. Remembers which tickets it told of, so that it can tell of their loss."""

    def __init__(self, kind: ViewerKind, tools: Tools) -> None:
        self._reach = keyed_level(TICKETS, (), Making(kind, tools, set()))
        self._events = _statement()
        self._known: OrderedDict[UUID, None] = OrderedDict()

    async def start(self, request: Request) -> Position:
        """The present: what commits from now on is still to come."""
        oldest = Statement(select(_OLDEST_RUNNING), Binds())
        return Position((await oldest.rows(request))[0][0] - 1, LAST_ID)

    async def changes(self, request: Request, since: Position) -> tuple[list[Change], Position]:
        """What happened after the position as far as this viewer may know, and how far was read."""
        rows = await self._events.rows(request._replace(values=[since.xact, since.id, request.viewer.public_id]))
        reached = await self._reach.keyed(request, list(dict.fromkeys(row[3] for row in rows)))
        changes: list[Change] = []
        for xact, id_, kind, ticket_id, was_ours in rows:
            since = Position(xact, id_)
            told = self._told(kind, ticket_id, was_ours, in_reach=ticket_id in reached)
            if told:
                changes.append(Change(told, ticket_id, since))
        return changes, since

    def _told(self, kind: str, ticket_id: UUID, was_ours: bool, *, in_reach: bool) -> ChangeKind | None:
        """Of a ticket that never was in reach nothing is told, not even that it is none of the viewer's."""
        if in_reach:
            self._known[ticket_id] = None
            if len(self._known) > MOST_KNOWN:
                self._known.popitem(last=False)
            return ChangeKind.CREATED if kind == EventKind.TICKET_OPENED else ChangeKind.CHANGED
        known = ticket_id in self._known
        self._known.pop(ticket_id, None)
        return ChangeKind.LOST if known or was_ours else None


def _statement() -> Statement:
    """Events of tickets, and of customers that came to the viewer or left them, with these customers' tickets."""
    binds = Binds()
    since = tuple_(
        binds.new(lambda request: request.values[0], BigInteger()),
        binds.new(lambda request: request.values[1], Uuid()),
    )
    me = binds.new(lambda request: request.values[2], Text())
    ours = or_(Event.before == me, Event.after == me)
    found = (
        select(Event)
        .where(tuple_(Event.xact, Event.id) > since, Event.xact < _OLDEST_RUNNING)
        .where(or_(Event.ticket_id.is_not(None), and_(Event.kind == EventKind.TRANSFERRED, ours)))
        .order_by(Event.xact, Event.id)
        .limit(MOST_AT_ONCE)
        .subquery("found")
    )
    event, ticket = aliased(Event, found), aliased(Ticket)
    ticket_id: Any = func.coalesce(event.ticket_id, ticket.id)
    was_ours = case((event.before.is_(None), literal_column("false")), else_=event.before == me)
    return Statement(
        select(event.xact, event.id, event.kind, ticket_id, was_ours)
        .outerjoin(ticket, and_(event.ticket_id.is_(None), ticket.customer_id == event.customer_id))
        .where(ticket_id.is_not(None))
        .order_by(event.xact, event.id),
        binds,
    )
