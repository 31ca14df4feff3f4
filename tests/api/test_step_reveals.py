"""revealPersonalData of a ticket's step: what was said with a move, where something in it was masked."""

import logging
from collections.abc import Callable

import psycopg
import pytest

from auth.allowance import Allowance
from domain.identity import public_id
from domain.personal.dates import today
from domain.ticket import TicketStep
from domain.ticket_state import TicketStatus
from tests.api.house import CALLERS, REACHED, TOLD, Api, a_customer, a_step, a_ticket, document

REVEAL, VALUES = "revealPersonalData", "values { field value } expiresAt"
ASKED = {"fields": ["TEXT"], "purpose": "SERVICE", "reason": "客户要求回电"}
LOG = (
    "SELECT viewer_id, viewer_kind, viewer_name, subject_kind, subject_id, customer_id, field, purpose, reason"
    " FROM access_log ORDER BY id"
)
STEPS = """query($id: ID!) { ticket(id: $id) { steps { nodes {
  id text { display sight revealable } viewerCan { reveal } } } } }"""


async def said(api: Api, customer: str, text: str = TOLD) -> TicketStep:
    """A step of a closed ticket, which changes nobody's reach."""
    team = api.house.teams["one"] if customer == "served" else None
    step = a_step(a_ticket(api.house.customers[customer], team, TicketStatus.CLOSED), text)
    await api.write(step)
    return step


@pytest.mark.parametrize("caller", CALLERS)
@pytest.mark.parametrize("customer", REACHED)
async def test_staff_see_what_was_said_to_customers_in_reach_and_nobody_else_does(api: Api, caller, customer):
    step = await said(api, customer)
    answer = await api(caller, REVEAL, VALUES, id=api.house.id_of(step), **ASKED)
    if caller not in REACHED[customer] or caller == "partner":
        assert answer.refusals == [("NOT_FOUND", "id")]
        assert (answer.payload["values"], api.rows(LOG)) == ([], [])
        return
    assert answer.payload["values"] == [{"field": "TEXT", "value": TOLD}]
    viewer = api.house.staff[caller]
    whose = api.house.customers[customer].id
    assert api.rows(LOG) == [(viewer.id, "stf", viewer.name, "stp", step.id, whose, "TEXT", "SERVICE", "客户要求回电")]
    assert api.rows("SELECT act, outcome, subject_kind, subject_id FROM audit") == [
        (REVEAL, "DONE", "ticket_step", step.id)
    ]


async def test_a_client_finds_the_id_in_the_ticket_and_is_told_what_can_be_revealed(api: Api):
    ticket = a_ticket(api.house.customers["own"], None)
    await api.write(ticket)
    id_ = api.house.id_of(ticket)
    for act, given in (("investigateTicket", {"note": TOLD}), ("respondToTicket", {"response": "已安排换货"})):
        assert (await api("manager", act, ticketId=id_, **given)).codes == []
    masked, plain = (await api.ask("rep", STEPS, id=id_))["data"]["ticket"]["steps"]["nodes"]
    text = {"display": "请回电 138****5678", "sight": "MASKED", "revealable": True}
    assert masked == {"id": masked["id"], "text": text, "viewerCan": {"reveal": True}}
    text = {"display": "已安排换货", "sight": "CLEAR", "revealable": False}
    assert plain == {"id": plain["id"], "text": text, "viewerCan": {"reveal": False}}
    answer = await api("rep", REVEAL, VALUES, id=masked["id"], **ASKED)
    assert answer.payload["values"] == [{"field": "TEXT", "value": TOLD}]
    assert (await api("rep", REVEAL, VALUES, id=plain["id"], **ASKED)).refusals == [("WRONG_STATE", "id")]
    assert len(api.rows(LOG)) == 1


async def test_a_step_without_words_has_nothing_to_reveal(api: Api):
    ticket = a_ticket(api.house.customers["own"], None)
    await api.write(ticket)
    assert (await api("manager", "investigateTicket", ticketId=api.house.id_of(ticket))).codes == []
    (step,) = (await api.ask("rep", STEPS, id=api.house.id_of(ticket)))["data"]["ticket"]["steps"]["nodes"]
    assert (step["text"]["revealable"], step["viewerCan"]) == (False, {"reveal": False})
    assert (await api("rep", REVEAL, VALUES, id=step["id"], **ASKED)).refusals == [("WRONG_STATE", "id")]


async def test_an_id_opens_what_it_names_and_a_field_what_the_thing_has(api: Api):
    step = await said(api, "own")
    ticket = api.house.tickets["own"]
    for id_ in (public_id("tkt", step.id), public_id("int", step.id), public_id("stp", ticket.id)):
        assert (await api("manager", REVEAL, VALUES, id=id_, **ASKED)).refusals == [("NOT_FOUND", "id")]
    for row, field in ((step, "DESCRIPTION"), (step, "MOBILE"), (ticket, "TEXT")):
        answer = await api("rep", REVEAL, VALUES, **ASKED | {"id": api.house.id_of(row), "fields": [field]})
        assert answer.refusals == [("INVALID", "fields.0")]


@pytest.mark.parametrize(
    ("known", "text"),
    [
        ({"birth_date": today().replace(year=today().year - 6, day=1).isoformat()}, TOLD),
        ({"id_number": "110105202001010015"}, TOLD),
        ({"birth_date": "1990-01-01"}, "证件 11010519491231002X"),
    ],
    ids=["a child by birth date", "a child by identity number", "an identity number in the text"],
)
async def test_a_childs_steps_and_identity_numbers_in_them_need_approval(api: Api, known, text):
    customer = a_customer(api.house.staff["rep"], {"name": "小明", "mobile": "13900139077", **known})
    step = a_step(a_ticket(customer, None), text)
    await api.write(customer, step)
    answer = await api("rep", REVEAL, VALUES, id=api.house.id_of(step), **ASKED)
    assert answer.refusals == [("APPROVAL_REQUIRED", "fields.0")]
    assert (answer.payload["values"], api.rows(LOG)) == ([], [])


@pytest.mark.parametrize(("caller", "purpose"), [("agent", "CONTRACT"), ("other_rep", "LEGAL_DUTY")])
async def test_a_purpose_that_is_not_the_roles_is_refused(api: Api, caller, purpose):
    step = await said(api, "served")
    answer = await api(caller, REVEAL, VALUES, **ASKED | {"id": api.house.id_of(step), "purpose": purpose})
    assert answer.refusals == [("INVALID", "purpose")]


async def test_looks_at_steps_count_with_all_others(api_with: Callable[[Allowance], Api]):
    api = api_with(Allowance(values=3))
    step = await said(api, "own")
    other = {**ASKED, "id": api.house.customer("own"), "fields": ["MOBILE", "EMAIL"]}
    assert (await api("rep", REVEAL, VALUES, **other)).codes == []
    assert (await api("rep", REVEAL, VALUES, id=api.house.id_of(step), **ASKED)).codes == []
    over = await api("rep", REVEAL, VALUES, id=api.house.id_of(step), **ASKED)
    assert (over.codes, over.payload["values"]) == (["LIMIT_EXCEEDED"], [])
    assert [row[6] for row in api.rows(LOG)] == ["MOBILE", "EMAIL", "TEXT"]


async def test_the_hundredth_look_at_a_step_is_the_last_of_the_hour(api: Api):
    step = await said(api, "own")
    look = f"{REVEAL}(input: $input) {{ values {{ value }} userErrors {{ code }} }}"
    looks = " ".join(f"a{i}: {look}" for i in range(10))
    given = {"id": api.house.id_of(step), **ASKED}
    for _ in range(10):
        reply = await api.ask("rep", f"mutation($input: RevealPersonalDataInput!) {{ {looks} }}", input=given)
        assert [payload["values"] for payload in reply["data"].values()] == [[{"value": TOLD}]] * 10
    assert (await api("rep", REVEAL, VALUES, **given)).codes == ["LIMIT_EXCEEDED"]
    assert len(api.rows(LOG)) == 100


async def test_of_a_person_whose_key_is_destroyed_nothing_is_left(api: Api):
    step = await said(api, "own")
    with psycopg.connect(api.url) as connection:
        connection.execute("DELETE FROM data_key WHERE id = %s", [api.house.customers["own"].id])
    answer = await api("rep", REVEAL, VALUES, id=api.house.id_of(step), **ASKED)
    assert answer.payload["values"] == [{"field": "TEXT", "value": None}]
    assert api.rows(LOG) == []


async def test_the_privacy_officer_finds_looks_at_a_step(api: Api):
    step = await said(api, "own")
    for id_, fields in ((api.house.id_of(step), ["TEXT"]), (api.house.customer("own"), ["MOBILE"])):
        assert (await api("rep", REVEAL, VALUES, **ASKED | {"id": id_, "fields": fields})).codes == []
    query = "query($id: ID) { accessLog(subjectId: $id) { totalCount nodes { subjectId field } } }"
    told = (await api.ask("privacy_officer", query, id=api.house.id_of(step)))["data"]["accessLog"]
    assert told == {"totalCount": 1, "nodes": [{"subjectId": api.house.id_of(step), "field": "TEXT"}]}


async def test_what_was_said_is_in_the_answer_and_nowhere_else(api: Api, caplog, capfd):
    canary = "13812345678"
    step = await said(api, "own")
    given = {"id": api.house.id_of(step), **ASKED}
    with caplog.at_level(logging.DEBUG):
        reply = await api.ask("rep", document(REVEAL, VALUES), "a key", input=given)
        await api("rep", REVEAL, VALUES, **given | {"fields": ["TEXT", "MOBILE"]})
        shown = await api.ask("rep", STEPS, id=public_id("tkt", step.ticket_id))
    assert canary in str(reply)
    assert canary not in str(shown)
    tables = [name for (name,) in api.rows("SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 2200")]
    for table in tables:
        assert canary not in str(api.rows(f'SELECT t::text FROM "{table}" AS t')), table
    assert canary not in caplog.text + "".join(capfd.readouterr())
    assert canary not in str(
        [vars(kept) for kept in (api.execution._preparation.prepared, api.execution._preparation.operations)]
    )
