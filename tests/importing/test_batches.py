"""An import as an act of its own: carried on when it breaks off, undone, rehearsed, listed."""

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from domain.errors import Invalid, NotFound, WrongState
from domain.identity import public_id
from domain.purpose import LegalBasis
from server.importing import listing
from server.importing import report as reports
from server.importing.batches import begun, digests_of, listed
from server.importing.customers import Wishes, import_customers
from server.importing.rows import ENTERED_LATER
from server.importing.undoing import Undone
from server.importing.undoing import undo as undo_batch

DATA = Path(__file__).parents[1] / "data"
REAL = DATA / "customers_export.csv"
BELOW = ("customer", "data_key", "customer_tag", "interaction", "import_row")

SINCE = {
    "UPDATE customer SET version = 2 WHERE id = %(id)s": "it was changed",
    """INSERT INTO ticket
           (id, customer_id, kind, status, priority, subject, opened_at, created_at, updated_at, version)
       VALUES (gen_random_uuid(), %(id)s, 'QUESTION', 'ACCEPTED', 'LOW', 's', now(), now(), now(), 1)
    """: "it has a ticket",
    """INSERT INTO interaction (id, customer_id, channel, direction, occurred_at, created_at)
       VALUES (gen_random_uuid(), %(id)s, 'PHONE', 'INBOUND', now(), now())""": "an interaction was logged",
    """INSERT INTO partner_listing (partner_id, customer_id, consented_at)
       VALUES (gen_random_uuid(), %(id)s, now())""": "a partner has it",
    """INSERT INTO event (id, kind, at, customer_id, fields)
       VALUES (gen_random_uuid(), 'EDITED', now(), %(id)s, '{}')""": "something happened to it",
}
"""What somebody does to a customer after the import, and why undoing keeps the customer then."""

KILLED = """
import os, signal, sys
from pathlib import Path
from auth.sealing.keys import KeyRing
from server.importing.batches import Batch
from server.importing.customers import Wishes, import_customers

path, url, ring = Path(sys.argv[1]), sys.argv[2], KeyRing.parse(sys.argv[3])
chunks, note = [], Batch.note

def killed(self, *counted):
    chunks.append(note(self, *counted))
    if len(chunks) == 2:
        os.kill(os.getpid(), signal.SIGKILL)  # in the second chunk, before it is committed

Batch.note = killed
import_customers(path, Wishes(), url, ring, lambda _: None)
"""


@pytest.fixture
def undo(database_url: str):
    """`undo("imp_…")`: what came of it."""

    def undone(batch: str) -> Undone:
        with psycopg.connect(database_url, autocommit=True) as connection:
            return undo_batch(connection, batch, None)

    return undone


@pytest.fixture
def batches(database_url: str):
    """`batches()`: the list of imports."""

    def found():
        with psycopg.connect(database_url, autocommit=True) as connection:
            return listed(connection)

    return found


@pytest.fixture
def rows(sql):
    """`rows("customer")`: how many."""
    return lambda table: sql(f"SELECT count(*) FROM {table}")[0][0]


@pytest.fixture
def many(tmp_path: Path) -> Path:
    """1,100 rows, three chunks; every second one without a number."""
    lines = [f"{f'B{n}' if n % 2 else ''},客户{n}" for n in range(1100)]
    path = tmp_path / "many.csv"
    path.write_text("\n".join(["编号,姓名", *lines, ""]))
    return path


def kill_in_the_second_chunk(path: Path, database_url: str, ring) -> None:
    words = [sys.executable, "-c", KILLED, str(path), database_url, ring.dump()]
    killed = subprocess.run(words, cwd=DATA.parents[1], timeout=60, check=False)
    assert killed.returncode == -9


def test_what_broke_off_is_carried_on_upon_the_same_legal_basis_alone(
    load, sql, many: Path, database_url: str, ring
) -> None:
    kill_in_the_second_chunk(many, database_url, ring)
    for resume in ({}, {"resume": public_id("imp", sql("SELECT id FROM import_batch")[0][0])}):
        with pytest.raises(Invalid, match="begun on the legal basis CONTRACT"):
            load(many, basis="CONSENT", **resume)
    load(many)
    assert sql("SELECT basis, count(*) FROM customer GROUP BY basis") == [("CONTRACT", 1100)]


def test_undoing_takes_all_away_that_the_import_brought(load, undo, rows, sql) -> None:
    done = load(REAL)
    events = rows("event")
    undone = undo(done.batch_id)
    assert (undone.removed, undone.kept) == (443, [])
    assert {table: rows(table) for table in BELOW} == dict.fromkeys(BELOW, 0)
    assert rows("event") == events
    assert sql("SELECT state, written, kept FROM import_batch") == [("UNDONE", 443, 0)]


def test_customers_of_others_stay_when_an_import_is_undone(load, undo, sql, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("编号,姓名,标签\nA1,王芳,老客户\n")
    (tmp_path / "b.csv").write_text("编号,姓名,标签\nA1,王芳,老客户\nB1,李明,老客户\n")
    load(tmp_path / "a.csv")
    second = load(tmp_path / "b.csv")
    assert undo(second.batch_id).removed == 1
    assert sql("SELECT external_id FROM customer") == [("A1",)]
    assert sql("SELECT name FROM tag") == [("老客户",)]


@pytest.mark.parametrize(("since", "said"), SINCE.items())
def test_whom_somebody_has_worked_on_since_is_kept_and_told(
    load, undo, sql, database_url, rows, since: str, said: str
) -> None:
    done = load(REAL)
    [(id_, line)] = sql(
        "SELECT customer.id, line FROM customer JOIN import_row ON customer_id = customer.id"
        " WHERE external_id = 'KH000007'"
    )
    with psycopg.connect(database_url) as connection:
        connection.execute("SET session_replication_role = replica")  # the partner need not be there
        connection.execute(since, {"id": id_})
    undone = undo(done.batch_id)
    assert undone.removed == 442
    assert [(one.line, one.external_id, one.en) for one in undone.kept] == [(line, "KH000007", said)]
    assert rows("data_key") == rows("customer") == rows("import_row") == 1
    assert sql("SELECT kept FROM import_batch") == [(1,)]
    assert "KH000007" in listing.undone_text(undone, 20)


def test_undoing_waits_for_whoever_is_at_a_customer_and_keeps_what_they_did(load, undo, database_url) -> None:
    done = load(REAL)
    with ThreadPoolExecutor(1) as thread, psycopg.connect(database_url) as busy:
        busy.execute("UPDATE customer SET version = 2 WHERE external_id = 'KH000007'")
        undone = thread.submit(undo, done.batch_id)
        with pytest.raises(TimeoutError):
            undone.result(0.3)
        busy.commit()
        assert [one.external_id for one in undone.result(10).kept] == ["KH000007"]


def test_undoing_twice_does_nothing_the_second_time(load, undo, sql, dump) -> None:
    done = load(REAL)
    sql("UPDATE customer SET version = 2 WHERE external_id = 'KH000007' RETURNING 1")
    first = undo(done.batch_id)
    sql("UPDATE customer SET version = 1 WHERE external_id = 'KH000007' RETURNING 1")
    before = sorted(dump().splitlines())
    again = undo(done.batch_id)
    assert (again.before, again.at, again.removed, again.kept) == (True, first.at, 0, [])
    assert sorted(dump().splitlines()) == before


@pytest.mark.parametrize("batch", ["imp_" + "0" * 32, "cus_" + "0" * 32, "imp_1", "所有"])
def test_a_batch_that_never_was_cannot_be_undone(load, undo, rows, batch: str) -> None:
    load(REAL)
    with pytest.raises(NotFound):
        undo(batch)
    assert rows("customer") == 443


def test_what_was_undone_can_be_imported_again(load, undo, rows) -> None:
    undo(load(REAL).batch_id)
    assert load(REAL).written == rows("customer") == 443


def test_an_import_that_runs_is_not_undone(undo, database_url, ring, batches, rows, staff) -> None:
    with (
        psycopg.connect(database_url, autocommit=True) as connection,
        begun(connection, digests_of(REAL, ring), None, datetime.now(UTC), LegalBasis.CONTRACT),
    ):
        [running] = batches()
        assert running.runs
        with pytest.raises(WrongState):
            undo(running.public_id)
    assert not batches()[0].runs
    assert undo(running.public_id).removed == 0


def test_a_killed_import_leaves_whole_chunks_and_says_that_it_broke_off(
    many, database_url, ring, rows, batches, staff
) -> None:
    kill_in_the_second_chunk(many, database_url, ring)
    assert (rows("customer"), rows("data_key"), rows("import_row")) == (500, 500, 500)
    [broken] = batches()
    assert (broken.state, broken.runs, broken.read, broken.written) == ("RUNNING", False, 500, 500)
    assert listing.BROKEN_OFF in listing.text([broken])


def test_a_killed_import_is_carried_on_as_the_same_batch_also_where_rows_have_no_number(
    many, database_url, ring, load, sql, rows, undo
) -> None:
    kill_in_the_second_chunk(many, database_url, ring)
    done = load(many)
    assert (done.read, done.present, done.written) == (1100, 500, 600)
    assert sql("SELECT state, read, written, present, rejected FROM import_batch") == [("DONE", 1100, 1100, 0, 0)]
    assert sql("SELECT outcome FROM audit ORDER BY id") == [("STARTED",), ("CONTINUED",), ("DONE",)]
    assert undo(done.batch_id).removed == 1100
    assert rows("customer") == 0


@pytest.mark.parametrize("may_lack", [ENTERED_LATER, frozenset()])
def test_what_a_killed_import_left_out_is_told_by_the_one_that_carries_it_on(
    tmp_path: Path, database_url, ring, staff, may_lack
) -> None:
    lines = [f"B{n},客户{n},{'未知阶段' if n in {3, 700} else ''}" for n in range(1100)]
    (tmp_path / "in.csv").write_text("\n".join(["编号,姓名,阶段", *lines, ""]))

    def pulled(_read: int) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        import_customers(tmp_path / "in.csv", Wishes(may_lack=ENTERED_LATER), database_url, ring, pulled)
    done = import_customers(tmp_path / "in.csv", Wishes(may_lack=may_lack), database_url, ring, lambda _: None)
    assert (done.resumed, done.written) == (500, 600 if may_lack else 599)
    assert [one.line for one in done.left_out] == ([5, 702] if may_lack else [5])


def test_a_killed_import_can_be_undone(many, database_url, ring, batches, undo, rows, staff) -> None:
    kill_in_the_second_chunk(many, database_url, ring)
    assert undo(batches()[0].public_id).removed == 500
    assert rows("customer") == 0
    assert import_customers(many, Wishes(), database_url, ring, lambda _: None).present == 0
    assert [one.state for one in batches()] == ["DONE", "UNDONE"]


def test_the_same_file_is_not_written_again_where_its_rows_have_no_number(many, load, rows, ring, database_url) -> None:
    load(many)
    again = import_customers(many, Wishes(), database_url, ring.rotated(), lambda _: None)
    assert (again.present, again.written, rows("customer")) == (1100, 0, 1100)


def test_a_dry_run_reports_what_an_import_would_and_writes_nothing(load, rehearsed, sql, dump, tmp_path) -> None:
    (tmp_path / "before.csv").write_text("编号,姓名,手机\nKH000001,黄华,\nZ1,王芳,13497465075\n")
    load(tmp_path / "before.csv")
    counters = "SELECT sequencename, last_value FROM pg_sequences"
    before, counted = sorted(dump().splitlines()), sql(counters)
    dry = rehearsed(REAL)
    assert sorted(dump().splitlines()) == before
    assert sql(counters) == counted
    wet = load(REAL)
    assert "there before" in "".join(one.en for one in wet.duplicates)
    assert (dry.batch, reports.table(dry)) == (None, reports.table(wet))
    assert [getattr(dry, name) for name in ("read", "written", "present", "repeated", "rejected")] == [
        getattr(wet, name) for name in ("read", "written", "present", "repeated", "rejected")
    ]
    assert "Dry run" in reports.text(dry, 0)
    assert "Dry run" not in reports.text(wet, 0)


def test_the_audit_tells_of_import_and_undoing_by_the_named_job(load, undo, sql, staff) -> None:
    done = load(REAL, by="Rep")
    undo(done.batch_id)
    assert sql("SELECT act, outcome, viewer_kind, viewer_id, role, subject_kind FROM audit ORDER BY id") == [
        ("import", "STARTED", "job:import", staff["rep"], "REP", "imp"),
        ("import", "DONE", "job:import", staff["rep"], "REP", "imp"),
        ("undoImport", "DONE", "job:import", None, None, "imp"),
    ]
    assert sql("SELECT DISTINCT subject_id = (SELECT id FROM import_batch) FROM audit") == [(True,)]


def test_who_is_named_as_author_stands_in_the_history_and_must_be_there(load, sql, staff, batches) -> None:
    load(REAL, by="rep")
    assert sql("SELECT DISTINCT actor_id FROM event WHERE kind = 'CREATED'") == [(staff["rep"],)]
    assert [one.by for one in batches()] == ["rep"]
    with pytest.raises(Invalid):
        load(REAL, by="nobody")
    assert len(batches()) == 1


def test_the_list_names_the_latest_import_first_with_its_counts(load, batches, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("编号,姓名\nA1,王芳\nA1,王芳\nA2,\n")
    first, second = load(tmp_path / "a.csv"), load(REAL)
    assert [one.public_id for one in batches()] == [second.batch_id, first.batch_id]
    last = batches()[1]
    assert (last.read, last.written, last.present, last.repeated, last.rejected) == (3, 1, 0, 1, 1)
    assert datetime.now(UTC) - last.started_at < timedelta(minutes=1)


def test_the_batch_tells_nothing_of_the_file_but_a_keyed_digest(load, sql, ring) -> None:
    load(REAL)
    [(stored,)] = sql("SELECT file_digest FROM import_batch")
    assert stored == digests_of(REAL, ring)[0]
    assert stored != digests_of(REAL, ring.rotated())[0]
    assert "customers_export" not in str(sql("SELECT import_batch::text FROM import_batch"))


def broken_off(path: Path, url: str, ring) -> str:
    """The id of an import that wrote one chunk of this file."""

    def pulled(_read: int) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        import_customers(path, Wishes(), url, ring, pulled)
    with psycopg.connect(url) as connection:
        return listed(connection)[0].public_id


def many_rows(path: Path, count: int = 1100) -> Path:
    path.write_text("编号,姓名\n" + "".join(f"B{n},客户{n}\n" for n in range(count)))
    return path


def test_an_import_is_resumed_by_its_id(load, sql, tmp_path: Path, database_url, ring) -> None:
    path = many_rows(tmp_path / "many.csv")
    batch = broken_off(path, database_url, ring)
    done = load(path, resume=batch)
    assert (done.batch_id, done.written, done.present) == (batch, 600, 500)
    assert sql("SELECT state, written FROM import_batch") == [("DONE", 1100)]


def test_what_cannot_be_resumed_is_refused_and_begins_nothing(load, sql, tmp_path: Path, database_url, ring) -> None:
    path = many_rows(tmp_path / "many.csv")
    batch = broken_off(path, database_url, ring)
    other = many_rows(tmp_path / "other.csv", 3)
    with pytest.raises(Invalid, match="another file"):
        load(other, resume=batch)
    for unknown in ("imp_00000000000000000000000000000000", "cus_1", "x"):
        with pytest.raises(NotFound):
            load(path, resume=unknown)
    load(path, resume=batch)
    with pytest.raises(WrongState, match="did not break off"):
        load(path, resume=batch)
    assert sql("SELECT count(*) FROM import_batch") == [(1,)]


def test_a_customer_created_meanwhile_costs_one_row_and_no_chunk(load, sql, tmp_path: Path, database_url) -> None:
    """An act that brings a number holds what the chunk waits for; the chunk finds the number there once it is done."""
    path = many_rows(tmp_path / "many.csv", 40)
    waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype = 'advisory'"
    with ThreadPoolExecutor(1) as threads, psycopg.connect(database_url) as other:
        other.execute("SELECT pg_advisory_xact_lock_shared(hashtext('zhike external ids'))")
        other.execute(
            "INSERT INTO customer (id, kind, basis, external_id, external_system, created_at, updated_at,"
            " version) VALUES (gen_random_uuid(), 'PERSON', 'CONTRACT', 'B5', 'main', now(), now(), 1)"
        )
        importing = threads.submit(load, path)
        while sql(waiting) == [(0,)] and not importing.done():
            time.sleep(0.01)
        other.commit()
        done = importing.result()
    assert (done.read, done.written, done.present, done.rejected) == (40, 39, 1, 0)
    assert sql("SELECT count(*), count(DISTINCT external_id) FROM customer") == [(40, 40)]
    assert sql("SELECT written, present FROM import_batch") == [(39, 1)]
    assert sql("SELECT count(*) FROM import_row") == [(39,)]
