"""Pages of other origins that may call the API from a browser (CORS). None by default."""

import re

from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response
from starlette.types import ASGIApp

from schema.answering.errors import ErrorKind, entry
from server.http.replies import refused

_ORIGIN = re.compile(r"https?://[^/?#\s@]+", re.ASCII)

_LONGEST_ASKED = 1_000
SENT = ("Authorization", "Content-Type", "Idempotency-Key")
TOLD = ("X-Request-Id", "Retry-After", "RateLimit-Remaining", "RateLimit-Reset")
"""What pages may send and read beside what every browser allows."""


class AllowedOrigins(CORSMiddleware):
    """Answers preflights, and lets pages of these origins read answers. Cookies have no part in it: tokens are sent as
    a header, so there are no credentials that a browser adds by itself.
    """

    def __init__(self, app: ASGIApp, origins: tuple[str, ...]) -> None:
        super().__init__(
            app, allow_origins=origins, allow_methods=("GET", "POST"), allow_headers=SENT, expose_headers=TOLD
        )

    def preflight_response(self, request_headers: Headers) -> Response:
        """The library's, its refusals as JSON. More headers than browsers ask for are not looked at."""
        if len(request_headers.get("access-control-request-headers", "")) > _LONGEST_ASKED:
            return _not_allowed()
        response = super().preflight_response(request_headers)
        if response.status_code == 200:
            return Response(status_code=204, headers=_without_body(response))
        return _not_allowed()


def read_origins(text: str) -> tuple[str, ...]:
    """Origins parted by commas or spaces. Raises ValueError, which does not echo what was written."""
    origins = tuple(text.replace(",", " ").split())
    if not all(map(_ORIGIN.fullmatch, origins)):
        raise ValueError(
            "须为以逗号分隔的来源，如 https://crm.example.com，不能用 * / "
            "write origins parted by commas, as https://crm.example.com; * is none"
        )
    return origins


def _not_allowed() -> Response:
    outgoing = refused(403, entry(ErrorKind.FORBIDDEN, _NOT_ALLOWED))
    return Response(outgoing.body, 403, {"vary": "Origin"}, media_type="application/json; charset=utf-8")


def _without_body(response: Response) -> dict[str, str]:
    return {name: value for name, value in response.headers.items() if not name.startswith("content-")}


_NOT_ALLOWED = (
    "此来源、方法或请求头不被允许（ZHIKE_ALLOWED_ORIGINS）/ "
    "This origin, method or header is not allowed (ZHIKE_ALLOWED_ORIGINS)"
)
