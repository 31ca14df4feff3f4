"""The viewer as the schema shows them."""

import strawberry

from auth.access import Sight
from domain.staff import Role
from schema.staff import StaffMember


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
        description="独有的 id，不与任何其他类型相同，按 id 归一的客户端不会混淆。"
        "Of its own kind: no other type shares it, so that normalising clients keep the two apart."
    )
    staff_member: StaffMember | None = strawberry.field(
        description="员工本人；合作方系统为 null。For staff, who they are; null for a partner's machine."
    )
    role: Role = strawberry.field(description="角色。Role.")
    name: str | None = strawberry.field(description="姓名或合作方名称。Name.")
    grants: list[str] = strawberry.field(description="令牌的授权；员工为空。The grants of the token; empty for staff.")
    access: list[FieldAccess] = strawberry.field(
        description="查看者对每个字段的清晰程度，客户端无需抄写规则。What this viewer sees of each field."
    )
