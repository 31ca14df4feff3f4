"""Which contacts were entered by whom: what the limits on entering them are counted from."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import Base
from domain.identity import new_id


class ContactChange(Base):
    """One act that entered contacts or a customer number, done or refused as DUPLICATE; never what was entered.

    `customer_id` is absent where the act would have made the customer. A row counts for a day and is deleted then.
    """

    __tablename__ = "contact_change"
    __table_args__ = (Index(None, "viewer_id", "id"), Index(None, "customer_id", "id"))
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    viewer_id: Mapped[UUID]
    customer_id: Mapped[UUID | None]
    at: Mapped[datetime]
