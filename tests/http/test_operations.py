"""The operation decides what an answer is; the headers of clients as they are do not. Over sockets, as clients come."""

import json
import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from schema.answering import introspection

URQL = (
    "application/graphql-response+json, application/graphql+json, application/json, text/event-stream, multipart/mixed"
)
APOLLO = "application/graphql-response+json,application/json;q=0.9"
ME = "{ viewer { role } }"
FOLLOW = "subscription { ticketChanged { kind id } }"
DEMO_PASSWORD = re.compile(r"zhike-demo-[\w-]+")


def events(text: str) -> list[Any]:
    """What a stream that has ended held: the data of each event, None for `complete`."""
    pieces = [piece for piece in text.split("\n\n") if piece and not piece.startswith(":")]
    return [None if one == "event: complete\ndata:" else json.loads(one.partition("data: ")[2]) for one in pieces]


# -- Which kind of answer ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "accept",
    [URQL, APOLLO, "text/event-stream;q=0", "text/event-stream;q=0.9, application/json;q=0.1", "*/*", "text/html"],
)
def test_a_query_is_answered_with_json_whatever_else_is_accepted(server, accept: str) -> None:
    response = server.post(ME, "rep", headers={"accept": accept})
    assert (response.status_code, response.json()) == (200, {"data": {"viewer": {"role": "REP"}}})
    assert "json" in response.headers["content-type"]


def test_more_queries_at_once_than_there_may_be_streams_are_all_answered(server) -> None:
    with ThreadPoolExecutor(12) as pool:
        asked = [pool.submit(server.post, ME, "rep", headers={"accept": URQL}) for _ in range(12)]
    assert [one.result().status_code for one in asked] == [200] * 12


@pytest.mark.parametrize("accept", ["text/event-stream", "text/event-stream, multipart/mixed", "text/*"])
def test_where_nothing_but_a_stream_is_accepted_a_query_is_a_stream_of_one_result(server, accept: str) -> None:
    response = server.post(ME, "rep", headers={"accept": accept})
    assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert events(response.text) == [{"data": {"viewer": {"role": "REP"}}}, None]
    refused = server.post("{ nothing }", "rep", headers={"accept": accept})
    assert events(refused.text)[0]["errors"][0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"


def test_streams_of_one_result_take_no_place_of_the_subscriptions(server) -> None:
    with ThreadPoolExecutor(12) as pool:
        asked = [pool.submit(server.post, ME, "manager", headers={"accept": "text/event-stream"}) for _ in range(12)]
    assert [one.result().status_code for one in asked] == [200] * 12


@pytest.mark.parametrize("accept", ["application/json", APOLLO, "*/*", "text/event-stream;q=0, application/json"])
def test_a_subscription_without_a_stream_accepted_is_406(server, accept: str) -> None:
    response = server.post(FOLLOW, "rep", headers={"accept": accept})
    assert response.status_code == 406
    error = response.json()["errors"][0]
    assert error["extensions"]["code"] == "NOT_ACCEPTABLE"
    assert "text/event-stream" in error["message"]


@pytest.mark.parametrize("accept", [URQL, "text/event-stream", "application/json, text/event-stream;q=0.1"])
def test_a_subscription_is_a_stream_where_one_is_accepted(server, accept: str) -> None:
    with (
        server.client("rep") as client,
        client.stream("POST", server.url, json={"query": FOLLOW}, headers={"accept": accept}) as response,
    ):
        assert (response.status_code, response.headers["content-type"]) == (200, "text/event-stream; charset=utf-8")


def test_an_act_with_the_headers_of_urql_is_done_and_signing_in_works(server) -> None:
    response = server.post(SIGN_IN, body={"variables": credentials(server)}, headers={"accept": URQL})
    assert response.json()["data"]["signIn"]["userErrors"] == []


def test_a_subscription_without_a_token_is_401(server) -> None:
    for accept in ("text/event-stream", URQL):
        response = server.post(FOLLOW, headers={"accept": accept})
        assert (response.status_code, response.json()["errors"][0]["extensions"]["code"]) == (401, "UNAUTHENTICATED")


# -- Queries by GET ---------------------------------------------------------------------------------------------------


def get(server, caller: str | None = "rep", accept: str = URQL, **parameters: str):
    with server.client(caller) as client:
        return client.get(server.url, params=parameters, headers={"accept": accept})


def code(response) -> str:
    return response.json()["errors"][0]["extensions"]["code"]


PAGE = "query P($first: Int, $where: CustomerFilter) { customers(first: $first, where: $where) { nodes { id } } }"


def test_a_query_by_get_is_the_same_as_by_post(server) -> None:
    body = {"variables": {"first": 2, "where": {"stage": ["PURCHASE", "LOYALTY"]}}, "operationName": "P"}
    posted = server.post(PAGE, "rep", body=body).json()
    response = get(server, query=PAGE, operationName="P", variables=json.dumps(body["variables"]), extensions="{}")
    assert response.status_code == 200
    assert response.json() == posted
    assert response.headers["cache-control"] == "no-store"
    assert {"accept", "authorization"} <= {one.strip() for one in response.headers["vary"].split(",")}


def test_parameters_that_are_empty_are_absent(server) -> None:
    assert get(server, query=ME, operationName="", variables="", extensions="").status_code == 200


@pytest.mark.parametrize(
    ("parameters", "status"),
    [
        ({}, 400),
        ({"query": ""}, 400),
        ({"query": "{"}, 400),
        ({"query": ME, "variables": "["}, 400),
        ({"query": ME, "variables": "[1]"}, 400),
        ({"query": ME, "variables": '"13800138000"'}, 400),
        ({"query": ME, "extensions": "1"}, 400),
        pytest.param({"query": ME + " " * 20_000}, 414, id="a long URL"),
    ],
    ids=str,
)
def test_a_get_that_is_no_request_is_refused_and_not_echoed(server, parameters, status) -> None:
    response = get(server, **parameters)
    assert response.status_code == status
    assert "13800138000" not in response.text


@pytest.mark.parametrize("query", [b"query=%7Bviewer%7Bid%7D%7D&query=%7B__typename%7D", b"query=%ff", b"query=\xff"])
def test_a_repeated_or_broken_parameter_is_400(server, query: bytes) -> None:
    answer = server.raw(b"GET /graphql?" + query + b" HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize(
    "query",
    ['mutation { signIn(input: {login: "rep", password: "x"}) { accessToken } }', FOLLOW],
    ids=["mutation", "subscription"],
)  # fmt: skip
@pytest.mark.parametrize("caller", [None, "rep"])
def test_acts_and_subscriptions_by_get_are_405(server, query: str, caller) -> None:
    response = get(server, caller, query=query)
    assert (response.status_code, code(response)) == (405, "METHOD_NOT_ALLOWED")
    assert response.headers["allow"] == "POST"


ONE_OF_TWO = "query A { viewer { role } } mutation B { __typename }"


def test_of_a_document_with_several_operations_the_one_asked_for_counts(server) -> None:
    assert get(server, query=ONE_OF_TWO, operationName="A").status_code == 200
    assert get(server, query=ONE_OF_TWO, operationName="B").status_code == 405


SEARCHES = {
    "a literal": ('{ customers(where: {search: "王"}) { totalCount } }', {}),
    "a variable": ("query($s: String) { customers(where: {search: $s}) { totalCount } }", {"s": "王"}),
    "a variable not given": ("query($s: String) { customers(where: {search: $s}) { totalCount } }", {}),
    "an input object": (PAGE, {"where": {"search": "王"}}),
    "a default": (
        'query($w: CustomerFilter = {search: "王"}) { customers(where: $w) { totalCount } }',
        {},
    ),
    "behind an alias": ('{ mine: customers(where: {stage: [LOYALTY], search: "王"}) { totalCount } }', {}),
    "in a fragment": (
        'query { ...F } fragment F on Query { customers(where: {search: "王"}) { totalCount } }',
        {},
    ),
    "in an inline fragment": ('{ ... on Query { ... { customers(where: {search: "王"}) { totalCount } } } }', {}),
    "skipped": ('{ __typename customers(where: {search: "王"}) @skip(if: true) { totalCount } }', {}),
}


@pytest.mark.parametrize(("query", "variables"), SEARCHES.values(), ids=SEARCHES)
def test_what_can_hold_personal_data_is_not_taken_from_a_url(server, query: str, variables) -> None:
    response = get(server, query=query, variables=json.dumps(variables))
    assert (response.status_code, code(response)) == (400, "PERSONAL_DATA_IN_URL")
    assert "POST" in response.json()["errors"][0]["message"]
    assert "王" not in response.text
    assert server.post(query, "rep", body={"variables": variables}).status_code == 200


def test_a_filter_without_personal_data_may_stand_in_a_url(server) -> None:
    for where in ({}, {"stage": ["CHURN"], "search": None}, {"region": ["华东"], "tag": ["VIP"]}):
        assert get(server, query=PAGE, variables=json.dumps({"where": where})).status_code == 200


def test_a_bad_token_by_get_is_401_and_none_reads_what_is_open(server) -> None:
    with server.client() as client:
        bad = client.get(server.url, params={"query": ME}, headers={"authorization": "Bearer a.b.c"})
    assert (bad.status_code, code(bad)) == (401, "UNAUTHENTICATED")
    assert get(server, None, query="{ __typename }").json() == {"data": {"__typename": "Query"}}
    assert get(server, None, query="{ customers { totalCount } }").status_code == 401


def test_what_stands_in_a_url_is_in_no_log(server) -> None:
    get(server, query='{ customers(where: {search: "王canary"}) { totalCount } }', canary="canary")  # fmt: skip
    server.raw(b"GET /canary?canary HTTP/1.1\r\nhost: canary\r\nconnection: close\r\n\r\n")
    assert "canary" not in server.log.read_text()


# -- Persisted queries ------------------------------------------------------------------------------------------------

HASH = {
    "persistedQuery": {"version": 1, "sha256Hash": "ecf4edb46db40b5132295c0291d62fb65d6759a9eedfa4d5d612dd5ec54a6b38"}
}


@pytest.mark.parametrize("caller", [None, "rep"])
@pytest.mark.parametrize(("accept", "status"), [("application/json", 200), (APOLLO, 400), (URQL, 400)])
def test_clients_of_persisted_queries_are_told_to_send_the_document(server, caller, accept, status) -> None:
    with server.client(caller) as client:
        headers = {"accept": accept}
        body = {"operationName": None, "variables": {}, "extensions": HASH}
        posted = client.post(server.url, json=body, headers=headers)
        got = client.get(server.url, params={"extensions": json.dumps(HASH)}, headers=headers)
    for response in (posted, got):
        error = response.json()["errors"][0]
        assert response.status_code == status
        assert error["message"] == "PersistedQueryNotSupported"  # the very word that urql looks for
        assert error["extensions"]["code"] == "PERSISTED_QUERY_NOT_SUPPORTED"


def test_with_the_document_beside_its_digest_the_query_is_answered(server) -> None:
    assert server.post(ME, "rep", body={"extensions": HASH}).json() == {"data": {"viewer": {"role": "REP"}}}
    assert get(server, query=ME, extensions=json.dumps(HASH)).status_code == 200


def test_a_document_id_is_told_to_be_unknown_here(server) -> None:
    with server.client("rep") as client:
        response = client.post(server.url, json={"documentId": "sha256:abc"}, headers={"accept": APOLLO})
    assert (response.status_code, code(response)) == (400, "PERSISTED_QUERY_NOT_SUPPORTED")


# -- Signing in with whatever token ------------------------------------------------------------------------------------

SIGN_IN = """mutation($login: String!, $password: String!) {
  signIn(input: {login: $login, password: $password}) { accessToken refreshToken userErrors { code } } }"""
REFRESH = """mutation R($token: String!) {
  refreshSession(input: {refreshToken: $token}) { accessToken refreshToken userErrors { code } __typename } }"""
FOREIGN = ["Bearer a.b.c", "Basic cmVwOnNlY3JldA==", "Bearer", "", "Negotiate YII="]


def credentials(server) -> dict[str, str]:
    from server.demo.passwords import DEMO_PASSWORD  # noqa: PLC0415 - the fixture has the module's name here

    return {"login": "rep", "password": DEMO_PASSWORD}


@pytest.mark.parametrize("authorization", FOREIGN)
def test_signing_in_and_refreshing_do_not_look_at_the_authorization_header(server, authorization: str) -> None:
    headers = {"authorization": authorization}
    entered = server.post(SIGN_IN, body={"variables": credentials(server)}, headers=headers).json()["data"]["signIn"]
    assert entered["userErrors"] == []
    again = server.post(REFRESH, body={"variables": {"token": entered["refreshToken"]}}, headers=headers)
    assert again.json()["data"]["refreshSession"]["userErrors"] == []


OTHERS = [
    "{ __typename }",
    ME,
    "{ __schema { queryType { name } } }",
    "mutation { __typename }",
    "mutation { logInteraction(input: {}) { userErrors { code } } }",
    'mutation { signIn(input: {login: "a", password: "b"}) { accessToken } logInteraction(input: {}) { __typename } }',
    'mutation { ...F } fragment F on Mutation { signIn(input: {login: "a", password: "b"}) { accessToken } }',
    "{",
    FOLLOW,
]  # fmt: skip


@pytest.mark.parametrize("query", OTHERS)
@pytest.mark.parametrize("authorization", ["Bearer a.b.c", "Basic cmVwOnNlY3JldA=="])
def test_anything_else_with_a_token_that_is_no_good_is_401(server, query: str, authorization: str) -> None:
    response = server.post(query, headers={"authorization": authorization})
    assert (response.status_code, code(response)) == (401, "UNAUTHENTICATED")


def test_guesses_under_a_foreign_header_are_still_one_per_request(server) -> None:
    one = 'signIn(input: {login: "rep", password: "x"}) { userErrors { code } }'
    response = server.post(f"mutation {{ a: {one} b: {one} }}", headers={"authorization": "Bearer a.b.c"})
    assert code(response) == "LIMIT_EXCEEDED"


# -- Introspection ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("caller", [None, "rep"])
def test_the_schema_is_open_to_all(server, caller) -> None:
    assert server.post('{ __type(name: "Query") { name } }', caller).json() == {"data": {"__type": {"name": "Query"}}}
    assert server.post("{ __schema { queryType { name } } viewer { id } __typename }").json()["data"]["viewer"] is None


# -- What else comes over a socket ------------------------------------------------------------------------------------


def test_the_limits_are_those_of_the_tools() -> None:
    assert introspection.MAX_TOKENS >= 3 * 183


UPGRADE = (
    b"GET /graphql HTTP/1.1\r\nhost: x\r\nconnection: Upgrade\r\nupgrade: websocket\r\n"
    b"sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)
BROKEN = [
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    b"GET\r\n\r\n",
    b"GET / HTTP/9.9\r\n\r\n",
    b"canary\r\n\r\n",
    b"POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-length: abc\r\n\r\n",
    b"POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n",
    b"GET / HTTP/1.1\r\nbad header canary\r\n\r\n",
    b"GET /%\xff HTTP/1.1\r\nhost: x\r\n\r\n",
]


@pytest.mark.parametrize("data", BROKEN)
def test_what_is_no_http_is_400_in_json(server, data: bytes) -> None:
    head, _, body = server.raw(data).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert b"content-type: application/json; charset=utf-8" in head
    assert json.loads(body)["errors"][0]["extensions"]["code"] == "BAD_REQUEST"
    assert "canary" not in server.log.read_text()


def test_a_websocket_is_refused_in_json_and_logged_as_any_other_request(server) -> None:
    before = len(server.log_lines())
    head, _, body = server.raw(UPGRADE).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 ")
    assert "text/event-stream" in json.loads(body)["errors"][0]["message"]
    lines = server.log_lines()[before:]
    assert [(line["event"], line["path"], line["status"]) for line in lines] == [("request", "/graphql", 400)]
    elsewhere = server.raw(UPGRADE.replace(b"/graphql", b"/subscriptions"))
    assert elsewhere.startswith(b"HTTP/1.1 404 ")


def test_every_line_of_the_log_is_json(server) -> None:
    assert all({"event", "level", "timestamp"} <= line.keys() for line in server.log_lines())
    assert {line["event"] for line in server.log_lines()} == {"request"}
    assert {line["level"] for line in server.log_lines()} == {"info"}


def test_a_browser_is_told_where_to_go_and_a_program_gets_json(server) -> None:
    with server.client() as client:
        page = client.get(server.root + "/", headers={"accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
        other = client.get(server.root + "/")
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "/graphql" in page.text
    assert "signIn" in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "<script" not in page.text
    assert "http" not in page.text
    assert (other.status_code, code(other)) == (404, "NOT_FOUND")
