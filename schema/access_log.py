"""The access log as the schema shows it."""

from datetime import datetime

import strawberry

from domain import access_log
from domain.access_log import PersonalField
from schema.binding import reads


@reads(access_log.AccessLogEntry)
@strawberry.type(
    description="一次明文查看：何人、何项、何故；从不含明文。"
    "One look at one clear value. Who looked, at what, why; never the value."
)
class AccessLogEntry:
    at: datetime = strawberry.field(description="时间（UTC）。When.")
    viewer_id: strawberry.ID = strawberry.field(description="查看者 id。Who looked.")
    viewer_name: str | None = strawberry.field(description="查看者当时的姓名。Their name at that time.")
    subject_id: strawberry.ID = strawberry.field(
        description="被查看的客户、互动、工单或工单步骤。The customer, interaction, ticket or step of a ticket."
    )
    field: PersonalField = strawberry.field(description="被查看的信息项。Which text.")
    purpose: str = strawberry.field(description="目的代码。A code of the purpose register.")
    reason: str = strawberry.field(description="所填原因。The reason given.")
