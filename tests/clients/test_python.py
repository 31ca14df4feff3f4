"""Python's gql, set up as docs/clients.md says."""

import asyncio
import re
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from importlib.metadata import requires
from pathlib import Path
from typing import Any

import pytest
from gql import GraphQLRequest

from server.demo.passwords import DEMO_PASSWORD
from tests.clients.conftest import LOGIN
from tests.clients.setup.python_gql import Session, client_of, follow

CHECKOUT = Path(__file__).parents[2]
PAGE = """query Page($first: Int, $after: String) {
  viewer { id role staffMember { id } }
  customers(first: $first, after: $after) { nodes { id owner { id } } pageInfo { endCursor } } }"""
LOG = """mutation ($input: LogInteractionInput!) {
  logInteraction(input: $input) { interaction { customer { id } summary { display } } userErrors { code } } }"""
OPEN = "mutation ($input: OpenTicketInput!) { openTicket(input: $input) { ticket { id } userErrors { code } } }"
CHANGED = "subscription ($after: String) { ticketChanged(after: $after) { kind id cursor } }"


@pytest.fixture
async def session(demo) -> Session:
    made = Session(demo.told["url"])
    await made.sign_in(LOGIN, DEMO_PASSWORD)
    return made


async def ask(session: Session, query: str, **variables: Any) -> Any:
    async with client_of(session) as client:
        return await client.execute(GraphQLRequest(query, variable_values=variables))


async def open_ticket(session: Session, customer_id: str, subject: str) -> str:
    given = {"customerId": customer_id, "kind": "COMPLAINT", "priority": "HIGH", "subject": subject}
    payload = (await ask(session, OPEN, input={**given, "description": "到货破损"}))["openTicket"]
    assert payload["userErrors"] == []
    return payload["ticket"]["id"]


def test_the_page_installs_what_its_code_imports() -> None:
    extra = re.search(r'pip install "gql\[(\w+)\]"', (CHECKOUT / "docs/clients.md").read_text())
    assert extra is not None
    installed = {re.split(r"[^\w-]", one)[0] for one in requires("gql") or () if f'extra == "{extra[1]}"' in one} | {
        "gql"
    }
    code = (CHECKOUT / "tests/clients/setup/python_gql.py").read_text()
    imported = set(re.findall(r"^(?:import|from) (\w+)", code, re.MULTILINE)) - sys.stdlib_module_names
    assert imported <= installed


async def test_gql_reads_pages_and_acts(session: Session):
    first = await ask(session, PAGE, first=2)
    second = await ask(session, PAGE, first=2, after=first["customers"]["pageInfo"]["endCursor"])
    nodes = first["customers"]["nodes"] + second["customers"]["nodes"]
    assert len({node["id"] for node in nodes}) == 4
    assert {node["owner"]["id"] for node in nodes} == {first["viewer"]["staffMember"]["id"]}
    given = {"customerId": nodes[0]["id"], "channel": "PHONE", "direction": "OUTBOUND", "summary": "周五回电"}
    occurred_at = (datetime.now(UTC) - timedelta(minutes=1)).isoformat()
    logged = (await ask(session, LOG, input={**given, "occurredAt": occurred_at}))["logInteraction"]
    assert logged["userErrors"] == []
    assert logged["interaction"] == {"customer": {"id": nodes[0]["id"]}, "summary": {"display": "周五回电"}}


async def test_a_stream_goes_on_after_its_token_ended(session: Session, short_token):
    customer_id = (await ask(session, PAGE, first=1))["customers"]["nodes"][0]["id"]
    other = Session(session.url)
    await other.sign_in(LOGIN, DEMO_PASSWORD)
    session.access_token, session.replace_at = short_token()
    ends = session.replace_at
    seen: list[dict[str, Any]] = []
    following = asyncio.ensure_future(collect(follow(session, CHANGED, {}), seen))
    opened = []
    while not seen:  # a stream tells of what happens after it began, and when that is nobody is told
        opened.append(await open_ticket(other, customer_id, "第一张"))
        await asyncio.sleep(0.5)
    await until(lambda: datetime.now(UTC) > ends + timedelta(milliseconds=300))
    opened.append(await open_ticket(other, customer_id, "第二张"))
    await until(lambda: opened[-1] in [one["id"] for one in seen])
    await asyncio.sleep(0.5)
    following.cancel()
    assert session.replace_at > ends
    assert [(one["kind"], one["id"]) for one in seen] == [
        ("CREATED", id_) for id_ in opened[opened.index(seen[0]["id"]) :]
    ]


async def collect(changes: AsyncIterator[dict[str, Any]], seen: list[dict[str, Any]]) -> None:
    async for data in changes:
        seen.append(data["ticketChanged"])  # noqa: PERF401 - others look at it meanwhile


async def until(holds: Any) -> None:
    async with asyncio.timeout(30):
        while not holds():  # noqa: ASYNC110 - what is waited for is on the other side of a socket
            await asyncio.sleep(0.05)
