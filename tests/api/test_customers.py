"""Acts on customers: who may, what it leaves behind, what is refused and how it is told."""

import asyncio

import pytest

from domain.customer import EDITABLE
from domain.errors import ErrorCode
from schema.answering.selecting import snake
from tests.api.house import CALLERS, REACHED, Api, document, schema

EVENTS = (
    "SELECT kind, actor_id, fields, before, after, reason FROM event"
    " WHERE customer_id = %s AND kind NOT IN ('INTERACTION_LOGGED', 'TICKET_OPENED') ORDER BY id"
)
NEW = {"kind": "PERSON", "basis": "CONTRACT", "name": "韩梅梅"}
READ = "customer { id version name { display } mobile { display sight } region tags { name } owner { id } stage }"

ACTS = {
    "editCustomer": ({"expectedVersion": 1, "region": "华东"}, {"rep", "other_rep", "agent", "manager"}),
    "moveCustomerStage": ({"expectedVersion": 1, "stage": "PURCHASE"}, {"rep", "other_rep", "manager"}),
    "assignCustomerTier": ({"expectedVersion": 1, "tier": "A", "reason": "年度评定"}, {"rep", "other_rep", "manager"}),
    "transferCustomer": ({"expectedVersion": 1, "reason": "区域调整"}, {"manager"}),
}


def given_for(api: Api, act: str, customer: str) -> dict:
    more = {"toStaffId": api.house.member("manager")} if act == "transferCustomer" else {}
    return {"customerId": api.house.customer(customer), **ACTS[act][0], **more}


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("caller", CALLERS)
async def test_each_act_is_done_by_those_who_may_on_rows_in_reach_and_else_leaves_its_audit_row(api: Api, caller, act):
    for customer, reached in REACHED.items():
        before = api.written()
        answer = await api(caller, act, "customer { id version }", **given_for(api, act, customer))
        if caller in reached & ACTS[act][1]:
            assert answer.payload == {
                "customer": {"id": api.house.customer(customer), "version": 2}, "userErrors": [],
            }  # fmt: skip
        else:
            refusal = ("FORBIDDEN", act) if caller in reached else ("NOT_FOUND", "customerId")
            assert answer.refusals == [refusal]
            assert api.written() == before
    outcome = {True: "DONE", False: "FORBIDDEN"}
    assert api.audit() == [
        (act, outcome[caller in ACTS[act][1]] if caller in reached else "NOT_FOUND") for reached in REACHED.values()
    ]


@pytest.mark.parametrize("act", ACTS)
async def test_another_version_than_the_one_read_is_a_conflict(api: Api, act):
    given = given_for(api, act, "own") | {"expectedVersion": 7}
    before = api.written()
    answer = await api("manager", act, READ, **given)
    assert (answer.refusals, answer.payload["customer"]) == ([("CONFLICT", "expectedVersion")], None)
    assert api.written() == before
    assert api.audit() == [(act, "CONFLICT")]


@pytest.mark.parametrize("act", ACTS)
async def test_of_two_who_write_at_once_one_is_in_conflict(api: Api, act):
    given = given_for(api, act, "own")
    answers = await asyncio.gather(*(api("manager", act, "customer { version }", **given) for _ in range(2)))
    assert sorted(answer.codes for answer in answers) == [[], ["CONFLICT"]]


# -- Creating ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("caller", CALLERS)
async def test_reps_and_managers_create_customers(api: Api, caller):
    before = api.written()
    answer = await api(caller, "createCustomer", READ, **NEW)
    if caller not in {"rep", "other_rep", "manager"}:
        assert answer.refusals == [("FORBIDDEN", "createCustomer")]
        assert api.written() == before
        return
    owner = None if caller == "manager" else {"id": api.house.member(caller)}
    made = answer.payload["customer"]
    assert (made["owner"], made["name"], made["version"]) == (owner, {"display": "韩梅梅"}, 1)
    (inner,) = api.rows("SELECT id FROM customer WHERE created_at > now() - interval '1 hour'")[0]
    actor = api.house.viewers[caller].id
    assert api.rows(EVENTS, inner) == [("CREATED", actor, [], None, None, None)]
    assert api.rows("SELECT act, outcome, viewer_id, viewer_kind, role, subject_kind, subject_id FROM audit") == [
        ("createCustomer", "DONE", actor, "stf", api.house.viewers[caller].role.value, "customer", inner)
    ]


async def test_everything_given_is_kept_and_personal_texts_come_back_masked(api: Api):
    given = NEW | {
        "mobile": "139 1111 2222",
        "otherMobile": "010-62345678",
        "email": "Mei@Example.com",
        "idNumber": "440301199001010012",
        "wechatId": "meimei_01",
        "address": "浙江省杭州市西湖区文三路138号",
        "birthDate": "1990-01-01",
        "region": "华东",
        "industry": "零售",
        "source": "官网",
        "externalId": "K-9",
        "tags": ["老客户", "新品", "老客户"],
        "preferredChannel": "PHONE",
    }
    texts = ("name", "mobile", "otherMobile", "email", "idNumber", "wechatId", "address", "birthDate")
    read = " ".join(f"{text} {{ display }}" for text in texts)
    answer = await api(
        "rep", "createCustomer",
        f"customer {{ {read} region industry source externalId preferredChannel tags {{ name }} }}", **given,
    )  # fmt: skip
    made = answer.payload["customer"]
    assert [made[text]["display"] for text in texts] == [
        "韩梅梅",
        "139****2222",
        "010-******78",
        "M***@example.com",
        "4****************2",
        "m***1",
        "浙江省杭州市西湖区****",
        "1990-**-**",
    ]
    assert [made[name] for name in ("region", "industry", "source", "externalId", "preferredChannel")] == [
        "华东", "零售", "官网", "K-9", "PHONE",
    ]  # fmt: skip
    assert {tag["name"] for tag in made["tags"]} == {"老客户", "新品"}


@pytest.mark.parametrize(
    "number",
    ["13912340987", "CRM 139-1234-0987", "１３９１２３４０９８７", "11010519491231002X", "6222021234567890128",
     "mei@example.com", "010-62345678", "+852 5123 4567", "¹³⁹¹²³⁴⁰⁹⁸⁷", "139\n1234\n0987"],
)  # fmt: skip
async def test_a_personal_number_is_no_customer_number(api: Api, number):
    """It would rest in clear, and be shown to everybody who reaches the customer."""
    before = api.written()
    answer = await api("rep", "createCustomer", **NEW, externalId=number, region="区" * 101)
    assert answer.refusals == [("INVALID", "externalId"), ("INVALID", "region")]
    assert number not in str(answer.reply)
    assert api.written() == before


@pytest.mark.parametrize(
    "number",
    ["KH000003", "20260302000017", "139123409871", "6222021234567890129", "KH2026110105194912310", "A-13912"],
)
async def test_a_number_that_merely_looks_like_one_is_a_customer_number(api: Api, number):
    """Checksums, dates and ends of digits decide (R35)."""
    answer = await api("rep", "createCustomer", "customer { externalId }", **NEW, externalId=number)
    assert answer.payload == {"customer": {"externalId": number}, "userErrors": []}


async def test_only_a_manager_names_the_first_owner(api: Api):
    owner = {"ownerId": api.house.member("rep")}
    answer = await api("manager", "createCustomer", READ, **NEW, **owner)
    assert answer.payload["customer"]["owner"] == {"id": owner["ownerId"]}
    assert (await api("rep", "createCustomer", **NEW, **owner)).refusals == [("FORBIDDEN", "createCustomer.ownerId")]
    for login in ("agent", "admin"):
        refused = await api("manager", "createCustomer", **NEW, ownerId=api.house.member(login))
        assert refused.refusals == [("INVALID", "ownerId")]
    assert (await api("manager", "createCustomer", **NEW, ownerId="stf_1")).refusals == [("NOT_FOUND", "ownerId")]


async def test_all_that_is_wrong_with_a_new_customer_is_told_at_once(api: Api):
    before = api.written()
    answer = await api(
        "rep", "createCustomer", READ, kind="PERSON", basis="CONTRACT", name=" ", mobile="1391234", email="x@",
        idNumber="110105194912310021", wechatId="139****1234", birthDate="2999-01-01", region="区" * 101,
        tags=["长" * 51, "老客户", " ", "新品", "138****1234"],
    )  # fmt: skip
    assert sorted(answer.refusals) == [
        ("INVALID", "birthDate"), ("INVALID", "email"), ("INVALID", "idNumber"), ("INVALID", "mobile"),
        ("INVALID", "name"), ("INVALID", "region"), ("INVALID", "tags.0"), ("INVALID", "tags.2"),
        ("MASKED_VALUE_WRITE", "tags.4"), ("MASKED_VALUE_WRITE", "wechatId"),
    ]  # fmt: skip
    assert "1391234" not in str(answer.reply)
    assert answer.payload["customer"] is None
    assert api.written() == before


async def test_a_legal_basis_must_be_named(api: Api):
    reply = await api.ask("rep", document("createCustomer"), input={"kind": "PERSON", "name": "韩梅梅"})
    assert reply["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


# -- Editing ----------------------------------------------------------------------------------------------------------


async def test_what_is_left_out_stays_and_null_empties(api: Api):
    own = api.house.customers["own"].id
    given = {"customerId": api.house.customer("own"), "expectedVersion": 1}
    answer = await api(
        "rep", "editCustomer", "customer { version name { display } email { display } mobile { display } }", **given,
        mobile="13911110000", email=None,
    )  # fmt: skip
    assert answer.payload["customer"] == {
        "version": 2,
        "name": {"display": "欧阳娜娜"},
        "email": {"display": None},
        "mobile": {"display": "139****0000"},
    }
    assert api.rows(EVENTS, own) == [("EDITED", api.house.viewers["rep"].id, ["email", "mobile"], None, None, None)]
    emptied = api.rows("SELECT email_sealed, email_masked, email_digest FROM customer WHERE id = %s", own)
    assert emptied == [(None, None, None)]


def test_every_field_that_may_be_edited_has_its_place_in_the_input():
    given = schema()._schema.type_map["EditCustomerInput"].fields
    assert {snake(name) for name in given} == EDITABLE | {"customer_id", "expected_version"}


async def test_tags_are_replaced_as_a_whole(api: Api):
    given = {"customerId": api.house.customer("own")}
    first = await api("rep", "editCustomer", READ, **given, expectedVersion=1, tags=["甲", "乙"])
    assert {tag["name"] for tag in first.payload["customer"]["tags"]} == {"甲", "乙"}
    second = await api("rep", "editCustomer", READ, **given, expectedVersion=2, tags=["乙", "丙"])
    assert {tag["name"] for tag in second.payload["customer"]["tags"]} == {"乙", "丙"}
    third = await api("rep", "editCustomer", READ, **given, expectedVersion=3, tags=None)
    assert third.payload["customer"]["tags"] == []


async def test_a_masked_text_sent_back_never_overwrites_the_value(api: Api):
    own = api.house.customer("own")
    read = "{ name { display } mobile { display } email { display } idNumber { display } address { display } }"
    shown = (await api.ask("rep", f"query($id: ID!) {{ customer(id: $id) {read} }}", id=own))["data"]["customer"]
    before = api.written()
    masked = {field: text["display"] for field, text in shown.items() if field != "name"}
    answer = await api("rep", "editCustomer", "customer { id }", customerId=own, expectedVersion=1, **masked)
    assert sorted(answer.refusals) == [("MASKED_VALUE_WRITE", field) for field in sorted(masked)]
    assert api.written() == before


async def test_all_that_is_wrong_with_an_edit_is_told_at_once(api: Api):
    answer = await api(
        "rep", "editCustomer", customerId=api.house.customer("own"), expectedVersion=1, name=None, mobile="1",
        preferredChannel="PHONE", industry="业" * 101, tags=["好", "", "长" * 51], birthDate="2999-01-01",
    )  # fmt: skip
    assert sorted(answer.refusals) == [
        ("INVALID", "birthDate"), ("INVALID", "industry"), ("INVALID", "mobile"), ("INVALID", "name"),
        ("INVALID", "tags.1"), ("INVALID", "tags.2"),
    ]  # fmt: skip
    assert api.rows("SELECT * FROM tag") == []


async def test_more_tags_than_a_customer_wears_are_one_fault(api: Api):
    answer = await api("rep", "createCustomer", **NEW, tags=[""] * 101)
    assert answer.refusals == [("INVALID", "tags")]


NUMBERS = [
    "13812345678",
    "王芳 138-1234-5678",
    "１３８１２３４５６７８",
    "11010519491231002X",
    "mei@example.com",
    "6222021234567890128",
]


@pytest.mark.parametrize("name", NUMBERS)
async def test_a_number_as_a_name_is_refused_and_sent_to_its_field(api: Api, name):
    """Names are shown clear."""
    before = api.written()
    edit = {"customerId": api.house.customer("own"), "expectedVersion": 1, "industry": "业" * 101}
    made = await api("rep", "createCustomer", **NEW | {"name": name})
    edited = await api("rep", "editCustomer", **edit, name=name)
    assert (made.refusals, sorted(edited.refusals)) == (
        [("INVALID", "name")], [("INVALID", "industry"), ("INVALID", "name")],
    )  # fmt: skip
    told = str([made.reply, edited.reply])
    assert "mobile、idNumber、email" in told
    assert name not in told
    assert api.written() == before


@pytest.mark.parametrize(
    "name", ["360公司", "58同城", "1号店", "7-11便利店", "中国移动10086", "2024届校友会", "北京一零一中学"]
)
async def test_names_of_organisations_may_hold_digits(api: Api, name):
    given = NEW | {"kind": "ORGANIZATION", "name": name}
    answer = await api("rep", "createCustomer", "customer { name { display } }", **given)
    assert answer.payload == {"customer": {"name": {"display": name}}, "userErrors": []}


# -- What an edit leaves as it is -------------------------------------------------------------------------------------

FULL = {
    "name": "欧阳娜娜",
    "region": "华东",
    "industry": "零售",
    "preferredChannel": "PHONE",
    "tags": ["甲", "乙"],
    "email": None,
}


def left_behind(api: Api) -> list:
    own = api.house.customers["own"].id
    return [
        api.rows("SELECT * FROM customer WHERE id = %s", own),
        api.rows("SELECT tag_id FROM customer_tag WHERE customer_id = %s ORDER BY 1", own),
        api.rows(EVENTS, own),
    ]


async def test_an_edit_that_changes_nothing_leaves_nothing_behind_and_is_answered(api: Api):
    given = {"customerId": api.house.customer("own"), "expectedVersion": 2}
    await api("rep", "editCustomer", **given | {"expectedVersion": 1}, **FULL)
    before = left_behind(api)
    same = FULL | {"name": " 欧阳娜娜 ", "region": "华东 ", "tags": ["乙", "甲", "甲"]}
    answer = await api("rep", "editCustomer", READ, **given, **same)
    assert answer.refusals == []
    assert (answer.payload["customer"]["version"], answer.payload["customer"]["region"]) == (2, "华东")
    assert left_behind(api) == before
    late = await api("rep", "editCustomer", **given | {"expectedVersion": 1}, **FULL)
    assert late.refusals == [("CONFLICT", "expectedVersion")]


async def test_the_event_names_only_what_an_edit_changed(api: Api):
    own = api.house.customers["own"].id
    given = {"customerId": api.house.customer("own"), "expectedVersion": 1}
    await api("rep", "editCustomer", **given, **FULL)
    changed = FULL | {"expectedVersion": 2, "name": "欧阳娜", "tags": ["甲"]}
    answer = await api("rep", "editCustomer", "customer { version name { display } }", **given | changed)
    assert answer.payload["customer"] == {"version": 3, "name": {"display": "欧阳娜"}}
    assert [row[2] for row in api.rows(EVENTS, own)][1:] == [["name", "tags"]]


MASKED_FIELDS = {
    "mobile": ("13911110000", "13911110001"),
    "otherMobile": ("13911110002", "13911110003"),
    "email": ("nana@example.com", "nana@example.org"),
    "wechatId": ("nana_01", "nana_02"),
    "idNumber": ("440301199001010012", "11010519491231002X"),
    "address": ("浙江省杭州市西湖区文三路138号", "浙江省杭州市西湖区文三路139号"),
    "birthDate": ("1990-01-01", "1990-01-02"),
}


@pytest.mark.parametrize("caller", ["rep", "manager"])
@pytest.mark.parametrize("field", MASKED_FIELDS)
async def test_who_sees_a_field_masked_learns_nothing_by_sending_a_guess(api: Api, caller, field):
    """A right guess and a wrong one look the same, in the payload, the version and the history (R05)."""
    right, wrong = MASKED_FIELDS[field]
    own, seen, before = api.house.customers["own"].id, [], ""
    given = {"customerId": api.house.customer("own")}
    read = "customer { version updatedAt history { nodes { kind fields } } }"
    for version, guess in ((1, right), (2, right), (3, wrong)):
        answer = await api(caller, "editCustomer", read, **given, expectedVersion=version, **{field: guess})
        told = answer.payload["customer"]
        updated = told["updatedAt"] > before
        before = told["updatedAt"]
        seen.append((answer.refusals, told["version"] - version, updated, len(told["history"]["nodes"])))
    assert seen == [([], 1, True, events) for events in (1, 2, 3)]
    assert [fields for _, _, fields, *_ in api.rows(EVENTS, own)] == [[field]] * 3


@pytest.mark.parametrize(
    ("what", "given"), [("editCustomer", 'birthDate: "1990-13-45"'), ("logInteraction", 'occurredAt: "昨天"')]
)
async def test_a_literal_that_is_no_date_is_told_with_its_place_and_without_itself(api: Api, what, given):
    more = {"editCustomer": "expectedVersion: 1", "logInteraction": 'channel: PHONE, direction: INBOUND, summary: "s"'}
    asked = (
        f'mutation {{ {what}(input: {{ customerId: "cus_1", {more[what]}, {given} }}) {{ userErrors {{ code }} }} }}'
    )
    [error] = (await api.ask("rep", asked))["errors"]
    literal = given.partition(": ")[2]
    assert error["locations"] == [{"line": 1, "column": asked.index(literal) + 1}]
    path = ["input", given.partition(":")[0]]
    assert error["extensions"] == {"code": "GRAPHQL_VALIDATION_FAILED", "inputPath": path}
    assert literal.strip('"') not in error["message"]


async def test_a_variable_that_is_no_date_is_told_by_its_name_and_without_itself(api: Api):
    given = {"customerId": api.house.customer("own"), "expectedVersion": 1, "birthDate": "1990-13-45"}
    [error] = (await api.ask("rep", document("editCustomer"), input=given))["errors"]
    assert error["extensions"] == {"code": "BAD_USER_INPUT", "inputPath": ["input", "birthDate"]}
    assert "$input" in error["message"]
    assert "1990-13-45" not in error["message"]


# -- Tier, stage, owner -----------------------------------------------------------------------------------------------


async def test_tier_stage_and_owner_leave_an_event_with_before_after_and_a_masked_reason(api: Api):
    own, manager = api.house.customers["own"], api.house.viewers["manager"].id
    id_ = {"customerId": api.house.customer("own")}
    reason = {"reason": "见 13812345678"}
    await api("manager", "assignCustomerTier", **id_, tier="A", **reason)
    await api("manager", "moveCustomerStage", **id_, stage="CHURN", **reason)
    await api("manager", "transferCustomer", **id_, toStaffId=api.house.member("other_rep"), **reason)
    kept = "见 138****5678"
    assert api.rows(EVENTS, own.id) == [
        ("TIER_ASSIGNED", manager, [], None, "A", kept),
        ("STAGE_MOVED", manager, [], "AWARENESS", "CHURN", kept),
        ("TRANSFERRED", manager, [], api.house.member("rep"), api.house.member("other_rep"), kept),
    ]
    read = "query($id: ID!) { customer(id: $id) { id } }"
    assert (await api.ask("rep", read, id=id_["customerId"]))["data"]["customer"] is None
    assert (await api.ask("other_rep", read, id=id_["customerId"]))["data"]["customer"] == {"id": id_["customerId"]}


@pytest.mark.parametrize(
    ("act", "given", "refusals"),
    [
        ("assignCustomerTier", {"tier": "A", "reason": " "}, [("INVALID", "reason")]),
        ("moveCustomerStage", {"stage": "POTENTIAL"}, [("INVALID", "reason")]),
        ("moveCustomerStage", {"stage": "AWARENESS"}, [("WRONG_STATE", "stage")]),
        ("transferCustomer", {"toStaffId": "rep", "reason": "x"}, [("WRONG_STATE", "toStaffId")]),
        ("transferCustomer", {"toStaffId": "rep", "reason": ""}, [("WRONG_STATE", "toStaffId"), ("INVALID", "reason")]),
        ("transferCustomer", {"toStaffId": "agent", "reason": ""}, [("INVALID", "toStaffId"), ("INVALID", "reason")]),
        ("transferCustomer", {"toStaffId": "", "reason": ""}, [("NOT_FOUND", "toStaffId"), ("INVALID", "reason")]),
        ("transferCustomer", {"toStaffId": "", "reason": "x"}, [("NOT_FOUND", "toStaffId")]),
    ],
)
async def test_what_is_wrong_with_a_change_is_told_at_its_place(api: Api, act, given, refusals):
    to = given.get("toStaffId")
    given = given | ({"toStaffId": api.house.member(to) if to else "stf_1"} if to is not None else {})
    before = api.written()
    answer = await api("manager", act, **given, customerId=api.house.customer("own"))
    assert answer.refusals == refusals
    assert api.written() == before
    assert {code for code, _ in refusals} <= set(ErrorCode)


async def test_the_same_tier_again_is_in_the_wrong_state(api: Api):
    given = {"customerId": api.house.customer("own"), "tier": "B", "reason": "评定"}
    assert [(await api("rep", "assignCustomerTier", **given)).refusals for _ in range(2)] == [
        [], [("WRONG_STATE", "tier")],
    ]  # fmt: skip
