"""Fields that cannot be merged are found as the library finds them, in time linear in the fields."""

import random

import pytest
from graphql import (
    NoUnusedFragmentsRule,
    OverlappingFieldsCanBeMergedRule,
    PossibleFragmentSpreadsRule,
    build_schema,
    parse,
    validate,
)

from schema.answering import merging
from schema.answering.merging import MergingRule

SCHEMA = build_schema("""
interface N { id: ID!  a(x: Int): N  s: String  l: [String]  o: T1 }
type T1 implements N { id: ID!  a(x: Int): N  s: String  l: [String]  o: T1  t: Int  c: Int }
type T2 implements N { id: ID!  a(x: Int): N  s: String  l: [String]  o: T1  t: String!  c: [Int]  p: T2 }
union U = T1 | T2
type Query { n: N  u: U  t1: T1  t2: T2 }
""")
FIELDS = {
    "Query": ["n", "u", "t1", "t2"],
    "N": ["id", "a", "s", "l", "o"],
    "T1": ["id", "a", "s", "l", "o", "t", "c"],
    "T2": ["id", "a", "s", "l", "o", "t", "c", "p"],
    "U": ["__typename"],
}
GIVES = {"n": "N", "u": "U", "a": "N", "o": "T1", "p": "T2", "t1": "T1", "t2": "T2"}
BETWEEN = {"N": ["T1", "T2", "N"], "U": ["T1", "T2"], "T1": ["T1", "N"], "T2": ["T2", "N"]}


class Writer:
    """Documents in which equal keys meet often, and mostly agree."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)

    def document(self) -> str:
        names = [f"F{i}" for i in range(self.chance.randint(0, 3))]
        text = f"{{ {self.selection('Query', 3, [])} n {{ {' '.join(f'...{name}' for name in names)} id }} }}"
        for i, name in enumerate(names):
            type_ = self.chance.choice(["N", "T1", "T2"])
            text += f" fragment {name} on {type_} {{ {self.selection(type_, 2, names[i + 1 :])} }}"
        return text

    def selection(self, type_: str, depth: int, fragments: list[str]) -> str:
        parts = [self.part(type_, depth, fragments) for _ in range(self.chance.randint(1, 3))]
        return " ".join(filter(None, parts)) or "__typename"

    def part(self, type_: str, depth: int, fragments: list[str]) -> str:
        chance = self.chance.random()
        if chance < 0.25 and type_ in BETWEEN:
            inner = self.chance.choice(BETWEEN[type_])
            return f"... on {inner} {{ {self.selection(inner, depth - 1, [])} }}"
        if chance < 0.3 and fragments and type_ == "N":
            return f"...{self.chance.choice(fragments)}"
        name = self.chance.choice(FIELDS[type_])
        alias = self.chance.choice(["k: ", *[""] * 9])
        given = "(x: 1)" if name == "a" and self.chance.random() < 0.1 else ""
        if name not in GIVES or (type_ != "Query" and name in {"t1", "t2"}):
            return alias + name
        return f"{alias}{name}{given} {{ {self.selection(GIVES[name], depth - 1, fragments)} }}" if depth > 0 else ""


@pytest.mark.parametrize("seed", range(4))
def test_the_same_documents_are_refused_as_by_the_library(seed: int):
    writer = Writer(seed)
    refused = []
    for _ in range(400):
        text = writer.document()
        document = parse(text)
        if validate(SCHEMA, document, [NoUnusedFragmentsRule, PossibleFragmentSpreadsRule]):
            continue
        refused.append(bool(validate(SCHEMA, document, [OverlappingFieldsCanBeMergedRule])))
        assert bool(validate(SCHEMA, document, [MergingRule])) == refused[-1], text
    assert 20 < sum(refused) < len(refused) - 20, "both kinds are tried"


def test_the_work_is_linear_in_the_fields(monkeypatch: pytest.MonkeyPatch):
    looked_at = 0
    asked = merging._asked

    def counted(node):
        nonlocal looked_at
        looked_at += 1
        return asked(node)

    monkeypatch.setattr(merging, "_asked", counted)
    for many in (100, 1_000):
        looked_at = 0
        document = parse("{ " + "n { o { id } } " * many + "}", no_location=True)
        assert validate(SCHEMA, document, [MergingRule]) == []
        assert looked_at <= 4 * many


def test_long_arguments_are_printed_once_and_not_at_every_visit(monkeypatch: pytest.MonkeyPatch):
    printed = 0
    print_ast = merging.print_ast

    def counted(node):
        nonlocal printed
        printed += 1
        return print_ast(node)

    monkeypatch.setattr(merging, "print_ast", counted)
    given = f"(x: {'7' * 20_000})"
    document = parse(
        "{ " + "".join(f"k{i}: n {{ ...F ...G }} " for i in range(50)) + "}"
        f" fragment F on N {{ a{given} {{ id }} }} fragment G on N {{ a{given} {{ id }} }}",
        no_location=True,
    )
    assert validate(SCHEMA, document, [MergingRule]) == []
    assert printed == 2


def test_comparing_arguments_counts_by_their_length(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(merging, "MAX_VISITS", 300)
    spread = "{ " + "".join(f"k{i}: n {{ ...F ...G }} " for i in range(50)) + "}"
    for length, told in ((10, 0), (5_000, 1)):
        field = f"a(x: {'7' * length}) {{ id }}"
        document = parse(f"{spread} fragment F on N {{ {field} }} fragment G on N {{ {field} }}", no_location=True)
        assert len(validate(SCHEMA, document, [MergingRule])) == told


def test_a_fragment_inside_itself_ends():
    cycle = parse("{ n { ...A } } fragment A on N { a { ...A a { ...A } } }")
    validate(SCHEMA, cycle, [MergingRule])


def test_a_conflict_is_told_at_both_places_and_without_values():
    [error] = validate(SCHEMA, parse("{ n { a(x: 7777) { id } ... on T1 { a(x: 8888) { id } } } }"), [MergingRule])
    assert len(error.locations) == 2
    assert "'a'" in error.message
    assert "7777" not in error.message
