"""A limit on customers with nothing but a very short name.

Whoever makes many of them, one per pair of characters, learns from a dump which pairs share a bucket of the index of
names (`auth/sealing/names.py`). Imports do not pass here: they are not reached through the API.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from auth.allowance import DONE, HOUR
from auth.door.session import ScopedSession
from auth.sealing.seals import SEALED_OVERHEAD
from domain.access_log import AuditEntry
from domain.customer import PERSONAL, Customer
from domain.errors import LimitExceeded
from domain.identity import shaped_id
from domain.sealed import clear_values

CREATE = "createCustomer"
SHORT_NAME_BYTES = 6
"""In UTF-8: two Chinese characters, or six Latin letters."""
MAX_SHORT_NAMES_PER_HOUR = 60


async def refuse_many_short_names(session: ScopedSession, customer: Customer, viewer_id: UUID, at: datetime) -> None:
    """Raises LimitExceeded where the new customer has nothing but a very short name, and the viewer made many such.

    Counted from the audit, so that restarts and other processes forget nothing; acts at once count each other.
    """
    if not _is_nearly_empty(customer):
        return
    lock = func.pg_advisory_xact_lock(func.hashtext("short names"), func.hashtext(str(viewer_id)))
    await session.connection.execute(select(lock))
    since = at - HOUR
    made = select(func.count()).where(
        AuditEntry.viewer_id == viewer_id,
        AuditEntry.id >= shaped_id(int(since.timestamp() * 1000), 0),
        AuditEntry.at > since,
        AuditEntry.act == CREATE,
        AuditEntry.outcome == DONE,
        AuditEntry.subject_id == Customer.id,
        func.octet_length(Customer.name_sealed) <= SEALED_OVERHEAD + SHORT_NAME_BYTES,
        *(getattr(Customer, f"{name}_sealed").is_(None) for name in PERSONAL if name != "name"),
        Customer.external_id.is_(None),
    )
    if (await session.connection.execute(made)).scalar_one() >= MAX_SHORT_NAMES_PER_HOUR:
        raise LimitExceeded(
            "name",
            f"一小时内最多新建 {MAX_SHORT_NAMES_PER_HOUR} 个只有简短名称的客户；请填写联系方式，或稍后再试",
            f"At most {MAX_SHORT_NAMES_PER_HOUR} customers an hour with nothing but a short name; give a contact, or "
            "try again later",
        )


def _is_nearly_empty(customer: Customer) -> bool:
    given = {name: text for name, text in clear_values(customer).items() if text}
    return (
        given.keys() == {"name"}
        and len(str(given["name"]).encode()) <= SHORT_NAME_BYTES
        and customer.external_id is None
    )
