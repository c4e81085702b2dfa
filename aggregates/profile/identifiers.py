"""What a signal can be recognised by, and how strongly.

A person is known by identifiers; a thing of theirs (an order, a cart) by a reference. Both lead
to a profile, only identifiers are shown as the person's own. Each has one written form, into
which the edge brings what people and shops write; here it is only told from any other.
"""

import re
import unicodedata
from typing import Literal

from msgspec import Struct

Kind = Literal["shopify_customer_id", "external_id", "email", "phone", "cookie"]
Reference = Literal["order", "checkout", "cart", "draft", "return"]

# which owner a signal belongs to when its identifiers have several
STRENGTH: dict[str, int] = {
    "shopify_customer_id": 100,
    "external_id": 80,
    "email": 60,
    "phone": 40,
    "order": 30,
    "return": 30,
    "draft": 20,
    "checkout": 15,
    "cart": 12,
    "cookie": 10,
}
MAX_LENGTH = 320  # nothing we recognise people by is longer
MAX_ID_DIGITS = 20  # of a 64-bit number

_ANY = re.compile(r"[^\x00]+")  # a database takes no NUL character in a text
_PATTERNS = {
    "email": re.compile(r"[^@\s\x00-\x1fA-Z]+@[a-z0-9_-]+(\.[a-z0-9_-]+)+"),
    "phone": re.compile(r"\+[1-9][0-9]{6,14}"),
    "shopify_customer_id": re.compile(rf"[1-9][0-9]{{0,{MAX_ID_DIGITS - 1}}}"),
    "external_id": re.compile(r"[^:\x00A-Z]*[^:\s\x00A-Z]:[^\s\x00][^\x00]*"),
}


class Identifier(Struct, frozen=True, order=True, array_like=True):
    """One identifier in its normal form; `kind` is a `Kind` or a `Reference`."""

    kind: str
    value: str


def is_normal(kind: str, value: str) -> bool:
    """Whether `value` is written as every other mention of it is. Not whether it exists."""
    if len(value) > MAX_LENGTH or not _PATTERNS.get(kind, _ANY).fullmatch(value):
        return False
    if kind == "email" and not value.isascii():
        return value == unicodedata.normalize("NFKC", value).lower()
    return value == value.strip()


def strongest_first(identifiers: tuple[Identifier, ...]) -> list[Identifier]:
    return sorted(identifiers, key=lambda known: (-STRENGTH[known.kind], known.value))
