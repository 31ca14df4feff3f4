"""`zhike staff add`: the first administrator of an empty house."""

import asyncio
from pathlib import Path
from typing import Any

import argon2
import psycopg
import pytest
from typer.testing import CliRunner, Result

from auth.entering.signing_in import Entered, SignIns
from auth.sealing.keys import KeyRing, Suite
from domain.errors import WrongCredentials
from domain.staff import Role
from server.cli import app
from server.postgres.database import Database
from server.settings import Settings

PASSWORD = "correct horse battery"
ROWS = """SELECT login, staff_member.name, role, active, team.name, password_hash
FROM staff_member LEFT JOIN team ON team.id = team_id ORDER BY login"""


@pytest.fixture(scope="module")
def ring() -> KeyRing:
    return KeyRing.generate(Suite.INTL)


@pytest.fixture
def add(monkeypatch: pytest.MonkeyPatch, database_url: str, ring: KeyRing):
    """`add("--login", …, password="…")` on the test database, the password piped."""
    monkeypatch.setenv("ZHIKE_DATABASE_URL", database_url)
    monkeypatch.setenv("ZHIKE_KEYS", ring.dump())

    def run(*words: str, password: str | bytes = PASSWORD + "\n", login: str = "chief", role: str = "ADMIN") -> Result:
        command = ["staff", "add", "--login", login, "--name", "顾明", "--role", role, *words]
        return CliRunner().invoke(app, [*command, "--password-stdin"], input=password)

    return run


@pytest.fixture
def sql(database_url: str):
    def run(statement: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(database_url) as connection:
            return connection.execute(statement).fetchall()

    return run


def entered(url: str, ring: KeyRing, login: str, password: str) -> Entered:
    async def sign_in() -> Entered:
        database = Database(url)
        try:
            return await SignIns(database.desks, ring, Settings().terms).sign_in(login, password)
        finally:
            await database.close()

    return asyncio.run(sign_in())


def test_the_first_administrator_is_made_and_signs_in(add, sql, database_url: str, ring: KeyRing) -> None:
    done = add(login="Chief")
    assert done.exit_code == 0, done.output
    [(login, name, role, active, team, stored)] = sql(ROWS)
    assert (login, name, role, active, team) == ("chief", "顾明", "ADMIN", True, None)
    assert stored.startswith("$argon2id$")
    assert argon2.PasswordHasher().verify(stored, PASSWORD)
    assert entered(database_url, ring, "chief", PASSWORD).viewer.role is Role.ADMIN
    with pytest.raises(WrongCredentials):
        entered(database_url, ring, "chief", PASSWORD + "\n")
    [noted] = sql("SELECT viewer_kind, act, subject_kind, outcome FROM audit ORDER BY id LIMIT 1")
    assert noted == ("job:staff", "addStaff", "staff", "DONE")


def test_colleagues_share_the_team_that_the_first_of_them_names(add, sql) -> None:
    for login in ("lin", "deng"):
        assert add("--team", "客服一组", login=login, role="SUPPORT").exit_code == 0
    assert [row[4] for row in sql(ROWS)] == ["客服一组", "客服一组"]
    assert sql("SELECT count(*) FROM team") == [(1,)]


def test_a_login_that_somebody_has_is_refused_with_words(add, sql) -> None:
    add()
    before = sql(ROWS)
    again = add("--team", "新组", login="CHIEF", password="another long password\n")
    assert again.exit_code == 2
    assert "login already" in again.stderr
    assert sql(ROWS) == before
    assert sql("SELECT count(*) FROM team") == [(0,)]


REFUSED = {
    "a short password": ({"password": "short\n"}, "12"),
    "no password": ({"password": ""}, "12"),
    "an overlong password": ({"password": "€" * 300 + "\n"}, "256"),
    "a password in another encoding": ({"password": "仓库里有十二只猫在睡觉呢".encode("gb18030")}, "UTF-8"),
    "what cannot be a login": ({"login": "two words"}, "letters"),
    "a partner": ({"role": "PARTNER"}, "no member of staff"),
}


@pytest.mark.parametrize(("given", "said"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_is_refused_and_nothing_is_written(add, sql, given: dict[str, Any], said: str) -> None:
    done = add(**given)
    assert done.exit_code == 2
    assert said in done.stderr
    assert sql(ROWS) == []


def test_the_help_offers_no_role_that_is_refused() -> None:
    told = CliRunner().invoke(app, ["staff", "add", "--help"], env={"COLUMNS": "200"}).stdout
    assert "REP|SUPPORT|MANAGER|PRIVACY_OFFICER|ADMIN " in told
    assert "PARTNER" not in told


def test_without_a_terminal_the_password_has_to_be_piped(tmp_path: Path) -> None:
    words = ["staff", "add", "--login", "chief", "--name", "顾明", "--role", "ADMIN", "--data-dir", str(tmp_path)]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 2
    assert "--password-stdin" in done.stderr
    assert list(tmp_path.iterdir()) == [], "asked before anything is started"


def test_a_password_is_no_argument(add, sql) -> None:
    assert add("--password", PASSWORD).exit_code == 2
    assert sql(ROWS) == []
