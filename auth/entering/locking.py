"""Locks that somebody else holds are tried again later: nobody waits for one with a connection in hand."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from secrets import SystemRandom
from typing import TypeVar

from psycopg.errors import LockNotAvailable
from sqlalchemy.exc import DBAPIError

from auth.entering.attempts import too_many

PAUSES = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28)
"""Seconds between the tries; each is varied, so that two who met do not meet again."""

_chance = SystemRandom()

Result = TypeVar("Result")


async def without_waiting(attempt: Callable[[], Awaitable[Result]]) -> Result:
    """The result of a transaction that asks for its locks with NOWAIT, tried again while one is not to be had.

    Raises LimitExceeded after two and a half seconds, and whatever else the transaction raises.
    """
    for pause in (0.0, *PAUSES):
        if pause:
            await asyncio.sleep(_chance.uniform(0.5, 1.5) * pause)
        try:
            return await attempt()
        except DBAPIError as error:
            if not isinstance(error.orig, LockNotAvailable):
                raise
    raise too_many(timedelta(seconds=1))
