"""What this installation stands on: its database and its keys, as the settings say."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from auth.sealing.keys import KeyRing, create_file, load
from domain.errors import WrongState
from server.postgres.database import plain_engine
from server.postgres.embedded import running
from server.postgres.migrating import migrate_for_serving
from server.postgres.migrations import is_current
from server.postgres.roles import SERVING_ROLE, DatabaseUrls
from server.settings import Settings


@dataclass(frozen=True)
class Installation:
    """A running, migrated database and the keys to it. `url` is that of the role that serves, `owner_url` that of the
    owner, where it is another one. `made` is the key file, where this start made it.
    """

    settings: Settings
    url: str
    ring: KeyRing
    made: Path | None
    owner_url: str | None = None

    @property
    def upkeep_url(self) -> str:
        """For work that the role that serves cannot do, such as a backup."""
        return self.owner_url or self.url


@contextmanager
def standing(settings: Settings, prepare: Callable[[DatabaseUrls], None] | None = None) -> Iterator[Installation]:
    """Brings the embedded database up, and down again if nobody else uses it.

    `prepare` makes a database ready. By default the embedded one is migrated, and a named one must be at this version:
    WrongState where it is not. Raises KeysRefused and EmbeddedPostgresError.
    """
    ready = prepare or (_refuse_other_versions if settings.database_url else migrate_for_serving)
    with database(settings) as urls:
        ready(urls)
        ring, made = keys(settings)
        yield Installation(settings, urls.serving, ring, made, urls.owner)


@contextmanager
def database(settings: Settings) -> Iterator[DatabaseUrls]:
    """The URLs of the database, running, whatever its version."""
    if settings.database_url:
        serving, owner = settings.database_url, settings.migration_database_url or settings.database_url
        yield DatabaseUrls(serving.get_secret_value(), owner.get_secret_value())
        return
    with running(settings.data_dir) as server:
        yield DatabaseUrls(server.url(user=SERVING_ROLE), server.url())


def keys(settings: Settings) -> tuple[KeyRing, Path | None]:
    """The key ring, and the file where it was made just now. Raises KeysRefused."""
    if settings.keys or settings.keys_file:
        return load(settings.keys.get_secret_value() if settings.keys else None, settings.keys_file), None
    path = key_file(settings)
    try:
        return create_file(path, settings.crypto), path
    except FileExistsError:
        return load(None, path), None


def key_file(settings: Settings) -> Path:
    """Where the keys are: the file that the settings name, else beside the embedded database's data."""
    return settings.keys_file or settings.data_dir / "keys.json"


def _refuse_other_versions(urls: DatabaseUrls) -> None:
    """Raises WrongState unless the database stands at this program's version."""
    engine = plain_engine(urls.serving)
    with engine.connect() as connection:
        if not is_current(connection):
            raise WrongState(
                "database",
                "数据库结构与本程序的版本不同，请先运行 zhike migrate",
                "The database stands at another version than this program; run `zhike migrate` first",
            )
