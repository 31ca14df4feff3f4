"""The role that serves does its work and no more: it owns nothing and rewrites nothing that happened."""

from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from domain.errors import WrongState
from domain.identity import new_id
from domain.tables import Base
from server.postgres.migrating import migrate_for_serving
from server.postgres.partitions import PARTITIONED
from server.postgres.roles import (
    APPEND,
    WRITE,
    DatabaseUrls,
    grant_serving,
    may_do_too_much,
    privileges,
    refuse_owner,
)
from tests.conftest import SERVING, as_serving_role
from tests.migrations.test_partitions import INSERTS

REFUSED = psycopg.errors.InsufficientPrivilege


@pytest.fixture
def urls(own_database_url: str) -> DatabaseUrls:
    return DatabaseUrls(as_serving_role(own_database_url), own_database_url)


@pytest.fixture
def serving(urls: DatabaseUrls) -> Iterator[psycopg.Connection]:
    """A connection of the role that serves; every statement commits."""
    with psycopg.connect(urls.serving, autocommit=True) as connection:
        yield connection


@pytest.fixture
def role(urls: DatabaseUrls) -> Iterator[str]:
    """The name of a role that is not there yet, and is gone after the test."""
    name = f"zhike_test_{uuid4().hex[:12]}"
    yield name
    with psycopg.connect(urls.owner, autocommit=True) as connection:
        if connection.execute("SELECT FROM pg_roles WHERE rolname = %s", [name]).fetchone():
            connection.execute(sql.SQL("DROP OWNED BY {}").format(sql.Identifier(name)))
            connection.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(name)))


CHANGES = (
    "UPDATE {table} SET at = now()",
    "DELETE FROM {table}",
    "TRUNCATE {table}",
    "UPDATE {month} SET at = now()",
    "DELETE FROM {month}",
    "DROP TABLE {month}",
    "ALTER TABLE {table} DETACH PARTITION {month}",
    "ALTER TABLE {table} DISABLE TRIGGER {table}_stays",
    "ALTER TABLE {table} DISABLE TRIGGER ALL",
    "DROP TRIGGER {table}_stays ON {table}",
    "SET session_replication_role = replica",
    "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN OLD; END'",
    "ALTER TABLE {table} OWNER TO CURRENT_USER",
    "INSERT INTO {table} SELECT * FROM {table} ON CONFLICT (id) DO UPDATE SET at = now()",
    "MERGE INTO {table} t USING (SELECT 1) s ON true WHEN MATCHED THEN DELETE",
)


@pytest.mark.parametrize("table", PARTITIONED)
def test_what_happened_is_added_to_and_never_rewritten_whatever_the_session_sets(serving, urls, table):
    id_ = new_id()
    serving.execute(INSERTS[table], [id_])
    serving.execute("SET zhike.maintenance = 'on'")
    month = f"{table}_{datetime.now(UTC):%Y_%m}"
    for change in CHANGES:
        with pytest.raises(REFUSED):
            serving.execute(change.format(table=table, month=month))
    serving.execute(f"GRANT UPDATE ON {table} TO CURRENT_USER")  # no error, only a warning that nothing was granted
    with psycopg.connect(urls.owner) as owner:
        assert owner.execute(f"SELECT id FROM {table}").fetchall() == [(id_,)]
        assert owner.execute("SELECT has_table_privilege(%s, %s, 'UPDATE')", [SERVING, table]).fetchone() == (False,)


def test_it_becomes_no_other_role_and_makes_no_tables(serving):
    owner = serving.execute("SELECT tableowner FROM pg_tables WHERE tablename = 'audit'").fetchone()[0]
    for statement in (f'SET ROLE "{owner}"', f'SET SESSION AUTHORIZATION "{owner}"', "CREATE TABLE extra (id int)"):
        with pytest.raises(REFUSED):
            serving.execute(statement)


def test_reference_data_is_read_and_all_else_is_written(serving):
    for statement in ("UPDATE tier SET name = 'x'", "DELETE FROM purpose", "UPDATE installation SET epoch = epoch"):
        with pytest.raises(REFUSED):
            serving.execute(statement)
    serving.execute("UPDATE customer SET version = version")
    serving.execute("SELECT nextval('ticket_number')")


def test_every_table_of_ours_has_its_privileges(urls):
    asked = "SELECT privilege_type FROM information_schema.role_table_grants WHERE grantee = %s AND table_name = %s"
    with psycopg.connect(urls.owner) as owner:
        for table in Base.metadata.tables.values():
            held = {row[0] for row in owner.execute(asked, [SERVING, table.name])}
            assert held == set(privileges(table).split(", ")), table.name
        assert {privileges(table) for table in Base.metadata.tables.values() if table.name in PARTITIONED} == {APPEND}
        assert privileges(Base.metadata.tables["customer"]) == WRITE


def test_migrating_makes_the_role_with_the_password_of_its_url(urls, role):
    wanted = DatabaseUrls(make_conninfo(urls.owner, user=role, password="a-password"), urls.owner)
    migrate_for_serving(wanted)
    migrate_for_serving(wanted)
    with psycopg.connect(wanted.serving) as connection:
        assert connection.execute("SELECT current_user, count(*) FROM customer").fetchone() == (role, 0)
    with psycopg.connect(urls.owner) as owner:
        stored = owner.execute("SELECT rolpassword, rolsuper FROM pg_authid WHERE rolname = %s", [role]).fetchone()
    assert stored[0].startswith("SCRAM-SHA-256$")
    assert stored[1] is False
    assert not may_do_too_much(wanted.serving)


def test_migrating_takes_back_what_the_role_had_besides(urls):
    with psycopg.connect(urls.owner, autocommit=True) as owner:
        owner.execute(f"GRANT UPDATE, DELETE ON audit TO {SERVING}")
        assert may_do_too_much(urls.serving)
        grant_serving(urls)
        assert not may_do_too_much(urls.serving)


def test_an_owner_who_may_make_no_roles_is_told_what_to_do(urls, role):
    with psycopg.connect(urls.owner, autocommit=True) as owner:
        owner.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD 'p'").format(sql.Identifier(role)))
    as_role = make_conninfo(urls.owner, user=role, password="p")
    with pytest.raises(WrongState, match="CREATE ROLE"):
        grant_serving(DatabaseUrls(make_conninfo(urls.owner, user="zhike_never_made"), as_role))


def test_owners_members_of_owners_and_superusers_do_too_much(urls, role):
    with psycopg.connect(urls.owner, autocommit=True) as owner:
        owner.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD 'p'").format(sql.Identifier(role)))
        owner.execute(sql.SQL("GRANT {} TO {}").format(sql.Identifier(owner.info.user), sql.Identifier(role)))
    member = make_conninfo(urls.owner, user=role, password="p")
    for url in (urls.owner, member):
        with pytest.raises(WrongState, match="ZHIKE_MIGRATION_DATABASE_URL"):
            refuse_owner(url)
    refuse_owner(urls.serving)


def test_one_role_for_both_is_left_as_it_is(urls):
    grant_serving(DatabaseUrls(urls.owner, urls.owner))
    grant_serving(DatabaseUrls(make_conninfo("", dbname="x"), urls.owner))
