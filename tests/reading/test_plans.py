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
from schema.answering import preparing
from schema.answering.preparing import Preparation
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


def kept(reader: Reader) -> Preparation:
    return reader.execution._preparation


async def test_three_reps_with_three_sets_of_values_share_one_plan_that_holds_none_of_them(
    fresh: Reader, world: World
) -> None:
    asking = [world.viewers["rep"], world.viewers["other_rep"], world.viewers["rep"]]
    for n, viewer in enumerate(asking):
        reply = await fresh.ask(viewer, ASKED, values(world, fresh, n))
        assert "errors" not in reply
    assert len(kept(fresh).plans) == 1
    assert len(kept(fresh).prepared) == 1
    gc.collect()
    # Whose entry it is, the cache knows; what is kept does not.
    prepared = kept(fresh)
    entries = [
        (place, entry.value)
        for cache in (prepared.operations, prepared.plans, prepared.prepared)
        for place, entry in cache._entries.items()
    ]
    held = list(reachable(*entries, fresh.planner))
    assert sum(isinstance(one, bytes) and one.startswith(b"SELECT") for one in held) > 5, "the walk reaches the plans"
    assert [one for one in held if of_request(one, world)] == []


async def test_the_walk_over_plans_finds_what_a_plan_would_keep(fresh: Reader, world: World) -> None:
    await fresh.ask(world.viewers["rep"], ASKED, values(world, fresh, 0))
    (entry,) = kept(fresh).prepared._entries.values()
    sent = values(world, fresh, 0)
    entry.value.readers.append(lambda _: sent)
    found = {str(one) for one in reachable(kept(fresh)) if of_request(one, world)}
    assert {f"{CANARY}0", public_id("cus", shaped_id(0xCA4A41, 0))} <= found


async def test_viewers_of_another_kind_have_plans_of_their_own(fresh: Reader, world: World) -> None:
    for viewer in ("rep", "manager", "partner_all", "other_partner_all", "partner_some"):
        await fresh.ask(world.viewers[viewer], "{ customers { nodes { id } } }")
    assert len(kept(fresh).plans) == 4


async def test_equal_questions_in_unlike_documents_are_one_plan(fresh: Reader, world: World) -> None:
    for text in (
        "{ customers(first: 3) { nodes { id } } }",
        "query Other { customers(first: 7) { ...F } } fragment F on CustomerConnection { nodes { ... { id } } }",
        "query ($n: Int = 9) { customers(first: $n) { nodes { id @include(if: true) } } }",
    ):
        await fresh.ask(world.viewers["rep"], text)
    assert len(kept(fresh).plans) == 1


async def test_what_is_kept_is_bounded_and_the_least_recently_used_goes_first(
    database: Database, ring: KeyRing, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preparing, "MOST_FIELDS_KEPT", 8 * 60)
    fresh = Reader(database, ring)
    for n in range(12):
        await fresh.ask(world.viewers["rep"], f"{{ a{n}: tiers {{ id }} }}")
        await fresh.ask(world.viewers["rep"], "{ often: tiers { id } }")
        assert kept(fresh).plans.weight <= 60
        assert kept(fresh).prepared.weight <= 60
    recent = [entry.value.fields[0].key for entry in reversed(kept(fresh).prepared._entries.values())]
    assert recent[:2] == ["often", "a11"]


async def test_one_client_does_not_push_out_what_others_use(fresh: Reader, world: World) -> None:
    """A thousand new documents of one viewer, and another viewer's own are planned no second time."""
    mine = [f"{{ mine{n}: tiers {{ id }} }}" for n in range(20)]
    for text in mine:
        await fresh.ask(world.viewers["manager"], text)
    for n in range(1_000):
        await fresh.ask(world.viewers["rep"], f"{{ a{n}: tiers {{ id code name }} }}")
    places = {fields[0].key for fields, _ in kept(fresh).plans._entries}
    assert {f"mine{n}" for n in range(20)} <= places
    assert kept(fresh).plans.weight <= preparing.MOST_FIELDS_KEPT


async def test_very_long_documents_are_not_kept(fresh: Reader, world: World) -> None:
    long = "{ tiers { id } }" + " " * preparing.LONGEST_KEPT
    for _ in range(3):
        assert "errors" not in await fresh.ask(world.viewers["rep"], long)
    assert len(kept(fresh).prepared) == 0
    assert len(kept(fresh).operations) == 0


async def test_nothing_that_strangers_ask_is_kept(fresh: Reader, world: World) -> None:
    await fresh.ask(world.viewers["rep"], "{ tiers { id } }")
    for n in range(5):
        assert await fresh.ask(None, f"{{ a{n}: __typename viewer {{ id }} }}") == {
            "data": {f"a{n}": "Query", "viewer": None}
        }
        assert "errors" in await fresh.ask(None, f"mutation {{ a{n}: __typename }}")
    assert len(kept(fresh).operations) == 1
    assert len(kept(fresh).prepared) == 1
