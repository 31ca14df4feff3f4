"""`zhike demo` as a user runs it: one line of JSON, answers, a clean stop, and the same data at the next start."""

import signal
from pathlib import Path

import psycopg
import pytest

TOTAL = "{ customers(first: 1) { totalCount nodes { id } } }"
LOGINS = ["rep", "other_rep", "support", "manager", "privacy_officer", "admin", "partner"]


def test_it_prints_one_line_serves_stops_and_finds_its_data_again(demo, folder: Path) -> None:
    first = demo("--port", "0")
    assert list(first.told) == ["url", "database", "tokens"]
    assert list(first.told["tokens"]) == LOGINS
    answers = {login: first.ask(login, TOTAL) for login in ("rep", "other_rep", "manager", "partner")}
    assert answers["manager"]["customers"]["totalCount"] == 200
    with psycopg.connect(first.told["database"]) as connection:
        assert connection.execute("SELECT count(*) FROM customer").fetchone() == (200,)
    code, more, said = first.stop(signal.SIGTERM)
    assert (code, more) == (0, b"")
    assert b"Traceback" not in said
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(first.told["database"])

    second = demo("--port", "0", "--customers", "205")
    assert second.ask("manager", TOTAL)["customers"]["totalCount"] == 205
    assert {login: second.ask(login, TOTAL) for login in ("rep", "other_rep", "partner")} != {}
    for login in ("support", "partner"):
        assert second.ask(login, TOTAL)["customers"]["totalCount"] > 0
    assert first.told["tokens"]["rep"] != second.told["tokens"]["rep"]
    second.told["tokens"]["earlier"] = first.told["tokens"]["rep"]
    assert second.ask("earlier", "{ viewer { role } }") == {"viewer": {"role": "REP"}}, "the keys are kept too"
    code, _, said = second.stop(signal.SIGINT)
    assert code == 0
    assert b"Traceback" not in said


def test_keys_and_data_stand_in_the_folder_and_nobody_else_reads_the_keys(demo, folder: Path) -> None:
    demo("--port", "0")
    assert (folder / "keys.json").stat().st_mode & 0o777 == 0o600


def test_a_taken_port_is_told_before_anything_is_started(process, taken_port: int, tmp_path: Path) -> None:
    done = process("demo", "--port", str(taken_port), "--data-dir", str(tmp_path / "data"))
    assert done.returncode == 2
    assert str(taken_port) in done.stderr
    assert "--port" in done.stderr
    assert done.stdout == ""
    assert not (tmp_path / "data").exists()


def test_the_demo_is_refused_in_production(zhike, tmp_path: Path) -> None:
    ring = zhike("keys", "create").stdout
    done = zhike("demo", "--data-dir", str(tmp_path), ZHIKE_ENVIRONMENT="production", ZHIKE_KEYS=ring)
    assert done.exit_code == 2
    assert "development" in done.stderr
