"""Slowing those who keep failing: answers that refuse are held back, answers that succeed never are.

A program that guesses waits for an answer before it asks again, on each of its connections. So held answers slow it
down however many connections it has, and cost the server a timer each.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from time import monotonic
from typing import NamedTuple

FREE_FAILURES = 20.0
"""How many failures in quick succession are answered at once: more than the colleagues behind one address need."""

FORGOTTEN_PER_SECOND = 1 / 3
GROWTH, MAX_SPACING = 0.001, 0.04
"""Seconds between two held answers of one source: what each further failure adds, and the most."""

MAX_HOLD = 10.0
"""Seconds an answer is held at most."""

MAX_SOURCES = 10_000


class Record(NamedTuple):
    """What is known of one source: its failures, less those forgotten since, and when the next answer may go."""

    failures: float
    at: float
    next_answer: float


class FailurePacer:
    """Remembers how often each source failed of late, in this process, and holds its refusals back accordingly."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._records: OrderedDict[str, Record] = OrderedDict()

    async def hold(self, source: str) -> None:
        """Counts a failure of the source and waits for as long as its refusal is to be held."""
        if seconds := self.failed(source):
            await asyncio.sleep(seconds)

    def failed(self, source: str) -> float:
        """Counts a failure and gives how many seconds its answer is held."""
        now = self._clock()
        before = self._records.pop(source, Record(0.0, now, now))
        failures = max(0.0, before.failures - (now - before.at) * FORGOTTEN_PER_SECOND) + 1
        spacing = min(max(0.0, failures - FREE_FAILURES) * GROWTH, MAX_SPACING)
        next_answer = min(max(before.next_answer, now) + spacing, now + MAX_HOLD)
        self._records[source] = Record(failures, now, next_answer)
        if len(self._records) > MAX_SOURCES:
            self._records.popitem(last=False)
        return next_answer - now
