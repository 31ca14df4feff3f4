"""Pairs of customers who share a contact or a customer number.

Nothing is stored about them: the pairs are found when somebody reads them, by the digests that each customer has.
So whoever writes a contact does the same work whether another customer has it or not (decision 0023).
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from itertools import product
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Text, and_, case, func, or_, select, tuple_
from sqlalchemy.dialects.postgresql import ARRAY, array
from sqlalchemy.orm import Mapped, relationship

from domain.base import Base
from domain.customer import Customer


class DuplicateField(StrEnum):
    """What two customers share."""

    MOBILE = "MOBILE"
    EMAIL = "EMAIL"
    WECHAT_ID = "WECHAT_ID"
    ID_NUMBER = "ID_NUMBER"
    ID_DOCUMENT = "ID_DOCUMENT"
    EXTERNAL_ID = "EXTERNAL_ID"


DIGESTS: Mapping[DuplicateField, tuple[str, ...]] = {
    DuplicateField.MOBILE: ("mobile_digest", "other_mobile_digest"),
    DuplicateField.EMAIL: ("email_digest",),
    DuplicateField.WECHAT_ID: ("wechat_id_digest",),
    DuplicateField.ID_NUMBER: ("id_number_digest",),
    DuplicateField.ID_DOCUMENT: ("id_document_digest",),
}
"""The columns that hold each kind of contact; a telephone number is one number wherever it stands."""

_later, _earlier = Customer.__table__.alias("later"), Customer.__table__.alias("earlier")


def _shared() -> dict[DuplicateField, ColumnElement[bool]]:
    """What makes two customers a pair. Every part is an equality that an index finds."""
    shared: dict[DuplicateField, ColumnElement[bool]] = {
        field: or_(*(_earlier.c[one] == _later.c[other] for one, other in product(columns, columns)))
        for field, columns in DIGESTS.items()
    }
    same_number = _earlier.c.external_id == _later.c.external_id
    same_system = _earlier.c.external_system == _later.c.external_system
    return {**shared, DuplicateField.EXTERNAL_ID: and_(same_number, same_system)}


def _pairs() -> Any:
    shared = _shared()
    named: Any = array([case((condition, field.value)) for field, condition in shared.items()], type_=Text())
    older = tuple_(_earlier.c.contacts_rank, _earlier.c.id) < tuple_(_later.c.contacts_rank, _later.c.id)
    pairs = select(
        _later.c.id.label("customer_id"),
        _earlier.c.id.label("other_id"),
        _later.c.contacts_rank.label("found_at"),
        func.array_remove(named, None, type_=ARRAY(Text())).label("fields"),
    )
    return pairs.join(_earlier, and_(or_(*shared.values()), older)).subquery("duplicate_contact")


class DuplicateContact(Base):
    """Two customers who share a contact or a customer number of one system, never which one. `customer` is the one
    whose contacts were changed later, at `found_at`.
    """

    __table__ = _pairs()
    __mapper_args__ = {  # noqa: RUF012 - SQLAlchemy reads it once
        "primary_key": [__table__.c.customer_id, __table__.c.other_id]
    }

    customer_id: Mapped[UUID]
    other_id: Mapped[UUID]
    found_at: Mapped[datetime]
    fields: Mapped[list[str]]

    customer: Mapped[Customer | None] = relationship(
        primaryjoin=__table__.c.customer_id == Customer.id,
        foreign_keys=[__table__.c.customer_id],
        lazy="raise",
        viewonly=True,
    )
    other: Mapped[Customer | None] = relationship(
        primaryjoin=__table__.c.other_id == Customer.id,
        foreign_keys=[__table__.c.other_id],
        lazy="raise",
        viewonly=True,
    )
