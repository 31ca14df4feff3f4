"""Files as other systems write them: encodings, delimiters, headings, line breaks, and what is no table at all."""

import csv
import io
import zipfile
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import DomainError
from server.importing.headings import Column, column_of
from server.importing.layout import layout_of
from server.importing.records import Record, records
from server.importing.source import LONGEST_LINE, SAMPLE, Lines, sample_of

REAL = Path(__file__).parents[1] / "data" / "customers_export.csv"
CHINESE = "客户编号,客户名称,手机,备注\nK1,王芳,13800138000,老客户\n"
TRADITIONAL = "客戶編號,客戶名稱,手機,備註\nK1,陳大文,13800138000,已聯絡過，會再來電\n"


def read(text: str, delimiter: str = ",") -> list[Record]:
    return list(records(Lines(io.StringIO(text, newline="")), delimiter))


def layout(text: str, encoding: str = "utf-8"):
    return layout_of(text.encode(encoding), None)


def refusal(path: Path) -> str:
    with pytest.raises(DomainError) as refused:
        layout_of(sample_of(path), None)
    return str(refused.value)


@pytest.mark.parametrize(
    "content",
    ["<html><body><table><tr><td>客户编号</td></tr></table>", "\ufeff<!DOCTYPE html>", '<meta charset="gbk"><table>'],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_web_page_is_refused_with_what_to_do(tmp_path: Path, content: str, encoding: str) -> None:
    (tmp_path / "in.xls").write_text(content, encoding=encoding)
    with pytest.raises(DomainError, match=r"save it as \.xlsx"):
        sample_of(tmp_path / "in.xls")


def test_lines_from_which_characters_were_removed_are_known() -> None:
    lines = Lines(io.StringIO("a,b\n1\0,2\n3,4\n\0\0\n", newline=""))
    assert (list(lines), lines.changed) == (["a,b\n", "1,2\n", "3,4\n", "\n"], [2, 4])


def test_the_real_export_is_told_by_its_headings() -> None:
    found = layout_of(sample_of(REAL), None)
    assert (found.encoding, found.delimiter, found.line) == ("gb18030", ",", 1)
    assert found.columns[:4] == (Column.EXTERNAL_ID, Column.NAME, Column.KIND, Column.MOBILE)
    assert (None in found.columns, found.unknown, found.repeated) == (False, (), ())


@pytest.mark.parametrize(
    ("encoding", "found"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("gbk", "gb18030"),
        ("gb18030", "gb18030"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
        ("utf-32", "utf-32"),
    ],
)
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_every_encoding_and_delimiter_is_found(encoding: str, found: str, delimiter: str) -> None:
    told = layout(CHINESE.replace(",", delimiter), encoding)
    assert (told.encoding, told.delimiter, len(told.columns)) == (found, delimiter, 4)


def test_big5_is_told_from_gbk_by_headings_and_by_characters_in_common_use() -> None:
    assert layout(TRADITIONAL, "big5").encoding == "cp950"
    body = TRADITIONAL.partition("\n")[2]
    assert layout("number,name,mobile,note\n" + body, "big5").encoding == "cp950"
    assert layout("number,name,mobile,note\n" + CHINESE.partition("\n")[2], "gbk").encoding == "gb18030"


def test_one_broken_byte_does_not_make_utf_8_another_encoding() -> None:
    text = "number,name,mobile,note\n" + "K1,王芳,13800138000,老客户喜欢微信沟通\n" * 20
    assert layout_of(text.encode()[:-5] + b"\xff\n", None).encoding == "utf-8"


def test_the_encoding_is_told_by_what_stands_beyond_a_long_stretch_of_ascii(tmp_path: Path) -> None:
    rows = b"K1,Smith,13800138000\n" * (SAMPLE // 20)
    (tmp_path / "late.csv").write_bytes(b"number,name,mobile\n" + rows + "K2,王芳,13800138001\n".encode("gbk") * 9)
    assert layout_of(sample_of(tmp_path / "late.csv"), None).encoding == "gb18030"


def test_an_encoding_named_by_the_user_is_taken() -> None:
    assert layout_of(CHINESE.encode("gbk"), "gbk").encoding == "gbk"
    with pytest.raises(DomainError, match="no such encoding"):
        layout_of(CHINESE.encode(), "klingon")
    with pytest.raises(DomainError, match="no such encoding"):
        layout_of(CHINESE.encode(), "base64")


def test_headings_stand_in_any_order_below_titles_and_blank_lines() -> None:
    found = layout("\n\n客户导出 2026\nsep=,\n\n电话,归档,姓名\n")
    assert (found.line, found.columns) == (6, (Column.MOBILE, None, Column.NAME))


def test_unknown_and_repeated_headings_are_told_and_numbers_in_them_masked() -> None:
    found = layout("姓名,手机,手机,邮箱,信箱,血型,13800138000\n")
    assert found.columns == (Column.NAME, Column.MOBILE, Column.MOBILE, Column.EMAIL, None, None, None)
    assert found.repeated == (Column.EMAIL,)
    assert found.unknown == ("血型", "138****8000")


@pytest.mark.parametrize(
    ("heading", "column"),
    [
        ("*客户名称", Column.NAME),
        (" 手 机 号 ", Column.MOBILE),
        ("手机（必填）", Column.MOBILE),
        ("Mobile_Phone", Column.MOBILE),
        ("E-MAIL", Column.EMAIL),
        ("Ｎａｍｅ：", Column.NAME),
        ("dateOfBirth", Column.BIRTH_DATE),
        ("血型", None),
        ("", None),
        ("手机" * 1000, None),
    ],
)
def test_case_width_and_decoration_of_headings_do_not_count(heading: str, column: Column | None) -> None:
    assert column_of(heading) is column


def test_a_workbook_is_refused_with_the_way_out(tmp_path: Path) -> None:
    path = tmp_path / "customers.csv"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
    assert "save it as CSV" in refusal(path)
    assert "另存为 CSV" in refusal(path)


@pytest.mark.parametrize("content", [b"", b"\xef\xbb\xbf", b" \r\n\r\n", b"\xff\xfe", b"\0\0\0\0"])
def test_an_empty_file_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "empty.csv").write_bytes(content)
    assert "empty" in refusal(tmp_path / "empty.csv")


def test_a_file_without_headings_is_refused_without_a_word_of_its_content(tmp_path: Path) -> None:
    (tmp_path / "bare.csv").write_text("K1,王芳,13800138000\n")
    said = refusal(tmp_path / "bare.csv")
    assert "No row of headings" in said
    assert "王芳" not in said
    assert "138" not in said


def test_a_missing_file_is_refused_without_its_path(tmp_path: Path) -> None:
    assert "wangfang" not in refusal(tmp_path / "wangfang.csv")
    assert "cannot be read" in refusal(tmp_path)


def test_records_are_counted_by_the_physical_line_where_they_begin() -> None:
    assert read('a,"x\ny"\r\n\r\n,\nb,2\r\rc,3') == [
        Record(1, ["a", "x\ny"]),
        Record(5, ["b", "2"]),
        Record(7, ["c", "3"]),
    ]


def test_a_quotation_mark_that_never_closes_costs_its_own_line_only() -> None:
    assert read('a,"never\nb,2\nc,3\n') == [Record(1, None), Record(2, ["b", "2"]), Record(3, ["c", "3"])]


def test_a_row_never_swallows_the_next_one_through_a_stray_quotation_mark() -> None:
    """`"one` and the `"two"` of the next line would make one cell together."""
    assert read('a,"one\nb,"two"\nc,3\n') == [Record(1, None), Record(2, ["b", "two"]), Record(3, ["c", "3"])]


def test_marks_within_a_cell_are_taken_as_they_are() -> None:
    assert read('5" pipe,"said ""yes"" twice"\n') == [Record(1, ['5" pipe', 'said "yes" twice'])]


def test_marks_that_do_not_pair_alter_no_cell() -> None:
    assert read('5" pipe,"said "yes" twice"\nb,2\n') == [Record(1, None), Record(2, ["b", "2"])]


@pytest.mark.parametrize(
    ("line", "cells"),
    [
        (r'"said \"yes, twice\"",b', ['said "yes, twice"', "b"]),
        (r'"\"all\"",b', ['"all"', "b"]),
        (r'"C:\new\",b', ["C:\\new\\", "b"]),
        (r"5\" pipe,b", ['5\\" pipe', "b"]),
        (r'"a\\",b', ["a\\\\", "b"]),
        (r'"a\"",",b"', None),
        (r'"\"never,b', None),
    ],
)
def test_marks_behind_a_backslash_are_read_as_meant_or_not_at_all(line: str, cells: list[str] | None) -> None:
    found = list(records(Lines(io.StringIO(f"{line}\nc,d\n", newline="")), ",", 2))
    assert found == [Record(1, cells), Record(2, ["c", "d"])]


def test_of_several_columns_of_a_field_the_same_one_counts_in_any_order() -> None:
    for text in ("姓名,邮箱,信箱\n", "信箱,姓名,邮箱\n"):
        found = layout(text)
        assert [found.headings[found.columns.index(Column.EMAIL)], found.repeated] == ["邮箱", (Column.EMAIL,)]


OTHER_SCRIPTS = {
    "euc_kr": ["김철수", "이영희", "박지성", "최민호", "정우진", "주민수", "임우진"],
    "cp1251": ["Иванов Пётр", "Сорокина", "Со", "Соколов", "ГЛАДКОВ", "Ву"],
    "koi8_r": ["Иванов", "Сорокина"],
    "shift_jis": ["田中太郎", "鈴木花子", "タナカ", "林さくら"],
    "euc_jp": ["田中太郎", "鈴木花子", "高橋健"],
    "cp1252": ["Núñez", "Müller", "Étienne", "Ångström"],
    "cp1250": ["Łukasz Żółć", "Dvořák"],
    "cp1253": ["Γιώργος"],
    "cp1254": ["Şahin Yıldız"],
    "cp1255": ["משה כהן"],
    "cp1256": ["محمد"],
    "cp874": ["สมชาย"],
}


@pytest.mark.parametrize(
    ("encoding", "name"), [(code, name) for code, names in OTHER_SCRIPTS.items() for name in names]
)
def test_names_of_other_scripts_never_become_chinese(encoding: str, name: str) -> None:
    sample = f"number,name,phone\n7,{name},1\n".encode(encoding)
    with pytest.raises(DomainError, match="--encoding"):
        layout_of(sample, None)
    assert layout_of(sample, encoding).columns == (Column.EXTERNAL_ID, Column.NAME, Column.MOBILE)


@pytest.mark.parametrize("encoding", ["gb18030", "big5", "utf-8"])
@pytest.mark.parametrize(
    "body", ["7,王芳,老客户\n8,李娜,\n", "7,司馬光,\n", "7,Smith,華東\n", "7,金山有限公司,\n", "7,Ann,已聯絡過\n"]
)
def test_chinese_below_english_headings_is_believed(encoding: str, body: str) -> None:
    with suppress(UnicodeEncodeError):
        found = layout_of(("number,name,note\n" + body).encode(encoding), None)
        assert found.encoding == {"big5": "cp950"}.get(encoding, encoding)


def test_a_cell_beyond_all_bounds_is_no_record_and_the_next_row_is_read() -> None:
    assert read(f"{'x' * 200_000},1\nb,2\n") == [Record(1, None), Record(2, ["b", "2"])]


def test_a_line_beyond_all_bounds_stays_one_line() -> None:
    assert read(f"{'x,' * LONGEST_LINE}\nb,2\n")[1:] == [Record(2, ["b", "2"])]


def test_nul_characters_are_dropped() -> None:
    assert read("a\0b,1\n\0\nc,2\n") == [Record(1, ["ab", "1"]), Record(3, ["c", "2"])]


rows_of_text = st.lists(
    st.lists(
        st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=8), min_size=2, max_size=4
    ),
    max_size=6,
)


@given(rows_of_text, st.sampled_from(",;\t|"))
def test_whatever_a_csv_writer_wrote_is_read_back(rows: list[list[str]], delimiter: str) -> None:
    written = io.StringIO(newline="")
    csv.writer(written, delimiter=delimiter, quoting=csv.QUOTE_ALL).writerows(rows)
    assert [record.cells for record in read(written.getvalue(), delimiter)] == [
        row for row in rows if any(map(str.strip, row))
    ]


@given(st.text(alphabet='",\n\rab', max_size=60))
def test_every_line_is_accounted_for_whatever_the_quotation_marks(text: str) -> None:
    """Each record begins behind the one before, and every letter of the text is in some cell or in a refused row."""
    found = read(text)
    assert [record.line for record in found] == sorted({record.line for record in found})
    refused = any(record.cells is None for record in found)
    letters = sum("".join(record.cells or []).count("a") for record in found)
    assert letters == text.count("a") or refused


@given(st.binary(max_size=400))
def test_no_bytes_do_more_than_be_refused(content: bytes) -> None:
    for sample in (content, b"name,mobile\n" + content):
        with suppress(DomainError):
            assert Column.NAME in layout_of(sample, None).columns
