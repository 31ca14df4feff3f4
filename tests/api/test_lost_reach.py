"""An act that waited for a row is judged by what is in reach when its turn comes, not by what was when it came."""

import asyncio
from typing import Any

import psycopg
import pytest

from auth.allowance import Allowance
from domain.ticket_state import TicketStatus
from tests.api.house import Api, a_ticket
from tests.api.test_races import WAITING, until

REVEAL = {"fields": ["MOBILE"], "purpose": "SERVICE", "reason": "回电"}
TALK = {"channel": "PHONE", "direction": "INBOUND", "occurredAt": "2026-01-01T00:00:00Z", "summary": "来电"}


@pytest.fixture
async def ticket(api: Api) -> Any:
    """The only thing by which the agent reaches this customer."""
    made = a_ticket(api.house.customers["strange"], None, TicketStatus.ACCEPTED, api.house.staff["agent"])
    await api.write(made)
    return made


@pytest.mark.parametrize("act", ["revealPersonalData", "editCustomer"])
async def test_a_customer_who_went_to_somebody_else_meanwhile_is_not_found(api: Api, ticket: Any, act: str) -> None:
    customer = api.house.customers["strange"]
    id_ = api.house.id_of(customer)
    given = (
        {"id": id_, **REVEAL}
        if act == "revealPersonalData"
        else {"customerId": id_, "expectedVersion": 1, "region": "华南"}
    )
    with psycopg.connect(api.url) as holding:
        holding.execute("SELECT FROM customer WHERE id = %s FOR UPDATE", [customer.id])
        waiting = asyncio.create_task(api("agent", act, **given))
        await until(lambda: api.rows(WAITING) == [(1,)])
        holding.execute("UPDATE ticket SET assignee_id = %s", [api.house.staff["other_agent"].id])
        holding.commit()
    assert (await waiting).codes == ["NOT_FOUND"]
    assert api.rows("SELECT FROM access_log") == []
    assert api.rows("SELECT version FROM customer WHERE id = %s", customer.id) == [(1,)]


@pytest.mark.parametrize("act", ["assignTicket", "investigateTicket"])
async def test_a_ticket_that_went_to_somebody_else_meanwhile_is_not_found(api: Api, ticket: Any, act: str) -> None:
    more = {"assigneeId": api.house.member("lone_agent")} if act == "assignTicket" else {"note": "查看中"}
    with psycopg.connect(api.url) as holding:
        holding.execute("UPDATE ticket SET assignee_id = %s", [api.house.staff["other_agent"].id])
        waiting = asyncio.create_task(api("agent", act, ticketId=api.house.id_of(ticket), **more))
        await until(lambda: api.rows(WAITING) == [(1,)])
        holding.commit()
    assert (await waiting).codes == ["NOT_FOUND"]
    assert api.rows("SELECT version, status FROM ticket WHERE id = %s", ticket.id) == [(1, "ACCEPTED")]


async def test_a_ticket_whose_customer_was_transferred_meanwhile_is_not_found(api: Api) -> None:
    customer = api.house.customers["own"]
    ticket = a_ticket(customer, None, TicketStatus.ACCEPTED, api.house.staff["rep"])
    await api.write(ticket)
    with psycopg.connect(api.url) as holding:
        holding.execute("SELECT FROM ticket WHERE id = %s FOR UPDATE", [ticket.id])
        waiting = asyncio.create_task(api("rep", "investigateTicket", ticketId=api.house.id_of(ticket), note="查看中"))
        await until(lambda: api.rows(WAITING) == [(1,)])
        holding.execute(
            "UPDATE customer SET owner_id = %s WHERE id = %s", [api.house.staff["other_rep"].id, customer.id]
        )
        holding.commit()
    assert (await waiting).codes == ["NOT_FOUND"]


async def test_nobody_forges_a_search_with_the_reason_of_a_look(api: Api, ticket: Any) -> None:
    id_ = api.house.id_of(api.house.customers["strange"])
    for reason in ("findCustomerByContact", " findCustomerByContact "):
        told = await api("agent", "revealPersonalData", id=id_, **{**REVEAL, "reason": reason})
        assert told.refusals == [("INVALID", "reason")]
    for reason in ("回电", "ｆindCustomerByContact", "findcustomerbycontact"):
        assert (await api("agent", "revealPersonalData", id=id_, **{**REVEAL, "reason": reason})).codes == []
    await api("manager", "assignTicket", ticketId=api.house.id_of(ticket), assigneeId=api.house.member("other_agent"))
    assert (await api("agent", "logInteraction", customerId=id_, **TALK)).codes == ["NOT_FOUND"]


async def test_of_many_guesses_at_once_no_more_are_answered_than_the_hour_allows(api_with: Any) -> None:
    api = api_with(Allowance(contact_changes=21))
    made = {"kind": "PERSON", "basis": "CONTRACT", "name": "王小明", "mobile": "13912340000"}
    assert (await api("rep", "createCustomer", **made)).codes == []
    answers = await asyncio.gather(*(api("rep", "createCustomer", **made) for _ in range(60)))
    codes = [answer.codes for answer in answers]
    allowed = 20
    assert codes.count(["DUPLICATE"]) == allowed
    assert codes.count(["LIMIT_EXCEEDED"]) == 60 - allowed
    assert api.rows("SELECT count(*) FROM audit WHERE outcome = 'DUPLICATE'") == [(allowed,)]
