"""`python -m bench.importing`: rows per second of an import, and of plain COPY with sealing of the same rows.

Both begin with nothing and end with the same customers, keys, tags, notes and events. The floor is handed its rows read
and checked, and only seals and copies them, in one transaction.
"""

import gc
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Annotated
from uuid import uuid4

import psycopg
import typer
from psycopg import sql
from rich.console import Console
from rich.progress import track

from auth.door.recording import Recorder
from auth.sealing.ciphers import Suite
from auth.sealing.keys import KeyRing
from bench.exported import export
from domain.identity import new_id
from domain.purpose import LegalBasis
from domain.tag import Tag
from server.importing.customers import Wishes, import_customers
from server.importing.findings import Findings
from server.importing.layout import layout_of
from server.importing.owners import Owners
from server.importing.records import records
from server.importing.rows import Draft, Terms, cells_of, drafted
from server.importing.source import Lines, sample_of
from server.postgres.copying import copy, sealed
from server.postgres.embedded import EmbeddedPostgres, running
from server.postgres.migrating import migrate

TEMPLATE = "bench_import"


@dataclass(frozen=True)
class Speed:
    """Rows written per second in one round."""

    ours: float
    floor: float


def main(
    rows: Annotated[int, typer.Option(help="Rows of the export.")] = 20_000,
    rounds: Annotated[int, typer.Option(help="Rounds; the median counts.")] = 3,
) -> None:
    """Measure an import against plain COPY of the same rows."""
    ring = KeyRing.generate(Suite.INTL)
    with (
        tempfile.TemporaryDirectory(prefix="zhike-bench-") as folder,
        running(Path(folder) / "d", throwaway=True) as server,
    ):
        Path(folder).chmod(0o711)
        migrate(server.url(TEMPLATE))
        path = Path(folder) / "export.csv"
        export(path, rows)
        speeds = [_speed(server, path, ring) for _ in track(range(rounds), console=Console(stderr=True))]
    for name in ("ours", "floor"):
        print(f"{name}: {median(getattr(speed, name) for speed in speeds):,.0f} rows per second")
    print(f"ours / floor: {median(speed.ours / speed.floor for speed in speeds):.2f}")


def _speed(server: EmbeddedPostgres, path: Path, ring: KeyRing) -> Speed:
    with _database(server) as url:
        begun = perf_counter()
        written = import_customers(path, Wishes(), url, ring, lambda _: None).written
        ours = written / (perf_counter() - begun)
    with _database(server) as url:
        drafts = _drafts(path)
        assert len(drafts) == written
        return Speed(ours, _copied(drafts, url, ring))


def _copied(drafts: list[Draft], url: str, ring: KeyRing) -> float:
    tags = {name: Tag(id=new_id(), name=name) for draft in drafts for name in draft.tags}
    for draft in drafts:
        draft.customer.tags = [tags[name] for name in draft.tags]
    rows = [row for draft in drafts for row in (draft.customer, draft.interaction) if row is not None]
    gc.collect()
    begun = perf_counter()
    with psycopg.connect(url) as connection:
        copy(connection, sealed([*tags.values(), *rows], Recorder(ring)))
    return len(drafts) / (perf_counter() - begun)


def _drafts(path: Path) -> list[Draft]:
    layout = layout_of(sample_of(path), None)
    terms = Terms(LegalBasis.CONTRACT, None, datetime.now(UTC), Owners([]))
    with path.open(encoding=layout.encoding, newline="") as file:
        read = [record for record in records(Lines(file), layout.delimiter) if record.line > layout.line]
    drafts = [drafted(one.line, cells_of(one, layout, Findings(one.line)), terms) for one in read]
    return [draft for draft in drafts if not draft.faults]


@contextmanager
def _database(server: EmbeddedPostgres) -> Iterator[str]:
    name = f"bench_import_{uuid4().hex[:8]}"
    with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
        names = [sql.Identifier(name), sql.Identifier(TEMPLATE)]
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(*names))
        yield server.url(name)
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(names[0]))


if __name__ == "__main__":
    typer.run(main)
