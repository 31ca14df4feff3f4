"""What the SDL offers and what plans read are the same, or the process does not start."""

from dataclasses import replace

import pytest
from graphql import (
    GraphQLArgument,
    GraphQLBoolean,
    GraphQLEnumType,
    GraphQLEnumValue,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLObjectType,
    GraphQLSchema,
)

from auth.access import Granted, Sight, Varying, Whole, anyone
from auth.policy import PAGE
from auth.viewer import Grant
from domain.sealed import sealed_fields
from domain.staff import Role
from resolvers.nouns import BY_CONNECTION, NOUNS
from resolvers.reading.noun import Filter, Noun
from resolvers.reading.words import any_name
from schema import arguments
from schema.arguments import UnreadArgument, check_arguments
from schema.build import build
from schema.guard import PageGap, check

SCHEMA = build()._schema


@pytest.fixture
def schema() -> GraphQLSchema:
    return SCHEMA


def places(schema: GraphQLSchema) -> list[tuple[str, str]]:
    return [
        (type_.name, label)
        for type_ in schema.type_map.values()
        if isinstance(type_, GraphQLObjectType) and not type_.name.startswith("__")
        for label in type_.fields
    ]


FIELDS = places(SCHEMA)
INPUTS = sorted(
    name
    for name, type_ in SCHEMA.type_map.items()
    if isinstance(type_, GraphQLInputObjectType) and name.endswith(("Filter", "Order"))
)


@pytest.mark.parametrize(("type_name", "label"), FIELDS)
def test_an_argument_that_nothing_reads_stops_the_boot(
    schema: GraphQLSchema, monkeypatch: pytest.MonkeyPatch, type_name: str, label: str
):
    monkeypatch.setitem(schema.type_map[type_name].fields[label].args, "shoeSize", GraphQLArgument(GraphQLBoolean))
    with pytest.raises(UnreadArgument, match="shoe_size"):
        check_arguments(schema)


@pytest.mark.parametrize("name", INPUTS)
def test_a_filter_or_part_of_an_order_that_nothing_reads_stops_the_boot(
    schema: GraphQLSchema, monkeypatch: pytest.MonkeyPatch, name: str
):
    monkeypatch.setitem(schema.type_map[name].fields, "shoeSize", GraphQLInputField(GraphQLBoolean))
    with pytest.raises(UnreadArgument, match="shoe_size"):
        check_arguments(schema)


@pytest.mark.parametrize("noun", BY_CONNECTION.values(), ids=lambda noun: noun.name)
def test_a_filter_that_nobody_can_ask_for_stops_the_boot(
    schema: GraphQLSchema, monkeypatch: pytest.MonkeyPatch, noun: Noun
):
    more = replace(noun, filters={**noun.filters, "shoe_size": Filter(("id",), any_name("id"))})
    monkeypatch.setitem(arguments.NOUNS, noun.name, more)
    with pytest.raises(UnreadArgument, match="shoe_size"):
        check_arguments(schema)


@pytest.mark.parametrize(
    ("noun", "name"), [(noun, name) for noun in NOUNS.values() for name in noun.filters], ids=lambda v: str(v)[:20]
)
def test_a_filter_that_is_no_longer_implemented_stops_the_boot(
    schema: GraphQLSchema, monkeypatch: pytest.MonkeyPatch, noun: Noun, name: str
):
    monkeypatch.delitem(noun.filters, name)
    with pytest.raises(UnreadArgument, match=name):
        check_arguments(schema)


@pytest.mark.parametrize("offered", [True, False])
def test_an_order_on_one_side_alone_stops_the_boot(
    schema: GraphQLSchema, monkeypatch: pytest.MonkeyPatch, offered: bool
):
    by = schema.type_map["CustomerOrderField"]
    assert isinstance(by, GraphQLEnumType)
    if offered:
        monkeypatch.setitem(by.values, "SHOES", GraphQLEnumValue("SHOES"))
    else:
        monkeypatch.setitem(NOUNS["Customer"].orders, "SHOES ASC", (("created_at", False), ("id", False)))
    with pytest.raises(UnreadArgument, match="SHOES"):
        check_arguments(schema)


def test_an_order_of_a_list_that_takes_none_stops_the_boot(schema: GraphQLSchema, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(NOUNS["StaffMember"].orders, "SHOES", (("id", False),))
    with pytest.raises(UnreadArgument, match="StaffMember"):
        check_arguments(schema)


def test_a_dimension_that_nothing_counts_by_stops_the_boot(schema: GraphQLSchema, monkeypatch: pytest.MonkeyPatch):
    by = schema.type_map["CustomerDimension"]
    assert isinstance(by, GraphQLEnumType)
    monkeypatch.setitem(by.values, "SHOES", GraphQLEnumValue("SHOES"))
    with pytest.raises(UnreadArgument, match="SHOES"):
        check_arguments(schema)


# -- Every cell on every kind of field --------------------------------------------------------------------------------


def _kind(model, field: str) -> str:
    sealed = sealed_fields(model).get(field)
    return "plain" if sealed is None else "free" if sealed.free else "sealed"


CELLS = {
    "CLEAR": (lambda field: Sight.CLEAR, {"plain", "sealed"}),
    "MASKED": (lambda field: Sight.MASKED, {"sealed", "free"}),
    "HIDDEN": (lambda field: Sight.HIDDEN, {"plain", "sealed", "free"}),
    "VARYING": (lambda field: Varying(clear_when=Whole(field)), {"free"}),
    "VARYING elsewhere": (lambda field: Varying(clear_when=Whole("other")), set()),
    "VARYING by any rule": (lambda field: Varying(clear_when=anyone), set()),
}
COLUMNS = [(model, field) for model, page in PAGE.items() for field in page.fields]


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("role", [Role.MANAGER, Role.PARTNER])
def test_a_cell_that_a_field_of_its_kind_cannot_show_stops_the_boot(
    monkeypatch: pytest.MonkeyPatch, schema: GraphQLSchema, cell: str, role: Role
):
    """What boots can be shown: a cell of the right kind is refused only for other promises, such as non-null."""
    make, kinds = CELLS[cell]
    wrong = []
    for model, field in COLUMNS:
        seen = make(field)
        line = {**PAGE[model].fields[field], role: Granted(Grant.CUSTOMERS, seen) if role is Role.PARTNER else seen}
        with monkeypatch.context() as page:
            page.setitem(PAGE, model, replace(PAGE[model], fields={**PAGE[model].fields, field: line}))
            refused = _refusal(schema)
        is_right = _kind(model, field) in kinds
        if not is_right and refused is None:
            wrong.append((model.__name__, field, "boots"))
        if is_right and refused is not None and not any(word in refused for word in ("non-null", "ID_")):
            wrong.append((model.__name__, field, refused))
    assert wrong == []


def _refusal(schema: GraphQLSchema) -> str | None:
    try:
        check(schema)
    except PageGap as gap:
        return str(gap)
    return None
