"""A bounce or a complaint may be told before its message is, and need not say where it went: the
address is written to no more all the same, in whatever order that comes."""

from datetime import datetime, timedelta
from itertools import chain, repeat
from random import Random
from typing import NamedTuple

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregates.profile.channels import Channel
from aggregates.profile.decide import Command
from aggregates.profile.decisions.consent import GrantConsent, LiftSuppression
from aggregates.profile.decisions.message_commands import (
    RecordMessageBounced,
    RecordMessageComplained,
    RecordMessageDelivered,
    RecordMessageSent,
    RequestSend,
)
from aggregates.profile.permission import refusal
from aggregates.profile.profile import Profile
from tests.actors.shopping import ADA, Host
from tests.given import NOON

MINUTE = timedelta(minutes=1)
LATER = NOON + timedelta(days=1)
MAILS = ("ada@mail.example", "old@mail.example")


class News(NamedTuple):
    at: datetime
    command: Command


def told(news: list[News]) -> Host:
    host = Host()
    for one in news:
        host.tell(ADA, one.command, at=one.at)
    return host


def refused(host: Host, address: str = MAILS[0], channel: Channel = "email") -> str | None:
    return refusal(host.folded(ADA), channel, address, "marketing", LATER)


def sent(name: str = "m1", minute: int = 0, address: str = MAILS[0]) -> News:
    command = RecordMessageSent(message_id=name, channel="email", address=address)
    return News(NOON + minute * MINUTE, command)


def bounced(name: str = "m1", minute: int = 5) -> News:
    return News(NOON + minute * MINUTE, RecordMessageBounced(message_id=name))


def complained(name: str = "m1", minute: int = 7) -> News:
    return News(NOON + minute * MINUTE, RecordMessageComplained(message_id=name))


def agreed(minute: int, address: str = MAILS[0]) -> News:
    yes = GrantConsent(channel="email", address=address, level="confirmed", text="Yes.")
    return News(NOON + minute * MINUTE, yes)


@pytest.mark.parametrize(
    ("heard", "reason"),
    [(bounced(), "hard_bounce"), (complained(), "complaint")],
)
def test_a_message_that_is_told_late_takes_its_address_along(heard: News, reason: str) -> None:
    assert refused(told([agreed(-1), heard])) is None
    for order in ([heard, sent()], [sent(), heard]):
        assert refused(told([agreed(-1), *order])) == f"suppressed:{reason}"
        assert refused(told([agreed(-1), *order]), MAILS[1]) == "no_consent:email"


def test_it_is_suppressed_since_the_bounce_not_since_the_message() -> None:
    """A yes between the two does not lift it; a later one does."""
    for order in ([bounced(), sent()], [sent(), bounced()]):
        assert refused(told([*order, agreed(2)])) == "suppressed:hard_bounce"
        assert refused(told([*order, agreed(9)])) is None


def test_the_last_of_several_bounces_counts() -> None:
    twice = [bounced(minute=5), bounced(minute=20)]
    for order in ([*twice, sent()], [sent(), *twice], [*twice[::-1], sent()]):
        assert refused(told([*order, agreed(9)])) == "suppressed:hard_bounce"


def test_a_soft_bounce_suppresses_nothing_in_any_order() -> None:
    soft = News(NOON + MINUTE, RecordMessageBounced(message_id="m1", bounce="soft"))
    for order in ([soft, sent()], [sent(), soft]):
        assert refused(told([agreed(-1), *order])) is None


def test_a_place_that_is_asked_for_after_the_bounce_cannot_be_confirmed() -> None:
    asks = RequestSend(message_id="m1", channel="email", address=MAILS[0])
    host = told([agreed(-1), bounced(), News(NOON + 6 * MINUTE, asks)])
    assert refused(host) == "suppressed:hard_bounce"
    confirms = RecordMessageSent(message_id="m1")
    assert host.tell(ADA, confirms, at=NOON + 7 * MINUTE).refused == "consent_withdrawn"


def test_a_message_without_an_address_takes_nothing_along() -> None:
    nowhere = News(NOON, RecordMessageSent(message_id="m1", channel="email"))
    assert refused(told([agreed(-1), bounced(), nowhere])) is None


names, minutes = st.sampled_from(["m1", "m2", "m3"]), st.integers(-3, 9)


@st.composite
def news(draw: st.DrawFn) -> News:
    """Of three messages, each to one address, told of by one provider."""
    name, minute = draw(names), draw(minutes)
    address = MAILS[name == "m3"]
    yes = GrantConsent(channel="email", address=address, level="confirmed", text="Yes.")
    command: Command = draw(
        st.sampled_from(
            [
                sent(name, address=address).command,
                RecordMessageBounced(message_id=name),
                RecordMessageBounced(message_id=name, channel="email", address=address),
                RecordMessageComplained(message_id=name),
                RecordMessageDelivered(message_id=name),
                yes,
                LiftSuppression(channel="email", address=address),
            ]
        )
    )
    return News(NOON + minute * MINUTE, command)


@settings(deadline=None, max_examples=300)
@given(st.lists(news(), min_size=2, max_size=8), st.randoms(use_true_random=False))
def test_any_order_ends_in_the_same_state(given_: list[News], random: Random) -> None:
    often = list(chain.from_iterable(repeat(one, random.randint(1, 3)) for one in given_))
    random.shuffle(often)
    assert written(told(often).folded(ADA)) == written(told(given_).folded(ADA))


def written(profile: Profile) -> bytes:
    return msgspec.json.encode((profile.messages, profile.consent), order="deterministic")
