"""Whatever is typed, wherever: a dump without the key ring shows no number and no address of it.

Every leaf of every mutation's input is planted, and so are the words around the input: key, alias, operation name.
"""

from collections.abc import AsyncIterator, Iterable, Iterator
from itertools import count
from typing import Any, NamedTuple

import orjson
import psycopg
import pytest
from graphql import GraphQLInputObjectType, get_named_type, is_leaf_type

from auth.entering import passwords
from domain.ticket_state import TicketStatus
from server.composition import application
from server.installation import Installation
from server.settings import Settings
from tests.api.house import CALLERS, Api, a_ticket, schema
from tests.api.site import Site
from tests.personal.corpus import flat
from tests.personal.test_canary import dump

MOBILE, ID_NUMBER, CARD, EMAIL = "13912340987", "310101199003074511", "6222021234567890128", "tweety@canary.example"
CANARIES = {MOBILE, ID_NUMBER, CARD, EMAIL, "139-1234-0987"}
OTHERS = {
    "138/1234/5678": "13812345678",
    "josé@example.com": "josé@example",
    "幺三九 幺二三四 零九八八": "13912340988",
    "微信号:canary_777x": "canary_777x",
    "QQ 2233445577": "2233445577",
    "护照 E77712345": "E77712345",
    "车牌 沪A·C7N7Y": "沪AC7N7Y",
    "寄到上海市浦东新区金丝雀大道777号8楼": "金丝雀大道777号",
    "香港 852-9123-7777": "91237777",
}
"""Values of the other kinds, as they are typed, and what of them nobody may read."""


def batched(texts: Iterable[str], longest: int = 50) -> Iterator[list[str]]:
    """Several texts at once, as many as the shortest field takes: each request costs."""
    batch: list[str] = []
    for text in texts:
        if batch and len("；".join([*batch, text])) > longest:
            yield batch
            batch = []
        batch.append(text)
    yield batch


TEXTS = (
    *sorted(CANARIES),
    *("；".join(told) for told in batched(OTHERS)),
    f"找 {MOBILE}",
    f"本人电话 139-1234-0987，身份证 {ID_NUMBER}，卡 {CARD}，邮箱 {EMAIL}",
    f"上海市浦东新区{MOBILE}路 7 号",
    f"上海金丝雀贸易有限公司 {MOBILE}",
    f"tweety@{MOBILE}.com",
)
MADE_UP = f"{{}}_{MOBILE:0>32}"
"""Ids that somebody makes of a number: they name nothing."""
CHECKED = {
    "name", "mobile", "otherMobile", "email", "wechatId", "idNumber", "externalId", "externalSystem", "number",
    "purpose", "login", "password", "refreshToken", "value",
}  # fmt: skip
"""Texts that must be what they are for. All others take any text."""
PASSWORD = "仓库 correct horse battery"
STANDS = {
    "investigateTicket": TicketStatus.ACCEPTED,
    "respondToTicket": TicketStatus.INVESTIGATING,
    "followUpTicket": TicketStatus.RESPONDED,
    "closeTicket": TicketStatus.FOLLOWING_UP,
    "reopenTicket": TicketStatus.CLOSED,
}
GIVEN: dict[str, dict[str, Any]] = {
    "createCustomer": {"kind": "ORGANIZATION", "basis": "CONTRACT", "name": "某某"},
    "editCustomer": {},
    "assignCustomerTier": {"tier": "A", "reason": "评定"},
    "transferCustomer": {"reason": "换人"},
    "moveCustomerStage": {"stage": "CHURN", "reason": "流失"},
    "logInteraction": {
        "channel": "PHONE", "direction": "INBOUND", "occurredAt": "2026-01-01T00:00:00Z", "summary": "来电",
    },
    "openTicket": {"kind": "QUESTION", "priority": "LOW", "subject": "咨询", "description": "咨询"},
    "assignTicket": {},
    "investigateTicket": {"note": "查看中"},
    "respondToTicket": {"response": "已答复"},
    "followUpTicket": {"note": "已回访"},
    "closeTicket": {"resolution": "已换新", "improvement": "改进"},
    "reopenTicket": {"reason": "又坏了"},
    "revealPersonalData": {"fields": ["MOBILE"], "purpose": "SERVICE", "reason": "回电"},
    "findCustomerByContact": {"purpose": "SERVICE"},
    "signIn": {"login": "manager", "password": PASSWORD},
    "refreshSession": {"refreshToken": "x"},
    "setTicketRoute": {"kind": "QUESTION", "reason": "换组"},
    "changeSetting": {"name": "CLOSED_TICKET_DAYS", "value": "90", "reason": "延长"},
}  # fmt: skip
"""What each act is given where nothing is planted, apart from ids and versions."""
WITHIN = {"idDocument": {"kind": "OTHER", "number": "X1234567"}}
"""What an object within an input is given."""
BY = {"setTicketRoute": "admin", "changeSetting": "admin"}
"""Who does what a manager may not."""


@pytest.fixture
async def site(api: Api, ring) -> AsyncIterator[Site]:
    settings = Settings(
        reveals_per_hour=10_000, contact_changes_per_hour=10_000, contact_changes_of_customer_per_day=10_000
    )
    app = application(Installation(settings, api.url, ring, None))
    async with app.router.lifespan_context(app):
        site = Site(app, api)
        async with site.http:
            yield site


class Leaf(NamedTuple):
    """One field of an input."""

    path: tuple[str, ...]
    type: str
    is_list: bool

    @property
    def name(self) -> str:
        return self.path[-1]

    @property
    def is_free(self) -> bool:
        """Whether any text may be typed into it."""
        return self.type == "String" and self.name not in CHECKED


def leaves(kind: GraphQLInputObjectType) -> list[Leaf]:
    found = []
    for name, one in sorted(kind.fields.items()):
        inner = get_named_type(one.type)
        if is_leaf_type(inner):
            found.append(Leaf((name,), inner.name, "[" in str(one.type)))
        else:
            found += [leaf._replace(path=(name, *leaf.path)) for leaf in leaves(inner)]
    return found


def planted(given: dict[str, Any], leaf: Leaf, text: str) -> dict[str, Any]:
    """The input with the text in this leaf; what else stands in the object that holds it is given as always."""
    value: Any = [text] if leaf.is_list else text
    if len(leaf.path) == 1:
        return given | {leaf.name: value}
    outer, name = leaf.path
    return given | {outer: WITHIN[outer] | {name: value}}


def inputs() -> dict[str, GraphQLInputObjectType]:
    mutation = schema()._schema.mutation_type
    assert mutation is not None
    return {name: get_named_type(root.args["input"].type) for name, root in mutation.fields.items()}  # type: ignore[misc]


async def base(api: Api, act: str, kind: GraphQLInputObjectType) -> dict[str, Any]:
    """An input with which the manager's act is done."""
    names = set(kind.fields)
    customer = api.house.customers["own"]
    given = dict(GIVEN[act])
    if "customerId" in names:
        given["customerId"] = api.house.id_of(customer)
    if "ticketId" in names:
        ticket = a_ticket(customer, api.house.teams["two"], STANDS.get(act, TicketStatus.ACCEPTED))
        await api.write(ticket)
        given["ticketId"] = api.house.id_of(ticket)
    if act == "editCustomer":
        given["expectedVersion"] = api.rows("SELECT version FROM customer WHERE id = %s", customer.id)[0][0]
    owner = api.rows("SELECT owner_id FROM customer WHERE id = %s", customer.id)[0][0]
    to = "other_rep" if owner == api.house.staff["rep"].id else "rep"
    if act == "revealPersonalData":
        given["id"] = api.house.id_of(customer)
    return given | {name: api.house.member(to) for name in {"toStaffId", "assigneeId"} & names}


def texts_for(kind: str) -> tuple[str, ...]:
    """What is typed into a field; into an id also what looks like one."""
    return (*TEXTS, *(MADE_UP.format(prefix) for prefix in ("cus", "tkt", "stf"))) if kind == "ID" else TEXTS


async def test_no_text_of_any_input_rests_in_clear(site: Site, api: Api):
    let_in(api)
    accepted, number = set(), count()
    assert inputs().keys() == GIVEN.keys()
    for act, kind in inputs().items():
        query = f"""mutation tel{MOBILE}($input: {kind.name}!) {{
          tel{MOBILE}: {act}(input: $input) {{ userErrors {{ code }} }} }}"""
        for leaf in leaves(kind):
            for text in texts_for(leaf.type):
                given = planted(await base(api, act, kind), leaf, text)
                told = (await site.post(BY.get(act, "manager"), query, f"{MOBILE}-{next(number)}", input=given)).json()
                codes = [error["extensions"]["code"] for error in told.get("errors", ())]
                assert "INTERNAL" not in codes, (act, leaf.name)
                if not codes and told["data"][f"tel{MOBILE}"]["userErrors"] == []:
                    accepted.add((act, leaf.name))
    free = {(act, leaf.name) for act, kind in inputs().items() for leaf in leaves(kind) if leaf.is_free}
    assert free - accepted == set()  # what was refused was not planted
    held = dump(api.url)
    assert held.count("139****0987") > 50
    assert {canary for canary in CANARIES if canary in held} == set()
    lines = [flat(line) for line in held.splitlines()]
    assert {told for told, secret in OTHERS.items() if any(flat(secret) in line for line in lines)} == set()
    for caller in CALLERS:
        shown = (await site.post(caller, EVERYTHING)).text
        read = [flat(text) for text in _texts(orjson.loads(shown)["data"])]
        secrets = {*map(flat, CANARIES), *map(flat, OTHERS.values())}
        assert {secret for secret in secrets if any(secret in text for text in read)} == set(), caller


EVERYTHING = """{
  customers(first: 20) { nodes {
    name { display } mobile { display } otherMobile { display } email { display } wechatId { display }
    idNumber { display } address { display } region industry source externalId tags { name }
    history(first: 50) { nodes { reason from to } }
    interactions(first: 50) { nodes { summary { display } } }
    tickets(first: 5) { nodes { subject description { display } steps(first: 5) { nodes { text { display } } } } }
  } }
  accessLog(first: 100) { nodes { reason purpose } } ticketRoutes { reason } settings { reason }
}"""
"""Every text of a customer that any role may read."""


def _texts(answer: Any) -> Iterator[str]:
    if isinstance(answer, str):
        yield answer
    for one in answer.values() if isinstance(answer, dict) else answer if isinstance(answer, list) else ():
        yield from _texts(one)


def let_in(api: Api) -> None:
    with psycopg.connect(api.url) as connection:
        stored = passwords.hashed(PASSWORD)
        connection.execute("UPDATE staff_member SET password_hash = %s WHERE login = 'manager'", [stored])
