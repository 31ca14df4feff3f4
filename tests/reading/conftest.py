"""One filled database per worker for the whole folder, read only: no other test's sweep reaches it."""

from collections.abc import AsyncIterator, Iterator

import pytest

from auth.sealing.ciphers import Suite
from auth.sealing.keys import KeyRing
from server.postgres.database import Database
from tests.conftest import _cloned
from tests.reading.comparing import Both
from tests.reading.data import World, fill
from tests.reading.reader import Reader


@pytest.fixture(scope="session")
def reading_url(server_url: str, template: str) -> Iterator[str]:
    with _cloned(server_url, template) as url:
        yield url


@pytest.fixture(scope="session")
def ring() -> KeyRing:
    return KeyRing.generate(Suite.INTL)


@pytest.fixture(scope="session")
async def database(reading_url: str) -> AsyncIterator[Database]:
    database = Database(reading_url)
    yield database
    await database.close()


@pytest.fixture(scope="session")
async def world(database: Database, ring: KeyRing) -> World:
    return await fill(database.engine, ring)


@pytest.fixture(scope="session")
def reader(database: Database, ring: KeyRing) -> Reader:
    """The way in that keeps its plans for the whole folder."""
    return Reader(database, ring)


@pytest.fixture(scope="session")
def both(world: World, reader: Reader) -> Both:
    return Both(world, reader)
