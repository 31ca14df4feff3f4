"""What can be followed: each change is read through the viewer's own rights at that moment."""

from collections.abc import AsyncGenerator
from typing import Annotated

import strawberry
from strawberry import UNSET

from resolvers.following import ChangeKind
from schema.binding import described
from schema.ticket import Ticket

described(
    ChangeKind,
    "工单变化对查看者的意义。What a change of a ticket means for the viewer.",
    CREATED="新工单。A new ticket.",
    CHANGED="有变化，或刚可见。Changed, or just come into reach.",
    LOST="已不存在或不再可见，请删除本地副本。Gone, or no longer for this viewer: forget the copy.",
)


@strawberry.type(description="一张工单的变化。A change of a ticket in the viewer's reach.")
class TicketChange:
    kind: ChangeKind = strawberry.field(description="变化的意义。What it means.")
    id: strawberry.ID = strawberry.field(description="工单 id。The ticket.")
    ticket: Ticket | None = strawberry.field(description="现在的工单；LOST 时为 null。As it is now; null when LOST.")
    cursor: str = strawberry.field(description="断线后从此之后继续。Resume after it: as `after`.")


@strawberry.type(description="订阅。What can be followed: ask with Accept: text/event-stream.")
class Subscription:
    @strawberry.subscription(
        description="查看者可见工单的变化，每次按其当时权限读取。"
        "Changes of tickets in the viewer's scope, read through the viewer's own rights at each event."
    )
    async def ticket_changed(
        self,
        info: strawberry.Info,
        after: Annotated[
            str | None,
            strawberry.argument(
                description="从该游标之后继续；BAD_CURSOR 表示数据库已恢复或更换，请重新读取，并且不带 after 重新订阅。"
                "Resume after this cursor. BAD_CURSOR means that the database was restored or replaced: read anew, and "
                "follow without `after`."
            ),
        ] = UNSET,
    ) -> AsyncGenerator[TicketChange, None]:
        # `schema.answering.streaming` follows; the executor would come here.
        async for change in info.context.followed(info.path.key):
            yield change
