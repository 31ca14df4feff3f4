"""Static limits: what is allowed at n is refused at n + 1, however the document is written, and quickly."""

import time
from collections.abc import Callable

import pytest
from graphql import (
    GraphQLError,
    OverlappingFieldsCanBeMergedRule,
    build_schema,
    get_introspection_query,
    parse,
    specified_rules,
    validate,
)

from schema.answering.limits import (
    MAX_FRAGMENTS,
    MAX_SOURCE_LENGTH,
    MAX_TOKENS,
    LimitsRule,
    limits_rule,
    parse_document,
)

SCHEMA = build_schema(
    "directive @seen on QUERY | FIELD | FRAGMENT_SPREAD | FRAGMENT_DEFINITION | INLINE_FRAGMENT | VARIABLE_DEFINITION\n"
    "type Query { a: Query  b: Query  leaf: Int }\n"
    "type Mutation { a: Query  b: Query  leaf: Int }"
)

OTHER_RULES = [rule for rule in specified_rules if rule is not OverlappingFieldsCanBeMergedRule]


def exceeded(document: str, rule: type[LimitsRule] | None = None) -> list[str]:
    """The limits that the document breaks; any other error fails the test."""
    errors = validate(SCHEMA, parse(document), [*OTHER_RULES, rule or limits_rule()])
    assert all((e.extensions or {}).get("code") == "LIMIT_EXCEEDED" for e in errors), errors
    return [str((e.extensions or {})["limit"]) for e in errors]


def nested(depth: int) -> str:
    return "{ " + "a { " * (depth - 1) + "leaf" + " }" * depth


def nested_in_fragments(depth: int) -> str:
    chain = " ".join(f"fragment F{i} on Query {{ a {{ ...F{i + 1} }} }}" for i in range(depth - 1))
    return f"{{ ...F0 }} {chain} fragment F{depth - 1} on Query {{ leaf }}"


def aliased(count: int) -> str:
    return "{ a { " + " ".join(f"x{i}: leaf" for i in range(count)) + " } }"


def aliased_in_fragments(count: int) -> str:
    spreads = " ".join(f"a {{ b {{ {'a { ' * i} ...F {'}' * i} }} }}" for i in range(count // 5))
    rest = " ".join(f"y{i}: leaf" for i in range(count % 5))
    five = " ".join(f"x{i}: leaf" for i in range(5))
    return f"{{ {spreads} b {{ leaf {rest} }} }} fragment F on Query {{ {five} }}"


def rooted(count: int) -> str:
    return "mutation { " + " ".join(f"r{i}: leaf" for i in range(count)) + " }"


def rooted_in_fragments(count: int) -> str:
    parts = " ".join(f"fragment F{i} on Mutation {{ ... {{ r{i}: leaf }} }}" for i in range(count))
    return "mutation { " + " ".join(f"...F{i}" for i in range(count)) + " } " + parts


def directed(count: int) -> str:
    return "query ($v: Boolean = true @seen) @seen { " + "a { leaf @include(if: $v) } " * (count - 2) + "}"


def directed_in_fragments(count: int) -> str:
    rest = "leaf @seen " * (count % 3)
    return "{ " + "a { ... @seen { ...F @seen } } " * (count // 3) + rest + "} fragment F on Query { leaf @seen }"


def wide(count: int) -> str:
    return "{ " + "leaf " * count + "}"


def wide_in_fragments(count: int) -> str:
    return "{ " + "...F " * (count // 100) + "leaf " * (count % 100) + "} fragment F on Query { " + "leaf " * 100 + "}"


LIMITS = [
    ("depth", 15, nested),
    ("depth", 15, nested_in_fragments),
    ("aliases", 50, aliased),
    ("aliases", 50, aliased_in_fragments),
    ("roots", 10, rooted),
    ("roots", 10, rooted_in_fragments),
    ("directives", 50, directed),
    ("directives", 50, directed_in_fragments),
    ("fields", 1_000, wide),
    ("fields", 1_000, wide_in_fragments),
]


@pytest.mark.parametrize(("limit", "most", "document"), LIMITS, ids=lambda v: getattr(v, "__name__", str(v)))
def test_the_last_allowed_document_passes_and_the_next_is_refused(
    limit: str, most: int, document: Callable[[int], str]
) -> None:
    assert exceeded(document(most)) == []
    assert exceeded(document(most + 1)) == [limit]


def test_a_limit_names_itself_what_is_allowed_and_what_to_do_in_both_languages() -> None:
    [error] = validate(SCHEMA, parse(nested(16)), [limits_rule()])
    assert error.extensions == {"code": "LIMIT_EXCEEDED", "limit": "depth", "allowed": 15}
    assert error.message == (
        "查询嵌套过深（最多 15）：请从更近的类型开始查询 / "
        "The query is nested too deeply (at most 15): start it from a nearer type"
    )


def test_limits_are_settings() -> None:
    assert exceeded(nested(3), limits_rule(depth=2)) == ["depth"]
    assert exceeded(rooted(3), limits_rule(roots=2)) == ["roots"]


def test_the_rule_class_is_built_once_so_that_validation_caches_hit() -> None:
    assert limits_rule() is limits_rule()
    assert limits_rule(depth=3) is not limits_rule()


def test_equal_root_fields_of_several_fragments_count_once_because_they_merge() -> None:
    parts = " ".join(f"fragment F{i} on Query {{ a {{ leaf }} }}" for i in range(30))
    assert exceeded("{ " + " ".join(f"...F{i}" for i in range(30)) + " } " + parts) == []


def test_every_operation_of_a_document_is_judged() -> None:
    assert exceeded("query A { leaf } query B " + nested(16)) == ["depth"]


def test_the_introspection_query_of_the_tools_passes() -> None:
    assert exceeded(get_introspection_query(input_value_deprecation=True, specified_by_url=True)) == []


def doubling(levels: int, inside: str = "") -> str:
    chain = " ".join(f"fragment F{i} on Query {{ {inside} ...F{i + 1} ...F{i + 1} }}" for i in range(levels))
    return f"{{ ...F0 }} {chain} fragment F{levels} on Query {{ x: leaf @seen }}"


@pytest.mark.parametrize("levels", [20, 60, 180])
def test_doubling_fragments_are_refused_at_once(levels: int) -> None:
    document = parse(doubling(levels))
    started = time.perf_counter()
    errors = validate(SCHEMA, document, [limits_rule()])
    assert time.perf_counter() - started < 0.1
    assert {(e.extensions or {})["limit"] for e in errors} == {"aliases", "directives", "fields"}


def test_five_hundred_fragments_in_a_chain_do_not_exhaust_the_stack() -> None:
    document = parse(doubling(450))
    limits = {(e.extensions or {}).get("limit") for e in validate(SCHEMA, document, [limits_rule()])}
    assert {"fields", "fragments"} <= limits


@pytest.mark.parametrize(("count", "refused"), [(MAX_FRAGMENTS, []), (MAX_FRAGMENTS + 1, ["fragments"])])
def test_fragments_are_counted_since_the_library_compares_each_with_each(count: int, refused: list[str]) -> None:
    side_by_side = " ".join(f"...F{i}" for i in range(count))
    chain = " ".join(f"fragment F{i} on Query {{ leaf }}" for i in range(count))
    assert exceeded(f"{{ {side_by_side} }} {chain}") == refused


def test_a_query_has_as_many_roots_as_its_statements_allow() -> None:
    """What it costs is told by its statements and rows, not by the number of its roots."""
    assert exceeded(rooted(40).removeprefix("mutation ")) == []


def test_fragment_cycles_end_and_are_refused_by_the_specified_rules() -> None:
    cycle = parse("{ ...A } fragment A on Query { a { ...B ...B } } fragment B on Query { b { ...A ...A } }")
    started = time.perf_counter()
    errors = validate(SCHEMA, cycle, [*specified_rules, limits_rule()])
    assert time.perf_counter() - started < 0.1
    assert any("within itself" in e.message for e in errors)


def test_unknown_fragments_and_empty_selections_do_no_harm_to_the_rule() -> None:
    assert validate(SCHEMA, parse("{ a {} ...Nowhere }"), [limits_rule()]) == []


def test_tokens_are_limited_while_parsing() -> None:
    assert parse_document(wide(MAX_TOKENS - 2))
    with pytest.raises(GraphQLError) as refused:
        parse_document(wide(MAX_TOKENS - 1))
    assert refused.value.extensions == {"code": "LIMIT_EXCEEDED", "limit": "tokens", "allowed": MAX_TOKENS}


def test_the_length_of_the_text_is_limited_before_parsing() -> None:
    assert parse_document("{ leaf }".ljust(MAX_SOURCE_LENGTH))
    with pytest.raises(GraphQLError) as refused:
        parse_document("{ leaf }".ljust(MAX_SOURCE_LENGTH + 1))
    assert refused.value.extensions == {
        "code": "LIMIT_EXCEEDED", "limit": "sourceLength", "allowed": MAX_SOURCE_LENGTH,
    }  # fmt: skip
