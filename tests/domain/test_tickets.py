"""受理 → 调查 → 回应 → 跟踪 → 关闭 (S55): who may go where, and what is kept of it."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import make_transient_to_detached

from domain.errors import Invalid, WrongState
from domain.event import EventKind, take_events
from domain.identity import new_id, public_id
from domain.staff import Role, Team
from domain.ticket import Ticket
from domain.ticket_route import Queues
from domain.ticket_state import (
    DUE_WITHIN,
    STANDS_IN,
    UNANSWERED,
    UNCLOSED,
    TicketKind,
    TicketMove,
    TicketPriority,
    TicketStatus,
)

ACCEPTED, INVESTIGATING, RESPONDED, FOLLOWING_UP, CLOSED = TicketStatus

# Every act in every state: where it leads, None where it is refused. Columns as in TicketStatus.
MOVES = {
    "investigate": (INVESTIGATING, None, None, None, None),
    "respond": (None, RESPONDED, None, None, None),
    "follow_up satisfied": (None, None, FOLLOWING_UP, FOLLOWING_UP, None),
    "follow_up unasked": (None, None, FOLLOWING_UP, FOLLOWING_UP, None),
    "follow_up unsatisfied": (None, None, INVESTIGATING, INVESTIGATING, None),
    "close": (None, None, None, CLOSED, None),
    "reopen": (None, None, None, None, INVESTIGATING),
}
TABLE = [(act, stood, ends) for act, row in MOVES.items() for stood, ends in zip(TicketStatus, row, strict=True)]


@pytest.fixture
def ticket(customer, actor, morning) -> Ticket:
    made = Ticket.opened(
        customer,
        kind=TicketKind.COMPLAINT,
        priority=TicketPriority.NORMAL,
        subject="包裹破损",
        description="外箱破损，少一件。",
        team_id=None,
        actor_id=actor,
        at=morning,
    )
    take_events(made)
    return made


def standing(ticket: Ticket, status: TicketStatus) -> Ticket:
    ticket.status = status
    return ticket


ACTS = {
    "investigate": lambda ticket, *by: ticket.investigate("已联系物流", *by),
    "respond": lambda ticket, *by: ticket.respond("补发一件", *by),
    "follow_up satisfied": lambda ticket, *by: ticket.follow_up("已收到补发", True, *by),
    "follow_up unasked": lambda ticket, *by: ticket.follow_up("未接通", None, *by),
    "follow_up unsatisfied": lambda ticket, *by: ticket.follow_up("补发的也破损", False, *by),
    "close": lambda ticket, *by: ticket.close("已补发", "更换包装", *by),
    "reopen": lambda ticket, *by: ticket.reopen("客户再次来电", *by),
}


def test_the_table_of_moves_names_every_move():
    assert MOVES.keys() == ACTS.keys()
    assert {act.split()[0] for act in MOVES} == {move.value for move in TicketMove} == set(STANDS_IN)


@pytest.mark.parametrize(("act", "stood", "ends"), [row for row in TABLE if row[2]])
def test_a_move_leads_where_the_flow_says_and_leaves_a_step(ticket, actor, morning, act, stood, ends):
    later = morning + timedelta(hours=1)
    step = ACTS[act](standing(ticket, stood), actor, later)
    assert ticket.status == ends
    assert (step.status, step.at, step.actor_id, step.ticket) == (ends, later, actor, ticket)
    assert step.text
    assert (ticket.version, ticket.updated_at) == (2, later)


@pytest.mark.parametrize(("act", "stood"), [row[:2] for row in TABLE if row[2] is None])
def test_any_other_move_is_refused_and_changes_nothing(ticket, actor, morning, act, stood):
    before = (stood, ticket.version, ticket.updated_at, ticket.due_at, ticket.closed_at)
    with pytest.raises(WrongState):
        ACTS[act](standing(ticket, stood), actor, morning + timedelta(hours=1))
    assert (ticket.status, ticket.version, ticket.updated_at, ticket.due_at, ticket.closed_at) == before
    assert ticket.steps == []
    assert take_events(ticket) == []


@pytest.mark.parametrize(("act", "stood", "ends"), [row for row in TABLE if row[2]])
def test_a_move_is_recorded_with_where_it_came_from_and_without_what_was_said(ticket, actor, morning, act, stood, ends):
    ACTS[act](standing(ticket, stood), actor, morning)
    [event] = take_events(ticket)
    assert (event.kind, event.before, event.after, event.actor_id) == (EventKind.TICKET_MOVED, stood, ends, actor)
    assert (event.ticket_id, event.customer_id, event.reason) == (ticket.id, ticket.customer_id, None)


@pytest.mark.parametrize(
    ("act", "satisfied"),
    [("follow_up satisfied", True), ("follow_up unsatisfied", False), ("follow_up unasked", None)],
)
def test_a_step_remembers_whether_the_customer_was_satisfied(ticket, actor, morning, act, satisfied):
    assert ACTS[act](standing(ticket, RESPONDED), actor, morning).satisfied is satisfied


def test_a_ticket_whose_steps_were_not_loaded_can_be_moved(ticket, actor, morning):
    make_transient_to_detached(ticket)
    step = ticket.investigate(None, actor, morning)
    assert (step.ticket, step.person_id, step.text) == (ticket, ticket.customer_id, None)


@pytest.mark.parametrize(
    ("priority", "hours"),
    [
        (TicketPriority.URGENT, 4),
        (TicketPriority.HIGH, 8),
        (TicketPriority.NORMAL, 24),
        (TicketPriority.LOW, 72),
    ],
)
def test_an_answer_is_due_by_priority(customer, morning, priority, hours):
    ticket = Ticket.opened(
        customer,
        kind=TicketKind.QUESTION,
        priority=priority,
        subject="发票",
        description="何时开票？",
        team_id=None,
        actor_id=None,
        at=morning,
    )
    assert ticket.due_at == morning + timedelta(hours=hours)


def test_closing_notes_the_time_and_reopening_takes_it_back_and_sets_a_new_due_time(ticket, actor, morning):
    closing, reopening = morning + timedelta(days=2), morning + timedelta(days=30)
    ticket.status = FOLLOWING_UP
    ticket.close("已补发", None, actor, closing)
    assert ticket.closed_at == closing
    ticket.reopen("客户再次来电", actor, reopening)
    assert ticket.closed_at is None
    assert ticket.due_at == reopening + timedelta(hours=24)


def test_a_ticket_can_go_round_twice_before_it_is_closed(ticket, actor, morning):
    for act in (
        "investigate", "respond", "follow_up unsatisfied", "respond", "follow_up unasked", "follow_up unsatisfied",
        "respond", "follow_up satisfied", "close", "reopen", "respond", "follow_up satisfied", "close",
    ):  # fmt: skip
        ACTS[act](ticket, actor, morning)
    assert ticket.status == CLOSED
    assert [step.status for step in ticket.steps][-2:] == [FOLLOWING_UP, CLOSED]
    assert ticket.version == 14


def test_closing_keeps_what_will_be_done_better(ticket, actor, morning):
    step = standing(ticket, FOLLOWING_UP).close("已补发", "更换包装", actor, morning)
    assert step.text == "已补发\n改进：更换包装"


@pytest.mark.parametrize("improvement", [None, "", "  "])
def test_closing_without_an_improvement_says_only_the_resolution(ticket, actor, morning, improvement):
    assert standing(ticket, FOLLOWING_UP).close("已补发", improvement, actor, morning).text == "已补发"


@pytest.mark.parametrize(
    ("field", "stood", "act"),
    [
        ("response", INVESTIGATING, lambda t, said, *by: t.respond(said, *by)),
        ("note", RESPONDED, lambda t, said, *by: t.follow_up(said, True, *by)),
        ("resolution", FOLLOWING_UP, lambda t, said, *by: t.close(said, None, *by)),
        ("reason", CLOSED, lambda t, said, *by: t.reopen(said, *by)),
    ],
)
@pytest.mark.parametrize("said", ["", " \n", "坏\x00字符", "x" * 30_000])
def test_an_act_that_says_nothing_usable_names_its_own_field_and_changes_nothing(
    ticket, actor, morning, field, stood, act, said
):
    ticket.status = stood
    with pytest.raises(Invalid) as refusal:
        act(ticket, said, actor, morning)
    assert refusal.value.field == (field,)
    assert (ticket.status, ticket.version, ticket.steps, take_events(ticket)) == (stood, 1, [], [])


def test_opening_leaves_an_accepted_ticket_and_one_event(customer, actor, morning):
    team = Team(id=new_id(), name="华东")
    ticket = Ticket.opened(
        customer,
        kind=TicketKind.AFTER_SALES,
        priority=TicketPriority.HIGH,
        subject="  安装\n预约 ",
        description="周末上门",
        team_id=team.id,
        actor_id=actor,
        at=morning,
    )
    assert (ticket.status, ticket.subject, ticket.description) == (ACCEPTED, "安装 预约", "周末上门")
    assert (ticket.customer_id, ticket.person_id, ticket.team_id) == (customer.id, customer.id, team.id)
    assert (ticket.version, ticket.opened_at, ticket.closed_at) == (1, morning, None)
    [event] = take_events(ticket)
    assert (event.kind, event.after, event.ticket_id) == (EventKind.TICKET_OPENED, ACCEPTED, ticket.id)


@pytest.mark.parametrize(
    ("field", "texts"),
    [
        ("subject", {"subject": " "}),
        ("subject", {"subject": "长" * 201}),
        ("subject", {"subject": "a\x00b"}),
        ("description", {"description": ""}),
        ("description", {"description": " "}),
    ],
)
def test_a_ticket_is_not_opened_without_words_that_can_be_kept(customer, actor, morning, field, texts):
    words = {"subject": "发票", "description": "何时开票？"} | texts
    with pytest.raises(Invalid) as refusal:
        Ticket.opened(
            customer,
            kind=TicketKind.QUESTION,
            priority=TicketPriority.LOW,
            team_id=None,
            actor_id=actor,
            at=morning,
            **words,
        )
    assert refusal.value.field == (field,)


def test_assigning_hands_the_ticket_over_and_names_both_people(ticket, staff, actor, morning):
    first, second = staff(Role.SUPPORT), staff(Role.REP)
    ticket.assign(first, actor, morning)
    ticket.assign(second, actor, morning + timedelta(hours=1))
    assert (ticket.assignee_id, ticket.version, ticket.updated_at) == (second.id, 3, morning + timedelta(hours=1))
    [to_first, to_second] = take_events(ticket)
    assert (to_first.kind, to_first.before, to_first.after) == (
        EventKind.TICKET_ASSIGNED,
        None,
        public_id("stf", first.id),
    )
    assert (to_second.before, to_second.after) == (public_id("stf", first.id), public_id("stf", second.id))


def test_a_ticket_is_not_assigned_to_somebody_who_has_left(ticket, staff, actor, morning):
    with pytest.raises(Invalid):
        ticket.assign(staff(Role.SUPPORT, active=False), actor, morning)


def test_a_ticket_is_not_assigned_twice_to_the_same_person(ticket, staff, actor, morning):
    agent = staff(Role.SUPPORT)
    ticket.assign(agent, actor, morning)
    with pytest.raises(WrongState):
        ticket.assign(agent, actor, morning)


def test_a_closed_ticket_is_reopened_before_it_is_assigned(ticket, staff, actor, morning):
    with pytest.raises(WrongState):
        standing(ticket, CLOSED).assign(staff(Role.SUPPORT), actor, morning)


def test_unclosed_is_every_state_but_the_last():
    assert set(TicketStatus) - UNCLOSED == {CLOSED}


# -- The clock --------------------------------------------------------------------------------------------------------


def test_the_answer_stops_the_clock_and_leaves_the_time_that_was_due(ticket, actor, morning):
    due = ticket.due_at
    standing(ticket, INVESTIGATING).respond("补发一件", actor, morning + timedelta(hours=30))
    assert (ticket.due_at, ticket.status in UNANSWERED) == (due, False)


@pytest.mark.parametrize("stood", [RESPONDED, FOLLOWING_UP])
def test_a_customer_who_is_not_satisfied_is_owed_another_answer_in_time(ticket, actor, morning, stood):
    later = morning + timedelta(days=9)
    standing(ticket, stood).follow_up("补发的也破损", False, actor, later)
    assert ticket.status in UNANSWERED
    assert ticket.due_at == later + DUE_WITHIN[ticket.priority]


@pytest.mark.parametrize("satisfied", [True, None])
def test_a_customer_who_does_not_complain_sets_no_new_time(ticket, actor, morning, satisfied):
    due = ticket.due_at
    standing(ticket, RESPONDED).follow_up("已收到", satisfied, actor, morning + timedelta(days=9))
    assert ticket.due_at == due


def test_a_reopened_ticket_is_due_anew(ticket, actor, morning):
    later = morning + timedelta(days=30)
    standing(ticket, CLOSED).reopen("客户再次来电", actor, later)
    assert ticket.due_at == later + DUE_WITHIN[ticket.priority]


def test_every_status_but_closed_either_waits_for_our_answer_or_has_it():
    assert {ACCEPTED, INVESTIGATING} == UNANSWERED < UNCLOSED


# -- Back to the queue ------------------------------------------------------------------------------------------------


SERVING, ROUTED, DEFAULT = new_id(), new_id(), new_id()
ROUTES = {TicketKind.COMPLAINT: ROUTED, None: DEFAULT}


@pytest.mark.parametrize(
    ("serving", "routes", "present", "found"),
    [
        ((SERVING, ROUTED, DEFAULT), ROUTES, SERVING, SERVING),
        ((SERVING, ROUTED, DEFAULT), ROUTES, None, ROUTED),
        ((ROUTED, DEFAULT), ROUTES, SERVING, ROUTED),
        ((SERVING, DEFAULT), ROUTES, None, DEFAULT),
        ((SERVING,), ROUTES, None, SERVING),
        ((SERVING, ROUTED), {}, new_id(), SERVING),
        ((), ROUTES, SERVING, None),
    ],
)
def test_a_queue_is_one_that_somebody_looks_into(serving, routes, present, found):
    assert Queues(serving, routes).of(TicketKind.COMPLAINT, present) == found


@pytest.mark.parametrize("own", ["serves", "serves no longer", None])
def test_a_ticket_goes_back_to_its_own_queue_while_that_is_served(ticket, staff, actor, morning, own):
    handler = staff(Role.SUPPORT)
    ticket.assignee_id, ticket.team_id = handler.id, own and (SERVING if own == "serves" else new_id())
    ticket.return_to_queue(Queues((DEFAULT, SERVING), {}), actor, morning)
    assert (ticket.assignee_id, ticket.team_id, ticket.version) == (None, SERVING if own == "serves" else DEFAULT, 2)
    [event] = take_events(ticket)
    assert (event.kind, event.before, event.after) == (
        EventKind.TICKET_ASSIGNED, public_id("stf", handler.id), None,
    )  # fmt: skip


def test_an_open_ticket_in_no_served_queue_finds_one_and_keeps_its_handler(ticket, staff, actor, morning):
    handler, queues = staff(Role.SUPPORT), Queues((SERVING,), {})
    ticket.assignee_id, ticket.team_id = handler.id, new_id()
    assert ticket.leave_unserved_queue(queues, actor, morning)
    assert (ticket.assignee_id, ticket.team_id, ticket.version) == (handler.id, SERVING, 2)
    assert [event.kind for event in take_events(ticket)] == [EventKind.TICKET_ASSIGNED]
    assert not ticket.leave_unserved_queue(queues, actor, morning)
    assert (ticket.version, take_events(ticket)) == (2, [])
    ticket.team_id = None
    assert ticket.find_queue(queues)
    assert (ticket.team_id, ticket.version, take_events(ticket)) == (SERVING, 2, [])
    ticket.team_id = None
    assert not standing(ticket, CLOSED).leave_unserved_queue(queues, actor, morning)
    assert ticket.team_id is None


def test_a_closed_ticket_goes_back_to_no_queue(ticket, actor, morning):
    with pytest.raises(WrongState):
        standing(ticket, CLOSED).return_to_queue(Queues((), {}), actor, morning)
