"""Bringing a database to the state that this checkout needs: its schema, and room for the coming months."""

from datetime import UTC, datetime, timedelta

import psycopg
import structlog

from auth.allowance import DAY
from auth.idempotency import KEPT_FOR
from server.postgres.database import plain_engine
from server.postgres.migrations import upgrade
from server.postgres.partitions import ensure_partitions
from server.postgres.roles import DatabaseUrls, grant_serving

MONTHS_AHEAD = 6

log = structlog.get_logger(__name__)


def migrate_for_serving(urls: DatabaseUrls) -> None:
    """`migrate` as the owner; then the role that serves is given its privileges. Raises WrongState, psycopg.Error."""
    migrate(urls.owner)
    grant_serving(urls)


def migrate(url: str) -> None:
    """Upgrade to the newest revision, make the partitions of the last, this and the coming months, forget old keys.

    The libpq URL leads to the server itself, not to PgBouncer. Safe to run from several processes at once, and again at
    every start.
    """
    upgrade(url)
    last_month = datetime.now(UTC).date().replace(day=1) - timedelta(days=1)
    engine = plain_engine(url)
    with engine.connect() as connection:
        for warning in ensure_partitions(connection, last_month, MONTHS_AHEAD + 2):
            log.warning("partition_left_out", reason=warning)
    _forget_old_records(url)


def _forget_old_records(url: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("DELETE FROM contact_change WHERE at < now() - %s::interval", [DAY])
        connection.execute("DELETE FROM idempotency_record WHERE created_at < now() - %s::interval", [KEPT_FOR])
