"""The product's way to an answer, as the endpoint drives it, with every statement noted down."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import orjson

from auth.sealing.cursors import CursorSealer
from auth.sealing.keys import KeyRing
from auth.sealing.seals import Digests, unseal_one
from auth.viewer import Viewer
from resolvers.reading.plan import Planner
from resolvers.reading.statement import Execute, Tools
from resolvers.roots import SPECIAL
from schema.answering.asked import Asked, Reply
from schema.answering.execution import Execution
from schema.build import build
from server.postgres.database import Database

AS_SENT = orjson.OPT_NAIVE_UTC | orjson.OPT_UTC_Z
SCHEMA = build()


def as_sent(reply: object) -> bytes:
    """The bytes of a reply."""
    return orjson.dumps(reply, option=AS_SENT)


class Reader:
    """Answers operations; `statements` are the texts run for the last one."""

    def __init__(self, database: Database, ring: KeyRing) -> None:
        self.database, self.ring = database, ring
        self.cursors = CursorSealer(ring.cursor)
        self.statements: list[str] = []
        self.renew()

    def renew(self) -> None:
        """Forgets every plan."""
        tools = Tools(unseal_one(self.ring), Digests(self.ring), self.cursors)
        self.planner = Planner(tools, SPECIAL)
        self.execution = Execution(SCHEMA, self.planner, self.lend)

    async def ask(self, viewer: Viewer | None, query: str, variables: dict[str, Any] | None = None) -> Reply:
        """The reply to one operation."""
        self.statements = []
        return await self.execution.answer(Asked(query, None, variables or {}), viewer)

    @asynccontextmanager
    async def lend(self) -> AsyncIterator[Execute]:
        """The database's own loan, which notes what is run."""
        async with self.database.lend() as execute:

            async def noted(statement: bytes, parameters: Sequence[object]) -> Any:
                self.statements.append(statement.decode())
                return await execute(statement, parameters)

            yield noted
