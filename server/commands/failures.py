"""Ending with a sentence: what a user can do something about is told, and nothing personal with it."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import typer
from pydantic import ValidationError
from sqlalchemy.exc import DBAPIError

from auth.sealing.keys import KeysRefused
from domain.errors import DomainError
from server.postgres.embedded import EmbeddedPostgresError

REFUSED = 2
"""Exit code of a command that did nothing because something was not as it must be."""


@contextmanager
def told() -> Iterator[None]:
    """Prints an expected failure on standard error and ends with 2; surprises pass with their traceback."""
    try:
        yield
    except (DomainError, KeysRefused, EmbeddedPostgresError) as refusal:
        _end(str(refusal))
    except ValidationError as refusal:
        _end("\n".join(_setting(error["loc"], error["msg"]) for error in refusal.errors()))
    except (psycopg.Error, DBAPIError) as failure:
        _end(_database(failure))


def _setting(location: tuple[int | str, ...], message: str) -> str:
    name = "ZHIKE_" + "_".join(map(str, location)).upper() + ": " if location else ""
    return name + message.removeprefix("Value error, ")


def _database(failure: psycopg.Error | DBAPIError) -> str:
    """Texts of the database quote rows and addresses: its code is enough."""
    state = getattr(failure.orig if isinstance(failure, DBAPIError) else failure, "sqlstate", None)
    return (
        f"数据库出错（{state or '无法连接'}），请检查 ZHIKE_DATABASE_URL / "
        f"The database failed ({state or 'no connection'}); check ZHIKE_DATABASE_URL"
    )


def _end(words: str) -> None:
    typer.echo(words, err=True)
    raise typer.Exit(REFUSED)
