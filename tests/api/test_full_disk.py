"""A server that is started on a full disk: it reads, and says that it does no more."""

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from api import serve, supervisor
from config.settings import Settings
from tests.api.test_supervisor import SUCCEEDS, Parts

READS = {"database": True, "migrations": True, "hosts": True, "disk": False}


@pytest.fixture
def parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Parts]:
    monkeypatch.setattr(supervisor, "READY_TIMEOUT_S", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        made = Parts(tmp_path, listener)
        made.creating_by(monkeypatch, SUCCEEDS)
        yield made


def test_it_is_ready_when_all_but_the_disk_is(
    parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "parts", lambda _: READS)
    assert parts.server.start(threading.Event()) is None


def test_it_is_not_ready_while_another_part_is_missing(
    parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "parts", lambda _: READS | {"hosts": False})
    assert "not ready" in str(parts.server.start(threading.Event()))


def test_it_says_why_it_stores_nothing(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    settings.postgres_dir.mkdir()
    assert serve.limitation(settings).startswith(
        f"; only for reading, because the disk of {settings.postgres_dir} is full"
    )
    (settings.postgres_dir / serve.RESERVE).touch()
    assert serve.limitation(settings) == ""


def test_it_knows_nothing_of_the_disk_of_somebody_elses_database(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, database_url="postgresql://shop@database/shop")
    assert serve.limitation(settings) == ""
