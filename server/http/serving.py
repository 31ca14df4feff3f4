"""Running the application on a port until somebody says stop."""

import errno
import gc
import resource
import signal
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from types import FrameType

import uvicorn
from starlette.applications import Starlette

from domain.errors import Conflict
from server.http.connections import ConnectionLimits, Connections
from server.http.protocol import Protocol
from server.http.streaming import Streams

NEW_OBJECTS = 50_000
"""How many objects a collection waits for: more than the largest page makes."""

MAX_OPEN_FILES = 65_536

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


def serve(
    app: Starlette, listening: socket.socket, ready: Callable[[str], None], limits: ConnectionLimits | None = None
) -> None:
    """Answers requests until SIGINT or SIGTERM; `ready` is told the address once requests are answered."""
    host, port = listening.getsockname()[:2]
    _allow_many_sockets()
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        http=partial(Protocol, Connections(limits)),  # type: ignore[arg-type]
        ws="none",
        proxy_headers=False,  # `server.http.addresses` knows whom to believe
        lifespan="on",
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    url = f"http://{f'[{host}]' if ':' in host else host}:{port}/graphql"
    server = _Telling(config, app.state.streams, lambda: ready(url))
    with suppress(KeyboardInterrupt):  # which uvicorn raises again once it has stopped
        server.run(sockets=[listening])


def _allow_many_sockets() -> None:
    """As many open files as this process may have: the usual first bound, 1,024, is less than its connections."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MAX_OPEN_FILES if hard == resource.RLIM_INFINITY else min(MAX_OPEN_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


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
