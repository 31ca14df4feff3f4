"""The tests' own ground: what one test commits, the next one does not see; what migrations bring stays."""

from uuid import uuid4

import psycopg
import pytest


@pytest.mark.parametrize("time", ["first", "second"])
def test_what_a_test_commits_is_gone_before_the_next(database_url: str, time: str) -> None:
    with psycopg.connect(database_url) as connection:
        assert connection.execute("SELECT count(*) FROM team").fetchone() == (0,)
        connection.execute("INSERT INTO team (id, name) VALUES (%s, %s)", [uuid4(), time])


def test_registers_come_with_the_migrations_and_stay(database_url: str, sweep) -> None:
    with psycopg.connect(database_url, autocommit=True) as connection:
        before = connection.execute("SELECT count(*) FROM purpose").fetchone()
        sweep()
        assert connection.execute("SELECT count(*) FROM purpose").fetchone() == before != (0,)
