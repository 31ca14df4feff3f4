"""The database crashes, cuts connections, or keeps acts waiting: clients are told, nothing is half done, and the server
goes on by itself.
"""

import asyncio
import dataclasses
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from random import Random
from typing import Any

import httpx2
import psycopg
import pytest

from auth.allowance import Allowance
from server.composition import application
from server.http.app import create_app
from server.installation import Installation
from server.postgres.database import Database
from server.postgres.embedded import EmbeddedPostgres
from server.postgres.migrating import migrate
from server.settings import Settings
from tests.api.house import Api, a_customer, build_house, digests_of
from tests.api.site import Site
from tests.faults.crowd import Crowd, checked

CLIENTS = 6
TALK = {"channel": "PHONE", "direction": "INBOUND", "occurredAt": "2026-01-01T00:00:00Z", "summary": "问价格"}
OTHERS = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"


@pytest.fixture
def crashing() -> Iterator[EmbeddedPostgres]:
    """A server of its own, which may be crashed."""
    folder = Path(tempfile.mkdtemp(prefix="zhike-faults-"))
    folder.chmod(0o711)
    with EmbeddedPostgres(folder, throwaway=True) as server:
        yield server
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
async def crashing_api(crashing: EmbeddedPostgres, ring) -> AsyncIterator[Api]:
    # What was acknowledged must be in the log, as it is in every server that is not thrown away.
    url = f"{crashing.url()}&options=-c%20synchronous_commit%3Don"
    migrate(url)
    database = Database(url)
    yield Api(database, ring, await build_house(database.desks, ring), url, Allowance())
    await database.close()


async def site_of(api: Api) -> AsyncIterator[Site]:
    app = application(Installation(Settings(), api.url, api.ring, None))
    async with app.router.lifespan_context(app):
        site = Site(app, api)
        async with site.http:
            yield site


@pytest.fixture
async def site(api: Api) -> AsyncIterator[Site]:
    async for site in site_of(api):
        yield site


@pytest.fixture
async def crashing_site(crashing_api: Api) -> AsyncIterator[Site]:
    async for site in site_of(crashing_api):
        yield site


async def crowd_of(site: Site, api: Api, monkeypatch: pytest.MonkeyPatch) -> tuple[Crowd, list[asyncio.Future[None]]]:
    """Clients of this very process, each acting at once."""
    customers = [a_customer(api.house.staff["rep"], {"name": "王小明"}) for _ in range(5)]
    await api.write(*customers)
    inside = httpx2.ASGITransport(app=site.app)
    outside = httpx2.AsyncClient
    monkeypatch.setattr(httpx2, "AsyncClient", lambda **options: outside(transport=inside, **options))
    crowd = Crowd(api, "http://zhike/graphql", site.tokens, [api.house.id_of(one) for one in customers])
    return crowd, [asyncio.ensure_future(crowd.act(number)) for number in range(CLIENTS)]


async def answered(crowd: Crowd, more: int) -> None:
    until = crowd.answered + more
    async with asyncio.timeout(60):
        while crowd.answered < until:  # noqa: ASYNC110 - clients count, and tell nobody
            await asyncio.sleep(0.01)


async def closed(crowd: Crowd, clients: list[Any]) -> None:
    crowd.closing.set()
    await asyncio.wait_for(asyncio.gather(*clients), 60)


async def test_a_crashed_database_is_told_and_the_server_goes_on_by_itself_when_it_is_back(
    crashing_site: Site, crashing_api: Api, crashing: EmbeddedPostgres, monkeypatch
):
    crowd, clients = await crowd_of(crashing_site, crashing_api, monkeypatch)
    for _ in range(2):
        await answered(crowd, 20)
        await asyncio.to_thread(crashing._control, "stop", "-m", "immediate")
        ready = await crashing_site.http.get("/readyz")
        refused = await crashing_site.post("manager", "{ tickets(first: 1) { nodes { id } } }")
        assert (ready.status_code, refused.status_code) == (503, 500)
        assert "id" in refused.json()["errors"][0]["extensions"]
        assert "socket" not in refused.text
        await asyncio.to_thread(crashing._make_server_answer)
    await answered(crowd, 20)
    assert (await crashing_site.http.get("/readyz")).status_code == 200
    await closed(crowd, clients)
    assert crowd.asked_again > 0
    checked(crowd)


async def test_connections_that_are_cut_in_the_middle_of_acts_leave_nothing_half_done(
    site: Site, api: Api, monkeypatch
):
    crowd, clients = await crowd_of(site, api, monkeypatch)
    chance = Random(7)
    await answered(crowd, 5)
    with psycopg.connect(api.url, autocommit=True) as other:
        for _ in range(25):
            busy = "AND state <> 'idle'" if chance.random() < 0.8 else ""
            other.execute(f"SELECT pg_terminate_backend(pid) {OTHERS} {busy}")
            await asyncio.sleep(chance.random() / 8)
    await answered(crowd, 10)
    await closed(crowd, clients)
    assert crowd.asked_again > 0
    checked(crowd)


async def test_an_act_that_waits_too_long_is_given_up_whole_and_its_key_is_free(site: Site, api: Api):
    given = TALK | {"customerId": api.house.customer("own")}
    # Whoever asks is known now, and the plans are made.
    assert (await site.act("rep", "logInteraction", "first", **given))["userErrors"] == []
    hasty = dataclasses.replace(site.endpoint, seconds=0.4)
    patient, site.http = (
        site.http,
        httpx2.AsyncClient(
            transport=httpx2.ASGITransport(app=create_app(hasty, lambda: asyncio.sleep(0, True))),
            base_url="http://zhike",
        ),
    )
    with psycopg.connect(api.url) as holder:
        holder.execute("SELECT FROM customer FOR UPDATE")
        assert (
            await asyncio.gather(*(site.act("rep", "logInteraction", f"key-{n}", **given) for n in range(8)))
            == ["TIMEOUT"] * 8
        )
        (first,) = digests_of(api.ring, "first", "logInteraction")
        assert api.rows("SELECT digest FROM idempotency_record") == [(first,)]
    await site.http.aclose()
    site.http = patient
    for number in range(8):
        assert (await site.act("rep", "logInteraction", f"key-{number}", **given))["userErrors"] == []
    assert api.rows("SELECT count(*) FROM interaction WHERE created_at > now() - interval '1h'") == [(9,)]
    assert api.rows(f"SELECT count(*) {OTHERS} AND state LIKE 'idle in transaction%%'") == [(0,)]
