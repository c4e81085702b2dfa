"""Asking for a send, confirming it, giving it back."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from msgspec.structs import replace

from aggregates.profile.decide import Command, decide
from aggregates.profile.decisions.consent import WithdrawConsent
from aggregates.profile.decisions.contact import SetContact, SetTimeZone
from aggregates.profile.decisions.context import Context
from aggregates.profile.decisions.message_commands import (
    RecordMessageBounced,
    RecordMessageComplained,
    RecordMessageFailed,
    RecordMessageSent,
    ReleaseSend,
    RequestSend,
)
from aggregates.profile.decisions.rejection import Rejected
from aggregates.profile.decisions.reservations import reservation_id
from aggregates.profile.events.contact import Address
from aggregates.profile.events.messages import Blocked, Missed, Released, Reserved, Sent
from aggregates.profile.profile import EMPTY, Event, evolve
from aggregates.shop.messaging_rules import MessagingRules
from tests.consenting import yes_to
from tests.given import CONTEXT, NOON

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
QUARTER = 15 * MINUTE


class Shopper:
    """Somebody who is written to."""

    def __init__(self, rules: MessagingRules | None = None, time_zone: str | None = None) -> None:
        self.profile = EMPTY
        self._rules = rules or MessagingRules()
        self._time_zone = time_zone
        for yes in yes_to("a@mail.example"):
            self.told(yes, NOON - 9 * DAY)

    def told(self, command: Command, at: datetime = NOON) -> list[Event]:
        context = replace(CONTEXT, occurred_at=at, now=at, command_id="c1")
        context = replace(context, messaging=self._rules, time_zone=self._time_zone)
        return self._adopted(command, context)

    def _adopted(self, command: Command, context: Context) -> list[Event]:
        events = list(decide(self.profile, command, context))
        for event in events:
            self.profile = evolve(self.profile, event, context.stamp)
        return events

    def asks(self, name: str, at: datetime = NOON, **more: object) -> Reserved | Blocked:
        asked = RequestSend(**{"message_id": name, "channel": "email", **more})  # type: ignore[arg-type]  # each test names its own
        first, *_ = self.told(asked, at)
        assert isinstance(first, Reserved | Blocked)
        return first

    def confirms(self, name: str, at: datetime = NOON) -> list[Event]:
        return self.told(RecordMessageSent(message_id=name), at)

    def sends(self, name: str, at: datetime = NOON, **more: object) -> Reserved | Blocked:
        answer = self.asks(name, at, **more)
        if isinstance(answer, Reserved):
            self.confirms(name, at)
        return answer


def refused(what: Callable[[], object]) -> str:
    with pytest.raises(Rejected) as caught:
        what()
    return caught.value.code


def test_what_is_granted_is_reserved_for_a_quarter_of_an_hour() -> None:
    answer = Shopper().asks("m1", source="campaign", source_id="autumn", address="a@mail.example")
    assert isinstance(answer, Reserved)
    assert (answer.message_id, answer.source_id) == ("m1", "autumn")
    assert answer.expires_at == NOON + QUARTER
    assert answer.decision.allowed
    assert answer.decision.reservation is not None
    assert answer.decision.reservation.id == reservation_id("m1")
    assert answer.decision.reservation.expires_at == NOON + QUARTER


def test_a_message_without_a_name_is_called_by_the_commands_id() -> None:
    (reserved,) = Shopper().told(RequestSend(channel="email"))
    assert isinstance(reserved, Reserved)
    assert reserved.message_id == "c1"


def test_three_are_granted_and_the_fourth_is_blocked() -> None:
    shopper = Shopper()
    answers = [shopper.asks(f"m{n}") for n in range(4)]
    assert [answer.decision.allowed for answer in answers] == [True, True, True, False]
    assert answers[3].decision.reason == "daily_cap_reached:3/3"
    assert answers[3].decision.retry_at == NOON + QUARTER
    assert answers[3].decision.reservation is None


def test_a_reservation_counts_until_it_expires() -> None:
    shopper = Shopper()
    for n in range(3):
        shopper.asks(f"m{n}")
    assert not shopper.asks("m4", NOON + QUARTER - MINUTE).decision.allowed
    assert shopper.asks("m4", NOON + QUARTER).decision.allowed


@pytest.mark.parametrize("command", [RecordMessageFailed, ReleaseSend])
def test_what_failed_or_was_given_back_is_free_at_once(
    command: type[RecordMessageFailed | ReleaseSend],
) -> None:
    shopper = Shopper()
    for n in range(3):
        shopper.asks(f"m{n}")
    shopper.told(command(reservation=reservation_id("m1")), NOON + MINUTE)
    assert shopper.asks("m4", NOON + MINUTE).decision.allowed


def test_a_confirmed_message_counts_on_the_day_it_was_sent() -> None:
    shopper = Shopper()
    evening = NOON.replace(hour=23, minute=55)
    shopper.asks("m1", evening)
    shopper.confirms("m1", evening + 10 * MINUTE)
    after_midnight = evening + QUARTER
    for n in range(2):
        shopper.sends(f"n{n}", after_midnight)
    assert shopper.asks("n3", after_midnight).decision.reason == "daily_cap_reached:3/3"


def test_what_the_reservation_knows_need_not_be_said_again() -> None:
    shopper = Shopper()
    shopper.asks(
        "m1", channel="email", source="journey", source_id="welcome", address="a@mail.example"
    )
    confirm = RecordMessageSent(reservation=reservation_id("m1"), subject="Hello")
    assert shopper.told(confirm) == [
        Sent(
            message_id="m1",
            channel="email",
            message_class="marketing",
            source="journey",
            source_id="welcome",
            reservation=reservation_id("m1"),
            address="a@mail.example",
            subject="Hello",
        )
    ]
    assert shopper.told(confirm, NOON + HOUR) == []
    assert shopper.told(RecordMessageSent(message_id="m1"), NOON + HOUR) == []


def test_what_is_not_reserved_cannot_be_confirmed() -> None:
    shopper = Shopper()
    shopper.asks("m1")
    shopper.asks("m2")
    another = RecordMessageSent(message_id="m1", reservation=reservation_id("m2"))
    assert refused(lambda: shopper.told(another)) == "reservation_of_another_message"
    foreign = RecordMessageSent(reservation=reservation_id("somebody else's"))
    assert refused(lambda: shopper.told(foreign)) == "unknown_reservation"
    assert refused(lambda: shopper.confirms("m1", NOON + QUARTER)) == "reservation_expired"
    shopper.told(ReleaseSend(message_id="m2"), NOON + MINUTE)
    assert refused(lambda: shopper.confirms("m2", NOON + MINUTE)) == "reservation_released"
    shopper.told(RecordMessageFailed(message_id="m1"), NOON + MINUTE)
    assert refused(lambda: shopper.confirms("m1", NOON + MINUTE)) == "message_failed"


def test_what_has_expired_can_be_asked_for_again() -> None:
    shopper = Shopper()
    shopper.asks("m1")
    assert shopper.asks("m1", NOON + HOUR).decision.allowed
    assert len(shopper.confirms("m1", NOON + HOUR)) == 1


def test_who_asks_twice_holds_one_place_and_may_confirm_either_answer() -> None:
    shopper = Shopper()
    one, two = shopper.asks("m1"), shopper.asks("m1", NOON + MINUTE)
    assert one.decision.reservation is not None
    assert two.decision.reservation is not None
    assert one.decision.reservation.id == two.decision.reservation.id
    assert shopper.asks("m2", NOON + MINUTE).decision.checks[1].count == 1


def test_what_became_of_a_message_is_not_asked_again() -> None:
    shopper = Shopper()
    shopper.sends("m1")
    assert refused(lambda: shopper.asks("m1")) == "already_sent"
    assert refused(lambda: shopper.told(ReleaseSend(message_id="m1"))) == "already_sent"
    shopper.told(RecordMessageFailed(message_id="m2"))
    assert refused(lambda: shopper.asks("m2")) == "message_failed"


def test_giving_back_twice_says_nothing_more() -> None:
    shopper = Shopper()
    assert refused(lambda: shopper.told(ReleaseSend(message_id="m1"))) == "unknown_reservation"
    shopper.asks("m1")
    assert shopper.told(ReleaseSend(message_id="m1")) == [Released("m1")]
    assert shopper.told(ReleaseSend(message_id="m1")) == []


def test_who_withdraws_consent_meanwhile_gets_nothing() -> None:
    shopper = Shopper()
    shopper.asks("m1")
    shopper.told(WithdrawConsent(scope="global"), NOON)
    assert refused(lambda: shopper.confirms("m1")) == "consent_withdrawn"
    report = RecordMessageSent(message_id="m9", channel="email")
    assert len(shopper.told(report)) == 1, "what went out without asking did go out"
    blocked = shopper.asks("m2", channel="whatsapp")
    assert blocked.decision.reason == "globally_unsubscribed"


def test_who_never_said_yes_gets_receipts_only() -> None:
    shopper = Shopper()
    stranger = {"address": "b@mail.example"}
    assert shopper.asks("m1", **stranger).decision.reason == "no_consent:email"
    assert shopper.asks("m2", message_class="transactional", **stranger).decision.allowed


def test_without_an_address_it_is_the_one_they_agreed_to() -> None:
    shopper = Shopper()
    assert shopper.asks("m1").address == "a@mail.example"
    shopper.confirms("m1")
    assert shopper.profile.messages.by_id["m1"].sent is not None
    shopper.told(RecordMessageBounced(message_id="m1"))
    assert shopper.asks("m2").decision.reason == "suppressed:hard_bounce"


@pytest.mark.parametrize(
    ("command", "reason"),
    [(RecordMessageBounced, "hard_bounce"), (RecordMessageComplained, "complaint")],
)
def test_an_address_that_bounced_or_complained_is_written_to_no_more(
    command: type[RecordMessageBounced | RecordMessageComplained], reason: str
) -> None:
    shopper = Shopper()
    shopper.sends("m1", address="a@mail.example")
    told = shopper.told(command(message_id="m1"), NOON + HOUR)
    assert [event.__struct_config__.tag.partition(".")[0] for event in told] == [
        "messages", "consent",
    ]  # fmt: skip
    assert shopper.told(command(message_id="m1"), NOON + HOUR) == []
    again = shopper.asks("m2", NOON + DAY, address="a@mail.example")
    assert again.decision.reason == f"suppressed:{reason}"


def test_what_can_only_come_too_late_is_missed() -> None:
    shopper = Shopper()
    night = NOON.replace(hour=22)
    asked = RequestSend(
        message_id="m1",
        channel="sms",
        source="journey",
        source_id="cart",
        deadline=night + HOUR,
    )
    blocked, missed = shopper.told(asked, night)
    assert isinstance(blocked, Blocked)
    assert blocked.decision.on_block == "exit"
    morning = NOON.replace(hour=8) + DAY  # nine where the phone is from
    assert missed == Missed(
        message_id="m1",
        channel="sms",
        source="journey",
        source_id="cart",
        deadline=night + HOUR,
        reason="quiet_hours",
        retry_at=morning,
    )
    (waits,) = shopper.told(replace(asked, deadline=morning), night)
    assert isinstance(waits, Blocked)
    assert waits.decision.on_block == "wait"


def test_the_clock_is_the_customers_as_far_as_it_is_known() -> None:
    shopper = Shopper(time_zone="America/New_York")

    def clock() -> tuple[str | None, str | None]:
        check = shopper.asks("m", NOON).decision.checks[1]
        return check.time_zone, check.time_zone_from

    assert clock() == ("America/New_York", "shop")
    shopper.told(SetContact(phone="+4930123456"))
    assert clock() == ("Europe/Berlin", "phone")
    shopper.told(SetContact(shipping=Address(country="FR")))
    assert clock() == ("Europe/Paris", "address")
    shopper.told(SetTimeZone("Asia/Tokyo"))
    assert clock() == ("Asia/Tokyo", "explicit")


def test_the_shops_own_rules_are_followed() -> None:
    strict = Shopper(MessagingRules(daily_cap=1, reservation_minutes=60))
    assert strict.asks("m1").decision.allowed
    assert strict.asks("m2", NOON + 59 * MINUTE).decision.reason == "daily_cap_reached:1/1"
    assert strict.asks("m2", NOON + HOUR).decision.allowed


def test_clocks_of_several_machines_may_differ_a_little() -> None:
    shopper = Shopper()
    for n in range(3):
        shopper.sends(f"m{n}", NOON + MINUTE)
    assert not shopper.asks("m4", NOON).decision.allowed
    assert shopper.asks("m4", NOON - HOUR).decision.allowed, "an hour ago there was none"


@pytest.mark.parametrize("year", [1, 9_999])
def test_nothing_is_decided_at_the_ends_of_time(year: int) -> None:
    code = refused(lambda: Shopper().asks("m1", NOON.replace(year=year)))
    assert code == "instant_out_of_range"
