"""The floor of acts: a conversation logged by hand-written SQL in one transaction, with all that ours leaves behind."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import psycopg

from domain.identity import new_id, public_id

LOCKED = b"""
SELECT last_interaction_at FROM customer WHERE id = $1 AND owner_id = $2 FOR NO KEY UPDATE
"""
CONTACTED = b"UPDATE customer SET last_interaction_at = $1 WHERE id = $2"
INTERACTION = b"""
INSERT INTO interaction (id, customer_id, staff_id, channel, direction, occurred_at, created_at, summary_masked)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
"""
EVENT = b"""
INSERT INTO event (id, kind, at, customer_id, interaction_id, actor_id, fields)
VALUES ($1, 'INTERACTION_LOGGED', $2, $3, $4, $5, '{}')
"""
AUDIT = b"""
INSERT INTO audit (id, at, viewer_id, viewer_kind, role, act, subject_id, subject_kind, outcome)
VALUES ($1, $2, $3, 'stf', 'REP', 'logInteraction', $4, 'interaction', 'DONE')
"""

Cursor = psycopg.AsyncRawCursor[tuple[Any, ...]]


class Writer:
    """Connections of its own, kept for the next act."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._free: list[Cursor] = []

    async def log(self, viewer: UUID, given: dict[str, str]) -> Any:
        """The payload. It answers what it wrote, without reading it again."""
        cursor = self._free.pop() if self._free else await self._new()
        at, id_, customer = datetime.now(UTC), new_id(), UUID(hex=given["customerId"][4:])
        occurred = datetime.fromisoformat(given["occurredAt"])
        row = (id_, customer, viewer, given["channel"], given["direction"], occurred, at, given["summary"])
        await cursor.execute(b"BEGIN")
        ((before,),) = await (await cursor.execute(LOCKED, (customer, viewer), prepare=True)).fetchall()
        await cursor.execute(INTERACTION, row, prepare=True)
        if before is None or occurred > before:
            await cursor.execute(CONTACTED, (occurred, customer), prepare=True)
        await cursor.execute(EVENT, (new_id(), at, customer, id_, viewer), prepare=True)
        await cursor.execute(AUDIT, (new_id(), at, viewer, id_), prepare=True)
        await cursor.execute(b"COMMIT")
        self._free.append(cursor)
        interaction = {
            "id": public_id("int", id_),
            "channel": given["channel"],
            "occurredAt": occurred,
            "summary": {"display": given["summary"]},
        }
        return {"logInteraction": {"interaction": interaction, "userErrors": []}}

    async def close(self) -> None:
        for cursor in self._free:
            await cursor.connection.close()

    async def _new(self) -> Cursor:
        connection = await psycopg.AsyncConnection.connect(self._url, autocommit=True, options="-c TimeZone=UTC")
        return psycopg.AsyncRawCursor(connection)
