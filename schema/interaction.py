"""Interactions as the schema shows them."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from domain import interaction as domain_interaction
from domain.channel import Channel, Direction
from schema.binding import described, reads
from schema.node import Node
from schema.personal import ON_APPROVAL, PersonalText
from schema.staff import StaffMember

if TYPE_CHECKING:
    from schema.customer import Customer

described(
    Channel,
    "沟通渠道。The way of a conversation.",
    PHONE="电话。Phone.",
    EMAIL="邮件。E-mail.",
    SMS="短信。Text message.",
    WECHAT="微信。WeChat.",
    VISIT="拜访。A visit.",
    LIVE_CHAT="在线客服。Live chat.",
    SOCIAL="社交媒体。Social media.",
    EVENT="活动。An event.",
    SURVEY="问卷。A survey.",
    OTHER="其他。Anything else, such as an imported note.",
)

described(
    Direction,
    "由谁发起。Who began.",
    INBOUND="客户发起。The customer.",
    OUTBOUND="我方发起。The house.",
)


@strawberry.type(description="查看者可对该互动做什么。What the viewer may do with this interaction, as it stands now.")
class InteractionActs:
    reveal: bool = strawberry.field(description="申请查看摘要原文。Ask for the original of the summary." + ON_APPROVAL)


@reads(domain_interaction.Interaction)
@strawberry.type(description="与客户的一次互动。One conversation with a customer.")
class Interaction(Node):
    customer: Annotated["Customer", strawberry.lazy("schema.customer")] | None = strawberry.field(
        description="客户。The customer."
    )
    staff: StaffMember | None = strawberry.field(description="经手员工。Who spoke with them.")
    channel: Channel = strawberry.field(description="渠道。The channel.")
    direction: Direction = strawberry.field(description="由谁发起。Who began.")
    occurred_at: datetime = strawberry.field(description="发生时间（UTC）。When it took place.")
    summary: PersonalText = strawberry.field(
        description="内容摘要；写入时检出的号码已脱敏，此时 sight 为 MASKED。"
        "What was said; numbers found in it when it was written are masked, and `sight` is MASKED then."
    )
    created_at: datetime = strawberry.field(description="记录时间（UTC）。When it was logged.")
    viewer_can: InteractionActs = strawberry.field(description="查看者可做的操作。What the viewer may do.")
