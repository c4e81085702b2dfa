"""What comes before an order: carts, checkouts, and drafts written by staff."""

from decimal import Decimal

from msgspec.json import Decoder

from actors.signals import Step
from aggregates.profile.decisions.checkouts import RecordCheckout, RecordCheckoutDeletion
from aggregates.profile.decisions.drafts import RecordDraftDeletion, RecordDraftOrder
from aggregates.profile.decisions.visits import RecordCart
from aggregates.profile.money import Price
from api.webhooks.shopify import bodies
from api.webhooks.shopify.lines import in_shop_money, items
from api.webhooks.shopify.news import Heard, News, of_known, of_somebody
from api.webhooks.shopify.people import NO_DETAILS, customer_of, details, person, references
from api.webhooks.shopify.scalars import (
    A_PRICE,
    AN_ID,
    cart_token,
    instant_of,
    price,
    required,
    resource_id,
    text,
    token,
)

MAX_STATUS = 100
A_TOKEN = "a token"  # noqa: S105 - the word, not a secret

_CHECKOUT = Decoder(bodies.Checkout)
_CART = Decoder(bodies.Cart)
_DRAFT = Decoder(bodies.DraftOrder)
_DELETED = Decoder(bodies.Reference)


def checked_out(body: bytes, heard: Heard) -> News:
    checkout = bodies.decoded(_CHECKOUT, body)
    checkout_token = required(token(checkout.token), "$.token", A_TOKEN)
    cart = cart_token(checkout.cart_token)
    moment = instant_of(checkout.updated_at, "$.updated_at")
    at = moment or heard.at
    customer = customer_of(checkout.customer)
    buyer = person(
        customer,
        (checkout.email, customer.email),
        (checkout.phone, customer.phone),
        heard.rules,
        checkout.billing_address,
        checkout.shipping_address,
    )
    given = details(
        buyer,
        customer,
        checkout.customer_locale,
        checkout.shipping_address,
        checkout.billing_address,
    )
    command = RecordCheckout(
        token=checkout_token,
        started_at=instant_of(checkout.created_at, "$.created_at") or at,
        total=price(checkout.total_price, checkout.currency),
        cart_token=cart,
        completed_at=instant_of(checkout.completed_at, "$.completed_at"),
        items=items(checkout.line_items, checkout.currency),
    )
    # details are typed in while a checkout moves on, so they are as new as its picture
    contact = (Step(at, given),) if given != NO_DETAILS else ()
    known = buyer.with_things(checkout=checkout_token, cart=cart).identifiers
    return News(at, known, (*contact, Step(at, command)), timeless=moment is None)


def checkout_deleted(body: bytes, heard: Heard) -> News:
    """No published body names the token; then the id stands in and the cart leads the way."""
    checkout = bodies.decoded(_CHECKOUT, body)
    named = token(checkout.token) or resource_id(checkout.id)
    named = required(named, "$.token", A_TOKEN)
    known = references(checkout=named, cart=cart_token(checkout.cart_token))
    return of_known(known, RecordCheckoutDeletion(token=named), None, heard)


def carted(body: bytes, heard: Heard) -> News:
    cart = bodies.decoded(_CART, body)
    named = required(cart_token(cart.token) or cart_token(cart.id), "$.token", A_TOKEN)
    moment = instant_of(cart.updated_at, "$.updated_at")
    command = RecordCart(
        cart_token=named, items=items(cart.line_items, None), total=_total(cart.line_items)
    )
    return of_somebody(references(cart=named), command, moment, heard)


def _total(lines: list[bodies.CartLine] | None) -> Price | None:
    """Only where every line says its price in one currency."""
    prices = [in_shop_money(line.line_price_set, None, None) for line in lines or ()]
    known = [one for one in prices if one]
    if not known or len(known) < len(prices) or len({one.currency for one in known}) > 1:
        return None
    total = sum((Decimal(one.amount) for one in known), Decimal(0))
    return price(f"{total:f}", known[0].currency)


def drafted(body: bytes, heard: Heard) -> News:
    draft = bodies.decoded(_DRAFT, body)
    draft_id = resource_id(draft.id, draft.admin_graphql_api_id)
    draft_id = required(draft_id, "$.id", AN_ID)
    order_id = resource_id(draft.order_id)
    moment = instant_of(draft.updated_at, "$.updated_at")
    at = moment or heard.at
    created_at = instant_of(draft.created_at, "$.created_at") or at
    customer = customer_of(draft.customer)
    buyer = person(
        customer,
        (draft.email, customer.email),
        (customer.phone,),
        heard.rules,
        draft.billing_address,
        draft.shipping_address,
    )
    given = details(
        buyer,
        customer,
        shipping=draft.shipping_address,
        billing=draft.billing_address,
    )
    total = price(draft.total_price, draft.currency)
    command = RecordDraftOrder(
        draft_id=draft_id,
        status=text(draft.status, MAX_STATUS) or "open",
        total=required(total, "$.total_price", A_PRICE),
        created_at=created_at,
        name=text(draft.name),
        order_id=order_id,
        completed_at=instant_of(draft.completed_at, "$.completed_at"),
        items=items(draft.line_items, draft.currency),
    )
    contact = (Step(created_at, given),) if given != NO_DETAILS else ()
    known = buyer.with_things(order=order_id, draft=draft_id).identifiers
    return News(at, known, (*contact, Step(at, command)), timeless=moment is None)


def draft_deleted(body: bytes, heard: Heard) -> News:
    found = bodies.decoded(_DELETED, body)
    draft_id = resource_id(found.id, found.admin_graphql_api_id)
    draft_id = required(draft_id, "$.id", AN_ID)
    command = RecordDraftDeletion(draft_id=draft_id)
    return of_known(references(draft=draft_id), command, None, heard)
