"""How many statements the fields of an operation take, told from the selections alone: before anything is planned."""

from collections.abc import Iterable, Iterator

from resolvers.errors import Refused
from resolvers.nouns import BY_CONNECTION, NOUNS
from resolvers.reading.build import NO_ROWS
from resolvers.reading.selection import Field

MAX_STATEMENTS, MAX_SELECTED = 20, 500
WITHOUT_STATEMENT = frozenset({"__typename", "viewer", "__schema", "__type"})
"""Root fields that ask the database nothing themselves."""


def refuse_many_statements(needed: int) -> None:
    """Raises Refused where the root fields of an operation take more statements than it may.

    A page is one statement, and one more where its `totalCount` is selected, at the root and below; a list without
    pages and a single row at the root are one each. Rows joined to others, such as an owner, are none.
    """
    if needed > MAX_STATEMENTS:
        raise Refused(
            "LIMIT_EXCEEDED",
            f"此操作需要 {needed} 条数据库语句（每个列表、totalCount、单个对象各一条），"
            f"上限 {MAX_STATEMENTS}；请拆成几个请求",
            f"This takes {needed} database statements (one for each list, each totalCount and each single object), the "
            f"limit is {MAX_STATEMENTS}; split it into several requests",
            {"limit": "statements", "allowed": MAX_STATEMENTS, "counted": needed},
        )


def refuse_many_fields(fields: Iterable[Field]) -> None:
    """Raises Refused where more fields are selected than are planned for one operation. Equal fields are merged by now,
    and those of a fragment on several types stand once for each.
    """
    selected = sum(field.size for field in fields)
    if selected > MAX_SELECTED:
        raise Refused(
            "LIMIT_EXCEEDED",
            f"此操作选择了 {selected} 个字段，上限 {MAX_SELECTED}；请少选字段或拆成几个请求",
            f"This selects {selected} fields, the limit is {MAX_SELECTED}; select fewer, or ask twice",
            {"limit": "selectedFields", "allowed": MAX_SELECTED, "counted": selected},
        )


def payload_statements(root: Field) -> int:
    """What reading the payload of an act, or of a change that is followed, takes."""
    return _below(root.type, root.of(root.type))


def statements(root: Field) -> int:
    """What one root field of a query takes."""
    if root.name in WITHOUT_STATEMENT:
        return _below(root.type, root.of(root.type))
    if root.type in BY_CONNECTION:
        return _page(root)
    if root.name == "node":  # only one of the types is there
        return 1 + max((_below(type_, fields) for type_, fields in root.kids), default=0)
    if root.type == "Node":
        return sum(1 + _below(type_, fields) for type_, fields in root.kids if _asks(fields)) or 1
    return 1 + _below(root.type, root.of(root.type))


def _asks(fields: tuple[Field, ...]) -> bool:
    return any(field.name not in {"id", "__typename"} for field in fields)


def _below(parent: str, fields: tuple[Field, ...]) -> int:
    return sum(_child(parent, field) for field in fields)


def _child(parent: str, field: Field) -> int:
    if field.type in BY_CONNECTION:
        return _page(field)
    below = _below(field.type, field.of(field.type))
    if field.type not in NOUNS:
        return below
    # Rows of a plain object, such as a payload's or the viewer's, are read by a statement of their own.
    return below + (parent not in NOUNS or field.listed)


def _page(field: Field) -> int:
    noun = BY_CONNECTION[field.type].name
    rows = bool(field.asked - NO_ROWS)
    return rows + ("total_count" in field.asked) + sum(_below(noun, row) for row in _rows(field, noun))


def _rows(page: Field, noun: str) -> Iterator[tuple[Field, ...]]:
    for part in page.of(page.type):
        if part.name == "nodes":
            yield part.of(noun)
        if part.name == "edges":
            yield from (edge.of(noun) for edge in part.of(part.type) if edge.name == "node")
