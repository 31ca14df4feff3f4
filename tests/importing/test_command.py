"""`zhike import customers FILE` as it is typed: what it prints, where, and how it ends."""

import json
import stat
from pathlib import Path

import psycopg
import pytest
from typer.testing import CliRunner
from xlsxwriter import Workbook

from server.cli import app
from server.importing.command import commands
from server.postgres.embedded import running

DATA = Path(__file__).parents[1] / "data"
REAL = DATA / "customers_export.csv"


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, database_url: str, staff: object, ring):
    """`run("customers", FILE, …)`: the finished command, on the test database."""
    monkeypatch.setenv("ZHIKE_DATABASE_URL", database_url)
    monkeypatch.setenv("ZHIKE_KEYS", ring.dump())
    return lambda *words: CliRunner().invoke(commands, [str(word) for word in words])


def test_a_run_with_rejected_rows_ends_with_1_and_tells_them_by_line(run) -> None:
    done = run("customers", REAL, "--list", 3)
    assert done.exit_code == 1
    assert "读取 600 行：写入 443" in done.stdout
    assert "第 3 行 line 3\n    手机 mobile: 电话号码无效" in done.stdout
    assert "and 154 more lines" in done.stdout
    assert "written all the same" in done.stdout
    assert done.stderr == ""


def test_a_clean_file_ends_with_0(run, tmp_path: Path) -> None:
    (tmp_path / "clean.csv").write_text("客户编号,姓名\nK1,王芳\n")
    assert run("customers", tmp_path / "clean.csv").exit_code == 0


def test_the_report_for_programs_is_one_object(run) -> None:
    done = run("customers", REAL, "--json")
    told = json.loads(done.stdout)
    assert {key: told[key] for key in ("encoding", "delimiter", "read", "written", "present", "rejected")} == {
        "encoding": "gb18030", "delimiter": ",", "read": 600, "written": 443, "present": 0, "rejected": 157,
    }  # fmt: skip
    assert told["rejections"][0] == {
        "line": 3,
        "field": "mobile",
        "zh": "电话号码无效，请核对位数、区号或国家代码",
        "en": "Not a telephone number; check its digits",
    }


def test_a_lenient_import_ends_with_1_and_names_what_it_left_out(run, sql, tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("客户编号,姓名,客户阶段\nK1,王芳,未知阶段\nK2,李明,忠诚\n")
    words = ["customers", tmp_path / "in.csv", "--lenient", "--rejects", tmp_path / "rejects.csv"]
    dry = run(*words, "--dry-run", "--json")
    done = run(*words, "--json", "--report", tmp_path / "report.csv")
    told = json.loads(done.stdout)
    assert (dry.exit_code, done.exit_code, told["written"], told["rejected"], told["lacking"]) == (1, 1, 2, 0, 1)
    assert [(one["line"], one["field"]) for one in told["left_out"]] == [(2, "stage")]
    assert json.loads(dry.stdout)["left_out"] == told["left_out"]
    assert sql("SELECT external_id, stage FROM customer ORDER BY 1") == [("K1", None), ("K2", "LOYALTY")]
    assert (
        "2,Left out of rows that were written (to be entered by hand),stage," in (tmp_path / "report.csv").read_text()
    )
    assert len((tmp_path / "rejects.csv").read_text().splitlines()) == 1  # read again it would be skipped as present


def test_the_report_file_holds_everything_for_a_spreadsheet(run, tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("姓名,手机,=HYPERLINK(1)\n,138,\n")
    run("customers", tmp_path / "in.csv", "--report", tmp_path / "out.csv")
    written = (tmp_path / "out.csv").read_bytes()
    assert written.startswith(b"\xef\xbb\xbfline,list,field,")
    assert written.count(b"\r\n") == 4
    assert not any(cell.startswith("=") for line in written.decode().split("\r\n") for cell in line.split(","))


def test_a_file_that_cannot_be_read_ends_with_2_and_says_why(run, tmp_path: Path) -> None:
    done = run("customers", tmp_path / "wangfang.csv")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "cannot be read" in done.stderr


def test_a_report_that_cannot_be_written_stops_before_a_row_is(run, sql, tmp_path: Path) -> None:
    done = run("customers", REAL, "--report", tmp_path / "nowhere" / "out.csv")
    assert done.exit_code == 2
    assert sql("SELECT count(*) FROM customer") == [(0,)]


def test_a_report_never_overwrites_the_export(run, tmp_path: Path) -> None:
    (tmp_path / "clean.csv").write_text("客户编号,姓名\nK1,王芳\n")
    assert run("customers", tmp_path / "clean.csv", "--report", tmp_path / "clean.csv").exit_code == 2
    assert (tmp_path / "clean.csv").read_text() == "客户编号,姓名\nK1,王芳\n"


def test_a_database_of_another_version_is_refused(run, monkeypatch, empty_database_url: str) -> None:
    monkeypatch.setenv("ZHIKE_DATABASE_URL", empty_database_url)
    done = run("customers", REAL)
    assert done.exit_code == 2
    assert "zhike migrate" in done.stderr


def test_the_basis_and_the_source_are_the_users(run, sql, tmp_path: Path) -> None:
    (tmp_path / "clean.csv").write_text("客户编号,姓名\nK1,王芳\n")
    run("customers", tmp_path / "clean.csv", "--basis", "CONSENT", "--source", "旧系统")
    assert sql("SELECT basis, source FROM customer") == [("CONSENT", "旧系统")]
    assert run("customers", tmp_path / "clean.csv", "--basis", "LEGITIMATE_INTEREST").exit_code == 2


def test_a_failing_database_is_told_without_its_words(run, database_url: str) -> None:
    """PostgreSQL quotes the row in its messages."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("ALTER TABLE customer ADD CONSTRAINT refused CHECK (external_id <> 'KH000003')")
        try:
            done = run("customers", REAL)
        finally:
            connection.execute("ALTER TABLE customer DROP CONSTRAINT refused")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "23514" in done.stderr
    assert "nothing is written twice" in done.stderr
    assert "KH0" not in done.output


def test_a_database_that_is_not_there_is_told_in_a_sentence(run, monkeypatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ZHIKE_DATABASE_URL", f"postgresql://canary:canary@/zhike?host={tmp_path}")
    done = run("customers", REAL)
    assert (done.exit_code, done.stdout) == (2, "")
    assert "no connection" in done.stderr
    assert "canary" not in done.stderr


def test_the_embedded_database_is_shared_with_whoever_runs_on_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("ZHIKE_DATABASE_URL", "ZHIKE_KEYS", "ZHIKE_KEYS_FILE"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "clean.csv").write_text("客户编号,姓名\nK1,王芳\n")
    assert CliRunner().invoke(app, ["migrate", "--data-dir", str(tmp_path / "data")]).exit_code == 0
    words = ["customers", str(tmp_path / "clean.csv"), "--data-dir", str(tmp_path / "data"), "--json"]
    with running(tmp_path / "data", throwaway=True):
        first, second = (CliRunner().invoke(commands, words) for _ in range(2))
    assert json.loads(first.stdout)["written"] == 1
    assert json.loads(second.stdout)["present"] == 1


def test_a_dry_run_ends_as_the_import_would_and_says_what_it_is(run, sql) -> None:
    done = run("customers", REAL, "--dry-run", "--json")
    told = json.loads(done.stdout)
    assert (done.exit_code, told["dry_run"], told["batch"], told["written"]) == (1, True, None, 443)
    assert sql("SELECT count(*) FROM customer") == sql("SELECT count(*) FROM import_batch") == [(0,)]


def test_a_refused_import_leaves_no_file_of_rejects_behind(run, tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("nothing,known\n1,2\n")
    for name in ("rejects.csv", "rejects.xlsx"):
        done = run("customers", tmp_path / "in.csv", "--rejects", tmp_path / name)
        assert done.exit_code == 2
        assert not (tmp_path / name).exists()


def test_rejects_are_for_their_owner_alone_also_in_a_file_that_was_there(run, tmp_path: Path) -> None:
    rejects = tmp_path / "rejects.csv"
    rejects.write_text("old")
    rejects.chmod(0o644)
    done = run("customers", REAL, "--rejects", rejects)
    assert stat.S_IMODE(rejects.stat().st_mode) == 0o600
    assert "personal data" in done.stderr
    assert rejects.read_text(encoding="utf-8-sig").startswith("导入行号 import line,导入问题 import problem,客户编号")
    assert json.loads(run("customers", rejects, "--json").stdout)["rejected"] == 157


@pytest.mark.parametrize("option", ["--rejects", "--report"])
def test_nothing_is_written_over_the_export_or_over_another_output(run, sql, tmp_path: Path, option: str) -> None:
    (tmp_path / "clean.csv").write_text("客户编号,姓名\nK1,王芳\n")
    assert run("customers", tmp_path / "clean.csv", option, tmp_path / "clean.csv").exit_code == 2
    both = ["--rejects", tmp_path / "out.csv", "--report", tmp_path / "out.csv"]
    assert run("customers", tmp_path / "clean.csv", *both).exit_code == 2
    assert (tmp_path / "clean.csv").read_text() == "客户编号,姓名\nK1,王芳\n"
    assert sql("SELECT count(*) FROM customer") == [(0,)]


def test_an_import_is_listed_and_undone_by_its_id(run, sql, tmp_path: Path) -> None:
    (tmp_path / "clean.csv").write_text("客户编号,姓名\nK1,王芳\nK2,李明\n")
    assert "no imports" in run("list").stdout
    batch = json.loads(run("customers", tmp_path / "clean.csv", "--json", "--by", "rep").stdout)["batch"]
    [listed] = json.loads(run("list", "--json").stdout)
    assert (listed["id"], listed["state"], listed["by"], listed["written"]) == (batch, "DONE", "rep", 2)
    assert batch in run("list").stdout
    sql("UPDATE customer SET version = 2 WHERE external_id = 'K1' RETURNING 1")
    undone = run("undo", batch)
    assert undone.exit_code == 1
    assert "Deleted 1 customers, kept 1" in undone.stdout
    assert "第 2 行 line 2  K1  已被修改 / it was changed" in undone.stdout
    again = run("undo", batch)
    assert (again.exit_code, "undone before" in again.stdout) == (0, True)
    assert json.loads(run("undo", batch, "--json").stdout)["removed"] == 0
    assert "已撤销 undone，保留 kept 1" in run("list").stdout


def test_undoing_what_never_was_ends_with_2(run) -> None:
    done = run("undo", "imp_1")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "zhike import list" in done.stderr


def test_a_workbook_goes_in_and_its_rejected_rows_come_out_as_one(run, tmp_path: Path) -> None:
    with Workbook(tmp_path / "in.xlsx") as book:
        for name, rows in {
            "说明": [["请勿修改"]],
            "客户": [["编号", "姓名", "电话"], ["K1", "王芳", "138"], ["K2", "李明", ""]],
        }.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
    assert "No row of headings" in run("customers", tmp_path / "in.xlsx").stderr
    done = run("customers", tmp_path / "in.xlsx", "--sheet", "客户", "--rejects", tmp_path / "rejects.xlsx", "--json")
    told = json.loads(done.stdout)
    assert (done.exit_code, told["encoding"], told["written"], told["rejected"]) == (1, "xlsx", 1, 1)
    assert stat.S_IMODE((tmp_path / "rejects.xlsx").stat().st_mode) == 0o600
    again = run("customers", tmp_path / "rejects.xlsx", "--json")
    assert [one["field"] for one in json.loads(again.stdout)["rejections"]] == ["mobile"]


def test_only_an_import_that_broke_off_is_resumed(run, tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("编号,姓名\nK1,王芳\n")
    done = run("customers", tmp_path / "in.csv", "--resume", "imp_00000000000000000000000000000000")
    assert (done.exit_code, "no such import" in done.stderr) == (2, True)
