"""What all types share: ids, pages, and the order of lists."""

from enum import Enum
from typing import Annotated, Generic, TypeVar

import strawberry
from strawberry import UNSET

from schema.in_url import HARMLESS_IN_URL

T = TypeVar("T")

First = Annotated[
    int | None, strawberry.argument(description="取前 N 条，1-100，默认 20。The first N, 1 to 100; 20 if absent.")
]
After = Annotated[
    str | None,
    strawberry.argument(description="从该游标之后开始。Start after this cursor.", metadata=HARMLESS_IN_URL),
]
Last = Annotated[int | None, strawberry.argument(description="取后 N 条，1-100。The last N, 1 to 100; not with first.")]
Before = Annotated[
    str | None,
    strawberry.argument(description="到该游标之前为止。Stop before this cursor.", metadata=HARMLESS_IN_URL),
]


@strawberry.interface(description="任何有全局 id 的对象。Anything with a global id.")
class Node:
    id: strawberry.ID = strawberry.field(
        description="不透明、全局唯一、带前缀：cus_…、int_…、tkt_…、stp_…、stf_…、team_…、tier_…。"
        "Opaque, globally unique, prefixed."
    )


@strawberry.type(description="一页在列表中的位置。Where a page stands in its list.")
class PageInfo:
    has_next_page: bool = strawberry.field(description="之后是否还有。Whether more follow.")
    has_previous_page: bool = strawberry.field(description="之前是否还有。Whether more precede.")
    start_cursor: str | None = strawberry.field(description="本页首条的游标。Cursor of the first row; null if empty.")
    end_cursor: str | None = strawberry.field(description="本页末条的游标。Cursor of the last row; null if empty.")


@strawberry.type(description="一条记录及其位置。One row and its position.")
class Edge(Generic[T]):
    node: T = strawberry.field(description="记录本身。The row.")
    cursor: str = strawberry.field(
        description="该位置的游标，供 after/before 使用。The position, for after and before."
    )


@strawberry.type(description="分页列表（Relay）。A paged list.")
class Connection(Generic[T]):
    edges: list[Edge[T]] = strawberry.field(description="记录及游标。Rows with their cursors.")
    nodes: list[T] = strawberry.field(description="仅记录。The rows alone.")
    page_info: PageInfo = strawberry.field(description="本页位置。Where this page stands.")
    total_count: int | None = strawberry.field(
        description="可见范围内的总数，仅在选择时计算。All that the viewer reaches and the filter lets through."
    )


def page(self: object, first: First = UNSET, after: After = UNSET, last: Last = UNSET, before: Before = UNSET) -> None:
    """The arguments of a paged field; its rows come from a plan."""


@strawberry.enum(description="升序或降序。Ascending or descending.")
class OrderDirection(Enum):
    ASC = strawberry.enum_value(
        "ASC", description="升序：由小到大、由早到晚。Smallest, oldest first; absent values come first."
    )
    DESC = strawberry.enum_value(
        "DESC", description="降序：由大到小、由晚到早。Largest, newest first; absent values come last."
    )
