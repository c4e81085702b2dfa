from pathlib import Path

from config.secret_file import MODE, keep_secret


def test_a_secret_is_written_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "made on the way" / "secret"
    keep_secret(file, "first")
    keep_secret(file, "second")
    assert file.read_text() == "first"
    assert file.stat().st_mode & 0o777 == MODE
    assert list(file.parent.iterdir()) == [file]
