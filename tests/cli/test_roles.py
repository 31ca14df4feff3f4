"""Commands work as two roles: the owner migrates, backs up and restores, the other one serves."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from starlette.applications import Starlette

from domain.identity import public_id
from domain.import_batch import ImportBatch
from server.commands import running
from tests.conftest import SERVING, as_serving_role

OWNER_SETS = ("", "SET zhike.maintenance = 'on'; ")


@pytest.fixture
def where(zhike, empty_database_url: str, tmp_path: Path) -> dict[str, str]:
    """A migrated database, told as production is told it."""
    zhike("keys", "create", str(tmp_path / "keys.json"))
    told = {
        "ZHIKE_DATABASE_URL": as_serving_role(empty_database_url),
        "ZHIKE_MIGRATION_DATABASE_URL": empty_database_url,
        "ZHIKE_KEYS_FILE": str(tmp_path / "keys.json"),
        "ZHIKE_LOG_LEVEL": "warning",
    }
    assert zhike("migrate", **told).exit_code == 0
    return told


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Starlette]]:
    """What `zhike serve` would serve, without serving it."""
    apps: list[Starlette] = []
    monkeypatch.setattr(running, "serve_on", lambda app, *_: apps.append(app))
    monkeypatch.setattr(running, "stop_on_sigterm", lambda: None)
    return iter([apps])


@pytest.fixture
def serve(zhike, served) -> Callable[..., Any]:
    """`serve(**environment)`: the command's result, and whether it would have served."""
    apps = next(served)

    def run(**environment: str) -> tuple[Any, bool]:
        done = zhike("serve", "--port", "0", **environment)
        return done, bool(apps)

    return run


def test_production_serves_as_the_role_that_owns_nothing(serve, where) -> None:
    done, serves = serve(**where, ZHIKE_ENVIRONMENT="production")
    assert (done.exit_code, serves, done.stderr) == (0, True, "")


@pytest.mark.parametrize("told", [{}, {"ZHIKE_MIGRATION_DATABASE_URL": ""}])
def test_production_does_not_serve_as_the_owner_and_says_what_to_do(serve, where, told) -> None:
    owner = {**where, "ZHIKE_DATABASE_URL": where["ZHIKE_MIGRATION_DATABASE_URL"], **told}
    done, serves = serve(**owner, ZHIKE_ENVIRONMENT="production")
    assert (done.exit_code, serves) == (2, False)
    for words in ("ZHIKE_MIGRATION_DATABASE_URL", "所有者", "owner", "zhike migrate"):
        assert words in done.stderr
    assert "postgresql://" not in done.stderr


def test_development_may_serve_as_the_owner_and_the_log_tells_of_it(serve, where, capfd) -> None:
    owner = {**where, "ZHIKE_DATABASE_URL": where["ZHIKE_MIGRATION_DATABASE_URL"], "ZHIKE_MIGRATION_DATABASE_URL": ""}
    done, serves = serve(**owner)
    assert (done.exit_code, serves) == (0, True)
    assert "serving_as_owner" in done.stderr


def test_the_owner_s_url_alone_is_refused(zhike, where) -> None:
    done = zhike("migrate", ZHIKE_MIGRATION_DATABASE_URL=where["ZHIKE_MIGRATION_DATABASE_URL"])
    assert done.exit_code == 2
    assert "ZHIKE_DATABASE_URL" in done.stderr


def test_all_commands_work_as_two_roles(zhike, where, own_database_url: str, tmp_path: Path) -> None:
    def done(*arguments: str, ends_with: int = 0, **more: str) -> None:
        result = zhike(*arguments, **{**where, **more})
        assert result.exit_code == ends_with, result.output

    done("seed")
    done("token", "--login", "rep")
    some_rejected = 1
    export = ("tests/data/customers_export.csv", "--basis", "CONTRACT", "--lenient")
    done("import", "customers", *export, ends_with=some_rejected)
    done("import", "list")
    with psycopg.connect(where["ZHIKE_DATABASE_URL"]) as connection:
        [(batch,)] = connection.execute("SELECT id FROM import_batch").fetchall()
    done("import", "undo", public_id(ImportBatch.PREFIX, batch))
    data, keys = tmp_path / "data", tmp_path / "keys"
    done("backup", "--data", str(data), "--keys", str(keys))
    fresh = own_database_url
    with psycopg.connect(fresh, autocommit=True) as connection:
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")
    elsewhere = {"ZHIKE_DATABASE_URL": as_serving_role(fresh), "ZHIKE_MIGRATION_DATABASE_URL": fresh}
    done("restore", "--data", str(data), "--keys", str(keys), **elsewhere)
    with psycopg.connect(as_serving_role(fresh)) as connection:
        assert connection.execute("SELECT current_user").fetchone() == (SERVING,)
        assert connection.execute("SELECT count(*) FROM customer").fetchone() == (200,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("SET zhike.maintenance = 'on'; UPDATE event SET xact = 0")


def test_the_demo_serves_as_a_role_that_rewrites_nothing(demo) -> None:
    started = demo("--port", "0")
    for first in OWNER_SETS:
        with psycopg.connect(started.told["database"], autocommit=True) as connection:
            assert connection.execute("SELECT current_setting('is_superuser')").fetchone() == ("off",)
            for statement in ("UPDATE audit SET outcome = 'x'", "DELETE FROM access_log", "TRUNCATE event"):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    connection.execute(first + statement)
