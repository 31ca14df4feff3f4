"""Requests that nobody writes by accident: each gets a clean 4xx in JSON, none is echoed, none is a surprise."""

import asyncio
import sys
import time

import orjson
import pytest
import structlog

from auth.viewer import Viewer
from schema.answering.asked import Asked
from schema.answering.variables import MAX_VALUES
from server.http.payloads import MAX_NESTING
from tests.http.stub import JSON, REP, TOKEN, app, app_with, call

CANARY = "13800138000"
HELLO = b'{"query": "{ hello }"}'
GRAPHQL = (b"accept", b"application/graphql-response+json")


def typed(content_type: bytes, *more: tuple[bytes, bytes]) -> list[tuple[bytes, bytes]]:
    return [(b"content-type", content_type), *more]


def nest(depth: int, opening: bytes, closing: bytes) -> bytes:
    return opening * depth + b"1" + closing * depth


BODIES = {
    "nothing": b"",
    "not JSON": b"{hello 13800138000}",
    "half a JSON": b'{"query": "{ hel',
    "two JSONs": HELLO + HELLO,
    "a number": b"13800138000",
    "a string": b'"13800138000"',
    "null": b"null",
    "a batch": b"[" + HELLO + b"]",
    "a batch of one": b"[1]",
    "a batch of null": b"[null]",
    "an empty object": b"{}",
    "query is null": b'{"query": null}',
    "query is a number": b'{"query": 13800138000}',
    "query is an object": b'{"query": {"13800138000": 1}}',
    "query is an array": b'{"query": ["{ hello }"]}',
    "variables are an array": b'{"query": "{ hello }", "variables": [13800138000]}',
    "variables are a string": b'{"query": "{ hello }", "variables": "13800138000"}',
    "variables are a number": b'{"query": "{ hello }", "variables": 0}',
    "variables are false": b'{"query": "{ hello }", "variables": false}',
    "operationName is a number": b'{"query": "{ hello }", "operationName": 13800138000}',
    "operationName is an object": b'{"query": "{ hello }", "operationName": {}}',
    "extensions are a string": b'{"query": "{ hello }", "extensions": "13800138000"}',
    "extensions are an array": b'{"query": "{ hello }", "extensions": []}',
    "NaN": b'{"query": "{ hello }", "variables": {"a": NaN}}',
    "Infinity": b'{"query": "{ hello }", "variables": {"a": -Infinity}}',
    "a number beyond double": b'{"query": "{ hello }", "variables": {"a": 1e999}}',
    "not UTF-8": b'{"query": "{ hello }", "variables": {"a": "\xff\xfe"}}',
    "GBK": '{"query": "{ hello(name: \\"张三\\") }"}'.encode("gbk"),
    "UTF-16": '{"query": "{ hello }"}'.encode("utf-16"),
    "a byte order mark": b"\xef\xbb\xbf" + HELLO,
    "a lone surrogate": b'{"query": "{ hello }", "variables": {"a": "\\ud800"}}',
    "a surrogate as bytes": b'{"query": "{ hello }", "variables": {"a": "\xed\xa0\x80"}}',
    "a control character": b'{"query": "{ hello }", "variables": {"a": "\x00"}}',
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
@pytest.mark.parametrize("accept", [(), (GRAPHQL,)], ids=["json", "graphql-response"])
async def test_a_body_that_is_no_request_is_400_and_not_echoed(body: bytes, accept: tuple) -> None:
    response = await call(app, body, [JSON, *accept])
    assert (response.status, response.code) == (400, "BAD_REQUEST")
    assert CANARY not in response.body.decode()
    assert "data" not in response.json


def within(inside: bytes, member: bytes = b"variables") -> bytes:
    return b'{"query": "{ hello }", "' + member + b'": {"a": ' + inside + b"}}"


DEEP = {
    "arrays 100,000 deep": nest(100_000, b"[", b"]"),
    "objects 100,000 deep": nest(100_000, b'{"a":', b"}"),
    "variables 100,000 deep": within(nest(100_000, b"[", b"]")),
    "variables 1,000 deep": within(nest(1_000, b"[", b"]")),
    "objects 1,000 deep": within(nest(1_000, b'{"a":', b"}")),
    "extensions 1,000 deep": within(nest(1_000, b"[", b"]"), b"extensions"),
    "an unknown member 1,000 deep": within(nest(1_000, b"[", b"]"), b"more"),
    "no JSON, however deep": b"[" * 500_000,
    "one level too many": within(nest(MAX_NESTING - 1, b"[", b"]")),
}


@pytest.mark.parametrize("body", DEEP.values(), ids=DEEP)
@pytest.mark.parametrize("accept", [(), (GRAPHQL,)], ids=["json", "graphql-response"])
async def test_json_that_is_nested_too_deeply_is_400_wherever_it_stands(body: bytes, accept: tuple) -> None:
    with structlog.testing.capture_logs() as lines:
        response = await call(app, body, [JSON, *accept])
    assert (response.status, response.code) == (400, "BAD_USER_INPUT")
    assert [line["event"] for line in lines] == ["request"]


async def test_json_as_deep_as_it_may_be_is_read() -> None:
    assert (await call(app, within(nest(MAX_NESTING - 2, b"[", b"]")))).status == 200


MANY = {
    "values that no operation declares": within(b"[" + b",".join([b'{"":0}'] * 140_000) + b"]"),
    "empty lists": within(b"[" + b",".join([b"[]"] * 330_000) + b"]"),
    "names": within(orjson.dumps({f"a{number}": 1 for number in range(MAX_VALUES + 1)})),
    "variables": b'{"query": "{ hello }", "variables": '
    + orjson.dumps({f"a{number}": 1 for number in range(90_000)})
    + b"}",
    "unknown members": orjson.dumps({f"a{number}": 1 for number in range(MAX_VALUES + 1)}),
    "values in extensions": within(orjson.dumps([0] * (MAX_VALUES + 1)), b"extensions"),
    "lists in lists": within(orjson.dumps([[[0] * 10] * 10] * 100)),
}


@pytest.mark.parametrize("body", MANY.values(), ids=MANY)
async def test_a_body_with_too_many_values_costs_little_whoever_sends_it(body: bytes) -> None:
    calls = 0

    def count(_frame: object, event: str, _arg: object) -> None:
        nonlocal calls
        calls += event in {"call", "c_call"}

    nul = body.replace(b'"query"', b'"z": "\\u0000", "query"')  # which is looked for in every text
    before = time.process_time()
    sys.setprofile(count)
    try:
        response = await call(app, nul, [JSON, GRAPHQL])
    finally:
        sys.setprofile(None)
    assert time.process_time() - before < 1
    assert (response.status, response.code) == (400, "LIMIT_EXCEEDED")
    assert response.json["errors"][0]["extensions"]["limit"] == "values"
    assert calls < 20_000


async def test_as_many_values_as_there_may_be_are_read() -> None:
    assert (await call(app, within(orjson.dumps([0] * MAX_VALUES)))).status == 200


async def test_an_empty_name_of_an_operation_names_none() -> None:
    assert (await call(app, b'{"query": "{ hello }", "operationName": ""}')).json == {"data": {"hello": "你好"}}


NULS = {
    "in a variable": rb'{"query": "{ hello }", "variables": {"a": [{"b": "x\u0000"}]}}',
    "in a variable's name": rb'{"query": "{ hello }", "variables": {"a\u0000": 1}}',
    "in a literal": rb'{"query": "{ hello(name: \"x\\u0000\") }"}',
    "in a literal, variable width": rb'{"query": "{ hello(name: \"x\\u{000}\") }"}',
    "in a literal, its escape escaped": rb'{"query": "{ hello(name: \"x\\u00\u0030\u0030\") }"}',
    "in the document": rb'{"query": "{ hello } #\u0000"}',
}


@pytest.mark.parametrize("body", NULS.values(), ids=NULS)
async def test_the_character_that_postgresql_cannot_hold_is_refused_before_it_gets_there(body: bytes) -> None:
    response = await call(app, body)
    assert (response.status, response.code) == (400, "BAD_USER_INPUT")


JSON_UPPER = b'application/json;charset="UTF-8"'
TYPES = [
    [],
    typed(b""),
    typed(b"text/plain"),
    typed(b"application/jsonp"),
    typed(b"application/graphql"),
    typed(b"application/x-www-form-urlencoded"),
    typed(b"multipart/form-data; boundary=application/json"),
    typed(b"text/plain; application/json"),
    typed(b"application/json; charset=gbk"),
    typed(b"application/json; charset=latin1; charset=utf-8"),
    typed(b"application/json; charset="),
    typed(b"application/json; charset=utf-16"),
    typed(b"application/json", (b"content-encoding", b"gzip")),
    typed(b"application/json", (b"content-encoding", b"br")),
]


@pytest.mark.parametrize("headers", TYPES, ids=str)
async def test_only_plain_utf8_json_is_read(headers: list) -> None:
    response = await call(app, HELLO, headers)
    assert (response.status, response.code) == (415, "UNSUPPORTED_MEDIA_TYPE")


@pytest.mark.parametrize(
    "content_type",
    [
        b"application/json",
        b"Application/JSON",
        b"application/json; charset=utf-8",
        JSON_UPPER,
        b"application/json;charset=utf8",
        b'application/json; Charset="UTF8"',
        b"application/json ; charset = 'Utf-8'",
        b"application/json; charset=utf-8;",
        b"application/json; odata=verbose",
    ],
)
async def test_json_in_utf8_is_read_however_its_type_is_spelt(content_type: bytes) -> None:
    response = await call(app, HELLO, typed(content_type))
    assert (response.status, response.json) == (200, {"data": {"hello": "你好"}})


@pytest.mark.parametrize("method", ["HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "13800138000"])
async def test_other_methods_are_405_and_say_what_is_allowed(method: str) -> None:
    response = await call(app, method=method)
    assert (response.status, response.headers["allow"], response.code) == (405, "GET, POST", "METHOD_NOT_ALLOWED")


async def test_a_body_at_the_limit_is_read_and_one_byte_more_is_413() -> None:
    small = app_with(most_bytes=100)
    assert (await call(small, HELLO.ljust(100))).status == 200
    assert (await call(small, HELLO.ljust(101))).code == "PAYLOAD_TOO_LARGE"


async def test_a_body_in_pieces_is_counted_as_it_comes() -> None:
    small = app_with(most_bytes=100)
    assert (await call(small, [HELLO[:5], b"", HELLO[5:]])).status == 200

    def endless():
        for _ in range(1_000):
            yield b" " * 60

    assert (await call(small, endless())).status == 413


@pytest.mark.parametrize("length", [b"1000001", b"9" * 5_000])
async def test_a_declared_length_beyond_the_limit_is_refused_before_reading(length: bytes) -> None:
    assert (await call(app, [], [JSON, (b"content-length", length)])).status == 413


@pytest.mark.parametrize("length", [b"-1", b"abc", b"1, 2", "²".encode()])
async def test_a_length_that_is_no_number_is_400(length: bytes) -> None:
    assert (await call(app, HELLO, [JSON, (b"content-length", length)])).status == 400


async def test_a_client_that_hangs_up_is_not_answered_and_not_a_surprise() -> None:
    with structlog.testing.capture_logs() as lines:
        response = await call(app, [HELLO[:5], None])
    assert response.status == 0
    assert [line["event"] for line in lines] == ["request"]


async def test_a_client_gone_before_the_answer_is_not_a_surprise() -> None:
    async def send(message):
        raise OSError("gone")

    messages = [{"type": "http.request", "body": HELLO}]
    scope = {"type": "http", "method": "POST", "path": "/graphql", "headers": [JSON]}

    async def receive():
        return messages.pop()

    with structlog.testing.capture_logs() as lines:
        await app(scope, receive, send)
    assert [line["event"] for line in lines] == ["request"]


@pytest.mark.parametrize("name", [b"authorization", b"content-type", b"content-encoding", b"content-length"])
async def test_a_header_that_must_stand_alone_is_not_taken_twice(name: bytes) -> None:
    response = await call(app, HELLO, [JSON, (name, b"identity"), (name, b"identity")])
    assert (response.status, response.code) == (400, "BAD_REQUEST")


async def test_other_headers_may_repeat() -> None:
    assert (await call(app, HELLO, [JSON, (b"x-forwarded-for", b"a"), (b"x-forwarded-for", b"b")])).status == 200


CREDENTIALS = [
    b"", b"Bearer", b"Bearer ", b"Basic cmVwOnNlY3JldA==", b"bad.token", b"Bearer bad.token", b"Bearer good token",
    b"Bearer " + b"a" * 60_000, b"Bearer good.token.value, Bearer good.token.value", "Bearer 张三".encode(),
    b"Bearer =",
]  # fmt: skip


@pytest.mark.parametrize("value", CREDENTIALS, ids=lambda value: repr(value[:30]))
@pytest.mark.parametrize("accept", [(), (GRAPHQL,)], ids=["json", "graphql-response"])
async def test_a_bad_token_is_401_and_never_an_anonymous_caller(value: bytes, accept: tuple) -> None:
    response = await call(app, HELLO, [JSON, (b"authorization", value), *accept])
    assert (response.status, response.code) == (401, "UNAUTHENTICATED")
    assert response.headers["www-authenticate"].startswith("Bearer ")


async def test_a_good_token_names_the_viewer_and_none_means_nobody() -> None:
    seen: list[Viewer | None] = []

    async def answer(asked: Asked, viewer: Viewer | None) -> bytes:
        seen.append(viewer)
        return b'{"data":{}}'

    recording = app_with(answer=answer)
    for headers in ([JSON, (b"authorization", b"bearer " + TOKEN.encode())], [JSON]):
        assert (await call(recording, HELLO, headers)).body == b'{"data":{}}'
    assert seen == [REP, None]


async def test_all_of_a_request_reaches_the_answer_and_unknown_members_do_not() -> None:
    seen: list[Asked] = []

    async def answer(asked: Asked, viewer: Viewer | None) -> bytes:
        seen.append(asked)
        return b"{}"

    body = {"query": "query A { hello }", "operationName": "A", "variables": {"名": ["x"]}, "extensions": {}, "more": 1}
    await call(app_with(answer=answer), orjson.dumps(body))
    await call(app_with(answer=answer), b'{"query": "{ a }", "query": "{ hello }", "variables": null}')
    assert seen == [
        Asked("query A { hello }", "A", {"名": ["x"]}, client_address="127.0.0.1"),
        Asked("{ hello }", None, {}, client_address="127.0.0.1"),
    ]


async def test_an_answer_that_takes_too_long_is_given_up_with_503() -> None:
    ended = asyncio.Event()

    async def answer(asked: Asked, viewer: Viewer | None) -> bytes:
        try:
            await asyncio.sleep(60)
        finally:
            ended.set()
        return b""

    response = await call(app_with(answer=answer, seconds=0.01), HELLO)
    assert (response.status, response.code) == (503, "TIMEOUT")
    assert ended.is_set()


async def test_a_body_that_never_ends_is_given_up_too() -> None:
    async def drip():
        await asyncio.sleep(60)

    scope = {"type": "http", "method": "POST", "path": "/graphql", "headers": [JSON]}
    sent = []

    async def send(message):
        sent.append(message)

    await app_with(seconds=0.01)(scope, drip, send)
    assert sent[0]["status"] == 503


@pytest.mark.parametrize("accept", [b"application/json", b"application/graphql-response+json"])
async def test_a_surprise_is_500_with_an_id_and_the_log_holds_no_value(accept: bytes) -> None:
    async def answer(asked: Asked, viewer: Viewer | None) -> bytes:
        phone = asked.variables["phone"]
        try:
            int(f"duplicate key: {phone}")
        except ValueError as error:
            raise RuntimeError(f"while saving {phone}") from error

    body = orjson.dumps({"query": "{ hello }", "variables": {"phone": CANARY}})
    with structlog.testing.capture_logs() as lines:
        response = await call(app_with(answer=answer), body, [JSON, (b"accept", accept)])
    assert (response.status, response.code) == (500, "INTERNAL")
    assert response.json["errors"][0]["message"] == "内部错误 / Internal error"
    surprise = next(line for line in lines if line["event"] == "surprise")
    assert surprise["id"] == response.json["errors"][0]["extensions"]["id"]
    assert [one["type"] for one in surprise["errors"]] == ["builtins.RuntimeError", "builtins.ValueError"]
    assert surprise["errors"][0]["at"][-1].endswith(" answer")
    assert CANARY not in repr(lines) + response.body.decode()


async def test_a_reply_that_cannot_be_encoded_is_a_surprise_not_a_broken_answer() -> None:
    async def answer(asked: Asked, viewer: Viewer | None) -> dict:
        return {"data": {"hello": object()}}

    assert (await call(app_with(answer=answer), HELLO)).status == 500


async def test_the_limits_of_documents_reach_the_client_by_name() -> None:
    body = orjson.dumps({"query": "{ " + " ".join(f"r{i}: hello" for i in range(51)) + " }"})
    response = await call(app, body, [JSON, GRAPHQL])
    assert response.status == 400
    docs = "docs/errors.md#limit_exceeded"
    told = {"code": "LIMIT_EXCEEDED", "limit": "aliases", "allowed": 50, "docs": docs}
    assert response.json["errors"][0]["extensions"] == told


async def test_several_operations_without_a_name_are_refused() -> None:
    response = await call(app, b'{"query": "query A { hello } query B { hello }"}', [JSON, GRAPHQL])
    assert (response.status, response.code) == (400, "BAD_REQUEST")


async def asked_under(key: bytes) -> Asked:
    seen: list[Asked] = []

    async def answer(asked: Asked, viewer: Viewer | None):
        seen.append(asked)
        return {"data": {}}

    assert (await call(app_with(answer=answer), HELLO, [JSON, (b"idempotency-key", key)])).status == 200
    return seen[0]


@pytest.mark.parametrize(("key", "read"), [(b"k-1", "k-1"), (b'"8e03978e"', "8e03978e"), (b"k" * 255, "k" * 255)])
async def test_an_idempotency_key_reaches_the_act_quoted_or_not(key: bytes, read: str) -> None:
    assert (await asked_under(key)).idempotency_key == read


@pytest.mark.parametrize("key", [b"", b'""', b"k" * 256, b"a b", "钥匙".encode(), b"\x00"])
async def test_an_idempotency_key_that_cannot_be_kept_is_400(key: bytes) -> None:
    response = await call(app, HELLO, [JSON, (b"idempotency-key", key)])
    assert (response.status, response.code) == (400, "BAD_REQUEST")


async def test_two_idempotency_keys_are_400() -> None:
    twice = [JSON, (b"idempotency-key", b"a"), (b"idempotency-key", b"b")]
    assert (await call(app, HELLO, twice)).status == 400
