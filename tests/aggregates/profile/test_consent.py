"""Consent: what is recorded of a yes and of a no."""

from datetime import timedelta
from hashlib import sha256

import msgspec
import pytest
from msgspec.structs import replace

from aggregates.profile.decisions import consent
from aggregates.profile.decisions.consent import (
    GrantConsent,
    LiftSuppression,
    RedactConsent,
    SuppressAddress,
    WithdrawConsent,
    scope_of,
)
from aggregates.profile.decisions.rejection import Rejected
from aggregates.profile.events.consent import (
    Channel,
    CollectedBy,
    Granted,
    Redacted,
    Requested,
    Scope,
    Suppressed,
    SuppressionLifted,
    Withdrawn,
)
from aggregates.profile.profile import EMPTY, Profile, fold
from aggregates.profile.source import Source
from aggregates.shop.messaging_rules import MessagingRules
from tests.aggregates.profile.signals import HOUR, Signal, after, history, said
from tests.given import CONTEXT, NOON, given

MAIL = "ada@shop.example"
WORDS = "Yes, write to me about sales."
DIGEST = sha256(WORDS.encode()).hexdigest()
YES = GrantConsent(channel="email", address=MAIL, level="single")
NO = WithdrawConsent(channel="email", address=MAIL)


def test_a_yes_is_kept_in_the_words_that_were_shown() -> None:
    told = {
        "text_version": "v3",
        "language": "de",
        "source": "popup",
        "source_detail": "https://shop.example/form/7",
        "ip": "192.0.2.7",
        "user_agent": "a browser",
        "region": "DE-BE",
        "basis": "soft_opt_in",
        "expires_at": NOON + HOUR,
        "evidence": "form-7",
        "actor": "clerk-2",
    }
    given().when(replace(YES, text=WORDS, **told)).then(
        Granted(
            channel="email", address=MAIL, level="single", text=WORDS, text_sha256=DIGEST, **told
        )
    )


def test_who_is_asked_to_confirm_has_not_said_yes() -> None:
    given().when(replace(YES, level="pending", text=WORDS)).then(
        Requested(channel="email", address=MAIL, text=WORDS, text_sha256=DIGEST)
    )


def test_a_no_is_kept() -> None:
    given().when(replace(NO, reason="too much mail")).then(
        Withdrawn(scope="address", channel="email", address=MAIL, reason="too much mail")
    )


def test_an_address_is_suppressed_and_set_free() -> None:
    bounced = SuppressAddress(channel="email", address=MAIL, reason="hard_bounce", detail="550")
    given().when(bounced).then(Suppressed("email", "hard_bounce", MAIL, "550"))
    given().when(LiftSuppression(channel="email", address=MAIL)).then(
        SuppressionLifted("email", MAIL)
    )
    given().when(RedactConsent(channel="email", address=MAIL)).then(Redacted("email", MAIL))


@pytest.mark.parametrize(
    ("source", "channel", "address", "scope"),
    [
        ("unsubscribe_link", "email", MAIL, "global"),
        ("unsubscribe_link", None, None, "global"),
        ("keyword", "sms", "+4915112345678", "channel"),
        ("keyword", None, None, "global"),
        ("preference_page", "email", MAIL, "address"),
        (None, "email", MAIL, "address"),
        (None, "email", None, "channel"),
        (None, None, None, "global"),
    ],
)
def test_a_no_that_does_not_say_how_far_it_reaches(
    source: CollectedBy | None, channel: str | None, address: str | None, scope: Scope
) -> None:
    command = WithdrawConsent(source=source, channel=channel, address=address)
    assert scope_of(command) == scope
    assert scope_of(replace(command, scope="channel")) == "channel"


@pytest.mark.parametrize(
    ("link", "channel", "address", "scope"),
    [
        ("address", "email", MAIL, "address"),
        ("address", "email", None, "channel"),
        ("address", None, None, "global"),
        ("channel", "email", MAIL, "channel"),
        ("channel", None, MAIL, "global"),
        ("global", "email", MAIL, "global"),
    ],
)
def test_how_far_a_click_on_an_unsubscribe_link_reaches_is_up_to_the_shop(
    link: Scope, channel: Channel | None, address: str | None, scope: Scope
) -> None:
    click = WithdrawConsent(source="unsubscribe_link", channel=channel, address=address)
    assert scope_of(click, link) == scope
    rules = MessagingRules(unsubscribe_scope=link)
    (told,) = consent.decide(EMPTY, click, replace(CONTEXT, messaging=rules))
    assert isinstance(told, Withdrawn)
    assert told.scope == scope


def test_a_no_must_name_what_it_is_about() -> None:
    given().when(WithdrawConsent(scope="channel")).then_rejected("no_channel")
    given().when(WithdrawConsent(scope="address", channel="sms")).then_rejected("no_address")


def test_what_has_expired_already_is_rejected() -> None:
    given().when(replace(YES, expires_at=NOON)).then_rejected("already_expired")


@pytest.mark.parametrize(
    "command",
    [
        YES,
        replace(YES, level="pending"),
        NO,
        replace(NO, scope="channel"),
        replace(NO, scope="global"),
        SuppressAddress(channel="email", address=MAIL, reason="complaint"),
        LiftSuppression(channel="email", address=MAIL),
        RedactConsent(channel="email", address=MAIL),
    ],
)
def test_the_same_news_is_told_once(command: consent.Command) -> None:
    assert len(history([(command, CONTEXT)] * 2)) == 1
    assert len(history(said(command, command))) == 2


def test_what_a_list_says_is_marked() -> None:
    by_list: list[Signal] = [(YES, replace(CONTEXT, source=Source("import")))]
    by_hand: list[Signal] = [(replace(YES, source="import"), CONTEXT)]
    for (happened,) in (history(by_list), history(by_hand)):
        assert isinstance(happened.event, Granted)
        assert happened.event.imported


def test_a_customer_has_room_for_so_many_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consent, "MAX_ADDRESSES", 1)
    other = replace(NO, address="other@shop.example")
    assert len(history(said(YES, NO, replace(NO, scope="global"), YES))) == 4
    with pytest.raises(Rejected, match="too_many_addresses"):
        after(YES, other)


def test_a_history_read_twice_says_nothing_more() -> None:
    past = history(said(YES, replace(YES, level="pending"), NO, replace(NO, scope="global"), YES))
    assert fold([*past, *past]) == fold(past)


def test_the_same_request_at_two_moments_is_two() -> None:
    asked = replace(YES, level="pending")
    (held,) = after(asked, asked).consent.addresses.values()
    assert [one.stamp.at for one in held.requests] == [NOON + timedelta(minutes=1), NOON]


def test_a_snapshot_keeps_all_of_it() -> None:
    bounced = SuppressAddress(channel="email", address=MAIL, reason="hard_bounce")
    asked = replace(YES, level="pending", text=WORDS)
    everywhere, by_mail = (replace(NO, scope=scope) for scope in ("global", "channel"))
    lifted = LiftSuppression(channel="email", address=MAIL)
    redacted = RedactConsent(channel="email", address=MAIL)
    ada = after(asked, YES, NO, everywhere, by_mail, bounced, lifted, redacted)
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(ada), type=Profile) == ada
