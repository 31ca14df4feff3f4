"""Routes of tickets and business settings as the schema shows them."""

from datetime import datetime

import strawberry

from domain import business_setting, ticket_route
from domain.business_setting import SETTINGS
from domain.business_setting import SettingName as SettingName
from domain.ticket_state import TicketKind
from schema.binding import described, reads
from schema.staff import StaffMember, Team


def _bounded(name: SettingName, zh: str, en: str) -> str:
    """What a setting decides, with what it may be and what it is at first."""
    least, most, default = SETTINGS[name]
    return f"{zh}，{least}-{most}，初始 {default}。{en}: {least} to {most}, at first {default}."


described(
    SettingName,
    "业务设置。What the business decides, by name.",
    CLOSED_TICKET_DAYS=_bounded(
        SettingName.CLOSED_TICKET_DAYS,
        "工单关闭后客服仍可查看的天数",
        "For how many days service agents go on reading a ticket after it was closed",
    ),
)

CHANGED_AT = "最近修改时间（UTC）；未曾修改为 null。When it was last changed; null if never."
CHANGED_BY = "最近修改人；未曾修改为 null。Who changed it last; null if nobody did."
REASON = "最近修改的原因；其中的号码已脱敏。Why it was last changed; numbers in it are masked."
VERSION = "版本号，供 expectedVersion 使用。For expectedVersion."


@reads(ticket_route.TicketRoute)
@strawberry.type(
    description="工单路由：某一类型的新工单进入哪个小组的队列。Into whose queue new tickets of one kind go."
)
class TicketRoute:
    kind: TicketKind | None = strawberry.field(
        description="工单类型；null 为默认路由，适用于没有自己路由的类型。"
        "The kind; null is the default route, for all kinds that have no team of their own."
    )
    team: Team | None = strawberry.field(
        description="小组；null 表示未指定：先看默认路由，再取第一个有在职客服的小组。"
        "The team. Null decides nothing: then the default route counts, and then the first team with an active agent."
    )
    version: int | None = strawberry.field(description=VERSION)
    changed_at: datetime | None = strawberry.field(description=CHANGED_AT)
    changed_by: StaffMember | None = strawberry.field(description=CHANGED_BY)
    reason: str | None = strawberry.field(description=REASON)


@reads(business_setting.BusinessSetting)
@strawberry.type(
    description="一项业务设置；修改后立即对全部进程生效。A business setting; a change holds at once everywhere."
)
class Setting:
    name: SettingName | None = strawberry.field(description="名称。Its name.")
    value: str | None = strawberry.field(description="现在的值。Its value now.")
    version: int | None = strawberry.field(description=VERSION)
    changed_at: datetime | None = strawberry.field(description=CHANGED_AT)
    changed_by: StaffMember | None = strawberry.field(description=CHANGED_BY)
    reason: str | None = strawberry.field(description=REASON)
