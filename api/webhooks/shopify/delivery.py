"""What a delivery's headers say. They are not signed: they route, the body decides."""

from collections.abc import Iterable
from datetime import datetime

from msgspec import Struct

from api.webhooks.shopify.scalars import MalformedInstant, instant

MAX_HEADER = 255  # a longer value is not Shopify's and is ignored

_FIELDS = {
    "topic": "topic",
    "shop-domain": "shop_domain",
    "hmac-sha256": "hmac",
    "webhook-id": "webhook_id",
    "event-id": "event_id",
    "triggered-at": "triggered_at",
    "api-version": "api_version",
    "sub-topic": "sub_topic",
    "name": "name",
}
# webhooks say X-Shopify-Topic, the newer events say Shopify-Topic
_HEADERS = {
    f"{family}{header}".encode(): field
    for family in ("x-shopify-", "shopify-")
    for header, field in _FIELDS.items()
}


class Delivery(Struct, frozen=True, kw_only=True):
    """One delivery's headers; what is absent, too long or malformed is empty."""

    topic: str = ""
    shop_domain: str = ""
    hmac: str = ""
    webhook_id: str | None = None
    event_id: str | None = None
    triggered_at: datetime | None = None
    api_version: str | None = None
    sub_topic: str | None = None
    name: str | None = None


def delivery(headers: Iterable[tuple[bytes, bytes]]) -> Delivery:
    """Reads ASGI's header pairs. Of a repeated header the first counts."""
    found: dict[str, str] = {}
    for name, value in headers:
        field = _HEADERS.get(name) or _HEADERS.get(name.lower())
        if field and field not in found and 0 < len(value) <= MAX_HEADER:
            found[field] = value.decode("latin-1")
    return Delivery(
        topic=found.get("topic", "").lower(),
        shop_domain=found.get("shop_domain", "").lower(),
        hmac=found.get("hmac", ""),
        webhook_id=found.get("webhook_id"),
        event_id=found.get("event_id"),
        triggered_at=_instant(found.get("triggered_at")),
        api_version=found.get("api_version"),
        sub_topic=found.get("sub_topic"),
        name=found.get("name"),
    )


def _instant(raw: str | None) -> datetime | None:
    try:
        return instant(raw)
    except MalformedInstant:
        return None
