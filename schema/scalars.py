"""Date and DateTime: Strawberry's, but what they cannot read is refused in such a way that errors tell the place."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime

from graphql import GraphQLError
from strawberry.schema.types.base_scalars import DateDefinition, DateTimeDefinition
from strawberry.types.scalar import ScalarDefinition


def _moment(value: object) -> object:
    """What nearly all clients send is read by Python in C; the library reads whatever else ISO 8601 knows."""
    try:
        return datetime.fromisoformat(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return DateTimeDefinition.parse_value(value)  # type: ignore[misc]


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
    datetime: located(replace(DateTimeDefinition, parse_value=_moment)),
}
