"""Workbooks: cells as the sheet shows them, the sheet that is meant, and files made to do harm."""

import io
import tracemalloc
import zipfile
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from xlsxwriter import Workbook

from domain.errors import DomainError
from server.importing.headings import Column
from server.importing.rejects import SheetRows
from server.importing.tables import opened
from server.importing.workbooks import _counts_from_1904, shown

MIDNIGHT = datetime(1990, 1, 2)  # noqa: DTZ001 - a sheet knows no zones
HEADINGS = ["客户编号", "客户名称", "手机", "出生日期", "身份证号", "备注"]
SHEET_XML = "xl/worksheets/sheet1.xml"


def workbook(path: Path, *rows: list[Any], sheets: tuple[str, ...] = ("Sheet1",), hidden: str = "") -> Path:
    """A workbook with these rows in its last sheet; `(value, format)` is a number shown in a format."""
    with Workbook(path) as book:
        for name in sheets:
            sheet = book.add_worksheet(name)
            (sheet.hide if name == hidden else sheet.activate)()
        for number, row in enumerate(rows):
            for column, cell in enumerate(row):
                put(book, sheet, (number, column), cell)
    return path


def put(book: Workbook, sheet: Any, at: tuple[int, int], cell: Any) -> None:
    match cell:
        case (value, form):
            sheet.write(*at, value, book.add_format({"num_format": form}))
        case date():
            sheet.write_datetime(*at, cell, book.add_format({"num_format": "yyyy/m/d"}))
        case str():
            sheet.write_string(*at, cell)
        case _:
            sheet.write(*at, cell)


def rows_of(path: Path, sheet: str | None = None) -> list[tuple[int, list[str] | None]]:
    return [(one.record.line, one.record.cells) for one in opened(path, sheet=sheet).rows()]


def refusal(path: Path, sheet: str | None = None) -> str:
    with pytest.raises(DomainError) as refused:
        rows_of(path, sheet)
    return str(refused.value)


def repacked(path: Path, **parts: bytes) -> Path:
    """The workbook with parts replaced or added; `sheet1` stands for its first sheet."""
    names = {"sheet1": SHEET_XML}
    with zipfile.ZipFile(path) as package:
        content = {name: package.read(name) for name in package.namelist()}
    content |= {names.get(name, name): text for name, text in parts.items()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for name, text in content.items():
            package.writestr(name, text)
    return path


def test_a_workbook_is_imported_as_the_sheet_shows_it(load, sql, tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "in.xlsx",
        HEADINGS,
        [10086, "周敏", 13900010051, date(1988, 6, 15), "", "老客户"],
        [(12, "00000"), "吴强", "13900010052", MIDNIGHT, "", ""],
        ["1E05", "Null", "", "1988/6/15 0:00", "", ""],
    )
    done = load(path)
    assert (done.layout.encoding, done.written, done.rejections) == ("xlsx", 3, [])
    assert sql("SELECT external_id, mobile_masked, birth_date_masked FROM customer ORDER BY external_id") == [
        ("00012", "139****0052", "1990-**-**"), ("10086", "139****0051", "1988-**-**"), ("1E05", None, "1988-**-**"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (13900010051.0, "13900010051"),
        (10086, "10086"),
        (55.5, "55.5"),
        (0.1 + 0.2, "0.3"),
        (-3.0, "-3"),
        (3.101151988061512e17, "3.10115198806151E+17"),
        (True, "TRUE"),
        (date(1988, 6, 15), "1988-06-15"),
        (MIDNIGHT, "1990-01-02"),
        (MIDNIGHT + timedelta(hours=8.5), "1990-01-02 08:30:00"),
        ("1E05", "1E05"),
        ("", ""),
    ],
)
def test_each_kind_of_cell_has_one_text(cell: Any, text: str) -> None:
    assert shown(cell) == text


def test_a_number_that_lost_digits_is_a_fault_and_never_another_number(load, tmp_path: Path) -> None:
    path = workbook(tmp_path / "in.xlsx", HEADINGS, ["A1", "周敏", "", "", 310115198806151234, ""])
    done = load(path)
    assert [(one.line, one.field) for one in done.rejections if "spreadsheet" in one.en] == [(2, "id_number")]


@pytest.mark.parametrize(
    ("number", "form", "shown_as"),
    [
        (77, "000000", "000077"),
        (12, '"C"00000', "C00012"),
        (1234, "00-000", "01-234"),
        (12, "00000;-00000", "00012"),
        (12, "[Red]00000", "00012"),
        (12, "00000_);(00000)", "00012"),
        (7, r"\K\H000", "KH007"),
        (12, "[$C]00000", "C00012"),
        (12, "[$-804]00000", "00012"),
        (12345, "00", "12345"),
        (85, '0"分"', "85"),
        (1234, "#,##0", "1234"),
        (12, "0.00", "12"),
    ],
)
def test_a_number_in_a_format_of_codes_is_read_as_the_sheet_shows_it(tmp_path: Path, number, form, shown_as) -> None:
    path = workbook(tmp_path / "in.xlsx", HEADINGS[:2], [(number, form), "周敏"])
    assert rows_of(path) == [(2, [shown_as, "周敏"])]


@pytest.mark.parametrize(
    ("cell", "kept"),
    [
        (b'<c r="C2"><f>D2</f></c>', "#N/A"),
        (b'<c r="C2"><f>D2</f><v></v></c>', "#N/A"),
        (b'<c r="C2" s="1"><f t="shared" si="0"/><v/></c>', "#N/A"),
        (b'<c r="C2" t="e"><f>VLOOKUP(1,2,3)</f><v>#REF!</v></c>', "#REF!"),
        (b'<c r="C2" t="e"><v>#N/A</v></c>', "#N/A"),
    ],
)
@pytest.mark.parametrize("heading", ["手机", "备注"])
def test_a_formula_without_a_result_is_told_and_stands_among_the_rejects_as_it_was(
    load, tmp_path: Path, cell: bytes, kept: str, heading: str
) -> None:
    path = workbook(tmp_path / "in.xlsx", ["客户编号", "客户名称", heading], ["A1", "周敏", 1])
    with zipfile.ZipFile(path) as package:
        sheet = package.read(SHEET_XML)
    repacked(path, sheet1=sheet.replace(b'<c r="C2"><v>1</v></c>', cell))
    done = load(path)
    [fault] = done.rejections
    assert (done.written, fault.line) == (0, 2)
    assert "formula" in fault.en
    assert rows_of(path) == [(2, ["A1", "周敏", kept])]


def test_a_formula_that_gives_an_empty_text_is_an_empty_cell(load, tmp_path: Path) -> None:
    path = workbook(tmp_path / "in.xlsx", HEADINGS[:3], ["A1", "周敏", 1])
    with zipfile.ZipFile(path) as package:
        sheet = package.read(SHEET_XML)
    empty = b'<c r="C2" t="str"><f>""</f><v></v></c>'
    assert load(repacked(path, sheet1=sheet.replace(b'<c r="C2"><v>1</v></c>', empty))).written == 1


def test_days_are_counted_from_where_the_workbook_counts_them(load, sql, tmp_path: Path) -> None:
    for name, era in (("1900", False), ("1904", True)):
        with Workbook(tmp_path / f"{name}.xlsx", {"date_1904": era}) as book:
            sheet = book.add_worksheet()
            sheet.write_row(0, 0, HEADINGS[:4])
            sheet.write_row(
                1, 0, [name, "周敏", "", (date(1990, 3, 7) - (date(1904, 1, 1) if era else date(1899, 12, 30))).days]
            )
        assert load(tmp_path / f"{name}.xlsx").written == 1
    assert len(set(sql("SELECT birth_date_masked FROM customer"))) == 1
    old = b"\xd0\xcf\x11\xe0" + bytes(500) + b"\x09\x08\x10\x00\x00\x06\x05\x00" + bytes(12)
    assert not _counts_from_1904(old + b"\x22\0\2\0\0\0")
    assert _counts_from_1904(old + b"\x42\0\2\0\xb0\4" + b"\x22\0\2\0\1\0")


def test_a_failed_formula_is_not_taken_for_an_empty_cell(load, tmp_path: Path) -> None:
    path = tmp_path / "in.xlsx"
    with Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, HEADINGS[:3])
        sheet.write_row(1, 0, ["A1", "周敏"])
        sheet.write_formula(1, 2, "=1/0", None, "#DIV/0!")
        sheet.write_formula(2, 0, '="A"&"2"', None, "A2")
        sheet.write_string(2, 1, "吴强")
    done = load(path)
    assert (done.written, [(one.line, one.field) for one in done.rejections]) == (1, [(2, "mobile")])


def test_rows_are_numbered_as_the_sheet_numbers_them(tmp_path: Path) -> None:
    path = workbook(tmp_path / "in.xlsx", [], ["", "客户导出"], [], ["", *HEADINGS[:3]], [], ["", "A1", "周敏", 1])
    assert rows_of(path) == [(6, ["", "A1", "周敏", "1"])]
    assert opened(path).layout.line == 4


def test_the_first_sheet_to_be_seen_is_read_or_the_one_that_is_named(tmp_path: Path) -> None:
    rows = [HEADINGS[:3], ["A1", "周敏", "13900010051"]]
    path = workbook(tmp_path / "in.xlsx", *rows, sheets=("隐藏", "客户"), hidden="隐藏")
    for sheet in (None, "客户", "2"):
        assert rows_of(path, sheet) == [(2, ["A1", "周敏", "13900010051"])]
    assert "No row of headings in sheet 1" in refusal(path, "1")
    assert "1 隐藏; 2 客户" in refusal(path, "1")
    for sheet in ("3", "0", "供应商", ""):
        assert "from 1 to 2" in refusal(path, sheet)
    (tmp_path / "in.csv").write_text("客户编号,客户名称\nA1,周敏\n")
    assert "Only a workbook" in refusal(tmp_path / "in.csv", "1")


def test_each_sheet_is_an_import_of_its_own(load, tmp_path: Path) -> None:
    with Workbook(tmp_path / "in.xlsx") as book:
        for name in ("周敏", "吴强"):
            book.add_worksheet().write_row(0, 0, HEADINGS[1:3])
            book.worksheets()[-1].write_row(1, 0, [name, "13900010051"])
    assert [load(tmp_path / "in.xlsx", sheet=sheet).written for sheet in ("1", "2", "1")] == [1, 1, 0]


def test_a_workbook_is_told_by_its_content(load, tmp_path: Path) -> None:
    path = workbook(tmp_path / "named.csv", HEADINGS[:3], ["A1", "周敏", "13900010051"])
    assert load(path).written == 1
    (tmp_path / "named.xlsx").write_text("客户编号,客户名称\nA2,吴强\n")
    assert load(tmp_path / "named.xlsx").written == 1


# -- files made to do harm ---------------------------------------------------------------------------------------------


def refused_cheaply(path: Path) -> str:
    tracemalloc.start()
    try:
        said = refusal(path)
        assert tracemalloc.get_traced_memory()[1] < 64 << 20
        return said
    finally:
        tracemalloc.stop()


def cells(*refs: str) -> bytes:
    made = "".join(f'<c r="{ref}"><v>1</v></c>' for ref in refs)
    return f'<worksheet><sheetData><row r="1">{made}</row></sheetData></worksheet>'.encode()


def test_two_cells_far_apart_do_not_fill_the_memory(tmp_path: Path) -> None:
    path = workbook(tmp_path / "in.xlsx", HEADINGS)
    assert "stray cells" in refused_cheaply(repacked(path, sheet1=cells("A1", "XFD1048576")))
    assert "stray cells" in refused_cheaply(
        repacked(path, sheet1=b"<worksheet>" + b" " * (1 << 20) + cells("ZZ900000"))
    )


def test_formatted_cells_without_content_do_not_count(tmp_path: Path) -> None:
    path = workbook(tmp_path / "in.xlsx", HEADINGS[:3], ["A1", "周敏", "1"])
    with zipfile.ZipFile(path) as package:
        sheet = package.read(SHEET_XML)
    far = sheet.replace(b"</sheetData>", b'<row r="1048576"><c r="XFD1048576" s="0"/></row></sheetData>')
    assert rows_of(repacked(path, sheet1=far)) == [(2, ["A1", "周敏", "1"])]


def test_what_unpacks_to_far_more_than_it_is_is_refused_unopened(tmp_path: Path) -> None:
    path = workbook(tmp_path / "in.xlsx", HEADINGS)
    assert "too large" in refused_cheaply(repacked(path, sheet1=b" " * (100 << 20)))
    assert "too large" in refused_cheaply(repacked(path, **{f"xl/{n}.xml": b"" for n in range(5001)}))


def test_a_size_that_is_not_the_real_one_is_refused(tmp_path: Path) -> None:
    path = repacked(workbook(tmp_path / "in.xlsx", HEADINGS), sheet1=b" " * (30 << 20))
    content = path.read_bytes()
    path.write_bytes(content.replace((30 << 20).to_bytes(4, "little"), (3000).to_bytes(4, "little")))
    assert "cannot be read" in refused_cheaply(path)


@pytest.mark.parametrize(
    "content",
    [
        b"PK\x03\x04",
        b"PK\x03\x04xl/workbook.xml",
        b"\xd0\xcf\x11\xe0",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 5000,
    ],
)
def test_a_broken_workbook_is_refused_with_the_way_out(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "in.xlsx").write_bytes(content)
    assert "save it as CSV" in refusal(tmp_path / "in.xlsx")


def test_a_cut_workbook_is_refused(tmp_path: Path) -> None:
    content = workbook(tmp_path / "in.xlsx", HEADINGS, ["A1", "周敏"]).read_bytes()
    for end in range(0, len(content), 97):
        (tmp_path / "cut.xlsx").write_bytes(content[:end])
        with pytest.raises(DomainError):
            rows_of(tmp_path / "cut.xlsx")


def test_an_encrypted_workbook_is_told(tmp_path: Path) -> None:
    content = b"\xd0\xcf\x11\xe0" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le") + b"\0" * 600
    (tmp_path / "in.xlsx").write_bytes(content)
    assert "password" in refusal(tmp_path / "in.xlsx")


# -- rejected rows -----------------------------------------------------------------------------------------------------

HARMFUL = [
    '=HYPERLINK("http://x")',
    "+1",
    "-1",
    "@SUM(1)",
    "'13800138000",
    "00012",
    "1E05",
    "2026-01-02",
    "\tx",
    "x\ny",
]


def test_rejected_rows_come_back_from_a_workbook_to_the_letter(tmp_path: Path) -> None:
    content = io.BytesIO()
    rows = SheetRows(content)
    rows.begin(["客户名称", "备注", "手机"])
    for line, cell in enumerate(HARMFUL):
        rows.write_row(line + 2, "有问题", ["周敏", cell, "13900010051"])
    rows.close()
    (tmp_path / "rejects.xlsx").write_bytes(content.getvalue())
    table = opened(tmp_path / "rejects.xlsx")
    assert table.layout.columns == (Column.NAME, Column.NOTE, Column.MOBILE)
    assert [one.record.cells for one in table.rows()] == [["周敏", cell, "13900010051"] for cell in HARMFUL]


def test_no_cell_of_rejected_rows_is_a_formula_a_link_or_a_number(tmp_path: Path) -> None:
    content = io.BytesIO()
    rows = SheetRows(content)
    rows.begin(HARMFUL)
    rows.write_row(2, "=1+1", [*HARMFUL, "https://example.com", "x" * 40_000])
    rows.close()
    with zipfile.ZipFile(content) as package:
        sheet = package.read(SHEET_XML)
        assert b"<f>" not in sheet
        assert b"hyperlink" not in sheet
        assert sheet.count(b"<c ") == sheet.count(b't="s"')
        assert "cells too long" in package.read("xl/sharedStrings.xml").decode()
