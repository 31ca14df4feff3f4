"""Failed sign-ins, counted in the database per login and source: all processes share them, no restart forgets them.

An attempt takes its place before the password is looked at, and a success gives the places back: many guesses at once
are counted like many in a row. Failures count against the source that they came from and no other, so whoever guesses
at a login makes only themselves wait.
"""

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import BigInteger, ColumnElement, and_, cast, delete, func, insert, select

from auth.door.session import ScopedSession
from auth.sealing.seals import Digests
from domain.errors import LimitExceeded
from domain.identity import new_id
from domain.sign_in import SignInAttempt

WINDOW = timedelta(hours=1)
"""How long a failure counts."""

ALARM_WINDOW = timedelta(minutes=15)
MAX_DELAY = timedelta(minutes=5)
PRUNE_BATCH_SIZE = 100


class Origin(NamedTuple):
    """Whose login is tried, and from where: a network address, or a device that has a live session of this login."""

    login: str
    source: str


class RecentFailures(NamedTuple):
    """What the database holds of the last 15 minutes, of all logins and sources."""

    attempts: int
    logins: int
    sources: int


def delay_after(failures: int, free: int) -> timedelta:
    """How long to wait after so many failures: nothing while they are `free`, then 1 s, 2 s, 4 s … 5 minutes."""
    if failures < free:
        return timedelta(0)
    return min(timedelta(seconds=2 ** min(failures - free, 16)), MAX_DELAY)


def too_many(wait: timedelta) -> LimitExceeded:
    """The refusal that says when to come back."""
    seconds = max(1, round(wait.total_seconds()))
    return LimitExceeded(
        (),
        f"登录尝试过多，请 {seconds} 秒后再试",
        f"Too many attempts to sign in; try again in {seconds} seconds",
        retry_after=seconds,
    )


async def claim(session: ScopedSession, digests: Digests, origin: Origin, at: datetime, free: int) -> int:
    """Takes a place for one attempt and gives how many failures came before. Raises LimitExceeded, at once.

    Two processes never wait for each other here: the second is told to come back.
    """
    login, source = digests.digest("login", origin.login), digests.digest("source", origin.source)
    lock = int.from_bytes(login[-8:], "big", signed=True) ^ int.from_bytes(source[-8:], "big", signed=True)
    free_to_count = select(func.pg_try_advisory_xact_lock(cast(lock, BigInteger)))
    if not await session.connection.scalar(free_to_count):
        raise too_many(timedelta(seconds=1))
    counted = select(func.count(), func.max(SignInAttempt.at)).where(
        _of(digests, origin), SignInAttempt.at > at - WINDOW
    )
    failures, last = (await session.connection.execute(counted)).one()
    wait = last + delay_after(failures, free) - at if failures else timedelta(0)
    if wait > timedelta(0):
        raise too_many(wait)
    await _prune(session, at)
    await session.connection.execute(
        insert(SignInAttempt).values(id=new_id(), login_digest=login, source_digest=source, at=at)
    )
    return int(failures)


async def forget(session: ScopedSession, digests: Digests, origin: Origin) -> None:
    """Gives the places of a login at this source back."""
    await session.connection.execute(delete(SignInAttempt).where(_of(digests, origin)))


async def recent_failures(session: ScopedSession, at: datetime) -> RecentFailures:
    """For the alarm: guesses that come from many places are seen only together."""
    counted = select(
        func.count(),
        func.count(SignInAttempt.login_digest.distinct()),
        func.count(SignInAttempt.source_digest.distinct()),
    ).where(SignInAttempt.at > at - ALARM_WINDOW)
    return RecentFailures(*(await session.connection.execute(counted)).one())


def _of(digests: Digests, origin: Origin) -> ColumnElement[bool]:
    return and_(
        SignInAttempt.login_digest.in_(digests.candidates("login", origin.login)),
        SignInAttempt.source_digest.in_(digests.candidates("source", origin.source)),
    )


async def _prune(session: ScopedSession, at: datetime) -> None:
    """Deletes some that no longer count; rows that somebody else deletes are not waited for."""
    old = select(SignInAttempt.id).where(SignInAttempt.at <= at - WINDOW).limit(PRUNE_BATCH_SIZE)
    old = old.with_for_update(skip_locked=True)
    await session.connection.execute(delete(SignInAttempt).where(SignInAttempt.id.in_(old.scalar_subquery())))
