"""What the business decides and changes while the product runs: one versioned row for each setting.

What the machine decides, such as addresses and pool sizes, is an environment variable (`server/settings.py`).
"""

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from domain.base import CHANGEABLE_REGISTER, Base, named_values
from domain.errors import Invalid
from domain.identity import new_id
from domain.reasons import required_reason
from domain.staff import StaffMember


class SettingName(StrEnum):
    """Every setting that there is."""

    CLOSED_TICKET_DAYS = "CLOSED_TICKET_DAYS"


class WholeNumber(NamedTuple):
    """A setting whose value is a whole number within bounds."""

    least: int
    most: int
    default: int


SETTINGS = {SettingName.CLOSED_TICKET_DAYS: WholeNumber(1, 3650, 90)}
"""What each may be. CLOSED_TICKET_DAYS: how long agents go on reading a ticket of theirs after it was closed."""


class BusinessSetting(Base):
    """One setting as it stands: its value, and who decided it last and why. The access predicates read it in SQL, so
    that a change holds for the next statement of every process.
    """

    __tablename__ = "business_setting"
    __table_args__ = ({"info": CHANGEABLE_REGISTER},)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[SettingName] = mapped_column(named_values(SettingName), unique=True)
    value: Mapped[int]
    version: Mapped[int] = mapped_column(default=1)
    changed_at: Mapped[datetime | None]
    changed_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("staff_member.id"))
    reason: Mapped[str | None]
    changed_by: Mapped[StaffMember | None] = relationship(lazy="raise")

    def change(self, value: str, reason: str, actor_id: UUID, at: datetime) -> None:
        """Sets another value, for a reason. Raises Invalid for a value out of bounds and without a reason."""
        self.value, self.reason = _within(SETTINGS[self.name], value), required_reason(reason)
        self.version, self.changed_at, self.changed_by_id = self.version + 1, at, actor_id


def _within(bounds: WholeNumber, text: str) -> int:
    digits = text.strip() if len(text) <= 20 else ""
    if not (digits.isascii() and digits.isdigit() and bounds.least <= int(digits) <= bounds.most):
        told = f"{bounds.least}-{bounds.most}"
        raise Invalid("value", f"须为 {told} 的整数", f"A whole number in {told} is needed")
    return int(digits)
