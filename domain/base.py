"""What all mapped classes share: naming of constraints, column types, and the recording of events."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Enum, MetaData, Text
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.dialects.postgresql import UUID as PG_UUID
from sqlalchemy.orm import DeclarativeBase

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}


def named_values(kind: type[StrEnum]) -> Enum:
    """A text column that holds the names of an enum, kept to them by a CHECK: readable in SQL, cheap to extend."""
    return Enum(kind, native_enum=False, create_constraint=True, length=32, name=kind.__name__.lower())


class Base(DeclarativeBase):
    """Base of all mapped classes. `PREFIX` is how the class's ids begin outside, for those that have a public id."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: TIMESTAMP(timezone=True),
        str: Text(),
        UUID: PG_UUID(as_uuid=True),
    }
    PREFIX: ClassVar[str] = ""


REGISTER = {"register": True}
"""Marks a table whose rows come with the migrations: the product cannot run without them."""

CHANGEABLE_REGISTER = {"register": True, "changeable": True}
"""The same of a table whose rows acts change: none are added or removed."""


def now() -> datetime:
    """The present moment, in UTC."""
    return datetime.now(UTC)


def api_name(attribute: str) -> str:
    """An attribute as clients know it: what is told of fields names them as the API does."""
    first, *others = attribute.split("_")
    return first + "".join(part.title() for part in others)
