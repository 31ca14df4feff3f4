"""What was answered to a request that carried an `Idempotency-Key`, so that its repetition does nothing (design §5)."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, LargeBinary
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import Base


class IdempotencyRecord(Base):
    """One act under one key: ids of what it made and its refusals, never a value. Commits with the act or not at all.

    `digest` is a keyed digest of the client's key and the field's response key, `fingerprint` one of the whole request:
    clients choose both words freely, and a telephone number is a key too.
    """

    __tablename__ = "idempotency_record"
    __table_args__ = (Index(None, "created_at"),)
    caller_id: Mapped[UUID] = mapped_column(primary_key=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary)
    outcome: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    created_at: Mapped[datetime]
