"""What planning an operation costs, told from its selections: before anything is planned.

The weights are measured: one is at most 0.08 ms on a machine that plans the bench's Q3 in 10 ms.
"""

from collections.abc import Iterable

from resolvers.errors import Refused
from resolvers.nouns import BY_CONNECTION
from resolvers.reading.filters import is_searched
from resolvers.reading.plan import shape_of
from resolvers.reading.selection import Field

MAX_WEIGHT = 600
FIELD = ARGUMENT = 1
OBJECT = 3
"""A row joined to another, or another object inside a row or page."""
PARTS_OF_PAGES = frozenset({"nodes", "edges"})
STATEMENT, NESTED, GROUPED, SEARCHED = 10, 20, 25, 50
"""A list or count at the root or a row by its id; a list below another's rows; counts by a dimension; a search."""


def refuse_heavy(roots: Iterable[Field]) -> None:
    """Raises Refused where planning would hold up everybody else. Roots that differ in their response key and in values
    alone are planned once, and count once.
    """
    weight = sum(_weight(root, STATEMENT) for root in {shape_of(root) for root in roots})
    if weight > MAX_WEIGHT:
        raise Refused(
            "LIMIT_EXCEEDED",
            f"此操作中互不相同的列表、筛选条件和字段过多（合计 {weight}，上限 {MAX_WEIGHT}）；"
            "请减少字段和筛选，让同类列表选择相同的字段，或拆成几个请求",
            f"This asks too many different lists, filters and fields ({weight} in all, the limit is {MAX_WEIGHT}); "
            "select less, give lists of one kind the same fields, or split it into several requests",
            {"limit": "planning", "allowed": MAX_WEIGHT, "counted": weight},
        )


def _weight(field: Field, statement: int) -> int:
    below = sum(_weight(kid, NESTED) for _, kids in field.kids for kid in kids)
    return FIELD + _arguments(field) * ARGUMENT + _own(field, statement) + below


def _own(field: Field, statement: int) -> int:
    if noun := BY_CONNECTION.get(field.type):
        counted = "total_count" in field.asked
        again = counted and bool(field.arg("after") or field.arg("before"))
        searches = (1 + again) if is_searched(noun, field) else 0
        return statement * (1 + counted) + searches * SEARCHED
    if field.arg("by"):
        return GROUPED
    if statement == STATEMENT:
        return statement * len(field.kids)
    if field.listed and field.name not in PARTS_OF_PAGES:
        return statement
    return OBJECT if field.kids else 0


def _arguments(field: Field) -> int:
    """The arguments given, those of a filter one by one."""
    shapes = [arg.shape for _, arg in field.args if arg.shape is not None]
    return sum(sum(inner is not None for _, inner in shape) if isinstance(shape, tuple) else 1 for shape in shapes)
