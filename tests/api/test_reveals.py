"""revealPersonalData: the one door to clear values."""

import asyncio
import logging
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from auth.allowance import Allowance
from domain.access_log import AccessLogEntry, PersonalField
from domain.customer import CustomerKind
from domain.identity import new_id
from domain.personal.dates import today
from domain.purpose import PURPOSES
from tests.api.house import CALLERS, KNOWN, REACHED, TOLD, Api, a_customer, a_talk, a_ticket, document

REVEAL, VALUES = "revealPersonalData", "values { field value } expiresAt"
WHY = {"purpose": "SERVICE", "reason": "客户要求回电"}
LOG = (
    "SELECT viewer_id, viewer_kind, viewer_name, subject_kind, subject_id, customer_id, field, purpose, reason"
    " FROM access_log ORDER BY id"
)


@pytest.mark.parametrize("caller", CALLERS)
@pytest.mark.parametrize("customer", REACHED)
async def test_staff_see_clear_values_of_customers_in_reach_and_nobody_else_does(api: Api, caller, customer):
    answer = await api(caller, REVEAL, VALUES, id=api.house.customer(customer), fields=["MOBILE"], **WHY)
    if caller not in REACHED[customer]:
        assert answer.refusals == [("NOT_FOUND", "id")]
    elif caller == "partner":
        assert answer.refusals == [("FORBIDDEN", REVEAL)]
    else:
        assert answer.payload["values"] == [{"field": "MOBILE", "value": KNOWN[customer]["mobile"]}]
    seen = caller in REACHED[customer] and caller != "partner"
    assert len(api.rows(LOG)) == seen
    assert (KNOWN[customer]["mobile"] in str(answer.reply)) == seen


async def test_every_text_of_a_customer_can_be_asked_for_and_is_logged_as_one_look(api: Api):
    fields = ["NAME", "MOBILE", "EMAIL", "WECHAT_ID", "ADDRESS", "BIRTH_DATE"]
    answer = await api("rep", REVEAL, VALUES, id=api.house.customer("own"), fields=fields, **WHY)
    assert {value["field"]: value["value"] for value in answer.payload["values"]} == {
        field: KNOWN["own"][field.lower()] for field in fields
    }
    rep, own = api.house.staff["rep"], api.house.customers["own"].id
    assert api.rows(LOG) == [
        (rep.id, "stf", rep.name, "cus", own, own, field, "SERVICE", "客户要求回电") for field in fields
    ]
    assert api.audit() == [(REVEAL, "DONE")]
    assert api.rows("SELECT subject_kind, subject_id FROM audit") == [("customer", own)]


async def test_the_original_of_a_masked_text_is_shown(api: Api):
    talk, ticket = api.house.talks["own"], api.house.tickets["own"]
    for row, field in ((talk, "SUMMARY"), (ticket, "DESCRIPTION")):
        answer = await api("rep", REVEAL, VALUES, id=api.house.id_of(row), fields=[field], **WHY)
        assert answer.payload["values"] == [{"field": field, "value": TOLD}]
    own = api.house.customers["own"].id
    assert [row[3:7] for row in api.rows(LOG)] == [
        ("int", talk.id, own, "SUMMARY"),
        ("tkt", ticket.id, own, "DESCRIPTION"),
    ]


async def test_a_text_in_which_nothing_is_masked_is_in_the_wrong_state(api: Api):
    plain = api.house.id_of(api.house.talks["plain"])
    answer = await api("rep", REVEAL, VALUES, id=plain, fields=["SUMMARY"], **WHY)
    assert answer.refusals == [("WRONG_STATE", "id")]


async def test_clients_are_told_when_to_forget(api_with):
    api = api_with(Allowance(shown_for=timedelta(minutes=2)))
    answer = await api("rep", REVEAL, VALUES, id=api.house.customer("own"), fields=["MOBILE"], **WHY)
    left = datetime.fromisoformat(answer.payload["expiresAt"]) - datetime.now(UTC)
    assert timedelta(minutes=1) < left <= timedelta(minutes=2)


async def test_all_faults_are_told_at_once_each_at_its_place(api: Api):
    answer = await api(
        "rep", REVEAL, VALUES, id=api.house.customer("own"), fields=["MOBILE", "SUMMARY", "ID_NUMBER"],
        purpose="CURIOSITY", reason=" ",
    )  # fmt: skip
    assert answer.refusals == [
        ("INVALID", "purpose"),
        ("INVALID", "fields.1"),
        ("INVALID", "reason"),
        ("APPROVAL_REQUIRED", "fields.2"),
    ]
    assert (answer.payload["values"], answer.payload["expiresAt"]) == ([], None)
    assert api.rows(LOG) == []


@pytest.mark.parametrize(
    ("noun", "field"),
    [("talks", "MOBILE"), ("talks", "DESCRIPTION"), ("tickets", "SUMMARY"), ("customers", "DESCRIPTION")],
)
async def test_a_field_that_the_thing_does_not_have_is_invalid(api: Api, noun, field):
    row = getattr(api.house, noun)["own"]
    answer = await api("rep", REVEAL, VALUES, id=api.house.id_of(row), fields=[field], **WHY)
    assert answer.refusals == [("INVALID", "fields.0")]


@pytest.mark.parametrize("wrong", [{"fields": []}, {"reason": ""}, {"reason": "因" * 501}, {"purpose": ""}])
async def test_what_is_missing_or_too_long_is_named(api: Api, wrong):
    given = {"id": api.house.customer("own"), "fields": ["MOBILE"], **WHY, **wrong}
    assert (await api("rep", REVEAL, VALUES, **given)).refusals == [("INVALID", *wrong)]


@pytest.mark.parametrize(
    ("caller", "purposes"),
    [
        ("other_rep", {"FOLLOW_UP", "SERVICE", "CONTRACT"}),
        ("agent", {"SERVICE"}),
        ("manager", PURPOSES.keys() - {"DUPLICATE_CHECK"}),
    ],
)
async def test_each_role_looks_for_its_own_purposes_only(api: Api, caller, purposes):
    for purpose in PURPOSES:
        given = {"id": api.house.customer("served"), "fields": ["MOBILE"], "purpose": purpose, "reason": "核对"}
        refusals = (await api(caller, REVEAL, VALUES, **given)).refusals
        assert refusals == ([] if purpose in purposes else [("INVALID", "purpose")])


@pytest.mark.parametrize(
    "id_", ["", "cus_", "cus_1", *(f"{prefix}_{'0' * 32}" for prefix in ("stf", "tier", "cus", "int", "tkt", "stp"))]
)
async def test_what_names_nothing_to_reveal_is_not_found(api: Api, id_):
    assert (await api("manager", REVEAL, VALUES, id=id_, fields=["MOBILE"], **WHY)).refusals == [("NOT_FOUND", "id")]


async def test_an_absent_value_is_null_and_no_look(api: Api):
    answer = await api("agent", REVEAL, VALUES, id=api.house.customer("served"), fields=["ADDRESS", "MOBILE"], **WHY)
    assert answer.payload["values"] == [
        {"field": "ADDRESS", "value": None},
        {"field": "MOBILE", "value": "13900139002"},
    ]
    assert [row[6] for row in api.rows(LOG)] == ["MOBILE"]


async def test_of_a_person_whose_key_is_destroyed_nothing_is_left(api: Api):
    own = api.house.customers["own"]
    with psycopg.connect(api.url) as connection:
        connection.execute("DELETE FROM data_key WHERE id = %s", [own.id])
    answer = await api("rep", REVEAL, VALUES, id=api.house.id_of(own), fields=["MOBILE"], **WHY)
    assert answer.payload["values"] == [{"field": "MOBILE", "value": None}]
    assert api.rows(LOG) == []


def years_ago(years: int, days: int = 0) -> str:
    day = today()
    return (day.replace(year=day.year - years, day=min(day.day, 28)) + timedelta(days=days)).isoformat()


async def test_everything_of_a_child_under_14_needs_approval_until_the_birthday(api: Api):
    for born, refusal in ((years_ago(14, days=40), "APPROVAL_REQUIRED"), (years_ago(14), None)):
        child = a_customer(api.house.staff["rep"], {"name": "小明", "mobile": "13900139077", "birth_date": born})
        talk, ticket = a_talk(child, TOLD), a_ticket(child, None)
        await api.write(child, talk, ticket)
        for row, field in (
            (child, "NAME"), (child, "MOBILE"), (child, "BIRTH_DATE"), (talk, "SUMMARY"), (ticket, "DESCRIPTION"),
        ):  # fmt: skip
            answer = await api("rep", REVEAL, VALUES, id=api.house.id_of(row), fields=[field], **WHY)
            assert answer.refusals == ([(refusal, "fields.0")] if refusal else [])


async def test_a_childs_identity_number_tells_the_age_as_well(api: Api):
    child = a_customer(
        api.house.staff["rep"], {"name": "小明", "mobile": "13900139077", "id_number": "110105202001010015"}
    )
    await api.write(child)
    answer = await api("rep", REVEAL, VALUES, id=api.house.id_of(child), fields=["MOBILE"], **WHY)
    assert answer.refusals == [("APPROVAL_REQUIRED", "fields.0")]


async def test_what_says_that_somebody_is_a_child_does_not_change_without_approval(api: Api):
    child = a_customer(api.house.staff["rep"], {"name": "小明", "mobile": "13900139077", "birth_date": years_ago(6)})
    await api.write(child)
    for changed in ({"birthDate": "1990-01-01"}, {"birthDate": None}, {"idNumber": "110101199003078515"}):
        edit = await api(
            "rep", "editCustomer", "customer { id }", customerId=api.house.id_of(child), expectedVersion=1, **changed
        )
        assert edit.refusals == [("APPROVAL_REQUIRED", *changed)]
    answer = await api("rep", REVEAL, VALUES, id=api.house.id_of(child), fields=["MOBILE"], **WHY)
    assert answer.refusals == [("APPROVAL_REQUIRED", "fields.0")]


async def test_an_identity_number_inside_a_text_needs_approval_as_well(api: Api):
    told = "证件 11010519491231002X"
    customer = a_customer(api.house.staff["rep"], {"name": "王芳", "mobile": "13900139076"})
    talk, ticket = a_talk(customer, told), a_ticket(customer, None)
    await api.write(customer, talk, ticket)
    answer = await api("rep", REVEAL, VALUES, id=api.house.id_of(talk), fields=["SUMMARY"], **WHY)
    assert answer.refusals == [("APPROVAL_REQUIRED", "fields.0")]


async def test_a_credit_code_of_an_organisation_needs_no_approval_a_resident_id_in_its_place_does(api: Api):
    for number, codes in (("91110000600037341L", []), ("11010519491231002X", ["APPROVAL_REQUIRED"])):
        firm = a_customer(
            api.house.staff["rep"],
            {"name": "北京某某科技有限公司", "id_number": number},
            kind=CustomerKind.ORGANIZATION,
        )
        await api.write(firm)
        answer = await api("rep", REVEAL, VALUES, id=api.house.id_of(firm), fields=["ID_NUMBER"], **WHY)
        assert answer.codes == codes


async def test_numbers_in_the_reason_are_masked_where_it_is_kept(api: Api):
    given = {"id": api.house.customer("own"), "fields": ["MOBILE"], "purpose": "SERVICE", "reason": f" {TOLD} "}
    await api("rep", REVEAL, VALUES, **given)
    assert api.rows("SELECT reason FROM access_log") == [("请回电 138****5678",)]


# -- The limit --------------------------------------------------------------------------------------------------------


async def test_the_hundredth_value_is_shown_and_the_next_is_not(api: Api):
    given = {"id": api.house.customer("own"), **WHY}
    for _ in range(33):
        assert (await api("rep", REVEAL, VALUES, fields=["MOBILE", "EMAIL", "NAME"], **given)).codes == []
    over = await api("rep", REVEAL, VALUES, fields=["MOBILE", "EMAIL"], **given)
    assert (over.codes, over.payload["values"]) == (["LIMIT_EXCEEDED"], [])
    assert (await api("rep", REVEAL, VALUES, fields=["MOBILE"], **given)).codes == []
    assert (await api("rep", REVEAL, VALUES, fields=["MOBILE"], **given)).codes == ["LIMIT_EXCEEDED"]
    assert len(api.rows(LOG)) == 100
    assert (await api("manager", REVEAL, VALUES, fields=["MOBILE"], **given)).codes == []


async def test_looks_under_aliases_are_counted_one_by_one(api_with):
    api = api_with(Allowance(values=12))
    looks = " ".join(f"a{i}: {REVEAL}(input: $input) {{ values {{ value }} userErrors {{ code }} }}" for i in range(10))
    given = {"id": api.house.customer("own"), "fields": ["MOBILE"], **WHY}
    for shown in (10, 2, 0):
        reply = await api.ask("rep", f"mutation($input: RevealPersonalDataInput!) {{ {looks} }}", input=given)
        assert sum(len(payload["values"]) for payload in reply["data"].values()) == shown
    assert len(api.rows(LOG)) == 12


async def test_a_field_named_twice_in_one_look_counts_once(api: Api):
    answer = await api("rep", REVEAL, VALUES, id=api.house.customer("own"), fields=["MOBILE"] * 150, **WHY)
    assert (len(answer.payload["values"]), len(api.rows(LOG))) == (1, 1)


async def test_parallel_looks_never_exceed_the_limit(api_with):
    api = api_with(Allowance(values=5))
    given = {"id": api.house.customer("own"), "fields": ["MOBILE", "EMAIL"], **WHY}
    answers = await asyncio.gather(*(api("rep", REVEAL, VALUES, **given) for _ in range(8)))
    assert sorted(len(answer.payload["values"]) for answer in answers) == [0] * 6 + [2] * 2
    assert len(api.rows(LOG)) == 4


async def test_looks_of_more_than_an_hour_ago_no_longer_count(api_with):
    api = api_with(Allowance(values=1))
    own, rep = api.house.customers["own"], api.house.viewers["rep"]
    ago = datetime.now(UTC) - timedelta(minutes=61)
    await api.write(
        AccessLogEntry(
            id=new_id(int(ago.timestamp() * 1000)), at=ago, viewer_id=rep.id, viewer_kind="stf", viewer_name=None,
            subject_id=own.id, subject_kind="cus", customer_id=own.id, field=PersonalField.MOBILE, purpose="SERVICE",
            reason="回电",
        )
    )  # fmt: skip
    given = {"id": api.house.customer("own"), "fields": ["MOBILE"], **WHY}
    assert [(await api("rep", REVEAL, VALUES, **given)).codes for _ in range(2)] == [[], ["LIMIT_EXCEEDED"]]


async def test_an_idempotency_key_does_not_make_a_second_look_free(api: Api):
    given = {"id": api.house.customer("own"), "fields": ["MOBILE"], **WHY}
    replies = [await api.ask("rep", document(REVEAL, VALUES), "one key", input=given) for _ in range(2)]
    assert [len(reply["data"][REVEAL]["values"]) for reply in replies] == [1, 1]
    assert (len(api.rows(LOG)), api.rows("SELECT * FROM idempotency_record")) == (2, [])


async def test_a_clear_value_is_in_the_answer_and_nowhere_else(api: Api, caplog, capfd):
    canary = "13900139001"
    with caplog.at_level(logging.DEBUG):
        given = {"id": api.house.customer("own"), "fields": ["MOBILE"], **WHY}
        reply = await api.ask("rep", document(REVEAL, VALUES), "a key", input=given)
        await api("rep", REVEAL, VALUES, **given | {"fields": ["MOBILE", "ID_NUMBER"]})
    assert canary in str(reply)
    tables = [name for (name,) in api.rows("SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 2200")]
    for table in tables:
        assert canary not in str(api.rows(f'SELECT t::text FROM "{table}" AS t')), table
    shown = caplog.text + "".join(capfd.readouterr())
    assert canary not in shown
    assert canary not in str(
        [vars(kept) for kept in (api.execution._preparation.prepared, api.execution._preparation.operations)]
    )
