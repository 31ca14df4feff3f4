"""Tiers and purposes: the registers that come with the product."""

import strawberry

from domain import purpose as domain_purpose
from domain import tier as domain_tier
from domain.tier import TierCode
from schema.binding import described, reads
from schema.node import Node

described(
    TierCode,
    "客户级别。The ABC classification of customers.",
    A="重点客户。Key accounts.",
    B="潜力客户。Customers to be nurtured.",
    C="基础客户。Standardised service.",
)


@reads(domain_tier.Tier)
@strawberry.type(description="客户级别。A tier of customers.")
class Tier(Node):
    code: TierCode = strawberry.field(description="级别代码。Its code.")
    name: str = strawberry.field(description="级别名称。Its name.")


@reads(domain_purpose.Purpose)
@strawberry.type(
    description="个人信息处理目的登记项。Why personal data may be handled; an entry of the purpose register."
)
class Purpose:
    code: str = strawberry.field(description="目的代码，查看明文时填写。The code to give when asking for clear text.")
    name: str = strawberry.field(description="目的名称。What it is for.")
