"""The nights in which clocks on walls are put back, as a shop there tells of them."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import pairwise
from zoneinfo import ZoneInfo

import msgspec

from actors.signals import Signal
from aggregates.shop.identity_rules import IdentityRules
from api.intake import command, pixel
from api.intake.command import Caller
from tests.actors.shopping import SHOP
from tests.places import environment

NEW_YEAR, RECEIVED = datetime(2025, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)


def night(zone: tzinfo, began: datetime) -> list[Signal]:
    """News of one shopper every ten minutes, from three hours before to three hours after."""
    instants = [began + timedelta(minutes=10 * nth) for nth in range(-18, 18)]
    return [told for nth, at in enumerate(instants) for told in _told(nth, at.astimezone(zone))]


def summer_ends(zone: ZoneInfo) -> datetime:
    """The instant of 2025 at which this zone's clocks are put back."""

    def on_the_wall(instant: datetime) -> datetime:
        return instant.astimezone(zone).replace(tzinfo=None)

    instants = (NEW_YEAR + timedelta(minutes=30 * nth) for nth in range(365 * 48))
    return next(at for was, at in pairwise(instants) if on_the_wall(at) <= on_the_wall(was))


@contextmanager
def living_in(zone: str) -> Iterator[None]:
    """Our own process, too, has its clock on that wall."""
    try:
        with environment({"TZ": zone}):
            time.tzset()
            yield
    finally:
        time.tzset()


def _told(nth: int, at: datetime) -> tuple[Signal, Signal]:
    when = {"id": f"night-{nth}", "occurred_at": at.isoformat()}
    named = {"type": "SetContact", "first_name": f"Name {nth}", "profile": {"email": "a@night.io"}}
    seen = {"type": "page_viewed", "cookie": "night", "url": f"/{nth}"}
    caller = Caller(SHOP, "night", RECEIVED, IdentityRules())
    return (
        command.signal_of(msgspec.json.encode(named | when), caller),
        pixel.signal_of(msgspec.json.encode(seen | when), SHOP, RECEIVED, IdentityRules()),
    )
