"""`/graphql` as a bare ASGI application: check the form, find the viewer, ask, send."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import NamedTuple, TypeAlias

from graphql import GraphQLError
from starlette.types import Receive, Scope, Send

from auth.entering.tokens import BadToken
from auth.viewer import Viewer
from schema.answering.asked import Asked, Reply, Subscribed
from schema.answering.errors import ErrorKind, entry, formatted
from server.http.addresses import client_address
from server.http.negotiation import ANYTHING, Accepted, accepted
from server.http.parameters import NotPersisted, asked_in, asked_in_url
from server.http.received import (
    Disconnected,
    Headers,
    Rejected,
    bearer_token,
    body_of,
    check_content,
    headers_of,
    idempotency_key,
    refuse_upgrade,
)
from server.http.replies import (
    ALLOW_READING,
    CLOSE,
    REFUSED_TOKEN,
    VARY,
    Outgoing,
    link_to_docs,
    refused,
    replied,
    send_out,
)
from server.http.streaming import CONNECTION, Streams
from server.http.telemetry import noted

Verify: TypeAlias = Callable[[str], Awaitable[Viewer]]
"""From an access token to who asks; raises BadToken."""

Answer: TypeAlias = Callable[[Asked, Viewer | None], Awaitable[Reply | bytes | Subscribed]]
"""The answer to a well-formed request, encoded already or JSON-ready, or a subscription; without a viewer the caller
sent no token.
"""

Enter: TypeAlias = Callable[[Asked], Awaitable[Reply | bytes | None]]
"""The answer to a request that opens or carries on a session; None for any other."""


class Caller(NamedTuple):
    """Who asks: a viewer by a token, or nobody known."""

    token: str | None
    viewer: Viewer | None


class Opened(NamedTuple):
    """A subscription that was accepted, for a viewer whose token is asked again and again whether it is still good."""

    subscribed: Subscribed
    token: str
    viewer: Viewer


async def _never_enters(_asked: Asked) -> None:
    return None


@dataclass(frozen=True, slots=True)
class GraphQLEndpoint:
    """Answers each request with JSON: 4xx for a bad form, 401 for a bad token, 500 for a surprise, 503 after `seconds`.

    The operation decides what the answer is: a stream of events for a subscription, JSON for all else, unless the
    client accepts nothing but a stream. `most_bytes` and `body_seconds` bound the body (413, 408). `answer_by_url`
    answers what came by GET; without it nothing does. `enter` answers who holds a token that is no good.
    """

    verify: Verify
    answer: Answer
    most_bytes: int = 1_000_000
    seconds: float = 30.0
    body_seconds: float = 15.0
    answer_by_url: Answer | None = None
    enter: Enter = _never_enters
    streams: Streams = field(default_factory=Streams)
    log_key: bytes = field(default_factory=lambda: os.urandom(32))
    """Operations are named in the log by a keyed digest: a document may hold a value, and values can be guessed."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        accept = ANYTHING
        try:
            headers = headers_of(scope["headers"])
            accept = accepted(headers.get(b"accept"))
            found = await self._in_time(scope, headers, receive, accept)
            if isinstance(found, Opened):
                await self._stream(found, scope, receive, send)
            else:
                await send_out(send, found)
        except NotPersisted as refusal:
            await send_out(send, _linked({"errors": [refusal.entry]}, accept.media))
        except Rejected as rejected:
            await send_out(send, refused(rejected.status, rejected.entry, *rejected.headers, media=accept.media))
        except Disconnected:
            return

    async def _stream(self, opened: Opened, scope: Scope, receive: Receive, send: Send) -> None:
        with self.streams.one_more(opened.viewer.id):
            replies = opened.subscribed.replies(lambda: self._verified(opened.token))
            await self.streams.send(replies, scope, receive, send)

    async def _in_time(self, scope: Scope, headers: Headers, receive: Receive, accept: Accepted) -> Outgoing | Opened:
        deadline = Deadline(self.body_seconds, self.seconds)
        try:
            with deadline:
                return await self._answered(scope, headers, receive, accept, deadline)
        except (Rejected, Disconnected):
            raise
        except Exception as error:  # noqa: BLE001 - whatever happens, the client gets JSON and the log an id
            if deadline.passed and deadline.reading and self.body_seconds < self.seconds:
                return refused(408, entry(ErrorKind.REQUEST_TIMEOUT), CLOSE, media=accept.media)
            if deadline.passed:
                return refused(503, entry(ErrorKind.TIMEOUT), media=accept.media)
            return _failed(error, accept.media)

    async def _answered(
        self, scope: Scope, headers: Headers, receive: Receive, accept: Accepted, deadline: "Deadline"
    ) -> Outgoing | Opened:
        if scope["method"] != "POST":
            return await self._answered_by_url(scope, headers, accept)
        check_content(headers, self.most_bytes)
        try:
            caller = await self._caller(scope, headers)
        except Rejected as rejected:
            asked = await self._asked(scope, headers, receive, deadline, rejected)
            self._note(scope, asked, None)
            return await self._entered(asked, accept, rejected)
        asked = await self._asked(scope, headers, receive, deadline)
        self._note(scope, asked, caller.viewer)
        return _outgoing(await self.answer(asked, caller.viewer), caller, accept)

    async def _answered_by_url(self, scope: Scope, headers: Headers, accept: Accepted) -> Outgoing | Opened:
        if scope["method"] != "GET" or self.answer_by_url is None:
            raise Rejected(405, ErrorKind.METHOD_NOT_ALLOWED, headers=(ALLOW_READING,))
        refuse_upgrade(headers)
        caller = await self._caller(scope, headers)
        asked = asked_in_url(scope["query_string"])._replace(client_address=client_address(scope))
        self._note(scope, asked, caller.viewer)
        outgoing = _outgoing(await self.answer_by_url(asked, caller.viewer), caller, accept)
        return outgoing._replace(headers=(*outgoing.headers, VARY)) if isinstance(outgoing, Outgoing) else outgoing

    async def _entered(self, asked: Asked, accept: Accepted, refused_token: Rejected) -> Outgoing:
        """Who signs in or refreshes often still holds a token that has ended; it is no part of that question."""
        reply = await self.enter(asked)
        if reply is None:
            raise refused_token
        return _linked(reply, accept.media)

    async def _caller(self, scope: Scope, headers: Headers) -> Caller:
        token = bearer_token(headers)
        if token is None:
            return Caller(None, None)
        viewer = await self._verified(token)
        connection = scope.get(CONNECTION)
        if connection is not None and not connection.authenticated:
            connection.authenticate()
        return Caller(token, viewer)

    async def _asked(
        self, scope: Scope, headers: Headers, receive: Receive, deadline: "Deadline", first: Rejected | None = None
    ) -> Asked:
        """What was asked. Raises Rejected: `first` where there is one, since then no other fault is looked at."""
        try:
            key = idempotency_key(headers)
            deadline.reading = True
            body = await body_of(receive, self.most_bytes)
            deadline.reading = False
            asked = asked_in(body)
        except (Rejected, GraphQLError):
            if first is not None:
                raise first from None
            raise
        return Asked(asked.query, asked.operation_name, asked.variables, key, client_address(scope))

    def _note(self, scope: Scope, asked: Asked, viewer: Viewer | None) -> None:
        note = noted(scope)
        note["operation"] = blake2b(asked.query.encode(), digest_size=6, key=self.log_key).hexdigest()
        note["role"] = viewer.role.value if viewer else None

    async def _verified(self, token: str) -> Viewer:
        try:
            return await self.verify(token)
        except BadToken:
            raise Rejected(401, ErrorKind.UNAUTHENTICATED, headers=(REFUSED_TOKEN,)) from None


class Deadline:
    """Ends the block with TimeoutError, as asyncio does in more steps: after `seconds`, and after `reading_seconds`
    where the body of the request has not come by then.
    """

    __slots__ = ("_reading_seconds", "_seconds", "_task", "_timer", "passed", "reading")

    def __init__(self, reading_seconds: float, seconds: float) -> None:
        self._reading_seconds, self._seconds = min(reading_seconds, seconds), seconds
        self.passed, self.reading = False, False

    def __enter__(self) -> None:
        self._task = asyncio.current_task()
        self._timer = asyncio.get_running_loop().call_later(self._reading_seconds, self._pass)

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._timer.cancel()
        if self.passed and self._task and not self._task.uncancel() and kind is asyncio.CancelledError:
            raise TimeoutError

    def _pass(self) -> None:
        if not self.reading and self._reading_seconds < self._seconds:
            left, self._reading_seconds = self._seconds - self._reading_seconds, self._seconds
            self._timer = asyncio.get_running_loop().call_later(left, self._pass)
            return
        self.passed = True
        if self._task:
            self._task.cancel()


def _linked(reply: Reply | bytes, media: bytes) -> Outgoing:
    """The answer, each of its errors with the address of what a client does about it."""
    if isinstance(reply, dict) and "errors" in reply:
        link_to_docs(reply["errors"])
    return replied(reply, media)


def _outgoing(reply: Reply | bytes | Subscribed, caller: Caller, accept: Accepted) -> Outgoing | Opened:
    if not isinstance(reply, Subscribed):
        return _linked(reply, accept.media)
    if not accept.events:
        raise Rejected(406, ErrorKind.NOT_ACCEPTABLE)
    assert caller.viewer is not None and caller.token is not None, "without a token nothing can be followed"  # noqa: PT018
    return Opened(reply, caller.token, caller.viewer)


def _failed(error: Exception, media: bytes) -> Outgoing:
    told = formatted(error)
    outgoing = _linked({"errors": [told]}, media)
    return refused(500, told, media=media) if _is_surprise(told) else outgoing


def _is_surprise(told: dict[str, object]) -> bool:
    extensions = told["extensions"]
    return isinstance(extensions, dict) and extensions["code"] == ErrorKind.INTERNAL
