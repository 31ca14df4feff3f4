"""The SDL is committed, described throughout, and breaks nothing that clients rely on."""

from pathlib import Path

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    build_schema,
    find_breaking_changes,
    is_specified_scalar_type,
    specified_directives,
)

from schema.build import build
from schema.sdl import COMMITTED, printed

CONTRACT = Path(__file__).parents[1] / "data" / "contract.graphql"
BUILT = CONTRACT.with_name("contract_built.graphql")
SHARED = Path(__file__).parents[2].parent / "shared" / "contract.graphql"


@pytest.fixture(scope="module")
def schema() -> GraphQLSchema:
    return build()._schema


def test_the_committed_sdl_is_what_the_code_says():
    """Write it anew with `zhike sdl > schema/schema.graphql`."""
    assert printed(build()) == COMMITTED.read_text()


def test_the_contract_here_is_the_one_that_clients_were_given():
    if SHARED.exists():
        assert CONTRACT.read_text() == SHARED.read_text()


def test_nothing_of_the_contract_is_broken():
    changes = find_breaking_changes(build_schema(CONTRACT.read_text()), build_schema(COMMITTED.read_text()))
    assert [change.description for change in changes] == []


def test_every_scalar_of_our_own_is_described_and_says_where_it_is_specified():
    """Code generators make `any` or `unknown` of a scalar that nothing specifies."""
    sdl = build_schema(COMMITTED.read_text())
    scalars = [t for t in sdl.type_map.values() if isinstance(t, GraphQLScalarType) and not is_specified_scalar_type(t)]
    assert {scalar.name for scalar in scalars} == {"Date", "DateTime"}
    assert [scalar.name for scalar in scalars if not (scalar.specified_by_url or "").startswith("https://")] == []
    assert [scalar.name for scalar in scalars if not _in_both(scalar.description)] == []


def test_what_is_built_of_the_next_contract_stays_built():
    changes = find_breaking_changes(build_schema(BUILT.read_text()), build_schema(COMMITTED.read_text()))
    assert [change.description for change in changes] == []


def test_every_type_field_argument_and_value_is_described_in_chinese_and_english(schema):
    bare = [place for place, text in _described(schema) if not _in_both(text)]
    assert bare == []


def _in_both(text: str | None) -> bool:
    return (
        bool(text) and any("\u4e00" <= c <= "\u9fff" for c in text) and any(c.isascii() and c.isalpha() for c in text)
    )


def _described(schema):
    ours = {name: type_ for name, type_ in schema.type_map.items() if not name.startswith("__")}
    for name, type_ in ours.items():
        if isinstance(type_, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType):
            yield name, type_.description
            for field_name, field in type_.fields.items():
                yield f"{name}.{field_name}", field.description
                for argument_name, argument in getattr(field, "args", {}).items():
                    yield f"{name}.{field_name}({argument_name})", argument.description
        if isinstance(type_, GraphQLEnumType):
            yield name, type_.description
            for value_name, value in type_.values.items():
                yield f"{name}.{value_name}", value.description
    for directive in schema.directives:
        if directive not in specified_directives and directive.name != "oneOf":
            yield f"@{directive.name}", directive.description
