"""The application's two ways to the database, desks for acts and lent connections for plans; and an upkeep engine."""

from collections.abc import Sequence
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from sqlalchemy import Engine, NullPool, create_engine
from sqlalchemy.ext.asyncio import create_async_engine

from auth.door.desks import Desks
from server.postgres.lending import Lender, Loan, Rows
from server.postgres.migrations import is_current

WRITING_CONNECTIONS = 15
"""Of one process, at most; further acts wait."""

TOKEN_CONNECTIONS = 4
"""Likewise, for finding out who asks: nothing else uses them, and no look-up waits for a lock."""

SIGN_IN_CONNECTIONS = 4
"""Likewise, for opening and refreshing sessions, which floods of guesses may keep busy."""


class Database:
    """Both ways to the database of one libpq URL. Nothing connects before the first use; belongs to one event loop.

    `reading_connections` bounds the raw connections of this process. `statement_timeout_ms` ends any statement of
    either way that runs longer (psycopg.errors.QueryCanceled). What acts repeat is prepared unless `prepare_acts` is
    off; plans always are.
    """

    def __init__(
        self,
        url: str,
        *,
        reading_connections: int = 8,
        statement_timeout_ms: int = 10_000,
        prepare_acts: bool = True,
    ) -> None:
        common = f"-c TimeZone=UTC -c statement_timeout={statement_timeout_ms}"
        self._writing = _with_options(url, common)
        # What acts send through SQLAlchemy from its second use, rows at once. None forbids both.
        self._prepare_threshold = 1 if prepare_acts else None
        # Without a pool: desks are what is kept.
        self.engine = create_async_engine(
            "postgresql+psycopg://", async_creator=self._connect, poolclass=NullPool, hide_parameters=True
        )
        self.desks = Desks(self.engine, WRITING_CONNECTIONS)
        self.token_checks = Desks(self.engine, TOKEN_CONNECTIONS)
        self.sign_ins = Desks(self.engine, SIGN_IN_CONNECTIONS)
        # A plan's statement is planned once for all values: no request value is worth another plan.
        reading = _with_options(
            url, f"{common} -c plan_cache_mode=force_generic_plan -c default_transaction_read_only=on"
        )
        self._lender = Lender(reading, reading_connections)

    def lend(self) -> Loan:
        """`async with database.lend() as execute: rows = await execute(b"SELECT … $1", [value])`."""
        return Loan(self._lender)

    async def execute(self, statement: bytes, parameters: Sequence[object]) -> Rows:
        """One statement on any reading connection."""
        async with self.lend() as execute:
            return await execute(statement, parameters)

    async def migrated(self) -> bool:
        """Whether the database stands at this program's revision. Raises when there is no database to ask.

        Asked on a connection of its own: that one can be had is part of the answer, and no act is waited for.
        """
        async with self.engine.connect() as connection:
            return await connection.run_sync(is_current)

    async def close(self) -> None:
        await self._lender.close()
        await self.desks.close()
        await self.token_checks.close()
        await self.sign_ins.close()
        await self.engine.dispose()

    async def _connect(self) -> psycopg.AsyncConnection[Any]:
        return await psycopg.AsyncConnection.connect(self._writing, prepare_threshold=self._prepare_threshold)


def plain_engine(url: str) -> Engine:
    """An engine for upkeep outside the application, such as new partitions. It keeps no connection open."""
    return create_engine(
        "postgresql+psycopg://", creator=lambda: psycopg.connect(url), poolclass=NullPool, hide_parameters=True
    )


def _with_options(url: str, options: str) -> str:
    """The URL's own options come last and win."""
    own = conninfo_to_dict(url).get("options")
    return make_conninfo(url, options=f"{options} {own}" if own else options)
