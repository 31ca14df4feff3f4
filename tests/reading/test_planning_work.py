"""Planning is bounded: the work for any accepted operation, counted in calls of functions, is a few times that of a
common page.
"""

import asyncio
import random
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLError,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLList,
    get_named_type,
    get_nullable_type,
)

from auth.sealing.cursors import CursorSealer
from auth.sealing.keys import KeyRing
from auth.sealing.seals import Digests, unseal_one
from auth.viewer import Grant, ViewerKind
from domain.staff import Role
from resolvers.errors import Refused
from resolvers.reading import plan as planning
from resolvers.reading import statement
from resolvers.reading.counting import refuse_many_fields, refuse_many_statements, statements
from resolvers.reading.plan import Planner
from resolvers.reading.selection import Field
from resolvers.reading.statement import Tools
from resolvers.reading.weighing import MAX_WEIGHT, refuse_heavy
from resolvers.roots import SPECIAL
from schema.answering.limits import parse_document
from schema.answering.selecting import Operation
from tests.reading.reader import SCHEMA

GRAPH = SCHEMA._schema
Q3 = (Path(__file__).parent / "statements" / "q3.graphql").read_text("utf-8")
MOST = 6.0
"""Times the work of planning Q3, a customers' page with two lists below each."""
KINDS = [
    *(ViewerKind(role, frozenset()) for role in (Role.SUPPORT, Role.REP, Role.MANAGER)),
    ViewerKind(Role.PARTNER, frozenset(Grant)),
]
FULL_FILTER = """{ status: [CLOSED], kind: [COMPLAINT], priority: [LOW], customerId: ["x"], teamId: ["x"], search: "x",
    assigneeId: ["x"], unassigned: true, overdue: true, openedFrom: "2020-01-01T00:00:00Z" }"""


def selected(text: str) -> tuple[Field, ...]:
    operation = Operation(GRAPH, parse_document(text), None)
    return operation.select(operation.coerced({}))[0]


def is_accepted(fields: tuple[Field, ...]) -> bool:
    try:
        refuse_many_fields(fields)
        refuse_many_statements(sum(map(statements, fields)))
        refuse_heavy(fields)
    except Refused:
        return False
    return True


def is_accepted_text(text: str) -> bool:
    """The same, of a text that may hold too many tokens."""
    try:
        return is_accepted(selected(text))
    except GraphQLError:
        return False


def calls(do: Callable[[], object]) -> int:
    """How many functions of Python are called meanwhile."""
    counted = 0

    def count(_frame: Any, event: str, _arg: Any) -> None:
        nonlocal counted
        counted += event == "call"

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        do()
    finally:
        sys.setprofile(before)
    return counted


def planner(ring: KeyRing) -> Planner:
    return Planner(Tools(unseal_one(ring), Digests(ring), CursorSealer(ring.cursor)), SPECIAL)


def work(ring: KeyRing, fields: tuple[Field, ...], kind: ViewerKind) -> int:
    """Of planning what nobody asked for before. The first time makes the pieces that all plans share."""
    planner(ring).plan(fields, kind)
    new = planner(ring)
    return calls(lambda: new.plan(fields, kind))


class Writer:
    """Operations as large as they are accepted, each root unlike the others."""

    ROOTS = ("customers", "tickets", "customer", "ticketCounts", "customerCounts", "nodes", "interactions")

    def __init__(self, seed: int) -> None:
        self.chance, self.aliases = random.Random(seed), 0
        self.width, self.depth = self.chance.choice([0.05, 0.3, 0.9]), self.chance.randint(1, 4)
        self.filters = self.chance.choice([0.0, 0.3, 1.0])
        self.roots = [name for name in self.ROOTS if name in GRAPH.query_type.fields]
        self.roots = self.chance.sample(self.roots, self.chance.randint(1, len(self.roots)))

    def document(self) -> str:
        """One root more would be refused."""
        accepted: list[str] = []
        for _ in range(60):
            more = [*accepted, self.root()]
            if is_accepted_text("{" + " ".join(more) + "}"):
                accepted = more
        return "{" + " ".join(accepted) + "}"

    def root(self) -> str:
        return self.field(self.chance.choice(self.roots), GRAPH.query_type.fields, self.depth)

    def field(self, name: str, among: dict[str, GraphQLField], depth: int) -> str:
        self.aliases += 1
        definition = among[name]
        inner = get_named_type(definition.type)
        asked = f"k{self.aliases}: {name}{self.arguments(definition)}"
        return f"{asked} {{ {self.below(inner, depth)} }}" if hasattr(inner, "fields") else asked

    def below(self, type_: Any, depth: int) -> str:
        parts = [f"k{self.aliases}: __typename"]
        for name, definition in type_.fields.items():
            inner = get_named_type(definition.type)
            nested = hasattr(inner, "fields")
            page_part = name in {"nodes", "edges", "node"}
            if (nested and depth <= 0 and not page_part) or (self.chance.random() > self.width and not page_part):
                continue
            if page_part and name == "edges" and "nodes" in type_.fields:
                continue
            parts.append(self.field(name, type_.fields, depth - (nested and not page_part)))
        return " ".join(parts)

    def arguments(self, definition: GraphQLField) -> str:
        given = []
        for name, argument in definition.args.items():
            required = argument.type is not get_nullable_type(argument.type)
            if name not in {"last", "before"} and (required or self.chance.random() < self.filters):
                given.append(f"{name}: {self.literal(argument.type)}")
        return f"({', '.join(given)})" if given else ""

    def literal(self, type_: Any) -> str:
        plain = get_nullable_type(type_)
        if isinstance(plain, GraphQLList):
            return f"[{self.literal(plain.of_type)}]"
        if isinstance(plain, GraphQLEnumType):
            return self.chance.choice(list(plain.values))
        if isinstance(plain, GraphQLInputObjectType):
            needed = {name for name, one in plain.fields.items() if one.type is not get_nullable_type(one.type)}
            names = [name for name in plain.fields if name in needed or self.chance.random() < self.filters]
            return "{" + ", ".join(f"{name}: {self.literal(plain.fields[name].type)}" for name in names) + "}"
        return {"Int": "5", "Boolean": "true", "DateTime": '"2020-01-01T00:00:00Z"'}.get(plain.name, '"x"')


@pytest.mark.parametrize("seed", range(12))
def test_planning_any_accepted_operation_is_a_few_times_the_work_of_a_common_page(ring: KeyRing, seed: int) -> None:
    fields = selected(Writer(seed).document())
    assert fields
    kind = KINDS[seed % len(KINDS)]
    assert work(ring, fields, kind) <= MOST * work(ring, selected(Q3), kind)


HEAVY = {
    "searches": 'k{n}: customers(where: {{ search: "x" }}, after: "x") {{ totalCount nodes {{ k{n}: id }} }}',
    "filters": "k{n}: tickets(where: " + FULL_FILTER.replace("{", "{{").replace("}", "}}")
    + ") {{ nodes {{ k{n}: id customer {{ id name {{ display }} owner {{ id }} }} assignee {{ name }} }} }}",
    "acts": "k{n}: customers {{ nodes {{ k{n}: id name {{ display sight revealable }} mobile {{ revealable }} email "
    "{{ revealable }} viewerCan {{ edit moveStage assignTier transfer logInteraction openTicket reveal }} "
    "owner {{ id }} tier {{ id }} }} }}",
}  # fmt: skip


@pytest.mark.parametrize("what", HEAVY)
@pytest.mark.parametrize("kind", KINDS[:3], ids=lambda kind: kind.role.value)
def test_as_many_heavy_roots_as_are_accepted_are_a_few_times_the_work_of_a_common_page(
    ring: KeyRing, what: str, kind: ViewerKind
) -> None:
    many = 1
    while is_accepted(selected("{" + " ".join(HEAVY[what].format(n=n) for n in range(many + 1)) + "}")):
        many += 1
    fields = selected("{" + " ".join(HEAVY[what].format(n=n) for n in range(many)) + "}")
    assert 2 < many < 20
    assert work(ring, fields, kind) <= MOST * work(ring, selected(Q3), kind)


def test_what_is_too_much_to_plan_says_so_and_what_to_do() -> None:
    fields = selected("{" + " ".join(HEAVY["filters"].format(n=n) for n in range(19)) + "}")
    with pytest.raises(Refused) as refused:
        refuse_heavy(fields)
    assert refused.value.code == "LIMIT_EXCEEDED"
    assert refused.value.extensions["limit"] == "planning"
    assert refused.value.extensions["allowed"] == MAX_WEIGHT < refused.value.extensions["counted"]
    assert "拆成几个请求" in refused.value.zh
    assert "split it into several requests" in refused.value.en


def test_twenty_equal_lists_are_compiled_once(ring: KeyRing, monkeypatch: pytest.MonkeyPatch) -> None:
    compiled = counting(monkeypatch)
    lists = "{" + " ".join(f"a{n}: tickets(first: {n + 1}) {{ nodes {{ id }} }}" for n in range(20)) + "}"
    made = planner(ring).plan(selected(lists), KINDS[0])
    assert [one.key for one in made.roots] == [f"a{n}" for n in range(20)]
    assert len(compiled) == 1


def test_a_root_of_one_operation_is_not_compiled_again_for_another(
    ring: KeyRing, monkeypatch: pytest.MonkeyPatch
) -> None:
    compiled, ours = counting(monkeypatch), planner(ring)
    ours.plan(
        selected('{ staffMembers { nodes { id } } a: tickets(where: { number: "1" }) { nodes { id } } }'), KINDS[0]
    )
    ours.plan(selected('{ tiers { id } b: tickets(where: { number: "2" }) { nodes { id } } }'), KINDS[0])
    assert len(compiled) == 3
    ours.plan(selected("{ tiers { id } }"), KINDS[1])
    assert len(compiled) == 4, "another kind of viewer has roots of its own"


def test_roots_are_kept_within_bounds(ring: KeyRing, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planning, "MOST_FIELDS_KEPT", 20)
    ours = planner(ring)
    for n in range(30):
        ours.plan(selected(f"{{ tiers {{ k{n}: id code }} }}"), KINDS[0])
    assert len(ours._roots._kept) <= 20 // 3


async def test_others_are_answered_between_the_roots_of_one_plan(ring: KeyRing) -> None:
    turns = 0

    async def other() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    waiting = asyncio.create_task(other())
    text = "{" + " ".join(f"tickets{n}: tickets {{ nodes {{ k{n}: id }} }}" for n in range(10)) + "}"
    await planner(ring).plan_in_turns(selected(text), KINDS[0])
    waiting.cancel()
    assert turns >= 10


DASHBOARD = " ".join(
    f"{kind}{n}: {kind}(first: 1, where: {{ {narrowed} }}) {{ totalCount }}"
    for kind, filters in {
        "tickets": ["status: [ACCEPTED]", "status: [CLOSED]", "overdue: true", "unassigned: true", "priority: [URGENT]",
                    "kind: [COMPLAINT], overdue: true", "kind: [QUESTION], status: [RESPONDED]", "priority: [HIGH]"],
        "customers": ["stage: [PURCHASE]", "unassigned: true", 'region: ["x"]', "tier: [A]"],
    }.items()
    for n, narrowed in enumerate(filters)
)  # fmt: skip


def test_the_pages_of_real_front_ends_pass() -> None:
    counts = " ".join(
        f'c{n}: tickets(where: {{ kind: [COMPLAINT], number: "{n}" }}) {{ totalCount }}' for n in range(20)
    )
    for text in (Q3, f"{{ {DASHBOARD} }}", f"{{ {counts} }}"):
        assert is_accepted(selected(text))


def counting(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Statements put into text from now on."""
    compiled: list[object] = []
    made = statement.text_of

    def noted(one: Any) -> Any:
        compiled.append(one)
        return made(one)

    monkeypatch.setattr(statement, "text_of", noted)
    return compiled
