"""logInteraction: who may, and what it leaves behind."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.api.house import CALLERS, REACHED, TOLD, Api

ACT = "logInteraction"
TALK = {"channel": "PHONE", "direction": "INBOUND", "occurredAt": "2026-01-01T00:00:00Z", "summary": "问了价格"}
REVEAL, VALUES = "revealPersonalData", "values { value }"
READ = "interaction { id summary { display sight revealable } staff { id } occurredAt customer { version } }"


@pytest.mark.parametrize("caller", CALLERS)
@pytest.mark.parametrize("customer", REACHED)
async def test_a_talk_is_logged_by_staff_with_customers_in_reach(api: Api, caller, customer):
    before = api.written()
    answer = await api(caller, ACT, READ, customerId=api.house.customer(customer), **TALK)
    if caller in REACHED[customer] - {"partner"}:
        assert answer.payload["interaction"]["staff"] == {"id": api.house.member(caller)}
        assert api.audit() == [(ACT, "DONE")]
        return
    assert answer.refusals == ([("FORBIDDEN", ACT)] if caller in REACHED[customer] else [("NOT_FOUND", "customerId")])
    assert api.written() == before
    assert [act for act, _ in api.audit()] == [ACT]


async def test_what_it_leaves_behind(api: Api):
    own, rep = api.house.customers["own"], api.house.viewers["rep"].id
    # Later than the talk that the house begins with, and not in the future.
    at = (datetime.now(UTC) - timedelta(minutes=5)).replace(microsecond=0)
    answer = await api("rep", ACT, READ, customerId=api.house.customer("own"), **TALK | {"occurredAt": at.isoformat()})
    shown = answer.payload["interaction"]
    assert shown["summary"] == {"display": "问了价格", "sight": "CLEAR", "revealable": False}
    assert (datetime.fromisoformat(shown["occurredAt"]), shown["customer"]["version"]) == (at, 1)
    ((made, said, sealed),) = api.rows(
        "SELECT id, summary_masked, summary_sealed FROM interaction WHERE staff_id = %s", rep
    )
    assert (said, sealed) == ("问了价格", None)
    assert api.rows(
        "SELECT kind, customer_id, actor_id, fields, reason FROM event WHERE interaction_id = %s", made
    ) == [("INTERACTION_LOGGED", own.id, rep, [], None)]
    assert api.rows("SELECT subject_kind, subject_id, outcome FROM audit") == [("interaction", made, "DONE")]
    kept = api.rows("SELECT last_interaction_at, version, updated_at FROM customer WHERE id = %s", own.id)
    assert kept == [(at, 1, own.updated_at)]


async def test_numbers_in_the_summary_are_masked_and_the_original_is_sealed(api: Api):
    order, text = "订单 20260101123456789012", f"{TOLD}，身份证 11010519491231002X，lei@example.com"
    answer = await api("rep", ACT, READ, customerId=api.house.customer("own"), **TALK | {"summary": f"{text}，{order}"})
    shown = answer.payload["interaction"]
    masked = f"请回电 138****5678，身份证 1****************X，l***@example.com，{order}"
    assert shown["summary"] == {"display": masked, "sight": "MASKED", "revealable": False}
    dumped = str(api.rows("SELECT t::text FROM interaction AS t")) + str(api.rows("SELECT t::text FROM event AS t"))
    assert not any(value in dumped for value in ("13812345678", "11010519491231002X", "lei@example.com"))
    # What was said comes back whole; with a resident ID in it, only with an approval.
    asked = {"fields": ["SUMMARY"], "purpose": "SERVICE", "reason": "核对"}
    assert (await api("rep", REVEAL, VALUES, id=shown["id"], **asked)).codes == ["APPROVAL_REQUIRED"]
    plainer = f"{TOLD}，lei@example.com，{order}"
    answer = await api("rep", ACT, READ, customerId=api.house.customer("own"), **TALK | {"summary": plainer})
    revealed = await api("rep", REVEAL, VALUES, id=answer.payload["interaction"]["id"], **asked)
    assert revealed.payload["values"] == [{"value": plainer}]


@pytest.mark.parametrize(
    ("wrong", "refusals"),
    [
        ({"summary": " "}, [("INVALID", "summary")]),
        ({"summary": "\x00"}, [("INVALID", "summary")]),
        ({"occurredAt": "2999-01-01T00:00:00Z"}, [("INVALID", "occurredAt")]),
        ({"occurredAt": "2026-01-01T00:00:00"}, [("INVALID", "occurredAt")]),
        ({"occurredAt": "2999-01-01T00:00:00Z", "summary": ""}, [("INVALID", "occurredAt"), ("INVALID", "summary")]),
    ],
)
async def test_what_is_wrong_is_told_at_once_each_at_its_place(api: Api, wrong, refusals):
    before = api.written()
    answer = await api("rep", ACT, READ, customerId=api.house.customer("own"), **TALK | wrong)
    assert (answer.refusals, answer.payload["interaction"]) == (refusals, None)
    assert api.written() == before
    assert api.audit() == [(ACT, "INVALID")]


async def test_an_older_talk_does_not_move_the_last_contact_back(api: Api):
    own = api.house.customers["own"]
    await api("rep", ACT, customerId=api.house.customer("own"), **TALK | {"occurredAt": "2020-01-01T00:00:00Z"})
    assert api.rows("SELECT last_interaction_at FROM customer WHERE id = %s", own.id) == [(own.last_interaction_at,)]


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00+14:00", "0001-01-01T00:00:00Z", "1899-12-31T23:59:59Z"])
async def test_a_talk_before_all_talks_is_refused_and_breaks_no_list(api: Api, at: str):
    """Before the year 1 in UTC there are dates that PostgreSQL keeps and no reader of ours knows."""
    customer = api.house.customer("own")
    answer = await api("rep", ACT, READ, customerId=customer, **TALK | {"occurredAt": at})
    assert answer.refusals == [("INVALID", "occurredAt")]
