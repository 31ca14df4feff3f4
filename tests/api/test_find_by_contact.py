"""findCustomerByContact: who has exactly this number, and what the id is good for afterwards."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from auth.allowance import Allowance
from domain.access_log import AccessLogEntry, PersonalField
from domain.identity import new_id
from domain.staff import Role
from tests.api.house import CALLERS, KNOWN, Api, House, a_customer, document

FIND, REVEAL = "findCustomerByContact", "revealPersonalData"
LOG = "SELECT viewer_id, subject_kind, subject_id, customer_id, field, purpose, reason FROM access_log ORDER BY id"
TICKET = {"kind": "QUESTION", "priority": "HIGH", "subject": "来电咨询", "description": "问保修"}
TALK = {"channel": "PHONE", "direction": "INBOUND", "occurredAt": "2026-01-01T00:00:00Z", "summary": "来电咨询"}


def strange(house: House) -> str:
    return house.customer("strange")


@pytest.mark.parametrize("caller", CALLERS)
async def test_agents_and_managers_find_a_customer_whoever_owns_it_and_others_may_not(api: Api, caller):
    answer = await api(caller, FIND, "customerIds", mobile=KNOWN["strange"]["mobile"], purpose="SERVICE")
    if caller in {"agent", "other_agent", "lone_agent", "manager"}:
        assert answer.payload["customerIds"] == [strange(api.house)]
        row = api.house.customers["strange"].id
        looked = (api.house.viewers[caller].id, "cus", row, row, "MOBILE", "SERVICE", FIND)
        assert api.rows(LOG) == [looked]
        assert api.audit() == [(FIND, "DONE")]
    else:
        assert answer.refusals == [("FORBIDDEN", FIND)]
        assert api.rows(LOG) == []
        assert api.audit() == [(FIND, "FORBIDDEN")]


@pytest.mark.parametrize(
    ("contact", "found"),
    [
        ({"mobile": "+86 139-0013-9003"}, ["strange"]),
        ({"mobile": "13700139002"}, ["served"]),
        ({"email": "lei@Example.com"}, ["strange"]),
        ({"email": "LEI@example.com"}, ["strange"]),
        ({"email": "lei@example.com", "mobile": None}, ["strange"]),
        ({"mobile": "13900139099"}, []),
        ({"email": "nobody@example.com"}, []),
    ],
)
async def test_a_contact_is_found_however_it_is_written_and_wherever_it_stands(api: Api, contact, found):
    answer = await api("agent", FIND, "customerIds", **contact, purpose="SERVICE")
    assert answer.payload == {"customerIds": [api.house.customer(name) for name in found], "userErrors": []}


async def test_everybody_who_has_the_number_is_found_and_logged(api: Api):
    twin = a_customer(None, {"name": "李霞", "mobile": KNOWN["strange"]["mobile"]})
    await api.write(twin)
    answer = await api("agent", FIND, "customerIds", mobile=KNOWN["strange"]["mobile"], purpose="SERVICE")
    assert answer.payload["customerIds"] == [strange(api.house), api.house.id_of(twin)]
    assert [row[2] for row in api.rows(LOG)] == [api.house.customers["strange"].id, twin.id]


@pytest.mark.parametrize(
    ("given", "refusals"),
    [
        ({}, [("INVALID", "mobile"), ("INVALID", "email")]),
        ({"mobile": "13900139003", "email": "lei@example.com"}, [("INVALID", "mobile"), ("INVALID", "email")]),
        ({"mobile": "139****9003"}, [("MASKED_VALUE_WRITE", "mobile")]),
        ({"mobile": ""}, [("INVALID", "mobile")]),
        ({"email": "lei@", "purpose": "CURIOSITY"}, [("INVALID", "purpose"), ("INVALID", "email")]),
        ({"email": "lei@example.com", "purpose": "FOLLOW_UP"}, [("INVALID", "purpose")]),
    ],
)
async def test_what_cannot_be_looked_for_is_refused_at_its_place(api: Api, given, refusals):
    answer = await api("agent", FIND, "customerIds", **{"purpose": "SERVICE", **given})
    assert (answer.refusals, answer.payload["customerIds"]) == (refusals, [])
    assert "lei@" not in str(answer.reply)


# -- The limit --------------------------------------------------------------------------------------------------------


async def test_searches_count_like_looks_whether_they_find_somebody_or_not(api_with):
    api = api_with(Allowance(values=4))
    await api("agent", REVEAL, "values { value }", id=api.house.customer("served"), fields=["MOBILE"],
              purpose="SERVICE", reason="回电")  # fmt: skip
    codes = [
        (await api("agent", FIND, "customerIds", mobile=mobile, purpose="SERVICE")).codes
        for mobile in ("13900139003", "13900139099", "13900139098", "13900139097", "13900139003")
    ]
    assert codes == [[], [], [], ["LIMIT_EXCEEDED"], ["LIMIT_EXCEEDED"]]
    assert len(api.rows(LOG)) == 2
    looked = await api("agent", REVEAL, "values { value }", id=api.house.customer("served"), fields=["MOBILE"],
                       purpose="SERVICE", reason="回电")  # fmt: skip
    assert looked.codes == ["LIMIT_EXCEEDED"]


async def test_the_last_look_finds_all_who_share_a_contact_and_a_refusal_tells_nothing_of_them(api_with):
    api = api_with(Allowance(values=2))
    shared = {"mobile": "13900139077"}
    for name in ("strange", "served"):
        given = {"customerId": api.house.customer(name), "expectedVersion": 1}
        assert (await api("manager", "editCustomer", **given, otherMobile=shared["mobile"])).codes in (
            [],
            ["DUPLICATE"],
        )
    answers = [
        await api("agent", FIND, "customerIds", **contact, purpose="SERVICE")
        for contact in ({"mobile": "13900139099"}, shared, shared, {"mobile": "13900139098"})
    ]
    assert [answer.codes for answer in answers] == [[], [], ["LIMIT_EXCEEDED"], ["LIMIT_EXCEEDED"]]


async def test_refused_searches_do_not_count(api_with):
    api = api_with(Allowance(values=1))
    for _ in range(3):
        assert (await api("agent", FIND, "customerIds", mobile="1", purpose="SERVICE")).codes == ["INVALID"]
    assert (await api("agent", FIND, "customerIds", mobile="13900139003", purpose="SERVICE")).codes == []


async def test_parallel_searches_never_exceed_the_limit(api_with):
    api = api_with(Allowance(values=3))
    answers = await asyncio.gather(
        *(api("agent", FIND, "customerIds", mobile=f"1390013909{i}", purpose="SERVICE") for i in range(8))
    )
    assert sorted(answer.codes for answer in answers) == [[]] * 3 + [["LIMIT_EXCEEDED"]] * 5


async def test_a_repetition_under_the_same_key_is_no_second_look(api: Api):
    given = {"mobile": "13900139003", "purpose": "SERVICE"}
    replies = [await api.ask("agent", document(FIND, "customerIds"), "one key", input=given) for _ in range(2)]
    assert replies[0] == replies[1]
    assert len(api.rows(LOG)) == 1
    assert "13900139003" not in str(api.rows("SELECT t::text FROM idempotency_record AS t"))


async def test_a_repetition_is_not_answered_who_was_found_once_the_caller_may_no_longer_look(api: Api):
    given, viewers = {"mobile": "13900139003", "purpose": "SERVICE"}, api.house.viewers
    first = await api.ask("agent", document(FIND, "customerIds"), "one key", input=given)
    assert first["data"][FIND]["customerIds"] == [strange(api.house)]
    viewers["agent"] = replace(viewers["agent"], role=Role.ADMIN, team_id=None)
    again = await api.ask("agent", document(FIND, "customerIds"), "one key", input=given)
    assert [error["extensions"] for error in again["errors"]] == [{"code": "FORBIDDEN", "act": FIND}]
    assert strange(api.house) not in str(again)
    assert api.audit() == [(FIND, "DONE"), (FIND, "FORBIDDEN")]


# -- At the desk ------------------------------------------------------------------------------------------------------


CLOSING = {"resolution": "已解决"}


async def found(api: Api, caller: str = "agent") -> str:
    answer = await api(caller, FIND, "customerIds", mobile=KNOWN["strange"]["mobile"], purpose="SERVICE")
    (id_,) = answer.payload["customerIds"]
    return id_


SEEN = """query($id: ID!) { customer(id: $id) { id name { display } mobile { display sight revealable } interactions { totalCount }
  history { totalCount } tickets { totalCount } viewerCan { edit reveal logInteraction openTicket transfer } }
  node(id: $id) { id } customers { nodes { id } } }"""  # noqa: E501 - as it is sent


async def test_whom_an_agent_found_she_sees_for_the_hour_name_and_masked_contacts(api: Api):
    before = (await api.ask("agent", SEEN, id=strange(api.house)))["data"]
    assert (before["customer"], before["node"]) == (None, None)
    id_ = await found(api)
    seen = (await api.ask("agent", SEEN, id=id_))["data"]
    assert seen["customer"] == {
        "id": id_,
        "name": {"display": "李雷"},
        "mobile": {"display": "139****9003", "sight": "MASKED", "revealable": False},
        "interactions": {"totalCount": 0},
        "history": {"totalCount": 0},
        "tickets": {"totalCount": 0},
        "viewerCan": {"edit": False, "reveal": False, "logInteraction": True, "openTicket": True, "transfer": False},
    }
    assert seen["node"] == {"id": id_}
    assert {"id": id_} in seen["customers"]["nodes"]


async def test_the_payload_of_a_search_says_who_it_is(api: Api):
    chosen = "customerIds customers { id name { display } email { display } }"
    answer = await api("agent", FIND, chosen, mobile=KNOWN["strange"]["mobile"], purpose="SERVICE")
    id_ = strange(api.house)
    assert answer.payload["customers"] == [
        {"id": id_, "name": {"display": "李雷"}, "email": {"display": "l***@example.com"}}
    ]
    nobody = await api("agent", FIND, chosen, mobile="13900139099", purpose="SERVICE")
    assert (nobody.payload["customerIds"], nobody.payload["customers"]) == ([], [])
    refused = await api("agent", FIND, chosen, mobile="1", purpose="SERVICE")
    assert (refused.payload["customerIds"], refused.payload["customers"]) == ([], [])


async def test_after_the_hour_the_caller_is_nobody_again_also_in_a_repeated_answer(api: Api):
    chosen, given = "customerIds customers { id }", {"mobile": KNOWN["strange"]["mobile"], "purpose": "SERVICE"}
    await api.ask("agent", document(FIND, chosen), "one key", input=given)
    api.execute("UPDATE customer_lookup SET until = now() - interval '1 second'")
    id_ = strange(api.house)
    seen = (await api.ask("agent", SEEN, id=id_))["data"]
    assert (seen["customer"], seen["node"]) == (None, None)
    assert {"id": id_} not in seen["customers"]["nodes"]
    again = await api.ask("agent", document(FIND, chosen), "one key", input=given)
    assert again["data"][FIND]["customers"] == []


async def test_the_hour_begins_anew_with_another_search(api: Api):
    id_ = await found(api)
    api.execute("UPDATE customer_lookup SET until = now() + interval '1 minute'")
    await found(api)
    assert api.rows("SELECT until > now() + interval '59 minutes' FROM customer_lookup") == [(True,)]
    assert (await api.ask("agent", SEEN, id=id_))["data"]["customer"]


async def test_hours_that_have_passed_are_forgotten(api: Api):
    await found(api)
    api.execute("UPDATE customer_lookup SET until = now() - interval '1 second'")
    await api("agent", FIND, mobile="13900139099", purpose="SERVICE")
    assert api.rows("SELECT FROM customer_lookup") == []


async def test_a_ticket_opened_for_a_caller_is_seen_by_the_agent_whose_team_it_goes_to(api: Api):
    id_ = await found(api)
    answer = await api("agent", "openTicket", "ticket { customer { id } }", customerId=id_, **TICKET)
    assert answer.payload == {"ticket": {"customer": {"id": id_}}, "userErrors": []}
    api.execute("UPDATE customer_lookup SET until = now() - interval '1 second'")
    seen = (await api.ask("agent", SEEN, id=id_))["data"]["customer"]
    assert seen["tickets"] == {"totalCount": 1}
    assert seen["interactions"] == {"totalCount": 1}
    assert seen["viewerCan"]["edit"] is True


async def test_a_call_of_a_found_customer_is_logged_and_not_read_back(api: Api):
    id_ = await found(api)
    answer = await api("agent", "logInteraction", "interaction { id }", customerId=id_, **TALK)
    assert answer.payload == {"interaction": None, "userErrors": []}
    count = "SELECT count(*) FROM interaction WHERE customer_id = %s AND staff_id = %s"
    assert api.rows(count, api.house.customers["strange"].id, api.house.viewers["agent"].id) == [(1,)]


async def test_nothing_of_a_caller_is_edited_or_revealed(api: Api):
    id_ = await found(api)
    edited = await api("agent", "editCustomer", customerId=id_, expectedVersion=1, region="华东")
    assert edited.refusals == [("FORBIDDEN", "editCustomer")]
    shown = await api("agent", REVEAL, "values { value }", id=id_, fields=["MOBILE"], purpose="SERVICE", reason="回电")
    assert shown.refusals == [("FORBIDDEN", REVEAL)]


OPENED = "ticket { id number customer { id } team { id } viewerCan { assign investigate reopen close reveal } }"
READ_ON = (
    """query($id: ID!) { ticket(id: $id) { number status customer { id } steps { nodes { viewerCan { reveal } } } } }"""
)


@pytest.mark.parametrize("caller", ["lone_agent", "other_agent"])
async def test_who_opens_a_ticket_that_goes_to_others_reads_it_and_tells_the_caller_its_number(api: Api, caller: str):
    id_ = await found(api, caller)
    answer = await api(caller, "openTicket", OPENED, customerId=id_, **TICKET)
    ticket = answer.payload["ticket"]
    ((number, team),) = api.rows("SELECT number, team_id FROM ticket WHERE subject = '来电咨询'")
    assert (ticket["number"], ticket["customer"], team) == (number, {"id": id_}, api.house.teams["one"].id)
    assert not any(ticket["viewerCan"].values())
    # What others have to do is not done for them, and neither the ticket nor its customer is opened by it.
    me = api.house.member(caller)
    for act, given in (("assignTicket", {"assigneeId": me}), ("investigateTicket", {}), ("closeTicket", CLOSING)):
        assert (await api(caller, act, ticketId=ticket["id"], **given)).refusals == [("FORBIDDEN", act)]
    reveal = {"id": ticket["id"], "fields": ["DESCRIPTION"], "purpose": "SERVICE", "reason": "核对"}
    assert (await api(caller, REVEAL, **reveal)).refusals == [("FORBIDDEN", REVEAL)]
    assert (await api(caller, "editCustomer", customerId=id_, expectedVersion=1, region="华东")).codes == ["FORBIDDEN"]
    assert (await api.ask(caller, SEEN, id=id_))["data"]["customer"]["interactions"] == {"totalCount": 0}
    # After the hour the ticket stays, the customer does not.
    api.execute("UPDATE customer_lookup SET until = now() - interval '1 second'")
    read = (await api.ask(caller, READ_ON, id=ticket["id"]))["data"]
    assert read == {"ticket": {"number": number, "status": "ACCEPTED", "customer": None, "steps": {"nodes": []}}}
    for other in {"lone_agent", "other_agent"} - {caller}:
        assert (await api.ask(other, READ_ON, id=ticket["id"]))["data"] == {"ticket": None}


async def test_who_opened_a_ticket_reopens_it_within_the_period_and_reads_it_no_longer_than_that(api: Api):
    caller = "other_agent"
    answer = await api(caller, "openTicket", OPENED, customerId=await found(api, caller), **TICKET)
    id_ = answer.payload["ticket"]["id"]
    for act, given in (("investigateTicket", {"note": "请回电 13812345678"}), ("respondToTicket", {"response": "已答"}),
                       ("followUpTicket", {"note": "满意"}), ("closeTicket", CLOSING)):  # fmt: skip
        assert (await api("agent", act, ticketId=id_, **given)).refusals == []
    api.execute("UPDATE ticket SET closed_at = now() - interval '91 days' WHERE subject = '来电咨询'")
    assert (await api.ask(caller, READ_ON, id=id_))["data"] == {"ticket": None}
    api.execute("UPDATE ticket SET closed_at = now() - interval '89 days' WHERE subject = '来电咨询'")
    read = (await api.ask(caller, READ_ON, id=id_))["data"]["ticket"]
    assert [step["viewerCan"]["reveal"] for step in read["steps"]["nodes"]] == [False] * 4
    assert (await api(caller, "reopenTicket", OPENED, ticketId=id_, reason="再次来电")).payload["ticket"]["id"] == id_


@pytest.mark.parametrize(("act", "given"), [("openTicket", TICKET), ("logInteraction", TALK)])
async def test_what_one_agent_found_is_nothing_to_another(api: Api, act, given):
    id_ = await found(api)
    for caller in ("other_agent", "rep", "admin", "partner"):
        assert (await api(caller, act, customerId=id_, **given)).refusals == [("NOT_FOUND", "customerId")]
        assert (await api.ask(caller, "query($id: ID!) { customer(id: $id) { id } }", id=id_))["data"] == {
            "customer": None
        }


@pytest.mark.parametrize(("act", "given"), [("openTicket", TICKET), ("logInteraction", TALK)])
@pytest.mark.parametrize(("minutes", "codes"), [(59, []), (61, ["NOT_FOUND"])])
async def test_an_id_found_is_good_for_an_hour(api: Api, act, given, minutes, codes):
    id_ = await found(api)
    api.execute("UPDATE customer_lookup SET until = until - make_interval(mins => %s)", minutes)
    assert (await api("agent", act, customerId=id_, **given)).codes == codes


async def test_a_look_at_a_customer_out_of_scope_by_now_opens_no_ticket(api: Api):
    at, row = datetime.now(UTC) - timedelta(minutes=5), api.house.customers["strange"]
    await api.write(
        AccessLogEntry(
            id=new_id(int(at.timestamp() * 1000)), at=at, viewer_id=api.house.viewers["agent"].id, viewer_kind="stf",
            viewer_name=None, subject_id=row.id, subject_kind="cus", customer_id=row.id, field=PersonalField.MOBILE,
            purpose="SERVICE", reason="回电",
        )
    )  # fmt: skip
    answer = await api("agent", "openTicket", customerId=strange(api.house), **TICKET)
    assert answer.refusals == [("NOT_FOUND", "customerId")]
