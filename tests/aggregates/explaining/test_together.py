"""Why two are one: from the one to the other, merge by merge."""

import pytest

from aggregates.explaining.reason import Reason
from aggregates.explaining.together import chain, linked
from aggregates.profile.events.identity import CandidateClosed, Unlinked
from aggregates.profile.events.lineage import Evidence, Released
from tests.aggregates.explaining import stories
from tests.aggregates.explaining.stories import (
    ADA,
    BOB,
    CANDIDATE,
    EVE,
    MERGE,
    NEXT,
    ZOE,
    Log,
    absorbed,
    known,
)

MAIL, PHONE = known("email", "ada@shop.example"), known("phone", "+4915112345678")


@pytest.fixture
def log() -> Log:
    return Log()


def told(found: list[Reason]) -> list[tuple[str, object]]:
    return [(reason.rule, reason.merge_id) for reason in found]


def test_the_merge_between_them_with_what_was_seen(log: Log) -> None:
    log.told(ADA, absorbed(MERGE, BOB, Evidence("email", ADA, BOB), rule="same_email"))
    for pair in ((ADA, BOB), (BOB, ADA)):
        (reason,) = chain(*pair, log.records)
        assert (reason.rule, reason.kinds, reason.merge_id) == ("same_email", ("email",), MERGE)
        assert reason.said == "The same e-mail address was seen with both."
        assert reason.record == log.records[0]


def test_nested_merges_are_told_one_after_the_other(log: Log) -> None:
    """Bob came to Ada, Ada to Eve; it was Ada whom Eve shared a phone with."""
    log.told(ADA, absorbed(MERGE, BOB, Evidence("email", ADA, BOB), rule="same_email"))
    log.told(EVE, absorbed(NEXT, ADA, Evidence("phone", EVE, ADA), rule="same_phone"))
    assert told(chain(EVE, BOB, log.records)) == [("same_phone", NEXT), ("same_email", MERGE)]


def test_the_way_goes_by_who_was_seen_with_whom_not_by_who_stands_for_whom(log: Log) -> None:
    """Eve was seen with Bob, who was Ada's part by then: Ada has no say in it."""
    log.told(ADA, absorbed(MERGE, BOB))
    log.told(ADA, absorbed(NEXT, EVE, Evidence("phone", BOB, EVE), rule="same_phone"))
    assert told(chain(BOB, EVE, log.records)) == [("same_phone", NEXT)]
    assert told(chain(ADA, EVE, log.records)) == [("by_hand", MERGE), ("same_phone", NEXT)]


def test_two_who_came_separately_are_tied_by_whom_they_came_to(log: Log) -> None:
    log.told(ADA, absorbed(MERGE, BOB))
    log.told(ADA, absorbed(NEXT, ZOE))
    assert told(chain(BOB, ZOE, log.records)) == [("by_hand", MERGE), ("by_hand", NEXT)]


def test_a_merge_that_was_undone_says_nothing(log: Log) -> None:
    log.told(ADA, absorbed(MERGE, BOB, Evidence("phone", ADA, BOB), rule="same_phone"))
    log.told(ADA, Released(MERGE, BOB, (BOB,)))
    log.told(ADA, absorbed(NEXT, BOB))
    assert told(chain(ADA, BOB, log.records)) == [("by_hand", NEXT)]


def test_who_is_the_same_needs_no_merge(log: Log) -> None:
    assert chain(ADA, ADA, log.records) == []


def test_a_candidate_that_somebody_accepted_is_named(log: Log) -> None:
    answered = CandidateClosed(CANDIDATE, BOB, "accepted")
    log.told(ADA, absorbed(MERGE, BOB, rule="same_phone"), answered)
    (reason,) = chain(ADA, BOB, log.records)
    assert (reason.candidate_id, reason.kinds) == (CANDIDATE, ("phone",))
    assert reason.said.startswith("Somebody accepted")


@pytest.mark.parametrize(
    ("rule", "said"),
    [("by_hand", "Somebody said"), ("merged_by_the_shop", "The shop has merged")],
)
def test_who_united_them_is_said(log: Log, rule: str, said: str) -> None:
    log.told(ADA, absorbed(MERGE, BOB, rule=rule))
    (reason,) = chain(ADA, BOB, log.records)
    assert reason.said.startswith(said)


def test_an_identifier_is_explained_by_the_event_that_brought_it(log: Log) -> None:
    log.told(ADA, stories.linked(MAIL), subject=BOB)
    reason = linked(MAIL, log.records)
    assert reason is not None
    assert (reason.rule, reason.kinds, reason.record) == ("linked", ("email",), log.records[0])
    assert linked(PHONE, log.records) is None
    log.told(ADA, Unlinked(1, (MAIL,)), subject=BOB)
    assert linked(MAIL, log.records) is None
