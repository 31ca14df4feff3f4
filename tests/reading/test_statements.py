"""The SQL of a dozen operations, every statement in full: a change of what is read shows as a change of a file.

ZHIKE_TEST_WRITE_STATEMENTS=1 writes the files anew, to be read before they are committed. CI never does.
"""

import os
import textwrap
from pathlib import Path
from typing import Any

import pytest
from graphql import FieldNode

from auth.rows import reaches
from domain.customer import Customer
from domain.identity import public_id
from schema.customer import CustomerOrderField
from schema.node import OrderDirection
from tests.reading.data import World
from tests.reading.document import Document
from tests.reading.lists import LISTED, Order
from tests.reading.reader import SCHEMA, Reader

HERE = Path(__file__).parent / "statements"
ASKED_BY = {
    "q1": ("rep", "agent", "manager", "partner_all"),
    "q2": ("rep", "agent", "manager"),
    "q3": ("rep", "agent", "manager", "partner_all"),
    "q4": ("rep", "manager"),
    "person": ("rep", "manager", "partner_some"),
    "history": ("rep",),
    "queue": ("agent", "manager"),
    "steps": ("rep", "agent", "manager"),
    "filtered": ("rep", "manager"),
    "counts": ("manager", "partner_all"),
    "registers": ("rep", "admin"),
    "looks": ("privacy_officer",),
}
SEARCHED = {"rep": "张三", "manager": "an"}
"""A text that each finds: what is found is read by a statement of its own."""
UPWARDS = {"field": CustomerOrderField.LAST_INTERACTION_AT, "direction": OrderDirection.ASC}
PINNED = [(name, viewer) for name, viewers in ASKED_BY.items() for viewer in viewers]


def variables(world: World, reader: Reader, name: str, viewer: str) -> dict[str, Any]:
    if name in {"q1", "person", "history"}:
        return {"id": public_id("cus", of(world, viewer).id)}
    if name == "queue":
        return {"after": None}
    if name == "filtered":
        order = Order("Customer", UPWARDS, reader.cursors)
        return {
            "where": {"tag": ["vip", "key", "late", "老客户"], "search": SEARCHED[viewer]},
            "before": order.cursor(order.of(world.rows[Customer])[-1]),
        }
    return {"subject": public_id("cus", of(world, viewer).id)} if name == "looks" else {}


def of(world: World, viewer: str) -> Any:
    """A customer whom the viewer reaches, with something of everything below."""
    rows = [row for row in world.rows[Customer] if reaches(row, world.viewers[viewer])] or world.rows[Customer]
    return max(rows, key=lambda row: bool(row.tickets) + bool(row.interactions) + bool(row.history) + bool(row.tags))


def told(statements: list[str]) -> str:
    """One clause to a line, long ones folded."""
    return ";\n\n".join("\n".join(map(folded, clauses(statement))) for statement in statements) + ";\n"


def clauses(statement: str) -> list[str]:
    for begins in ("LEFT OUTER JOIN", "ORDER BY", "JOIN LATERAL"):
        statement = statement.replace(f" {begins} ", f"\n{begins} ")
    return [line.strip() for line in statement.splitlines()]


def folded(line: str) -> str:
    kept = line.replace(" AS ", "\u00a0AS\u00a0")
    return textwrap.fill(kept, 116, subsequent_indent="    ", break_long_words=False).replace("\u00a0", " ")


@pytest.mark.parametrize(("name", "viewer"), PINNED)
async def test_the_statements_of_an_operation_are_those_on_file(
    reader: Reader, world: World, name: str, viewer: str
) -> None:
    text = (HERE / f"{name}.graphql").read_text("utf-8")
    given = variables(world, reader, name, viewer)
    reply = await reader.ask(world.viewers[viewer], text, given)
    assert "errors" not in reply
    file = HERE / f"{name}.{viewer}.sql"
    if os.environ.get("ZHIKE_TEST_WRITE_STATEMENTS") and "CI" not in os.environ:
        file.write_text(told(reader.statements), "utf-8")
    assert told(reader.statements) == file.read_text("utf-8")


@pytest.mark.parametrize(("name", "viewer"), [one for one in PINNED if not one[1].startswith("partner")])
async def test_there_is_one_statement_per_level_and_search_and_one_per_count_at_a_root(
    reader: Reader, world: World, name: str, viewer: str
) -> None:
    text, given = (HERE / f"{name}.graphql").read_text("utf-8"), variables(world, reader, name, viewer)
    await reader.ask(world.viewers[viewer], text, given)
    assert len(reader.statements) == levels(Document(SCHEMA._schema, text, given))


def levels(document: Document) -> int:
    """Counted on the document: every list whose rows are asked for, its candidates where it is searched, every row by
    id, every count at a root.
    """

    def below(type_: str, nodes: list[FieldNode], *, root: bool = False) -> int:
        return sum(one(type_, name, several, root=root) for _, name, several in document.below(type_, nodes))

    def one(type_: str, name: str, nodes: list[FieldNode], *, root: bool) -> int:
        if name in {"__typename", "viewerCan"} or not nodes[0].selection_set:
            return 0
        if name == "viewer":
            return [inner for _, inner, _ in document.below("Viewer", nodes)].count("staffMember")
        inner = document.inner(type_, nodes)
        if inner == "Node":
            return 1 + below("Customer", nodes)
        if inner in LISTED:
            asked = {name for _, name, _ in document.below(inner, nodes)}
            rows, counted = bool(asked - {"totalCount", "__typename"}), root and "totalCount" in asked
            candidates = "search" in (document.args(type_, nodes[0]).get("where") or {}) and rows
            return rows + candidates + counted + below(inner, nodes)
        return (root or inner == "Tag") + below(inner, nodes)

    return below("Query", [document.operation], root=True)  # type: ignore[list-item]


MANY = """query ($n: Int, $m: Int) { customers(first: $n, orderBy: { field: CREATED_AT, direction: ASC }) {
  totalCount nodes { id
  tags { name } interactions(first: $m) { nodes { id } } tickets(first: $m) { nodes { id
    steps(first: $m) { nodes { at } } } }
} } }"""


async def test_the_number_of_statements_does_not_grow_with_the_rows(reader: Reader, world: World) -> None:
    viewer, run = world.viewers["manager"], []
    for n, m in ((12, 2), (30, 2), (30, 20)):
        await reader.ask(viewer, MANY, {"n": n, "m": m})
        run.append(reader.statements)
    assert run[0] == run[1] == run[2]
    assert len(run[0]) == 6


def test_every_file_of_statements_is_asked_for() -> None:
    named = {f"{name}.{viewer}.sql" for name, viewer in PINNED}
    assert {file.name for file in HERE.glob("*.sql")} == named
    assert {file.stem for file in HERE.glob("*.graphql")} == set(ASKED_BY)
