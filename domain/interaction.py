"""Interactions: one conversation with a customer, on any channel (S42)."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import ClassVar, Self
from uuid import UUID

from sqlalchemy import ARRAY, ForeignKey, Index, LargeBinary, Text, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from domain.base import Base, named_values
from domain.channel import Channel, Direction
from domain.customer import Customer
from domain.errors import Gathering, Invalid
from domain.event import Event, EventKind, Recording
from domain.identity import new_id
from domain.imported_details import ImportedDetail, text_of
from domain.personal import free_text
from domain.sealed import Sealed
from domain.staff import StaffMember


class Interaction(Recording, Base):
    """What was said, when, on which channel, by whom. Never edited."""

    __tablename__ = "interaction"
    __table_args__ = (Index(None, "customer_id", "occurred_at", "id"),)
    PREFIX: ClassVar[str] = "int"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"))
    staff_id: Mapped[UUID | None] = mapped_column(ForeignKey("staff_member.id"))
    channel: Mapped[Channel] = mapped_column(named_values(Channel))
    direction: Mapped[Direction] = mapped_column(named_values(Direction))
    occurred_at: Mapped[datetime]
    created_at: Mapped[datetime]

    imported_details: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Whether the summary holds what an import could not place (`domain/imported_details.py`)."""

    summary = Sealed(free_text, free=True)
    summary_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    summary_masked: Mapped[str | None]
    approval_fields: Mapped[list[str] | None] = mapped_column(ARRAY(Text))

    customer: Mapped[Customer] = relationship(back_populates="interactions", lazy="raise")
    staff: Mapped[StaffMember | None] = relationship(lazy="raise")

    @property
    def person_id(self) -> UUID:
        """An interaction lies under its customer's data key."""
        return self.customer_id

    @classmethod
    def logged(
        cls,
        customer: Customer,
        *,
        channel: Channel,
        direction: Direction,
        occurred_at: datetime,
        summary: str,
        staff_id: UUID | None,
        at: datetime,
    ) -> Self:
        """A conversation that took place. Refuses a time in the future or without a zone, and a summary of nothing.

        A time that is ahead of ours by no more than `CLOCK_LEEWAY` is kept as now: the client's clock is fast.
        Raises Invalid, or Faults for both.
        """
        faults = Gathering()
        with faults:
            occurred_at = _past(occurred_at, at)
        made = cls(
            id=new_id(),
            customer_id=customer.id,
            staff_id=staff_id,
            channel=channel,
            direction=direction,
            occurred_at=occurred_at,
            created_at=at,
        )
        with faults:
            made.summary = _said(summary)
        faults.tell()
        customer.contacted(occurred_at)
        made._began(staff_id, at)
        return made

    @classmethod
    def of_imported_details(cls, customer: Customer, details: Iterable[ImportedDetail], at: datetime) -> Self:
        """What an export says of the customer beyond the fields that there are. It is no conversation: the time of the
        last one stays.
        """
        made = cls(
            id=new_id(),
            customer_id=customer.id,
            channel=Channel.OTHER,
            direction=Direction.INBOUND,
            occurred_at=at,
            created_at=at,
            imported_details=True,
        )
        made.summary = text_of(details)
        made._began(None, at)
        return made

    def _began(self, staff_id: UUID | None, at: datetime) -> None:
        logged = EventKind.INTERACTION_LOGGED
        event = Event(kind=logged, at=at, customer_id=self.customer_id, interaction_id=self.id, actor_id=staff_id)
        self.record(event)


CLOCK_LEEWAY = timedelta(minutes=5)
"""How far a client's clock may be ahead of ours."""
EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)
"""No conversation is older; before the year 1 in UTC there are no dates that every reader of the database knows."""


def _past(occurred_at: datetime, at: datetime) -> datetime:
    if occurred_at.tzinfo is None:
        raise Invalid("occurredAt", "时间须带时区，例如 2026-01-01T00:00:00Z", "Give the time with a zone, such as …Z")
    if occurred_at > at + CLOCK_LEEWAY:
        told = "发生时间不能晚于现在", "An interaction cannot lie in the future"
        raise Invalid("occurredAt", *told, heals_with_time=True)
    if occurred_at < EARLIEST:
        raise Invalid("occurredAt", "发生时间不能早于 1900 年", "An interaction cannot lie before 1900")
    return min(occurred_at, at)


def _said(summary: str) -> str:
    if not summary.strip():
        raise Invalid("summary", "请填写内容摘要", "Write what was said")
    return summary
