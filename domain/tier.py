"""Tiers A, B, C: how much service a customer is given (S22-S25)."""

from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from domain.base import REGISTER, Base, named_values
from domain.identity import shaped_id


class TierCode(StrEnum):
    """A key accounts, B to be nurtured, C standardised service."""

    A = "A"
    B = "B"
    C = "C"


class Tier(Base):
    """One tier of the ABC classification."""

    __tablename__ = "tier"
    __table_args__ = ({"info": REGISTER},)
    PREFIX: ClassVar[str] = "tier"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    code: Mapped[TierCode] = mapped_column(named_values(TierCode), unique=True)
    name: Mapped[str]


TIERS = {
    TierCode.A: (shaped_id(0, 1), "重点客户"),
    TierCode.B: (shaped_id(0, 2), "潜力客户"),
    TierCode.C: (shaped_id(0, 3), "基础客户"),
}
"""Ids and names of the tiers: the same in every installation."""
