"""Staff as the schema shows them."""

import strawberry

from domain import staff as domain_staff
from domain.staff import Role
from schema.binding import reads
from schema.node import Node


@reads(domain_staff.Team)
@strawberry.type(description="小组：共用一个工单队列的员工。A team: staff who share a queue of tickets.")
class Team(Node):
    name: str | None = strawberry.field(description="小组名称。Its name.")


@reads(domain_staff.StaffMember)
@strawberry.type(description="员工。A member of staff.")
class StaffMember(Node):
    name: str | None = strawberry.field(description="姓名。Name.")
    role: Role | None = strawberry.field(description="角色。Role.")
    team: str | None = strawberry.field(description="所在小组；无小组时为 null。Name of the team, if any.")
    active: bool | None = strawberry.field(description="是否在职可登录。Whether they may sign in.")
