"""Acts that wait for each other keep nobody else from being answered."""

import asyncio

import psycopg

from server.composition import application
from server.installation import Installation
from server.postgres.database import WRITING_CONNECTIONS
from server.settings import Settings
from tests.api.house import Api
from tests.api.site import Site, until
from tests.api.test_races import WAITING


async def test_who_comes_while_every_act_waits_for_one_row_is_let_in_and_reads(api: Api, ring) -> None:
    customer = api.house.customers["own"]
    app = application(Installation(Settings(), api.url, ring, None))
    async with app.router.lifespan_context(app):
        site = Site(app, api)
        async with site.http:
            with psycopg.connect(api.url) as holding:
                holding.execute("SELECT FROM customer WHERE id = %s FOR UPDATE", [customer.id])
                given = {"customerId": api.house.id_of(customer), "expectedVersion": 1, "region": "华南"}
                waiting = [
                    asyncio.create_task(site.act("rep", "editCustomer", **given))
                    for _ in range(WRITING_CONNECTIONS + 5)
                ]
                await until(lambda: api.rows(WAITING) == [(WRITING_CONNECTIONS,)])
                answered = await asyncio.wait_for(site.post("manager", "{ viewer { role } }"), 5)
            await asyncio.gather(*waiting)
    assert answered.json() == {"data": {"viewer": {"role": "MANAGER"}}}
