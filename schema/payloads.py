"""What the acts on customers, interactions and tickets answer."""

from datetime import datetime

import strawberry

from domain.access_log import PersonalField
from domain.errors import ErrorCode
from schema.binding import described
from schema.customer import Customer
from schema.interaction import Interaction
from schema.service_desk import Setting, TicketRoute
from schema.ticket import Ticket

described(
    ErrorCode,
    "预期失败的原因。Why an act was understood and refused.",
    name="UserErrorCode",
    NOT_FOUND="不存在或不可见。No such thing, or none in reach.",
    INVALID="输入无效。A value is not valid.",
    CONFLICT="已被他人修改，请刷新。Somebody changed it since it was read.",
    DUPLICATE="您可见的范围内已存在。There is one already in your scope.",
    WRONG_STATE="当前状态不允许。It does not stand where the act begins.",
    WRONG_CREDENTIALS="账号或密码错误。Login or password is wrong.",
    MASKED_VALUE_WRITE="提交了脱敏文本。A masked text was sent back.",
    LIMIT_EXCEEDED="超出限额，请稍后再试。A limit is reached; try later.",
    APPROVAL_REQUIRED="需要审批。Needs somebody's approval.",
    IDEMPOTENCY_KEY_REUSED="Idempotency-Key 已用于另一请求。The key came with another request.",
)

DONE = "变更后的对象；被拒绝或不再可见时为 null。As it is now; null where refused or no longer in reach."


@strawberry.type(description="预期失败：操作已理解但被拒绝。An expected failure: the act was understood and refused.")
class UserError:
    code: ErrorCode = strawberry.field(description="原因代码。Why.")
    field: list[str] | None = strawberry.field(description="出错的输入字段路径。The input field, as a path.")
    message: str = strawberry.field(
        description="中英文说明，不含个人信息。In Chinese and English, without personal data."
    )


ERRORS = "预期失败；成功时为空。Expected failures; empty on success."


@strawberry.type(description="createCustomer 的结果。What createCustomer came to.")
class CreateCustomerPayload:
    customer: Customer | None = strawberry.field(description=DONE)
    user_errors: list[UserError] = strawberry.field(description=ERRORS)


@strawberry.type(description="editCustomer 的结果。What editCustomer came to.")
class EditCustomerPayload:
    customer: Customer | None = strawberry.field(description=DONE)
    user_errors: list[UserError] = strawberry.field(description=ERRORS)


@strawberry.type(description="assignCustomerTier 的结果。What assignCustomerTier came to.")
class AssignCustomerTierPayload:
    customer: Customer | None = strawberry.field(description=DONE)
    user_errors: list[UserError] = strawberry.field(description=ERRORS)


@strawberry.type(description="transferCustomer 的结果。What transferCustomer came to.")
class TransferCustomerPayload:
    customer: Customer | None = strawberry.field(description=DONE)
    moved_tickets: list[Ticket] = strawberry.field(
        description="随客户移交的未关闭工单，最多 100 个：原负责人处理的，改由新负责人处理或退回队列。"
        "Open tickets that the old owner handled, at most 100: the new owner handles them now, or their queue has them."
    )
    moved_ticket_count: int = strawberry.field(
        description="随客户移交的工单数。How many tickets moved with the customer."
    )
    user_errors: list[UserError] = strawberry.field(description=ERRORS)


@strawberry.type(description="moveCustomerStage 的结果。What moveCustomerStage came to.")
class MoveCustomerStagePayload:
    customer: Customer | None = strawberry.field(description=DONE)
    user_errors: list[UserError] = strawberry.field(description=ERRORS)


@strawberry.type(description="logInteraction 的结果。What logInteraction came to.")
class LogInteractionPayload:
    interaction: Interaction | None = strawberry.field(description=DONE)
    user_errors: list[UserError] = strawberry.field(description=ERRORS)


@strawberry.type(description="openTicket 的结果。What openTicket came to.")
class OpenTicketPayload:
    ticket: Ticket | None = strawberry.field(description=DONE)
    user_errors: list[UserError] = strawberry.field(description=ERRORS)


@strawberry.type(description="assignTicket 的结果。What assignTicket came to.")
class AssignTicketPayload:
    ticket: Ticket | None = strawberry.field(description=DONE)
    user_errors: list[UserError] = strawberry.field(description=ERRORS)


@strawberry.type(description="investigateTicket 的结果。What investigateTicket came to.")
class InvestigateTicketPayload:
    ticket: Ticket | None = strawberry.field(description=DONE)
    user_errors: list[UserError] = strawberry.field(description=ERRORS)


@strawberry.type(description="respondToTicket 的结果。What respondToTicket came to.")
class RespondToTicketPayload:
    ticket: Ticket | None = strawberry.field(description=DONE)
    user_errors: list[UserError] = strawberry.field(description=ERRORS)


@strawberry.type(description="followUpTicket 的结果。What followUpTicket came to.")
class FollowUpTicketPayload:
    ticket: Ticket | None = strawberry.field(description=DONE)
    user_errors: list[UserError] = strawberry.field(description=ERRORS)


@strawberry.type(description="reopenTicket 的结果。What reopenTicket came to.")
class ReopenTicketPayload:
    ticket: Ticket | None = strawberry.field(description=DONE)
    user_errors: list[UserError] = strawberry.field(description=ERRORS)


@strawberry.type(description="closeTicket 的结果。What closeTicket came to.")
class CloseTicketPayload:
    ticket: Ticket | None = strawberry.field(description=DONE)
    user_errors: list[UserError] = strawberry.field(description=ERRORS)


@strawberry.type(description="setTicketRoute 的结果。What setTicketRoute came to.")
class SetTicketRoutePayload:
    ticket_route: TicketRoute | None = strawberry.field(description=DONE)
    user_errors: list[UserError] = strawberry.field(description=ERRORS)


@strawberry.type(description="changeSetting 的结果。What changeSetting came to.")
class ChangeSettingPayload:
    setting: Setting | None = strawberry.field(description=DONE)
    user_errors: list[UserError] = strawberry.field(description=ERRORS)


@strawberry.type(description="一项明文。One clear value.")
class RevealedValue:
    field: PersonalField = strawberry.field(description="信息项。Which text.")
    value: str | None = strawberry.field(
        description="明文；无值或个人信息已删除时为 null。The clear value; null where there is none, or none any more."
    )


@strawberry.type(description="revealPersonalData 的结果。What revealPersonalData came to.")
class RevealPersonalDataPayload:
    values: list[RevealedValue] = strawberry.field(
        description="明文，每项都已记入访问日志；被拒绝时为空。The values, each in the access log; empty where refused."
    )
    expires_at: datetime | None = strawberry.field(
        description="客户端届时须清除明文（UTC）。Clients forget the values then."
    )
    user_errors: list[UserError] = strawberry.field(description=ERRORS)


@strawberry.type(description="findCustomerByContact 的结果。What findCustomerByContact came to.")
class FindCustomerByContactPayload:
    customer_ids: list[strawberry.ID] = strawberry.field(
        description="找到的客户 id；一小时内可查看、记录互动、新建工单。"
        "Whom the contact belongs to: for an hour they can be read, talked with and helped with a new ticket."
    )
    customers: list[Customer] = strawberry.field(
        description="同上，资料本身：姓名与脱敏的联系方式；一小时后如无工单即不再可见。"
        "The same, as customers: the name, and contacts masked. Gone after the hour, unless a ticket is served."
    )
    user_errors: list[UserError] = strawberry.field(description=ERRORS)
