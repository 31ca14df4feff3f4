"""What a refused act leaves behind: its own code in the audit, and never more than a disk can take."""

from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from auth import idempotency
from auth.allowance import MAX_REFUSALS_PER_MINUTE
from domain.access_log import AuditEntry
from domain.identity import new_id
from domain.staff import Role
from resolvers.acts.register import ACTS
from resolvers.errors import Refused
from tests.api.house import Api, document

TALK = {"channel": "PHONE", "direction": "INBOUND", "occurredAt": "2026-01-01T00:00:00Z", "summary": "问价格"}
MANY = MAX_REFUSALS_PER_MINUTE + 20


async def tried(api: Api, caller: str, act: str, key: str | None = None, **given: Any) -> list[str]:
    """The codes that the act was refused with."""
    reply = await api.ask(caller, document(act), key, input=given)
    errors = reply.get("errors") or [{"extensions": error} for error in reply["data"][act]["userErrors"]]
    return [error["extensions"]["code"] for error in errors]


@pytest.mark.parametrize("customer", ["own", "strange", "made up"])
async def test_who_has_no_right_to_an_act_leaves_no_idempotency_record(api: Api, customer: str):
    id_ = "cus_" + "0" * 32 if customer == "made up" else api.house.customer(customer)
    for act, more in (("editCustomer", {"expectedVersion": 1}), ("logInteraction", TALK)):
        for key in ("one", "two"):
            codes = await tried(api, "partner", act, key, customerId=id_, **more)
            assert codes == (["FORBIDDEN"] if customer == "own" else ["NOT_FOUND"])
    assert api.rows("SELECT * FROM idempotency_record") == []
    assert len(api.audit()) == 4


async def test_who_has_the_right_is_refused_alike_under_the_same_key(api: Api):
    given = {"customerId": api.house.customer("strange"), "expectedVersion": 1}
    assert [await tried(api, "rep", "editCustomer", "k", **given) for _ in range(2)] == [["NOT_FOUND"]] * 2
    assert len(api.rows("SELECT * FROM idempotency_record")) == 1
    assert api.audit() == [("editCustomer", "NOT_FOUND")]


@pytest.mark.parametrize(("caller", "customer"), [("partner", "own"), ("rep", "strange"), ("rep", "own")])
async def test_refusals_of_one_viewer_fill_no_table(api: Api, caller: str, customer: str):
    given = {"customerId": api.house.customer(customer), "expectedVersion": 9}
    codes = {tuple(await tried(api, caller, "editCustomer", f"k{at}", **given)) for at in range(MANY)}
    assert len(codes) == 1
    assert len(api.audit()) == MAX_REFUSALS_PER_MINUTE
    assert len(api.rows("SELECT * FROM idempotency_record")) <= MAX_REFUSALS_PER_MINUTE
    assert await tried(api, "manager", "editCustomer", **given) == ["CONFLICT"]
    assert len(api.audit()) == MAX_REFUSALS_PER_MINUTE + 1


async def test_refusals_of_one_act_hide_no_refusal_of_another(api: Api):
    for _ in range(MANY):
        await tried(api, "rep", "editCustomer", customerId="cus_1", expectedVersion=1)
    given = {"customerId": api.house.customer("own"), "toStaffId": "stf_1", "reason": "x", "expectedVersion": 1}
    assert await tried(api, "rep", "transferCustomer", **given) == ["FORBIDDEN"]
    assert api.audit()[-1] == ("transferCustomer", "FORBIDDEN")


async def test_refusals_of_a_minute_ago_and_acts_that_were_done_do_not_count(api: Api):
    rep, now = api.house.viewers["rep"], datetime.now(UTC)
    for ago, outcome in ((timedelta(seconds=61), "INVALID"), (timedelta(seconds=5), "DONE")):
        at = now - ago
        rows = [
            AuditEntry(
                id=new_id(int(at.timestamp() * 1000)), at=at, viewer_id=rep.id, viewer_kind="stf", role=Role.REP,
                act="editCustomer", subject_kind=None, subject_id=None, outcome=outcome,
            )
            for _ in range(MAX_REFUSALS_PER_MINUTE)
        ]  # fmt: skip
        await api.write(*rows)
    before = len(api.audit())
    assert await tried(api, "rep", "editCustomer", customerId="cus_1", expectedVersion=1) == ["NOT_FOUND"]
    assert len(api.audit()) == before + 1


@pytest.mark.parametrize("code", ["FORBIDDEN", "LIMIT_EXCEEDED", "BAD_USER_INPUT", "BAD_PAGE"])
async def test_every_refusal_is_audited_by_its_own_code(api: Api, monkeypatch, code: str):
    async def refusing(acting: Any, given: Any) -> Any:
        raise Refused(code, "不行", "No")

    monkeypatch.setitem(ACTS, "editCustomer", ACTS["editCustomer"]._replace(run=refusing))
    given = {"customerId": api.house.customer("own"), "expectedVersion": 1}
    assert await tried(api, "rep", "editCustomer", "k", **given) == [code]
    assert api.audit() == [("editCustomer", code)]
    assert api.rows("SELECT * FROM idempotency_record") == []


def test_every_act_names_the_lines_of_the_page_that_allow_it():
    assert [name for name, act in ACTS.items() if not act.rights] == []


# -- Time heals -------------------------------------------------------------------------------------------------------


async def test_a_conversation_that_a_fast_clock_dates_ahead_is_kept_as_now(api: Api):
    ahead = (datetime.now(UTC) + timedelta(minutes=4)).isoformat()
    given = TALK | {"customerId": api.house.customer("own"), "occurredAt": ahead}
    answer = await api("rep", "logInteraction", "interaction { occurredAt createdAt }", **given)
    made = answer.payload["interaction"]
    assert made["occurredAt"] == made["createdAt"] < ahead
    latest = api.rows("SELECT last_interaction_at <= now() FROM customer WHERE id = %s", api.house.customers["own"].id)
    assert latest == [(True,)]


FAR_AHEAD = datetime.now(UTC) + timedelta(days=9000)
NEW = {"kind": "PERSON", "basis": "CONTRACT", "name": "韩梅梅"}


@pytest.mark.parametrize(
    ("act", "given", "ahead"),
    [
        ("logInteraction", TALK, {"occurredAt": FAR_AHEAD.isoformat()}),
        ("createCustomer", NEW, {"birthDate": FAR_AHEAD.date().isoformat()}),
    ],
)
async def test_a_refusal_that_time_heals_is_not_kept_under_its_key(api: Api, act: str, given: Any, ahead: Any):
    if act == "logInteraction":
        given = given | {"customerId": api.house.customer("own")}
    assert await tried(api, "rep", act, "k", **given | ahead) == ["INVALID"]
    assert api.rows("SELECT * FROM idempotency_record") == []
    assert await tried(api, "rep", act, "k", **given | {"name" if "name" in given else "summary": " "}) == ["INVALID"]
    assert len(api.rows("SELECT * FROM idempotency_record")) == 1


# -- Old records ------------------------------------------------------------------------------------------------------


async def test_acts_delete_records_that_are_too_old_a_batch_at_a_time(api: Api, monkeypatch):
    monkeypatch.setattr(idempotency, "PRUNE_EVERY", 1)
    monkeypatch.setattr(idempotency, "PRUNE_BATCH_SIZE", 2)
    record = "INSERT INTO idempotency_record VALUES (gen_random_uuid(), %s, 'x', '{}', now() - %s::interval)"
    with psycopg.connect(api.url) as connection:
        for number in range(3):
            connection.execute(record, [bytes([number]), "7 days 1 minute"])
        connection.execute(record, [b"young", "6 days 23 hours"])
    left = []
    for key in ("a", "b"):
        assert await tried(api, "rep", "logInteraction", key, **TALK, customerId=api.house.customer("own")) == []
        left.append(len(api.rows("SELECT FROM idempotency_record WHERE fingerprint = 'x'")))
    assert left == [2, 1]
