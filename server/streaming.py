"""Server-sent events (graphql-sse, distinct connections): a subscription's replies over one HTTP response."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from time import monotonic
from uuid import UUID

import orjson
from starlette.types import Receive, Send

from schema.asked import Reply
from schema.errors import ErrorKind, surprise
from server.received import Rejected

EVENTS = b"text/event-stream"
HEARTBEAT = 15.0
MOST_STREAMS, MOST_PER_VIEWER = 200, 5
JSON_UTC = orjson.OPT_NAIVE_UTC | orjson.OPT_UTC_Z


class Streams:
    """The streams that are open in this process, bounded in all and per viewer."""

    def __init__(self) -> None:
        self._open: Counter[UUID] = Counter()

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


async def stream_out(replies: AsyncIterator[Reply | None], receive: Receive, send: Send) -> None:
    """Sends replies until they end or the client goes; a comment now and then keeps proxies from closing."""
    sending = asyncio.ensure_future(_send_all(replies, send))
    leaving = asyncio.ensure_future(_left(receive))
    try:
        await asyncio.wait({sending, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if sending.done():
            sending.result()
    finally:
        for task in (sending, leaving):
            task.cancel()
            with suppress(asyncio.CancelledError, OSError):
                await task


async def _send_all(replies: AsyncIterator[Reply | None], send: Send) -> None:
    headers = [(b"content-type", EVENTS + b"; charset=utf-8"), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await _piece(send, b":\n\n")
    try:
        await _send_replies(replies, send)
    except Rejected:
        pass  # the viewer's token has ended, and with it the stream
    except Exception as error:  # noqa: BLE001 - headers are out: the client learns the id from the stream
        await _piece(send, _next({"errors": [surprise(error)]}))
    await _piece(send, b"event: complete\ndata:\n\n", more=False)


async def _send_replies(replies: AsyncIterator[Reply | None], send: Send) -> None:
    last = monotonic()
    async for reply in replies:
        if reply is None and monotonic() - last < HEARTBEAT:
            continue
        await _piece(send, b":\n\n" if reply is None else _next(reply))
        last = monotonic()


def _next(reply: Reply) -> bytes:
    return b"event: next\ndata: " + orjson.dumps(reply, option=JSON_UTC) + b"\n\n"


async def _piece(send: Send, body: bytes, *, more: bool = True) -> None:
    await send({"type": "http.response.body", "body": body, "more_body": more})


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
