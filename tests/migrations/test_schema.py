"""The migrations make the schema that the mapped classes declare, and take it back."""

import os
import subprocess
import sys
from datetime import UTC, datetime

import psycopg
import pytest
from alembic import command

from domain.identity import new_id
from domain.purpose import PURPOSES
from domain.tables import Base
from domain.tier import TIERS
from server.postgres import migrations
from server.postgres.migrating import migrate
from server.postgres.partitions import ensure_partitions

TABLES = "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'S')"
OWN_FUNCTIONS = "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace"

# What `alembic check` does not look at, as the server prints it: keys, expressions, predicates, what checks demand.
# From PostgreSQL 18 on, NOT NULL is a constraint with a name of its own.
CATALOG = """
SELECT 'column', relname, attname, format_type(atttypid, atttypmod), attnotnull::text, attgenerated::text,
       pg_get_expr(adbin, adrelid)
  FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
  LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
 WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition AND attnum > 0
UNION ALL
SELECT 'constraint', relname, conname, contype::text, pg_get_constraintdef(pg_constraint.oid), '', ''
  FROM pg_constraint JOIN pg_class ON pg_class.oid = conrelid
 WHERE relnamespace = 'public'::regnamespace AND NOT relispartition AND contype <> 'n'
UNION ALL
SELECT 'index', tables.relname, indexes.relname, pg_get_indexdef(indexes.oid), '', '', ''
  FROM pg_index JOIN pg_class tables ON tables.oid = indrelid JOIN pg_class indexes ON indexes.oid = indexrelid
 WHERE tables.relnamespace = 'public'::regnamespace AND NOT tables.relispartition
UNION ALL
SELECT 'table', relname, relkind::text, coalesce(pg_get_partkeydef(oid), ''), '', '', ''
  FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'S') AND NOT relispartition
"""


def listed(url: str, query: str) -> set[tuple]:
    with psycopg.connect(url) as connection:
        return {row for row in connection.execute(query) if "alembic_version" not in row}


def test_up_down_and_up_again_on_a_fresh_database(empty_database_url):
    config = migrations.config(empty_database_url)
    command.upgrade(config, "head")
    first = listed(empty_database_url, CATALOG)
    command.downgrade(config, "base")
    assert listed(empty_database_url, TABLES) == set()
    assert listed(empty_database_url, OWN_FUNCTIONS) == set()
    command.upgrade(config, "head")
    assert listed(empty_database_url, CATALOG) == first


def test_alembic_finds_no_drift_also_when_months_have_partitions(empty_database_url):
    migrate(empty_database_url)
    command.check(migrations.config(empty_database_url))


DRIFT = {
    "ALTER TABLE tag ADD COLUMN extra text": "remove_column",
    "ALTER TABLE ticket ALTER COLUMN number SET DEFAULT 'T'": "modify_default",
    "ALTER TABLE ticket DROP CONSTRAINT ck_ticket_ticketstatus": "ck_ticket_ticketstatus",
    "ALTER TABLE customer ALTER COLUMN version TYPE bigint": "modify_type",
    "DROP INDEX ix_ticket_team_id_customer_id": "ix_ticket_team_id_customer_id",
    "DROP INDEX ix_customer_name_buckets": "ix_customer_name_buckets",
    "CREATE TABLE event_delivery (id uuid)": "event_delivery",
}


def test_alembic_finds_drift_where_there_is_some(sql, monthless_url):
    # In a process of its own: what Alembic misses, it adds to the metadata that everybody shares.
    for statement in DRIFT:
        sql.execute(statement)
    checked = subprocess.run(
        [sys.executable, "-m", "alembic", "check"],
        cwd=migrations.FOLDER.parent,
        env=os.environ | {"ZHIKE_DATABASE_DIRECT_URL": monthless_url},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    said = checked.stdout + checked.stderr
    assert checked.returncode != 0
    assert [found for found in DRIFT.values() if found not in said] == []


def test_the_migrated_schema_is_the_declared_one_to_the_letter(own_database_url, empty_database_url, connect):
    with connect(empty_database_url) as connection:
        Base.metadata.create_all(connection)
        connection.commit()
    assert listed(own_database_url, CATALOG) == listed(empty_database_url, CATALOG)


def test_several_processes_may_migrate_an_empty_database_at_once(empty_database_url):
    command_line = [
        sys.executable,
        "-c",
        "import sys, server.postgres.migrating as m; m.migrate(sys.argv[1])",
        empty_database_url,
    ]
    processes = [subprocess.Popen(command_line, cwd=migrations.FOLDER.parent) for _ in range(3)]
    assert [process.wait(timeout=60) for process in processes] == [0, 0, 0]
    assert listed(empty_database_url, "SELECT count(*) FROM tier") == {(3,)}
    assert listed(empty_database_url, "SELECT count(*) FROM pg_class WHERE relispartition AND relkind = 'r'") == {(27,)}


def test_the_registers_are_filled_with_what_the_domain_names(sql):
    tiers = {(row[0], row[1], row[2]) for row in sql.execute("SELECT code, id, name FROM tier")}
    assert tiers == {(code.value, identity, name) for code, (identity, name) in TIERS.items()}
    assert dict(sql.execute("SELECT code, name FROM purpose").fetchall()) == PURPOSES


def test_a_ticket_gets_a_number_of_eight_digits(sql):
    number = sql.execute(
        "SELECT pg_get_expr(adbin, adrelid) FROM pg_attrdef WHERE adrelid = 'ticket'::regclass"
    ).fetchone()[0]
    assert sql.execute(f"SELECT {number}").fetchone() == ("T00000001",)


def test_an_absent_value_sorts_below_every_other(sql):
    sql.execute(
        """INSERT INTO customer
           (id, kind, basis, name_buckets, created_at, updated_at, version, score, last_interaction_at)
           VALUES (gen_random_uuid(), 'PERSON', 'CONTRACT', '{}', now(), now(), 1, 0, '1998-01-01Z'),
                  (gen_random_uuid(), 'PERSON', 'CONTRACT', '{}', now(), now(), 1, NULL, NULL)"""
    )
    for order in ("score_rank", "last_interaction_rank"):
        rows = sql.execute(f"SELECT score FROM customer ORDER BY {order}").fetchall()
        assert rows == [(None,), (0,)]


def test_without_a_url_the_environment_names_the_database(empty_database_url, monkeypatch):
    config = migrations.config(empty_database_url)
    del config.attributes["url"]
    monkeypatch.setenv("ZHIKE_DATABASE_URL", "postgresql:///never?host=/nowhere")
    monkeypatch.setenv("ZHIKE_DATABASE_DIRECT_URL", empty_database_url)
    command.upgrade(config, "head")
    assert ("tier",) in listed(empty_database_url, TABLES)


def test_without_any_url_nothing_is_migrated_and_the_setting_is_named(monkeypatch):
    config = migrations.config("")
    monkeypatch.delenv("ZHIKE_DATABASE_URL", raising=False)
    monkeypatch.delenv("ZHIKE_DATABASE_DIRECT_URL", raising=False)
    with pytest.raises(SystemExit, match="ZHIKE_DATABASE_URL"):
        command.upgrade(config, "head")


def test_looks_at_steps_stay_in_the_log_on_the_way_down_and_up_again(monthless_url, sql, connect):
    config = migrations.config(monthless_url)
    ensure_partitions(connect(monthless_url), datetime.now(UTC).date(), 1)
    look = """INSERT INTO access_log
        (id, at, viewer_id, viewer_kind, subject_id, subject_kind, customer_id, field, purpose, reason) VALUES
        (%s, now(), gen_random_uuid(), 'stf', gen_random_uuid(), 'stp', gen_random_uuid(), 'TEXT', 'SERVICE', '回电')"""
    sql.execute(look, [new_id()])
    command.downgrade(config, "0005")
    with pytest.raises(psycopg.errors.CheckViolation):
        sql.execute(look, [new_id()])
    assert sql.execute("SELECT field FROM access_log").fetchall() == [("TEXT",)]
    command.upgrade(config, "head")
    sql.execute(look, [new_id()])
    assert sql.execute("SELECT count(*) FROM access_log").fetchone() == (2,)


def test_words_written_before_they_had_one_form_are_brought_to_it(empty_database_url, connect):
    config = migrations.config(empty_database_url)
    command.upgrade(config, "0006")
    with psycopg.connect(empty_database_url, autocommit=True) as connection:
        regions = ["华东区", "华东", "江苏省", "ＥＡＳＴ ", "浦东新区", None]
        for region in regions:
            connection.execute(
                """INSERT INTO customer
                   (id, kind, basis, name_sealed, name_grams, created_at, updated_at, version, region, industry)
                   VALUES (gen_random_uuid(), 'PERSON', 'CONTRACT', %s, '{7}', now(), now(), 1, %s,
                           ' Retail  trade')""",
                [b"sealed" if region else None, region],
            )
        tags = {name: new_id() for name in ("VIP", "ＶＩＰ", "vip", "新")}
        for name, id_ in tags.items():
            connection.execute("INSERT INTO tag (id, name) VALUES (%s, %s)", [id_, name])
        connection.execute("INSERT INTO customer_tag SELECT customer.id, tag.id FROM customer, tag WHERE name <> 'VIP'")
        command.upgrade(config, "head")
        listed_now = {row[0] for row in connection.execute("SELECT region FROM customer")}
        assert listed_now == {"华东", "江苏", "EAST", "浦东新区", None}
        assert connection.execute("SELECT DISTINCT industry FROM customer").fetchall() == [("Retail trade",)]
        assert set(connection.execute("SELECT id, name FROM tag")) == {(tags["VIP"], "VIP"), (tags["新"], "新")}
        assert connection.execute("SELECT count(*) FROM customer_tag").fetchone() == (12,)
        # Nothing of the old index of names stays; names wait for the new one, what has no name does not.
        waiting = connection.execute("SELECT name_sealed, name_buckets FROM customer").fetchall()
        assert all(buckets == (None if sealed else []) for sealed, buckets in waiting)
