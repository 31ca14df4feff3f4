"""What becomes of the work of somebody who leaves."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from domain.customer import Customer
from domain.errors import WrongState
from domain.staff import StaffMember
from domain.ticket import Ticket
from domain.ticket_state import UNCLOSED, TicketKind


class Departure(NamedTuple):
    """What has to find other hands: tickets that wait in a queue again, and customers to be given to somebody."""

    tickets: list[Ticket]
    customers: list[Customer]


def deactivate(
    member: StaffMember,
    tickets: Sequence[Ticket],
    customers: Sequence[Customer],
    queue_of: Callable[[TicketKind], UUID | None],
    actor_id: UUID,
    at: datetime,
) -> Departure:
    """Ends a member of staff's access. Their open tickets go back to their team's queue, to the queue that `queue_of`
    names for the kind where they have none; closed ones stay as they are. Customers keep their owner until somebody
    hands them over, and are listed for that.

    Raises WrongState for somebody who left already.
    """
    if not member.active:
        raise WrongState("staffId", "该员工已停用", "This member of staff has been deactivated already")
    member.active = False
    waiting = [row for row in tickets if row.assignee_id == member.id and row.status in UNCLOSED]
    for ticket in waiting:
        ticket.return_to_queue(queue_of(ticket.kind), actor_id, at)
    return Departure(waiting, [row for row in customers if row.owner_id == member.id])
