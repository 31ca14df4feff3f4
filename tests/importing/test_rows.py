"""Cells as people fill them: what a row becomes, and everything that is said about it."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

import domain.tables  # noqa: F401 - relationships find each other by name
from domain.channel import Channel, Direction
from domain.customer import CustomerKind
from domain.event import EventKind, take_events
from domain.identity import new_id
from domain.lifecycle import LifecycleStage
from domain.purpose import LegalBasis
from domain.sealed import clear_values
from domain.staff import Role, StaffMember
from domain.tier import TIERS, TierCode
from server.importing.findings import Findings
from server.importing.headings import Column
from server.importing.layout import Layout
from server.importing.owners import Owners
from server.importing.records import Record
from server.importing.rows import ENTERED_LATER, Draft, Terms, cells_of, drafted, external_id_of

AT = datetime(2026, 3, 2, tzinfo=UTC)


def member(login: str, name: str, role: Role = Role.REP, *, active: bool = True) -> StaffMember:
    return StaffMember(id=new_id(), login=login, name=name, role=role, active=active, created_at=AT)


LI, WANG, OTHER_WANG = member("li", "李雷"), member("wang", "王芳"), member("wang2", "王芳")
STAFF = [LI, WANG, OTHER_WANG, member("su", "苏丹", Role.SUPPORT), member("old", "老张", active=False)]


def row(default_source: str | None = None, /, may_lack: frozenset[Column] = frozenset(), **cells: str) -> Draft:
    """The draft of a row that fills these columns, its name 王小明 unless another is given."""
    filled = {"name": "王小明"} | cells
    faults = Findings(7)
    columns = tuple(Column(name) for name in filled)
    layout = Layout("utf-8", ",", 1, columns, (), ())
    read = cells_of(Record(7, list(filled.values())), layout, faults)
    assert not faults
    return drafted(7, read, Terms(LegalBasis.CONTRACT, default_source, AT, Owners(STAFF), None, may_lack))


def fields(findings: Findings) -> list[str]:
    return [one.field for one in findings]


def test_a_row_becomes_a_customer_with_its_basis_and_its_beginning() -> None:
    made = row(external_id="K1", stage="潜在期", tier="a类", score="81.5", preferred_channel="微信", kind="个人")
    customer = made.customer
    assert (made.faults, made.warnings, made.notes, made.interaction) == ([], [], [], None)
    assert (customer.external_id, customer.basis, customer.version) == ("K1", LegalBasis.CONTRACT, 1)
    assert (customer.stage, customer.score) == (LifecycleStage.POTENTIAL, 81.5)
    assert (customer.tier_id, customer.preferred_channel) == (TIERS[TierCode.A][0], Channel.WECHAT)
    assert [event.kind for event in take_events(customer)] == [EventKind.CREATED]


def test_all_faults_of_a_row_are_told_at_once_and_without_a_value() -> None:
    bad = row(
        name="",
        mobile="138",
        email="moqiang",
        id_number="420105195605155439",
        birth_date="2001-02-30",
        stage="未知阶段",
        tier="Z",
        score="101",
    )
    assert sorted(fields(bad.faults)) == sorted(
        ["name", "mobile", "email", "id_number", "birth_date", "stage", "tier", "score"]
    )
    assert {one.line for one in bad.faults} == {7}
    said = " ".join(one.zh + one.en for one in bad.faults)
    for value in ("moqiang", "420105195605155439", "未知阶段", "狗"):
        assert value not in said


FAULTY = {
    "mobile": "13800138000/138",
    "other_mobile": "138",
    "email": "moqiang",
    "wechat_id": "!微信!",
    "address": "██路12号",
    "region": "联系 13800138000",
    "industry": "业" * 101,
    "tags": "老客户;13800138000",
    "preferred_channel": "飞鸽",
    "stage": "未知阶段",
    "tier": "Z",
}


def test_a_row_is_written_without_what_it_may_lack_and_every_fault_is_told() -> None:
    made = row(external_id="K1", birth_date="1988-06-15", note="见附件", may_lack=ENTERED_LATER, **FAULTY)
    assert (made.faults, sorted(fields(made.left_out))) == ([], sorted(FAULTY))
    assert {one.line for one in made.left_out} == {7}
    filled = {name for name, text in clear_values(made.customer).items() if text}
    assert filled == {"name", "birth_date"}
    customer = made.customer
    assert (customer.external_id, customer.stage, customer.tier_id, customer.region) == ("K1", None, None, None)
    assert (made.tags, made.interaction and made.interaction.summary) == ([], "见附件")
    assert [event.kind for event in take_events(customer)] == [EventKind.CREATED]
    told = "".join(one.zh + one.en for one in made.left_out)
    assert [text for text in FAULTY.values() if text in told] == []


def test_every_column_that_may_be_lacking_has_its_fault_tried() -> None:
    assert set(FAULTY) == ENTERED_LATER
    assert row(may_lack=ENTERED_LATER, email="moqiang", mobile="13800138000").customer.mobile == "+8613800138000"


@pytest.mark.parametrize(
    "bad",
    [
        {"name": ""},
        {"external_id": "13800138000"},
        {"birth_date": "2014-02-30"},
        {"id_number": "420105201605155439"},
        {"score": "101"},
        {"source": "13800138000"},
        {"note": "坏\x00"},
        {"mobile": "13800138000/13800138001/13800138002"},
    ],
)
def test_what_nobody_could_enter_later_still_rejects_the_row_with_all_its_faults(bad: dict[str, str]) -> None:
    made = row(may_lack=ENTERED_LATER, stage="未知阶段", **bad)
    assert made.left_out == []
    assert "stage" in fields(made.faults)
    assert len(made.faults) > 1


@pytest.mark.parametrize(
    ("cell", "mobile", "other"),
    [
        ("１３８００１３８０００", "+8613800138000", None),
        ("'13800138000", "+8613800138000", None),
        ('="13800138000"', "+8613800138000", None),
        ("008613800138000", "+8613800138000", None),
        ("13800138000/13800138001", "+8613800138000", "+8613800138001"),
        ("13800138000、010-62345678", "+8613800138000", "+861062345678"),
        ("13800138000 13800138001", "+8613800138000", "+8613800138001"),
        ("138 0013 8000", "+8613800138000", None),
        ("13800138000/138-0013-8000", "+8613800138000", None),
        ("010-62345678转12；13800138000", "+861062345678;ext=12", "+8613800138000"),
        ("无", None, None),
        ("N/A", None, None),
    ],
)
def test_one_or_two_numbers_stand_in_a_cell(cell: str, mobile: str | None, other: str | None) -> None:
    made = row(mobile=cell)
    assert made.faults == []
    assert (made.customer.mobile, made.customer.other_mobile) == (mobile, other)


def test_a_second_column_of_numbers_is_kept_and_a_third_number_is_a_fault() -> None:
    assert row(mobile="13800138000", other_mobile="13800138001").customer.other_mobile == "+8613800138001"
    assert row(mobile="13800138000", other_mobile="+8613800138000").customer.other_mobile is None
    alone = row(mobile="", other_mobile="010-62345678").customer
    assert (alone.mobile, alone.other_mobile) == (None, "+861062345678")
    assert fields(row(mobile="13800138000/13800138001", other_mobile="13800138002").faults) == ["other_mobile"]


@pytest.mark.parametrize("cell", ["1.38E+10", "1.38001E+10", "138****8000", "138001\ufffd38000"])
def test_numbers_that_were_spoiled_on_the_way_are_faults(cell: str) -> None:
    assert "mobile" in fields(row(mobile=cell).faults)


def test_the_reason_names_the_spreadsheet_that_cut_a_number() -> None:
    assert any("spreadsheet" in one.en for one in row(id_number="4.20105E+17").faults)


def test_an_identity_number_of_15_digits_is_upgraded_and_that_is_said() -> None:
    made = row(id_number=" '110105491231002")
    assert clear_values(made.customer)["id_number"] == "11010519491231002X"
    assert (fields(made.notes), made.faults) == (["id_number"], [])
    assert row(id_number="11010519491231002x").notes == []


@pytest.mark.parametrize(
    ("name", "id_number", "kind"),
    [
        ("王小明", "", CustomerKind.PERSON),
        ("巨奥传媒有限公司", "", CustomerKind.ORGANIZATION),
        ("红星机械厂", "", CustomerKind.ORGANIZATION),
        ("城西体检中心", "", CustomerKind.ORGANIZATION),
        ("Acme Trading Co.", "", CustomerKind.ORGANIZATION),
        ("Marco Limited", "", CustomerKind.ORGANIZATION),
        ("Nicole Coburn", "", CustomerKind.PERSON),
        ("中石化", "91110000600037341L", CustomerKind.ORGANIZATION),
        ("王小明", "11010519491231002X", CustomerKind.PERSON),
    ],
)
def test_the_kind_is_inferred_where_the_row_does_not_say(name: str, id_number: str, kind: CustomerKind) -> None:
    assert row(name=name, id_number=id_number).customer.kind is kind
    assert row(name=name, id_number=id_number, kind="个人").customer.kind is CustomerKind.PERSON


@pytest.mark.parametrize(
    ("cell", "region"),
    [("华东区", "华东"), (" 华东 ", "华东"), ("华南大区", "华南"), ("浦东新区", "浦东新区"), ("", None)],
)
def test_regions_have_one_name(cell: str, region: str | None) -> None:
    assert row(region=cell).customer.region == region


def test_tags_are_parted_by_every_mark_and_kept_once() -> None:
    assert row(tags="价格敏感; 老客户；注重服务、预算充足,老客户，新 ").tags == [
        "价格敏感", "老客户", "注重服务", "预算充足", "新",
    ]  # fmt: skip


@pytest.mark.parametrize("column", ["external_id", "tags", "region", "industry", "source", "name"])
def test_personal_numbers_do_not_get_into_fields_that_are_kept_or_shown_in_clear(column: str) -> None:
    assert fields(row(**{column: "联系 13800138000"}).faults) == [column]


@pytest.mark.parametrize("cell", ["赵¹³⁸⁰⁰¹³⁸⁰⁰⁰", "赵\n138\n0013\n8000"])
@pytest.mark.parametrize("column", ["external_id", "region", "industry", "source", "name"])
def test_nor_do_numbers_that_only_show_in_the_form_in_which_the_cell_is_kept(column: str, cell: str) -> None:
    assert fields(row(**{column: cell}).faults) == [column]


def test_a_source_for_the_whole_file_stands_where_a_row_has_none() -> None:
    assert row("2025 CRM").customer.source == "2025 CRM"
    assert row("2025 CRM", source="展会").customer.source == "展会"


def test_a_note_becomes_an_interaction_as_it_is_written() -> None:
    note = '=HYPERLINK("http://x")'
    made = row(note=f" {note}\n'13800138000")
    assert made.interaction is not None
    assert made.interaction.summary == f"{note}\n'13800138000"
    assert (made.interaction.channel, made.interaction.direction) == (Channel.OTHER, Direction.INBOUND)
    assert (made.interaction.occurred_at, made.customer.last_interaction_at) == (AT, AT)
    assert [event.kind for event in take_events(made.interaction)] == [EventKind.INTERACTION_LOGGED]


@pytest.mark.parametrize("cell", ["li", " LI ", "李雷", "wang"])
def test_an_owner_is_meant_by_login_or_by_a_name_that_only_one_bears(cell: str) -> None:
    made = row(owner=cell)
    assert made.customer.owner_id == (WANG.id if cell == "wang" else LI.id)
    assert made.warnings == []


@pytest.mark.parametrize("cell", ["不存在的人", "王芳", "su", "老张"])
def test_an_owner_who_is_unknown_ambiguous_or_unfit_leaves_the_customer_unassigned(cell: str) -> None:
    made = row(owner=cell)
    assert made.customer.owner_id is None
    assert (fields(made.warnings), made.faults) == (["owner"], [])
    assert cell not in made.warnings[0].zh + made.warnings[0].en
    assert "已导入" not in made.warnings[0].zh  # a dry run says the same, and imports nobody


def fit(*cells: str) -> list[str]:
    faults = Findings(3)
    cells_of(Record(3, list(cells)), Layout("utf-8", ",", 1, (Column.NAME, Column.MOBILE), (), ()), faults)
    return [one.en for one in faults]


def test_a_row_that_does_not_fit_the_headings_is_a_fault() -> None:
    assert fit("王芳", "") == []
    assert fit("王芳", "", " ", "") == []
    assert fit("王芳") == []
    assert fit("王芳", "", "x") == ["It has 3 cells where the headings are 2"]


def test_the_customer_number_is_known_before_the_row_is_judged_in_the_form_in_which_it_is_kept() -> None:
    assert (
        external_id_of({Column.EXTERNAL_ID: ["ＫＨ0001"]})
        == "KH0001"
        == row(external_id="ＫＨ0001").customer.external_id
    )
    assert external_id_of({}) is None
    assert external_id_of({Column.EXTERNAL_ID: ["x" * 500]}) is None


def test_who_is_told_a_child_by_an_identity_number_alone_is_not_written_without_it() -> None:
    """Nobody would need an approval to reveal the rest (R30)."""
    number = "420105201605155439"  # its check digit is wrong
    made = row(id_number=number, email="moqiang", may_lack=ENTERED_LATER)
    assert (fields(made.faults), made.left_out) == (["email", "id_number"], [])


@given(st.dictionaries(st.sampled_from([column.value for column in Column]), st.text(max_size=40), max_size=6))
def test_whatever_stands_in_the_cells_a_row_is_drafted_or_refused_without_its_values(cells: dict[str, str]) -> None:
    made = row(**cells)
    said = "".join(one.zh + one.en for one in [*made.faults, *made.warnings, *made.notes])
    for text in cells.values():
        if len(text.strip()) > 12:
            assert text not in said
