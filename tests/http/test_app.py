"""The application around the endpoint: probes, unknown addresses, content negotiation, one log line per request."""

import asyncio
import json
import subprocess
import sys
from hashlib import blake2b
from pathlib import Path

import pytest
import structlog

from server.http.app import create_app
from server.http.endpoint import GraphQLEndpoint
from server.http.negotiation import _remembered, accepted
from tests.http.stub import JSON, TOKEN, answer, app, app_with, call, verify

HELLO = b'{"query": "{ hello }"}'
GRAPHQL = b"application/graphql-response+json"
EVENTS = b"text/event-stream"
URQL = (
    b"application/graphql-response+json, application/graphql+json, application/json, text/event-stream, multipart/mixed"
)


def app_whose_database(is_ready):
    return create_app(GraphQLEndpoint(verify, answer), is_ready)


async def test_healthz_is_alive_whatever_the_database_does() -> None:
    async def lost() -> bool:
        raise ConnectionError("10.0.0.7 refused")

    response = await call(app_whose_database(lost), method="GET", path="/healthz")
    assert (response.status, response.json) == (200, {"status": "ok"})


async def test_readyz_follows_the_database() -> None:
    async def lost() -> bool:
        raise ConnectionError("10.0.0.7 refused")

    async def behind() -> bool:
        return False

    assert (await call(app, method="GET", path="/readyz")).status == 200
    for not_ready in (lost, behind):
        response = await call(app_whose_database(not_ready), method="GET", path="/readyz")
        assert (response.status, response.code) == (503, "UNAVAILABLE")
        assert "10.0.0.7" not in response.body.decode()


async def test_readyz_does_not_wait_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    async def hangs() -> bool:
        await asyncio.sleep(60)
        return True

    monkeypatch.setattr("server.http.app.READY_WITHIN", 0.01)
    assert (await call(app_whose_database(hangs), method="GET", path="/readyz")).status == 503


@pytest.mark.parametrize("path", ["/", "/graphql/", "/13800138000", "/graphqlx", "/healthz/x"])
async def test_other_addresses_are_404_in_json_and_not_echoed(path: str) -> None:
    response = await call(app, method="GET", path=path)
    assert (response.status, response.code) == (404, "NOT_FOUND")
    assert response.headers["content-type"] == "application/json; charset=utf-8"
    assert path == "/" or path not in repr(response)


async def test_a_probe_answers_only_get() -> None:
    response = await call(app, method="POST", path="/healthz")
    assert (response.status, response.code) == (405, "METHOD_NOT_ALLOWED")
    assert set(response.headers["allow"].split(", ")) == {"GET", "HEAD"}


async def test_answers_are_never_stored_or_sniffed_and_say_their_encoding() -> None:
    for response in (await call(app, HELLO), await call(app, b"x"), await call(app, method="GET", path="/healthz")):
        assert response.headers["cache-control"] == "no-store"
        assert response.headers["x-content-type-options"] == "nosniff"
        assert response.headers["content-type"] == "application/json; charset=utf-8"
        assert int(response.headers["content-length"]) == len(response.body)


JSON_TYPE = b"application/json"
ACCEPTS = [
    (b"", JSON_TYPE),
    (b"*/*", JSON_TYPE),
    (b"text/html", JSON_TYPE),
    (b"application/json", JSON_TYPE),
    (b"application/graphql-response+json", GRAPHQL),
    (b"Application/GraphQL-Response+JSON; charset=utf-8", GRAPHQL),
    (b"application/graphql-response+json, application/json;q=0.9", GRAPHQL),
    (b"application/json;q=0.9, application/graphql-response+json", GRAPHQL),
    (b"application/json, application/graphql-response+json", JSON_TYPE),
    (b"application/graphql-response+json;q=0, */*", JSON_TYPE),
    (b"application/graphql-response+json, */*", GRAPHQL),
    (b"*/*, application/graphql-response+json", GRAPHQL),
    (b"application/json;q=0.5, application/graphql-response+json;q=0.500", JSON_TYPE),
    (b"application/json;q=0.001, application/graphql-response+json;q=0", JSON_TYPE),
    (b"application/*;q=0.5, application/graphql-response+json;q=0.1", JSON_TYPE),
    (b"application/graphql-response+json;q=nan, application/json;q=0.1", JSON_TYPE),
    (b"application/graphql-response+json;q=7, application/json;q=0.1", JSON_TYPE),
    (b"text/event-stream", EVENTS),
    (b"Text/Event-Stream;charset=utf-8", EVENTS),
    (b"text/event-stream, multipart/mixed", EVENTS),
    (b"text/*", EVENTS),
    (b"text/event-stream, application/json;q=0", EVENTS),
    (b"text/event-stream, */*;q=0", EVENTS),
    (b"text/event-stream, */*;q=0.1", JSON_TYPE),
    (b"text/event-stream;q=0", JSON_TYPE),
    (b"text/event-stream, application/json;q=0.1", JSON_TYPE),
    (URQL, GRAPHQL),
    (b"application/graphql-response+json;q=x", JSON_TYPE),
    (b";;,,q=", JSON_TYPE),
]


@pytest.mark.parametrize(("accept", "media"), ACCEPTS)
def test_the_better_liked_of_the_two_types_is_chosen(accept: bytes, media: bytes) -> None:
    assert accepted(accept).media == media


NAMES_EVENTS = [
    (b"", False),
    (b"*/*", False),
    (b"text/event-stream", True),
    (b"text/event-stream;q=0", False),
    (b"text/event-stream;q=0, */*", False),
    (b"text/event-stream;q=0, text/*", False),
    (b"text/*;q=0.2", True),
    (b"application/json, text/event-stream;q=0.1", True),
    (b"application/json", False),
    (URQL, True),
]


@pytest.mark.parametrize(("accept", "events"), NAMES_EVENTS)
def test_streams_are_for_clients_that_name_them(accept: bytes, events: bool) -> None:
    assert accepted(accept).events == events


def test_a_long_accept_header_is_read_and_not_remembered() -> None:
    long = b"a/b;q=0.1," * 3_000 + b"application/graphql-response+json"
    before = _remembered.cache_info().currsize
    assert accepted(long).media == GRAPHQL
    assert _remembered.cache_info().currsize == before


async def test_repeated_accept_headers_are_one_list() -> None:
    both = [JSON, (b"accept", b"application/json;q=0.1"), (b"accept", GRAPHQL)]
    assert (await call(app, HELLO, both)).headers["content-type"].startswith(GRAPHQL.decode())


STATUSES = [
    ("UNAUTHENTICATED", 401),
    ("FORBIDDEN", 403),
    ("GRAPHQL_VALIDATION_FAILED", 400),
    ("BAD_USER_INPUT", 400),
    ("INTERNAL", 500),
]


@pytest.mark.parametrize(("code", "status"), STATUSES)
async def test_request_errors_have_a_status_for_new_clients_and_200_for_old_ones(code: str, status: int) -> None:
    async def refusing(*_):
        return {"errors": [{"message": "x", "extensions": {"code": code}}]}

    refusing_app = app_with(answer=refusing)
    new = await call(refusing_app, HELLO, [JSON, (b"accept", GRAPHQL)])
    assert (new.status, new.headers["content-type"]) == (status, "application/graphql-response+json; charset=utf-8")
    assert ("www-authenticate" in new.headers) == (status == 401)
    assert (await call(refusing_app, HELLO)).status == 200


async def test_partial_answers_are_200_for_both() -> None:
    async def partial(*_):
        return {"data": {"a": None}, "errors": [{"message": "x", "extensions": {"code": "FORBIDDEN"}}]}

    for headers in ([JSON], [JSON, (b"accept", GRAPHQL)]):
        assert (await call(app_with(answer=partial), HELLO, headers)).status == 200


async def test_a_request_is_one_line_with_role_and_digest_and_nothing_that_was_sent() -> None:
    document = "query Wang { hello(name: $13800138000) }"
    body = b'{"query": "%s", "variables": {"a": "secret"}}' % document.encode()
    with structlog.testing.capture_logs() as lines:
        await call(app_with(log_key=b"k" * 32), body, [JSON, (b"authorization", b"Bearer " + TOKEN.encode())])
        await call(app, method="13800138000", path="/customers/13800138000")
    told, unknown = lines
    assert len({told.pop("request"), unknown["request"]}) == 2
    assert told | {"ms": 0} == {
        "event": "request", "log_level": "info", "method": "POST", "path": "/graphql", "status": 200, "ms": 0,
        "operation": blake2b(document.encode(), digest_size=6, key=b"k" * 32).hexdigest(), "role": "REP",
    }  # fmt: skip
    assert told["ms"] > 0
    assert (unknown["method"], unknown["path"], unknown["status"]) == ("other", "other", 404)


async def test_what_escapes_a_route_is_a_json_500_with_the_id_of_its_log_entry() -> None:
    class Broken:
        async def __call__(self, scope, receive, send):
            raise KeyError("13800138000")

    with structlog.testing.capture_logs() as lines:
        response = await call(create_app(Broken(), answer), HELLO)
    assert (response.status, response.code) == (500, "INTERNAL")
    assert response.json["errors"][0]["extensions"]["id"] == lines[0]["id"]
    assert "13800138000" not in repr(lines)


SAYING = """
import logging, sys, structlog
from server.http.telemetry import configure_logging
configure_logging(sys.argv[1])
for level in ("debug", "info", "warning", "error"):
    getattr(structlog.get_logger(), level)("said", port=8000)
print(logging.getLogger("uvicorn.error").getEffectiveLevel())
"""
LEVELS = ["debug", "info", "warning", "error"]


@pytest.mark.parametrize("level", LEVELS)
def test_the_log_is_json_lines_of_the_level_and_above_on_standard_error(level: str) -> None:
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run([sys.executable, "-c", SAYING, level], cwd=root, capture_output=True, check=True)
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    assert [line["level"] for line in lines] == LEVELS[LEVELS.index(level) :]
    assert lines[0] | {"timestamp": ""} == {"event": "said", "port": 8000, "level": level, "timestamp": ""}
    assert int(done.stdout) == 10 * (1 + LEVELS.index(level)), "the web server's own lines too"
