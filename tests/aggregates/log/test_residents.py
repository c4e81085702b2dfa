"""What a resident says of itself."""

from uuid import UUID

from aggregates.log.memory import MemoryLog
from aggregates.log.residents import Resident
from aggregates.log.restoring import restored
from aggregates.profile.decisions.lineage import MergeProfiles, ReverseMerge
from tests.actors.shopping import ADA, BOB, BOBS_MAIL, KEYRING, Host, order, signal, to

MERGE = UUID(int=1)


def test_a_customer_who_stands_for_themselves_is_there() -> None:
    assert not _read(_adas_and_bobs(), ADA).is_gone


def test_who_is_part_of_another_customer_is_gone_until_they_are_parted() -> None:
    host = _adas_and_bobs()
    _ask(host, MergeProfiles(MERGE, ADA, BOB))
    assert [_read(host, one).is_gone for one in (ADA, BOB)] == [False, True]
    _ask(host, ReverseMerge(MERGE, ADA))
    assert [_read(host, one).is_gone for one in (ADA, BOB)] == [False, False]


def test_who_is_erased_is_gone() -> None:
    host = _adas_and_bobs()
    host.tables.keys[BOB] = (1, b"")
    assert [_read(host, one).is_gone for one in (ADA, BOB)] == [False, True]


def _adas_and_bobs() -> Host:
    host = Host()
    host.tell(ADA, order("a"))
    host.tell(BOB, order("b"), by=BOBS_MAIL)
    return host


def _ask(host: Host, command: MergeProfiles | ReverseMerge) -> None:
    (outcome,) = host.apply(to(ADA, signal(command, by=(), profile=ADA, creates=False)))
    assert outcome.refused is None, outcome


def _read(host: Host, profile: UUID) -> Resident:
    log = MemoryLog(host.tables)
    return restored(log, KEYRING, profile, log.streams([profile])[profile])
