"""A small house in the worker's database: two reps, an agent, a manager, and who belongs to whom."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from auth.door.desks import Desks
from auth.door.session import opened
from auth.jobs import Job, SystemViewer
from auth.sealing.keys import KeyRing, Suite
from auth.viewer import Viewer
from domain.channel import Channel, Direction
from domain.customer import Customer, CustomerKind
from domain.identity import new_id
from domain.interaction import Interaction
from domain.purpose import LegalBasis
from domain.staff import Role, StaffMember, Team
from domain.ticket import Ticket
from domain.ticket_state import TicketKind, TicketPriority
from server.postgres.database import Database

MORNING = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)


@dataclass
class House:
    """Viewers by login, customers by the name of their owner."""

    viewers: dict[str, Viewer]
    staff: dict[str, StaffMember]
    customers: dict[str, Customer]
    interactions: dict[str, Interaction]
    tickets: dict[str, Ticket]


@pytest.fixture(scope="session")
def ring() -> KeyRing:
    return KeyRing.generate(Suite.INTL)


@pytest.fixture(scope="session")
async def desks(database_url: str) -> AsyncIterator[Desks]:
    database = Database(database_url)
    yield database.desks
    await database.close()


def a_customer(owner: StaffMember | None, name: str, mobile: str, **more: object) -> Customer:
    """A person, with name and mobile."""
    made = Customer(
        id=new_id(),
        kind=CustomerKind.PERSON,
        basis=LegalBasis.CONTRACT,
        owner_id=owner.id if owner else None,
        created_at=MORNING,
        updated_at=MORNING,
        version=1,
        **more,
    )
    made.name, made.mobile = name, mobile
    return made


def a_talk(customer: Customer, staff: StaffMember, summary: str) -> Interaction:
    return Interaction.logged(
        customer,
        channel=Channel.PHONE,
        direction=Direction.INBOUND,
        occurred_at=MORNING,
        summary=summary,
        staff_id=staff.id,
        at=MORNING,
    )


def a_ticket(customer: Customer, team: Team, subject: str = "到货破损") -> Ticket:
    return Ticket.opened(
        customer,
        kind=TicketKind.COMPLAINT,
        priority=TicketPriority.HIGH,
        subject=subject,
        description="外箱压坏，回电 13800138000",
        team_id=team.id,
        actor_id=None,
        at=MORNING,
    )


@pytest.fixture
async def house(database_url: str, desks: Desks, ring: KeyRing) -> House:
    """Written as the demo's job; `clean` of the tests' own ground empties it again."""
    team = Team(id=new_id(), name="客服一组")
    roles = {"rep": Role.REP, "other": Role.REP, "agent": Role.SUPPORT, "manager": Role.MANAGER, "admin": Role.ADMIN}
    staff = {
        login: StaffMember(id=new_id(), login=login, name=login, role=role, created_at=MORNING, active=True)
        for login, role in roles.items()
    }
    staff["agent"].team_id = team.id
    customers = {
        "rep": a_customer(staff["rep"], "欧阳娜", "13900139001", region="广东"),
        "other": a_customer(staff["other"], "王小明", "13900139002", region="北京"),
        "nobody": a_customer(None, "李雷", "13900139003"),
    }
    for row in customers.values():
        row.created(None, MORNING)
    interactions = {name: a_talk(row, staff["rep"], "问了价格") for name, row in customers.items()}
    tickets = {"other": a_ticket(customers["other"], team)}
    async with opened(desks, SystemViewer(Job.DEMO), ring) as session:
        session.add_all([team, *staff.values(), *customers.values(), *interactions.values(), *tickets.values()])
    viewers = {
        login: Viewer(id=row.id, role=row.role, name=row.name, team_id=row.team_id) for login, row in staff.items()
    }
    return House(viewers, staff, customers, interactions, tickets)


@pytest.fixture(name="a_customer")
def customer_maker():
    return a_customer


@pytest.fixture(name="a_talk")
def talk_maker():
    return a_talk


@pytest.fixture(name="a_ticket")
def ticket_maker():
    return a_ticket
