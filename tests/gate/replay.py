"""A year of messages to one shopper, each decision held against the slow gate."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush
from itertools import count
from random import Random

from msgspec.structs import replace

from aggregates.gate.decision import Decision
from aggregates.profile.channels import CHANNELS, Channel
from aggregates.profile.decide import Command, decide
from aggregates.profile.decisions.contact import SetTimeZone
from aggregates.profile.decisions.context import Context
from aggregates.profile.decisions.message_commands import (
    RecordMessageDelivered,
    RecordMessageFailed,
    RecordMessageOpened,
    RecordMessageSent,
    ReleaseSend,
    RequestSend,
)
from aggregates.profile.decisions.rejection import Rejected
from aggregates.profile.events.messages import Blocked, Reserved
from aggregates.profile.profile import EMPTY, Event, evolve
from aggregates.profile.source import Source
from aggregates.shop.messaging_rules import ChannelCaps, MessagingRules
from aggregates.shop.quiet_hours import QuietHours
from tests.consenting import MAILS, yes_to
from tests.gate.slow import Shopper, Written, micros

START = datetime(2026, 1, 1, tzinfo=UTC)
YEAR, SECOND, QUARTER = timedelta(days=365), timedelta(seconds=1), timedelta(minutes=15)
REQUESTS = 120  # a year
ZONES = (
    "UTC", "America/New_York", "Europe/Berlin", "Europe/London", "Australia/Sydney",
    "Australia/Lord_Howe", "Pacific/Chatham", "Africa/Cairo", "Asia/Kathmandu", "America/Phoenix",
    "America/Sao_Paulo", "America/Havana", "America/Santiago",
)  # fmt: skip
SHOPS = (
    MessagingRules(),
    MessagingRules(daily_cap=1, channel_caps=ChannelCaps(None, None, None, None)),
    MessagingRules(daily_cap=None, fatigue_threshold=0.3),
    MessagingRules(
        daily_cap=2,
        channel_caps=ChannelCaps(1, 1, 1, 1),
        fatigue_threshold=None,
        quiet_hours=QuietHours("00:30", "02:30", frozenset()),
    ),
    MessagingRules(quiet_hours=QuietHours("13:00", "15:00", frozenset())),
    MessagingRules(
        quiet_hours=QuietHours(
            days=frozenset({"sunday"}), dates=frozenset({"12-25", "2026-03-29", "2026-11-02"})
        )
    ),
)
CHECKS = {("caps", True): "daily", ("caps", False): "channel"}


class Wrong(AssertionError):
    """The two gates disagree."""


class Year:
    """`answers` counts what the gate said."""

    def __init__(self, seed: int) -> None:
        self._dice = Random(seed)  # noqa: S311 - it must be repeatable
        self._rules = self._dice.choice(SHOPS)
        self._shopper = Shopper(self._dice.choice(ZONES))
        self._profile, self._moved_at = EMPTY, START
        self._names = count(1)
        self._turns = count()
        self._waiting: list[tuple[datetime, int, Callable[[datetime], None]]] = []
        self.answers: Counter[str] = Counter()

    def play(self) -> None:
        """Raises Wrong."""
        for yes in yes_to(MAILS[0]):
            self._tell(yes, START)
        self._tell(SetTimeZone(self._shopper.zone), START)
        for at in self._moments():
            self._later(at, self._ask)
        while self._waiting:
            at, _, happens = heappop(self._waiting)
            happens(at)

    def _moments(self) -> Iterator[datetime]:
        """Some alone, some in bursts."""
        asked = 0
        while asked < REQUESTS:
            at = START + self._dice.random() * YEAR
            for _ in range(self._dice.choice((1, 1, 2, 5, 9))):
                at += timedelta(seconds=self._dice.choice((0, 1, 600, 4_000, 40_000)))
                asked += 1
                yield at.replace(microsecond=0)

    def _later(self, at: datetime, happens: Callable[[datetime], None]) -> None:
        heappush(self._waiting, (at, next(self._turns), happens))

    def _ask(self, at: datetime) -> None:
        if self._dice.random() < 0.03:
            self._move(at)
        channel = self._dice.choice(CHANNELS)
        name = f"m{next(self._names)}"
        if self._dice.random() < 0.1:
            self._tell_only(name, channel, at)
            return
        (said, *_) = self._tell(RequestSend(message_id=name, channel=channel), at)
        assert isinstance(said, Reserved | Blocked)
        self._compare(said.decision, channel, at)
        if isinstance(said, Reserved):
            self._granted(name, channel, at)
        elif said.decision.retry_at and self._dice.random() < 0.3:
            early = self._dice.choice((SECOND, timedelta()))
            self._later(said.decision.retry_at - early, self._ask)

    def _compare(self, decision: Decision, channel: Channel, at: datetime) -> None:
        expected = next(iter(self._shopper.refused(self._rules, channel, at).values()), None)
        self.answers[(decision.reason or "allowed").partition(":")[0]] += 1
        if decision.reason != expected or decision.allowed != (expected is None):
            raise Wrong(f"{at} {self._shopper.zone}: {decision.reason}, expected {expected}")
        if decision.retry_at is not None:
            self._compare_retry(decision, decision.retry_at, channel, at)

    def _compare_retry(
        self, decision: Decision, retry_at: datetime, channel: Channel, at: datetime
    ) -> None:
        last = decision.checks[-1]
        name = CHECKS.get((last.check, last.channel is None), last.check)
        between = [at + self._dice.random() * (retry_at - at) for _ in range(2)]
        for moment in (*between, retry_at - SECOND):
            if name not in self._shopper.refused(self._rules, channel, max(moment, at)):
                raise Wrong(f"{at} {self._shopper.zone}: {name} would pass at {moment}")
        if name in self._shopper.refused(self._rules, channel, retry_at):
            raise Wrong(f"{at} {self._shopper.zone}: {name} would not pass at {retry_at}")

    def _granted(self, name: str, channel: Channel, at: datetime) -> None:
        minutes = timedelta(minutes=self._rules.reservation_minutes)
        message = Written(channel, micros(at), micros(at + minutes))
        self._shopper.written.append(message)
        then = self._dice.choice((self._confirm,) * 7 + (self._fail, self._release, self._forget))
        delay = timedelta(seconds=self._dice.choice((0, 1, 60, 899, 900, 1_500)))
        self._later(at + delay, lambda when: then(name, message, when))

    def _confirm(self, name: str, message: Written, at: datetime) -> None:
        expired = micros(at) >= message.until
        try:
            self._tell(RecordMessageSent(message_id=name), at)
        except Rejected as no:
            if no.code != "reservation_expired" or not expired:
                raise Wrong(f"{at}: {no}") from no
            return
        if expired:
            raise Wrong(f"{at}: confirmed after it had expired")
        message.gone = micros(at)
        self._tell(RecordMessageDelivered(message_id=name), at + SECOND)
        if self._dice.random() < 0.3:
            self._tell(RecordMessageOpened(message_id=name), at + QUARTER)
        if self._dice.random() < 0.05:
            self._fail(name, message, at)

    def _fail(self, name: str, message: Written, at: datetime) -> None:
        self._tell(RecordMessageFailed(message_id=name), at)
        message.void = True

    def _release(self, name: str, message: Written, at: datetime) -> None:
        self._tell(ReleaseSend(message_id=name), at)
        message.void = True

    def _forget(self, name: str, message: Written, at: datetime) -> None:
        """Nobody says what became of it."""

    def _tell_only(self, name: str, channel: Channel, at: datetime) -> None:
        """Of a message that went out without asking, or that is a receipt."""
        kind = self._dice.choice(("marketing", "transactional"))
        self._tell(
            RecordMessageSent(message_id=name, channel=channel, message_class=kind),
            at,  # type: ignore[arg-type]  # one of them
        )
        if kind == "marketing":
            self._shopper.written.append(Written(channel, micros(at), micros(at), micros(at)))

    def _move(self, at: datetime) -> None:
        if at <= self._moved_at:  # of two said at one moment it is no matter which one stands
            return
        self._moved_at = at
        self._shopper.zone = self._dice.choice(ZONES)
        self._tell(SetTimeZone(self._shopper.zone), at)

    def _tell(self, command: Command, at: datetime) -> list[Event]:
        context = replace(_CONTEXT, occurred_at=at, now=at, messaging=self._rules)
        events = list(decide(self._profile, command, context))
        for event in events:
            self._profile = evolve(self._profile, event, context.stamp)
        return events


_CONTEXT = Context(START, START, Source("api"))
