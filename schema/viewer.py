"""The viewer as the schema shows them."""

import strawberry

from auth.access import Sight
from domain.staff import Role


@strawberry.type(description="某类型某字段对查看者的清晰程度。How sharply the viewer sees one field.")
class FieldAccess:
    type: str = strawberry.field(description="类型名。The type.")
    field: str = strawberry.field(description="字段名。The field.")
    sight: Sight = strawberry.field(
        description="清晰程度；因行而异时取较低者。How sharply; the duller one where it varies from row to row."
    )


@strawberry.type(description="当前查看者。Who asks.")
class Viewer:
    id: strawberry.ID = strawberry.field(
        description="员工为其 StaffMember 的 id。For staff, the id of their StaffMember."
    )
    role: Role = strawberry.field(description="角色。Role.")
    name: str | None = strawberry.field(description="姓名或合作方名称。Name.")
    grants: list[str] = strawberry.field(description="令牌的授权；员工为空。The grants of the token; empty for staff.")
    access: list[FieldAccess] = strawberry.field(
        description="查看者对每个字段的清晰程度，客户端无需抄写规则。What this viewer sees of each field."
    )
