"""What a signal can be recognised by, how strongly, and in which written form.

A person is known by identifiers; a thing of theirs (an order, a cart) by a reference. Both lead
to a profile, only identifiers are shown as the person's own.
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
MAX_LENGTH = 320  # the longest e-mail address; nothing we recognise people by is longer

# what software writes where it knows nobody; so are empty values and those of zeros and dashes
NOBODY = frozenset(
    {"-1", "null", "undefined", "none", "n/a", "anonymous", "guest", "true", "false"}
    | {"[object object]", "distinct_id"}
)
_EMAIL = re.compile(r"^[^@\s\x00-\x1f]+@[^@\s\x00-\x1f.]+(\.[^@\s\x00-\x1f.]+)+\Z")
_PHONE = re.compile(r"^\+[1-9][0-9]{6,14}\Z")


class Identifier(Struct, frozen=True, order=True, array_like=True):
    """One identifier in its normal form; `kind` is a `Kind` or a `Reference`."""

    kind: str
    value: str


def identifier(kind: str, raw: object) -> Identifier | None:
    """The normal form of `raw`, or None where it recognises nobody."""
    if raw is None or isinstance(raw, bool):
        return None
    text = str(raw).strip()
    if not text.strip("0-") or text.lower() in NOBODY:
        return None
    if len(text) > MAX_LENGTH or "\x00" in text:
        return None  # a database takes no NUL character in a text
    match kind:
        case "email":
            value = email(text)
        case "phone":
            value = phone(text)
        case "shopify_customer_id":
            value = gid_number(text)
        case "external_id":
            value = text if ":" in text.strip(":") else None
        case _:
            value = text
    return Identifier(kind, value) if value else None


def email(text: str) -> str | None:
    """Lower case, NFKC; dots and +tags stay, they may be another mailbox."""
    text = text.strip()
    value = text.lower() if text.isascii() else unicodedata.normalize("NFKC", text).lower()
    # NFKC writes some characters as up to 18, so the length is that of what came out
    return value if len(value) <= MAX_LENGTH and _EMAIL.match(value) else None


def phone(text: str) -> str | None:
    """E.164 where the country code is written; a local number recognises nobody."""
    if _PHONE.match(text):
        return text
    digits = re.sub(r"\(0\)|[\s().\-/]", "", text)  # "+49 (0)30": the zero is for callers at home
    value = "+" + digits[2:] if digits.startswith("00") else digits
    return value if _PHONE.match(value) else None


def gid_number(text: str) -> str | None:
    """`gid://shopify/Customer/42` and `42` are the same customer."""
    digits = text.rpartition("/")[2].partition("?")[0]
    return digits if digits.isascii() and digits.isdigit() and digits.strip("0") else None


def strongest_first(identifiers: tuple[Identifier, ...]) -> list[Identifier]:
    return sorted(identifiers, key=lambda known: (-STRENGTH[known.kind], known.value))
