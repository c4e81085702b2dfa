"""What a storefront may tell us: the documented JSON of the pixel.

`{"type": "product_viewed", "id": "e-17", "occurred_at": "...", "cookie": "...", "visit_id": "...",
"url": "...", "product": {"id": "42", "title": "Mug"}}`. Unknown members are ignored: a shop's theme
is not updated in step with us.
"""

from datetime import datetime
from typing import Annotated, TypeAlias

from msgspec import Meta, Struct

from aggregates.profile.money import Price

Id = Annotated[str, Meta(min_length=1, max_length=255)]
Name = Annotated[str, Meta(max_length=500)]
Url = Annotated[str, Meta(max_length=2_000)]
Count = Annotated[int, Meta(ge=0, le=1_000_000)]
Cookie = Annotated[str, Meta(min_length=1, max_length=200)]


class Product(Struct, frozen=True):
    id: Id
    variant_id: Id | None = None
    title: Name | None = None
    price: Price | None = None


class CartLine(Struct, frozen=True):
    quantity: Count
    product_id: Id | None = None
    variant_id: Id | None = None
    sku: Id | None = None
    title: Name | None = None
    price: Price | None = None


CartLines = Annotated[tuple[CartLine, ...], Meta(max_length=250)]


class PixelEvent(Struct, frozen=True, kw_only=True, tag_field="type"):
    """What every event has. `visit_id` defaults to the cookie's UTC day, `id` to the content."""

    cookie: Cookie
    id: Annotated[str, Meta(min_length=1, max_length=40, pattern=r"^[^\x00]+$")] | None = None
    occurred_at: datetime | None = None
    visit_id: Annotated[str, Meta(min_length=1, max_length=255)] | None = None
    url: Url | None = None
    referrer: Url | None = None
    campaign: Annotated[str, Meta(max_length=255)] | None = None


class PageViewed(PixelEvent, frozen=True, tag="page_viewed"):
    """A page of the storefront was opened."""


class ProductViewed(PixelEvent, frozen=True, tag="product_viewed", kw_only=True):
    product: Product


class CartUpdated(PixelEvent, frozen=True, tag="cart_updated", kw_only=True):
    """The whole cart as it is now."""

    cart_token: Id
    items: CartLines = ()
    total: Price | None = None


class CheckoutStarted(PixelEvent, frozen=True, tag="checkout_started", kw_only=True):
    checkout_token: Id


class SearchPerformed(PixelEvent, frozen=True, tag="search_performed", kw_only=True):
    query: Annotated[str, Meta(min_length=1, max_length=500)]


class FormSubmitted(PixelEvent, frozen=True, tag="form_submitted", kw_only=True):
    """What the shopper typed into a form, such as a newsletter sign-up."""

    email: Annotated[str, Meta(max_length=320)] | None = None
    phone: Annotated[str, Meta(max_length=40)] | None = None
    first_name: Name | None = None
    last_name: Name | None = None


PixelEvents: TypeAlias = (
    PageViewed | ProductViewed | CartUpdated | CheckoutStarted | SearchPerformed | FormSubmitted
)
