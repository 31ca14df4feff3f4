"""The servers that are compared give the same answers, on the demo's own customers."""

import httpx2
import psycopg
import pytest

from auth.sealing.keys import KeyRing, Suite
from bench.floor import Floor
from bench.ground import token
from bench.questions import LOG, PAGE, QUESTIONS, variables
from bench.same import Differs, check
from bench.stock import View
from server.composition import application
from server.demo.seeding import seed
from server.installation import Installation
from server.settings import Settings


@pytest.fixture
async def ask(own_database_url):
    """Puts one question to all three; gives the bodies by server."""
    ring = KeyRing.generate(Suite.INTL)
    seed(own_database_url, ring)
    settings = Settings(database_url=own_database_url, keys=ring.dump())
    installation = Installation(settings, own_database_url, ring, None)
    floor, stock, ours = Floor(settings), View(settings), application(installation)
    servers = {"floor": floor, "ours": ours, "stock": stock}
    headers = {"Authorization": f"Bearer {token(own_database_url, ring)}", "Content-Type": "application/json"}

    async def asking(query, given):
        return {name: await post(app, {"query": query, "variables": given}) for name, app in servers.items()}

    async def post(app, body):
        transport = httpx2.ASGITransport(app=app)
        async with httpx2.AsyncClient(transport=transport, base_url="http://bench", headers=headers) as client:
            return (await client.post("/graphql", json=body)).content

    async with ours.router.lifespan_context(ours):
        yield asking
    await floor.close()
    await stock.engine.dispose()


async def test_floor_and_ours_are_equal_byte_for_byte_and_stock_in_content(ask):
    page = httpx2.Response(200, content=(await ask(PAGE, {}))["floor"]).json()
    ids = [node["id"] for node in page["data"]["customers"]["nodes"]]
    assert len(ids) > 5
    for name, query in QUESTIONS.items():
        for given in variables(query, ids[:5]):
            answers = await ask(query, given)
            assert b'"errors"' not in answers["ours"], answers["ours"]
            check(name, answers)


async def test_an_act_leaves_the_same_rows_whoever_runs_it(ask, own_database_url):
    page = httpx2.Response(200, content=(await ask(PAGE, {}))["floor"]).json()
    (given,) = variables(LOG, [page["data"]["customers"]["nodes"][0]["id"]])
    with psycopg.connect(own_database_url, autocommit=True) as database:
        before = {table: {row["id"] for row in rows(database, table)} for table in LEFT}
        await ask(LOG, given)
        for table, of_its_own in LEFT.items():
            left = [row for row in rows(database, table) if row["id"] not in before[table]]
            assert len(left) == 3, table
            assert all({**row, **of_its_own} == {**left[0], **of_its_own} for row in left), table
        touched = database.execute("SELECT count(*) FROM customer WHERE last_interaction_at = %s", [occurred(given)])
        assert touched.fetchone() == (1,)


LEFT = {
    "interaction": dict.fromkeys(("id", "created_at")),
    "event": dict.fromkeys(("id", "at", "interaction_id", "xact")),
    "audit": dict.fromkeys(("id", "at", "subject_id")),
}
"""What each server writes, and what of it is each one's own."""


def rows(database, table):
    return database.cursor(row_factory=psycopg.rows.dict_row).execute(f"SELECT * FROM {table}").fetchall()


def occurred(given):
    return given["input"]["occurredAt"]


def test_a_difference_stops_the_measure():
    same = b'{"data":{"at":"2026-01-01T00:00:00Z"}}'
    check("q", {"floor": same, "ours": same, "stock": same.replace(b"Z", b"+00:00")})
    with pytest.raises(Differs, match="floor"):
        check("q", {"floor": b'{"data":{}}', "ours": same, "stock": same})
    with pytest.raises(Differs, match="stock"):
        check("q", {"floor": same, "ours": same, "stock": b'{"data":{}}'})
