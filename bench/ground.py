"""What the servers stand on: one database with the demo's customers, made once and kept, its keys and a rep's token."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from auth.entering.tokens import mint
from auth.sealing.keys import KeyRing, create_file, load
from bench.rivals import ROOT
from domain.identity import public_id
from domain.staff import StaffMember
from server.demo.seeding import seed
from server.postgres.embedded import EmbeddedPostgres, running
from server.postgres.migrating import migrate
from server.settings import Settings

FOLDER = ROOT / ".zhike" / "bench"
MADE_BY = ("chance.py", "customers.py", "events.py", "interactions.py", "tickets.py", "words.py")
LOGIN = "rep"


@dataclass(frozen=True)
class Ground:
    """Where the servers are sent to, and as whom they are asked."""

    environment: dict[str, str]
    token: str
    postmaster: int


@contextmanager
def prepared(customers: int, folder: Path = FOLDER) -> Iterator[Ground]:
    """A database with so many customers on an embedded server. Made anew when what the demo invents has changed."""
    folder.mkdir(parents=True, exist_ok=True)
    ring = _ring(folder / "keys.json")
    with running(folder / "database") as server:
        url = _filled(server, ring, customers)
        environment = {"ZHIKE_DATABASE_URL": url, "ZHIKE_KEYS_FILE": str(folder / "keys.json")}
        yield Ground(environment, token(url, ring), _postmaster(server))


def token(url: str, ring: KeyRing) -> str:
    """A day's access token of the demo's rep."""
    with psycopg.connect(url) as connection:
        found = connection.execute("SELECT id FROM staff_member WHERE login = %s", [LOGIN]).fetchone()
    assert found, "the demo has a rep"
    settings = Settings()  # type: ignore[call-arg]  # read from the environment
    subject = public_id(StaffMember.PREFIX, found[0])
    return mint(ring, subject, "bench", [], timedelta(days=1), issuer=settings.issuer, audience=settings.audience)


def _ring(path: Path) -> KeyRing:
    return load(None, path) if path.exists() else create_file(path)


def _filled(server: EmbeddedPostgres, ring: KeyRing, customers: int) -> str:
    name = f"bench_{customers}_{_stamp()}"
    with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
        there = [row[0] for row in connection.execute("SELECT datname FROM pg_database WHERE datname LIKE 'bench_%'")]
        if name not in there:
            _drop(connection, there)
            _fill(server.url("bench_draft"), ring, customers)
            rename = sql.SQL("ALTER DATABASE bench_draft RENAME TO {}")
            connection.execute(rename.format(sql.Identifier(name)))
    migrate(server.url(name))
    return server.url(name)


def _drop(connection: psycopg.Connection[Any], names: list[str]) -> None:
    for name in names:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def _fill(url: str, ring: KeyRing, customers: int) -> None:
    migrate(url)
    seed(url, ring, customers)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("VACUUM (ANALYZE)")
        connection.execute("CHECKPOINT")


def _stamp() -> str:
    digest = hashlib.blake2b(digest_size=6)
    for name in MADE_BY:
        digest.update((ROOT / "server" / "demo" / name).read_bytes())
    return digest.hexdigest()


def _postmaster(server: EmbeddedPostgres) -> int:
    return int((server.cluster / "postmaster.pid").read_text().split()[0])
