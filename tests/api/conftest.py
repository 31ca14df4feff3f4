"""The house, freshly built for each test, and the way to ask in it."""

from collections.abc import AsyncIterator, Callable

import pytest

from auth.allowance import Allowance
from auth.sealing.keys import KeyRing, Suite
from server.postgres.database import Database
from tests.api.house import Api, House, build_house


@pytest.fixture(scope="session")
def ring() -> KeyRing:
    return KeyRing.generate(Suite.INTL)


@pytest.fixture(scope="session")
async def database(serving_url: str) -> AsyncIterator[Database]:
    """As the role that serves: an act that needs more than its privileges fails here."""
    database = Database(serving_url)
    yield database
    await database.close()


@pytest.fixture
async def house(database: Database, ring: KeyRing) -> House:
    return await build_house(database.desks, ring)


@pytest.fixture
def api_with(database: Database, ring: KeyRing, house: House, database_url: str) -> Callable[[Allowance], Api]:
    """A process with another allowance."""
    return lambda allowance: Api(database, ring, house, database_url, allowance)


@pytest.fixture
def api(api_with: Callable[[Allowance], Api]) -> Api:
    return api_with(Allowance())
