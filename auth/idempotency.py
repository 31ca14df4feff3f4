"""Keeping what was answered under an `Idempotency-Key`: in the act's own transaction, on its own connection.

Two equal requests at once meet at the record's primary key: the second waits there until the first has ended.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from auth.session import ScopedSession
from domain.idempotency import IdempotencyRecord


class Key(NamedTuple):
    """One act under one key: who calls, the client's key, the field's response key, keyed hashes of the request.

    The first fingerprint is under the present digest key; the others find what was kept before a rotation.
    """

    caller_id: UUID
    key: str
    field: str
    fingerprints: Sequence[bytes]


class KeyReused(Exception):
    """Another request came under the same key; it is neither run nor answered with the first one's outcome."""


async def recall(session: ScopedSession, key: Key, at: datetime) -> dict[str, Any] | None:
    """The outcome of an earlier equal request, or None where this is the first, which then owns the key.

    Raises KeyReused where the earlier request was another one.
    """
    connection = await session.connection()
    table = IdempotencyRecord.__table__
    claimed = {"caller_id": key.caller_id, "key": key.key, "field": key.field, "fingerprint": key.fingerprints[0]}
    claim = insert(IdempotencyRecord).values(**claimed, created_at=at).on_conflict_do_nothing()
    if (await connection.execute(claim.returning(table.c.key))).first() is not None:
        return None
    found = (await connection.execute(select(table.c.fingerprint, table.c.outcome).where(*_same(key)))).one()
    if found.fingerprint not in key.fingerprints:
        raise KeyReused
    outcome: dict[str, Any] = found.outcome
    return outcome


async def keep(session: ScopedSession, key: Key, outcome: dict[str, Any]) -> None:
    """Stores what the act came to: ids and refusals."""
    connection = await session.connection()
    await connection.execute(update(IdempotencyRecord).where(*_same(key)).values(outcome=outcome))


def _same(key: Key) -> list[Any]:
    table = IdempotencyRecord.__table__
    return [table.c.caller_id == key.caller_id, table.c.key == key.key, table.c.field == key.field]
