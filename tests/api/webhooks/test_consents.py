"""Shopify's consent: what it says of an address, and when."""

from typing import Any

import pytest

from actors.signals import Signal
from aggregates.profile.decisions.consent import (
    Command,
    ConsentCommand,
    GrantConsent,
    RedactConsent,
    SuppressAddress,
    WithdrawConsent,
)
from api.webhooks.shopify.consents import EMAIL_TOPIC, SMS_TOPIC
from api.webhooks.shopify.refusals import Untranslatable
from tests.api.webhooks.said import (
    BY_EMAIL,
    BY_SMS,
    CUSTOMER,
    TRIGGERED,
    Json,
    command_of,
    known_by,
    moment_of,
    told,
    utc,
)

AT = utc("2026-11-20T15:00:00")
MAIL = "ada@lane.shop"


def by_email(**said: Any) -> Signal:
    return told(EMAIL_TOPIC, _with(BY_EMAIL, "email_marketing_consent", said))


def _with(body: Json, member: str, said: Json) -> Json:
    return body | {member: body[member] | said}


def test_a_yes_by_email_belongs_to_the_address() -> None:
    signal = by_email()
    assert command_of(signal, GrantConsent) == GrantConsent(
        channel="email", address=MAIL, level="confirmed"
    )
    assert moment_of(signal, GrantConsent) == AT
    assert known_by(signal) == {"shopify_customer_id:7064055069303784", f"email:{MAIL}"}


def test_a_yes_by_sms_says_where_it_was_given() -> None:
    signal = told(SMS_TOPIC, BY_SMS)
    assert command_of(signal, GrantConsent) == GrantConsent(
        channel="sms", address="+32470123456", level="single", source_detail="SHOPIFY"
    )
    assert moment_of(signal, GrantConsent) == AT
    assert known_by(signal) == {"shopify_customer_id:7064055069303784", "phone:+32470123456"}


@pytest.mark.parametrize(
    ("state", "command"),
    [
        ("pending", GrantConsent(channel="email", address=MAIL, level="pending")),
        ("SUBSCRIBED", GrantConsent(channel="email", address=MAIL, level="confirmed")),
        ("unsubscribed", WithdrawConsent(scope="address", channel="email", address=MAIL)),
        ("redacted", RedactConsent(channel="email", address=MAIL)),
        ("invalid", SuppressAddress(channel="email", address=MAIL, reason="invalid")),
    ],
)
def test_every_state_has_its_command(state: str, command: Command) -> None:
    (step,) = by_email(state=state).steps
    assert step.command == command


@pytest.mark.parametrize("state", ["not_subscribed", None, ""])
def test_who_never_subscribed_says_nothing(state: str | None) -> None:
    assert by_email(state=state).steps == ()


def test_the_level_is_as_given() -> None:
    for level in (None, "unknown", "triple"):
        assert command_of(by_email(opt_in_level=level), GrantConsent).level == "unknown"


def test_an_undated_change_happened_when_it_was_told() -> None:
    assert moment_of(by_email(consent_updated_at=None), GrantConsent) == TRIGGERED


@pytest.mark.parametrize("state", ["unsubscribed", "redacted"])
def test_a_no_of_an_erased_address_ends_the_channel(state: str) -> None:
    gone = _with(BY_EMAIL, "email_marketing_consent", {"state": state}) | {"email_address": None}
    assert command_of(told(EMAIL_TOPIC, gone), WithdrawConsent) == WithdrawConsent(
        scope="channel", channel="email"
    )


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"customer_id": None}, r"\$\.customer_id"),
        ({"email_address": None}, r"\$\.email_marketing_consent"),
        ({"email_address": "nobody"}, r"\$\.email_marketing_consent"),
        ({"email_marketing_consent": {"state": "delighted"}}, r"\$\.email_marketing_consent"),
        (
            {"email_marketing_consent": {"state": "pending", "consent_updated_at": "soon"}},
            r"\$\.email_marketing_consent\.consent_updated_at",
        ),
    ],
)
def test_what_cannot_be_understood_is_kept_by_its_place(change: Json, place: str) -> None:
    with pytest.raises(Untranslatable, match=place):
        told(EMAIL_TOPIC, BY_EMAIL | change)


def consents_beside(**said: Any) -> list[ConsentCommand]:
    account = CUSTOMER | {"phone": "+32 470 12 34 56"} | said
    steps = told("customers/update", account).steps
    return [step.command for step in steps if isinstance(step.command, ConsentCommand)]


def test_an_account_of_before_2025_tells_of_consent_too() -> None:
    both = {
        m: b[m]
        for b, m in ((BY_EMAIL, "email_marketing_consent"), (BY_SMS, "sms_marketing_consent"))
    }
    assert [type(command) for command in consents_beside(**both)] == [GrantConsent] * 2
    signal = told("customers/create", CUSTOMER | both)
    assert moment_of(signal, GrantConsent) == AT


def test_beside_an_account_an_undated_yes_counts_for_nothing_and_a_no_counts() -> None:
    for moment in (None, "soon"):
        undated = {"state": "subscribed", "consent_updated_at": moment}
        assert consents_beside(email_marketing_consent=undated) == []
        ended = undated | {"state": "unsubscribed"}
        assert consents_beside(email_marketing_consent=ended) == [
            WithdrawConsent(scope="address", channel="email", address=MAIL)
        ]


def test_beside_an_account_a_state_nobody_knows_is_passed_over() -> None:
    assert consents_beside(email_marketing_consent={"state": "delighted"}) == []
    assert consents_beside(email=None, email_marketing_consent={"state": "unsubscribed"}) == []


def test_an_account_that_says_nothing_of_consent_causes_no_work() -> None:
    assert consents_beside() == []
