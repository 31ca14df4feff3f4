"""signIn and refreshSession over HTTP: who enters, what is told, what is kept."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

import argon2
import httpx2
import psycopg
import pytest
import structlog
from starlette.applications import Starlette

from auth.entering import alarm, attempts, passwords
from auth.sealing.keys import KeyRing
from domain.identity import new_id, public_id
from domain.staff import Role, StaffMember
from server.composition import application
from server.installation import Installation
from server.postgres.database import Database
from server.settings import Settings
from tests.api.house import write

PASSWORD = "仓库 correct horse battery"
OTHER_COST = argon2.PasswordHasher(time_cost=1, memory_cost=8_192, parallelism=1)
SIGN_IN = """mutation($input: SignInInput!) { signIn(input: $input) {
  accessToken refreshToken expiresAt viewer { id role name } userErrors { code field message } } }"""
REFRESH = """mutation($input: RefreshSessionInput!) { refreshSession(input: $input) {
  accessToken refreshToken expiresAt viewer { id role name } userErrors { code field message } } }"""
LOGIN = {"login": "rep", "password": PASSWORD}
NOTHING = {"accessToken": None, "refreshToken": None, "expiresAt": None, "viewer": None}
TABLES = "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')"


class Client:
    """A device before one process of the product."""

    def __init__(self, app: Starlette, address: str) -> None:
        self.app = app
        transport = httpx2.ASGITransport(app=app, client=(address, 1234))
        self.http = httpx2.AsyncClient(transport=transport, base_url="http://zhike")

    async def post(self, query: str, token: str | None = None, key: str | None = None, **variables: Any) -> Any:
        headers = {"authorization": f"Bearer {token}"} if token else {}
        headers |= {"idempotency-key": key} if key else {}
        return await self.http.post("/graphql", json={"query": query, "variables": variables}, headers=headers)

    async def sign_in(self, login: str = "rep", password: str = PASSWORD, **more: Any) -> dict[str, Any]:
        reply = await self.post(SIGN_IN, input={"login": login, "password": password, **more})
        return reply.json()["data"]["signIn"]

    async def refresh(self, token: str) -> dict[str, Any]:
        return (await self.post(REFRESH, input={"refreshToken": token})).json()["data"]["refreshSession"]

    async def code(self, login: str = "rep", password: str = "wrong", **more: Any) -> str:
        """The first refusal, or an empty text."""
        return next((error["code"] for error in (await self.sign_in(login, password, **more))["userErrors"]), "")


@pytest.fixture(scope="session")
def stored() -> str:
    return passwords.hashed(PASSWORD)


@pytest.fixture
async def staff(database: Database, ring: KeyRing, stored: str) -> dict[str, StaffMember]:
    """Two who may enter, one who left, one without a password."""
    logins = {"rep": Role.REP, "admin": Role.ADMIN, "left": Role.REP, "bare": Role.REP}
    made = {
        login: StaffMember(
            id=new_id(),
            login=login,
            name=f"员工{login}",
            role=role,
            active=login != "left",
            created_at=datetime.now(UTC),
            password_hash=None if login == "bare" else stored,
        )
        for login, role in logins.items()
    }
    await write(database.desks, ring, *made.values())
    return made


@pytest.fixture
async def client_with(serving_url: str, ring: KeyRing, staff: object) -> AsyncIterator[Callable[..., Any]]:
    """A process of its own, with settings such as `sign_in_failures=3`, and a client at some address."""
    async with AsyncExitStack() as running:

        async def made(ring: KeyRing = ring, address: str = "192.0.2.1", **settings: Any) -> Client:
            app = application(Installation(Settings(**settings), serving_url, ring, None))
            await running.enter_async_context(app.router.lifespan_context(app))
            client = Client(app, address)
            await running.enter_async_context(client.http)
            return client

        yield made


@pytest.fixture
async def client(client_with) -> Client:
    return await client_with()


@pytest.fixture
def sql(database_url: str):
    """`sql("SELECT …")` past every rule."""

    def run(statement: str, *values: Any) -> list[tuple[Any, ...]]:
        with psycopg.connect(database_url) as connection:
            done = connection.execute(statement, values)
            return done.fetchall() if done.description else []

    return run


@pytest.fixture
def checks(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The PHC texts that passwords were compared with, in order."""
    seen: list[str] = []
    real = passwords.CONTEXT

    class Counting:
        def __getattr__(self, name: str) -> Any:
            return getattr(real, name)

        def verify(self, password: str, text: str) -> bool:
            seen.append(text)
            return real.verify(password, text)

    monkeypatch.setattr(passwords, "CONTEXT", Counting())
    return seen


# -- Who enters -------------------------------------------------------------------------------------------------------


async def test_login_and_password_open_a_session_whose_access_token_answers(client: Client, staff):
    opened = await client.sign_in()
    assert opened["userErrors"] == []
    assert opened["viewer"] == {"id": public_id("vwr", staff["rep"].id), "role": "REP", "name": "员工rep"}
    ends = datetime.fromisoformat(opened["expiresAt"])
    assert timedelta(minutes=14, seconds=57) < ends - datetime.now(UTC) <= timedelta(minutes=15)
    reply = await client.post("{ viewer { id role } customers { totalCount } }", opened["accessToken"])
    assert reply.json()["data"]["viewer"] == {"id": opened["viewer"]["id"], "role": "REP"}


async def test_who_signed_in_is_read_as_the_viewer_of_a_query_is(client: Client, staff):
    asked = "viewer { id name me: staffMember { id name role team active } } "
    signing_in = SIGN_IN.replace("accessToken", asked + "accessToken")
    reply = (await client.post(signing_in.replace("viewer { id role name }", ""), input=LOGIN)).json()
    opened = reply["data"]["signIn"]
    assert (await client.post(f"{{ {asked} }}", opened["accessToken"])).json()["data"]["viewer"] == opened["viewer"]
    assert opened["viewer"]["me"]["id"] == public_id("stf", staff["rep"].id)


async def test_the_access_token_lives_as_long_as_the_setting_says(client_with):
    client = await client_with(access_token_minutes=2)
    ends = datetime.fromisoformat((await client.sign_in())["expiresAt"])
    assert timedelta(seconds=118) < ends - datetime.now(UTC) <= timedelta(minutes=2)


@pytest.mark.parametrize("login", ["REP", " rep ", "ｒｅｐ"])
async def test_case_width_and_spaces_around_a_login_do_not_count(client: Client, login: str):
    assert (await client.sign_in(login))["viewer"]["role"] == "REP"


async def test_a_session_can_be_opened_with_a_token_too_and_beside_other_acts(client: Client):
    token = (await client.sign_in())["accessToken"]
    both = """mutation($input: SignInInput!, $made: CreateCustomerInput!) {
      __typename createCustomer(input: $made) { customer { id } userErrors { code } }
      signIn(input: $input) { viewer { role } userErrors { code } } }"""
    made = {"kind": "PERSON", "basis": "CONTRACT", "name": "王小明"}
    reply = (await client.post(both, token, made=made, input={"login": "admin", "password": PASSWORD})).json()
    assert reply["data"]["createCustomer"]["customer"]["id"].startswith("cus_")
    assert reply["data"]["signIn"] == {"viewer": {"role": "ADMIN"}, "userErrors": []}
    assert reply["data"]["__typename"] == "Mutation"


WRONG = {
    "unknown login": ("nobody", PASSWORD),
    "wrong password": ("rep", "not the password"),
    "empty password": ("rep", ""),
    "password of another case": ("rep", PASSWORD.upper()),
    "somebody who left": ("left", PASSWORD),
    "somebody without a password": ("bare", PASSWORD),
    "nobody's password": ("bare", ""),
    "no login at all": ("", PASSWORD),
    "what cannot be a login": ("rep' OR 1=1 --", PASSWORD),
    "a very long login": ("r" * 50_000, PASSWORD),
    "a very long password": ("rep", PASSWORD + "x" * 50_000),
}


@pytest.mark.parametrize(("login", "password"), WRONG.values(), ids=WRONG)
async def test_whatever_was_wrong_the_answer_and_its_cost_are_the_same(client: Client, checks, stored, login, password):
    reply = await client.post(SIGN_IN, input={"login": login, "password": password})
    known = await client.post(SIGN_IN, input={"login": "rep", "password": "wrong"})
    assert reply.content == known.content
    assert {key: reply.json()["data"]["signIn"][key] for key in NOTHING} == NOTHING
    [error] = reply.json()["data"]["signIn"]["userErrors"]
    assert (error["code"], error["field"]) == ("WRONG_CREDENTIALS", None)
    assert len(checks) == 2, "one check each"
    assert {text.split("$")[3] for text in checks} == {stored.split("$")[3]}, "at the same cost"


async def test_a_password_is_the_same_on_every_keyboard(client: Client, database: Database, ring, sql):
    sql("UPDATE staff_member SET password_hash = %s WHERE login = 'rep'", passwords.hashed("Caf\u00e9 au lait 2026"))
    assert await client.code("rep", "Cafe\u0301 au lait 2026") == ""


# -- Guessing ---------------------------------------------------------------------------------------------------------


MANY = """INSERT INTO sign_in_attempt SELECT gen_random_uuid(), login_digest, source_digest, now()
FROM sign_in_attempt, generate_series(1, 20)"""
"""Twenty failures more of each login at each address: enough for the longest wait."""


def moved_back(sql, interval: str) -> None:
    """As if the attempts had been made earlier."""
    sql(f"UPDATE sign_in_attempt SET at = at - interval '{interval}'")


@pytest.mark.parametrize("login", ["rep", "nobody"])
async def test_after_too_many_guesses_even_the_right_password_has_to_wait(client_with, checks, sql, login):
    client = await client_with()
    assert await client.code(login) == "WRONG_CREDENTIALS"
    sql(MANY)
    refused = (await client.sign_in(login, PASSWORD))["userErrors"][0]
    assert (refused["code"], refused["field"]) == ("LIMIT_EXCEEDED", None)
    assert 280 < int(re.search(r"in (\d+) seconds", refused["message"])[1]) <= 300
    assert len(checks) == 1
    assert await client.code("admin", PASSWORD) == "", "others sign in"
    another_process = await client_with()
    assert await another_process.code(login.upper(), PASSWORD) == "LIMIT_EXCEEDED"
    moved_back(sql, "5 minutes")
    fresh = await client_with()
    assert await fresh.code(login, PASSWORD) == ("" if login == "rep" else "WRONG_CREDENTIALS")


def test_the_wait_doubles_with_each_guess_up_to_five_minutes():
    seconds = [attempts.delay_after(failures, 3).total_seconds() for failures in range(14)]
    assert seconds == [0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]
    assert attempts.delay_after(10**6, 3).total_seconds() == 300


async def test_who_guesses_at_a_login_makes_nobody_wait_elsewhere(client_with, sql):
    guesser, owner = await client_with(), await client_with(address="198.51.100.7")
    await guesser.code("rep")
    sql(MANY)
    assert await guesser.code("rep", PASSWORD) == "LIMIT_EXCEEDED"
    assert await owner.code("rep", PASSWORD) == ""
    assert await guesser.code("rep", PASSWORD) == "LIMIT_EXCEEDED", "a success elsewhere gives the guesser nothing back"


async def test_a_thousand_guesses_at_made_up_logins_lock_nobody_out_not_even_at_the_same_address(client, checks, sql):
    codes = [await client.code(f"nobody{number}") for number in range(60)]
    assert set(codes) == {"WRONG_CREDENTIALS"}
    sql(
        "INSERT INTO sign_in_attempt SELECT gen_random_uuid(), sha256(n::text::bytea), source_digest, now()"
        " FROM generate_series(1, 1000) n, (SELECT source_digest FROM sign_in_attempt LIMIT 1) s"
    )
    assert await client.code("rep", PASSWORD) == ""
    assert len(checks) == 61


async def test_addresses_of_one_ipv6_network_count_as_one(client_with, sql):
    await (await client_with(address="2001:db8:1:2::1")).code("rep")
    sql(MANY)
    assert await (await client_with(address="2001:db8:1:2::ffff")).code("rep", PASSWORD) == "LIMIT_EXCEEDED"
    assert await (await client_with(address="2001:db8:1:3::1")).code("rep", PASSWORD) == ""


async def test_a_device_with_a_live_session_does_not_wait_for_what_others_do_at_its_address(client_with, sql):
    client = await client_with()
    used = (await client.sign_in())["refreshToken"]
    live = (await client.refresh(used))["refreshToken"]
    await client.code("rep")
    sql(MANY)
    assert await client.code("rep", PASSWORD) == "LIMIT_EXCEEDED"
    for token in (used, live):
        assert (await client.sign_in(deviceToken=token))["userErrors"] == []
    assert await client.code("rep", deviceToken=live) == "WRONG_CREDENTIALS"
    sql(MANY)
    assert await client.code("rep", PASSWORD, deviceToken=live) == "LIMIT_EXCEEDED", "who stole it guesses no faster"


@pytest.mark.parametrize("token", ["", "zhr_" + "A" * 43, "x" * 50_000, "another's", "revoked", "over"])
async def test_a_token_that_proves_no_live_session_of_the_login_changes_nothing(client_with, sql, token):
    client = await client_with()
    own = (await client.sign_in())["refreshToken"]
    given = {"another's": (await client.sign_in("admin"))["refreshToken"], "revoked": own, "over": own}.get(
        token, token
    )
    if token == "revoked":
        sql("UPDATE refresh_session SET revoked_at = now()")
    if token == "over":
        sql("UPDATE refresh_session SET expires_at = now()")
    assert await client.code("rep", deviceToken=given) == "WRONG_CREDENTIALS"
    sql(MANY)
    assert await client.code("rep", PASSWORD, deviceToken=given) == "LIMIT_EXCEEDED"


async def test_guesses_from_everywhere_raise_an_alarm_and_refuse_nobody(client_with, sql, monkeypatch):
    monkeypatch.setattr(alarm, "CHECK_EVERY", 0.0)
    clients = [await client_with(sign_in_alarm=4, address=f"198.51.100.{n}") for n in range(5)]
    with structlog.testing.capture_logs() as lines:
        codes = [
            await client.code(login)
            for client, login in zip(clients, ["rep", "rep", "canary", "rep", "x"], strict=True)
        ]
        assert await clients[0].code("rep", PASSWORD) == ""
    assert codes == ["WRONG_CREDENTIALS"] * 5
    told = [line for line in lines if line["event"] == "sign_in_guessing"]
    assert [(line["log_level"], line["failed"], line["logins"], line["sources"]) for line in told] == [
        ("warning", 4, 2, 4), ("warning", 5, 3, 5),
    ]  # fmt: skip
    assert "canary" not in repr(lines)
    assert "198.51" not in repr(lines)
    assert [client.app.state.sign_in_counts.alarms for client in clients] == [0, 0, 0, 1, 1]


async def test_refusals_that_ask_the_database_nothing_count_for_the_alarm_too(client_with, sql, monkeypatch):
    monkeypatch.setattr(alarm, "CHECK_EVERY", 0.0)
    client = await client_with(sign_in_alarm=10)
    await client.code("rep")
    sql(MANY)
    with structlog.testing.capture_logs() as lines:
        for _ in range(11):
            await client.code("rep")
    assert [line["refused"] >= 9 for line in lines if line["event"] == "sign_in_guessing"] == [True]
    counts = client.app.state.sign_in_counts
    assert (counts.succeeded, counts.wrong_credentials, counts.limit_exceeded) == (0, 1, 11)


async def test_guesses_at_once_are_counted_like_guesses_in_a_row(client_with, checks):
    client = await client_with(sign_in_failures=4)
    codes = await asyncio.gather(*(client.code("rep") for _ in range(12)))
    assert sorted(codes) == ["LIMIT_EXCEEDED"] * 8 + ["WRONG_CREDENTIALS"] * 4
    assert len(checks) == 4


async def test_a_success_forgets_the_failures_before_it(client_with, sql):
    client = await client_with(sign_in_failures=2)
    assert [await client.code("rep", p) for p in ("wrong", PASSWORD, "wrong", PASSWORD)] == [
        "WRONG_CREDENTIALS", "", "WRONG_CREDENTIALS", "",
    ]  # fmt: skip
    assert sql("SELECT count(*) FROM sign_in_attempt") == [(0,)]


async def test_attempts_that_no_longer_count_are_cleared_away(client: Client, sql):
    for number in range(3):
        await client.code(f"nobody{number}")
    moved_back(sql, "1 hour")
    await client.code("nobody9")
    assert sql("SELECT count(*) FROM sign_in_attempt") == [(1,)]


ALIASED = """mutation($input: SignInInput!) {
  a: signIn(input: $input) { accessToken } b: signIn(input: $input) { accessToken } }"""


async def test_one_request_is_one_guess(client: Client, checks):
    token = (await client.sign_in())["accessToken"]
    for sent in (None, token):
        reply = (await client.post(ALIASED, sent, input={"login": "rep", "password": PASSWORD})).json()
        assert "data" not in reply
        [error] = reply["errors"]
        told = {"code": "LIMIT_EXCEEDED", "limit": "signIns", "allowed": 1, "docs": "docs/errors.md#limit_exceeded"}
        assert error["extensions"] == told
    assert len(checks) == 1


async def test_without_a_token_nothing_else_is_done_not_even_beside_signing_in(client: Client, checks, sql):
    both = """mutation($input: SignInInput!) { signIn(input: $input) { accessToken }
      createCustomer(input: {kind: PERSON, basis: CONTRACT, name: "王"}) { userErrors { code } } }"""
    reply = (await client.post(both, input={"login": "rep", "password": PASSWORD})).json()
    assert [error["extensions"]["code"] for error in reply["errors"]] == ["UNAUTHENTICATED"]
    assert "data" not in reply
    assert checks == []
    assert sql("SELECT count(*) FROM refresh_session") == [(0,)]


VIEWED = "viewer { id name } "
LITTLE = """mutation Enter($given: SignInInput!, $more: Boolean = true) {
  is: __typename
  entered: signIn(input: $given) { access: accessToken ...More @include(if: $more)
    problems: userErrors { ...Problem } } }
fragment More on SignInPayload { refresh: refreshToken until: expiresAt who: viewer { id role name } }
fragment Problem on UserError { code field message }"""


@pytest.mark.parametrize(
    ("document", "refused"),
    [
        (f"{{ {VIEWED * 16} }}", None),
        (f"{{ {VIEWED * 17} }}", {"code": "LIMIT_EXCEEDED", "limit": "fields", "allowed": 50}),
        (f"{{ {VIEWED * 300} }}", {"code": "UNAUTHENTICATED"}),
        ("{ viewer { id } } #".ljust(10_000), None),
        ("{ viewer { id } } #".ljust(10_001), {"code": "UNAUTHENTICATED"}),
        ("{ customers { nodes { " + "id " * 300 + "} } }", {"code": "UNAUTHENTICATED"}),
    ],
)
async def test_without_a_token_only_small_documents_are_compared_with_the_schema(client: Client, document, refused):
    reply = (await client.post(document)).json()
    told = [error["extensions"] for error in reply.get("errors", ())]
    assert all(one.pop("docs").endswith(one["code"].lower()) for one in told)
    assert told == ([refused] if refused else [])
    assert reply.get("data", "none") == ("none" if refused else {"viewer": None})


async def test_a_long_document_is_read_with_a_token(client: Client):
    token = (await client.sign_in())["accessToken"]
    reply = (await client.post(f"{{ {VIEWED * 300} }}", token)).json()
    assert reply["data"]["viewer"]["name"] == "员工rep"


async def test_entering_may_be_asked_with_aliases_fragments_and_conditions(client: Client):
    reply = (await client.post(LITTLE, given={"login": "rep", "password": PASSWORD})).json()
    entered = reply["data"]["entered"]
    assert (entered["who"]["role"], entered["problems"]) == ("REP", [])


# -- Going on ---------------------------------------------------------------------------------------------------------


async def test_a_refresh_token_gives_the_next_and_a_new_access_token(client: Client, staff):
    first = await client.sign_in()
    second = await client.refresh(first["refreshToken"])
    third = await client.refresh(second["refreshToken"])
    assert len({one["refreshToken"] for one in (first, second, third)}) == 3
    assert third["viewer"]["id"] == public_id("vwr", staff["rep"].id)
    reply = await client.post("{ viewer { role } }", third["accessToken"])
    assert reply.json()["data"] == {"viewer": {"role": "REP"}}


async def test_a_lost_answer_is_given_again_with_the_same_successor(client: Client):
    first = await client.sign_in()
    tokens = {(await client.refresh(first["refreshToken"]))["refreshToken"] for _ in range(3)}
    assert len(tokens) == 1
    assert (await client.refresh(tokens.pop()))["userErrors"] == []


async def test_a_lost_answer_is_given_again_minutes_later_and_the_session_goes_on(client: Client, sql):
    first = await client.sign_in()
    second = await client.refresh(first["refreshToken"])
    for _ in range(2):
        sql("UPDATE refresh_session SET used_at = used_at - interval '7 minutes' WHERE used_at IS NOT NULL")
        again = await client.refresh(first["refreshToken"])
        assert again["refreshToken"] == second["refreshToken"]
        reply = await client.post("{ viewer { role } }", again["accessToken"])
        assert reply.json()["data"] == {"viewer": {"role": "REP"}}
    third = await client.refresh(second["refreshToken"])
    assert third["userErrors"] == []
    assert third["refreshToken"] not in {first["refreshToken"], second["refreshToken"]}
    assert (await client.refresh(first["refreshToken"]))["refreshToken"] is None, "its successor was used"


async def test_a_lost_answer_is_given_again_after_the_keys_were_rotated(client_with, ring, database_url, sql):
    before = await client_with()
    first = await before.sign_in()
    second = await before.refresh(first["refreshToken"])
    after = await client_with(ring=ring.rotated())
    assert (await after.refresh(first["refreshToken"]))["refreshToken"] == second["refreshToken"]
    assert (await after.refresh(second["refreshToken"]))["userErrors"] == []


async def test_refreshing_in_parallel_leaves_one_successor(client: Client, sql):
    first = await client.sign_in()
    answers = await asyncio.gather(*(client.refresh(first["refreshToken"]) for _ in range(10)))
    assert len({answer["refreshToken"] for answer in answers}) == 1
    assert sql("SELECT count(*) FROM refresh_session WHERE used_at IS NULL") == [(1,)]


@pytest.mark.parametrize("late", ["after the grace", "after the successor was used"])
async def test_a_token_that_is_used_twice_ends_the_session_for_both(client: Client, sql, late):
    first, elsewhere = await client.sign_in(), await client.sign_in()
    second = await client.refresh(first["refreshToken"])
    newest = second["refreshToken"]
    if late == "after the grace":
        sql("UPDATE refresh_session SET used_at = used_at - interval '15 minutes 1 second' WHERE used_at IS NOT NULL")
    else:
        newest = (await client.refresh(newest))["refreshToken"]
    for token in (first["refreshToken"], newest, second["refreshToken"]):
        answer = await client.refresh(token)
        assert {key: answer[key] for key in NOTHING} == NOTHING
        assert [error["code"] for error in answer["userErrors"]] == ["WRONG_CREDENTIALS"]
    assert (await client.refresh(elsewhere["refreshToken"]))["userErrors"] == [], "another device goes on"
    assert ("refreshSession", "REUSED") in sql("SELECT act, outcome FROM audit")


async def test_a_thief_and_the_owner_never_both_go_on(client: Client, sql):
    """However the two interleave, no token of the family is good in the end, not even one born meanwhile."""
    stolen = (await client.sign_in())["refreshToken"]
    newest = (await client.refresh(stolen))["refreshToken"]
    sql("UPDATE refresh_session SET used_at = used_at - interval '15 minutes 1 second' WHERE used_at IS NOT NULL")
    await asyncio.gather(*(client.refresh(token) for token in (newest, stolen, newest, stolen)))
    assert sql("SELECT count(*) FROM refresh_session WHERE revoked_at IS NULL") == [(0,)]


async def test_a_session_ends_when_it_rests_too_long_and_each_refresh_begins_the_time_anew(client_with, sql):
    client = await client_with(session_days=2)
    token = (await client.sign_in())["refreshToken"]
    for _ in range(2):
        sql("UPDATE refresh_session SET expires_at = expires_at - interval '47 hours' WHERE used_at IS NULL")
        token = (await client.refresh(token))["refreshToken"]
    sql("UPDATE refresh_session SET expires_at = expires_at - interval '48 hours' WHERE used_at IS NULL")
    assert [error["code"] for error in (await client.refresh(token))["userErrors"]] == ["WRONG_CREDENTIALS"]


@pytest.mark.parametrize("passing_by", ["sign_in", "refresh"])
async def test_sessions_that_are_over_are_cleared_away_by_the_next(client: Client, sql, passing_by):
    token = (await client.sign_in())["refreshToken"]
    await client.sign_in("admin")
    sql("UPDATE refresh_session SET expires_at = now() FROM staff_member s WHERE s.id = staff_id AND login = 'admin'")
    await (client.sign_in() if passing_by == "sign_in" else client.refresh(token))
    assert sql("SELECT DISTINCT login FROM refresh_session JOIN staff_member s ON s.id = staff_id") == [("rep",)]


async def test_every_refresh_token_that_is_not_good_gets_the_same_answer(client: Client, sql):
    used = (await client.sign_in())["refreshToken"]
    await client.refresh(used)
    sql("UPDATE refresh_session SET revoked_at = now()")
    left = (await client.sign_in("admin"))["refreshToken"]
    sql("UPDATE staff_member SET active = false WHERE login = 'admin'")
    tokens = [used, left, used[:-1] + "!", "zhr_" + "A" * 43, "", "x" * 50_000, "王"]
    replies = [(await client.post(REFRESH, input={"refreshToken": token})).content for token in tokens]
    assert len(set(replies)) == 1


async def test_who_is_deactivated_neither_goes_on_nor_enters(client_with, client: Client, sql):
    session = await client.sign_in()
    sql("UPDATE staff_member SET active = false WHERE login = 'rep'")
    assert (await client.refresh(session["refreshToken"]))["accessToken"] is None
    assert await client.code("rep", PASSWORD) == "WRONG_CREDENTIALS"
    fresh = await client_with()
    assert (await fresh.post("{ viewer { role } }", session["accessToken"])).status_code == 401


async def test_equal_keys_open_two_sessions_for_a_session_is_no_act_to_repeat(client: Client, sql):
    sent = {"input": {"login": "rep", "password": PASSWORD}}
    opened = [(await client.post(SIGN_IN, key="k", **sent)).json()["data"]["signIn"] for _ in range(2)]
    assert opened[0]["refreshToken"] != opened[1]["refreshToken"]
    assert sql("SELECT count(*) FROM idempotency_record") == [(0,)]


# -- What is kept -----------------------------------------------------------------------------------------------------


async def test_passwords_are_kept_as_argon2id_and_renewed_when_the_cost_has_changed(client: Client, sql, stored):
    assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert argon2.PasswordHasher().verify(stored, PASSWORD)
    sql("UPDATE staff_member SET password_hash = %s WHERE login = 'rep'", OTHER_COST.hash(PASSWORD))
    assert await client.code("rep", PASSWORD) == ""
    [(kept,)] = sql("SELECT password_hash FROM staff_member WHERE login = 'rep'")
    assert kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert argon2.PasswordHasher().verify(kept, PASSWORD)
    assert await client.code("rep", PASSWORD) == ""


async def test_no_password_token_or_unknown_login_is_kept_or_logged_in_clear(client: Client, sql, capfd):
    secrets = [PASSWORD, "canary-guess-1", "canary-guess-2", "canary-login"]
    session = await client.sign_in()
    await client.code("canary-login", "canary-guess-1")
    await client.code("rep", "canary-guess-2")
    following = await client.refresh(session["refreshToken"])
    await client.refresh(following["refreshToken"])
    await client.refresh(session["refreshToken"])
    for opened in (session, following):
        secrets += [opened["accessToken"], opened["refreshToken"], opened["refreshToken"][4:]]
    dump = "\n".join(
        row for (table,) in sql(TABLES) for (row,) in sql(f'SELECT t::text FROM "{table}" t') if row is not None
    )
    said = capfd.readouterr()
    assert "refreshSession" in dump
    assert "path" in said.out + said.err
    for place in (dump, said.out, said.err):
        assert [secret for secret in secrets if secret in place] == []


async def test_the_name_of_a_device_is_masked_like_any_text(client: Client, sql):
    await client.sign_in(device="王的手机 13812345678")
    assert sql("SELECT device FROM refresh_session") == [("王的手机 138****5678",)]


async def test_a_device_that_cannot_be_named_so_is_told_before_anything_is_looked_at(client: Client, checks):
    refused = await client.sign_in(device="x" * 101)
    assert [(error["code"], error["field"]) for error in refused["userErrors"]] == [("INVALID", ["device"])]
    assert checks == []


async def test_every_entrance_and_every_failure_is_in_the_audit_without_the_login(client_with, staff, sql):
    client = await client_with(sign_in_failures=2)
    session = await client.sign_in()
    await client.refresh(session["refreshToken"])
    for login in ("rep", "rep", "nobody"):
        await client.code(login)
    rep, family = staff["rep"].id, sql("SELECT DISTINCT family_id FROM refresh_session")[0][0]
    assert sql("SELECT act, outcome, viewer_id, role, subject_kind, subject_id FROM audit ORDER BY id") == [
        ("signIn", "DONE", rep, "REP", "session", family),
        ("refreshSession", "DONE", rep, "REP", "session", family),
        ("signIn", "WRONG_CREDENTIALS", rep, "REP", None, None),
        ("signIn", "LIMIT_REACHED", rep, "REP", None, None),
        ("signIn", "WRONG_CREDENTIALS", None, None, None, None),
    ]


async def test_nobody_reads_the_hash_of_a_password_through_the_api(client: Client, stored):
    token = (await client.sign_in("admin"))["accessToken"]
    asked = '{ staffMembers { nodes { id name role team active } } __type(name: "StaffMember") { fields { name } } }'
    reply = await client.post(asked, token)
    assert "argon2" not in reply.text
    assert "assword" not in reply.text
    assert len(reply.json()["data"]["staffMembers"]["nodes"]) == 4
