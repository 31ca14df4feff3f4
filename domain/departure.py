"""What becomes of the work of somebody who leaves."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from domain.customer import Customer
from domain.errors import WrongState
from domain.sign_in import RefreshSession
from domain.staff import StaffMember
from domain.ticket import Ticket
from domain.ticket_route import Queues
from domain.ticket_state import UNCLOSED


class Leaving(NamedTuple):
    """What somebody who leaves has in hand. `tickets` are those that they handle and those in their team's queue,
    `sessions` all refresh tokens of theirs.
    """

    tickets: Sequence[Ticket]
    customers: Sequence[Customer]
    sessions: Sequence[RefreshSession]


class Departure(NamedTuple):
    """What has to find other hands: tickets that wait in another or again in a queue, and customers to be given to
    somebody.
    """

    tickets: list[Ticket]
    customers: list[Customer]


def deactivate(member: StaffMember, leaving: Leaving, queues: Queues, actor_id: UUID, at: datetime) -> Departure:
    """Ends a member of staff's access, and with it every session of theirs. Their open tickets wait in a queue again;
    those of a team that nobody serves any more move to another queue, whoever handles them. Closed ones stay as they
    are. Customers keep their owner until somebody hands them over, and are listed for that.

    `queues` are those that are left without the member. Raises WrongState for somebody who left already.
    """
    if not member.active:
        raise WrongState("staffId", "该员工已停用", "This member of staff has been deactivated already")
    member.active = False
    for session in leaving.sessions:
        session.revoke(at)
    moved = [row for row in leaving.tickets if row.status in UNCLOSED and _moves(row, member, queues, actor_id, at)]
    return Departure(moved, [row for row in leaving.customers if row.owner_id == member.id])


def _moves(ticket: Ticket, member: StaffMember, queues: Queues, actor_id: UUID, at: datetime) -> bool:
    if ticket.assignee_id != member.id:
        return ticket.leave_unserved_queue(queues, actor_id, at)
    ticket.return_to_queue(queues, actor_id, at)
    return True
