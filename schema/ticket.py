"""Tickets and their steps as the schema shows them."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry
from strawberry import UNSET

from domain import ticket as domain_ticket
from domain.ticket_state import TicketKind, TicketPriority, TicketStatus
from schema.binding import described, reads
from schema.node import After, Before, Connection, First, Last, Node, page
from schema.personal import ON_APPROVAL, PersonalText
from schema.staff import StaffMember

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
    assignee: StaffMember | None = strawberry.field(
        description="处理人；待分配时为 null。Who handles it; null while nobody does."
    )
    opened_at: datetime = strawberry.field(description="受理时间（UTC）。When it was taken in.")
    due_at: datetime | None = strawberry.field(description="应回应时间（UTC）。When an answer is due.")
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
    status: list[TicketStatus] | None = strawberry.field(default=UNSET, description="状态。Standing in one of these.")
    kind: list[TicketKind] | None = strawberry.field(default=UNSET, description="类型。Of one of these kinds.")
    priority: list[TicketPriority] | None = strawberry.field(
        default=UNSET, description="优先级。Of one of these priorities."
    )
    assignee_id: list[strawberry.ID] | None = strawberry.field(
        default=UNSET, description="处理人。Handled by one of these."
    )
    unassigned: bool | None = strawberry.field(
        default=UNSET, description="true 仅待分配，false 仅已分配。True: handled by nobody; false: by somebody."
    )
    overdue: bool | None = strawberry.field(
        default=UNSET, description="true 仅超时未关闭。True: past due and not closed; false: all others."
    )


def page_of_tickets(
    self: object,
    first: First = UNSET,
    after: After = UNSET,
    last: Last = UNSET,
    before: Before = UNSET,
    where: Annotated[TicketFilter | None, strawberry.argument(description="筛选条件。Narrow the list.")] = UNSET,
) -> None:
    """The arguments of a list of tickets; its rows come from a plan."""
