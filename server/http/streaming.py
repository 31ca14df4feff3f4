"""Server-sent events (graphql-sse, distinct connections): a subscription's replies over one HTTP response."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing, contextmanager
from time import monotonic
from uuid import UUID

import orjson
from starlette.types import Receive, Send

from schema.answering.asked import Reply
from schema.answering.errors import ErrorKind, surprise
from server.http.received import Rejected

Replies = AsyncGenerator[Reply | None, None]

EVENTS = b"text/event-stream"
HEARTBEAT = 15.0
MOST_STREAMS, MOST_PER_VIEWER = 200, 5
JSON_UTC = orjson.OPT_NAIVE_UTC | orjson.OPT_UTC_Z
COMMENT = b":\n\n"


class Streams:
    """The streams that are open in this process, bounded in all and per viewer."""

    def __init__(self) -> None:
        self._open: Counter[UUID] = Counter()
        self._ending = asyncio.Event()

    @contextmanager
    def one_more(self, viewer_id: UUID) -> Iterator[None]:
        """Counts a stream while it is open. Raises Rejected (429) where there are enough."""
        if self._open.total() >= MOST_STREAMS or self._open[viewer_id] >= MOST_PER_VIEWER:
            raise Rejected(429, ErrorKind.LIMIT_EXCEEDED)
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

    async def send(self, replies: Replies, receive: Receive, send: Send) -> None:
        """Sends replies until they end, the client goes or the server stops. The response begins with the first reply.

        Raises Rejected where there is none, since the token has ended.
        """
        sending = asyncio.ensure_future(_send_all(replies, self._ending, send))
        leaving = asyncio.ensure_future(_left(receive))
        try:
            await asyncio.wait({sending, leaving}, return_when=asyncio.FIRST_COMPLETED)
            if sending.done():
                sending.result()
        finally:
            for task in (sending, leaving):
                task.cancel()
            await asyncio.gather(sending, leaving, return_exceptions=True)


async def _send_all(replies: Replies, ending: asyncio.Event, send: Send) -> None:
    async with aclosing(replies):
        first = await anext(replies)
        headers = [(b"content-type", EVENTS + b"; charset=utf-8"), (b"cache-control", b"no-store")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await _piece(send, _next(first))
        try:
            await _send_rest(replies, ending, send)
        except Rejected:
            pass  # the viewer's token has ended, and with it the stream
        except Exception as error:  # noqa: BLE001 - headers are out: the client learns the id from the stream
            await _piece(send, _next({"errors": [surprise(error)]}))
        await _piece(send, b"event: complete\ndata:\n\n", more=False)


async def _send_rest(replies: Replies, ending: asyncio.Event, send: Send) -> None:
    last = monotonic()
    async for reply in replies:
        if reply is not None or monotonic() - last >= HEARTBEAT:
            await _piece(send, _next(reply))
            last = monotonic()
        if ending.is_set():
            return


def _next(reply: Reply | None) -> bytes:
    """A comment, which keeps proxies from closing, where there is nothing to tell."""
    return COMMENT if reply is None else b"event: next\ndata: " + orjson.dumps(reply, option=JSON_UTC) + b"\n\n"


async def _piece(send: Send, body: bytes, *, more: bool = True) -> None:
    await send({"type": "http.response.body", "body": body, "more_body": more})


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
