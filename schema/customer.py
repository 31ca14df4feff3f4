"""Customers, their tags and their history as the schema shows them."""

from datetime import datetime
from enum import Enum

import strawberry
from strawberry import UNSET

from domain import customer as domain_customer
from domain import tag as domain_tag
from domain.channel import Channel
from domain.customer import CustomerKind
from domain.event import Event
from domain.lifecycle import LifecycleStage
from domain.purpose import LegalBasis
from domain.tier import TierCode
from schema.binding import described, reads
from schema.in_url import HARMLESS_IN_URL, PERSONAL_IN_URL
from schema.interaction import Interaction
from schema.node import Connection, Node, OrderDirection, page
from schema.personal import ON_APPROVAL, IdDocument, PersonalText
from schema.staff import StaffMember
from schema.ticket import Ticket, page_of_tickets
from schema.tier import Tier

described(
    CustomerKind,
    "个人或组织。A person or an organisation.",
    PERSON="个人。A natural person.",
    ORGANIZATION="组织。A company or other organisation.",
)

described(
    LifecycleStage,
    "潜在期、认知期、购买期、忠诚期、流失期。Where a customer stands in the life cycle.",
    POTENTIAL="潜在期。May become a customer.",
    AWARENESS="认知期。Knows us, considers.",
    PURCHASE="购买期。Buys.",
    LOYALTY="忠诚期。Comes back.",
    CHURN="流失期。Lost, or about to be.",
)

described(
    LegalBasis,
    "个人信息保护法第十三条的七项合法性基础；没有“合法利益”。"
    "The seven bases of 个人信息保护法 art. 13; there is no legitimate interest.",
    CONSENT="个人同意。Consent.",
    CONTRACT="订立、履行合同或人力资源管理所必需。Needed for a contract.",
    LEGAL_DUTY="履行法定职责或义务。A duty under the law.",
    EMERGENCY="应对突发公共卫生事件或紧急情况。An emergency.",
    NEWS="新闻报道、舆论监督。News reporting.",
    PUBLIC_DATA="已合法公开的信息。Data lawfully made public.",
    OTHER_LAW="法律、行政法规规定的其他情形。Another law.",
)


@strawberry.enum(description="客户历史的变更类型。What changed.")
class CustomerChangeKind(Enum):
    CREATED = strawberry.enum_value("CREATED", description="创建。The customer was created or imported.")
    EDITED = strawberry.enum_value("EDITED", description="编辑。Fields were edited; names only, never values.")
    STAGE_MOVED = strawberry.enum_value("STAGE_MOVED", description="阶段变更。Moved along the life cycle.")
    TIER_ASSIGNED = strawberry.enum_value("TIER_ASSIGNED", description="级别变更。Put into a tier.")
    TRANSFERRED = strawberry.enum_value("TRANSFERRED", description="转移负责人。Given to another owner.")


@reads(Event)
@strawberry.type(
    description="客户的一次变更：何时、何人、何故。What changed, who did it and why; never a personal value."
)
class CustomerChange:
    kind: CustomerChangeKind = strawberry.field(description="变更类型。What changed.")
    at: datetime = strawberry.field(description="时间（UTC）。When.")
    actor: StaffMember | None = strawberry.field(description="操作人；导入等系统操作为 null。Who; null for the system.")
    fields: list[str] = strawberry.field(description="被编辑的字段名。Names of the fields edited.")
    before: str | None = strawberry.field(name="from", description="变更前的阶段、级别或负责人 id。What it was.")
    after: str | None = strawberry.field(name="to", description="变更后的阶段、级别或负责人 id。What it became.")
    reason: str | None = strawberry.field(description="原因。Why.")


@reads(domain_tag.Tag)
@strawberry.type(description="客户标签。A word that staff put on customers.")
class Tag:
    name: str = strawberry.field(description="标签名。The word.")
    group: str | None = strawberry.field(description="标签组。What it is grouped under.")


@strawberry.type(description="查看者可对该客户做什么。What the viewer may do with this customer, as it stands now.")
class CustomerActs:
    edit: bool = strawberry.field(description="编辑资料。Edit the record.")
    move_stage: bool = strawberry.field(description="变更阶段。Move along the life cycle.")
    assign_tier: bool = strawberry.field(description="调整级别。Put into a tier.")
    transfer: bool = strawberry.field(description="转移负责人。Give to another owner.")
    log_interaction: bool = strawberry.field(description="记录互动。Log an interaction.")
    open_ticket: bool = strawberry.field(description="新建工单。Open a ticket.")
    reveal: bool = strawberry.field(description="查看明文。See clear text." + ON_APPROVAL)


@reads(domain_customer.Customer)
@strawberry.type(description="客户。A person or organisation that is, was or may become a customer.")
class Customer(Node):
    kind: CustomerKind = strawberry.field(description="个人或组织。A person or an organisation.")
    name: PersonalText = strawberry.field(description="姓名或名称。Name.")
    mobile: PersonalText = strawberry.field(description="手机或电话。Phone number.")
    other_mobile: PersonalText = strawberry.field(description="第二个电话。A second phone number.")
    email: PersonalText = strawberry.field(description="邮箱。E-mail address.")
    wechat_id: PersonalText = strawberry.field(description="微信号。WeChat ID.")
    id_number: PersonalText = strawberry.field(description="身份证号或统一社会信用代码。Resident ID or credit code.")
    id_document: IdDocument = strawberry.field(
        description="居民身份证以外的证件（护照、港澳台通行证等）。An identity document other than the resident card."
    )
    address: PersonalText = strawberry.field(description="地址。Postal address.")
    birth_date: PersonalText = strawberry.field(description="出生日期。Date of birth.")
    region: str | None = strawberry.field(description="地区，例如 华东。Region.")
    industry: str | None = strawberry.field(description="行业。Industry.")
    source: str | None = strawberry.field(description="来源，例如 官网、转介绍。Where the customer came from.")
    stage: LifecycleStage | None = strawberry.field(description="生命周期阶段。Stage of the life cycle.")
    tier: Tier | None = strawberry.field(description="级别；未评定时为 null。Tier; null while in none.")
    score: float | None = strawberry.field(description="评分，0-100。Score, 0 to 100.")
    tags: list[Tag] | None = strawberry.field(description="标签，按名称排序，最多 100 个。Tags by name, at most 100.")
    preferred_channel: Channel | None = strawberry.field(description="偏好渠道。The channel they prefer.")
    owner: StaffMember | None = strawberry.field(
        description="负责人；无人负责时为 null。Who owns the customer, if anybody."
    )
    external_id: str | None = strawberry.field(
        description="来源系统中的客户编号。The customer's number in the system it came from."
    )
    external_system: str | None = strawberry.field(
        description="客户编号所属的来源系统；未指明时为 main，无编号时为 null。"
        "The system that `externalId` is of: main where none was named, null without a number."
    )
    basis: LegalBasis | None = strawberry.field(
        description="处理其个人信息的合法性基础，创建时填写。The legal basis of handling their data, named at creation."
    )
    created_at: datetime = strawberry.field(description="创建时间（UTC）。When the record was made.")
    updated_at: datetime = strawberry.field(description="更新时间（UTC）；记录互动不改变它。When it last changed.")
    last_interaction_at: datetime | None = strawberry.field(
        description="最近互动时间（UTC）。When they last spoke with us."
    )
    version: int = strawberry.field(description="版本号，供 expectedVersion 使用。For expectedVersion.")
    viewer_can: CustomerActs = strawberry.field(description="查看者可做的操作。What the viewer may do.")
    interactions: Connection[Interaction] | None = strawberry.field(
        resolver=page, description="互动记录，由新到旧。Conversations, newest first."
    )
    tickets: Connection[Ticket] | None = strawberry.field(
        resolver=page_of_tickets, description="工单，默认由新到旧。Tickets, newest first by default."
    )
    history: Connection[CustomerChange] | None = strawberry.field(
        resolver=page,
        description="变更历史，由新到旧：编辑（仅字段名）、阶段、级别、转移。"
        "What changed, who did it, why: edits (names of fields, never values), stages, tiers, transfers; newest first.",
    )


@strawberry.input(
    description="客户筛选；缺省与 null 不筛选，列表表示任一。Absent and null narrow nothing; a list means any of."
)
class CustomerFilter:
    stage: list[LifecycleStage] | None = strawberry.field(default=UNSET, description="阶段。In one of these stages.")
    tier: list[TierCode] | None = strawberry.field(default=UNSET, description="级别。In one of these tiers.")
    region: list[str] | None = strawberry.field(
        default=UNSET, description="地区。In one of these regions.", metadata=HARMLESS_IN_URL
    )
    industry: list[str] | None = strawberry.field(
        default=UNSET, description="行业。In one of these industries.", metadata=HARMLESS_IN_URL
    )
    owner_id: list[strawberry.ID] | None = strawberry.field(default=UNSET, description="负责人。Owned by one of these.")
    unassigned: bool | None = strawberry.field(
        default=UNSET, description="true 仅无人负责，false 仅有人负责。True: owned by nobody; false: by somebody."
    )
    tag: list[str] | None = strawberry.field(
        default=UNSET, description="标签。With one of these tags.", metadata=HARMLESS_IN_URL
    )
    search: str | None = strawberry.field(
        default=UNSET,
        description="姓名的一部分，空则不筛选；仅限 POST。Part of the name. Empty narrows nothing. By POST only.",
        metadata=PERSONAL_IN_URL,
    )
    created_from: datetime | None = strawberry.field(
        default=UNSET, description="此刻或之后创建。Created then or later."
    )
    created_to: datetime | None = strawberry.field(default=UNSET, description="此刻之前创建。Created before then.")


@strawberry.enum(description="客户列表的排序依据。What a list of customers is ordered by.")
class CustomerOrderField(Enum):
    CREATED_AT = strawberry.enum_value("CREATED_AT", description="创建时间。When the record was made.")
    UPDATED_AT = strawberry.enum_value("UPDATED_AT", description="更新时间。When it last changed.")
    SCORE = strawberry.enum_value("SCORE", description="评分；无评分者最低。Score; none counts as lowest.")
    LAST_INTERACTION_AT = strawberry.enum_value(
        "LAST_INTERACTION_AT", description="最近互动时间；从未互动者最低。Last interaction; never counts as lowest."
    )


@strawberry.input(description="客户排序。How a list of customers is ordered.")
class CustomerOrder:
    field: CustomerOrderField = strawberry.field(description="依据。By what.")
    direction: OrderDirection = strawberry.field(description="方向。Which way.")


@strawberry.enum(description="统计维度。What customers are counted by.")
class CustomerDimension(Enum):
    STAGE = strawberry.enum_value("STAGE", description="生命周期阶段。Stage of the life cycle.")
    TIER = strawberry.enum_value("TIER", description="级别。Tier.")
    OWNER = strawberry.enum_value("OWNER", description="负责人。Owner.")
    REGION = strawberry.enum_value("REGION", description="地区。Region.")


@strawberry.type(description="一组客户的数量。How many customers share a key.")
class CustomerCount:
    key: str | None = strawberry.field(
        description="阶段、级别代码、负责人 id 或地区；无值为 null。Stage, tier code, owner's id, region."
    )
    label: str | None = strawberry.field(
        description="可显示的名称：中文词、级别名称、员工姓名或地区；key 为 null 时为 null。"
        "What to show for the key: a Chinese word, the tier's name, the owner's name, the region; null where "
        "the key is."
    )
    count: int | None = strawberry.field(
        description="准确的数量，同 customers 的 totalCount。How many, exactly; as totalCount of customers."
    )
