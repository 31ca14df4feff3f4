"""What the acts on customers, interactions and tickets answer."""

import strawberry

from domain.errors import ErrorCode
from schema.binding import described
from schema.customer import Customer
from schema.interaction import Interaction
from schema.ticket import Ticket

described(
    ErrorCode,
    "预期失败的原因。Why an act was understood and refused.",
    name="UserErrorCode",
    NOT_FOUND="不存在或不可见。No such thing, or none in reach.",
    INVALID="输入无效。A value is not valid.",
    CONFLICT="已被他人修改，请刷新。Somebody changed it since it was read.",
    DUPLICATE="已存在。There is one already.",
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
