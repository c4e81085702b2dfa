"""What of a shop's settings its hosts need to decide by."""

from typing import TypeVar

from msgspec import Struct
from msgspec.structs import replace

from aggregates.shop.identity_rules import Alarms, Limits
from aggregates.shop.messaging_rules import MessagingRules
from aggregates.shop.settings import Settings

Part = TypeVar("Part")


class Bounds(Struct, frozen=True, omit_defaults=True):
    """It travels with every signal. Make it with `bounds_of`: then what is usual takes a byte."""

    limits: Limits = Limits()
    alarms: Alarms = Alarms()
    messaging: MessagingRules = MessagingRules()
    time_zone: str | None = None

    def besides_messaging(self) -> "Bounds":
        """For a signal on which messaging has no say: a table of regions would travel in vain."""
        return replace(self, messaging=_USUAL.messaging)


def bounds_of(settings: Settings) -> Bounds:
    identity = settings.identity
    return Bounds(
        _usual(identity.limits, _USUAL.limits),
        _usual(identity.alarms, _USUAL.alarms),
        _usual(settings.messaging, _USUAL.messaging),
        settings.clock.time_zone,
    )


def _usual(told: Part, usual: Part) -> Part:
    """The very default, if it is equal: that is left out."""
    return usual if told == usual else told


_USUAL = Bounds()
