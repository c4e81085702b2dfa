"""Consent on a list: what its columns and cells mean, and what they do not."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from aggregates.profile.events.consent import Level, Suppression
from api.contacts.consents import Meaning, meaning
from api.contacts.contact import ListedChannel, ListedConsent
from api.contacts.words import key_of
from tests.api.contacts.files import contact, read, rejections

EMAIL_YES = ListedConsent("email", "subscribed")
EMAIL_NO = ListedConsent("email", "unsubscribed")
SEVEN = datetime(2021, 5, 1, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("Email Marketing Consent", Meaning("email", "state")),
        ("SMS Marketing Consent", Meaning("sms", "state")),
        ("WhatsApp Opt-In", Meaning("whatsapp", "state")),
        ("Accepts Email Marketing", Meaning("email", "state")),
        ("accepts_marketing", Meaning("email", "state")),
        ("E-Mail Consent", Meaning("email", "state")),
        ("Email Marketing Consent Timestamp", Meaning("email", "moment")),
        ("Email Suppressions", Meaning("email", "suppressed")),
        ("Suppressed", Meaning("email", "suppressed")),
        ("Unsubscribed", Meaning("email", "ended")),
        ("SMS opt out", Meaning("sms", "ended")),
        ("Email List Suppressions", None),
        ("Consent", None),
        ("Newsletter Opt-In", None),
        ("Consent form version", None),
        ("SMS consent method", None),
        ("Email and SMS consent", None),
    ],
)
def test_only_a_clear_name_has_a_meaning(name: str, meant: Meaning | None) -> None:
    assert meaning(key_of(name)) == meant


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("SUBSCRIBED", EMAIL_YES),
        ("yes", EMAIL_YES),
        ("TRUE", EMAIL_YES),
        ("2021-05-01 07:00:00", ListedConsent("email", "subscribed", at=SEVEN)),
        ("PENDING", ListedConsent("email", "pending")),
        ("UNSUBSCRIBED", EMAIL_NO),
        ("NEVER_SUBSCRIBED", None),
        ("no", None),
        ("", None),
    ],
)
def test_a_cell_says_how_it_stands(tmp_path: Path, cell: str, said: ListedConsent | None) -> None:
    found = contact(tmp_path, "Email,Email Marketing Consent", f"ada@lane.shop,{cell}")
    assert found.consents == ((said,) if said else ())
    assert found.properties is None


@pytest.mark.parametrize(
    ("cell", "level"), [("confirmed_opt_in", "confirmed"), ("Single opt-in", "single")]
)
def test_a_cell_may_say_the_level(tmp_path: Path, cell: str, level: Level) -> None:
    found = contact(tmp_path, "Email,SMS Consent", f"ada@lane.shop,{cell}")
    assert found.consents == (ListedConsent("sms", "subscribed", level=level),)


def test_what_cannot_be_understood_is_kept_as_a_property(tmp_path: Path) -> None:
    found = contact(tmp_path, "Email,SMS Consent", "ada@lane.shop,maybe")
    assert found.consents == ()
    assert found.properties is not None
    assert found.properties.properties == {"SMS Consent": "maybe"}


@pytest.mark.parametrize(
    ("cell", "reasons"),
    [
        ("['HARD_BOUNCE']", ["hard_bounce"]),
        ("INVALID_EMAIL", ["invalid"]),
        ("SPAM_COMPLAINT; HARD_BOUNCE", ["complaint", "hard_bounce"]),
        ("USER_SUPPRESSED", ["manual"]),
        ("true", ["manual"]),
        ("[]", []),
        ("false", []),
    ],
)
def test_a_suppression_tells_its_reasons(
    tmp_path: Path, cell: str, reasons: list[Suppression]
) -> None:
    found = contact(tmp_path, "Email,Email Suppressions", f"ada@lane.shop,{cell}")
    assert found.consents == tuple(
        ListedConsent("email", "suppressed", reason=reason) for reason in reasons
    )


def test_who_is_suppressed_for_having_unsubscribed_has_unsubscribed(tmp_path: Path) -> None:
    found = contact(tmp_path, "Email,Email Suppressions", "ada@lane.shop,UNSUBSCRIBE")
    assert found.consents == (EMAIL_NO,)


@pytest.mark.parametrize("cell", ["yes", "unsubscribed", "2021-05-01 07:00"])
def test_a_column_of_those_who_left(tmp_path: Path, cell: str) -> None:
    (found,) = contact(tmp_path, "Email,Unsubscribed", f"ada@lane.shop,{cell}").consents
    assert (found.channel, found.says) == ("email", "unsubscribed")
    assert contact(tmp_path, "Email,Unsubscribed", "ada@lane.shop,no").consents == ()


@pytest.mark.parametrize("channel", ["email", "sms"])
def test_each_channel_has_its_own_moment(tmp_path: Path, channel: ListedChannel) -> None:
    header = "Email,Email Consent,SMS Consent,Email Suppressions,{} Consent Timestamp"
    row = "ada@lane.shop,SUBSCRIBED,SUBSCRIBED,HARD_BOUNCE,2021-05-01T07:00:00Z"
    found = contact(tmp_path, header.format(channel), row).consents
    dated = {(one.channel, one.says): one.at for one in found}
    assert dated == {
        ("email", "subscribed"): SEVEN if channel == "email" else None,
        ("sms", "subscribed"): SEVEN if channel == "sms" else None,
        ("email", "suppressed"): None,
    }


def test_a_moment_nobody_can_read_rejects_the_line(tmp_path: Path) -> None:
    header = "Email,SMS Consent,SMS Consent Timestamp"
    (rejected,) = rejections(read(tmp_path, header, "ada@lane.shop,SUBSCRIBED,05/06/2021"))
    assert rejected.reason.startswith("SMS Consent Timestamp: expected a moment")
