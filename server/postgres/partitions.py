"""Monthly partitions of the tables that only grow. A key begins with its millisecond, so a month is a range of keys."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from uuid import UUID

from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError, OperationalError

from domain.tables import Base

PARTITIONED = tuple(
    table.name for table in Base.metadata.sorted_tables if table.dialect_options["postgresql"]["partition_by"]
)
ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtext('zhike partitions'))")
PATIENCE = text("SET LOCAL lock_timeout = '5s'")  # whoever waits for the parent's lock makes everybody behind it wait


def ensure_partitions(connection: Connection, since: date, months: int) -> list[str]:
    """Make the partitions of `months` months (UTC), from the month of `since` on, that are not there yet.

    Ends the connection's transaction. A month is left to the default partition, which is slower but loses nothing,
    where rows of that month are there already or the table stays locked; the returned warnings name such partitions.
    """
    made = set(connection.scalars(text("SELECT relname FROM pg_class WHERE relispartition AND relkind = 'r'")))
    wanted = [(table, first) for first in _months(since, months) for table in PARTITIONED]
    connection.commit()
    return [
        warning
        for table, first in wanted
        if partition_name(table, first) not in made and (warning := _make(connection, table, first))
    ]


def partition_name(table: str, month: date) -> str:
    """`event_2026_05`."""
    return f"{table}_{month:%Y_%m}"


def first_id(month: date) -> UUID:
    """The lowest id of the month: 48 bits of milliseconds, zeros behind them."""
    begins = datetime(month.year, month.month, 1, tzinfo=UTC)
    return UUID(int=int(begins.timestamp() * 1000) << 80)


def _months(since: date, months: int) -> Iterator[date]:
    month = since.replace(day=1)
    for _ in range(months):
        yield month
        month = _next(month)


def _next(month: date) -> date:
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def _make(connection: Connection, table: str, month: date) -> str | None:
    name = partition_name(table, month)
    bounds = f"FROM ('{first_id(month)}') TO ('{first_id(_next(month))}')"
    try:
        with connection.begin():
            connection.execute(ONE_AT_A_TIME)
            connection.execute(PATIENCE)
            connection.execute(text(f"CREATE TABLE IF NOT EXISTS {name} PARTITION OF {table} FOR VALUES {bounds}"))
    except IntegrityError:
        return f"{name}: 默认分区中已有该月数据，未建立 / not made, the default partition holds rows of this month"
    except OperationalError:
        return f"{name}: 表被占用，未建立 / not made, the table stayed locked"
    return None
