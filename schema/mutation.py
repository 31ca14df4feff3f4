"""What can be done. Each act is one transaction; what it answers is read by a plan under the caller's rights."""

from typing import Annotated

import strawberry

from resolvers.acts import customers, interactions, reveals, tickets
from schema import inputs, payloads, session
from schema.acting import acted
from schema.entering import entered

GIVEN = strawberry.argument(description="操作的输入。What the act is given.")


@strawberry.type(description="操作。What can be done.")
class Mutation:
    @strawberry.mutation(
        description="登录，无需令牌；每个请求一次。Opens a session; without a token, once per request, and throttled."
    )
    async def sign_in(
        self, info: strawberry.Info, input: Annotated[session.SignInInput, GIVEN]
    ) -> session.SignInPayload:
        return await entered(info, lambda sign_ins: sign_ins.sign_in(input.login, input.password, input.device or None))

    @strawberry.mutation(
        description="用刷新令牌续期，无需访问令牌；旧刷新令牌再次使用即结束会话。"
        "Carries a session on, without an access token. A refresh token that is used twice ends the session."
    )
    async def refresh_session(
        self, info: strawberry.Info, input: Annotated[session.RefreshSessionInput, GIVEN]
    ) -> session.RefreshSessionPayload:
        return await entered(info, lambda sign_ins: sign_ins.refresh(input.refresh_token))

    @strawberry.mutation(description="新建客户。Creates a customer.")
    async def create_customer(
        self, info: strawberry.Info, input: Annotated[inputs.CreateCustomerInput, GIVEN]
    ) -> payloads.CreateCustomerPayload:
        return await acted(info, customers.CREATE_CUSTOMER, input)

    @strawberry.mutation(description="编辑客户资料。Edits a customer's record.")
    async def edit_customer(
        self, info: strawberry.Info, input: Annotated[inputs.EditCustomerInput, GIVEN]
    ) -> payloads.EditCustomerPayload:
        return await acted(info, customers.EDIT_CUSTOMER, input)

    @strawberry.mutation(description="调整客户级别。Puts a customer into a tier.")
    async def assign_customer_tier(
        self, info: strawberry.Info, input: Annotated[inputs.AssignCustomerTierInput, GIVEN]
    ) -> payloads.AssignCustomerTierPayload:
        return await acted(info, customers.ASSIGN_CUSTOMER_TIER, input)

    @strawberry.mutation(description="转移客户（经理）。Gives a customer to another owner; a manager's act.")
    async def transfer_customer(
        self, info: strawberry.Info, input: Annotated[inputs.TransferCustomerInput, GIVEN]
    ) -> payloads.TransferCustomerPayload:
        return await acted(info, customers.TRANSFER_CUSTOMER, input)

    @strawberry.mutation(description="变更客户阶段。Moves a customer along the life cycle.")
    async def move_customer_stage(
        self, info: strawberry.Info, input: Annotated[inputs.MoveCustomerStageInput, GIVEN]
    ) -> payloads.MoveCustomerStagePayload:
        return await acted(info, customers.MOVE_CUSTOMER_STAGE, input)

    @strawberry.mutation(description="记录一次互动。Logs a conversation.")
    async def log_interaction(
        self, info: strawberry.Info, input: Annotated[inputs.LogInteractionInput, GIVEN]
    ) -> payloads.LogInteractionPayload:
        return await acted(info, interactions.LOG_INTERACTION, input)

    @strawberry.mutation(description="新建工单。Opens a ticket.")
    async def open_ticket(
        self, info: strawberry.Info, input: Annotated[inputs.OpenTicketInput, GIVEN]
    ) -> payloads.OpenTicketPayload:
        return await acted(info, tickets.OPEN_TICKET, input)

    @strawberry.mutation(description="分配工单。Hands a ticket to somebody.")
    async def assign_ticket(
        self, info: strawberry.Info, input: Annotated[inputs.AssignTicketInput, GIVEN]
    ) -> payloads.AssignTicketPayload:
        return await acted(info, tickets.ASSIGN_TICKET, input)

    @strawberry.mutation(description="受理 → 调查。Begins to look into a ticket.")
    async def investigate_ticket(
        self, info: strawberry.Info, input: Annotated[inputs.InvestigateTicketInput, GIVEN]
    ) -> payloads.InvestigateTicketPayload:
        return await acted(info, tickets.INVESTIGATE_TICKET, input)

    @strawberry.mutation(description="调查 → 回应。Answers a ticket.")
    async def respond_to_ticket(
        self, info: strawberry.Info, input: Annotated[inputs.RespondToTicketInput, GIVEN]
    ) -> payloads.RespondToTicketPayload:
        return await acted(info, tickets.RESPOND_TO_TICKET, input)

    @strawberry.mutation(description="回应 → 跟踪。Follows up a ticket.")
    async def follow_up_ticket(
        self, info: strawberry.Info, input: Annotated[inputs.FollowUpTicketInput, GIVEN]
    ) -> payloads.FollowUpTicketPayload:
        return await acted(info, tickets.FOLLOW_UP_TICKET, input)

    @strawberry.mutation(description="关闭 → 调查。Opens a ticket again.")
    async def reopen_ticket(
        self, info: strawberry.Info, input: Annotated[inputs.ReopenTicketInput, GIVEN]
    ) -> payloads.ReopenTicketPayload:
        return await acted(info, tickets.REOPEN_TICKET, input)

    @strawberry.mutation(description="跟踪 → 关闭。Closes a ticket.")
    async def close_ticket(
        self, info: strawberry.Info, input: Annotated[inputs.CloseTicketInput, GIVEN]
    ) -> payloads.CloseTicketPayload:
        return await acted(info, tickets.CLOSE_TICKET, input)

    @strawberry.mutation(
        description="查看个人信息明文：须有目的与原因，每项记入访问日志并计入每小时限额。"
        "The one door to clear values: for a purpose and a reason, logged and counted per value."
    )
    async def reveal_personal_data(
        self, info: strawberry.Info, input: Annotated[inputs.RevealPersonalDataInput, GIVEN]
    ) -> payloads.RevealPersonalDataPayload:
        return await acted(info, reveals.REVEAL_PERSONAL_DATA, input)

    @strawberry.mutation(
        description="按完整联系方式查找客户，限额与日志同查看明文。"
        "Exact, through the keyed digest; limited and logged like a reveal."
    )
    async def find_customer_by_contact(
        self, info: strawberry.Info, input: Annotated[inputs.FindCustomerByContactInput, GIVEN]
    ) -> payloads.FindCustomerByContactPayload:
        return await acted(info, reveals.FIND_CUSTOMER_BY_CONTACT, input)
