"""One town per worker in a database of its own, which no other test's sweep reaches; and the product's way to ask."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import orjson
import psycopg
import pytest
from starlette.types import Message

from auth.sealing.cursors import CursorSealer
from auth.sealing.keys import KeyRing
from auth.sealing.seals import Digests, unseal_one
from auth.viewer import Viewer
from resolvers.reading.plan import Planner
from resolvers.reading.statement import Tools
from resolvers.roots import SPECIAL
from schema.answering.asked import Asked
from schema.answering.execution import Execution
from schema.build import build
from server.http.app import create_app
from server.http.endpoint import GraphQLEndpoint
from server.http.replies import JSON, replied
from server.postgres.database import Database
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


@dataclass
class Answer:
    """An HTTP response."""

    status: int = 0
    text: str = ""

    @property
    def json(self) -> Any:
        return orjson.loads(self.text)


@dataclass
class Post:
    """`await post("rep", {"query": …})`: over HTTP, with a token that stands for the viewer."""

    town: Town
    answer: Callable[[Asked, Viewer | None], Awaitable[Any]]

    async def __call__(self, viewer: str, body: Any) -> Answer:
        app = create_app(GraphQLEndpoint(self._verified, self.answer), _ready)
        sent, got = orjson.dumps(body), Answer()
        headers = [(b"content-type", b"application/json"), (b"authorization", f"Bearer {viewer}".encode())]

        async def receive() -> Message:
            return {"type": "http.request", "body": sent, "more_body": False}

        async def send(message: Message) -> None:
            got.status = message.get("status", got.status)
            got.text += message.get("body", b"").decode()

        await app({"type": "http", "method": "POST", "path": "/graphql", "headers": headers}, receive, send)
        return got

    async def _verified(self, token: str) -> Viewer:
        return self.town.viewers[token]


async def _ready() -> bool:
    return True


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
    return await build_town(town_database, ring)


@pytest.fixture(scope="session")
def tools(ring: KeyRing) -> Tools:
    return Tools(unseal_one(ring), Digests(ring), CursorSealer(ring.cursor))


@pytest.fixture
def fresh(town: Town, town_database: Database, tools: Tools) -> Asking:
    """A process that nobody has asked anything."""
    return Asking(town, Execution(build(), Planner(tools, SPECIAL), town_database.lend))


@pytest.fixture(scope="session")
def ask(town: Town, town_database: Database, tools: Tools) -> Asking:
    """A process that keeps its plans, so that viewers meet each other's."""
    return Asking(town, Execution(build(), Planner(tools, SPECIAL), town_database.lend))


@pytest.fixture(scope="session")
def post(town: Town, ask: Asking) -> Post:
    return Post(town, ask.execution.answer)


@pytest.fixture
def broken(town: Town, tools: Tools) -> Post:
    """A process whose database answers nothing but an error that quotes a value."""

    @asynccontextmanager
    async def lend() -> AsyncIterator[Any]:
        async def run(statement: bytes, parameters: Any) -> Any:
            raise psycopg.errors.UniqueViolation("Key (mobile)=(13912340987) already exists.")

        yield run

    return Post(town, Execution(build(), Planner(tools, SPECIAL), lend).answer)
