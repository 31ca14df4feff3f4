"""Files that did not come in as they should, each with what has to become of it, and others of the same kinds."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from auth.sealing.seals import unseal_one
from domain.errors import DomainError
from domain.imported_details import ImportedDetail, details_in
from domain.personal.dates import today
from server.importing.report import Report

CASES = Path(__file__).parents[1] / "data" / "import"
Opened = Callable[[str], dict[str, Any]]


@pytest.fixture
def loaded(load, tmp_path: Path) -> Callable[..., Report]:
    """`loaded("name.csv")` a case; `loaded(text="…")` a file of this text."""

    def loading(name: str = "", *, text: str = "", **wishes: str) -> Report:
        if name:
            return load(CASES / name, **wishes)
        (tmp_path / "made.csv").write_text(text, encoding="utf-8")
        return load(tmp_path / "made.csv", **wishes)

    return loading


@pytest.fixture
def opened(sql, ring) -> Opened:
    """`opened("C1")`: the customer of this number, every sealed text opened, and the texts of the notes."""
    fields = (
        "name", "mobile", "other_mobile", "email", "wechat_id", "id_number", "id_document", "address", "birth_date",
    )  # fmt: skip

    def all_of(number: str) -> dict[str, Any]:
        asked = ", ".join(f"{field}_sealed, {field}_masked" for field in fields)
        [row] = sql(
            f"SELECT customer.id, wrapped, kind, document_kind, {asked} FROM customer JOIN data_key USING (id)"
            " WHERE external_id = %s",
            number,
        )
        id_, wrapped, found = row[0], row[1], {"kind": row[2], "document_kind": row[3]}

        def clear(sealed: bytes | None, place: str, of: Any) -> str | None:
            return sealed and unseal_one(ring)(wrapped, id_, sealed, f"{place}:".encode() + of.bytes)

        for at, field in enumerate(fields):
            sealed, masked = row[4 + 2 * at : 6 + 2 * at]
            found |= {field: clear(sealed, f"customer.{field}", id_), f"{field} masked": masked}
        notes = sql(
            "SELECT id, summary_sealed, summary_masked, imported_details FROM interaction WHERE customer_id = %s"
            " ORDER BY imported_details, id",
            id_,
        )
        found["notes"] = [
            (masked, clear(sealed, "interaction.summary", of) or masked) for of, sealed, masked, _ in notes
        ]
        found["details"] = [detail for (*_, kept), (_, text) in zip(notes, found["notes"], strict=True) if kept
                            for detail in details_in(text)]  # fmt: skip
        return found

    return all_of


def numbers(sql) -> list[str]:
    return [number for (number,) in sql("SELECT external_id FROM customer ORDER BY external_id")]


def said(findings) -> list[tuple[int, str]]:
    return [(one.line, one.field) for one in sorted(findings)]


# -- cells missing at the end ------------------------------------------------------------------------------------------


def test_cells_missing_at_the_end_are_empty_and_told_once(loaded, opened, sql) -> None:
    done = loaded("trailing_cells.csv")
    assert (done.written, done.rejections) == (3, [])
    assert said(done.warnings) == [(1, "")]
    assert "2 rows have fewer cells" in done.warnings[0].en
    assert opened("C1003")["notes"] == [("已回访", "已回访")]
    assert sql("SELECT external_id, name FROM customer JOIN customer_tag ON customer_id = customer.id"
               " JOIN tag ON tag.id = tag_id") == [("C1002", "老客户")]  # fmt: skip


def test_whole_rows_are_not_told_and_a_row_without_a_name_is_still_rejected(loaded) -> None:
    assert loaded(text="客户编号,客户名称,手机\nA1,周敏,\nA2,吴强,13900010002\n").warnings == []
    done = loaded(text="手机,客户编号,客户名称\n13900010003,A3\n")
    assert (done.written, said(done.rejections)) == (0, [(2, "name")])


# -- birth dates -------------------------------------------------------------------------------------------------------


def test_birth_dates_with_a_time_are_the_day_that_it_was_in_china(loaded, opened) -> None:
    done = loaded("dates_with_time.csv")
    assert said(done.rejections) == [(8, "birth_date")]
    assert "needs year, month and day" in done.rejections[0].en
    assert {opened(f"C101{n}")["birth_date"] for n in range(1, 7)} == {"1988-06-15"}
    assert said(done.warnings) == [(7, "birth_date")]


@pytest.mark.parametrize("serial", ["32309", "32309.0", "32309.5"])
def test_the_number_of_a_day_is_the_day_and_is_told(loaded, opened, serial: str) -> None:
    done = loaded(text=f"出生日期,客户名称,客户编号\n{serial},周敏,A1\n")
    assert opened("A1")["birth_date"] == "1988-06-15"
    assert (2, "birth_date") in said(done.warnings)


def test_no_number_of_a_day_in_the_future_is_a_birth_date(loaded) -> None:
    ahead = (today() - date(1899, 12, 30) + timedelta(days=40)).days
    done = loaded(text=f"客户编号,客户名称,出生日期\nA1,周敏,{ahead}\n")
    assert (said(done.rejections), done.warnings) == ([(2, "birth_date")], [])


@pytest.mark.parametrize(
    "cell", ["1988-06", "1988/6", "1988年6月", "1988", "1988年", "6月15日", "1988-06-00", "06/1988"]
)
def test_a_date_without_a_day_has_its_own_message(loaded, cell: str) -> None:
    done = loaded(text=f"客户编号,客户名称,出生日期\nA1,周敏,{cell}\n")
    assert ["needs year, month and day" in one.en for one in done.rejections] == [True]


# -- company and person ------------------------------------------------------------------------------------------------


def test_a_company_and_a_person_are_an_organisation_and_its_contact(loaded, opened) -> None:
    done = loaded("company_and_person.csv")
    assert (done.written, done.rejections, done.warnings) == (1, [], [])
    customer = opened("C1021")
    assert (customer["kind"], customer["name"]) == ("ORGANIZATION", "杭州青禾科技有限公司")
    assert customer["address"] == "杭州市西湖区文三路100号"
    assert customer["notes"][0][0] == "联系人 周*\n收货地址 杭州市余杭区****"
    assert customer["details"] == [
        ImportedDetail("contact", "周敏"), ImportedDetail("delivery_address", "杭州市余杭区荆长路1号"),
    ]  # fmt: skip


def test_the_order_of_columns_changes_nothing(loaded, opened, dump) -> None:
    assert loaded("person_before_company.csv").written == 1
    customer = opened("C1022")
    assert (customer["kind"], customer["name"], customer["notes"][0][0]) == (
        "ORGANIZATION", "苏州白鹭贸易有限公司", "联系人 吴*",
    )  # fmt: skip
    assert "吴强" not in dump()


ROW = {"客户编号": "A1", "公司名称": "青松", "联系人": "周敏", "手机": "13900010021",
       "收货地址": "杭州市余杭区良睦路1号",
       "公司地址": "杭州市西湖区文三路100号"}  # fmt: skip


@pytest.mark.parametrize("turned", range(len(ROW)))
@pytest.mark.parametrize("backward", [False, True])
def test_no_order_of_columns_changes_who_is_who(loaded, opened, turned: int, backward: bool) -> None:
    names = list(ROW)[turned:] + list(ROW)[:turned]
    names = names[::-1] if backward else names
    loaded(text=",".join(names) + "\n" + ",".join(ROW[name] for name in names) + "\n")
    customer = opened("A1")
    assert (customer["kind"], customer["name"], customer["address"]) == (
        "ORGANIZATION", "青松", "杭州市西湖区文三路100号",
    )  # fmt: skip
    assert [detail.value for detail in customer["details"]] == ["周敏", "杭州市余杭区良睦路1号"]


@pytest.mark.parametrize(
    ("headings", "cells", "kind", "name", "others"),
    [
        ("联系人", "周敏", "PERSON", "周敏", []),
        ("公司名称", "青松", "ORGANIZATION", "青松", []),
        ("联系人,公司名称", "周敏,", "PERSON", "周敏", []),
        ("联系人,公司名称", "周敏,无", "PERSON", "周敏", []),
        ("联系人,公司名称", ",青松", "ORGANIZATION", "青松", []),
        ("姓名,公司名称", "周敏,青松", "ORGANIZATION", "青松", [("contact", "周敏")]),
        ("公司名称,姓名", "青松,周敏", "ORGANIZATION", "青松", [("contact", "周敏")]),
        ("客户名称,联系人", "青松有限公司,周敏", "ORGANIZATION", "青松有限公司", [("contact", "周敏")]),
        ("联系人,客户名称", "周敏,周敏", "PERSON", "周敏", []),
        ("客户名称,姓名", "青松有限公司,周敏", "ORGANIZATION", "青松有限公司", [("contact", "周敏")]),
        ("姓名,客户名称", "周敏,青松有限公司", "ORGANIZATION", "青松有限公司", [("contact", "周敏")]),
        ("客户类型,姓名,公司名称", "个人,周敏,青松", "PERSON", "周敏", [("company", "青松")]),
        ("公司名称,客户类型,联系人", "青松,个人,周敏", "PERSON", "周敏", [("company", "青松")]),
        ("company,contact name", "Acme,Ann Lee", "ORGANIZATION", "Acme", [("contact", "Ann Lee")]),
    ],
)
def test_who_the_customer_is_and_who_the_contact(loaded, opened, headings, cells, kind, name, others) -> None:
    loaded(text=f"客户编号,{headings},手机\nA1,{cells},13900010021\n")
    customer = opened("A1")
    assert (customer["kind"], customer["name"], customer["details"]) == (
        kind, name, [ImportedDetail(*other) for other in others],
    )  # fmt: skip


def test_kept_details_are_sealed_whole_and_told_apart_from_notes(loaded, sql, opened, dump) -> None:
    loaded(text="客户编号,公司名称,联系人,备注,收货地址\nA1,青松,周敏,老客户,杭州市余杭区良睦路1号\n")
    assert sql("SELECT imported_details, summary_sealed IS NULL FROM interaction ORDER BY imported_details") == [
        (False, True), (True, False),
    ]  # fmt: skip
    assert "良睦路" not in dump()
    assert "周敏" not in dump()
    assert sql("SELECT last_interaction_at IS NULL FROM customer") == [(False,)]


# -- documents ---------------------------------------------------------------------------------------------------------


def test_other_identity_documents_are_kept_with_their_kind(loaded, opened, dump) -> None:
    done = loaded("documents.csv")
    assert (done.written, done.rejections) == (3, [])
    kept = [opened(f"C103{n}") for n in (1, 2, 3)]
    assert [(one["document_kind"], one["id_document"], one["id_document masked"]) for one in kept] == [
        ("PASSPORT", "E12345678", "E******78"),
        ("HK_MACAO_PERMIT", "H12345678", "H******78"),
        ("TAIWAN_PERMIT", "12345678", "1*****78"),
    ]
    assert {one["id_number"] for one in kept} == {None}
    assert [number for number in ("E12345678", "H12345678", "12345678") if number in dump()] == []


@pytest.mark.parametrize(
    ("heading", "cell", "kind"),
    [
        ("证件号", "12345678", "TAIWAN_PERMIT"),
        ("台胞证号", "12345678", "TAIWAN_PERMIT"),
        ("护照号码", "123456789", "PASSPORT"),
        ("护照", "e 1234 5678", "PASSPORT"),
        ("身份证号", "E12345678", "PASSPORT"),
        ("身份证号", "M12345678", "HK_MACAO_PERMIT"),
        ("港澳通行证号", "C12345678", "HK_MACAO_PERMIT"),
        ("证件号码", "H1234567801", "HK_MACAO_PERMIT"),
        ("证件号码", "EA1234567", "PASSPORT"),
        ("证件号码", "USA110067120101", "FOREIGN_PERMANENT_RESIDENT"),
        ("证件号码", "军字第2001988号", "MILITARY"),
        ("证件类型,证件号码", "护照,12345678", "PASSPORT"),
        ("证件类型,证件号码", "台胞证,12345678", "TAIWAN_PERMIT"),
        ("证件类型,身份证号", "台胞证,12345678", "TAIWAN_PERMIT"),
        ("证件类型,证件号码", "军官证,2001988", "MILITARY"),
        ("证件类型,证件号码", "海员证,A12345678", "OTHER"),
    ],
)
def test_documents_are_told_by_shape_heading_and_kind(loaded, opened, heading: str, cell: str, kind: str) -> None:
    done = loaded(text=f"客户编号,客户名称,{heading}\nA1,周敏,{cell}\n")
    assert done.rejections == []
    assert (opened("A1")["document_kind"], opened("A1")["id_number"]) == (kind, None)
    assert opened("A1")["id_document masked"] != "******"


@pytest.mark.parametrize(
    ("heading", "cell"),
    [("身份证号", "12345678"), ("证件号码", "19880615"), ("台胞证号", "19880615"),
     ("证件类型,证件号码", "台胞证,19880615"),
     ("证件号码", "420105201605155439"), ("证件类型,证件号码", "护照,110101199003078515"), ("证件号码", "123")],
)  # fmt: skip
def test_a_date_a_card_or_bare_digits_are_no_other_document(loaded, heading: str, cell: str) -> None:
    done = loaded(text=f"客户编号,客户名称,{heading}\nA1,周敏,{cell}\n")
    assert (done.written, len(done.rejections)) == (0, 1)


def test_cards_under_a_heading_of_documents_are_cards(loaded, opened) -> None:
    loaded(text="客户编号,客户名称,证件类型,证件号码\nA1,周敏,身份证,110101199003078515\nA2,吴强,,110101199003078515\n")
    assert [(opened(n)["id_number"], opened(n)["id_document"]) for n in ("A1", "A2")] == [
        ("110101199003078515", None)
    ] * 2


def test_a_second_document_is_told(loaded) -> None:
    done = loaded(text="客户编号,客户名称,护照号,台胞证号\nA1,周敏,E12345678,12345678\n")
    assert (done.written, said(done.warnings)) == (1, [(2, "taiwan_permit")])


# -- tax numbers -------------------------------------------------------------------------------------------------------


def test_an_old_tax_number_is_nobodys_identity_number(loaded, opened) -> None:
    done = loaded("old_tax_number.csv")
    customer = opened("C1041")
    assert (done.written, customer["id_number"], customer["id_document"]) == (1, None, None)
    assert customer["details"] == [ImportedDetail("tax_number", "310115740815123")]
    assert customer["notes"][0][0] == "税号 3*************3"
    assert said(done.warnings) == [(2, "tax_number")]


@pytest.mark.parametrize("heading", ["税号", "纳税人识别号", "统一社会信用代码", "证件号码", "tax id"])
@pytest.mark.parametrize("number", ["310115740815123", "110105491231002", "330106196812250"])
def test_fifteen_digits_of_an_organisation_are_a_tax_number_under_any_heading(
    loaded, opened, heading: str, number: str
) -> None:
    loaded(text=f"客户编号,客户名称,客户类型,{heading}\nA1,白鹭有限公司,企业,{number}\n")
    assert (opened("A1")["id_number"], opened("A1")["details"]) == (None, [ImportedDetail("tax_number", number)])


def test_a_credit_code_is_taken_under_every_heading(loaded, opened) -> None:
    for number, heading in enumerate(("税号", "统一社会信用代码", "身份证号", "证件号码")):
        loaded(text=f"客户编号,客户名称,{heading}\nA{number},中石化,91110000600037341L\n")
        assert (opened(f"A{number}")["id_number"], opened(f"A{number}")["kind"]) == (
            "91110000600037341L",
            "ORGANIZATION",
        )


# -- numbers taken for amounts -----------------------------------------------------------------------------------------


def test_fractions_are_taken_off_and_told(loaded, opened) -> None:
    done = loaded("floats.csv")
    assert (done.written, done.rejections) == (2, [])
    assert [(opened(n)["mobile"], opened(n)["other_mobile"]) for n in ("10086", "10087")] == [
        ("+8613900010051", "+864332222222"), ("+8613900010052", "+49301234567"),
    ]  # fmt: skip
    assert {field for _, field in said(done.notes)} == {"external_id", "mobile", "other_mobile"}


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("13900010051.0", "+8613900010051"),
        ("13900010051.00", "+8613900010051"),
        ("1.3900010051E10", "+8613900010051"),
        ("1.3900010051e+10", "+8613900010051"),
        ("1.39E+10", None),
        ("1.39000101E10", None),
        ("13900010051.5", None),
        ("01088886666.0", "+861088886666"),
        ("8613900010051.0", "+8613900010051"),
    ],
)
def test_a_telephone_number_is_that_of_the_file_or_none(loaded, opened, cell: str, number: str | None) -> None:
    done = loaded(text=f"客户编号,客户名称,手机\nA1,周敏,{cell}\n")
    assert (opened("A1")["mobile"] if done.written else None) == number


@pytest.mark.parametrize(
    ("column", "cell", "kept"),
    [
        ("身份证号", "110101199003078515.0", "id_number"),
        ("微信号", "10001.0", "wechat_id"),
        ("出生日期", "19880615.0", "birth_date"),
    ],
)
def test_fractions_are_taken_off_other_codes_too(loaded, opened, column: str, cell: str, kept: str) -> None:
    done = loaded(text=f"客户编号,客户名称,{column}\nA1,周敏,{cell}\n")
    assert (done.rejections, said(done.notes)) == ([], [(2, kept)])
    assert opened("A1")[kept].replace("-", "") == cell.removesuffix(".0")


def test_customer_numbers_are_kept_as_written(loaded, sql) -> None:
    assert loaded("customer_number_like_float.csv").written == 2
    assert numbers(sql) == ["00012", "1E05"]
    assert loaded(text="客户编号,客户名称\n1E5,周敏\n2e07,吴强\n000,郑洁\n").written == 3
    done = loaded(text="客户编号,客户名称\n1.00123E+12,周敏\n")
    assert said(done.rejections) == [(2, "external_id")]


# -- extensions and service numbers ------------------------------------------------------------------------------------


def test_extensions_are_kept_all_four_alike(loaded, opened) -> None:
    done = loaded("extensions.csv")
    assert done.rejections == []
    found = [(opened(f"C106{n}")["other_mobile"], opened(f"C106{n}")["other_mobile masked"]) for n in (1, 2, 3, 4)]
    assert found == [("+861088886666;ext=801", "010-******66")] * 4


@pytest.mark.parametrize(
    "cell",
    ["010-88886666-801", "010-88886666 ext 801", "010-88886666 x801", "010-88886666#801", "010-88886666分机801",
     "010-88886666轉801", "010-88886666;801", "010-88886666,,801", "(010)88886666转801", "010-88886666（转801）",
     "０１０－８８８８６６６６转８０１"],
)  # fmt: skip
def test_extensions_are_kept_in_other_forms(loaded, opened, cell: str) -> None:
    done = loaded(text=f'客户编号,客户名称,座机\nA1,周敏,"{cell}"\n')
    assert done.rejections == []
    assert opened("A1")["other_mobile"] == "+861088886666;ext=801"


def test_two_numbers_with_extensions_stay_two(loaded, opened) -> None:
    loaded(text='客户编号,客户名称,电话\nA1,周敏,"010-88886666,801;13900010061"\n')
    assert (opened("A1")["mobile"], opened("A1")["other_mobile"]) == ("+861088886666;ext=801", "+8613900010061")
    loaded(text='客户编号,客户名称,电话\nA2,某某银行,"010-88886666,95588"\n')
    assert (opened("A2")["mobile"], opened("A2")["other_mobile"]) == ("+861088886666", "95588")


def test_service_numbers_are_kept_for_organisations(loaded, opened) -> None:
    done = loaded("service_numbers.csv")
    assert said(done.rejections) == [(4, "other_mobile")]
    assert "area code" in done.rejections[0].en
    assert [(opened(n)["other_mobile"], opened(n)["other_mobile masked"]) for n in ("C1091", "C1092")] == [
        ("95588", "95***"), ("+864008208820", "400-*****20"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "cell", ["400 820 8820", "4008208820", "800-820-8820", "10086", "12345", "96011", "400-820-8820转3"]
)
def test_other_service_numbers_have_a_mask_that_shows_the_kind(loaded, opened, cell: str) -> None:
    loaded(text=f"客户编号,客户名称,公司电话\nA1,白鹭有限公司,{cell}\n")
    assert opened("A1")["other_mobile masked"] not in {None, "******"}


@pytest.mark.parametrize("cell", ["8888666", "66668888", "8888-6666"])
def test_a_number_without_its_area_code_is_told_so(loaded, cell: str) -> None:
    done = loaded(text=f"客户编号,客户名称,电话\nA1,周敏,{cell}\n")
    assert ["缺少区号" in one.zh for one in done.rejections] == [True]


def test_a_person_has_no_service_number(loaded) -> None:
    done = loaded(text="客户编号,客户名称,手机\nA1,周敏,95588\n")
    assert ["only organisations" in one.en for one in done.rejections] == [True]


# -- words -------------------------------------------------------------------------------------------------------------


def test_there_are_people_called_like_words_for_nothing(loaded, opened) -> None:
    done = loaded("words_for_nothing.csv")
    assert (done.written, done.rejections) == (3, [])
    assert [(opened(f"C107{n}")["name"], opened(f"C107{n}")["email"]) for n in (1, 2, 3)] == [
        ("Nan", None), ("Null", None), ("None", None),
    ]  # fmt: skip


def test_an_unknown_kind_is_told_and_loses_no_row(loaded, opened) -> None:
    done = loaded("unknown_kind.csv")
    assert (done.written, said(done.warnings)) == (2, [(2, "kind"), (3, "kind")])
    assert [opened(n)["kind"] for n in ("C1101", "C1102")] == ["ORGANIZATION", "PERSON"]
    assert ["经销商" in done.warnings[0].zh, "会员" in done.warnings[1].zh] == [True, True]


def test_a_number_in_the_column_of_kinds_is_not_repeated(loaded) -> None:
    done = loaded(text="客户编号,客户名称,客户类型\nA1,周敏,13900010021\n")
    assert (done.written, "13900010021" in done.warnings[0].zh + done.warnings[0].en) == (1, False)


def test_the_kind_that_the_file_says_stands_whatever_the_name(loaded, opened) -> None:
    done = loaded("honest_names.csv")
    assert (done.written, done.rejections) == (5, [])
    assert [opened(f"C113{n}")["kind"] for n in range(1, 6)] == ["ORGANIZATION"] * 2 + ["PERSON"] * 3
    assert opened("C1131")["name"] == "XX服饰有限公司"


def test_name_dots_are_one(loaded, opened) -> None:
    assert loaded("name_dots.csv").written == 4
    assert [opened(f"C111{n}")["name"].count("·") for n in (1, 2, 3, 4)] == [1] * 4


def test_more_tags_than_a_customer_may_have_are_told(loaded) -> None:
    tags = ";".join(f"标签{n}" for n in range(101))
    done = loaded(text=f'客户编号,客户名称,标签\nA1,周敏,"{tags}"\n')
    assert ["more than 100 tags" in one.en for one in done.rejections] == [True]


# -- quotation marks and encodings -------------------------------------------------------------------------------------


def test_backslashed_quotation_marks_are_read_as_meant(loaded, opened) -> None:
    assert loaded("backslash_quotes.csv").written == 2
    assert [opened(n)["notes"][0][0] for n in ("C1081", "C1082")] == ['说 "下周, 再谈"', '屏幕 "15寸" 三台']


@pytest.mark.parametrize("name", ["euc_kr.csv", "cp1251.csv", "shift_jis.csv", "cp1252.csv"])
def test_an_encoding_that_cannot_be_told_is_refused_and_read_once_it_is_named(loaded, name: str, sql) -> None:
    with pytest.raises(DomainError, match="--encoding"):
        loaded(name)
    assert sql("SELECT count(*) FROM customer") == [(0,)]
    assert loaded(name, encoding=name.removesuffix(".csv")).written == 2


def test_big5_is_read_as_traditional_chinese(loaded, opened) -> None:
    assert loaded("big5.csv").written == 2
    assert (opened("7")["name"], opened("8")["name"]) == ("陳大文", "林美玲")
