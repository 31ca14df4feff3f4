"""Walks through every list: all of it, once, in one order, however it is cut."""

from collections.abc import AsyncIterator, Callable

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from server.postgres.database import Database
from tests.reading.data import World
from tests.reading.reader import Reader
from tests.reading.walks import SIZES, List, Walked, nested, roots, walked

VIEWERS = (
    "rep",
    "other_rep",
    "agent",
    "other_agent",
    "manager",
    "privacy_officer",
    "admin",
    "partner_all",
    "partner_customers",
)


async def wrongs(reader: Reader, world: World, viewer: str, sizes: tuple[int, ...] = SIZES) -> list[str]:
    """What is wrong with any list, walked in both directions; empty where all is well."""
    found = []
    for listed in (*roots(world.viewers[viewer]), *nested(world)):
        walks = {
            (size, backward): await walked(reader, world.viewers[viewer], listed, size, backward=backward)
            for size in sizes
            for backward in (False, True)
        }
        found += [f"{listed.name} {how}: {one}" for how, walk in walks.items() if walk for one in wrong(walk, walks)]
    return found


def wrong(walk: Walked, walks: dict[tuple[int, bool], Walked | None]) -> list[str]:
    whole = next(iter(walks.values()))
    assert whole
    found = list(walk.wrong)
    if (walk.cursors, walk.rows) != (whole.cursors, whole.rows):
        found.append("not the same list")
    if len(set(walk.cursors)) != len(walk.cursors):
        found.append("a row comes twice")
    if walk.totals != {len(walk.cursors)}:
        found.append(f"{len(walk.cursors)} rows, counted as {walk.totals}")
    return found


@pytest.mark.parametrize("viewer", VIEWERS)
async def test_every_page_of_every_list_leads_through_the_whole_list_once(
    reader: Reader, world: World, viewer: str
) -> None:
    assert not await wrongs(reader, world, viewer)


async def test_walks_are_long_enough_to_tell(reader: Reader, world: World) -> None:
    lengths = {}
    for viewer in VIEWERS:
        for listed in (*roots(world.viewers[viewer]), *nested(world)):
            walk = await walked(reader, world.viewers[viewer], listed, 100, backward=False)
            lengths[listed.name] = max(lengths.get(listed.name, 0), len(walk.cursors) if walk else 0)
    assert min(lengths.values()) >= 3, lengths
    assert lengths["customers orderBy: { field: SCORE, direction: ASC }"] == 30


@pytest.fixture
async def in_shanghai(reading_url: str, ring: object, world: World) -> AsyncIterator[Callable[[], Reader]]:
    """A reader whose role has a time zone of its own, as a house's own PostgreSQL may have."""
    with psycopg.connect(reading_url, autocommit=True) as connection:
        name = sql.Identifier(connection.info.dbname)
        connection.execute(sql.SQL("ALTER DATABASE {} SET TimeZone = 'Asia/Shanghai'").format(name))
        database = Database(reading_url)
        yield Reader(database, ring)
        await database.close()
        connection.execute(sql.SQL("ALTER DATABASE {} RESET TimeZone").format(name))


@pytest.mark.parametrize("viewer", ["rep", "manager"])
async def test_walks_are_the_same_where_the_server_keeps_another_time_zone(
    in_shanghai: Reader, reader: Reader, world: World, viewer: str
) -> None:
    assert not await wrongs(in_shanghai, world, viewer, (2, 7))
    for listed in roots(world.viewers[viewer]):
        here = await walked(reader, world.viewers[viewer], listed, 7, backward=False)
        there = await walked(in_shanghai, world.viewers[viewer], listed, 7, backward=False)
        assert here == there


async def test_a_page_is_the_same_where_a_session_itself_keeps_another_time_zone(
    reading_url: str, ring: object, reader: Reader, world: World
) -> None:
    database = Database(make_conninfo(reading_url, options="-c TimeZone=America/New_York"))
    try:
        assert await database.execute(b"SHOW TimeZone", []) == [("America/New_York",)]
        assert not await wrongs(Reader(database, ring), world, "manager", (3,))
    finally:
        await database.close()


def test_lists_to_walk_are_named_once(world: World) -> None:
    listed: list[List] = [*roots(world.viewers["manager"]), *nested(world)]
    assert len({one.name for one in listed}) == len(listed) == 27
