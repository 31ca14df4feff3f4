"""Running the application on a port until somebody says stop."""

import errno
import gc
import signal
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from types import FrameType

import uvicorn
from starlette.applications import Starlette

from domain.errors import Conflict
from server.http.protocol import Protocol
from server.http.streaming import Streams

NEW_OBJECTS = 50_000
"""How many objects a collection waits for: more than the largest page makes."""

GRACE_SECONDS = 10
"""How long running requests may take to finish once the server was told to stop."""


def listener(host: str, port: int) -> socket.socket:
    """A socket that listens there; port 0 takes a free one. Raises Conflict where somebody else listens."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        if error.errno not in {errno.EADDRINUSE, errno.EACCES, errno.EADDRNOTAVAIL}:
            raise
        raise Conflict(
            "port",
            f"{host}:{port} 无法使用（已被占用或无权限），请换一个端口：--port、ZHIKE_PORT 或 make run PORT=…",
            f"{host}:{port} is taken or not allowed; choose another port: --port, ZHIKE_PORT or make run PORT=…",
        ) from None


def serve(app: Starlette, listening: socket.socket, ready: Callable[[str], None]) -> None:
    """Answers requests until SIGINT or SIGTERM; `ready` is told the address once requests are answered."""
    host, port = listening.getsockname()[:2]
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        http=Protocol,
        ws="none",
        proxy_headers=False,  # `server.http.addresses` knows whom to believe
        lifespan="on",
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    url = f"http://{f'[{host}]' if ':' in host else host}:{port}/graphql"
    server = _Telling(config, app.state.streams, lambda: ready(url))
    with suppress(KeyboardInterrupt):  # which uvicorn raises again once it has stopped
        server.run(sockets=[listening])


def stop_on_sigterm() -> None:
    """Makes SIGTERM unwind the program as Ctrl-C does, so that whatever was started is stopped."""

    def stop(_signal: int, _frame: FrameType | None) -> None:
        sys.exit(0)

    signal.signal(signal.SIGTERM, stop)


def _spare_what_stays() -> None:
    """Keeps the collector from walking schema and modules again and again: 8 % of the time of a large answer."""
    gc.set_threshold(NEW_OBJECTS)
    gc.collect()
    gc.freeze()


class _Telling(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, streams: Streams, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._streams, self._ready = streams, ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            _spare_what_stays()
            self._ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._streams.end()
        await super().shutdown(sockets)
