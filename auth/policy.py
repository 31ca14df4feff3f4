"""The access page: rows, fields, sharpness and acts, per type and role. Everything else about access is derived from it.

Read a line from left to right: REP 销售, SUPPORT 客服, MANAGER 经理, PRIVACY_OFFICER 个人信息保护负责人, ADMIN 管理员,
PARTNER 合作方 (a machine, which also needs the grant that a line names). What a line does not allow is forbidden.
"""

# ruff: noqa: E501 - the page is a table
from collections.abc import Callable
from enum import StrEnum
from typing import Any

from auth.access import (
    About,
    Column,
    Condition,
    Granted,
    Predicate,
    Rule,
    Seen,
    Sight,
    TypePage,
    Varying,
    Whole,
    Within,
    absent,
    absent_or_recent,
    act,
    any_linked,
    anyone,
    behind,
    by_role,
    cell,
    in_future,
    is_so,
    listed_in,
    named,
    nobody,
    one_of,
    present,
    rows,
    same,
    some,
)
from auth.viewer import Grant, Viewer
from domain.access_log import AccessLogEntry
from domain.base import Base
from domain.business_setting import BusinessSetting, SettingName
from domain.customer import Customer
from domain.duplicate_contact import DuplicateContact
from domain.event import Event, EventKind
from domain.interaction import Interaction
from domain.purpose import Purpose
from domain.staff import StaffMember, Team
from domain.tag import Tag
from domain.ticket import Ticket, TicketStep
from domain.ticket_route import TicketRoute
from domain.ticket_state import STANDS_IN, UNCLOSED, TicketMove
from domain.tier import Tier

CLEAR, MASKED, HIDDEN = Sight.CLEAR, Sight.MASKED, Sight.HIDDEN


# -- Rules ------------------------------------------------------------------------------------------------------------


def owned(customer: Any, viewer: Viewer) -> Condition:
    """The viewer's own customers."""
    return same(customer.owner_id, viewer.id)


def ours(ticket: Any, viewer: Viewer) -> Condition:
    """Tickets of the viewer's team and the viewer's own."""
    return same(ticket.assignee_id, viewer.id) | same(ticket.team_id, viewer.team_id)


def in_service(ticket: Any, viewer: Viewer) -> Condition:
    """Tickets of the viewer's team and the viewer's own: open ones, and closed ones for CLOSED_TICKET_DAYS days."""
    return ours(ticket, viewer) & _current(ticket, viewer)


def in_service_or_opened(ticket: Any, viewer: Viewer) -> Condition:
    """The same, and tickets that the viewer opened for others to handle, as long."""
    return (ours(ticket, viewer) | same(ticket.opened_by_id, viewer.id)) & _current(ticket, viewer)


def _current(ticket: Any, viewer: Viewer) -> Condition:
    return absent_or_recent(ticket.closed_at, SettingName.CLOSED_TICKET_DAYS, viewer)


def served(customer: Any, viewer: Viewer) -> Condition:
    """Customers with a ticket that is in service for the viewer."""
    return some(customer.tickets, lambda ticket: in_service(ticket, viewer))


def served_or_found(customer: Any, viewer: Viewer) -> Condition:
    """Customers who are served, and callers whom the viewer found by an exact contact within the last hour."""
    return any_linked(
        customer,
        {
            "tickets": lambda ticket: in_service(ticket, viewer),
            "lookups": lambda lookup: same(lookup.viewer_id, viewer.id) & in_future(lookup.until),
        },
    )


def listed(customer: Any, viewer: Viewer) -> Condition:
    """Customers with a live separate consent for the partner (art. 23, R11)."""
    return some(
        customer.listings,
        lambda listing: same(listing.partner_id, viewer.id) & absent(listing.withdrawn_at),
    )


def handled(ticket: Any, viewer: Viewer) -> Condition:
    """Tickets that are assigned to the viewer."""
    return same(ticket.assignee_id, viewer.id)


def unclosed(ticket: Any, viewer: Viewer) -> Condition:
    """Tickets that are still open."""
    return one_of(ticket.status, UNCLOSED)


def ready_for(move: TicketMove) -> Predicate:
    """Tickets that stand where the move begins."""
    return named(f"ready to {move.words}", lambda ticket, viewer: one_of(ticket.status, STANDS_IN[move]))


def hiding(text: str) -> Predicate:
    """Rows whose text was masked in part, so that there is something to reveal."""
    return named(f"{text} masked", lambda row, viewer: present(getattr(row, f"{text}_sealed")))


def under_14(customer: Any, viewer: Viewer) -> Condition:
    """Customers who were under 14 when their birth date or identity card number was written (R30)."""
    return is_so(customer.under_14)


def closed(text: str, owner: Callable[[Any], Condition]) -> Predicate:
    """Rows whose text holds a resident ID number, or is about a child; `owner` says of a row whether it is."""
    return named(f"{text} closed", lambda row, viewer: listed_in(text, row.approval_fields) | owner(row))


def of_child(row: Any) -> Condition:
    """What lies below a child."""
    return behind(row.customer, lambda customer: is_so(customer.under_14))


def scanned(text: str) -> Seen:
    """Free text: clear where nothing was found in it, masked where something was."""
    return Varying(clear_when=Whole(text))


NAMES = Granted[Seen](Grant.NAMES, CLEAR)
CONTACTS = Granted[Seen](Grant.CONTACTS, MASKED)
PROFILE = Granted[Seen](Grant.PROFILE, CLEAR)
TALKS = Granted[Seen](Grant.INTERACTIONS, CLEAR)
TICKETS = Granted[Seen](Grant.TICKETS, CLEAR)

# -- The page ---------------------------------------------------------------------------------------------------------
# fmt: off

PAGE: dict[type[Base], TypePage] = {
    Customer: TypePage(
        about=About.CUSTOMER,
        #                       REP      SUPPORT  MANAGER  PRIVACY  ADMIN    PARTNER
        rows=rows(              owned,   served_or_found, anyone, nobody, nobody, Granted(Grant.CUSTOMERS, listed)),
        fields={
            "id":              cell(CLEAR,  CLEAR,  CLEAR,  CLEAR,  CLEAR,  CLEAR),
            "kind":            cell(CLEAR,  CLEAR,  CLEAR,  HIDDEN, HIDDEN, CLEAR),
            "name":            cell(CLEAR,  CLEAR,  CLEAR,  HIDDEN, HIDDEN, NAMES),
            "mobile":          cell(MASKED, MASKED, MASKED, HIDDEN, HIDDEN, CONTACTS),
            "other_mobile":    cell(MASKED, MASKED, MASKED, HIDDEN, HIDDEN, CONTACTS),
            "email":           cell(MASKED, MASKED, MASKED, HIDDEN, HIDDEN, CONTACTS),
            "wechat_id":       cell(MASKED, MASKED, MASKED, HIDDEN, HIDDEN, CONTACTS),
            "id_number":       cell(MASKED, MASKED, MASKED, HIDDEN, HIDDEN, HIDDEN),
            "id_document":     cell(MASKED, MASKED, MASKED, HIDDEN, HIDDEN, HIDDEN),
            "address":         cell(MASKED, MASKED, MASKED, HIDDEN, HIDDEN, CONTACTS),
            "birth_date":      cell(MASKED, MASKED, MASKED, HIDDEN, HIDDEN, HIDDEN),
            "region":          cell(CLEAR,  CLEAR,  CLEAR,  HIDDEN, HIDDEN, PROFILE),
            "industry":        cell(CLEAR,  CLEAR,  CLEAR,  HIDDEN, HIDDEN, PROFILE),
            "source":          cell(CLEAR,  CLEAR,  CLEAR,  HIDDEN, HIDDEN, HIDDEN),
            "stage":           cell(CLEAR,  CLEAR,  CLEAR,  HIDDEN, HIDDEN, HIDDEN),
            "tier":            cell(CLEAR,  CLEAR,  CLEAR,  HIDDEN, HIDDEN, PROFILE),
            "score":           cell(CLEAR,  HIDDEN, CLEAR,  HIDDEN, HIDDEN, HIDDEN),
            "tags":            cell(CLEAR,  CLEAR,  CLEAR,  HIDDEN, HIDDEN, HIDDEN),
            "preferred_channel": cell(CLEAR, CLEAR, CLEAR,  HIDDEN, HIDDEN, PROFILE),
            "owner":           cell(CLEAR,  CLEAR,  CLEAR,  HIDDEN, HIDDEN, HIDDEN),
            "external_id":     cell(CLEAR,  CLEAR,  CLEAR,  HIDDEN, HIDDEN, PROFILE),
            "external_system": cell(CLEAR,  CLEAR,  CLEAR,  HIDDEN, HIDDEN, PROFILE),
            "basis":           cell(CLEAR,  CLEAR,  CLEAR,  HIDDEN, HIDDEN, HIDDEN),
            "created_at":      cell(CLEAR,  CLEAR,  CLEAR,  HIDDEN, HIDDEN, CLEAR),
            "updated_at":      cell(CLEAR,  CLEAR,  CLEAR,  HIDDEN, HIDDEN, CLEAR),
            "last_interaction_at": cell(CLEAR, CLEAR, CLEAR, HIDDEN, HIDDEN, HIDDEN),
            "version":         cell(CLEAR,  CLEAR,  CLEAR,  HIDDEN, HIDDEN, CLEAR),
            "interactions":    cell(CLEAR,  CLEAR,  CLEAR,  HIDDEN, HIDDEN, TALKS),
            "tickets":         cell(CLEAR,  CLEAR,  CLEAR,  HIDDEN, HIDDEN, TICKETS),
            "history":         cell(CLEAR,  CLEAR,  CLEAR,  HIDDEN, HIDDEN, HIDDEN),
        },
        acts={
            "edit":            act(anyone,  served,  anyone,  nobody,  nobody,  nobody),
            "move_stage":      act(anyone,  nobody,  anyone,  nobody,  nobody,  nobody),
            "assign_tier":     act(anyone,  nobody,  anyone,  nobody,  nobody,  nobody),
            "transfer":        act(nobody,  nobody,  anyone,  nobody,  nobody,  nobody),
            "log_interaction": act(anyone,  anyone,  anyone,  nobody,  nobody,  nobody),
            "open_ticket":     act(anyone,  anyone,  anyone,  nobody,  nobody,  nobody),
            "reveal":          act(anyone,  served,  anyone,  nobody,  nobody,  nobody),
        },
        approval={"reveal": under_14},
        general={
            "create":          act(anyone,  nobody,  anyone,  nobody,  nobody,  nobody),
            "name_owner":      act(nobody,  nobody,  anyone,  nobody,  nobody,  nobody),
            "find_by_contact": act(nobody,  anyone,  anyone,  nobody,  nobody,  nobody),
        },
    ),
    Interaction: TypePage(
        about=About.CUSTOMER,
        rows=rows(Within("customer"), Within("customer", only=served), anyone, nobody, nobody, Granted(Grant.INTERACTIONS, Within("customer"))),
        added=rows(Within("customer"), Within("customer"), anyone, nobody, nobody, nobody),
        fields={
            "id":              cell(CLEAR,  CLEAR,  CLEAR,  CLEAR,  CLEAR,  CLEAR),
            "customer":        cell(CLEAR,  CLEAR,  CLEAR,  HIDDEN, HIDDEN, CLEAR),
            "staff":           cell(CLEAR,  CLEAR,  CLEAR,  HIDDEN, HIDDEN, HIDDEN),
            "channel":         cell(CLEAR,  CLEAR,  CLEAR,  HIDDEN, HIDDEN, CLEAR),
            "direction":       cell(CLEAR,  CLEAR,  CLEAR,  HIDDEN, HIDDEN, CLEAR),
            "occurred_at":     cell(CLEAR,  CLEAR,  CLEAR,  HIDDEN, HIDDEN, CLEAR),
            "summary":         cell(scanned("summary"), scanned("summary"), scanned("summary"), HIDDEN, HIDDEN, HIDDEN),
            "created_at":      cell(CLEAR,  CLEAR,  CLEAR,  HIDDEN, HIDDEN, CLEAR),
        },
        acts={
            "reveal":          act(anyone,  anyone,  anyone,  nobody,  nobody,  nobody),
        },
        ready={"reveal": hiding("summary")},
        approval={"reveal": closed("summary", of_child)},
    ),
    Ticket: TypePage(
        about=About.CUSTOMER,
        rows=rows(Within("customer"), in_service_or_opened, anyone, nobody, nobody, Granted(Grant.TICKETS, Within("customer"))),
        added=rows(Within("customer"), Within("customer"), anyone, nobody, nobody, nobody),
        handed_on=frozenset({"assignee_id", "closed_at"}),
        fields={
            "id":              cell(CLEAR,  CLEAR,  CLEAR,  CLEAR,  CLEAR,  CLEAR),
            "number":          cell(CLEAR,  CLEAR,  CLEAR,  HIDDEN, HIDDEN, CLEAR),
            "customer":        cell(CLEAR,  CLEAR,  CLEAR,  HIDDEN, HIDDEN, CLEAR),
            "kind":            cell(CLEAR,  CLEAR,  CLEAR,  HIDDEN, HIDDEN, CLEAR),
            "status":          cell(CLEAR,  CLEAR,  CLEAR,  HIDDEN, HIDDEN, CLEAR),
            "priority":        cell(CLEAR,  CLEAR,  CLEAR,  HIDDEN, HIDDEN, CLEAR),
            "subject":         cell(CLEAR,  CLEAR,  CLEAR,  HIDDEN, HIDDEN, CLEAR),
            "description":     cell(scanned("description"), scanned("description"), scanned("description"), HIDDEN, HIDDEN, HIDDEN),
            "team":            cell(CLEAR,  CLEAR,  CLEAR,  HIDDEN, HIDDEN, HIDDEN),
            "assignee":        cell(CLEAR,  CLEAR,  CLEAR,  HIDDEN, HIDDEN, HIDDEN),
            "opened_at":       cell(CLEAR,  CLEAR,  CLEAR,  HIDDEN, HIDDEN, CLEAR),
            "due_at":          cell(CLEAR,  CLEAR,  CLEAR,  HIDDEN, HIDDEN, CLEAR),
            "closed_at":       cell(CLEAR,  CLEAR,  CLEAR,  HIDDEN, HIDDEN, CLEAR),
            "version":         cell(CLEAR,  CLEAR,  CLEAR,  HIDDEN, HIDDEN, CLEAR),
            "created_at":      cell(CLEAR,  CLEAR,  CLEAR,  HIDDEN, HIDDEN, CLEAR),
            "updated_at":      cell(CLEAR,  CLEAR,  CLEAR,  HIDDEN, HIDDEN, CLEAR),
            "steps":           cell(CLEAR,  CLEAR,  CLEAR,  HIDDEN, HIDDEN, HIDDEN),
        },
        acts={
            "assign":          act(nobody,  ours,    anyone,  nobody,  nobody,  nobody),
            "investigate":     act(handled, ours,    anyone,  nobody,  nobody,  nobody),
            "respond":         act(handled, ours,    anyone,  nobody,  nobody,  nobody),
            "follow_up":       act(handled, ours,    anyone,  nobody,  nobody,  nobody),
            "reopen":          act(anyone,  anyone,  anyone,  nobody,  nobody,  nobody),
            "close":           act(handled, ours,    anyone,  nobody,  nobody,  nobody),
            "reveal":          act(anyone,  ours,    anyone,  nobody,  nobody,  nobody),
        },
        ready={
            "assign": unclosed,
            "reveal": hiding("description"),
            **{move.value: ready_for(move) for move in TicketMove},
        },
        approval={"reveal": closed("description", of_child)},
    ),
    TicketStep: TypePage(
        about=About.CUSTOMER,
        rows=rows(Within("ticket"), Within("ticket"), anyone, nobody, nobody, nobody),
        fields={
            "id":              cell(CLEAR,  CLEAR,  CLEAR,  CLEAR,  CLEAR,  CLEAR),
            "status":          cell(CLEAR,  CLEAR,  CLEAR,  HIDDEN, HIDDEN, HIDDEN),
            "at":              cell(CLEAR,  CLEAR,  CLEAR,  HIDDEN, HIDDEN, HIDDEN),
            "actor":           cell(CLEAR,  CLEAR,  CLEAR,  HIDDEN, HIDDEN, HIDDEN),
            "text":            cell(scanned("text"), scanned("text"), scanned("text"), HIDDEN, HIDDEN, HIDDEN),
            "satisfied":       cell(CLEAR,  CLEAR,  CLEAR,  HIDDEN, HIDDEN, HIDDEN),
        },
        acts={
            "reveal":          act(anyone, Within("ticket", only=ours), anyone,  nobody,  nobody,  nobody),
        },
        ready={"reveal": hiding("text")},
        approval={"reveal": closed("text", lambda step: behind(step.ticket, of_child))},
    ),
    DuplicateContact: TypePage(
        about=About.CUSTOMER,
        rows=rows(              nobody,  nobody,  anyone,  nobody,  nobody,  nobody),
        fields={
            "customer":        cell(HIDDEN, HIDDEN, CLEAR,  HIDDEN, HIDDEN, HIDDEN),
            "other":           cell(HIDDEN, HIDDEN, CLEAR,  HIDDEN, HIDDEN, HIDDEN),
            "fields":          cell(HIDDEN, HIDDEN, CLEAR,  HIDDEN, HIDDEN, HIDDEN),
            "found_at":        cell(HIDDEN, HIDDEN, CLEAR,  HIDDEN, HIDDEN, HIDDEN),
        },
    ),
    Event: TypePage(
        about=About.CUSTOMER,
        rows=rows(Within("customer"), Within("customer", only=served), anyone, nobody, nobody, nobody),
        fields={
            "kind":            cell(CLEAR,  CLEAR,  CLEAR,  HIDDEN, HIDDEN, HIDDEN),
            "at":              cell(CLEAR,  CLEAR,  CLEAR,  HIDDEN, HIDDEN, HIDDEN),
            "actor":           cell(CLEAR,  CLEAR,  CLEAR,  HIDDEN, HIDDEN, HIDDEN),
            "fields":          cell(CLEAR,  CLEAR,  CLEAR,  HIDDEN, HIDDEN, HIDDEN),
            "before":          cell(CLEAR,  CLEAR,  CLEAR,  HIDDEN, HIDDEN, HIDDEN),
            "after":           cell(CLEAR,  CLEAR,  CLEAR,  HIDDEN, HIDDEN, HIDDEN),
            "reason":          cell(CLEAR,  CLEAR,  CLEAR,  HIDDEN, HIDDEN, HIDDEN),
        },
    ),
    StaffMember: TypePage(
        about=About.STAFF,
        rows=rows(              anyone,  anyone,  anyone,  anyone,  anyone,  nobody),
        fields={
            "id":              cell(CLEAR,  CLEAR,  CLEAR,  CLEAR,  CLEAR,  CLEAR),
            "name":            cell(CLEAR,  CLEAR,  CLEAR,  CLEAR,  CLEAR,  HIDDEN),
            "role":            cell(CLEAR,  CLEAR,  CLEAR,  CLEAR,  CLEAR,  HIDDEN),
            "team":            cell(CLEAR,  CLEAR,  CLEAR,  CLEAR,  CLEAR,  HIDDEN),
            "active":          cell(CLEAR,  CLEAR,  CLEAR,  CLEAR,  CLEAR,  HIDDEN),
        },
    ),
    Team: TypePage(
        about=About.NOBODY,
        rows=rows(              anyone,  anyone,  anyone,  anyone,  anyone,  nobody),
        added=rows(             nobody,  nobody,  nobody,  nobody,  nobody,  nobody),
        fields={
            "id":              cell(CLEAR,  CLEAR,  CLEAR,  CLEAR,  CLEAR,  CLEAR),
            "name":            cell(CLEAR,  CLEAR,  CLEAR,  CLEAR,  CLEAR,  HIDDEN),
        },
    ),
    TicketRoute: TypePage(
        about=About.NOBODY,
        rows=rows(              anyone,  anyone,  anyone,  anyone,  anyone,  nobody),
        added=rows(             nobody,  nobody,  nobody,  nobody,  nobody,  nobody),
        fields={
            "kind":            cell(CLEAR,  CLEAR,  CLEAR,  CLEAR,  CLEAR,  HIDDEN),
            "team":            cell(CLEAR,  CLEAR,  CLEAR,  CLEAR,  CLEAR,  HIDDEN),
            "version":         cell(CLEAR,  CLEAR,  CLEAR,  CLEAR,  CLEAR,  HIDDEN),
            "changed_at":      cell(CLEAR,  CLEAR,  CLEAR,  CLEAR,  CLEAR,  HIDDEN),
            "changed_by":      cell(CLEAR,  CLEAR,  CLEAR,  CLEAR,  CLEAR,  HIDDEN),
            "reason":          cell(CLEAR,  CLEAR,  CLEAR,  CLEAR,  CLEAR,  HIDDEN),
        },
        general={
            "set":             act(nobody,  nobody,  nobody,  nobody,  anyone,  nobody),
        },
    ),
    BusinessSetting: TypePage(
        about=About.NOBODY,
        rows=rows(              anyone,  anyone,  anyone,  anyone,  anyone,  nobody),
        added=rows(             nobody,  nobody,  nobody,  nobody,  nobody,  nobody),
        fields={
            "name":            cell(CLEAR,  CLEAR,  CLEAR,  CLEAR,  CLEAR,  HIDDEN),
            "value":           cell(CLEAR,  CLEAR,  CLEAR,  CLEAR,  CLEAR,  HIDDEN),
            "version":         cell(CLEAR,  CLEAR,  CLEAR,  CLEAR,  CLEAR,  HIDDEN),
            "changed_at":      cell(CLEAR,  CLEAR,  CLEAR,  CLEAR,  CLEAR,  HIDDEN),
            "changed_by":      cell(CLEAR,  CLEAR,  CLEAR,  CLEAR,  CLEAR,  HIDDEN),
            "reason":          cell(CLEAR,  CLEAR,  CLEAR,  CLEAR,  CLEAR,  HIDDEN),
        },
        general={
            "change":          act(nobody,  nobody,  nobody,  nobody,  anyone,  nobody),
        },
    ),
    Tier: TypePage(
        about=About.NOBODY,
        rows=rows(              anyone,  anyone,  anyone,  anyone,  anyone,  anyone),
        fields={
            "id":              cell(CLEAR,  CLEAR,  CLEAR,  CLEAR,  CLEAR,  CLEAR),
            "code":            cell(CLEAR,  CLEAR,  CLEAR,  CLEAR,  CLEAR,  CLEAR),
            "name":            cell(CLEAR,  CLEAR,  CLEAR,  CLEAR,  CLEAR,  CLEAR),
        },
    ),
    Tag: TypePage(
        about=About.NOBODY,
        rows=rows(              anyone,  anyone,  anyone,  nobody,  nobody,  nobody),
        fields={
            "name":            cell(CLEAR,  CLEAR,  CLEAR,  HIDDEN, HIDDEN, HIDDEN),
            "group":           cell(CLEAR,  CLEAR,  CLEAR,  HIDDEN, HIDDEN, HIDDEN),
        },
    ),
    Purpose: TypePage(
        about=About.NOBODY,
        rows=rows(              anyone,  anyone,  anyone,  anyone,  anyone,  anyone),
        fields={
            "code":            cell(CLEAR,  CLEAR,  CLEAR,  CLEAR,  CLEAR,  CLEAR),
            "name":            cell(CLEAR,  CLEAR,  CLEAR,  CLEAR,  CLEAR,  CLEAR),
        },
    ),
    AccessLogEntry: TypePage(
        about=About.STAFF,
        rows=rows(              nobody,  nobody,  nobody,  anyone,  nobody,  nobody),
        fields={
            "at":              cell(HIDDEN, HIDDEN, HIDDEN, CLEAR,  HIDDEN, HIDDEN),
            "viewer_id":       cell(HIDDEN, HIDDEN, HIDDEN, CLEAR,  HIDDEN, HIDDEN),
            "viewer_name":     cell(HIDDEN, HIDDEN, HIDDEN, CLEAR,  HIDDEN, HIDDEN),
            "subject_id":      cell(HIDDEN, HIDDEN, HIDDEN, CLEAR,  HIDDEN, HIDDEN),
            "field":           cell(HIDDEN, HIDDEN, HIDDEN, CLEAR,  HIDDEN, HIDDEN),
            "purpose":         cell(HIDDEN, HIDDEN, HIDDEN, CLEAR,  HIDDEN, HIDDEN),
            "reason":          cell(HIDDEN, HIDDEN, HIDDEN, CLEAR,  HIDDEN, HIDDEN),
        },
    ),
}

LOOKS_FOR: dict[str, Column[Rule]] = {
    #                           REP      SUPPORT  MANAGER  PRIVACY  ADMIN    PARTNER
    "FOLLOW_UP":            act(anyone,  nobody,  anyone,  nobody,  nobody,  nobody),
    "SERVICE":              act(anyone,  anyone,  anyone,  nobody,  nobody,  nobody),
    "CONTRACT":             act(anyone,  nobody,  anyone,  nobody,  nobody,  nobody),
    "DATA_SUBJECT_REQUEST": act(nobody,  nobody,  anyone,  nobody,  nobody,  nobody),
    "LEGAL_DUTY":           act(nobody,  nobody,  anyone,  nobody,  nobody,  nobody),
    "DUPLICATE_CHECK":      act(nobody,  nobody,  nobody,  nobody,  nobody,  nobody),
}
"""For which purposes of the register each role may ask for clear values (art. 6). One without a line is nobody's."""

DUPLICATES_TOLD = frozenset({"mobile", "other_mobile", "email", "wechat_id", "external_id"})
"""What is answered with DUPLICATE where a customer in the viewer's own scope has it, unless only an approval opens that
customer. Anything else, identity numbers first of all, is taken like a value that nobody has (decision 0023)."""


class Duty(StrEnum):
    """What a member of staff may be given to do, whoever gives it to them."""

    OWN_CUSTOMERS = "OWN_CUSTOMERS"
    HANDLE_TICKETS = "HANDLE_TICKETS"
    SERVE_QUEUES = "SERVE_QUEUES"


DUTIES: dict[Duty, Column[bool]] = {
    #                                REP    SUPPORT MANAGER PRIVACY ADMIN  PARTNER
    Duty.OWN_CUSTOMERS:      by_role(True,  False,  True,   False,  False, False),
    Duty.HANDLE_TICKETS:     by_role(True,  True,   True,   False,  False, False),
    Duty.SERVE_QUEUES:       by_role(False, True,   False,  False,  False, False),
}
# fmt: on
"""Which roles own customers, handle tickets, and make a team one in whose queue tickets may wait."""

SCOPE_EVENTS: dict[Predicate, EventKind | None] = {
    anyone: None,
    nobody: None,
    listed: None,
    owned: EventKind.TRANSFERRED,
    in_service: EventKind.TICKET_ASSIGNED,
    in_service_or_opened: EventKind.TICKET_ASSIGNED,
}
"""The event that moves rows into or out of what a row rule gives: `before` and `after` name who lost and who got them.
A stream tells of these. The boot demands a line for each rule that a followed type stands on; consents leave no event.
"""
