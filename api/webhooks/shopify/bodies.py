"""The members of Shopify's bodies that we read. Every one may be absent, null or empty.

A member we do not name is skipped unread, so nothing in it can fail a delivery.
"""

from typing import Annotated, TypeAlias, TypeVar

import msgspec
from msgspec import Meta, Raw, Struct

from api.webhooks.shopify.refusals import Untranslatable

T = TypeVar("T")

Id: TypeAlias = int | str | None
# nothing of these is ever longer, and what was read of them is remembered by what it was read from
Short: TypeAlias = Annotated[str, Meta(max_length=255)]
Instant: TypeAlias = Short | None
Code: TypeAlias = Short | None
Amount: TypeAlias = Short | int | float | None
Quantity: TypeAlias = Annotated[int, Meta(ge=0, le=1_000_000_000)] | None
Nothing: TypeAlias = Annotated[list[Raw], Meta(max_length=0)]  # an empty object may come as []


class Money(Struct, gc=False):
    amount: Amount = None
    currency_code: Code = None


class MoneyBag(Struct, gc=False):
    shop_money: Money | None = None
    presentment_money: Money | None = None


class Address(Struct, gc=False):
    first_name: str | None = None
    last_name: str | None = None
    name: str | None = None
    company: str | None = None
    address1: str | None = None
    address2: str | None = None
    city: str | None = None
    province: str | None = None
    province_code: str | None = None
    zip: str | None = None
    country: str | None = None
    country_code: str | None = None
    phone: str | None = None


class Customer(Struct, gc=False):
    """`tags` left the webhooks with API version 2025-01; absent is not the same as none."""

    id: Id = None
    admin_graphql_api_id: str | None = None
    email: str | None = None
    phone: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    created_at: Instant = None
    updated_at: Instant = None
    default_address: Address | Nothing | None = None
    tags: str | list[str] | None = None


class Consent(Struct, gc=False):
    state: Short | None = None
    opt_in_level: Short | None = None
    consent_updated_at: Instant = None
    consent_collected_from: Short | None = None


class Account(Customer, gc=False):
    """A customer who is not told of beside an order. Consent left this body with 2025-01."""

    email_marketing_consent: Consent | None = None
    sms_marketing_consent: Consent | None = None


class EmailConsentUpdate(Struct, gc=False):
    customer_id: Id = None
    email_address: str | None = None
    email_marketing_consent: Consent | None = None


class SmsConsentUpdate(Struct, gc=False):
    id: Id = None
    phone: str | None = None
    sms_marketing_consent: Consent | None = None


class Line(Struct, gc=False):
    quantity: Quantity = None
    product_id: Id = None
    variant_id: Id = None
    sku: str | None = None
    title: str | None = None
    price: Amount = None
    price_set: MoneyBag | None = None


class CartLine(Line, gc=False):
    line_price_set: MoneyBag | None = None


class DiscountCode(Struct, gc=False):
    code: str | int | None = None


class Transaction(Struct, gc=False):
    kind: str | None = None
    status: str | None = None
    amount: Amount = None
    currency: Code = None
    created_at: Instant = None
    processed_at: Instant = None


class RefundLine(Struct, gc=False):
    quantity: Quantity = None
    line_item: Line | None = None
    subtotal_set: MoneyBag | None = None
    total_tax_set: MoneyBag | None = None


class Adjustment(Struct, gc=False):
    amount_set: MoneyBag | None = None


class RefundShippingLine(Struct, gc=False):
    subtotal_amount_set: MoneyBag | None = None


class Refund(Struct, gc=False):
    id: Id = None
    admin_graphql_api_id: str | None = None
    order_id: Id = None
    created_at: Instant = None
    processed_at: Instant = None
    transactions: list[Transaction] | None = None
    refund_line_items: list[RefundLine] | None = None
    order_adjustments: list[Adjustment] | None = None
    refund_shipping_lines: list[RefundShippingLine] | None = None
    total_duties_set: MoneyBag | None = None


class Order(Struct, gc=False):
    id: Id = None
    admin_graphql_api_id: str | None = None
    name: str | None = None
    order_number: Id = None
    email: str | None = None
    contact_email: str | None = None
    phone: str | None = None
    customer: Customer | Nothing | None = None
    customer_locale: str | None = None
    created_at: Instant = None
    processed_at: Instant = None
    updated_at: Instant = None
    cancelled_at: Instant = None
    cancel_reason: str | None = None
    currency: Code = None
    total_price: Amount = None
    total_price_set: MoneyBag | None = None
    total_discounts: Amount = None
    total_discounts_set: MoneyBag | None = None
    discount_codes: list[DiscountCode] | None = None
    financial_status: str | None = None
    fulfillment_status: str | None = None
    source_name: str | int | None = None
    location_id: Id = None
    landing_site: str | None = None
    referring_site: str | None = None
    test: bool | None = None
    checkout_token: Id = None
    cart_token: Id = None
    line_items: list[Line] | None = None
    refunds: list[Refund] | None = None
    shipping_address: Address | Nothing | None = None
    billing_address: Address | Nothing | None = None


class EditedLine(Struct, gc=False):
    pass


class EditedLines(Struct, gc=False):
    additions: list[EditedLine] | None = None
    removals: list[EditedLine] | None = None


class OrderEdit(Struct, gc=False):
    id: Id = None
    order_id: Id = None
    created_at: Instant = None
    committed_at: Instant = None
    line_items: EditedLines | None = None


class OrderEdited(Struct, gc=False):
    order_edit: OrderEdit | None = None


class Reference(Struct, gc=False):
    id: Id = None
    admin_graphql_api_id: str | None = None


class Return(Struct, gc=False):
    """Its lines are left out: they name no product, and their shape differs by topic."""

    id: Id = None
    admin_graphql_api_id: str | None = None
    order_id: Id = None
    order: Reference | None = None


class Fulfillment(Struct, gc=False):
    id: Id = None
    admin_graphql_api_id: str | None = None
    order_id: Id = None
    status: str | None = None
    created_at: Instant = None
    updated_at: Instant = None
    line_items: list[Line] | None = None


class Checkout(Struct, gc=False):
    """Known by `token`: `id` left the body with API version 2026-04."""

    id: Id = None
    token: Id = None
    cart_token: Id = None
    email: str | None = None
    phone: str | None = None
    customer: Customer | Nothing | None = None
    customer_locale: str | None = None
    created_at: Instant = None
    updated_at: Instant = None
    completed_at: Instant = None
    currency: Code = None
    total_price: Amount = None
    line_items: list[Line] | None = None
    shipping_address: Address | Nothing | None = None
    billing_address: Address | Nothing | None = None


class Cart(Struct, gc=False):
    id: Id = None
    token: Id = None
    created_at: Instant = None
    updated_at: Instant = None
    line_items: list[CartLine] | None = None


class DraftOrder(Struct, gc=False):
    id: Id = None
    admin_graphql_api_id: str | None = None
    name: str | None = None
    status: str | None = None
    email: str | None = None
    customer: Customer | Nothing | None = None
    created_at: Instant = None
    updated_at: Instant = None
    completed_at: Instant = None
    order_id: Id = None
    currency: Code = None
    total_price: Amount = None
    line_items: list[Line] | None = None
    shipping_address: Address | Nothing | None = None
    billing_address: Address | Nothing | None = None


class TagChange(Struct, gc=False, rename="camel"):
    customer_id: Id = None
    tags: list[str] | None = None
    occurred_at: Instant = None


def decoded(decoder: msgspec.json.Decoder[T], body: bytes) -> T:
    """Raises `Untranslatable` with the place and the expectation; msgspec quotes no values."""
    try:
        return decoder.decode(body)
    except UnicodeDecodeError:
        raise Untranslatable("$: expected UTF-8") from None
    except RecursionError:
        raise Untranslatable("$: expected less nesting") from None
    except msgspec.ValidationError as error:
        expectation, _, place = str(error).partition(" - at `")
        raise Untranslatable(f"{place.rstrip('`') or '$'}: {expectation}") from None
    except msgspec.DecodeError:
        raise Untranslatable("$: expected JSON") from None


def present(member: T | list[Raw] | None) -> T | None:
    return None if isinstance(member, list) else member
