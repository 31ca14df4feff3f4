"""What the acts on customers, interactions and tickets are given.

The SDL lists the fields of the bases first, base after base; a field declared again keeps its place.
"""

from datetime import date, datetime

import strawberry
from strawberry import UNSET

from domain.access_log import PersonalField
from domain.channel import Channel, Direction
from domain.customer import CustomerKind
from domain.lifecycle import LifecycleStage
from domain.personal.document import IdDocumentKind
from domain.purpose import LegalBasis
from domain.ticket_state import TicketKind, TicketPriority
from domain.tier import TierCode
from schema.service_desk import SettingName

EXPECTED = "客户端读到的版本号；不一致时为 CONFLICT。The version that the client read; another one is a CONFLICT."


@strawberry.input
class OfCustomer:
    customer_id: strawberry.ID = strawberry.field(description="客户 id。The customer.")


@strawberry.input
class OfTicket:
    ticket_id: strawberry.ID = strawberry.field(description="工单 id。The ticket.")


@strawberry.input
class Versioned:
    expected_version: int | None = strawberry.field(default=UNSET, description=EXPECTED)


@strawberry.input(description="居民身份证以外的一件证件。An identity document other than a resident identity card.")
class IdDocumentInput:
    kind: IdDocumentKind = strawberry.field(description="证件种类。What kind of document it is.")
    number: str = strawberry.field(
        description="证件号码，5-20 位字母与数字；须与种类相符，不能是日期。"
        "Its number, 5 to 20 letters and digits; it has to fit the kind and is never a date."
    )


@strawberry.input
class CustomerDetails:
    """What is told of a customer, in the words of a new one."""

    mobile: str | None = strawberry.field(default=UNSET, description="手机或电话。Phone number.")
    other_mobile: str | None = strawberry.field(default=UNSET, description="第二个号码。A second phone number.")
    email: str | None = strawberry.field(default=UNSET, description="邮箱。E-mail address.")
    wechat_id: str | None = strawberry.field(default=UNSET, description="微信号。WeChat ID.")
    id_number: str | None = strawberry.field(
        default=UNSET,
        description="身份证号或统一社会信用代码，核对校验位；护照、通行证号码会按形状识别并存为 idDocument。"
        "Resident ID or credit code; check digits are checked. The number of a passport or permit is told by its shape "
        "and becomes the idDocument.",
    )
    id_document: IdDocumentInput | None = strawberry.field(
        default=UNSET, description="居民身份证以外的证件。An identity document other than the resident card."
    )
    address: str | None = strawberry.field(default=UNSET, description="地址。Postal address.")
    birth_date: date | None = strawberry.field(default=UNSET, description="出生日期。Date of birth.")
    region: str | None = strawberry.field(default=UNSET, description="地区。Region.")
    industry: str | None = strawberry.field(default=UNSET, description="行业。Industry.")
    tags: list[str] | None = strawberry.field(
        default=UNSET,
        description="标签名，没有的会新建；错误按序号逐个指出。"
        "Tags; new ones are made; each fault is told at its index.",
    )
    preferred_channel: Channel | None = strawberry.field(
        default=UNSET, description="偏好渠道。The channel they prefer."
    )


@strawberry.input
class NewCustomer:
    kind: CustomerKind = strawberry.field(description="个人或组织。A person or an organisation.")
    basis: LegalBasis = strawberry.field(
        description="处理个人信息的合法性基础。The legal basis of handling their data."
    )
    name: str = strawberry.field(
        description="姓名或名称，不能为空，不能含电话、证件号、卡号、邮箱、微信、QQ、车牌或地址。"
        "Name; not empty. No telephone, identity or card number, e-mail, WeChat ID, QQ, plate or address."
    )
    external_id: str | None = strawberry.field(
        default=UNSET,
        description="来源系统中的编号，不能含电话、证件号、卡号、邮箱、微信、QQ、车牌或地址；"
        "可见客户中已有同一系统的此编号时为 DUPLICATE。"
        "The number in the system it came from. No telephone, identity or card number, e-mail, WeChat ID, QQ, "
        "plate or address. DUPLICATE where a customer in your scope has this number of the same system.",
    )
    external_system: str | None = strawberry.field(
        default=UNSET,
        description="externalId 所属的来源系统，例如 erp；缺省为 main。"
        "The system that externalId is of, such as erp; main by default.",
    )
    source: str | None = strawberry.field(default=UNSET, description="来源。Where the customer came from.")
    owner_id: strawberry.ID | None = strawberry.field(
        default=UNSET,
        description="负责人，仅经理可指定；销售新建即自己负责。MANAGER only; a rep owns what the rep creates.",
    )


@strawberry.input
class KnownCustomer(OfCustomer):
    expected_version: int = strawberry.field(description=EXPECTED)
    name: str | None = strawberry.field(
        default=UNSET,
        description="姓名或名称，不能清空，不能含电话、证件号、卡号、邮箱、微信、QQ、车牌或地址。"
        "Name; cannot be emptied. No telephone, identity or card number, e-mail, WeChat ID, QQ, plate or address.",
    )


@strawberry.input(description="新建客户。A new customer.")
class CreateCustomerInput(NewCustomer, CustomerDetails):
    pass


@strawberry.input(description="编辑客户；未给的字段不变，null 清空。Absent fields stay as they are; null empties.")
class EditCustomerInput(KnownCustomer, CustomerDetails):
    mobile: str | None = strawberry.field(
        default=UNSET, description="手机或电话；勿提交脱敏文本。Phone number; never a masked one."
    )
    id_number: str | None = strawberry.field(
        default=UNSET,
        description="身份证号或统一社会信用代码；护照、通行证号码存为 idDocument，原身份证号不变。"
        "Resident ID or credit code. The number of a passport or permit becomes the idDocument and leaves it as it is.",
    )
    tags: list[str] | None = strawberry.field(
        default=UNSET,
        description="全部标签名，替换原有；错误按序号逐个指出。"
        "All tags; replaces those there; each fault is told at its index.",
    )


@strawberry.input(description="调整客户级别。Put a customer into a tier.")
class AssignCustomerTierInput(OfCustomer, Versioned):
    tier: TierCode = strawberry.field(description="级别。The tier.")
    reason: str = strawberry.field(description="原因。Why.")


@strawberry.input(description="转移客户。Give a customer to another owner.")
class TransferCustomerInput(OfCustomer, Versioned):
    to_staff_id: strawberry.ID = strawberry.field(description="新负责人，须为在职销售或经理。An active rep or manager.")
    reason: str = strawberry.field(description="原因。Why.")


@strawberry.input(description="变更客户阶段。Move a customer along the life cycle.")
class MoveCustomerStageInput(OfCustomer, Versioned):
    stage: LifecycleStage = strawberry.field(description="阶段。The stage.")
    reason: str | None = strawberry.field(
        default=UNSET, description="回退、流失、挽回时必填。Needed to go back, for churn and win-back."
    )


@strawberry.input(description="记录一次互动。A conversation that took place.")
class LogInteractionInput(OfCustomer):
    channel: Channel = strawberry.field(description="渠道。The channel.")
    direction: Direction = strawberry.field(description="由谁发起。Who began.")
    occurred_at: datetime = strawberry.field(
        description="发生时间，须带时区，不晚于现在；快五分钟以内的时钟按现在计。"
        "With a zone, not in the future; a clock that is up to five minutes fast counts as now."
    )
    summary: str = strawberry.field(
        description="内容摘要；其中的号码、地址等个人信息会脱敏保存。What was said; personal values in it are masked."
    )


@strawberry.input(description="新建工单。A new ticket.")
class OpenTicketInput(OfCustomer):
    kind: TicketKind = strawberry.field(description="类型。What the customer came with.")
    priority: TicketPriority = strawberry.field(description="优先级。How soon an answer is due.")
    subject: str = strawberry.field(description="主题，一行。One line.")
    description: str = strawberry.field(
        description="描述；其中的号码、地址等个人信息会脱敏保存。In full; personal values in it are masked."
    )


@strawberry.input(description="分配工单。Hand a ticket to somebody.")
class AssignTicketInput(OfTicket, Versioned):
    assignee_id: strawberry.ID = strawberry.field(
        description="处理人：在职客服、经理，或客户的负责人；看不到此工单者不能处理。"
        "Who will handle it: an active service agent, a manager, or the customer's owner; nobody who would not see it."
    )


@strawberry.input(description="受理 → 调查。Begin to look into it.")
class InvestigateTicketInput(OfTicket, Versioned):
    note: str | None = strawberry.field(default=UNSET, description="备注。A note.")


@strawberry.input(description="调查 → 回应。Answer it.")
class RespondToTicketInput(OfTicket, Versioned):
    response: str = strawberry.field(description="给客户的回应。What the customer was answered.")


@strawberry.input(
    description="回应 → 跟踪；不满意则回到调查。Ask whether the answer helped; if not, it is looked into again."
)
class FollowUpTicketInput(OfTicket, Versioned):
    note: str = strawberry.field(description="回访记录。What the customer said.")
    satisfied: bool | None = strawberry.field(default=UNSET, description="客户是否满意。Whether they are satisfied.")


@strawberry.input(description="关闭 → 调查。Open it again.")
class ReopenTicketInput(OfTicket, Versioned):
    reason: str = strawberry.field(description="原因。Why.")


@strawberry.input(description="跟踪 → 关闭。Close it.")
class CloseTicketInput(OfTicket, Versioned):
    resolution: str = strawberry.field(description="处理结果。How it was resolved.")
    improvement: str | None = strawberry.field(
        default=UNSET, description="改进措施。What will keep it from happening again (改进)."
    )


@strawberry.input(description="设置工单路由。Say where new tickets of a kind go.")
class SetTicketRouteInput(Versioned):
    kind: TicketKind | None = strawberry.field(
        default=UNSET,
        description="工单类型；缺省或 null 为默认路由。The kind; absent or null is the default route.",
    )
    team_id: strawberry.ID | None = strawberry.field(
        default=UNSET,
        description="小组，须有在职客服；缺省或 null 取消指定。"
        "A team with an active service agent; absent or null takes the decision back.",
    )
    reason: str = strawberry.field(description="原因。Why.")


@strawberry.input(description="修改业务设置。Give a business setting another value.")
class ChangeSettingInput(Versioned):
    name: SettingName = strawberry.field(description="名称。Its name.")
    value: str = strawberry.field(
        description="新值，允许的范围见 SettingName。The value; SettingName says what it may be."
    )
    reason: str = strawberry.field(description="原因。Why.")


@strawberry.input(description="查看明文。Looking at clear values.")
class RevealPersonalDataInput:
    id: strawberry.ID = strawberry.field(
        description="客户、互动、工单或工单步骤 id。The customer, interaction, ticket or step of a ticket."
    )
    fields: list[PersonalField] = strawberry.field(
        description="要查看的信息项；重复的只算一次。What to look at; twice the same counts once."
    )
    purpose: str = strawberry.field(
        description="目的登记册中的代码：FOLLOW_UP、SERVICE、CONTRACT、DATA_SUBJECT_REQUEST、LEGAL_DUTY 等。"
        "A code of the purpose register: FOLLOW_UP, SERVICE, CONTRACT, DATA_SUBJECT_REQUEST, LEGAL_DUTY at first."
    )
    reason: str = strawberry.field(description="为何需要明文。Why the clear value is needed.")


@strawberry.input(description="按联系方式查找客户；手机与邮箱二选一。Exactly one of the two.")
class FindCustomerByContactInput:
    mobile: str | None = strawberry.field(default=UNSET, description="手机或电话，须完整。Phone number, in full.")
    email: str | None = strawberry.field(default=UNSET, description="邮箱，须完整。E-mail address, in full.")
    purpose: str = strawberry.field(description="目的登记册中的代码。A code of the purpose register.")
