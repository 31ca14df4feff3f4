"""The throttle of signing in: counted in the database, so that all processes share it and no restart forgets it.

An attempt takes its place before the password is looked at, and a success gives the places of its login back: many
guesses at once are counted like many in a row.
"""

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import BigInteger, cast, delete, func, insert, select

from auth.door.session import ScopedSession
from auth.sealing.seals import Digests
from domain.errors import LimitExceeded
from domain.identity import new_id
from domain.sign_in import SignInAttempt

WINDOW = timedelta(minutes=15)
SWEPT = 100  # rows a passer-by clears away


class Most(NamedTuple):
    """How many attempts may fail within 15 minutes: for one login, and in the whole installation."""

    per_login: int = 10
    in_all: int = 1_000


async def claim(session: ScopedSession, digests: Digests, login: str, at: datetime, most: Most) -> int:
    """Takes a place for one attempt, whoever's the login is, and gives how many are left. Raises LimitExceeded."""
    digest = digests.digest("login", login)
    lock = int.from_bytes(digest[-8:], "big", signed=True)
    await session.connection.execute(select(func.pg_advisory_xact_lock(cast(lock, BigInteger))))
    same = SignInAttempt.login_digest.in_(digests.candidates("login", login))
    counted = select(func.count().filter(same), func.count()).where(SignInAttempt.at > at - WINDOW)
    for_login, in_all = (await session.connection.execute(counted)).one()
    if for_login >= most.per_login or in_all >= most.in_all:
        raise LimitExceeded(
            (),
            "登录尝试过多，请 15 分钟后再试",
            "Too many attempts to sign in; try again in 15 minutes",
            int(WINDOW.total_seconds()),
        )
    await _sweep(session, at)
    await session.connection.execute(insert(SignInAttempt).values(id=new_id(), login_digest=digest, at=at))
    return int(min(most.per_login - for_login, most.in_all - in_all)) - 1


async def forget(session: ScopedSession, digests: Digests, login: str) -> None:
    """Gives a login's places back."""
    same = SignInAttempt.login_digest.in_(digests.candidates("login", login))
    await session.connection.execute(delete(SignInAttempt).where(same))


async def _sweep(session: ScopedSession, at: datetime) -> None:
    """Clears away some that no longer count; whoever else does the same is not waited for."""
    old = select(SignInAttempt.id).where(SignInAttempt.at <= at - WINDOW).limit(SWEPT).with_for_update(skip_locked=True)
    await session.connection.execute(delete(SignInAttempt).where(SignInAttempt.id.in_(old.scalar_subquery())))
