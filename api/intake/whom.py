"""Who a command is about: a profile's id, or identifiers seen together."""

from collections.abc import Mapping
from uuid import UUID

from msgspec import Raw, Struct
from msgspec.json import Decoder

from aggregates.profile.identifiers import Identifier
from aggregates.shop.identity_rules import IdentityRules
from api import wire
from api.errors import Fault, invalid
from api.recognition.forms import Written, normal
from api.recognition.known import is_blocked

EXPECTED = {
    "shopify_customer_id": "expected a customer's number or gid",
    "external_id": "expected namespace:value, such as loyalty:42",
    "email": "expected an address such as name@shop.example",
    "phone": "expected E.164 with its country code, such as +4915112345678",
    "cookie": "expected a client id of 1 to 320 characters",
}
BLOCKED = "expected a shopper's own, this one is blocked here"


class Whom(Struct, forbid_unknown_fields=True):
    """Either a profile's id or identifiers seen together."""

    id: UUID | None = None
    shopify_customer_id: str | int | None = None
    external_id: str | None = None
    email: str | None = None
    phone: str | None = None
    cookie: str | None = None


_WHOM = Decoder(Whom)


def whom_of(given: Raw | None, rules: IdentityRules) -> tuple[UUID | None, tuple[Identifier, ...]]:
    """The profile named by id, or the identifiers in their normal form. Raises Problem."""
    return meant(wire.read(_WHOM, given if given is not None else Raw(b"{}"), "profile"), rules)


def meant(whom: Whom, rules: IdentityRules) -> tuple[UUID | None, tuple[Identifier, ...]]:
    """As `whom_of`, of what was read already."""
    named = {kind: raw for kind in EXPECTED if (raw := getattr(whom, kind)) is not None}
    if bool(named) == (whom.id is not None):
        choices = ", ".join(EXPECTED)
        raise invalid(Fault("profile", f"expected either id or at least one of {choices}"))
    return whom.id, identifiers_of(named, "profile.", rules) if named else ()


def identifiers_of(
    given: Mapping[str, Written], under: str, rules: IdentityRules, status: int = 400
) -> tuple[Identifier, ...]:
    """The normal form of each, without those that are blocked while another one is left.

    Raises Problem naming all that recognise nobody.
    """
    known = {kind: normal(kind, raw, rules.country) for kind, raw in given.items()}
    if malformed := [kind for kind, found in known.items() if found is None]:
        raise invalid(*(_nobody(under, kind, EXPECTED[kind]) for kind in malformed), status=status)
    left = tuple(found for found in known.values() if found and not is_blocked(found, rules))
    if known and not left:
        raise invalid(*(_nobody(under, kind, BLOCKED) for kind in known), status=status)
    return left


def _nobody(under: str, kind: str, why: str) -> Fault:
    return Fault(f"{under}{kind}", f"recognises nobody; {why}")
