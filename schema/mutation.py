"""What can be done, for the SDL. What each field does: `resolvers/acts/register.py`, `schema/answering/entering.py`."""

from typing import Annotated, NoReturn

import strawberry

from schema import inputs, payloads, session


def unrun() -> NoReturn:
    """Mutations are run by `schema/answering/acting.py` (decision 0021)."""
    raise AssertionError("the executor runs no mutation")


GIVEN = strawberry.argument(description="操作的输入。What the act is given.")


@strawberry.type(description="操作。What can be done.")
class Mutation:
    @strawberry.mutation(
        description="登录，不带 Authorization 头；每个请求一次。"
        "Opens a session; sent without an Authorization header, once per request, and throttled."
    )
    def sign_in(self, input: Annotated[session.SignInInput, GIVEN]) -> session.SignInPayload:
        return unrun()

    @strawberry.mutation(
        description="用刷新令牌续期，不带 Authorization 头。没有收到应答时可用同一令牌重试：15 分钟内、其后继未使用时，"
        "得到同一后继；此外再次使用即结束会话。"
        "Carries a session on; sent without an Authorization header. If the answer was lost, repeat it with the same "
        "token: within 15 minutes, while its successor is unused, the same successor is given again; any other second "
        "use of a token ends the session."
    )
    def refresh_session(self, input: Annotated[session.RefreshSessionInput, GIVEN]) -> session.RefreshSessionPayload:
        return unrun()

    @strawberry.mutation(description="新建客户。Creates a customer.")
    def create_customer(self, input: Annotated[inputs.CreateCustomerInput, GIVEN]) -> payloads.CreateCustomerPayload:
        return unrun()

    @strawberry.mutation(description="编辑客户资料。Edits a customer's record.")
    def edit_customer(self, input: Annotated[inputs.EditCustomerInput, GIVEN]) -> payloads.EditCustomerPayload:
        return unrun()

    @strawberry.mutation(description="调整客户级别。Puts a customer into a tier.")
    def assign_customer_tier(
        self, input: Annotated[inputs.AssignCustomerTierInput, GIVEN]
    ) -> payloads.AssignCustomerTierPayload:
        return unrun()

    @strawberry.mutation(description="转移客户（经理）。Gives a customer to another owner; a manager's act.")
    def transfer_customer(
        self, input: Annotated[inputs.TransferCustomerInput, GIVEN]
    ) -> payloads.TransferCustomerPayload:
        return unrun()

    @strawberry.mutation(description="变更客户阶段。Moves a customer along the life cycle.")
    def move_customer_stage(
        self, input: Annotated[inputs.MoveCustomerStageInput, GIVEN]
    ) -> payloads.MoveCustomerStagePayload:
        return unrun()

    @strawberry.mutation(description="记录一次互动。Logs a conversation.")
    def log_interaction(self, input: Annotated[inputs.LogInteractionInput, GIVEN]) -> payloads.LogInteractionPayload:
        return unrun()

    @strawberry.mutation(description="新建工单。Opens a ticket.")
    def open_ticket(self, input: Annotated[inputs.OpenTicketInput, GIVEN]) -> payloads.OpenTicketPayload:
        return unrun()

    @strawberry.mutation(description="分配工单。Hands a ticket to somebody.")
    def assign_ticket(self, input: Annotated[inputs.AssignTicketInput, GIVEN]) -> payloads.AssignTicketPayload:
        return unrun()

    @strawberry.mutation(description="受理 → 调查。Begins to look into a ticket.")
    def investigate_ticket(
        self, input: Annotated[inputs.InvestigateTicketInput, GIVEN]
    ) -> payloads.InvestigateTicketPayload:
        return unrun()

    @strawberry.mutation(description="调查 → 回应。Answers a ticket.")
    def respond_to_ticket(
        self, input: Annotated[inputs.RespondToTicketInput, GIVEN]
    ) -> payloads.RespondToTicketPayload:
        return unrun()

    @strawberry.mutation(description="回应 → 跟踪。Follows up a ticket.")
    def follow_up_ticket(self, input: Annotated[inputs.FollowUpTicketInput, GIVEN]) -> payloads.FollowUpTicketPayload:
        return unrun()

    @strawberry.mutation(description="关闭 → 调查。Opens a ticket again.")
    def reopen_ticket(self, input: Annotated[inputs.ReopenTicketInput, GIVEN]) -> payloads.ReopenTicketPayload:
        return unrun()

    @strawberry.mutation(description="跟踪 → 关闭。Closes a ticket.")
    def close_ticket(self, input: Annotated[inputs.CloseTicketInput, GIVEN]) -> payloads.CloseTicketPayload:
        return unrun()

    @strawberry.mutation(
        description="设置工单路由（管理员）：此类新工单进入哪个小组的队列。"
        "Says into whose queue new tickets of a kind go; an administrator's act."
    )
    def set_ticket_route(self, input: Annotated[inputs.SetTicketRouteInput, GIVEN]) -> payloads.SetTicketRoutePayload:
        return unrun()

    @strawberry.mutation(
        description="修改业务设置（管理员）。Gives a business setting another value; an administrator's act."
    )
    def change_setting(self, input: Annotated[inputs.ChangeSettingInput, GIVEN]) -> payloads.ChangeSettingPayload:
        return unrun()

    @strawberry.mutation(
        description="查看个人信息明文：须有目的与原因，每项记入访问日志并计入每小时限额。"
        "The one door to clear values: for a purpose and a reason, logged and counted per value."
    )
    def reveal_personal_data(
        self, input: Annotated[inputs.RevealPersonalDataInput, GIVEN]
    ) -> payloads.RevealPersonalDataPayload:
        return unrun()

    @strawberry.mutation(
        description="按完整联系方式查找客户，限额与日志同查看明文。"
        "Exact, through the keyed digest; limited and logged like a reveal."
    )
    def find_customer_by_contact(
        self, input: Annotated[inputs.FindCustomerByContactInput, GIVEN]
    ) -> payloads.FindCustomerByContactPayload:
        return unrun()
