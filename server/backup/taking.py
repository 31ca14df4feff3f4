"""Taking a backup: one moment of the database, in two files that are kept apart."""

import base64
import os
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import orjson
import psycopg

from auth.sealing.keys import KeyRing
from server.backup.programs import BackupError, program, run, server_major

FORMAT = 1


class Taken(NamedTuple):
    """What a backup holds: bytes of data, persons whose key is in the keys file."""

    bytes: int
    persons: int


def take(url: str, ring: KeyRing, data: Path, keys: Path, say: Callable[[str], None]) -> Taken:
    """Writes both files, readable by their owner alone, complete or not at all.

    `data` is a pg_dump archive of everything but the data keys; `keys` holds the key ring and every person's wrapped
    data key. Both show the same moment. Without the keys the archive's sealed texts stay closed; data restored with
    later keys has lost what was deleted since. Raises BackupError, also where a file is there already: an earlier keys
    file may be all that opens an earlier backup.
    """
    _refuse_places(data, keys)
    with psycopg.connect(url) as connection:
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        row = connection.execute("SELECT pg_export_snapshot()").fetchone()
        assert row is not None
        say("数据 / data")
        draft = _draft(data)
        pg_dump = program("pg_dump", server_major(url))
        shape = ["--format=custom", "--no-owner", "--no-privileges", "--exclude-table-data=data_key"]
        run([pg_dump, *shape, f"--snapshot={row[0]}", f"--file={draft}"], url)
        say("密钥 / keys")
        persons = _write_keys(connection, ring, _draft(keys))
    for path in (data, keys):
        _finish(path)
    return Taken(data.stat().st_size, persons)


def _refuse_places(data: Path, keys: Path) -> None:
    """Before anything is written: two new files, in folders that are there."""
    if data.resolve() == keys.resolve():
        raise BackupError("数据与密钥须写入两个文件", "The data and the keys go into two files; name another one")
    for path in (data, keys):
        if path.is_dir() or not os.access(path.parent, os.W_OK):
            raise BackupError(f"无法写入 {path}", f"{path} cannot be written")
        if path.exists():
            raise BackupError(
                f"{path} 已存在，不会覆盖；请换一个文件名，或先将其移走",
                f"{path} exists and is not overwritten; name another file, or move it away first",
            )


def _write_keys(connection: psycopg.Connection[tuple[object, ...]], ring: KeyRing, draft: Path) -> int:
    head = {"format": FORMAT, "ring": ring.dump()}
    persons = 0
    with draft.open("wb") as out, connection.cursor() as cursor:
        out.write(orjson.dumps(head) + b"\n")
        with cursor.copy("COPY (SELECT id, wrapped FROM data_key) TO STDOUT (FORMAT binary)") as rows:
            rows.set_types(["uuid", "bytea"])
            for id_, wrapped in rows.rows():
                out.write(f"{id_} {base64.b64encode(wrapped).decode()}\n".encode())
                persons += 1
    return persons


def _draft(path: Path) -> Path:
    """An empty file beside the target that only its owner may read."""
    draft = path.with_name(path.name + ".part")
    draft.unlink(missing_ok=True)
    os.close(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    return draft


def _finish(path: Path) -> None:
    draft = path.with_name(path.name + ".part")
    with draft.open("rb") as written:
        os.fsync(written.fileno())
    draft.replace(path)
