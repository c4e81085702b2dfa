"""Messages: what is heard of them, whatever order it comes in."""

from datetime import datetime, timedelta

import pytest
from msgspec.structs import replace

from aggregates.profile import engagement
from aggregates.profile.decisions.message_commands import (
    Command,
    RecordMessageBounced,
    RecordMessageClicked,
    RecordMessageComplained,
    RecordMessageDelivered,
    RecordMessageDismissed,
    RecordMessageFailed,
    RecordMessageOpened,
    RecordMessageReplied,
    RecordMessageSent,
)
from aggregates.profile.decisions.messages import Suppression, suppressed_by
from aggregates.profile.engagement import Score
from aggregates.profile.events.messages import (
    KEPT_DAYS,
    Bounced,
    Clicked,
    Delivered,
    Failed,
    Opened,
    Replied,
    Sent,
    last_contact,
)
from aggregates.profile.profile import EMPTY, Profile
from aggregates.profile.sending import counted
from aggregates.shop.messaging_rules import MessagingRules
from tests.aggregates.profile.signals import HOUR, MINUTE, Signal, after, heard
from tests.given import CONTEXT, NOON, given

DAY = timedelta(days=1)
MAIL = Sent(message_id="m1", channel="email", message_class="marketing", source="campaign")
TELLS_MAIL = RecordMessageSent(message_id="m1", channel="email", source="campaign")


def told(*commands: tuple[Command, datetime]) -> Profile:
    return heard([(command, replace(CONTEXT, occurred_at=at, now=at)) for command, at in commands])


def wrote(
    name: str, at: datetime = NOON, channel: str = "email", **more: object
) -> tuple[Command, datetime]:
    sent = RecordMessageSent(message_id=name, channel=channel, **more)  # type: ignore[arg-type]  # a channel
    return sent, at


def sends(profile: Profile, at: datetime = NOON) -> int:
    return len(counted(profile, MessagingRules(), at)[0])


def test_a_message_that_went_out_is_recorded_once() -> None:
    given().when(TELLS_MAIL).then(MAIL)
    given(MAIL).when(TELLS_MAIL).then_nothing()
    given(MAIL).when(TELLS_MAIL, NOON + HOUR).then_nothing()
    given(MAIL).when(TELLS_MAIL, NOON - HOUR).then(MAIL)


def test_what_it_said_is_kept() -> None:
    command = RecordMessageSent(
        message_id="m1",
        channel="sms",
        message_class="transactional",
        source="automated",
        source_id="receipts",
        address="+4915112345678",
        subject="Your order",
        preview="is on its way",
    )
    given().when(command).then(
        Sent(
            message_id="m1",
            channel="sms",
            message_class="transactional",
            source="automated",
            source_id="receipts",
            address="+4915112345678",
            subject="Your order",
            preview="is on its way",
        )
    )


@pytest.mark.parametrize(
    ("command", "event"),
    [
        (RecordMessageDelivered(message_id="m1"), Delivered("m1")),
        (RecordMessageOpened(message_id="m1"), Opened("m1")),
        (RecordMessageClicked(message_id="m1", url="https://u"), Clicked("m1", "https://u")),
        (RecordMessageReplied(message_id="m1", text="thanks"), Replied("m1", "thanks")),
        (RecordMessageFailed(message_id="m1", code="550"), Failed("m1", "550")),
        (RecordMessageBounced(message_id="m1", bounce="soft"), Bounced("m1", "soft")),
    ],
)
def test_each_thing_happens_to_a_message_once(command: Command, event: Sent) -> None:
    given(MAIL).when(command).then(event)
    given(MAIL, event).when(command, NOON + HOUR).then_nothing()
    given(event).when(TELLS_MAIL).then(MAIL)
    given().when(command).then(event)  # before it is known to have been sent


def test_a_soft_bounce_may_be_followed_by_a_hard_one() -> None:
    hard = RecordMessageBounced(message_id="m1")
    given(MAIL, Bounced("m1", "soft")).when(hard).then(Bounced("m1", "hard"))


def test_a_message_needs_a_name_and_a_channel() -> None:
    given().when(RecordMessageSent(channel="email")).then_rejected("no_message")
    given().when(RecordMessageSent(message_id="m1")).then_rejected("no_channel")
    given().when(RecordMessageFailed()).then_rejected("no_message")


def test_what_never_left_does_not_count() -> None:
    failed = RecordMessageFailed(message_id="m1")
    never_left = RecordMessageBounced(message_id="m1", bounce="never_left")
    for command in (failed, never_left):
        assert sends(told(wrote("m1"), (command, NOON + MINUTE))) == 0
        assert sends(told((command, NOON + MINUTE), wrote("m1"))) == 0
    assert sends(told(wrote("m1"), (RecordMessageBounced(message_id="m1"), NOON + MINUTE))) == 1


def test_receipts_count_only_where_a_shop_wants_it() -> None:
    profile = told(wrote("m1", message_class="transactional"))
    assert sends(profile) == 0
    assert len(counted(profile, MessagingRules(transactional_counts=True), NOON)[0]) == 1


def test_the_last_contact_is_known_by_channel_for_ever() -> None:
    long_ago = NOON - 5 * KEPT_DAYS * DAY
    past = [wrote("m1", long_ago), wrote("m2", NOON), wrote("m3", long_ago, "sms")]
    for order in (past, past[::-1]):
        profile = told(*order)
        assert last_contact(profile.messages) == {"email": NOON, "sms": long_ago}
        assert list(profile.messages.by_id) == ["m2"]


def test_what_is_not_needed_any_more_is_forgotten() -> None:
    profile = told(*(wrote(f"m{n}", NOON + n * DAY) for n in range(365)))
    assert len(profile.messages.by_id) == KEPT_DAYS
    assert sends(profile, NOON + 364 * DAY) == 7


def test_a_moment_at_the_beginning_of_time_does_no_harm() -> None:
    ancient = datetime.min.replace(tzinfo=NOON.tzinfo)
    assert sends(told(wrote("m1", ancient)), ancient) == 1
    assert sends(told(wrote("m1", ancient), wrote("m2"))) == 1


# --- addresses that must not be written to any more ---


def test_a_hard_bounce_and_a_complaint_suppress_the_address_they_name() -> None:
    bounced = RecordMessageBounced(message_id="m1", channel="email", address="a@mail.example")
    complained = RecordMessageComplained(message_id="m1", channel="email", address="a@mail.example")
    expected = Suppression("email", "a@mail.example", "hard_bounce")
    assert suppressed_by(EMPTY, bounced) == expected
    assert suppressed_by(EMPTY, complained) == expected._replace(reason="complaint")
    assert suppressed_by(EMPTY, replace(bounced, bounce="soft")) is None


def test_or_the_one_that_was_written_to() -> None:
    bounced = RecordMessageBounced(message_id="m1")
    profile = told(wrote("m1", address="a@mail.example"))
    assert suppressed_by(profile, bounced) == Suppression("email", "a@mail.example", "hard_bounce")
    assert suppressed_by(EMPTY, bounced) is None


# --- how it is taken ---


def test_nobody_is_scored_who_was_not_written_to() -> None:
    assert engagement.score(EMPTY.messages, NOON) == Score()
    profile = told(wrote("m1", message_class="transactional"))
    assert engagement.score(profile.messages, NOON).total is None


def test_who_opens_and_clicks_everything_at_once_scores_a_hundred() -> None:
    profile = told(wrote("m1"), (RecordMessageClicked(message_id="m1"), NOON))
    assert engagement.score(profile.messages, NOON) == Score(
        100, opens=40.0, actions=40.0, recency=20.0, sent=1, opened=1, acted=1
    )


def test_the_score_is_the_sum_of_its_parts() -> None:
    profile = told(
        *(wrote(f"m{n}") for n in range(10)),
        *((RecordMessageOpened(message_id=f"m{n}"), NOON + HOUR) for n in range(5)),
        (RecordMessageReplied(message_id="m0"), NOON + HOUR),
        *((RecordMessageDismissed(message_id=f"m{n}"), NOON + HOUR) for n in (8, 9)),
    )
    score = engagement.score(profile.messages, NOON + HOUR + 45 * DAY)
    assert (score.opens, score.actions, score.recency, score.dismissals) == (20, 8, 10, 4)
    assert score.total == 20 + 8 + 10 - 4
    assert (score.sent, score.opened, score.acted, score.dismissed) == (10, 5, 1, 2)


def test_a_complaint_ends_it() -> None:
    profile = told(
        wrote("m1"),
        (RecordMessageClicked(message_id="m1"), NOON),
        (RecordMessageComplained(message_id="m1"), NOON + HOUR),
    )
    assert engagement.score(profile.messages, NOON).total == 100
    assert engagement.score(profile.messages, NOON + HOUR).total == 0


def test_silence_wears_off_to_nothing() -> None:
    profile = told(wrote("m1"), (RecordMessageOpened(message_id="m1"), NOON))
    totals = [engagement.score(profile.messages, NOON + n * DAY).total for n in (0, 30, 60, 89, 90)]
    assert totals == [60, 53, 47, 40, None]


def test_what_is_told_in_any_order_reads_the_same() -> None:
    signals: list[Signal] = [
        (command, replace(CONTEXT, occurred_at=at))
        for command, at in (
            wrote("m1"),
            (RecordMessageDelivered(message_id="m1"), NOON + MINUTE),
            (RecordMessageOpened(message_id="m1"), NOON + HOUR),
        )
    ]
    assert heard(signals) == heard(signals[::-1]) == heard([*signals, *signals])
    assert after(TELLS_MAIL).messages.by_id.keys() == {"m1"}
