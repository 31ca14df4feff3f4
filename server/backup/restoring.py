"""Restoring a backup into an empty database."""

import base64
import binascii
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

import orjson
import psycopg

from auth.sealing.keys import KeyRing, KeysRefused
from server.backup.programs import BackupError, program, run, server_major
from server.backup.taking import FORMAT


class Restored(NamedTuple):
    """What a restore brought back: customers, and those among them whose personal texts no key opens any more."""

    customers: int
    without_key: int


def ring_in(keys: Path) -> KeyRing:
    """The key ring that a keys file holds. Raises BackupError where it is no such file."""
    try:
        with keys.open("rb") as lines:
            head = orjson.loads(lines.readline())
        if head["format"] != FORMAT:
            raise _no_keys_file()
        return KeyRing.parse(head["ring"])
    except (OSError, ValueError, KeyError, TypeError, KeysRefused):
        raise _no_keys_file() from None


def restore(url: str, data: Path, keys: Path, say: Callable[[str], None]) -> Restored:
    """Brings the data back, then the keys of persons who are in it. Everybody signs in anew.

    Sessions that were ended since the backup would otherwise come back with it. Raises BackupError, also where there
    are tables already.
    """
    _demand_empty(url)
    ring_in(keys)
    for _ in _keys_in(keys):
        pass  # a keys file that breaks off is told before anything is written
    say("数据 / data")
    pg_restore = program("pg_restore", server_major(url))
    # An empty name is the database of the environment; without the option it would print the statements.
    run([pg_restore, "--no-owner", "--no-privileges", "--single-transaction", "--dbname=", data], url)
    say("密钥 / keys")
    with psycopg.connect(url) as connection:
        _bring_keys(connection, keys)
        _forget_transactions(connection)
        connection.execute("UPDATE installation SET epoch = gen_random_uuid()")
        connection.execute("UPDATE refresh_session SET revoked_at = now() WHERE revoked_at IS NULL")
        row = connection.execute(
            "SELECT count(*), count(*) FILTER (WHERE NOT EXISTS (SELECT FROM data_key WHERE data_key.id = customer.id))"
            " FROM customer"
        ).fetchone()
        assert row is not None
    return Restored(*row)


def _bring_keys(connection: psycopg.Connection[tuple[object, ...]], keys: Path) -> None:
    """Keys of persons who are not in the data are left out: they came later, or the data is another installation's."""
    connection.execute("CREATE TEMPORARY TABLE brought (id uuid, wrapped bytea) ON COMMIT DROP")
    with connection.cursor() as cursor, cursor.copy("COPY brought FROM STDIN (FORMAT binary)") as rows:
        rows.set_types(["uuid", "bytea"])
        for key in _keys_in(keys):
            rows.write_row(key)
    connection.execute("INSERT INTO data_key SELECT brought.* FROM brought JOIN customer USING (id)")


def _forget_transactions(connection: psycopg.Connection[tuple[object, ...]]) -> None:
    """Numbers of another cluster's transactions mean nothing here; followers would wait for them, or never see them."""
    connection.execute("ALTER TABLE event DISABLE TRIGGER event_stays")
    connection.execute("UPDATE event SET xact = 0")
    connection.execute("ALTER TABLE event ENABLE TRIGGER event_stays")


def _keys_in(keys: Path) -> Iterator[tuple[UUID, bytes]]:
    with keys.open("rb") as lines:
        lines.readline()
        for line in lines:
            id_, _, wrapped = line.decode().partition(" ")
            try:
                yield UUID(id_), base64.b64decode(wrapped)
            except (ValueError, binascii.Error):
                raise _no_keys_file() from None


def _demand_empty(url: str) -> None:
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()
    if row and row[0]:
        raise BackupError(
            "目标数据库不是空的，请恢复到一个新的数据库", "The database is not empty; restore into a new one"
        )


def _no_keys_file() -> BackupError:
    return BackupError("密钥文件无法读取或格式不对", "The keys file cannot be read, or is no keys file of a backup")
