"""The floor: the five questions answered by hand-written SQL on a bare server.

It does what no server can leave out - verify the token, read the rows, open the names, write the JSON - on the same
driver, connections and generic plans as ours, and gives the same bytes. It knows five documents by heart: no GraphQL is
parsed, nothing is planned, no policy is asked, no limit is kept, no line is logged.
"""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any
from uuid import UUID

import orjson
from starlette.types import Receive, Scope, Send

from auth.entering.tokens import TokenVerifier
from auth.sealing.cursors import CursorSealer
from auth.sealing.seals import unseal_one
from bench.floor_acting import Writer
from bench.questions import COUNTS, LOG, ONE, PAGE, WALL
from domain.identity import read_public_id
from server.installation import keys
from server.postgres.database import Database
from server.postgres.lending import Execute, Rows
from server.settings import Settings

UTC_TEXT = orjson.OPT_NAIVE_UTC | orjson.OPT_UTC_Z
PLACE = b"customer.name:"

CUSTOMER = b"""
SELECT c.id, 'cus_' || replace(c.id::text, '-', ''), c.kind, k.wrapped, c.name_sealed, c.mobile_masked, c.email_masked,
       c.region, c.industry, c.stage, c.score, c.created_at, t.code, t.name,
       'stf_' || replace(o.id::text, '-', ''), o.name
FROM customer c
LEFT JOIN data_key k ON k.id = c.id
LEFT JOIN tier t ON t.id = c.tier_id
LEFT JOIN staff_member o ON o.id = c.owner_id
WHERE c.owner_id = $1
"""
ONE_CUSTOMER = CUSTOMER + b"AND c.id = $2"
NEWEST_CUSTOMERS = CUSTOMER + b"ORDER BY c.created_at DESC, c.id DESC LIMIT $2"
INTERACTIONS = b"""
SELECT parents.key, i.* FROM unnest($1::uuid[]) AS parents(key) CROSS JOIN LATERAL (
    SELECT 'int_' || replace(i.id::text, '-', ''), i.channel, i.occurred_at, i.summary_masked,
           'stf_' || replace(s.id::text, '-', ''), s.name
    FROM interaction i LEFT JOIN staff_member s ON s.id = i.staff_id
    WHERE i.customer_id = parents.key ORDER BY i.occurred_at DESC, i.id DESC LIMIT $2
) AS i
"""
TICKETS = b"""
SELECT parents.key, t.* FROM unnest($1::uuid[]) AS parents(key) CROSS JOIN LATERAL (
    SELECT 'tkt_' || replace(t.id::text, '-', ''), t.number, t.status, t.priority, t.subject
    FROM ticket t WHERE t.customer_id = parents.key AND t.status <> 'CLOSED'
    ORDER BY t.opened_at DESC, t.id DESC LIMIT $2
) AS t
"""
ALL_CUSTOMERS = b"SELECT count(*) FROM customer WHERE owner_id = $1"
ALL_TICKETS = b"""
SELECT t.status, count(*) FROM ticket t JOIN customer c ON c.id = t.customer_id
WHERE c.owner_id = $1 AND t.status IN ('ACCEPTED', 'INVESTIGATING', 'RESPONDED', 'FOLLOWING_UP') GROUP BY t.status
"""
COUNTED = {
    "accepted": "ACCEPTED",
    "investigating": "INVESTIGATING",
    "responded": "RESPONDED",
    "followingUp": "FOLLOWING_UP",
}


class Floor:
    """An ASGI application for the five questions, asked by a rep."""

    def __init__(self, settings: Settings) -> None:
        assert settings.database_url, "the database that all servers share"
        url, (ring, _) = settings.database_url.get_secret_value(), keys(settings)
        self.database = Database(url, reading_connections=settings.reading_connections)
        self.writer = Writer(url)
        self.unseal, self.cursors = unseal_one(ring), CursorSealer(ring.cursor)
        self.verifier = TokenVerifier(ring, settings.issuer, settings.audience)
        self.verified: dict[bytes, tuple[UUID, datetime]] = {}
        self.answers: dict[str, Callable[[Execute, UUID, dict[str, Any]], Awaitable[Any]]] = {
            ONE: self.one,
            PAGE: self.page,
            WALL: self.wall,
            COUNTS: self.counts,
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.lifespan(receive, send)
        else:
            await self.answer(scope, receive, send)

    async def answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        viewer = self.viewer(dict(scope["headers"])[b"authorization"].removeprefix(b"Bearer "))
        asked = orjson.loads(await body_of(receive))
        if asked["query"] == LOG:
            data = await self.writer.log(viewer, asked["variables"]["input"])
        else:
            async with self.database.lend() as run:
                data = await self.answers[asked["query"]](run, viewer, asked["variables"])
        body = orjson.dumps({"data": data}, option=UTC_TEXT)
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def lifespan(self, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self.close()
        await send({"type": "lifespan.shutdown.complete"})

    async def close(self) -> None:
        await self.database.close()
        await self.writer.close()

    def viewer(self, token: bytes) -> UUID:
        digest = blake2b(token, digest_size=16).digest()
        found = self.verified.get(digest)
        if found is None or found[1] <= datetime.now(UTC):
            claims = self.verifier.verify(token.decode())
            subject = read_public_id(claims.subject)
            assert subject
            found = self.verified[digest] = subject[1], claims.expires_at
        return found[0]

    async def one(self, run: Execute, viewer: UUID, given: dict[str, str]) -> Any:
        rows = await run(ONE_CUSTOMER, (viewer, UUID(hex=given["id"][4:])))
        return {"customer": self.customer(rows[0]) if rows else None}

    async def page(self, run: Execute, viewer: UUID, _given: dict[str, str]) -> Any:
        rows = await run(NEWEST_CUSTOMERS, (viewer, 51))
        return {"customers": self.paged(rows, [self.customer(row) for row in rows[:50]])}

    async def wall(self, run: Execute, viewer: UUID, _given: dict[str, str]) -> Any:
        rows = await run(NEWEST_CUSTOMERS, (viewer, 51))
        keys = [row[0] for row in rows[:50]]
        interactions: dict[UUID, list[Any]] = {key: [] for key in keys}
        tickets: dict[UUID, list[Any]] = {key: [] for key in keys}
        for key, id_, channel, at, summary, staff, name in await run(INTERACTIONS, (keys, 5)):
            interactions[key].append(
                {
                    "id": id_,
                    "channel": channel,
                    "occurredAt": at,
                    "summary": {"display": summary},
                    "staff": None if staff is None else {"id": staff, "name": name},
                }
            )
        for key, id_, number, status, priority, subject in await run(TICKETS, (keys, 5)):
            tickets[key].append(
                {"id": id_, "number": number, "status": status, "priority": priority, "subject": subject}
            )
        nodes = [
            {
                **self.customer(row),
                "interactions": {"nodes": interactions[row[0]]},
                "tickets": {"nodes": tickets[row[0]]},
            }
            for row in rows[:50]
        ]
        return {"customers": self.paged(rows, nodes)}

    async def counts(self, run: Execute, viewer: UUID, _given: dict[str, str]) -> Any:
        ((customers,),) = await run(ALL_CUSTOMERS, (viewer,))
        tickets: dict[str, int] = dict(await run(ALL_TICKETS, (viewer,)))
        return {
            "customers": {"totalCount": customers},
            **{key: {"totalCount": tickets.get(status, 0)} for key, status in COUNTED.items()},
        }

    def customer(self, row: tuple[Any, ...]) -> dict[str, Any]:
        id_, public, kind, wrapped, name, mobile, email, region, industry, stage, score, at, *joined = row
        tier, tier_name, owner, owner_name = joined
        return {
            "id": public,
            "kind": kind,
            "name": {"display": self.unseal(wrapped, id_, name, PLACE + id_.bytes), "sight": "CLEAR"},
            "mobile": {"display": mobile, "sight": "MASKED"},
            "email": {"display": email, "sight": "MASKED"},
            "region": region,
            "industry": industry,
            "stage": stage,
            "score": score,
            "createdAt": at,
            "tier": None if tier is None else {"code": tier, "name": tier_name},
            "owner": None if owner is None else {"id": owner, "name": owner_name},
        }

    def paged(self, rows: Rows, nodes: list[Any]) -> dict[str, Any]:
        last = rows[: len(nodes)][-1] if nodes else None
        end = cursor(self.cursors, last[11], last[0]) if last else None
        return {"nodes": nodes, "pageInfo": {"hasNextPage": len(rows) > len(nodes), "endCursor": end}}


def cursor(cursors: CursorSealer, created_at: datetime, id_: UUID) -> str:
    """The same cursor as ours."""
    return cursors.seal(orjson.dumps((created_at, id_), option=UTC_TEXT), b"Customer CREATED_AT DESC")


async def body_of(receive: Receive) -> bytes:
    message = await receive()
    body: bytes = message["body"]
    while message.get("more_body"):
        message = await receive()
        body += message["body"]
    return body


def app() -> Floor:
    """For `uvicorn --factory bench.floor:app`; the settings come from the environment, as ours do."""
    return Floor(Settings())  # type: ignore[call-arg]  # read from the environment
