"""How far the texts that were written before have been gone through again, for what was not detected at that time."""

from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from domain.base import Base


class RescanProgress(Base):
    """One kind of stored text, named `table.column`. `version` is that of the detector it is gone through with.

    `last_id` is the last row read, None at the beginning; `found` counts the rows in which something was changed, or
    has to be corrected by somebody. It is `done` when no row is left.
    """

    __tablename__ = "rescan_progress"
    text: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int]
    last_id: Mapped[UUID | None]
    read: Mapped[int] = mapped_column(default=0)
    found: Mapped[int] = mapped_column(default=0)
    done: Mapped[bool] = mapped_column(default=False)
