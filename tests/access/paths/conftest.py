"""One town per worker in a database of its own, which no other test's sweep reaches; and the product's way to ask."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any

import orjson
import pytest

from auth.keys import KeyRing
from auth.sealing import CursorSigner, Digests, unseal_one
from resolvers.reading.plan import Planner
from resolvers.reading.statement import Tools
from resolvers.roots import SPECIAL
from schema.asked import Asked
from schema.build import build
from schema.execution import Execution
from server.database import Database
from server.replies import JSON, replied
from tests.access.paths.town import Town, build_town
from tests.conftest import _cloned


@dataclass
class Asking:
    """`await ask("rep", "{ customers { totalCount } }", id="…")`: the JSON that a client would read."""

    town: Town
    execution: Execution

    async def bytes(self, viewer: str, query: str, **variables: Any) -> bytes:
        reply = await self.execution.answer(Asked(query, None, variables), self.town.viewers[viewer])
        return replied(reply, JSON).body

    async def __call__(self, viewer: str, query: str, **variables: Any) -> dict[str, Any]:
        answer: dict[str, Any] = orjson.loads(await self.bytes(viewer, query, **variables))
        return answer


@pytest.fixture(scope="session")
def town_url(server_url: str, template: str) -> Iterator[str]:
    with _cloned(server_url, template) as url:
        yield url


@pytest.fixture(scope="session")
async def town_database(town_url: str) -> AsyncIterator[Database]:
    database = Database(town_url)
    yield database
    await database.close()


@pytest.fixture(scope="session")
async def town(town_database: Database, ring: KeyRing) -> Town:
    return await build_town(town_database.engine, ring)


@pytest.fixture
def fresh(town: Town, town_database: Database, ring: KeyRing) -> Asking:
    """A process that nobody has asked anything."""
    tools = Tools(unseal_one(ring), Digests(ring), CursorSigner(ring.cursor))
    return Asking(town, Execution(build(), Planner(tools, SPECIAL), town_database.lend))


@pytest.fixture(scope="session")
def ask(town: Town, town_database: Database, ring: KeyRing) -> Asking:
    """A process that keeps its plans, so that viewers meet each other's."""
    tools = Tools(unseal_one(ring), Digests(ring), CursorSigner(ring.cursor))
    return Asking(town, Execution(build(), Planner(tools, SPECIAL), town_database.lend))
