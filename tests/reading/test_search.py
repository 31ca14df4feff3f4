"""Searches of names: only those that hold the text, all of them, in every order and however little may be opened."""

from typing import Any

import pytest

from auth.rows import reaches
from auth.sealing import names
from domain.customer import Customer
from domain.identity import public_id
from resolvers.reading import plan, search
from tests.reading.data import World
from tests.reading.lists import bare
from tests.reading.reader import Reader

LIST = """query ($s: String, $first: Int, $last: Int, $c: String, $o: CustomerOrder) {
  customers(where: { search: $s }, first: $first, last: $last, %s: $c, orderBy: $o) {
    totalCount edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }"""
TEXTS = ("张", "娜", "a", "nana", "an", "阳娜", "娜娜娜", "艾力.买", "有限公司", "9", "Ann Lee4", "没有")


@pytest.fixture(params=[4, 7, 12])
def few(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    """How many names a request may open."""
    monkeypatch.setattr(plan, "MAX_OPENED", request.param)
    return int(request.param)


def held_by(world: World, viewer: str, text: str) -> set[str]:
    return {
        public_id("cus", row.id)
        for row in world.rows[Customer]
        if reaches(row, world.viewers[viewer]) and bare(text) in bare(world.names.get(row.id, ""))
    }


async def walked(reader: Reader, world: World, viewer: str, text: str, size: int, *, backward: bool) -> list[str]:
    """All that pages lead to, in the list's own order."""
    document = LIST % ("before" if backward else "after")
    onward, at = ("hasPreviousPage", "startCursor") if backward else ("hasNextPage", "endCursor")
    found: list[str] = []
    cursor = None
    for _ in range(100):
        sizes = {"last": size} if backward else {"first": size}
        reply: Any = await reader.ask(world.viewers[viewer], document, {"s": text, "c": cursor, **sizes})
        page = reply["data"]["customers"]
        ids = [edge["node"]["id"] for edge in page["edges"]]
        assert len(ids) <= size
        found = [*ids, *found] if backward else [*found, *ids]
        if not page["pageInfo"][onward]:
            return found
        assert page["pageInfo"][at] != cursor
        cursor = page["pageInfo"][at]
    raise AssertionError("no end")


@pytest.mark.parametrize("text", TEXTS)
async def test_only_names_that_hold_the_text_are_found(reader: Reader, world: World, text: str) -> None:
    for viewer in ("rep", "manager", "agent", "partner_all"):
        found = await walked(reader, world, viewer, text, 100, backward=False)
        assert set(found) == held_by(world, viewer, text)
        assert len(set(found)) == len(found)


@pytest.mark.parametrize("text", TEXTS)
async def test_pages_that_stop_on_their_way_lose_nothing(few: int, reader: Reader, world: World, text: str) -> None:
    for viewer in ("rep", "manager"):
        for size in (1, 4, 100):
            forth = await walked(reader, world, viewer, text, size, backward=False)
            back = await walked(reader, world, viewer, text, size, backward=True)
            assert forth == back
            assert set(forth) == held_by(world, viewer, text)


async def test_no_request_opens_more_names_than_it_may(
    few: int, reader: Reader, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = []
    monkeypatch.setattr(search, "contains", lambda name, text: opened.append(name) or names.contains(name, text))
    everything = 'a: customers(where: { search: "a" }) { totalCount nodes { id } }'
    absent = 'c: customers(where: { search: "没有这样的" }) { totalCount }'
    many = f"{{ {everything} {everything.replace('a:', 'b:')} {absent} }}"
    await reader.ask(world.viewers["manager"], many)
    assert len(opened) <= few


async def test_a_count_beyond_what_may_be_opened_is_null(few: int, reader: Reader, world: World) -> None:
    reply: Any = await reader.ask(world.viewers["manager"], LIST % "after", {"s": "a", "first": 2})
    assert reply["data"]["customers"]["totalCount"] is None


async def test_a_count_is_exact_where_all_candidates_are_opened(reader: Reader, world: World) -> None:
    for text in TEXTS:
        for viewer in ("rep", "manager"):
            reply: Any = await reader.ask(world.viewers[viewer], LIST % "after", {"s": text, "first": 1})
            assert reply["data"]["customers"]["totalCount"] == len(held_by(world, viewer, text))


@pytest.mark.parametrize("empty", ["", " ", "\u3000\t", "\u200b"])
async def test_an_empty_search_narrows_nothing(reader: Reader, world: World, empty: str) -> None:
    for viewer in ("rep", "manager", "partner_all"):
        bare_list: Any = await reader.ask(world.viewers[viewer], LIST % "after", {"first": 4})
        searched: Any = await reader.ask(world.viewers[viewer], LIST % "after", {"s": empty, "first": 4})
        assert searched["data"] == bare_list["data"]
        assert searched["data"]["customers"]["totalCount"] > 4


async def test_a_search_of_a_whole_name_of_any_length_finds_it(reader: Reader, world: World) -> None:
    for row in world.rows[Customer]:
        if row.id in world.names:
            found = await walked(reader, world, "manager", world.names[row.id], 100, backward=False)
            assert public_id("cus", row.id) in found


async def test_orders_hold_for_searches_as_well(few: int, reader: Reader, world: World) -> None:
    order = {"field": "SCORE", "direction": "ASC"}
    given: dict[str, Any] = {"s": "a", "first": 100, "o": order}
    found: list[str] = []
    while True:
        reply: Any = await reader.ask(world.viewers["manager"], LIST % "after", given)
        page = reply["data"]["customers"]
        found += [edge["node"]["id"] for edge in page["edges"]]
        if not page["pageInfo"]["hasNextPage"]:
            break
        given["c"] = page["pageInfo"]["endCursor"]
    scores = {public_id("cus", row.id): row.score for row in world.rows[Customer]}
    listed = [scores[id_] if scores[id_] is not None else -1 for id_ in found]
    assert listed == sorted(listed)
    assert set(found) == held_by(world, "manager", "a")


COUNTS = "query ($s: String) { counted: customerCounts(by: OWNER, where: { search: $s }) { count } tiers { id } }"


@pytest.mark.parametrize("text", ["", *TEXTS])
async def test_groups_of_a_search_are_counted_exactly(reader: Reader, world: World, text: str) -> None:
    for viewer in ("rep", "manager"):
        reply: Any = await reader.ask(world.viewers[viewer], COUNTS, {"s": text})
        held = held_by(world, viewer, text) if text else held_by(world, viewer, "") | unopened(world, viewer)
        assert sum(group["count"] for group in reply["data"]["counted"]) == len(held)


def unopened(world: World, viewer: str) -> set[str]:
    """Customers whose name nobody opens: an empty search leaves them where they are."""
    rows = [row for row in world.rows[Customer] if reaches(row, world.viewers[viewer])]
    return {public_id("cus", row.id) for row in rows if row.id not in world.names}


async def test_groups_are_refused_where_not_all_candidates_may_be_opened(
    few: int, reader: Reader, world: World
) -> None:
    reply: Any = await reader.ask(world.viewers["manager"], COUNTS, {"s": "a"})
    ((error),) = reply["errors"]
    assert (error["extensions"]["code"], error["path"]) == ("LIMIT_EXCEEDED", ["counted"])
    assert error["extensions"]["limit"] == "search"
    assert len(reply["data"]["tiers"]) == 3
