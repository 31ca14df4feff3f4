"""`customerCounts` and `ticketCounts`: the viewer's rows by one dimension, in the same scope as every list."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, NamedTuple

from sqlalchemy import Text, any_, case, func, literal_column, or_

from auth.rows import is_clear
from domain.staff import StaffMember, Team
from domain.word import same_in_sql
from resolvers.customers import CUSTOMERS
from resolvers.errors import Refused
from resolvers.reading.assemble import Col, Const, Obj, Rows
from resolvers.reading.build import KEYS, Builder, public_id_of
from resolvers.reading.filters import narrowed
from resolvers.reading.level import Level
from resolvers.reading.noun import Noun
from resolvers.reading.roots import Making, Root, Special
from resolvers.reading.search import Search
from resolvers.reading.selection import Field
from resolvers.reading.statement import Request, Statement
from resolvers.tickets import TICKETS

MOST_GROUPS = 1_000


class Dimension(NamedTuple):
    """What rows are counted by: the field of the page on which it stands, CLEAR where it is allowed; its key, and what
    to call it.
    """

    field: str
    key: Callable[[Builder], Any]
    label: Callable[[Builder], Any]
    group: Callable[[Builder], Any] | None = None
    """What the rows of a group share, where they may be written differently; the key itself if absent."""


def _own(field: str, words: Mapping[str, str]) -> Dimension:
    """A column of the row; `words` call its values by name."""
    return Dimension(
        field,
        lambda builder: getattr(builder.row, field),
        lambda builder: _words(getattr(builder.row, field), words),
    )


def _words(column: Any, words: Mapping[str, str]) -> Any:
    return case({value: literal_column(f"'{called}'", Text) for value, called in words.items()}, value=column)


def _of(field: str, key: str, prefix: str) -> Dimension:
    """Whom or what the row refers to, by public id and name."""
    return Dimension(
        field,
        lambda builder: public_id_of(getattr(builder.row, key), prefix),
        lambda builder: builder.join(builder.row, field).name,
    )


def _region(builder: Builder) -> Any:
    """As one of the group's rows writes it."""
    return func.min(builder.row.region)


CUSTOMERS_BY = {
    "STAGE": _own("stage", {"POTENTIAL": "潜在期", "AWARENESS": "认知期", "PURCHASE": "购买期", "LOYALTY": "忠诚期",
                            "CHURN": "流失期"}),
    "TIER": Dimension(
        "tier",
        lambda builder: builder.join(builder.row, "tier").code,
        lambda builder: builder.join(builder.row, "tier").name,
    ),
    "OWNER": _of("owner", "owner_id", StaffMember.PREFIX),
    "REGION": Dimension("region", _region, _region, group=lambda builder: same_in_sql(builder.row.region)),
}  # fmt: skip
TICKETS_BY = {
    "STATUS": _own("status", {"ACCEPTED": "受理", "INVESTIGATING": "调查", "RESPONDED": "回应", "FOLLOWING_UP": "跟踪",
                              "CLOSED": "关闭"}),
    "KIND": _own("kind", {"QUESTION": "咨询", "COMPLAINT": "投诉", "AFTER_SALES": "售后", "RETURN_EXCHANGE": "退换货"}),
    "PRIORITY": _own("priority", {"LOW": "低", "NORMAL": "普通", "HIGH": "高", "URGENT": "紧急"}),
    "ASSIGNEE": _of("assignee", "assignee_id", StaffMember.PREFIX),
    "TEAM": _of("team", "team_id", Team.PREFIX),
}  # fmt: skip


def counts_root(noun: Noun, dimensions: Mapping[str, Dimension], field: Field, making: Making) -> Root:
    """One GROUP BY over the rows in scope that the filter lets through, each group counted exactly."""
    name = dict(field.args)["by"].shape.value
    dimension = dimensions[name]
    if not is_clear(noun.model, dimension.field, making.kind):
        raise Refused("FORBIDDEN", f"无权按此维度统计：{name}", f"You may not count by {name}")
    builder = Builder(noun, *making)
    answers = {"key": dimension.key(builder), "count": func.count()}
    group = [dimension.group(builder) if dimension.group else answers["key"]]
    if any(inner.name == "label" for inner in field.of(field.type)):
        answers["label"] = dimension.label(builder)
        group += [] if dimension.group else [answers["label"]]
    columns = {name: builder.column(builder.row, name, answer) for name, answer in answers.items()}
    filters = narrowed(noun, making.kind, builder.row, field, builder.binds, making.tools)
    found = [or_(KEYS.is_(None), builder.row.id == any_(KEYS))] if filters.search else []
    chosen = builder.select(*builder.scope(), *filters.conditions, *found)
    chosen = chosen.group_by(*group).order_by(group[0]).limit(MOST_GROUPS)

    def part(inner: Field) -> Any:
        return Const(field.type) if inner.name == "__typename" else Col(columns[inner.name])

    answer = Rows(Obj([(inner.key, part(inner)) for inner in field.of(field.type)]))
    level = builder.level(answer, Statement(chosen, builder.binds))
    if filters.search:
        return _searched(field, level, Search(noun, field, making))
    return Root(field, lambda request: 1, level.paged)


def _searched(field: Field, level: Level, search: Search) -> Root:
    """Counts of the rows that a search finds; refused where it could not open all of its candidates."""

    def judge(request: Request) -> int:
        search.text(request)
        return 1

    async def answer(request: Request) -> Any:
        return await level.paged(request._replace(keys=await search.ids(request)))

    return Root(field, judge, answer, scans=1)


customer_counts: Special = partial(counts_root, CUSTOMERS, CUSTOMERS_BY)
ticket_counts: Special = partial(counts_root, TICKETS, TICKETS_BY)

COUNTED = {"customer_counts": (CUSTOMERS, CUSTOMERS_BY), "ticket_counts": (TICKETS, TICKETS_BY)}
"""What each of these roots counts, and by what."""
