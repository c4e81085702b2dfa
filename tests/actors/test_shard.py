"""A host's work on what it alone owns: decide, commit, remember."""

import pytest
from msgspec.structs import replace

from actors import deciding
from actors.placement import shard_of
from actors.signals import Outcome
from aggregates.log.memory import MemoryTables
from aggregates.profile.commerce import bought
from aggregates.profile.decide import decide
from aggregates.profile.decisions.contact import AddTags, SetContact
from aggregates.profile.decisions.orders import RecordRefund
from aggregates.profile.money import Price
from aggregates.profile.profile import Profile
from tests.actors.shopping import (
    ADA,
    BOB,
    BOBS_MAIL,
    EVE,
    KEYRING,
    OTHER_SHOP,
    SHOP,
    Host,
    known,
    named,
    order,
    signal,
    to,
)

BAD_MAIL = SetContact(email="not an address")


# --- one signal ---


def test_the_first_signal_of_a_shopper_makes_a_profile(host: Host) -> None:
    (outcome,) = host.apply(to(ADA, signal(order()), fresh=True))
    assert outcome == Outcome(
        profile_id=ADA,
        version=2,
        events=("identity.linked", "orders.placed"),
        position=f"{shard_of(ADA)}:2",
        created=True,
    )
    assert host.topics(ADA) == ["identity.linked", "orders.placed"]
    assert host.tables.keys[ADA][0] == 1


def test_its_identifiers_and_what_it_names_belong_to_the_profile(host: Host) -> None:
    host.tell(ADA, order("1001"))
    digest = KEYRING.namespace(1).digest
    owned = {(1, digest("email", "ada@example.com")), (1, digest("order", "1001"))}
    assert host.tables.identifiers == dict.fromkeys(owned, ADA)


def test_what_is_remembered_is_what_the_log_says(host: Host) -> None:
    host.tell(ADA, order())
    host.tell(ADA, named("Ada"))
    assert host.remembers(ADA) == host.folded(ADA)


def test_another_host_reads_what_the_first_wrote(host: Host) -> None:
    host.tell(ADA, order("1001"))
    other = Host(host.tables)
    assert other.tell(ADA, order("1002")).version == 3
    assert other.remembers(ADA) == host.folded(ADA)


def test_a_signal_that_says_nothing_new_is_answered_and_writes_nothing(host: Host) -> None:
    host.tell(ADA, order())
    outcome = host.tell(ADA, order())
    assert outcome == Outcome(profile_id=ADA, version=2)
    assert len(host.topics(ADA)) == 2


def test_steps_of_a_signal_are_decided_one_on_the_other(host: Host) -> None:
    assert host.tell(ADA, named("Ada"), named("Ada"), named("Augusta")).events == (
        "identity.linked",
        "contact.given",
        "contact.given",
    )


# --- the same again ---


def test_the_same_id_is_answered_as_before(host: Host) -> None:
    sent = to(ADA, signal(order()))
    (first,) = host.apply(sent)
    host.tell(ADA, named("Ada"))
    assert host.apply(sent) == [replace(first, duplicate=True)]
    assert len(host.topics(ADA)) == 3


def test_another_host_answers_the_same_id_as_before(host: Host) -> None:
    sent = to(ADA, signal(order()), fresh=True)
    (first,) = host.apply(sent)
    assert Host(host.tables).apply(sent) == [replace(first, duplicate=True)]


def test_the_same_id_twice_in_one_batch_is_decided_once(host: Host) -> None:
    sent = to(ADA, signal(order()))
    first, second = host.apply(sent, sent)
    assert second == replace(first, duplicate=True)
    assert len(host.topics(ADA)) == 2


def test_an_id_used_for_something_else_is_refused(host: Host) -> None:
    sent = signal(order("1001"), fingerprint=b"one")
    other = replace(signal(order("1002"), fingerprint=b"two"), id=sent.id)
    together = host.apply(to(ADA, sent), to(ADA, other))
    later = host.apply(to(ADA, other))
    assert [outcome.refused for outcome in together + later] == [None, "id_reused", "id_reused"]
    assert bought(host.folded(ADA).orders).order_count == 1


def test_the_same_content_under_another_id_is_a_repeat(host: Host) -> None:
    first, second, third = (signal(named("Ada"), content="order-1001-v3") for _ in range(3))
    one, two = host.apply(to(ADA, first), to(ADA, second))
    (three,) = host.apply(to(ADA, third))
    assert (one.duplicate, two.duplicate, three.duplicate) == (False, True, True)
    assert len(host.topics(ADA)) == 2


def test_the_same_id_in_another_shop_is_another_signal(host: Host) -> None:
    here = signal(order())
    there = replace(here, namespace=OTHER_SHOP)
    outcomes = host.apply(to(ADA, here), to(BOB, there))
    assert [outcome.duplicate for outcome in outcomes] == [False, False]
    assert host.topics(BOB) == host.topics(ADA)


# --- what fails, fails alone ---


def test_a_rejected_signal_fails_alone_and_leaves_no_trace(host: Host) -> None:
    host.tell(ADA, named("Ada"))
    before = host.folded(ADA)
    fine, bad, also_fine = host.apply(
        to(BOB, signal(order("1"), by=BOBS_MAIL)),
        to(ADA, signal(order("2"), BAD_MAIL)),
        to(EVE, signal(order("3"), by=known(email="eve@example.com"))),
    )
    assert (bad.refused, bad.version, bad.events) == ("malformed_email", 2, ())
    assert fine.refused is also_fine.refused is None
    assert host.folded(ADA) == host.remembers(ADA) == before
    assert len(host.tables.commands) == 3


def test_a_rejected_signal_may_come_again(host: Host) -> None:
    bad = signal(BAD_MAIL)
    assert host.apply(to(ADA, bad), to(ADA, bad))[1].refused == "malformed_email"
    mended = replace(bad, steps=signal(named("Ada")).steps)
    assert host.apply(to(ADA, mended))[0].refused is None


def test_a_rejected_first_signal_makes_no_profile(host: Host) -> None:
    (outcome,) = host.apply(to(ADA, signal(BAD_MAIL), fresh=True))
    assert (outcome.refused, outcome.version) == ("malformed_email", 0)
    assert vars(host.tables) == vars(MemoryTables())
    assert len(host.work.residents) == 0


def test_after_a_rejected_first_signal_the_next_one_makes_the_profile(host: Host) -> None:
    bad, good = host.apply(
        to(ADA, signal(BAD_MAIL), fresh=True), to(ADA, signal(order()), fresh=False)
    )
    assert (bad.refused, good.version) == ("malformed_email", 2)


def test_a_bug_fails_its_signal_alone(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    def buggy(profile: Profile, command: object, context: object) -> object:
        if isinstance(command, AddTags):
            raise ZeroDivisionError("ada@example.com")
        return decide(profile, command, context)

    monkeypatch.setattr(deciding, "decide", buggy)
    fine, bug = host.apply(to(ADA, signal(order())), to(ADA, signal(named("Ada"), AddTags(("x",)))))
    assert fine.refused is None
    assert (bug.refused, bug.detail) == ("internal", "ZeroDivisionError")
    assert host.topics(ADA) == ["identity.linked", "orders.placed"]
    assert host.remembers(ADA) == host.folded(ADA)


def test_what_cannot_be_stored_fails_its_signal_alone(host: Host) -> None:
    """Half a surrogate pair is no text that JSON can hold."""
    fine, bad = host.apply(to(BOB, signal(order(), by=BOBS_MAIL)), to(ADA, signal(named("\ud800"))))
    assert fine.refused is None
    assert (bad.refused, bad.detail) == ("internal", "UnicodeEncodeError")
    assert host.tables.keys.keys() == {BOB}


# --- who may not be written to ---


def test_a_profile_named_by_id_must_be_there(host: Host) -> None:
    outcome = host.tell(ADA, named("Ada"), profile=ADA)
    assert outcome.refused == "unknown_profile"
    assert vars(host.tables) == vars(MemoryTables())


def test_who_may_not_create_finds_somebody_or_is_sent_back(host: Host) -> None:
    """It was to follow the first signal of its order, which went to another profile after all."""
    refund = RecordRefund(order_id="1001", refund_id="r1", amount=Price("5.00", "EUR"))
    lost, fine = host.apply(
        to(ADA, signal(refund, by=(), creates=False)), to(BOB, signal(order(), by=BOBS_MAIL))
    )
    assert lost == Outcome(profile_id=ADA, version=0, outrun=True)
    assert fine.refused is None
    assert host.tables.keys.keys() == {BOB}


def test_another_shops_profile_is_unknown(host: Host) -> None:
    host.tell(ADA, named("Ada"))
    stranger = host.tell(ADA, named("Eve"), profile=ADA, namespace=OTHER_SHOP)
    lost = host.tell(ADA, named("Eve"), namespace=OTHER_SHOP)
    assert [outcome.refused for outcome in (stranger, lost)] == ["unknown_profile"] * 2
    assert len(host.topics(ADA)) == 2


def test_an_erased_shopper_is_written_to_no_more(host: Host) -> None:
    host.tell(ADA, named("Ada"))
    host.tables.keys[ADA] = (1, b"")
    outcome = Host(host.tables).tell(ADA, named("Ada"))
    assert (outcome.refused, outcome.version) == ("erased", 2)


def test_a_profile_that_cannot_be_read_refuses_its_own_signals_alone(host: Host) -> None:
    host.tell(ADA, named("Ada"))
    host.tables.keys[ADA] = (SHOP, b"not a wrapped key, and thirty-two bytes long")
    batch = to(ADA, signal(named("Ada"))), to(BOB, signal(named("Bob"), by=BOBS_MAIL))
    hers, his = Host(host.tables).apply(*batch)
    assert (hers.refused, his.refused) == ("unreadable", None)
