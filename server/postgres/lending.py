"""Raw connections for reading plans, lent from a short list of our own: about a microsecond, where a pool takes thirty.

Plans run on connections of their own, in autocommit: a ROLLBACK makes psycopg forget every statement that it has
prepared on the connection. Parameters are `$1`, `$2`, …; results come in binary form, times as naive UTC.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import psycopg
from psycopg.pq import TransactionStatus
from psycopg.types.datetime import TimestampBinaryLoader
from psycopg.types.numeric import Int8BinaryDumper, Int8Dumper

Rows = list[tuple[Any, ...]]
Execute = Callable[[bytes, Sequence[object]], Awaitable[Rows]]
Cursor = psycopg.AsyncRawCursor[tuple[Any, ...]]

PREPARED = 1000  # statements per connection; psycopg's default of 100 is less than a busy server's plans


class Lender:
    """At most `limit` connections; when all are lent, the next reader waits. Belongs to one event loop.

    A connection is taken back only idle and open; others are replaced. When the server went away since the last use,
    the statement is sent once more on a new connection: it only reads.
    """

    def __init__(self, conninfo: str, limit: int) -> None:
        self._conninfo = conninfo
        self._turns = asyncio.Semaphore(limit)
        self._free: list[Cursor] = []
        self._closed = False

    async def take(self) -> Cursor:
        await self._turns.acquire()
        try:
            return self._free.pop() if self._free else await self._new()
        except BaseException:
            self._turns.release()
            raise

    async def replace(self, broken: Cursor) -> Cursor:
        """A new connection for one that the server closed; those that wait in the list went the same way."""
        await broken.connection.close()
        await self._close_free()
        return await self._new()

    async def give_back(self, cursor: Cursor) -> None:
        connection = cursor.connection
        # A cancelled exchange may leave the connection in the middle of something.
        idle = not connection.closed and connection.pgconn.transaction_status == TransactionStatus.IDLE
        if idle and not self._closed:
            self._free.append(cursor)
            self._turns.release()
            return
        self._turns.release()
        await connection.close()

    async def close(self) -> None:
        """Close what is not lent now; what is lent is closed when it comes back."""
        self._closed = True
        await self._close_free()

    async def _new(self) -> Cursor:
        connection = await psycopg.AsyncConnection.connect(self._conninfo, autocommit=True)
        connection.prepared_max = PREPARED
        cursor = psycopg.AsyncRawCursor(connection)
        cursor.format = psycopg.pq.Format.BINARY
        # One type for every int, whatever its size: else 7 and 70000 are two prepared statements of one text.
        cursor.adapters.register_dumper(int, Int8Dumper)
        cursor.adapters.register_dumper(int, Int8BinaryDumper)
        # The wire format of timestamptz is UTC already, and this loader is written in C.
        cursor.adapters.register_loader("timestamptz", TimestampBinaryLoader)
        return cursor

    async def _close_free(self) -> None:
        while self._free:
            await self._free.pop().connection.close()


class Loan:
    """`async with Loan(lender) as execute:` - all statements of one request on one connection. Entered once."""

    __slots__ = ("_cursor", "_lender")

    def __init__(self, lender: Lender) -> None:
        self._lender = lender

    async def __aenter__(self) -> Execute:
        self._cursor = await self._lender.take()
        return self._execute

    async def __aexit__(self, *failure: object) -> None:
        await self._lender.give_back(self._cursor)

    async def _execute(self, statement: bytes, parameters: Sequence[object]) -> Rows:
        try:
            return await _rows(self._cursor, statement, parameters)
        except psycopg.OperationalError:
            if not self._cursor.connection.closed:
                raise
        self._cursor = await self._lender.replace(self._cursor)
        return await _rows(self._cursor, statement, parameters)


async def _rows(cursor: Cursor, statement: bytes, parameters: Sequence[object]) -> Rows:
    await cursor.execute(statement, parameters, prepare=True)
    return await cursor.fetchall()
