"""A town of strangers: each customer is there for one reason to be reached or not, and every value is known.

`REACHED` is written by hand, so that no test takes the policy's word for what the policy should say.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from sqlalchemy import inspect, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from auth.door.session import opened
from auth.jobs import Job, SystemViewer
from auth.sealing.keys import KeyRing
from auth.viewer import Grant, Viewer
from domain.access_log import AccessLogEntry, PersonalField
from domain.base import Base
from domain.business_setting import BusinessSetting
from domain.channel import Channel, Direction
from domain.customer import Customer, CustomerKind
from domain.customer_lookup import CustomerLookup
from domain.duplicate_contact import DuplicateContact
from domain.event import Event
from domain.identity import new_id
from domain.interaction import Interaction
from domain.lifecycle import LifecycleStage
from domain.partner import Partner, PartnerListing
from domain.personal.document import IdDocumentKind
from domain.purpose import LegalBasis, Purpose
from domain.staff import Role, StaffMember, Team
from domain.tag import Tag
from domain.ticket import Ticket, TicketStep
from domain.ticket_route import TicketRoute
from domain.ticket_state import TicketKind, TicketPriority
from domain.tier import TIERS, Tier, TierCode
from server.postgres.database import Database

MONDAY = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)

OPEN, LATELY, LONG_AGO = False, timedelta(days=89), timedelta(days=91)
"""Whether a ticket is open, or how long ago it was closed: agents read on for 90 days."""

# Who owns the customer; then the tickets: (team, assignee, closed); then the partners it is listed for, "-" withdrawn.
CUSTOMERS: dict[str, tuple[str | None, list[tuple[str | None, str | None, timedelta | bool]], list[str]]] = {
    "own_plain": ("rep", [], ["one"]),
    "own_queued": ("rep", [("team one", None, OPEN)], ["one", "two"]),
    "own_closed": ("rep", [("team one", "agent", LONG_AGO)], []),
    "other_withdrawn": ("other_rep", [], ["-one"]),
    "other_assigned": ("other_rep", [("team two", "agent", OPEN), ("team two", None, OPEN)], ["two"]),
    "other_queued": ("other_rep", [("team two", None, OPEN), ("team two", None, LONG_AGO)], []),
    "other_taken": ("other_rep", [("team one", "other_agent", OPEN)], []),
    "free_teamless": (None, [(None, None, OPEN)], []),
    "free_plain": (None, [], ["one"]),
    "managed": ("manager", [("team one", "other_agent", LONG_AGO), ("team two", None, LATELY)], []),
}

FOUND = {("teamless_agent", "free_plain"): timedelta(minutes=50), ("agent", "free_plain"): timedelta(minutes=-1)}
"""Callers whom an agent found by contact, and for how much longer they are seen."""

IN_SERVICE = {
    "agent": {("own_queued", 0), ("other_assigned", 0), ("other_taken", 0)},
    "other_agent": {
        ("other_assigned", 0), ("other_assigned", 1), ("other_queued", 0), ("other_taken", 0), ("managed", 1),
    },
    "teamless_agent": set(),
}  # fmt: skip
"""The tickets that an agent reads, by customer and place above."""

REACHED = {
    "rep": {"own_plain", "own_queued", "own_closed"},
    "other_rep": {"other_withdrawn", "other_assigned", "other_queued", "other_taken"},
    "agent": {"own_queued", "other_assigned", "other_taken"},
    "other_agent": {"other_assigned", "other_queued", "other_taken", "managed"},
    "teamless_agent": {"free_plain"},
    "manager": set(CUSTOMERS),
    "privacy_officer": set(),
    "admin": set(),
    "partner_none": set(),
    "partner_talks_alone": set(),
    "partner_tickets_alone": set(),
    "partner_customers": {"own_plain", "own_queued", "free_plain"},
    "partner_names": {"own_plain", "own_queued", "free_plain"},
    "partner_contacts": {"own_plain", "own_queued", "free_plain"},
    "partner_profile": {"own_plain", "own_queued", "free_plain"},
    "partner_talks": {"own_plain", "own_queued", "free_plain"},
    "partner_tickets": {"own_plain", "own_queued", "free_plain"},
    "partner_all": {"own_plain", "own_queued", "free_plain"},
    "other_partner_all": {"own_queued", "other_assigned"},
    "unlisted_partner_all": set(),
}

GRANTED = {
    "none": frozenset[Grant](),
    "talks_alone": frozenset({Grant.INTERACTIONS, Grant.NAMES}),
    "tickets_alone": frozenset({Grant.TICKETS, Grant.PROFILE}),
    "customers": frozenset({Grant.CUSTOMERS}),
    "names": frozenset({Grant.CUSTOMERS, Grant.NAMES}),
    "contacts": frozenset({Grant.CUSTOMERS, Grant.CONTACTS}),
    "profile": frozenset({Grant.CUSTOMERS, Grant.PROFILE}),
    "talks": frozenset({Grant.CUSTOMERS, Grant.INTERACTIONS}),
    "tickets": frozenset({Grant.CUSTOMERS, Grant.TICKETS}),
    "all": frozenset(Grant),
}

VIEWERS = tuple(REACHED)
SURNAMES = "赵钱孙李周吴郑王冯陈"
REGIONS = ("华东", "华北", "华南")


@dataclass
class Town:
    """Rows by type with every relation at hand, the clear values planted, and who looks."""

    rows: dict[type[Base], list[Any]]
    planted: dict[str, dict[str, str]]
    viewers: dict[str, Viewer]
    called: dict[Any, str] = field(default_factory=dict)
    """Customers' names in this file by their ids."""
    placed: dict[Any, tuple[str, int]] = field(default_factory=dict)
    """Tickets by their ids: whose, and which of theirs."""

    def customers(self, viewer: str) -> list[Customer]:
        """Those that `REACHED` gives to this viewer."""
        return [row for row in self.rows[Customer] if self.called[row.id] in REACHED[viewer]]

    def tickets(self, viewer: str) -> list[Ticket]:
        """By hand as well: agents read those that are in service for them, others all of the customers they reach."""
        customers = {row.id for row in self.customers(viewer)}
        return [
            row
            for row in self.rows[Ticket]
            if row.customer_id in customers and self.placed[row.id] in IN_SERVICE.get(viewer, {self.placed[row.id]})
        ]


def resident_id(place: str, born: str, number: int) -> str:
    digits = f"{place}{born}{number:03}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return digits + "10X98765432"[sum(int(d) * w for d, w in zip(digits, weights, strict=True)) % 11]


def planted(i: int) -> dict[str, str]:
    """Clear values of the customer of this number, in their normal form."""
    born = f"19{70 + i}0{1 + i % 9}1{i % 9}"
    return {
        "name": f"{SURNAMES[i]}试{'甲乙丙丁戊己庚辛壬癸'[i]}",
        "mobile": f"+86139{i:02}13579{i % 10}",
        "other_mobile": f"+86137{i:02}24680{i % 10}",
        "email": f"canary.number{i}@example.com",
        "wechat_id": f"wxid_canary{i}",
        "id_number": resident_id("310115", born, 100 + i),
        "id_document": f"E1234567{i % 10}",
        "address": f"上海市浦东新区世纪大道{1000 + i}号{i + 1}单元{300 + i}室",
        "birth_date": f"{born[:4]}-{born[4:6]}-{born[6:]}",
    }


class Building:
    """Makes everybody, by the domain's own acts, at moments that never repeat."""

    def __init__(self) -> None:
        self._minutes = count(1)
        self.teams = {name: Team(id=new_id(), name=name) for name in ("team one", "team two")}
        self.partners = {
            name: Partner(id=new_id(), name=name, contract_from=MONDAY, contract_until=MONDAY + timedelta(days=3650))
            for name in ("one", "two", "unlisted")
        }
        self.staff = {
            login: self._member(login, role, self.teams.get(team))
            for login, role, team in (
                ("rep", Role.REP, "team one"),
                ("other_rep", Role.REP, "team two"),
                ("agent", Role.SUPPORT, "team one"),
                ("other_agent", Role.SUPPORT, "team two"),
                ("teamless_agent", Role.SUPPORT, ""),
                ("manager", Role.MANAGER, "team one"),
                ("privacy_officer", Role.PRIVACY_OFFICER, ""),
                ("admin", Role.ADMIN, ""),
            )
        }
        self.tags = [Tag(id=new_id(), name=f"tag {i}", group=f"group {i % 2}") for i in range(4)]
        self.placed: dict[Any, tuple[str, int]] = {}
        self.planted = {name: planted(i) for i, name in enumerate(CUSTOMERS)}
        self.customers = {name: self._customer(i, name) for i, name in enumerate(CUSTOMERS)}

    def moment(self) -> datetime:
        return MONDAY + timedelta(minutes=next(self._minutes))

    def _member(self, login: str, role: Role, team: Team | None) -> StaffMember:
        return StaffMember(
            id=new_id(),
            login=login,
            name=f"员工 {login}",
            role=role,
            team_id=team.id if team else None,
            active=True,
            created_at=MONDAY,
        )

    def _customer(self, i: int, name: str) -> Customer:
        owner, at = CUSTOMERS[name][0], self.moment()
        made = Customer(
            id=new_id(),
            kind=CustomerKind.PERSON,
            basis=LegalBasis.CONTRACT,
            region=REGIONS[i % 3],
            industry=("零售", None)[i % 2],
            source="官网",
            stage=LifecycleStage.AWARENESS,
            tier_id=TIERS[list(TierCode)[i % 3]][0],
            score=float(i * 10) if i % 3 else None,
            preferred_channel=Channel.PHONE,
            owner_id=self.staff[owner].id if owner else None,
            external_id=f"EXT-{i // 2}",
            created_at=at,
            updated_at=at,
            version=1,
        )
        made.tags = [self.tags[i % 4], self.tags[(i + 1) % 4]]
        for text, value in self.planted[name].items():
            setattr(made, text, value)
        made.document_kind = IdDocumentKind.PASSPORT
        made.created(None, at)
        return made

    def rows(self) -> Iterator[Base]:
        yield from [*self.teams.values(), *self.partners.values(), *self.staff.values(), *self.tags]
        for name, customer in self.customers.items():
            yield customer
            yield from self._talks(customer, name)
            for place, (team, assignee, closed) in enumerate(CUSTOMERS[name][1]):
                ticket = self._ticket(customer, name, team, assignee, closed)
                self.placed[ticket.id] = name, place
                yield ticket
            yield from self._listings(customer, name)
            yield from self._lookups(customer, name)
            mobile = self.planted[name]["mobile"][3:]
            customer.move_stage(LifecycleStage.PURCHASE, f"来电 {mobile} 下单", self.staff["manager"].id, self.moment())
            yield self._look(customer)

    def _talks(self, customer: Customer, name: str) -> Iterator[Interaction]:
        for said in (f"请回电 {self.planted[name]['mobile'][3:]}，证件 {self.planted[name]['id_number']}", "问了价格"):
            at = self.moment()
            yield Interaction.logged(
                customer,
                channel=Channel.PHONE,
                direction=Direction.INBOUND,
                occurred_at=at,
                summary=said,
                staff_id=self.staff["rep"].id,
                at=at,
            )

    def _ticket(
        self, customer: Customer, name: str, team: str | None, assignee: str | None, closed: timedelta | bool
    ) -> Ticket:
        mobile, manager = self.planted[name]["mobile"][3:], self.staff["manager"].id
        made = Ticket.opened(
            customer,
            kind=TicketKind.COMPLAINT,
            priority=TicketPriority.HIGH,
            subject=f"到货破损，电话 {mobile}",
            description=f"外箱压坏，回电 {mobile}" if team else "外箱压坏",
            team_id=self.teams[team].id if team else None,
            actor_id=None,
            at=self.moment(),
        )
        if assignee:
            made.assign(self.staff[assignee], manager, self.moment())
        made.investigate(f"已致电 {mobile}", manager, self.moment())
        made.respond("已安排换货", manager, self.moment())
        if closed:
            made.follow_up("客户满意", True, manager, self.moment())
            made.close(f"换货完成，{mobile} 已签收", None, manager, self.moment())
        if isinstance(closed, timedelta):
            made.closed_at = datetime.now(UTC).replace(microsecond=0) - closed
        return made

    def _lookups(self, customer: Customer, name: str) -> Iterator[CustomerLookup]:
        for (viewer, found), left in FOUND.items():
            if found == name:
                until = datetime.now(UTC) + left
                yield CustomerLookup(viewer_id=self.staff[viewer].id, customer_id=customer.id, until=until)

    def _listings(self, customer: Customer, name: str) -> Iterator[PartnerListing]:
        for partner in CUSTOMERS[name][2]:
            yield PartnerListing(
                partner_id=self.partners[partner.strip("-")].id,
                customer_id=customer.id,
                consented_at=MONDAY,
                withdrawn_at=MONDAY if partner.startswith("-") else None,
            )

    def _look(self, customer: Customer) -> AccessLogEntry:
        return AccessLogEntry(
            id=new_id(),
            at=self.moment(),
            viewer_id=self.staff["rep"].id,
            viewer_kind=StaffMember.PREFIX,
            viewer_name="员工 rep",
            subject_id=customer.id,
            subject_kind=Customer.PREFIX,
            customer_id=customer.id,
            field=PersonalField.MOBILE,
            purpose="FOLLOW_UP",
            reason="客户要求回电",
        )

    def viewers(self) -> dict[str, Viewer]:
        found = {login: Viewer(row.id, row.role, row.name, row.team_id) for login, row in self.staff.items()}
        one, two, unlisted = self.partners.values()
        for name, grants in GRANTED.items():
            found[f"partner_{name}"] = Viewer(one.id, Role.PARTNER, one.name, grants=grants)
        found["other_partner_all"] = Viewer(two.id, Role.PARTNER, two.name, grants=GRANTED["all"])
        found["unlisted_partner_all"] = Viewer(unlisted.id, Role.PARTNER, unlisted.name, grants=GRANTED["all"])
        return found


async def build_town(database: Database, ring: KeyRing) -> Town:
    """Writes everybody through the scoped session and reads them back whole."""
    building = Building()
    async with opened(database.desks, SystemViewer(Job.DEMO), ring) as session:
        session.add_all(list(building.rows()))
    called = {row.id: name for name, row in building.customers.items()}
    models = (
        Customer, Interaction, Ticket, TicketStep, Event, StaffMember, Team, TicketRoute, BusinessSetting, Tier, Tag,
        Purpose, AccessLogEntry, DuplicateContact,
    )  # fmt: skip
    async with AsyncSession(database.engine, expire_on_commit=False) as session:
        rows = {model: list(await session.scalars(_whole(model))) for model in models}
    settings = {row.name: row.value for row in rows[BusinessSetting]}
    viewers = {name: replace(viewer, settings=settings) for name, viewer in building.viewers().items()}
    return Town(rows, building.planted, viewers, called, building.placed)


def _whole(model: type[Base]) -> Any:
    return select(model).options(*(selectinload(link.class_attribute) for link in inspect(model).relationships))
