"""Permission: who may be written to, and on what words."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import permutations
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from aggregates.profile.decisions.consent import (
    Command,
    GrantConsent,
    LiftSuppression,
    RedactConsent,
    SuppressAddress,
    WithdrawConsent,
)
from aggregates.profile.decisions.contact import SetContact
from aggregates.profile.events.consent import Suppression
from aggregates.profile.permission import agreed, reached_by, refusal
from aggregates.profile.profile import EMPTY, Profile
from aggregates.profile.source import Source
from aggregates.profile.standing import standing
from tests.aggregates.profile.signals import Signal, heard
from tests.aggregates.profile.test_any_order import contexts, permissions
from tests.given import CONTEXT, NOON

DAY = timedelta(days=1)
NOW = NOON + 30 * DAY
MAIL, OTHER_MAIL, PHONE = "ada@shop.example", "ada@work.example", "+4915112345678"
YES = GrantConsent(channel="email", address=MAIL, level="single")
WORDED = replace(YES, text="Yes, write to me.")
ASKED = replace(YES, level="pending", text="Yes, write to me.")
CONFIRMED = replace(YES, level="confirmed")
SMS = replace(YES, channel="sms", address=PHONE)
NO = WithdrawConsent(scope="address", channel="email", address=MAIL)
NO_MAIL = WithdrawConsent(scope="channel", channel="email")
NOTHING_MORE = WithdrawConsent(scope="global")
BOUNCED = SuppressAddress(channel="email", address=MAIL, reason="hard_bounce")
REDACTED = RedactConsent(channel="email", address=MAIL)
ONE_AND_ALL = [NO, NO_MAIL, NOTHING_MORE]


def days(*commands: Command | None) -> list[Signal]:
    """One a day, beginning at noon."""
    return [
        (command, replace(CONTEXT, occurred_at=NOON + day * DAY))
        for day, command in enumerate(commands)
        if command is not None
    ]


def why_not(
    signals: Sequence[Signal], at: datetime = NOW, address: str | None = MAIL
) -> str | None:
    """The same for any order of the signals."""
    told = {_refusal(order, at, address) for order in permutations(signals)}
    assert len(told) == 1
    return told.pop()


def _refusal(signals: Sequence[Signal], at: datetime, address: str | None) -> str | None:
    return refusal(heard(signals), "email", address, "marketing", at)


def imported(command: Command, day: int) -> Signal:
    source = Source("import")
    return command, replace(CONTEXT, occurred_at=NOON + day * DAY, source=source)


def test_nobody_is_written_to_who_did_not_say_yes() -> None:
    assert refusal(EMPTY, "email", MAIL, "marketing", NOW) == "no_consent:email"
    assert refusal(EMPTY, "push", None, "marketing", NOW) == "no_consent:push"


def test_a_yes_is_for_one_address_on_one_channel() -> None:
    ada = heard(days(YES))
    assert refusal(ada, "email", MAIL, "marketing", NOW) is None
    assert refusal(ada, "email", OTHER_MAIL, "marketing", NOW) == "no_consent:email"
    assert refusal(ada, "sms", MAIL, "marketing", NOW) == "no_consent:sms"


def test_being_asked_is_not_a_yes_until_it_is_confirmed() -> None:
    assert why_not(days(ASKED)) == "pending:email"
    assert why_not(days(ASKED, CONFIRMED)) is None


def test_who_is_asked_while_saying_no_has_said_no() -> None:
    assert why_not([(ASKED, CONTEXT), (NO, CONTEXT)]) == "unsubscribed:email"


def test_who_said_yes_and_is_asked_again_has_still_said_yes() -> None:
    assert why_not(days(YES, ASKED)) is None


@pytest.mark.parametrize(
    ("no", "reason"),
    [
        (NO, "unsubscribed:email"),
        (NO_MAIL, "unsubscribed:email"),
        (NOTHING_MORE, "globally_unsubscribed"),
        (REDACTED, "redacted:email"),
    ],
)
def test_a_no_ends_a_yes_and_an_older_yes_never_lifts_it(no: Command, reason: str) -> None:
    assert why_not(days(WORDED, no)) == reason
    assert why_not(days(no)) == reason


@pytest.mark.parametrize("no", ONE_AND_ALL)
def test_at_one_moment_no_is_the_answer(no: Command) -> None:
    assert why_not([(WORDED, CONTEXT), (no, CONTEXT)]) is not None
    more_trusted = replace(CONTEXT, source=Source("shopify"))
    less_trusted = replace(CONTEXT, source=Source("pixel"))
    assert why_not([(WORDED, more_trusted), (no, less_trusted)]) is not None


@pytest.mark.parametrize("no", [NO, NO_MAIL, REDACTED])
def test_a_later_yes_lifts_a_no(no: Command) -> None:
    assert why_not(days(YES, no, YES)) is None


def test_after_a_global_no_a_channel_is_opened_again_by_words_only() -> None:
    assert why_not(days(YES, NOTHING_MORE, YES)) == "globally_unsubscribed"
    assert why_not(days(YES, NOTHING_MORE, WORDED)) is None
    assert why_not(days(YES, NOTHING_MORE, WORDED, NO, YES)) is None


def test_after_a_global_no_a_yes_opens_no_other_channel_and_no_other_address() -> None:
    ada = heard(days(SMS, replace(WORDED, address=OTHER_MAIL), NOTHING_MORE, WORDED))
    assert refusal(ada, "email", MAIL, "marketing", NOW) is None
    assert refusal(ada, "sms", PHONE, "marketing", NOW) == "globally_unsubscribed"
    assert refusal(ada, "email", OTHER_MAIL, "marketing", NOW) == "globally_unsubscribed"


def test_a_confirmation_carries_the_words_it_was_asked_in() -> None:
    assert why_not(days(NOTHING_MORE, ASKED, CONFIRMED)) is None
    assert why_not(days(ASKED, NOTHING_MORE, CONFIRMED)) == "globally_unsubscribed"
    asked_otherwise = replace(ASKED, text="Yes, and about sales.")
    record = agreed(heard(days(ASKED, CONFIRMED, asked_otherwise)), "email", MAIL, NOW)
    assert record is not None
    assert (record.level, record.text) == ("confirmed", ASKED.text)
    assert record.text_sha256 is not None


@pytest.mark.parametrize("no", ONE_AND_ALL)
def test_a_list_never_lifts_a_no_without_proof(no: Command) -> None:
    proven = replace(WORDED, evidence="form-7")
    assert why_not([imported(YES, 0)]) is None
    assert why_not([*days(no), imported(YES, 2)]) is not None
    assert why_not([*days(no), imported(proven, 2)]) is None
    assert why_not([*days(None, None, no), imported(proven, 1)]) is not None


def test_an_expired_yes_does_not_count() -> None:
    ends = replace(YES, expires_at=NOON + 10 * DAY)
    assert why_not(days(ends), at=NOON + 9 * DAY) is None
    assert why_not(days(ends), at=NOON + 10 * DAY) == "no_consent:email"
    ada = heard(days(ends))
    assert standing(ada.consent, "email", MAIL, NOW).state == "expired"
    assert why_not(days(ends, ASKED), at=NOW) == "pending:email"


@pytest.mark.parametrize("reason", ["hard_bounce", "invalid", "complaint", "manual"])
def test_nothing_may_go_to_a_suppressed_address(reason: Suppression) -> None:
    dead = replace(BOUNCED, reason=reason)
    assert why_not(days(WORDED, dead)) == f"suppressed:{reason}"
    assert why_not(days(WORDED, dead, WORDED)) == f"suppressed:{reason}"
    assert why_not(days(WORDED, dead), address=OTHER_MAIL) == "no_consent:email"


def test_a_confirmation_from_the_address_shows_that_it_lives() -> None:
    assert why_not(days(BOUNCED, CONFIRMED)) is None
    by_hand = replace(BOUNCED, reason="manual")
    assert why_not(days(by_hand, CONFIRMED)) == "suppressed:manual"


def test_a_suppression_is_lifted_by_hand_and_comes_back_with_the_next_bounce() -> None:
    free = LiftSuppression(channel="email", address=MAIL)
    assert why_not(days(YES, BOUNCED, free)) is None
    assert why_not(days(YES, BOUNCED, free, BOUNCED)) == "suppressed:hard_bounce"


@pytest.mark.parametrize(
    ("commands", "reason"),
    [
        ([], None),
        ([NOTHING_MORE], None),
        ([REDACTED], None),
        ([replace(BOUNCED, reason="complaint")], None),
        ([replace(BOUNCED, reason="manual")], None),
        ([BOUNCED], "suppressed:hard_bounce"),
        ([replace(BOUNCED, reason="invalid")], "suppressed:invalid"),
    ],
)
def test_a_receipt_goes_wherever_mail_arrives(commands: list[Command], reason: str | None) -> None:
    ada = heard(days(*commands))
    assert refusal(ada, "email", MAIL, "transactional", NOW) == reason


def test_the_words_are_kept_when_the_shop_notes_the_same_yes_without_them() -> None:
    record = agreed(heard(days(WORDED, YES)), "email", MAIL, NOW)
    assert record is not None
    assert record.text == WORDED.text


def test_who_may_not_be_written_to_has_agreed_to_nothing() -> None:
    assert agreed(heard(days(WORDED, NO)), "email", MAIL, NOW) is None


def test_without_an_address_it_is_about_one_that_may_be_written_to() -> None:
    both = days(YES, replace(YES, address=OTHER_MAIL), NO)
    assert why_not(both, address=None) is None
    assert _reached(heard(both)) == OTHER_MAIL


def test_if_none_may_it_is_about_the_one_the_customer_gave_last() -> None:
    given = (SetContact(email=OTHER_MAIL), CONTEXT)
    assert _reached(heard([given, *days(YES, NO)])) == OTHER_MAIL
    assert _reached(heard([given, *days(YES)])) == MAIL
    assert _reached(heard(days(NOTHING_MORE))) is None


def _reached(profile: Profile) -> str | None:
    return reached_by(profile, "email", NOW).address


@settings(deadline=None)
@given(
    st.lists(st.tuples(permissions, contexts), max_size=8),
    st.sampled_from(ONE_AND_ALL),
    st.randoms(use_true_random=False),
)
def test_whatever_came_before_the_last_word_is_no(
    news: list[Signal], no: Command, random: Random
) -> None:
    address = "a@x.io"
    last = max((context.occurred_at for _, context in news), default=NOON)
    said = replace(no, address=address) if no == NO else no
    signals = [*news, (said, replace(CONTEXT, occurred_at=last, source=Source("other")))]
    random.shuffle(signals)
    ada = heard(signals)
    assert refusal(ada, "email", address, "marketing", last) is not None
    assert agreed(ada, "email", address, last) is None
