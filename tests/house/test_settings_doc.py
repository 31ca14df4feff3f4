"""The settings: documented as they are, complete in production, silent about secrets."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from server import settings
from server.settings import Environment, Settings

DOC = Path(__file__).parents[2] / "docs" / "settings.md"


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"ZHIKE_{name.upper()}", raising=False)


def test_the_document_lists_every_setting_as_it_is() -> None:
    assert DOC.read_text().partition(settings.MARK + "\n")[2] == settings.table(), "run `make docs`"


def test_every_setting_says_what_it_is_for() -> None:
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []


def test_production_does_not_start_without_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValidationError, match="ZHIKE_KEYS"):
        Settings(environment=Environment.PRODUCTION)
    monkeypatch.setenv("ZHIKE_KEYS", "a ring")
    assert Settings(environment=Environment.PRODUCTION).keys


def test_keys_are_given_in_one_way() -> None:
    with pytest.raises(ValidationError, match="only one"):
        Settings(keys="a ring", keys_file=Path("ring.json"))


def test_no_setting_echoes_a_secret_or_a_refused_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZHIKE_KEYS", "canary-ring")
    monkeypatch.setenv("ZHIKE_DATABASE_URL", "postgresql://app:canary-password@db/zhike")
    assert "canary" not in repr(Settings())
    monkeypatch.setenv("ZHIKE_PORT", "canary-port")
    with pytest.raises(ValidationError) as refused:
        Settings()
    assert "port" in str(refused.value)
    assert "canary" not in str(refused.value)


def test_an_empty_variable_counts_as_absent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZHIKE_DATABASE_URL", "")
    assert Settings().database_url is None


def test_data_stand_in_the_working_directory_if_one_can_write_there(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "own"))
    assert settings.default_data_dir() == tmp_path / ".zhike"
    monkeypatch.setattr("os.access", lambda *_: False)
    monkeypatch.setattr("sys.platform", "linux")
    assert settings.default_data_dir() == tmp_path / "own" / "zhike"
