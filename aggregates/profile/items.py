"""Lines of orders, carts and checkouts, and what facets keep of a picture besides its value."""

from datetime import datetime
from typing import Annotated
from zlib import crc32

import msgspec
from msgspec import Meta, Struct

from aggregates.profile.money import Price

Count = Annotated[int, Meta(ge=0, le=1_000_000_000)]  # a thousand of them still fit 64 bits
Text = Annotated[str, Meta(max_length=500)]


class Item(Struct, frozen=True, omit_defaults=True):
    """One line of an order; `price` is for one unit, before discounts.

    It stays as written: a unit may cost fractions of the smallest coin.
    """

    quantity: Count
    product_id: Text | None = None
    variant_id: Text | None = None
    sku: Text | None = None
    title: Text | None = None
    price: Price | None = None


def digest(left_out: object) -> int:
    """32 bits that tell two pictures apart by what the state does not keep of them."""
    return crc32(msgspec.json.encode(left_out))


def first(held: datetime | None, at: datetime) -> datetime:
    return at if held is None or at < held else held
