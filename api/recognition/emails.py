"""E-mail addresses: one written form each, and those that a marketplace lends to its buyers.

Nearly all are plain ASCII and judged by a pattern. Only where an address has other characters
is email-validator asked, which takes a hundred times as long. It would also refuse addresses that
shoppers really have, such as `ada..x@docomo.ne.jp`, and nobody's mail goes through us here.
"""

import re
import unicodedata
from functools import lru_cache

from email_validator import validate_email

from aggregates.profile.identifiers import MAX_LENGTH

REMEMBERED = 8_192  # addresses as written; an order is told of several times within minutes
LONGEST = 254  # RFC 5321; so a relay's name fits an identifier too
_PLAIN = re.compile(
    r"[a-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}"
    r"@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])"
)
_RELAY = re.compile(
    r"(?P<handle>[^@]+)@(?:marketplace\.(?P<amazon>amazon)|members\.ebay)"
    r"\.[a-z]{2,3}(?:\.[a-z]{2})?"
)


def email(raw: str) -> str | None:
    """Lower case, the domain in ASCII; dots and +tags stay, they may be another mailbox."""
    return _mailbox(raw) if len(raw) <= MAX_LENGTH else None


def relayed(address: str) -> str | None:
    """The buyer behind a relay address, as `amazon:handle`: it is an account, not a mailbox."""
    if "@m" not in address or not (relay := _RELAY.fullmatch(address)):
        return None
    return f"{relay['amazon'] or 'ebay'}:{relay['handle']}"


@lru_cache(REMEMBERED)
def _mailbox(raw: str) -> str | None:
    text = raw.strip()
    return _plain(text.lower()) if text.isascii() else _international(text)


def _plain(text: str) -> str | None:
    return text if len(text) <= LONGEST and _PLAIN.fullmatch(text) else None


def _international(text: str) -> str | None:
    folded = _folded(text)
    if folded.isascii():
        return _plain(folded)
    try:
        found = validate_email(folded, check_deliverability=False)
    except ValueError:
        return None
    value = _folded(f"{found.local_part}@{found.ascii_domain}")
    return value if len(value) <= LONGEST and _folded(value) == value else None


def _folded(text: str) -> str:
    """NFKC in lower case; NFKC writes some characters as up to 18."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).lower()).strip()
