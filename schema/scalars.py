"""Date and DateTime: Strawberry's, but what they cannot read is refused in such a way that errors tell the place."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime

from graphql import GraphQLError
from strawberry.schema.types.base_scalars import DateDefinition, DateTimeDefinition
from strawberry.types.scalar import ScalarDefinition


def located(definition: ScalarDefinition) -> ScalarDefinition:
    """The same scalar. The library passes a GraphQLError on as it is, and gives any other exception its location."""
    parse = definition.parse_value
    assert parse is not None

    def parsed(value: object) -> object:
        try:
            return parse(value)
        except GraphQLError:
            raise ValueError(f"not a {definition.name}") from None

    return replace(definition, parse_value=parsed)


SCALARS: Mapping[object, ScalarDefinition] = {
    date: located(DateDefinition),
    datetime: located(DateTimeDefinition),
}
