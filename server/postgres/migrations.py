"""The way to the migrations in `alembic/`, which stand beside the packages and are not imported by name."""

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

FOLDER = Path(__file__).resolve().parents[2] / "alembic"


def config(url: str) -> Config:
    """Alembic's configuration for the database of a libpq URL, which `alembic/env.py` finds in its attributes."""
    made = Config(attributes={"url": url})
    made.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    return made


def upgrade(url: str) -> None:
    """Bring the database to the newest schema; nothing happens when it is there already."""
    command.upgrade(config(url), "head")


def is_current(connection: Connection) -> bool:
    """Whether the database stands at the revision that this code was written for; an empty one does not."""
    return frozenset(MigrationContext.configure(connection).get_current_heads()) == heads()


@cache
def heads() -> frozenset[str]:
    """The revisions that a database of this version of the program stands at."""
    return frozenset(ScriptDirectory.from_config(config("")).get_heads())
