"""Keeping what was answered under an `Idempotency-Key`: in the act's own transaction, on its own connection.

Two equal requests at once meet at the record's primary key: the second waits there until the first has ended. Digests
are claimed in their own order: while keys rotate, processes may have them in different ones, and each would hold what
the other waits for.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import count
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import select, text, update

from auth.door.session import ScopedSession
from auth.sealing.seals import Digests
from domain.idempotency import IdempotencyRecord

KEPT_FOR = timedelta(days=7)
"""How long a request can be repeated under its key."""
PRUNE_EVERY, PRUNE_BATCH_SIZE = 100, 1_000
"""Every so many records that a process keeps, it deletes up to so many that are too old."""

_CLAIM = text("""
INSERT INTO idempotency_record (caller_id, digest, fingerprint, created_at)
SELECT :caller_id, digest, fingerprint, :at
FROM unnest(CAST(:digests AS bytea[]), CAST(:fingerprints AS bytea[])) AS claimed (digest, fingerprint)
ORDER BY digest
ON CONFLICT DO NOTHING RETURNING digest
""")
_PRUNE = text("""
DELETE FROM idempotency_record WHERE (caller_id, digest) IN (
    SELECT caller_id, digest FROM idempotency_record WHERE created_at < :before
    ORDER BY created_at LIMIT :most FOR UPDATE SKIP LOCKED
)
""")
_records_kept = count(1)


class Key(NamedTuple):
    """One act under one key: who calls, and keyed digests of the key with the field's response key, and of the request.

    There is one of each for every live digest key, the present one first. A record stands under all of them: it is
    found after a rotation, and by processes that do not know of the rotation yet.
    """

    caller_id: UUID
    digests: Sequence[bytes]
    fingerprints: Sequence[bytes]

    @classmethod
    def of(cls, digests: Digests, caller_id: UUID, words: tuple[str, str], request: str) -> "Key":
        """`words` are the client's key and the field's response key; `request` is all that tells two requests apart."""
        named = digests.candidates("idempotency_key", "\0".join(words))
        return cls(caller_id, named, digests.candidates("idempotency", request))


class KeyReused(Exception):
    """Another request came under the same key; it is neither run nor answered with the first one's outcome."""


async def recall(session: ScopedSession, key: Key, at: datetime) -> dict[str, Any] | None:
    """The outcome of an earlier equal request, or None where this is the first, which then owns the key.

    Raises KeyReused where the earlier request was another one.
    """
    table = IdempotencyRecord.__table__
    claimed = (await session.connection.execute(_CLAIM, {**key._asdict(), "at": at})).all()
    if len(claimed) == len(key.digests):
        return None
    kept = select(table.c.fingerprint, table.c.outcome).where(*_same(key), table.c.outcome.is_not(None)).limit(1)
    found = (await session.connection.execute(kept)).one()
    if found.fingerprint not in key.fingerprints:
        raise KeyReused
    outcome: dict[str, Any] = found.outcome
    if claimed:
        await keep(session, key, outcome, at)
    return outcome


async def keep(session: ScopedSession, key: Key, outcome: dict[str, Any], at: datetime) -> None:
    """Stores what the act came to: ids and refusals. Every so often it deletes a batch of records that are too old."""
    await session.connection.execute(update(IdempotencyRecord).where(*_same(key)).values(outcome=outcome))
    if next(_records_kept) % PRUNE_EVERY == 0:
        await session.connection.execute(_PRUNE, {"before": at - KEPT_FOR, "most": PRUNE_BATCH_SIZE})


def _same(key: Key) -> list[Any]:
    table = IdempotencyRecord.__table__
    return [table.c.caller_id == key.caller_id, table.c.digest.in_(key.digests)]
