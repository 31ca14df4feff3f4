"""What queries can be given is declared harmless in a URL or personal; what nobody declared stops the process."""

import pytest
import strawberry

from schema.build import build
from schema.in_url import HARMLESS_IN_URL, PERSONAL_IN_URL, UndeclaredInUrl, check_declared, is_personal_in_url


def schema_with(**declared):
    @strawberry.input
    class Inner:
        text: str | None = strawberry.field(default=None, **declared)
        number: int | None = None
        id: strawberry.ID | None = None

    @strawberry.input
    class Outer:
        inner: list[Inner] | None = None

    @strawberry.type
    class Row:
        @strawberry.field
        def count(self, where: Outer | None = None) -> int:
            return 0

    @strawberry.type
    class Query:
        row: Row

    return strawberry.Schema(query=Query)._schema


def test_a_text_that_nobody_declared_stops_the_process_wherever_it_hangs() -> None:
    with pytest.raises(UndeclaredInUrl, match=r"Inner\.text$"):
        check_declared(schema_with())
    check_declared(schema_with(metadata=HARMLESS_IN_URL))
    check_declared(schema_with(metadata=PERSONAL_IN_URL))


def test_what_is_not_declared_counts_as_personal() -> None:
    fields = schema_with().type_map["Inner"].fields
    assert {name: is_personal_in_url(field) for name, field in fields.items()} == {
        "text": True, "number": False, "id": False,
    }  # fmt: skip


def test_the_search_is_personal_and_cursors_are_not() -> None:
    schema = build()._schema
    assert is_personal_in_url(schema.type_map["CustomerFilter"].fields["search"])
    assert not is_personal_in_url(schema.query_type.fields["customers"].args["after"])
