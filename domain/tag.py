"""Tags: words that staff put on customers."""

from uuid import UUID

from sqlalchemy import Column, ForeignKey, Index, Table
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import Base
from domain.identity import new_id

customer_tag = Table(
    "customer_tag",
    Base.metadata,
    Column("customer_id", ForeignKey("customer.id", ondelete="CASCADE"), primary_key=True),
    Column("tag_id", ForeignKey("tag.id"), primary_key=True),
    Index(None, "tag_id", "customer_id"),
)


class Tag(Base):
    """A word that staff put on customers; `group` gathers words of one subject (S5, S6)."""

    __tablename__ = "tag"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(unique=True)
    group: Mapped[str | None]
