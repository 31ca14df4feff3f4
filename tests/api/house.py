"""A house with everybody in it, and the way to ask: `await api("rep", "editCustomer", "customer { id }", …)`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

import orjson
import psycopg

from auth.allowance import Allowance
from auth.door.desks import Desks
from auth.door.session import ScopedSession, opened
from auth.idempotency import Key
from auth.jobs import Job, SystemViewer
from auth.sealing.cursors import CursorSealer
from auth.sealing.keys import KeyRing
from auth.sealing.seals import Digests, unseal_one
from auth.viewer import Grant, Viewer
from domain.channel import Channel, Direction
from domain.customer import Customer, CustomerKind
from domain.identity import new_id, public_id
from domain.interaction import Interaction
from domain.lifecycle import LifecycleStage
from domain.partner import Partner, PartnerListing
from domain.purpose import LegalBasis
from domain.staff import Role, StaffMember, Team
from domain.ticket import Ticket, TicketStep
from domain.ticket_state import TicketKind, TicketPriority, TicketStatus
from resolvers.acting import Acts
from resolvers.reading.plan import Planner
from resolvers.reading.statement import Tools
from resolvers.roots import SPECIAL
from schema.answering.asked import Asked
from schema.answering.execution import Execution
from schema.build import build
from server.http.replies import JSON, replied
from server.postgres.database import Database

YESTERDAY = datetime.now(UTC).replace(microsecond=0) - timedelta(days=1)
STAFF = {
    "rep": (Role.REP, "one"),
    "other_rep": (Role.REP, "two"),
    "agent": (Role.SUPPORT, "one"),
    "other_agent": (Role.SUPPORT, "two"),
    "lone_agent": (Role.SUPPORT, None),
    "manager": (Role.MANAGER, None),
    "privacy_officer": (Role.PRIVACY_OFFICER, None),
    "admin": (Role.ADMIN, None),
}
CALLERS = (*STAFF, "partner")
REACHED = {
    "own": {"rep", "manager", "partner"},
    "served": {"other_rep", "agent", "manager", "partner"},
    "strange": {"other_rep", "manager"},
}
"""By hand: who has which customer in scope, and all that hangs below, but for an agent the tickets of other teams. The
partner has what it is listed for.
"""

KNOWN = {
    "own": {
        "name": "欧阳娜娜",
        "mobile": "13900139001",
        "email": "nana@example.com",
        "wechat_id": "wxid_nana01",
        "id_number": "11010519491231002X",
        "address": "北京市海淀区马连洼街道289号",
        "birth_date": "1949-12-31",
    },
    "served": {"name": "王小明", "mobile": "13900139002", "other_mobile": "13700139002", "email": "ming@example.com"},
    "strange": {"name": "李雷", "mobile": "13900139003", "email": "lei@example.com"},
}
WRITTEN = (
    "customer", "data_key", "customer_tag", "tag", "interaction", "ticket", "ticket_step", "event", "access_log",
    "idempotency_record",
)  # fmt: skip
TOLD = "请回电 13812345678"
"""A free text with something to mask."""


@dataclass
class House:
    """Everybody by a short name."""

    viewers: dict[str, Viewer]
    staff: dict[str, StaffMember]
    teams: dict[str, Team]
    customers: dict[str, Customer]
    talks: dict[str, Interaction] = field(default_factory=dict)
    tickets: dict[str, Ticket] = field(default_factory=dict)

    def id_of(self, row: Customer | Interaction | Ticket | TicketStep | StaffMember) -> str:
        return public_id(row.PREFIX, row.id)

    def customer(self, name: str) -> str:
        return self.id_of(self.customers[name])

    def member(self, login: str) -> str:
        return self.id_of(self.staff[login])


def a_customer(owner: StaffMember | None, known: dict[str, str], **more: Any) -> Customer:
    made = Customer(
        id=new_id(),
        kind=more.pop("kind", CustomerKind.PERSON),
        basis=LegalBasis.CONTRACT,
        stage=LifecycleStage.AWARENESS,
        owner_id=owner.id if owner else None,
        created_at=YESTERDAY,
        updated_at=YESTERDAY,
        version=1,
        **more,
    )
    for name, value in known.items():
        setattr(made, name, value)
    return made


def a_talk(customer: Customer, summary: str) -> Interaction:
    return Interaction.logged(
        customer,
        channel=Channel.PHONE,
        direction=Direction.INBOUND,
        occurred_at=YESTERDAY,
        summary=summary,
        staff_id=None,
        at=YESTERDAY,
    )


def a_ticket(
    customer: Customer,
    team: Team | None,
    status: TicketStatus = TicketStatus.ACCEPTED,
    assignee: StaffMember | None = None,
    description: str = TOLD,
) -> Ticket:
    made = Ticket.opened(
        customer,
        kind=TicketKind.COMPLAINT,
        priority=TicketPriority.HIGH,
        subject="到货破损",
        description=description,
        team_id=team.id if team else None,
        actor_id=None,
        at=YESTERDAY,
    )
    made.status, made.assignee_id = status, assignee.id if assignee else None
    made.closed_at = YESTERDAY if status is TicketStatus.CLOSED else None
    return made


def a_step(ticket: Ticket, said: str) -> TicketStep:
    made = TicketStep(id=new_id(), ticket=ticket, status=ticket.status, at=YESTERDAY, actor_id=None, satisfied=None)
    made.text = said
    return made


async def build_house(desks: Desks, ring: KeyRing) -> House:
    """`own` is the rep's; `served` is another rep's and waits in team one's queue; `strange` is that rep's alone."""
    teams = {name: Team(id=new_id(), name=f"客服{name}组") for name in ("one", "two")}
    staff = {
        login: StaffMember(
            id=new_id(),
            login=login,
            name=f"员工{login}",
            role=role,
            team_id=teams[team].id if team else None,
            active=True,
            created_at=YESTERDAY,
        )
        for login, (role, team) in STAFF.items()
    }
    customers = {
        "own": a_customer(staff["rep"], KNOWN["own"]),
        "served": a_customer(staff["other_rep"], KNOWN["served"]),
        "strange": a_customer(staff["other_rep"], KNOWN["strange"]),
    }
    viewers = {login: Viewer(row.id, row.role, row.name, row.team_id) for login, row in staff.items()}
    house = House(viewers, staff, teams, customers)
    house.talks = {name: a_talk(row, TOLD) for name, row in customers.items()}
    house.talks["plain"] = a_talk(customers["own"], "问了价格")
    house.tickets = {
        "own": a_ticket(customers["own"], None, TicketStatus.CLOSED),
        "served": a_ticket(customers["served"], teams["one"]),
        "strange": a_ticket(customers["strange"], None, TicketStatus.CLOSED),
    }
    partner = Partner(
        id=new_id(),
        name="partner",
        contract_from=YESTERDAY,
        contract_until=YESTERDAY + timedelta(days=99),
        grants=[grant.value for grant in Grant],
    )
    viewers["partner"] = Viewer(partner.id, Role.PARTNER, partner.name, grants=frozenset(Grant))
    listings = [
        PartnerListing(partner_id=partner.id, customer_id=customers[name].id, consented_at=YESTERDAY)
        for name in ("own", "served")
    ]
    await write(
        desks, ring, *teams.values(), *staff.values(), partner, *customers.values(), *listings,
        *house.talks.values(), *house.tickets.values(),
    )  # fmt: skip
    return house


async def write(desks: Desks, ring: KeyRing, *rows: Any) -> None:
    async with opened(desks, SystemViewer(Job.DEMO), ring) as session:
        session.add_all(rows)


@asynccontextmanager
async def written_and_open(desks: Desks, ring: KeyRing, *rows: Any) -> AsyncIterator[None]:
    """Rows that are written and not yet committed: they are at the end, unless something fails before."""
    desk = await desks.take()
    try:
        session = ScopedSession(desk, SystemViewer(Job.DEMO), ring)
        session.add_all(rows)
        await session.write()
        yield
        await desk.commit()
    finally:
        await desks.give_back(desk)


def digests_of(ring: KeyRing, key: str, field: str) -> list[bytes]:
    """Under which digests the record of a client's key and a response key stands, whoever calls; the present first."""
    return list(Key.of(Digests(ring), UUID(int=0), (key, field), "").digests)


@dataclass
class Answer:
    """One act's payload, or what was said instead."""

    reply: dict[str, Any]
    payload: dict[str, Any] | None

    @property
    def refusals(self) -> list[tuple[str, str]]:
        """Code and path of every refusal, in order; FORBIDDEN with the name of the act."""
        if self.payload is None:
            return [(e["extensions"]["code"], e["extensions"].get("act", "")) for e in self.reply["errors"]]
        return [(error["code"], ".".join(error["field"] or ())) for error in self.payload["userErrors"]]

    @property
    def codes(self) -> list[str]:
        return [code for code, _ in self.refusals]


class Api:
    """What clients do. `house` is who and what there is; `rows` looks into the tables past every rule."""

    def __init__(self, database: Database, ring: KeyRing, house: House, url: str, allowance: Allowance) -> None:
        tools = Tools(unseal_one(ring), Digests(ring), CursorSealer(ring.cursor))
        acts = Acts(lambda viewer: opened(database.desks, viewer, ring), Digests(ring), allowance)
        self.execution = Execution(schema(), Planner(tools, SPECIAL), database.lend, acts)
        self.house, self.url, self.ring, self.desks = house, url, ring, database.desks

    async def __call__(self, caller: str, act: str, selection: str = "", /, **given: Any) -> Answer:
        reply = await self.ask(caller, document(act, selection), input=given)
        return Answer(reply, (reply.get("data") or {}).get(act))

    async def ask(self, caller: str, query: str, key: str | None = None, **variables: Any) -> dict[str, Any]:
        reply = await self.execution.answer(Asked(query, None, variables, key), self.house.viewers[caller])
        answer: dict[str, Any] = orjson.loads(replied(reply, JSON).body)
        return answer

    def rows(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.url) as connection:
            return connection.execute(statement, values).fetchall()

    def change(self, statement: str, *values: Any) -> None:
        """Past every rule, as a migration or an operator may."""
        with psycopg.connect(self.url) as connection:
            connection.execute(statement, values)

    def written(self) -> dict[str, list[Any]]:
        """Everything that acts write, the audit excepted."""
        return {name: self.rows(f"SELECT * FROM {name} ORDER BY 1") for name in WRITTEN}

    def route(self, team: str | None, kind: str | None = None) -> None:
        """Sends new tickets of a kind, or all others, to a team of the house."""
        with psycopg.connect(self.url) as connection:
            connection.execute(
                "UPDATE ticket_route SET team_id = %s WHERE kind IS NOT DISTINCT FROM %s",
                [team and self.house.teams[team].id, kind],
            )

    def execute(self, statement: str, *values: Any) -> None:
        """Changes the tables past every rule."""
        with psycopg.connect(self.url) as connection:
            connection.execute(statement, values)

    def audit(self) -> list[tuple[str, str]]:
        return self.rows("SELECT act, outcome FROM audit ORDER BY id")

    async def write(self, *rows: Any) -> None:
        await write(self.desks, self.ring, *rows)


schema = cache(build)


def document(act: str, selection: str = "") -> str:
    name = f"{act[0].upper()}{act[1:]}Input"
    return f"mutation($input: {name}!) {{ {act}(input: $input) {{ {selection} userErrors {{ code field message }} }} }}"
