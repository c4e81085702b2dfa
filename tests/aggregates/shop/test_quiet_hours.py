"""Hours, days and dates on which a shop is quiet: anywhere, in a country, in one of its regions."""

from datetime import date

import msgspec
import pytest

from aggregates.shop.messaging_rules import MessagingRules, warnings
from aggregates.shop.quiet_hours import (
    MAX_DATES,
    MAX_REGIONS,
    QuietHours,
    RegionHours,
    entry_of,
    hours_of,
    no_dates,
)

DECODER = msgspec.json.Decoder(QuietHours)
FRANCE = RegionHours("22:00", "08:00", days=frozenset({"sunday"}), dates=frozenset({"05-01"}))
USA = RegionHours(end="08:00", exempt=frozenset())
FLORIDA = RegionHours(start="20:00")
HOURS = QuietHours(regions={"FR": FRANCE, "US": USA, "US-FL": FLORIDA})


def test_what_a_region_does_not_say_is_as_in_its_country_and_else_as_anywhere() -> None:
    florida = HOURS.within(("US-FL", "US"))
    assert (florida.start, florida.end, florida.exempt) == ("20:00", "08:00", frozenset())
    texas = HOURS.within(("US-TX", "US"))
    assert (texas.start, texas.end) == ("21:00", "08:00")
    assert HOURS.within(("DE",)) == HOURS.within(()) == HOURS


def test_a_region_may_have_fewer_quiet_days_than_elsewhere() -> None:
    hours = QuietHours(days=frozenset({"sunday"}), regions={"AE": RegionHours(days=frozenset())})
    assert hours.within(("AE",)).days == frozenset()
    assert hours.within(("DE",)).days == {"sunday"}


@pytest.mark.parametrize(
    ("day", "quiet"),
    [
        ("2026-11-22", True),  # a Sunday
        ("2026-11-23", False),
        ("2026-05-01", True),
        ("2027-05-01", True),
        ("2026-04-06", True),
        ("2027-04-06", False),
        ("2028-02-29", True),
        ("2027-03-01", False),
    ],
)
def test_days_are_quiet_by_their_name_or_their_date(day: str, quiet: bool) -> None:
    hours = QuietHours(
        days=frozenset({"sunday"}), dates=frozenset({"05-01", "2026-04-06", "02-29"})
    )
    assert hours.is_quiet_day(date.fromisoformat(day)) == quiet
    assert not QuietHours().is_quiet_day(date.fromisoformat(day))


def test_a_date_that_no_calendar_has_is_named() -> None:
    strange = frozenset({"2026-02-29", "02-29", "2026-12-25", "04-31"})
    hours = QuietHours(dates=strange, regions={"FR": RegionHours(dates=strange), "DE": None})
    assert list(no_dates(hours)) == [
        ("regions.FR.dates", "04-31"),
        ("regions.FR.dates", "2026-02-29"),
        ("dates", "04-31"),
        ("dates", "2026-02-29"),
    ]


@pytest.mark.parametrize(
    ("given", "member"),
    [
        ({"days": ["sabbath"]}, "days"),
        ({"dates": ["25.12."]}, "dates"),
        ({"dates": ["2026-13-01"]}, "dates"),
        ({"regions": {"FR": {"start": "8:00"}}}, "start"),
        ({"regions": {"FR": {"regions": {}}}}, "regions"),
        ({"regions": {"FR": "quiet"}}, "regions"),
        ({"regions": {str(n): {} for n in range(MAX_REGIONS + 1)}}, "regions"),
        ({"dates": [f"{2000 + n}-12-25" for n in range(MAX_DATES + 1)]}, "dates"),
    ],
)
def test_what_cannot_be_meant_is_refused(given: object, member: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=member):
        DECODER.decode(msgspec.json.encode(given))


def test_they_are_written_as_they_are_read() -> None:
    assert DECODER.decode(msgspec.json.encode(HOURS)) == HOURS
    for hours in (FRANCE, USA, FLORIDA, RegionHours()):
        told = entry_of(hours)
        assert told is not None
        assert hours_of(told) == hours


def test_an_event_tells_only_what_was_said_and_reads_what_others_say() -> None:
    assert entry_of(FLORIDA) == {"start": "20:00"}
    assert entry_of(USA) == {"end": "08:00", "exempt": ()}
    assert entry_of(None) is None
    assert hours_of({"start": "20:00", "noise": "none", "dates": ("25.12.",)}) == RegionHours(
        "20:00", dates=frozenset({"25.12."})
    )


def test_what_can_hardly_be_meant_is_warned_of_by_region() -> None:
    always = frozenset(
        {"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"}
    )
    hours = QuietHours(
        start="08:00",
        regions={
            "US": RegionHours(end="08:00"),
            "US-FL": RegionHours(start="20:00"),
            "FR": RegionHours(end="08:00", days=frozenset({"sunday"})),
            "IT": RegionHours(days=always),  # type: ignore[arg-type]  # all of them
        },
    )
    rules = MessagingRules(daily_cap=None, quiet_hours=hours)
    assert warnings(rules) == [
        "quiet_hours.regions.IT.days are all there are: no message that makes a noise is ever sent",
        "quiet_hours.regions.US start when they end: no hour is quiet",
    ]
