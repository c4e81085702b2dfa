"""The gate once more, slowly: every rule read off a list of all that ever happened.

Nothing here is taken from the product but the shop's rules.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache
from zoneinfo import ZoneInfo

from aggregates.shop.messaging_rules import MessagingRules

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SEVEN_DAYS = 7 * 24 * 60 * 60 * 1_000_000


def micros(at: datetime) -> int:
    return (at - EPOCH) // timedelta(microseconds=1)


@dataclass
class Written:
    """A message from when its place was granted; `gone` says when it went out."""

    channel: str
    granted: int
    until: int
    gone: int | None = None
    void: bool = False

    def is_waiting(self, now: int) -> bool:
        return self.gone is None and not self.void and self.granted <= now < self.until


@dataclass
class Shopper:
    zone: str
    written: list[Written] = field(default_factory=list)

    def refused(self, rules: MessagingRules, channel: str, at: datetime) -> dict[str, str]:
        """All that speaks against it, by check in the order of the gate."""
        return {
            **self._capped("daily", rules.daily_cap, None, at),
            **self._capped("channel", rules.cap_of(channel), channel, at),  # type: ignore[arg-type]  # one of them
            **self._tired(rules, at),
            **self._asleep(rules, channel, at),
        }

    def _capped(
        self, name: str, cap: int | None, channel: str | None, at: datetime
    ) -> dict[str, str]:
        now, today, count = micros(at), _date(micros(at), self.zone), 0
        for message in self.written:
            if channel is None or message.channel == channel:
                count += self._is_of(today, message, now) or message.is_waiting(now)
        if cap is None or count < cap:
            return {}
        head = "daily_cap_reached" if channel is None else f"channel_cap_reached:{channel}"
        return {name: f"{head}:{count}/{cap}"}

    def _is_of(self, day: str, message: Written, now: int) -> bool:
        if message.gone is None or message.void or message.gone > now:
            return False
        return _date(message.gone, self.zone) == day

    def _tired(self, rules: MessagingRules, at: datetime) -> dict[str, str]:
        now, count = micros(at), 0
        for message in self.written:
            gone = message.gone is not None and not message.void
            if gone and now - SEVEN_DAYS < (message.gone or 0) <= now:
                count += 1
            count += message.is_waiting(now)
        threshold = rules.fatigue_threshold
        if threshold is None or count * 10 < round(threshold * 100):
            return {}
        return {"fatigue": "fatigue"}

    def _asleep(self, rules: MessagingRules, channel: str, at: datetime) -> dict[str, str]:
        hours = rules.quiet_hours
        minute = _minute(f"{at.astimezone(ZoneInfo(self.zone)):%H:%M}")
        date = f"{at.astimezone(ZoneInfo(self.zone)):%A %Y-%m-%d %m-%d}".lower().split()
        quiet = minute in _quiet(hours.start, hours.end) or {*date} & (hours.days | hours.dates)
        quiet = quiet and channel not in hours.exempt
        return {"quiet_hours": "quiet_hours"} if quiet else {}


@lru_cache(10_000)
def _date(at: int, zone: str) -> str:
    return f"{(EPOCH + timedelta(microseconds=at)).astimezone(ZoneInfo(zone)):%Y-%m-%d}"


@cache
def _quiet(start: str, end: str) -> set[int]:
    """Minute by minute, round the clock."""
    quiet, clock, last = set(), _minute(start), _minute(end)
    while clock != last:
        quiet.add(clock)
        clock = (clock + 1) % (24 * 60)
    return quiet


def _minute(clock: str) -> int:
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)
