"""Somebody leaves: their open tickets wait in a queue again, their customers are listed for other hands."""

import pytest

from domain.customer import Customer
from domain.departure import deactivate
from domain.errors import WrongState
from domain.event import EventKind, take_events
from domain.identity import new_id, public_id
from domain.staff import Role
from domain.ticket import Ticket
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


def test_open_tickets_wait_in_a_queue_again_and_customers_are_listed(customer, staff, ticket_of, actor, morning):
    leaving, queues = staff(Role.REP), {kind: new_id() for kind in TicketKind}
    customer.owner_id = leaving.id
    team = new_id()
    tickets = [
        ticket_of(leaving, team_id=team),
        ticket_of(leaving, TicketStatus.RESPONDED, TicketKind.QUESTION),
    ]
    gone = deactivate(leaving, tickets, [customer], queues.get, actor, morning)
    assert leaving.active is False
    assert gone.tickets == tickets
    assert [(row.assignee_id, row.team_id) for row in tickets] == [(None, team), (None, queues[TicketKind.QUESTION])]
    assert gone.customers == [customer]
    assert customer.owner_id == leaving.id
    for row in tickets:
        [event] = take_events(row)
        assert (event.kind, event.before, event.after, event.actor_id) == (
            EventKind.TICKET_ASSIGNED, public_id("stf", leaving.id), None, actor,
        )  # fmt: skip


def test_closed_tickets_and_those_of_others_stay_as_they_are(staff, ticket_of, actor, morning):
    leaving, other = staff(Role.SUPPORT), staff(Role.SUPPORT)
    tickets = [ticket_of(leaving, TicketStatus.CLOSED), ticket_of(other)]
    gone = deactivate(leaving, tickets, [], lambda kind: None, actor, morning)
    assert gone.tickets == []
    assert [row.assignee_id for row in tickets] == [leaving.id, other.id]
    assert [take_events(row) for row in tickets] == [[], []]


def test_customers_of_others_are_not_listed(customer: Customer, staff, actor, morning):
    leaving, other = staff(Role.REP), staff(Role.REP)
    customer.owner_id = other.id
    assert deactivate(leaving, [], [customer], lambda kind: None, actor, morning).customers == []


def test_nobody_leaves_twice(staff, actor, morning):
    with pytest.raises(WrongState):
        deactivate(staff(active=False), [], [], lambda kind: None, actor, morning)
