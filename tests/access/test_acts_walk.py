"""`viewerCan` and `revealable` tell before what the acts say afterwards: walked over role, act and state.

Each act is really tried, with an input in which nothing is wrong, on a row that was asked a moment before.
"""

from collections.abc import AsyncIterator, Callable
from itertools import product
from typing import Any

import pytest

from auth.allowance import Allowance
from domain.customer import Customer, CustomerKind
from domain.partner import PartnerListing
from domain.ticket import Ticket
from domain.ticket_state import TicketStatus
from server.postgres.database import Database
from tests.api.house import KNOWN, REACHED, TOLD, Answer, Api, House, a_customer, a_step, a_talk, a_ticket, build_house

CALLERS = ("rep", "other_rep", "agent", "other_agent", "manager", "privacy_officer", "admin", "partner")

CUSTOMER_ACTS: dict[str, tuple[str, dict[str, Any]]] = {
    "edit": ("editCustomer", {"expectedVersion": 1, "region": "华东"}),
    "moveStage": ("moveCustomerStage", {"stage": "PURCHASE"}),
    "assignTier": ("assignCustomerTier", {"tier": "A", "reason": "评定"}),
    "transfer": ("transferCustomer", {"reason": "调整"}),
    "logInteraction": (
        "logInteraction",
        {"channel": "PHONE", "direction": "INBOUND", "occurredAt": "2026-01-01T00:00:00Z", "summary": "来电"},
    ),
    "openTicket": ("openTicket", {"kind": "QUESTION", "priority": "LOW", "subject": "咨询", "description": "咨询"}),
    "reveal": ("revealPersonalData", {"fields": ["MOBILE"], "purpose": "SERVICE", "reason": "回电"}),
}
TICKET_ACTS: dict[str, tuple[str, dict[str, Any]]] = {
    "assign": ("assignTicket", {}),
    "investigate": ("investigateTicket", {}),
    "respond": ("respondToTicket", {"response": "已答复"}),
    "followUp": ("followUpTicket", {"note": "已回访"}),
    "reopen": ("reopenTicket", {"reason": "又坏了"}),
    "close": ("closeTicket", {"resolution": "已换货"}),
    "reveal": ("revealPersonalData", {"fields": ["DESCRIPTION"], "purpose": "SERVICE", "reason": "核对"}),
}
FIELDS = ("NAME", "MOBILE", "OTHER_MOBILE", "EMAIL", "WECHAT_ID", "ID_NUMBER", "ID_DOCUMENT", "ADDRESS", "BIRTH_DATE")
TEXT = "display sight revealable"
PERSONAL_TEXT = {"ID_DOCUMENT": f"number {{ {TEXT} }}"}
"""Where the text stands that a field of the enum names, if it is not the field itself."""
REFUSED = {"FORBIDDEN", "WRONG_STATE", "APPROVAL_REQUIRED"}


@pytest.fixture
async def api(database_url: str, ring) -> AsyncIterator[Api]:
    database = Database(database_url)
    house = await build_house(database.desks, ring)
    yield Api(database, ring, house, database_url, Allowance(values=10_000))
    await database.close()


async def told(api: Api, caller: str, type_: str, ids: list[str], read: str) -> dict[str, Any]:
    """What the caller reads of these rows, by id; None of those out of reach."""
    found: list[Any] = []
    for at in range(0, len(ids), 100):
        query = f"query($ids: [ID!]!) {{ nodes(ids: $ids) {{ ... on {type_} {{ id {read} }} }} }}"
        found += (await api.ask(caller, query, ids=ids[at : at + 100]))["data"]["nodes"]
    return dict(zip(ids, found, strict=True))


def agrees(answer: Answer, before: bool | None) -> bool:
    """None: out of reach. Whoever may is not refused by role or state; whoever may not is refused by nothing else."""
    if before is None:
        return answer.codes == ["NOT_FOUND"]
    return answer.codes == [] if before else len(answer.codes) == 1 and answer.codes[0] in REFUSED


@pytest.mark.parametrize("caller", CALLERS)
async def test_acts_on_customers_are_told_before(api: Api, caller: str):
    house = api.house
    customers = {
        (act, name): a_customer(house.staff[owner], {"name": "李四", "mobile": f"1391000{i:04}"})
        for i, (act, (name, owner)) in enumerate(
            product(CUSTOMER_ACTS, {"own": "rep", "served": "other_rep", "strange": "other_rep"}.items())
        )
    }
    queued = [a_ticket(row, house.teams["one"]) for (_, name), row in customers.items() if name == "served"]
    listed = [
        PartnerListing(partner_id=house.viewers["partner"].id, customer_id=row.id, consented_at=row.created_at)
        for (_, name), row in customers.items()
        if "partner" in REACHED[name]
    ]
    await api.write(*customers.values(), *queued, *listed)
    ids = {place: house.id_of(row) for place, row in customers.items()}
    can = await told(api, caller, "Customer", list(ids.values()), f"viewerCan {{ {' '.join(CUSTOMER_ACTS)} }}")
    seen = set()
    for (act, name), id_ in ids.items():
        mutation, given = CUSTOMER_ACTS[act]
        more = {"toStaffId": house.member("manager")} if act == "transfer" else {}
        answer = await api(caller, mutation, **{"id" if act == "reveal" else "customerId": id_}, **given, **more)
        before = can[id_] and can[id_]["viewerCan"][act]
        assert agrees(answer, before), (act, name, before, answer.refusals)
        assert (can[id_] is not None) == (caller in REACHED[name]), name
        seen.add(before)
    assert seen == {
        "rep": {True, False, None},
        "other_rep": {True, False, None},
        "agent": {True, False, None},
        "manager": {True},
        "partner": {False, None},
    }.get(caller, {None})


def tickets_for(house: House, caller: str) -> dict[tuple[str, TicketStatus, str], Ticket]:
    """One ticket for each act, state and assignee, all of a customer that the rep owns and team one serves."""
    assignees = {"nobody": None, "other": house.staff["other_agent"], "me": house.staff.get(caller)}
    return {
        (act, status, name): a_ticket(house.customers["shared"], None, status, assignee)
        for act, status, (name, assignee) in product(TICKET_ACTS, TicketStatus, assignees.items())
    }


@pytest.mark.parametrize("caller", CALLERS)
async def test_acts_on_tickets_are_told_before_in_every_state_and_whoever_handles_them(api: Api, caller: str):
    house = api.house
    house.customers["shared"] = a_customer(house.staff["rep"], KNOWN["strange"])
    tickets = tickets_for(house, caller)
    await api.write(
        house.customers["shared"], a_ticket(house.customers["shared"], house.teams["one"]), *tickets.values()
    )
    ids = {place: house.id_of(row) for place, row in tickets.items()}
    can = await told(api, caller, "Ticket", list(ids.values()), f"viewerCan {{ {' '.join(TICKET_ACTS)} }}")
    seen = set()
    for (act, status, assignee), id_ in ids.items():
        mutation, given = TICKET_ACTS[act]
        more = {"assigneeId": house.member("manager" if caller == "rep" else "rep")} if act == "assign" else {}
        answer = await api(caller, mutation, **{"id" if act == "reveal" else "ticketId": id_}, **given, **more)
        before = can[id_] and can[id_]["viewerCan"][act]
        assert agrees(answer, before), (act, status, assignee, before, answer.refusals)
        seen.add((act, before))
    reached = caller in {"rep", "agent", "other_agent", "manager"}
    unseen = {None} if caller in {"agent", "other_agent"} else set()  # of other teams, and of nobody
    assert {before for _, before in seen} == ({True, False} | unseen if reached else {None})


@pytest.mark.parametrize("caller", ["rep", "manager", "partner"])
async def test_what_is_revealable_is_revealed_and_nothing_else_that_is_masked(api: Api, caller: str):
    """Three customers that the rep owns: one with everything, one with nothing but a name, and a child."""
    rep = api.house.staff["rep"]
    customers = {
        "whole": api.house.customers["own"],
        "bare": a_customer(rep, {"name": "王五"}),
        "child": a_customer(rep, {"name": "小明", "mobile": "13910000001", "birth_date": "2020-05-01"}),
        "firm": a_customer(
            rep, {"name": "北京某某科技有限公司", "id_number": "91110000600037341L"}, kind=CustomerKind.ORGANIZATION
        ),
    }
    await api.write(*(row for name, row in customers.items() if name != "whole"))
    read = " ".join(f"{field}: {camel(field)} {{ {PERSONAL_TEXT.get(field, TEXT)} }}" for field in FIELDS)
    shown = await told(api, caller, "Customer", [api.house.id_of(row) for row in customers.values()], read)
    seen = set()
    for row in customers.values():
        texts = shown[api.house.id_of(row)]
        for field in FIELDS if texts else ():
            texts[field] = texts[field].get("number", texts[field])
            seen.add(await outcome_of_asking(api, caller, row, field, texts[field]))
    expected = {("MASKED", True, "value"), ("MASKED", False, "approval"), ("MASKED", False, "nothing")}
    names = {("CLEAR", False, "value"), ("CLEAR", False, "approval")}
    assert seen == (expected | names if caller != "partner" else {
        ("MASKED", False, "refused"), ("CLEAR", False, "refused"), ("HIDDEN", False, "refused"),
    })  # fmt: skip


async def outcome_of_asking(
    api: Api, caller: str, row: Customer, field: str, text: dict[str, Any]
) -> tuple[str, bool, str]:
    answer = await api(
        caller, "revealPersonalData", "values { value }", id=api.house.id_of(row), fields=[field], purpose="SERVICE",
        reason="核对",
    )  # fmt: skip
    if answer.codes:
        outcome = {"APPROVAL_REQUIRED": "approval", "FORBIDDEN": "refused"}[answer.codes[0]]
    else:
        outcome = "value" if answer.payload["values"][0]["value"] else "nothing"
    return text["sight"], text["revealable"], outcome


@pytest.mark.parametrize("caller", ["rep", "agent", "manager"])
async def test_of_free_texts_what_is_masked_is_revealable_and_revealed(api: Api, caller: str):
    customer = api.house.customers["own" if caller == "rep" else "served"]
    made: dict[str, tuple[str, Callable[[str], Any]]] = {
        "Interaction": ("SUMMARY", lambda said: a_talk(customer, said)),
        "Ticket": ("DESCRIPTION", lambda said: a_ticket(customer, api.house.teams["one"], description=said)),
        "TicketStep": ("TEXT", lambda said: a_step(a_ticket(customer, api.house.teams["one"]), said)),
    }
    rows = {
        (type_, masked): make(TOLD if masked else "问了价格")
        for (type_, (_, make)), masked in product(made.items(), (True, False))
    }
    await api.write(*rows.values())
    for (type_, masked), row in rows.items():
        field, id_ = made[type_][0], api.house.id_of(row)
        shown = await told(api, caller, type_, [id_], f"text: {camel(field)} {{ revealable }} viewerCan {{ reveal }}")
        assert shown[id_] == {"id": id_, "text": {"revealable": masked}, "viewerCan": {"reveal": masked}}
        answer = await api(
            caller, "revealPersonalData", "values { value }", id=id_, fields=[field], purpose="SERVICE", reason="核对"
        )
        assert answer.codes == ([] if masked else ["WRONG_STATE"])


def camel(field: str) -> str:
    first, *others = field.lower().split("_")
    return first + "".join(part.title() for part in others)
