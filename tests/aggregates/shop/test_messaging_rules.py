"""A shop's rules of messaging: the product's unless set, checked, and warned of."""

import msgspec
import pytest

from aggregates.shop.messaging_rules import ChannelCaps, MessagingRules, warnings
from aggregates.shop.quiet_hours import QuietHours

DECODER = msgspec.json.Decoder(MessagingRules)


def test_unset_they_are_the_products() -> None:
    rules = DECODER.decode(b"{}")
    assert rules == MessagingRules()
    assert (rules.daily_cap, rules.channel_caps) == (3, ChannelCaps(5, 1, 2, None))
    assert (rules.fatigue_threshold, rules.reservation_minutes) == (0.7, 15)
    assert (rules.quiet_hours.start, rules.quiet_hours.end) == ("21:00", "09:00")
    assert rules.quiet_hours.exempt == {"email"}


def test_they_are_written_as_they_are_read() -> None:
    rules = MessagingRules(daily_cap=None, quiet_hours=QuietHours(exempt=frozenset({"push"})))
    assert DECODER.decode(msgspec.json.encode(rules)) == rules


@pytest.mark.parametrize(
    ("given", "member"),
    [
        ({"daily_cap": -1}, "daily_cap"),
        ({"daily_cap": 1_001}, "daily_cap"),
        ({"channel_caps": {"email": -1}}, "channel_caps.email"),
        ({"channel_caps": {"fax": 1}}, "fax"),
        ({"fatigue_threshold": 0}, "fatigue_threshold"),
        ({"fatigue_threshold": 1.1}, "fatigue_threshold"),
        ({"quiet_hours": {"start": "24:00"}}, "quiet_hours.start"),
        ({"quiet_hours": {"end": "9:00"}}, "quiet_hours.end"),
        ({"quiet_hours": {"exempt": ["fax"]}}, "quiet_hours.exempt"),
        ({"on_block": {"campaign": "hope"}}, "on_block.campaign"),
        ({"reservation_minutes": 0}, "reservation_minutes"),
        ({"hourly_cap": 1}, "hourly_cap"),
    ],
)
def test_what_cannot_be_meant_is_named(given: object, member: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=member):
        DECODER.decode(msgspec.json.encode(given))


def test_a_channels_cap_above_the_cap_over_all_is_warned_of() -> None:
    (warning,) = warnings(MessagingRules())
    assert "channel_caps.email is 5, above daily_cap 3" in warning
    assert warnings(MessagingRules(daily_cap=5)) == []
    assert warnings(MessagingRules(daily_cap=None)) == []


def test_what_stops_everything_or_nothing_is_warned_of() -> None:
    told = warnings(MessagingRules(daily_cap=0, channel_caps=ChannelCaps(0, 0, 0, 0)))
    assert len(told) == 5
    assert warnings(MessagingRules(daily_cap=5, quiet_hours=QuietHours("09:00", "09:00"))) == [
        "quiet_hours start when they end: no hour is quiet"
    ]
