"""Partner systems: machines of other companies, and the customers each may see (R11)."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import ForeignKey, Text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column, relationship

from domain.base import Base
from domain.identity import new_id


class Partner(Base):
    """A partner system under a contract; outside the contract's days its tokens open nothing.

    `grants` is what the contract allows at most: a token gives those of its own grants that stand here too (R11).
    """

    __tablename__ = "partner"
    PREFIX: ClassVar[str] = "ptn"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(unique=True)
    contract_from: Mapped[datetime]
    contract_until: Mapped[datetime]
    grants: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    active: Mapped[bool] = mapped_column(default=True)

    def under_contract(self, at: datetime) -> bool:
        """Whether its tokens open anything at this moment."""
        return self.active and self.contract_from <= at < self.contract_until


class PartnerListing(Base):
    """One customer's separate consent (单独同意, art. 23) that one partner may receive their data, until withdrawn."""

    __tablename__ = "partner_listing"
    partner_id: Mapped[UUID] = mapped_column(ForeignKey("partner.id"), primary_key=True)
    customer_id: Mapped[UUID] = mapped_column(
        ForeignKey("customer.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    consented_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    partner: Mapped[Partner] = relationship(lazy="raise")
