"""Databases for tests that change the schema, spoken to as their owner."""

from collections.abc import Iterator

import psycopg
import pytest
from sqlalchemy import Connection, create_engine
from sqlalchemy.pool import NullPool

from server.postgres import migrations


@pytest.fixture
def monthless_url(empty_database_url) -> str:
    """A database with the newest schema, in which no month has its partition yet."""
    migrations.upgrade(empty_database_url)
    return empty_database_url


@pytest.fixture
def sql(monthless_url) -> Iterator[psycopg.Connection]:
    """A connection to that database; every statement commits."""
    with psycopg.connect(monthless_url, autocommit=True) as connection:
        yield connection


@pytest.fixture
def connect():
    """`connect(url)`: SQLAlchemy's own kind of connection, closed after the test."""
    opened: list[Connection] = []

    def connected(url: str) -> Connection:
        engine = create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(url), poolclass=NullPool)
        opened.append(engine.connect())
        return opened[-1]

    yield connected
    for connection in opened:
        connection.close()
