"""How much one person may learn and enter in a time, counted from what is written down: a restart forgets nothing.

Whoever asks waits for their own earlier asking to end, so that parallel requests count each other.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from sqlalchemy import ColumnElement, func, select, text

from auth.door.session import ScopedSession
from domain.access_log import AccessLogEntry, AuditEntry
from domain.contact_change import ContactChange
from domain.identity import shaped_id
from domain.purpose import DUPLICATE_CHECK

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
DONE = "DONE"
"""The outcome, in the audit, of an act that was done."""

MAX_REFUSALS_PER_MINUTE = 60
"""How many refusals of one act of one viewer the audit takes down in a minute: those of one act hide no others. Further
ones are refused without a trace of their own, and leave no idempotency record either."""

FIND = "findCustomerByContact"
"""The search among all customers by an exact contact: its name as an act, and the reason that it leaves behind."""


PRUNE_EVERY, PRUNE_BATCH_SIZE = 100, 1_000
"""Every so often that a process counts contact changes, it deletes up to so many that no limit counts any more."""

_PRUNE = text("""
DELETE FROM contact_change WHERE id IN (
    SELECT id FROM contact_change WHERE at < :before ORDER BY id LIMIT :most FOR UPDATE SKIP LOCKED
)
""")
_asked = count(1)


@dataclass(frozen=True)
class Allowance:
    """What each person is allowed: clear values per hour, acts that enter contacts per hour, and such acts on one
    customer per day. No limit of one person is used up by another.

    `shown_for` is how long clients keep what they were shown.
    """

    values: int = 100
    contact_changes: int = 200
    changes_of_customer: int = 10
    shown_for: timedelta = timedelta(minutes=5)


async def looks(session: ScopedSession, viewer_id: Any, at: datetime) -> int:
    """The viewer's looks of the last hour: values seen, customers found by contact, and searches that found nobody."""
    await _queue(session, viewer_id)
    seen = (
        select(func.count())
        .where(
            AccessLogEntry.viewer_id == viewer_id,
            *_since(AccessLogEntry, at - HOUR),
            AccessLogEntry.purpose != DUPLICATE_CHECK,
        )
        .scalar_subquery()
    )
    vain = select(func.count()).where(
        AuditEntry.viewer_id == viewer_id,
        *_since(AuditEntry, at - HOUR),
        AuditEntry.act == FIND,
        AuditEntry.outcome == DONE,
        AuditEntry.subject_id.is_(None),
    )
    return int((await session.connection.execute(select(seen + vain.scalar_subquery()))).scalar_one())


async def contact_changes(session: ScopedSession, viewer_id: Any, at: datetime) -> int:
    """How many acts of the viewer entered contacts in the last hour, those included that were answered DUPLICATE."""
    await _queue(session, viewer_id)
    if next(_asked) % PRUNE_EVERY == 0:
        await session.connection.execute(_PRUNE, {"before": at - DAY, "most": PRUNE_BATCH_SIZE})
    made = select(func.count()).where(ContactChange.viewer_id == viewer_id, *_since(ContactChange, at - HOUR))
    return int((await session.connection.execute(made)).scalar_one())


async def changes_of_customer(session: ScopedSession, viewer_id: Any, customer_id: Any, at: datetime) -> int:
    """How many acts of the viewer entered contacts of this customer in the last day."""
    made = select(func.count()).where(
        ContactChange.customer_id == customer_id,
        ContactChange.viewer_id == viewer_id,
        *_since(ContactChange, at - DAY),
    )
    return int((await session.connection.execute(made)).scalar_one())


async def recorded_refusals(session: ScopedSession, viewer_id: Any, act: str, at: datetime) -> int:
    """How many refusals of this act of the viewer stand in the audit of the last minute, as far as the bound counts."""
    lately = _since(AuditEntry, at - timedelta(minutes=1))
    refused = select(AuditEntry.id).where(
        AuditEntry.viewer_id == viewer_id, *lately, AuditEntry.act == act, AuditEntry.outcome != DONE
    )
    counted = select(func.count()).select_from(refused.limit(MAX_REFUSALS_PER_MINUTE).subquery())
    return int((await session.connection.execute(counted)).scalar_one())


async def _queue(session: ScopedSession, viewer_id: Any) -> None:
    one_after_the_other = func.pg_advisory_xact_lock(func.hashtext("limits of a viewer"), func.hashtext(str(viewer_id)))
    await session.connection.execute(select(one_after_the_other))


def _since(log: type[AccessLogEntry | AuditEntry | ContactChange], since: datetime) -> list[ColumnElement[bool]]:
    """By the id as well, which the index and the partitions go by."""
    return [log.id >= shaped_id(int(since.timestamp() * 1000), 0), log.at > since]
