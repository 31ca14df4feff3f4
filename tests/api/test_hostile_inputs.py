"""Every place of the SDL that takes a value is sent the largest hostile ones that a request can hold, and the work is
counted: what is normalised, Python calls, bytes answered. The places are read from the SDL, so a new one is tried too.
"""

import sys
import unicodedata
from collections.abc import AsyncIterator, Iterator
from typing import Any, Self

import orjson
import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    get_named_type,
)

from auth.free_text import reading, scanning
from domain.personal import normal_form as forms
from domain.personal.text import MAX_FREE_TEXT
from resolvers.reading.bounds import MAX_TEXT
from schema.bounds import positions
from server.composition import application
from server.installation import Installation
from server.settings import Settings
from tests.api.house import Api, schema
from tests.api.site import Site

BODY = 1_000_000
SCHEMA = schema()._schema
OWNERS: dict[str, list[str]] = {}
for _owner, _name, _ in positions(SCHEMA):
    OWNERS.setdefault(_owner, []).append(_name)
MOST_CALLS = 60_000
"""Python and C calls of one request; an ordinary one takes some 5,000, reading a body of numbers 40,000 at most."""


class Written(str):
    """A value as JSON: what libraries cannot write, or not fast."""

    __slots__ = ()


def filled(unit: str) -> str:
    """The unit repeated until a body is full."""
    return unit * ((BODY - 2_000) // (len(orjson.dumps(unit)) - 2))


TEXTS = {
    "combining marks in turn": "a" + filled("\u0323\u0301"),
    "voice marks that become marks": "ｶ" + filled("ﾞ\u0323"),
    "one ligature that becomes eighteen letters": filled("\ufdfa"),
    "astral": filled("\U0001f600"),
    "writing directions": filled("\u202e\u2066"),
    "NUL": filled("\0"),
    "digits": filled("1"),
    "an address that is nearly one": filled("a@a."),
    "a bomb for expressions that go back": filled("a" * 50 + "!"),
    "spaces": filled(" "),
    "a time that does not end": "2026-01-01T00:00:00." + filled("0"),
}
SHAPES: dict[str, Any] = {
    "a long list": ["x"] * 240_000,
    "a list of long texts": [filled("\u0323\u0301")[: BODY // 40]] * 9,
    "a list of enum values": ["SUMMARY"] * 90_000,
    "lists in lists": orjson.loads("[" * 200 + "]" * 200),
    "an object of unknown fields": {f"a{n}": 1 for n in range(70_000)},
    "lists a thousand deep": Written("[" * 1_000 + "]" * 1_000),
    "lists a hundred thousand deep": Written("[" * 100_000 + "]" * 100_000),
    "objects a thousand deep": Written('{"a":' * 1_000 + "1" + "}" * 1_000),
    "empty lists": Written("[" + ",".join(["[]"] * 320_000) + "]"),
    "objects in objects": orjson.loads('{"a":' * 200 + "1" + "}" * 200),
    "many numbers": list(range(140_000)),
}


TALK = {"channel": "PHONE", "direction": "INBOUND", "occurredAt": "2026-01-01T00:00:00Z"}
LOG = "logInteraction(input: {customerId: $c, channel: PHONE, direction: INBOUND, occurredAt: $at, summary: $s})"


class Work:
    """Counts what a request makes the process do."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.calls = self.normalised = self.scanned = 0
        work = self

        def read(text: str) -> Any:
            work.scanned += len(text)
            return reading.read(text)

        monkeypatch.setattr(scanning, "read", read)

        class Watched:
            combining = staticmethod(unicodedata.combining)

            @staticmethod
            def normalize(form: Any, text: str) -> str:
                work.normalised += len(text)
                return unicodedata.normalize(form, text)

        monkeypatch.setattr(forms, "unicodedata", Watched)

    def __enter__(self) -> Self:
        self.calls = self.normalised = self.scanned = 0
        sys.setprofile(self._count)
        return self

    def __exit__(self, *_: object) -> None:
        sys.setprofile(None)

    def _count(self, _frame: Any, event: str, _arg: Any) -> None:
        if event in {"call", "c_call"}:
            self.calls += 1


@pytest.fixture
async def site(api: Api, database_url: str, ring: Any) -> AsyncIterator[Site]:
    app = application(Installation(Settings(), database_url, ring, None))
    async with app.router.lifespan_context(app):
        site = Site(app, api)
        async with site.http:
            yield site


def sample(type_: Any) -> Any:
    """A small value of the type."""
    if isinstance(type_, GraphQLNonNull):
        return sample(type_.of_type)
    if isinstance(type_, GraphQLList):
        return [sample(type_.of_type)]
    if isinstance(type_, GraphQLEnumType):
        return next(iter(type_.values))
    if isinstance(type_, GraphQLInputObjectType):
        return {name: sample(field.type) for name, field in type_.fields.items() if needed(field)}
    return {"Int": 1, "Float": 1.0, "Boolean": True, "Date": "1990-01-01", "DateTime": "2026-01-01T00:00:00Z"}.get(
        type_.name, "cus_" + "0" * 32
    )


def body_of(query: str, put: Any, value: Any) -> bytes:
    if not isinstance(value, Written):
        return orjson.dumps({"query": query, "variables": {"v": put(value)}})
    return orjson.dumps({"query": query, "variables": {"v": put("@@")}}).replace(b'"@@"', value.encode())


def needed(one: Any) -> bool:
    return isinstance(one.type, GraphQLNonNull)


def uses(owner: str, name: str) -> Iterator[tuple[str, str, Any]]:
    """Arguments under which the place stands: type and field, argument, and how to put a value there."""
    for type_ in SCHEMA.type_map.values():
        if isinstance(type_, GraphQLObjectType) and not type_.name.startswith("__"):
            for label, field in type_.fields.items():
                for argument_name, argument in field.args.items():
                    if (f"{type_.name}.{label}", argument_name) == (owner, name):
                        yield f"{type_.name}.{label}", argument_name, lambda value: value
                    elif get_named_type(argument.type).name == owner:
                        made = sample(GraphQLNonNull(get_named_type(argument.type)))
                        yield f"{type_.name}.{label}", argument_name, lambda value, made=made: {**made, name: value}
                    for key, inner in getattr(get_named_type(argument.type), "fields", {}).items():
                        if get_named_type(inner.type).name == owner:
                            made = sample(GraphQLNonNull(get_named_type(argument.type)))
                            held = sample(GraphQLNonNull(get_named_type(inner.type)))
                            yield (
                                f"{type_.name}.{label}",
                                argument_name,
                                lambda value, made=made, key=key, held=held: {**made, key: {**held, name: value}},
                            )


def document(place: str, argument: str) -> tuple[str, str]:
    """A request with a variable at the argument, and the variable's type."""
    type_name, label = place.split(".")
    type_: Any = SCHEMA.type_map[type_name]
    field = type_.fields[label]
    type_of_variable = str(field.args[argument].type)
    others = " ".join(
        f"{name}: {literal(sample(one.type))}" for name, one in field.args.items() if name != argument and needed(one)
    )
    below = "" if not hasattr(get_named_type(field.type), "fields") else "{ __typename }"
    asked = f"{label}({argument}: $v {others}) {below}"
    if type_ is SCHEMA.mutation_type:
        return f"mutation ($v: {type_of_variable}) {{ {asked.replace('__typename', 'userErrors { code }')} }}", ""
    if type_ is SCHEMA.subscription_type:
        return f"subscription ($v: {type_of_variable}) {{ {asked} }}", "text/event-stream"
    if type_ is not SCHEMA.query_type:
        asked = f'node(id: "cus_{"0" * 32}") {{ ... on {type_name} {{ {asked} }} }}'
    return f"query ($v: {type_of_variable}) {{ {asked} }}", ""


def literal(value: Any) -> str:
    return str(value) if isinstance(value, str) and value.isupper() else orjson.dumps(value).decode()


@pytest.mark.parametrize("owner", OWNERS)
async def test_no_value_makes_much_work(site: Site, monkeypatch: pytest.MonkeyPatch, owner: str) -> None:
    work = Work(monkeypatch)
    for name in OWNERS[owner]:
        place, argument, put = next(uses(owner, name))
        query, accept = document(place, argument)
        headers = {"content-type": "application/json"} | ({"accept": accept} if accept else {})
        if place.partition(".")[2] not in {"signIn", "refreshSession"}:
            headers["authorization"] = f"Bearer {site.tokens['manager']}"
        for which, value in {**TEXTS, **SHAPES}.items():
            body = body_of(query, put, value)
            assert 100 < len(body) <= BODY, which
            with work:
                reply = await site.http.post("/graphql", content=body, headers=headers)
            assert b"INTERNAL" not in reply.content, (name, which, reply.content[:500])
            assert reply.status_code < 500, (name, which, reply.content[:500])
            assert work.calls <= MOST_CALLS, (name, which, work.calls)
            assert work.normalised <= 100_000, (name, which, work.normalised)
            assert work.scanned <= MAX_TEXT, (name, which, work.scanned)
            assert len(reply.content) <= 20_000, (name, which, reply.content[:300])


@pytest.mark.parametrize("act", ["logInteraction", "openTicket"])
async def test_a_long_text_that_is_taken_is_scanned_once(
    site: Site, api: Api, monkeypatch: pytest.MonkeyPatch, act: str
) -> None:
    work, customer = Work(monkeypatch), api.house.customer("own")
    text = ("电话13812345678 " * MAX_FREE_TEXT)[:MAX_FREE_TEXT]
    given = {
        "logInteraction": TALK | {"summary": text},
        "openTicket": {"kind": "QUESTION", "priority": "NORMAL", "subject": "1", "description": text},
    }
    with work:
        done = await site.act("rep", act, customerId=customer, **given[act])
    assert done["userErrors"] == []
    assert MAX_FREE_TEXT <= work.scanned <= MAX_FREE_TEXT + 1_000


async def test_roots_that_share_one_long_text_are_refused_before_anything_is_done(
    site: Site, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = Work(monkeypatch)
    roots = " ".join(f"m{number}: {LOG} {{ userErrors {{ code }} }}" for number in range(10))
    query = f"mutation($c: ID!, $at: DateTime!, $s: String!) {{ {roots} }}"
    given = {"c": api.house.customer("own"), "at": TALK["occurredAt"], "s": "京A12345" * 2_500}
    with work:
        reply = (await site.post("rep", query, **given)).json()
    assert reply["errors"][0]["extensions"] | {"docs": ""} == {
        "code": "LIMIT_EXCEEDED",
        "limit": "text",
        "allowed": MAX_TEXT,
        "counted": 175_000,
        "docs": "",
    }
    assert work.scanned == 0
    assert api.rows("SELECT count(*) FROM idempotency_record") == [(0,)]
    assert "m0" in (await site.post("rep", query, **{**given, "s": "京A12345"})).json()["data"]


async def test_filters_of_many_roots_are_judged_together(site: Site) -> None:
    roots = " ".join(
        f"c{n}: customers(where: {{region: $r, industry: $r, tag: $r}}) {{ totalCount }}" for n in range(20)
    )
    words = [f"{number:042}" for number in range(100)]
    reply = (await site.post("manager", f"query($r: [String!]) {{ {roots} }}", r=words)).json()
    assert reply["errors"][0]["extensions"]["limit"] == "text"
    assert reply["errors"][0]["extensions"]["counted"] == 20 * 3 * 100 * 42
