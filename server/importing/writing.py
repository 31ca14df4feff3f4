"""Writing drafts: sealed, sent by COPY, one batch in one transaction."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from psycopg import Connection, sql
from psycopg.rows import dict_row

from auth.keys import KeyRing
from auth.recording import Recorder
from domain.base import Base
from domain.customer import Tag
from domain.event import take_events
from domain.identity import new_id
from domain.staff import StaffMember
from server.copying import copy, sealed
from server.importing.duplicates import FIELDS
from server.importing.rows import Draft


def staff_of(connection: Connection[Any]) -> list[StaffMember]:
    """Everybody who works here."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return [StaffMember(**row) for row in cursor.execute("SELECT id, login, name, role, active FROM staff_member")]


class Batch:
    """What is there already and what is to be added, seen and done in one transaction."""

    def __init__(self, connection: Connection[Any], ring: KeyRing) -> None:
        self._connection, self._ring = connection, ring

    def present(self, external_ids: Iterable[str | None]) -> set[str]:
        """Those of the customer numbers that customers bear."""
        asked = [given for given in external_ids if given is not None]
        return self._column("SELECT external_id FROM customer WHERE external_id = ANY(%s)", asked)

    def stored(self, digests: Iterable[Mapping[str, list[bytes]]]) -> set[bytes]:
        """Those of the digests that customers bear, in whichever field."""
        asked = [digest for of_one in digests for candidates in of_one.values() for digest in candidates]
        columns = [sql.Identifier(f"{field}_digest") for field in FIELDS]
        question = sql.SQL("SELECT {column} FROM customer WHERE {column} = ANY(%s)")
        return {found for column in columns for found in self._column(question.format(column=column), asked)}

    def add(self, drafts: Sequence[Draft]) -> None:
        """Writes the customers with their tags and notes; they are there when the batch ends."""
        tags = self._tags(sorted({name for draft in drafts for name in draft.tags}))
        for draft in drafts:
            draft.customer.tags = [tags[name] for name in draft.tags]
        rows = [row for draft in drafts for row in _rows_of(draft)]
        copy(self._connection, sealed(rows, Recorder(self._ring)))

    def _tags(self, names: list[str]) -> dict[str, Tag]:
        made = [(new_id(), name) for name in names]
        with self._connection.cursor() as cursor:
            cursor.executemany("INSERT INTO tag (id, name) VALUES (%s, %s) ON CONFLICT (name) DO NOTHING", made)
            found = cursor.execute("SELECT id, name FROM tag WHERE name = ANY(%s)", [names])
            return {name: Tag(id=id_, name=name) for id_, name in found}

    def _column(self, question: sql.Composed | str, asked: Sequence[object]) -> set[Any]:
        return {row[0] for row in self._connection.execute(question, [asked])}


def _rows_of(draft: Draft) -> Iterator[Base]:
    for row in filter(None, (draft.customer, draft.interaction)):
        yield row
        for event in take_events(row):
            event.id = new_id()  # which a session would give; COPY takes rows as they are
            yield event


@contextmanager
def batch(connection: Connection[Any], ring: KeyRing) -> Iterator[Batch]:
    """One transaction, which no other import enters meanwhile: two that run at once write nothing twice."""
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(hashtext('zhike import'))")
        yield Batch(connection, ring)
