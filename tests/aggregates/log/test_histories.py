"""Profiles read back: now, after so many events, at any moment, as it was known at any moment."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar
from uuid import UUID

import psycopg
import pytest
from psycopg_pool import AsyncConnectionPool

from aggregates.log import snapshots
from aggregates.log.histories import Folded, Histories, minted_at
from aggregates.log.keys import Sealer
from aggregates.log.moments import Moment
from aggregates.log.port import LogUnreachable, Snapshot
from aggregates.log.postgres import PostgresLog
from aggregates.log.record import Record
from aggregates.profile.events.contact import Given, TagsAdded, detail, tags_of
from aggregates.profile.profile import EMPTY, Profile, fold
from tests.aggregates.log.samples import (
    KEYRING,
    OTHER_SHOP,
    OTHER_SHOPPER,
    SHOP,
    SHOPPER,
    SUBJECT_KEY,
    record,
)
from tests.aggregates.log.worlds import written
from tests.given import NOON

T = TypeVar("T")
HOUR = timedelta(hours=1)


def _told(version: int, event: Given | TagsAdded, happened: int, known: int) -> Record:
    """The shopper's event of `happened` o'clock, which we heard of at `known`."""
    at, heard = NOON + happened * HOUR, NOON + known * HOUR
    return record(event, version=version, occurred_at=at, recorded_at=heard)


HISTORY = (
    _told(1, Given(first_name="Ada", locale="en"), happened=0, known=1),
    _told(2, Given(first_name="Augusta"), happened=4, known=5),
    _told(3, TagsAdded(("vip",)), happened=2, known=6),  # heard late
    _told(4, Given(first_name="Countess"), happened=8, known=9),
)


@pytest.fixture
def dsn(emptied: str) -> Iterator[str]:
    with closing(PostgresLog(emptied)) as log:
        written(log, *HISTORY)
        yield emptied


def _asked(dsn: str, question: Callable[[Histories], Awaitable[T]]) -> T:
    async def ask() -> T:
        pool = AsyncConnectionPool(dsn, min_size=1, max_size=1, timeout=1.0, open=False)
        async with pool:
            return await question(Histories(pool, KEYRING))

    return asyncio.run(ask())


def _read(dsn: str, namespace: int = SHOP, **moment: int | datetime) -> Folded | None:
    asked = Moment(**moment)
    return _asked(dsn, lambda histories: histories.profile(namespace, SHOPPER, asked))


def _found(dsn: str, **moment: int | datetime) -> Folded:
    found = _read(dsn, **moment)
    assert found is not None
    return found


def _name(folded: Folded) -> str | None:
    return detail(folded.profile.contact, "first_name")


def _snapshot(dsn: str, snapshot: Snapshot) -> None:
    with closing(PostgresLog(dsn)) as log:
        log.save_snapshots([snapshot])


def _taken(version: int, profile: Profile) -> Snapshot:
    return snapshots.taken(SHOPPER, version, profile, Sealer(SUBJECT_KEY))


def test_a_profile_is_the_fold_of_its_events(dsn: str) -> None:
    folded = _found(dsn)
    assert folded.profile == fold(past.happened for past in HISTORY)
    assert (folded.profile_id, folded.version) == (SHOPPER, 4)


def test_a_profile_began_when_its_id_was_minted(dsn: str) -> None:
    assert (
        _found(dsn).created_at
        == minted_at(SHOPPER)
        == datetime(2025, 8, 19, 1, 44, 42, 240_000, UTC)
    )


@pytest.mark.parametrize(("version", "name"), [(1, "Ada"), (2, "Augusta"), (4, "Countess")])
def test_a_profile_after_so_many_events(dsn: str, version: int, name: str) -> None:
    folded = _found(dsn, version=version)
    assert (folded.version, _name(folded)) == (version, name)


def test_a_version_to_come_reads_as_the_last(dsn: str) -> None:
    assert _found(dsn, version=1000) == _found(dsn)


def test_before_its_first_event_there_is_no_profile(dsn: str) -> None:
    assert _read(dsn, version=0) is None
    assert _read(dsn, at=NOON - HOUR) is None
    assert _read(dsn, known_at=NOON) is None


def test_at_a_moment_all_counts_that_had_happened(dsn: str) -> None:
    folded = _found(dsn, at=NOON + 3 * HOUR)
    assert _name(folded) == "Ada"
    assert tags_of(folded.profile.contact) == {"vip"}


def test_a_moment_includes_what_happened_then(dsn: str) -> None:
    assert _name(_found(dsn, at=NOON + 4 * HOUR)) == "Augusta"


def test_known_at_a_moment_is_only_what_we_had_heard(dsn: str) -> None:
    folded = _found(dsn, known_at=NOON + 5 * HOUR)
    assert _name(folded) == "Augusta"
    assert tags_of(folded.profile.contact) == frozenset()


def test_both_moments_may_be_asked_at_once(dsn: str) -> None:
    folded = _found(dsn, at=NOON + 3 * HOUR, known_at=NOON + 5 * HOUR)
    assert (_name(folded), tags_of(folded.profile.contact)) == ("Ada", frozenset())


def test_all_that_was_told_by_a_moment(dsn: str) -> None:
    assert _told_by(dsn) == {1, 2, 3, 4}
    assert _told_by(dsn, at=NOON + 3 * HOUR) == {1, 3}
    assert _told_by(dsn, known_at=NOON + 5 * HOUR) == {1, 2}
    assert _told_by(dsn, version=3) == {1, 2, 3}
    assert _told_by(dsn, at=NOON - HOUR) == set()


def _told_by(dsn: str, **moment: int | datetime) -> set[int]:
    asked = Moment(**moment)
    told = _asked(dsn, lambda histories: histories.told(SHOP, SHOPPER, asked))
    assert told is not None
    assert told.version == max((record.version for record in told.records), default=0)
    return {record.version for record in told.records}


def test_a_snapshot_saves_reading_what_is_behind_it(dsn: str) -> None:
    marked = fold([HISTORY[1].happened])  # lacks the first event, so that we can tell
    _snapshot(dsn, _taken(2, marked))
    folded = _found(dsn)
    assert folded.profile == fold((past.happened for past in HISTORY[2:]), marked)
    assert folded.version == 4


def test_a_snapshot_alone_is_enough(dsn: str) -> None:
    whole = fold(past.happened for past in HISTORY)
    _snapshot(dsn, _taken(4, whole))
    assert _found(dsn).profile == whole
    assert _found(dsn).version == 4


def test_what_was_before_a_snapshot_is_read_without_it(dsn: str) -> None:
    _snapshot(dsn, _taken(3, EMPTY))
    assert _name(_found(dsn, version=2)) == "Augusta"
    assert _name(_found(dsn, at=NOON + HOUR)) == "Ada"
    assert _name(_found(dsn, known_at=NOON + HOUR)) == "Ada"


@pytest.mark.parametrize(
    "unreadable",
    [
        Snapshot(SHOPPER, 2, snapshots.SCHEMA, b"no ciphertext at all"),
        snapshots.taken(SHOPPER, 2, EMPTY, Sealer(bytes(32))),
        snapshots.taken(OTHER_SHOPPER, 2, EMPTY, Sealer(SUBJECT_KEY))._replace(profile=SHOPPER),
        snapshots.taken(SHOPPER, 1, EMPTY, Sealer(SUBJECT_KEY))._replace(version=2),
        _taken(2, EMPTY)._replace(schema=snapshots.SCHEMA + 1),
    ],
    ids=["garbage", "another key", "another shopper", "another version", "another schema"],
)
def test_an_unreadable_snapshot_is_ignored(dsn: str, unreadable: Snapshot) -> None:
    before = _found(dsn)
    _snapshot(dsn, unreadable)
    assert _found(dsn) == before


def test_another_shop_sees_nothing(dsn: str) -> None:
    assert _read(dsn, OTHER_SHOP) is None
    assert _records(dsn, OTHER_SHOP) == []


def test_of_an_erased_shopper_only_what_is_not_personal_remains(dsn: str) -> None:
    _snapshot(dsn, _taken(4, fold(past.happened for past in HISTORY)))
    with psycopg.connect(dsn) as connection:
        connection.execute("UPDATE subject_keys SET wrapped = ''")
    contact = _found(dsn).profile.contact
    assert contact.details.keys() == {"locale"}
    assert tags_of(contact) == {"vip"}
    assert [r.version for r in _records(dsn) if r.erased] == [1, 2, 4]


def test_records_come_in_order_and_in_pages(dsn: str) -> None:
    assert _records(dsn) == list(HISTORY)
    assert _records(dsn, from_version=2, limit=2) == list(HISTORY[1:3])
    assert _records(dsn, from_version=5) == []


def test_records_are_found_by_name_and_by_subject(dsn: str) -> None:
    assert _records(dsn, topic="contact.tags_added") == [HISTORY[2]]
    assert _records(dsn, subject=SHOPPER) == list(HISTORY)
    assert _records(dsn, subject=OTHER_SHOPPER) == []


def test_records_are_read_from_their_places_in_the_order_asked_for(dsn: str) -> None:
    places = [(SHOPPER, 3), (SHOPPER, 1), (SHOPPER, 99), (OTHER_SHOPPER, 1)]
    assert _listed(dsn, places) == [HISTORY[2], HISTORY[0]]
    assert _listed(dsn, places, OTHER_SHOP) == []
    assert _listed(dsn, []) == []


def test_a_server_that_is_not_there_is_unreachable(tmp_path: Path) -> None:
    with pytest.raises(LogUnreachable):
        _read(f"postgresql://customer360@/customer360?host={tmp_path}")


def _listed(dsn: str, places: list[tuple[UUID, int]], namespace: int = SHOP) -> list[Record]:
    return _asked(dsn, lambda histories: histories.listed(namespace, places))


def _records(dsn: str, namespace: int = SHOP, **asked: object) -> list[Record]:
    wanted = {"from_version": 1, "limit": 100, "topic": None, "subject": None, **asked}
    return _asked(dsn, lambda histories: histories.records(namespace, SHOPPER, **wanted))
