"""The check at boot that every argument of a query and a subscription is read: none is ignored, and nothing is
implemented that nobody can ask for. Of the inputs of mutations `tests/api/test_inputs_are_read.py` says the same.

An argument that no plan reads would be the worst of both: the client believes that the list is narrowed, and gets all.
"""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    is_list_type,
)

from resolvers.counts import COUNTED
from resolvers.nouns import BY_CONNECTION, NOUNS
from resolvers.reading.filters import PAGE_ARGUMENTS
from resolvers.reading.noun import Noun
from resolvers.roots import ARGUMENTS
from schema.answering.selecting import snake

FOLLOWED: Mapping[str, frozenset[str]] = {"ticketChanged": frozenset({"after"})}
"""Arguments that each subscription reads."""


class UnreadArgument(Exception):
    """An argument, filter or order of the SDL that nothing implements, or the reverse; says which."""


def check_arguments(schema: GraphQLSchema) -> None:
    """Raises UnreadArgument at the first one."""
    asked: dict[str, set[str]] = defaultdict(set)
    ordered: set[str] = set()
    for type_ in schema.type_map.values():
        if isinstance(type_, GraphQLObjectType) and not type_.name.startswith("__"):
            for label, field in type_.fields.items():
                place = f"{type_.name}.{label}"
                connection = get_named_type(field.type).name
                if connection in BY_CONNECTION:
                    _check_page(place, BY_CONNECTION[connection], field, asked, ordered)
                else:
                    _demand_read(place, set(field.args), _read_by(schema, type_, label, field))
    for noun in NOUNS.values():
        _check_noun(noun, asked[noun.name], is_ordered=noun.name in ordered)


def _check_page(place: str, noun: Noun, field: GraphQLField, asked: dict[str, set[str]], ordered: set[str]) -> None:
    arguments = {snake(name): argument for name, argument in field.args.items()}
    narrowing = arguments.keys() - PAGE_ARGUMENTS
    if "where" in arguments:
        narrowing |= {snake(name) for name in _input(place, arguments["where"]).fields}
    _demand_read(place, narrowing, set(noun.filters))
    asked[noun.name] |= narrowing
    if "order_by" in arguments:
        ordered.add(noun.name)
        _check_order(place, noun, _input(place, arguments["order_by"]))


def _check_order(place: str, noun: Noun, order: GraphQLInputObjectType) -> None:
    parts = {name: get_named_type(field.type) for name, field in order.fields.items()}
    _demand_read(place, set(parts), {"field", "direction"})
    by, way = parts.get("field"), parts.get("direction")
    _demand(isinstance(by, GraphQLEnumType) and isinstance(way, GraphQLEnumType), f"{place}: no order is chosen by it")
    assert isinstance(by, GraphQLEnumType)
    assert isinstance(way, GraphQLEnumType)
    offered = {f"{name} {direction}" for name in by.values for direction in way.values}
    _demand(offered == set(noun.orders), f"{place}: orders differ in {sorted(offered ^ set(noun.orders))}")


def _check_noun(noun: Noun, asked: set[str], *, is_ordered: bool) -> None:
    idle = noun.filters.keys() - asked
    _demand(not idle, f"{noun.name}: no field of the SDL takes the filters {sorted(idle)}")
    _demand(is_ordered or noun.orders.keys() <= {noun.order}, f"{noun.name}: nobody can ask for its orders")


def _read_by(schema: GraphQLSchema, type_: GraphQLObjectType, label: str, field: GraphQLField) -> set[str]:
    """The arguments that answering the field reads."""
    if type_ is schema.mutation_type:
        return {"input"}
    if type_ is schema.subscription_type:
        return set(FOLLOWED.get(label, ()))
    if type_ is not schema.query_type:
        return set()
    name = snake(label)
    if name in ARGUMENTS:
        if name in COUNTED:
            _check_counts(f"Query.{label}", field, *COUNTED[name])
        return set(ARGUMENTS[name])
    if get_named_type(field.type).name == "Node":
        return {"ids"} if _is_list(field.type) else {"id"}
    return set() if _is_list(field.type) else {"id"} & set(field.args)


def _check_counts(place: str, field: GraphQLField, noun: Noun, dimensions: Mapping[str, object]) -> None:
    by = get_named_type(field.args["by"].type)
    offered = set(by.values) if isinstance(by, GraphQLEnumType) else set()
    _demand(offered == set(dimensions), f"{place}: what it counts by differs in {sorted(offered ^ set(dimensions))}")
    if "where" in field.args:
        _demand_read(place, {*_input(place, field.args["where"]).fields}, set(noun.filters))


def _input(place: str, argument: GraphQLArgument) -> GraphQLInputObjectType:
    named = get_named_type(argument.type)
    _demand(isinstance(named, GraphQLInputObjectType), f"{place}: {named.name} is no input object")
    assert isinstance(named, GraphQLInputObjectType)
    return named


def _is_list(type_: Any) -> bool:
    return is_list_type(type_.of_type if isinstance(type_, GraphQLNonNull) else type_)


def _demand_read(place: str, there: set[str], read: set[str]) -> None:
    ignored = {snake(name) for name in there} - read
    _demand(not ignored, f"{place}: nothing reads {sorted(ignored)}")


def _demand(holds: bool, gap: str) -> None:
    if not holds:
        raise UnreadArgument(gap)
