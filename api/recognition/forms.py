"""The normal form of each kind of identifier, whatever it was written like."""

from collections.abc import Callable
from typing import TypeAlias

from aggregates.profile.identifiers import MAX_ID_DIGITS, MAX_LENGTH, Identifier
from api.recognition.emails import email, relayed
from api.recognition.phones import phone

Written: TypeAlias = str | int | None

# what software writes where it knows nobody; so are empty values and those of zeros and dashes
NOBODY = frozenset(
    {"-1", "null", "undefined", "none", "n/a", "anonymous", "guest", "true", "false"}
    | {"[object object]", "distinct_id"}
)
# where accounts are called the same in any case
MARKETPLACES = frozenset({"amazon", "ebay"})
_BEYOND = 10**MAX_ID_DIGITS


def normal(kind: str, raw: Written, country: str | None = None) -> Identifier | None:
    """None where it recognises nobody. A marketplace's e-mail becomes the account behind it.

    `country` is where a phone number without country code is dialled.
    """
    if kind == "email":
        return _mailbox(raw) if isinstance(raw, str) else None
    if kind == "phone":
        value = phone(raw, country) if isinstance(raw, str) else None
    elif (value := said(raw)) is not None:
        value = _SPECIAL[kind](value) if kind in _SPECIAL else value
    return Identifier(kind, value) if value else None


def _mailbox(raw: str) -> Identifier | None:
    address = email(raw)
    if address is None:
        return None
    account = relayed(address)
    return Identifier("external_id", account) if account else Identifier("email", address)


def said(raw: Written) -> str | None:
    """Trimmed; None for what says nothing."""
    if raw is None or isinstance(raw, bool):
        return None
    if isinstance(raw, int):  # Python refuses to print thousands of digits
        return str(raw) if 0 < raw < _BEYOND else None
    text = raw.strip()
    if not text.strip("0-") or text.lower() in NOBODY:
        return None
    if len(text) > MAX_LENGTH or "\x00" in text:
        return None  # a database takes no NUL character in a text
    return text


def gid_digits(text: str) -> str | None:
    """`gid://shopify/Customer/42` and `42` are the same customer."""
    digits = text.rpartition("/")[2].partition("?")[0]
    if not digits.isascii() or not digits.isdigit():
        return None
    digits = digits.lstrip("0")
    return digits if 0 < len(digits) <= MAX_ID_DIGITS else None


def _external(text: str) -> str | None:
    named, _, given = text.partition(":")
    namespace, value = named.strip().lower(), said(given)
    if not namespace or value is None:
        return None
    if namespace in MARKETPLACES:
        value = value.lower()
    return f"{namespace}:{value}" if len(namespace) + len(value) < MAX_LENGTH else None


_SPECIAL: dict[str, Callable[[str], str | None]] = {
    "shopify_customer_id": gid_digits,
    "external_id": _external,
}
