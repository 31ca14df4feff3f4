"""`zhike rescan` from the command line: it says how far it is, names what somebody has to correct, and ends well."""

from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from auth.sealing.keys import KeyRing, Suite
from domain.identity import new_id, public_id


@pytest.fixture
def rescan(zhike: Callable[..., Any], database_url: str) -> Callable[[], Any]:
    ring = KeyRing.generate(Suite.INTL).dump()
    return lambda: zhike("rescan", ZHIKE_DATABASE_URL=database_url, ZHIKE_KEYS=ring)


def test_each_text_is_gone_through_once_and_what_somebody_has_to_correct_is_named(rescan, database_url: str) -> None:
    customer, tag = new_id(), new_id()
    with psycopg.connect(database_url) as connection:
        connection.execute("INSERT INTO tag (id, name) VALUES (%s, '回拨 138/1234/5678')", [tag])
        connection.execute(
            "INSERT INTO customer (id, kind, basis, external_id, created_at, updated_at, version)"
            " VALUES (%s, 'PERSON', 'CONTRACT', '138/1234/5678', now(), now(), 1)",
            [customer],
        )
    first = rescan()
    assert first.exit_code == 0, first.output
    assert "tag.name: 已读 1，更正 1 / 1 read, 1 found" in first.output
    assert public_id("cus", customer) in first.output
    assert "138" not in first.output.replace(public_id("cus", customer), "")
    assert "The rescan is done" in first.output
    again = rescan()
    assert again.exit_code == 0
    assert "read" not in again.output
    with psycopg.connect(database_url) as connection:
        assert connection.execute("SELECT name FROM tag WHERE id = %s", [tag]).fetchone() == ("回拨 138****5678",)
