"""What every log promises, in memory and in Postgres: all of a unit or none of it."""

from contextlib import closing
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from aggregates.log.heads import START, link
from aggregates.log.port import (
    Claim,
    ClaimsRefused,
    EventLog,
    LogUnreachable,
    Position,
    Snapshot,
    StreamMoved,
    Unit,
    WrappedKey,
)
from aggregates.log.postgres import PostgresLog
from aggregates.log.snapshots import SCHEMA
from tests.aggregates.log.worlds import SHARD, World, stored, unit, versions

ADA, BOB, EVE = uuid4(), uuid4(), uuid4()
CONNECTIONS = 2  # of one log
MAIL, PHONE, CART = uuid4().bytes, uuid4().bytes, uuid4().bytes
ADAS_KEY = WrappedKey(ADA, 1, b"wrapped")


def born(log: EventLog, profile: WrappedKey = ADAS_KEY, **more: object) -> Unit:
    """A profile's first event together with its key."""
    return unit(log, stored(profile.profile, 1), keys=[profile], **more)


def test_what_was_appended_is_read_back(log: EventLog) -> None:
    log.append(unit(log, stored(ADA, 1, b"one"), stored(ADA, 2, b"two"), keys=[ADAS_KEY]))
    log.append(unit(log, stored(ADA, 3, b"three")))
    namespace, wrapped, snapshot, tail = log.streams([ADA])[ADA]
    assert (namespace, wrapped, snapshot) == (1, b"wrapped", None)
    assert tail == [stored(ADA, 1, b"one"), stored(ADA, 2, b"two"), stored(ADA, 3, b"three")]


def test_only_streams_that_exist_are_found(log: EventLog) -> None:
    log.append(born(log))
    log.append(born(log, WrappedKey(BOB, 2, b"bobs")))
    found = log.streams([ADA, EVE, BOB])
    assert {profile: stream.namespace for profile, stream in found.items()} == {ADA: 1, BOB: 2}
    assert log.streams([]) == {}


def test_another_writer_reads_it_too(world: World, log: EventLog) -> None:
    log.append(born(log))
    assert versions(world.open().streams([ADA])[ADA].tail) == [1]


def test_an_erased_subject_has_an_empty_key(log: EventLog) -> None:
    log.append(born(log, WrappedKey(ADA, 1, b"")))
    assert log.streams([ADA])[ADA].wrapped == b""


def test_positions_count_up_from_one_in_each_shard(log: EventLog) -> None:
    first = log.place([(5, 1, stored(ADA, 1)), (6, 1, stored(BOB, 1)), (5, 1, stored(ADA, 2))])
    assert [p.position for p in first] == [Position(5, 1), Position(6, 1), Position(5, 2)]
    log.append(Unit(first))
    assert [p.position for p in log.place([(5, 1, stored(ADA, 3))])] == [Position(5, 3)]


def test_what_was_placed_and_not_appended_takes_no_position(log: EventLog) -> None:
    log.place([(SHARD, 1, stored(ADA, 1))])
    assert [p.position.number for p in log.place([(SHARD, 1, stored(ADA, 1))])] == [1]


def test_each_link_covers_the_one_before(log: EventLog) -> None:
    one, two = log.place((SHARD, 1, stored(ADA, version)) for version in (1, 2))
    assert one.chain == link(START.chain, one.stored)
    assert two.chain == link(one.chain, two.stored)


def test_outcomes_are_found_by_their_keys(log: EventLog) -> None:
    one, two, never = uuid4().bytes, uuid4().bytes, uuid4().bytes
    log.append(unit(log, outcomes=[(one, b"1"), (two, b"2")]))
    assert log.outcomes([one, two, never]) == {one: b"1", two: b"2"}
    assert log.outcomes([]) == {}


def test_a_taken_version_is_refused(world: World, log: EventLog) -> None:
    log.append(born(log))
    _refused(world, StreamMoved, unit(log, stored(BOB, 1), stored(ADA, 1), **_all_of_bob()))


def test_a_taken_position_is_refused(world: World, log: EventLog) -> None:
    other = world.open()
    placed = unit(other, stored(BOB, 1), **_all_of_bob())
    log.append(born(log))
    _refused(world, StreamMoved, placed)


def test_a_taken_command_id_is_refused(world: World, log: EventLog) -> None:
    taken = uuid4().bytes
    log.append(born(log, outcomes=[(taken, b"first")]))
    others = _all_of_bob() | {"outcomes": [(uuid4().bytes, b"new"), (taken, b"second")]}
    _refused(world, StreamMoved, unit(log, stored(BOB, 1), **others))


def test_a_taken_subject_key_is_refused(world: World, log: EventLog) -> None:
    log.append(born(log))
    others = _all_of_bob() | {"keys": [WrappedKey(BOB, 1, b"bobs"), WrappedKey(ADA, 1, b"again")]}
    _refused(world, StreamMoved, unit(log, stored(BOB, 1), **others))


def test_who_was_refused_writes_again_after_forgetting(world: World, log: EventLog) -> None:
    other = world.open()
    other.append(unit(other, stored(EVE, 1)))
    log.append(born(log))
    with pytest.raises(StreamMoved):
        other.append(
            Unit(
                [
                    placed._replace(position=Position(SHARD, 2))
                    for placed in unit(other, stored(BOB, 1)).events
                ]
            )
        )
    other.forget_heads()
    again = unit(other, stored(BOB, 1))
    other.append(again)
    assert [p.position for p in again.events] == [Position(SHARD, 3)]


def test_refused_claims_name_the_owners(world: World, log: EventLog) -> None:
    log.append(born(log, claims=[Claim(1, MAIL, ADA), Claim(1, PHONE, ADA)]))
    mine = [Claim(1, MAIL, BOB), Claim(1, CART, BOB), Claim(1, PHONE, BOB)]
    others = _all_of_bob() | {"claims": mine}
    refused = _refused(world, ClaimsRefused, unit(log, stored(BOB, 1), **others))
    assert refused.owners == {(1, MAIL): ADA, (1, PHONE): ADA}


def test_claiming_ones_own_again_is_fine(log: EventLog) -> None:
    log.append(born(log, claims=[Claim(1, MAIL, ADA)]))
    again = [Claim(1, MAIL, ADA), Claim(1, PHONE, ADA), Claim(1, PHONE, ADA)]
    log.append(unit(log, stored(ADA, 2), claims=again))
    assert versions(log.streams([ADA])[ADA].tail) == [1, 2]


def test_shops_do_not_see_each_others_claims(log: EventLog) -> None:
    log.append(born(log, claims=[Claim(1, MAIL, ADA)]))
    log.append(born(log, WrappedKey(BOB, 2, b"bobs"), claims=[Claim(2, MAIL, BOB)]))


def test_one_unit_cannot_give_an_identifier_to_two(world: World, log: EventLog) -> None:
    both = {"claims": [Claim(1, MAIL, ADA), Claim(1, MAIL, BOB)], "keys": [ADAS_KEY]}
    refused = _refused(world, ClaimsRefused, unit(log, stored(ADA, 1), stored(BOB, 1), **both))
    assert refused.owners.keys() == {(1, MAIL)}
    assert refused.owners[1, MAIL] in (ADA, BOB)


def test_the_newest_snapshot_wins(log: EventLog) -> None:
    log.append(unit(log, *(stored(ADA, version) for version in (1, 2, 3)), keys=[ADAS_KEY]))
    log.save_snapshots([_snapshot(2)])
    log.save_snapshots([_snapshot(1)])
    stream = log.streams([ADA])[ADA]
    assert stream.snapshot == _snapshot(2)
    assert versions(stream.tail) == [3]


def test_a_snapshot_of_an_older_schema_is_ignored(log: EventLog) -> None:
    log.append(unit(log, stored(ADA, 1), stored(ADA, 2), keys=[ADAS_KEY]))
    log.save_snapshots([_snapshot(2, SCHEMA - 1)])
    stream = log.streams([ADA])[ADA]
    assert stream.snapshot is None
    assert versions(stream.tail) == [1, 2]


def test_a_newer_schema_replaces_an_older_one_at_a_higher_version(log: EventLog) -> None:
    log.append(unit(log, stored(ADA, 1), stored(ADA, 2), keys=[ADAS_KEY]))
    log.save_snapshots([_snapshot(2, SCHEMA - 1), _snapshot(1)])
    assert log.streams([ADA])[ADA].snapshot == _snapshot(1)


def test_the_whole_stream_leaves_snapshots_aside(log: EventLog) -> None:
    log.append(unit(log, stored(ADA, 1), stored(ADA, 2), keys=[ADAS_KEY]))
    log.save_snapshots([_snapshot(2)])
    stream = log.streams([ADA], whole=True)[ADA]
    assert stream.snapshot is None
    assert versions(stream.tail) == [1, 2]


def test_an_empty_unit_changes_nothing(world: World, log: EventLog) -> None:
    before = world.contents()
    log.append(Unit())
    log.save_snapshots([])
    assert world.contents() == before


def test_a_server_that_is_not_there_is_unreachable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aggregates.log.datastore.WAIT_FOR_CONNECTION_S", 0.5)
    with pytest.raises(LogUnreachable):
        PostgresLog(f"postgresql://customer360@/customer360?host={tmp_path}").outcomes(
            [uuid4().bytes]
        )


def test_connections_that_ended_while_idle_are_replaced_before_anybody_uses_them(
    emptied: str,
) -> None:
    with closing(PostgresLog(emptied)) as log:
        log.append(born(log))
        _end_connections(emptied)
        log.append(unit(log, stored(ADA, 2)))
        assert versions(log.streams([ADA])[ADA].tail) == [1, 2]


def test_a_connection_lost_in_use_is_unreachable_and_then_replaced(
    emptied: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aggregates.log.datastore.has_ended", lambda _: False)  # not yet noticed
    with closing(PostgresLog(emptied)) as log:
        log.append(born(log))
        _end_connections(emptied)
        for _each in range(CONNECTIONS):
            with pytest.raises(LogUnreachable):
                log.append(unit(log, stored(ADA, 2)))
            log.forget_heads()
        log.append(unit(log, stored(ADA, 2)))
        assert versions(log.streams([ADA])[ADA].tail) == [1, 2]


def _all_of_bob() -> dict[str, object]:
    """Something for every table, none of which may be there after a refusal."""
    return {
        "claims": [Claim(1, CART, BOB)],
        "outcomes": [(uuid4().bytes, b"new")],
        "keys": [WrappedKey(BOB, 1, b"bobs")],
    }


def _refused(world: World, error: type[Exception], refused: Unit) -> Exception:
    before = world.contents()
    with pytest.raises(error) as caught:
        world.open().append(refused)
    assert world.contents() == before
    return caught.value


def _snapshot(version: int, schema: int = SCHEMA) -> Snapshot:
    return Snapshot(ADA, version, schema, b"state %d" % version)


def _end_connections(database: str) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
