"""Why two are not one: given what was told of each, then all that was decided about them."""

from uuid import UUID

import pytest

from aggregates.explaining.apart import reasons
from aggregates.explaining.reason import Reason
from aggregates.explaining.side import nobody
from aggregates.explaining.thirds import named_by_both
from aggregates.profile.events.identity import (
    CandidateClosed,
    CandidateOpened,
    ConflictSeen,
    Demoted,
    DeviceSwitched,
    FlaggedShared,
    SeenElsewhere,
    Unlinked,
)
from aggregates.profile.events.lineage import KeptApart, Released
from aggregates.shop.identity_rules import Limits
from tests.aggregates.explaining.stories import (
    ADA,
    BOB,
    CANDIDATE,
    EVE,
    MERGE,
    Log,
    known,
    linked,
)

MAIL, PHONE = known("email", "ada@shop.example"), known("phone", "+4915112345678")
COOKIE = known("cookie", "k")
ASKED = CandidateOpened(CANDIDATE, BOB, 0.5, "same_phone", ("same_phone",))


@pytest.fixture
def log() -> Log:
    return Log()


def why(log: Log, limits: Limits | None = None) -> list[Reason]:
    """The same whoever of the two is asked first."""
    one, other = log.side(ADA), log.side(BOB)
    found = reasons(one, other, limits or Limits())
    assert rules(reasons(other, one, limits or Limits())) == rules(found)
    return found


def rules(found: list[Reason]) -> list[str]:
    return [reason.rule for reason in found]


def conflict(*others: UUID, kinds: tuple[str, ...] = ("phone",)) -> ConflictSeen:
    return ConflictSeen(tuple(map(str, others)), kinds, "email")


def test_two_who_were_never_named_together(log: Log) -> None:
    log.told(ADA, linked(known("shopify_customer_id", "41")))
    log.told(BOB, linked(known("shopify_customer_id", "42")))
    log.told(ADA, conflict(EVE))
    (reason,) = why(log)
    assert (reason.rule, reason.record) == ("nothing_links_them", None)


def test_a_candidate_waits_for_an_answer(log: Log) -> None:
    log.both((ADA, (ASKED, conflict(BOB))), (BOB, (SeenElsewhere(ADA, (PHONE,)),)))
    (reason,) = why(log)
    assert (reason.rule, reason.candidate_id, reason.score) == ("open_candidate", CANDIDATE, 0.5)
    assert reason.kinds == ("phone",)
    assert "score 0.5" in reason.said


def test_an_answered_candidate_is_none(log: Log) -> None:
    log.told(ADA, ASKED)
    log.told(ADA, CandidateClosed(CANDIDATE, BOB, "merged"))
    assert rules(why(log)) == ["nothing_links_them"]


def test_somebody_rejected_the_candidate(log: Log) -> None:
    log.told(ADA, ASKED)
    rejected = CandidateClosed(CANDIDATE, BOB, "rejected")
    log.both((ADA, (rejected, KeptApart(ADA, BOB))), (BOB, (KeptApart(ADA, BOB),)))
    for one, other in ((ADA, BOB), (BOB, ADA)):
        (reason,) = reasons(log.side(one), log.side(other), Limits())
        assert (reason.rule, reason.candidate_id) == ("kept_apart", CANDIDATE)


def test_somebody_undid_their_merge(log: Log) -> None:
    log.both(
        (ADA, (Released(MERGE, BOB, (BOB,)), KeptApart(ADA, BOB))), (BOB, (KeptApart(ADA, BOB),))
    )
    (reason,) = why(log)
    assert (reason.rule, reason.merge_id) == ("kept_apart", MERGE)


def test_a_lock_between_others_is_none_of_theirs(log: Log) -> None:
    log.told(ADA, KeptApart(ADA, EVE))
    assert rules(why(log)) == ["nothing_links_them"]


def test_a_lock_between_parts_of_them_is_theirs(log: Log) -> None:
    log.told(EVE, KeptApart(BOB, EVE))
    found = reasons(log.side(ADA, EVE), log.side(BOB), Limits())
    assert rules(found) == ["kept_apart"]


def test_a_device_changed_hands(log: Log) -> None:
    log.told(BOB, linked(COOKIE))
    log.both(
        (BOB, (Unlinked(1, (COOKIE,), to=ADA),)),
        (ADA, (DeviceSwitched(1, (COOKIE,), (BOB,)), conflict(BOB, kinds=("cookie",)))),
    )
    (reason,) = why(log)
    assert (reason.rule, reason.kinds) == ("device_switched", ("cookie",))


def test_a_value_that_many_use_unites_nobody(log: Log) -> None:
    log.told(BOB, FlaggedShared((PHONE,), (ADA, BOB, EVE)))
    (reason,) = why(log)
    assert (reason.rule, reason.kinds) == ("shared_value", ("phone",))
    assert reason.said == "So many people use the same phone that it unites nobody."


def test_a_phone_of_a_third_was_seen_with_both(log: Log) -> None:
    log.both((ADA, (conflict(EVE),)), (EVE, (SeenElsewhere(ADA, (PHONE,)),)))
    log.both((BOB, (conflict(EVE),)), (EVE, (SeenElsewhere(BOB, (PHONE,)),)))
    one, other, third = log.side(ADA), log.side(BOB), log.side(EVE)
    assert named_by_both(one, other) == [EVE]
    for pair in ((one, other), (other, one)):
        (reason,) = reasons(*pair, Limits(), [third])
        assert (reason.rule, reason.kinds) == ("used_by_both", ("phone",))
        assert reason.record == log.of(EVE)[1]


def test_different_values_of_a_third_tie_nobody(log: Log) -> None:
    log.both((ADA, (conflict(EVE),)), (EVE, (SeenElsewhere(ADA, (PHONE,)),)))
    log.both((BOB, (conflict(EVE),)), (EVE, (SeenElsewhere(BOB, (MAIL,)),)))
    found = reasons(log.side(ADA), log.side(BOB), Limits(), [log.side(EVE)])
    assert rules(found) == ["nothing_links_them"]


def test_one_had_as_many_addresses_as_one_person_has(log: Log) -> None:
    log.told(ADA, Demoted((MAIL,), "limit"))
    log.told(BOB, linked(MAIL))
    (reason,) = why(log)
    assert (reason.rule, reason.kinds) == ("limit", ("email",))


def test_somebody_said_that_the_address_is_not_hers(log: Log) -> None:
    log.told(ADA, linked(MAIL), Unlinked(1, (MAIL,)))
    log.told(BOB, linked(MAIL))
    (reason,) = why(log)
    assert (reason.rule, reason.record) == ("unlinked", log.of(ADA)[1])


def test_two_accounts_that_met_are_told(log: Log) -> None:
    log.told(ADA, linked(known("shopify_customer_id", "41")))
    log.told(BOB, linked(known("shopify_customer_id", "42")))
    log.told(ADA, ASKED)
    candidate, accounts = why(log)
    assert (candidate.rule, accounts.rule) == ("open_candidate", "two_accounts")
    assert accounts.record == log.of(BOB)[0]


def test_together_they_would_have_too_many_addresses(log: Log) -> None:
    log.told(ADA, linked(MAIL))
    log.told(BOB, linked(known("email", "bob@shop.example")))
    log.told(ADA, ASKED)
    assert rules(why(log, Limits(email=1))) == ["open_candidate", "limit"]
    assert rules(why(log, Limits(email=2))) == ["open_candidate"]


def test_a_signal_that_named_both_and_led_to_nothing(log: Log) -> None:
    log.told(ADA, conflict(BOB, kinds=("cart",)))
    (reason,) = why(log)
    assert (reason.rule, reason.kinds) == ("named_together", ("cart",))
    assert "handed on" in reason.said


def test_the_same_signal_is_told_once_by_what_says_most(log: Log) -> None:
    log.both((ADA, (conflict(BOB),)), (BOB, (SeenElsewhere(ADA, (PHONE,)),)))
    (reason,) = why(log)
    assert (reason.rule, reason.record) == ("seen_with_both", log.of(BOB)[0])


def test_what_weighs_most_comes_first(log: Log) -> None:
    log.told(ADA, conflict(BOB, kinds=("cart",)))
    log.told(BOB, FlaggedShared((PHONE,), (ADA, BOB, EVE)))
    log.told(ADA, ASKED)
    log.told(ADA, KeptApart(ADA, BOB))
    assert rules(why(log)) == ["kept_apart", "open_candidate", "shared_value", "named_together"]


def test_an_address_that_leads_to_nobody_may_have_been_left_aside(log: Log) -> None:
    log.told(ADA, Demoted((MAIL,), "limit"))
    assert rules(reasons(log.side(ADA), nobody(MAIL), Limits())) == ["limit"]
    assert rules(reasons(log.side(ADA), nobody(PHONE), Limits())) == ["nothing_links_them"]


def test_no_sentence_holds_a_value(log: Log) -> None:
    log.told(BOB, linked(MAIL, PHONE, COOKIE), FlaggedShared((PHONE,), (ADA, BOB)))
    log.told(ADA, Demoted((MAIL,), "limit"), DeviceSwitched(1, (COOKIE,), (BOB,)))
    found = why(log)
    assert len(found) == 3
    for value in (MAIL.value, PHONE.value, str(BOB)):
        assert not any(value in reason.said for reason in found)
