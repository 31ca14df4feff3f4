"""Tags: words that staff put on customers."""

from typing import Any
from uuid import UUID

from sqlalchemy import Column, ColumnElement, ForeignKey, Index, Table
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import Base
from domain.identity import new_id
from domain.word import same_in_sql

customer_tag = Table(
    "customer_tag",
    Base.metadata,
    Column("customer_id", ForeignKey("customer.id", ondelete="CASCADE"), primary_key=True),
    Column("tag_id", ForeignKey("tag.id"), primary_key=True),
    Index(None, "tag_id", "customer_id"),
)


class Tag(Base):
    """A word that staff put on customers; `group` gathers words of one subject.

    Names that differ in the case of Latin letters alone are one tag, spelled as it was first written.
    """

    __tablename__ = "tag"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str]
    group: Mapped[str | None]


def tag_key(row: Any) -> ColumnElement[str]:
    """What two spellings of one tag share, in SQL: `domain.word.same_as` of the name."""
    return same_in_sql(row.name)


Index("uq_tag_name", tag_key(Tag), unique=True)
