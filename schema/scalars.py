"""Date and DateTime: Strawberry's, but what they cannot read is refused in such a way that errors tell the place."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime

from graphql import GraphQLError
from strawberry.schema.types.base_scalars import DateDefinition, DateTimeDefinition
from strawberry.types.scalar import ScalarDefinition

MAX_MOMENT = 64
"""Characters of a date or time, judged before it is read."""


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
        if isinstance(value, str) and len(value) > MAX_MOMENT:
            raise ValueError(f"not a {definition.name}")
        try:
            return parse(value)
        except GraphQLError:
            raise ValueError(f"not a {definition.name}") from None

    return replace(definition, parse_value=parsed)


SPECIFICATIONS = "https://scalars.graphql.org/andimarek/"

DATE = replace(
    DateDefinition,
    description="日期，例如 2026-01-31（ISO 8601）。A day, such as 2026-01-31 (ISO 8601).",
    specified_by_url=f"{SPECIFICATIONS}local-date",
)
DATE_TIME = replace(
    DateTimeDefinition,
    parse_value=_moment,
    description="带时区的时刻，输出为 UTC，例如 2026-01-31T08:00:00Z（RFC 3339）。"
    "A moment with its time zone, such as 2026-01-31T08:00:00Z (RFC 3339); answers are in UTC.",
    specified_by_url=f"{SPECIFICATIONS}date-time",
)

SCALARS: Mapping[object, ScalarDefinition] = {date: located(DATE), datetime: located(DATE_TIME)}
