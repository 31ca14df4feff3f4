"""Somebody leaves: their open tickets wait in a queue again, their customers are listed for other hands, their sessions
end.
"""

from datetime import timedelta

import pytest

from domain.customer import Customer
from domain.departure import Leaving, deactivate
from domain.errors import WrongState
from domain.event import EventKind, take_events
from domain.identity import new_id, public_id
from domain.sign_in import RefreshSession
from domain.staff import Role
from domain.ticket import Ticket
from domain.ticket_route import Queues
from domain.ticket_state import TicketKind, TicketPriority, TicketStatus


@pytest.fixture
def ticket_of(customer, actor, morning):
    """`ticket_of(member, status, kind, team_id)`: one that they handle."""

    def made(member, status=TicketStatus.INVESTIGATING, kind=TicketKind.COMPLAINT, team_id=None) -> Ticket:
        row = Ticket.opened(
            customer,
            kind=kind,
            priority=TicketPriority.HIGH,
            subject="到货破损",
            description="外箱压坏",
            team_id=team_id,
            actor_id=actor,
            at=morning,
        )
        row.assignee_id, row.status = member.id, status
        take_events(row)
        return row

    return made


FIRST, SECOND = new_id(), new_id()
QUEUES = Queues((FIRST, SECOND), {TicketKind.QUESTION: SECOND})


def test_open_tickets_wait_in_a_queue_again_and_customers_are_listed(customer, staff, ticket_of, actor, morning):
    leaving = staff(Role.REP)
    customer.owner_id = leaving.id
    tickets = [
        ticket_of(leaving, team_id=SECOND),
        ticket_of(leaving, TicketStatus.RESPONDED, TicketKind.QUESTION),
        ticket_of(leaving, team_id=new_id()),
    ]
    gone = deactivate(leaving, Leaving(tickets, [customer], []), QUEUES, actor, morning)
    assert leaving.active is False
    assert gone.tickets == tickets
    assert [(row.assignee_id, row.team_id) for row in tickets] == [(None, SECOND), (None, SECOND), (None, FIRST)]
    assert gone.customers == [customer]
    assert customer.owner_id == leaving.id
    for row in tickets:
        [event] = take_events(row)
        assert (event.kind, event.before, event.after, event.actor_id) == (
            EventKind.TICKET_ASSIGNED, public_id("stf", leaving.id), None, actor,
        )  # fmt: skip


def test_the_last_agent_of_a_team_leaves_no_ticket_in_its_queue(staff, ticket_of, actor, morning):
    leaving, other, team = staff(Role.SUPPORT), staff(Role.MANAGER), new_id()
    handled, waiting, elsewhere = (ticket_of(member, team_id=team) for member in (leaving, other, other))
    waiting.assignee_id, elsewhere.team_id = None, SECOND
    others = ticket_of(other, kind=TicketKind.QUESTION, team_id=team)
    closed = ticket_of(other, TicketStatus.CLOSED, team_id=team)
    tickets = [handled, waiting, others, elsewhere, closed]
    gone = deactivate(leaving, Leaving(tickets, [], []), QUEUES, actor, morning)
    assert gone.tickets == [handled, waiting, others]
    assert [(row.assignee_id, row.team_id) for row in tickets] == [
        (None, FIRST), (None, FIRST), (other.id, SECOND), (other.id, SECOND), (other.id, team),
    ]  # fmt: skip
    assert [len(take_events(row)) for row in tickets] == [1, 1, 1, 0, 0]


def test_where_nobody_serves_any_more_tickets_are_in_no_queue(staff, ticket_of, actor, morning):
    leaving = staff(Role.SUPPORT)
    ticket = ticket_of(leaving, team_id=FIRST)
    deactivate(leaving, Leaving([ticket], [], []), Queues((), {}), actor, morning)
    assert (ticket.assignee_id, ticket.team_id) == (None, None)


def test_sessions_end_for_good(staff, actor, morning):
    """Who comes back signs in again: no token of before is good, though `active` is true once more."""
    leaving = staff(Role.SUPPORT)
    first = RefreshSession.begun(leaving.id, b"1", None, morning, timedelta(days=14))
    second, other = first.rotate(b"2", morning, timedelta(days=14)), morning - timedelta(days=1)
    ended = RefreshSession.begun(leaving.id, b"3", None, other, timedelta(days=14))
    ended.revoke(other)
    deactivate(leaving, Leaving([], [], [first, second, ended]), QUEUES, actor, morning)
    leaving.active = True
    assert [row.is_over(morning) for row in (first, second, ended)] == [True, True, True]
    assert [row.revoked_at for row in (first, second, ended)] == [morning, morning, other]


def test_closed_tickets_and_those_of_others_stay_as_they_are(staff, ticket_of, actor, morning):
    leaving, other = staff(Role.SUPPORT), staff(Role.SUPPORT)
    tickets = [ticket_of(leaving, TicketStatus.CLOSED), ticket_of(other, team_id=FIRST)]
    gone = deactivate(leaving, Leaving(tickets, [], []), QUEUES, actor, morning)
    assert gone.tickets == []
    assert [row.assignee_id for row in tickets] == [leaving.id, other.id]
    assert [take_events(row) for row in tickets] == [[], []]


def test_customers_of_others_are_not_listed(customer: Customer, staff, actor, morning):
    leaving, other = staff(Role.REP), staff(Role.REP)
    customer.owner_id = other.id
    assert deactivate(leaving, Leaving([], [customer], []), QUEUES, actor, morning).customers == []


def test_nobody_leaves_twice(staff, actor, morning):
    with pytest.raises(WrongState):
        deactivate(staff(active=False), Leaving([], [], []), QUEUES, actor, morning)
