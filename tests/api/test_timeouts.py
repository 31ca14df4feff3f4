"""What waits too long for the database is TIMEOUT, 503: a query, an act, and whoever finds out who asks."""

import psycopg
import pytest

from server.composition import application
from server.installation import Installation
from server.settings import Settings
from tests.api.house import Api
from tests.api.site import Site

ACCEPTS = ["application/json", "application/graphql-response+json"]


@pytest.fixture
async def site(api: Api, database_url, ring):
    app = application(Installation(Settings(statement_timeout_ms=300), database_url, ring, None))
    async with app.router.lifespan_context(app):
        site = Site(app, api)
        async with site.http:
            yield site


async def refused(site: Site, query: str, accept: str, **variables):
    headers = {"authorization": f"Bearer {site.tokens['rep']}", "accept": accept}
    response = await site.http.post("/graphql", json={"query": query, "variables": variables}, headers=headers)
    return response.status_code, [error["extensions"]["code"] for error in response.json()["errors"]]


@pytest.mark.parametrize("accept", ACCEPTS)
async def test_a_query_that_waits_for_a_lock(site: Site, api: Api, accept: str) -> None:
    await site.post("rep", "{ viewer { role } }")
    with psycopg.connect(api.url) as holder:
        holder.execute("LOCK TABLE customer IN ACCESS EXCLUSIVE MODE")
        assert await refused(site, "{ customers { totalCount } }", accept) == (503, ["TIMEOUT"])
    assert (await site.post("rep", "{ customers { totalCount } }")).status_code == 200


@pytest.mark.parametrize("accept", ACCEPTS)
@pytest.mark.parametrize("lock", ["LOCK TABLE customer IN ACCESS EXCLUSIVE MODE", "SELECT FROM customer FOR UPDATE"])
async def test_an_act_that_waits_for_a_lock(site: Site, api: Api, accept: str, lock: str) -> None:
    given = {"customerId": api.house.customer("own"), "expectedVersion": 1, "region": "华南"}
    query = "mutation($input: EditCustomerInput!) { editCustomer(input: $input) { userErrors { code } } }"
    await site.post("rep", "{ viewer { role } }")
    with psycopg.connect(api.url) as holder:
        holder.execute(lock)
        assert await refused(site, query, accept, input=given) == (503, ["TIMEOUT"])
    assert (await site.act("rep", "editCustomer", **given))["userErrors"] == []


async def test_who_cannot_be_looked_up(site: Site, api: Api) -> None:
    with psycopg.connect(api.url) as holder:
        holder.execute("LOCK TABLE staff_member IN ACCESS EXCLUSIVE MODE")
        assert await refused(site, "{ viewer { role } }", ACCEPTS[0]) == (503, ["TIMEOUT"])
