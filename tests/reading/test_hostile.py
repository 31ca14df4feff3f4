"""Values that no well-meaning client sends: the documented code at the root's path, siblings answered, no surprise."""

import base64

# ruff: noqa: E501 - tables
from typing import Any
from uuid import UUID

import pytest

from auth.sealing.ciphers import Suite
from auth.sealing.cursors import CursorSealer
from auth.sealing.keys import KeyRing
from domain.customer import Customer
from domain.identity import public_id
from domain.ticket import Ticket
from schema.customer import CustomerOrderField
from schema.node import OrderDirection
from tests.reading.data import World
from tests.reading.lists import Order
from tests.reading.reader import Reader, as_sent

CUSTOMERS = "customers(%s) { nodes { id } }"
BELOW = "customers(first: 2) { nodes { id tickets(%s) { nodes { id } } } }"
BY_ID = 'node(id: "cus_00000000000070008000000000000000") { ... on Customer { tickets(%s) { nodes { id } } } }'

REFUSED = [
    *((place % "first: $n", {"n": n}, "BAD_PAGE") for place in (CUSTOMERS, BELOW, BY_ID) for n in (0, 101, -1)),
    *((place % "last: $n", {"n": n}, "BAD_PAGE") for place in (CUSTOMERS, BELOW) for n in (0, 2147483647, -2147483648)),
    *((place % "first: $n, last: 1", {"n": 1}, "BAD_PAGE") for place in (CUSTOMERS, BELOW)),
    *((place % "after: $s", {"s": s}, "BAD_CURSOR") for place in (CUSTOMERS, BELOW) for s in ("", "zzz", "客户", "\0", "AAAA")),
    *((CUSTOMERS % "before: $s", {"s": s}, "BAD_CURSOR") for s in ("A" * 5000, "====", "\ud800")),
    *((CUSTOMERS % "where: { search: $s }", {"s": s}, "BAD_USER_INPUT") for s in ("一" * 101, "a\u0323\u0301" * 75_000, " " * 401)),
    *((CUSTOMERS % f"where: {{ {name}: [$s] }}", {"s": s}, "BAD_USER_INPUT") for name in ("region", "industry", "tag") for s in ("a\0b", "\ud83d")),
    *((CUSTOMERS % f"where: {{ {name}: $l }}", {"l": ["x"] * 101}, "LIMIT_EXCEEDED") for name in ("region", "industry", "tag", "ownerId")),
    *((CUSTOMERS % f"where: {{ {name}: $l }}", {"l": ["x", "y" * 101]}, "BAD_USER_INPUT") for name in ("region", "industry", "tag")),
    (CUSTOMERS % "where: { search: $s }", {"s": "a" + "\u0323\u0301" * 75_000}, "BAD_USER_INPUT"),
    (CUSTOMERS % "after: $s", {"s": "A" * 900_000}, "BAD_CURSOR"),
    *((CUSTOMERS % f"where: {{ {name}: $t }}", {"t": "2026-01-01T00:00:00"}, "BAD_USER_INPUT") for name in ("createdFrom", "createdTo")),
]  # fmt: skip
ANSWERED = [
    (CUSTOMERS % "where: { region: $l }", {"l": []}),
    (CUSTOMERS % "where: { region: $l }", {"l": ["x" * 100] * 100}),
    (CUSTOMERS % "where: { tag: $l, industry: $l }", {"l": ["%", "_", "'; DROP TABLE customer; --", "\\", "{}", '"', "NULL"]}),
    (CUSTOMERS % "where: { ownerId: $l }", {"l": ["", "stf_", "stf_zz", "cus_\0", "stf_" + "0" * 31, "STF_" + "0" * 32, "\ud800"]}),
    (CUSTOMERS % "where: { search: $s }", {"s": "%_\\'\0"}),
    (CUSTOMERS % "where: { search: $s }", {"s": "\ud800"}),
    (CUSTOMERS % "where: { stage: [], tier: [] }", {}),
    (CUSTOMERS % "where: { createdFrom: $t }", {"t": "9999-12-31T23:59:59.999999-14:00"}),
    (CUSTOMERS % "where: { createdTo: $t }", {"t": "0001-01-01T00:00:00+14:00"}),
    (BELOW % "where: { assigneeId: $l, status: [] }", {"l": []}),
    *(("node(id: $s) { id }", {"s": s}) for s in ("", "cus_", "cus_1", "\0", "😀", "cus_" + "g" * 32, "x" * 100_000)),
]  # fmt: skip
TYPES = {"n": "Int", "s": "String!", "t": "DateTime", "l": "[String!]"}


def document(root: str, given: dict[str, Any]) -> str:
    types = TYPES | ({"s": "ID!"} if "id: $s" in root else {}) | ({"l": "[ID!]"} if "Id: $l" in root else {})
    declared = ", ".join(f"${name}: {types[name]}" for name in given)
    return f"query {f'({declared})' if declared else ''} {{ before: tiers {{ code }} bad: {root} after: tiers {{ code }} }}"


def named(one: tuple[Any, ...]) -> str:
    return f"{one[0]} {one[1]}"[:90].encode("ascii", "replace").decode()


@pytest.mark.parametrize(("root", "given", "code"), REFUSED, ids=map(named, REFUSED))
async def test_a_bad_value_is_refused_at_its_root_and_its_siblings_are_answered(
    reader: Reader, world: World, root: str, given: dict[str, Any], code: str
) -> None:
    for _ in range(2):  # with a new plan, and with a kept one
        reply: Any = await reader.ask(world.viewers["manager"], document(root, given), given)
        assert [(error["extensions"]["code"], error["path"]) for error in reply["errors"]] == [(code, ["bad"])]
        assert reply["data"]["bad"] is None
        assert len(reply["data"]["before"]) == len(reply["data"]["after"]) == 3


@pytest.mark.parametrize(("root", "given"), ANSWERED, ids=map(named, ANSWERED))
async def test_an_odd_value_that_means_nothing_finds_nothing(
    reader: Reader, world: World, root: str, given: dict[str, Any]
) -> None:
    reply: Any = await reader.ask(world.viewers["manager"], document(root, given), given)
    assert "errors" not in reply
    bad = reply["data"]["bad"]
    assert not bad or not bad["nodes"] or all(one["tickets"] == {"nodes": []} for one in bad["nodes"])
    assert len(reply["data"]["after"]) == 3


def cursors(world: World, reader: Reader) -> dict[str, str]:
    customer, ticket = world.rows[Customer][0], world.rows[Ticket][0]
    asked = {"field": CustomerOrderField.SCORE, "direction": OrderDirection.ASC}
    good = Order("Customer", None, reader.cursors).cursor(customer)
    stranger = CursorSealer(KeyRing.generate(Suite.INTL).cursor)
    return {
        "of another list": Order("Ticket", None, reader.cursors).cursor(ticket),
        "of another order": Order("Customer", asked, reader.cursors).cursor(customer),
        "of another installation": Order("Customer", None, stranger).cursor(customer),
        "cut": good[:-8],
        "changed": good[:-4] + ("AAAA" if good[-4:] != "AAAA" else "BBBB"),
        "with a tail": good + good,
    }


async def test_a_cursor_that_is_not_of_this_list_is_refused(reader: Reader, world: World) -> None:
    text = "query ($c: String) { bad: customers(after: $c) { nodes { id } } tiers { id } }"
    for which, cursor in cursors(world, reader).items():
        reply: Any = await reader.ask(world.viewers["manager"], text, {"c": cursor})
        assert [(error["extensions"]["code"], error["path"]) for error in reply["errors"]] == [
            ("BAD_CURSOR", ["bad"])
        ], which
        assert len(reply["data"]["tiers"]) == 3


async def test_who_decodes_the_cursors_of_a_page_reads_no_key_and_no_id(reader: Reader, world: World) -> None:
    text = """{ customers(first: 100, orderBy: {field: SCORE, direction: DESC}) {
        edges { cursor node { id score } } pageInfo { startCursor endCursor } } }"""
    reply: Any = await reader.ask(world.viewers["manager"], text, {})
    page = reply["data"]["customers"]
    assert len(page["edges"]) > 1
    for edge in page["edges"]:
        raw = base64.urlsafe_b64decode(edge["cursor"])
        id_ = UUID(edge["node"]["id"].removeprefix("cus_"))
        assert not [secret for secret in (id_.bytes, str(id_).encode(), b"SCORE", b"Customer") if secret in raw]
    assert len({len(edge["cursor"]) for edge in page["edges"]}) == 1, "nor by its length"
    first, last = page["edges"][0]["cursor"], page["edges"][-1]["cursor"]
    assert (page["pageInfo"]["startCursor"], page["pageInfo"]["endCursor"]) == (first, last)


async def test_nothing_is_run_for_a_root_with_a_bad_page_below(reader: Reader, world: World) -> None:
    await reader.ask(world.viewers["manager"], "{ customers { nodes { tickets(first: 0) { nodes { id } } } } }")
    assert reader.statements == []


async def test_a_hundred_ids_are_answered_in_order_and_one_more_is_refused(reader: Reader, world: World) -> None:
    text = "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }"
    ids = [public_id("cus", row.id) for row in world.rows[Customer]] * 4
    reply: Any = await reader.ask(world.viewers["manager"], text, {"ids": ids[:100]})
    assert [node["id"] for node in reply["data"]["nodes"]] == ids[:100]
    reply = await reader.ask(world.viewers["manager"], text, {"ids": ids[:101]})
    assert reply["data"] is None
    assert [(error["extensions"]["code"], error["path"]) for error in reply["errors"]] == [
        ("LIMIT_EXCEEDED", ["nodes"])
    ]


HUGE = "customers(first: 100) { nodes { interactions(first: 100) { nodes { customer { tickets(first: 100) { nodes { id } } } } } } }"


@pytest.mark.parametrize(
    "root", [HUGE, f"a: {HUGE.replace('first: 100', 'first: 25')} b: {HUGE.replace('first: 100', 'first: 28')}"]
)
async def test_a_request_for_too_many_nodes_is_refused_whole_before_anything_runs(
    reader: Reader, world: World, root: str
) -> None:
    reply: Any = await reader.ask(world.viewers["manager"], f"{{ {root} }}")
    assert reply["errors"][0]["extensions"] == {"code": "LIMIT_EXCEEDED", "limit": "nodes", "allowed": 25_000}
    assert "data" not in reply
    assert reader.statements == []


async def test_nodes_below_node_count_as_well(reader: Reader, world: World) -> None:
    ids = [public_id("cus", row.id) for row in world.rows[Customer][:30]]
    text = "query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Customer { interactions(first: 100) { nodes { customer { tickets(first: 100) { nodes { id } } } } } } } }"
    reply: Any = await reader.ask(world.viewers["manager"], text, {"ids": ids})
    assert reply["errors"][0]["extensions"]["limit"] == "nodes"
    assert reader.statements == []


@pytest.mark.parametrize(
    ("text", "given", "code"),
    [
        ("query ($n: Int) { customers(first: $n) { nodes { id } } }", {"n": 2**31}, "BAD_USER_INPUT"),
        ("query ($n: Int) { customers(first: $n) { nodes { id } } }", {"n": 1.5}, "BAD_USER_INPUT"),
        ("query ($n: Int) { customers(first: $n) { nodes { id } } }", {"n": "1"}, "BAD_USER_INPUT"),
        ("query ($n: Int) { customers(first: $n) { nodes { id } } }", {"n": True}, "BAD_USER_INPUT"),
        ("query ($w: CustomerFilter) { customers(where: $w) { nodes { id } } }", {"w": {"no": 1}}, "BAD_USER_INPUT"),
        ("query ($w: CustomerFilter) { customers(where: $w) { nodes { id } } }", {"w": {"stage": ["X"]}}, "BAD_USER_INPUT"),
        ("query ($w: CustomerFilter) { customers(where: $w) { nodes { id } } }", {"w": {"createdTo": "now"}}, "BAD_USER_INPUT"),
        ("query ($o: CustomerOrder) { customers(orderBy: $o) { nodes { id } } }", {"o": {"field": "SCORE"}}, "BAD_USER_INPUT"),
        ("query ($id: ID!) { node(id: $id) { id } }", {}, "BAD_USER_INPUT"),
        ("query ($id: ID!) { node(id: $id) { id } }", {"id": None}, "BAD_USER_INPUT"),
        ("query ($id: ID!) { node(id: $id) { id } }", {"id": {}}, "BAD_USER_INPUT"),
        ("{ customers(first: 3000000000) { nodes { id } } }", {}, "GRAPHQL_VALIDATION_FAILED"),
        ('{ customers(where: { region: ["\\uD800"] }) { nodes { id } } }', {}, "GRAPHQL_PARSE_FAILED"),
    ],
)  # fmt: skip
async def test_what_does_not_fit_the_schema_is_refused_before_it_is_planned(
    reader: Reader, world: World, text: str, given: dict[str, Any], code: str
) -> None:
    reply: Any = await reader.ask(world.viewers["manager"], text, given)
    assert [error["extensions"]["code"] for error in reply["errors"]] == [code]
    assert "data" not in reply
    assert reader.statements == []


@pytest.mark.parametrize(
    "text",
    [
        'query ($r: String = "east") { customers(where: { region: [$r] }) { nodes { id } } tiers { id } }',
        "query ($ids: [ID!] = []) { nodes(ids: $ids) { id } tiers { id } }",
        "query ($yes: Boolean = true) { customers @include(if: $yes) { nodes { id } } tiers { id } }",
    ],
)
async def test_null_for_a_variable_whose_default_alone_fits_is_a_bad_input(
    reader: Reader, world: World, text: str
) -> None:
    name = text[text.index("$") + 1 : text.index(":")]
    for given in ({}, {name: None}, {name: None}):
        reply: Any = await reader.ask(world.viewers["manager"], text, given)
        codes = [error["extensions"]["code"] for error in reply.get("errors", [])]
        assert codes == (["BAD_USER_INPUT"] if given else [])


@pytest.mark.parametrize("viewer", ["rep", "agent", "partner_some", "partner_none", "privacy_officer", "admin"])
async def test_refusals_name_no_value(reader: Reader, world: World, viewer: str) -> None:
    secret = "13812345678"
    roots = [
        f'customers(after: "{secret}") {{ nodes {{ id }} }}',
        f'customers(where: {{ search: "{secret}" }}) {{ nodes {{ id }} }}',
        f'customers(where: {{ region: ["{secret}"], search: "{secret}" }}) {{ nodes {{ id }} }}',
        f'tickets(where: {{ assigneeId: ["{secret}"] }}) {{ nodes {{ id }} }}',
        f'accessLog(subjectId: "{secret}") {{ nodes {{ at }} }}',
    ]
    for root in roots:
        reply = await reader.ask(world.viewers[viewer], f"{{ {root} }}")
        assert secret.encode() not in as_sent(reply)
        assert b"INTERNAL" not in as_sent(reply)


@pytest.mark.parametrize("as_variable", [True, False])
async def test_an_input_of_nothing_but_unknown_fields_is_told_by_its_first_ones(
    reader: Reader, world: World, as_variable: bool
) -> None:
    unknown = {f"a{n}": 1 for n in range(400)}
    head = "mutation ($i: CreateCustomerInput!)" if as_variable else "mutation"
    given = "$i" if as_variable else f"{{ {' '.join(f'{name}: 1' for name in unknown)} }}"
    told = await reader.ask(
        world.viewers["rep"],
        f"{head} {{ createCustomer(input: {given}) {{ userErrors {{ code }} }} }}",
        {"i": unknown} if as_variable else {},
    )
    assert len(told["errors"]) == 11  # and that there are more
    assert "data" not in told
