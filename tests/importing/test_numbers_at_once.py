"""Customer numbers and contacts that an import shares with what others write: skipped, or told only where it may be."""

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest

from auth.beyond import IMPORT_OF_NUMBERS
from server.importing.writing import NUMBERS_ALONE
from tests.importing.conftest import Import

HEAD = "客户名称,客户编号,手机,身份证号\n"
WAITING = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'advisory' AND datname = current_database()"


def a_file(folder: Path, name: str, *lines: str) -> Path:
    path = folder / name
    path.write_text(HEAD + "\n".join(lines) + "\n", encoding="utf-8")
    return path


def until(holds: Callable[[], bool]) -> None:
    for _ in range(1_000):
        if holds():
            return
        time.sleep(0.02)
    raise AssertionError("it did not come to pass")


@pytest.mark.parametrize("system", ["main", "erp"])
def test_an_import_waits_for_a_customer_being_created_and_skips_the_row(
    load: Import, sql, database_url: str, tmp_path: Path, system: str
) -> None:
    """The act's transaction is played: it holds the shared lock, has written its row, and has not committed yet."""
    one = load(a_file(tmp_path, "one.csv", "王小明,K-1,,"))
    path = a_file(tmp_path, "two.csv", "李雷,K-2,,", "韩梅梅,K-3,,")
    assert one.written == 1
    done: list[Any] = []
    with psycopg.connect(database_url) as act:
        act.execute(NUMBERS_ALONE.replace("xact_lock", "xact_lock_shared"))
        act.execute("UPDATE customer SET external_id = 'K-2', external_system = %s", [system])
        importing = threading.Thread(target=lambda: done.append(load(path)))
        importing.start()
        until(lambda: sql(WAITING) == [(1,)])
    importing.join()
    [report] = done
    taken = system == "main"
    assert (report.written, report.present, report.rejected) == ((1, 1, 0) if taken else (2, 0, 0))
    assert sql("SELECT count(*) FROM customer WHERE external_id = 'K-2' AND external_system = 'main'") == [(1,)]


def test_the_locks_of_acts_and_imports_are_one() -> None:
    assert str(IMPORT_OF_NUMBERS.compile(compile_kwargs={"literal_binds": True})) in NUMBERS_ALONE


NUMBER = "11010519491231002X"


@pytest.mark.parametrize(("by", "told"), [(None, ["mobile"]), ("rep", []), ("boss", ["mobile"])])
def test_a_report_tells_of_those_whom_its_author_reaches_and_never_an_identity_number(
    load: Import, staff, tmp_path: Path, by: str | None, told: list[str], sql
) -> None:
    sql("INSERT INTO staff_member SELECT gen_random_uuid(), 'boss', '经理', 'MANAGER', NULL, true, now() RETURNING 1")
    load(a_file(tmp_path, "before.csv", f"王小明,K-1,13911112222,{NUMBER}"))
    report = load(a_file(tmp_path, "after.csv", f"李雷,K-2,13911112222,{NUMBER}"), **({"by": by} if by else {}))
    assert [one.field for one in report.duplicates] == told
    assert report.written == 1


def test_a_rep_is_told_of_the_reps_own_customers(load: Import, sql, tmp_path: Path) -> None:
    own = "UPDATE customer SET owner_id = (SELECT id FROM staff_member WHERE login = 'rep') RETURNING 1"
    load(a_file(tmp_path, "before.csv", f"王小明,K-1,13911112222,{NUMBER}"))
    sql(own)
    report = load(a_file(tmp_path, "after.csv", f"李雷,K-2,13911112222,{NUMBER}"), by="rep")
    assert [one.field for one in report.duplicates] == ["mobile"]
