"""`POST /graphql` as a bare ASGI application: check the form, find the viewer, ask, send."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import TypeAlias

from starlette.types import Receive, Scope, Send

from auth.entering.tokens import BadToken
from auth.viewer import Viewer
from schema.answering.asked import Asked, Reply
from schema.answering.errors import ErrorKind, entry, formatted
from server.http.addresses import client_address
from server.http.received import (
    Disconnected,
    Headers,
    Rejected,
    asked_in,
    bearer_token,
    body_of,
    check_content,
    headers_of,
    idempotency_key,
)
from server.http.replies import JSON, REFUSED_TOKEN, Outgoing, negotiated, refused, replied, send_out
from server.http.streaming import EVENTS, Replies, Streams
from server.http.telemetry import noted

Verify: TypeAlias = Callable[[str], Awaitable[Viewer]]
"""From an access token to who asks; raises BadToken."""

Answer: TypeAlias = Callable[[Asked, Viewer | None], Awaitable[Reply | bytes]]
"""The answer to a well-formed request, encoded already or JSON-ready; without a viewer the caller sent no token."""


Follow: TypeAlias = Callable[[Asked, Viewer, Callable[[], Awaitable[Viewer]]], Replies]
"""The replies of a subscription as they come; the last argument gives the viewer's rights of the moment."""


@dataclass(frozen=True, slots=True)
class GraphQLEndpoint:
    """Answers each request with JSON: 4xx for a bad form, 401 for a bad token, 500 for a surprise, 503 after `seconds`.

    `most_bytes` bounds the body. Request errors of GraphQL itself have the status that the negotiated content type asks
    for (GraphQL over HTTP, "Status Codes").
    """

    verify: Verify
    answer: Answer
    most_bytes: int = 1_000_000
    seconds: float = 30.0
    follow: Follow | None = None
    streams: Streams = field(default_factory=Streams)
    log_key: bytes = field(default_factory=lambda: os.urandom(32))
    """Operations are named in the log by a keyed digest: a document may hold a value, and values can be guessed."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        media = JSON
        try:
            headers = headers_of(scope["headers"])
            media = negotiated(headers.get(b"accept", JSON))
            if self.follow and EVENTS in headers.get(b"accept", b""):
                await self._followed(self.follow, scope, headers, receive, send)
            else:
                await send_out(send, await self._in_time(scope, headers, receive, media), media)
        except Rejected as rejected:
            await send_out(send, _rejected(rejected), media)
        except Disconnected:
            return

    async def _followed(self, follow: Follow, scope: Scope, headers: Headers, receive: Receive, send: Send) -> None:
        """A subscription, as server-sent events; only a client with a token is followed for."""
        try:
            token, viewer, asked = await asyncio.wait_for(self._asked(scope, headers, receive), self.seconds)
        except TimeoutError:
            raise Rejected(503, ErrorKind.TIMEOUT) from None
        if viewer is None or token is None:
            raise Rejected(401, ErrorKind.UNAUTHENTICATED)
        with self.streams.one_more(viewer.id):
            await self.streams.send(follow(asked, viewer, lambda: self._verified(token)), receive, send)

    async def _in_time(self, scope: Scope, headers: Headers, receive: Receive, media: bytes) -> Outgoing:
        deadline = Deadline(self.seconds)
        try:
            with deadline:
                return await self._answered(scope, headers, receive, media)
        except (Rejected, Disconnected):
            raise
        except Exception as error:  # noqa: BLE001 - whatever happens, the client gets JSON and the log an id
            if deadline.passed:
                return refused(503, entry(ErrorKind.TIMEOUT))
            return _failed(error, media)

    async def _answered(self, scope: Scope, headers: Headers, receive: Receive, media: bytes) -> Outgoing:
        _, viewer, asked = await self._asked(scope, headers, receive)
        return replied(await self.answer(asked, viewer), media)

    async def _asked(self, scope: Scope, headers: Headers, receive: Receive) -> tuple[str | None, Viewer | None, Asked]:
        if scope["method"] != "POST":
            raise Rejected(405, ErrorKind.METHOD_NOT_ALLOWED)
        check_content(headers, self.most_bytes)
        token = bearer_token(headers)
        viewer = await self._verified(token) if token else None
        key = idempotency_key(headers)
        asked = asked_in(await body_of(receive, self.most_bytes))
        asked = asked._replace(idempotency_key=key, client_address=client_address(scope))
        note = noted(scope)
        note["operation"] = blake2b(asked.query.encode(), digest_size=6, key=self.log_key).hexdigest()
        note["role"] = viewer.role.value if viewer else None
        return token, viewer, asked

    async def _verified(self, token: str) -> Viewer:
        try:
            return await self.verify(token)
        except BadToken:
            raise Rejected(401, ErrorKind.UNAUTHENTICATED) from None


class Deadline:
    """Ends the block after `seconds` with TimeoutError, as asyncio does in more steps."""

    __slots__ = ("_seconds", "_task", "_timer", "passed")

    def __init__(self, seconds: float) -> None:
        self._seconds, self.passed = seconds, False

    def __enter__(self) -> None:
        self._task = asyncio.current_task()
        self._timer = asyncio.get_running_loop().call_later(self._seconds, self._pass)

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._timer.cancel()
        if self.passed and self._task and not self._task.uncancel() and kind is asyncio.CancelledError:
            raise TimeoutError

    def _pass(self) -> None:
        self.passed = True
        if self._task:
            self._task.cancel()


def _failed(error: Exception, media: bytes) -> Outgoing:
    told = formatted(error)
    outgoing = replied({"errors": [told]}, media)
    return outgoing._replace(status=500) if _is_surprise(told) else outgoing


def _is_surprise(told: dict[str, object]) -> bool:
    extensions = told["extensions"]
    return isinstance(extensions, dict) and extensions["code"] == ErrorKind.INTERNAL


def _rejected(rejected: Rejected) -> Outgoing:
    error = entry(rejected.kind, rejected.message)
    if rejected.status == 401:
        return refused(401, error, REFUSED_TOKEN)
    if rejected.status == 405:
        return refused(405, error, (b"allow", b"POST"))
    return refused(rejected.status, error)
