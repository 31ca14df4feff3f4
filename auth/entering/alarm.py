"""Telling the operator that somebody guesses at passwords: a log line and counters, without logins or addresses."""

from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic

import structlog

from auth.entering.attempts import ALARM_WINDOW, RecentFailures

CHECK_EVERY = 10.0
"""Seconds between two looks at the total."""

REPEAT_EVERY = 60.0
"""Seconds between two log lines of one process."""

_log = structlog.get_logger("zhike.sign_in")


@dataclass
class SignInCounts:
    """How sign-ins ended since this process started, for whoever measures it."""

    succeeded: int = 0
    wrong_credentials: int = 0
    limit_exceeded: int = 0
    alarms: int = 0


class GuessingAlarm:
    """Warns (`sign_in_guessing`) when the failures of all logins and sources together reach the threshold.

    The total is that of the database, and what this process refused without asking it.
    """

    def __init__(self, threshold: int, counts: SignInCounts, clock: Callable[[], float] = monotonic) -> None:
        self._threshold, self._counts, self._clock = threshold, counts, clock
        self._next_check = self._next_line = clock()
        self._since, self._refused = clock(), 0
        self._recent = RecentFailures(0, 0, 0)

    def refused(self) -> None:
        """One attempt was refused without a look at the password, and without one at the database."""
        now = self._clock()
        if now - self._since > ALARM_WINDOW.total_seconds():
            self._since, self._refused = now, 0
        self._refused += 1
        self._warn_if_reached()

    @property
    def is_due(self) -> bool:
        """Whether it is time to look at the total again."""
        return self._clock() >= self._next_check

    def judge(self, recent: RecentFailures) -> None:
        """Takes note of the database's total, and warns where all reaches the threshold."""
        self._recent, self._next_check = recent, self._clock() + CHECK_EVERY
        self._warn_if_reached()

    def _warn_if_reached(self) -> None:
        """Once a minute at most."""
        now, recent = self._clock(), self._recent
        if recent.attempts + self._refused < self._threshold or now < self._next_line:
            return
        self._next_line = now + REPEAT_EVERY
        self._counts.alarms += 1
        _log.warning(
            "sign_in_guessing",
            minutes=round(ALARM_WINDOW.total_seconds() / 60),
            failed=recent.attempts,
            refused=self._refused,
            logins=recent.logins,
            sources=recent.sources,
        )
