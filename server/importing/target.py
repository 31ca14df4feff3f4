"""Where an import goes: the database and the keys of this installation."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from auth.keys import KeyRing, create_file, load
from domain.errors import WrongState
from server.embedded import running
from server.migrating import migrate
from server.migrations import is_current
from server.settings import Settings


@contextmanager
def target(settings: Settings) -> Iterator[tuple[str, KeyRing]]:
    """The database's URL and the key ring; the embedded server is shared with whoever runs on it already.

    Raises WrongState where a named database stands at another version: an import is no occasion to migrate it.
    """
    if settings.database_url:
        url = settings.database_url.get_secret_value()
        _refuse_other_versions(url)
        yield url, _ring(settings)
        return
    with running(settings.data_dir) as server:
        url = server.url()
        migrate(url)
        yield url, _ring(settings)


def _refuse_other_versions(url: str) -> None:
    engine = create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(url), poolclass=NullPool)
    with engine.connect() as connection:
        if not is_current(connection):
            raise WrongState(
                "database",
                "数据库结构与本程序的版本不同，请先运行 zhike migrate",
                "The database stands at another version than this program; run `zhike migrate` first",
            )


def _ring(settings: Settings) -> KeyRing:
    if settings.keys or settings.keys_file:
        return load(settings.keys.get_secret_value() if settings.keys else None, settings.keys_file)
    path = settings.data_dir / "keys.json"
    try:
        return create_file(path, settings.crypto)
    except FileExistsError:
        return load(None, path)
