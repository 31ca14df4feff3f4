"""Data keys: one for each person, wrapped (design §6)."""

from uuid import UUID

from sqlalchemy import ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import Base


class DataKey(Base):
    """The wrapped key that seals everything of one customer; deleting the row deletes the person (design §6)."""

    __tablename__ = "data_key"
    id: Mapped[UUID] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"), primary_key=True)
    wrapped: Mapped[bytes] = mapped_column(LargeBinary)
