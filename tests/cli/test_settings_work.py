"""Every setting does something: `zhike serve` with another value of the variable differs in what can be seen.

A new setting needs a `see_…` here, which gives two observations that must differ.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import jwt
import psycopg
import pytest
import structlog
from starlette.applications import Starlette

from auth.entering import passwords
from auth.sealing.keys import KeyRing, Suite
from server import composition
from server.commands import running
from server.settings import Settings
from tests.conftest import SERVING, as_serving_role

PASSWORD = "仓库 correct horse battery"
SIGN_IN = """mutation($input: SignInInput!) { signIn(input: $input) { accessToken userErrors { code } } }"""
STAFF = """INSERT INTO staff_member (id, login, name, role, active, created_at, password_hash)
VALUES (gen_random_uuid(), 'rep', '员工', 'REP', true, now(), %s)"""
MANY_FAILURES = """INSERT INTO sign_in_attempt SELECT gen_random_uuid(), login_digest, source_digest, now()
FROM sign_in_attempt, generate_series(1, 20)"""


@dataclass
class Served:
    """What one `zhike serve` came to."""

    exit_code: int
    said: str
    app: Starlette | None = None
    address: Any = None
    limits: Any = None
    parts: dict[str, Any] = field(default_factory=dict)

    async def ask(self, query: str, headers: dict[str, str] | None = None, **variables: Any) -> Any:
        transport = httpx2.ASGITransport(app=self.app, client=("192.0.2.1", 1))
        async with httpx2.AsyncClient(transport=transport, base_url="http://zhike") as http:
            return await http.post("/graphql", json={"query": query, "variables": variables}, headers=headers)

    async def sign_in(self, password: str = PASSWORD, **headers: str) -> Any:
        given = {"login": "rep", "password": password}
        return (await self.ask(SIGN_IN, headers, input=given)).json()["data"]["signIn"]

    async def claims(self) -> dict[str, Any]:
        """Those of a fresh access token, its key's id among them."""
        token = (await self.sign_in())["accessToken"]
        return jwt.get_unverified_header(token) | jwt.decode(token, options={"verify_signature": False})


class House:
    """A migrated database with somebody who can sign in, and `zhike serve` on it under any environment."""

    def __init__(self, zhike: Callable[..., Any], url: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.zhike, self.url, self.folder = zhike, url, folder
        self.environment = {"ZHIKE_DATABASE_URL": as_serving_role(url), "ZHIKE_PORT": "0"}
        self.environment["ZHIKE_KEYS_FILE"] = str(self.key_file("keys.json"))
        self.sql(STAFF, passwords.hashed(PASSWORD))
        self.served = Served(0, "")
        monkeypatch.setattr(running, "serve_on", self._serve)
        monkeypatch.setattr(running, "stop_on_sigterm", lambda: None)
        for part in ("Database", "Acts"):
            monkeypatch.setattr(composition, part, self._noted(part, getattr(composition, part)))

    def __call__(self, **environment: str) -> Served:
        self.served = Served(0, "")
        done = self.zhike("serve", **{**self.environment, **environment})
        self.served.exit_code, self.served.said = done.exit_code, done.stderr
        structlog.reset_defaults()  # what is asked next is logged elsewhere: the runner's standard error is closed
        return self.served

    def sql(self, statement: str, *values: Any) -> list[Any]:
        with psycopg.connect(self.url) as connection:
            done = connection.execute(statement, values)
            return done.fetchall() if done.description else []

    def key_file(self, name: str) -> Path:
        self.zhike("keys", "create", str(self.folder / name))
        return self.folder / name

    def _serve(self, app: Starlette, listening: Any, _: object, limits: object) -> None:
        self.served.app, self.served.address, self.served.limits = app, listening.getsockname()[:2], limits

    def _noted(self, name: str, kind: Callable[..., Any]) -> Callable[..., Any]:
        def made(*arguments: Any, **named: Any) -> Any:
            self.served.parts[name] = arguments, named
            return kind(*arguments, **named)

        return made


@pytest.fixture
def serve(zhike, own_database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> House:
    return House(zhike, own_database_url, tmp_path, monkeypatch)


@pytest.mark.parametrize("name", Settings.model_fields)
async def test_another_value_makes_a_difference(serve: House, name: str) -> None:
    first, other = await SEEN[name](serve)
    assert first != other


def of(name: str, *values: str, part: Callable[[Served], Any]) -> Callable[[House], Any]:
    """Two observations of what was served with two values."""

    async def see(serve: House) -> Any:
        seen = []
        for value in values:
            one = part(serve(**{f"ZHIKE_{name.upper()}": value}))
            seen.append(await one if hasattr(one, "__await__") else one)
        return seen

    return see


def claim(name: str) -> Callable[[Served], Any]:
    async def read(served: Served) -> Any:
        claims = await served.claims()
        return claims["exp"] - claims["iat"] if name == "lifetime" else claims[name]

    return read


def given_to(part: str, name: str) -> Callable[[Served], Any]:
    """What a part of the application was made with; its own tests show what comes of it."""
    return lambda served: served.parts[part][1][name]


def allowed(served: Served) -> Any:
    return served.parts["Acts"][0][2]


async def see_environment(serve: House) -> Any:
    owner = {"ZHIKE_DATABASE_URL": serve.url}
    return serve(**owner).exit_code, serve(**owner, ZHIKE_ENVIRONMENT="production").exit_code


async def see_migration_database_url(serve: House) -> Any:
    seen = []
    for more in ({}, {"ZHIKE_MIGRATION_DATABASE_URL": serve.url}):
        serve.sql(f"REVOKE ALL ON tier FROM {SERVING}")
        serve.zhike("migrate", **serve.environment, **more)
        seen.append(serve.sql("SELECT has_table_privilege(%s, 'tier', 'SELECT')", SERVING))
    return seen


async def see_database_url(serve: House) -> Any:
    return serve().exit_code, serve(ZHIKE_DATABASE_URL="postgresql://nobody@127.0.0.1:1/none").exit_code


async def see_data_dir(serve: House) -> Any:
    for name in ("one", "two"):
        serve(ZHIKE_KEYS_FILE="", ZHIKE_DATA_DIR=str(made(serve.folder / name)))
    return [json.loads((serve.folder / name / "keys.json").read_text()) for name in ("one", "two")]


async def see_crypto(serve: House) -> Any:
    for suite in Suite:
        serve(ZHIKE_KEYS_FILE="", ZHIKE_DATA_DIR=str(made(serve.folder / suite)), ZHIKE_CRYPTO=suite)
    return [json.loads((serve.folder / suite / "keys.json").read_text())["crypto"] for suite in Suite]


async def see_keys(serve: House) -> Any:
    rings = [KeyRing.generate(Suite.INTL).dump() for _ in range(2)]
    return [(await serve(ZHIKE_KEYS_FILE="", ZHIKE_KEYS=ring).claims())["kid"] for ring in rings]


async def see_keys_file(serve: House) -> Any:
    files = [str(serve.key_file(name)) for name in ("one.json", "two.json")]
    return [(await serve(ZHIKE_KEYS_FILE=file).claims())["kid"] for file in files]


async def see_session_days(serve: House) -> Any:
    for days in ("1", "9"):
        await serve(ZHIKE_SESSION_DAYS=days).sign_in()
    return [days for (days,) in serve.sql("SELECT extract(day FROM expires_at - created_at) FROM refresh_session")]


async def see_sign_in_failures(serve: House) -> Any:
    seen = []
    for failures in ("30", "1"):
        await serve(ZHIKE_SIGN_IN_FAILURES=failures).sign_in("wrong")
        serve.sql(MANY_FAILURES)
        seen.append((await serve(ZHIKE_SIGN_IN_FAILURES=failures).sign_in("wrong"))["userErrors"])
        serve.sql("DELETE FROM sign_in_attempt")
    return seen


async def see_trusted_proxies(serve: House) -> Any:
    seen = []
    for proxies in ("", "192.0.2.1"):
        served = serve(ZHIKE_TRUSTED_PROXIES=proxies)
        await served.sign_in("wrong", **{"x-forwarded-for": "198.51.100.1"})
        serve.sql(MANY_FAILURES)
        seen.append((await served.sign_in(**{"x-forwarded-for": "198.51.100.2"}))["userErrors"])
        serve.sql("DELETE FROM sign_in_attempt")
    return seen


async def see_log_level(serve: House) -> Any:
    """Development tells as a warning that it serves as the owner."""
    levels = ("warning", "error")
    return ["serving_as_owner" in serve(ZHIKE_DATABASE_URL=serve.url, ZHIKE_LOG_LEVEL=level).said for level in levels]


async def alarms(served: Served) -> Any:
    await served.sign_in("wrong")
    assert served.app is not None
    return served.app.state.sign_in_counts.alarms


async def origin_allowed(served: Served) -> Any:
    return (await served.ask("{ __typename }", {"origin": "https://crm.example.com"})).headers.get(
        "access-control-allow-origin"
    )


async def page_of_errors(served: Served) -> Any:
    return (await served.ask("{")).json()["errors"][0]["extensions"]["docs"]


async def introspected(served: Served) -> Any:
    return "data" in (await served.ask("{ __schema { queryType { name } } }")).json()


async def status_of_a_long_body(served: Served) -> Any:
    return (await served.ask("{ __typename }" + " " * 2_000)).status_code


def made(folder: Path) -> Path:
    folder.mkdir()
    return folder


SEEN: dict[str, Callable[[House], Any]] = {
    "environment": see_environment,
    "database_url": see_database_url,
    "migration_database_url": see_migration_database_url,
    "data_dir": see_data_dir,
    "keys": see_keys,
    "keys_file": see_keys_file,
    "crypto": see_crypto,
    "host": of("host", "127.0.0.1", "0.0.0.0", part=lambda served: served.address[0]),
    "port": of("port", "0", "70000", part=lambda served: served.exit_code),
    "trusted_proxies": see_trusted_proxies,
    "max_anonymous_connections": of("max_anonymous_connections", "1", "2", part=lambda served: served.limits),
    "max_authenticated_connections": of("max_authenticated_connections", "1", "2", part=lambda served: served.limits),
    "connections_per_address": of("connections_per_address", "1", "2", part=lambda served: served.limits),
    "allowed_origins": of("allowed_origins", "", "https://crm.example.com", part=origin_allowed),
    "docs_url": of("docs_url", "https://one.example", "https://two.example", part=page_of_errors),
    "open_introspection": of("open_introspection", "true", "false", part=introspected),
    "issuer": of("issuer", "https://one.example", "https://two.example", part=claim("iss")),
    "audience": of("audience", "one", "two", part=claim("aud")),
    "access_token_minutes": of("access_token_minutes", "1", "2", part=claim("lifetime")),
    "session_days": see_session_days,
    "sign_in_failures": see_sign_in_failures,
    "sign_in_alarm": of("sign_in_alarm", "1", "100", part=alarms),
    "max_body_bytes": of("max_body_bytes", "1000", "10000", part=status_of_a_long_body),
    "reading_connections": of("reading_connections", "1", "2", part=given_to("Database", "reading_connections")),
    "prepare_acts": of("prepare_acts", "true", "false", part=given_to("Database", "prepare_acts")),
    "statement_timeout_ms": of("statement_timeout_ms", "1", "2", part=given_to("Database", "statement_timeout_ms")),
    "reveals_per_hour": of("reveals_per_hour", "1", "2", part=allowed),
    "reveal_seconds": of("reveal_seconds", "1", "2", part=allowed),
    "contact_changes_per_hour": of("contact_changes_per_hour", "1", "2", part=allowed),
    "contact_changes_of_customer_per_day": of("contact_changes_of_customer_per_day", "1", "2", part=allowed),
    "log_level": see_log_level,
}
