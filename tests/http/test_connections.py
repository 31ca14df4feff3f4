"""Connections are bounded in number, in the size of a head and in the time that a request may take to come."""

import asyncio
import json
import resource
import socket
import statistics
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import orjson
import pytest
import structlog

from schema.answering.errors import ErrorKind
from schema.answering.introspection import MOST_NEW
from server.http import connections
from server.http.addresses import ClientAddress, read_networks
from server.http.connections import ConnectionLimits, Connections, Limit
from tests.http.conftest import RunningServer

GET = b"GET /healthz HTTP/1.1\r\nhost: x\r\n"


def connect(server: RunningServer) -> socket.socket:
    return socket.create_connection(server.address, timeout=60)


def answer_of(connection: socket.socket) -> tuple[int, bytes]:
    """Status and the whole answer of a server that closes after it; 0 where it just closes."""
    data = b""
    try:
        while more := connection.recv(65_536):
            data += more
    except ConnectionResetError:
        pass
    return (int(data.split(b" ", 2)[1]) if data else 0), data


@pytest.mark.parametrize(
    "head",
    [
        GET + b"x-a: " + b"a" * 40_000 + b"\r\n\r\n",
        GET + b"".join(b"x-%d: a\r\n" % number for number in range(200)) + b"\r\n",
        b"GET /graphql?query=" + b"a" * 100_000 + b" HTTP/1.1\r\nhost: x\r\n\r\n",
        GET + b"cookie: a=b\r\n" * 5_000 + b"\r\n",
    ],
    ids=["one long header", "many headers", "a long address", "much of all"],
)
def test_a_head_that_is_too_large_is_431_in_json(server: RunningServer, head: bytes) -> None:
    with connect(server) as connection:
        connection.sendall(head)
        status, data = answer_of(connection)
    assert status == 431
    assert json.loads(data.partition(b"\r\n\r\n")[2])["errors"][0]["extensions"]["code"] == "HEADERS_TOO_LARGE"


def test_ninety_megabytes_of_headers_are_refused_long_before_their_end(server: RunningServer) -> None:
    sent = 0
    with connect(server) as connection:
        connection.sendall(GET + b"x-a: ")
        try:
            while sent < 90_000_000:
                connection.sendall(b"a" * 65_536)
                sent += 65_536
        except OSError:
            pass
    assert sent < 20_000_000


def test_headers_of_an_ordinary_size_pass(server: RunningServer) -> None:
    with server.client("rep") as client:
        headers = {f"x-{number}": "a" * 200 for number in range(60)}
        assert client.post(server.url, json={"query": "{ __typename }"}, headers=headers).status_code == 200


@pytest.fixture(scope="module")
def small(short_folder: Path) -> Iterator[RunningServer]:
    folder = short_folder / "c"
    folder.mkdir(mode=0o711)
    running = RunningServer(
        folder, ZHIKE_MAX_ANONYMOUS_CONNECTIONS="20", ZHIKE_CONNECTIONS_PER_ADDRESS="60",
        ZHIKE_ALLOWED_ORIGINS="https://crm.example.com", ZHIKE_TRUSTED_PROXIES="192.0.2.0/24",
        ZHIKE_DOCS_URL="https://docs.example.com/errors",
    )  # fmt: skip
    yield running
    running.stop()


def test_who_never_finishes_a_head_is_closed_and_keeps_nobody_out(small: RunningServer) -> None:
    started = time.monotonic()
    slow = [connect(small) for _ in range(40)]
    for one in slow:
        one.sendall(GET)
    assert small.post("{ __typename }", "rep").status_code == 200
    statuses = [answer_of(one)[0] for one in slow]
    for one in slow:
        one.close()
    assert set(statuses) <= {0, 408}, "closed to make room, or told that it took too long"
    assert 408 in statuses
    assert time.monotonic() - started < connections.HEAD_SECONDS + 30


def test_a_connection_that_says_nothing_or_only_line_ends_is_closed_too(server: RunningServer) -> None:
    silent, chatty = connect(server), connect(server)
    chatty.sendall(GET + b"\r\n")
    while b'"ok"' not in chatty.recv(4_096):
        pass
    chatty.sendall(b"\r\n\r\n")
    assert answer_of(silent)[0] in {0, 408}
    assert answer_of(chatty)[0] in {0, 408}
    silent.close()
    chatty.close()


def test_a_body_that_comes_too_slowly_is_408(server: RunningServer) -> None:
    with connect(server) as connection:
        connection.sendall(
            b"POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{"
        )
        status, data = answer_of(connection)
    assert status == 408
    assert json.loads(data.partition(b"\r\n\r\n")[2])["errors"][0]["extensions"]["code"] == "REQUEST_TIMEOUT"


CHUNKED = b"POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n"
ASKED = b'{"query": "{ __typename }"}'
PIECE = b"%x\r\n%s\r\n" % (len(ASKED), ASKED)
FRAMED = {
    "trailers": (431, PIECE + b"0\r\n" + b"x-a: b\r\n" * 200 + b"\r\n"),
    "long trailers": (431, PIECE + b"0\r\n" + b"x-a: %s\r\n" % (b"b" * 3_000) * 20 + b"\r\n"),
    "a trailer without end": (413, PIECE + b"0\r\nx-a: " + b"b" * 5_000_000),
    "chunks of one byte": (413, b"1\r\n \r\n" * 20_000 + PIECE + b"0\r\n\r\n"),
    "an extension": (413, b"1;a=" + b"b" * 5_000_000 + b"\r\n \r\n" + PIECE + b"0\r\n\r\n"),
    "extensions": (413, (b"1;a=%s\r\n \r\n" % (b"b" * 2_000)) * 1_000 + PIECE + b"0\r\n\r\n"),
}


@pytest.mark.parametrize(("status", "body"), FRAMED.values(), ids=FRAMED)
def test_what_is_around_a_body_is_bounded(server: RunningServer, status: int, body: bytes) -> None:
    with connect(server) as connection:
        connection.sendall(CHUNKED)
        time.sleep(0.2)
        with suppress(OSError):
            connection.sendall(body)
        assert answer_of(connection)[0] in {status, 0}, "0: closed while more was sent, which resets the connection"
    time.sleep(0.2)
    assert status in [line["status"] for line in server.log_lines()[-3:] if line["event"] == "request"]


def test_an_ordinary_body_in_chunks_is_read_and_its_trailers_tell_nothing(server: RunningServer) -> None:
    pieces = b"".join(b"1\r\n%c\r\n" % byte for byte in ASKED)
    trailers = f"x-checksum: 1\r\nauthorization: Bearer {server.tokens['rep']}\r\n".encode()
    read = server.raw(CHUNKED + pieces + b"0\r\n" + trailers + b"\r\n")
    assert read.endswith(b'{"data":{"__typename":"Query"}}')
    asked = b'{"query": "{ viewer { role } }"}'
    read = server.raw(CHUNKED + b"%x\r\n%s\r\n" % (len(asked), asked) + b"0\r\n" + trailers + b"\r\n")
    assert read.endswith(b'{"data":{"viewer":null}}')


BEGUN = b"POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{"
UNREAD = (
    b"GET /graphql?query=%7B__schema%7Btypes%7Bname%20fields%7Bname%20args%7Bname%7D%7D%7D%7D%7D HTTP/1.1\r\n"
    b"host: x\r\n\r\n"
)


def median_of(server: RunningServer, times: int = 20) -> float:
    took = []
    for _ in range(times):
        started = time.perf_counter()
        assert server.post("{ viewer { role } }", "manager").json() == {"data": {"viewer": {"role": "MANAGER"}}}
        took.append(time.perf_counter() - started)
    return statistics.median(took)


@pytest.mark.parametrize("sent", [BEGUN, UNREAD * 40], ids=["begun and never ended", "asked and never read"])
def test_who_keeps_a_request_waiting_keeps_nobody_out(small: RunningServer, sent: bytes) -> None:
    alone = median_of(small)
    with ExitStack() as held:
        for number in range(100):
            one = held.enter_context(socket.socket())
            one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2_048)
            one.bind((f"127.0.0.{2 + number // 50}", 0))
            one.connect(small.address)
            with suppress(OSError):
                one.sendall(sent)
        beside = median_of(small)
    assert beside <= 3 * alone + 0.005


class KnownClient:
    """A connection that stays open, on which a viewer asks now and then."""

    def __init__(self, server: RunningServer) -> None:
        body = b'{"query": "{ viewer { role } }"}'
        self._asked = (
            b"POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
            + f"authorization: Bearer {server.tokens['rep']}\r\ncontent-length: {len(body)}\r\n\r\n".encode()
            + body
        )
        self.connection = connect(server)

    def ask(self) -> bool:
        """Whether the answer came whole."""
        self.connection.sendall(self._asked)
        data = b""
        while not data.endswith(b"}}}") and (more := self.connection.recv(4_096)):
            data += more
        return data.endswith(b'{"data":{"viewer":{"role":"REP"}}}')


def test_connections_with_a_good_token_have_places_of_their_own(small: RunningServer) -> None:
    with ExitStack() as held:
        known = []
        for _ in range(40):
            known.append(KnownClient(small))
            held.enter_context(known[-1].connection)
            assert known[-1].ask()
        for _ in range(15):
            held.enter_context(connect(small))
        time.sleep(6)  # longer than a connection without a token may rest
        assert all(one.ask() for one in known)


def headers_of(data: bytes) -> dict[str, str]:
    head = data.partition(b"\r\n\r\n")[0].decode()
    return dict(line.split(": ", 1) for line in head.split("\r\n")[1:])


def assert_limited(headers: Mapping[str, str], reply: Any, limit: str, allowed: int) -> None:
    """A 429, as all of them are."""
    told = dict(reply["errors"][0]["extensions"])
    seconds = str(told.pop("retryAfter"))
    assert int(seconds) > 0
    assert told.pop("docs")
    assert told == {"code": "LIMIT_EXCEEDED", "limit": limit, "allowed": allowed}
    assert [headers[name] for name in ("retry-after", "ratelimit-reset")] == [seconds, seconds]
    assert headers["ratelimit-remaining"] == "0"


def test_introspection_that_is_new_too_often_is_429_as_all_others_are(small: RunningServer) -> None:
    for number in range(MOST_NEW + 1):
        response = small.post(f"{{ a{number}: __schema {{ queryType {{ name }} }} }}")
    assert response.status_code == 429
    assert_limited(response.headers, response.json(), "introspections", MOST_NEW)


def test_one_address_has_so_many_connections(small: RunningServer) -> None:
    time.sleep(1)  # what the tests before closed is closed here too
    with ExitStack() as held:
        for _ in range(60):
            one = KnownClient(small)
            held.enter_context(one.connection)
            assert one.ask()
        status, data = answer_of(held.enter_context(connect(small)))
    assert status == 429
    assert_limited(headers_of(data), json.loads(data.partition(b"\r\n\r\n")[2]), "connections", 60)


class Fake:
    """A connection that only remembers what was done to it."""

    def __init__(self, address: str = "198.51.100.1", *, waits: bool = True) -> None:
        self.address, self.waits, self.authenticated = address, waits, False
        self.told: tuple[int, ErrorKind] | None = None
        self.dropped = False

    def refuse(self, status: int, kind: ErrorKind, limit: Limit | None = None) -> None:
        self.told = status, kind

    def drop(self) -> None:
        self.dropped = True


async def test_where_all_are_being_answered_a_further_connection_is_503() -> None:
    all_ = Connections(ConnectionLimits(anonymous=2))
    busy = [Fake(waits=False), Fake(waits=False)]
    assert all(map(all_.open, busy))
    further = Fake()
    assert not all_.open(further)
    assert further.told == (503, ErrorKind.UNAVAILABLE)
    all_.close(further)
    busy[1].waits = True
    assert all_.open(Fake())
    assert [one.dropped for one in busy] == [False, True]


async def test_the_one_that_was_silent_for_the_longest_gives_way() -> None:
    all_ = Connections(ConnectionLimits(anonymous=3))
    three = [Fake(), Fake(), Fake()]
    assert all(map(all_.open, three))
    all_.heard(three[0])
    assert all_.open(Fake())
    assert [one.dropped for one in three] == [False, True, False]


async def test_what_is_closed_is_counted_no_longer() -> None:
    all_ = Connections(ConnectionLimits(anonymous=5, authenticated=1, per_address=3))
    for _ in range(20):
        one = Fake()
        assert all_.open(one)
        assert all_.authenticate(one)
        all_.close(one)
        all_.close(one)
    assert not all_._of_address
    one, two = Fake(), Fake()
    assert all_.open(one)
    assert all_.open(two)
    assert all_.authenticate(one)
    assert not all_.authenticate(two)


async def test_an_ipv6_network_is_one_address_and_a_trusted_proxy_is_none() -> None:
    all_ = Connections(ConnectionLimits(per_address=1, trusted_proxies=read_networks("10.0.0.0/8")))
    assert all_.open(Fake("2001:db8::1"))
    assert not all_.open(Fake("2001:db8::2"))
    assert all(all_.open(Fake("10.0.0.1")) for _ in range(5))


async def test_behind_a_proxy_the_requests_of_one_client_are_bounded() -> None:
    going, sent = asyncio.Event(), []

    async def app(scope, receive, send):
        await going.wait()

    async def send(message):
        sent.append(message)

    def scope(client):
        return {"type": "http", "client": ("10.0.0.1", 1), "headers": [(b"x-forwarded-for", client)]}

    bounded = ClientAddress(app, read_networks("10.0.0.0/8"), 2)
    under_way = [asyncio.ensure_future(bounded(scope(b"198.51.100.1"), None, send)) for _ in range(2)]
    await asyncio.sleep(0)
    await bounded(scope(b"198.51.100.1"), None, send)
    assert sent[0]["status"] == 429
    headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    assert_limited(headers, orjson.loads(sent[1]["body"]), "requests", 2)
    other = asyncio.ensure_future(bounded(scope(b"198.51.100.2"), None, send))
    going.set()
    await asyncio.gather(*under_way, other)
    assert len(sent) == 2
    assert not bounded._under_way


def test_the_server_may_open_as_many_sockets_as_it_promises(server: RunningServer) -> None:
    soft, _ = resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE)
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    assert soft == resource.RLIM_INFINITY or soft >= min(hard if hard > 0 else 65_536, 65_536)


# -- Pages of other origins -------------------------------------------------------------------------------------------

OURS, OTHERS = "https://crm.example.com", "https://evil.example.com"
PREFLIGHT = {"access-control-request-method": "POST", "access-control-request-headers": "authorization,content-type"}


def test_a_page_of_an_allowed_origin_may_call_and_read(small: RunningServer) -> None:
    with small.client("rep") as client:
        asked = client.options(small.url, headers={"origin": OURS, **PREFLIGHT})
        read = client.post(small.url, json={"query": "{ __typename }"}, headers={"origin": OURS})
    assert asked.status_code in {200, 204}
    assert asked.headers["access-control-allow-origin"] == OURS
    assert "authorization" in asked.headers["access-control-allow-headers"].lower()
    assert "access-control-allow-credentials" not in asked.headers
    assert read.headers["access-control-allow-origin"] == OURS
    assert {"x-request-id", "retry-after"} <= set(read.headers["access-control-expose-headers"].lower().split(", "))
    assert "origin" in read.headers["vary"].lower()


def test_a_page_of_another_origin_may_not(small: RunningServer, server: RunningServer) -> None:
    with small.client("rep") as client:
        asked = client.options(small.url, headers={"origin": OTHERS, **PREFLIGHT})
        read = client.post(small.url, json={"query": "{ __typename }"}, headers={"origin": OTHERS})
    assert asked.status_code == 403
    assert asked.json()["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    assert "access-control-allow-origin" not in asked.headers
    assert "access-control-allow-origin" not in read.headers
    with server.client("rep") as client:  # which allows none
        read = client.post(server.url, json={"query": "{ __typename }"}, headers={"origin": OURS})
        assert "access-control-allow-origin" not in read.headers
        assert client.options(server.url, headers={"origin": OURS, **PREFLIGHT}).status_code == 405


# -- Ids, limits and links --------------------------------------------------------------------------------------------


def test_every_answer_has_an_id_that_its_log_line_has_too(server: RunningServer) -> None:
    with server.client("rep") as client:
        answers = [
            client.post(server.url, json={"query": "{ __typename }"}),
            client.post(server.url, json={"query": "{ nothing }"}),
            client.post(server.url, content=b"x"),
            client.get(server.root + "/healthz"),
            client.get(server.root + "/nowhere"),
            client.get(server.root + "/", headers={"accept": "text/html"}),
            client.post(server.url, json={"query": "{ __typename }"}, headers={"accept": "text/event-stream"}),
        ]
    raw = server.raw(b"canary\r\n\r\n").partition(b"\r\n\r\n")[0]
    ids = [one.headers["x-request-id"] for one in answers]
    ids.append(dict(line.split(b": ", 1) for line in raw.split(b"\r\n")[1:])[b"x-request-id"].decode())
    assert len(set(ids)) == len(ids)
    assert set(ids) <= {line.get("request") for line in server.log_lines()}


def test_an_id_of_anybodys_own_is_not_taken(server: RunningServer) -> None:
    with server.client("rep") as client:
        answer = client.post(server.url, json={"query": "{ __typename }"}, headers={"x-request-id": "canary-1234"})
    assert answer.headers["x-request-id"] != "canary-1234"


@pytest.mark.parametrize(("sent", "taken"), [(b"edge-0123456789", True), (b"short", False), (b"a b\x0bc" * 5, False)])
async def test_a_trusted_proxy_names_the_request_if_the_name_is_one(sent: bytes, taken: bool) -> None:
    from server.http.telemetry import RequestLog  # noqa: PLC0415 - the log is captured first

    got = []

    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def send(message):
        got.append(dict(message["headers"])[b"x-request-id"])

    with structlog.testing.capture_logs() as lines:
        log = RequestLog(app, frozenset(), read_networks("10.0.0.0/8"))
        scope = {
            "type": "http",
            "method": "GET",
            "path": "/",
            "client": ("10.0.0.1", 1),
            "headers": [(b"x-request-id", sent)],
        }
        await log(scope, None, send)
    assert (got == [sent]) == taken
    assert lines[0]["request"] == got[0].decode()


@pytest.mark.parametrize("query", ["{ nothing }", "{", "{ customers(first: 0) { totalCount } }"])
def test_every_error_links_to_what_a_client_does_about_it(server: RunningServer, small: RunningServer, query) -> None:
    error = server.post(query, "rep").json()["errors"][0]["extensions"]
    page, _, place = error["docs"].partition("#")
    text = (Path(__file__).resolve().parents[2] / page).read_text()
    assert f'<a id="{place}"></a>' in text
    assert place == error["code"].lower()
    assert (
        small.post(query, "rep")
        .json()["errors"][0]["extensions"]["docs"]
        .startswith("https://docs.example.com/errors#")
    )


def test_a_limit_that_time_heals_says_how_long(small: RunningServer) -> None:
    query = 'mutation { signIn(input: {login: "nobody-here", password: "x"}) { userErrors { code } } }'
    for _ in range(40):
        response = small.post(query)
        if response.json()["data"]["signIn"]["userErrors"][0]["code"] == "LIMIT_EXCEEDED":
            break
    else:
        raise AssertionError("guessing was never limited")
    assert int(response.headers["retry-after"]) == response.json()["extensions"]["retryAfter"] > 0
    assert response.headers["ratelimit-remaining"] == "0"
