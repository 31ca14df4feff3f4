"""Filling a database with the demo: the house once, then customers up to the wished number."""

import gc
import os
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from itertools import pairwise
from multiprocessing import get_context
from typing import Any

import psycopg
from psycopg import sql
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from auth.door.recording import Recorder
from auth.sealing.keys import KeyRing
from domain.base import Base
from domain.customer import Customer
from domain.errors import WrongState
from domain.interaction import Interaction
from domain.ticket import Ticket
from server.demo.access_log import access_log
from server.demo.chance import BASE, SINCE, Chance
from server.demo.customers import FIRST, customer, listings
from server.demo.events import events
from server.demo.house import ROUTES, House, house
from server.demo.interactions import interactions
from server.demo.tickets import tickets
from server.postgres.copying import Rows, copy, sealed
from server.postgres.database import plain_engine
from server.postgres.partitions import ensure_partitions

BATCH = 500
MONTHS = (BASE.year - SINCE.year) * 12 + BASE.month - SINCE.month + 1


def seed(url: str, ring: KeyRing, customers: int = FIRST) -> int:
    """Brings the demo up to this many customers, never fewer than the first 200; gives how many were written.

    What an interrupted run left out is written by the next. Raises WrongState where there are customers and none of
    them is the demo's.
    """
    _make_room(url)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(hashtext('zhike demo'))")
        batches = _missing(connection, max(customers, FIRST))
        if not batches:
            return 0
        _open_house(connection, ring, customers)
        _fill(url, ring, batches)
        connection.execute("SELECT setval('ticket_number', (SELECT max(substr(number, 2)::bigint) FROM ticket))")
        # Statistics and the visibility map, without which the first queries would be planned blindly.
        connection.execute("VACUUM (ANALYZE)")
    return sum(map(len, batches))


def rows_of(numbers: range, ring: KeyRing) -> Rows:
    """Finished rows of these customers and of all that hangs below them."""
    around = house(bulk=numbers.stop > FIRST)
    recorder = Recorder(ring)
    made = [customer(number, around) for number in numbers]
    rows: list[Base] = [
        row for number, person in zip(numbers, made, strict=True) for row in _about(number, person, around)
    ]
    if numbers.start == 0:
        rows += access_log(made, around)
    return sealed(rows, recorder)


def _about(number: int, person: Customer, around: House) -> Iterator[Base]:
    """One customer with everything below, events last.

    Of the crowd only the customers' own history is kept: events of their talks and tickets would be half of all rows.
    """
    talks = interactions(number, person, around)
    opened, steps = tickets(number, person, around)
    chance = Chance(f"events {number}")
    yield from (person, *events(person, chance), *listings(number, person, around), *talks, *opened, *steps)
    below: list[Interaction | Ticket] = [*talks, *opened]
    for row in below:
        happened = events(row, chance)
        if number < FIRST:
            yield from happened


def _make_room(url: str) -> None:
    engine = plain_engine(url)
    with engine.connect() as connection:
        ensure_partitions(connection, SINCE.date(), MONTHS)


def _missing(connection: psycopg.Connection[Any], wished: int) -> list[range]:
    """The customers that are not there yet, batch by batch."""
    asked = "SELECT substr(external_id, 5)::int FROM customer WHERE external_id ~ '^DEMO[0-9]{6,9}$'"
    there = {number for (number,) in connection.execute(asked)}
    if not there and connection.execute("SELECT 1 FROM customer LIMIT 1").fetchone():
        raise WrongState(
            "database",
            "数据库中已有其他客户数据，未写入演示数据；请另用一个空数据库",
            "The database holds other customers, nothing of the demo was written; use an empty database",
        )
    # The first ones are a batch of their own, so that they are the same whatever follows.
    edges = [0, *range(FIRST, wished, BATCH), wished]
    batches = [range(first, last) for first, last in pairwise(edges)]
    unwritten = [[number for number in batch if number not in there] for batch in batches]
    return [range(numbers[0], numbers[-1] + 1) for numbers in unwritten if numbers]


def _open_house(connection: psycopg.Connection[Any], ring: KeyRing, customers: int) -> None:
    """Teams, staff, partners and tags, those that are not there, and routes that nobody has decided yet."""
    made = house(bulk=customers > FIRST)
    rows: list[Any] = [*made.teams.values(), *made.staff.values(), *made.partners.values(), *made.tags]
    tables = {row.__tablename__ for row in rows}
    there = {
        id_
        for table in tables
        for (id_,) in connection.execute(sql.SQL("SELECT id FROM {}").format(sql.Identifier(table)))
    }
    copy(connection, sealed([row for row in rows if row.id not in there], Recorder(ring)))
    for kind, team in ROUTES:
        decided = "UPDATE ticket_route SET team_id = %s WHERE kind IS NOT DISTINCT FROM %s AND version = 1"
        connection.execute(decided, [made.teams[team].id, kind])


def _fill(url: str, ring: KeyRing, batches: list[range]) -> None:
    with _progress(sum(map(len, batches))) as advance:
        for written in _written(url, ring, batches):
            advance(written)


def _written(url: str, ring: KeyRing, batches: list[range]) -> Iterator[int]:
    """Writes the batches, each in a transaction of its own; sealing keeps all cores busy."""
    if len(batches) == 1:
        yield write(batches[0], url, ring)
        return
    # Spawned: a forked child would share the connection and the threads of this process.
    pool = ProcessPoolExecutor(os.cpu_count(), get_context("spawn"), _prepare_worker)
    try:
        for finished in as_completed([pool.submit(_write_apart, batch, url, ring.dump()) for batch in batches]):
            yield finished.result()
    finally:
        pool.shutdown(cancel_futures=True)


def _prepare_worker() -> None:
    gc.disable()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever presses Ctrl-C means the parent, which lets batches finish


def _write_apart(numbers: range, url: str, keys: str) -> int:
    return write(numbers, url, KeyRing.parse(keys))


def write(numbers: range, url: str, ring: KeyRing) -> int:
    """Makes these customers and writes them in one transaction."""
    rows = rows_of(numbers, ring)
    with psycopg.connect(url) as connection:
        copy(connection, rows)
    gc.collect()  # nobody else does in a process that only writes batches
    return len(numbers)


@contextmanager
def _progress(total: int) -> Iterator[Callable[[int], None]]:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task("演示客户 / demo customers", total=total)
        yield lambda more: progress.advance(task, more)
