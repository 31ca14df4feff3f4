"""`Idempotency-Key` over HTTP: one act, one answer, under the caller's present rights (design §5)."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest

from auth import idempotency
from auth.allowance import Allowance
from auth.sealing.keys import KeyRing, Use
from server.composition import application
from server.http.payloads import MAX_NESTING
from server.installation import Installation
from server.settings import Settings
from tests.api.house import KNOWN, Api, digests_of, document
from tests.api.site import Site, until

TALK = {"channel": "PHONE", "direction": "INBOUND", "occurredAt": "2026-01-01T00:00:00Z"}
CANARY = "13612345987"
CREATE = {"kind": "PERSON", "basis": "CONTRACT"}


@pytest.fixture
async def site(api: Api, ring) -> AsyncIterator[Site]:
    async with process(api, ring) as site:
        yield site


async def log(site: Site, key: str | None, summary: str = "问价格", caller: str = "rep", customer: str = "own") -> Any:
    given = {**TALK, "customerId": site.house.customer(customer), "summary": summary}
    return await site.act(caller, "logInteraction", key, "interaction { id summary { display } }", **given)


def talks(site: Site) -> int:
    return site.rows("SELECT count(*) FROM interaction WHERE created_at > now() - interval '1h'")[0][0]


def records(site: Site) -> list[Any]:
    return site.rows("SELECT digest, fingerprint, outcome FROM idempotency_record")


# -- One act ----------------------------------------------------------------------------------------------------------


async def test_equal_requests_at_once_are_one_act_with_equal_answers(site: Site, api: Api):
    answers = await asyncio.gather(*(log(site, "one") for _ in range(10)))
    assert answers[0]["userErrors"] == []
    assert all(answer == answers[0] for answer in answers)
    assert talks(site) == 1
    assert len(api.rows("SELECT FROM event WHERE kind = 'INTERACTION_LOGGED' AND at > now() - interval '1h'")) == 1
    assert api.audit() == [("logInteraction", "DONE")]


async def test_interleaved_keys_are_an_act_each(site: Site):
    keys = [f"key-{number % 5}" for number in range(25)]
    answers = await asyncio.gather(*(log(site, key, summary=f"问{key[-1]}") for key in keys))
    ids: dict[str, set[str]] = {}
    for key, answer in zip(keys, answers, strict=True):
        ids.setdefault(key, set()).add(answer["interaction"]["id"])
    assert all(len(made) == 1 for made in ids.values())
    assert talks(site) == len(set().union(*ids.values())) == 5


async def test_without_a_key_every_request_is_an_act(site: Site):
    first, second = await log(site, None), await log(site, None)
    assert first["interaction"]["id"] != second["interaction"]["id"]
    assert records(site) == []


async def test_the_same_key_of_another_caller_is_another_key(site: Site):
    mine = await log(site, "k", customer="served", caller="agent")
    theirs = await log(site, "k", customer="served", caller="manager")
    assert mine["interaction"]["id"] != theirs["interaction"]["id"]
    assert talks(site) == 2


async def test_an_edit_with_its_version_is_not_in_conflict_with_itself(site: Site):
    given = {"customerId": site.house.customer("own"), "expectedVersion": 1, "region": "华东"}
    answers = [await site.act("rep", "editCustomer", "e", "customer { id version }", **given) for _ in range(2)]
    assert answers[0] == answers[1]
    assert answers[0]["customer"]["version"] == 2


async def test_acts_of_one_document_are_kept_apart_by_their_response_keys(site: Site):
    query = """mutation($input: LogInteractionInput!) {
      first: logInteraction(input: $input) { interaction { id } }
      second: logInteraction(input: $input) { interaction { id } }
      third: logInteraction(input: $input) { interaction { id } } }"""
    given = {**TALK, "customerId": site.house.customer("own"), "summary": "问价格"}
    answers = [(await site.post("rep", query, "many", input=given)).json()["data"] for _ in range(2)]
    assert answers[0] == answers[1]
    assert answers[0]["first"] != answers[0]["second"]
    kept = {digest for field in ("first", "second", "third") for digest in digests_of(site.ring, "many", field)}
    assert (talks(site), {digest for digest, _, _ in records(site)}) == (3, kept)


async def test_of_a_document_that_was_done_in_part_only_the_rest_is_done(site: Site, monkeypatch):
    query = """mutation($input: LogInteractionInput!) {
      first: logInteraction(input: $input) { interaction { id } }
      second: logInteraction(input: $input) { interaction { id } } }"""
    given = {**TALK, "customerId": site.house.customer("own"), "summary": "问价格"}
    with monkeypatch.context() as broken:
        fail_at(broken, digests_of(site.ring, "part", "second"))
        cut = (await site.post("rep", query, "part", input=given)).json()
    assert [error["extensions"]["code"] for error in cut["errors"]] == ["INTERNAL"]
    assert talks(site) == 1
    whole = (await site.post("rep", query, "part", input=given)).json()["data"]
    assert (talks(site), whole["first"] != whole["second"]) == (2, True)


def fail_at(monkeypatch, digests: list[bytes]) -> None:
    """The act of this key does everything, and fails before it commits."""
    from resolvers import acting  # noqa: PLC0415 - the module under the knife

    keep = idempotency.keep

    async def failing(session, key, outcome, at):
        await keep(session, key, outcome, at)
        if key.digests == digests:
            raise ConnectionResetError

    monkeypatch.setattr(acting, "keep", failing)


# -- What a repetition is answered ------------------------------------------------------------------------------------


async def test_a_repetition_is_read_under_the_callers_present_rights(site: Site):
    given = {"customerId": site.house.customer("own"), "expectedVersion": 1, "region": "华东"}
    first = await site.act("rep", "editCustomer", "r", "customer { id region }", **given)
    assert first["customer"]["region"] == "华东"
    await site.act("manager", "editCustomer", None, **(given | {"expectedVersion": 2, "region": "华南"}))
    second = await site.act("rep", "editCustomer", "r", "customer { id region }", **given)
    assert second["customer"]["region"] == "华南"
    to = {"toStaffId": site.house.member("other_rep"), "reason": "换人", "expectedVersion": 3}
    moved = await site.act("manager", "transferCustomer", None, customerId=given["customerId"], **to)
    assert moved == {"userErrors": []}
    third = await site.act("rep", "editCustomer", "r", "customer { id region }", **given)
    assert third == {"customer": None, "userErrors": []}


async def test_a_refusal_is_repeated_though_the_state_has_changed(site: Site, api: Api):
    ticket = site.house.id_of(site.house.tickets["served"])
    refused = await site.act("agent", "reopenTicket", "again", ticketId=ticket, reason="又坏了")
    assert [error["code"] for error in refused["userErrors"]] == ["WRONG_STATE"]
    with psycopg.connect(api.url) as connection:
        connection.execute("UPDATE ticket SET status = 'CLOSED', closed_at = now(), assignee_id = NULL")
    assert await site.act("manager", "reopenTicket", None, ticketId=ticket, reason="又坏了") == {"userErrors": []}
    assert await site.act("agent", "reopenTicket", "again", ticketId=ticket, reason="又坏了") == refused
    assert api.audit() == [("reopenTicket", "WRONG_STATE"), ("reopenTicket", "DONE")]


async def test_a_refusal_that_says_try_later_is_not_repeated_later(api_with):
    """Only that one: whoever was in conflict, or was told that somebody is known already, is told so again."""
    given = {"mobile": KNOWN["strange"]["mobile"], "purpose": "SERVICE"}
    find = document("findCustomerByContact", "customerIds")
    asked = [await api_with(Allowance(values=most)).ask("agent", find, "f", input=given) for most in (0, 0, 1, 0)]
    told = [one["data"]["findCustomerByContact"] for one in asked]
    assert [[error["code"] for error in one["userErrors"]] for one in told] == [["LIMIT_EXCEEDED"]] * 2 + [[], []]
    assert told[2] == told[3] != told[1]


async def test_an_edit_in_conflict_stays_in_conflict(site: Site):
    given = {"customerId": site.house.customer("own"), "region": "华东"}
    answers = [await site.act("rep", "editCustomer", "c", expectedVersion=9, **given) for _ in range(2)]
    assert [[error["code"] for error in one["userErrors"]] for one in answers] == [["CONFLICT"]] * 2
    assert (await site.act("rep", "editCustomer", "c2", expectedVersion=1, **given))["userErrors"] == []
    again = await site.act("rep", "editCustomer", "c", expectedVersion=1, **given)
    assert [error["code"] for error in again["userErrors"]] == ["IDEMPOTENCY_KEY_REUSED"]


async def test_many_equal_refused_requests_at_once_are_refused_alike_and_written_down_once(site: Site, api: Api):
    answers = await asyncio.gather(*(log(site, "no", summary=" ") for _ in range(10)))
    assert [error["code"] for error in answers[0]["userErrors"]] == ["INVALID"]
    assert all(answer == answers[0] for answer in answers)
    assert api.audit() == [("logInteraction", "INVALID")]


# -- Another request under the same key -------------------------------------------------------------------------------


@pytest.mark.parametrize("first", ["问价格", " "])
async def test_another_request_under_the_same_key_is_refused_and_does_nothing(site: Site, api: Api, first):
    await log(site, "k", summary=first)
    before = api.written()
    other = await log(site, "k", summary="问保修")
    assert [(error["code"], error["field"]) for error in other["userErrors"]] == [("IDEMPOTENCY_KEY_REUSED", None)]
    assert other["interaction"] is None
    assert api.written() == before


async def test_another_act_of_the_same_response_key_is_another_request(site: Site, api: Api):
    act = "mutation {{ it: {} {{ userErrors {{ code }} }} }}"
    customer = site.house.customer("own")
    edit = act.format(f'editCustomer(input: {{customerId: "{customer}", expectedVersion: 1, region: "华东"}})')
    move = act.format(f'moveCustomerStage(input: {{customerId: "{customer}", expectedVersion: 2, stage: PURCHASE}})')
    assert (await site.post("rep", edit, "k")).json() == {"data": {"it": {"userErrors": []}}}
    codes = (await site.post("rep", move, "k")).json()["data"]["it"]["userErrors"]
    assert codes == [{"code": "IDEMPOTENCY_KEY_REUSED"}]
    assert api.rows("SELECT version FROM customer WHERE id = %s", api.house.customers["own"].id) == [(2,)]


@pytest.mark.parametrize("word", ["问", " "])
async def test_of_different_requests_under_one_key_at_once_one_is_answered(site: Site, word):
    """Also where all are refused: between a refusal and its record another request may take the key."""
    for round_ in range(5):
        said = [word * (number + 1) for number in range(8)]
        answers = await asyncio.gather(*(log(site, f"k{round_}", summary=text) for text in said))
        codes = Counter(next((error["code"] for error in answer["userErrors"]), "DONE") for answer in answers)
        assert codes == {"IDEMPOTENCY_KEY_REUSED": 7, "INVALID" if word == " " else "DONE": 1}


async def test_what_the_operation_does_not_declare_is_no_part_of_the_request(site: Site):
    """As deeply as JSON may be nested: without a key nobody looks at it either."""
    nested: list[Any] = []
    for _ in range(MAX_NESTING - 3):
        nested = [nested]
    query = document("logInteraction", "interaction { id }")
    given = {**TALK, "customerId": site.house.customer("own"), "summary": "问价格"}
    first = (await site.post("rep", query, "k", input=given, extra=nested)).json()
    assert first["data"]["logInteraction"]["userErrors"] == []
    assert (await site.post("rep", query, "k", input=given)).json() == first
    assert talks(site) == 1


# -- What takes no part -----------------------------------------------------------------------------------------------


async def test_what_is_forbidden_is_not_remembered(site: Site, api: Api):
    given = {"customerId": site.house.customer("own"), "toStaffId": site.house.member("other_rep"), "reason": "换人"}
    assert await site.act("rep", "transferCustomer", "f", **given) == "FORBIDDEN"
    assert records(site) == []
    assert await site.act("rep", "transferCustomer", "f", **given) == "FORBIDDEN"
    assert api.audit() == [("transferCustomer", "FORBIDDEN")] * 2


async def test_an_act_that_failed_on_its_way_leaves_its_key_free(site: Site, monkeypatch):
    with monkeypatch.context() as broken:
        fail_at(broken, digests_of(site.ring, "s", "logInteraction"))
        assert await log(site, "s") == "INTERNAL"
    assert (records(site), talks(site)) == ([], 0)
    assert (await log(site, "s"))["userErrors"] == []
    assert talks(site) == 1


async def test_who_waits_for_an_equal_request_that_fails_does_the_act_instead(site: Site, api: Api):
    customer = api.house.customers["own"].id
    with psycopg.connect(api.url) as holder:
        holder.execute("SELECT FROM customer WHERE id = %s FOR UPDATE", [customer])
        waiting = [asyncio.ensure_future(log(site, "w")) for _ in range(2)]
        (holding,) = await blocked_on(api, "customer")
        holder.execute("SELECT pg_terminate_backend(%s)", [holding])
        holder.commit()
    answers = await asyncio.gather(*waiting)
    assert sorted(str(answer) for answer in answers if answer == "INTERNAL") == ["INTERNAL"]
    assert (talks(site), len(records(site))) == (1, 1)


async def blocked_on(api: Api, table: str) -> list[int]:
    """Who waits for a row of this table, once somebody does."""
    waiting = "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    async with asyncio.timeout(20):
        while True:
            found = api.rows(f"{waiting} AND query LIKE 'SELECT {table}.%%'")
            if found and len(api.rows(waiting)) == 2:
                return [pid for (pid,) in found]
            await asyncio.sleep(0.02)


async def test_revealing_and_sessions_take_no_part(site: Site, api: Api):
    given = {
        "id": site.house.customer("own"), "fields": ["MOBILE"], "purpose": "SERVICE", "reason": "回电",
    }  # fmt: skip
    for _ in range(2):
        told = await site.act("rep", "revealPersonalData", "v", "values { field value }", **given)
        assert told["userErrors"] == []
    assert len(api.rows("SELECT FROM access_log")) == 2
    given |= {"reason": "再回电"}
    assert (await site.act("rep", "revealPersonalData", "v", **given))["userErrors"] == []
    for token in ("x" * 40, "y" * 40):
        told = await site.act("rep", "refreshSession", "v", refreshToken=token)
        assert [error["code"] for error in told["userErrors"]] == ["WRONG_CREDENTIALS"]
    told = await site.act("rep", "signIn", "v", login="rep", password="wrong")
    assert [error["code"] for error in told["userErrors"]] == ["WRONG_CREDENTIALS"]
    assert records(site) == []


async def test_the_record_holds_no_personal_value(site: Site, api: Api):
    """Nor what the client wrote as a key and as an alias: whoever steals a dump without the key ring reads neither."""
    given = {**TALK, "customerId": site.house.customer("own"), "summary": "问价格"}
    query = f"""mutation($input: LogInteractionInput!) {{ tel{CANARY}: logInteraction(input: $input) {{
      interaction {{ id }} }} }}"""
    told = (await site.post("rep", query, f"{CANARY}-1", input=given)).json()["data"]
    assert (await site.post("rep", query, f"{CANARY}-1", input=given)).json()["data"] == told
    assert talks(site) == 1
    name = {**CREATE, "name": "金丝雀"}
    made = await site.act("rep", "createCustomer", "1", "customer { id }", **name, mobile=CANARY)
    assert made["userErrors"] == []
    twice = await site.act("rep", "createCustomer", "2", "customer { id }", **name, mobile=CANARY)
    assert [error["code"] for error in twice["userErrors"]] == ["DUPLICATE"]
    bad = await site.act("rep", "createCustomer", "3", **name, mobile=f"{CANARY}0", email=f"{CANARY}@@example.com")
    assert len(bad["userErrors"]) == 2
    await log(site, "4", summary=f"请回电 {CANARY}")
    found = await site.act("agent", "findCustomerByContact", "5", "customerIds", mobile=CANARY, purpose="SERVICE")
    assert len(found["customerIds"]) == 1
    kept = str(api.rows("SELECT t::text FROM idempotency_record AS t"))
    assert len(records(site)) == 6
    assert CANARY not in kept
    assert CANARY.encode().hex() not in kept
    assert "金丝雀" not in kept


# -- While digest keys rotate -----------------------------------------------------------------------------------------


@asynccontextmanager
async def process(api: Api, ring: KeyRing) -> AsyncIterator[Site]:
    """One more process on the same database; only its digest keys are others than the house's."""
    app = application(Installation(Settings(), api.url, ring, None))
    async with app.router.lifespan_context(app):
        site = Site(app, api)
        async with site.http:
            yield site


@pytest.mark.parametrize("rotations", [1, 2])
async def test_a_request_is_known_again_when_the_digest_key_has_rotated(site: Site, api: Api, rotations):
    first = await log(site, "k")
    rotated = site.ring
    for _ in range(rotations):
        rotated = rotated.rotated(Use.DIGEST)
    async with process(api, rotated) as later:
        assert await log(later, "k") == first
        other = await log(later, "k", summary="问保修")
    assert [error["code"] for error in other["userErrors"]] == ["IDEMPOTENCY_KEY_REUSED"]
    assert talks(site) == 1
    assert all(outcome is not None for _, _, outcome in records(site))


async def test_a_record_outlives_the_key_that_it_was_first_kept_under(site: Site, api: Api):
    """Whoever repeats a request while both keys are live is answered when the older one is gone."""
    first = await log(site, "k")
    rotated = site.ring.rotated(Use.DIGEST)
    async with process(api, rotated) as between:
        assert await log(between, "k") == first
    async with process(api, replace(rotated, digest=rotated.digest[:1])) as after:
        assert await log(after, "k") == first
    assert talks(site) == 1


async def test_equal_requests_at_once_are_one_act_while_processes_have_different_keys(site: Site, api: Api):
    async with process(api, site.ring.rotated(Use.DIGEST)) as later:
        for round_ in range(5):
            asked = (log(one, f"k{round_}") for one in (site, later) * 4)
            answers = await asyncio.gather(*asked)
            assert answers[0]["userErrors"] == []
            assert all(answer == answers[0] for answer in answers)
    assert talks(site) == 5


@pytest.mark.parametrize("downwards", [False, True])
async def test_a_key_is_claimed_in_one_order_whichever_digest_key_is_the_present_one(site: Site, api: Api, downwards):
    """Else equal requests to two processes would each hold what the other waits for."""
    keys = site.ring.rotated(Use.DIGEST).digest
    ring = replace(site.ring, digest=tuple(sorted(keys, key=lambda key: key.id, reverse=downwards)))
    first, second = sorted(digests_of(ring, "k", "logInteraction"))
    async with process(api, ring) as later:
        with psycopg.connect(api.url) as other:
            claim(other, api, first)
            waiting = asyncio.ensure_future(log(later, "k"))
            await until(lambda: bool(api.rows(WAITING)))
            claim(other, api, second)
            other.rollback()
        assert (await waiting)["userErrors"] == []
    assert talks(site) == 1


WAITING = "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"


def claim(connection: psycopg.Connection[Any], api: Api, digest: bytes) -> None:
    """Fails where somebody holds it already."""
    connection.execute("SET LOCAL lock_timeout = '1s'")
    columns = "caller_id, digest, fingerprint, created_at"
    values = [api.house.viewers["rep"].id, digest, b"", datetime.now(UTC)]
    connection.execute(f"INSERT INTO idempotency_record ({columns}) VALUES (%s, %s, %s, %s)", values)
