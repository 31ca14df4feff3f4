"""The embedded PostgreSQL, driven by ourselves through `initdb` and `pg_ctl`.

    data_dir/users.lock      held shared by every process that uses the server
    data_dir/start.lock      held alone while the server is started or stopped
    data_dir/18/             the cluster of major version 18: data, log and, if its path is short enough, the socket

Who leaves last stops the server. A process that is killed leaves no lock behind, so the next one finds the server
running, uses it, and stops it in its turn; process ids are never guessed at. There is no TCP port: the socket stands in
a folder that only the server's account (and root) can enter, which is why no password is needed.
"""

import fcntl
import os
import re
import shlex
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import IO, Self
from urllib.parse import quote

import psycopg
from psycopg import sql

from server.postgres.binaries import EmbeddedPostgresError, account_for, binaries, shared

__all__ = ["EmbeddedPostgres", "EmbeddedPostgresError", "running"]

USER = DATABASE = "zhike"
PORT = "5432"  # only part of the socket's name
LONGEST_SOCKET = 100  # bytes; the system's limit is 104 (macOS) or 108
SAFE_FOLDER = re.compile(r"[\w/.+ -]+")  # libpq splits hosts at commas, PostgreSQL its list of folders
PATIENCE = 5.0  # seconds: the system may take that long to forget a postmaster that was killed
RECOVERY = 600.0  # seconds: replaying the log after a crash
SERVING: Sequence[str] = (
    "listen_addresses=",
    "timezone=UTC",
    "log_timezone=UTC",
    # Details and statements of failures hold personal data; the application's own log names the failure.
    "log_error_verbosity=terse",
    "log_min_error_statement=panic",
)
UNSAFE: Sequence[str] = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "autovacuum=off")


class EmbeddedPostgres:
    """One server per data folder, shared by all processes that name it.

    `throwaway` is for tests: nothing is flushed to disk, and who leaves last deletes the cluster. `programs` names a
    folder with other PostgreSQL programs (15 or newer) than those of the wheel.
    """

    def __init__(self, data_dir: Path, *, throwaway: bool = False, programs: Path | None = None) -> None:
        self.data_dir = data_dir.absolute()
        self.throwaway = throwaway
        self._programs = programs
        self._users: IO[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *failure: object) -> None:
        self.stop()

    def start(self) -> None:
        """Make sure that the server runs, and be one of its users. Raises EmbeddedPostgresError."""
        _own_folder(self.data_dir)
        with self._alone():
            self._account = account_for(self._newest())
            self._binaries = binaries(self._account, self._programs)
            self.cluster = self.data_dir / str(self._binaries.major)
            users = (self.data_dir / "users.lock").open("ab")
            fcntl.flock(users, fcntl.LOCK_SH)
            try:
                self._make_cluster()
                self._make_server_answer()
            except BaseException:
                users.close()
                raise
            self._users = users

    def stop(self) -> None:
        """Leave; the last one stops the server. Leaving twice is harmless."""
        if self._users is None:
            return
        with self._alone(), closing(self._users) as users:
            self._users = None
            try:
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return
            self._shut_down()

    def url(self, database: str = DATABASE, user: str = USER) -> str:
        """A libpq URL of the database, which is created if it is missing, for a user who is there or will be."""
        with psycopg.connect(self._url("postgres"), autocommit=True) as connection:
            # Two processes may ask at once; the second must wait rather than fail.
            connection.execute("SELECT pg_advisory_lock(hashtext('create database'))")
            found = connection.execute("SELECT FROM pg_database WHERE datname = %s", [database]).fetchone()
            if found is None:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(database)))
        return self._url(database, user)

    def _url(self, database: str, user: str = USER) -> str:
        return f"postgresql://{user}@/{quote(database)}?host={quote(str(self._socket_folder()), safe='')}&port={PORT}"

    @contextmanager
    def _alone(self) -> Iterator[None]:
        try:
            lock = (self.data_dir / "start.lock").open("ab")
        except PermissionError:
            raise _foreign(self.data_dir) from None
        with lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _newest(self) -> Path:
        """The cluster of the highest major version here; `data_dir/0`, which never is, when there is none."""
        majors = [int(path.parent.name) for path in self.data_dir.glob("*/PG_VERSION") if path.parent.name.isdigit()]
        return self.data_dir / str(max(majors, default=0))

    def _make_cluster(self) -> None:
        if self.cluster.exists() and not self._account.owns(self.cluster):
            raise _foreign(self.cluster)
        if not (self.cluster / "PG_VERSION").exists():
            self._refuse_other_majors()
            self._initialise()
        inside = (self.cluster / "PG_VERSION").read_text().strip()
        if inside != self.cluster.name:
            raise self._other_major(inside)

    def _refuse_other_majors(self) -> None:
        newest = self._newest()
        if newest.exists():
            raise self._other_major(newest.name)

    def _other_major(self, found: str) -> EmbeddedPostgresError:
        ours = self._binaries.major
        return EmbeddedPostgresError(
            f"{self.data_dir} 中的数据属于 PostgreSQL {found}, 当前程序是 {ours}: "
            f"请用旧版本导出 (pg_dump), 再导入到新的目录",
            f"the data in {self.data_dir} is of PostgreSQL {found}, the programs are {ours}: "
            f"dump it with the old version (pg_dump) and load it into a new folder",
        )

    def _initialise(self) -> None:
        """Complete or absent: made under another name, then moved (or linked) to its place."""
        self._clear_what_is_no_cluster()
        reachable = self._account.can("test", "-x", self.data_dir)
        room = self.data_dir if reachable else shared()
        fresh = Path(tempfile.mkdtemp(prefix=f"{self.cluster.name}-", dir=room))
        self._account.give(fresh)
        how = ["-A", "trust", "-E", "UTF8", f"--locale={_locale()}", *(["--no-sync"] if self.throwaway else [])]
        code, said = self._binaries.run(self._account, "initdb", "-D", fresh, "-U", USER, *how)
        if code:
            shutil.rmtree(fresh, ignore_errors=True)
            raise EmbeddedPostgresError("无法创建数据库", "the database could not be made", said)
        self.cluster.unlink(missing_ok=True)  # a link whose target somebody removed
        if reachable:
            fresh.rename(self.cluster)
        else:
            self.cluster.symlink_to(fresh)

    def _clear_what_is_no_cluster(self) -> None:
        """What is left of a throwaway cluster that was being removed when its process was killed."""
        if self.cluster.is_symlink() or not self.cluster.is_dir():
            return
        if not self.throwaway:
            raise EmbeddedPostgresError(
                f"{self.cluster} 不是完整的数据库，请移走该目录后重试",
                f"{self.cluster} holds no whole database; move it away and start again",
            )
        shutil.rmtree(self.cluster)

    def _make_server_answer(self) -> None:
        begun = time.monotonic()
        while (state := self._state()) != 0:
            starting = state == 1
            code, said = (1, "") if starting else self._start_once()
            if code == 0:
                continue
            if time.monotonic() - begun > (RECOVERY if starting else PATIENCE):
                raise EmbeddedPostgresError(
                    f"内嵌 PostgreSQL 无法启动, 请看日志 {self._log}",
                    f"the embedded PostgreSQL does not start, see its log {self._log}",
                    self._log_tail() or said,
                )
            time.sleep(0.1)

    def _state(self) -> int:
        """As `pg_isready` says: 0 accepting, 1 starting up, 2 nobody there. A live process id proves nothing."""
        if not (self.cluster / "postmaster.pid").exists():
            return 2
        return self._binaries.run(self._account, "pg_isready", "-q", "-h", self._socket_folder(), "-p", PORT)[0]

    def _start_once(self) -> tuple[int, str]:
        sockets = self._new_socket_folder()
        settings = [*SERVING, *(UNSAFE if self.throwaway else ()), f"unix_socket_directories={sockets}", f"port={PORT}"]
        options = shlex.join(part for setting in settings for part in ("-c", setting))
        code, said = self._control("start", "-t", str(int(RECOVERY)), "-s", "-l", self._log.name, "-o", options)
        if code:
            self._forget(sockets)
        return code, said

    def _shut_down(self) -> None:
        sockets = self._socket_folder()
        self._control("stop", "-m", "immediate" if self.throwaway else "fast")
        self._forget(sockets)
        if self.throwaway:
            shutil.rmtree(self.cluster.resolve(), ignore_errors=True)
            self.cluster.unlink(missing_ok=True)

    def _forget(self, sockets: Path) -> None:
        if sockets != self.cluster.resolve():
            shutil.rmtree(sockets, ignore_errors=True)

    def _control(self, act: str, *arguments: str) -> tuple[int, str]:
        # Named from within: pg_ctl hands the folder to a shell, which some names would upset.
        return self._binaries.run(self._account, "pg_ctl", "-D", ".", "-w", *arguments, act, folder=self.cluster)

    def _socket_folder(self) -> Path:
        """Where the running server says its socket is: the fifth line of postmaster.pid."""
        try:
            lines = (self.cluster / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            lines = []
        return Path(lines[4]) if len(lines) > 4 and lines[4] else self.cluster.resolve()

    def _new_socket_folder(self) -> Path:
        cluster = self.cluster.resolve()
        short = len(os.fsencode(cluster / f".s.PGSQL.{PORT}")) <= LONGEST_SOCKET
        if short and SAFE_FOLDER.fullmatch(str(cluster)):
            return cluster
        temporary = tempfile.gettempdir() if self._account.can("test", "-x", tempfile.gettempdir()) else "/tmp"  # noqa: S108
        folder = Path(tempfile.mkdtemp(prefix="zhike-", dir=temporary))
        self._account.give(folder)
        return folder

    @property
    def _log(self) -> Path:
        return self.cluster.resolve() / "server.log"

    def _log_tail(self) -> str:
        if not self._log.exists():
            return ""
        return "\n".join(self._log.read_text(errors="replace").splitlines()[-20:])


running = EmbeddedPostgres
"""`with running(folder) as server: server.url("zhike")`."""


def _own_folder(data_dir: Path) -> None:
    """Root's must let the server's account through; nobody else's need."""
    data_dir.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, parents=True, exist_ok=True)


def _locale() -> str:
    """Code-point order everywhere; macOS has no C.UTF-8."""
    return "C.UTF-8" if os.uname().sysname == "Linux" else "C"


def _foreign(folder: Path) -> EmbeddedPostgresError:
    return EmbeddedPostgresError(
        f"{folder} 属于另一个用户: 请以该用户运行, 或用 ZHIKE_DATA_DIR 指定另一个目录",
        f"{folder} belongs to another user: run as that user, or name another folder in ZHIKE_DATA_DIR",
    )
