"""Writing drafts: sealed, sent by COPY, one chunk of rows in one transaction."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any
from uuid import UUID

from psycopg import Connection, sql

from auth.door.recording import Recorder, digest_kind
from auth.policy import DUPLICATES_TOLD
from auth.sealing.keys import KeyRing
from domain.customer import DEFAULT_SYSTEM
from domain.identity import new_id
from domain.import_batch import import_row
from domain.tag import Tag
from domain.word import same_as
from server.importing.batches import ALONE, Batch
from server.importing.duplicates import FIELDS
from server.importing.report import Report
from server.importing.rows import Draft
from server.postgres.copying import copy, sealed

_TAGS = 'SELECT id, name FROM tag WHERE lower(name COLLATE "C") = ANY(%s)'
_NUMBERS = sql.SQL("SELECT external_id FROM customer WHERE external_id = ANY(%b) AND external_system = {}").format(
    sql.Literal(DEFAULT_SYSTEM)
)
_OWN = sql.SQL("under_14 IS FALSE AND owner_id = {}")
NUMBERS_ALONE = "SELECT pg_advisory_xact_lock(hashtext('zhike external ids'))"
"""Whoever creates a customer under a number waits for the chunk, and the chunk for them: one of the two sees the other
(`number_in_scope` in `auth/beyond.py`)."""

BY_INDEX = "SET LOCAL enable_seqscan = off"
"""A table that has just grown has no statistics yet, and each chunk would read all that the earlier ones wrote."""


class Chunk:
    """What is there already, seen in one transaction."""

    def __init__(self, connection: Connection[Any], file_digests: Sequence[bytes]) -> None:
        self._connection, self._file_digests = connection, list(file_digests)

    def written(self, lines: Iterable[int]) -> dict[int, UUID]:
        """Those of the lines that an import of this very file has written, and by which batch."""
        asked = (
            "SELECT line, batch_id FROM import_row JOIN import_batch ON import_batch.id = batch_id"
            " WHERE file_digest = ANY(%b) AND line = ANY(%b)"
        )
        return dict(self._connection.execute(asked, [self._file_digests, list(lines)]).fetchall())

    def present(self, external_ids: Iterable[str | None]) -> set[str]:
        """Those of the customer numbers that customers bear."""
        asked = [given for given in external_ids if given is not None]
        return self._column(_NUMBERS, asked)

    def stored(self, digests: Iterable[Mapping[str, list[bytes]]], owner_id: UUID | None) -> set[bytes]:
        """Those of the digests, given by field, that customers bear in whichever field of the kind.

        Only what a report may tell: of this owner's customers, or of everybody's where none is given; nothing that
        needs an approval, and no identity number.
        """
        asked: dict[str, list[bytes]] = defaultdict(list)
        for of_one in digests:
            for field in of_one.keys() & DUPLICATES_TOLD:
                asked[digest_kind(field)] += of_one[field]
        told = sql.SQL("under_14 IS FALSE") if owner_id is None else _OWN.format(sql.Literal(owner_id))
        question = sql.SQL("SELECT {0} FROM customer WHERE {0} = ANY(%b) AND {1}")
        columns = {field: question.format(sql.Identifier(f"{field}_digest"), told) for field in FIELDS}
        return {found for field in FIELDS for found in self._column(columns[field], asked[digest_kind(field)])}

    def add(self, drafts: Sequence[Draft], report: Report) -> None:
        """Nothing: in a rehearsal there is only something to see."""

    def _column(self, question: sql.Composed | str, asked: Sequence[object]) -> set[Any]:
        return {row[0] for row in self._connection.execute(question, [asked])} if asked else set()


class WritingChunk(Chunk):
    """What is there already and what is to be added, seen and done in one transaction of a batch."""

    def __init__(self, connection: Connection[Any], batch: Batch, ring: KeyRing) -> None:
        super().__init__(connection, batch.file_digests)
        self._batch, self._ring = batch, ring

    def add(self, drafts: Sequence[Draft], report: Report) -> None:
        """Writes the customers with their tags and notes, and how far the batch is; it stays when the chunk ends."""
        tags = self._tags(sorted({name for draft in drafts for name in draft.tags}))
        for draft in drafts:
            draft.customer.tags = [tags[name] for name in draft.tags]
        made = (row for draft in drafts for row in (draft.customer, draft.interaction, draft.details) if row)
        rows = sealed(made, Recorder(self._ring))
        rows[import_row.name] = [(self._batch.id, draft.line, draft.customer.id) for draft in drafts]
        copy(self._connection, rows)
        self._batch.note(len(drafts), report)

    def _tags(self, names: list[str]) -> dict[str, Tag]:
        made = [(new_id(), name) for name in names]
        with self._connection.cursor() as cursor:
            cursor.executemany("INSERT INTO tag (id, name) VALUES (%s, %s) ON CONFLICT DO NOTHING", made)
            found = cursor.execute(_TAGS, [list(map(same_as, names))])
            tags = {same_as(name): Tag(id=id_, name=name) for id_, name in found}
        return {name: tags[same_as(name)] for name in names}


Chunks = Callable[[], AbstractContextManager[Chunk]]
"""Begins the next chunk."""


def writing(connection: Connection[Any], batch: Batch, ring: KeyRing) -> Chunks:
    """Chunks that are written, each in one transaction."""

    @contextmanager
    def chunk() -> Iterator[Chunk]:
        with connection.transaction():
            connection.execute(ALONE)
            connection.execute(NUMBERS_ALONE)
            connection.execute(BY_INDEX)
            yield WritingChunk(connection, batch, ring)

    return chunk


def rehearsing(connection: Connection[Any], file_digests: Sequence[bytes]) -> Chunks:
    """Chunks that are judged by what is in the database, and not written."""

    @contextmanager
    def chunk() -> Iterator[Chunk]:
        with connection.transaction():
            connection.execute("SET TRANSACTION READ ONLY")
            connection.execute(BY_INDEX)
            yield Chunk(connection, file_digests)

    return chunk
