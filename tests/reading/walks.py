"""Walking through every page of a list, from either end."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from auth.rows import is_clear
from auth.viewer import Viewer
from domain.customer import Customer
from domain.identity import public_id
from tests.reading.data import World
from tests.reading.lists import CHOSEN, LISTED, MODEL, ORDERED_BY
from tests.reading.reader import SCHEMA, Reader

PAGE = """{ totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor } edges { cursor node { %s } } }"""
SIZES = (1, 2, 3, 7, 100)


class List(NamedTuple):
    """A list to walk: `at` leads to it from the data, `document` takes $n and $c; `%s` stand for size and cursor."""

    name: str
    document: str
    at: tuple[str, ...]
    variables: dict[str, Any]


def roots(viewer: Viewer) -> Iterator[List]:
    """Every list at a root, in every order that the viewer may have."""
    for about, (_, orders) in CHOSEN.items():
        for field, key in orders.items():
            for direction in ("ASC", "DESC"):
                if is_clear(MODEL[about], ORDERED_BY.get(key, key), viewer.kind):
                    order = f"orderBy: {{ field: {field}, direction: {direction} }}"
                    yield root(f"{about.lower()}s", "id", order)
    if is_clear(Customer, "name", viewer.kind):
        yield root("customers", "id", 'where: { search: "a" }')
    for name, selected in (("tickets", "id"), ("staffMembers", "id"), ("teams", "id"), ("accessLog", "subjectId")):
        yield root(name, selected, "")


def root(name: str, selected: str, order: str) -> List:
    document = f"query ($n: Int, $c: String) {{ {name}(%s: $n, %s: $c, {order}) {PAGE % selected} }}"
    return List(f"{name} {order}", document, (name,), {})


def nested(world: World) -> Iterator[List]:
    """Every list below a customer or a ticket, of the one with the most rows."""
    for type_, field in (
        ("Customer", "interactions"),
        ("Customer", "tickets"),
        ("Customer", "history"),
        ("Ticket", "steps"),
    ):
        model = next(model for model in world.rows if model.__name__ == type_)
        parent = max(world.rows[model], key=lambda row: len(getattr(row, field)))
        inner = SCHEMA._schema.type_map[type_].fields[field].type.name
        selected = "at" if inner not in LISTED or field in {"history", "steps"} else "id"
        below = f"{{ {field}(%s: $n, %s: $c) {PAGE % selected} }}"
        document = f"query ($n: Int, $c: String, $id: ID!) {{ {type_.lower()}(id: $id) {below} }}"
        yield List(f"{type_}.{field}", document, (type_.lower(), field), {"id": public_id(model.PREFIX, parent.id)})


class Walked(NamedTuple):
    """What a walk brought: cursors and rows in the list's own order, its counts, and what was wrong on the way."""

    cursors: list[str]
    rows: list[Any]
    totals: set[int]
    wrong: list[str]


async def walked(reader: Reader, viewer: Viewer, listed: List, size: int, *, backward: bool) -> Walked | None:
    """The whole list, page by page; None where the viewer is not shown the list or its parent."""
    document = listed.document % (("last", "before") if backward else ("first", "after"))
    onward, back = ("hasPreviousPage", "hasNextPage") if backward else ("hasNextPage", "hasPreviousPage")
    edges: list[Any] = []
    totals, wrong, cursor = set(), [], None
    for _ in range(200):
        reply: Any = await reader.ask(viewer, document, {"n": size, "c": cursor, **listed.variables})
        page = reply["data"]
        for step in listed.at:
            page = page and page[step]
        if page is None:
            return None
        got, info = page["edges"], page["pageInfo"]
        edges = got + edges if backward else edges + got
        totals.add(page["totalCount"])
        if info[back] is not (cursor is not None):
            wrong.append(f"{back} after {cursor}")
        if got and (info["startCursor"], info["endCursor"]) != (got[0]["cursor"], got[-1]["cursor"]):
            wrong.append("cursors of the page are not those of its ends")
        if not info[onward]:
            break
        cursor = info["startCursor" if backward else "endCursor"]
    else:
        wrong.append("the walk did not end")
    return Walked([edge["cursor"] for edge in edges], [edge["node"] for edge in edges], totals, wrong)
