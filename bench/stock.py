"""The stock server: the same answers written as the Strawberry documentation teaches.

ORM objects from resolvers, DataLoaders made for each request, permission classes on fields, the library's own view with
its parser and validation caches. Mapped classes, enums and inputs are ours; how rows are read and fields resolved is
the library's way. Only what the five questions ask for is here, as a rep, agent or manager sees it. Verified tokens are
remembered as ours are, so that the comparison is about reading.
"""

from functools import partial
from hashlib import blake2b

import psycopg
import strawberry
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.extensions import ParserCache, ValidationCache

from auth.entering.tokens import TokenVerifier
from auth.sealing.cursors import CursorSealer
from auth.sealing.seals import unseal_one
from bench.stock_acting import Mutation
from bench.stock_loading import Context, context
from bench.stock_schema import Query
from domain import tables
from domain.identity import read_public_id
from server.installation import keys
from server.settings import Settings


class View(GraphQL[Context, None]):
    def __init__(self, settings: Settings) -> None:
        assert settings.database_url, "the database that all servers share"
        url, (ring, _) = settings.database_url.get_secret_value(), keys(settings)
        self.engine = create_async_engine(
            "postgresql+psycopg://",
            async_creator=partial(psycopg.AsyncConnection.connect, url, options="-c TimeZone=UTC"),
            pool_size=20,
        )
        self.sessions = async_sessionmaker(self.engine, expire_on_commit=False)
        self.unseal, self.cursors = unseal_one(ring), CursorSealer(ring.cursor)
        self.verifier = TokenVerifier(ring, settings.issuer, settings.audience)
        self.known: dict[bytes, tables.StaffMember] = {}
        schema = strawberry.Schema(query=Query, mutation=Mutation, extensions=[ParserCache, ValidationCache])
        super().__init__(schema, graphql_ide=None)

    async def get_context(self, request: Request | WebSocket, response: Response | WebSocket) -> Context:
        viewer = await self.viewer(request.headers["authorization"].removeprefix("Bearer "))
        return context(viewer, self.sessions, self.unseal, self.cursors)

    async def viewer(self, token: str) -> tables.StaffMember:
        digest = blake2b(token.encode(), digest_size=16).digest()
        if digest not in self.known:
            subject = read_public_id(self.verifier.verify(token).subject)
            assert subject
            async with self.sessions() as session:
                self.known[digest] = await session.get_one(tables.StaffMember, subject[1])
        return self.known[digest]


def app() -> ASGIApp:
    """For `uvicorn --factory bench.stock:app`; the settings come from the environment, as ours do."""
    return View(Settings())  # type: ignore[call-arg]  # read from the environment
