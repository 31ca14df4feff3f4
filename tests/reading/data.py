"""A small house for reading: ties in every order key, absent values, every kind of reach, each of them few.

`fill` writes it, `World` holds it as mapped instances with every relation at hand.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from sqlalchemy import inspect, select
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession
from sqlalchemy.orm import selectinload

from auth.door.recording import Recorder
from auth.sealing.keys import KeyRing
from auth.viewer import Grant, Viewer
from domain.access_log import AccessLogEntry, PersonalField
from domain.base import Base
from domain.business_setting import BusinessSetting
from domain.channel import Channel, Direction
from domain.customer import Customer, CustomerKind
from domain.customer_lookup import CustomerLookup
from domain.duplicate_contact import DuplicateContact
from domain.event import Event, EventKind
from domain.identity import shaped_id
from domain.interaction import Interaction
from domain.lifecycle import LifecycleStage
from domain.partner import Partner, PartnerListing
from domain.personal.document import IdDocument, IdDocumentKind
from domain.purpose import LegalBasis, Purpose
from domain.staff import Role, StaffMember, Team
from domain.tag import Tag
from domain.ticket import Ticket, TicketStep
from domain.ticket_route import TicketRoute
from domain.ticket_state import TicketKind, TicketPriority, TicketStatus
from domain.tier import TIERS, Tier

CUSTOMERS = 30
MONDAY = datetime(2026, 3, 2, 1, 30, 0, 123456, tzinfo=UTC)
FAR = timedelta(days=3650)
CHANCE = Random(20260302)
NAMES = (
    "张三", "李四光", "欧阳娜娜", "王小明", "Ann Lee", "张伟", "上海知客科技有限公司", "李雷", "Diana", "Dana",
    "艾力·买买提", "娜娜",
)  # fmt: skip
CALLED = ("请回电 13812345678 谢谢", "客户询问发货时间", None, "证件号 11010519491231002X")
ID_NUMBERS = ("11010519491231002X", "91110000600037341L")
REGIONS = ("east", None, "华东", "west", "East")
SUBJECTS = ("关于订单", "发票 Ｉnvoice_", "100% 退款退货", "到货破损")
LATELY = datetime.now(UTC).replace(microsecond=123456) - timedelta(days=10)
"""A moment at which a ticket was closed that agents still read; the others were closed long before."""

SEVERAL = (
    Customer, Interaction, Ticket, TicketStep, Event, StaffMember, Team, TicketRoute, BusinessSetting, Tier, Tag,
    Purpose, AccessLogEntry, DuplicateContact,
)  # fmt: skip


def an_id() -> UUID:
    """Ids made in one run are not in the order of their rows."""
    return shaped_id(int(MONDAY.timestamp() * 1000) + CHANCE.randrange(5), CHANCE.getrandbits(74))


def tied(i: int) -> datetime:
    """Four rows to a moment."""
    return MONDAY + timedelta(days=i // 4)


def pick(options: Any) -> Any:
    return CHANCE.choice(tuple(options))


class Filling:
    """Makes the rows one after another."""

    def __init__(self, ring: KeyRing) -> None:
        self.recorder = Recorder(ring)
        self.names: dict[UUID, str] = {}
        self.teams = [Team(id=an_id(), name=name) for name in ("客服一组", "客服二组", "客服三组")]
        self.staff = [
            self.member("rep", Role.REP, None),
            self.member("other_rep", Role.REP, None),
            self.member("agent", Role.SUPPORT, self.teams[0]),
            self.member("other_agent", Role.SUPPORT, self.teams[1]),
            self.member("manager", Role.MANAGER, self.teams[0]),
            self.member("left", Role.REP, None),
        ]
        self.staff[-1].active = False
        self.partners = [
            Partner(id=an_id(), name=name, contract_from=MONDAY - FAR, contract_until=MONDAY + FAR)
            for name in ("甲方", "乙方")
        ]
        self.tags = [Tag(id=an_id(), name=name, group=pick((None, "k"))) for name in ("老客户", "vip", "key", "late")]

    def member(self, login: str, role: Role, team: Team | None) -> StaffMember:
        return StaffMember(
            id=an_id(),
            login=login,
            name=f"{login} 员工",
            role=role,
            team_id=team and team.id,
            active=True,
            created_at=MONDAY,
        )

    def rows(self) -> Iterator[list[Any]]:
        """In an order that foreign keys allow."""
        yield [*self.teams, *self.partners, *self.tags]
        yield self.staff
        customers = [self.customer(i) for i in range(CUSTOMERS)]
        yield customers
        # Nobody keeps the key of the fourth: what was sealed for them stays shut.
        yield [key for i, key in enumerate(map(self.recorder.begin, self.names)) if i != 4]
        yield [self.sealed(customer, i) for i, customer in enumerate(customers)]
        yield [*self.listings(customers), *self.lookups(customers)]
        tickets = [ticket for i, customer in enumerate(customers) for ticket in self.tickets(customer, i)]
        yield [*tickets, *(talk for customer in customers for talk in self.talks(customer))]
        yield [step for ticket in tickets for step in self.steps(ticket)]
        yield [change for customer in customers for change in self.changes(customer)]
        yield [self.look(customer) for customer in customers[:9]]

    def customer(self, i: int) -> Customer:
        made = Customer(
            id=an_id(),
            kind=pick(CustomerKind),
            basis=LegalBasis.CONTRACT,
            region=REGIONS[i] if i < len(REGIONS) else "华东",
            industry=pick((None, "retail", "法律")),
            source=pick((None, "官网")),
            stage=pick((None, *LifecycleStage)),
            tier_id=pick((None, *(id_ for id_, _ in TIERS.values()))),
            score=pick((None, 0.0, 50.0, 50.0, 99.5)),
            preferred_channel=pick((None, Channel.PHONE)),
            owner_id=(self.staff[0].id, self.staff[1].id, None)[i % 3],
            external_id=f"E{i % 20}" if i % 2 else None,
            created_at=tied(i),
            updated_at=tied(i * 7 % CUSTOMERS),
            last_interaction_at=pick((None, None, tied(i), MONDAY)),
            version=i,
        )
        made.tags = CHANCE.sample(self.tags, k=pick((0, 1, 2, 4)))
        self.names[made.id] = f"{NAMES[i % len(NAMES)]}{i}"
        return made

    def sealed(self, customer: Customer, i: int) -> Customer:
        customer.name = self.names[customer.id]
        if i % 3:
            customer.mobile = f"1381234{i % 12:04}"
            customer.email = f"somebody{i}@example.com"
        if i % 4 == 0:
            customer.fill("id_document", IdDocument(IdDocumentKind.PASSPORT, f"E{i:08}"))
        if i % 5 == 0:
            customer.wechat_id, customer.address, customer.birth_date = (
                f"weixin_{i}",
                "上海市浦东新区世纪大道 1 号",
                "1990-01-01" if i % 2 else "2020-01-01",
            )
        if i % 6 == 0:
            customer.id_number = ID_NUMBERS[i % 4 // 2]
        self.recorder.fill(customer)
        if i % 7 == 3:
            customer.name_buckets = None  # as a migration leaves names that wait to be indexed
        return customer

    def listings(self, customers: list[Customer]) -> Iterator[PartnerListing]:
        for i, customer in enumerate(customers):
            for j, partner in enumerate(self.partners):
                if (i + j) % 4:
                    withdrawn = MONDAY if (i + j) % 5 == 0 else None
                    yield PartnerListing(
                        partner_id=partner.id, customer_id=customer.id, consented_at=MONDAY, withdrawn_at=withdrawn
                    )

    def lookups(self, customers: list[Customer]) -> Iterator[CustomerLookup]:
        """Callers of both agents: of every fourth the hour has passed."""
        for i, customer in enumerate(customers):
            if i % 3 == 0:
                until = datetime.now(UTC) + (timedelta(minutes=-1) if i % 4 == 0 else timedelta(days=1))
                yield CustomerLookup(viewer_id=self.staff[2 + i % 2].id, customer_id=customer.id, until=until)

    def tickets(self, customer: Customer, i: int) -> Iterator[Ticket]:
        for nth in range(pick((0, 1, 2, 4))):
            at = pick((MONDAY, tied(i)))
            status = pick((*TicketStatus, TicketStatus.CLOSED))
            made = Ticket(
                id=an_id(),
                customer_id=customer.id,
                kind=pick(TicketKind),
                status=status,
                priority=pick(TicketPriority),
                subject=f"{pick(SUBJECTS)} {i}",
                team_id=pick((None, *(team.id for team in self.teams))),
                assignee_id=pick((None, None, *(member.id for member in self.staff[:4]))),
                opened_by_id=self.staff[2 + i % 2].id if nth % 2 else None,
                opened_at=at,
                due_at=pick((None, MONDAY - FAR, MONDAY + FAR)),
                closed_at=pick((at, LATELY)) if status is TicketStatus.CLOSED else None,
                created_at=at,
                updated_at=pick((at, MONDAY)),
                version=1,
            )
            made.description = pick(CALLED)
            self.recorder.fill(made)
            yield made

    def talks(self, customer: Customer) -> Iterator[Interaction]:
        for i in range(pick((0, 1, 3, 6))):
            made = Interaction(
                id=an_id(),
                customer_id=customer.id,
                staff_id=pick((None, *(member.id for member in self.staff))),
                channel=pick(Channel),
                direction=pick(Direction),
                occurred_at=tied(i),
                created_at=MONDAY,
            )
            made.summary = pick(CALLED)
            self.recorder.fill(made)
            yield made

    def steps(self, ticket: Ticket) -> Iterator[TicketStep]:
        for i in range(pick((0, 1, 3))):
            made = TicketStep(
                id=an_id(),
                ticket=ticket,
                status=pick(TicketStatus),
                at=tied(i),
                actor_id=pick((None, self.staff[2].id)),
                satisfied=pick((None, True, False)),
            )
            made.text = pick(CALLED)
            self.recorder.fill(made)
            yield made

    def changes(self, customer: Customer) -> Iterator[Event]:
        for _ in range(pick((0, 3, 14))):
            yield Event(
                id=an_id(),
                kind=pick(EventKind),
                at=MONDAY,
                customer_id=customer.id,
                actor_id=pick((None, self.staff[0].id)),
                fields=pick(([], ["mobile", "region"])),
                before=pick((None, "POTENTIAL")),
                after=pick((None, "CHURN")),
                reason=pick((None, "客户要求")),
            )

    def look(self, customer: Customer) -> AccessLogEntry:
        partner = pick((True, False))
        return AccessLogEntry(
            id=an_id(),
            at=MONDAY,
            viewer_id=(self.partners if partner else self.staff)[0].id,
            viewer_kind="ptn" if partner else "stf",
            viewer_name=pick((None, "张员工")),
            subject_id=customer.id,
            subject_kind="cus",
            customer_id=customer.id,
            field=pick(PersonalField),
            purpose="SERVICE",
            reason="回访",
        )


@dataclass(repr=False)
class World:
    """Everything that is stored, and who looks at it.

    `names` are the clear names of customers whose key exists: without it nobody opens them, and no search finds them.
    """

    rows: dict[type[Base], list[Any]]
    names: dict[UUID, str]
    viewers: dict[str, Viewer]

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """Hypothesis prints the arguments of a failing test, and warns of long ones."""
        printer.text("the world")


def viewers_of(filling: Filling) -> dict[str, Viewer]:
    """Two of each kind, so that every plan is run for both."""
    one, other = filling.partners
    made = {member.login: Viewer(member.id, member.role, member.name, member.team_id) for member in filling.staff[:5]}
    for role in (Role.MANAGER, Role.PRIVACY_OFFICER, Role.ADMIN):
        for which in ("", "other_"):
            made.setdefault(f"{which}{role.value.lower()}", Viewer(an_id(), role))
    for name, grants in GRANTED.items():
        made[f"partner_{name}"] = Viewer(one.id, Role.PARTNER, one.name, grants=grants)
        made[f"other_partner_{name}"] = Viewer(other.id, Role.PARTNER, other.name, grants=grants)
    return made


GRANTED = {
    "all": frozenset(Grant),
    "none": frozenset[Grant](),
    "customers": frozenset({Grant.CUSTOMERS}),
    "tickets_alone": frozenset({Grant.TICKETS}),
    "some": frozenset({Grant.CUSTOMERS, Grant.PROFILE, Grant.TICKETS}),
}


async def fill(engine: AsyncEngine, ring: KeyRing) -> World:
    """Writes the house into an empty database and reads it back whole."""
    CHANCE.seed(20260302)
    filling = Filling(ring)
    async with AsyncSession(engine, expire_on_commit=False) as session:
        for batch in filling.rows():
            session.add_all(batch)
            await session.flush()
        await session.commit()
    async with AsyncSession(engine, expire_on_commit=False) as session:
        rows = {model: list(await session.scalars(_whole(model))) for model in SEVERAL}
    names = {row.id: filling.names[row.id] for row in rows[Customer] if row.data_key}
    settings = {row.name: row.value for row in rows[BusinessSetting]}
    viewers = {name: replace(viewer, settings=settings) for name, viewer in viewers_of(filling).items()}
    return World(rows, names, viewers)


def _whole(model: type[Base]) -> Any:
    return select(model).options(*(selectinload(link.class_attribute) for link in inspect(model).relationships))
