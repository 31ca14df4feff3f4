"""How much one person may learn in an hour, counted from what is written down: restarts and workers forget nothing.

Whoever asks waits for their own earlier asking to end, so that parallel requests count each other.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, select

from auth.door.session import ScopedSession
from domain.access_log import AccessLogEntry, AuditEntry
from domain.errors import ErrorCode
from domain.identity import shaped_id

HOUR = timedelta(hours=1)
DONE = "DONE"
"""The outcome, in the audit, of an act that was done."""

MAX_REFUSALS_PER_MINUTE = 60
"""How many refused acts of one viewer the audit takes down in a minute. Further ones are refused without a trace of
their own, and leave no idempotency record either."""

FIND = "findCustomerByContact"
"""The search among all customers by an exact contact: its name as an act, and the reason that it leaves behind."""


@dataclass(frozen=True)
class Allowance:
    """What each person is allowed per hour: clear values, and answers that a contact is known already.

    `shown_for` is how long clients keep what they were shown.
    """

    values: int = 100
    duplicates: int = 20
    shown_for: timedelta = timedelta(minutes=5)


async def looks(session: ScopedSession, viewer_id: Any, at: datetime) -> int:
    """The viewer's looks of the last hour: values seen, customers found by contact, and searches that found nobody."""
    await _queue(session, viewer_id)
    seen = select(func.count()).where(*_lately(AccessLogEntry, viewer_id, at)).scalar_subquery()
    vain = select(func.count()).where(
        *_lately(AuditEntry, viewer_id, at),
        AuditEntry.act == FIND,
        AuditEntry.outcome == DONE,
        AuditEntry.subject_id.is_(None),
    )
    return int((await session.connection.execute(select(seen + vain.scalar_subquery()))).scalar_one())


async def duplicates(session: ScopedSession, viewer_id: Any, at: datetime) -> int:
    """How often in the last hour the viewer was told that somebody has a contact already."""
    await _queue(session, viewer_id)
    told = select(func.count()).where(
        *_lately(AuditEntry, viewer_id, at), AuditEntry.outcome == ErrorCode.DUPLICATE.value
    )
    return int((await session.connection.execute(told)).scalar_one())


async def recorded_refusals(session: ScopedSession, viewer_id: Any, at: datetime) -> int:
    """How many refused acts of the viewer stand in the audit of the last minute, as far as the bound counts."""
    refused = select(AuditEntry.id).where(
        *_lately(AuditEntry, viewer_id, at, timedelta(minutes=1)), AuditEntry.outcome != DONE
    )
    counted = select(func.count()).select_from(refused.limit(MAX_REFUSALS_PER_MINUTE).subquery())
    return int((await session.connection.execute(counted)).scalar_one())


async def _queue(session: ScopedSession, viewer_id: Any) -> None:
    one_after_the_other = func.pg_advisory_xact_lock(func.hashtext("looks"), func.hashtext(str(viewer_id)))
    await session.connection.execute(select(one_after_the_other))


def _lately(
    log: type[AccessLogEntry] | type[AuditEntry], viewer_id: Any, at: datetime, period: timedelta = HOUR
) -> list[ColumnElement[bool]]:
    """By the id as well, which the index and the partitions go by."""
    since = at - period
    return [log.viewer_id == viewer_id, log.id >= shaped_id(int(since.timestamp() * 1000), 0), log.at > since]
