"""What can be asked. Every field is answered by a plan; the arguments here are for the SDL."""

from typing import Annotated

import strawberry
from strawberry import UNSET

from domain.staff import Role
from schema.access_log import AccessLogEntry
from schema.answering.planned import planned
from schema.customer import Customer, CustomerCount, CustomerDimension, CustomerFilter, CustomerOrder
from schema.duplicate_contact import DuplicateContact
from schema.interaction import Interaction
from schema.node import After, Before, Connection, First, Last, Node
from schema.service_desk import Setting, TicketRoute
from schema.staff import StaffMember, Team
from schema.ticket import Ticket, TicketCount, TicketDimension, TicketFilter, TicketOrder
from schema.tier import Purpose, Tier
from schema.viewer import Viewer

Id = Annotated[strawberry.ID, strawberry.argument(description="带前缀的全局 id。A prefixed global id.")]


@strawberry.type(description="读取。What can be asked.")
class Query:
    @strawberry.field(description="当前查看者；没有令牌时为 null。Who asks. Null without a token.")
    async def viewer(self, info: strawberry.Info) -> Viewer | None:
        return await planned(info)

    @strawberry.field(
        description="按 id 取任意对象；不存在或不可见均为 null。By id; null alike if absent or out of reach."
    )
    async def node(self, info: strawberry.Info, id: Id) -> Node | None:
        return await planned(info)

    @strawberry.field(description="按 id 批量取，顺序与 ids 一致，最多 100 个。In the order of the ids. At most 100.")
    async def nodes(
        self,
        info: strawberry.Info,
        ids: Annotated[list[strawberry.ID], strawberry.argument(description="各对象的 id。The ids of the objects.")],
    ) -> list[Node | None]:
        return await planned(info)

    @strawberry.field(
        description="一个客户；不存在或不可见均为 null。One customer; null alike if absent or out of reach."
    )
    async def customer(self, info: strawberry.Info, id: Id) -> Customer | None:
        return await planned(info)

    @strawberry.field(description="查看者可见的客户，默认由新到旧。The customers in reach, newest first by default.")
    async def customers(
        self,
        info: strawberry.Info,
        first: First = UNSET,
        after: After = UNSET,
        last: Last = UNSET,
        before: Before = UNSET,
        where: Annotated[CustomerFilter | None, strawberry.argument(description="筛选条件。Narrow the list.")] = UNSET,
        order_by: Annotated[CustomerOrder | None, strawberry.argument(description="排序。Order the list.")] = UNSET,
    ) -> Connection[Customer] | None:
        return await planned(info)

    @strawberry.field(description="查看者可见的客户按某一维度计数。The viewer's customers by one dimension.")
    async def customer_counts(
        self,
        info: strawberry.Info,
        by: Annotated[CustomerDimension, strawberry.argument(description="维度。Counted by what.")],
        where: Annotated[
            CustomerFilter | None, strawberry.argument(description="只统计符合条件的。Count only these.")
        ] = UNSET,
    ) -> list[CustomerCount] | None:
        return await planned(info)

    @strawberry.field(
        description="有相同联系方式或编号的客户，由新到旧，仅经理可见；录入者只被告知其可见范围内的重复。"
        "Customers who share a contact or a number, newest first, for MANAGER only. "
        "Who enters a contact is told of duplicates in the own scope alone."
    )
    async def duplicate_contacts(
        self,
        info: strawberry.Info,
        first: First = UNSET,
        after: After = UNSET,
        last: Last = UNSET,
        before: Before = UNSET,
    ) -> Connection[DuplicateContact] | None:
        return await planned(info)

    @strawberry.field(description="一次互动。One interaction; null alike if absent or out of reach.")
    async def interaction(self, info: strawberry.Info, id: Id) -> Interaction | None:
        return await planned(info)

    @strawberry.field(description="一张工单。One ticket; null alike if absent or out of reach.")
    async def ticket(self, info: strawberry.Info, id: Id) -> Ticket | None:
        return await planned(info)

    @strawberry.field(
        description="查看者可见的工单，默认由新到旧。The tickets in the viewer's scope, newest first by default."
    )
    async def tickets(
        self,
        info: strawberry.Info,
        first: First = UNSET,
        after: After = UNSET,
        last: Last = UNSET,
        before: Before = UNSET,
        where: Annotated[TicketFilter | None, strawberry.argument(description="筛选条件。Narrow the list.")] = UNSET,
        order_by: Annotated[TicketOrder | None, strawberry.argument(description="排序。Order the list.")] = UNSET,
    ) -> Connection[Ticket] | None:
        return await planned(info)

    @strawberry.field(description="查看者可见的工单按某一维度计数。The viewer's tickets by one dimension.")
    async def ticket_counts(
        self,
        info: strawberry.Info,
        by: Annotated[TicketDimension, strawberry.argument(description="维度。Counted by what.")],
        where: Annotated[
            TicketFilter | None, strawberry.argument(description="只统计符合条件的。Count only these.")
        ] = UNSET,
    ) -> list[TicketCount] | None:
        return await planned(info)

    @strawberry.field(
        description="工单路由：每种类型一条，最后是默认路由。Where new tickets go: a route per kind, the default last."
    )
    async def ticket_routes(self, info: strawberry.Info) -> list[TicketRoute] | None:
        return await planned(info)

    @strawberry.field(description="全部业务设置。All business settings.")
    async def settings(self, info: strawberry.Info) -> list[Setting] | None:
        return await planned(info)

    @strawberry.field(description="小组，按建立先后。Teams, in the order they were made.")
    async def teams(
        self,
        info: strawberry.Info,
        first: First = UNSET,
        after: After = UNSET,
        last: Last = UNSET,
        before: Before = UNSET,
    ) -> Connection[Team] | None:
        return await planned(info)

    @strawberry.field(description="全部客户级别。All tiers.")
    async def tiers(self, info: strawberry.Info) -> list[Tier] | None:
        return await planned(info)

    @strawberry.field(description="个人信息处理目的登记表。The purpose register.")
    async def purposes(self, info: strawberry.Info) -> list[Purpose] | None:
        return await planned(info)

    @strawberry.field(description="员工，按入职先后。Staff, in the order they joined.")
    async def staff_members(
        self,
        info: strawberry.Info,
        first: First = UNSET,
        after: After = UNSET,
        last: Last = UNSET,
        before: Before = UNSET,
        role: Annotated[list[Role] | None, strawberry.argument(description="角色。With one of these roles.")] = UNSET,
    ) -> Connection[StaffMember] | None:
        return await planned(info)

    @strawberry.field(description="明文查看日志，由新到旧。Looks at clear values, newest first.")
    async def access_log(
        self,
        info: strawberry.Info,
        first: First = UNSET,
        after: After = UNSET,
        last: Last = UNSET,
        before: Before = UNSET,
        subject_id: Annotated[
            strawberry.ID | None, strawberry.argument(description="仅此客户、互动、工单或步骤。Looks at this one.")
        ] = UNSET,
        viewer_id: Annotated[
            strawberry.ID | None, strawberry.argument(description="仅此查看者。Looks by this viewer.")
        ] = UNSET,
    ) -> Connection[AccessLogEntry] | None:
        return await planned(info)
