"""Waiting for the costly part of signing in: bounded, fair to every source, and before any connection is taken.

A check of a password takes tens of milliseconds of a core, so a few run at a time. Sources take turns: who sends
hundreds of attempts waits behind their own, and somebody elsewhere waits for one check at most.
"""

import asyncio
from collections import OrderedDict, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from auth.entering.attempts import too_many

RETRY_AFTER = timedelta(seconds=2)

Waiter = asyncio.Future[None]


class FairQueue:
    """At most `slots` run at once and `max_waiting` wait, `max_per_source` of them of one source. Belongs to one loop.

    Beyond that an attempt is refused at once. Where all places are taken, a source that has fewer waiting than another
    one takes the last place of that other one.
    """

    def __init__(self, slots: int, max_waiting: int = 200, max_per_source: int = 100) -> None:
        self._free, self._max_waiting, self._max_per_source = slots, max_waiting, max_per_source
        self._waiting: OrderedDict[str, deque[Waiter]] = OrderedDict()

    @asynccontextmanager
    async def turn(self, source: str) -> AsyncIterator[None]:
        """Runs the block when it is this source's turn. Raises LimitExceeded where too many wait."""
        await self._acquire(source)
        try:
            yield
        finally:
            self._release()

    @property
    def waiting(self) -> int:
        """How many wait now."""
        return sum(map(len, self._waiting.values()))

    async def _acquire(self, source: str) -> None:
        if self._free:
            self._free -= 1
            return
        waiter = self._enqueued(source)
        try:
            await waiter
        except asyncio.CancelledError:
            self._withdraw(source, waiter)
            raise

    def _enqueued(self, source: str) -> Waiter:
        own = len(self._waiting.get(source, ()))
        if own >= self._max_per_source:
            raise too_many(RETRY_AFTER)
        if self.waiting >= self._max_waiting:
            self._make_room(own)
        waiter: Waiter = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(source, deque()).append(waiter)
        return waiter

    def _make_room(self, own: int) -> None:
        longest = max(self._waiting, key=lambda source: len(self._waiting[source]))
        if len(self._waiting[longest]) <= own + 1:
            raise too_many(RETRY_AFTER)
        self._waiting[longest].pop().set_exception(too_many(RETRY_AFTER))

    def _withdraw(self, source: str, waiter: Waiter) -> None:
        if waiter.done() and not waiter.cancelled() and waiter.exception() is None:
            self._release()  # its turn had come at the same moment
            return
        line = self._waiting.get(source)
        if line and waiter in line:
            line.remove(waiter)
            if not line:
                del self._waiting[source]

    def _release(self) -> None:
        while self._waiting:
            source, line = self._waiting.popitem(last=False)
            waiter = line.popleft()
            if line:
                self._waiting[source] = line  # behind all others
            if not waiter.done():
                waiter.set_result(None)
                return
        self._free += 1
