"""No oracle: what a viewer does not see CLEAR is asked about by no filter, order, group, cursor or error (R05).

The tables here are written by hand, so that a new argument is looked at before it passes.
"""

import logging
from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from graphql import (
    GraphQLArgument,
    GraphQLInputObjectType,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    is_list_type,
)
from structlog.testing import capture_logs

from auth.access import Sight
from auth.rows import seen
from auth.sealing.cursors import CursorSealer
from auth.sealing.keys import KeyRing
from domain.base import Base
from domain.customer import Customer
from domain.ticket import Ticket
from schema.build import build
from tests.access.paths.conftest import Asking, Post
from tests.access.paths.town import VIEWERS, Town

WINDOW = {"first", "after", "last", "before"}
ARGUMENTS = {
    "Query.node": {"id"},
    "Query.nodes": {"ids"},
    "Query.customer": {"id"},
    "Query.customers": {*WINDOW, "where", "orderBy"},
    "Query.customerCounts": {"by", "where"},
    "Query.ticketCounts": {"by", "where"},
    "Query.duplicateContacts": WINDOW,
    "Query.teams": WINDOW,
    "Query.interaction": {"id"},
    "Query.ticket": {"id"},
    "Query.tickets": {*WINDOW, "where", "orderBy"},
    "Query.staffMembers": {*WINDOW, "role"},
    "Query.accessLog": {*WINDOW, "subjectId", "viewerId"},
    "Customer.interactions": WINDOW,
    "Customer.tickets": {*WINDOW, "where", "orderBy"},
    "Customer.history": WINDOW,
    "Ticket.steps": WINDOW,
    "Subscription.ticketChanged": {"after"},
}

# Each filter and order with what it is asked with, and the fields of the page that its answer tells of.
CUSTOMER_FILTERS: dict[str, tuple[str, set[str]]] = {
    "stage": ("[PURCHASE]", {"stage"}),
    "tier": ("[A]", {"tier"}),
    "region": ('["华东"]', {"region"}),
    "industry": ('["零售"]', {"industry"}),
    "ownerId": ('["stf_00000000000000000000000000000000"]', {"owner"}),
    "unassigned": ("true", {"owner"}),
    "tag": ('["tag 1"]', {"tags"}),
    "search": ('"试"', {"name"}),
    "createdFrom": ('"2026-01-01T00:00:00Z"', {"created_at"}),
    "createdTo": ('"2026-01-01T00:00:00Z"', {"created_at"}),
}
TICKET_FILTERS: dict[str, tuple[str, set[str]]] = {
    "status": ("[CLOSED]", {"status"}),
    "kind": ("[COMPLAINT]", {"kind"}),
    "priority": ("[HIGH]", {"priority"}),
    "assigneeId": ('["stf_00000000000000000000000000000000"]', {"assignee"}),
    "unassigned": ("false", {"assignee"}),
    "overdue": ("true", {"due_at", "status"}),
    "number": ('"T00000001"', {"number"}),
    "search": ('"到货"', {"subject"}),
    "customerId": ('["cus_00000000000000000000000000000000"]', {"customer"}),
    "teamId": ('["team_00000000000000000000000000000000"]', {"team"}),
    "withoutTeam": ("true", {"team"}),
    "openedFrom": ('"2026-01-01T00:00:00Z"', {"opened_at"}),
    "openedTo": ('"2026-01-01T00:00:00Z"', {"opened_at"}),
    "dueFrom": ('"2026-01-01T00:00:00Z"', {"due_at"}),
    "dueTo": ('"2026-01-01T00:00:00Z"', {"due_at"}),
    "closedFrom": ('"2026-01-01T00:00:00Z"', {"closed_at"}),
    "closedTo": ('"2026-01-01T00:00:00Z"', {"closed_at"}),
}
ORDERS = {
    "CREATED_AT": "created_at",
    "UPDATED_AT": "updated_at",
    "SCORE": "score",
    "LAST_INTERACTION_AT": "last_interaction_at",
}
TICKET_ORDERS = {
    "OPENED_AT": "opened_at",
    "DUE_AT": "due_at",
    "PRIORITY": "priority",
    "UPDATED_AT": "updated_at",
    "CLOSED_AT": "closed_at",
}
TICKET_DIMENSIONS = {
    "STATUS": "status",
    "KIND": "kind",
    "PRIORITY": "priority",
    "ASSIGNEE": "assignee",
    "TEAM": "team",
}
DIMENSIONS = {"STAGE": "stage", "TIER": "tier", "OWNER": "owner", "REGION": "region"}
CONTACT = {"mobile", "other_mobile", "email", "wechat_id", "id_number", "id_document", "address", "birth_date"}


@pytest.fixture(scope="module")
def schema() -> GraphQLSchema:
    return build()._schema


def arguments(schema: GraphQLSchema) -> Iterator[tuple[str, str, GraphQLArgument]]:
    for type_ in schema.type_map.values():
        if isinstance(type_, GraphQLObjectType) and not type_.name.startswith("__") and type_.name != "Mutation":
            for label, field in type_.fields.items():
                for name, argument in field.args.items():
                    yield f"{type_.name}.{label}", name, argument


def input_fields(schema: GraphQLSchema, name: str) -> set[str]:
    found = schema.type_map[name]
    assert isinstance(found, GraphQLInputObjectType)
    return set(found.fields)


def test_no_argument_of_a_query_was_overlooked(schema: GraphQLSchema):
    found: dict[str, set[str]] = {}
    for place, name, _ in arguments(schema):
        found.setdefault(place, set()).add(name)
    assert found == ARGUMENTS


def test_no_filter_order_or_group_was_overlooked(schema: GraphQLSchema):
    assert input_fields(schema, "CustomerFilter") == CUSTOMER_FILTERS.keys()
    assert input_fields(schema, "TicketFilter") == TICKET_FILTERS.keys()
    assert input_fields(schema, "CustomerOrder") == {"field", "direction"}
    assert set(schema.type_map["CustomerOrderField"].values) == ORDERS.keys()
    assert set(schema.type_map["CustomerDimension"].values) == DIMENSIONS.keys()
    assert input_fields(schema, "TicketOrder") == {"field", "direction"}
    assert set(schema.type_map["TicketOrderField"].values) == TICKET_ORDERS.keys()
    assert set(schema.type_map["TicketDimension"].values) == TICKET_DIMENSIONS.keys()


def test_a_search_for_a_mobile_digit_by_digit_has_nothing_to_ask_with():
    """What a binary search needs is a question that depends on the value: there is none for any contact field."""
    asked_about = {field for _, fields in [*CUSTOMER_FILTERS.values(), *TICKET_FILTERS.values()] for field in fields}
    assert not CONTACT & (asked_about | set(ORDERS.values()) | set(DIMENSIONS.values()))


@pytest.mark.parametrize(
    "field", ["mobile", "email", "wechatId", "idNumber", "idDocument", "address", "birthDate", "nameMasked"]
)
@pytest.mark.parametrize("comparison", ["{startsWith: $x}", "{gt: $x}", "$x", "[$x]"])
async def test_a_guessed_filter_or_order_is_no_part_of_the_schema(ask: Asking, field: str, comparison: str):
    answer = await ask(
        "manager", f"query ($x: String) {{ customers(where: {{{field}: {comparison}}}) {{ totalCount }} }}", x="138"
    )
    assert "data" not in answer
    guessed = f"{{ customers(orderBy: {{field: {field.upper()}, direction: ASC}}) {{ totalCount }} }}"
    assert "data" not in await ask("manager", guessed)


async def test_binary_search_over_what_can_be_searched_tells_only_of_names(ask: Asking, town: Town):
    """Every piece of every contact value, put into the search box: found are those whose name has it, so nobody."""
    for value in {text for texts in town.planted.values() for kind, text in texts.items() if kind != "name"}:
        for piece in {value[:1], value[-4:], value[1:4]}:
            query = "query ($s: String) { customers(where: {search: $s}) { totalCount } }"
            assert (await ask("manager", query, s=piece))["data"] == {"customers": {"totalCount": 0}}


def clear(town: Town, viewer: str, model: type[Base], fields: set[str]) -> bool:
    return all(seen(model, field, town.viewers[viewer].kind) is Sight.CLEAR for field in fields)


async def is_allowed_iff(ask: Asking, viewer: str, asked: str, allowed: bool) -> None:
    """Else FORBIDDEN at its own place, as a list and as a count, and the other roots are answered."""
    for wanted in ("nodes { id }", "totalCount"):
        answer = await ask(viewer, f"{{ asked: {asked} {{ {wanted} }} viewer {{ role }} tiers {{ code }} }}")
        assert answer["data"]["viewer"]
        assert len(answer["data"]["tiers"]) == 3
        if allowed:
            assert "errors" not in answer
            assert answer["data"]["asked"] is not None
        else:
            assert answer["data"]["asked"] is None
            assert [(e["extensions"]["code"], e["path"]) for e in answer["errors"]] == [("FORBIDDEN", ["asked"])]


@pytest.mark.parametrize("viewer", VIEWERS)
async def test_customers_are_filtered_by_what_is_clear(ask: Asking, town: Town, viewer: str):
    default = {"created_at"}
    for name, (value, fields) in CUSTOMER_FILTERS.items():
        allowed = clear(town, viewer, Customer, fields | default)
        await is_allowed_iff(ask, viewer, f"customers(where: {{{name}: {value}}})", allowed)
        together = f'customers(where: {{createdFrom: "2026-01-01T00:00:00Z", {name}: {value}}}, first: 1)'
        if name != "createdFrom":
            await is_allowed_iff(ask, viewer, together, allowed)


@pytest.mark.parametrize("viewer", VIEWERS)
async def test_tickets_are_filtered_by_what_is_clear(ask: Asking, town: Town, viewer: str):
    for name, (value, fields) in TICKET_FILTERS.items():
        allowed = clear(town, viewer, Ticket, fields | {"opened_at"})
        await is_allowed_iff(ask, viewer, f"tickets(where: {{{name}: {value}}})", allowed)


@pytest.mark.parametrize("viewer", VIEWERS)
async def test_tickets_below_a_customer_are_filtered_by_what_is_clear(ask: Asking, town: Town, viewer: str):
    if not clear(town, viewer, Customer, {"tickets"}):
        return
    for name, (value, fields) in TICKET_FILTERS.items():
        for wanted in ("nodes { id }", "totalCount"):
            query = (
                f"{{ customers {{ nodes {{ tickets(where: {{{name}: {value}}}) {{ {wanted} }} }} }} tiers {{ code }} }}"
            )
            answer = await ask(viewer, query)
            codes = [error["extensions"]["code"] for error in answer.get("errors", ())]
            assert codes == ([] if clear(town, viewer, Ticket, fields) else ["FORBIDDEN"])
            assert answer["data"]["tiers"]


@pytest.mark.parametrize("viewer", VIEWERS)
async def test_customers_are_ordered_by_what_is_clear(ask: Asking, town: Town, viewer: str):
    for name, field in ORDERS.items():
        for direction in ("ASC", "DESC"):
            asked = f"customers(orderBy: {{field: {name}, direction: {direction}}})"
            await is_allowed_iff(ask, viewer, asked, clear(town, viewer, Customer, {field}))


@pytest.mark.parametrize("viewer", VIEWERS)
async def test_tickets_are_ordered_by_what_is_clear(ask: Asking, town: Town, viewer: str):
    for name, field in TICKET_ORDERS.items():
        for direction in ("ASC", "DESC"):
            asked = f"tickets(orderBy: {{field: {name}, direction: {direction}}})"
            await is_allowed_iff(ask, viewer, asked, clear(town, viewer, Ticket, {field}))


@pytest.mark.parametrize("viewer", VIEWERS)
async def test_tickets_are_grouped_by_what_is_clear(ask: Asking, town: Town, viewer: str):
    for name, field in TICKET_DIMENSIONS.items():
        answer = await ask(viewer, f"{{ asked: ticketCounts(by: {name}) {{ key count }} viewer {{ role }} }}")
        codes = [error["extensions"]["code"] for error in answer.get("errors", ())]
        assert codes == ([] if clear(town, viewer, Ticket, {field}) else ["FORBIDDEN"])
        assert answer["data"]["viewer"]


@pytest.mark.parametrize("viewer", VIEWERS)
async def test_a_forbidden_order_stays_so_as_a_variable_and_after_others_asked_it(ask: Asking, town: Town, viewer: str):
    query = "query ($o: CustomerOrder, $w: CustomerFilter) { customers(orderBy: $o, where: $w) { nodes { id } } }"
    for name, field in ORDERS.items():
        order = {"field": name, "direction": "ASC"}
        await ask("manager", query, o=order, w={"search": "试"})
        answer = await ask(viewer, query, o=order, w={"search": "试"})
        assert ("errors" not in answer) is clear(town, viewer, Customer, {field, "name"})


@pytest.mark.parametrize("viewer", VIEWERS)
async def test_customers_are_grouped_by_what_is_clear(ask: Asking, town: Town, viewer: str):
    for name, field in DIMENSIONS.items():
        answer = await ask(viewer, f"{{ asked: customerCounts(by: {name}) {{ key count }} viewer {{ role }} }}")
        assert (answer["data"]["asked"] is not None) is clear(town, viewer, Customer, {field})
        codes = [error["extensions"]["code"] for error in answer.get("errors", ())]
        assert codes == ([] if clear(town, viewer, Customer, {field}) else ["FORBIDDEN"])
        assert answer["data"]["viewer"]


def inside(ring: KeyRing, cursor: str, place: str) -> list[Any]:
    """What was sealed; for another place the cursor does not open."""
    return orjson.loads(CursorSealer(ring.cursor).position(cursor, place.encode()))


@pytest.mark.parametrize("viewer", VIEWERS)
async def test_cursors_hold_the_order_and_the_id_and_only_what_is_clear(
    ask: Asking, town: Town, ring: KeyRing, viewer: str
):
    for name, field in ORDERS.items():
        if not clear(town, viewer, Customer, {field}):
            continue
        query = f"{{ customers(orderBy: {{field: {name}, direction: DESC}}) {{ edges {{ cursor node {{ id }} }} }} }}"
        for edge in (await ask(viewer, query))["data"]["customers"]["edges"]:
            value, id_ = inside(ring, edge["cursor"], f"Customer {name} DESC")
            row = next(row for row in town.rows[Customer] if row.id.hex == edge["node"]["id"][4:])
            stored = {"score": row.score_rank, "last_interaction_at": row.last_interaction_rank}.get(
                field, getattr(row, field)
            )
            assert orjson.loads(orjson.dumps([stored, row.id], option=orjson.OPT_UTC_Z)) == [value, id_]


@pytest.mark.parametrize("viewer", ["rep", "agent", "manager", "partner_all"])
async def test_cursors_of_other_lists_orders_and_keys_are_refused_alike(ask: Asking, viewer: str):
    """Whether a cursor was made here at all is not told."""
    given = await ask(viewer, "{ customers { pageInfo { endCursor } } tickets { pageInfo { endCursor } } }")
    customers = given["data"]["customers"]["pageInfo"]["endCursor"]
    tickets = given["data"]["tickets"]["pageInfo"]["endCursor"]
    tampered = ("A" if customers[0] != "A" else "B") + customers[1:]
    query = (
        "query ($c: String) { customers(after: $c, orderBy: {field: UPDATED_AT, direction: DESC}) { nodes { id } } }"
    )
    answers = [
        await ask.bytes(viewer, query, c=cursor) for cursor in (customers, tickets, tampered, "x", "", "é", "=" * 9)
    ]
    assert b'"BAD_CURSOR"' in answers[0]
    assert set(answers) == {answers[0]}


CANARIES = ("13912340987", "金丝雀")


def hostile(argument: GraphQLArgument, canary: str) -> Iterator[tuple[str, Any]]:
    """Literals that hold the canary, right and wrong for the argument, with the same as a variable's value."""
    text = orjson.dumps(canary).decode()
    yield text, canary
    yield f"[{text}]", [canary]
    yield f"{{x: {text}}}", {"x": canary}
    yield f"{{field: {text}, direction: {text}}}", {"field": canary, "direction": canary}
    yield f"[[{text}]]", [[canary]]
    if canary.isdigit():
        yield canary, int(canary)
        yield f"-{canary}.5e3", float(f"-{canary}.5e3")
        yield f"[{canary}]", [int(canary)]
    type_ = get_named_type(argument.type)
    if isinstance(type_, GraphQLInputObjectType):
        for name, field in type_.fields.items():
            yield f"{{{name}: {text}}}", {name: canary}
            yield f"{{{name}: [{text}]}}", {name: [canary]}
            yield f"{{{name}: {{y: {text}}}}}", {name: {"y": canary}}
            if is_list_type(field.type):
                yield f"{{{name}: [{text}, {text}, true]}}", {name: [canary, canary, True]}
            if canary.isdigit():
                yield f"{{{name}: {canary}}}", {name: int(canary)}


def operations(schema: GraphQLSchema, canary: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for place, name, argument in arguments(schema):
        type_name, label = place.split(".")
        if type_name == "Subscription":
            continue
        required = {"customerCounts": "by: TIER", "ticketCounts": "by: STATUS"}.get(label, "") if name != "by" else ""
        wanted = {"customerCounts": "{ key }", "ticketCounts": "{ key }", "node": "{ id }", "nodes": "{ id }"}.get(
            label, "{ __typename }"
        )
        around = {
            "Query": "%s",
            "Customer": "customers(first: 2) { nodes { %s } }",
            "Ticket": "tickets { nodes { %s } }",
        }
        for literal, value in hostile(argument, canary):
            asked = around[type_name] % f"{label}({required} {name}: {literal}) {wanted}"
            yield f"{{ {asked} tiers {{ code }} }}", {}
            asked = around[type_name] % f"{label}({required} {name}: $v) {wanted}"
            yield f"query ($v: {argument.type}) {{ {asked} }}", {"v": value}
            yield f"query ($v: {argument.type} = {literal}) {{ {asked} }}", {}
            yield f"query ($v: {argument.type}) {{ {asked} }}", {"v": None, canary: canary}


@pytest.mark.parametrize("canary", CANARIES)
async def test_what_was_sent_comes_back_in_no_answer_and_no_log(
    post: Post,
    schema: GraphQLSchema,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    canary: str,
):
    """Through every argument, as variable, literal and default, of the right type and of wrong ones."""
    caplog.set_level(logging.DEBUG)
    asked = 0
    with capture_logs() as lines:
        for query, variables in operations(schema, canary):
            answer = await post("manager", {"query": query, "variables": variables, "operationName": None})
            assert canary not in answer.text
            assert '"INTERNAL"' not in answer.text
            asked += 1
    assert asked > 500
    printed = capfd.readouterr()
    for told in (repr(lines), caplog.text, repr([record.__dict__ for record in caplog.records]), *printed):
        assert canary not in told


@pytest.mark.parametrize(
    "body",
    [
        {"query": '{ customers @include(if: "CANARY") { totalCount } }'},
        {"query": "query ($c: Boolean!) { customers @include(if: $c) { totalCount } }", "variables": {"c": "CANARY"}},
        {"query": '{ tiers { code } } "CANARY'},
        {"query": '{ tiers(x: "CANARY") { code } }'},
        {"query": "{ tiers { code } } # CANARY", "operationName": "CANARY"},
        {"query": "query A { tiers { code } }", "operationName": "CANARY"},
        {"query": "CANARY"},
        {"query": '{ __type(name: "CANARY") { name } }'},
        {"query": '{ __type(name: 5, nam: "CANARY") { name } }'},
        {"query": "{ tiers { code } }", "variables": "CANARY"},
        {"query": "{ tiers { code } }", "variables": ["CANARY"]},
        {"query": "{ tiers { code } }", "extensions": "CANARY"},
        {"query": ["CANARY"]},
        {"CANARY": "CANARY"},
        ["CANARY"],
        "CANARY",
    ],
)
async def test_what_was_sent_elsewhere_comes_back_neither(
    post: Post, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str], body: Any
):
    caplog.set_level(logging.DEBUG)
    with capture_logs() as lines:
        answer = await post("manager", orjson.loads(orjson.dumps(body).replace(b"CANARY", b"13912340987")))
    told = f"{answer.text} {lines!r} {caplog.text} {capfd.readouterr()}"
    assert "13912340987" not in told
    assert '"INTERNAL"' not in answer.text


async def test_an_error_of_the_database_tells_the_client_and_the_log_an_id_alone(
    broken: Post, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
):
    """PostgreSQL quotes values in its messages."""
    caplog.set_level(logging.DEBUG)
    with capture_logs() as lines:
        query = "query ($s: String) { customers(where: {search: $s}) { nodes { id } } }"
        answer = await broken("manager", {"query": query, "variables": {"s": "金丝雀"}})
    assert answer.json["errors"][0]["extensions"].keys() == {"code", "id", "docs"}
    assert lines[0]["id"] == answer.json["errors"][0]["extensions"]["id"]
    told = f"{answer.text} {lines!r} {caplog.text} {capfd.readouterr()}"
    assert "金丝雀" not in told
    assert "13912340987" not in told


def test_each_decision_about_lists_goes_both_ways_among_the_viewers(town: Town):
    """Else the tests above would not notice that a check is missing."""
    for model, filters in ((Customer, CUSTOMER_FILTERS), (Ticket, TICKET_FILTERS)):
        for name, (_, fields) in filters.items():
            found = {clear(town, viewer, model, fields) for viewer in VIEWERS}
            assert found == {True, False}, name
    for field in [*ORDERS.values(), *DIMENSIONS.values()]:
        assert {clear(town, viewer, Customer, {field}) for viewer in VIEWERS} == {True, False}
