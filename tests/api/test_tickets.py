"""Acts on tickets: opened, assigned, and moved from 受理 to 关闭."""

import asyncio

import pytest

from domain.ticket_state import TicketStatus
from tests.api.house import CALLERS, REACHED, TOLD, Api, a_ticket

NEW = {"kind": "QUESTION", "priority": "HIGH", "subject": "来电咨询", "description": "问保修"}
READ = "ticket { id status version assignee { id } description { display sight revealable } }"
EVENTS = "SELECT kind, actor_id, before, after FROM event WHERE ticket_id = %s AND kind != 'TICKET_OPENED' ORDER BY id"
STEPS = "SELECT status, actor_id, text_masked, text_sealed IS NOT NULL, satisfied FROM ticket_step WHERE ticket_id = %s"

MOVED = {
    "investigateTicket": (TicketStatus.ACCEPTED, {"note": TOLD}, "INVESTIGATING"),
    "respondToTicket": (TicketStatus.INVESTIGATING, {"response": TOLD}, "RESPONDED"),
    "followUpTicket": (TicketStatus.RESPONDED, {"note": TOLD, "satisfied": True}, "FOLLOWING_UP"),
    "closeTicket": (TicketStatus.FOLLOWING_UP, {"resolution": TOLD}, "CLOSED"),
    "reopenTicket": (TicketStatus.CLOSED, {"reason": TOLD}, "INVESTIGATING"),
}  # fmt: skip


async def ticket_of(api: Api, customer: str, status: TicketStatus, assignee: str | None = None) -> str:
    """A ticket of this customer: in the queue of team one where that serves the customer, else in nobody's."""
    team = api.house.teams["one"] if customer == "served" else None
    made = a_ticket(api.house.customers[customer], team, status, api.house.staff[assignee] if assignee else None)
    await api.write(made)
    api.house.tickets["made"] = made
    return api.house.id_of(made)


@pytest.mark.parametrize("act", MOVED)
@pytest.mark.parametrize("caller", CALLERS)
async def test_a_ticket_is_moved_by_agents_and_managers_and_reopened_by_the_customers_rep(api: Api, caller, act):
    stands, given, to = MOVED[act]
    for customer, reached in REACHED.items():
        id_ = await ticket_of(api, customer, stands)
        before = api.written()
        answer = await api(caller, act, READ, ticketId=id_, expectedVersion=1, **given)
        reopening = {"rep", "other_rep"} if act == "reopenTicket" else set()
        if caller in reached & ({"agent", "manager"} | reopening):
            assert answer.refusals == []
            assert (answer.payload["ticket"]["status"], answer.payload["ticket"]["version"]) == (to, 2)
        else:
            assert answer.refusals == [("FORBIDDEN", act) if caller in reached else ("NOT_FOUND", "ticketId")]
            assert api.written() == before


@pytest.mark.parametrize("act", MOVED)
async def test_a_move_leaves_a_step_with_masked_text_an_event_and_an_audit_row(api: Api, act):
    stands, given, to = MOVED[act]
    id_ = await ticket_of(api, "own", stands, "rep")
    inner, rep = api.house.tickets["made"].id, api.house.viewers["rep"].id
    assert (await api("rep", act, READ, ticketId=id_, **given)).refusals == []
    assert api.rows(EVENTS, inner) == [("TICKET_MOVED", rep, stands.value, to)]
    assert api.rows(STEPS, inner) == [(to, rep, "请回电 138****5678", True, given.get("satisfied"))]
    assert api.rows("SELECT act, outcome, viewer_id, subject_kind, subject_id FROM audit") == [
        (act, "DONE", rep, "ticket", inner)
    ]
    assert "13812345678" not in str(api.rows("SELECT t::text FROM ticket_step AS t"))


@pytest.mark.parametrize("act", MOVED)
async def test_a_ticket_that_stands_elsewhere_is_in_the_wrong_state(api: Api, act):
    stands, given, _ = MOVED[act]
    elsewhere = TicketStatus.CLOSED if stands is not TicketStatus.CLOSED else TicketStatus.ACCEPTED
    id_ = await ticket_of(api, "own", elsewhere)
    before = api.written()
    answer = await api("manager", act, READ, ticketId=id_, **given)
    assert answer.refusals == [("WRONG_STATE", "ticketId")]
    assert api.written() == before
    assert api.audit() == [(act, "WRONG_STATE")]


@pytest.mark.parametrize("act", [*MOVED, "assignTicket"])
async def test_versions_are_kept_and_of_two_writers_one_is_in_conflict(api: Api, act):
    stands, given, _ = MOVED.get(act, (TicketStatus.ACCEPTED, {"assigneeId": api.house.member("agent")}, None))
    given = {"ticketId": await ticket_of(api, "own", stands), **given}
    stale = await api("manager", act, **given, expectedVersion=9)
    assert stale.refusals == [("CONFLICT", "expectedVersion")]
    answers = await asyncio.gather(*(api("manager", act, READ, **given, expectedVersion=1) for _ in range(2)))
    assert sorted(answer.codes for answer in answers) == [[], ["CONFLICT"]]


@pytest.mark.parametrize("act", MOVED)
async def test_of_two_who_name_no_version_the_second_finds_the_ticket_moved(api: Api, act):
    stands, given, _ = MOVED[act]
    if act == "followUpTicket":
        given = given | {"satisfied": False}
    given = {"ticketId": await ticket_of(api, "own", stands), **given}
    answers = await asyncio.gather(*(api("manager", act, **given) for _ in range(2)))
    assert sorted(answer.codes for answer in answers) == [[], ["WRONG_STATE"]]
    assert len(api.rows(STEPS, api.house.tickets["made"].id)) == 1


@pytest.mark.parametrize(
    ("act", "given", "refusals"),
    [
        ("respondToTicket", {"response": " "}, [("INVALID", "response")]),
        ("followUpTicket", {"note": ""}, [("INVALID", "note")]),
        ("closeTicket", {"resolution": ""}, [("INVALID", "resolution")]),
        (
            "closeTicket",
            {"resolution": "", "improvement": "\x00"},
            [("INVALID", "resolution"), ("INVALID", "improvement")],
        ),
        ("reopenTicket", {"reason": ""}, [("INVALID", "reason")]),
        ("investigateTicket", {"note": "\x07"}, [("INVALID", "note")]),
    ],
)
async def test_what_is_wrong_with_the_words_is_told_at_its_place(api: Api, act, given, refusals):
    id_ = await ticket_of(api, "own", MOVED[act][0])
    before = api.written()
    assert (await api("manager", act, READ, ticketId=id_, **given)).refusals == refusals
    assert api.written() == before


async def test_an_unsatisfied_customer_sends_the_ticket_back(api: Api):
    id_ = await ticket_of(api, "own", TicketStatus.RESPONDED)
    answer = await api("manager", "followUpTicket", READ, ticketId=id_, note="仍有异响", satisfied=False)
    assert answer.payload["ticket"]["status"] == "INVESTIGATING"


# -- Opening ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("caller", CALLERS)
@pytest.mark.parametrize("customer", REACHED)
async def test_a_ticket_is_opened_by_staff_for_customers_in_reach(api: Api, caller, customer):
    before = api.written()
    answer = await api(caller, "openTicket", READ, customerId=api.house.customer(customer), **NEW)
    if caller in REACHED[customer] - {"partner"}:
        assert (answer.payload["ticket"]["status"], answer.payload["ticket"]["assignee"]) == ("ACCEPTED", None)
        return
    forbidden = caller in REACHED[customer]
    assert answer.refusals == ([("FORBIDDEN", "openTicket")] if forbidden else [("NOT_FOUND", "customerId")])
    assert api.written() == before


async def test_a_new_ticket_waits_in_a_queue_and_holds_masked_text_only(api: Api):
    given = NEW | {"subject": TOLD, "description": f"{TOLD}，身份证 11010519491231002X"}
    answer = await api("agent", "openTicket", READ, customerId=api.house.customer("served"), **given)
    shown = answer.payload["ticket"]
    assert shown["description"] == {
        "display": "请回电 138****5678，身份证 1****************X", "sight": "MASKED", "revealable": False,
    }  # fmt: skip
    ((made, team, subject),) = api.rows(
        "SELECT id, team_id, subject FROM ticket WHERE opened_at > now() - interval '1h'"
    )
    assert (team, subject) == (api.house.teams["one"].id, "请回电 138****5678")
    dumped = str(api.rows("SELECT t::text FROM ticket AS t"))
    assert "13812345678" not in dumped
    assert api.rows("SELECT kind, actor_id, after FROM event WHERE ticket_id = %s", made) == [
        ("TICKET_OPENED", api.house.viewers["agent"].id, "ACCEPTED")
    ]
    assert api.rows("SELECT act, outcome, subject_kind, subject_id FROM audit") == [
        ("openTicket", "DONE", "ticket", made)
    ]


async def test_all_that_is_wrong_with_a_new_ticket_is_told_at_once(api: Api):
    before = api.written()
    given = NEW | {"subject": "题" * 201, "description": ""}
    answer = await api("rep", "openTicket", READ, customerId=api.house.customer("own"), **given)
    assert answer.refusals == [("INVALID", "subject"), ("INVALID", "description")]
    assert api.written() == before


# -- Assigning --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("caller", CALLERS)
async def test_tickets_are_assigned_by_agents_and_managers(api: Api, caller):
    for customer, reached in REACHED.items():
        id_ = await ticket_of(api, customer, TicketStatus.ACCEPTED)
        answer = await api(caller, "assignTicket", READ, ticketId=id_, assigneeId=api.house.member("agent"))
        inner = api.house.tickets["made"].id
        if caller in reached & {"agent", "manager"}:
            assert answer.payload["ticket"]["assignee"] == {"id": api.house.member("agent")}
            actor = api.house.viewers[caller].id
            assert api.rows(EVENTS, inner) == [("TICKET_ASSIGNED", actor, None, api.house.member("agent"))]
        else:
            expected = ("FORBIDDEN", "assignTicket") if caller in reached else ("NOT_FOUND", "ticketId")
            assert answer.refusals == [expected]
            assert api.rows(EVENTS, inner) == []


@pytest.mark.parametrize(
    ("assignee", "status", "refusals"),
    [
        ("admin", TicketStatus.ACCEPTED, [("INVALID", "assigneeId")]),
        ("", TicketStatus.ACCEPTED, [("NOT_FOUND", "assigneeId")]),
        ("rep", TicketStatus.ACCEPTED, [("WRONG_STATE", "assigneeId")]),
        ("agent", TicketStatus.CLOSED, [("WRONG_STATE", "ticketId")]),
    ],
)
async def test_who_cannot_be_given_a_ticket_is_told(api: Api, assignee, status, refusals):
    id_ = await ticket_of(api, "own", status, "rep")
    to = api.house.member(assignee) if assignee else "stf_1"
    assert (await api("manager", "assignTicket", READ, ticketId=id_, assigneeId=to)).refusals == refusals


async def test_whoever_gives_their_last_ticket_away_loses_the_customer_and_is_told_no_more(api: Api):
    id_ = await ticket_of(api, "strange", TicketStatus.ACCEPTED, "agent")
    answer = await api("agent", "assignTicket", READ, ticketId=id_, assigneeId=api.house.member("other_agent"))
    assert answer.payload == {"ticket": None, "userErrors": []}
    assert api.audit() == [("assignTicket", "DONE")]
    again = await api("agent", "assignTicket", ticketId=id_, assigneeId=api.house.member("agent"))
    assert again.refusals == [("NOT_FOUND", "ticketId")]


async def test_a_ticket_that_a_colleague_takes_stays_with_the_team(api: Api):
    served = api.house.id_of(api.house.tickets["served"])
    answer = await api("agent", "assignTicket", READ, ticketId=served, assigneeId=api.house.member("other_agent"))
    assert answer.payload["ticket"]["assignee"] == {"id": api.house.member("other_agent")}
    for caller in ("agent", "other_agent"):
        assert (await api.ask(caller, "query($id: ID!) { ticket(id: $id) { id } }", id=served))["data"]["ticket"]
