"""Client programs reach the server that the process itself reaches, and show nobody how."""

import os
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from auth.sealing.keys import KeyRing, Suite
from server.backup.programs import run
from server.backup.restoring import restore
from server.backup.taking import take

PASSWORD = "a-password-of-the-database"


@pytest.fixture
def saying(tmp_path: Path):
    """A program that writes down what it is told: its arguments, and its environment."""
    program = tmp_path / "saying"
    program.write_text('#!/bin/sh\necho "$@" > "$1.arguments"\nenv > "$1.environment"\n')
    program.chmod(0o700)

    def said(url: str) -> tuple[str, dict[str, str]]:
        out = tmp_path / "said"
        run([program, out], url)
        lines = Path(f"{out}.environment").read_text().splitlines()
        return Path(f"{out}.arguments").read_text(), dict(line.split("=", 1) for line in lines)

    return said


def left_to_the_environment(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The whole URL as variables of this process, so that an empty one leads there."""
    for name, value in conninfo_to_dict(url).items():
        monkeypatch.setenv({"dbname": "PGDATABASE"}.get(name, f"PG{name.upper()}"), str(value))


def test_the_password_is_told_in_the_environment_and_never_in_the_arguments(own_database_url, saying):
    arguments, environment = saying(make_conninfo(own_database_url, password=PASSWORD))
    assert environment["PGPASSWORD"] == PASSWORD
    assert PASSWORD not in arguments


def test_a_password_of_a_password_file_is_told_too(own_database_url, saying, monkeypatch, tmp_path):
    (tmp_path / ".pgpass").write_text(f"*:*:*:*:{PASSWORD}\n")
    (tmp_path / ".pgpass").chmod(0o600)
    monkeypatch.setenv("HOME", str(tmp_path))
    _, environment = saying(own_database_url)
    assert (environment["PGPASSWORD"], environment["HOME"]) == (PASSWORD, str(tmp_path))


def test_what_the_url_leaves_open_is_what_the_process_has(own_database_url, saying, monkeypatch):
    left_to_the_environment(own_database_url, monkeypatch)
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    monkeypatch.setenv("PGSSLROOTCERT", "/etc/ssl/root.pem")
    monkeypatch.setenv("PGCONNECT_TIMEOUT", "7")
    _, environment = saying("")
    told = {name: value for name, value in os.environ.items() if name.startswith("PG")}
    assert environment.items() >= told.items()


def test_what_the_url_says_wins_over_a_service(own_database_url, saying, monkeypatch, tmp_path):
    services = tmp_path / "services"
    services.write_text("[other]\nhost=other.invalid\nconnect_timeout=7\n")
    monkeypatch.setenv("PGSERVICEFILE", str(services))
    monkeypatch.setenv("PGSERVICE", "other")
    _, environment = saying(own_database_url)
    assert environment["PGHOST"] == conninfo_to_dict(own_database_url)["host"]
    assert environment["PGCONNECT_TIMEOUT"] == "7"
    assert "PGSERVICE" not in environment


def test_nothing_else_of_the_environment_is_passed_on(own_database_url, saying, monkeypatch):
    monkeypatch.setenv("ZHIKE_KEYS", "secret")
    _, environment = saying(own_database_url)
    ours = {name for name in environment if not name.startswith("PG")}
    assert ours <= {"HOME", "PATH", "PWD", "SHLVL", "_", "OLDPWD"}


def test_a_backup_and_its_restore_need_nothing_in_the_url(own_database_url, empty_database_url, monkeypatch, tmp_path):
    ring = KeyRing.generate(Suite.INTL)
    data, keys = tmp_path / "data", tmp_path / "keys"
    left_to_the_environment(own_database_url, monkeypatch)
    take("", ring, data, keys, lambda _: None)
    left_to_the_environment(empty_database_url, monkeypatch)
    assert restore("", data, keys, lambda _: None).customers == 0
    with psycopg.connect(empty_database_url) as connection:
        assert connection.execute("SELECT to_regclass('customer') IS NOT NULL").fetchone() == (True,)
