"""PostgreSQL's client programs, of a version that fits the server, told where to connect without a word in `ps`."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
from psycopg.pq import Conninfo

from domain.errors import DomainError, ErrorCode
from server.postgres.binaries import PROGRAMS, wheel

PATIENCE = 24 * 3600


class BackupError(DomainError):
    """A backup or a restore that cannot be done; says why and what to do."""

    code = ErrorCode.WRONG_STATE

    def __init__(self, zh: str, en: str) -> None:
        super().__init__((), zh, en)


def program(name: str, server_major: int) -> Path:
    """`pg_dump` or `pg_restore` of the server's own major version. Raises BackupError where none is found."""
    for folder in _folders(server_major):
        found = folder / name
        if found.exists() and _major(found) == server_major:
            return found
    raise BackupError(
        f"找不到 PostgreSQL {server_major} 的 {name}，请安装其客户端程序",
        f"There is no {name} of PostgreSQL {server_major}; install its client programs",
    )


def run(command: list[str | Path], url: str) -> None:
    """Runs a client program against the URL. Raises BackupError with the exit code alone: messages may quote rows."""
    done = subprocess.run(
        [str(part) for part in command], env=_environment(url), capture_output=True, timeout=PATIENCE, check=False
    )
    if done.returncode:
        name = Path(command[0]).name
        raise BackupError(f"{name} 失败（退出码 {done.returncode}）", f"{name} failed with exit code {done.returncode}")


def server_major(url: str) -> int:
    """The major version of the server behind the URL."""
    with psycopg.connect(url) as connection:
        return connection.info.server_version // 10_000


def _folders(major: int) -> Iterator[Path]:
    if on_path := shutil.which("pg_dump"):
        yield Path(on_path).resolve().parent
    yield Path(f"/usr/lib/postgresql/{major}/bin")
    yield wheel() / PROGRAMS


def _major(found: Path) -> int:
    said = subprocess.run([found, "--version"], capture_output=True, text=True, timeout=30, check=False).stdout
    number = re.search(r"\d+", said)
    return int(number[0]) if number else 0


def _server(info: psycopg.ConnectionInfo) -> dict[str, str]:
    """The one server, of perhaps several in the URL, with defaults that programs of another make may not share."""
    return {"host": info.host, "hostaddr": info.hostaddr, "port": str(info.port), "password": info.password}


def _environment(url: str) -> dict[str, str]:
    """How the URL leads to the server, as libpq's variables: on a command line everybody could read the password.

    What the URL leaves to this process's own PG… variables, `~/.pgpass` or a service file is told as well. Of the rest
    of the environment only HOME is passed on, where certificates lie.
    """
    names = {option.keyword.decode(): option.envvar.decode() for option in Conninfo.get_defaults() if option.envvar}
    del names["service"]  # which would win over what the URL says otherwise
    with psycopg.connect(url) as connection:
        reached = connection.info.get_parameters() | _server(connection.info)
    told = {names[key]: value for key, value in reached.items() if key in names and value}
    home = {"HOME": os.environ["HOME"]} if "HOME" in os.environ else {}
    return {"PATH": "/usr/bin:/bin", **home, **told}
