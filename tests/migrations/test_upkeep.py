"""What every start tidies up."""

import psycopg

from server.migrating import migrate

RECORD = """
    INSERT INTO idempotency_record (caller_id, digest, fingerprint, outcome, created_at)
    VALUES (gen_random_uuid(), %s, '', '{}', now() - %s::interval)
"""


def test_a_key_can_be_repeated_for_a_week_and_is_then_forgotten(own_database_url: str) -> None:
    with psycopg.connect(own_database_url) as connection:
        connection.execute(RECORD, [b"young", "6 days"])
        connection.execute(RECORD, [b"old", "8 days"])
    migrate(own_database_url)
    with psycopg.connect(own_database_url) as connection:
        assert connection.execute("SELECT digest FROM idempotency_record").fetchall() == [(b"young",)]
