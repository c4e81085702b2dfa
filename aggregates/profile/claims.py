"""Which identifiers and references an event makes its profile the owner of."""

from collections.abc import Iterator

from aggregates.profile.events import checkouts, drafts, identity, orders, visits
from aggregates.profile.identifiers import Identifier, Reference
from aggregates.profile.profile import Event, Profile


def claims_of(event: Event) -> tuple[Identifier, ...]:
    if isinstance(event, identity.Linked):
        return event.identifiers
    return tuple(Identifier(kind, value) for kind, value in _references(event) if value)


def _references(event: Event) -> Iterator[tuple[Reference, str | None]]:
    match event:
        case orders.Placed() | orders.Updated():
            yield "order", event.order_id
        case orders.Returned():
            yield "return", event.return_id
        case checkouts.Opened():
            yield "checkout", event.token
            yield "cart", event.cart_token
        case drafts.Opened():
            yield "draft", event.draft_id
        case visits.CheckoutStepReached():
            yield "checkout", event.checkout_token
        case visits.CartUpdated():
            yield "cart", event.token


def new_claims(profile: Profile, event: Event) -> list[Identifier]:
    """What the event claims that `profile`, as it was before it, has not claimed already."""
    return [claim for claim in claims_of(event) if not holds(profile, claim)]


def holds(profile: Profile, claim: Identifier) -> bool:
    """Whether the identifier or thing is the profile's own already."""
    match claim.kind:
        case "order":
            # a deletion that came first knows the order too, but claimed nothing
            known = profile.orders.by_id.get(claim.value)
            return known is not None and known.picture is not None
        case "return":
            return claim.value in profile.orders.returns
        case "checkout":
            return claim.value in profile.checkouts.by_token
        case "draft":
            return claim.value in profile.drafts.by_id
        case "cart":
            return claim.value in profile.visits.carts
        case _:
            return identity.is_live(profile.identity, claim)
