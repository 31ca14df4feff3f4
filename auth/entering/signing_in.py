"""Sessions of staff: from login and password to an access token and a refresh token, and from that to the next two.

Runs as the job `sessions`, for who asks is nobody yet. What was wrong is never told, neither in words nor by time.
Whoever waits here - for a turn, for a lock, for a check of a password - has no connection in hand meanwhile.
"""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import undefer

from auth.door.desks import Desks
from auth.door.session import ScopedSession, opened
from auth.entering import attempts, passwords, refreshing
from auth.entering.alarm import GuessingAlarm, SignInCounts
from auth.entering.attempts import Origin
from auth.entering.locking import without_waiting
from auth.entering.pacing import FailurePacer
from auth.entering.queueing import FairQueue
from auth.entering.refusals import KnownRefusals
from auth.entering.tokens import mint
from auth.free_text import scan
from auth.jobs import Job, SystemViewer
from auth.sealing.keys import KeyRing
from auth.sealing.seals import Digests
from auth.viewer import Viewer
from domain.access_log import AuditEntry
from domain.errors import Invalid, LimitExceeded, WrongCredentials
from domain.personal.text import plain
from domain.staff import StaffMember, login_name

CLIENT = "zhike"
SESSION = "session"
"""The `subject_kind` of a session in the audit; its id is that of the family of refresh tokens."""

LONGEST_DEVICE = 100


@dataclass(frozen=True)
class Terms:
    """Whose tokens they are, for how long they are good; how many failures of one login at one source are free, and
    from how many in all the log warns.
    """

    issuer: str
    audience: str
    access: timedelta = timedelta(minutes=15)
    idle: timedelta = timedelta(days=30)
    free_failures: int = 10
    alarm: int = 200


class Entered(NamedTuple):
    """An open session. Both tokens are in clear here, and only here; `expires_at` is the end of the access token."""

    viewer: Viewer
    access_token: str
    refresh_token: str
    expires_at: datetime


class _Claimed(NamedTuple):
    """One attempt under way: from where at which login, whose that is, if anybody's, and the last one that was free?"""

    origin: Origin
    staff: StaffMember | None
    is_last: bool

    @property
    def stored(self) -> str | None:
        return self.staff.password_hash if self.staff and _may_enter(self.staff) else None


class SignIns:
    """Opens sessions and carries them on. No transaction is open while a password is looked at.

    `block_of` gives what to count a network address by. One of these per process: queues and paces are its own.
    """

    def __init__(self, desks: Desks, ring: KeyRing, terms: Terms, block_of: Callable[[str], str] = str) -> None:
        self._desks, self._ring, self._terms, self._block_of = desks, ring, terms, block_of
        self._digests = Digests(ring)
        # Devices that are known have a queue of their own, which no stranger fills.
        self._checks, self._device_checks = FairQueue(passwords.THREADS + 1), FairQueue(1)
        self._look_ups = FairQueue(2)
        self._pacer, self._refusals = FailurePacer(), KnownRefusals()
        self.counts = SignInCounts()
        self._alarm = GuessingAlarm(terms.alarm, self.counts)

    async def sign_in(
        self, login: str, password: str, device: str | None = None, device_token: str | None = None, address: str = ""
    ) -> Entered:
        """A new session. Raises WrongCredentials and LimitExceeded, and Invalid for the device's name.

        `device_token` is a refresh token that this device was given for the login: while its session is live the
        device is judged by its own failures, whatever others do from the same address.
        """
        shown, source = _shown(device), self._block_of(address)
        try:
            entered = await self._signed_in(_known_form(login), password, shown, device_token, source)
        except WrongCredentials:
            self.counts.wrong_credentials += 1
            await self._pacer.hold(source)
            raise
        except LimitExceeded:
            self.counts.limit_exceeded += 1
            self._alarm.refused()
            await self._pacer.hold(source)
            raise
        self.counts.succeeded += 1
        return entered

    async def refresh(self, token: str, address: str = "") -> Entered:
        """The session that the refresh token carries on, with the next one. Raises WrongCredentials, LimitExceeded."""
        source = self._block_of(address)
        try:
            async with self._look_ups.turn(source):
                return await without_waiting(lambda: self._refreshed(token))
        except (WrongCredentials, LimitExceeded):
            await self._pacer.hold(source)
            raise

    async def _signed_in(
        self, login: str, password: str, device: str | None, device_token: str | None, source: str
    ) -> Entered:
        family = await self._family(login, device_token, source) if device_token else None
        origin = Origin(login, f"device {family}" if family else f"address {source}")
        self._refusals.check(origin)
        async with (self._device_checks if family else self._checks).turn(origin.source):
            claimed = await self._claim(origin)
            if not await passwords.matches(password, claimed.stored):
                await self._note_failure(claimed)
                raise _wrong()
            newer = await passwords.renewed(password, claimed.stored or "")
            return await without_waiting(lambda: self._begin(claimed, newer, device))

    async def _family(self, login: str, device_token: str, source: str) -> UUID | None:
        """The live session of this login that the token belongs to, if any."""
        async with self._look_ups.turn(source), self._open() as session:
            return await refreshing.live_family(session, self._digests, device_token, login, datetime.now(UTC))

    async def _refreshed(self, token: str) -> Entered:
        at = datetime.now(UTC)
        async with self._open() as session:
            # The owner's row is the lock of all their sessions: what is used or revoked at once takes its turn here.
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

    async def _claim(self, origin: Origin) -> _Claimed:
        free = self._terms.free_failures
        try:
            async with self._open() as session:
                failures = await attempts.claim(session, self._digests, origin, datetime.now(UTC), free)
                asked = select(StaffMember).where(StaffMember.login == origin.login)
                staff = await session.scalar(asked.options(undefer(StaffMember.password_hash)))
                return _Claimed(origin, staff, failures + 1 == free)
        except LimitExceeded as refusal:
            self._refusals.remember(origin, refusal)
            raise

    async def _note_failure(self, claimed: _Claimed) -> None:
        outcome, at = "LIMIT_REACHED" if claimed.is_last else "WRONG_CREDENTIALS", datetime.now(UTC)
        async with self._open() as session:
            session.add(_audited("signIn", claimed.staff, at, outcome))
            if self._alarm.is_due:
                self._alarm.judge(await attempts.recent_failures(session, at))

    async def _begin(self, claimed: _Claimed, newer: str | None, device: str | None) -> Entered:
        at = datetime.now(UTC)
        async with self._open() as session:
            staff = await session.scalar(_locked(StaffMember.login == claimed.origin.login))
            if staff is None or not _may_enter(staff) or staff.password_hash != claimed.stored:
                raise _wrong()  # changed since the password was looked at
            staff.password_hash = newer or staff.password_hash
            await attempts.forget(session, self._digests, claimed.origin)
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
    """Not FOR UPDATE: rows that merely name this person, such as a new interaction, need not wait. Nor does it wait
    itself: see `without_waiting`.
    """
    asked = select(StaffMember).where(which).options(undefer(StaffMember.password_hash))
    return asked.with_for_update(key_share=True, nowait=True)


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
