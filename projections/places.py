"""Where a customer lives as one short text: tables are joined by it, and it reads back."""

from functools import lru_cache

from aggregates.gate.facts import Place
from aggregates.gate.zones import Whereabouts, place_of

ANYWHERE = ""  # by the shop's clock and the shop's rules
AT_HAND = 10_000  # places lately read back: of each customer twice, and many live in the same
_OURS = ("shop", "default")


def place_key(place: Place) -> str:
    """Of a place that was looked for without the shop's help."""
    own = "" if place.known_from in _OURS else place.name
    possible = ",".join(one.name for one in place.possible)
    return "|".join((own, possible, ",".join(place.regions))).rstrip("|")


@lru_cache(maxsize=AT_HAND)
def place_at(key: str, shop: str | None) -> Place:
    """By `shop`, the shop's time zone, where the key names none."""
    own, possible, regions = (*key.split("|"), "", "")[:3]
    home = place_of(Whereabouts(explicit=own or None, shop=shop))
    each = [place_of(Whereabouts(explicit=name)) for name in possible.split(",") if name]
    named = tuple(name for name in regions.split(",") if name)
    return home._replace(regions=named, possible=tuple(each))
