"""Sessions of staff: from login and password to an access token and a refresh token, and from that to the next two.

Runs as the job `sessions`, for who asks is nobody yet. What was wrong is never told, neither in words nor by time.
"""

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import undefer

from auth.door.desks import Desks
from auth.door.session import ScopedSession, opened
from auth.entering import attempts, passwords, refreshing
from auth.entering.tokens import mint
from auth.free_text import scan
from auth.jobs import Job, SystemViewer
from auth.sealing.keys import KeyRing
from auth.sealing.seals import Digests
from auth.viewer import Viewer
from domain.access_log import AuditEntry
from domain.errors import Invalid, WrongCredentials
from domain.personal.text import plain
from domain.staff import StaffMember, login_name

CLIENT = "zhike"
SESSION = "session"
"""The `subject_kind` of a session in the audit; its id is that of the family of refresh tokens."""

LONGEST_DEVICE = 100


@dataclass(frozen=True)
class Terms:
    """Whose tokens they are, for how long they are good, how often signing in may fail."""

    issuer: str
    audience: str
    access: timedelta = timedelta(minutes=15)
    idle: timedelta = timedelta(days=30)
    most: attempts.Most = field(default_factory=attempts.Most)


class Entered(NamedTuple):
    """An open session. Both tokens are in clear here, and only here; `expires_at` is the end of the access token."""

    viewer: Viewer
    access_token: str
    refresh_token: str
    expires_at: datetime


class _Claimed(NamedTuple):
    """One attempt under way: whose login it is, if anybody's, and whether the throttle lets another one follow."""

    login: str
    staff: StaffMember | None
    is_last: bool

    @property
    def stored(self) -> str | None:
        return self.staff.password_hash if self.staff and _may_enter(self.staff) else None


class SignIns:
    """Opens sessions and carries them on. No transaction is open while a password is looked at."""

    def __init__(self, desks: Desks, ring: KeyRing, terms: Terms) -> None:
        self._desks, self._ring, self._terms = desks, ring, terms
        self._digests = Digests(ring)

    async def sign_in(self, login: str, password: str, device: str | None = None) -> Entered:
        """A new session. Raises WrongCredentials and LimitExceeded, and Invalid for the device's name."""
        shown = _shown(device)
        claimed = await self._claim(login)
        if not await passwords.matches(password, claimed.stored):
            await self._note_failure(claimed)
            raise _wrong()
        newer = await passwords.renewed(password, claimed.stored or "")
        return await self._begin(claimed, newer, shown)

    async def refresh(self, token: str) -> Entered:
        """The session that the refresh token carries on, with the next one. Raises WrongCredentials."""
        at = datetime.now(UTC)
        async with self._open() as session:
            # The owner's row is the lock of all their sessions: what is used or revoked at once waits its turn here.
            staff_id = await refreshing.owner(session, self._digests, token)
            staff = await session.scalar(_locked(StaffMember.id == staff_id)) if staff_id else None
            row = await refreshing.find(session, self._digests, token) if staff else None
            if not staff or not row or not _may_enter(staff):
                raise _over()
            turn = await refreshing.turn(session, self._digests, row, token, at, self._terms.idle)
            session.add(_audited("refreshSession", staff, at, turn.outcome, row.family_id))
        if turn.token is None:
            raise _over()
        return self._entered(staff, turn.token, at)

    def _open(self) -> AbstractAsyncContextManager[ScopedSession]:
        return opened(self._desks, SystemViewer(Job.SESSIONS), self._ring)

    async def _claim(self, login: str) -> _Claimed:
        name = _known_form(login)
        async with self._open() as session:
            left = await attempts.claim(session, self._digests, name, datetime.now(UTC), self._terms.most)
            asked = select(StaffMember).where(StaffMember.login == name).options(undefer(StaffMember.password_hash))
            return _Claimed(name, await session.scalar(asked), left == 0)

    async def _note_failure(self, claimed: _Claimed) -> None:
        outcome = "LIMIT_REACHED" if claimed.is_last else "WRONG_CREDENTIALS"
        async with self._open() as session:
            session.add(_audited("signIn", claimed.staff, datetime.now(UTC), outcome))

    async def _begin(self, claimed: _Claimed, newer: str | None, device: str | None) -> Entered:
        at = datetime.now(UTC)
        async with self._open() as session:
            staff = await session.scalar(_locked(StaffMember.login == claimed.login))
            if staff is None or not _may_enter(staff) or staff.password_hash != claimed.stored:
                raise _wrong()  # changed since the password was looked at
            staff.password_hash = newer or staff.password_hash
            await attempts.forget(session, self._digests, claimed.login)
            begun = await refreshing.begin(session, self._digests, staff.id, device, at, self._terms.idle)
            session.add(_audited("signIn", staff, at, "DONE", begun.family_id))
        return self._entered(staff, begun.token, at)

    def _entered(self, staff: StaffMember, refresh_token: str, at: datetime) -> Entered:
        viewer = Viewer(id=staff.id, role=staff.role, name=staff.name, team_id=staff.team_id)
        terms = self._terms
        names = {"issuer": terms.issuer, "audience": terms.audience}
        access_token = mint(self._ring, viewer.public_id, CLIENT, (), terms.access, **names, now=at)
        return Entered(viewer, access_token, refresh_token, at.replace(microsecond=0) + terms.access)


def _may_enter(staff: StaffMember) -> bool:
    return staff.active and not staff.role.is_machine


def _locked(which: ColumnElement[bool]) -> Select[StaffMember]:
    """Not FOR UPDATE: rows that merely name this person, such as a new interaction, need not wait."""
    asked = select(StaffMember).where(which).options(undefer(StaffMember.password_hash))
    return asked.with_for_update(key_share=True)


def _known_form(login: str) -> str:
    """The login as it is kept; empty, which is nobody's, for what cannot be one."""
    try:
        return login_name(login)
    except Invalid:
        return ""


def _shown(device: str | None) -> str | None:
    """Only told back to its owner; numbers in it are masked all the same, for it is a text that anybody may send."""
    return scan(plain(device, field="device", longest=LONGEST_DEVICE)).masked if device and device.strip() else None


def _audited(
    act: str, staff: StaffMember | None, at: datetime, outcome: str, family_id: UUID | None = None
) -> AuditEntry:
    return AuditEntry(
        at=at,
        viewer_id=staff.id if staff else None,
        viewer_kind=StaffMember.PREFIX,
        role=staff.role if staff else None,
        act=act,
        subject_kind=SESSION if family_id else None,
        subject_id=family_id,
        outcome=outcome,
    )


def _wrong() -> WrongCredentials:
    return WrongCredentials((), "账号或密码错误", "The login or the password is wrong")


def _over() -> WrongCredentials:
    return WrongCredentials((), "登录已失效，请重新登录", "The session is over; sign in again")
