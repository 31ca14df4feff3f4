"""Tickets and their steps, as the planner sees them."""

from typing import Any

from sqlalchemy import Text, and_, func, literal_column, not_, or_
from sqlalchemy.dialects.postgresql import ARRAY

from auth.access import one_of
from domain.customer import Customer
from domain.staff import StaffMember, Team
from domain.ticket import LONGEST_SUBJECT, Ticket, TicketStep, ticket_number
from domain.ticket_state import UNANSWERED
from resolvers.errors import Refused
from resolvers.reading.noun import Filter, Given, Noun, OrderKeys
from resolvers.reading.words import DOWN, UP, any_id, any_name, before, missing, since, text

_NFKC: Any = literal_column("NFKC")


def _overdue(row: Any, given: Given) -> Any:
    late = and_(row.due_at.is_not(None), row.due_at < given.bind_now(), one_of(row.status, UNANSWERED))
    return late if given.shape else or_(row.due_at.is_(None), not_(late))


def _number(row: Any, given: Given) -> Any:
    """The one ticket of this number; like any other text, an empty one narrows nothing."""
    wanted = given.bind(Text(), lambda value: ticket_number(text(value)))
    return or_(wanted == "", row.number == wanted)


def _subject(row: Any, given: Given) -> Any:
    """A part of the subject: found by its characters and pairs of characters in an index, then compared."""
    wanted = given.bind(Text(), _searched)
    return and_(_pieces(row.subject).contains(_pieces(wanted)), func.strpos(_folded(row.subject), _folded(wanted)) > 0)


def _pieces(value: Any) -> Any:
    return func.text_pieces(value, type_=ARRAY(Text))


def _folded(value: Any) -> Any:
    return func.lower(func.normalize(value, _NFKC))


def _searched(value: str) -> str:
    """A search text in one line, as subjects are. Raises Refused for one that is longer than any subject."""
    if len(value) > LONGEST_SUBJECT:
        told = f"最多 {LONGEST_SUBJECT} 个字符", f"At most {LONGEST_SUBJECT} characters"
        raise Refused("BAD_USER_INPUT", *told)
    return " ".join(text(value).split())


ORDERED = {
    "OPENED_AT": "opened_at",
    "DUE_AT": "due_rank",
    "PRIORITY": "priority_rank",
    "UPDATED_AT": "updated_at",
    "CLOSED_AT": "closed_rank",
}


def _orders() -> dict[str, OrderKeys]:
    return {
        f"{name} {direction}": ((attribute, down), ("id", down))
        for name, attribute in ORDERED.items()
        for direction, down in (("ASC", UP), ("DESC", DOWN))
    }


TICKETS = Noun(
    "Ticket",
    Ticket,
    order="OPENED_AT DESC",
    orders=_orders(),
    ranks={"due_rank": "due_at", "priority_rank": "priority", "closed_rank": "closed_at"},
    filters={
        "number": Filter(("number",), _number),
        "search": Filter(("subject",), _subject),
        "status": Filter(("status",), any_name("status")),
        "kind": Filter(("kind",), any_name("kind")),
        "priority": Filter(("priority",), any_name("priority")),
        "customer_id": Filter(("customer",), any_id("customer_id", Customer.PREFIX)),
        "team_id": Filter(("team",), any_id("team_id", Team.PREFIX)),
        "without_team": Filter(("team",), missing("team_id")),
        "assignee_id": Filter(("assignee",), any_id("assignee_id", StaffMember.PREFIX)),
        "unassigned": Filter(("assignee",), missing("assignee_id")),
        "overdue": Filter(("due_at", "status"), _overdue),
        "opened_from": Filter(("opened_at",), since("opened_at")),
        "opened_to": Filter(("opened_at",), before("opened_at")),
        "due_from": Filter(("due_at",), since("due_at")),
        "due_to": Filter(("due_at",), before("due_at")),
        "closed_from": Filter(("closed_at",), since("closed_at")),
        "closed_to": Filter(("closed_at",), before("closed_at")),
    },
)

STEPS = Noun("TicketStep", TicketStep, order="OLDEST", orders={"OLDEST": (("at", UP), ("id", UP))})
