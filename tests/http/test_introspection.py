"""Introspection without a token: the tools' queries pass, are worked out once, and nothing larger is."""

import asyncio
import itertools
import subprocess
from pathlib import Path
from types import SimpleNamespace
from uuid import UUID

import orjson
import pytest
from graphql import get_introspection_query

from auth.viewer import Viewer
from domain.staff import Role
from resolvers.reading.plan import Planner
from resolvers.reading.statement import Tools
from resolvers.roots import SPECIAL
from schema.answering import introspection
from schema.answering.asked import Asked
from schema.answering.execution import Execution
from schema.build import build

ALL = {
    "descriptions": True,
    "specified_by_url": True,
    "directive_is_repeatable": True,
    "schema_description": True,
    "input_value_deprecation": True,
}
OPTIONS = [dict(zip(ALL, flags, strict=True)) for flags in itertools.product([False, True], repeat=len(ALL))]
AUDITS = Path(__file__).parent / "audits"


def execution(**options) -> Execution:
    return Execution(build(), SimpleNamespace(), None, **options)


@pytest.fixture(scope="module")
def one() -> Execution:
    return execution()


async def ask(execution: Execution, query: str, **variables):
    answer = await execution.answer(Asked(query, None, variables), None)
    return orjson.loads(answer) if isinstance(answer, bytes) else answer


def refused(reply) -> str:
    assert "data" not in reply
    return reply["errors"][0]["extensions"]["code"]


@pytest.fixture
def patient(monkeypatch) -> None:
    monkeypatch.setattr(introspection, "MOST_NEW", 1_000)


@pytest.mark.parametrize("options", OPTIONS, ids=lambda options: "-".join(k for k, v in options.items() if v) or "none")
async def test_the_standard_query_passes_with_all_its_options(one: Execution, patient, options) -> None:
    reply = await ask(one, get_introspection_query(**options))
    assert "errors" not in reply
    assert {"Query", "Customer"} <= {one["name"] for one in reply["data"]["__schema"]["types"]}


async def test_the_query_of_graphql_js_passes_with_all_its_options(one: Execution, patient, audits_installed) -> None:
    script = """import { getIntrospectionQuery } from "graphql";
      console.log(getIntrospectionQuery({ descriptions: true, specifiedByUrl: true, directiveIsRepeatable: true,
        schemaDescription: true, inputValueDeprecation: true, oneOf: true }));"""
    node = [audits_installed, "--input-type=module", "-e", script]
    done = await asyncio.to_thread(subprocess.run, node, cwd=AUDITS, capture_output=True, text=True, check=True)
    reply = await ask(one, done.stdout)
    assert "errors" not in reply


async def test_the_same_request_is_worked_out_once(monkeypatch) -> None:
    one = execution()
    runs = []
    run = Execution._run

    async def counted(self, *given):
        runs.append(given)
        return await run(self, *given)

    monkeypatch.setattr(Execution, "_run", counted)
    query = get_introspection_query()
    first = await one.answer(Asked(query, None, {}), None)
    assert all([await one.answer(Asked(query, None, {}), None) is first for _ in range(50)])
    assert len(runs) == 1


async def test_what_was_worked_out_for_one_viewer_is_kept_for_all(monkeypatch) -> None:
    tools = Tools(None, None, None)
    one = Execution(build(), Planner(tools, SPECIAL), None)
    runs = []
    run = Execution._run

    async def counted(self, *given):
        runs.append(given)
        return await run(self, *given)

    monkeypatch.setattr(Execution, "_run", counted)
    asked = Asked(get_introspection_query(), None, {})
    viewers = [Viewer(UUID(int=1), Role.REP), Viewer(UUID(int=2), Role.MANAGER), Viewer(UUID(int=3), Role.PARTNER)]
    answers = [await one.answer(asked, viewer) for viewer in viewers for _ in range(3)]
    assert all(answer is answers[0] for answer in answers)
    assert len(runs) == 1
    stranger = await one.answer(asked, None)
    assert stranger == answers[0]


async def test_new_requests_are_worked_out_in_bounded_number_and_known_ones_go_on(monkeypatch) -> None:
    one = execution()
    known = "{ __schema { queryType { name } } }"
    await ask(one, known)
    replies = [await ask(one, f"{{ a{number}: __typename ...on Query {{ x: __typename }} }}") for number in range(3)]
    assert [refused(reply) for reply in replies] == ["UNAUTHENTICATED"] * 3
    more = [await ask(one, f"{{ a{number}: __schema {{ queryType {{ name }} }} }}") for number in range(40)]
    told = [reply for reply in more if "errors" in reply]
    assert len(told) == 40 - (introspection.MOST_NEW - 1)
    assert {refused(reply) for reply in told} == {"LIMIT_EXCEEDED"}
    assert 0 < told[0]["errors"][0]["extensions"]["retryAfter"] <= introspection.WITHIN
    assert "data" in await ask(one, known)


async def test_what_is_kept_is_bounded(patient) -> None:
    one = execution()
    for number in range(introspection.KEPT + 10):
        await ask(one, f"{{ a{number}: __schema {{ queryType {{ name }} }} }}")
    assert len(one._introspected._answers) == introspection.KEPT


async def test_variables_are_part_of_the_question(one: Execution, patient) -> None:
    query = "query($name: String!) { __type(name: $name) { name } }"
    names = [(await ask(one, query, name=name))["data"]["__type"] for name in ("Customer", "Ticket", "Nothing")]
    assert names == [{"name": "Customer"}, {"name": "Ticket"}, None]


def nested(depth: int) -> str:
    return '{ __type(name: "Query") { ' + "ofType { " * depth + "name" + " }" * depth + " } }"


HOSTILE = {
    "deep ofType": nested(30),
    "very deep ofType": nested(250),
    "a thousand aliases": "{ " + " ".join(f"a{n}: __typename" for n in range(1_000)) + " __schema { types { name } } }",
    "aliases of the schema": "{ " + " ".join(f"a{n}: __schema {{ types {{ name }} }}" for n in range(20)) + " }",
    "fields of fields": "{ __schema { types { "
    + " ".join(f"x{n}: fields {{ args {{ type {{ fields {{ name }} inputFields {{ name }} }} }} }}" for n in range(9))
    + " } } }",
    "fields of fields of fields": "{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }",
    "possible types of possible types": "{ __schema { types { possibleTypes { possibleTypes { name } } } } }",
    "types of many kinds": "{ __schema { types { " + "fields { args { type { kind name ofType { kind name } } } } " * 30
    + "inputFields { type { fields { name args { name } } } } } } }",
    "fragments that double": "{ __schema { ...A } } " + "".join(
        f"fragment {a} on __Schema {{ ...{b} ...{b} queryType {{ name }} }} "
        for a, b in itertools.pairwise("ABCDEFGHIJKLMNOP")
    ) + "fragment P on __Schema { types { name } }",
    "much text": "{ __schema { queryType { name } } } #" + "x" * 20_000,
    "directives": "{ __schema { queryType { name " + "@include(if: true) " * 60 + "} } }",
}  # fmt: skip


@pytest.mark.parametrize("query", HOSTILE.values(), ids=HOSTILE)
async def test_more_than_the_tools_ask_for_is_refused_before_it_runs(one: Execution, query: str, monkeypatch) -> None:
    async def never(*_):
        raise AssertionError("it ran")

    monkeypatch.setattr(Execution, "_run", never)
    reply = await ask(one, query)
    assert refused(reply) in {"LIMIT_EXCEEDED", "UNAUTHENTICATED", "GRAPHQL_VALIDATION_FAILED", "GRAPHQL_PARSE_FAILED"}


async def test_data_beside_the_schema_still_needs_a_token(one: Execution) -> None:
    for query in (
        "{ __schema { queryType { name } } customers { totalCount } }",
        "mutation { __schema { __typename } }",
    ):
        assert refused(await ask(one, query)) in {"UNAUTHENTICATED", "GRAPHQL_VALIDATION_FAILED"}


async def test_an_installation_may_keep_its_schema_to_itself() -> None:
    closed = execution(open_introspection=False)
    assert refused(await ask(closed, "{ __schema { queryType { name } } }")) == "UNAUTHENTICATED"
    assert refused(await ask(closed, '{ __type(name: "Query") { name } }')) == "UNAUTHENTICATED"
    assert await ask(closed, "{ __typename }") == {"data": {"__typename": "Query"}}
