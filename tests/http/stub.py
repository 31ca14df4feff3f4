"""An application with made-up viewers and a tiny schema, driven over ASGI byte by byte."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import orjson
from graphql import GraphQLError, build_schema, execute_sync, specified_rules, validate
from starlette.types import ASGIApp

from auth.entering.tokens import BadToken
from auth.viewer import Viewer
from domain.staff import Role
from schema.answering.asked import Asked, Reply
from schema.answering.errors import formatted
from schema.answering.limits import limits_rule, parse_document
from server.http.app import create_app
from server.http.endpoint import GraphQLEndpoint

SCHEMA = build_schema("type Query { hello(name: String, times: Int): String }")
TOKEN = "good.token.value"
REP = Viewer(UUID(int=1), Role.REP)

JSON = (b"content-type", b"application/json")


@dataclass
class Response:
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def json(self) -> Any:
        return orjson.loads(self.body)

    @property
    def code(self) -> str:
        return self.json["errors"][0]["extensions"]["code"]


async def verify(token: str) -> Viewer:
    if token != TOKEN:
        raise BadToken("signature")
    return REP


async def answer(asked: Asked, viewer: Viewer | None) -> Reply:
    try:
        document = parse_document(asked.query)
        errors = validate(SCHEMA, document, [*specified_rules, limits_rule()])
        if errors:
            return {"errors": [formatted(error) for error in errors]}
    except GraphQLError as error:
        return {"errors": [formatted(error)]}
    root = {"hello": "你好"}
    result = execute_sync(SCHEMA, document, root, operation_name=asked.operation_name, variable_values=asked.variables)
    if result.errors and result.data is None:
        return {"errors": [formatted(error) for error in result.errors]}
    return {"data": result.data}


async def ready() -> bool:
    return True


def app_with(**endpoint: Any) -> ASGIApp:
    return create_app(GraphQLEndpoint(**{"verify": verify, "answer": answer, **endpoint}), ready)


app = app_with()


async def call(
    app: ASGIApp,
    body: bytes | Iterable[bytes | None] = b"",
    headers: Iterable[tuple[bytes, bytes]] = (JSON,),
    method: str = "POST",
    path: str = "/graphql",
) -> Response:
    """One request over ASGI; a body in pieces arrives as pieces, and after None the client hangs up."""
    pieces = [body] if isinstance(body, bytes) else list(body)
    messages = [{"type": "http.request", "body": piece, "more_body": True} for piece in pieces if piece is not None]
    if None in pieces:
        messages.append({"type": "http.disconnect"})
    elif messages:
        messages[-1]["more_body"] = False
    response = Response()

    async def receive():
        return messages.pop(0) if messages else {"type": "http.disconnect"}

    async def send(message):
        if message["type"] == "http.response.start":
            response.status = message["status"]
            response.headers = {name.decode(): value.decode() for name, value in message["headers"]}
        else:
            response.body += message.get("body", b"")

    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "scheme": "http",
        "path": path, "raw_path": path.encode(), "root_path": "", "query_string": b"",
        "headers": list(headers), "extensions": {}, "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80),
    }  # fmt: skip
    await app(scope, receive, send)
    return response
