"""The HTTP application, put together from parts made elsewhere."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import TypeAlias

import orjson
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Lifespan, Receive, Scope, Send

from schema.answering.errors import ErrorKind, entry, surprise
from server.http import front
from server.http.addresses import ClientAddress, Network
from server.http.endpoint import GraphQLEndpoint
from server.http.negotiation import accepts_html
from server.http.origins import AllowedOrigins
from server.http.replies import link_to_docs
from server.http.telemetry import RequestLog

Ready: TypeAlias = Callable[[], Awaitable[bool]]
"""Whether the database is reachable and migrated; may raise instead of saying no."""

GRAPHQL = "/graphql"

READY_WITHIN = 5.0
"""Seconds after which the database counts as unreachable."""

_KINDS = {404: ErrorKind.NOT_FOUND, 405: ErrorKind.METHOD_NOT_ALLOWED}


def create_app(
    graphql: GraphQLEndpoint,
    ready: Ready,
    lifespan: Lifespan[Starlette] | None = None,
    trusted_proxies: Iterable[Network] = (),
    *,
    allowed_origins: tuple[str, ...] = (),
    requests_per_client: int = 1_000,
) -> Starlette:
    """An ASGI application with `/graphql`, `/healthz` (alive) and `/readyz` (able to answer). JSON everywhere, but
    for a page at `/` that tells people where to go.

    Whoever opens resources for `graphql` and `ready` closes them in `lifespan`.
    """
    routes = [
        Route("/", _front, methods=["GET"]),
        Route(GRAPHQL, graphql),
        Route("/healthz", _alive, methods=["GET"]),
        Route("/readyz", _readiness(ready), methods=["GET"]),
    ]
    app = Starlette(
        routes=routes,
        middleware=[
            Middleware(RequestLog, frozenset(route.path for route in routes), trusted_proxies),
            *([Middleware(AllowedOrigins, allowed_origins)] if allowed_origins else []),
            *([Middleware(ClientAddress, trusted_proxies, requests_per_client)] if trusted_proxies else []),
            Middleware(Straight, graphql),
        ],
        exception_handlers={HTTPException: _http_error},
        lifespan=lifespan,
    )
    # A redirect would repeat the address that the client wrote, and no client of ours needs one.
    app.router.redirect_slashes = False
    return app


class Straight:
    """Leads the address that nearly all requests name past the routing, a tenth of the time of a small query."""

    def __init__(self, app: ASGIApp, graphql: GraphQLEndpoint) -> None:
        self._app, self._graphql = app, graphql

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        straight = scope["type"] == "http" and scope["path"] == GRAPHQL
        await (self._graphql if straight else self._app)(scope, receive, send)


async def _front(request: Request) -> Response:
    """Who opens the server in a browser is told where to go; to programs there is nothing at this address."""
    if accepts_html(request.headers.get("accept", "").encode()):
        return front.page()
    return _json({"errors": [entry(ErrorKind.NOT_FOUND)]}, 404)


async def _alive(_request: Request) -> Response:
    return _json({"status": "ok"}, 200)


def _readiness(ready: Ready) -> Callable[[Request], Awaitable[Response]]:
    async def readiness(_request: Request) -> Response:
        if await _is_ready(ready):
            return _json({"status": "ok"}, 200)
        return _json({"errors": [entry(ErrorKind.UNAVAILABLE)]}, 503)

    return readiness


async def _is_ready(ready: Ready) -> bool:
    try:
        async with asyncio.timeout(READY_WITHIN):
            return await ready()
    except Exception as error:  # noqa: BLE001 - any failure means not ready
        surprise(error)
        return False


async def _http_error(_request: Request, error: Exception) -> Response:
    """Starlette's own refusals (no such address, no such method) in the form of ours."""
    assert isinstance(error, HTTPException)
    told = entry(_KINDS.get(error.status_code, ErrorKind.BAD_REQUEST))
    return _json({"errors": [told]}, error.status_code, error.headers)


def _json(content: dict[str, object], status: int, headers: Mapping[str, str] | None = None) -> Response:
    fixed = {"cache-control": "no-store", "x-content-type-options": "nosniff"}
    link_to_docs(content.get("errors"))
    body = orjson.dumps(content)
    return Response(body, status, {**fixed, **(headers or {})}, media_type="application/json; charset=utf-8")
