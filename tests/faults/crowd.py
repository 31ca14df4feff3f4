"""Clients who act in parallel, each act under a key of its own, and ask again when no answer comes."""

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from random import Random
from typing import Any

import httpx2

from tests.api.house import Api, digests_of, document

UNKNOWN = frozenset({"INTERNAL", "TIMEOUT", "UNAVAILABLE"})
"""What leaves open whether the act was done."""

MOVES = {
    "ACCEPTED": ("investigateTicket", {"note": "查看中"}),
    "INVESTIGATING": ("respondToTicket", {"response": "已回复"}),
    "RESPONDED": ("followUpTicket", {"note": "已回访", "satisfied": True}),
    "FOLLOWING_UP": ("closeTicket", {"resolution": "已换新"}),
    "CLOSED": ("reopenTicket", {"reason": "又坏了"}),
}
TALK = {"channel": "PHONE", "direction": "INBOUND", "occurredAt": "2026-01-01T00:00:00Z"}
TICKET = {"kind": "QUESTION", "priority": "HIGH", "subject": "来电咨询", "description": "问保修"}


@dataclass(frozen=True)
class Done:
    """One act: what was asked, of which row, and what the server said in the end; None where nobody waited for it."""

    act: str
    target: str
    made: str | None
    refusals: tuple[str, ...] | None


@dataclass
class Crowd:
    """`sent` by key, as soon as it is sent; `wrong` is whatever no client should ever see."""

    api: Api
    url: str
    tokens: dict[str, str]
    customers: list[str]
    tickets: list[str] = field(default_factory=list)
    sent: dict[str, Done] = field(default_factory=dict)
    answered: int = 0
    asked_again: int = 0
    wrong: list[Any] = field(default_factory=list)
    closing: asyncio.Event = field(default_factory=asyncio.Event)

    async def act(self, number: int) -> None:
        """One client, until closing time; it leaves when its last act was answered."""
        chance = Random(number)
        async with httpx2.AsyncClient(timeout=10) as http:
            client = Client(self, http, chance, f"client-{number}")
            while not self.closing.is_set():
                await client.one_act()
                await asyncio.sleep(chance.random() / 50)


@dataclass
class Client:
    crowd: Crowd
    http: httpx2.AsyncClient
    chance: Random
    name: str
    count: int = 0

    async def one_act(self) -> None:
        ways = [self._log, self._edit, self._open, self._move]
        act, made, given = await self.chance.choice(ways)()
        self.count += 1
        key = f"{self.name}-{act}-{self.count}"
        target = given.get("customerId") or given.get("ticketId")
        self.crowd.sent[key] = Done(act, target, None, None)
        told = await self._settled(act, made, given, key)
        if told is None:
            return
        self.crowd.answered += 1
        self.crowd.sent[key] = Done(act, target, *told)
        if act == "openTicket" and told[0]:
            self.crowd.tickets.append(told[0])
        if self.chance.random() < 0.1:
            again = await self._settled(act, made, given, key)
            if again not in {None, told}:
                self.crowd.wrong.append((key, told, again))

    async def _settled(self, act: str, made: str, given: Any, key: str) -> Any:
        """The answer, asked for as often as it takes; one client in twenty gives up after a fault."""
        query = document(act, f"{made} {{ id }}")
        while True:
            hasty = self.chance.random() < 0.05
            told = await self._post("manager", query, key, {"input": given}, 0.03 if hasty else 10)
            if told is not None:
                payload = told["data"][act]
                refusals = tuple(error["code"] for error in payload["userErrors"])
                return (payload[made]["id"] if payload[made] else None), refusals
            if self.chance.random() < 0.05:
                return None
            self.crowd.asked_again += 1
            await asyncio.sleep(0.05)

    async def _post(self, caller: str, query: str, key: str | None, variables: Any, seconds: float = 10) -> Any:
        """The reply, or None where it is not known what became of the request."""
        headers = {"authorization": f"Bearer {self.crowd.tokens[caller]}"} | ({"idempotency-key": key} if key else {})
        body = {"query": query, "variables": variables}
        try:
            reply = await self.http.post(self.crowd.url, json=body, headers=headers, timeout=seconds)
            told = reply.json()
        except (httpx2.TransportError, ValueError):
            return None
        for error in told.get("errors", ()):
            if error["extensions"]["code"] not in UNKNOWN:
                self.crowd.wrong.append(error)
            return None
        return told

    async def _read(self, query: str, id_: str) -> Any:
        while True:
            told = await self._post("manager", query, None, {"id": id_})
            if told is not None:
                return told["data"]["found"]
            await asyncio.sleep(0.05)

    async def _log(self) -> tuple[str, str, dict[str, Any]]:
        return "logInteraction", "interaction", TALK | {"customerId": self._customer(), "summary": "问价格"}

    async def _edit(self) -> tuple[str, str, dict[str, Any]]:
        customer = self._customer()
        found = await self._read("query($id: ID!) { found: customer(id: $id) { version } }", customer)
        region = f"{self.chance.getrandbits(24)}区"  # never the present one: that would be no edit
        return "editCustomer", "customer", {
            "customerId": customer, "expectedVersion": found["version"], "region": region,
        }  # fmt: skip

    async def _open(self) -> tuple[str, str, dict[str, Any]]:
        return "openTicket", "ticket", TICKET | {"customerId": self._customer()}

    async def _move(self) -> tuple[str, str, dict[str, Any]]:
        if not self.crowd.tickets:
            return await self._open()
        ticket = self.chance.choice(self.crowd.tickets[-20:])
        found = await self._read("query($id: ID!) { found: ticket(id: $id) { status version } }", ticket)
        act, given = MOVES[found["status"]]
        version = {"expectedVersion": found["version"]} if self.chance.random() < 0.5 else {}
        return act, "ticket", {"ticketId": ticket, **version, **given}

    def _customer(self) -> str:
        return self.chance.choice(self.crowd.customers)


def checked(crowd: Crowd) -> Counter[tuple[str, str]]:
    """Holds the database to what the crowd was told. Gives how often each act came to what."""
    assert crowd.wrong == []
    rows = crowd.api.rows
    sent = {digests_of(crowd.api.ring, key, done.act)[0]: key for key, done in crowd.sent.items()}
    records = {sent[digest]: outcome for digest, outcome in rows("SELECT digest, outcome FROM idempotency_record")}
    for key, done in crowd.sent.items():
        if done.refusals is not None:
            outcome = records[key]  # an acknowledged act is there
            assert tuple(refusal[0] for refusal in outcome["refusals"]) == done.refusals
            assert [hex_of(id_) for id_ in outcome["ids"].values()] == ([hex_of(done.made)] if done.made else [])
    came_to = Counter(
        (crowd.sent[key].act, outcome["refusals"][0][0] if outcome["refusals"] else "DONE")
        for key, outcome in records.items()
    )
    assert Counter(rows("SELECT act, outcome FROM audit")) == came_to
    effects = [(crowd.sent[key], outcome["ids"]) for key, outcome in records.items() if not outcome["refusals"]]
    check_made(crowd, effects, "interaction", "logInteraction", "INTERACTION_LOGGED")
    check_made(crowd, effects, "ticket", "openTicket", "TICKET_OPENED")
    edits = Counter(hex_of(done.target) for done, _ in effects if done.act == "editCustomer")
    moves = Counter(hex_of(done.target) for done, _ in effects if done.act in {act for act, _ in MOVES.values()})
    assert counted(crowd, "SELECT customer_id FROM event WHERE kind = 'EDITED'") == edits
    assert counted(crowd, "SELECT ticket_id FROM event WHERE kind = 'TICKET_MOVED'") == moves
    assert counted(crowd, "SELECT ticket_id FROM ticket_step") == moves
    for table, steps in (("customer", edits), ("ticket", moves)):
        assert {
            id_.hex: version - 1 for id_, version in rows(f"SELECT id, version FROM {table} WHERE version > 1")
        } == steps
    return came_to


def check_made(crowd: Crowd, effects: list[Any], noun: str, act: str, event: str) -> None:
    """What was made is there once, with one event, and nothing else is."""
    ids = Counter(hex_of(made[noun]) for done, made in effects if done.act == act)
    since = "> now() - interval '12 hours'"
    assert max(ids.values(), default=1) == 1
    assert counted(crowd, f"SELECT id FROM {noun} WHERE created_at {since}") == ids
    assert counted(crowd, f"SELECT {noun}_id FROM event WHERE kind = '{event}' AND at {since}") == ids


def counted(crowd: Crowd, statement: str) -> Counter[str]:
    return Counter(id_.hex for (id_,) in crowd.api.rows(statement))


def hex_of(id_: str) -> str:
    return id_.replace("-", "").rpartition("_")[2]
