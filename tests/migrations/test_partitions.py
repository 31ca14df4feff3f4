"""What only grows: a partition per month, a default one for the rest, and no way to change what is written."""

from datetime import UTC, date, datetime
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import text

from domain.identity import new_id, shaped_id
from server.postgres.migrating import migrate
from server.postgres.partitions import PARTITIONED, ensure_partitions, first_id

EVENT = "INSERT INTO event (id, kind, at, customer_id, fields) VALUES (%s, 'CREATED', now(), gen_random_uuid(), '{}')"
LOOK = """INSERT INTO access_log
(id, at, viewer_id, viewer_kind, subject_id, subject_kind, customer_id, field, purpose, reason) VALUES
(%s, now(), gen_random_uuid(), 'stf', gen_random_uuid(), 'cus', gen_random_uuid(), 'MOBILE', 'SERVICE', '回电')"""
AUDIT = "INSERT INTO audit (id, at, viewer_kind, act, outcome) VALUES (%s, now(), 'stf', 'transfer', 'done')"
INSERTS = {"event": EVENT, "access_log": LOOK, "audit": AUDIT}


def moment(*when: int) -> int:
    return int(datetime(*when, tzinfo=UTC).timestamp() * 1000)


def homes(sql, table: str = "event") -> dict[UUID, str]:
    """Where each row lies."""
    return dict(sql.execute(f"SELECT id, tableoid::regclass::text FROM {table}").fetchall())


def partitions(sql, table: str = "event") -> list[str]:
    found = sql.execute(
        "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = %s::regclass ORDER BY 1", [table]
    )
    return [row[0] for row in found]


def test_the_growing_tables_are_those_that_the_domain_partitions():
    assert sorted(PARTITIONED) == ["access_log", "audit", "event"]


def test_partitions_are_made_for_months_and_over_the_new_year(sql, monthless_url, connect):
    assert ensure_partitions(connect(monthless_url), date(2025, 11, 30), 3) == []
    for table in PARTITIONED:
        assert partitions(sql, table) == [
            f"{table}_2025_11",
            f"{table}_2025_12",
            f"{table}_2026_01",
            f"{table}_default",
        ]


def test_making_them_again_makes_only_what_is_missing(sql, monthless_url, connect):
    connection = connect(monthless_url)
    ensure_partitions(connection, date(2026, 1, 1), 2)
    assert ensure_partitions(connection, date(2026, 1, 31), 3) == []
    assert partitions(sql) == ["event_2026_01", "event_2026_02", "event_2026_03", "event_default"]


@pytest.mark.parametrize("table", INSERTS)
def test_a_row_goes_to_the_month_of_its_id_to_the_millisecond(sql, monthless_url, connect, table):
    ensure_partitions(connect(monthless_url), date(2026, 1, 1), 2)
    lowest, highest = 0, 2**74 - 1
    wanted = {
        shaped_id(moment(2026, 1, 1) - 1, highest): f"{table}_default",
        shaped_id(moment(2026, 1, 1), lowest): f"{table}_2026_01",
        shaped_id(moment(2026, 2, 1) - 1, highest): f"{table}_2026_01",
        shaped_id(moment(2026, 2, 1), lowest): f"{table}_2026_02",
        shaped_id(moment(2026, 3, 1) - 1, highest): f"{table}_2026_02",
        shaped_id(moment(2026, 3, 1), lowest): f"{table}_default",
        shaped_id(moment(1997, 1, 1), lowest): f"{table}_default",
    }
    for identity in wanted:
        sql.execute(INSERTS[table], [identity])
    assert homes(sql, table) == wanted


def test_the_first_id_of_a_month_is_below_every_id_of_it():
    assert first_id(date(2026, 5, 17)) == UUID(int=moment(2026, 5, 1) << 80)
    assert first_id(date(2026, 5, 1)) < shaped_id(moment(2026, 5, 1), 0)


def test_a_month_whose_rows_lie_in_the_default_partition_is_left_there_with_a_warning(sql, monthless_url, connect):
    early = new_id(moment(2026, 2, 14))
    sql.execute(EVENT, [early])
    connection = connect(monthless_url)
    [warning] = ensure_partitions(connection, date(2026, 1, 1), 3)
    assert "event_2026_02" in warning
    assert str(early) not in warning
    assert partitions(sql) == ["event_2026_01", "event_2026_03", "event_default"]
    assert "audit_2026_02" in partitions(sql, "audit")
    assert homes(sql) == {early: "event_default"}
    assert len(ensure_partitions(connection, date(2026, 1, 1), 3)) == 1


def test_a_table_that_stays_locked_delays_no_start(monthless_url, connect, monkeypatch):
    monkeypatch.setattr("server.postgres.partitions.PATIENCE", text("SET LOCAL lock_timeout = '50ms'"))
    with psycopg.connect(monthless_url) as reader:
        reader.execute("LOCK TABLE audit IN ACCESS SHARE MODE")
        warnings = ensure_partitions(connect(monthless_url), date(2026, 1, 1), 1)
    assert [warning.split(":")[0] for warning in warnings] == ["audit_2026_01"]


def test_migrating_makes_room_from_last_month_to_half_a_year_ahead(sql, monthless_url):
    migrate(monthless_url)
    made = [name for name in partitions(sql) if name != "event_default"]
    today = datetime.now(UTC)
    months = [today.year * 12 + today.month - 1 + ahead for ahead in range(-1, 7)]
    assert made == [f"event_{month // 12}_{month % 12 + 1:02}" for month in months]
    sql.execute(EVENT, [new_id()])
    assert list(homes(sql).values()) == [f"event_{today:%Y_%m}"]


def test_migrating_goes_on_where_a_month_cannot_have_its_partition(sql, monthless_url):
    sql.execute(EVENT, [new_id()])
    migrate(monthless_url)
    assert len(partitions(sql)) == 8
    assert len(partitions(sql, "audit")) == 9


@pytest.mark.parametrize("table", INSERTS)
@pytest.mark.parametrize("where", ["the month's", "the default"])
def test_what_is_written_is_neither_changed_nor_removed(sql, monthless_url, connect, table, where):
    ensure_partitions(connect(monthless_url), date(2026, 1, 1), 1)
    identity = new_id(moment(2026, 1, 5) if where == "the month's" else moment(2020, 1, 5))
    sql.execute(INSERTS[table], [identity])
    home = homes(sql, table)[identity]
    for statement in (
        f"UPDATE {table} SET at = now()",
        f"UPDATE {home} SET at = now()",
        f"DELETE FROM {table}",
        f"DELETE FROM {home}",
        f"TRUNCATE {table}",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="append-only"):
            sql.execute(statement)
    assert list(homes(sql, table)) == [identity]


@pytest.mark.parametrize("table", INSERTS)
def test_no_setting_opens_what_is_written(sql, table):
    sql.execute(INSERTS[table], [new_id()])
    sql.execute("SET zhike.maintenance = 'on'")
    for statement in (f"UPDATE {table} SET at = now()", f"DELETE FROM {table}", f"TRUNCATE {table}"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="append-only"):
            sql.execute(statement)


@pytest.mark.parametrize("table", INSERTS)
def test_the_owner_may_lift_the_lock_for_one_transaction(sql, monthless_url, connect, table):
    ensure_partitions(connect(monthless_url), datetime.now(UTC).date(), 1)
    for id_ in (new_id(), new_id(moment(2020, 1, 5))):
        sql.execute(INSERTS[table], [id_])
    with sql.transaction():
        sql.execute(f"ALTER TABLE {table} DISABLE TRIGGER {table}_stays")
        sql.execute(f"DELETE FROM {table}")
        sql.execute(f"ALTER TABLE {table} ENABLE TRIGGER {table}_stays")
    assert homes(sql, table) == {}
    sql.execute(INSERTS[table], [new_id()])
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        sql.execute(f"DELETE FROM {table}")


def test_an_event_carries_the_transaction_that_wrote_it(sql):
    with sql.transaction():
        sql.execute(EVENT, [new_id()])
        [(written, current)] = sql.execute("SELECT xact, pg_current_xact_id()::text::bigint FROM event").fetchall()
    assert written == current
