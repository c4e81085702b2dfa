"""What a customer is recognised by: which part of them it came by, and which event says so."""

import pytest

from aggregates.explaining.recognised import Recognised, recognised_by
from aggregates.profile.events.identity import Demoted, DeviceSwitched, FlaggedShared, Unlinked
from tests.aggregates.explaining.stories import ADA, BOB, Log, known, linked

MAIL, PHONE = known("email", "ada@shop.example"), known("phone", "+4915112345678")
COOKIE = known("cookie", "k")


@pytest.fixture
def log() -> Log:
    return Log()


def only(log: Log) -> Recognised:
    (found,) = recognised_by(log.records)
    return found


def test_an_identifier_is_told_with_its_first_event_and_its_sightings(log: Log) -> None:
    log.told(ADA, linked(MAIL))
    log.told(ADA, linked(MAIL))
    found = only(log)
    assert (found.identifier, found.live, found.why_not, found.source) == (
        MAIL,
        True,
        None,
        "shopify",
    )
    assert found.record == log.records[0]
    assert found.first == log.records[0].occurred_at


def test_what_came_by_another_part_says_so(log: Log) -> None:
    log.told(ADA, linked(PHONE))
    log.told(ADA, linked(MAIL), subject=BOB)
    assert [(one.identifier, one.subject) for one in recognised_by(log.records)] == [
        (MAIL, BOB),
        (PHONE, ADA),
    ]


def test_what_was_taken_away_by_hand_names_the_event(log: Log) -> None:
    log.told(ADA, linked(MAIL))
    log.told(ADA, Unlinked(1, (MAIL,)))
    log.told(ADA, Demoted((MAIL,), "unlinked"))
    found = only(log)
    assert (found.live, found.why_not, found.record) == (False, "unlinked", log.records[1])


def test_what_came_back_is_told_by_how_it_came_back(log: Log) -> None:
    log.told(ADA, linked(MAIL))
    log.told(ADA, Unlinked(1, (MAIL,)))
    log.told(ADA, linked(MAIL, turn=1))
    found = only(log)
    assert (found.live, found.record) == (True, log.records[2])


def test_a_device_that_went_to_somebody_else(log: Log) -> None:
    log.told(BOB, linked(COOKIE))
    log.told(BOB, Unlinked(1, (COOKIE,), to=ADA))
    log.told(ADA, DeviceSwitched(1, (COOKIE,), (BOB,)))
    hers, his = recognised_by(log.records)
    assert (hers.subject, hers.live, hers.record) == (ADA, True, log.records[2])
    assert (his.subject, his.live, his.why_not) == (BOB, False, "switched")


def test_what_was_beyond_the_limit_was_never_linked(log: Log) -> None:
    log.told(ADA, Demoted((MAIL,), "limit"))
    found = only(log)
    assert (found.live, found.why_not, found.first) == (False, "limit", None)


def test_a_shared_value_says_so(log: Log) -> None:
    log.told(ADA, linked(PHONE), FlaggedShared((PHONE,), (ADA, BOB)))
    assert only(log).shared


def test_what_leads_here_comes_first_and_then_the_strongest(log: Log) -> None:
    account = known("shopify_customer_id", "42")
    log.told(ADA, linked(COOKIE, MAIL), Demoted((account,), "limit"))
    assert [one.identifier for one in recognised_by(log.records)] == [MAIL, COOKIE, account]
