"""Which arguments may stand in a URL: queries sent by GET leave traces in logs and histories that are not ours.

Each text that a query can be given is declared, where it is defined, as `HARMLESS_IN_URL` or as `PERSONAL_IN_URL`
(its `metadata`). Forgetting fails closed: the process does not start.
"""

from collections.abc import Iterator, Mapping

from graphql import (
    GraphQLArgument,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
)

_MARK = "personal_in_url"

HARMLESS_IN_URL: Mapping[str, bool] = {_MARK: False}
"""Holds no personal data by its nature: cursors, codes from closed lists, words for groups of customers."""

PERSONAL_IN_URL: Mapping[str, bool] = {_MARK: True}
"""Can hold personal data: a query that uses it is answered by POST only."""

_UNDECLARED_SCALARS = frozenset({"Boolean", "DateTime", "Float", "ID", "Int"})
"""Numbers, moments and ids of ours tell nobody who somebody is; every other scalar is declared one way or the other."""

Definition = GraphQLArgument | GraphQLInputField


class UndeclaredInUrl(Exception):
    """A text that queries can be given, of which nobody has said whether it may stand in a URL."""


def is_personal_in_url(definition: Definition) -> bool:
    """Whether this argument or input field must not stand in a URL; what is not declared must not."""
    return _needs_declaration(definition) and _declared(definition) is not False


def check_declared(schema: GraphQLSchema) -> None:
    """Raises UndeclaredInUrl, which names each argument and input field of queries that is not declared."""
    gaps = [
        coordinate
        for coordinate, definition in _inputs_of_queries(schema)
        if _needs_declaration(definition) and _declared(definition) is None
    ]
    if gaps:
        raise UndeclaredInUrl(
            f"say in `metadata` whether it is HARMLESS_IN_URL or PERSONAL_IN_URL (schema/in_url.py): "
            f"{', '.join(sorted(set(gaps)))}"
        )


def _needs_declaration(definition: Definition) -> bool:
    named = get_named_type(definition.type)
    return isinstance(named, GraphQLScalarType) and named.name not in _UNDECLARED_SCALARS


def _declared(definition: Definition) -> bool | None:
    made_by = definition.extensions.get("strawberry-definition")
    metadata: Mapping[str, bool] = getattr(made_by, "metadata", {})
    return metadata.get(_MARK)


def _inputs_of_queries(schema: GraphQLSchema) -> Iterator[tuple[str, Definition]]:
    """Arguments and input fields of all types that a query can come to, by their coordinate in the SDL."""
    pending: list[GraphQLNamedType] = [schema.query_type] if schema.query_type else []
    seen: set[str] = set()
    while pending:
        type_ = pending.pop()
        if type_.name not in seen:
            seen.add(type_.name)
            yield from _inputs_of(type_)
            pending += _next_to(schema, type_)


def _inputs_of(type_: GraphQLNamedType) -> Iterator[tuple[str, Definition]]:
    if isinstance(type_, GraphQLInputObjectType):
        yield from ((f"{type_.name}.{name}", definition) for name, definition in type_.fields.items())
    elif isinstance(type_, GraphQLObjectType | GraphQLInterfaceType):
        for name, field in type_.fields.items():
            yield from ((f"{type_.name}.{name}({label}:)", argument) for label, argument in field.args.items())


def _next_to(schema: GraphQLSchema, type_: GraphQLNamedType) -> list[GraphQLNamedType]:
    if isinstance(type_, GraphQLInputObjectType):
        return [get_named_type(field.type) for field in type_.fields.values()]
    if not isinstance(type_, GraphQLObjectType | GraphQLInterfaceType | GraphQLUnionType):
        return []
    found: list[GraphQLNamedType] = [] if isinstance(type_, GraphQLObjectType) else [*schema.get_possible_types(type_)]
    for field in getattr(type_, "fields", {}).values():
        found += [get_named_type(field.type), *(get_named_type(argument.type) for argument in field.args.values())]
    return found
