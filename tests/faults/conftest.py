"""A house in a database of its own, and the keys to it."""

from collections.abc import AsyncIterator

import pytest

from auth.allowance import Allowance
from auth.sealing.keys import KeyRing, Suite
from server.postgres.database import Database
from tests.api.house import Api, build_house
from tests.conftest import as_serving_role

pytest.register_assert_rewrite("tests.faults.crowd")  # what it checks is told as in a test


@pytest.fixture(scope="session")
def ring() -> KeyRing:
    return KeyRing.generate(Suite.INTL)


@pytest.fixture
async def api(own_database_url: str, ring: KeyRing) -> AsyncIterator[Api]:
    database = Database(as_serving_role(own_database_url))
    yield Api(database, ring, await build_house(database.desks, ring), own_database_url, Allowance())
    await database.close()
