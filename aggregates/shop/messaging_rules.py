"""How often and when a shop's customers may be written to."""

from collections.abc import Iterator
from typing import Annotated, TypeAlias

from msgspec import Meta, Struct

from aggregates.profile.channels import (
    CHANNELS,
    Channel,
    MessageClass,
    OnBlock,
    Scope,
    SendSource,
)
from aggregates.shop.quiet_hours import WEEK, QuietHours, widening

Cap: TypeAlias = Annotated[int, Meta(ge=0, le=1_000)]
# of ten messages in seven days
Threshold: TypeAlias = Annotated[float, Meta(ge=0.1, le=1.0)]
Minutes: TypeAlias = Annotated[int, Meta(ge=1, le=24 * 60)]


class ChannelCaps(Struct, frozen=True, forbid_unknown_fields=True):
    """Messages a day and channel; null is without limit."""

    email: Cap | None = 5
    sms: Cap | None = 1
    whatsapp: Cap | None = 2
    push: Cap | None = None


class Blocked(Struct, frozen=True, forbid_unknown_fields=True):
    """What becomes of a message that may not go out now, by who wants it sent."""

    campaign: OnBlock = "drop"
    journey: OnBlock = "wait"
    automated: OnBlock = "wait"
    manual: OnBlock = "drop"


class MessagingRules(Struct, frozen=True, forbid_unknown_fields=True):
    """One shop's rules. Decoding checks them, and names the member that is not as it must be.

    `daily_cap`: marketing messages a day over all channels; null is without limit.
    `fatigue_threshold`: a tenth for each message of the last seven days; at the threshold no more.
    `reservation_minutes`: how long a granted send counts before it is confirmed.
    `transactional_counts`: whether they use up what is left for marketing.
    `unsubscribe_scope`: what a click on an unsubscribe link ends, where it does not say so itself:
    messages to that address, on that channel, or all.
    """

    daily_cap: Cap | None = 3
    channel_caps: ChannelCaps = ChannelCaps()
    fatigue_threshold: Threshold | None = 0.7
    quiet_hours: QuietHours = QuietHours()
    on_block: Blocked = Blocked()
    reservation_minutes: Minutes = 15
    transactional_counts: bool = False
    unsubscribe_scope: Scope = "global"

    def cap_of(self, channel: Channel) -> int | None:
        cap: int | None = getattr(self.channel_caps, channel)
        return cap

    def after_block(self, source: SendSource) -> OnBlock:
        answer: OnBlock = getattr(self.on_block, source)
        return answer

    def counts(self, message_class: MessageClass) -> bool:
        return message_class == "marketing" or self.transactional_counts


def warnings(rules: MessagingRules) -> list[str]:
    """What can be set, but hardly be meant."""
    return [*_idle_caps(rules), *_never(rules), *_silence(rules)]


def _idle_caps(rules: MessagingRules) -> Iterator[str]:
    for channel in CHANNELS:
        cap = rules.cap_of(channel)
        if cap is not None and rules.daily_cap is not None and cap > rules.daily_cap:
            yield (
                f"channel_caps.{channel} is {cap}, above daily_cap {rules.daily_cap}: "
                "it never comes into effect"
            )


def _never(rules: MessagingRules) -> Iterator[str]:
    if rules.daily_cap == 0:
        yield "daily_cap is 0: no marketing message is ever sent"
    for channel in CHANNELS:
        if rules.cap_of(channel) == 0:
            yield f"channel_caps.{channel} is 0: no marketing message is ever sent there"


def _silence(rules: MessagingRules) -> Iterator[str]:
    everywhere = rules.quiet_hours
    yield from _odd_hours("quiet_hours", everywhere)
    for region in sorted(everywhere.regions):
        yield from _odd_hours(f"quiet_hours.regions.{region}", everywhere.within(widening(region)))


def _odd_hours(name: str, hours: QuietHours) -> Iterator[str]:
    if hours.start == hours.end and not hours.days and not hours.dates:
        yield f"{name} start when they end: no hour is quiet"
    if len(hours.days) == len(WEEK):
        yield f"{name}.days are all there are: no message that makes a noise is ever sent"
