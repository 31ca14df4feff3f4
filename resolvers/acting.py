"""Acting: one act is one transaction. Domain changes, events, audit row and idempotency record commit together or not
at all (design §5).
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, NamedTuple, TypeVar

from auth.allowance import DONE, MAX_REFUSALS_PER_MINUTE, Allowance, recorded_refusals
from auth.beyond import subject_of
from auth.door.session import OutOfReach, ScopedSession
from auth.idempotency import Key, KeyReused, keep, recall
from auth.rows import is_ready, may_ever, may_in_general
from auth.sealing.seals import Digests
from auth.viewer import Viewer
from domain.access_log import AuditEntry
from domain.base import Base
from domain.errors import (
    Conflict,
    DomainError,
    Duplicate,
    ErrorCode,
    Faults,
    LimitExceeded,
    NotFound,
    WrongState,
)
from domain.identity import read_public_id
from resolvers.contact_entry import answered_duplicate, refuse_more_contacts
from resolvers.errors import Refused
from resolvers.outcome import Outcome, Refusal

Row = TypeVar("Row", bound=Base)
Transaction = Callable[[Viewer], AbstractAsyncContextManager[ScopedSession]]
Given = Mapping[str, Any]
"""An act's input by Python's names; what the client left out is not there, null is None."""

SUBJECTS = ("customer_id", "ticket_id", "id")
"""The inputs' fields that name what an act is done to. Other ids of inputs name members of staff."""


@dataclass(frozen=True)
class Acting:
    """What an act works with: its name, its transaction's session, who acts, and when."""

    name: str
    session: ScopedSession
    viewer: Viewer
    at: datetime
    digests: Digests
    allowance: Allowance

    async def find(self, model: type[Row], field: str, public: str) -> Row:
        """The row that a public id names, locked until the act ends. Raises NotFound where it is out of reach."""
        named = read_public_id(public)
        row = None
        if named is not None and named[0] == model.PREFIX:
            row = await self.session.lock(model, named[1])
        if row is None:
            raise not_found(field)
        return row

    async def begin(self, act: str, model: type[Row], field: str, given: Given) -> Row:
        """The row to act on: in reach, permitted, at the version that the client read, and ready for the act.

        Raises NotFound, Refused FORBIDDEN, Conflict, WrongState, in this order.
        """
        row = await self.find(model, field, given[field])
        if not await self.session.permits(act, row):
            raise forbidden(self.name)
        refuse_stale(given, getattr(row, "version", None))
        if is_ready(act, row, self.viewer) is not True:
            raise WrongState(field, "当前状态不允许此操作", "It does not stand where this act begins")
        return row


def refuse_stale(given: Given, version: int | None) -> None:
    """Raises Conflict where the client read another version than this one."""
    expected = given.get("expected_version")
    if expected is not None and expected != version:
        raise Conflict("expected_version", "已被他人修改，请刷新后重试", "Somebody changed it; read it again first")


Run = Callable[[Acting, Given], Awaitable[Outcome]]


class Act(NamedTuple):
    """One mutation: its name as the SDL has it, and what it does."""

    name: str
    run: Run
    repeatable: bool = True
    """Whether it takes part in `Idempotency-Key`; what shows clear values or opens sessions does not."""
    facts: Mapping[str, Any] = MappingProxyType({})
    """What its payload says where nothing was done."""
    general: tuple[str, type[Base]] | None = None
    """The right that it needs whatever row it is about: facts of an earlier equal request are told to nobody else."""
    rights: tuple[tuple[str, type[Base]], ...] = ()
    """The lines of the access page that let somebody do it, to some row or in general."""


class Call(NamedTuple):
    """One mutation of one request: who calls, with what, and under which key if any."""

    viewer: Viewer
    given: Given
    key: Key | None


class Acts:
    """Runs acts. `transaction` opens the caller's scoped session in one transaction."""

    def __init__(self, transaction: Transaction, digests: Digests, allowance: Allowance | None = None) -> None:
        self._transaction, self._digests, self._allowance = transaction, digests, allowance or Allowance()

    async def perform(self, act: Act, call: Call) -> Outcome:
        """What the act came to: done, or refused with everything that was wrong.

        Raises Refused for what is FORBIDDEN. A refused act leaves its audit row and idempotency record, nothing else.
        """
        try:
            return await self._done_or_refused(act, call)
        except KeyReused:
            return _reused()
        except Refused as refused:
            await self._recorded(act, call._replace(key=None), [refused])
            raise

    async def _done_or_refused(self, act: Act, call: Call) -> Outcome:
        """A refusal is written down in a transaction of its own, before which another request may take the key."""
        if act.general and not may_in_general(*act.general, call.viewer.kind):
            raise forbidden(act.name)
        try:
            return await self._once(act, call, act.run)
        except DomainError as refusal:
            return await self._refused(act, call, [refusal])
        except Faults as faults:
            return await self._refused(act, call, faults.errors)
        except OutOfReach:  # it went out of reach while the act was done
            return await self._refused(act, call, [not_found(())])

    async def _refused(self, act: Act, call: Call, errors: Sequence[DomainError]) -> Outcome:
        """Records the refusal, under the idempotency key as well. Without the key where time heals the refusal, so that
        a repetition is tried anew, and where the caller has no right to this act on any row (decision 0022).
        """
        passing = any(error.heals_with_time for error in errors)
        kept = not passing and may_ever(act.rights, call.viewer.kind)
        try:
            return await self._recorded(act, call if kept else call._replace(key=None), errors)
        except LimitExceeded as refusal:
            return await self._recorded(act, call._replace(key=None), [refusal])

    async def _recorded(self, act: Act, call: Call, errors: Sequence[DomainError | Refused]) -> Outcome:
        """Writes a refusal down, up to so many of one act and caller in a minute: refusals do not fill the disk."""
        at = datetime.now(UTC)
        async with self._transaction(call.viewer) as session:
            told = any(isinstance(error, Duplicate) for error in errors)
            if not told and await recorded_refusals(session, call.viewer.id, act.name, at) >= MAX_REFUSALS_PER_MINUTE:
                return Outcome(refusals=[Refusal.of(error) for error in errors])
            return await self._within(session, act, call, at, _noting(errors))

    async def _once(self, act: Act, call: Call, run: Run) -> Outcome:
        at = datetime.now(UTC)
        async with self._transaction(call.viewer) as session:
            return await self._within(session, act, call, at, run)

    async def _within(self, session: ScopedSession, act: Act, call: Call, at: datetime, run: Run) -> Outcome:
        if call.key and (kept := await recall(session, call.key, at)) is not None:
            return Outcome.recalled(kept)
        outcome = await run(self._acting(act, session, call.viewer, at), call.given)
        session.add(_audited(act, call.viewer, outcome, at))
        if call.key:
            await keep(session, call.key, outcome.kept(), at)
        return outcome

    def _acting(self, act: Act, session: ScopedSession, viewer: Viewer, at: datetime) -> Acting:
        return Acting(act.name, session, viewer, at, self._digests, self._allowance)


def forbidden(act: str) -> Refused:
    """In reach, but not allowed: names the act, never a value."""
    return Refused("FORBIDDEN", f"无权执行此操作：{act}", f"You may not do this: {act}", {"act": act})


def not_found(field: str | tuple[str, ...]) -> NotFound:
    """Out of reach, or never there: nobody can tell which."""
    return NotFound(field, "不存在或不可见", "There is no such thing in your reach")


def _noting(errors: Sequence[DomainError | Refused]) -> Run:
    """Writes down that an act was refused. DUPLICATE answers are counted again in this transaction, because acts at
    once did not see each other. Raises LimitExceeded.
    """

    async def run(acting: Acting, given: Given) -> Outcome:
        named = next((given[name] for name in SUBJECTS if name in given), None)
        subject = named and await subject_of(acting.session, named)
        outcome = Outcome(refusals=[Refusal.of(error) for error in errors], subject=subject)
        if any(isinstance(error, Duplicate) for error in errors):
            await refuse_more_contacts(
                acting.session, acting.viewer, acting.at, acting.allowance, subject[1] if subject else None
            )
            acting.session.add_all(answered_duplicate(acting.name, acting.viewer, acting.at, outcome, errors))
        return outcome

    return run


def _reused() -> Outcome:
    message = "同一 Idempotency-Key 已用于另一请求 / This Idempotency-Key came with another request"
    return Outcome(refusals=[Refusal(ErrorCode.IDEMPOTENCY_KEY_REUSED.value, (), message)])


def _audited(act: Act, viewer: Viewer, outcome: Outcome, at: datetime) -> AuditEntry:
    kind, id_ = outcome.subject or outcome.done_to
    return AuditEntry(
        at=at,
        viewer_id=viewer.id,
        viewer_kind=viewer.prefix,
        role=viewer.role,
        act=act.name,
        subject_kind=kind,
        subject_id=id_,
        outcome=outcome.refusals[0].code if outcome.refusals else DONE,
    )
