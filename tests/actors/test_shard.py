"""A host's work: decide, commit, remember; alone, in doubt and against others."""

from collections.abc import Sequence
from uuid import UUID

import pytest
from msgspec.structs import replace

from actors import drafting
from actors.placement import shard_of
from actors.residents import EMPTY_BYTES, Residents
from actors.shard import Contended
from actors.signals import Outcome
from aggregates.log import snapshots
from aggregates.log.memory import MemoryLog, MemoryTables
from aggregates.log.port import LogUnreachable, Snapshot, StreamMoved, Unit
from aggregates.profile.commerce import order_count
from aggregates.profile.decide import decide
from aggregates.profile.decisions.contact import AddTags, SetContact
from aggregates.profile.decisions.identity import LinkIdentifier
from aggregates.profile.decisions.visits import RecordCart
from aggregates.profile.events.contact import detail, tags_of
from aggregates.profile.identifiers import Identifier
from aggregates.profile.profile import Profile
from tests.actors.shopping import (
    ADA,
    ADAS_MAIL,
    BOB,
    BOBS_MAIL,
    EVE,
    KEYRING,
    OTHER_SHOP,
    SHOP,
    Host,
    each_once,
    folded,
    holds_together,
    known,
    named,
    order,
    signal,
    to,
)

# ruff: noqa: S106  (tokens of carts are no secrets)

CART = Identifier("cart", "c1")
BAD_MAIL = SetContact(email="not an address")


@pytest.fixture
def host() -> Host:
    return Host()


# --- one signal ---


def test_the_first_signal_of_a_shopper_makes_a_profile(host: Host) -> None:
    (outcome,) = host.apply(to(ADA, signal(order()), fresh=True))
    assert outcome == Outcome(
        profile_id=ADA,
        version=2,
        events=("identity.linked", "orders.placed"),
        position=f"{shard_of(ADA)}:2",
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
    assert order_count(host.folded(ADA).orders) == 1


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

    monkeypatch.setattr(drafting, "decide", buggy)
    fine, bug = host.apply(to(ADA, signal(order())), to(ADA, signal(named("Ada"), AddTags(("x",)))))
    assert fine.refused is None
    assert (bug.refused, bug.detail) == ("internal", "ZeroDivisionError")
    assert host.topics(ADA) == ["identity.linked", "orders.placed"]
    assert host.remembers(ADA) == host.folded(ADA)


# --- who may not be written to ---


def test_a_profile_named_by_id_must_be_there(host: Host) -> None:
    outcome = host.tell(ADA, named("Ada"), profile=ADA)
    assert outcome.refused == "unknown_profile"
    assert vars(host.tables) == vars(MemoryTables())


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


def test_an_erased_shoppers_snapshot_is_not_needed(host: Host) -> None:
    _fill(host, snapshots.EVERY)
    host.work.save_snapshots()
    host.tables.keys[ADA] = (1, b"")
    assert Host(host.tables).tell(ADA, named("Ada")).refused == "erased"


def test_a_profile_that_cannot_be_read_refuses_its_own_signals_alone(host: Host) -> None:
    host.tell(ADA, named("Ada"))
    host.tables.keys[ADA] = (SHOP, b"not a wrapped key, and thirty-two bytes long")
    batch = to(ADA, signal(named("Ada"))), to(BOB, signal(named("Bob"), by=BOBS_MAIL))
    hers, his = Host(host.tables).apply(*batch)
    assert (hers.refused, his.refused) == ("unreadable", None)


# --- others write, too ---


def test_the_second_owner_of_a_profile_is_refused_and_reads_again() -> None:
    tables = MemoryTables()
    one, two = Host(tables), Host(tables)
    one.tell(ADA, order("1"))
    two.tell(ADA, order("2"))
    answered = [one.tell(ADA, order("3")), two.tell(ADA, order("4")), one.tell(ADA, order("5"))]
    assert [outcome.version for outcome in answered] == [4, 5, 6]
    assert one.remembers(ADA) == folded(tables, ADA)
    assert order_count(folded(tables, ADA).orders) == 5
    holds_together(tables)


def test_an_id_that_was_minted_for_an_older_signal_is_read_after_all() -> None:
    """The first signal's answer was lost; the second carries the same new id, and is decided."""
    tables = MemoryTables()
    Host(tables).apply(to(ADA, signal(order("1")), fresh=True))
    (outcome,) = Host(tables).apply(to(ADA, signal(order("2")), fresh=True))
    assert outcome.version == 3
    holds_together(tables)


def test_two_owners_of_a_shard_leave_no_hole_in_it() -> None:
    tables = MemoryTables()
    logs = [RemembersHeads(tables), RemembersHeads(tables)]
    one, two = (Host(tables, log) for log in logs)
    neighbours = [UUID(int=number) for number in range(3000) if shard_of(UUID(int=number)) == 7]
    for number, profile in enumerate(neighbours):
        host = (one, two)[number % 3 == 0]
        host.tell(profile, order(str(number)), by=known(email=f"{number}@example.com"))
    assert sum(log.refused for log in logs) > 0
    holds_together(tables)


def test_who_is_always_overtaken_gives_up() -> None:
    tables = MemoryTables()
    host = Host(tables, Overtaken(tables))
    with pytest.raises(Contended, match="3 attempts at 1 signal"):
        host.tell(ADA, order())
    assert vars(tables) == vars(MemoryTables())


def test_only_the_signals_whose_identifiers_were_claimed_are_outrun(host: Host) -> None:
    Host(host.tables).tell(ADA, named("Ada"))
    outrun, fine, born = host.apply(
        to(BOB, signal(order("1"), by=ADAS_MAIL), fresh=True),
        to(BOB, signal(order("2"), by=BOBS_MAIL)),
        to(EVE, signal(order("3"), by=known(email="eve@example.com")), fresh=True),
    )
    assert outrun == Outcome(profile_id=BOB, version=0, outrun=True)
    assert (fine.events, born.events) == (("identity.linked", "orders.placed"),) * 2
    assert host.topics(BOB) == host.topics(EVE) == ["identity.linked", "orders.placed"]
    holds_together(host.tables)


def test_of_two_profiles_minted_for_one_shopper_one_is_outrun(host: Host) -> None:
    first, second = host.apply(
        to(ADA, signal(order("1")), fresh=True), to(BOB, signal(order("2")), fresh=True)
    )
    assert sorted([first.outrun, second.outrun]) == [False, True]
    assert len(host.tables.keys) == 1


# --- the log does not answer ---


def test_a_commit_whose_answer_was_lost_is_not_made_twice() -> None:
    tables = MemoryTables()
    host = Host(tables, LosesAnswers(tables, losses=1))
    batch = [to(ADA, signal(order()), fresh=True), to(ADA, signal(named("Ada")))]
    with pytest.raises(LogUnreachable):
        host.apply(*batch)
    written = dict(tables.events)
    answered = host.apply(*batch)
    assert tables.events == written
    assert [(o.events, o.duplicate) for o in answered] == [
        (("identity.linked", "orders.placed"), True),
        (("contact.given",), True),
    ]
    each_once(tables, list(zip((sent.signal for sent in batch), answered, strict=True)))


def test_memory_is_dropped_when_the_log_does_not_answer(host: Host) -> None:
    tables = MemoryTables()
    log = LosesAnswers(tables, losses=0)
    host = Host(tables, log)
    host.tell(ADA, named("Ada"))
    log.losses, log.commits = 1, False
    with pytest.raises(LogUnreachable):
        host.tell(ADA, named("Augusta"))
    assert host.remembers(ADA) is None
    assert detail(folded(tables, ADA).contact, "first_name") == "Ada"
    assert host.tell(ADA, AddTags(("vip",))).version == 3
    assert host.remembers(ADA) == folded(tables, ADA)


def test_what_was_decided_on_a_refused_state_is_forgotten() -> None:
    tables = MemoryTables()
    host, other = Host(tables), Host(tables)
    host.tell(ADA, AddTags(("a",)))
    other.tell(ADA, AddTags(("b",)))
    host.tell(ADA, AddTags(("c",)))
    assert tags_of(host.remembers(ADA).contact) == {"a", "b", "c"}


# --- residents ---


def test_the_least_recently_used_residents_leave_first() -> None:
    host = Host(residents=Residents(max_count=2))
    for profile, mail in ((ADA, "ada"), (BOB, "bob")):
        host.tell(profile, order(mail), by=known(email=f"{mail}@example.com"))
    host.tell(ADA, named("Ada"))
    host.tell(EVE, order("eve"), by=known(email="eve@example.com"))
    assert [host.remembers(profile) is not None for profile in (ADA, BOB, EVE)] == [
        True,
        False,
        True,
    ]


def test_residents_leave_when_together_they_are_too_large() -> None:
    host = Host(residents=Residents(max_bytes=3 * EMPTY_BYTES))
    for number in range(10):
        host.tell(UUID(int=number), order(str(number)), by=known(email=f"{number}@example.com"))
    assert 1 <= len(host.work.residents) <= 2
    assert EMPTY_BYTES < host.work.residents.bytes <= 3 * EMPTY_BYTES


def test_a_resident_too_large_to_keep_is_read_each_time() -> None:
    host = Host(residents=Residents(max_bytes=EMPTY_BYTES))
    versions = [host.tell(ADA, order(str(number))).version for number in range(3)]
    assert versions == [2, 3, 4]
    assert host.work.residents.bytes == len(host.work.residents) == 0


@pytest.mark.parametrize("max_count", [0, 1, 2])
def test_a_batch_may_be_larger_than_what_is_kept(max_count: int) -> None:
    host = Host(residents=Residents(max_count=max_count))
    shoppers = [(UUID(int=n), known(email=f"{n}@example.com")) for n in range(5)]
    for number in range(2):
        batch = [to(who, signal(order(f"{who}-{number}"), by=mail)) for who, mail in shoppers * 2]
        assert all(outcome.refused is None for outcome in host.apply(*batch))
    assert [len(host.topics(who)) for who, _ in shoppers] == [3] * 5
    assert len(host.work.residents) == max_count


def test_sizes_are_counted_once(host: Host) -> None:
    for number in range(5):
        host.tell(ADA, order(str(number)))
    host.tell(BOB, order("b"), by=BOBS_MAIL)
    state = sum(len(placed.stored.state) for placed in host.tables.events.values())
    assert host.work.residents.bytes == 2 * EMPTY_BYTES + state
    host.work.residents.drop([ADA, BOB, EVE])
    assert host.work.residents.bytes == 0


# --- snapshots ---


def test_a_snapshot_is_due_after_every_hundred_events(host: Host) -> None:
    taken = []
    for number in range(2 * snapshots.EVERY):  # the first signal has two events
        host.tell(ADA, order(str(number)))
        taken.append(host.work.save_snapshots())
    assert [n + 2 for n, due in enumerate(taken) if due] == [100, 200]
    assert host.tables.snapshots[ADA].version == 200


def test_a_batch_that_jumps_over_the_hundred_makes_it_due(host: Host) -> None:
    _fill(host, snapshots.EVERY + 20)
    assert host.work.save_snapshots() == 1
    assert host.work.save_snapshots() == 0
    assert host.tables.snapshots[ADA].version == snapshots.EVERY + 20


def test_a_snapshot_and_what_came_since_equal_the_whole(host: Host) -> None:
    _fill(host, snapshots.EVERY)
    host.work.save_snapshots()
    _fill(host, 7)
    other = Host(host.tables)
    other.tell(ADA)
    assert other.remembers(ADA) == host.folded(ADA)


def test_an_unreadable_snapshot_is_read_around(host: Host) -> None:
    _fill(host, 7)
    host.tables.snapshots[ADA] = Snapshot(ADA, 5, snapshots.SCHEMA, b"no ciphertext at all")
    other = Host(host.tables)
    assert other.tell(ADA, named("Ada")).version == 8
    assert other.remembers(ADA) == host.folded(ADA)


def test_a_long_tail_makes_a_snapshot_due(host: Host) -> None:
    _fill(host, snapshots.EVERY + 1)
    other = Host(host.tables)
    other.tell(ADA)
    assert other.work.save_snapshots() == 1


def test_snapshots_hold_nothing_in_clear(host: Host) -> None:
    host.tell(ADA, named("canary"))
    _fill(host, snapshots.EVERY)
    host.work.save_snapshots()
    assert b"canary" not in host.tables.snapshots[ADA].state


# --- one owner for each identifier ---


def test_what_another_profile_owns_stays_with_it(host: Host) -> None:
    """A visitor fills a cart, and Ada finishes it."""
    host.tell(BOB, RecordCart(cart_token="c1"), by=BOBS_MAIL)
    sent = signal(RecordCart(cart_token="c1"))
    (outcome,) = host.apply(to(ADA, sent, others={CART: BOB}))
    assert outcome.events == ("identity.linked", "identity.conflict_seen", "visits.cart_updated")
    assert _owner(host, CART) == BOB


def test_what_a_signal_does_not_name_is_not_claimed(host: Host) -> None:
    """Nobody has looked up who owns it."""
    host.tell(BOB, RecordCart(cart_token="c1"), by=BOBS_MAIL)
    unnamed = replace(signal(RecordCart(cart_token="c1")), identifiers=ADAS_MAIL)
    assert host.apply(to(ADA, unnamed))[0].outrun is False
    assert _owner(host, CART) == BOB


def test_an_identifier_to_link_that_is_anothers_does_not_stop_the_batch(host: Host) -> None:
    host.tell(ADA, named("Ada"))
    fine, outrun = host.apply(
        to(EVE, signal(named("Eve"), by=known(email="eve@example.com"))),
        to(BOB, signal(LinkIdentifier("email", "ada@example.com"), by=BOBS_MAIL + ADAS_MAIL)),
    )
    assert (fine.version, outrun.outrun) == (2, True)


def test_of_two_that_claim_the_same_at_once_only_one_is_outrun(host: Host) -> None:
    """Were both sent back, they would come again together, and so for ever."""
    (cookie,) = known(cookie="shared")
    outcomes = host.apply(
        to(ADA, signal(by=[*ADAS_MAIL, cookie])), to(BOB, signal(by=[*BOBS_MAIL, cookie]))
    )
    assert sorted(outcome.outrun for outcome in outcomes) == [False, True]
    winner = next(outcome for outcome in outcomes if not outcome.outrun)
    assert _owner(host, cookie) == winner.profile_id


def _owner(host: Host, one: Identifier) -> UUID:
    return host.tables.identifiers[1, KEYRING.namespace(1).digest(one.kind, one.value)]


class RemembersHeads(MemoryLog):
    """Trusts its memory of the heads between batches, as the log in Postgres does."""

    refused = 0

    def append(self, unit: Unit) -> None:
        heads = dict(self._heads)
        try:
            super().append(unit)
        except StreamMoved:
            self.refused += 1
            raise
        self._heads = heads
        for placed in unit.events:
            self._heads.update(self.tables.heads([placed.position.shard]))


class Overtaken(MemoryLog):
    """Somebody else is always faster."""

    def append(self, unit: Unit) -> None:
        raise StreamMoved("somebody else wrote first")


class LosesAnswers(MemoryLog):
    """Loses the connection around a commit, after it or (where it never `commits`) before."""

    def __init__(self, tables: MemoryTables, losses: int) -> None:
        super().__init__(tables)
        self.losses, self.commits = losses, True

    def append(self, unit: Unit) -> None:
        lost, self.losses = self.losses > 0, max(0, self.losses - 1)
        if self.commits or not lost:
            super().append(unit)
        if lost:
            raise LogUnreachable("the answer was lost")


def _fill(host: Host, events: int) -> Sequence[Outcome]:
    """That many events of Ada's in one batch."""
    held = host.tables.events
    start = len(held)
    batch = [to(ADA, signal(order(f"{start}-{n}"))) for n in range(events - (start == 0))]
    return host.apply(*batch)
