"""Tickets and their steps as the schema shows them."""

from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Annotated

import strawberry
from strawberry import UNSET

from domain import ticket as domain_ticket
from domain.ticket_state import TicketKind, TicketPriority, TicketStatus
from schema.binding import described, reads
from schema.in_url import HARMLESS_IN_URL, PERSONAL_IN_URL
from schema.node import After, Before, Connection, First, Last, Node, OrderDirection, page
from schema.personal import ON_APPROVAL, PersonalText
from schema.staff import StaffMember, Team

if TYPE_CHECKING:
    from schema.customer import Customer

described(
    TicketKind,
    "工单类型。What the customer came with.",
    QUESTION="咨询。A question.",
    COMPLAINT="投诉。A complaint.",
    AFTER_SALES="售后。After-sales service.",
    RETURN_EXCHANGE="退换货。A return or an exchange.",
)

described(
    TicketStatus,
    "受理、调查、回应、跟踪、关闭。Where a ticket stands on its way.",
    ACCEPTED="受理。Taken in.",
    INVESTIGATING="调查。Being looked into.",
    RESPONDED="回应。Answered.",
    FOLLOWING_UP="跟踪。The customer is asked whether the answer helped.",
    CLOSED="关闭。Done.",
)

described(
    TicketPriority,
    "优先级。How soon an answer is due.",
    LOW="低：72 小时。Within 72 hours.",
    NORMAL="普通：24 小时。Within 24 hours.",
    HIGH="高：8 小时。Within 8 hours.",
    URGENT="紧急：4 小时。Within 4 hours.",
)


@strawberry.type(description="查看者可对该步骤做什么。What the viewer may do with this step.")
class TicketStepActs:
    reveal: bool = strawberry.field(
        description="申请查看说明原文。Ask for the original of what was said." + ON_APPROVAL
    )


@reads(domain_ticket.TicketStep)
@strawberry.type(
    description="工单的一步及其说明：备注、回应、处理结果、改进、原因。"
    "One move of a ticket and what was said with it: note, response, resolution, improvement, reason."
)
class TicketStep(Node):
    status: TicketStatus = strawberry.field(description="到达的状态。Where the ticket stood after it.")
    at: datetime = strawberry.field(description="时间（UTC）。When.")
    actor: StaffMember | None = strawberry.field(description="操作人。Who.")
    text: PersonalText = strawberry.field(
        description="说明；写入时检出的号码已脱敏，此时 sight 为 MASKED。"
        "What was said; numbers found in it when it was written are masked, and `sight` is MASKED then."
    )
    satisfied: bool | None = strawberry.field(
        description="客户是否满意，未询问时为 null。Whether the customer was satisfied."
    )
    viewer_can: TicketStepActs = strawberry.field(description="查看者可做的操作。What the viewer may do.")


@strawberry.type(
    description="查看者可对该工单做什么，按其当前状态。What the viewer may do with this ticket, as it stands now."
)
class TicketActs:
    assign: bool = strawberry.field(description="分配处理人。Hand it to somebody.")
    investigate: bool = strawberry.field(description="受理 → 调查。Begin to look into it.")
    respond: bool = strawberry.field(description="调查 → 回应。Answer it.")
    follow_up: bool = strawberry.field(description="回应 → 跟踪。Ask whether the answer helped.")
    reopen: bool = strawberry.field(description="关闭 → 调查。Open it again.")
    close: bool = strawberry.field(description="跟踪 → 关闭。Close it.")
    reveal: bool = strawberry.field(
        description="申请查看描述原文。Ask for the original of the description." + ON_APPROVAL
    )


@reads(domain_ticket.Ticket)
@strawberry.type(description="客户工单。A customer's question or complaint on its way to an answer.")
class Ticket(Node):
    number: str = strawberry.field(description="工单号。Its number, as told to the customer.")
    customer: Annotated["Customer", strawberry.lazy("schema.customer")] | None = strawberry.field(
        description="客户。The customer."
    )
    kind: TicketKind = strawberry.field(description="类型。What the customer came with.")
    status: TicketStatus = strawberry.field(description="状态。Where it stands.")
    priority: TicketPriority = strawberry.field(description="优先级。How soon an answer is due.")
    subject: str = strawberry.field(description="主题。In a few words.")
    description: PersonalText = strawberry.field(
        description="描述；写入时检出的号码已脱敏，此时 sight 为 MASKED。"
        "In full; numbers found in it when it was written are masked, and `sight` is MASKED then."
    )
    team: Team | None = strawberry.field(
        description="在哪个小组的队列中；没有小组有在职客服时为 null，由经理用 withoutTeam 查找并分配。"
        "In whose queue it is; null where no team has an active agent: a manager finds it by "
        "`withoutTeam` and assigns it."
    )
    assignee: StaffMember | None = strawberry.field(
        description="处理人；待分配时为 null。Who handles it; null while nobody does."
    )
    opened_at: datetime = strawberry.field(description="受理时间（UTC）。When it was taken in.")
    due_at: datetime | None = strawberry.field(
        description="应回应时间（UTC）。回应即停表，此后不算超时；客户不满意或重新打开时重新计时。"
        "When an answer is due, or was. The answer stops the clock: RESPONDED, FOLLOWING_UP and CLOSED are never "
        "overdue; a customer who is not satisfied, and reopening, set a new time."
    )
    closed_at: datetime | None = strawberry.field(description="关闭时间（UTC）。When it was closed; null while open.")
    version: int = strawberry.field(description="版本号，供 expectedVersion 使用。For expectedVersion.")
    created_at: datetime = strawberry.field(description="创建时间（UTC）。When the record was made.")
    updated_at: datetime = strawberry.field(description="更新时间（UTC）。When it last changed.")
    viewer_can: TicketActs = strawberry.field(description="查看者可做的操作。What the viewer may do.")
    steps: Connection[TicketStep] | None = strawberry.field(
        resolver=page, description="处理过程，由早到晚。Its moves, oldest first."
    )


@strawberry.input(
    description="工单筛选；缺省与 null 不筛选，列表表示任一。Absent and null narrow nothing; a list means any of."
)
class TicketFilter:
    number: str | None = strawberry.field(
        default=UNSET,
        description="工单号，须完整，例如 T00000012，不分大小写与全半角；空文本不筛选。"
        "The number, in full, such as T00000012, case and width aside; empty narrows nothing.",
        metadata=HARMLESS_IN_URL,
    )
    search: str | None = strawberry.field(
        default=UNSET,
        description="主题的一部分，不分大小写与全半角；空文本不筛选；只能以 POST 发送。不查找描述：其中的号码已脱敏，"
        "只有完整可见的字段才可用于筛选。"
        "Part of the subject, case and width aside; empty narrows nothing; by POST only. The description is not "
        "searched: numbers in it may be masked, and only fields seen in clear narrow a list.",
        metadata=PERSONAL_IN_URL,
    )
    status: list[TicketStatus] | None = strawberry.field(default=UNSET, description="状态。Standing in one of these.")
    kind: list[TicketKind] | None = strawberry.field(default=UNSET, description="类型。Of one of these kinds.")
    priority: list[TicketPriority] | None = strawberry.field(
        default=UNSET, description="优先级。Of one of these priorities."
    )
    customer_id: list[strawberry.ID] | None = strawberry.field(
        default=UNSET, description="客户。Of one of these customers."
    )
    team_id: list[strawberry.ID] | None = strawberry.field(
        default=UNSET, description="所在小组的队列，见 teams。In the queue of one of these teams; `teams` lists them."
    )
    without_team: bool | None = strawberry.field(
        default=UNSET,
        description="true 仅不在任何小组队列中的，false 为其余。True: in the queue of no team; false: all others.",
    )
    assignee_id: list[strawberry.ID] | None = strawberry.field(
        default=UNSET, description="处理人。Handled by one of these."
    )
    unassigned: bool | None = strawberry.field(
        default=UNSET, description="true 仅待分配，false 仅已分配。True: handled by nobody; false: by somebody."
    )
    overdue: bool | None = strawberry.field(
        default=UNSET,
        description="true 仅超时未回应（受理或调查中，已过应回应时间）；false 为其余。"
        "True: waiting for an answer past the time it was due; false: all others.",
    )
    opened_from: datetime | None = strawberry.field(
        default=UNSET, description="此刻或之后受理。Taken in then or later."
    )
    opened_to: datetime | None = strawberry.field(default=UNSET, description="此刻之前受理。Taken in before then.")
    due_from: datetime | None = strawberry.field(
        default=UNSET, description="此刻或之后应回应。An answer due then or later."
    )
    due_to: datetime | None = strawberry.field(default=UNSET, description="此刻之前应回应。An answer due before then.")
    closed_from: datetime | None = strawberry.field(default=UNSET, description="此刻或之后关闭。Closed then or later.")
    closed_to: datetime | None = strawberry.field(default=UNSET, description="此刻之前关闭。Closed before then.")


@strawberry.enum(description="工单列表的排序依据。What a list of tickets is ordered by.")
class TicketOrderField(Enum):
    OPENED_AT = strawberry.enum_value("OPENED_AT", description="受理时间。When it was taken in.")
    DUE_AT = strawberry.enum_value(
        "DUE_AT", description="应回应时间；没有者最早。When an answer is due; none is first."
    )
    PRIORITY = strawberry.enum_value("PRIORITY", description="优先级，LOW 最低。Priority; LOW is the smallest.")
    UPDATED_AT = strawberry.enum_value("UPDATED_AT", description="更新时间。When it last changed.")
    CLOSED_AT = strawberry.enum_value("CLOSED_AT", description="关闭时间；未关闭者最早。When closed; open is first.")


@strawberry.input(description="工单排序。How a list of tickets is ordered.")
class TicketOrder:
    field: TicketOrderField = strawberry.field(description="依据。By what.")
    direction: OrderDirection = strawberry.field(description="方向。Which way.")


@strawberry.enum(description="统计维度。What tickets are counted by.")
class TicketDimension(Enum):
    STATUS = strawberry.enum_value("STATUS", description="状态。Status.")
    KIND = strawberry.enum_value("KIND", description="类型。Kind.")
    PRIORITY = strawberry.enum_value("PRIORITY", description="优先级。Priority.")
    ASSIGNEE = strawberry.enum_value("ASSIGNEE", description="处理人。Who handles it.")
    TEAM = strawberry.enum_value("TEAM", description="所在小组。The team whose queue it is in.")


@strawberry.type(description="一组工单的数量。How many tickets share a key.")
class TicketCount:
    key: str | None = strawberry.field(
        description="状态、类型、优先级、处理人 id 或小组 id；无值为 null。"
        "Status, kind, priority, the assignee's id or the team's; null where there is none."
    )
    label: str | None = strawberry.field(
        description="可显示的名称：中文词、员工或小组的名称；key 为 null 时为 null。"
        "What to show for the key: a Chinese word, the name of the member of staff or team; null where the key is null."
    )
    count: int = strawberry.field(description="数量。How many.")


def page_of_tickets(
    self: object,
    first: First = UNSET,
    after: After = UNSET,
    last: Last = UNSET,
    before: Before = UNSET,
    where: Annotated[TicketFilter | None, strawberry.argument(description="筛选条件。Narrow the list.")] = UNSET,
    order_by: Annotated[TicketOrder | None, strawberry.argument(description="排序。Order the list.")] = UNSET,
) -> None:
    """The arguments of a list of tickets; its rows come from a plan."""
