"""What a shop's shoppers are recognised by, and what of it may not merge them."""

from collections.abc import Iterable

from aggregates.profile.identifiers import Identifier
from aggregates.shop.identity_rules import IdentityRules
from api.recognition.disposable import is_disposable
from api.recognition.forms import Written, normal
from api.recognition.phones import made_up

MACHINES = frozenset(
    dash.join(words)
    for words in (("no", "reply"), ("do", "not", "reply"), ("donot", "reply"))
    for dash in ("", "-", "_", ".")
)
BOOKS = frozenset({"example.com", "example.net", "example.org"})  # RFC 2606 keeps them for these
TYPED_AWAY = "test@test.com"  # to get past a form


def identifier(
    kind: str, raw: Written, rules: IdentityRules, country: str | None = None
) -> Identifier | None:
    """The normal form of `raw`, or None where nobody is recognised by it.

    `country` is where the shopper dials, if known; else it is the shop's.
    """
    known = normal(kind, raw, country or rules.country)
    return None if known is None or is_blocked(known, rules) else known


def is_blocked(known: Identifier, rules: IdentityRules) -> bool:
    """Whether it is well-formed, and yet everybody's or nobody's."""
    kind, value = known.kind, known.value
    if value in rules.blocked:
        return True
    if kind == "email":
        return _is_nobodys(value, rules)
    return kind == "phone" and made_up(value)


def powerless(identifiers: Iterable[Identifier], rules: IdentityRules) -> tuple[Identifier, ...]:
    """Those that lead to their owner but merge nobody: addresses of an office, or for a day."""
    return tuple(
        [known for known in identifiers if known.kind == "email" and _is_weak(known.value, rules)]
    )


def _is_nobodys(address: str, rules: IdentityRules) -> bool:
    local, _, domain = address.rpartition("@")
    return (
        domain in BOOKS
        or local.partition("+")[0] in MACHINES
        or address == TYPED_AWAY
        or f"*@{domain}" in rules.blocked
    )


def _is_weak(address: str, rules: IdentityRules) -> bool:
    local, _, domain = address.rpartition("@")
    return local.partition("+")[0] in rules.role_names or is_disposable(domain)
