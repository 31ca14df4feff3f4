"""`customerCounts`: the viewer's customers by one dimension, through the same row predicate as every list."""

from typing import Any

from sqlalchemy import func

from auth.rows import is_clear
from domain.customer import Customer
from domain.staff import StaffMember
from domain.word import same_in_sql
from resolvers.customers import CUSTOMERS
from resolvers.errors import Refused
from resolvers.reading.assemble import Col, Const, Obj, Rows
from resolvers.reading.build import Builder, public_id_of
from resolvers.reading.roots import Making, Root
from resolvers.reading.selection import Field
from resolvers.reading.statement import Statement

MOST_GROUPS = 1_000

FIELD = {"STAGE": "stage", "TIER": "tier", "OWNER": "owner", "REGION": "region"}
"""The field of the page on which each dimension stands: grouping by it is allowed where it is CLEAR."""


def counts_root(field: Field, making: Making) -> Root:
    """One GROUP BY over the rows that the viewer may list, each group counted exactly."""
    dimension = dict(field.args)["by"].shape.value
    if not is_clear(Customer, FIELD[dimension], making.kind):
        raise Refused("FORBIDDEN", f"无权按此维度统计：{dimension}", f"You may not count customers by {dimension}")
    builder = Builder(CUSTOMERS, *making)
    key, group = _key(builder, dimension)
    columns = {
        "key": builder.column(builder.row, "key", key),
        "count": builder.column(builder.row, "count", func.count()),
    }
    chosen = builder.select(*builder.scope()).group_by(group).order_by(group).limit(MOST_GROUPS)

    def part(inner: Field) -> Any:
        return Const("CustomerCount") if inner.name == "__typename" else Col(columns[inner.name])

    answer = Rows(Obj([(inner.key, part(inner)) for inner in field.of("CustomerCount")]))
    level = builder.level(answer, Statement(chosen, builder.binds))
    return Root(field, lambda request: 1, level.paged)


def _key(builder: Builder, dimension: str) -> tuple[Any, Any]:
    """What a group is called, and what its rows share."""
    match dimension:
        case "TIER":
            key = builder.join(builder.row, "tier").code
        case "OWNER":
            key = public_id_of(builder.row.owner_id, StaffMember.PREFIX)
        case "REGION":
            return func.min(builder.row.region), same_in_sql(builder.row.region)
        case _:
            key = getattr(builder.row, FIELD[dimension])
    return key, key
