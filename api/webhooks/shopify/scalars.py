"""Shopify's single values in our form: short texts, digits for ids, UTC, decimal amounts."""

import re
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import TypeVar

from aggregates.profile.identifiers import MAX_ID_DIGITS
from aggregates.profile.money import Price
from api.recognition.forms import gid_digits, said
from api.webhooks.shopify.refusals import Untranslatable

T = TypeVar("T")

MAX_TEXT = 255
_BEYOND = 10**MAX_ID_DIGITS
AN_ID = "a positive 64-bit id"
AN_INSTANT = "an ISO 8601 instant"
AN_AMOUNT = "a decimal amount"
A_PRICE = "a decimal amount with $.currency"
A_CURRENCY = "an ISO 4217 currency"

_AMOUNT = re.compile(r"-?[0-9]{1,13}(\.[0-9]{1,6})?")
_MICRO = Decimal("0.000001")
_GID = "gid://shopify/"


class MalformedInstant(ValueError):
    """Not an ISO 8601 instant within the years 1 to 9999."""


def required(value: T | None, member: str, expected: str) -> T:
    if value is None:
        raise Untranslatable(f"{member}: expected {expected}")
    return value


def text(raw: str | None, limit: int = MAX_TEXT) -> str | None:
    """Trimmed, cut at `limit`, without the NUL that Postgres cannot hold; None where empty."""
    if not raw:
        return None
    if len(raw) <= limit and raw.isprintable() and raw[0] != " " != raw[-1]:
        return raw  # as nearly always
    value = raw.strip()
    if len(value) > limit or "\x00" in value:
        value = value.replace("\x00", "").strip()[:limit].rstrip()
    return value or None


def label(raw: str | int | None) -> str | None:
    """A text that some bodies write as a number."""
    if isinstance(raw, int):  # Python refuses to print thousands of digits
        return str(raw) if abs(raw) < _BEYOND else None
    return text(raw)


def resource_id(raw: int | str | None, gid: str | None = None) -> str | None:
    """The digits of an id. `gid` wins: samples and JavaScript round what is beyond 2^53."""
    if gid and gid.startswith(_GID) and (digits := gid_digits(gid.strip())):
        return digits
    if isinstance(raw, int):
        return str(raw) if 0 < raw < _BEYOND else None
    return gid_digits(raw.strip()) if raw else None


def token(raw: str | int | None) -> str | None:
    """A checkout's or cart's token. One too long is dropped, because a cut one is another's."""
    value = said(raw)
    return value if value and len(value) <= MAX_TEXT else None


def cart_token(raw: str | int | None) -> str | None:
    """Without the `?key=` that newer carts carry: it is a secret, and orders come without it."""
    return token(raw.partition("?")[0] if isinstance(raw, str) else raw)


@lru_cache(maxsize=256)  # one body says most of its instants two or three times
def instant(raw: str | None) -> datetime | None:
    """UTC; a time without offset is taken as UTC. Raises `MalformedInstant`."""
    if not raw:
        return None
    try:
        found = datetime.fromisoformat(raw)
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise MalformedInstant from None


def instant_of(raw: str | None, member: str) -> datetime | None:
    """As `instant`; raises `Untranslatable` naming `member`."""
    if not raw:
        return None
    try:
        return instant(raw)
    except MalformedInstant:
        raise Untranslatable(f"{member}: expected {AN_INSTANT}") from None


def amount(raw: str | float | None) -> str | None:
    """A decimal with at most 13 digits before and 6 after the point, or None."""
    if raw is None or raw == "":
        return None
    written = raw if isinstance(raw, str) else repr(raw)
    if _AMOUNT.fullmatch(written):
        return written
    try:
        rounded = f"{Decimal(written).quantize(_MICRO):f}"
    except InvalidOperation:  # no number, or one of more than 28 digits
        return None
    return rounded if _AMOUNT.fullmatch(rounded) else None


def currency(raw: str | None) -> str | None:
    """An ISO 4217 code. Shopify writes XXX where it knows none."""
    return _code(raw) if raw and len(raw) == 3 else None


@lru_cache(maxsize=256)  # a shop has few, and every price asks
def _code(raw: str) -> str | None:
    return raw.upper() if raw.isascii() and raw.isalpha() and raw != "XXX" else None


@lru_cache(maxsize=2048)  # prices end in .99
def price(raw_amount: str | float | None, raw_currency: str | None) -> Price | None:
    if (code := currency(raw_currency)) and (value := amount(raw_amount)):
        return Price(value, code)
    return None
