"""Every field of every act's input is read by its act: what a client sends is never silently lost.

`createCustomer` and `editCustomer` take all that they are given at once; which fields they know what to do with is
checked at boot (`schema/guard.py`).
"""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from graphql import GraphQLInputObjectType, get_named_type

from domain.ticket_state import TicketStatus
from resolvers.acting import Acting, Acts, Call
from resolvers.acts.register import ACTS
from schema.answering.selecting import snake
from tests.api.house import KNOWN, Api, a_ticket, schema

AT, PASSPORT = "2026-01-01T00:00:00Z", {"kind": "PASSPORT", "number": "E12345678"}
DETAILS = {
    "mobile": "13700137000", "otherMobile": "13600136000", "email": "new@example.com", "wechatId": "wxid_new01",
    "idNumber": "11010519491231002X", "address": "上海市浦东新区世纪大道 1 号", "birthDate": "1949-12-31",
    "region": "华东", "industry": "零售", "tags": ["vip"], "preferredChannel": "PHONE", "name": "新名",
}  # fmt: skip
NEW = {"kind": "PERSON", "basis": "CONTRACT", "source": "官网", "externalId": "E1", "externalSystem": "main"}
OTHER = {"kind": "PERSON", "basis": "CONTRACT", "name": "另一位"}
FOUND = {"mobile": KNOWN["own"]["mobile"], "email": KNOWN["own"]["email"]}

GIVEN: dict[str, list[dict[str, Any]]] = {
    "createCustomer": [{**DETAILS, **NEW, "ownerId": "rep"}, {**OTHER, "idDocument": PASSPORT}],
    "editCustomer": [DETAILS, {"idDocument": PASSPORT}],
    "assignCustomerTier": [{"tier": "A", "reason": "评定"}],
    "transferCustomer": [{"toStaffId": "other_rep", "reason": "调整"}],
    "moveCustomerStage": [{"stage": "CHURN", "reason": "流失"}],
    "logInteraction": [{"channel": "PHONE", "direction": "INBOUND", "occurredAt": AT, "summary": "来电"}],
    "openTicket": [{"kind": "QUESTION", "priority": "LOW", "subject": "咨询", "description": "咨询"}],
    "assignTicket": [{"assigneeId": "agent"}],
    "investigateTicket": [{"note": "查看"}],
    "respondToTicket": [{"response": "已答复"}],
    "followUpTicket": [{"note": "回访", "satisfied": True}],
    "reopenTicket": [{"reason": "又坏了"}],
    "closeTicket": [{"resolution": "已换货", "improvement": "加固包装"}],
    "setTicketRoute": [{"kind": "COMPLAINT", "teamId": "one", "reason": "调整"}],
    "changeSetting": [{"name": "CLOSED_TICKET_DAYS", "value": "30", "reason": "调整"}],
    "revealPersonalData": [{"fields": ["MOBILE"], "purpose": "SERVICE", "reason": "回电"}],
    "findCustomerByContact": [{name: value, "purpose": "SERVICE"} for name, value in FOUND.items()],
}
"""Inputs in which nothing is wrong, but for who and what they are about, and the version; together all their fields."""

STANDS = {
    "respondToTicket": TicketStatus.INVESTIGATING,
    "followUpTicket": TicketStatus.RESPONDED,
    "reopenTicket": TicketStatus.CLOSED,
    "closeTicket": TicketStatus.FOLLOWING_UP,
}


class Noticed(Mapping[str, Any]):
    """An input that notices which of its fields are asked for."""

    def __init__(self, given: Mapping[str, Any], read: set[str]) -> None:
        self.given, self.read = given, read

    def __getitem__(self, name: str) -> Any:
        self.read.add(name)
        return self.given[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.given)

    def __len__(self) -> int:
        return len(self.given)


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """What acts read of their inputs in this test. What the audit looks at is read by no act."""
    read: set[str] = set()
    perform = Acts._once

    async def noticing(self: Acts, act: Any, call: Call, run: Any) -> Any:
        async def run_noticed(acting: Acting, given: Any) -> Any:
            return await run(acting, Noticed(given, read))

        return await perform(self, act, call, run_noticed)

    monkeypatch.setattr(Acts, "_once", noticing)
    return read


def fields_of(act: str) -> set[str]:
    root = schema()._schema.mutation_type
    assert root is not None
    taken = get_named_type(root.fields[act].args["input"].type)
    assert isinstance(taken, GraphQLInputObjectType)
    return set(taken.fields)


async def filled(api: Api, act: str, given: dict[str, Any]) -> dict[str, Any]:
    """The input, with who and what it is about."""
    fields = fields_of(act)
    made = {name: api.house.member(value) if name.endswith(("StaffId", "ownerId", "assigneeId")) else value
            for name, value in given.items()}  # fmt: skip
    if "teamId" in made:
        made["teamId"] = f"team_{api.house.teams['one'].id.hex}"
    ticket = a_ticket(api.house.customers["own"], None, STANDS.get(act, TicketStatus.ACCEPTED))
    if "ticketId" in fields:
        await api.write(ticket)
    own = api.house.customer("own")
    about = {"customerId": own, "ticketId": api.house.id_of(ticket), "id": own, "expectedVersion": 1}
    return {**{name: value for name, value in about.items() if name in fields}, **made}


@pytest.mark.parametrize("act", ACTS)
async def test_every_field_of_an_input_is_read_by_its_act(api: Api, read: set[str], act: str):
    caller, given = "admin" if act in {"setTicketRoute", "changeSetting"} else "manager", set()
    for one in GIVEN[act]:
        api.change("UPDATE customer SET version = 1")
        whole = await filled(api, act, one)
        given |= whole.keys()
        answer = await api(caller, act, **whole)
        assert answer.refusals == []
    assert given == fields_of(act), "fill every field here"
    assert {snake(name) for name in given} - read == set(), "nobody reads what a client sends"
