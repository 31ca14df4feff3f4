"""People and things without a database."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

import domain.tables  # noqa: F401 - relationships find each other by name
from domain.customer import Customer, CustomerKind
from domain.identity import new_id
from domain.purpose import LegalBasis
from domain.staff import Role, StaffMember

MORNING = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)


@pytest.fixture
def morning() -> datetime:
    """When the things of these tests were made."""
    return MORNING


@pytest.fixture
def actor() -> UUID:
    return new_id()


@pytest.fixture
def staff():
    """`staff(Role.REP, active=False)`: a member of staff."""

    def made(role: Role = Role.REP, *, active: bool = True) -> StaffMember:
        return StaffMember(id=new_id(), login="li", name="李雷", role=role, active=active, created_at=MORNING)

    return made


@pytest.fixture
def customer() -> Customer:
    """A customer in no stage, without tier and owner, nothing recorded."""
    return Customer(
        id=new_id(),
        kind=CustomerKind.PERSON,
        basis=LegalBasis.CONTRACT,
        created_at=MORNING,
        updated_at=MORNING,
        version=1,
    )
