"""Undoing an import: its customers go with all that hangs below them, but for those that somebody has worked on."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import UUID

from psycopg import Connection, sql

from domain.errors import WrongState
from domain.identity import public_id, read_public_id
from domain.import_batch import ImportBatch, ImportState
from domain.staff import StaffMember
from server.importing.batches import ALONE, audit, hold, no_such_batch


class Reason(NamedTuple):
    """A condition on a customer of the batch under which it is kept, and its words."""

    condition: str
    zh: str
    en: str


# What happened at another moment than that of the import, to the microsecond, happened since.
REASONS = (
    Reason("version > 1", "已被修改", "it was changed"),
    Reason("EXISTS (SELECT FROM ticket WHERE customer_id = customer.id)", "有工单", "it has a ticket"),
    Reason(
        "EXISTS (SELECT FROM interaction"
        " WHERE customer_id = customer.id AND interaction.created_at <> customer.created_at)",
        "有新的互动记录",
        "an interaction was logged",
    ),
    Reason("EXISTS (SELECT FROM partner_listing WHERE customer_id = customer.id)", "有合作方授权", "a partner has it"),
    Reason(
        "EXISTS (SELECT FROM event WHERE customer_id = customer.id AND at <> customer.created_at)",
        "有后续事件",
        "something happened to it",
    ),
)
_WHY = sql.SQL("CASE {} END").format(
    sql.SQL(" ").join(
        sql.SQL("WHEN {} THEN {}").format(sql.SQL(reason.condition), place) for place, reason in enumerate(REASONS)
    )
)


class Kept(NamedTuple):
    """A customer of the batch who stays, and why."""

    line: int
    external_id: str | None
    zh: str
    en: str


@dataclass(frozen=True)
class Undone:
    """What an undoing came to; `at` is when the batch was undone, `before` where that was an earlier time."""

    public_id: str
    at: datetime
    before: bool
    removed: int
    kept: list[Kept]


def undo(connection: Connection[Any], public: str, actor: StaffMember | None) -> Undone:
    """Deletes, in one transaction, the customers of a batch that nobody has worked on, their data keys with them.

    What happened stays in the events. A batch that is undone already is left as it is. Raises NotFound, and WrongState
    while the import runs.
    """
    with connection.transaction():
        connection.execute(ALONE)
        batch_id, undone_at = _found(connection, public)
        if undone_at:
            return Undone(public, undone_at, before=True, removed=0, kept=[])
        if not hold(connection, batch_id):
            raise WrongState("batch", "该导入正在进行，请先停止它", "This import is running; stop it first")
        at = datetime.now(UTC)
        kept = _kept(connection, batch_id)
        removed = _removed(connection, batch_id, [id_ for id_, _ in kept])
        _close(connection, batch_id, at, len(kept))
        audit(connection, "undoImport", batch_id, actor, at, "DONE")
    return Undone(
        public_id(ImportBatch.PREFIX, batch_id), at, before=False, removed=removed, kept=[one for _, one in kept]
    )


def _found(connection: Connection[Any], public: str) -> tuple[UUID, datetime | None]:
    named = read_public_id(public)
    row = None
    if named is not None and named[0] == ImportBatch.PREFIX:
        row = connection.execute("SELECT id, undone_at FROM import_batch WHERE id = %s", [named[1]]).fetchone()
    if row is None:
        raise no_such_batch()
    return row[0], row[1]


def _kept(connection: Connection[Any], batch_id: UUID) -> list[tuple[UUID, Kept]]:
    """Customers to keep, by line. All customers of the batch are locked first, so that nobody begins to work on one."""
    connection.execute(
        "SELECT FROM customer JOIN import_row ON customer_id = customer.id WHERE batch_id = %s"
        " ORDER BY customer.id FOR UPDATE OF customer",
        [batch_id],
    )
    asked = sql.SQL(
        "SELECT * FROM (SELECT customer.id, line, external_id, {} AS why FROM customer"
        " JOIN import_row ON customer_id = customer.id WHERE batch_id = %s) AS found"
        " WHERE why IS NOT NULL ORDER BY line"
    ).format(_WHY)
    found = connection.execute(asked, [batch_id]).fetchall()
    return [(id_, Kept(line, number, REASONS[why].zh, REASONS[why].en)) for id_, line, number, why in found]


def _removed(connection: Connection[Any], batch_id: UUID, kept: list[UUID]) -> int:
    return connection.execute(
        "DELETE FROM customer USING import_row WHERE customer_id = customer.id AND batch_id = %s"
        " AND customer.id <> ALL(%s)",
        [batch_id, kept],
    ).rowcount


def _close(connection: Connection[Any], batch_id: UUID, at: datetime, kept: int) -> None:
    connection.execute(
        "UPDATE import_batch SET state = %s, undone_at = %s, kept = %s WHERE id = %s",
        [ImportState.UNDONE, at, kept, batch_id],
    )
