"""The stock schema: types, permission classes and resolvers for what the four questions ask."""

# mypy: disable-error-code="untyped-decorator"
from datetime import datetime
from typing import Any

import strawberry
from sqlalchemy import ColumnElement, Select, func, select, true
from sqlalchemy.ext.asyncio import AsyncSession
from strawberry import UNSET, Info
from strawberry.permission import BasePermission

from auth.access import Sight
from bench.floor import PLACE, cursor
from bench.stock_loading import Context
from domain import tables
from domain.channel import Channel
from domain.customer import CustomerKind
from domain.identity import public_id, read_public_id
from domain.lifecycle import LifecycleStage
from domain.staff import Role
from domain.ticket_state import TicketPriority, TicketStatus
from domain.tier import TierCode
from schema.customer import CustomerOrder
from schema.node import OrderDirection
from schema.personal import PersonalText
from schema.ticket import TicketFilter


class SeesCustomers(BasePermission):
    message = "You may not see this field"
    roles = frozenset({Role.REP, Role.SUPPORT, Role.MANAGER})

    def has_permission(self, source: Any, info: Info[Context, None], **kwargs: Any) -> bool:
        return info.context.viewer.role in self.roles


class SeesScores(SeesCustomers):
    roles = frozenset({Role.REP, Role.MANAGER})


@strawberry.type
class StaffMember:
    @strawberry.field
    @staticmethod
    def id(root: strawberry.Parent[tables.StaffMember]) -> strawberry.ID:
        return strawberry.ID(public_id("stf", root.id))

    name: str = strawberry.field(permission_classes=[SeesCustomers])


@strawberry.type
class Tier:
    code: TierCode
    name: str


@strawberry.type
class Interaction:
    @strawberry.field
    @staticmethod
    def id(root: strawberry.Parent[tables.Interaction]) -> strawberry.ID:
        return strawberry.ID(public_id("int", root.id))

    channel: Channel
    occurred_at: datetime

    @strawberry.field(permission_classes=[SeesCustomers])
    @staticmethod
    def summary(root: strawberry.Parent[tables.Interaction]) -> PersonalText:
        whole = root.summary_sealed is None
        return PersonalText(
            display=root.summary_masked, sight=Sight.CLEAR if whole else Sight.MASKED, revealable=not whole
        )

    @strawberry.field(permission_classes=[SeesCustomers])
    @staticmethod
    async def staff(root: strawberry.Parent[tables.Interaction], info: Info[Context, None]) -> StaffMember | None:
        return await info.context.staff.load(root.staff_id) if root.staff_id else None  # type: ignore[return-value]


@strawberry.type
class Ticket:
    @strawberry.field
    @staticmethod
    def id(root: strawberry.Parent[tables.Ticket]) -> strawberry.ID:
        return strawberry.ID(public_id("tkt", root.id))

    number: str
    status: TicketStatus
    priority: TicketPriority
    subject: str


@strawberry.type
class Interactions:
    nodes: list[Interaction]


@strawberry.type
class Tickets:
    nodes: list[Ticket]


def masked(text: str | None) -> PersonalText:
    return PersonalText(display=text, sight=Sight.MASKED, revealable=text is not None)


@strawberry.type
class Customer:
    @strawberry.field
    @staticmethod
    def id(root: strawberry.Parent[tables.Customer]) -> strawberry.ID:
        return strawberry.ID(public_id("cus", root.id))

    kind: CustomerKind = strawberry.field(permission_classes=[SeesCustomers])
    region: str | None = strawberry.field(permission_classes=[SeesCustomers])
    industry: str | None = strawberry.field(permission_classes=[SeesCustomers])
    stage: LifecycleStage | None = strawberry.field(permission_classes=[SeesCustomers])
    score: float | None = strawberry.field(permission_classes=[SeesScores])
    created_at: datetime

    @strawberry.field(permission_classes=[SeesCustomers])
    @staticmethod
    async def name(root: strawberry.Parent[tables.Customer], info: Info[Context, None]) -> PersonalText:
        key = await info.context.data_keys.load(root.id)
        place = PLACE + root.id.bytes
        display = info.context.unseal(key.wrapped if key else None, root.id, root.name_sealed, place)
        return PersonalText(display=display, sight=Sight.CLEAR, revealable=False)

    @strawberry.field(permission_classes=[SeesCustomers])
    @staticmethod
    def mobile(root: strawberry.Parent[tables.Customer]) -> PersonalText:
        return masked(root.mobile_masked)

    @strawberry.field(permission_classes=[SeesCustomers])
    @staticmethod
    def email(root: strawberry.Parent[tables.Customer]) -> PersonalText:
        return masked(root.email_masked)

    @strawberry.field(permission_classes=[SeesCustomers])
    @staticmethod
    async def tier(root: strawberry.Parent[tables.Customer], info: Info[Context, None]) -> Tier | None:
        return await info.context.tiers.load(root.tier_id) if root.tier_id else None  # type: ignore[return-value]

    @strawberry.field(permission_classes=[SeesCustomers])
    @staticmethod
    async def owner(root: strawberry.Parent[tables.Customer], info: Info[Context, None]) -> StaffMember | None:
        return await info.context.staff.load(root.owner_id) if root.owner_id else None  # type: ignore[return-value]

    @strawberry.field(permission_classes=[SeesCustomers])
    @staticmethod
    async def interactions(
        root: strawberry.Parent[tables.Customer], info: Info[Context, None], first: int = 20
    ) -> Interactions:
        return Interactions(nodes=await info.context.interactions.load((root.id, first)))  # type: ignore[arg-type]

    @strawberry.field(permission_classes=[SeesCustomers])
    @staticmethod
    async def tickets(
        root: strawberry.Parent[tables.Customer],
        info: Info[Context, None],
        first: int = 20,
        where: TicketFilter | None = None,
    ) -> Tickets:
        wanted = (root.id, first, tuple(wanted_status(where)))
        return Tickets(nodes=await info.context.tickets.load(wanted))  # type: ignore[arg-type]


@strawberry.type
class PageInfo:
    has_next_page: bool
    end_cursor: str | None


@strawberry.type
class CustomerConnection:
    nodes: list[Customer]
    page_info: PageInfo

    @strawberry.field
    async def total_count(self, info: Info[Context, None]) -> int:
        async with info.context.sessions() as session:
            return await counted(session, select(tables.Customer).where(own(info.context.viewer)))


@strawberry.type
class TicketConnection:
    chosen: strawberry.Private[Select[Any]]

    @strawberry.field
    async def total_count(self, info: Info[Context, None]) -> int:
        async with info.context.sessions() as session:
            return await counted(session, self.chosen)


@strawberry.type
class Query:
    @strawberry.field
    async def customer(self, info: Info[Context, None], id: strawberry.ID) -> Customer | None:  # noqa: A002 - its name
        found = read_public_id(id)
        async with info.context.sessions() as session:
            chosen = select(tables.Customer).where(own(info.context.viewer), tables.Customer.id == (found and found[1]))
            return await session.scalar(chosen)  # type: ignore[no-any-return]

    @strawberry.field
    async def customers(
        self, info: Info[Context, None], first: int = 20, order_by: CustomerOrder | None = None
    ) -> CustomerConnection:
        column = getattr(tables.Customer, order_by.field.name.lower() if order_by else "created_at")
        keys = [column, tables.Customer.id]
        if order_by is None or order_by.direction is OrderDirection.DESC:
            keys = [key.desc() for key in keys]
        async with info.context.sessions() as session:
            chosen = select(tables.Customer).where(own(info.context.viewer)).order_by(*keys).limit(first + 1)
            rows = list(await session.scalars(chosen))
        nodes = rows[:first]
        end = cursor(info.context.cursors, nodes[-1].created_at, nodes[-1].id) if nodes else None
        info_ = PageInfo(has_next_page=len(rows) > first, end_cursor=end)
        return CustomerConnection(nodes=nodes, page_info=info_)  # type: ignore[arg-type]

    @strawberry.field
    async def tickets(
        self,
        info: Info[Context, None],
        first: int = 20,
        where: TicketFilter | None = None,
    ) -> TicketConnection:
        chosen = select(tables.Ticket).join(tables.Ticket.customer).where(own(info.context.viewer))
        if status := wanted_status(where):
            chosen = chosen.where(tables.Ticket.status.in_(status))
        return TicketConnection(chosen=chosen)


def own(viewer: tables.StaffMember) -> ColumnElement[bool]:
    return tables.Customer.owner_id == viewer.id if viewer.role is Role.REP else true()


def wanted_status(where: TicketFilter | None) -> list[TicketStatus]:
    return where.status if where and where.status not in (None, UNSET) else []


async def counted(session: AsyncSession, chosen: Select[Any]) -> int:
    return await session.scalar(select(func.count()).select_from(chosen.subquery())) or 0
