"""Bringing a database to the schema of this checkout, and knowing whether one is there."""

from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path

import structlog
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, make_url
from sqlalchemy.pool import NullPool

from server.partitions import ensure_partitions

ALEMBIC_INI = Path(__file__).parents[1] / "alembic.ini"
MONTHS_AHEAD = 6

log = structlog.get_logger(__name__)


def migrate(url: str) -> None:
    """Upgrade to the newest revision and make the partitions of the last, this and the coming months.

    `url` is libpq's (`postgresql://…`) and leads to the server itself, not to PgBouncer. Safe to run from several
    processes at once, and again at every start.
    """
    config = Config(ALEMBIC_INI)
    config.attributes["url"] = url
    command.upgrade(config, "head")
    engine = create_engine(make_url(url).set(drivername="postgresql+psycopg"), poolclass=NullPool)
    with engine.connect() as connection:
        for warning in ensure_partitions(connection, _last_month(), MONTHS_AHEAD + 2):
            log.warning("partition_left_out", reason=warning)


@cache
def head_revision() -> str:
    """The revision that this code was written for."""
    head = ScriptDirectory.from_config(Config(ALEMBIC_INI)).get_current_head()
    if head is None:
        raise RuntimeError(f"no migrations beside {ALEMBIC_INI.name}")
    return head


def is_current(connection: Connection) -> bool:
    """Whether the database stands at `head_revision`; an empty database does not."""
    return MigrationContext.configure(connection).get_current_heads() == (head_revision(),)


def _last_month() -> date:
    return datetime.now(UTC).date().replace(day=1) - timedelta(days=1)
