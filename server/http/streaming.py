"""Server-sent events (graphql-sse, distinct connections): a subscription's replies over one HTTP response."""

import asyncio
import socket
from collections import Counter
from collections.abc import Iterator
from contextlib import aclosing, contextmanager, suppress
from time import monotonic
from typing import Any
from uuid import UUID

from starlette.types import Receive, Scope, Send

from schema.answering.asked import Replies, Reply
from schema.answering.errors import ErrorKind, surprise
from server.http.negotiation import EVENTS
from server.http.received import Rejected
from server.http.replies import COMPLETE, HEADERS, event, limited, retry_after

HEARTBEAT = 5.0
"""Seconds of silence after which a comment is sent: proxies keep the stream open, and a dead client shows."""

SEND_WITHIN = 20.0
"""Seconds in which a client takes what it is sent; who takes longer is gone, and its place is free."""

PAUSE_BEFORE_CLOSING = 0.1
"""Seconds between a last error and the end: clients tell an end that they did not expect only while they wait."""

MAX_STREAMS, MAX_PER_VIEWER = 200, 5
RETRY_SECONDS = 15
SEND_BUFFER = 16_384
COMMENT = b":" + b" " * 254 + b"\n\n"
"""Long enough that a few of them fill the buffers of a client that no longer reads."""

CONNECTION = "zhike.connection"
"""Where the protocol leaves the connection (`server.http.protocol`) in the ASGI scope; absent without a socket."""


class Stalled(Exception):
    """The client has not taken what it was sent in time."""


class Streams:
    """The streams that are open in this process, bounded in all and per viewer."""

    def __init__(self) -> None:
        self._open: Counter[UUID] = Counter()
        self._ending = asyncio.Event()

    @contextmanager
    def one_more(self, viewer_id: UUID) -> Iterator[None]:
        """Counts a stream while it is open. Raises Rejected (429) where there are enough."""
        if self._open[viewer_id] >= MAX_PER_VIEWER:
            raise _too_many(MAX_PER_VIEWER, _TOO_MANY)
        if self._open.total() >= MAX_STREAMS:
            raise _too_many(MAX_STREAMS)
        self._open[viewer_id] += 1
        try:
            yield
        finally:
            self._open[viewer_id] -= 1
            if not self._open[viewer_id]:
                del self._open[viewer_id]

    def end(self) -> None:
        """Ends every stream, now and from now on: the server stops. Clients resume elsewhere by their cursors."""
        self._ending.set()

    async def send(self, replies: Replies, scope: Scope, receive: Receive, send: Send) -> None:
        """Sends replies until they end, the client goes or the server stops. The response begins with the first reply.

        Only what ends by itself ends with `complete`. All else ends without it, and clients that know the protocol
        connect again: when the server stops or fails, and, after an error UNAUTHENTICATED, when the token ends. Raises
        Rejected where there is no first reply, since the token has ended already.
        """
        transport = getattr(scope.get(CONNECTION), "transport", None)
        stream = _Stream(replies, send)
        tasks = [asyncio.ensure_future(one) for one in (stream.run(), _left(receive), self._ending.wait())]
        try:
            _keep_short_buffers(transport)
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        try:
            if not tasks[0].cancelled():
                tasks[0].result()
            elif self._ending.is_set():
                await stream.break_off()
        except Stalled:
            _abort(transport)


class _Stream:
    """One response: what was begun and what has ended."""

    def __init__(self, replies: Replies, send: Send) -> None:
        self._replies, self._send = replies, send
        self._begun = False

    async def run(self) -> None:
        """Raises Rejected before the first reply, Stalled when the client does not read any more."""
        async with aclosing(self._replies):
            first = await anext(self._replies)
            await self._begin()
            await self._piece(COMMENT if first is None else event(first))
            try:
                await self._rest()
            except Stalled:
                raise
            except Rejected as rejected:
                await self._fail({"errors": [rejected.entry]})
            except Exception as error:  # noqa: BLE001 - headers are out: the client learns the id from the stream
                await self._fail({"errors": [surprise(error)]})
            else:
                await self._piece(COMPLETE, more=False)

    async def break_off(self) -> None:
        """Ends the response without saying that the subscription is complete."""
        if not self._begun:
            raise Rejected(503, ErrorKind.UNAVAILABLE, headers=(retry_after(1),))
        await self._piece(b"", more=False)

    async def _fail(self, reply: Reply) -> None:
        await self._piece(event(reply))
        await asyncio.sleep(PAUSE_BEFORE_CLOSING)
        await self.break_off()

    async def _begin(self) -> None:
        self._begun = True
        await self._within({"type": "http.response.start", "status": 200, "headers": HEADERS[EVENTS]})

    async def _rest(self) -> None:
        last = monotonic()
        async for reply in self._replies:
            if reply is not None or monotonic() - last >= HEARTBEAT:
                await self._piece(COMMENT if reply is None else event(reply))
                last = monotonic()

    async def _piece(self, body: bytes, *, more: bool = True) -> None:
        await self._within({"type": "http.response.body", "body": body, "more_body": more})

    async def _within(self, message: dict[str, Any]) -> None:
        try:
            async with asyncio.timeout(SEND_WITHIN):
                await self._send(message)
        except TimeoutError:
            raise Stalled from None


_TOO_MANY = (
    f"订阅过多（每人最多 {MAX_PER_VIEWER} 个）：请先关闭一个 / "
    f"Too many streams (at most {MAX_PER_VIEWER} for one viewer): close one first"
)


def _too_many(allowed: int, message: str | None = None) -> Rejected:
    told = limited("streams", allowed, RETRY_SECONDS, message)
    return Rejected(429, ErrorKind.LIMIT_EXCEEDED, told=told)


def _keep_short_buffers(transport: Any) -> None:
    """So that a client that does not read, or is not there any more, is noticed after little that was sent."""
    if transport is None:
        return
    transport.set_write_buffer_limits(high=0)
    connection = transport.get_extra_info("socket")
    with suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
        if hasattr(socket, "TCP_USER_TIMEOUT"):
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(SEND_WITHIN * 1000))


def _abort(transport: Any) -> None:
    if transport is not None:
        transport.abort()


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
