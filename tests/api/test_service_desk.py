"""Routing, settings, and what becomes of tickets when people and customers move."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from auth.access import SettingUnknown
from auth.beyond import queues
from auth.door.session import opened as opened_with
from auth.rows import reaches
from domain.business_setting import SettingName
from domain.identity import new_id, public_id
from domain.staff import Team
from domain.ticket_state import TicketKind, TicketStatus
from tests.api.house import CALLERS, Api, a_customer, a_ticket

NEW = {"kind": "COMPLAINT", "priority": "URGENT", "subject": "新机漏水", "description": "厨房地面全湿"}
READ = "ticket { id team { id name } assignee { id } }"
ROUTE = "ticketRoute { kind team { name } version reason changedBy { id } }"
SETTING = "setting { name value version reason changedBy { id } }"


def team(api: Api, name: str) -> str:
    return public_id(Team.PREFIX, api.house.teams[name].id)


async def opened(api: Api, caller: str = "rep", customer: str = "own", **given: Any) -> Any:
    answer = await api(caller, "openTicket", READ, customerId=api.house.customer(customer), **(NEW | given))
    assert answer.refusals == []
    return answer.payload["ticket"]


async def seen(api: Api, caller: str, id_: str) -> bool:
    asked = "query($id: ID!) { ticket(id: $id) { id } }"
    return (await api.ask(caller, asked, id=id_))["data"]["ticket"] is not None


async def listed(api: Api, caller: str, where: dict[str, Any] | None = None) -> set[str]:
    asked = "query($w: TicketFilter) { tickets(where: $w, first: 100) { nodes { id } } }"
    return {node["id"] for node in (await api.ask(caller, asked, w=where))["data"]["tickets"]["nodes"]}


# -- Routing ----------------------------------------------------------------------------------------------------------


async def test_a_reps_complaint_waits_where_every_agent_of_a_serving_team_sees_it(api: Api):
    api.execute("UPDATE staff_member SET team_id = %s WHERE login = 'lone_agent'", api.house.teams["one"].id)
    api.house.viewers["lone_agent"] = api.house.viewers["agent"].__class__(
        api.house.staff["lone_agent"].id, api.house.staff["lone_agent"].role, None, api.house.teams["one"].id
    )
    ticket = await opened(api)
    assert ticket["team"] == {"id": team(api, "one"), "name": api.house.teams["one"].name}
    for caller in ("agent", "lone_agent", "manager", "rep"):
        assert await seen(api, caller, ticket["id"])
        assert ticket["id"] in await listed(api, caller, {"unassigned": True} if caller == "agent" else None)
    assert not await seen(api, "other_agent", ticket["id"])
    assert not await seen(api, "other_rep", ticket["id"])


@pytest.mark.parametrize("kind", TicketKind)
async def test_a_kind_goes_its_own_way_and_the_others_the_default_one(api: Api, kind: TicketKind):
    api.route("one")
    api.route("two", kind.value)
    for other in TicketKind:
        ticket = await opened(api, kind=other.value)
        assert ticket["team"]["id"] == team(api, "two" if other is kind else "one")


@pytest.mark.parametrize("caller", ["rep", "agent", "manager"])
async def test_who_opens_a_ticket_makes_no_difference(api: Api, caller: str):
    api.route("two")
    customer = {"rep": "own"}.get(caller, "served")
    given = {"customerId": api.house.customer(customer), **NEW, "subject": f"由 {caller} 新建"}
    assert (await api(caller, "openTicket", **given)).refusals == []
    assert api.rows("SELECT team_id FROM ticket WHERE subject = %s", given["subject"]) == [(api.house.teams["two"].id,)]


async def test_routes_to_teams_without_active_agents_are_passed_over(api: Api):
    api.route("two", "COMPLAINT")
    api.route("two")
    api.execute("UPDATE staff_member SET active = false WHERE login = 'other_agent'")
    assert (await opened(api))["team"]["id"] == team(api, "one")


async def test_where_no_team_serves_the_ticket_waits_for_a_manager(api: Api):
    api.execute("UPDATE staff_member SET active = false WHERE role = 'SUPPORT'")
    ticket = await opened(api)
    assert ticket["team"] is None
    assert await seen(api, "manager", ticket["id"])
    answer = await api("manager", "assignTicket", READ, ticketId=ticket["id"], assigneeId=api.house.member("rep"))
    assert answer.payload["ticket"]["assignee"] == {"id": api.house.member("rep")}


@pytest.mark.parametrize("caller", CALLERS)
async def test_only_an_administrator_sets_routes(api: Api, caller: str):
    given = {"kind": "COMPLAINT", "teamId": team(api, "two"), "reason": "投诉归二组"}
    answer = await api(caller, "setTicketRoute", ROUTE, **given)
    if caller != "admin":
        assert answer.refusals == [("FORBIDDEN", "setTicketRoute")]
        assert (await opened(api))["team"]["id"] == team(api, "one")
        return
    assert answer.payload["ticketRoute"] == {
        "kind": "COMPLAINT",
        "team": {"name": api.house.teams["two"].name},
        "version": 2,
        "reason": "投诉归二组",
        "changedBy": {"id": api.house.member("admin")},
    }
    assert (await opened(api))["team"]["id"] == team(api, "two")
    assert (await opened(api, kind="QUESTION"))["team"]["id"] == team(api, "one")
    assert api.audit()[0] == ("setTicketRoute", "DONE")


async def test_routes_are_read_by_staff_the_default_last(api: Api):
    await api("admin", "setTicketRoute", ROUTE, teamId=team(api, "two"), reason="默认二组")
    asked = "{ ticketRoutes { kind team { id } version } teams { nodes { id name } } }"
    for caller in ("rep", "agent", "manager", "privacy_officer", "admin"):
        told = (await api.ask(caller, asked))["data"]
        assert [route["kind"] for route in told["ticketRoutes"]] == [*TicketKind, None]
        assert told["ticketRoutes"][-1] == {"kind": None, "team": {"id": team(api, "two")}, "version": 2}
        assert [row["id"] for row in told["teams"]["nodes"]] == [team(api, "one"), team(api, "two")]
    told = (await api.ask("partner", asked))["data"]
    assert (told["ticketRoutes"], told["teams"]["nodes"]) == ([], [])


@pytest.mark.parametrize(
    ("given", "refusals"),
    [
        ({"teamId": "team_1"}, [("NOT_FOUND", "teamId")]),
        ({"teamId": "stf_" + "0" * 32}, [("NOT_FOUND", "teamId")]),
        ({"reason": " "}, [("INVALID", "reason")]),
        ({"expectedVersion": 7}, [("CONFLICT", "expectedVersion")]),
    ],
)
async def test_a_route_that_leads_nowhere_is_refused(api: Api, given, refusals):
    whole = {"teamId": team(api, "two"), "reason": "调整", **given}
    assert (await api("admin", "setTicketRoute", ROUTE, **whole)).refusals == refusals


async def test_a_team_without_agents_is_given_no_route(api: Api):
    empty = Team(id=new_id(), name="销售组")
    await api.write(empty)
    given = {"teamId": public_id(Team.PREFIX, empty.id), "reason": "调整"}
    assert (await api("admin", "setTicketRoute", ROUTE, **given)).refusals == [("INVALID", "teamId")]


async def test_a_decision_is_taken_back(api: Api):
    await api("admin", "setTicketRoute", ROUTE, teamId=team(api, "two"), reason="默认二组")
    answer = await api("admin", "setTicketRoute", ROUTE, reason="不再指定", expectedVersion=2)
    assert (answer.payload["ticketRoute"]["team"], answer.payload["ticketRoute"]["version"]) == (None, 3)
    assert (await opened(api))["team"]["id"] == team(api, "one")


# -- Settings ---------------------------------------------------------------------------------------------------------


async def closed_ticket(api: Api, days: int) -> str:
    made = a_ticket(api.house.customers["strange"], api.house.teams["one"], TicketStatus.CLOSED)
    await api.write(made)
    api.execute("UPDATE ticket SET closed_at = now() - make_interval(days => %s) WHERE id = %s", days, made.id)
    return api.house.id_of(made)


async def test_agents_read_closed_tickets_for_as_many_days_as_the_setting_says(api: Api):
    recent, old = await closed_ticket(api, 89), await closed_ticket(api, 91)
    assert (await seen(api, "agent", recent), await seen(api, "agent", old)) == (True, False)
    answer = await api("admin", "changeSetting", SETTING, name="CLOSED_TICKET_DAYS", value="120", reason="旺季")
    assert answer.payload["setting"] == {
        "name": "CLOSED_TICKET_DAYS", "value": "120", "version": 2, "reason": "旺季",
        "changedBy": {"id": api.house.member("admin")},
    }  # fmt: skip
    assert (await seen(api, "agent", recent), await seen(api, "agent", old)) == (True, True)
    await api("admin", "changeSetting", name="CLOSED_TICKET_DAYS", value="30", reason="淡季", expectedVersion=2)
    assert (await seen(api, "agent", recent), await seen(api, "agent", old)) == (False, False)
    assert (await api.ask("rep", "{ settings { name value version } }"))["data"]["settings"] == [
        {"name": "CLOSED_TICKET_DAYS", "value": "30", "version": 3}
    ]


@pytest.fixture
def without_settings(api: Api) -> Iterator[None]:
    """A register without its rows, as a hand at the database may leave it."""
    rows = api.rows("SELECT id, name, value, version FROM business_setting")
    api.change("DELETE FROM business_setting")
    yield
    for row in rows:
        api.change("INSERT INTO business_setting (id, name, value, version) VALUES (%s, %s, %s, %s)", *row)


@pytest.mark.usefixtures("without_settings")
async def test_without_its_row_a_setting_is_as_it_begins_and_its_change_is_refused(api: Api):
    recent, old = await closed_ticket(api, 89), await closed_ticket(api, 91)
    assert (await seen(api, "agent", recent), await seen(api, "agent", old)) == (True, False)
    answer = await api("admin", "changeSetting", name="CLOSED_TICKET_DAYS", value="30", reason="试")
    assert answer.refusals == [("NOT_FOUND", "name")]


async def test_a_rule_on_a_setting_is_asked_of_an_instance_only_with_the_setting(api: Api):
    agent = api.house.viewers["agent"]
    made = a_ticket(api.house.customers["strange"], api.house.teams["one"], TicketStatus.CLOSED)
    with pytest.raises(SettingUnknown):
        reaches(made, agent)
    for days, reached in ((120, True), (1, False)):
        made.closed_at = datetime.now(UTC) - timedelta(days=2)
        assert reaches(made, replace(agent, settings={SettingName.CLOSED_TICKET_DAYS: days})) is reached


@pytest.mark.parametrize("value", ["0", "3651", "-1", "ninety", "９０", "1e3", "", " ", "1" * 10_000])
async def test_a_value_out_of_bounds_is_refused(api: Api, value: str):
    answer = await api("admin", "changeSetting", SETTING, name="CLOSED_TICKET_DAYS", value=value, reason="试")
    assert answer.refusals == [("INVALID", "value")]
    assert api.rows("SELECT value, version FROM business_setting") == [(90, 1)]


@pytest.mark.parametrize("caller", CALLERS)
async def test_only_an_administrator_changes_settings(api: Api, caller: str):
    answer = await api(caller, "changeSetting", name="CLOSED_TICKET_DAYS", value="30", reason="试", expectedVersion=1)
    assert answer.refusals == ([] if caller == "admin" else [("FORBIDDEN", "changeSetting")])


# -- Who handles it ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("assignee", "refusals"),
    [
        ("rep", []),
        ("other_rep", [("INVALID", "assigneeId")]),
        ("agent", []),
        ("other_agent", []),
        ("lone_agent", []),
        ("manager", []),
        ("privacy_officer", [("INVALID", "assigneeId")]),
        ("admin", [("INVALID", "assigneeId")]),
    ],
)
async def test_a_ticket_is_assigned_to_those_only_who_see_it_then(api: Api, assignee: str, refusals):
    ticket = await opened(api)
    before = api.rows("SELECT assignee_id, version FROM ticket ORDER BY id")
    answer = await api("manager", "assignTicket", READ, ticketId=ticket["id"], assigneeId=api.house.member(assignee))
    assert answer.refusals == refusals
    assert await seen(api, assignee, ticket["id"]) is (not refusals)
    if refusals:
        assert api.rows("SELECT assignee_id, version FROM ticket ORDER BY id") == before


async def test_nobody_is_assigned_who_has_left(api: Api):
    ticket = await opened(api)
    api.execute("UPDATE staff_member SET active = false WHERE login = 'other_agent'")
    answer = await api("agent", "assignTicket", ticketId=ticket["id"], assigneeId=api.house.member("other_agent"))
    assert answer.refusals == [("INVALID", "assigneeId")]


MOVED = "customer { owner { id } } movedTickets { id assignee { id } team { name } } movedTicketCount"


async def moved_to(api: Api, customer: str, to: str) -> Any:
    given = {"customerId": api.house.customer(customer), "toStaffId": api.house.member(to), "reason": "换人负责"}
    answer = await api("manager", "transferCustomer", MOVED, **given)
    assert answer.refusals == []
    return answer.payload


@pytest.mark.parametrize("to", ["other_rep", "manager"])
async def test_open_tickets_of_the_old_owner_go_along_with_the_customer(api: Api, to: str):
    rep, agent = api.house.staff["rep"], api.house.staff["agent"]
    own = api.house.customers["own"]
    handled = [a_ticket(own, None, status, rep) for status in (TicketStatus.ACCEPTED, TicketStatus.RESPONDED)]
    others = [a_ticket(own, None, TicketStatus.CLOSED, rep), a_ticket(own, None, TicketStatus.ACCEPTED, agent)]
    await api.write(*handled, *others)
    payload = await moved_to(api, "own", to)
    assert payload["movedTicketCount"] == 2
    assert {row["id"]: row["assignee"] for row in payload["movedTickets"]} == {
        api.house.id_of(row): {"id": api.house.member(to)} for row in handled
    }
    by_id = dict(api.rows("SELECT id, assignee_id FROM ticket"))
    assert [by_id[row.id] for row in others] == [rep.id, agent.id]
    for row in handled:
        assert await seen(api, to, api.house.id_of(row))
        assert not await seen(api, "rep", api.house.id_of(row))
        act = await api(to, "investigateTicket", ticketId=api.house.id_of(row))
        assert act.codes in ([], ["WRONG_STATE"])
    events = "SELECT count(*) FROM event WHERE kind = 'TICKET_ASSIGNED' AND after = %s"
    assert api.rows(events, api.house.member(to)) == [(2,)]


async def test_a_customer_without_tickets_of_the_old_owner_moves_alone(api: Api):
    payload = await moved_to(api, "served", "rep")
    assert (payload["movedTickets"], payload["movedTicketCount"]) == ([], 0)


async def test_a_refused_transfer_moves_no_tickets(api: Api):
    await api.write(a_ticket(api.house.customers["own"], None, TicketStatus.ACCEPTED, api.house.staff["rep"]))
    given = {"customerId": api.house.customer("own"), "toStaffId": api.house.member("agent"), "reason": "换人"}
    answer = await api("manager", "transferCustomer", MOVED, **given)
    assert answer.refusals == [("INVALID", "toStaffId")]
    assert (answer.payload["movedTickets"], answer.payload["movedTicketCount"]) == ([], 0)
    assert api.rows("SELECT count(*) FROM ticket WHERE assignee_id = %s", api.house.staff["rep"].id) == [(1,)]


async def test_more_tickets_than_are_listed_all_move_and_are_counted(api: Api):
    rep = api.house.staff["rep"]
    customer = a_customer(rep, {"name": "大客户"})
    await api.write(customer, *(a_ticket(customer, None, TicketStatus.ACCEPTED, rep) for _ in range(120)))
    api.house.customers["large"] = customer
    payload = await moved_to(api, "large", "other_rep")
    assert (len(payload["movedTickets"]), payload["movedTicketCount"]) == (100, 120)
    assert api.rows("SELECT DISTINCT assignee_id FROM ticket WHERE customer_id = %s", customer.id) == [
        (api.house.staff["other_rep"].id,)
    ]


@pytest.mark.parametrize("gone", ["left", "lost the customer"])
async def test_a_reopened_ticket_whose_handler_cannot_go_on_is_queued(api: Api, gone: str):
    rep, own = api.house.staff["rep"], api.house.customers["own"]
    made = a_ticket(own, None, TicketStatus.CLOSED, rep)
    await api.write(made)
    if gone == "left":
        api.execute("UPDATE staff_member SET active = false WHERE id = %s", rep.id)
    else:
        await moved_to(api, "own", "other_rep")
    caller = "manager" if gone == "left" else "other_rep"
    answer = await api(caller, "reopenTicket", READ, ticketId=api.house.id_of(made), reason="又坏了")
    assert answer.payload["ticket"]["assignee"] is None
    assert answer.payload["ticket"]["team"]["id"] == team(api, "one")


@pytest.mark.parametrize("own", [None, "served", "not served"])
@pytest.mark.parametrize("handler", [None, "rep"])
async def test_a_reopened_ticket_waits_where_an_agent_sees_it(api: Api, own: str | None, handler: str | None):
    """Whatever became of its queue while it was closed, and of the customer's owner."""
    api.route("one")
    api.execute("UPDATE staff_member SET active = false WHERE login = 'other_agent'")
    was = own and api.house.teams["one" if own == "served" else "two"]
    made = a_ticket(api.house.customers["own"], was, TicketStatus.CLOSED, handler and api.house.staff[handler])
    await api.write(made)
    answer = await api("rep", "reopenTicket", READ, ticketId=api.house.id_of(made), reason="又坏了")
    assert answer.payload["ticket"]["team"]["id"] == team(api, "one")
    assert answer.payload["ticket"]["assignee"] == (handler and {"id": api.house.member(handler)})
    assert await seen(api, "agent", api.house.id_of(made))


async def test_what_a_new_owner_reopens_is_seen_by_agents(api: Api):
    """A closed ticket of nobody and in no queue, whose customer changed hands."""
    await moved_to(api, "strange", "rep")
    ticket = api.house.id_of(api.house.tickets["strange"])
    answer = await api("rep", "reopenTicket", READ, ticketId=ticket, reason="客户再次来电")
    assert (answer.payload["ticket"]["team"]["id"], answer.payload["ticket"]["assignee"]) == (team(api, "one"), None)
    assert ticket in await listed(api, "agent", {"unassigned": True})
    assert (await api("agent", "assignTicket", ticketId=ticket, assigneeId=api.house.member("agent"))).refusals == []


ACTS_ON_STRANDED = {
    "investigateTicket": (TicketStatus.ACCEPTED, {}),
    "respondToTicket": (TicketStatus.INVESTIGATING, {"response": "已补发"}),
    "followUpTicket": (TicketStatus.RESPONDED, {"note": "已收到"}),
    "transferCustomer": (TicketStatus.ACCEPTED, {}),
}


@pytest.mark.parametrize("own", [None, "two"])
@pytest.mark.parametrize("act", ACTS_ON_STRANDED)
async def test_no_move_leaves_an_open_ticket_in_a_queue_that_nobody_serves(api: Api, act: str, own: str | None):
    api.execute("UPDATE staff_member SET active = false WHERE login = 'other_agent'")
    status, given = ACTS_ON_STRANDED[act]
    handler = api.house.staff["rep"]
    made = a_ticket(api.house.customers["own"], own and api.house.teams[own], status, handler)
    await api.write(made)
    if act == "transferCustomer":
        await moved_to(api, "own", "other_rep")
    else:
        answer = await api("manager", act, ticketId=api.house.id_of(made), **given)
        assert answer.refusals == []
    assert api.rows("SELECT team_id FROM ticket WHERE id = %s", made.id) == [(api.house.teams["one"].id,)]


async def test_who_leaves_strands_no_ticket(api: Api):
    """The queues as the departure finds them are those without the one who leaves, the last agent of a team."""
    async with opened_with(api.desks, api.house.viewers["manager"], api.ring) as session:
        whole = await queues(session)
        left = await queues(session, without=api.house.staff["agent"].id)
    one, two = (api.house.teams[name].id for name in ("one", "two"))
    assert (whole.serving, left.serving) == ((one, two), (two,))


async def test_a_reopened_ticket_goes_on_with_its_handler(api: Api):
    made = a_ticket(api.house.customers["own"], api.house.teams["two"], TicketStatus.CLOSED, api.house.staff["agent"])
    await api.write(made)
    answer = await api("rep", "reopenTicket", READ, ticketId=api.house.id_of(made), reason="又坏了")
    assert answer.payload["ticket"]["assignee"] == {"id": api.house.member("agent")}


# -- The clock --------------------------------------------------------------------------------------------------------


async def test_the_answer_stops_the_clock_and_a_complaint_about_it_starts_it_again(api: Api):
    late = a_ticket(api.house.customers["served"], api.house.teams["one"], TicketStatus.INVESTIGATING)
    await api.write(late)
    id_ = api.house.id_of(late)
    api.execute("UPDATE ticket SET due_at = now() - interval '1 hour' WHERE id = %s", late.id)
    assert id_ in await listed(api, "agent", {"overdue": True})
    await api("agent", "respondToTicket", ticketId=id_, response="已安排上门")
    assert id_ not in await listed(api, "agent", {"overdue": True})
    assert id_ in await listed(api, "agent", {"overdue": False})
    await api("agent", "followUpTicket", ticketId=id_, note="师傅没来", satisfied=False)
    assert id_ not in await listed(api, "agent", {"overdue": True})
    assert api.rows("SELECT due_at > now() FROM ticket WHERE id = %s", late.id) == [(True,)]
    api.execute("UPDATE ticket SET due_at = now() - interval '1 hour' WHERE id = %s", late.id)
    assert id_ in await listed(api, "agent", {"overdue": True})


# -- Finding ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("search", ["", "  ", "漏水", "新机", "水", "新机漏水", "新机  漏水"[:2]])
async def test_a_ticket_is_found_by_any_part_of_its_subject(api: Api, search: str):
    ticket = await opened(api)
    assert ticket["id"] in await listed(api, "agent", {"search": search})


@pytest.mark.parametrize("search", ["水漏", "新水", "%", "_", "漏水漏水", "\\", "'"])
async def test_what_the_subject_does_not_contain_finds_nothing(api: Api, search: str):
    await opened(api)
    assert await listed(api, "agent", {"search": search}) == set()


async def test_case_and_width_make_no_difference_to_a_search(api: Api):
    ticket = await opened(api, subject="Ｗｉ－Ｆｉ 连不上 100%_ok")
    for search in ("wi-fi", "WI-FI 连", "ｗｉ", "0%_O", "_"):
        assert await listed(api, "agent", {"search": search}) == {ticket["id"]}


async def test_a_search_longer_than_any_subject_is_refused(api: Api):
    told = await api.ask(
        "agent", "query($w: TicketFilter) { tickets(where: $w) { totalCount } }", w={"search": "水" * 201}
    )
    assert [error["extensions"]["code"] for error in told["errors"]] == ["BAD_USER_INPUT"]


async def test_a_ticket_is_found_by_its_number_only_in_scope(api: Api):
    ticket = await opened(api)
    ((number,),) = api.rows("SELECT number FROM ticket WHERE subject = %s", NEW["subject"])
    assert await listed(api, "agent", {"number": number}) == {ticket["id"]}
    assert await listed(api, "rep", {"number": f" {number.lower()} "}) == {ticket["id"]}
    wide = "".join(chr(ord(character) + 0xFEE0) for character in number)
    for written in (wide, wide.lower(), f"{number[:3]} {number[3:]}", f"\u3000{number}"):
        assert await listed(api, "agent", {"number": written}) == {ticket["id"]}
    assert await listed(api, "other_rep", {"number": number}) == set()
    assert await listed(api, "rep", {"number": number[:-1]}) == set()


@pytest.mark.parametrize("empty", ["", " ", "\u3000"])
async def test_an_empty_number_narrows_as_little_as_an_empty_search(api: Api, empty: str):
    await opened(api)
    assert await listed(api, "manager", {"number": empty}) == await listed(api, "manager")
    assert await listed(api, "manager", {"search": empty}) == await listed(api, "manager")


async def test_tickets_in_no_queue_are_listed_as_they_are_counted(api: Api):
    await opened(api)
    asked = "{ ticketCounts(by: TEAM) { key count } }"
    counts = {row["key"]: row["count"] for row in (await api.ask("manager", asked))["data"]["ticketCounts"]}
    without, within = [await listed(api, "manager", {"withoutTeam": wanted}) for wanted in (True, False)]
    assert (len(without), len(within)) == (counts[None], sum(counts.values()) - counts[None])
    assert without & within == set()
    assert len(without) == 2


async def test_counts_are_of_the_tickets_in_scope_that_the_filter_lets_through(api: Api):
    await opened(api)
    await opened(api, kind="QUESTION", priority="LOW")
    asked = """query($w: TicketFilter) { status: ticketCounts(by: STATUS, where: $w) { key label count }
      kind: ticketCounts(by: KIND, where: $w) { key count } team: ticketCounts(by: TEAM, where: $w) { key label count }
      assignee: ticketCounts(by: ASSIGNEE, where: $w) { key label count }
      priority: ticketCounts(by: PRIORITY, where: $w) { key count } }"""
    told = (await api.ask("rep", asked, w={"status": ["ACCEPTED"]}))["data"]
    assert told == {
        "status": [{"key": "ACCEPTED", "label": "受理", "count": 2}],
        "kind": [{"key": "COMPLAINT", "count": 1}, {"key": "QUESTION", "count": 1}],
        "team": [{"key": team(api, "one"), "label": api.house.teams["one"].name, "count": 2}],
        "assignee": [{"key": None, "label": None, "count": 2}],
        "priority": [{"key": "LOW", "count": 1}, {"key": "URGENT", "count": 1}],
    }
    assert sum(row["count"] for row in (await api.ask("other_agent", asked))["data"]["status"]) == 0
    for caller in ("privacy_officer", "admin"):
        told = await api.ask(caller, asked)
        assert {error["extensions"]["code"] for error in told["errors"]} == {"FORBIDDEN"}


async def test_a_partner_counts_by_what_it_sees_and_by_nothing_else(api: Api):
    asked = "{ ticketCounts(by: %s) { key count } }"
    told = (await api.ask("partner", asked % "STATUS"))["data"]["ticketCounts"]
    assert sum(row["count"] for row in told) == 2
    for hidden in ("ASSIGNEE", "TEAM"):
        refused = await api.ask("partner", asked % hidden)
        assert [error["extensions"]["code"] for error in refused["errors"]] == ["FORBIDDEN"]


async def test_customers_are_counted_within_a_filter(api: Api):
    asked = "query($w: CustomerFilter) { customerCounts(by: OWNER, where: $w) { key label count } }"
    whole = (await api.ask("manager", asked))["data"]["customerCounts"]
    assert sorted(row["count"] for row in whole) == [1, 2]
    mine = (await api.ask("manager", asked, w={"ownerId": [api.house.member("rep")]}))["data"]["customerCounts"]
    assert mine == [{"key": api.house.member("rep"), "label": api.house.staff["rep"].name, "count": 1}]
