"""How Alembic reaches the database, and what it compares. Several processes may upgrade at once: the second waits."""

import os
import re

import psycopg
from alembic import context
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.pool import NullPool

from domain.tables import Base

PARTITION = re.compile(r"(event|access_log|audit)_(\d{4}_\d{2}|default)")
URLS = ("ZHIKE_MIGRATION_DATABASE_URL", "ZHIKE_DATABASE_DIRECT_URL", "ZHIKE_DATABASE_URL")
LOCK = text("SELECT pg_advisory_xact_lock(hashtext('zhike migrations'))")


def main() -> None:
    """Upgrades, downgrades or compares, as the command asks."""
    url = _url()
    engine = create_engine(
        "postgresql+psycopg://", creator=lambda: psycopg.connect(url), poolclass=NullPool, hide_parameters=True
    )
    with engine.connect() as connection:
        # Defaults and computed columns are compared as the server prints them, and it prints times in its own zone.
        connection.execute(text("SET TIME ZONE 'UTC'"))
        connection.commit()
        _run(connection)


def _url() -> str:
    """The URL that the caller hands over, else the environment's: the owner's first, then the one past PgBouncer."""
    given = context.config.attributes.get("url")
    named = (os.environ.get(name) for name in URLS)
    found = given or next(filter(None, named), None)
    if found is None:
        raise SystemExit("请设置 ZHIKE_DATABASE_URL / Set ZHIKE_DATABASE_URL to the database that is to be migrated")
    return str(found)


def _run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        compare_type=True,
        compare_server_default=True,
        autogenerate_plugins=["alembic.autogenerate.*", "alembic.ext.checkconstraint_byname"],
        include_object=_is_compared,
    )
    with context.begin_transaction():
        connection.execute(LOCK)
        context.run_migrations()


def _is_compared(_: object, name: str | None, kind: str, *__: object) -> bool:
    """Partitions come and go with the months; only their parents are declared."""
    return kind != "table" or not PARTITION.fullmatch(name or "")


if context.is_offline_mode():
    raise SystemExit("请连接数据库运行迁移 / Migrations run against a database, not as a script")
main()
