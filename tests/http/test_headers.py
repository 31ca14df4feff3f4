"""Every header that is read is sent the largest hostile values that a head may hold, and the work is counted."""

import sys
from typing import Any

import pytest

from server.http.addresses import read_networks
from server.http.app import create_app
from server.http.connections import MAX_HEAD_BYTES
from server.http.endpoint import GraphQLEndpoint
from tests.http.stub import JSON, answer, call, ready, verify

HELLO = b'{"query": "{ hello }"}'
MOST_CALLS = 6_000
"""Python and C calls; an ordinary request takes some 900."""

UNITS = [b",", b";", b"=", b" ", b'"', b"a,", b"a;", b"*/*,", b"text/html;q=1,", b";q=0.1", b"a=b;", b"a/b;c=d,",
         b"10.0.0.1,", b"10.0.0.1, ", b"[::1]:1,", b":", b".", b"1.", b"0", b"Bearer ", b"authorization,", b"x-a,",
         b"gzip,", b"websocket,", b"\xff", b"%00", b"\t"]  # fmt: skip
NAMES = [b"accept", b"content-type", b"content-encoding", b"authorization", b"idempotency-key", b"origin",
         b"access-control-request-headers", b"access-control-request-method", b"x-forwarded-for", b"forwarded",
         b"x-request-id", b"upgrade", b"connection", b"content-length", b"cookie", b"host", b"expect"]  # fmt: skip
ORIGIN = b"https://crm.example.com"
PREFLIGHT = [(b"origin", ORIGIN), (b"access-control-request-method", b"POST")]
APP = create_app(
    GraphQLEndpoint(verify=verify, answer=answer),
    ready,
    trusted_proxies=read_networks("127.0.0.0/8, 10.0.0.0/8, fd00::/8"),
    allowed_origins=(ORIGIN.decode(),),
)


async def calls_of(headers: list[tuple[bytes, bytes]], **options: Any) -> int:
    calls = 0

    def count(_frame: object, event: str, _arg: object) -> None:
        nonlocal calls
        calls += event in {"call", "c_call"}

    sys.setprofile(count)
    try:
        response = await call(APP, HELLO, headers, **options)
    finally:
        sys.setprofile(None)
    assert response.status < 500
    return calls


@pytest.mark.parametrize("name", NAMES, ids=bytes.decode)
async def test_no_header_makes_much_work(name: bytes) -> None:
    await calls_of([JSON])
    for unit in UNITS:
        full = unit * ((MAX_HEAD_BYTES - 200) // len(unit))
        others = [one for one in (JSON, *PREFLIGHT) if one[0] != name]
        assert await calls_of([*others[:1], (name, full)]) <= MOST_CALLS, unit
        assert await calls_of([*others[:1], *[(name, full[: len(full) // 80])] * 80]) <= MOST_CALLS, (unit, "repeated")
        assert await calls_of([*others, (name, full)], method="OPTIONS") <= MOST_CALLS, (unit, "preflight")
        assert await calls_of([*others, (name, full)], method="GET", path="/") <= MOST_CALLS, (unit, "front")


async def test_a_chain_of_trusted_addresses_is_read_no_further_than_proxies_go() -> None:
    hops = b",".join(b"10.%d.%d.1" % (number // 200, number % 200) for number in range(2_800))
    assert await calls_of([JSON, (b"x-forwarded-for", hops)]) <= MOST_CALLS


async def test_a_url_of_many_parameters_is_400() -> None:
    scope = {"type": "http", "method": "GET", "path": "/graphql", "query_string": b"a&" * 8_000, "headers": []}
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    await GraphQLEndpoint(verify=verify, answer=answer, answer_by_url=answer)(scope, None, send)  # type: ignore[arg-type]
    assert sent[0]["status"] == 400
