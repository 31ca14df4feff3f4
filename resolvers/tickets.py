"""Tickets and their steps, as the planner sees them."""

from typing import Any

from sqlalchemy import and_, not_, or_

from domain.staff import StaffMember
from domain.ticket import Ticket, TicketStep
from domain.ticket_state import TicketStatus
from resolvers.reading.noun import Filter, Given, Noun
from resolvers.reading.words import DOWN, UP, any_id, any_name, missing


def _overdue(row: Any, given: Given) -> Any:
    late = and_(row.due_at.is_not(None), row.due_at < given.bind_now(), row.status != TicketStatus.CLOSED)
    return late if given.shape else or_(row.due_at.is_(None), not_(late))


TICKETS = Noun(
    "Ticket",
    Ticket,
    order="NEWEST",
    orders={"NEWEST": (("opened_at", DOWN), ("id", DOWN))},
    filters={
        "status": Filter(("status",), any_name("status")),
        "kind": Filter(("kind",), any_name("kind")),
        "priority": Filter(("priority",), any_name("priority")),
        "assignee_id": Filter(("assignee",), any_id("assignee_id", StaffMember.PREFIX)),
        "unassigned": Filter(("assignee",), missing("assignee_id")),
        "overdue": Filter(("due_at", "status"), _overdue),
    },
)

STEPS = Noun("TicketStep", TicketStep, order="OLDEST", orders={"OLDEST": (("at", UP), ("id", UP))})
