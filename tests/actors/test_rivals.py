"""A host's work where others write the same tables, and where the log does not answer."""

from uuid import UUID

import pytest
from msgspec.structs import replace

from actors.placement import shard_of
from actors.shard import Contended
from actors.signals import Outcome
from aggregates.log.memory import MemoryLog, MemoryTables
from aggregates.log.port import LogUnreachable, StreamMoved, Unit
from aggregates.profile.commerce import bought
from aggregates.profile.decisions.contact import AddTags
from aggregates.profile.decisions.identity import LinkIdentifier
from aggregates.profile.decisions.visits import RecordCart
from aggregates.profile.events.contact import detail, tags_of
from aggregates.profile.identifiers import Identifier
from tests.actors.shopping import (
    ADA,
    ADAS_MAIL,
    BOB,
    BOBS_MAIL,
    EVE,
    KEYRING,
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


# --- others write, too ---


def test_the_second_owner_of_a_profile_is_refused_and_reads_again() -> None:
    tables = MemoryTables()
    one, two = Host(tables), Host(tables)
    one.tell(ADA, order("1"))
    two.tell(ADA, order("2"))
    answered = [one.tell(ADA, order("3")), two.tell(ADA, order("4")), one.tell(ADA, order("5"))]
    assert [outcome.version for outcome in answered] == [4, 5, 6]
    assert one.remembers(ADA) == folded(tables, ADA)
    assert bought(folded(tables, ADA).orders).order_count == 5
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
    logs = [CountsRefusals(tables), CountsRefusals(tables)]
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


@pytest.mark.parametrize("commits", [False, True], ids=["before", "after"])
def test_memory_is_dropped_when_the_log_fails_in_an_unforeseen_way(commits: bool) -> None:
    """The failure may have come after the commit."""
    tables = MemoryTables()
    log = LosesAnswers(tables, losses=0, error=ZeroDivisionError)
    host = Host(tables, log)
    host.tell(ADA, named("Ada"))
    log.losses, log.commits = 1, commits
    with pytest.raises(ZeroDivisionError):
        host.tell(ADA, named("Augusta"))
    assert host.remembers(ADA) is None
    assert host.tell(ADA).version == (3 if commits else 2)


def test_what_was_decided_on_a_refused_state_is_forgotten() -> None:
    tables = MemoryTables()
    host, other = Host(tables), Host(tables)
    host.tell(ADA, AddTags(("a",)))
    other.tell(ADA, AddTags(("b",)))
    host.tell(ADA, AddTags(("c",)))
    assert tags_of(host.remembers(ADA).contact) == {"a", "b", "c"}


class CountsRefusals(MemoryLog):
    refused = 0

    def append(self, unit: Unit) -> None:
        try:
            super().append(unit)
        except StreamMoved:
            self.refused += 1
            raise


class Overtaken(MemoryLog):
    """Somebody else is always faster."""

    def append(self, unit: Unit) -> None:
        raise StreamMoved("somebody else wrote first")


class LosesAnswers(MemoryLog):
    """Loses the connection around a commit, after it or (where it never `commits`) before."""

    def __init__(
        self, tables: MemoryTables, losses: int, error: type[Exception] = LogUnreachable
    ) -> None:
        super().__init__(tables)
        self.losses, self.commits, self._error = losses, True, error

    def append(self, unit: Unit) -> None:
        lost, self.losses = self.losses > 0, max(0, self.losses - 1)
        if self.commits or not lost:
            super().append(unit)
        if lost:
            raise self._error("the answer was lost")
