"""Whom a member of staff found by an exact contact, and until when that lets them see who it is."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import Base

LOOKUP_LASTS = timedelta(hours=1)
"""A caller is seen for as long as a call and what follows from it take."""


class CustomerLookup(Base):
    """One viewer's right to see one caller until a moment. The access log says who searched for whom, and why."""

    __tablename__ = "customer_lookup"
    viewer_id: Mapped[UUID] = mapped_column(primary_key=True)
    customer_id: Mapped[UUID] = mapped_column(
        ForeignKey("customer.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    until: Mapped[datetime]
