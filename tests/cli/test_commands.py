"""The other commands: what they print, and with which words they refuse."""

from pathlib import Path

import pytest

from auth.entering.tokens import TokenVerifier
from auth.sealing.keys import KeyRing, Use, load


@pytest.mark.parametrize("command", ["serve", "token"])
def test_production_without_keys_is_refused(process, command: str) -> None:
    done = process(command, ZHIKE_ENVIRONMENT="production")
    assert done.returncode == 2
    assert "ZHIKE_KEYS" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_database_that_is_not_there_is_told_without_its_address(zhike, tmp_path: Path) -> None:
    url = "postgresql://someone:secretword@127.0.0.1:1/x"
    done = zhike("migrate", ZHIKE_DATABASE_URL=url)
    assert done.exit_code == 2
    assert "ZHIKE_DATABASE_URL" in done.stderr
    assert "secretword" not in done.stderr + done.stdout


def test_serving_an_unmigrated_database_is_refused(process, empty_database_url: str, tmp_path: Path) -> None:
    done = process("serve", "--port", "0", "--data-dir", str(tmp_path), ZHIKE_DATABASE_URL=empty_database_url)
    assert done.returncode == 2
    assert "zhike migrate" in done.stderr


def test_a_database_is_migrated_and_seeded_and_gives_tokens(zhike, empty_database_url: str, tmp_path: Path) -> None:
    keys = tmp_path / "keys.json"
    zhike("keys", "create", str(keys))
    where = {"ZHIKE_DATABASE_URL": empty_database_url, "ZHIKE_KEYS_FILE": str(keys)}
    assert zhike("migrate", **where).exit_code == 0
    assert "200" in zhike("seed", **where).stdout
    verifier = TokenVerifier(load(None, keys), "https://zhike.invalid", "zhike")
    partner = zhike("token", "--partner", "示例物流", "--grant", "customers", "--grant", "tickets", **where)
    assert verifier.verify(partner.stdout.strip()).grants == {"customers", "tickets"}
    refused = zhike("token", "--login", "rep", ZHIKE_ENVIRONMENT="production", **where)
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert "--even-in-production" in refused.stderr
    given = zhike("token", "--login", "rep", "--even-in-production", ZHIKE_ENVIRONMENT="production", **where)
    assert verifier.verify(given.stdout.strip()).subject.startswith("stf_")
    nobody = zhike("token", "--login", "张三丰", **where)
    assert nobody.exit_code == 2
    assert "张三丰" not in nobody.stderr


def test_keys_are_made_once_and_rotate_with_the_old_ones_kept(zhike, tmp_path: Path) -> None:
    file = tmp_path / "keys.json"
    assert zhike("keys", "create", str(file)).exit_code == 0
    again = zhike("keys", "create", str(file))
    assert again.exit_code == 2
    assert "rotate" in again.stderr
    before = load(None, file)
    assert zhike("keys", "rotate", str(file), "--use", "digest").exit_code == 0
    after = load(None, file)
    assert after.keys(Use.DIGEST)[1:] == before.keys(Use.DIGEST)
    assert after.keys(Use.TOKEN) == before.keys(Use.TOKEN)


def test_names_are_indexed_anew(zhike, empty_database_url: str, tmp_path: Path) -> None:
    keys = tmp_path / "keys.json"
    zhike("keys", "create", str(keys))
    where = {"ZHIKE_DATABASE_URL": empty_database_url, "ZHIKE_KEYS_FILE": str(keys)}
    zhike("migrate", **where)
    zhike("seed", **where)
    assert "reindex" in zhike("keys", "rotate", str(keys), "--use", "gram").stderr
    assert " 0 " not in zhike("keys", "reindex", **where).stdout
    assert " 0 " in zhike("keys", "reindex", **where).stdout


def test_keys_without_a_file_are_printed_for_the_environment(zhike) -> None:
    assert KeyRing.parse(zhike("keys", "create", "--crypto", "gm").stdout).crypto == "gm"


def test_the_schema_and_the_access_page_are_printed(zhike) -> None:
    assert "type Query {" in zhike("sdl").stdout
    assert "Customer" in zhike("access").stdout


def test_all_commands_are_listed(zhike) -> None:
    listed = zhike("--help").stdout
    for command in ("demo", "serve", "migrate", "seed", "token", "sdl", "access", "import", "keys"):
        assert command in listed


@pytest.mark.parametrize("command", ["serve", "demo", "migrate"])
def test_a_log_level_that_there_is_not_is_refused(zhike, command: str) -> None:
    done = zhike(command, ZHIKE_LOG_LEVEL="loud")
    assert done.exit_code == 2
    assert "ZHIKE_LOG_LEVEL" in done.stderr
    assert "loud" not in done.stderr
