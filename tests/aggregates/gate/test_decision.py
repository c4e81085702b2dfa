"""The gate: what stops a message, with which numbers, and until when."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from aggregates.gate.checks import Check
from aggregates.gate.decision import Decision, decide
from aggregates.gate.facts import WEEK, Asked, Facts, Held, Place, Sent
from aggregates.profile.channels import Channel
from aggregates.shop.messaging_rules import Blocked, ChannelCaps, MessagingRules
from aggregates.shop.quiet_hours import QuietHours, RegionHours
from tests.aggregates.gate.instants import utc
from tests.aggregates.gate.test_days import SECOND, ZONES, zones

NOON = utc("2026-11-21T12:00")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MAIL, WHATSAPP = Asked("email"), Asked("whatsapp")
ALWAYS = QuietHours(start="00:00", end="00:00")
ONLY_FATIGUE = MessagingRules(
    daily_cap=None, channel_caps=ChannelCaps(None, None, None, None), quiet_hours=ALWAYS
)
channels: st.SearchStrategy[Channel] = st.sampled_from(["email", "sms", "whatsapp", "push"])


def sent(*at: datetime, channel: Channel = "email") -> tuple[Sent, ...]:
    return tuple(Sent(one, channel) for one in at)


def said(facts: Facts, at: datetime = NOON, rules: MessagingRules | None = None) -> Decision:
    return decide(facts, rules or MessagingRules(), at)


def names(decision: Decision) -> list[str]:
    return [check.check for check in decision.checks]


def test_nothing_speaks_against_the_first_message() -> None:
    decision = said(Facts(MAIL))
    assert decision.allowed
    assert (decision.reason, decision.retry_at, decision.on_block) == (None, None, None)
    assert names(decision) == ["consent", "caps", "caps", "fatigue", "quiet_hours"]
    assert all(check.passed and check.reason is None for check in decision.checks)


def test_the_first_that_fails_stops() -> None:
    many = sent(*(NOON - n * HOUR for n in range(9)))
    facts = Facts(MAIL, "globally_unsubscribed", many)
    assert names(said(facts)) == ["consent"]
    assert said(facts).reason == "globally_unsubscribed"
    assert said(facts).retry_at is None
    assert said(facts._replace(refusal=None)).reason == "daily_cap_reached:9/3"
    assert names(said(facts._replace(refusal=None))) == ["consent", "caps"]


def test_three_messages_a_day_and_no_more() -> None:
    today = [NOON - n * HOUR for n in range(3)]
    assert said(Facts(MAIL, sent=sent(*today[:2]))).allowed
    decision = said(Facts(MAIL, sent=sent(*today)))
    assert decision.reason == "daily_cap_reached:3/3"
    assert decision.retry_at == utc("2026-11-22T00:00")
    assert decision.checks[-1] == Check(
        check="caps",
        passed=False,
        reason="daily_cap_reached:3/3",
        count=3,
        held=0,
        limit=3,
        day="2026-11-21",
        time_zone="UTC",
        time_zone_from="default",
    )


def test_a_channel_has_a_cap_of_its_own() -> None:
    two = sent(NOON - HOUR, NOON - 2 * HOUR, channel="whatsapp")
    decision = said(Facts(WHATSAPP, sent=two))
    assert decision.reason == "channel_cap_reached:whatsapp:2/2"
    assert decision.checks[1].passed
    assert said(Facts(MAIL, sent=two)).allowed
    assert said(Facts(Asked("push"), sent=two)).checks[-1].check == "quiet_hours"


def test_the_day_is_the_customers() -> None:
    tokyo = Place("Asia/Tokyo", "explicit", ZoneInfo("Asia/Tokyo"))
    yesterday_there = utc("2026-11-21T14:59:59")
    facts = Facts(MAIL, sent=sent(*[yesterday_there] * 3), place=tokyo)
    at_midnight = utc("2026-11-21T15:00")
    assert said(facts, at_midnight).allowed
    assert said(facts, at_midnight - SECOND).retry_at == at_midnight
    assert not said(facts._replace(place=Place()), at_midnight).allowed


def test_a_day_of_25_hours_has_no_more_messages_than_any_other() -> None:
    new_york = Place("America/New_York", "explicit", ZoneInfo("America/New_York"))
    start = utc("2026-11-01T04:00")
    facts = Facts(MAIL, sent=sent(start, start + HOUR, start + 2 * HOUR), place=new_york)
    assert said(facts, start + 24 * HOUR).retry_at == start + 25 * HOUR
    assert said(facts, start + 25 * HOUR).allowed


def test_who_moves_is_counted_by_the_new_clock() -> None:
    at = utc("2026-11-21T23:30")
    facts = Facts(MAIL, sent=sent(at - HOUR, at - 2 * HOUR, at - 3 * HOUR))
    counts = {}
    for zone in ZONES:
        there = facts._replace(place=Place(zone, "explicit", ZoneInfo(zone)))
        counts[zone] = said(there, at).checks[1].count
    assert counts["UTC"] == counts["America/New_York"] == 3
    assert counts["Europe/Berlin"] == 0
    assert counts["Australia/Sydney"] == 3


def test_what_is_held_counts_like_what_was_sent() -> None:
    held = tuple(Held(NOON - n * SECOND, NOON + n * HOUR, "email") for n in (1, 2, 3))
    decision = said(Facts(MAIL, held=held))
    assert decision.reason == "daily_cap_reached:3/3"
    assert decision.checks[-1].held == 3
    assert decision.retry_at == NOON + HOUR
    assert said(Facts(MAIL, held=held), NOON + HOUR).allowed


def test_what_is_held_over_midnight_counts_on_both_days() -> None:
    at = utc("2026-11-22T00:05")
    held = tuple(Held(at - HOUR, at + HOUR, "email") for _ in range(3))
    assert said(Facts(MAIL, held=held), at).retry_at == at + HOUR


def test_the_eighth_message_in_seven_days_is_one_too_many() -> None:
    seven = [NOON - n * DAY + SECOND for n in range(1, 8)]
    facts = Facts(MAIL, sent=sent(*seven))
    assert said(Facts(MAIL, sent=sent(*seven[:6]))).allowed
    decision = said(facts)
    assert decision.reason == "fatigue"
    assert decision.checks[-1] == Check(
        check="fatigue",
        passed=False,
        reason="fatigue",
        count=7,
        held=0,
        score=0.7,
        threshold=0.7,
    )
    oldest_leaves = seven[-1] + WEEK
    assert decision.retry_at == oldest_leaves == NOON + SECOND
    assert not said(facts, oldest_leaves - timedelta(microseconds=1)).allowed
    assert said(facts, oldest_leaves).allowed


@pytest.mark.parametrize(
    ("threshold", "most"), [(0.1, 1), (0.29, 3), (0.3, 3), (0.31, 4), (0.7, 7), (1.0, 10)]
)
def test_the_threshold_is_met_in_whole_numbers(threshold: float, most: int) -> None:
    rules = replace(ONLY_FATIGUE, fatigue_threshold=threshold)
    at = [NOON - n * SECOND for n in range(most)]
    assert said(Facts(MAIL, sent=sent(*at[1:])), rules=rules).allowed
    assert not said(Facts(MAIL, sent=sent(*at)), rules=rules).allowed


def test_no_cap_and_no_threshold_are_no_checks() -> None:
    rules = replace(ONLY_FATIGUE, fatigue_threshold=None)
    decision = said(Facts(MAIL, sent=sent(*[NOON] * 50)), rules=rules)
    assert decision.allowed
    assert names(decision) == ["consent", "quiet_hours"]


def test_a_cap_of_nothing_never_passes() -> None:
    decision = said(Facts(MAIL), rules=MessagingRules(daily_cap=0))
    assert (decision.reason, decision.retry_at) == ("daily_cap_reached:0/0", None)


def test_at_night_only_mail_is_sent() -> None:
    berlin = Place("Europe/Berlin", "address", ZoneInfo("Europe/Berlin"))
    at = utc("2026-11-21T22:15")
    decision = said(Facts(WHATSAPP, place=berlin), at)
    assert decision.reason == "quiet_hours"
    assert decision.retry_at == utc("2026-11-22T08:00")
    assert decision.checks[-1] == Check(
        check="quiet_hours",
        passed=False,
        reason="quiet_hours",
        start="21:00",
        end="09:00",
        local_time="23:15:00",
        time_zone="Europe/Berlin",
        time_zone_from="address",
    )
    assert said(Facts(MAIL, place=berlin), at).checks[-1].exempt


FRANCE = RegionHours("22:00", "08:00", days=frozenset({"sunday"}))
ABROAD = MessagingRules(
    quiet_hours=QuietHours(regions={"FR": FRANCE, "US": RegionHours(exempt=frozenset())})
)


def test_a_region_has_hours_and_days_of_its_own() -> None:
    paris = Place("Europe/Paris", "address", ZoneInfo("Europe/Paris"), ("FR-IDF", "FR"))
    half_past_nine_in_the_evening, sunday = utc("2026-11-20T20:30"), utc("2026-11-22T12:00")
    assert said(Facts(WHATSAPP, place=paris), half_past_nine_in_the_evening, ABROAD).allowed
    decision = said(Facts(WHATSAPP, place=paris), sunday, ABROAD)
    assert (decision.reason, decision.retry_at) == ("quiet_hours", utc("2026-11-23T07:00"))
    assert decision.checks[-1] == Check(
        check="quiet_hours",
        passed=False,
        reason="quiet_hours",
        day="2026-11-22",
        start="22:00",
        end="08:00",
        local_time="13:00:00",
        time_zone="Europe/Paris",
        time_zone_from="address",
        region="FR",
    )
    berlin = Place("Europe/Berlin", "address", ZoneInfo("Europe/Berlin"), ("DE",))
    assert said(Facts(WHATSAPP, place=berlin), sunday, ABROAD).checks[-1].region is None
    assert said(Facts(WHATSAPP, place=berlin), sunday, ABROAD).allowed


def test_a_channel_that_is_quiet_elsewhere_may_be_loud_in_a_region() -> None:
    new_york = Place("America/New_York", "address", ZoneInfo("America/New_York"), ("US",))
    at = utc("2026-11-22T05:00")
    assert said(Facts(MAIL, place=new_york), at).allowed
    assert said(Facts(MAIL, place=new_york), at, ABROAD).reason == "quiet_hours"


def somewhere(*names: str) -> Place:
    """Any of these, in a shop in Berlin."""
    possible = tuple(Place(name, "phone", ZoneInfo(name)) for name in names)
    return Place("Europe/Berlin", "shop", ZoneInfo("Europe/Berlin"), ("US",), possible)


def test_where_the_zone_is_not_certain_all_that_it_may_be_must_be_loud() -> None:
    facts = Facts(WHATSAPP, place=somewhere("America/New_York", "Pacific/Honolulu"))
    morning_in_new_york, morning_in_hawaii = utc("2026-11-20T15:00"), utc("2026-11-20T19:00")
    decision = said(facts, morning_in_new_york)
    assert (decision.reason, decision.retry_at) == ("quiet_hours", morning_in_hawaii)
    asleep = decision.checks[-1]
    assert (asleep.time_zone, asleep.local_time) == ("Pacific/Honolulu", "05:00:00")
    assert asleep.time_zone_from == "phone"
    assert asleep.time_zones == ("America/New_York", "Pacific/Honolulu")
    assert said(facts, morning_in_hawaii).allowed
    assert said(facts, morning_in_hawaii).checks[1].time_zone == "Europe/Berlin"


def test_where_they_are_never_awake_together_time_does_not_help() -> None:
    facts = Facts(WHATSAPP, place=somewhere("Europe/Kaliningrad", "Asia/Kamchatka"))
    rules = MessagingRules(quiet_hours=QuietHours("19:00", "09:00"))
    assert said(facts, rules=rules).retry_at is None


def test_a_receipt_passes_all_but_consent() -> None:
    receipt = Asked("whatsapp", "transactional")
    at, many = utc("2026-11-21T23:00"), sent(*[NOON] * 20, channel="whatsapp")
    assert said(Facts(receipt, sent=many), at).allowed
    assert names(said(Facts(receipt, sent=many), at)) == ["consent"]
    assert said(Facts(receipt, "suppressed:hard_bounce"), at).reason == "suppressed:hard_bounce"


@pytest.mark.parametrize(
    ("source", "becomes"),
    [("campaign", "drop"), ("journey", "wait"), ("automated", "wait"), ("manual", "drop")],
)
def test_who_wants_it_sent_says_what_becomes_of_it(source: str, becomes: str) -> None:
    asked = Asked("email", source=source)  # type: ignore[arg-type]  # one of them
    facts = Facts(asked, sent=sent(*[NOON] * 3))
    assert said(facts).on_block == becomes
    rules = MessagingRules(on_block=Blocked(**{source: "exit"}))  # type: ignore[arg-type]
    assert said(facts, rules=rules).on_block == "exit"


def test_what_would_come_too_late_is_given_up() -> None:
    midnight = utc("2026-11-22T00:00")
    for deadline, becomes in ((midnight, "wait"), (midnight - SECOND, "exit")):
        asked = Asked("email", source="journey", deadline=deadline)
        assert said(Facts(asked, sent=sent(*[NOON] * 3))).on_block == becomes
    asked = Asked("email", source="journey", deadline=midnight)
    assert said(Facts(asked, "no_consent:email")).on_block == "exit"


def test_what_happens_later_is_not_known_yet() -> None:
    later = sent(*(NOON + n * HOUR for n in range(1, 9)))
    held = (Held(NOON + HOUR, NOON + DAY, "email"),) * 3
    assert said(Facts(MAIL, sent=later, held=held)).allowed


offsets = st.integers(-8 * 86_400, 0).map(lambda s: NOON + timedelta(seconds=s))
histories = st.lists(st.builds(Sent, offsets, channels), max_size=14).map(tuple)
kept = st.lists(
    st.builds(
        Held, offsets, st.integers(1, 5_000).map(lambda s: NOON + timedelta(seconds=s)), channels
    ),
    max_size=3,
).map(tuple)
windows = st.builds(
    QuietHours,
    start=st.sampled_from(["21:00", "00:00", "11:00", "02:30"]),
    end=st.sampled_from(["09:00", "00:00", "13:00", "02:00"]),
    days=st.sampled_from([frozenset(), frozenset({"saturday", "sunday"})]),
    regions=st.sampled_from([{}, {"US": RegionHours("11:00", "18:00")}, {"US": FRANCE}]),
)
places = st.lists(zones, min_size=1, max_size=3).map(lambda names: somewhere(*names)) | zones.map(
    lambda zone: Place(zone, "explicit", ZoneInfo(zone), ("US-NY", "US"))
)
rules_ = st.builds(
    MessagingRules,
    daily_cap=st.sampled_from([None, 1, 3, 5]),
    fatigue_threshold=st.sampled_from([None, 0.3, 0.7]),
    quiet_hours=windows,
)


@settings(deadline=None, max_examples=500)
@given(channels.map(Asked), histories, kept, places, rules_)
def test_the_check_that_failed_passes_at_the_time_it_names_and_no_second_earlier(
    asked: Asked,
    history: tuple[Sent, ...],
    held: tuple[Held, ...],
    place: Place,
    rules: MessagingRules,
) -> None:
    facts = Facts(asked, None, history, held, place)
    decision = said(facts, rules=rules)
    if decision.allowed:
        return
    failed = decision.checks[-1]
    assume(decision.retry_at is not None or failed.check != "quiet_hours")  # never awake together
    assert decision.retry_at is not None
    assert decision.retry_at > NOON
    assert _passed(failed, facts, decision.retry_at, rules)
    assert not _passed(failed, facts, decision.retry_at - SECOND, rules)


def _passed(failed: Check, facts: Facts, at: datetime, rules: MessagingRules) -> bool:
    """Of that check alone; no check before it stops."""
    names_it = (failed.check, failed.channel)
    alone = replace(
        rules,
        daily_cap=rules.daily_cap if names_it == ("caps", None) else None,
        channel_caps=rules.channel_caps if failed.channel else ChannelCaps(None, None, None, None),
        fatigue_threshold=rules.fatigue_threshold if failed.check == "fatigue" else None,
    )
    checks = decide(facts, alone, at).checks
    return next(check.passed for check in checks if (check.check, check.channel) == names_it)
