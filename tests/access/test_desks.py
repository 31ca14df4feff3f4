"""Desks: an act gets a connection on which nothing of another act is left, whatever became of that one."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import psycopg
import pytest

from auth.door.desks import Desk, Desks
from server.postgres.database import Database


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """Connections of the test's own."""
    database = Database(database_url)
    yield database
    await database.close()


@pytest.fixture
async def one(database: Database) -> AsyncIterator[Desks]:
    """A single desk, so that each act sits where the last one sat."""
    desks = Desks(database.engine, limit=1)
    yield desks
    await desks.close()


@asynccontextmanager
async def taken(desks: Desks) -> AsyncIterator[Desk]:
    desk = await desks.take()
    try:
        yield desk
    finally:
        await desks.give_back(desk)


async def value(desk: Desk, asked: bytes) -> object:
    await desk.cursor.execute(asked)
    found = await desk.cursor.fetchone()
    assert found is not None
    return found[0]


async def test_the_connection_is_kept_for_the_next_act(one: Desks) -> None:
    pids = set()
    for _ in range(3):
        async with taken(one) as desk:
            pids.add(await value(desk, b"SELECT pg_backend_pid()"))
            await desk.commit()
    assert len(pids) == 1


@pytest.mark.parametrize("through_sqlalchemy", [False, True])
async def test_what_was_not_committed_is_undone(one: Desks, through_sqlalchemy: bool) -> None:
    async with taken(one) as desk:
        if through_sqlalchemy:
            await desk.connection.begin()
        await desk.cursor.execute(b"INSERT INTO tag (id, name) VALUES (gen_random_uuid(), 'dropped')")
    async with taken(one) as desk:
        assert await value(desk, b"SELECT count(*) FROM tag WHERE name = 'dropped'") == 0


async def test_after_an_error_the_next_act_finds_the_desk_clear(one: Desks) -> None:
    with pytest.raises(psycopg.errors.DivisionByZero):
        async with taken(one) as desk:
            await desk.cursor.execute(b"SELECT 1 / 0")
    async with taken(one) as desk:
        assert await value(desk, b"SELECT 7") == 7


async def test_an_act_that_is_cancelled_in_the_middle_of_a_statement_holds_nobody_up(one: Desks) -> None:
    begun = asyncio.Event()

    async def act() -> None:
        async with taken(one) as desk:
            begun.set()
            await desk.cursor.execute(b"SELECT pg_sleep(30)")

    running = asyncio.create_task(act())
    await begun.wait()
    await asyncio.sleep(0.05)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    async with asyncio.timeout(5), taken(one) as desk:
        assert await value(desk, b"SELECT 7") == 7


async def test_after_the_server_closed_the_connections_one_act_fails_and_the_next_is_done(
    database: Database, database_url: str
) -> None:
    async with taken(database.desks) as first, taken(database.desks) as second:
        pids = [await value(desk, b"SELECT pg_backend_pid()") for desk in (first, second)]
        await first.commit()
        await second.commit()
    with psycopg.connect(database_url, autocommit=True) as connection:
        for pid in pids:
            connection.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
    with pytest.raises(psycopg.OperationalError):
        async with taken(database.desks) as desk:
            await value(desk, b"SELECT 1")
    for _ in range(2):
        async with taken(database.desks) as desk:
            assert await value(desk, b"SELECT 7") == 7


async def test_whoever_comes_when_all_desks_are_taken_waits(one: Desks) -> None:
    async def act() -> None:
        async with taken(one):
            pass

    async with taken(one):
        waiting = asyncio.create_task(act())
        await asyncio.sleep(0.05)
        assert not waiting.done()
    await asyncio.wait_for(waiting, 5)


async def test_a_desk_whose_giving_back_is_cancelled_holds_no_lock(one: Desks, monkeypatch: pytest.MonkeyPatch) -> None:
    locked = b"SELECT pg_advisory_xact_lock(7)"
    desk = await one.take()
    await desk.cursor.execute(locked)
    monkeypatch.setattr(desk, "rollback", lambda: asyncio.sleep(60))
    giving = asyncio.create_task(one.give_back(desk))
    await asyncio.sleep(0.05)
    giving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await giving
    async with asyncio.timeout(5), taken(one) as desk:
        await desk.cursor.execute(locked)
