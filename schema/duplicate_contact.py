"""Pairs of customers who share a contact, as the schema shows them."""

from datetime import datetime

import strawberry

from domain import duplicate_contact
from domain.duplicate_contact import DuplicateField
from schema.binding import described, reads
from schema.customer import Customer

described(
    DuplicateField,
    "两个客户相同的信息项。What two customers share.",
    MOBILE="电话号码，不论填在 mobile 还是 otherMobile。A telephone number, wherever it stands.",
    EMAIL="邮箱，不分大小写。E-mail address, in whichever case.",
    WECHAT_ID="微信号。WeChat ID.",
    ID_NUMBER="身份证号或统一社会信用代码。Resident ID or credit code.",
    ID_DOCUMENT="其他证件号码。The number of another identity document.",
    EXTERNAL_ID="同一来源系统中的客户编号。The customer's number in one system.",
)


@reads(duplicate_contact.DuplicateContact)
@strawberry.type(
    description="两个客户有相同的联系方式或编号；只说明哪一项相同，从不含其内容。负责人见各自的 owner。"
    "Two customers who share a contact or a number: which field, never its value. Their owners are at `owner`."
)
class DuplicateContact:
    customer: Customer | None = strawberry.field(
        description="联系方式变更较晚的客户。The one whose contacts were changed later."
    )
    other: Customer | None = strawberry.field(description="较早的客户。The one who was there before.")
    fields: list[DuplicateField] = strawberry.field(description="相同的信息项。What they share.")
    found_at: datetime = strawberry.field(
        description="customer 最近一次变更联系方式的时间（UTC）。When the contacts of `customer` last changed."
    )
