"""Clients that front-end teams use, set up as docs/clients.md says: each signs in, reads, pages, acts, and follows
tickets past the end of its token.
"""

import json
from pathlib import Path

import pytest

HERE = Path(__file__).parent


@pytest.mark.parametrize("client", ["apollo", "graphql_request", "graphql_sse", "relay", "urql"])
def test_the_client_signs_in_reads_pages_acts_and_follows_past_the_end_of_its_token(tell, client: str):
    tell(client)


def test_the_lock_pins_the_clients_and_names_no_registry() -> None:
    lock = (HERE / "package-lock.json").read_text()
    assert "resolved" not in lock
    packages = json.loads(lock)["packages"]
    assert all("integrity" in package for name, package in packages.items() if name)
