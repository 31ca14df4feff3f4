"""Rejected rows as CSV: safe in a spreadsheet, mended there, and read again as they were."""

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auth.sealing.keys import KeyRing
from server.importing.customers import Wishes, import_customers, rehearse
from server.importing.layout import OURS, layout_of
from server.importing.records import records
from server.importing.rejects import as_exported, escaped, unescaped
from server.importing.report import Report
from server.importing.source import Lines

DATA = Path(__file__).parents[1] / "data"
REAL = DATA / "customers_export.csv"


@pytest.fixture
def rejected(database_url: str, ring: KeyRing, staff: object, tmp_path: Path):
    """`rejected(path)`: the report of an import and the file of its rejected rows."""

    def loaded(path: Path, work=import_customers) -> tuple[Report, Path]:
        rejects = tmp_path / f"rejects of {path.name}"
        with rejects.open("w", encoding="utf-8-sig", newline="") as file:
            return work(path, Wishes(), database_url, ring, lambda _: None, file), rejects

    return loaded


def cells_in(path: Path, encoding: str = "utf-8-sig") -> list[list[str]]:
    return list(csv.reader(io.StringIO(path.read_bytes().decode(encoding), newline="")))


def test_the_file_holds_the_rejected_rows_as_they_were_with_line_and_reasons(rejected) -> None:
    done, path = rejected(REAL)
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    headings, *rows = cells_in(path)
    exported = cells_in(REAL, "gb18030")
    assert headings == [*OURS, *exported[0]]
    by_number = {row[0]: row for row in exported}
    assert len(rows) == done.rejected == 157
    assert [[unescaped(cell) for cell in row[2:]] for row in rows] == [by_number[unescaped(row[2])] for row in rows]
    assert [int(row[0]) for row in rows] == sorted({one.line for one in done.rejections})
    assert rows[0][1].startswith("手机 mobile: 电话号码无效")


def test_a_file_that_nobody_mended_is_rejected_for_the_same_reasons(rejected, sql) -> None:
    first, path = rejected(REAL)
    again, second = rejected(path)
    assert (again.read, again.written, again.rejected) == (157, 0, 157)
    assert sorted((one.field, one.en) for one in again.rejections) == sorted(
        (one.field, one.en) for one in first.rejections
    )
    assert [row[1:] for row in cells_in(second)] == [row[1:] for row in cells_in(path)]


@pytest.mark.parametrize(("encoding", "delimiter"), [("utf-8-sig", ","), ("gb18030", ";"), ("utf-16", "\t")])
def test_mended_rows_are_written_and_no_others(rejected, sql, tmp_path: Path, encoding: str, delimiter: str) -> None:
    """A spreadsheet saves in its own encoding and delimiter."""
    _, path = rejected(REAL)
    headings, *rows = cells_in(path)
    stage = headings.index("客户阶段")
    mended = [row for row in rows if row[1].count("; ") == 0 and row[1].startswith("客户阶段")]
    for row in mended:
        row[stage] = "忠诚"
    saved = tmp_path / "mended.csv"
    with saved.open("w", encoding=encoding, newline="") as file:
        csv.writer(file, delimiter=delimiter).writerows([headings, *rows])
    before = {number for (number,) in sql("SELECT external_id FROM customer")}
    done, _ = rejected(saved)
    assert done.layout.unknown == ()
    assert (done.written, done.rejected) == (len(mended), 157 - len(mended))
    after = {number for (number,) in sql("SELECT external_id FROM customer")}
    assert after - before == {unescaped(row[2]) for row in mended}


def test_a_formula_stays_the_text_that_it_is_on_the_way_through(rejected, sql, tmp_path: Path) -> None:
    note = '=HYPERLINK("http://x")\n\'quoted'
    with (tmp_path / "in.csv").open("w", newline="") as file:
        csv.writer(file).writerows([["编号", "姓名", "邮箱", "备注"], ["A1", "王芳", "no", note]])
    _, path = rejected(tmp_path / "in.csv")
    headings, row = cells_in(path)
    assert row[-1] == f"'{note}"
    row[4] = "wang@example.com"
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows([headings, row])
    assert rejected(path)[0].written == 1
    assert sql("SELECT summary_masked FROM interaction") == [(note,)]


@pytest.mark.parametrize(
    "cell", ["=1+1", "+86 138", "-1", "@SUM", "\tx", "\r=1", "＝1", "13800138000", "420105195605155434", "007", "1-2"]
)
def test_what_a_spreadsheet_would_run_or_round_is_escaped(cell: str) -> None:
    assert escaped(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["", "王芳", "rep", "浙江省杭州市文三路90号", "VIP; 老客户"])
def test_words_are_left_as_they_are(cell: str) -> None:
    assert escaped(cell) == cell


@given(st.text())
def test_every_cell_comes_back_to_the_letter_and_none_begins_like_a_formula(cell: str) -> None:
    shown = escaped(cell)
    assert unescaped(shown) == cell
    assert not shown.startswith(("=", "+", "-", "@", "\t", "\r", "\n", " "))


def test_rows_that_do_not_fit_the_headings_are_kept_whole(rejected, tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text('编号,姓名,备注\nA1,王芳\nA2,李明,"x,y\nA3,赵云,c,d\nA4\n')
    done, path = rejected(tmp_path / "in.csv")
    assert done.rejected == 3
    assert [[unescaped(cell) for cell in row[2:]] for row in cells_in(path)[1:]] == [
        ['A2,李明,"x,y'],
        ["A3", "赵云", "c", "d"],
        ["A4"],
    ]


def test_a_dry_run_gives_the_same_file(rejected, tmp_path: Path) -> None:
    dry = rejected(REAL, rehearse)[1].read_bytes()
    assert rejected(REAL)[1].read_bytes() == dry


def test_an_export_is_never_unescaped() -> None:
    sample = "编号,姓名\nA1,'王芳\n".encode()
    layout = layout_of(sample, None)
    *_, record = records(Lines(io.StringIO(sample.decode(), newline="")), ",")
    assert as_exported(record, layout).cells == ["A1", "'王芳"]
