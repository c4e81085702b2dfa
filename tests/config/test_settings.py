"""What operators may choose, and what they are told when they choose wrongly."""

from pathlib import Path

import pytest

from config.settings import BadSettings, Settings, load_settings


def test_everything_has_a_default() -> None:
    settings = load_settings()
    assert settings.port == 8360
    assert settings.host == "127.0.0.1"
    assert settings.database_url is None


def test_every_file_lies_in_the_data_folder() -> None:
    settings = Settings(data_dir=Path("/srv/c360"))
    assert settings.postgres_dir == Path("/srv/c360/postgres")
    assert settings.ray_dir == Path("/srv/c360/ray")
    assert settings.admin_token_file == Path("/srv/c360/admin.token")
    assert settings.master_key_file == Path("/srv/c360/master.key")


def test_the_master_key_can_be_kept_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("C360_MASTER_KEY_FILE", "/run/secrets/master.key")
    assert load_settings().master_key_file == Path("/run/secrets/master.key")


def test_a_relative_folder_is_taken_from_where_we_were_started(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("C360_DATA_DIR", "here")
    assert load_settings().data_dir == tmp_path / "here"


def test_an_empty_variable_means_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("C360_PORT", "")
    assert load_settings().port == 8360


def test_every_bad_variable_is_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("C360_PORT", "http")
    monkeypatch.setenv("C360_HOSTS", "0")
    with pytest.raises(BadSettings, match=r"C360_PORT: .*valid integer.*C360_HOSTS: .*greater"):
        load_settings()


def test_a_bad_database_url_is_refused_without_showing_its_password(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("C360_DATABASE_URL", "mysql://user:geheim@db/c360")
    with pytest.raises(BadSettings, match=r"C360_DATABASE_URL: .*postgresql://") as caught:
        load_settings()
    assert "geheim" not in str(caught.value)


def test_a_password_is_not_shown_when_settings_are_printed() -> None:
    settings = Settings(database_url="postgresql://user:geheim@db/c360")
    assert "geheim" not in repr(settings) + str(settings)


def test_settings_do_not_change_after_they_are_read() -> None:
    with pytest.raises(ValueError, match="frozen"):
        Settings().port = 1
