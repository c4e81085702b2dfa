"""Orders, and what happens to them after they were placed."""

from collections.abc import Iterator
from datetime import datetime

from msgspec.json import Decoder

from actors.signals import Step
from aggregates.profile.decisions.orders import (
    RecordFulfillment,
    RecordOrder,
    RecordOrderDeletion,
    RecordOrderEdit,
    RecordReturn,
    ReturnStatus,
)
from aggregates.profile.identifiers import Identifier
from aggregates.shop.identity_rules import IdentityRules
from api.webhooks.shopify import bodies
from api.webhooks.shopify.channels import acquisition, channel
from api.webhooks.shopify.lines import in_presentment_money, in_shop_money, items
from api.webhooks.shopify.news import Heard, News, Translator, of_known
from api.webhooks.shopify.people import (
    NO_DETAILS,
    Person,
    customer_of,
    details,
    person,
    references,
    value_of,
)
from api.webhooks.shopify.refunds import Exchange, exchange_of, refund_command
from api.webhooks.shopify.refusals import Untranslatable
from api.webhooks.shopify.scalars import (
    A_PRICE,
    AN_ID,
    cart_token,
    currency,
    instant_of,
    label,
    required,
    resource_id,
    text,
    token,
)

MAX_CODES = 100
MAX_REFUNDS = 250

_ORDER = Decoder(bodies.Order)
_EDITED = Decoder(bodies.OrderEdited)
_DELETED = Decoder(bodies.Reference)
_RETURN = Decoder(bodies.Return)
_FULFILLMENT = Decoder(bodies.Fulfillment)


def ordered(body: bytes, heard: Heard) -> News:
    order = bodies.decoded(_ORDER, body)
    order_id = required(resource_id(order.id, order.admin_graphql_api_id), "$.id", AN_ID)
    moment = instant_of(order.updated_at, "$.updated_at")
    buyer = _buyer(order, heard.rules).with_things(
        order=order_id,
        checkout=token(order.checkout_token),
        cart=cart_token(order.cart_token),
    )
    steps = tuple(_steps(order, order_id, buyer, moment or heard.at))
    return News(moment or heard.at, buyer.identifiers, steps, timeless=moment is None)


def _buyer(order: bodies.Order, rules: IdentityRules) -> Person:
    customer = customer_of(order.customer)
    return person(
        customer,
        (order.email, order.contact_email, customer.email),
        (order.phone, customer.phone),
        rules,
        order.billing_address,
        order.shipping_address,
    )


def _steps(order: bodies.Order, order_id: str, buyer: Person, at: datetime) -> Iterator[Step]:
    created_at = instant_of(order.created_at, "$.created_at")
    processed_at = instant_of(order.processed_at, "$.processed_at")
    given = details(
        buyer,
        customer_of(order.customer),
        order.customer_locale,
        order.shipping_address,
        order.billing_address,
    )
    if given != NO_DETAILS:  # later pictures of an order only repeat what was given with it
        yield Step(created_at or processed_at or at, given)
    placed_at = processed_at or created_at or at
    yield Step(at, _picture(order, order_id, buyer.identifiers, placed_at))
    if order.refunds:
        exchange = exchange_of(order.total_price_set)
        exchange = exchange if exchange.shop else Exchange(shop=currency(order.currency))
        for refund in order.refunds[:MAX_REFUNDS]:
            yield _refund(refund, order_id, exchange, at)


def _refund(refund: bodies.Refund, order_id: str, exchange: Exchange, at: datetime) -> Step:
    try:
        command, moment = refund_command(refund, order_id, exchange)
    except Untranslatable as refused:
        raise Untranslatable(f"$.refunds[...]{refused.detail[1:]}") from None
    return Step(moment or at, command)


def _picture(
    order: bodies.Order, order_id: str, known: tuple[Identifier, ...], placed_at: datetime
) -> RecordOrder:
    total = in_shop_money(order.total_price_set, order.total_price, order.currency)
    total = required(total, "$.total_price", A_PRICE)
    source_name = label(order.source_name)
    return RecordOrder(
        order_id=order_id,
        placed_at=placed_at,
        total=total,
        number=text(order.name) or label(order.order_number),
        presentment_total=in_presentment_money(order.total_price_set),
        discount_total=in_shop_money(
            order.total_discounts_set, order.total_discounts, total.currency
        ),
        discount_codes=_codes(order.discount_codes),
        financial_status=text(order.financial_status),
        fulfillment_status=text(order.fulfillment_status),
        cancelled_at=instant_of(order.cancelled_at, "$.cancelled_at"),
        cancel_reason=text(order.cancel_reason),
        channel=channel(source_name),
        source_name=source_name,
        location_id=resource_id(order.location_id),
        acquisition_channel=acquisition(order.landing_site, order.referring_site),
        test=order.test or False,
        checkout_token=value_of("checkout", known),
        cart_token=value_of("cart", known),
        items=items(order.line_items, total.currency),
    )


def _codes(given: list[bodies.DiscountCode] | None) -> tuple[str, ...]:
    return tuple(code for one in (given or ())[:MAX_CODES] if (code := label(one.code)))


def edited(body: bytes, heard: Heard) -> News:
    edit = bodies.decoded(_EDITED, body).order_edit
    edit = required(edit, "$.order_edit", "an object")
    order_id = required(resource_id(edit.order_id), "$.order_edit.order_id", AN_ID)
    lines = edit.line_items or bodies.EditedLines()
    command = RecordOrderEdit(
        order_id=order_id,
        edit_id=required(resource_id(edit.id), "$.order_edit.id", AN_ID),
        lines_added=len(lines.additions or ()),
        lines_removed=len(lines.removals or ()),
    )
    moment = instant_of(edit.committed_at, "$.order_edit.committed_at") or instant_of(
        edit.created_at, "$.order_edit.created_at"
    )
    return of_known(references(order=order_id), command, moment, heard)


def deleted(body: bytes, heard: Heard) -> News:
    found = bodies.decoded(_DELETED, body)
    order_id = required(resource_id(found.id, found.admin_graphql_api_id), "$.id", AN_ID)
    return of_known(references(order=order_id), RecordOrderDeletion(order_id=order_id), None, heard)


def returned(status: ReturnStatus) -> Translator:
    """The topic says what became of the return; the bodies name no moment."""

    def translate(body: bytes, heard: Heard) -> News:
        found = bodies.decoded(_RETURN, body)
        return_id = resource_id(found.id, found.admin_graphql_api_id)
        return_id = required(return_id, "$.admin_graphql_api_id", AN_ID)
        order = found.order or bodies.Reference()
        order_id = resource_id(found.order_id or order.id, order.admin_graphql_api_id)
        command = RecordReturn(return_id=return_id, status=status, order_id=order_id)
        known = references(**{"return": return_id, "order": order_id})
        return of_known(known, command, None, heard)

    return translate


def fulfilled(body: bytes, heard: Heard) -> News:
    parcel = bodies.decoded(_FULFILLMENT, body)
    order_id = required(resource_id(parcel.order_id), "$.order_id", AN_ID)
    parcel_id = resource_id(parcel.id, parcel.admin_graphql_api_id)
    command = RecordFulfillment(
        order_id=order_id,
        fulfillment_id=required(parcel_id, "$.id", AN_ID),
        status=text(parcel.status) or "unknown",
        items=items(parcel.line_items, None),
    )
    moment = instant_of(parcel.updated_at, "$.updated_at") or instant_of(
        parcel.created_at, "$.created_at"
    )
    return of_known(references(order=order_id), command, moment, heard)
