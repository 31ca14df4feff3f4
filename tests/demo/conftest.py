"""One demo for the folder, read only, and its application."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from starlette.testclient import TestClient

from auth.sealing.keys import KeyRing, Suite
from server.commands.demo import sign_ins
from server.composition import application
from server.demo.seeding import seed
from server.installation import Installation
from server.settings import Settings
from tests.conftest import _cloned


@pytest.fixture(scope="session")
def ring() -> KeyRing:
    return KeyRing.generate(Suite.INTL)


@pytest.fixture(scope="session")
def demo_url(server_url: str, template: str, ring: KeyRing) -> Iterator[str]:
    with _cloned(server_url, template) as url:
        seed(url, ring)
        yield url


@pytest.fixture
def rows(demo_url: str):
    """`rows("SELECT …")`."""
    with psycopg.connect(demo_url) as connection:
        yield lambda asked, *given: connection.execute(asked, given or None).fetchall()


@pytest.fixture(scope="session")
def ask(demo_url: str, ring: KeyRing):
    """`ask("rep", "{ … }")`: the data of the reply."""
    installation = Installation(Settings(), demo_url, ring, None)
    tokens = {person.login: person.token for person in sign_ins(installation)}
    with TestClient(application(installation)) as client:

        def asking(login: str, query: str, variables: dict[str, Any] | None = None) -> Any:
            sent = {"query": query, "variables": variables or {}}
            reply = client.post("/graphql", json=sent, headers={"authorization": f"Bearer {tokens[login]}"}).json()
            assert "errors" not in reply, reply
            return reply["data"]

        yield asking
