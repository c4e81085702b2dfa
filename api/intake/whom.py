"""Who a command is about: a profile's id, or identifiers seen together."""

from collections.abc import Mapping
from uuid import UUID

from msgspec import Raw, Struct
from msgspec.json import Decoder

from aggregates.profile.identifiers import Identifier, identifier
from api import wire
from api.errors import Fault, invalid

EXPECTED = {
    "shopify_customer_id": "expected a customer's number or gid",
    "external_id": "expected namespace:value, such as loyalty:42",
    "email": "expected an address such as name@shop.example",
    "phone": "expected E.164 with its country code, such as +4915112345678",
    "cookie": "expected a client id of 1 to 320 characters",
}


class Whom(Struct, forbid_unknown_fields=True):
    """Either a profile's id or identifiers seen together."""

    id: UUID | None = None
    shopify_customer_id: str | int | None = None
    external_id: str | None = None
    email: str | None = None
    phone: str | None = None
    cookie: str | None = None


_WHOM = Decoder(Whom)


def whom_of(given: Raw | None) -> tuple[UUID | None, tuple[Identifier, ...]]:
    """The profile named by id, or the identifiers in their normal form. Raises Problem."""
    whom = wire.read(_WHOM, given if given is not None else Raw(b"{}"), "profile")
    named = {kind: raw for kind in EXPECTED if (raw := getattr(whom, kind)) is not None}
    if bool(named) == (whom.id is not None):
        choices = ", ".join(EXPECTED)
        raise invalid(Fault("profile", f"expected either id or at least one of {choices}"))
    return whom.id, identifiers_of(named, "profile.")


def identifiers_of(given: Mapping[str, object], under: str) -> tuple[Identifier, ...]:
    """The normal form of each; raises Problem (400) naming all that recognise nobody."""
    known = {kind: identifier(kind, raw) for kind, raw in given.items()}
    faults = [
        Fault(f"{under}{kind}", f"recognises nobody; {EXPECTED[kind]}")
        for kind, found in known.items()
        if found is None
    ]
    if faults:
        raise invalid(*faults, status=400)
    return tuple(found for found in known.values() if found is not None)
