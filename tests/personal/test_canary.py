"""Canaries: values planted through the ways in, then looked for wherever a thief or a neighbour might read.

Each is unlike everything else in the house, so that finding it anywhere is a leak.
"""

import gc
import logging
import types
from collections.abc import AsyncIterator, Iterable
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import psycopg
import pytest
from psycopg import sql
from starlette.types import ASGIApp, Message
from structlog.testing import capture_logs

from auth.door.session import ScopedSession, opened
from auth.jobs import Job, SystemViewer
from auth.sealing.ciphers import Suite
from auth.sealing.cursors import CursorSealer
from auth.sealing.keys import KeyRing
from auth.sealing.seals import Digests, unseal_one
from auth.viewer import Grant, Viewer
from domain.access_log import AccessLogEntry, PersonalField
from domain.customer import Customer, CustomerKind
from domain.identity import new_id, public_id
from domain.partner import Partner, PartnerListing
from domain.purpose import LegalBasis
from domain.staff import Role, StaffMember, Team
from resolvers.acting import Acts
from resolvers.reading.plan import Planner
from resolvers.reading.statement import Tools
from resolvers.roots import SPECIAL
from schema.answering.execution import Execution
from schema.build import build
from server.http.app import create_app
from server.http.endpoint import GraphQLEndpoint
from server.postgres.database import Database

MOMENT = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
NAME = "尉迟金丝雀"
MOBILE, OTHER_MOBILE = "13912340987", "13787650123"
ID_NUMBER = "310101199003074511"
EMAIL, WECHAT, ADDRESS, BORN = (
    "tweety.bird@canary.example",
    "wxid_tweety77",
    "上海市浦东新区金丝雀弄 77 号 7 室",
    "1990-03-07",
)
CANARIES = (
    NAME,
    "金丝雀",
    "13912340987",
    "139 1234 0987",
    "13787650123",
    ID_NUMBER,
    "19900307",
    EMAIL,
    WECHAT,
    ADDRESS,
)
WRITTEN = (*CANARIES, ADDRESS.replace(" ", ""), BORN, "tweety")
SAID = f"本人电话 {MOBILE}，身份证 {ID_NUMBER}，邮箱 {EMAIL}"

CREATE = """mutation ($input: CreateCustomerInput!) { createCustomer(input: $input)
  { customer { id name { display } mobile { display } otherMobile { display } } userErrors { code field message } } }"""
EDIT = """mutation ($input: EditCustomerInput!) { editCustomer(input: $input)
  { customer { id } userErrors { code field message } } }"""
TALK = """mutation ($input: LogInteractionInput!) { logInteraction(input: $input)
  { interaction { id summary { display } } userErrors { code field message } } }"""
TICKET = """mutation ($input: OpenTicketInput!) { openTicket(input: $input)
  { ticket { id subject description { display } } userErrors { code field message } } }"""
LOOK_INTO = """mutation ($input: InvestigateTicketInput!) { investigateTicket(input: $input)
  { ticket { steps { nodes { text { display } } } } userErrors { code field message } } }"""
MOVE = """mutation ($input: MoveCustomerStageInput!) { moveCustomerStage(input: $input)
  { customer { history { nodes { reason } } } userErrors { code field message } } }"""

PERSON = "display sight revealable"
WHOLE = f"""fragment Whole on Customer {{
  id kind name {{ {PERSON} }} mobile {{ {PERSON} }} otherMobile {{ {PERSON} }} email {{ {PERSON} }}
  wechatId {{ {PERSON} }} idNumber {{ {PERSON} }} address {{ {PERSON} }} birthDate {{ {PERSON} }} externalId region
  interactions {{ nodes {{ summary {{ {PERSON} }} }} }} history {{ nodes {{ reason fields from to }} }}
  tickets {{ nodes {{ subject description {{ {PERSON} }} }} }} tags {{ name }}
}}"""
FOUND = f"""query ($search: String, $id: ID!) {{
  customers(where: {{search: $search}}) {{ nodes {{ ...Whole }} edges {{ cursor }} }}
  customer(id: $id) {{ id name {{ {PERSON} }} mobile {{ {PERSON} }} }}
  accessLog {{ nodes {{ reason viewerName field subjectId }} }}
  staffMembers {{ nodes {{ id name }} }} viewer {{ id name access {{ field sight }} }}
}} {WHOLE}"""
LISTED = f"""query ($id: ID!) {{
  all: customers(orderBy: {{field: UPDATED_AT, direction: ASC}}) {{ edges {{ cursor node {{ ...Whole }} }} }}
  node(id: $id) {{ ...Whole }}
}} {WHOLE}"""
TICKETS = f"""{{
  tickets {{ nodes {{ number subject description {{ {PERSON} }} steps {{ nodes {{ text {{ {PERSON} }} }} }}
    customer {{ id name {{ {PERSON} }} }} }} }}
}}"""
EVERYTHING = (FOUND, LISTED, TICKETS)
"""In as many requests as planning allows."""


@dataclass
class Client:
    """The application over HTTP; a token is the name of a viewer."""

    app: ASGIApp
    execution: Execution
    viewers: dict[str, Viewer]
    ids: dict[str, str] = field(default_factory=dict)

    async def __call__(self, viewer: str, query: str, key: str | None = None, **variables: Any) -> str:
        sent, got = orjson.dumps({"query": query, "variables": variables}), bytearray()
        headers = [(b"content-type", b"application/json"), (b"authorization", f"Bearer {viewer}".encode())]
        headers += [(b"idempotency-key", f"{MOBILE}-{key}".encode())] if key else []

        async def receive() -> Message:
            return {"type": "http.request", "body": sent, "more_body": False}

        async def send(message: Message) -> None:
            got.extend(message.get("body", b""))

        await self.app({"type": "http", "method": "POST", "path": "/graphql", "headers": headers}, receive, send)
        return got.decode()

    async def everything(self, viewer: str, **variables: Any) -> str:
        """The answers to all of it."""
        answers = [await self(viewer, query, **variables) for query in EVERYTHING]
        assert not any("LIMIT_EXCEEDED" in answer for answer in answers)
        return "\n".join(answers)


@pytest.fixture
async def client(database_url: str) -> AsyncIterator[Client]:
    """A house with everybody in it, and one customer whose every value is a canary, planted through the API."""
    database, ring = Database(database_url), KeyRing.generate(Suite.INTL)
    digests = Digests(ring)

    def transaction(viewer: Viewer) -> Any:
        return opened(database.desks, viewer, ring)

    planner = Planner(Tools(unseal_one(ring), digests, CursorSealer(ring.cursor)), SPECIAL)
    execution = Execution(build(), planner, database.lend, Acts(transaction, digests))
    viewers: dict[str, Viewer] = {}

    async def verified(token: str) -> Viewer:
        return viewers[token]

    made = Client(create_app(GraphQLEndpoint(verified, execution.answer), database.migrated), execution, viewers)
    async with opened(database.desks, SystemViewer(Job.DEMO), ring) as session:
        await settle(session, viewers)
    await plant(made)
    async with opened(database.desks, SystemViewer(Job.DEMO), ring) as session:
        await plant_more(session, made)
    yield made
    await database.close()


async def settle(session: ScopedSession, viewers: dict[str, Viewer]) -> None:
    team = Team(id=new_id(), name="客服")
    session.add(team)
    for role in Role:
        if role is not Role.PARTNER:
            row = StaffMember(
                id=new_id(),
                login=role.value,
                name=role.value,
                role=role,
                team_id=team.id,
                active=True,
                created_at=MOMENT,
            )
            session.add(row)
            viewers[role.value] = Viewer(row.id, role, row.name, team.id)
    partner = Partner(id=new_id(), name="partner", contract_from=MOMENT, contract_until=MOMENT)
    session.add(partner)
    for name, grants in {"ALL": frozenset(Grant), "NAMELESS": frozenset(Grant) - {Grant.NAMES}}.items():
        viewers[f"PARTNER_{name}"] = Viewer(partner.id, Role.PARTNER, partner.name, grants=grants)


async def plant(client: Client) -> None:
    """As the rep who makes the customer; the idempotency records are part of the prey."""
    person = {"kind": "PERSON", "basis": "CONTRACT", "name": NAME, "mobile": MOBILE, "email": EMAIL, "wechatId": WECHAT}
    person |= {"otherMobile": OTHER_MOBILE, "idNumber": ID_NUMBER, "address": ADDRESS, "birthDate": BORN}
    created = await client("REP", CREATE, key="one", input=person)
    assert '"otherMobile":{"display":"137****0123"}' in created
    customer = id_in(created, "customer")
    talk = {"customerId": customer, "channel": "PHONE", "direction": "INBOUND", "occurredAt": "2026-03-02T01:30:00Z"}
    await client("REP", TALK, key="two", input={**talk, "summary": SAID})
    opening = {"customerId": customer, "kind": "COMPLAINT", "priority": "HIGH", "subject": SAID, "description": SAID}
    ticket = id_in(await client("REP", TICKET, key="three", input=opening), "ticket")
    note = {"ticketId": ticket, "note": SAID}
    assert "RESULT" not in await client("MANAGER", LOOK_INTO, key="four", input=note)
    moved = {"customerId": customer, "expectedVersion": 1, "stage": "CHURN", "reason": SAID}
    assert '"userErrors":[]' in await client("MANAGER", MOVE, key="five", input=moved)
    client.ids.update(customer=customer, ticket=ticket)


def id_in(answer: str, noun: str) -> str:
    payload = next(iter(orjson.loads(answer)["data"].values()))
    assert payload["userErrors"] == []
    return str(payload[noun]["id"])


async def plant_more(session: ScopedSession, client: Client) -> None:
    """What no act writes yet."""
    row = Customer(
        id=new_id(),
        kind=CustomerKind.PERSON,
        basis=LegalBasis.CONTRACT,
        owner_id=client.viewers["REP"].id,
        created_at=MOMENT,
        updated_at=MOMENT,
        version=1,
    )
    row.name, row.other_mobile = NAME, OTHER_MOBILE
    partner = client.viewers["PARTNER_ALL"].id
    listed = PartnerListing(partner_id=partner, customer_id=row.id, consented_at=MOMENT)
    look = AccessLogEntry(
        id=new_id(),
        at=MOMENT,
        viewer_id=client.viewers["REP"].id,
        viewer_kind="stf",
        viewer_name="REP",
        subject_id=row.id,
        subject_kind="cus",
        customer_id=row.id,
        field=PersonalField.MOBILE,
        purpose="SERVICE",
        reason=SAID,
    )
    session.add_all([row, listed, look])
    client.ids["listed"] = public_id(Customer.PREFIX, row.id)


def found_in(text: str, canaries: Iterable[str] = WRITTEN) -> set[str]:
    return {canary for canary in canaries if canary in text}


def dump(url: str) -> str:
    """Every table, as text and as the bytes that are stored, in one string."""
    told: list[str] = []
    with psycopg.connect(url) as connection:
        tables = "SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        kinds = "WHERE c.relkind IN ('r', 'm') AND n.nspname NOT IN ('pg_catalog', 'information_schema')"
        for (table,) in connection.execute(f"{tables} {kinds} AND n.nspname NOT LIKE 'pg_toast%'").fetchall():
            for form in ("text", "binary"):
                copying = f"COPY (SELECT * FROM {table}) TO STDOUT (FORMAT {form})"
                with connection.cursor().copy(sql.SQL(copying)) as copied:
                    taken = b"".join(map(bytes, copied))
                told += [taken.decode("latin-1"), taken.decode("utf-8", "replace")]
    return "\n".join(told)


def texts(url: str) -> str:
    """Every text in every table: a few digits are found by chance among ids, digests and ciphertexts."""
    columns = """SELECT format('SELECT %I::text FROM %I WHERE %I IS NOT NULL', column_name, table_name, column_name)
        FROM information_schema.columns WHERE table_schema = 'public'
        AND (data_type IN ('text', 'character varying', 'jsonb') OR udt_name IN ('_text', '_varchar'))"""
    with psycopg.connect(url) as connection:
        asked = [query for (query,) in connection.execute(columns).fetchall()]
        return "\n".join(text for query in asked for (text,) in connection.execute(query).fetchall())


async def test_a_stolen_dump_holds_no_canary(client: Client, database_url: str):
    told = dump(database_url)
    assert client.ids["customer"][4:] in told.replace("-", "")
    assert "本人电话" in told  # the rest of the free text is there, so it was written
    assert told.count("139****0987") > 3
    assert found_in(told) == set()
    pieces = ["13787650", "tweety"]
    assert found_in(told, [*pieces, *(piece.encode().hex() for piece in pieces)]) == set()
    assert found_in(texts(database_url), ["310101", "4511"]) == set()


async def test_numbers_written_where_there_is_room_are_masked(client: Client, database_url: str):
    """Regions, trades, sources and tags are short texts in clear, and people write what they like into them."""
    notes = {
        "region": f"华东 {OTHER_MOBILE}",
        "industry": EMAIL,
        "source": f"转介绍 {MOBILE}",
        "tags": [f"找 {MOBILE}"],
    }
    person = {"kind": "PERSON", "basis": "CONTRACT", "name": "某某", **notes}
    answer = await client("REP", CREATE.replace("mobile {", "tags { name } region email {"), input=person)
    assert '"tags":[{"name":"找 139****0987"}],"region":"华东 137****0123"' in answer
    client.ids["noted"] = id_in(answer, "customer")
    edited = {"customerId": client.ids["noted"], "expectedVersion": 1, "region": MOBILE, "tags": [OTHER_MOBILE]}
    assert '"userErrors":[]' in await client("REP", EDIT, input=edited)
    assert found_in(dump(database_url)) == set()


async def test_a_mistyped_card_number_that_passes_as_a_credit_code_is_masked_as_a_card(
    client: Client, database_url: str
):
    """One mistyped number in thirty has a credit code's check character, and credit codes are shown."""
    mistyped = "310101199003074514"
    person = {"kind": "PERSON", "basis": "CONTRACT", "name": "某某", "idNumber": mistyped}
    answer = await client("REP", CREATE.replace("mobile {", "idNumber {"), input=person)
    assert '"idNumber":{"display":"3****************4"}' in answer
    assert found_in(dump(database_url), [mistyped]) == set()


async def test_what_the_server_keeps_beside_the_tables_holds_no_canary(client: Client, database_url: str):
    """Statistics, statements at work, and the server's own log where this run can read it."""
    for viewer in client.viewers:
        await client.everything(viewer, search=NAME, id=client.ids["customer"])
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("ANALYZE")
        told = repr(connection.execute("SELECT * FROM pg_stats WHERE schemaname = 'public'").fetchall())
        told += repr(connection.execute("SELECT query FROM pg_stat_activity").fetchall())
        folder = Path(connection.execute("SHOW data_directory").fetchone()[0])  # type: ignore[index]
    assert found_in(told + logs_beside(folder)) == set()


def logs_beside(folder: Path) -> str:
    return "\n".join(log.read_text(errors="replace") for log in [*folder.glob("*.log"), *folder.parent.glob("*.log")])


async def test_answers_hold_no_canary_but_names_for_those_who_see_them(client: Client):
    """Whoever asks, for whatever, before and after it was asked by others."""
    named = {"REP", "MANAGER", "SUPPORT", "PARTNER_ALL"}
    for _ in range(2):
        for viewer in client.viewers:
            told = ""
            for id_ in client.ids.values():
                told += await client.everything(viewer, search="金丝", id=id_)
                told += await client.everything(viewer, search=None, id=id_)
            assert found_in(told) - {NAME, "金丝雀"} == set()
            assert (NAME in told) is (viewer in named)


async def test_search_is_no_way_to_a_name_for_those_who_do_not_see_it(client: Client):
    told = await client("PARTNER_NAMELESS", FOUND, search="金丝", id=client.ids["listed"])
    assert [error["extensions"]["code"] for error in orjson.loads(told)["errors"]] == ["FORBIDDEN"]
    assert client.ids["listed"] in told  # the other roots are answered


BAD_PEOPLE = (
    {"mobile": f"{MOBILE}{MOBILE}"},
    {"mobile": "139****0987x13912340987"},
    {"idNumber": ID_NUMBER[:-1] + "2"},
    {"idNumber": f"{ID_NUMBER}{ID_NUMBER}"},
    {"email": f"{EMAIL}@{EMAIL}"},
    {"wechatId": f"{WECHAT} {WECHAT} {NAME}"},
    {"birthDate": ID_NUMBER},
    {"birthDate": "2990-03-07"},
    {"name": NAME * 100},
    {"name": f"{NAME}\u0001"},
    {"address": ADDRESS * 100},
    {"region": NAME * 100},
    {"kind": NAME},
    {"tags": [MOBILE * 100]},
    {"ownerId": MOBILE},
    {NAME: MOBILE},
    {"mobile": {"number": MOBILE}},
    {"mobile": int(MOBILE)},
    {"mobile": MOBILE, "externalId": "taken"},
    {"externalId": MOBILE},
    {"externalId": f"CRM {ID_NUMBER}"},
    {"externalId": EMAIL},
)


REFUSED = ((TALK, "customerId"), (TICKET, "customerId"), (LOOK_INTO, "ticketId"), (MOVE, "customerId"))


@contextmanager
def everything_logged(caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str], told: list[str]) -> Any:
    """All that any library says at DEBUG, and whatever is printed."""
    for name in ("", "sqlalchemy", "sqlalchemy.engine", "sqlalchemy.pool", "sqlalchemy.orm", "psycopg", "asyncio"):
        caplog.set_level(logging.DEBUG, logger=name)
    with capture_logs() as lines:
        yield
    told += [repr(lines), caplog.text, repr([vars(record) for record in caplog.records]), *capfd.readouterr()]


async def test_refused_writes_tell_no_canary_to_client_dump_or_log(
    client: Client,
    database_url: str,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
):
    told: list[str] = []
    person = {"kind": "PERSON", "basis": "CONTRACT", "name": "某某"}
    await client("REP", CREATE, input={**person, "externalId": "taken"})
    with everything_logged(caplog, capfd, told):
        for bad in BAD_PEOPLE:
            answer = await client("REP", CREATE, key=f"bad-{BAD_PEOPLE.index(bad)}", input={**person, **bad})
            assert '"customer":null' in answer or '"data":null' in answer or '"data":' not in answer, bad
            assert '"INTERNAL"' not in answer
            told.append(answer.replace(NAME, "") if NAME in bad else answer)
        for query, noun in REFUSED:
            given = [{noun: value, "summary": SAID, "reason": SAID} for value in (MOBILE, {"x": MOBILE}, [MOBILE])]
            told += [await client("REP", query, input=one) for one in given]
        edited = {"customerId": client.ids["customer"], "expectedVersion": 99, "mobile": OTHER_MOBILE, "name": NAME}
        told += [await client(viewer, EDIT, key="late", input=edited) for viewer in client.viewers]
    assert found_in("\n".join(told)) == set()
    assert found_in(dump(database_url)) == set()


async def test_succeeding_requests_leave_no_canary_in_logs(
    client: Client, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
):
    told: list[str] = []
    with everything_logged(caplog, capfd, told):
        await plant(client)
        for viewer in client.viewers:
            await client.everything(viewer, search=NAME, id=client.ids["customer"])
            await client(viewer, f'{{ customers(where: {{search: "{NAME}"}}) {{ nodes {{ name {{ display }} }} }} }}')
    assert found_in("\n".join(told)) == set()


async def test_a_database_error_while_writing_leaves_no_canary(
    client: Client, database_url: str, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
):
    """PostgreSQL's and SQLAlchemy's errors quote rows and parameters."""
    told: list[str] = []
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("ALTER TABLE customer ADD CONSTRAINT nobody CHECK (name_masked IS NULL) NOT VALID")
        try:
            with everything_logged(caplog, capfd, told):
                person = {
                    "kind": "PERSON",
                    "basis": "CONTRACT",
                    "name": NAME,
                    "mobile": "13612340987",
                    "address": ADDRESS,
                }
                told.append(await client("REP", CREATE, input=person))
        finally:
            connection.execute("ALTER TABLE customer DROP CONSTRAINT nobody")
    assert '"INTERNAL"' in told[0]
    assert "CheckViolation" in "".join(told)
    assert found_in("\n".join(told)) == set()


async def test_plans_and_caches_keep_nothing_of_a_request(client: Client):
    """What came as a variable is forgotten with the request, by plans, prepared statements and caches alike."""
    for viewer in client.viewers:
        for id_ in client.ids.values():
            await client.everything(viewer, search=NAME, id=id_)
            await client.everything(viewer, search=MOBILE[:9], id=id_)
    kept = strings_kept_by(client.execution)
    assert any("name_buckets" in text for text in kept)  # plans are among them
    assert not [text for text in kept if found_in(text) or client.ids["customer"][4:] in text]
    assert not [text for text in kept if MOBILE[:9] in text]


def strings_kept_by(root: object) -> list[str]:
    """All texts that can be reached from an object, through containers, instances and closures."""
    found: list[str] = []
    seen: set[int] = set()
    pending: list[Any] = [root]
    while pending:
        one = pending.pop()
        if id(one) in seen or isinstance(one, types.ModuleType | type | types.FrameType):
            continue
        seen.add(id(one))
        if isinstance(one, str | bytes):
            found.append(one if isinstance(one, str) else one.decode("utf-8", "replace"))
        elif isinstance(one, types.FunctionType):
            # Its globals would lead into every module, this one among them.
            pending += [cell.cell_contents for cell in one.__closure__ or () if filled(cell)]
            pending += [*(one.__defaults__ or ()), *(one.__code__.co_consts)]
        else:
            pending += gc.get_referents(one)
    return found


def filled(cell: Any) -> bool:
    try:
        return cell.cell_contents is not None
    except ValueError:
        return False


async def test_of_a_document_too_long_to_keep_nothing_is_kept(client: Client):
    """Literals stay as long as their document does, and that is a matter of room."""
    query = f'{{ customers(where: {{search: "{NAME}"}}) {{ nodes {{ id }} }} }} #{"-" * 9000}'
    assert '"errors"' not in await client("REP", query)
    assert not [text for text in strings_kept_by(client.execution) if NAME in text]
