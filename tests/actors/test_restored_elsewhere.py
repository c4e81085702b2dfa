"""A merge and its reversal are one host's work, and change streams that another host writes to."""

import pytest
from uuid_utils.compat import uuid7

from actors.signals import Outcome, Routed
from aggregates.log.memory import MemoryTables
from aggregates.profile.decisions.identity import UnlinkIdentifier
from aggregates.profile.decisions.lineage import MergeProfiles, ReverseMerge
from tests.actors.shopping import ADA, ADAS_MAIL, BOB, BOBS_MAIL, Host, known, order, signal, to

MERGE = uuid7()


@pytest.fixture
def tables() -> MemoryTables:
    return MemoryTables()


@pytest.fixture
def adas(tables: MemoryTables) -> Host:
    host = Host(tables)
    host.apply(to(ADA, signal(order("1"), by=ADAS_MAIL), fresh=True))
    return host


@pytest.fixture
def bobs(tables: MemoryTables, adas: Host) -> Host:
    host = Host(tables)
    host.apply(to(BOB, signal(order("2"), by=BOBS_MAIL), fresh=True))
    return host


def united(host: Host) -> None:
    told = signal(MergeProfiles(MERGE, ADA, BOB), by=(), profile=ADA, creates=False)
    (outcome,) = host.apply(to(ADA, told))
    assert outcome.refused is None


def parted(host: Host) -> None:
    told = signal(ReverseMerge(MERGE, ADA), by=(), profile=ADA, creates=False)
    (outcome,) = host.apply(to(ADA, told))
    assert outcome.refused is None


def bought(host: Host, number: str) -> Outcome:
    (outcome,) = host.apply(to(BOB, signal(order(number), by=BOBS_MAIL)))
    return outcome


def test_who_was_absorbed_and_restored_is_served_by_their_own_host(adas: Host, bobs: Host) -> None:
    """Something had come to it meanwhile, on a way that was right a moment before."""
    united(adas)
    bobs.work.residents.drop([BOB])
    assert bought(bobs, "3").outrun
    parted(adas)
    assert bought(bobs, "3").events == ("orders.placed",)


def test_who_was_absorbed_elsewhere_does_not_absorb_who_absorbed_them(
    adas: Host, bobs: Host
) -> None:
    """Bob's host remembers him as he was; then he comes with Ada's address."""
    united(adas)
    both = signal(order("3"), by=(*BOBS_MAIL, *ADAS_MAIL))
    routed = to(BOB, both, others={ADAS_MAIL[0]: ADA})
    (outcome,) = bobs.apply(routed)
    assert outcome.outrun


def test_what_became_theirs_meanwhile_can_be_taken_away(adas: Host, bobs: Host) -> None:
    """Bob's host knows nothing of the phone, and must not say so from memory."""
    united(adas)
    phone = known(phone="+4915112345678")
    routed = to(ADA, signal(order("3"), by=(*BOBS_MAIL, *phone)))
    adas.apply(Routed(ADA, False, routed.recognise, routed.signal, BOB))
    parted(adas)
    unlink = UnlinkIdentifier(kind="phone", value=phone[0].value)
    (outcome,) = bobs.apply(to(BOB, signal(unlink, by=(), profile=BOB, creates=False)))
    assert outcome.refused is None
    assert "identity.unlinked" in outcome.events
