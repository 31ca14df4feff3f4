"""What happened: rows of the append-only event table, written with the act in one transaction (design §5)."""

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from domain.base import Base, named_values
from domain.identity import new_id
from domain.staff import StaffMember

if TYPE_CHECKING:
    from domain.customer import Customer


class EventKind(StrEnum):
    """Every kind of event. The first five make up a customer's history."""

    CREATED = "CREATED"
    EDITED = "EDITED"
    STAGE_MOVED = "STAGE_MOVED"
    TIER_ASSIGNED = "TIER_ASSIGNED"
    TRANSFERRED = "TRANSFERRED"
    INTERACTION_LOGGED = "INTERACTION_LOGGED"
    TICKET_OPENED = "TICKET_OPENED"
    TICKET_ASSIGNED = "TICKET_ASSIGNED"
    TICKET_MOVED = "TICKET_MOVED"


CUSTOMER_CHANGES = (
    EventKind.CREATED,
    EventKind.EDITED,
    EventKind.STAGE_MOVED,
    EventKind.TIER_ASSIGNED,
    EventKind.TRANSFERRED,
)


class Event(Base):
    """One fact. Names of fields, codes and ids only: never a personal value. Partitioned by month on its id.

    `xact` is the writing transaction; readers that follow the table stop below the oldest one still running, since ids
    and sequence numbers commit out of order.
    """

    __tablename__ = "event"
    __table_args__ = (
        Index(None, "customer_id", "id"),
        Index(None, "ticket_id", "id", postgresql_where=text("ticket_id IS NOT NULL")),
        Index(None, "xact"),
        {"postgresql_partition_by": "RANGE (id)"},
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    kind: Mapped[EventKind] = mapped_column(named_values(EventKind))
    at: Mapped[datetime]
    customer_id: Mapped[UUID]
    interaction_id: Mapped[UUID | None]
    ticket_id: Mapped[UUID | None]
    actor_id: Mapped[UUID | None]
    fields: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    before: Mapped[str | None]
    after: Mapped[str | None]
    reason: Mapped[str | None]
    xact: Mapped[int] = mapped_column(BigInteger, server_default=text("(pg_current_xact_id()::text)::bigint"))
    customer: Mapped["Customer"] = relationship(
        primaryjoin="foreign(Event.customer_id) == Customer.id", lazy="raise", viewonly=True
    )
    actor: Mapped[StaffMember | None] = relationship(
        primaryjoin="foreign(Event.actor_id) == StaffMember.id", lazy="raise", viewonly=True
    )


class Recording:
    """A thing whose acts leave events behind. The scoped session writes them with the row, when the transaction
    ends.
    """

    def record(self, event: Event) -> None:
        """Keeps an event until the session takes it."""
        self.__dict__.setdefault("_events", []).append(event)


def take_events(row: object) -> list[Event]:
    """The events recorded on this row, which forgets them."""
    taken: list[Event] = row.__dict__.pop("_events", [])
    return taken
