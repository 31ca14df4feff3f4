"""What goes when its time is over, and what stays until somebody says so."""

from datetime import date

import pytest

from domain.identity import new_id
from server.postgres.migrating import migrate
from server.postgres.partitions import PARTITIONED, ensure_partitions
from tests.migrations.test_partitions import INSERTS, moment

RECORD = """INSERT INTO idempotency_record (caller_id, digest, fingerprint, created_at)
VALUES (gen_random_uuid(), %s, 'fingerprint', now() - %s::interval)"""


def test_migrating_forgets_idempotency_keys_after_a_week_and_not_before(sql, monthless_url):
    sql.execute(RECORD, [b"old", "7 days 1 minute"])
    sql.execute(RECORD, [b"young", "6 days 23 hours"])
    migrate(monthless_url)
    assert sql.execute("SELECT digest FROM idempotency_record").fetchall() == [(b"young",)]


@pytest.mark.parametrize("table", PARTITIONED)
def test_an_old_month_goes_by_dropping_its_partition_and_does_not_come_back(sql, monthless_url, connect, table):
    ensure_partitions(connect(monthless_url), date(2026, 1, 1), 2)
    for month in (1, 2):
        sql.execute(INSERTS[table], [new_id(moment(2026, month, 5))])
    sql.execute(f"DROP TABLE {table}_2026_01")
    migrate(monthless_url)
    homes = sql.execute(f"SELECT tableoid::regclass::text FROM {table}").fetchall()
    assert homes == [(f"{table}_2026_02",)]
    assert sql.execute("SELECT to_regclass(%s)", [f"{table}_2026_01"]).fetchone() == (None,)
