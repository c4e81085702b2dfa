"""What an event is about, and where that is to be read."""

from collections.abc import Sequence
from urllib.parse import quote, urlencode

from msgspec import Struct

from aggregates.profile.events import (
    checkouts,
    consent,
    contact,
    drafts,
    identity,
    lineage,
    messages,
    orders,
    properties,
    visits,
)
from aggregates.profile.profile import Event

SHOPIFY = ".myshopify.com"


class About(Struct, frozen=True):
    """`href` is an address of this API, `shop_href` one of the shop's own administration; null
    where there is none."""

    type: str
    id: str | None
    href: str | None = None
    shop_href: str | None = None


class Links:
    """For one customer: `path` is theirs, `world` what clients call their namespace."""

    def __init__(self, path: str, world: str) -> None:
        self._path = path
        self._domain = world.partition("/")[0]

    def about(self, event: Event) -> About:
        found = self._of_commerce(event) or self._of_behaviour(event) or self._of_identity(event)
        return found or About("customer", self._path.rpartition("/")[2], self._path)

    def order(self, order_id: str) -> About:
        return About(
            "order", order_id, self.below("orders", order_id), self._in_shop("orders", order_id)
        )

    def message(self, message_id: str) -> About:
        return About("message", message_id, self.below("messages", message_id))

    def product(self, product_id: str) -> About:
        return About("product", product_id, None, self._in_shop("products", product_id))

    def below(self, *steps: str) -> str:
        return "/".join([self._path, *(quote(step, safe="") for step in steps)])

    def listed(self, what: str, **narrowed: str) -> str:
        return f"{self._path}/{what}?{urlencode(narrowed)}"

    def _of_commerce(self, event: Event) -> About | None:  # noqa: PLR0911 - one a kind of event
        match event:
            case orders.Returned(return_id=name, order_id=None):
                return About("return", name)
            case orders.OrderEvent():
                return self.order(event.order_id or "")
            case drafts.Completed(order_id=str(order_id)):
                return self.order(order_id)
            case drafts.DraftEvent():
                return self._cart("draft", event.draft_id)
            case checkouts.CheckoutEvent():
                return self._cart("checkout", event.token)
            case visits.CheckoutStepReached():
                return self._cart("checkout", event.checkout_token)
            case visits.ProductViewed():
                return self.product(event.product_id)
        return None

    def _of_behaviour(self, event: Event) -> About | None:  # noqa: PLR0911 - one a kind of event
        match event:
            case visits.CartUpdated():
                return About("cart", event.token)
            case visits.VisitEvent():
                return About("visit", event.visit_id)
            case messages.MessageEvent():
                return self.message(event.message_id)
            case consent.ConsentEvent():
                return About("consent", getattr(event, "channel", None), self.below("consents"))
            case contact.ContactEvent():
                return About("contact", None, self.below("properties"))
            case properties.PropertiesSet(values):
                return self._property(sorted(values))
        return None

    def _of_identity(self, event: Event) -> About | None:
        match event:
            case identity.CandidateOpened() | identity.CandidateClosed():
                return About("candidate", str(event.candidate_id), "/v1/merge-candidates")
            case lineage.KeptApart():
                return About("customer", str(event.other), f"/v1/profiles/{event.other}")
            case lineage.LineageEvent():
                return About("merge", str(event.merge_id), f"/v1/merges/{event.merge_id}")
            case identity.IdentityEvent():
                return About("identifiers", None, self.below("identifiers"))
        return None

    def _property(self, names: Sequence[str]) -> About:
        if len(names) == 1:
            return About("property", names[0], self.below("properties", names[0], "history"))
        return About("properties", None, self.below("properties"))

    def _cart(self, kind: str, name: str) -> About:
        return About(kind, name, self.listed("orders", kind=kind, q=name))

    def _in_shop(self, things: str, name: str) -> str | None:
        if not self._domain.endswith(SHOPIFY) or not name.isdecimal():
            return None
        return f"https://{self._domain}/admin/{things}/{name}"
