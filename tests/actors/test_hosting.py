"""What a host process does around its work, over a real database."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID

import msgspec
import psycopg
import pytest

from actors import hosting
from actors.hosting import Hosting
from actors.signals import Outcome, Routed
from aggregates.log import audit, snapshots
from aggregates.log.keys import BadMasterKey, read_keyring
from tests.actors.shopping import ADA, BOB, BOBS_MAIL, named, order, signal, to

WITHIN_S = 10.0


@pytest.fixture
def host(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hosting]:
    monkeypatch.setattr(hosting, "TIDY_S", 0.01)
    key = tmp_path / "master.key"
    read_keyring(key, create=True)
    running = Hosting(database, str(key))
    yield running
    running._work._log.close()


def _applied(host: Hosting, *batch: Routed) -> list[Outcome]:
    answers = host.apply(msgspec.msgpack.encode(batch))
    return msgspec.msgpack.decode(answers, type=list[Outcome])


def _until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WITHIN_S
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def _versions(database: str, table: str, profile: UUID) -> list[int]:
    query = f"SELECT version FROM {table} WHERE profile_id = %s ORDER BY version"  # noqa: S608  # our own names
    with psycopg.connect(database) as connection:
        return [row[0] for row in connection.execute(query.encode(), (profile,))]


def test_a_batch_goes_in_and_its_outcomes_come_out(host: Hosting, database: str) -> None:
    first = to(ADA, signal(order()), fresh=True)
    ada, again, bob = _applied(host, first, first, to(BOB, signal(named("Bob"), by=BOBS_MAIL)))
    assert ada.events == ("identity.linked", "orders.placed")
    assert (again.version, again.duplicate) == (2, True)
    assert bob.version == 2
    assert _versions(database, "events", ADA) == [1, 2]
    with psycopg.connect(database) as connection:
        assert audit.verify(connection) == audit.Audit(checked=4)


def test_it_counts_what_it_does(host: Hosting) -> None:
    first = to(ADA, signal(order()), fresh=True)
    _applied(host, first, first)
    _applied(host, to(ADA, signal(named("Ada"))))
    stats = host.stats()
    counted = ("batches", "signals", "events", "failures", "residents")
    assert [stats[name] for name in counted] == [2, 3, 3, 0, 1]
    assert stats["apply_seconds"] > 0
    assert stats["resident_bytes"] > 0


def test_snapshots_are_written_behind_the_reply(host: Hosting, database: str) -> None:
    signals = (signal(order(str(number))) for number in range(snapshots.EVERY))
    _applied(host, *(to(ADA, one) for one in signals))
    _until(lambda: host.stats()["snapshots"] == 1)
    assert _versions(database, "snapshots", ADA) == [snapshots.EVERY + 1]


def test_a_host_that_starts_again_goes_on_from_snapshot_and_tail(
    host: Hosting, database: str, tmp_path: Path
) -> None:
    signals = (signal(order(str(number))) for number in range(snapshots.EVERY))
    _applied(host, *(to(ADA, one) for one in signals))
    _until(lambda: host.stats()["snapshots"] == 1)
    before = _applied(host, to(ADA, signal(named("Ada"))))
    restarted = Hosting(database, str(tmp_path / "master.key"))
    after = _applied(restarted, to(ADA, signal(named("Augusta"))))
    assert [outcome.version for outcome in before + after] == [
        snapshots.EVERY + 2,
        snapshots.EVERY + 3,
    ]
    held = restarted._work.residents.get(ADA)
    assert held is not None
    assert len(held.profile.orders.by_id) == snapshots.EVERY
    restarted._work._log.close()


def test_a_batch_that_cannot_be_read_changes_nothing(host: Hosting) -> None:
    with pytest.raises(msgspec.DecodeError):
        host.apply(b"nonsense")
    assert host.stats()["batches"] == 0


def test_a_host_does_not_start_without_its_key(database: str, tmp_path: Path) -> None:
    with pytest.raises(BadMasterKey):
        Hosting(database, str(tmp_path / "missing.key"))
