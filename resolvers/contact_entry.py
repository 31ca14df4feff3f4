"""Entering contacts: how often, and what an answer that somebody has one already leaves behind."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from uuid import UUID

from auth.allowance import Allowance, changes_of_customer, contact_changes
from auth.door.session import ScopedSession
from auth.viewer import Viewer
from domain.access_log import AccessLogEntry, PersonalField
from domain.base import Base
from domain.contact_change import ContactChange
from domain.customer import Customer
from domain.errors import Duplicate, LimitExceeded
from domain.purpose import DUPLICATE_CHECK
from resolvers.outcome import Outcome


async def refuse_more_contacts(
    session: ScopedSession, viewer: Viewer, at: datetime, allowance: Allowance, customer_id: UUID | None
) -> None:
    """Asked before anything is looked up, so that it tells nothing of what was entered.

    Raises LimitExceeded for who has entered enough this hour, or enough of this customer today.
    """
    if await contact_changes(session, viewer.id, at) >= allowance.contact_changes:
        told = "一小时内录入联系方式的次数已达上限，请稍后再试", "No more contacts this hour; try later"
        raise LimitExceeded((), *told, retry_after=3_600)
    if customer_id and await changes_of_customer(session, viewer.id, customer_id, at) >= allowance.changes_of_customer:
        told = (
            "您一天内录入该客户联系方式的次数已达上限，请明天再试",
            "You entered this customer's contacts often enough today",
        )
        raise LimitExceeded((), *told, retry_after=86_400)


def contact_change(viewer: Viewer, customer_id: UUID | None, at: datetime) -> ContactChange:
    """What an act that entered contacts is counted by."""
    return ContactChange(viewer_id=viewer.id, customer_id=customer_id, at=at)


def answered_duplicate(
    act: str, viewer: Viewer, at: datetime, outcome: Outcome, errors: Sequence[Exception]
) -> Iterator[Base]:
    """The rows of an act that was answered DUPLICATE: what it is counted by, and an access-log entry of each person of
    whom a contact was told.
    """
    yield contact_change(viewer, outcome.subject[1] if outcome.subject else None, at)
    for error in errors:
        if isinstance(error, Duplicate):
            for id_, held in error.found:
                field = PersonalField[held.upper()]
                yield access_entry(viewer, at, (Customer.PREFIX, id_), id_, field, DUPLICATE_CHECK, act)


def access_entry(
    viewer: Viewer,
    at: datetime,
    subject: tuple[str, UUID],
    person_id: UUID,
    field: PersonalField,
    purpose: str,
    reason: str,
) -> AccessLogEntry:
    """That the viewer was shown or told one personal text of a row of this person. `subject` is the row."""
    return AccessLogEntry(
        at=at,
        viewer_id=viewer.id,
        viewer_kind=viewer.prefix,
        viewer_name=viewer.name,
        subject_id=subject[1],
        subject_kind=subject[0],
        customer_id=person_id,
        field=field,
        purpose=purpose,
        reason=reason,
    )
