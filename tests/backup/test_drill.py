"""The drill (S99): back up, lose everything, restore, read; and what was deleted since stays unreadable."""

import stat
import subprocess
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import psycopg
import pytest

from auth.door.session import opened
from auth.jobs import Job, SystemViewer
from auth.sealing.keys import KeyRing, Suite
from auth.sealing.seals import place, unseal_one
from domain.channel import Channel, Direction
from domain.customer import Customer, CustomerKind
from domain.identity import new_id
from domain.interaction import Interaction
from domain.purpose import LegalBasis
from server.backup.programs import BackupError, program, server_major
from server.backup.restoring import restore, ring_in
from server.backup.taking import take
from server.postgres.database import Database

AT = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
NAMES = ("张三", "李四", "欧阳修文")
NUMBER = "13812345678"


def quiet(part: str) -> None:
    """Says nothing."""


@pytest.fixture
def ring() -> KeyRing:
    return KeyRing.generate(Suite.INTL)


@pytest.fixture
async def house(own_database_url: str, ring: KeyRing) -> AsyncIterator[str]:
    """Three customers with a number in a note."""
    database = Database(own_database_url)
    async with opened(database.desks, SystemViewer(Job.IMPORT), ring) as session:
        for name in NAMES:
            customer = Customer(
                id=new_id(),
                kind=CustomerKind.PERSON,
                basis=LegalBasis.CONTRACT,
                created_at=AT,
                updated_at=AT,
                version=1,
            )
            customer.name, customer.mobile = name, NUMBER
            note = Interaction.logged(
                customer,
                channel=Channel.OTHER,
                direction=Direction.INBOUND,
                occurred_at=AT,
                summary=f"请回电 {NUMBER}",
                staff_id=None,
                at=AT,
            )
            session.add_all([customer, note])
    await database.close()
    return own_database_url


def names_in(url: str, ring: KeyRing) -> set[str | None]:
    """Every customer's name, opened."""
    unseal = unseal_one(ring)
    with psycopg.connect(url) as connection:
        rows = connection.execute(
            "SELECT c.id, c.name_sealed, k.wrapped FROM customer c LEFT JOIN data_key k USING (id)"
        ).fetchall()
    return {unseal(wrapped, id_, sealed, place("customer", id_, "name")) for id_, sealed, wrapped in rows}


def id_of_one(url: str) -> UUID:
    with psycopg.connect(url) as connection:
        return connection.execute("SELECT id FROM customer ORDER BY id").fetchone()[0]


def epoch(url: str) -> UUID:
    with psycopg.connect(url) as connection:
        [(found,)] = connection.execute("SELECT epoch FROM installation").fetchall()
    return found


async def test_what_was_backed_up_is_there_again(house, ring, empty_database_url, tmp_path):
    data, keys = tmp_path / "data", tmp_path / "keys"
    assert take(house, ring, data, keys, quiet).persons == len(NAMES)
    done = restore(empty_database_url, data, keys, quiet)
    assert (done.customers, done.without_key) == (len(NAMES), 0)
    assert names_in(empty_database_url, ring_in(keys)) == set(NAMES)
    masked = "SELECT count(*) FROM interaction WHERE summary_masked LIKE '%138****5678'"
    with psycopg.connect(empty_database_url) as connection:
        assert connection.execute("SELECT count(*) FROM event").fetchone() == (3,)
        assert connection.execute(masked).fetchone() == (3,)
        assert connection.execute("SELECT DISTINCT xact FROM event").fetchall() == [(0,)]
    assert epoch(empty_database_url) != epoch(house), "cursors of the old place mean nothing here"


async def test_old_data_with_todays_keys_has_lost_whom_was_deleted_since(house, ring, empty_database_url, tmp_path):
    old, later = tmp_path / "old", tmp_path / "later"
    take(house, ring, old, tmp_path / "old.keys", quiet)
    gone = id_of_one(house)
    with psycopg.connect(house) as connection:
        connection.execute("DELETE FROM data_key WHERE id = %s", [gone])
    take(house, ring, later, tmp_path / "todays.keys", quiet)
    done = restore(empty_database_url, old, tmp_path / "todays.keys", quiet)
    assert (done.customers, done.without_key) == (len(NAMES), 1)
    assert names_in(empty_database_url, ring) == {None, *NAMES[1:]}


def test_neither_file_alone_tells_anything(house, ring, tmp_path):
    data, keys = tmp_path / "data", tmp_path / "keys"
    take(house, ring, data, keys, quiet)
    pg_restore = program("pg_restore", server_major(house))
    unpacked = subprocess.run([pg_restore, "--file=-", data], capture_output=True, check=True).stdout
    assert b"138****5678" in unpacked
    assert not any(canary.encode() in unpacked + keys.read_bytes() for canary in (*NAMES, NUMBER))
    with psycopg.connect(house) as connection:
        wrapped = [row[0].hex().encode() for row in connection.execute("SELECT wrapped FROM data_key")]
    assert not any(key in unpacked for key in wrapped)


async def test_only_the_owner_may_read_the_files(house, ring, tmp_path):
    data, keys = tmp_path / "data", tmp_path / "keys"
    take(house, ring, data, keys, quiet)
    assert {stat.S_IMODE(path.stat().st_mode) for path in (data, keys)} == {0o600}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data", "keys"]


async def test_a_database_in_use_is_not_overwritten(house, ring, tmp_path):
    data, keys = tmp_path / "data", tmp_path / "keys"
    take(house, ring, data, keys, quiet)
    with pytest.raises(BackupError, match="not empty"):
        restore(house, data, keys, quiet)
    assert names_in(house, ring) == set(NAMES)


@pytest.mark.parametrize("text", [b"", b"{}", b'{"format": 2, "ring": ""}', b"\xff\xfe", b'{"format": 1, "ring": "x"}'])
def test_a_file_that_holds_no_keys_is_refused_in_words(tmp_path: Path, text: bytes):
    keys = tmp_path / "keys"
    keys.write_bytes(text)
    with pytest.raises(BackupError, match="keys file"):
        ring_in(keys)


def test_one_file_for_both_is_refused_before_anything_is_written(house, ring, tmp_path: Path):
    good = tmp_path / "good"
    good.write_bytes(b"an earlier backup")
    with pytest.raises(BackupError, match="two files"):
        take(house, ring, good, tmp_path / "." / "good", quiet)
    assert good.read_bytes() == b"an earlier backup"


@pytest.mark.parametrize("there", ["data", "keys"])
def test_a_file_that_is_there_already_is_not_overwritten_and_nothing_is_written(
    house, ring, tmp_path: Path, there: str
):
    (tmp_path / there).write_bytes(b"an earlier backup")
    with pytest.raises(BackupError, match=r"请换一个文件名.*name another file"):
        take(house, ring, tmp_path / "data", tmp_path / "keys", quiet)
    assert [path.name for path in tmp_path.iterdir()] == [there]
    assert (tmp_path / there).read_bytes() == b"an earlier backup"


def test_a_folder_that_is_not_there_is_told_in_words(house, ring, tmp_path: Path):
    with pytest.raises(BackupError, match="cannot be written"):
        take(house, ring, tmp_path / "nowhere" / "data", tmp_path / "keys", quiet)


def test_a_keys_file_that_breaks_off_leaves_the_database_empty(house, ring, empty_database_url, tmp_path: Path):
    data, keys = tmp_path / "data", tmp_path / "keys"
    take(house, ring, data, keys, quiet)
    broken = tmp_path / "broken"
    broken.write_bytes(keys.read_bytes()[:-70] + b"zzz\n")
    with pytest.raises(BackupError, match="keys file"):
        restore(empty_database_url, data, broken, quiet)
    assert restore(empty_database_url, data, keys, quiet).customers == len(NAMES)
