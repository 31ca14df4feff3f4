"""Where an import goes: the database and the keys of this installation."""

from collections.abc import Iterator
from contextlib import contextmanager

from auth.keys import KeyRing, create_file, load
from server.embedded import running
from server.migrating import migrate
from server.settings import Settings


@contextmanager
def target(settings: Settings) -> Iterator[tuple[str, KeyRing]]:
    """The migrated database's URL and the key ring; the embedded server is shared with whoever runs on it already."""
    if settings.database_url:
        url = settings.database_url.get_secret_value()
        migrate(url)
        yield url, _ring(settings)
        return
    with running(settings.data_dir) as server:
        url = server.url()
        migrate(url)
        yield url, _ring(settings)


def _ring(settings: Settings) -> KeyRing:
    if settings.keys or settings.keys_file:
        return load(settings.keys.get_secret_value() if settings.keys else None, settings.keys_file)
    path = settings.data_dir / "keys.json"
    try:
        return create_file(path, settings.crypto)
    except FileExistsError:
        return load(None, path)
