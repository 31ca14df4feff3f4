"""Two who act on one thing at the same moment: one comes first, and the other is told so."""

import asyncio
from collections import Counter
from collections.abc import Coroutine
from typing import Any
from uuid import UUID

import psycopg
import pytest

from domain.ticket_state import TicketStatus
from tests.api.house import Answer, Api, a_customer, a_ticket
from tests.api.site import until

ROUNDS = 10
CREATE = {"kind": "PERSON", "basis": "CONTRACT", "name": "王小明"}


async def customer_of(api: Api, owner: str = "rep") -> tuple[Any, str]:
    made = a_customer(api.house.staff[owner], {"name": "欧阳娜娜"})
    await api.write(made)
    return made.id, api.house.id_of(made)


def outcomes(answers: list[Answer]) -> Counter[str]:
    return Counter(answer.codes[0] if answer.codes else "DONE" for answer in answers)


async def test_of_two_who_edit_at_one_version_exactly_one_is_in_conflict(api: Api):
    for _ in range(ROUNDS):
        inner, id_ = await customer_of(api)
        edits = [("rep", "华东"), ("manager", "华南")]
        answers = await asyncio.gather(
            *(api(who, "editCustomer", customerId=id_, expectedVersion=1, region=region) for who, region in edits)
        )
        assert outcomes(answers) == {"DONE": 1, "CONFLICT": 1}
        ((_, region),) = [edit for edit, answer in zip(edits, answers, strict=True) if answer.codes == []]
        assert api.rows("SELECT version, region FROM customer WHERE id = %s", inner) == [(2, region)]
        assert api.rows("SELECT kind FROM event WHERE customer_id = %s", inner) == [("EDITED",)]


async def test_different_acts_at_one_version_are_in_conflict_too(api: Api):
    for _ in range(ROUNDS):
        inner, id_ = await customer_of(api)
        given = {"customerId": id_, "expectedVersion": 1}
        answers = await asyncio.gather(
            api("rep", "editCustomer", **given, region="华东"),
            api("manager", "assignCustomerTier", **given, tier="A", reason="大客户"),
            api("rep", "moveCustomerStage", **given, stage="PURCHASE"),
        )
        assert outcomes(answers) == {"DONE": 1, "CONFLICT": 2}
        assert api.rows("SELECT version FROM customer WHERE id = %s", inner) == [(2,)]


WAITING = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"


async def one_behind_the_other(api: Api, held: tuple[str, UUID], *acts: Coroutine[Any, Any, Answer]) -> list[Answer]:
    """What acts on one row, of a table and an id, come to, where each waits for the row before the next begins."""
    table, id_ = held
    with psycopg.connect(api.url) as holder:
        holder.execute(f"SELECT FROM {table} WHERE id = %s FOR NO KEY UPDATE", [id_])
        running = []
        for act in acts:
            running.append(asyncio.ensure_future(act))
            await until(lambda: api.rows(WAITING) == [(len(running),)])
    return await asyncio.gather(*running)


@pytest.mark.parametrize("edit_is_first", [True, False])
async def test_an_edit_beside_a_transfer_is_done_before_it_or_finds_nothing_of_theirs(api: Api, edit_is_first: bool):
    inner, id_ = await customer_of(api)
    away = {"customerId": id_, "toStaffId": api.house.member("other_rep"), "reason": "换人", "expectedVersion": 1}
    edit = api("rep", "editCustomer", customerId=id_, expectedVersion=1, region="华东")
    move = api("manager", "transferCustomer", **away)
    acts = (edit, move) if edit_is_first else (move, edit)
    first, second = await one_behind_the_other(api, ("customer", inner), *acts)
    assert (first.codes, second.codes) == ([], ["CONFLICT" if edit_is_first else "NOT_FOUND"])
    owner, region = ("rep", "华东") if edit_is_first else ("other_rep", None)
    found = api.rows("SELECT version, owner_id, region FROM customer WHERE id = %s", inner)
    assert found == [(2, api.house.staff[owner].id, region)]


async def test_of_customers_one_rep_makes_at_once_with_one_number_exactly_one_is_made(api: Api):
    for round_ in range(ROUNDS):
        mobile = f"1360000{round_:04}"
        written = [mobile, f"+86 {mobile}", f"{mobile[:3]}-{mobile[3:7]}-{mobile[7:]}", mobile]
        answers = await asyncio.gather(*(api("rep", "createCustomer", **CREATE, mobile=text) for text in written))
        assert outcomes(answers) == {"DONE": 1, "DUPLICATE": 3}
    assert len(api.rows("SELECT FROM customer WHERE created_at > now() - interval '1h'")) == ROUNDS


async def test_customers_made_at_once_with_contacts_in_common_are_all_made_and_nobody_waits(api: Api):
    for round_ in range(ROUNDS):
        contacts = {"mobile": f"1370000{round_:04}", "email": f"a{round_}@example.com", "wechatId": f"wxid_{round_:06}"}
        turned = dict(reversed(contacts.items()))
        answers = await asyncio.gather(
            api("rep", "createCustomer", **CREATE, **contacts), api("other_rep", "createCustomer", **CREATE, **turned)
        )
        assert outcomes(answers) == {"DONE": 2}


@pytest.mark.parametrize("assignment_is_first", [True, False])
async def test_an_assignment_beside_the_closing_of_a_ticket(api: Api, assignment_is_first: bool):
    ticket = a_ticket(api.house.customers["own"], None, TicketStatus.FOLLOWING_UP, api.house.staff["rep"], "问保修")
    await api.write(ticket)
    id_ = api.house.id_of(ticket)
    assign = api("manager", "assignTicket", ticketId=id_, assigneeId=api.house.member("agent"))
    close = api("rep", "closeTicket", ticketId=id_, resolution="已换新")
    acts = (assign, close) if assignment_is_first else (close, assign)
    first, second = await one_behind_the_other(api, ("ticket", ticket.id), *acts)
    assert first.codes == []
    found = api.rows("SELECT status, version, assignee_id FROM ticket WHERE id = %s", ticket.id)
    kinds = api.rows("SELECT kind FROM event WHERE ticket_id = %s ORDER BY id", ticket.id)[1:]
    if assignment_is_first:  # then the ticket is no longer the rep's to close
        assert second.refusals == [("FORBIDDEN", "closeTicket")]
        assert (found, kinds) == ([("FOLLOWING_UP", 2, api.house.staff["agent"].id)], [("TICKET_ASSIGNED",)])
    else:
        assert second.codes == ["WRONG_STATE"]
        assert (found, kinds) == ([("CLOSED", 2, api.house.staff["rep"].id)], [("TICKET_MOVED",)])


async def test_one_new_tag_brought_by_many_at_once_is_one_tag(api: Api):
    for round_ in range(ROUNDS):
        made = [await customer_of(api) for _ in range(4)]
        words = [f"新{round_}", f"老{round_}"]
        answers = await asyncio.gather(
            *(
                api("rep", "editCustomer", customerId=id_, expectedVersion=1, tags=words[:: 1 if number % 2 else -1])
                for number, (_, id_) in enumerate(made)
            )
        )
        assert outcomes(answers) == {"DONE": 4}
        assert api.rows("SELECT count(*) FROM tag WHERE name = ANY(%s)", words) == [(2,)]
        worn = api.rows("SELECT count(*) FROM customer_tag WHERE customer_id = ANY(%s)", [inner for inner, _ in made])
        assert worn == [(8,)]


async def test_talks_logged_at_once_wait_for_each_other_and_all_are_kept(api: Api):
    inner, id_ = await customer_of(api)
    given = {"customerId": id_, "channel": "PHONE", "direction": "INBOUND", "summary": "问价格"}
    times = [f"2026-01-{day:02}T00:00:00Z" for day in range(1, 21)]
    answers = await asyncio.gather(*(api("rep", "logInteraction", **given, occurredAt=time) for time in times))
    assert outcomes(answers) == {"DONE": 20}
    ((version, latest),) = api.rows(
        "SELECT version, last_interaction_at::date::text FROM customer WHERE id = %s", inner
    )
    assert (version, latest) == (1, "2026-01-20")
