"""One server for the run, a migrated database per worker, real commits, one DELETE after each test.

The server is embedded, shared by the workers and by other runs of this checkout, and deleted with the last of them.
ZHIKE_TEST_DATABASE_URL names another one instead (a superuser's URL, PostgreSQL 15 or newer), ZHIKE_TEST_PROGRAMS a
folder with other programs for the embedded one.
"""

import hashlib
import logging
import os
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
import structlog
from hypothesis import settings
from psycopg import sql

from server.postgres.embedded import running

SERVING = "zhike_tests_app"
CHECKOUT = Path(__file__).resolve().parents[1]

settings.register_profile("zhike", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("zhike")


@pytest.fixture(scope="session")
def server_url() -> Iterator[str]:
    """A superuser's URL of the `postgres` database of the server that the run uses."""
    given = os.environ.get("ZHIKE_TEST_DATABASE_URL")
    if given:
        yield _of(given, "postgres")
        return
    programs = os.environ.get("ZHIKE_TEST_PROGRAMS")
    place = hashlib.sha256(f"{CHECKOUT} {programs}".encode()).hexdigest()[:12]
    folder = Path(tempfile.gettempdir()) / f"zhike-tests-{os.geteuid()}-{place}"
    with running(folder, throwaway=True, programs=Path(programs) if programs else None) as server:
        yield server.url("postgres")


@pytest.fixture(scope="session")
def template(server_url: str) -> str:
    """The name of a migrated database without connections; made once for each state of the sources."""
    # All mapped classes, and only for tests that have a database.
    from server.postgres.migrating import migrate_for_serving  # noqa: PLC0415
    from server.postgres.roles import DatabaseUrls  # noqa: PLC0415

    name = f"zhike_template_{_sources()}"
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(hashtext('zhike template'))")
        if connection.execute("SELECT FROM pg_database WHERE datname = %s", [name]).fetchone() is None:
            draft = f"{name}_draft"
            connection.execute(_names("DROP DATABASE IF EXISTS {} WITH (FORCE)", draft))
            connection.execute(_names("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'", draft))
            migrate_for_serving(DatabaseUrls(as_serving_role(_of(server_url, draft)), _of(server_url, draft)))
            connection.execute(_names("ALTER DATABASE {} RENAME TO {}", draft, name))
    return name


@pytest.fixture(scope="session")
def database_url(server_url: str, template: str) -> Iterator[str]:
    """A migrated database of this worker's own. Whoever uses it finds its tables empty, those of registers excepted."""
    with _cloned(server_url, template) as url:
        yield url


@pytest.fixture(scope="session")
def serving_url(database_url: str) -> str:
    """The same database as the role that serves, which owns nothing."""
    return as_serving_role(database_url)


@pytest.fixture
def own_database_url(server_url: str, template: str) -> Iterator[str]:
    """A migrated database for one test that changes the schema or what no DELETE brings back."""
    with _cloned(server_url, template) as url:
        yield url


@pytest.fixture
def empty_database_url(server_url: str) -> Iterator[str]:
    """A database without any table, for one test."""
    with _cloned(server_url, "template0") as url:
        yield url


@pytest.fixture(autouse=True)
def clean(request: pytest.FixtureRequest) -> Iterator[None]:
    """Empties the tables after each test that used the worker's database."""
    sweep = request.getfixturevalue("sweep") if "database_url" in request.fixturenames else _nothing
    yield
    sweep()


def _nothing() -> None:
    pass


@pytest.fixture(scope="session")
def sweep(database_url: str) -> Iterator["Sweep"]:
    with psycopg.connect(database_url, autocommit=True) as connection:
        # Append-only tables refuse DELETE by trigger; a test that left a transaction open must fail rather than hang.
        connection.execute("SET session_replication_role = replica")
        connection.execute("SET lock_timeout = '10s'")
        yield Sweep(connection)


class Sweep:
    """Empties all mapped tables in one statement, but for the registers, whose rows come with the migrations."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self._connection = connection
        self._statement: sql.Composable | None = None

    def __call__(self) -> None:
        self._statement = self._statement or self._deletes()
        self._connection.execute(self._statement)

    def _deletes(self) -> sql.Composable:
        from domain.tables import Base  # noqa: PLC0415 - see above

        there = {row[0] for row in self._connection.execute("SELECT relname FROM pg_class WHERE relkind IN ('r', 'p')")}
        tables = [table for table in reversed(Base.metadata.sorted_tables) if not table.info.get("register")]
        deletes = [_names("DELETE FROM {}", table.name) for table in tables if table.name in there]
        return sql.SQL("; ").join([*deletes, *_as_migrated()])


UNCHANGED = "version = 1, changed_at = NULL, changed_by_id = NULL, reason = NULL"


def _as_migrated() -> Iterator[sql.Composable]:
    """What brings the registers back that acts change: routes to nobody, each setting as it begins."""
    from domain.business_setting import SETTINGS  # noqa: PLC0415 - see above

    yield sql.SQL(f"UPDATE ticket_route SET team_id = NULL, {UNCHANGED} WHERE version <> 1 OR team_id IS NOT NULL")
    for name, bounds in SETTINGS.items():
        begun, setting = sql.Literal(bounds.default), sql.Literal(name.value)
        changed = f"UPDATE business_setting SET value = {{0}}, {UNCHANGED}"
        yield sql.SQL(changed + " WHERE name = {1} AND (version <> 1 OR value <> {0})").format(begun, setting)


@contextmanager
def _cloned(server_url: str, template: str) -> Iterator[str]:
    name = f"zhike_test_{uuid.uuid4().hex[:16]}"
    _alone(server_url, _names("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY", name, template))
    yield _of(server_url, name)
    _alone(server_url, _names("DROP DATABASE {} WITH (FORCE)", name))


def _alone(server_url: str, statement: sql.Composable) -> None:
    """One copy of the template at a time: PostgreSQL refuses while others are at it."""
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(hashtext('zhike template'))")
        connection.execute(statement)


def _names(statement: str, *names: str) -> sql.Composable:
    return sql.SQL(statement).format(*map(sql.Identifier, names))  # type: ignore[arg-type]


def as_serving_role(url: str) -> str:
    """The URL for the role that serves, with the password of the owner's."""
    parts = urlsplit(url)
    secret = f":{parts.password}" if parts.password else ""
    return urlunsplit(parts._replace(netloc=f"{SERVING}{secret}@{parts.netloc.rpartition('@')[2]}"))


def _of(url: str, database: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{database}"))


def _sources() -> str:
    digest = hashlib.sha256()
    roles = CHECKOUT / "server" / "postgres" / "roles.py"
    for path in (
        roles,
        *(path for folder in ("alembic", "domain") for path in sorted((CHECKOUT / folder).rglob("*.py"))),
    ):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


@pytest.fixture(autouse=True)
def log_of_its_own() -> Iterator[None]:
    """A command that ran within a test leaves its log on a standard error that is closed by the next test."""
    yield
    root = logging.getLogger()
    root.handlers = [one for one in root.handlers if not type(one).__module__.startswith("server.")]
    structlog.reset_defaults()
