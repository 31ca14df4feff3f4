"""ticketChanged as server-sent events: what each viewer is told, resuming, and how streams end."""

import asyncio
import base64
import random
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import psycopg
import pytest

from auth.door.session import opened
from auth.entering import tokens
from auth.jobs import Job, SystemViewer
from auth.sealing.cursors import CursorSealer
from domain.staff import Role
from domain.ticket_state import TicketStatus
from resolvers.errors import Refused
from resolvers.following import Position, Present
from schema.answering import streaming as looking
from server.composition import application
from server.http import streaming, viewers
from server.installation import Installation
from server.settings import Settings
from tests.api.house import Api, a_customer, a_ticket, written_and_open
from tests.api.site import BROKEN_OFF, FOLLOW, Site, until

NEW = {"kind": "QUESTION", "priority": "HIGH", "subject": "来电咨询", "description": "问保修"}


@pytest.fixture
async def site(api: Api, serving_url, ring, monkeypatch) -> AsyncIterator[Site]:
    """A process that looks often and has one connection for reading."""
    monkeypatch.setattr(looking, "PAUSE", 0.02)
    app = application(Installation(Settings(reading_connections=1), serving_url, ring, None))
    async with app.router.lifespan_context(app):
        site = Site(app, api)
        async with site.http:
            yield site


@pytest.fixture
def made(api: Api):
    """Tickets written before the stream begins, so that no event tells of them any more."""

    async def write(customer: str, count: int = 1, status=TicketStatus.ACCEPTED, assignee=None, team=None) -> list[str]:
        house = api.house
        who, queue = house.staff.get(assignee), house.teams.get(team)
        rows = [a_ticket(house.customers[customer], queue, status, who, "问保修") for _ in range(count)]
        await api.write(*rows)
        return [house.id_of(row) for row in rows]

    return write


async def opened_by_manager(site: Site, customer: str) -> str:
    payload = await site.act(
        "manager", "openTicket", None, "ticket { id }", customerId=site.house.customer(customer), **NEW
    )
    return payload["ticket"]["id"]


async def transfer(site: Site, customer: str, to: str) -> None:
    given = {"customerId": site.house.customer(customer), "toStaffId": site.house.member(to), "reason": "换人负责"}
    assert (await site.act("manager", "transferCustomer", None, **given))["userErrors"] == []


async def assign(site: Site, ticket: str, to: str) -> None:
    payload = await site.act("manager", "assignTicket", None, ticketId=ticket, assigneeId=site.house.member(to))
    assert payload["userErrors"] == []


# -- What is told -----------------------------------------------------------------------------------------------------


async def test_who_reaches_a_ticket_is_told_that_it_was_opened_and_changed(site: Site):
    async with site.listen("manager") as manager, site.listen("rep") as rep:
        ticket = await opened_by_manager(site, "own")
        assert await manager() == await rep() == [("CREATED", ticket)]
        await site.act("manager", "investigateTicket", None, ticketId=ticket)
        assert await manager() == await rep() == [("CHANGED", ticket)]
        assert rep.headers[b"content-type"] == b"text/event-stream; charset=utf-8"


@pytest.mark.parametrize("caller", ["rep", "agent", "privacy_officer", "admin", "partner"])
async def test_of_tickets_out_of_reach_nothing_is_told_not_even_ids(site: Site, api: Api, caller):
    api.route("two")
    async with site.listen(caller) as told, site.listen("manager") as manager:
        ticket = await opened_by_manager(site, "strange")
        await assign(site, ticket, "other_rep")
        await assign(site, ticket, "other_agent")
        await site.act("manager", "investigateTicket", None, ticketId=ticket)
        await transfer(site, "strange", "manager")
        await manager(4)
        seen = await opened_by_manager(site, "own") if caller in {"rep", "partner"} else None
        assert await told() == [("CREATED", seen)] if seen else await quiet(told)
        assert ticket.encode() not in told.body


async def quiet(told) -> bool:
    """Whether nothing came in several looks."""
    await asyncio.sleep(0.3)
    return told.replies.empty()


async def test_an_agent_is_told_of_a_ticket_that_comes_and_of_its_loss(site: Site, made):
    (ticket,) = await made("strange")
    async with site.listen("agent") as told:
        await assign(site, ticket, "agent")
        assert await told() == [("CHANGED", ticket)]
        await assign(site, ticket, "other_agent")
        assert await told() == [("LOST", ticket)]


async def test_a_ticket_assigned_away_is_lost_though_the_stream_never_told_of_it(site: Site, made):
    (ticket,) = await made("strange", assignee="agent")
    async with site.listen("agent") as told:
        await assign(site, ticket, "other_agent")
        assert await told() == [("LOST", ticket)]


async def test_every_agent_of_the_team_is_told_at_once_of_a_ticket_that_a_rep_opens(site: Site, api: Api):
    api.execute("UPDATE staff_member SET team_id = %s WHERE login = 'lone_agent'", api.house.teams["one"].id)
    async with site.listen("agent") as one, site.listen("lone_agent") as two, site.listen("other_agent") as other:
        given = {"customerId": site.house.customer("own"), **NEW}
        payload = await site.act("rep", "openTicket", None, "ticket { id }", **given)
        assert await one() == await two() == [("CREATED", payload["ticket"]["id"])]
        assert await quiet(other)


async def test_a_ticket_that_a_colleague_takes_from_the_queue_stays_with_the_team(site: Site):
    ticket = site.house.id_of(site.house.tickets["served"])
    async with site.listen("agent") as told:
        await assign(site, ticket, "other_agent")
        assert await told() == [("CHANGED", ticket)]


async def test_who_closes_a_ticket_goes_on_being_told_of_it(site: Site, made):
    (ticket,) = await made("strange", status=TicketStatus.FOLLOWING_UP, assignee="agent")
    async with site.listen("agent") as told:
        payload = await site.act("agent", "closeTicket", None, "ticket { id }", ticketId=ticket, resolution="已换新")
        assert payload == {"ticket": {"id": ticket}, "userErrors": []}
        assert await told() == [("CHANGED", ticket)]
        await site.act("other_rep", "reopenTicket", None, ticketId=ticket, reason="又坏了")
        assert await told() == [("CHANGED", ticket)]


async def test_tickets_that_go_along_with_a_customer_are_told_to_both_owners(site: Site, made):
    (ticket,) = await made("own", assignee="rep")
    closed = site.house.id_of(site.house.tickets["own"])
    async with site.listen("rep") as rep, site.listen("other_rep") as other:
        await transfer(site, "own", "other_rep")
        assert sorted(await rep(2)) == sorted([("LOST", ticket), ("LOST", closed)])
        assert {("CHANGED", ticket), ("CHANGED", closed)} == set(await other(3))


async def test_a_ticket_in_nobodys_reach_but_the_managers_stays_theirs(site: Site):
    ticket = site.house.id_of(site.house.tickets["served"])
    async with site.listen("manager") as told:
        await assign(site, ticket, "other_agent")
        await transfer(site, "served", "rep")
        await assign(site, ticket, "agent")
        assert await told(2) == [("CHANGED", ticket)] * 2


async def test_a_transferred_customer_takes_all_its_tickets_along(site: Site, made):
    tickets = {*await made("own", 3), site.house.id_of(site.house.tickets["own"])}
    async with site.listen("rep") as rep, site.listen("other_rep") as other:
        await transfer(site, "own", "other_rep")
        assert sorted(await rep(4)) == sorted(("LOST", id_) for id_ in tickets)
        assert sorted(await other(4)) == sorted(("CHANGED", id_) for id_ in tickets)
        await transfer(site, "own", "rep")
        assert sorted(await rep(4)) == sorted(("CHANGED", id_) for id_ in tickets)
        assert sorted(await other(4)) == sorted(("LOST", id_) for id_ in tickets)


async def test_a_ticket_that_was_opened_after_the_transfer_is_not_told_to_the_former_owner(site: Site, monkeypatch):
    before = site.house.id_of(site.house.tickets["own"])
    async with site.listen("rep") as told:
        monkeypatch.setattr(looking, "PAUSE", 2.0)
        await asyncio.sleep(0.1)
        await transfer(site, "own", "other_rep")
        after = await opened_by_manager(site, "own")
        assert await told() == [("LOST", before)]
        assert await quiet(told)
        assert after.encode() not in told.body


async def test_who_was_assigned_a_ticket_of_a_customer_never_theirs_is_told_nothing_when_it_goes(site: Site, made):
    (ticket,) = await made("strange", assignee="rep")
    async with site.listen("rep") as told:
        await assign(site, ticket, "agent")
        seen = await opened_by_manager(site, "own")
        assert await told() == [("CREATED", seen)]


async def test_customers_without_tickets_that_change_hands_do_not_hold_the_stream_up(site: Site, api: Api):
    rep, other = api.house.staff["rep"], api.house.staff["other_rep"]
    customers = [a_customer(other, {"name": "空客户"}) for _ in range(120)]
    await api.write(*customers)
    async with site.listen("rep") as told:
        async with opened(api.desks, SystemViewer(Job.DEMO), api.ring) as session:
            for customer in customers:
                row = await session.get(type(customer), customer.id)
                row.transfer(rep, "换人负责", rep.id, row.updated_at)
        ticket = await opened_by_manager(site, "own")
        assert await told() == [("CREATED", ticket)]


async def test_another_role_is_told_at_once_what_it_no_longer_reaches(site: Site, api: Api, monkeypatch):
    monkeypatch.setattr(viewers, "REMEMBERED_SECONDS", 0.0)
    async with site.listen("agent") as told:
        ticket = await opened_by_manager(site, "served")
        assert await told() == [("CREATED", ticket)]
        with psycopg.connect(api.url) as connection:
            connection.execute("UPDATE staff_member SET role = %s WHERE login = 'agent'", [Role.REP])
        assert await told() == [("LOST", ticket)]


async def test_each_change_is_told_with_what_its_viewer_may_not_see(site: Site):
    query = "subscription { ticketChanged { kind ticket { id subject assignee { id } } } }"
    async with site.listen("partner", query) as told:
        ticket = await opened_by_manager(site, "own")
        reply = await told.reply()
        assert reply["data"]["ticketChanged"]["ticket"] == {"id": ticket, "subject": "来电咨询", "assignee": None}
        assert reply["extensions"] == {"access": {"hidden": ["Ticket.assignee"]}}


# -- Resuming ---------------------------------------------------------------------------------------------------------


async def test_from_every_cursor_the_rest_follows_without_loss_or_repetition(site: Site, made):
    await made("own", 4)
    async with site.listen("other_rep") as told:
        first = await opened_by_manager(site, "served")
        await transfer(site, "own", "other_rep")
        last = await opened_by_manager(site, "own")
        changes = [await told.change() for _ in range(7)]
    assert (changes[0]["id"], changes[-1]["id"]) == (first, last)
    assert len({change["cursor"] for change in changes}) == 7
    for place, change in enumerate(changes[:-1]):
        async with site.resumed("other_rep", change["cursor"]) as told:
            assert [await told.change() for _ in changes[place + 1 :]] == changes[place + 1 :]
            assert await quiet(told)


async def test_more_tickets_than_one_look_takes_are_all_told_once(site: Site, made):
    tickets = {*await made("own", 230), site.house.id_of(site.house.tickets["own"])}
    async with site.listen("other_rep") as told:
        await transfer(site, "own", "other_rep")
        changes = await told(231)
    assert len(changes) == 231
    assert {id_ for _, id_ in changes} == tickets


async def test_transactions_that_commit_out_of_order_are_told_in_one_order_and_once(site: Site, api: Api):
    def ticket():
        return a_ticket(api.house.customers["own"], None, description="问保修")

    one, two, three = ticket(), ticket(), ticket()
    async with site.listen("rep") as told:
        await opened_by_manager(site, "own")
        cursor = (await told.change())["cursor"]
        async with written_and_open(api.desks, api.ring, one):
            await api.write(two)
            assert await quiet(told)
        await api.write(three)
        names = {api.house.id_of(row): name for row, name in ((one, "one"), (two, "two"), (three, "three"))}
        assert [names[id_] for _, id_ in await told(3)] == ["one", "two", "three"]
        assert await quiet(told)
    async with site.resumed("rep", cursor) as again:
        assert [names[id_] for _, id_ in await again(3)] == ["one", "two", "three"]


async def test_reconnecting_again_and_again_while_others_write_loses_and_repeats_nothing(site: Site, api: Api):
    chance = random.Random(11)
    rows = [a_ticket(api.house.customers["own"], None, description="问保修") for _ in range(24)]

    async def write(row) -> None:
        async with written_and_open(api.desks, api.ring, row):
            await asyncio.sleep(chance.random() / 20)

    async with site.listen("rep") as told:
        first = await opened_by_manager(site, "own")
        cursor = (await told.change())["cursor"]
    writing = asyncio.gather(*map(write, rows))
    heard = []
    while len(heard) < len(rows):
        async with site.resumed("rep", cursor) as told:
            for _ in range(min(chance.randint(1, 4), len(rows) - len(heard))):
                change = await told.change()
                heard.append(change["id"])
                cursor = change["cursor"]
    await writing
    assert first not in heard
    assert sorted(heard) == sorted(api.house.id_of(row) for row in rows)


@pytest.mark.parametrize("cursor", ["", "!", "中文", "AAAA", "eyJhIjoxfQ==", "x" * 3000])
async def test_a_cursor_that_is_none_is_refused_and_the_stream_ends(site: Site, cursor):
    async with site.resumed("rep", cursor) as told:
        assert [error["extensions"]["code"] for error in (await told.reply())["errors"]] == ["BAD_CURSOR"]
        assert await told.reply() is None


async def test_a_cursor_of_a_list_is_none_of_the_stream(site: Site):
    listed = await site.post("rep", "{ tickets(first: 1) { pageInfo { endCursor } } }")
    async with site.resumed("rep", listed.json()["data"]["tickets"]["pageInfo"]["endCursor"]) as told:
        assert (await told.reply())["errors"][0]["extensions"]["code"] == "BAD_CURSOR"


async def test_who_decodes_a_cursor_of_the_stream_reads_neither_transaction_nor_id(site: Site, api: Api):
    async with site.listen("rep") as told:
        await opened_by_manager(site, "own")
        change = await told.change()
    raw = base64.urlsafe_b64decode(change["cursor"])
    [(xact, event)] = api.rows("SELECT xact, id FROM event WHERE kind = 'TICKET_OPENED' ORDER BY id DESC LIMIT 1")
    told_ids = (event, UUID(change["id"].removeprefix("tkt_")))
    secrets = [str(xact).encode(), *(id_.bytes for id_ in told_ids), *(str(id_).encode() for id_ in told_ids)]
    assert [secret for secret in secrets if secret in raw] == []


async def test_a_cursor_of_before_a_restore_is_refused_and_following_anew_works(site: Site, api: Api):
    async with site.listen("rep") as told:
        await opened_by_manager(site, "own")
        cursor = (await told.change())["cursor"]
    restored(api)
    async with site.resumed("rep", cursor) as told:
        assert [error["extensions"]["code"] for error in (await told.reply())["errors"]] == ["BAD_CURSOR"]
        assert await told.reply() is None
    async with site.listen("rep") as told:
        ticket = await opened_by_manager(site, "own")
        assert await told() == [("CREATED", ticket)]


async def test_a_stream_under_which_the_database_is_changed_for_another_ends_in_words(site: Site, api: Api):
    async with site.listen("rep") as told:
        restored(api)
        assert [error["extensions"]["code"] for error in (await told.reply())["errors"]] == ["BAD_CURSOR"]
        assert await told.reply() is None


def test_a_position_that_the_database_has_not_come_to_is_refused(ring):
    """As after an older copy of the data folder was put back, which changes neither epoch nor cluster."""
    sealer = CursorSealer(ring.cursor)
    cursor = Present("history", 1_000).write(sealer, Position(900, UUID(int=1), UUID(int=2)))
    assert Present("history", 901).read(sealer, cursor).xact == 900
    with pytest.raises(Refused):
        Present("history", 900).read(sealer, cursor)


def restored(api: Api) -> None:
    """What `zhike restore` does to the epoch."""
    with psycopg.connect(api.url) as connection:
        connection.execute("UPDATE installation SET epoch = gen_random_uuid()")


async def test_null_is_no_cursor(site: Site):
    async with site.resumed("rep", None) as told:
        ticket = await opened_by_manager(site, "own")
        assert await told() == [("CREATED", ticket)]


# -- How streams begin and end ----------------------------------------------------------------------------------------


async def test_a_stream_that_answers_has_begun(site: Site, monkeypatch):
    """Who opens a stream and then reads a list misses nothing between the two."""
    for _ in range(5):
        async with site.listen("rep") as told:
            ticket = await opened_by_manager(site, "own")
            assert await told() == [("CREATED", ticket)]


async def test_a_stream_ends_with_its_token(site: Site, monkeypatch):
    monkeypatch.setattr(tokens, "LEEWAY", timedelta(0))
    async with site.listen("rep", token=site.token("rep", timedelta(seconds=1))) as told:
        await refused_and_broken_off(told)


async def refused_and_broken_off(told) -> None:
    """Clients that know the protocol take it for no end: they connect again, with a token that is good."""
    assert [error["extensions"]["code"] for error in (await told.reply())["errors"]] == ["UNAUTHENTICATED"]
    assert await told.reply() == BROKEN_OFF


async def test_a_stream_ends_when_its_viewer_leaves_the_house(site: Site, api: Api, monkeypatch):
    monkeypatch.setattr(viewers, "REMEMBERED_SECONDS", 0.0)
    async with site.listen("rep") as told:
        with psycopg.connect(api.url) as connection:
            connection.execute("UPDATE staff_member SET active = false WHERE login = 'rep'")
        await refused_and_broken_off(told)
    async with site.listen("rep") as told:
        assert told.status == 401


async def test_without_a_token_there_is_no_stream(site: Site):
    async with site.listen("rep", token="a.b.c") as told:
        assert told.status == 401


async def test_streams_are_bounded_per_viewer_and_free_again_when_clients_go(site: Site):
    streams = [site.listen("rep") for _ in range(streaming.MAX_PER_VIEWER)]
    heard = [await one.__aenter__() for one in streams]
    async with site.listen("rep") as refused, site.listen("manager") as other:
        assert (refused.status, other.status) == (429, 200)
        assert b"LIMIT_EXCEEDED" in refused.body
    await streams.pop().__aexit__(None, None, None)
    async with site.listen("rep") as told:
        assert told.status == 200
    for one in streams:
        await one.__aexit__(None, None, None)
    assert [one.status for one in heard] == [200] * len(heard)
    assert site.endpoint.streams._open.total() == 0


async def test_clients_that_go_at_any_moment_leave_nothing_open(site: Site):
    chance = random.Random(5)
    for _ in range(20):
        async with site.listen("manager") as told:
            await opened_by_manager(site, "own") if chance.random() < 0.3 else None
            await asyncio.sleep(chance.random() / 30)
        assert told.running.done()
    assert site.endpoint.streams._open.total() == 0
    told = await asyncio.wait_for(site.post("manager", "{ viewer { role } }"), 10)
    assert told.json()["data"]["viewer"]["role"] == "MANAGER"


async def test_a_stream_survives_that_its_connection_was_cut(site: Site, api: Api):
    async with site.listen("rep") as told:
        with psycopg.connect(api.url, autocommit=True) as other:
            other.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
                " AND pid <> pg_backend_pid() AND query LIKE '%horizon%'"
            )
        ticket = await opened_by_manager(site, "own")
        assert await told() == [("CREATED", ticket)]


async def test_a_comment_now_and_then_keeps_a_quiet_stream_open(site: Site, monkeypatch):
    monkeypatch.setattr(streaming, "HEARTBEAT", 0.0)
    async with site.listen("rep") as told:
        await until(lambda: told.comments > 3)
        assert told.body.replace(streaming.COMMENT, b"") == b""


@pytest.mark.parametrize("key", [None, "once"])
async def test_what_is_no_subscription_gives_one_reply_and_ends(site: Site, api: Api, key):
    query = """mutation($input: LogInteractionInput!) {
      logInteraction(input: $input) { interaction { id } userErrors { code } } }"""
    given = {"channel": "PHONE", "direction": "INBOUND", "occurredAt": "2026-01-01T00:00:00Z", "summary": "问价格"}
    ids = set()
    for _ in range(2):
        async with site.listen("rep", query, key, input={"customerId": api.house.customer("own"), **given}) as told:
            ids.add((await told.reply())["data"]["logInteraction"]["interaction"]["id"])
            assert await told.reply() is None
    assert len(ids) == (1 if key else 2)
    async with site.listen("rep", "{ viewer { role } }") as told:
        assert await told.reply() == {"data": {"viewer": {"role": "REP"}}}
        assert await told.reply() is None


async def test_a_document_that_is_refused_is_told_in_the_stream(site: Site):
    async with site.listen("rep", "subscription { nothing }") as told:
        assert (await told.reply())["errors"][0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"
        assert await told.reply() is None


async def test_a_subscription_asked_for_as_a_query_is_told_how_to_ask(site: Site):
    told = await site.post("rep", FOLLOW)
    assert (told.status_code, told.json()["errors"][0]["extensions"]["code"]) == (406, "NOT_ACCEPTABLE")


async def test_a_server_that_stops_ends_its_streams(site: Site):
    async with site.listen("rep") as told, site.listen("manager") as other:
        site.endpoint.streams.end()
        assert await told.reply() == BROKEN_OFF
        assert await other.reply() == BROKEN_OFF
        await until(told.running.done)
