"""The access page: rows, fields, sharpness and acts, per type and role. Everything else about access is derived from it.

Read a line from left to right: REP 销售, SUPPORT 客服, MANAGER 经理, PRIVACY_OFFICER 个人信息保护负责人, ADMIN 管理员,
PARTNER 合作方 (a machine, which also needs the grant that a line names). What a line does not allow is forbidden.
"""

# ruff: noqa: E501 - the page is a table
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
    act,
    anyone,
    cell,
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
from domain.customer import Customer
from domain.event import Event
from domain.interaction import Interaction
from domain.purpose import Purpose
from domain.staff import StaffMember
from domain.tag import Tag
from domain.ticket import Ticket, TicketStep
from domain.ticket_state import STANDS_IN, UNCLOSED, TicketMove
from domain.tier import Tier

CLEAR, MASKED, HIDDEN = Sight.CLEAR, Sight.MASKED, Sight.HIDDEN


# -- Rules ------------------------------------------------------------------------------------------------------------


def owned(customer: Any, viewer: Viewer) -> Condition:
    """The viewer's own customers (S96)."""
    return same(customer.owner_id, viewer.id)


def served(customer: Any, viewer: Viewer) -> Condition:
    """Customers with an unclosed ticket that is the viewer's, or nobody's in the viewer's team."""
    return some(
        customer.tickets,
        lambda ticket: (
            one_of(ticket.status, UNCLOSED)
            & (
                same(ticket.assignee_id, viewer.id)
                | (absent(ticket.assignee_id) & same(ticket.team_id, viewer.team_id))
            )
        ),
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
        rows=rows(              owned,   served,  anyone,  nobody,  nobody,  Granted(Grant.CUSTOMERS, listed)),
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
            "created_at":      cell(CLEAR,  CLEAR,  CLEAR,  HIDDEN, HIDDEN, CLEAR),
            "updated_at":      cell(CLEAR,  CLEAR,  CLEAR,  HIDDEN, HIDDEN, CLEAR),
            "last_interaction_at": cell(CLEAR, CLEAR, CLEAR, HIDDEN, HIDDEN, HIDDEN),
            "version":         cell(CLEAR,  CLEAR,  CLEAR,  HIDDEN, HIDDEN, CLEAR),
            "interactions":    cell(CLEAR,  CLEAR,  CLEAR,  HIDDEN, HIDDEN, TALKS),
            "tickets":         cell(CLEAR,  CLEAR,  CLEAR,  HIDDEN, HIDDEN, TICKETS),
            "history":         cell(CLEAR,  CLEAR,  CLEAR,  HIDDEN, HIDDEN, HIDDEN),
        },
        acts={
            "edit":            act(anyone,  anyone,  anyone,  nobody,  nobody,  nobody),
            "move_stage":      act(anyone,  nobody,  anyone,  nobody,  nobody,  nobody),
            "assign_tier":     act(anyone,  nobody,  anyone,  nobody,  nobody,  nobody),
            "transfer":        act(nobody,  nobody,  anyone,  nobody,  nobody,  nobody),
            "log_interaction": act(anyone,  anyone,  anyone,  nobody,  nobody,  nobody),
            "open_ticket":     act(anyone,  anyone,  anyone,  nobody,  nobody,  nobody),
            "reveal":          act(anyone,  anyone,  anyone,  nobody,  nobody,  nobody),
        },
        general={
            "create":          act(anyone,  nobody,  anyone,  nobody,  nobody,  nobody),
            "find_by_contact": act(nobody,  anyone,  anyone,  nobody,  nobody,  nobody),
        },
    ),
    Interaction: TypePage(
        about=About.CUSTOMER,
        rows=rows(Within("customer"), Within("customer"), anyone, nobody, nobody, Granted(Grant.INTERACTIONS, Within("customer"))),
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
    ),
    Ticket: TypePage(
        about=About.CUSTOMER,
        rows=rows(Within("customer"), Within("customer"), anyone, nobody, nobody, Granted(Grant.TICKETS, Within("customer"))),
        fields={
            "id":              cell(CLEAR,  CLEAR,  CLEAR,  CLEAR,  CLEAR,  CLEAR),
            "number":          cell(CLEAR,  CLEAR,  CLEAR,  HIDDEN, HIDDEN, CLEAR),
            "customer":        cell(CLEAR,  CLEAR,  CLEAR,  HIDDEN, HIDDEN, CLEAR),
            "kind":            cell(CLEAR,  CLEAR,  CLEAR,  HIDDEN, HIDDEN, CLEAR),
            "status":          cell(CLEAR,  CLEAR,  CLEAR,  HIDDEN, HIDDEN, CLEAR),
            "priority":        cell(CLEAR,  CLEAR,  CLEAR,  HIDDEN, HIDDEN, CLEAR),
            "subject":         cell(CLEAR,  CLEAR,  CLEAR,  HIDDEN, HIDDEN, CLEAR),
            "description":     cell(scanned("description"), scanned("description"), scanned("description"), HIDDEN, HIDDEN, HIDDEN),
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
            "assign":          act(nobody,  anyone,  anyone,  nobody,  nobody,  nobody),
            "investigate":     act(handled, anyone,  anyone,  nobody,  nobody,  nobody),
            "respond":         act(handled, anyone,  anyone,  nobody,  nobody,  nobody),
            "follow_up":       act(handled, anyone,  anyone,  nobody,  nobody,  nobody),
            "reopen":          act(handled, anyone,  anyone,  nobody,  nobody,  nobody),
            "close":           act(handled, anyone,  anyone,  nobody,  nobody,  nobody),
            "reveal":          act(anyone,  anyone,  anyone,  nobody,  nobody,  nobody),
        },
        ready={
            "assign": unclosed,
            "reveal": hiding("description"),
            **{move.value: ready_for(move) for move in TicketMove},
        },
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
            "reveal":          act(anyone,  anyone,  anyone,  nobody,  nobody,  nobody),
        },
        ready={"reveal": hiding("text")},
    ),
    Event: TypePage(
        about=About.CUSTOMER,
        rows=rows(Within("customer"), Within("customer"), anyone, nobody, nobody, nobody),
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
}
# fmt: on
"""For which purposes of the register each role may ask for clear values (art. 6). One without a line is nobody's."""
