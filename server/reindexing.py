"""Bringing the index of names up to date: names that a migration left unindexed, or that lie under an older key."""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple
from uuid import UUID

import psycopg
from psycopg.rows import class_row

from auth.masks import masked
from auth.sealing.keys import KeyRing
from auth.sealing.seals import Digests, Sealer, place
from domain.customer import CustomerKind
from domain.errors import DomainError
from domain.personal import person_name

ROWS_AT_ONCE = 500

_READ = """
SELECT customer.id, kind, name_sealed, name_masked, name_buckets, wrapped
  FROM customer JOIN data_key ON data_key.id = customer.id
 WHERE customer.id > %s AND name_sealed IS NOT NULL ORDER BY customer.id LIMIT %s
"""
# Only where nobody wrote the name in between: what is written now is indexed as it is written.
_WRITE = """
UPDATE customer SET name_sealed = %(sealed)s, name_masked = %(masked)s, name_buckets = %(buckets)s
 WHERE id = %(id)s AND name_sealed = %(was)s
"""
_FORGET = "UPDATE customer SET name_buckets = '{}' WHERE name_buckets IS NULL AND id NOT IN (SELECT id FROM data_key)"


class Name(NamedTuple):
    """A customer's name as it is stored."""

    id: UUID
    kind: str
    name_sealed: bytes
    name_masked: str | None
    name_buckets: list[int] | None
    wrapped: bytes


def reindex(database_url: str, ring: KeyRing, told: Callable[[int], None]) -> int:
    """Indexes every name under the current key, and brings it to the form that names have now. Gives how many changed.

    Each 500 are a transaction: what broke off is done again without harm. `told` hears how many names were looked at.
    Neither versions nor times of change move.
    """
    changed = seen = 0
    with psycopg.connect(database_url, autocommit=True) as connection:
        for names in _names(connection):
            changes = [change for name in names if (change := _changed(name, ring))]
            with connection.transaction(), connection.cursor() as cursor:
                cursor.executemany(_WRITE, changes)
            changed, seen = changed + len(changes), seen + len(names)
            told(seen)
        connection.execute(_FORGET)  # the names of deleted persons open for nobody
    return changed


def _names(connection: psycopg.Connection[Any]) -> Iterator[list[Name]]:
    last = UUID(int=0)
    with connection.cursor(row_factory=class_row(Name)) as cursor:
        while names := cursor.execute(_READ, [last, ROWS_AT_ONCE]).fetchall():
            yield names
            last = names[-1].id


def _changed(name: Name, ring: KeyRing) -> dict[str, Any] | None:
    """The columns to write; None where all is as it should be."""
    sealer, at = Sealer(ring.unwrap(name.wrapped, name.id), ring.crypto), place("customer", name.id, "name")
    text = sealer.unseal(name.name_sealed, at)
    normal = _normal(text)
    shown = masked("name", normal, CustomerKind(name.kind))
    buckets = Digests(ring).names.of_name(normal, masked=shown)
    if (normal, buckets) == (text, name.name_buckets):
        return None
    sealed = name.name_sealed if normal == text else sealer.seal(normal, at)
    return {"id": name.id, "was": name.name_sealed, "sealed": sealed, "masked": shown, "buckets": buckets}


def _normal(text: str) -> str:
    """The form of today; a name that would be refused today stays as it was taken."""
    try:
        return person_name(text, field="name")
    except DomainError:
        return text
