"""The whole application over ASGI, and a client that listens: `async with site.listen("rep") as told: await told()`."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import httpx2
import orjson
from starlette.applications import Starlette

from auth.entering.tokens import mint
from server.http.endpoint import GraphQLEndpoint
from server.settings import Settings
from tests.api.house import Api

PATIENCE = 30.0
BROKEN_OFF = "the response ended without `complete`"
FOLLOW = "subscription($after: String) { ticketChanged(after: $after) { kind id cursor ticket { id status } } }"
FOLLOW_ANEW = FOLLOW.replace("($after: String)", "").replace("(after: $after)", "")


class Site:
    """One process of the product, and tokens for everybody in the house."""

    def __init__(self, app: Starlette, api: Api) -> None:
        self.app, self.ring, self.house, self.rows = app, api.ring, api.house, api.rows
        self.http = httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://zhike")
        self.tokens = {caller: self.token(caller) for caller in api.house.viewers}

    def token(self, caller: str, lifetime: timedelta = timedelta(hours=1)) -> str:
        viewer, settings = self.house.viewers[caller], Settings()
        names = {"issuer": settings.issuer, "audience": settings.audience}
        return mint(self.ring, viewer.public_id, "tests", viewer.grants, lifetime, **names)

    async def post(self, caller: str, query: str, key: str | None = None, **variables: Any) -> httpx2.Response:
        headers = {"authorization": f"Bearer {self.tokens[caller]}"} | ({"idempotency-key": key} if key else {})
        return await self.http.post("/graphql", json={"query": query, "variables": variables}, headers=headers)

    async def act(self, caller: str, act: str, key: str | None = None, selection: str = "", **given: Any) -> Any:
        """The payload of one mutation, or the first error's code."""
        name = f"{act[0].upper()}{act[1:]}Input!"
        chosen = f"{selection} userErrors {{ code field message }}"
        query = f"mutation($input: {name}) {{ {act}(input: $input) {{ {chosen} }} }}"
        told = (await self.post(caller, query, key, input=given)).json()
        return told["data"][act] if told.get("data") else told["errors"][0]["extensions"]["code"]

    @property
    def endpoint(self) -> GraphQLEndpoint:
        return next(one.args[0] for one in self.app.user_middleware if isinstance(one.args[0], GraphQLEndpoint))

    @asynccontextmanager
    async def listen(
        self, caller: str, query: str = FOLLOW_ANEW, key: str | None = None, token: str | None = None, **variables: Any
    ) -> AsyncIterator["Listener"]:
        """Begins once the stream has begun; hangs up at the end."""
        await self._settled()
        headers = [(b"accept", b"text/event-stream"), (b"content-type", b"application/json")]
        headers += [(b"authorization", b"Bearer " + (token or self.tokens[caller]).encode())]
        headers += [(b"idempotency-key", key.encode())] if key else []
        listener = Listener(self.app, headers, orjson.dumps({"query": query, "variables": variables}))
        try:
            await asyncio.wait_for(listener.begun.wait(), PATIENCE)
            yield listener
        finally:
            await listener.hang_up()

    async def _settled(self) -> None:
        """A stream begins below the oldest transaction of the whole cluster, and others are at work there too."""
        passed = "SELECT coalesce(max(xact), 0) < pg_snapshot_xmin(pg_current_snapshot())::text::bigint FROM event"
        await until(lambda: self.rows(passed) == [(True,)])

    def resumed(self, caller: str, after: str | None) -> Any:
        return self.listen(caller, FOLLOW, after=after)


class Listener:
    """One stream. Calling it waits for the next event: `kind id` of the change, the reply itself for anything else."""

    def __init__(self, app: Starlette, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
        self.status, self.body, self.headers = 0, b"", dict[bytes, bytes]()
        self.begun, self.gone = asyncio.Event(), asyncio.Event()
        self.replies: asyncio.Queue[dict[str, Any] | None] = asyncio.Queue()
        self.comments, self.completed, self._rest = 0, False, b""
        self._asked = [{"type": "http.request", "body": body, "more_body": False}]
        scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST", "scheme": "http",
            "path": "/graphql", "raw_path": b"/graphql", "root_path": "", "query_string": b"", "headers": headers,
            "extensions": {}, "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80),
        }  # fmt: skip
        self.running = asyncio.ensure_future(app(scope, self._receive, self._send))

    async def _receive(self) -> dict[str, Any]:
        if self._asked:
            return self._asked.pop()
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.status, self.headers = message["status"], dict(message["headers"])
            self.begun.set()
            return
        self.body += message.get("body", b"")
        *whole, self._rest = (self._rest + message.get("body", b"")).split(b"\n\n")
        for piece in whole:
            self._take(piece)
        if not message.get("more_body", False) and not self.completed:
            self.replies.put_nowait(BROKEN_OFF)

    def _take(self, piece: bytes) -> None:
        if piece.startswith(b":"):
            self.comments += 1
        elif piece == b"event: complete\ndata:":
            self.completed = True
            self.replies.put_nowait(None)
        else:
            self.replies.put_nowait(orjson.loads(piece.removeprefix(b"event: next\ndata: ")))

    async def reply(self) -> Any:
        """The next event's data; None for `complete`, BROKEN_OFF for an end without it."""
        return await asyncio.wait_for(self.replies.get(), PATIENCE)

    async def change(self) -> dict[str, Any]:
        told = (await self.reply())["data"]["ticketChanged"]
        assert (told["ticket"] is None) == (told["kind"] == "LOST")
        assert told["ticket"] is None or told["ticket"]["id"] == told["id"]
        return told

    async def __call__(self, count: int = 1) -> list[tuple[str, str]]:
        """So many changes: what each means, and of which ticket."""
        changes = [await self.change() for _ in range(count)]
        return [(change["kind"], change["id"]) for change in changes]

    async def hang_up(self) -> None:
        self.gone.set()
        await asyncio.wait_for(self.running, PATIENCE)


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not true():  # noqa: ASYNC110 - what is waited for tells nobody
            await asyncio.sleep(0.01)
