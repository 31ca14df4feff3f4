"""Commands that work on data make no second database where there is none."""

import pytest
from typer.testing import CliRunner

from server.cli import app

COMMANDS = {
    "import": ["import", "customers", "tests/data/customers_export.csv"],
    "token": ["token", "--login", "rep"],
    "backup": ["backup", "--data", "nowhere/data", "--keys", "nowhere/keys"],
}


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_nothing_is_made_where_nothing_is(command, tmp_path, monkeypatch):
    monkeypatch.delenv("ZHIKE_DATABASE_URL", raising=False)
    folder = tmp_path / "here"
    done = CliRunner().invoke(app, [*command, "--data-dir", str(folder)])
    assert (done.exit_code, folder.exists()) == (2, False)
    assert "There is no database" in done.output
