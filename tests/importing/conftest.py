"""An import into the test database, and everything that is in it afterwards."""

from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from auth.sealing.ciphers import Suite
from auth.sealing.keys import KeyRing
from domain.identity import new_id
from server.importing.customers import Wishes, import_customers, rehearse
from server.importing.report import Report

RING = KeyRing.generate(Suite.INTL)
STAFF = [("rep", "李雷", "REP"), ("other_rep", "韩梅", "REP"), ("support", "苏丹", "SUPPORT")]

Import = Callable[..., Report]


@pytest.fixture
def ring() -> KeyRing:
    return RING


@pytest.fixture
def staff(database_url: str) -> dict[str, object]:
    """The ids of some staff, by login."""
    ids = {login: new_id() for login, _, _ in STAFF}
    with psycopg.connect(database_url) as connection:
        connection.cursor().executemany(
            "INSERT INTO staff_member (id, login, name, role, active, created_at) VALUES (%s, %s, %s, %s, true, now())",
            [(ids[login], login, name, role) for login, name, role in STAFF],
        )
    return ids


@pytest.fixture
def load(database_url: str, staff: object) -> Import:
    """`load(path, source=…)`: the report of an import."""

    def loaded(path: Path, **wishes: str) -> Report:
        return import_customers(path, Wishes(**wishes), database_url, RING, lambda _: None)

    return loaded


@pytest.fixture
def rehearsed(database_url: str, staff: object) -> Import:
    """`rehearsed(path, source=…)`: the report of a dry run."""

    def report(path: Path, **wishes: str) -> Report:
        return rehearse(path, Wishes(**wishes), database_url, RING, lambda _: None)

    return report


@pytest.fixture
def sql(database_url: str, staff: object):
    """`sql("SELECT …", value)`: rows."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        yield lambda statement, *values: connection.execute(statement, values or None).fetchall()


@pytest.fixture
def dump(sql):
    """`dump()`: every row of every table as text."""

    def dumped() -> str:
        tables = sql("SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace")
        return "\n".join(row[0] for (table,) in tables for row in sql(f'SELECT t::text FROM "{table}" t'))

    return dumped
