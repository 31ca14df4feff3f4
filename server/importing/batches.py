"""The batch of an import: begun or carried on, counted chunk by chunk, finished; and the list of all of them."""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from psycopg import Connection, sql
from psycopg.rows import class_row

from auth.jobs import Job, SystemViewer
from auth.sealing.keys import KeyRing
from auth.sealing.seals import Digests
from domain.errors import Invalid, NotFound, WrongState
from domain.identity import new_id, public_id, read_public_id
from domain.import_batch import ImportBatch, ImportState
from domain.purpose import LegalBasis
from domain.staff import StaffMember
from server.importing.report import Report

ALONE = "SELECT pg_advisory_xact_lock(hashtext('zhike import'))"
"""One chunk, beginning or undoing at a time, until the transaction ends: two imports at once write nothing twice."""

_LOCK = sql.SQL("hashtextextended('zhike import ' || {}, 0)")
_HOLD = sql.SQL("SELECT pg_try_advisory_lock({})").format(_LOCK.format(sql.SQL("%s::uuid")))
_LISTED = sql.SQL("""
SELECT import_batch.id, state, login AS by, started_at, undone_at, read, written, present, repeated, rejected, kept,
       EXISTS (
           SELECT FROM pg_locks JOIN pg_database ON pg_database.oid = database AND datname = current_database()
           WHERE locktype = 'advisory' AND objsubid = 1 AND (classid::bigint << 32 | objid::bigint) = {}
       ) AS runs
FROM import_batch LEFT JOIN staff_member ON staff_member.id = actor_id
ORDER BY import_batch.id DESC
""").format(_LOCK.format(sql.SQL("import_batch.id")))


@dataclass(frozen=True)
class Listed:
    """One import. `runs` says whether somebody is at it now; a batch that is RUNNING and is not run was broken off."""

    id: UUID
    state: ImportState
    runs: bool
    by: str | None
    started_at: datetime
    undone_at: datetime | None
    read: int
    written: int
    present: int
    repeated: int
    rejected: int
    kept: int | None

    @property
    def public_id(self) -> str:
        return public_id(ImportBatch.PREFIX, self.id)


class Batch:
    """An import under way."""

    def __init__(self, connection: Connection[Any], id_: UUID, file_digests: Sequence[bytes]) -> None:
        self._connection, self.id, self.file_digests = connection, id_, file_digests

    def note(self, written: int, report: Report) -> None:
        """Counts a chunk, within its transaction."""
        self._connection.execute(
            "UPDATE import_batch SET written = written + %s, read = %s, present = %s, repeated = %s, rejected = %s"
            " WHERE id = %s",
            [written, report.read, report.present - report.resumed, report.repeated, report.rejected, self.id],
        )

    def finish(self, actor: StaffMember | None) -> None:
        """All chunks are written."""
        at = datetime.now(UTC)
        with self._connection.transaction():
            done = "UPDATE import_batch SET state = %s, finished_at = %s WHERE id = %s"
            self._connection.execute(done, [ImportState.DONE, at, self.id])
            audit(self._connection, "import", self.id, actor, at, "DONE")


def digests_of(path: Path, ring: KeyRing, part: str = "") -> list[bytes]:
    """The keyed digests of a file's content, or of the named part of it, under all live keys, the current one first."""
    with path.open("rb") as file:
        plain = hashlib.file_digest(file, "sha256").hexdigest()
    return Digests(ring).candidates("import_file", plain + part)


@contextmanager
def begun(
    connection: Connection[Any],
    file_digests: Sequence[bytes],
    actor: StaffMember | None,
    at: datetime,
    basis: LegalBasis,
    resume: str | None = None,
) -> Iterator[Batch]:
    """The batch of this file that broke off, or a new one; nobody else carries it on or undoes it meanwhile.

    `resume` is the public id of the batch to carry on. Raises NotFound where there is none, Invalid where it is of
    another file or was begun on another legal basis, WrongState where it did not break off.
    """
    with connection.transaction():
        connection.execute(ALONE)
        broken_off = _named(connection, file_digests, resume) if resume else _broken_off(connection, file_digests)
        if broken_off:
            _refuse_other_basis(connection, broken_off, basis)
        id_ = broken_off or _made(connection, file_digests[0], actor, at)
        audit(connection, "import", id_, actor, at, "CONTINUED" if broken_off else "STARTED")
    yield Batch(connection, id_, file_digests)


def _broken_off(connection: Connection[Any], file_digests: Sequence[bytes]) -> UUID | None:
    asked = "SELECT id FROM import_batch WHERE file_digest = ANY(%s) AND state = %s ORDER BY id"
    found = connection.execute(asked, [list(file_digests), ImportState.RUNNING]).fetchall()
    return next((id_ for (id_,) in found if hold(connection, id_)), None)


def _named(connection: Connection[Any], file_digests: Sequence[bytes], public: str) -> UUID:
    prefix, id_ = read_public_id(public) or ("", None)
    asked = "SELECT state, file_digest FROM import_batch WHERE id = %s"
    found = connection.execute(asked, [id_]).fetchone() if prefix == ImportBatch.PREFIX else None
    if found is None or id_ is None:
        raise no_such_batch()
    if bytes(found[1]) not in file_digests:
        raise Invalid("resume", "这个批次导入的是另一个文件", "That import was of another file, or of another sheet")
    if found[0] != ImportState.RUNNING or not hold(connection, id_):
        raise WrongState(
            "resume", "该导入没有中断，无需继续", "That import did not break off: it is done, undone, or still running"
        )
    return id_


def _refuse_other_basis(connection: Connection[Any], id_: UUID, basis: LegalBasis) -> None:
    asked = (
        "SELECT customer.basis FROM import_row JOIN customer ON customer.id = customer_id WHERE batch_id = %s"
        " ORDER BY line LIMIT 1"
    )
    begun_on = connection.execute(asked, [id_]).fetchone()
    if begun_on and begun_on[0] != basis:
        raise Invalid(
            "basis",
            f"该导入中断前使用的法律依据是 {begun_on[0]}，请以同一依据继续",
            f"That import was begun on the legal basis {begun_on[0]}; carry it on with the same",
        )


def no_such_batch() -> NotFound:
    """The refusal of an id that no import has."""
    return NotFound(
        "batch", "没有这个导入批次，见 zhike import list", "There is no such import; see `zhike import list`"
    )


def _made(connection: Connection[Any], file_digest: bytes, actor: StaffMember | None, at: datetime) -> UUID:
    id_ = new_id()
    connection.execute(
        "INSERT INTO import_batch (id, state, file_digest, actor_id, started_at, read, written, present, repeated,"
        " rejected) VALUES (%s, %s, %s, %s, %s, 0, 0, 0, 0, 0)",
        [id_, ImportState.RUNNING, file_digest, actor and actor.id, at],
    )
    hold(connection, id_)
    return id_


def hold(connection: Connection[Any], id_: UUID) -> bool:
    """Holds a batch until the connection ends; False where somebody else does."""
    row = connection.execute(_HOLD, [id_]).fetchone()
    return row is not None and bool(row[0])


def listed(connection: Connection[Any]) -> list[Listed]:
    """All imports, the latest first."""
    with connection.cursor(row_factory=class_row(Listed)) as cursor:
        return cursor.execute(_LISTED).fetchall()


def audit(
    connection: Connection[Any], act: str, id_: UUID, actor: StaffMember | None, at: datetime, outcome: str
) -> None:
    """The audit row of an act of this job, on the word of a member of staff if one is named."""
    connection.execute(
        "INSERT INTO audit (id, at, viewer_id, viewer_kind, role, act, subject_id, subject_kind, outcome)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
        [
            new_id(),
            at,
            actor and actor.id,
            SystemViewer(Job.IMPORT).kind,
            actor and actor.role,
            act,
            id_,
            ImportBatch.PREFIX,
            outcome,
        ],
    )
