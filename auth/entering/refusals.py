"""Refusals that this process knows of already: a flood of attempts at one login asks the database for nothing."""

from collections import OrderedDict
from collections.abc import Callable
from datetime import timedelta
from time import monotonic

from auth.entering.attempts import Origin, too_many
from domain.errors import LimitExceeded

MAX_KNOWN = 10_000
MAX_SECONDS = 5.0
"""How long the database is not asked again: another process may know better by then."""


class KnownRefusals:
    """Until when each origin is refused, for a few seconds."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._until: OrderedDict[Origin, tuple[float, float]] = OrderedDict()

    def check(self, origin: Origin) -> None:
        """Raises LimitExceeded where the origin is still to wait."""
        found = self._until.get(origin)
        if found and (now := self._clock()) < found[0]:
            raise too_many(timedelta(seconds=found[1] - now))

    def remember(self, origin: Origin, refusal: LimitExceeded) -> None:
        """The origin was told to wait."""
        now, seconds = self._clock(), float(refusal.retry_after or 0)
        self._until[origin] = now + min(seconds, MAX_SECONDS), now + seconds
        self._until.move_to_end(origin)
        if len(self._until) > MAX_KNOWN:
            self._until.popitem(last=False)
