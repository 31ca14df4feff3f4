"""Desks: connections at which acts are done, kept between one act and the next.

Taking a connection from SQLAlchemy's pool and giving it back costs as much as three statements; a desk keeps its
connection out, and beside it a raw cursor of the driver in the same transaction.
"""

import asyncio
from contextlib import suppress
from typing import Any

import psycopg
from psycopg.pq import Format, TransactionStatus
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

Cursor = psycopg.AsyncRawCursor[tuple[Any, ...]]


class Desk:
    """One connection, seen by SQLAlchemy and by the driver. Its parameters are `$1`, `$2`, …; values come in binary."""

    def __init__(self, connection: AsyncConnection, driver: psycopg.AsyncConnection[Any]) -> None:
        self.connection, self.driver = connection, driver
        self.cursor = psycopg.AsyncRawCursor(driver)
        self.cursor.format = Format.BINARY

    @classmethod
    async def at(cls, engine: AsyncEngine) -> "Desk":
        """A desk with a connection of its own."""
        connection = await engine.connect()
        return cls(connection, (await connection.get_raw_connection()).driver_connection)  # type: ignore[arg-type]

    async def commit(self) -> None:
        """Commits, whoever of the two has begun the transaction."""
        if self.connection.in_transaction():
            await self.connection.commit()
        else:
            await self.driver.commit()

    async def rollback(self) -> None:
        """Undoes what was not committed. Raises psycopg.Error, DBAPIError where that is not possible."""
        if self.connection.in_transaction():
            await self.connection.rollback()
        await self.driver.rollback()

    @property
    def is_clear(self) -> bool:
        """Whether nothing of an act is left on it: open, and in no transaction."""
        idle = not self.driver.closed and self.driver.pgconn.transaction_status == TransactionStatus.IDLE
        return idle and not self.connection.in_transaction()

    async def close(self) -> None:
        """Gives the connection up, whatever stands on it."""
        await self.connection.invalidate()
        await self.connection.close()

    def abandon(self) -> None:
        """The same at once, where nobody can wait: its locks go with it."""
        self.driver.pgconn.finish()
        if self.connection.sync_connection is not None:
            self.connection.sync_connection.invalidate()


class Desks:
    """At most `limit` desks; when all are taken, the next act waits. Belongs to one event loop."""

    def __init__(self, engine: AsyncEngine, limit: int) -> None:
        self._engine = engine
        self._turns = asyncio.Semaphore(limit)
        self._free: list[Desk] = []

    async def take(self) -> Desk:
        """A desk for one transaction, to be given back."""
        await self._turns.acquire()
        try:
            return self._free.pop() if self._free else await Desk.at(self._engine)
        except BaseException:
            self._turns.release()
            raise

    async def give_back(self, desk: Desk) -> None:
        """Lets the next one sit down. What was not committed is rolled back."""
        try:
            await self._clear(desk)
        except BaseException:
            desk.abandon()
            raise
        finally:
            self._turns.release()

    async def close(self) -> None:
        """Closes what is not taken now."""
        while self._free:
            await self._free.pop().close()

    async def _clear(self, desk: Desk) -> None:
        if desk.driver.closed:
            await self.close()  # by the server: the free ones went the same way
        if not desk.is_clear:
            # A cancelled exchange may have left it in the middle of something, where nothing can be rolled back.
            with suppress(psycopg.Error, DBAPIError):
                await desk.rollback()
        if desk.is_clear:
            self._free.append(desk)
        else:
            await desk.close()
