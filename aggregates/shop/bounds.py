"""What of a shop's settings its hosts need to decide by."""

from msgspec import Struct

from aggregates.shop.identity_rules import Alarms, Limits
from aggregates.shop.messaging_rules import MessagingRules
from aggregates.shop.settings import Settings


class Bounds(Struct, frozen=True, omit_defaults=True):
    """It travels with every signal. Make it with `bounds_of`: then what is usual takes a byte."""

    limits: Limits = Limits()
    alarms: Alarms = Alarms()
    messaging: MessagingRules = MessagingRules()
    time_zone: str | None = None


def bounds_of(settings: Settings) -> Bounds:
    identity, clock = settings.identity, settings.clock
    found = Bounds(identity.limits, identity.alarms, settings.messaging, clock.time_zone)
    return _USUAL if found == _USUAL else found


_USUAL = Bounds()
