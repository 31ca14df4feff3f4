"""Who looked at whose clear values (R04, R22), and who did what: append-only, partitioned by month on the id."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import Base, named_values
from domain.identity import new_id
from domain.staff import Role


class PersonalField(StrEnum):
    """A personal text that can be revealed."""

    NAME = "NAME"
    MOBILE = "MOBILE"
    OTHER_MOBILE = "OTHER_MOBILE"
    EMAIL = "EMAIL"
    WECHAT_ID = "WECHAT_ID"
    ID_NUMBER = "ID_NUMBER"
    ID_DOCUMENT = "ID_DOCUMENT"
    ADDRESS = "ADDRESS"
    BIRTH_DATE = "BIRTH_DATE"
    SUMMARY = "SUMMARY"
    DESCRIPTION = "DESCRIPTION"
    TEXT = "TEXT"


class AccessLogEntry(Base):
    """One look at one clear value: never the value itself. The kinds are the prefixes of the public ids."""

    __tablename__ = "access_log"
    __table_args__ = (
        Index(None, "subject_id", "id"),
        Index(None, "viewer_id", "id"),
        {"postgresql_partition_by": "RANGE (id)"},
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    at: Mapped[datetime]
    viewer_id: Mapped[UUID]
    viewer_kind: Mapped[str]
    viewer_name: Mapped[str | None]
    subject_id: Mapped[UUID]
    subject_kind: Mapped[str]
    customer_id: Mapped[UUID]
    field: Mapped[PersonalField] = mapped_column(named_values(PersonalField))
    purpose: Mapped[str]
    reason: Mapped[str]


class AuditEntry(Base):
    """One act that was tried and how it ended; names of acts and ids only."""

    __tablename__ = "audit"
    __table_args__ = (
        Index(None, "viewer_id", "id"),
        Index(None, "subject_id", "id"),
        {"postgresql_partition_by": "RANGE (id)"},
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    at: Mapped[datetime]
    viewer_id: Mapped[UUID | None]
    viewer_kind: Mapped[str]
    role: Mapped[Role | None] = mapped_column(named_values(Role))
    act: Mapped[str]
    subject_id: Mapped[UUID | None]
    subject_kind: Mapped[str | None]
    outcome: Mapped[str]
