"""Whole exports into the database: the real one, and one that is messy in other ways.

The counts of the real file were worked out apart from this code, by a script that knows the checksums and nothing else.
"""

import csv
import io
import re
import unicodedata
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from auth.sealing.seals import unseal_one
from domain.errors import DomainError
from server.importing import report as reports
from server.importing.customers import Wishes, import_customers
from server.importing.headings import HEADINGS, column_of
from server.importing.rows import ENTERED_LATER

DATA = Path(__file__).parents[1] / "data"
REAL = DATA / "customers_export.csv"
OTHER = DATA / "customers_export_utf16.tsv"


def numbers_of(path: Path, encoding: str) -> set[str]:
    """Every telephone, card number and e-mail of a file, without separators; numbers cut short are none of these."""
    text = path.read_bytes().decode(encoding)
    plain = unicodedata.normalize("NFKC", text)
    mails = set(re.findall(r"[\w.]+@[\w.]+", plain))
    runs = {re.sub(r"\D", "", run) for run in re.findall(r"\d(?:[ -]?\d){10,}", plain)}
    return mails | runs | {run[-11:] for run in runs}


def unsealed(ring, row, table: str, column: str) -> str | None:
    wrapped, person, id_, sealed = row
    return unseal_one(ring)(wrapped, person, sealed, f"{table}.{column}:".encode() + id_.bytes)


def test_the_real_export_is_written_but_for_its_faults(load, sql) -> None:
    done = load(REAL)
    assert (done.read, done.written, done.present, done.repeated, done.rejected) == (600, 443, 0, 0, 157)
    assert Counter(one.field for one in done.rejections) == {
        "stage": 66, "email": 48, "id_number": 28, "mobile": 20, "name": 13,
    }  # fmt: skip
    assert Counter(one.field for one in done.warnings) == {"owner": 101, "note": 2}
    assert Counter(one.field for one in done.notes) == {"id_number": 30}
    assert Counter(one.field for one in done.duplicates) == {
        "mobile": 17, "other_mobile": 1, "email": 16, "id_number": 12, "wechat_id": 12,
    }  # fmt: skip
    assert sql(
        """SELECT count(*), count(external_id), count(owner_id), count(other_mobile_sealed),
                  count(*) FILTER (WHERE kind = 'ORGANIZATION'), count(*) FILTER (WHERE basis = 'CONTRACT')
           FROM customer"""
    ) == [(443, 443, 203, 12, 138, 443)]


def test_what_stands_under_no_heading_and_what_is_removed_is_told(load, tmp_path: Path) -> None:
    path = tmp_path / "in.csv"
    path.write_text("客户编号,名称,手机,,\nS1,辛一,13700015001,,\nS2,辛\0二,13700015002,重要的内容,\n")
    done = load(path)
    assert done.written == 2
    assert [(one.line, one.en.partition(";")[0].partition(":")[0]) for one in sorted(done.warnings)] == [
        (1, "Column 4 has no heading (is it merged with another?), so what stands in it was not read"),
        (
            3,
            "NUL characters were removed from 1 lines, of which this is the first",
        ),
    ]


@pytest.mark.parametrize("row", ["合计,2,", "S2,总计,", ",Total,13700015002"])
def test_a_row_of_totals_is_no_customer(load, tmp_path: Path, row: str) -> None:
    (tmp_path / "in.csv").write_text(f"客户编号,名称,手机\nS1,辛一,13700015001\n{row}\n")
    done = load(tmp_path / "in.csv")
    assert (done.written, [(one.line, one.en) for one in done.rejections]) == (
        1,
        [(3, "This is a row of totals, not a customer")],
    )


@pytest.mark.parametrize(
    ("heading", "kind", "number", "column"),
    [
        ("证件号码", "港澳台居民居住证", "810000199408230021", "id_number"),
        ("证件号码", "永居证", "911124198108030024", "id_number"),
        ("证件号码", "驾驶证", "11010519491231002X", "id_number"),
        ("证件号码", "社保卡", "11010519491231002X", "id_number"),
        ("证件号码", "", "A123456(3)", "id_document"),
        ("证件号码", "", "1/234567/8", "id_document"),
        ("证件号码", "护照", "E12345678", "id_document"),
    ],
)
def test_a_number_is_kept_for_what_it_is_whatever_document_bears_it(
    load, sql, tmp_path: Path, heading: str, kind: str, number: str, column: str
) -> None:
    path = tmp_path / "in.csv"
    path.write_text(f"客户编号,名称,证件类型,{heading}\nS1,辛一,{kind},{number}\n")
    done = load(path)
    assert (done.rejections, done.warnings) == ([], [])
    stored = "SELECT id_number_sealed IS NOT NULL, id_document_sealed IS NOT NULL, document_kind FROM customer"
    [(is_number, is_document, of_kind)] = sql(stored)
    assert (is_number, is_document) == (column == "id_number", column == "id_document")
    assert of_kind == {"": "OTHER", "护照": "PASSPORT"}[kind] if is_document else of_kind is None


@pytest.mark.parametrize(
    ("encoding", "delimiter", "chinese"), [("utf-8-sig", ";", True), ("utf-16-le", "\t", False), ("gbk", "|", False)]
)
def test_the_same_rows_written_in_another_way_are_judged_the_same(
    load, tmp_path: Path, encoding: str, delimiter: str, chinese: bool
) -> None:
    """Columns in another order, headings in English, another encoding and delimiter."""
    rows = list(csv.reader(io.StringIO(REAL.read_bytes().decode("gb18030"), newline="")))
    if not chinese:
        rows[0] = [HEADINGS[column][1].split(", ")[0] for column in map(column_of, rows[0])]
    with (tmp_path / "same.csv").open("w", encoding=encoding, newline="") as file:
        csv.writer(file, delimiter=delimiter).writerows(row[::-1] for row in rows)
    again, first = load(tmp_path / "same.csv"), load(REAL)
    assert (again.layout.delimiter, again.written, again.rejected, first.written) == (delimiter, 443, 157, 0)
    assert sorted(again.rejections) == sorted(first.rejections)
    assert (len(again.duplicates), len(again.notes)) == (58, 30)


def test_faults_are_told_by_the_line_that_an_editor_shows(load) -> None:
    done = load(REAL)
    lines = REAL.read_bytes().decode("gb18030").split("\n")
    assert [one.field for one in done.rejections if one.line == 3] == ["mobile"]
    for one in done.rejections:
        assert lines[one.line - 1].startswith("KH"), "the line is not the first of a record"
        if one.field == "stage":
            assert "未知阶段" in lines[one.line - 1]
    for one in done.duplicates:
        earlier = int(re.findall(r"\d+", one.en)[0])
        assert earlier < one.line


def test_everything_of_a_row_arrives(load, sql, staff, ring) -> None:
    load(REAL)
    [(region, industry, stage, tier, source, owner, masked)] = sql(
        """SELECT region, industry, stage, tier.code, source, owner_id, mobile_masked
           FROM customer LEFT JOIN tier ON tier.id = tier_id WHERE external_id = 'KH000003'"""
    )
    assert (region, industry, stage, tier, source) == ("西南", "餐饮", "LOYALTY", "A", "抖音")
    assert (owner, masked) == (staff["other_rep"], "134****5075")
    rows = sql(
        """SELECT wrapped, customer.id, customer.id, birth_date_sealed FROM customer JOIN data_key USING (id)
           WHERE external_id = 'KH000003'"""
    )
    assert unsealed(ring, rows[0], "customer", "birth_date") == "2014-03-12"


def test_the_second_number_of_a_cell_is_kept_sealed(load, sql, ring) -> None:
    load(REAL)
    rows = sql(
        """SELECT wrapped, customer.id, customer.id, other_mobile_sealed FROM customer JOIN data_key USING (id)
           WHERE other_mobile_sealed IS NOT NULL ORDER BY external_id"""
    )
    seconds = {unsealed(ring, row, "customer", "other_mobile") for row in rows}
    cells = re.findall(r"(\d{11})/(\d{11})", REAL.read_bytes().decode("gb18030"))
    assert seconds < {f"+86{second}" for first, second in cells if first != second}
    assert (len(rows), len(seconds)) == (12, 11)


def test_notes_become_interactions_with_their_numbers_masked_and_the_original_sealed(load, sql, ring) -> None:
    load(REAL)
    assert sql("SELECT count(*), min(channel), max(direction) FROM interaction") == [(339, "OTHER", "INBOUND")]
    [(masked, *row)] = sql(
        """SELECT summary_masked, wrapped, customer.id, interaction.id, summary_sealed FROM interaction
           JOIN customer ON customer.id = customer_id JOIN data_key ON data_key.id = customer_id
           WHERE external_id = 'KH000007'"""
    )
    assert masked == "紧急联系 153****5131"
    assert unsealed(ring, row, "interaction", "summary") == "紧急联系 15395755131"
    assert sql("SELECT count(*) FROM interaction WHERE summary_masked = '=HYPERLINK(\"http://x\")'")[0][0] > 10
    assert sql("SELECT count(*) FROM interaction WHERE summary_masked = E'上次沟通,说\"再考虑\"\\n下周回访'")[0][0] > 10


def test_tags_are_made_once_and_events_tell_the_beginning(load, sql) -> None:
    load(REAL)
    assert sql("SELECT name FROM tag ORDER BY name") == [
        ("价格敏感",), ("决策周期长",), ("注重服务",), ("老客户",), ("预算充足",),
    ]  # fmt: skip
    assert sql("SELECT count(*) FROM customer_tag") == [(676,)]
    assert sql("SELECT kind, count(*) FROM event GROUP BY kind ORDER BY kind") == [
        ("CREATED", 443), ("INTERACTION_LOGGED", 339),
    ]  # fmt: skip
    assert sql("SELECT count(DISTINCT wrapped) FROM data_key") == [(443,)]


def test_a_lenient_import_writes_what_can_be_read_and_tells_everything_else(load, sql) -> None:
    strict = load(REAL)
    done = load(REAL, may_lack=ENTERED_LATER)
    assert (done.present, done.written, done.rejected, done.lacking) == (443, 116, 41, 116)
    kept_out = {one.line for one in strict.rejections if one.field in {"name", "id_number"}}
    assert {one.line for one in done.rejections} == kept_out
    assert sorted(done.rejections + done.left_out) == sorted(strict.rejections)
    assert {one.field for one in done.left_out} == {"stage", "email", "mobile"}
    unknown = [one.line for one in done.left_out if one.field == "stage"]
    asked = "SELECT count(*), count(stage) FROM customer JOIN import_row ON customer_id = id WHERE line = ANY(%s)"
    assert sql(asked, unknown) == [(len(unknown), 0)]
    told = reports.text(done, 1_000)
    assert "116 were written without something" in told
    assert "未知阶段" not in told
    assert reports.table(done).count("Left out of rows that were written") == len(done.left_out)


def test_a_second_run_writes_nothing_but_that_it_was(load, dump, sql) -> None:
    load(REAL)
    before = Counter(dump().splitlines())
    done = load(REAL)
    assert (done.read, done.written, done.present, done.rejected) == (600, 0, 443, 157)
    assert (done.duplicates, done.warnings) == ([], [])
    after = Counter(dump().splitlines())
    assert before - after == Counter()
    assert (after - before).total() == 3  # its batch and two rows of the audit
    assert sql("SELECT written, present FROM import_batch ORDER BY id") == [(443, 0), (0, 443)]


def test_no_number_of_the_file_is_in_the_database_or_in_a_report(load, dump) -> None:
    done = load(REAL)
    told = reports.text(done, 10_000) + reports.json(done).decode() + reports.table(done)
    canaries = numbers_of(REAL, "gb18030")
    assert len(canaries) > 1500
    held = dump()
    assert "KH000001" in held
    kept = re.sub(r"\\\\x[0-9a-f]+", "", held)  # ciphertext in hex holds any short run of digits by chance
    assert [one for one in canaries if one in kept or one in told] == []


def test_names_and_addresses_of_people_are_not_in_a_report(load) -> None:
    done = load(REAL)
    told = reports.text(done, 10_000) + reports.json(done).decode() + reports.table(done)
    for value in ("欧阳修文", "街道", "路D座", "KH000", "moqiang", "_wx", "不存在的人", "未知阶段"):
        assert value not in told


def test_another_export_of_other_words_marks_and_bytes(load, sql, staff) -> None:
    done = load(OTHER, source="old CRM")
    said = [(one.line, one.field) for one in sorted(done.rejections)]
    assert (done.read, done.written, done.repeated, done.rejected) == (10, 7, 1, 2)
    assert {line for line, _ in said} == {10, 13}
    assert [field for line, field in said if line == 10] == [
        "birth_date", "email", "id_number", "mobile", "name", "score", "tags",
    ]  # fmt: skip
    assert sql(
        """SELECT external_id, kind, stage, tier.code, region, source, preferred_channel, score, owner_id, mobile_masked
           FROM customer LEFT JOIN tier ON tier.id = tier_id ORDER BY customer.id"""
    ) == [
        ("C-1", "PERSON", "LOYALTY", "A", "East", "Fair", "WECHAT", 90.0, staff["rep"], "138****8100"),
        ("C-2", "ORGANIZATION", "PURCHASE", "B", "华东", "old CRM", "EMAIL", 55.5, staff["rep"], "+1 ****0000"),
        ("C-3", "PERSON", None, None, None, "old CRM", None, None, None, "138****8101"),
        (None, "PERSON", None, None, None, "old CRM", None, None, None, "138****8100"),
        ("C-6", "PERSON", None, None, None, "old CRM", None, None, None, None),
        ("C-7", "PERSON", "POTENTIAL", "C", None, "old CRM", None, None, staff["other_rep"], None),
        ("C-9", "PERSON", None, None, None, "old CRM", None, None, None, None),
    ]
    assert [(one.line, one.field, one.en) for one in sorted(done.duplicates)] == [
        (9, "mobile", "The same as in line 4"),
        (12, "email", "The same as in line 4"),
        (12, "id_number", "The same as in line 4"),
    ]
    assert [(one.line, one.field) for one in sorted(done.warnings)] == [
        (3, ""), (3, ""), (3, "external_id"), (6, "owner"), (8, "external_id"), (14, ""),
    ]  # fmt: skip
    assert any("Blood group" in one.en for one in done.warnings)


def test_a_customer_who_was_there_before_is_told_without_saying_who(load, tmp_path: Path) -> None:
    load(OTHER)
    (tmp_path / "more.csv").write_text(
        "编号,姓名,电话,邮箱\nZ1,王芳,010-62345678,ADA@example.org\nZ2,李明,13800138101,\n"
    )
    done = load(tmp_path / "more.csv")
    assert done.written == 2
    assert [(one.line, one.field, one.en) for one in done.duplicates] == [
        (2, "mobile", "The same as that of a customer who was there before"),
        (2, "email", "The same as that of a customer who was there before"),
        (3, "mobile", "The same as that of a customer who was there before"),
    ]


def test_duplicates_are_found_under_keys_of_the_past(load, ring, database_url, tmp_path: Path) -> None:
    load(OTHER)
    (tmp_path / "more.csv").write_text("编号,姓名,电话\nZ1,王芳,13800138101\n")
    done = import_customers(tmp_path / "more.csv", Wishes(), database_url, ring.rotated(), lambda _: None)
    assert [one.field for one in done.duplicates] == ["mobile"]


def test_more_rows_than_a_transaction_takes_are_written_and_told_of(
    load, sql, tmp_path: Path, database_url, ring
) -> None:
    rows = "".join(f"B{n},客户{n}\n" for n in range(1100))
    (tmp_path / "many.csv").write_text("编号,姓名\n" + rows + "B5,又一次\n")
    told: list[int] = []
    done = import_customers(tmp_path / "many.csv", Wishes(), database_url, ring, told.append)
    assert (done.written, done.repeated, done.rejected) == (1100, 1, 0)
    assert told[-1] == (tmp_path / "many.csv").stat().st_size
    assert len(told) == 3


def test_an_import_that_broke_off_is_finished_by_the_next(load, sql, tmp_path: Path, database_url, ring) -> None:
    rows = "".join(f"B{n},客户{n}\n" for n in range(1100))
    (tmp_path / "many.csv").write_text("编号,姓名\n" + rows)

    def pulled(_read: int) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        import_customers(tmp_path / "many.csv", Wishes(), database_url, ring, pulled)
    assert sql("SELECT count(*) FROM customer") == [(500,)]
    done = load(tmp_path / "many.csv")
    assert (done.present, done.written) == (500, 600)


def test_two_imports_at_once_write_nothing_twice(load, sql) -> None:
    with ThreadPoolExecutor(2) as threads:
        done = list(threads.map(load, [REAL, REAL]))
    assert sum(one.written for one in done) == sum(one.present for one in done) == 443
    assert sql("SELECT count(*) FROM customer") == [(443,)]


def test_a_file_of_headings_only_writes_nothing(load, tmp_path: Path) -> None:
    (tmp_path / "none.csv").write_text("编号,姓名\n")
    done = load(tmp_path / "none.csv")
    assert (done.read, done.written, done.rejected) == (0, 0, 0)


def test_a_legal_basis_that_is_none_of_the_seven_is_no_wish() -> None:
    with pytest.raises(ValueError, match="LEGITIMATE"):
        Wishes("LEGITIMATE_INTEREST")


def test_a_source_that_may_not_be_kept_is_refused_before_a_row_is_read(load) -> None:
    with pytest.raises(DomainError):
        load(OTHER, source="13800138000")
