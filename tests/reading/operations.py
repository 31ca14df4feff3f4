"""A small fixed set of operations that between them reach every corner of the reading path."""

# ruff: noqa: E501 - documents stand as they are sent
from typing import Any, NamedTuple

from domain.customer import Customer
from domain.identity import public_id
from domain.staff import Team
from domain.ticket import Ticket
from tests.reading.comparing import Both
from tests.reading.data import World
from tests.reading.lists import Order


class Operation(NamedTuple):
    text: str
    variables: list[dict[str, Any]]
    viewers: tuple[str, ...] = ("rep", "partner_all", "manager", "agent")


def OPERATIONS(world: World, both: Both) -> dict[str, Operation]:  # noqa: N802 - a constant, but for the data
    """By name; each with the sets of variables that it is asked with, one after the other."""
    cursors = both.reader.cursors
    tickets = Order("Ticket", None, cursors)
    listed = tickets.of(world.rows[Ticket])
    customers = Order("Customer", None, cursors)
    ordered = customers.of(world.rows[Customer])
    early, late = tickets.cursor(listed[3]), tickets.cursor(listed[-4])
    moments = sorted({row.created_at for row in world.rows[Customer]})
    ids = [public_id("cus", row.id) for row in world.rows[Customer]]
    return {
        "conditions": Operation(CONDITIONS, [{"yes": True}, {"yes": False}], ("rep", "manager")),
        "counts": Operation(
            COUNTS, [{"role": None}, {"role": ["SUPPORT"]}], ("rep", "partner_all", "manager", "privacy_officer")
        ),
        "registers": Operation(REGISTERS, [{}], ("rep", "partner_none", "admin")),
        "orders": Operation(
            ORDERS,
            [{"o": {"field": f, "direction": d}} for f in ("SCORE", "UPDATED_AT") for d in ("ASC", "DESC")]
            + [{"o": None}, {}],
            ("rep", "agent"),
        ),
        "pages": Operation(
            PAGES,
            [
                {"first": 3, "after": early},
                {"last": 3, "before": late},
                {"first": 2, "after": early, "before": late},
                {"last": 2, "after": early, "before": late},
                {"last": 5},
                {"first": 4},
                {"first": None},
            ],
            ("rep", "manager"),
        ),
        "filters": Operation(
            FILTERS,
            [
                {"w": {"createdFrom": moments[1].isoformat(), "createdTo": moments[4].isoformat()}},
                {"w": {"unassigned": True}},
                {"w": {"unassigned": False, "search": "张"}},
                {"w": {"search": "阳娜"}},
                {"w": {"search": "nana"}},
                {"w": {"search": " "}},
                {"w": {"stage": ["LOYALTY", "CHURN"], "tag": ["vip"], "tier": None}},
                {"w": {"ownerId": [ids[0].replace("cus", "stf"), *(v.public_id for v in world.viewers.values())]}},
                {"w": {"ownerId": [world.viewers["rep"].public_id.replace("stf", "cus")]}},
                {"w": None},
            ],
            ("rep", "partner_all", "manager"),
        ),
        "searches": Operation(
            SEARCHES,
            [
                {"w": {"search": text, "createdFrom": moments[1].isoformat()}, "n": size, "a": cursor}
                for text in ("张", "娜", "阳娜", "an", "ANN", "艾力.买", "司", "")
                for size, cursor in ((2, None), (3, customers.cursor(ordered[9])))
            ],
            ("rep", "partner_all", "manager"),
        ),
        "late": Operation(
            LATE,
            [{"w": {"overdue": True}}, {"w": {"overdue": False}}, {"w": {"unassigned": True}}, {}],
            ("rep", "partner_all", "manager"),
        ),
        "desk": Operation(
            DESK,
            [
                {"w": {"search": "订单"}, "o": {"field": "DUE_AT", "direction": "ASC"}},
                {"w": {"search": "ＩＮ voice_"}, "o": {"field": "PRIORITY", "direction": "DESC"}},
                {"w": {"search": "invoice_"}, "o": {"field": "PRIORITY", "direction": "ASC"}},
                {"w": {"search": "款退款"}, "o": {"field": "CLOSED_AT", "direction": "ASC"}},
                {"w": {"search": "0% 退"}, "o": {"field": "CLOSED_AT", "direction": "DESC"}},
                {"w": {"search": ""}, "o": {"field": "UPDATED_AT", "direction": "ASC"}},
                {"w": {"number": listed[2].number}, "o": None},
                {"w": {"number": " ", "withoutTeam": True}},
                {"w": {"number": listed[2].number.lower(), "withoutTeam": False}},
                {"w": {"customerId": [ids[0], ids[1], "cus_1"], "status": ["CLOSED", "RESPONDED"]}},
                {"w": {"teamId": [public_id("team", row.id) for row in world.rows[Team][:1]], "overdue": True}},
                {"w": {"openedFrom": moments[1].isoformat(), "openedTo": moments[4].isoformat()}},
                {"w": {"dueFrom": moments[0].isoformat(), "closedTo": moments[5].isoformat()}},
                {"w": {"dueTo": moments[5].isoformat(), "closedFrom": moments[0].isoformat()}},
            ],
            ("rep", "agent", "other_agent", "manager"),
        ),
        "desk of partners": Operation(
            DESK.replace("ASSIGNEE", "KIND").replace("TEAM", "PRIORITY"),
            [{"w": {"search": "订单", "status": ["CLOSED"]}, "o": {"field": "DUE_AT", "direction": "ASC"}}, {}],
            ("partner_all", "partner_tickets_alone"),
        ),
        "nodes": Operation(NODES, [{"ids": [*ids[:6], public_id("tkt", listed[0].id), "ptn_" + "0" * 32]}]),
        "people": Operation(
            PEOPLE, [{}], ("rep", "partner_all", "manager", "agent", "privacy_officer", "partner_none")
        ),
        "talks": Operation(TALKS, [{}]),
        "tickets": Operation(TICKETS, [{}]),
    }


TEXT = "{ display sight revealable }"
PEOPLE = f"""query Asked {{ customers(first: 40) {{ totalCount nodes {{
  id kind name {TEXT} mobile {TEXT} email {TEXT} birthDate {TEXT} score stage lastInteractionAt tier {{ id code }} tags {{ name group }}
  owner {{ id name team }} viewerCan {{ edit transfer reveal }}
  history(first: 3) {{ totalCount nodes {{ kind at from to fields actor {{ name }} }} pageInfo {{ hasNextPage }} }}
}} }} }}"""
TICKETS = f"""query Asked {{ tickets(first: 50) {{ totalCount edges {{ cursor node {{
  id number subject description {TEXT} viewerCan {{ assign investigate close reveal }} assignee {{ id name team }}
  customer {{ id name {TEXT} owner {{ id name team }} open: tickets(where: {{ status: [ACCEPTED] }}) {{ totalCount }}
    all: tickets {{ totalCount nodes {{ id }} }} }}
  again: customer {{ id createdAt }}
  steps(last: 2) {{ totalCount nodes {{ at status text {TEXT} }} pageInfo {{ hasPreviousPage startCursor endCursor }} }}
}} }} }} }}"""
TALKS = f"""query Asked {{ customers(first: 30) {{ nodes {{ id interactions(first: 4) {{ totalCount nodes {{
  id occurredAt summary {TEXT} viewerCan {{ reveal }} staff {{ id name team }} customer {{ id region owner {{ id team }} }}
}} }} }} }} }}"""
SEARCHES = """query Asked($w: CustomerFilter, $n: Int, $a: String) { customers(where: $w, first: $n, after: $a) {
  totalCount edges { cursor node { id name { display } tickets(first: 1) { nodes { id } } } }
  pageInfo { hasNextPage hasPreviousPage startCursor endCursor } }
  last: customers(where: $w, last: $n, before: $a) { totalCount nodes { id } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } }
  counted: customers(where: $w) { totalCount } }"""
NODES = """query Asked($ids: [ID!]!) { nodes(ids: $ids) { __typename id
  ... on Customer { stage name { display } createdAt }
  ... on Ticket { ticketStatus: status ... on Node { same: id } customer { id ... on Node { id } ... on Customer { version } } }
} one: node(id: "tier_00000000000070008000000000000003") { id ... on Tier { code } } }"""
PAGES = """query Asked($first: Int, $last: Int, $after: String, $before: String) {
  tickets(first: $first, last: $last, after: $after, before: $before) {
    totalCount nodes { id } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }"""
ORDERS = """query Asked($o: CustomerOrder) { customers(orderBy: $o, first: 30) { nodes { id } edges { cursor } } }"""
FILTERS = """query Asked($w: CustomerFilter) { customers(where: $w, first: 30) { totalCount nodes { id } } }"""
LATE = """query Asked($w: TicketFilter) { tickets(where: $w, first: 60) { totalCount nodes { id } }
  customers(first: 20) { nodes { tickets(where: $w, first: 3) { totalCount nodes { id } } } } }"""
DESK = """query Asked($w: TicketFilter, $o: TicketOrder) {
  tickets(where: $w, orderBy: $o, first: 60) { totalCount nodes { id subject dueAt } edges { cursor } }
  customers(first: 40) { nodes { tickets(where: $w, orderBy: $o, first: 3) { totalCount nodes { id } } } }
  byStatus: ticketCounts(by: STATUS, where: $w) { key label count }
  byAssignee: ticketCounts(by: ASSIGNEE, where: $w) { key label count }
  byTeam: ticketCounts(by: TEAM, where: $w) { key label count } }"""
COUNTS = """query Asked($role: [Role!]) { customerCounts(by: REGION) { key count } owners: customerCounts(by: OWNER) { key count }
  tiers: customerCounts(by: TIER) { key count } staffMembers(role: [REP, SUPPORT]) { totalCount nodes { name } }
  everybody: staffMembers(role: $role) { totalCount }
  accessLog(first: 3) { totalCount nodes { viewerId subjectId field } } }"""
CONDITIONS = """query Asked($yes: Boolean!) { customers(first: 2) { nodes { id region @include(if: $yes) kind @skip(if: $yes)
  ... @include(if: false) { source } ... @skip(if: true) { industry } owner { id } owner { name } } } }"""
REGISTERS = """query Asked { purposes { __typename } tiers { id code name } viewer { id role grants staffMember { id name team active } access { type field sight } } }"""
