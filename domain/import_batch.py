"""Imports: what one export of another system brought, row by row, so that it can be carried on and undone."""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlalchemy import Column, ForeignKey, Integer, LargeBinary, Table
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import Base, named_values
from domain.identity import new_id


class ImportState(StrEnum):
    """A batch that nobody runs any more and that is RUNNING still was broken off: whole chunks of it are written."""

    RUNNING = "RUNNING"
    DONE = "DONE"
    UNDONE = "UNDONE"


class ImportBatch(Base):
    """One file that was imported, in one go or in several. Its name is not kept, its content only as a keyed digest.

    `written` counts over all goes; `read`, `present`, `repeated` and `rejected` are those of the last one. `kept` of
    the written customers were left when the batch was undone. `actor_id` is who is named as its author, if anybody.
    """

    __tablename__ = "import_batch"
    PREFIX: ClassVar[str] = "imp"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    state: Mapped[ImportState] = mapped_column(named_values(ImportState))
    file_digest: Mapped[bytes] = mapped_column(LargeBinary, index=True)
    actor_id: Mapped[UUID | None] = mapped_column(ForeignKey("staff_member.id"))
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    undone_at: Mapped[datetime | None]
    read: Mapped[int] = mapped_column(default=0)
    written: Mapped[int] = mapped_column(default=0)
    present: Mapped[int] = mapped_column(default=0)
    repeated: Mapped[int] = mapped_column(default=0)
    rejected: Mapped[int] = mapped_column(default=0)
    kept: Mapped[int | None]


import_row = Table(
    "import_row",
    Base.metadata,
    Column("batch_id", ForeignKey("import_batch.id"), primary_key=True),
    Column("line", Integer, primary_key=True, autoincrement=False),
    Column("customer_id", ForeignKey("customer.id", ondelete="CASCADE"), nullable=False, index=True),
)
"""Which physical line of the file became which customer, as long as the customer is there."""
