"""Refresh tokens: good once, kept as keyed digests, each the parent of the next.

A successor is a keyed function of its parent, so that a repeated request can be given the same one although nothing but
digests is stored. Without the keys it is as random as the first token of its family, which comes from the system.
"""

import re
import secrets
from base64 import urlsafe_b64encode
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, delete, exists, select, update
from sqlalchemy.orm import aliased

from auth.door.session import ScopedSession
from auth.sealing.seals import Digests
from domain.sign_in import RefreshSession
from domain.staff import StaffMember

SWEPT = 100  # rows a passer-by clears away

_PREFIX = "zhr_"
"""By which scanners of leaked secrets tell a token."""

_FORM = re.compile(_PREFIX + r"[\w-]{43}", re.ASCII)


class Turn(NamedTuple):
    """What came of a token: the next one, unless it was refused, and a word for the audit."""

    outcome: str
    token: str | None = None


class Begun(NamedTuple):
    """A new family and its first token, in clear."""

    family_id: UUID
    token: str


async def begin(
    session: ScopedSession, digests: Digests, staff_id: UUID, device: str | None, at: datetime, idle: timedelta
) -> Begun:
    """A new family."""
    token = _written(secrets.token_bytes(32))
    row = RefreshSession.begun(staff_id, _digest(digests, token), device, at, idle)
    await _sweep(session, at)
    session.add(row)
    return Begun(row.family_id, token)


async def owner(session: ScopedSession, digests: Digests, token: str) -> UUID | None:
    """Whose token this is, good or not; None for what never was one."""
    if not _FORM.fullmatch(token):
        return None
    return await session.scalar(select(RefreshSession.staff_id).where(_is(digests, token)))


async def find(session: ScopedSession, digests: Digests, token: str) -> RefreshSession | None:
    """The token's row. Ask again after its owner is locked: only then it stays as it is."""
    return await session.scalar(select(RefreshSession).where(_is(digests, token)))


async def live_family(session: ScopedSession, digests: Digests, token: str, login: str, at: datetime) -> UUID | None:
    """The family of this token, used or not, while it is the login's and somebody may still carry it on."""
    if not _FORM.fullmatch(token):
        return None
    alive = aliased(RefreshSession)
    carried_on = exists().where(
        alive.family_id == RefreshSession.family_id,
        alive.used_at.is_(None),
        alive.revoked_at.is_(None),
        alive.expires_at > at,
    )
    owned = select(RefreshSession.family_id).join(StaffMember, StaffMember.id == RefreshSession.staff_id)
    return await session.scalar(owned.where(_is(digests, token), StaffMember.login == login, carried_on))


async def turn(
    session: ScopedSession, digests: Digests, row: RefreshSession, token: str, at: datetime, idle: timedelta
) -> Turn:
    """Uses the token up. A second use gets the same successor for 15 minutes while nobody has used that, and ends the
    whole family otherwise: two parties hold the token (RFC 9700 §4.14.2).
    """
    if row.is_over(at):
        return Turn("OVER")
    if row.used_at is None:
        following = _successors(digests, token)[0]
        await _sweep(session, at)
        session.add(row.rotate(_digest(digests, following), at, idle))
        return Turn("DONE", following)
    again = await _again(session, digests, row, token) if row.was_just_used(at) else None
    if again is None:
        await _revoke(session, row.family_id, at)
        return Turn("REUSED")
    return Turn("REPEATED", again)


async def _again(session: ScopedSession, digests: Digests, row: RefreshSession, token: str) -> str | None:
    """The successor that was given out before, unless it was used."""
    after = await session.get(RefreshSession, row.successor_id)
    if after is None or after.used_at is not None:
        return None
    return next((s for s in _successors(digests, token) if after.token_digest in _digests(digests, s)), None)


async def _revoke(session: ScopedSession, family_id: UUID, at: datetime) -> None:
    family = RefreshSession.family_id == family_id
    await session.connection.execute(update(RefreshSession).where(family).values(revoked_at=at))


async def _sweep(session: ScopedSession, at: datetime) -> None:
    """Clears away some that are over for long; whoever else does the same is not waited for."""
    old = select(RefreshSession.id).where(RefreshSession.expires_at <= at).limit(SWEPT)
    old = old.with_for_update(skip_locked=True)
    await session.connection.execute(delete(RefreshSession).where(RefreshSession.id.in_(old.scalar_subquery())))


def _successors(digests: Digests, token: str) -> list[str]:
    """The successor under all live keys, the current one first; a digest begins with the four bytes of its key's id."""
    return [_written(digest[4:]) for digest in digests.candidates("refresh successor", token)]


def _digests(digests: Digests, token: str) -> list[bytes]:
    return digests.candidates("refresh token", token)


def _digest(digests: Digests, token: str) -> bytes:
    return _digests(digests, token)[0]


def _is(digests: Digests, token: str) -> ColumnElement[bool]:
    return RefreshSession.token_digest.in_(_digests(digests, token))


def _written(secret: bytes) -> str:
    return _PREFIX + urlsafe_b64encode(secret).decode().rstrip("=")
