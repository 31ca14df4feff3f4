"""The rows that a viewer reaches are the same by every way, and they are those that `town.REACHED` says."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, NamedTuple

import pytest

from auth.access import Condition, anyone, one_of, present
from auth.policy import PAGE, unclosed
from auth.rows import reaches
from domain.access_log import AccessLogEntry
from domain.base import Base
from domain.business_setting import BusinessSetting
from domain.customer import Customer
from domain.duplicate_contact import DuplicateContact
from domain.event import CUSTOMER_CHANGES, Event
from domain.identity import new_id, public_id
from domain.interaction import Interaction
from domain.purpose import Purpose
from domain.staff import Role, StaffMember, Team
from domain.tag import Tag
from domain.ticket import Ticket, TicketStep
from domain.ticket_route import TicketRoute
from domain.tier import Tier, TierCode
from tests.access.paths.conftest import Asking
from tests.access.paths.town import VIEWERS, Town


def moment(row: Any) -> str:
    return row.at.strftime("%Y-%m-%dT%H:%M:%SZ")


def own_id(row: Any) -> str:
    return public_id(row.PREFIX, row.id)


KEY: dict[type[Base], Callable[[Any], str]] = {
    Customer: own_id,
    Interaction: own_id,
    Ticket: own_id,
    StaffMember: own_id,
    Tier: own_id,
    TicketStep: own_id,
    Event: moment,
    AccessLogEntry: moment,
    Team: own_id,
    TicketRoute: lambda row: row.kind,
    BusinessSetting: lambda row: row.name,
    DuplicateContact: lambda row: row.found_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
    Tag: lambda row: row.name,
    Purpose: lambda row: row.code,
}
"""By what an answer tells one row of a type from another."""


class Way(NamedTuple):
    """A query that gives rows of a type, and where they stand in its answer.

    `some` says which of them hang there at all; `via` is a type that a partner must reach to come by.
    """

    model: type[Base]
    query: str
    path: str
    some: Callable[[Any], Condition] = lambda row: True
    via: type[Base] | None = None


IDS = "($c: [ID!]!, $i: [ID!]!, $t: [ID!]!, $p: [ID!]!, $s: [ID!]!)"
UNUSED = "x1: nodes(ids: $c) { __typename } x2: nodes(ids: $i) { __typename } "
UNUSED += "x3: nodes(ids: $t) { __typename } x4: nodes(ids: $p) { __typename } x5: nodes(ids: $s) { __typename }"


def by_id(fields: str) -> str:
    return f"query {IDS} {{ {fields} {UNUSED} }}"


WAYS = {
    "customers: nodes": Way(Customer, "{ customers { nodes { id } } }", "customers.nodes.id"),
    "customers: edges": Way(Customer, "{ customers(last: 50) { edges { node { id } } } }", "customers.edges.node.id"),
    "customers: alias": Way(Customer, "{ a: customers { b: nodes { c: id } } }", "a.b.c"),
    "customers: fragment": Way(
        Customer,
        "{ customers { nodes { ...F } } } fragment F on Customer { ... on Node { id } }",
        "customers.nodes.id",
    ),
    "customers: nodes by id": Way(Customer, by_id("r: nodes(ids: $c) { id }"), "r.id"),
    "customers: fragment on the interface": Way(
        Customer, by_id("r: nodes(ids: $c) { ... on Node { ... on Customer { id } } }"), "r.id"
    ),
    "customers: of tickets": Way(
        Customer,
        "{ tickets { nodes { customer { id } } } }",
        "tickets.nodes.customer.id",
        lambda row: bool(row.tickets),
        via=Ticket,
    ),
    "customers: of tickets by id": Way(
        Customer,
        by_id("r: nodes(ids: $t) { ... on Ticket { customer { id } } }"),
        "r.customer.id",
        lambda row: bool(row.tickets),
        via=Ticket,
    ),
    "customers: of interactions by id": Way(
        Customer,
        by_id("r: nodes(ids: $i) { ... on Interaction { customer { id } } }"),
        "r.customer.id",
        via=Interaction,
    ),
    "customers: of their own tickets": Way(
        Customer,
        "{ customers(first: 20) { nodes { tickets(first: 9) { edges { node { customer { id } } } } } } }",
        "customers.nodes.tickets.edges.node.customer.id",
        lambda row: bool(row.tickets),
        via=Ticket,
    ),
    "customers: stage": Way(
        Customer,
        "{ customers(where: {stage: [POTENTIAL, AWARENESS, PURCHASE, LOYALTY, CHURN]}) { nodes { id } } }",
        "customers.nodes.id",
    ),
    "customers: tier": Way(Customer, "{ customers(where: {tier: [A, B, C]}) { nodes { id } } }", "customers.nodes.id"),
    "customers: region": Way(
        Customer, '{ customers(where: {region: ["华东", "华北", "华南"]}) { nodes { id } } }', "customers.nodes.id"
    ),
    "customers: industry": Way(
        Customer,
        '{ customers(where: {industry: ["零售"]}) { nodes { id } } }',
        "customers.nodes.id",
        lambda row: row.industry is not None,
    ),
    "customers: tag": Way(
        Customer,
        '{ customers(where: {tag: ["tag 0", "tag 1", "tag 2", "tag 3"]}) { nodes { id } } }',
        "customers.nodes.id",
    ),
    "customers: owner": Way(
        Customer,
        by_id("customers(where: {ownerId: $s}) { nodes { id } }"),
        "customers.nodes.id",
        lambda row: row.owner_id is not None,
    ),
    "customers: unassigned": Way(
        Customer,
        "{ customers(where: {unassigned: true}) { nodes { id } } }",
        "customers.nodes.id",
        lambda row: row.owner_id is None,
    ),
    "customers: assigned": Way(
        Customer,
        "{ customers(where: {unassigned: false}) { nodes { id } } }",
        "customers.nodes.id",
        lambda row: row.owner_id is not None,
    ),
    "customers: search": Way(Customer, '{ customers(where: {search: "试"}) { nodes { id } } }', "customers.nodes.id"),
    "customers: created": Way(
        Customer,
        '{ customers(where: {createdFrom: "2000-01-01T00:00:00Z", createdTo: "2100-01-01T00:00:00Z"})'
        " { nodes { id } } }",
        "customers.nodes.id",
    ),
    **{
        f"customers: by {order} {direction}": Way(
            Customer,
            f"{{ customers(orderBy: {{field: {order}, direction: {direction}}}) {{ nodes {{ id }} }} }}",
            "customers.nodes.id",
        )
        for order in ("CREATED_AT", "UPDATED_AT", "SCORE", "LAST_INTERACTION_AT")
        for direction in ("ASC", "DESC")
    },
    "interactions: of customers": Way(
        Interaction,
        "{ customers { nodes { interactions { nodes { id } } } } }",
        "customers.nodes.interactions.nodes.id",
    ),
    "interactions: of customers by id": Way(
        Interaction,
        by_id("r: nodes(ids: $c) { ... on Customer { interactions(last: 9) { edges { node { id } } } } }"),
        "r.interactions.edges.node.id",
    ),
    "interactions: by id": Way(Interaction, by_id("r: nodes(ids: $i) { id }"), "r.id"),
    "interactions: of interactions' customers": Way(
        Interaction,
        by_id("r: nodes(ids: $i) { ... on Interaction { customer { interactions { nodes { id } } } } }"),
        "r.customer.interactions.nodes.id",
        via=Interaction,
    ),
    "interactions: of tickets' customers": Way(
        Interaction,
        "{ tickets { nodes { customer { interactions { nodes { id } } } } } }",
        "tickets.nodes.customer.interactions.nodes.id",
        lambda row: bool(row.customer.tickets),
        via=Ticket,
    ),
    "tickets: nodes": Way(Ticket, "{ tickets { nodes { id } } }", "tickets.nodes.id"),
    "tickets: edges": Way(Ticket, "{ tickets(last: 50) { edges { node { id } } } }", "tickets.edges.node.id"),
    "tickets: by id": Way(Ticket, by_id("r: nodes(ids: $t) { id }"), "r.id"),
    "tickets: of customers": Way(
        Ticket, "{ customers { nodes { tickets { nodes { id } } } } }", "customers.nodes.tickets.nodes.id"
    ),
    "tickets: of customers by id": Way(
        Ticket, by_id("r: nodes(ids: $c) { ... on Customer { tickets { nodes { id } } } }"), "r.tickets.nodes.id"
    ),
    "tickets: of interactions' customers": Way(
        Ticket,
        by_id("r: nodes(ids: $i) { ... on Interaction { customer { tickets { nodes { id } } } } }"),
        "r.customer.tickets.nodes.id",
        via=Interaction,
    ),
    "tickets: status": Way(
        Ticket,
        "{ tickets(where: {status: [ACCEPTED, INVESTIGATING, RESPONDED, FOLLOWING_UP, CLOSED]}) { nodes { id } } }",
        "tickets.nodes.id",
    ),
    "tickets: kind and priority": Way(
        Ticket, "{ tickets(where: {kind: [COMPLAINT], priority: [HIGH]}) { nodes { id } } }", "tickets.nodes.id"
    ),
    "tickets: assignee": Way(
        Ticket,
        by_id("tickets(where: {assigneeId: $s}) { nodes { id } }"),
        "tickets.nodes.id",
        lambda row: row.assignee_id is not None,
    ),
    **{
        f"tickets: by {order} {direction}": Way(
            Ticket,
            f"{{ tickets(orderBy: {{field: {order}, direction: {direction}}}) {{ nodes {{ id }} }} }}",
            "tickets.nodes.id",
        )
        for order in ("OPENED_AT", "DUE_AT", "PRIORITY", "UPDATED_AT", "CLOSED_AT")
        for direction in ("ASC", "DESC")
    },
    "tickets: search": Way(Ticket, '{ tickets(where: {search: "货破"}) { nodes { id } } }', "tickets.nodes.id"),
    "tickets: customer": Way(Ticket, by_id("tickets(where: {customerId: $c}) { nodes { id } }"), "tickets.nodes.id"),
    "tickets: opened and due": Way(
        Ticket,
        '{ tickets(where: {openedFrom: "2000-01-01T00:00:00Z", openedTo: "2100-01-01T00:00:00Z",'
        ' dueFrom: "2000-01-01T00:00:00Z", dueTo: "2100-01-01T00:00:00Z"}) { nodes { id } } }',
        "tickets.nodes.id",
    ),
    "tickets: closed": Way(
        Ticket,
        '{ tickets(where: {closedFrom: "2000-01-01T00:00:00Z", closedTo: "2100-01-01T00:00:00Z"}) { nodes { id } } }',
        "tickets.nodes.id",
        lambda row: row.closed_at is not None,
    ),
    "tickets: unassigned": Way(
        Ticket,
        "{ tickets(where: {unassigned: true}) { nodes { id } } }",
        "tickets.nodes.id",
        lambda row: row.assignee_id is None,
    ),
    "tickets: in no queue": Way(
        Ticket,
        "{ tickets(where: {withoutTeam: true}) { nodes { id } } }",
        "tickets.nodes.id",
        lambda row: row.team_id is None,
    ),
    "tickets: overdue": Way(
        Ticket,
        "{ tickets(where: {overdue: true}) { nodes { id } } }",  # all of them were answered
        "tickets.nodes.id",
        lambda row: False,
    ),
    "tickets: not overdue": Way(
        Ticket,
        "{ customers { nodes { tickets(where: {overdue: false}) { nodes { id } } } } }",
        "customers.nodes.tickets.nodes.id",
    ),
    "steps: of tickets": Way(
        TicketStep, "{ tickets { nodes { steps { nodes { id } } } } }", "tickets.nodes.steps.nodes.id"
    ),
    "steps: of tickets by id": Way(
        TicketStep,
        by_id("r: nodes(ids: $t) { ... on Ticket { steps { edges { node { id } } } } }"),
        "r.steps.edges.node.id",
    ),
    "steps: by id": Way(TicketStep, by_id("r: nodes(ids: $p) { id }"), "r.id"),
    "steps: of customers' tickets": Way(
        TicketStep,
        "{ customers(first: 20) { nodes { tickets(first: 9) { nodes { steps(last: 20) { nodes { id } } } } } } }",
        "customers.nodes.tickets.nodes.steps.nodes.id",
    ),
    "history: of customers": Way(
        Event, "{ customers { nodes { history { nodes { at } } } } }", "customers.nodes.history.nodes.at"
    ),
    "history: of customers by id": Way(
        Event,
        by_id("r: nodes(ids: $c) { ... on Customer { history { edges { node { at } } } } }"),
        "r.history.edges.node.at",
    ),
    "history: of tickets' customers": Way(
        Event,
        "{ tickets { nodes { customer { history { nodes { at } } } } } }",
        "tickets.nodes.customer.history.nodes.at",
        lambda row: bool(row.customer.tickets),
        via=Ticket,
    ),
    "staff: nodes": Way(StaffMember, "{ staffMembers { nodes { id } } }", "staffMembers.nodes.id"),
    "staff: by role": Way(
        StaffMember,
        "{ staffMembers(role: [REP, SUPPORT, MANAGER, PRIVACY_OFFICER, ADMIN]) { edges { node { id } } } }",
        "staffMembers.edges.node.id",
    ),
    "staff: by id": Way(StaffMember, by_id("r: nodes(ids: $s) { id }"), "r.id"),
    "teams": Way(Team, "{ teams { nodes { id } } }", "teams.nodes.id"),
    "routes": Way(TicketRoute, "{ ticketRoutes { kind } }", "ticketRoutes.kind", lambda row: row.kind is not None),
    "settings": Way(BusinessSetting, "{ settings { name } }", "settings.name"),
    "tiers": Way(Tier, "{ tiers { id } }", "tiers.id"),
    "purposes": Way(Purpose, "{ purposes { code } }", "purposes.code"),
    "pairs": Way(DuplicateContact, "{ duplicateContacts { nodes { foundAt } } }", "duplicateContacts.nodes.foundAt"),
    "pairs: edges": Way(
        DuplicateContact,
        "{ duplicateContacts(last: 50) { edges { node { foundAt } } } }",
        "duplicateContacts.edges.node.foundAt",
    ),
    "access log": Way(AccessLogEntry, "{ accessLog { nodes { at } } }", "accessLog.nodes.at"),
    "access log: by viewer": Way(
        AccessLogEntry,
        "query ($v: ID) { accessLog(viewerId: $v) { edges { node { at } } } }",
        "accessLog.edges.node.at",
    ),
}


RELATED = {
    "owner": Way(StaffMember, "{ customers { nodes { owner { id } } } }", "customers.nodes.owner.id"),
    "assignee": Way(StaffMember, "{ tickets { nodes { assignee { id } } } }", "tickets.nodes.assignee.id"),
    "actor": Way(
        StaffMember,
        "{ customers { nodes { history { nodes { actor { id } } } } } }",
        "customers.nodes.history.nodes.actor.id",
    ),
    "team": Way(Team, "{ tickets { nodes { team { id } } } }", "tickets.nodes.team.id"),
    "staff": Way(StaffMember, by_id("r: nodes(ids: $i) { ... on Interaction { staff { id } } }"), "r.staff.id"),
    "tier": Way(Tier, "{ customers { nodes { tier { id } } } }", "customers.nodes.tier.id"),
    "tag": Way(Tag, "{ customers { nodes { tags { name } } } }", "customers.nodes.tags.name"),
    "ticket's customer's tag": Way(
        Tag, "{ tickets { nodes { customer { tags { name } } } } }", "tickets.nodes.customer.tags.name"
    ),
}
"""Ways on which only some rows of a type lie."""


@pytest.mark.parametrize("way", RELATED)
@pytest.mark.parametrize("viewer", VIEWERS)
async def test_what_others_refer_to_is_in_reach(ask: Asking, town: Town, viewer: str, way: str):
    model, query, path, _, _ = RELATED[way]
    found = rows_at((await ask(viewer, query, **fits(query, ids_of(town))))["data"], path)
    assert set(found) <= {KEY[model](row) for row in reached(town, viewer, model)}
    if viewer == "manager":
        assert found


def rows_at(answer: Any, path: str) -> list[str]:
    """All values at a path, through lists; what is null is not there."""
    found = [answer]
    for step in path.split("."):
        below = [one[step] for one in found if step in one]
        found = [one for value in below for one in (value if isinstance(value, list) else [value]) if one is not None]
    return found


def reached(town: Town, viewer: str, model: type[Base]) -> list[Any]:
    """The predicate's own answer on instances, of rows that the SDL shows at all."""
    rows = [row for row in town.rows[model] if reaches(row, town.viewers[viewer])]
    return [row for row in rows if model is not Event or row.kind in CUSTOMER_CHANGES]


def ids_of(town: Town) -> dict[str, Any]:
    named = {"c": Customer, "i": Interaction, "t": Ticket, "p": TicketStep, "s": StaffMember}
    found: dict[str, Any] = {name: [own_id(row) for row in town.rows[model]] for name, model in named.items()}
    found["v"] = public_id(StaffMember.PREFIX, town.viewers["rep"].id)
    return found


def fits(query: str, variables: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in variables.items() if f"${name}:" in query}


def refusals(answer: dict[str, Any]) -> set[str]:
    return {error["extensions"]["code"] for error in answer.get("errors", ())}


@pytest.mark.parametrize("viewer", VIEWERS)
def test_the_page_gives_each_viewer_the_customers_written_by_hand(town: Town, viewer: str):
    assert {town.called[row.id] for row in reached(town, viewer, Customer)} == {
        town.called[row.id] for row in town.customers(viewer)
    }


BELOW = {
    Interaction: ("talks", "all"),
    Ticket: ("tickets", "all"),
    TicketStep: (),
    Event: (),
}


@pytest.mark.parametrize("model", BELOW)
@pytest.mark.parametrize("viewer", VIEWERS)
def test_what_hangs_below_a_customer_is_reached_with_it(town: Town, viewer: str, model: type[Base]):
    """A partner needs the type's own grant besides; steps and history are for staff alone."""
    customers, tickets = {row.id for row in town.customers(viewer)}, {row.id for row in town.tickets(viewer)}
    served = {row.customer_id for row in town.tickets(viewer)}
    if town.viewers[viewer].role is Role.SUPPORT:
        customers &= served  # of a caller who was found by contact nothing but the record itself is seen
    if town.viewers[viewer].role is Role.PARTNER and not viewer.endswith(
        tuple(f"_{g}" for g in BELOW[model] or ("?",))
    ):
        customers = set()
    expected = [
        row
        for row in town.rows[model]
        if (row.ticket.customer_id if model is TicketStep else row.customer_id) in customers
        and {Ticket: row.id, TicketStep: getattr(row, "ticket_id", None)}.get(model) in {None, *tickets}
    ]
    assert {row.id for row in town.rows[model] if reaches(row, town.viewers[viewer])} == {row.id for row in expected}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("viewer", VIEWERS)
async def test_every_way_gives_the_rows_that_the_predicate_gives(ask: Asking, town: Town, viewer: str, way: str):
    model, query, path, some, via = WAYS[way]
    open_ = via is None or reached(town, viewer, via)
    expected = {KEY[model](row) for row in reached(town, viewer, model) if open_ and some(row)}
    answer = await ask(viewer, query, **fits(query, ids_of(town)))
    found = rows_at(answer["data"], path)
    if refusals(answer) == {"FORBIDDEN"}:
        assert found == []  # a filter or order by what is not CLEAR; which those are is asked in test_oracles
        return
    assert "errors" not in answer
    assert set(found) <= expected
    hidden = {name.split(".")[1] for name in answer.get("extensions", {}).get("access", {}).get("hidden", ())}
    if not hidden & set(path.split(".")):
        assert set(found) == expected


ANOTHER_PAGE: dict[str, tuple[type[Base], Any]] = {
    "interactions with something masked": (Interaction, lambda row, viewer: present(row.summary_sealed)),
    "every interaction": (Interaction, anyone),
    "tickets still open": (Ticket, unclosed),
    "every ticket": (Ticket, anyone),
    "steps with something masked": (TicketStep, lambda row, viewer: present(row.text_sealed)),
    "changes made by somebody": (Event, lambda row, viewer: present(row.actor_id)),
    "reps among staff": (StaffMember, lambda row, viewer: one_of(row.role, frozenset({Role.REP}))),
    "two tags": (Tag, lambda row, viewer: one_of(row.name, frozenset({"tag 1", "tag 2"}))),
    "customers that somebody owns": (Customer, lambda row, viewer: present(row.owner_id)),
    "tiers": (Tier, lambda row, viewer: one_of(row.code, frozenset({TierCode.A}))),
}
"""Row rules that the page does not have today: the ways must follow whatever it says."""

DIRECT = {
    Customer: ("customers: nodes", "customers: edges", "customers: nodes by id"),
    Interaction: ("interactions: by id",),
    Ticket: ("tickets: nodes", "tickets: by id"),
    TicketStep: ("steps: by id",),
    StaffMember: ("staff: nodes", "staff: by id", "staff: by role"),
    Tier: ("tiers",),
}
"""Ways that lead through no other type."""


@pytest.mark.parametrize("viewer", ["rep", "manager"])
@pytest.mark.parametrize("page", ANOTHER_PAGE)
async def test_every_way_follows_another_page(
    fresh: Asking, town: Town, monkeypatch: pytest.MonkeyPatch, viewer: str, page: str
):
    model, rule = ANOTHER_PAGE[page]
    rows = {**PAGE[model].rows, town.viewers[viewer].role: rule}
    monkeypatch.setitem(PAGE, model, replace(PAGE[model], rows=rows))
    for name, way in {**WAYS, **RELATED}.items():
        answer = await fresh(viewer, way.query, **fits(way.query, ids_of(town)))
        found = rows_at(answer["data"], way.path)
        expected = {KEY[way.model](row) for row in reached(town, viewer, way.model) if way.some(row)}
        assert set(found) <= expected, name
        if name in DIRECT.get(way.model, ()) and not refusals(answer):
            assert set(found) == expected, name


LISTS = {
    "customers.nodes.interactions": Interaction,
    "customers.nodes.tickets": Ticket,
    "customers.nodes.history": Event,
    "tickets.nodes.steps": TicketStep,
    "customers": Customer,
    "tickets": Ticket,
    "staffMembers": StaffMember,
}


@pytest.mark.parametrize("viewer", ["rep", "manager"])
@pytest.mark.parametrize("page", ANOTHER_PAGE)
async def test_counts_follow_another_page(
    fresh: Asking, town: Town, monkeypatch: pytest.MonkeyPatch, viewer: str, page: str
):
    model, rule = ANOTHER_PAGE[page]
    rows = {**PAGE[model].rows, town.viewers[viewer].role: rule}
    monkeypatch.setitem(PAGE, model, replace(PAGE[model], rows=rows))
    for path, listed in LISTS.items():
        row = "at" if listed is Event else "id"
        query = f"totalCount nodes {{ {row} }}"
        for step in reversed(path.split(".")):
            query = f"{step} {{ {query} }}"
        data = (await fresh(viewer, f"{{ {query} }}"))["data"]
        told = rows_at(data, f"{path}.nodes.{row}")
        assert sum(rows_at(data, f"{path}.totalCount")) == len(told), path
        assert set(told) <= {KEY[listed](one) for one in reached(town, viewer, listed)}, path


def refused_to(viewer: str, model: type[Base]) -> bool:
    """Lists that are FORBIDDEN to roles which reach no row of them: their order stands on what these do not see."""
    return model in {Customer, Ticket} and viewer in {"privacy_officer", "admin"}


@pytest.mark.parametrize("viewer", VIEWERS)
async def test_counts_are_of_the_rows_in_reach(ask: Asking, town: Town, viewer: str):
    answer = await ask(
        viewer,
        "{ customers { totalCount nodes { interactions { totalCount } tickets { totalCount } history { totalCount } } }"
        " tickets { totalCount nodes { steps { totalCount } } }"
        " staffMembers { totalCount } accessLog { totalCount } duplicateContacts { totalCount } }",
    )
    data = answer["data"]
    for model, path in (
        (Customer, "customers.totalCount"),
        (Ticket, "tickets.totalCount"),
        (StaffMember, "staffMembers.totalCount"),
        (AccessLogEntry, "accessLog.totalCount"),
        (DuplicateContact, "duplicateContacts.totalCount"),
    ):
        told = rows_at(data, path)
        assert told == [len(reached(town, viewer, model))] or (told == [] and refused_to(viewer, model))
    for model, path in (
        (Interaction, "customers.nodes.interactions.totalCount"),
        (Ticket, "customers.nodes.tickets.totalCount"),
        (Event, "customers.nodes.history.totalCount"),
        (TicketStep, "tickets.nodes.steps.totalCount"),
    ):
        assert sum(rows_at(data, path)) == len(reached(town, viewer, model))


@pytest.mark.parametrize("dimension", ["STAGE", "TIER", "OWNER", "REGION"])
@pytest.mark.parametrize("viewer", VIEWERS)
async def test_groups_add_up_to_the_rows_in_reach(ask: Asking, town: Town, viewer: str, dimension: str):
    answer = await ask(
        viewer, "query ($by: CustomerDimension!) { customerCounts(by: $by) { key count } }", by=dimension
    )
    if refusals(answer):
        assert refusals(answer) == {"FORBIDDEN"}
        assert answer["data"] == {"customerCounts": None}
        return
    counts = [group["count"] for group in answer["data"]["customerCounts"]]
    assert sum(counts) == len(town.customers(viewer))


@pytest.mark.parametrize("viewer", VIEWERS)
async def test_pages_walked_either_way_meet_the_rows_in_reach_once_each(ask: Asking, town: Town, viewer: str):
    for root, model in (("customers", Customer), ("tickets", Ticket), ("staffMembers", StaffMember)):
        expected = sorted(own_id(row) for row in reached(town, viewer, model))
        if refused_to(viewer, model):
            assert expected == []
            continue
        for size, end, more in (("first", "after", "hasNextPage"), ("last", "before", "hasPreviousPage")):
            met: list[str] = []
            cursor = None
            while True:
                query = (
                    f"query ($c: String) {{ {root}({size}: 2, {end}: $c) "
                    f"{{ edges {{ cursor node {{ id }} }} pageInfo {{ {more} }} }} }}"
                )
                page = (await ask(viewer, query, c=cursor))["data"][root]
                met += [edge["node"]["id"] for edge in page["edges"]]
                if not page["pageInfo"][more]:
                    break
                cursor = page["edges"][-1 if size == "first" else 0]["cursor"]
            assert sorted(met) == expected


@pytest.mark.parametrize("viewer", VIEWERS)
async def test_a_strangers_cursor_gives_no_row_out_of_reach(ask: Asking, town: Town, viewer: str):
    """Cursors that the manager was given, put into the viewer's own lists."""
    edges = "(first: 100) { edges { cursor node { id } } }"
    stolen = (await ask("manager", f"{{ customers{edges} tickets{edges} }}"))["data"]
    for root, model in (("customers", Customer), ("tickets", Ticket)):
        expected = {own_id(row) for row in reached(town, viewer, model)}
        for edge in stolen[root]["edges"]:
            after = f"a: {root}(after: $c) {{ nodes {{ id }} }}"
            before = f"b: {root}(before: $c, last: 100) {{ nodes {{ id }} }}"
            query = f"query ($c: String) {{ {after} {before} }}"
            data = (await ask(viewer, query, c=edge["cursor"]))["data"]
            assert set(rows_at(data, "a.nodes.id")) | set(rows_at(data, "b.nodes.id")) == expected - {
                edge["node"]["id"]
            }


async def test_a_strangers_cursor_inside_a_customer_gives_that_customers_rows(ask: Asking, town: Town):
    query = "{ customers { nodes { id interactions { edges { cursor } } } } }"
    for stranger in rows_at((await ask("other_rep", query))["data"], "customers.nodes.interactions.edges.cursor"):
        mine = "query ($c: String) { customers { nodes { interactions(before: $c) { nodes { id } } } } }"
        found = set(rows_at((await ask("rep", mine, c=stranger))["data"], "customers.nodes.interactions.nodes.id"))
        assert found <= {own_id(row) for row in reached(town, "rep", Interaction)}


WHOLE = {
    "customer": "id name { display sight revealable } owner { id name } viewerCan { edit transfer } "
    "interactions { totalCount nodes { id } } tickets { totalCount } history { totalCount nodes { reason } } "
    "tags { name }",
    "interaction": "id summary { display sight revealable } customer { id name { display } } viewerCan { reveal }",
    "ticket": "id number subject description { display sight } steps { totalCount } viewerCan { close } "
    "customer { id }",
}
NODE = (
    "__typename id "
    + " ".join(f"... on {name.title()} {{ {fields} }}" for name, fields in WHOLE.items())
    + " ... on TicketStep { said: text { display sight revealable } viewerCan { reveal } }"
    + " ... on StaffMember { called: name active } ... on Tier { code }"
)


@pytest.mark.parametrize("root", [*WHOLE, "node", "nodes"])
@pytest.mark.parametrize("viewer", VIEWERS)
async def test_a_strangers_id_is_answered_as_an_id_that_never_was(ask: Asking, town: Town, viewer: str, root: str):
    """Byte by byte, as a variable and as a literal, and beside a row that is there."""
    models = {"customer": [Customer], "interaction": [Interaction], "ticket": [Ticket]}
    for model in models.get(root, [Customer, Interaction, Ticket, TicketStep, StaffMember]):
        within = {own_id(row) for row in reached(town, viewer, model)}
        never = public_id(model.PREFIX, new_id())
        for row in town.rows[model]:
            if own_id(row) in within:
                continue
            for query, variables in asked_by(root, own_id(row)):
                theirs = await ask.bytes(viewer, query, **variables)
                unknown = (query.replace(own_id(row), never), swapped(variables, never))
                nobodys = await ask.bytes(viewer, unknown[0], **unknown[1])
                assert theirs.replace(own_id(row).encode(), never.encode()) == nobodys
                assert own_id(row).encode() not in theirs
                assert b'"errors"' not in theirs


def asked_by(root: str, id_: str) -> list[tuple[str, dict[str, Any]]]:
    fields = WHOLE.get(root, NODE)
    if root == "nodes":
        return [
            (f"query ($id: ID!) {{ nodes(ids: [$id]) {{ {fields} }} tiers {{ code }} }}", {"id": id_}),
            (f'{{ nodes(ids: ["{id_}"]) {{ {fields} }} }}', {}),
        ]
    return [
        (f"query ($id: ID!) {{ {root}(id: $id) {{ {fields} }} tiers {{ code }} }}", {"id": id_}),
        (f'{{ {root}(id: "{id_}") {{ {fields} }} }}', {}),
    ]


def swapped(variables: dict[str, Any], id_: str) -> dict[str, Any]:
    return dict.fromkeys(variables, id_)


@pytest.mark.parametrize("viewer", VIEWERS)
async def test_the_id_of_one_type_opens_no_other(ask: Asking, town: Town, viewer: str):
    """Inner ids under a foreign prefix, and ids of things that have no node."""
    row = town.customers(viewer)[0] if town.customers(viewer) else town.rows[Customer][0]
    others = (Interaction, Ticket, TicketStep, StaffMember, Tier)
    for prefix in (*(model.PREFIX for model in others), "ptn", "evt", "key", "CUS"):
        answer = await ask(viewer, "query ($id: ID!) { node(id: $id) { id } }", id=f"{prefix}_{row.id.hex}")
        assert answer["data"] == {"node": None}


async def test_an_answer_tells_nothing_of_what_others_asked(fresh: Asking, town: Town):
    """Plans are shared by viewers of a kind; what one made them learn must not show in another's answer."""
    query = "query ($id: ID!) { node(id: $id) { ... on Ticket { steps { totalCount } } ... on Customer { id } } }"
    customer = own_id(town.customers("other_partner_all")[0])
    ticket = own_id(town.rows[Ticket][0])
    before = await fresh.bytes("other_partner_all", query, id=customer)
    await fresh.bytes("partner_all", query, id=ticket)
    assert await fresh.bytes("other_partner_all", query, id=customer) == before
