"""A subscription's replies: looked for again and again, each read under the rights that the viewer has then."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any, Protocol

from auth.viewer import Viewer
from domain.identity import public_id
from domain.ticket import Ticket
from resolvers.following import Change, Follower, Position, Present
from resolvers.reading.plan import Planner
from resolvers.reading.selection import Field
from resolvers.reading.statement import Request
from schema.answering.asked import Reauthenticate, Replies, Reply
from schema.answering.entering import Lend

PAUSE = 1.0
"""Seconds between two looks at the events."""

LOOK_WITHIN = 30.0
"""Seconds that one look may take, the wait for a connection included."""


class Subscription(Protocol):
    """What answers one field of the SDL's Subscription: replies for one viewer, until the token ends."""

    def replies(self, viewer: Viewer, still: Reauthenticate) -> Replies:
        """One reply per change, None once it has begun and where there is nothing new. Raises Refused."""


class TicketChanges:
    """`ticketChanged` for one viewer."""

    def __init__(
        self,
        field: Field,
        values: Sequence[Any],
        planner: Planner,
        lend: Lend,
    ) -> None:
        self._field, self._values, self._planner, self._lend = field, values, planner, lend
        self._payload = cache(lambda kind: planner.payload(field, kind))  # of as many kinds as rights change meanwhile

    async def replies(self, viewer: Viewer, still: Reauthenticate) -> Replies:
        """One reply per change, None once it has begun and after a look that found nothing. Raises Refused for a bad
        cursor.
        """
        follower = Follower(self._planner.tools)
        present = await self._present(follower, viewer)
        position = self._begin(present)
        yield None
        while True:
            viewer = await still()
            async with asyncio.timeout(LOOK_WITHIN), self._lend() as run:
                request = Request(viewer, self._values, run, datetime.now(UTC))
                changes, position = await follower.changes(request, position)
                replies = [await self._reply(request, change, present) for change in changes]
            for reply in replies:
                yield reply
            if not replies:
                yield None
                await asyncio.sleep(PAUSE)

    async def _present(self, follower: Follower, viewer: Viewer) -> Present:
        self._payload(viewer.kind)
        async with self._lend() as run:
            return await follower.start(Request(viewer, self._values, run, datetime.now(UTC)))

    def _begin(self, present: Present) -> Position:
        after = self._field.arg("after")
        cursor = self._values[after.slot] if after is not None else None
        if cursor is not None:
            return present.read(self._planner.tools.cursors, cursor)
        return Position.below(present.oldest)

    async def _reply(self, request: Request, change: Change, present: Present) -> Reply:
        payload = self._payload(request.viewer.kind)
        facts = {
            "__typename": "TicketChange",
            "kind": change.kind.value,
            "id": public_id(Ticket.PREFIX, change.ticket_id),
            "cursor": present.write(self._planner.tools.cursors, change.position),
        }
        read = await payload.read(request, {"ticket": change.ticket_id}, facts)
        reply: Reply = {"data": {self._field.key: read}}
        if payload.hidden:
            reply["extensions"] = {"access": {"hidden": sorted(payload.hidden)}}
        return reply


SUBSCRIPTIONS: Mapping[str, Callable[[Field, Sequence[Any], Planner, Lend], Subscription]] = {
    "ticketChanged": TicketChanges,
}
"""What answers each field of the SDL's Subscription; one that stands in only one of the two stops the process."""
