"""A rescan: batches of rows, each read, judged and written in one transaction together with how far it came."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from psycopg import Connection, sql
from psycopg.rows import dict_row

from auth.free_text.detectors import VERSION
from auth.sealing.keys import KeyRing
from domain.access_log import AccessLogEntry
from domain.customer import Customer
from domain.errors import WrongState
from domain.event import Event
from domain.identity import public_id
from domain.rescan import RescanProgress
from domain.tag import Tag
from server.rescanning.texts import TEXTS, Columns, Row, Sealers, StoredText

BATCH = 500
_HOLD = "SELECT pg_try_advisory_lock(hashtext('zhike rescan'))"
_ASK = sql.SQL(
    "SELECT {table}.id, {columns}, {person} AS person_id, data_key.wrapped FROM {table}"
    " LEFT JOIN data_key ON data_key.id = {person}"
    " WHERE {table}.id > %s AND {told} IS NOT NULL ORDER BY {table}.id LIMIT %s"
)
_WRITE = sql.SQL("UPDATE {table} SET {set} WHERE id = %s AND {unchanged}")
_NOTE = """
INSERT INTO rescan_progress (text, version, last_id, read, found, done) VALUES (%s, %s, %s, %s, %s, %s)
ON CONFLICT (text) DO UPDATE SET version = excluded.version, last_id = excluded.last_id, read = excluded.read,
    found = excluded.found, done = excluded.done
"""
_FIRST = UUID(int=0)


@dataclass
class Gone:
    """How far one text was gone through, and the public ids of rows that somebody has to correct by an act."""

    text: StoredText
    progress: RescanProgress
    to_correct: list[str] = field(default_factory=list)


Report = Callable[[Gone], None]
"""Called after every batch."""


def rescan(connection: Connection[Any], ring: KeyRing, report: Report, batch: int = BATCH) -> list[Gone]:
    """Goes through all stored texts, from where an earlier run with the same detection was broken off.

    Each batch is one transaction, and rows are written only as they were read: servers may run beside it, on the same
    version of the program. Raises WrongState where another rescan runs.
    """
    if connection.execute(_HOLD).fetchone() != (True,):
        raise WrongState("rescan", "另一次重新扫描正在进行", "Another rescan is running")
    return [_gone_through(connection, ring, text, report, batch) for text in TEXTS]


def _gone_through(connection: Connection[Any], ring: KeyRing, text: StoredText, report: Report, batch: int) -> Gone:
    gone = Gone(text, _progress(connection, text))
    while not gone.progress.done:
        with connection.transaction():
            _one_batch(connection, ring, gone, batch)
        report(gone)
    return gone


def _progress(connection: Connection[Any], text: StoredText) -> RescanProgress:
    """Where an earlier run stopped; the beginning, where it was with another detection."""
    asked = "SELECT last_id, read, found, done FROM rescan_progress WHERE text = %s AND version = %s"
    last_id, read, found, done = connection.execute(asked, [text.name, VERSION]).fetchone() or (None, 0, 0, False)
    return RescanProgress(text=text.name, version=VERSION, last_id=last_id, read=read, found=found, done=done)


def _one_batch(connection: Connection[Any], ring: KeyRing, gone: Gone, batch: int) -> None:
    text, progress, sealers = gone.text, gone.progress, Sealers(ring)
    rows = _rows(connection, text, progress.last_id or _FIRST, batch)
    results = [(row, text.again(row, sealers.of(row["person_id"], row["wrapped"]))) for row in rows]
    changed = [(row, result.columns) for row, result in results if result.columns]
    if changed:
        _write_all(connection, text, changed)
    named = [public_id(Customer.PREFIX, row["id"]) for row, result in results if result.is_to_be_corrected]
    gone.to_correct += named
    progress.found += len(changed) + len(named)
    progress.read += len(rows)
    progress.last_id = rows[-1]["id"] if rows else progress.last_id
    progress.done = len(rows) < batch
    noted = [progress.text, VERSION, progress.last_id, progress.read, progress.found, progress.done]
    connection.execute(_NOTE, noted)


def _write_all(connection: Connection[Any], text: StoredText, changed: Sequence[tuple[Row, Columns]]) -> None:
    """What happened is append-only, by trigger: the owner lifts it for this batch, to mask what must not be readable.

    Nobody else writes into the table in this moment, and the lock goes with the transaction.
    """
    lifted = sql.SQL("ALTER TABLE {} {} TRIGGER {}")
    table, trigger = sql.Identifier(text.table), sql.Identifier(f"{text.table}_stays")
    is_append_only = text.model in {Event, AccessLogEntry}
    if is_append_only:
        connection.execute(lifted.format(table, sql.SQL("DISABLE"), trigger))
    for row, columns in changed:
        _write(connection, text, row, columns)
    if is_append_only:
        connection.execute(lifted.format(table, sql.SQL("ENABLE"), trigger))


def _rows(connection: Connection[Any], text: StoredText, after: UUID, batch: int) -> list[Row]:
    columns = [sql.Identifier(text.table, name) for name in text.columns]
    question = _ASK.format(
        table=sql.Identifier(text.table),
        columns=sql.SQL(", ").join(columns),
        person=text.person or sql.SQL("NULL::uuid"),
        told=sql.Identifier(text.table, next(name for name in text.columns if not name.endswith("_sealed"))),
    )
    with connection.cursor(row_factory=dict_row) as cursor:
        return list(cursor.execute(question, [after, batch]).fetchall())


def _write(connection: Connection[Any], text: StoredText, row: Row, columns: Columns) -> None:
    """Writes a row that is as it was read; one that was changed meanwhile was scanned by the act that changed it."""
    if text.model is Tag and text.field == "name" and _merged(connection, row["id"], columns["name"]):
        return
    setting = sql.SQL(", ").join(sql.SQL("{} = %s").format(sql.Identifier(name)) for name in columns)
    unchanged = [sql.SQL("{} IS NOT DISTINCT FROM %s").format(sql.Identifier(name)) for name in text.columns]
    statement = _WRITE.format(table=sql.Identifier(text.table), set=setting, unchanged=sql.SQL(" AND ").join(unchanged))
    connection.execute(statement, [*columns.values(), row["id"], *(row[name] for name in text.columns)])


def _merged(connection: Connection[Any], tag_id: UUID, name: str) -> bool:
    """Whether a tag of the masked name is there already: then it takes over the customers, and the other one goes."""
    found = connection.execute("SELECT id FROM tag WHERE name = %s", [name]).fetchone()
    if found is None:
        return False
    connection.execute(
        "INSERT INTO customer_tag (customer_id, tag_id) SELECT customer_id, %s FROM customer_tag WHERE tag_id = %s"
        " ON CONFLICT DO NOTHING",
        [found[0], tag_id],
    )
    connection.execute("DELETE FROM customer_tag WHERE tag_id = %s", [tag_id])
    connection.execute("DELETE FROM tag WHERE id = %s", [tag_id])
    return True
