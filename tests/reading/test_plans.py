"""Plans hold nothing of any request, are shared by viewers of a kind, and are not kept without end."""

import gc
from collections.abc import Iterator
from datetime import UTC, datetime
from types import FunctionType, ModuleType
from typing import Any

import pytest
from graphql import GraphQLSchema, Location, Token

from auth.sealing.keys import KeyRing
from domain.identity import public_id, shaped_id
from schema.answering import execution
from server.postgres.database import Database
from tests.reading.data import World
from tests.reading.lists import Order
from tests.reading.reader import Reader

CANARY = "CANARY"
ASKED = """query Canaries($id: ID!, $ids: [ID!]!, $first: Int, $cursor: String, $where: CustomerFilter, $region: String!,
    $tag: [String!], $moment: DateTime, $tickets: TicketFilter, $order: CustomerOrder, $yes: Boolean!) {
  customer(id: $id) { id name @include(if: $yes) { display } }
  node(id: $id) { id ... on Customer { stage } }
  nodes(ids: $ids) { id }
  customers(first: $first, where: $where, orderBy: $order) { totalCount nodes { tickets(first: $first, where: $tickets) { totalCount nodes { id } } } }
  inner: customers(last: $first, where: { region: [$region], tag: $tag, createdFrom: $moment }) { edges { cursor } }
  tickets(first: $first, after: $cursor, where: $tickets) { nodes { id } }
  staffMembers(first: $first) { nodes { id } }
}"""  # noqa: E501


def values(world: World, reader: Reader, n: int) -> dict[str, Any]:
    """Values that stand nowhere else, another set for every `n`."""
    id_ = shaped_id(0xCA4A41 + n, n)
    ticket = next(iter(rows for model, rows in world.rows.items() if model.__name__ == "Ticket"))[n]
    return {
        "id": public_id("cus", id_),
        "ids": [public_id("cus", id_), f"{CANARY}{n}"],
        "first": 90 + n,
        "cursor": Order("Ticket", None, reader.cursors).cursor(ticket),
        "where": {"search": f"{CANARY}{n}", "ownerId": [public_id("stf", id_)], "industry": [f"{CANARY}{n}"]},
        "region": f"{CANARY}{n}",
        "tag": [f"{CANARY}{n}"],
        "moment": f"2001-02-0{n + 1}T00:00:00Z",
        "tickets": {"assigneeId": [public_id("stf", id_)], "status": ["ACCEPTED"]},
        "order": {"field": "SCORE", "direction": "ASC"},
        "yes": True,
    }


NOT_KEPT_FOR_REQUESTS = type | ModuleType | GraphQLSchema | KeyRing | Database | Token | Location


def reachable(*roots: object) -> Iterator[object]:
    """Every object that these hold, schema, keys, connections and places in documents aside."""
    seen, waiting = set[int](), list(roots)
    while waiting:
        one = waiting.pop()
        if id(one) in seen or isinstance(one, NOT_KEPT_FOR_REQUESTS):
            continue
        seen.add(id(one))
        yield one
        # Not a function's globals: they are its module, not its keeping.
        held = (one.__closure__, one.__defaults__, one.__kwdefaults__) if isinstance(one, FunctionType) else ()
        waiting += held or gc.get_referents(one)


def of_request(one: object, world: World) -> bool:
    """Texts, ids and moments; a small number may be anybody's."""
    if isinstance(one, str | bytes):
        text = one if isinstance(one, str) else one.decode("latin-1")
        ours = {str(viewer.id) for viewer in world.viewers.values()}
        return CANARY in text or "_000000ca4a4" in text or text in ours
    if isinstance(one, datetime):
        return one.astimezone(UTC).year == 2001
    if hasattr(one, "hex") and hasattr(one, "bytes"):
        return one.int >> 80 in range(0xCA4A41, 0xCA4A44) or one in {viewer.id for viewer in world.viewers.values()}
    return False


@pytest.fixture
def fresh(database: Database, ring: KeyRing) -> Reader:
    return Reader(database, ring)


async def test_three_reps_with_three_sets_of_values_share_one_plan_that_holds_none_of_them(
    fresh: Reader, world: World
) -> None:
    asking = [world.viewers["rep"], world.viewers["other_rep"], world.viewers["rep"]]
    for n, viewer in enumerate(asking):
        reply = await fresh.ask(viewer, ASKED, values(world, fresh, n))
        assert "errors" not in reply
    assert fresh.planner.plan.cache_info().misses == 1
    assert len(fresh.execution._prepared) == 1
    gc.collect()
    held = list(reachable(fresh.execution._prepared, fresh.execution._kept, fresh.planner))
    assert sum(isinstance(one, bytes) and one.startswith(b"SELECT") for one in held) > 5, "the walk reaches the plans"
    assert [one for one in held if of_request(one, world)] == []


async def test_the_walk_over_plans_finds_what_a_plan_would_keep(fresh: Reader, world: World) -> None:
    await fresh.ask(world.viewers["rep"], ASKED, values(world, fresh, 0))
    (prepared,) = fresh.execution._prepared.values()
    kept = values(world, fresh, 0)
    prepared.readers.append(lambda _: kept)
    found = {str(one) for one in reachable(fresh.execution._prepared) if of_request(one, world)}
    assert {f"{CANARY}0", public_id("cus", shaped_id(0xCA4A41, 0))} <= found


async def test_viewers_of_another_kind_have_plans_of_their_own(fresh: Reader, world: World) -> None:
    for viewer in ("rep", "manager", "partner_all", "other_partner_all", "partner_some"):
        await fresh.ask(world.viewers[viewer], "{ customers { nodes { id } } }")
    assert fresh.planner.plan.cache_info().currsize == 4


async def test_equal_questions_in_unlike_documents_are_one_plan(fresh: Reader, world: World) -> None:
    for text in (
        "{ customers(first: 3) { nodes { id } } }",
        "query Other { customers(first: 7) { ...F } } fragment F on CustomerConnection { nodes { ... { id } } }",
        "query ($n: Int = 9) { customers(first: $n) { nodes { id @include(if: true) } } }",
    ):
        await fresh.ask(world.viewers["rep"], text)
    assert fresh.planner.plan.cache_info().misses == 1


async def test_forms_are_forgotten_once_there_are_too_many(
    fresh: Reader, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(execution, "MOST_FORMS", 5)
    for n in range(12):
        await fresh.ask(world.viewers["rep"], f"{{ a{n}: tiers {{ id }} }}")
        assert len(fresh.execution._prepared) <= 5


async def test_operations_and_plans_are_kept_up_to_a_number(fresh: Reader) -> None:
    assert fresh.execution._kept.cache_info().maxsize == execution.MOST_OPERATIONS
    assert fresh.planner.plan.cache_info().maxsize == 1_000


async def test_very_long_documents_are_not_kept(fresh: Reader, world: World) -> None:
    long = "{ tiers { id } }" + " " * execution.LONGEST_KEPT
    for _ in range(3):
        assert "errors" not in await fresh.ask(world.viewers["rep"], long)
    assert len(fresh.execution._prepared) == 0
    assert fresh.execution._kept.cache_info().currsize == 0


async def test_nothing_that_strangers_ask_is_kept(fresh: Reader, world: World) -> None:
    await fresh.ask(world.viewers["rep"], "{ tiers { id } }")
    for n in range(5):
        assert await fresh.ask(None, f"{{ a{n}: __typename viewer {{ id }} }}") == {
            "data": {f"a{n}": "Query", "viewer": None}
        }
        assert "errors" in await fresh.ask(None, f"mutation {{ a{n}: __typename }}")
    assert fresh.execution._kept.cache_info().currsize == 1
    assert len(fresh.execution._prepared) == 1
