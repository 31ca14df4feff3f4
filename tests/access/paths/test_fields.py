"""Every field by every path and for every viewer: what is shown is what the page says, whichever way one comes."""

from collections.abc import Callable, Iterator
from datetime import datetime
from enum import Enum
from typing import Any, NamedTuple

import pytest
from graphql import GraphQLObjectType, GraphQLSchema, get_named_type

from auth.access import Sight, Varying
from auth.rows import may, reaches, seen
from auth.viewer import Viewer
from domain.access_log import AccessLogEntry
from domain.base import Base
from domain.customer import Customer
from domain.duplicate_contact import DuplicateContact
from domain.event import CUSTOMER_CHANGES, Event
from domain.identity import public_id
from domain.interaction import Interaction
from domain.purpose import Purpose
from domain.staff import StaffMember
from domain.tag import Tag
from domain.ticket import Ticket, TicketStep
from domain.tier import Tier
from schema.answering.selecting import snake
from schema.build import build
from tests.access.paths.conftest import Asking
from tests.access.paths.town import REACHED, VIEWERS, Town

MODELS: dict[str, type[Base]] = {
    "Customer": Customer,
    "Interaction": Interaction,
    "Ticket": Ticket,
    "TicketStep": TicketStep,
    "CustomerChange": Event,
    "StaffMember": StaffMember,
    "Tier": Tier,
    "Tag": Tag,
    "Purpose": Purpose,
    "AccessLogEntry": AccessLogEntry,
    "DuplicateContact": DuplicateContact,
}
ATTRIBUTES = {("CustomerChange", "from"): "before", ("CustomerChange", "to"): "after"}

CUSTOMERS, INTERACTIONS, TICKETS = "nodes(ids: $c)", "nodes(ids: $i)", "nodes(ids: $t)"
IDS = {"c": Customer, "i": Interaction, "t": Ticket, "p": TicketStep, "s": StaffMember}
PLACES: dict[str, dict[str, str]] = {
    "Customer": {
        "list": "customers.nodes",
        "edge": "customers.edges.node",
        "ids": CUSTOMERS,
        "ticket's": "tickets.edges.node.customer",
        "interaction's": f"{INTERACTIONS}.Interaction.customer",
        "own ticket's": "customers(first: 20).nodes.tickets(first: 5).nodes.customer",
    },
    "Interaction": {
        "ids": INTERACTIONS,
        "customer's": "customers.nodes.interactions.edges.node",
        "ticket's customer's": "tickets.nodes.customer.interactions.nodes",
        "customer's by id": f"{CUSTOMERS}.Customer.interactions.nodes",
    },
    "Ticket": {
        "list": "tickets.nodes",
        "edge": "tickets.edges.node",
        "ids": TICKETS,
        "customer's": "customers.nodes.tickets.edges.node",
        "interaction's customer's": f"{INTERACTIONS}.Interaction.customer.tickets.nodes",
    },
    "TicketStep": {
        "ids": "nodes(ids: $p)",
        "ticket's": "tickets.nodes.steps.edges.node",
        "ticket's by id": f"{TICKETS}.Ticket.steps.nodes",
        "customer's ticket's": "customers(first: 20).nodes.tickets(first: 5).nodes.steps.nodes",
    },
    "CustomerChange": {
        "customer's": "customers.nodes.history.edges.node",
        "customer's by id": f"{CUSTOMERS}.Customer.history.nodes",
        "ticket's customer's": "tickets.nodes.customer.history.nodes",
    },
    "StaffMember": {
        "list": "staffMembers.nodes",
        "edge": "staffMembers.edges.node",
        "ids": "nodes(ids: $s)",
        "owner": "customers.nodes.owner",
        "interaction's": "customers.nodes.interactions.nodes.staff",
        "assignee": "tickets.nodes.assignee",
        "actor": "tickets.nodes.steps.nodes.actor",
        "history's": "customers.nodes.history.nodes.actor",
    },
    "Tier": {"list": "tiers", "customer's": "customers.nodes.tier"},
    "Tag": {"customer's": "customers.nodes.tags", "ticket's customer's": "tickets.nodes.customer.tags"},
    "Purpose": {"list": "purposes"},
    "AccessLogEntry": {"list": "accessLog.nodes", "edge": "accessLog.edges.node"},
    "DuplicateContact": {"list": "duplicateContacts.nodes", "edge": "duplicateContacts.edges.node"},
}
CASES = [(type_, place) for type_, places in PLACES.items() for place in places]


@pytest.fixture(scope="module")
def schema() -> GraphQLSchema:
    return build()._schema


class Form(NamedTuple):
    """A way of writing down the same fields: the selection, what stands behind the operation, the key of a field."""

    selection: Callable[[str, dict[str, str]], str]
    behind: Callable[[str, dict[str, str]], str] = lambda type_, fields: ""
    key: Callable[[str], str] = lambda label: label


def written(fields: dict[str, str]) -> str:
    return " ".join(f"{label} {below}" for label, below in fields.items())


FORMS = {
    "plain": Form(lambda type_, fields: f"... on {type_} {{ {written(fields)} }}"),
    "alias": Form(
        lambda type_, fields: (
            f"... on {type_} {{ {' '.join(f'a_{label}: {label} {below}' for label, below in fields.items())} }}"
        ),
        key=lambda label: f"a_{label}",
    ),
    "fragment": Form(
        lambda type_, fields: "...F", lambda type_, fields: f"fragment F on {type_} {{ {written(fields)} }}"
    ),
    "interface": Form(
        lambda type_, fields: (
            f"... on Node {{ ... on {type_} {{ {written(fields)} }} }}"
            if MODELS[type_].PREFIX
            else f"... @include(if: true) {{ ... on {type_} {{ {written(fields)} }} }}"
        )
    ),
}


def fields_of(schema: GraphQLSchema, type_: str) -> dict[str, str]:
    """Every field of a type, with what is selected below it."""
    found = schema.type_map[type_]
    assert isinstance(found, GraphQLObjectType)
    return {label: below(get_named_type(field.type)) for label, field in found.fields.items()}


def below(type_: Any) -> str:
    if not isinstance(type_, GraphQLObjectType):
        return ""
    if type_.name.endswith("Connection"):
        return "{ totalCount }"
    if type_.name == "PersonalText" or type_.name.endswith("Acts"):
        return f"{{ {' '.join(type_.fields)} }}"
    if type_.name == "IdDocument":
        return "{ kind number { display sight revealable } }"
    return "{ name }" if type_.name == "Tag" else "{ id }"


def query_at(place: str, inner: str, behind: str) -> str:
    made = inner
    for step in reversed(place.split(".")):
        made = f"... on {step} {{ {made} }}" if step in MODELS else f"{step} {{ {made} }}"
    variables = ", ".join(f"${name}: [ID!]!" for name in IDS if f"${name}" in place)
    return f"query {f'({variables})' if variables else ''} {{ {made} }} {behind}"


def objects_at(answer: Any, place: str) -> list[dict[str, Any]]:
    found = [answer]
    for step in place.split("."):
        if step in MODELS:
            continue
        values = [one[step.partition("(")[0]] for one in found if step.partition("(")[0] in one]
        found = [one for value in values for one in (value if isinstance(value, list) else [value]) if one]
    return found


def variables_for(town: Town, place: str) -> dict[str, Any]:
    return {
        name: [public_id(model.PREFIX, row.id) for row in town.rows[model]]
        for name, model in IDS.items()
        if f"${name}" in place
    }


class Expected:
    """What the page says of one row for one viewer, worked out on the instance, by hand."""

    def __init__(self, town: Town, viewer: Viewer, type_: str) -> None:
        self.town, self.viewer, self.type, self.model = town, viewer, type_, MODELS[type_]

    def sight(self, label: str) -> Sight | Varying:
        return seen(self.model, ATTRIBUTES.get((self.type, label), snake(label)), self.viewer.kind)

    def value(self, row: Any, label: str, selected: str) -> Any:
        if label == "viewerCan":
            return {act: bool(may(snake(act), row, self.viewer)) for act in selected.strip("{} ").split()}
        if "number" in selected:
            hidden = self.sight(label) is Sight.HIDDEN
            return {"kind": None if hidden else row.document_kind, "number": self.personal(row, label)}
        if "display" in selected:
            return self.personal(row, label)
        return None if self.sight(label) is Sight.HIDDEN else self.plain(row, label, selected)

    def personal(self, row: Any, label: str) -> dict[str, Any]:
        name, sight = snake(label), self.sight(label)
        if sight is Sight.HIDDEN:
            return {"display": None, "sight": "HIDDEN", "revealable": False}
        masked, there = getattr(row, f"{name}_masked"), getattr(row, f"{name}_sealed") is not None
        if sight is Sight.CLEAR:
            return {"display": self.town.planted[self.town.called[row.id]][name], "sight": "CLEAR", "revealable": False}
        revealing = bool(may("reveal", row, self.viewer)) and name not in (row.approval_fields or ())
        if isinstance(sight, Varying) and not there:
            return {"display": masked, "sight": "CLEAR", "revealable": False}
        return {"display": masked, "sight": "MASKED", "revealable": revealing and there}

    def plain(self, row: Any, label: str, selected: str) -> Any:
        name = ATTRIBUTES.get((self.type, label), snake(label))
        if label == "id":
            return public_id(self.model.PREFIX, row.id)
        if self.type == "AccessLogEntry" and name.endswith("_id"):
            return public_id(getattr(row, name.replace("_id", "_kind")), getattr(row, name))
        value = getattr(row, name)
        if self.type == "StaffMember" and label == "team":
            return value and value.name
        return shown(value, selected, self.viewer)


def shown(value: Any, selected: str, viewer: Viewer) -> Any:
    """A value as JSON has it; of relations only what the viewer reaches."""
    if "totalCount" in selected:
        listed = [row for row in value if not isinstance(row, Event) or row.kind in CUSTOMER_CHANGES]
        listed = [row for row in listed if reaches(row, viewer)]
        return {"totalCount": len(listed)}
    if "name" in selected:
        return [{"name": name} for name in sorted(tag.name for tag in value)]
    if isinstance(value, Base):
        return {"id": public_id(value.PREFIX, value.id)}
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%SZ")
    return value.value if isinstance(value, Enum) else value


def told_apart(type_: str, shown_row: dict[str, Any], key: Callable[[str], str]) -> Any:
    """By what a row is found again: ids, the moments of changes and looks, names of tags."""
    labels = {
        "CustomerChange": "at",
        "AccessLogEntry": "at",
        "Tag": "name",
        "Purpose": "code",
        "DuplicateContact": "foundAt",
    }
    return shown_row[key(labels.get(type_, "id"))]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(("type_", "place"), CASES)
async def test_every_path_shows_what_the_page_says(
    ask: Asking, town: Town, schema: GraphQLSchema, type_: str, place: str, form: str
):
    path, fields = PLACES[type_][place], fields_of(schema, type_)
    query = query_at(path, FORMS[form].selection(type_, fields), FORMS[form].behind(type_, fields))
    met = 0
    for viewer in VIEWERS:
        answer = await ask(viewer, query, **variables_for(town, path))
        expected, key = Expected(town, town.viewers[viewer], type_), FORMS[form].key
        rows = {
            told_apart(
                type_, {key(label): expected.value(row, label, below) for label, below in fields.items()}, key
            ): row
            for row in town.rows[MODELS[type_]]
            if reaches(row, town.viewers[viewer])
        }
        for shown_row in objects_at(answer["data"], path):
            row = rows[told_apart(type_, shown_row, key)]
            assert shown_row == {key(label): expected.value(row, label, below) for label, below in fields.items()}
            met += 1
        if "errors" in answer:
            assert {error["extensions"]["code"] for error in answer["errors"]} == {"FORBIDDEN"}
            continue
        told = set(answer.get("extensions", {}).get("access", {}).get("hidden", ()))
        if not hidden_on_the_way(told, path, type_):
            hidden = {label for label in fields if label != "viewerCan" and expected.sight(label) is Sight.HIDDEN}
            assert {name for name in told if name.startswith(f"{type_}.")} == {f"{type_}.{label}" for label in hidden}
    assert met > 0


def hidden_on_the_way(told: set[str], path: str, type_: str) -> bool:
    """Where the way itself is hidden, what lies at its end is not asked for."""
    steps = {step.partition("(")[0] for step in path.split(".")}
    return any(name.split(".")[1] in steps and name.split(".")[0] in types_before(path) for name in told)


def types_before(path: str) -> set[str]:
    leads_to = {
        "customers": "Customer",
        "customer": "Customer",
        "tickets": "Ticket",
        "interactions": "Interaction",
        "steps": "TicketStep",
        "history": "CustomerChange",
    }
    steps = [step.partition("(")[0] for step in path.split(".")]
    return {leads_to[step] for step in steps[:-1] if step in leads_to} | {step for step in steps if step in MODELS}


def test_every_type_of_the_page_has_its_places():
    assert PLACES.keys() == MODELS.keys()


# -- What is never shown ----------------------------------------------------------------------------------------------


def broad(schema: GraphQLSchema) -> Iterator[tuple[str, str]]:
    for type_, place in CASES:
        fields = fields_of(schema, type_)
        yield PLACES[type_][place], query_at(PLACES[type_][place], FORMS["plain"].selection(type_, fields), "")


@pytest.mark.parametrize("viewer", VIEWERS)
async def test_no_sealed_value_is_in_any_answer(ask: Asking, town: Town, schema: GraphQLSchema, viewer: str):
    """Names are there for those who see them CLEAR, of customers in reach, and nowhere else."""
    told = ""
    for path, query in broad(schema):
        told += (await ask.bytes(viewer, query, **variables_for(town, path))).decode()
    named = seen(Customer, "name", town.viewers[viewer].kind) is Sight.CLEAR
    for called, texts in town.planted.items():
        for field, value in texts.items():
            if field == "name":
                assert (value in told) is (named and called in REACHED[viewer])
            else:
                assert value not in told
                assert value.removeprefix("+86") not in told


PLAIN_SIGHT = {
    "rep": {"name": "CLEAR", "mobile": "MASKED", "idNumber": "MASKED", "birthDate": "MASKED", "address": "MASKED"},
    "agent": {"name": "CLEAR", "mobile": "MASKED", "idNumber": "MASKED", "birthDate": "MASKED", "address": "MASKED"},
    "manager": {"name": "CLEAR", "mobile": "MASKED", "idNumber": "MASKED", "birthDate": "MASKED", "address": "MASKED"},
    "partner_customers": {"name": "HIDDEN", "mobile": "HIDDEN", "idNumber": "HIDDEN", "birthDate": "HIDDEN"},
    "partner_names": {"name": "CLEAR", "mobile": "HIDDEN", "idNumber": "HIDDEN", "birthDate": "HIDDEN"},
    "partner_contacts": {"name": "HIDDEN", "mobile": "MASKED", "idNumber": "HIDDEN", "birthDate": "HIDDEN"},
    "partner_all": {"name": "CLEAR", "mobile": "MASKED", "idNumber": "HIDDEN", "birthDate": "HIDDEN"},
}
"""Written by hand."""


@pytest.mark.parametrize("viewer", PLAIN_SIGHT)
async def test_the_main_sights_are_those_of_the_design(ask: Asking, viewer: str):
    labels = PLAIN_SIGHT[viewer]
    query = f"{{ customers {{ nodes {{ {' '.join(f'{label} {{ sight }}' for label in labels)} }} }} }}"
    nodes = (await ask(viewer, query))["data"]["customers"]["nodes"]
    assert nodes
    for node in nodes:
        assert {label: text["sight"] for label, text in node.items()} == labels


async def test_masked_values_are_these(ask: Asking, town: Town):
    """One customer, read as the rep who owns it."""
    query = "query ($s: String) { customers(where: {search: $s}) { nodes { %s } } }"
    labels = ("name", "mobile", "otherMobile", "email", "wechatId", "idNumber", "address", "birthDate")
    whole = query % " ".join(f"{label} {{ display }}" for label in labels)
    (node,) = (await ask("rep", whole, s=town.planted["own_queued"]["name"]))["data"]["customers"]["nodes"]
    assert {label: text["display"] for label, text in node.items()} == {
        "name": "钱试乙",
        "mobile": "139****5791",
        "otherMobile": "137****6801",
        "email": "c***@example.com",
        "wechatId": "w***1",
        "idNumber": "3****************4",
        "address": "上海市浦东新区****",
        "birthDate": "1971-**-**",
    }


@pytest.mark.parametrize("viewer", VIEWERS)
async def test_viewer_access_tells_each_viewer_what_the_answers_show(ask: Asking, town: Town, viewer: str):
    told = (await ask(viewer, "{ viewer { access { type field sight } } }"))["data"]["viewer"]["access"]
    matrix = {(entry["type"], entry["field"]): entry["sight"] for entry in told}
    assert len(matrix) == len(told)
    query = "{ customers { nodes { name { sight } mobile { sight } idNumber { sight } } } }"
    answer = await ask(viewer, query)
    for node in (answer["data"]["customers"] or {"nodes": []})["nodes"]:
        for label, text in node.items():
            assert matrix["Customer", label] == text["sight"]
    if viewer in {"privacy_officer", "admin", "partner_none"}:
        assert {sight for (type_, _), sight in matrix.items() if type_ == "Customer"} == {"HIDDEN"}
