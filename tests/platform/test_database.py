"""Lent connections: bounded, as the plans need them, replaced when broken, never lent in the middle of something."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DataError

from server.postgres.database import Database, plain_engine

PID = b"SELECT pg_backend_pid()"


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    made = Database(database_url, reading_connections=2, statement_timeout_ms=2_000)
    yield made
    await made.close()


async def test_values_of_plans_pass_as_they_are(database: Database) -> None:
    identity = UUID("0192f0c0-0000-7000-8000-000000000001")
    statement = b"SELECT $1::uuid, $2::bigint, $3::text, timestamptz '2026-01-02 03:04:05+08'"
    rows = await database.execute(statement, [identity, 7, "知客"])
    assert rows == [(identity, 7, "知客", datetime(2026, 1, 1, 19, 4, 5))]  # noqa: DTZ001 - naive UTC is the contract


async def test_integers_of_any_size_share_one_prepared_statement(database: Database) -> None:
    async with database.lend() as execute:
        for value in (7, 70_000, 7_000_000_000):
            await execute(b"SELECT $1::bigint", [value])
        found = await execute(b"SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%$1::bigint'", [])
    assert found == [(1,)]


async def test_a_plan_is_generic_and_in_utc_and_can_not_write(database: Database) -> None:
    names = (b"plan_cache_mode", b"TimeZone", b"statement_timeout", b"default_transaction_read_only")
    async with database.lend() as execute:
        found = [(await execute(b"SHOW " + name, []))[0][0] for name in names]
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            await execute(b"DELETE FROM team", [])
    assert found == ["force_generic_plan", "UTC", "2s", "on"]


async def test_one_loan_is_one_connection_and_the_next_loan_uses_it_again(database: Database) -> None:
    async with database.lend() as execute:
        first, second = await execute(PID, []), await execute(PID, [])
    assert first == second == await database.execute(PID, [])


async def test_a_reader_waits_when_all_connections_are_lent(database: Database) -> None:
    async with database.lend() as one, database.lend() as two:
        pids = {*(await one(PID, [])), *(await two(PID, []))}
        third = asyncio.create_task(database.execute(PID, []))
        await asyncio.sleep(0.05)
        assert len(pids) == 2
        assert not third.done()
    assert set(await third) < pids


async def test_a_reader_that_gives_up_waiting_takes_no_turn_away(database: Database) -> None:
    async with database.lend(), database.lend():
        third = asyncio.create_task(database.execute(PID, []))
        await asyncio.sleep(0.02)
        third.cancel()
    async with database.lend(), database.lend() as execute:
        assert await execute(PID, [])


async def test_a_cancelled_reader_leaves_a_usable_connection(database: Database) -> None:
    reader = asyncio.create_task(database.execute(b"SELECT pg_sleep(5)", []))
    await asyncio.sleep(0.1)
    reader.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reader
    assert await asyncio.wait_for(database.execute(b"SELECT 1", []), 1) == [(1,)]


async def test_a_connection_in_a_transaction_is_not_lent_again(database: Database) -> None:
    async with database.lend() as execute:
        opened = await execute(PID, [])
        with pytest.raises(psycopg.ProgrammingError, match=r"no results|didn't produce"):
            await execute(b"BEGIN", [])
    assert await database.execute(PID, []) != opened


async def test_a_failed_statement_costs_nobody_else_a_connection(database: Database) -> None:
    before = await database.execute(PID, [])
    with pytest.raises(psycopg.errors.DivisionByZero):
        await database.execute(b"SELECT 1 / $1::int8", [0])
    assert await database.execute(PID, []) == before


async def test_readers_do_not_notice_that_the_server_cut_their_connections(
    database: Database, database_url: str
) -> None:
    async with database.lend() as one, database.lend() as two:
        pids = [(await one(PID, []))[0][0], (await two(PID, []))[0][0]]
    with psycopg.connect(database_url) as other:
        other.execute("SELECT pg_terminate_backend(pid, 2000) FROM unnest(%s::int[]) AS pid", [pids])
    async with database.lend() as one, database.lend() as two:
        assert await one(b"SELECT 1", []) == await two(b"SELECT 1", []) == [(1,)]


async def test_a_statement_that_runs_too_long_is_ended(database_url: str) -> None:
    hasty = Database(database_url, statement_timeout_ms=50)
    try:
        with pytest.raises(psycopg.errors.QueryCanceled):
            await hasty.execute(b"SELECT pg_sleep(5)", [])
        async with hasty.engine.connect() as connection:
            assert await connection.scalar(text("SHOW statement_timeout")) == "50ms"
            assert await connection.scalar(text("SHOW TimeZone")) == "UTC"
    finally:
        await hasty.close()


async def test_options_of_the_url_win(database_url: str) -> None:
    own = Database(f"{database_url}&options=-c%20statement_timeout%3D77ms")
    try:
        assert await own.execute(b"SHOW statement_timeout", []) == [("77ms",)]
        assert await own.execute(b"SHOW TimeZone", []) == [("UTC",)]
    finally:
        await own.close()


async def test_closing_leaves_no_connection_behind(database_url: str) -> None:
    database = Database(database_url)
    async with database.lend() as lent:
        pids = [(await lent(PID, []))[0][0], (await database.execute(PID, []))[0][0]]
        await database.close()
    with psycopg.connect(database_url) as other:
        for _ in range(100):
            left = other.execute("SELECT count(*) FROM pg_stat_activity WHERE pid = ANY(%s)", [pids]).fetchone()
            if left == (0,):
                break
            await asyncio.sleep(0.02)
    assert left == (0,)


async def test_readiness_tells_a_migrated_database_from_an_empty_one(
    database_url: str, empty_database_url: str
) -> None:
    migrated, empty = Database(database_url), Database(empty_database_url)
    try:
        assert await migrated.migrated()
        assert not await empty.migrated()
    finally:
        await migrated.close()
        await empty.close()


async def test_the_error_of_a_statement_shows_none_of_its_values(database: Database, database_url: str) -> None:
    failing, value = text("SELECT 1 / 0 WHERE :mobile <> ''"), {"mobile": "13800138000"}
    with pytest.raises(DataError) as of_an_act:
        async with database.engine.connect() as connection:
            await connection.execute(failing, value)
    with pytest.raises(DataError) as of_upkeep, plain_engine(database_url).connect() as plain:
        plain.execute(failing, value)
    for told in (of_an_act, of_upkeep):
        assert "division by zero" in str(told.value)
        assert "13800138000" not in str(told.value)


@pytest.mark.parametrize(("prepare", "prepared"), [(True, 1), (False, 0)])
async def test_acts_prepare_what_they_repeat_unless_a_pooler_forbids_it(
    database_url: str, prepare: bool, prepared: int
) -> None:
    database = Database(database_url, prepare_acts=prepare)
    try:
        async with database.engine.connect() as connection:
            for _ in range(3):
                await connection.execute(text("SELECT 7"))
            names = await connection.execute(
                text("SELECT name FROM pg_prepared_statements WHERE statement = 'SELECT 7'")
            )
            assert len(names.all()) == prepared
    finally:
        await database.close()
