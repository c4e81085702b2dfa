"""What happened, in a few words for people."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from aggregates.explaining.reason import named
from aggregates.profile.events.contact import Given
from aggregates.profile.identifiers import Identifier
from aggregates.profile.items import Item
from aggregates.profile.money import Money, Price, price
from aggregates.profile.profile import Event

# By the event's name. What is in brackets is left out where one of its words is not known.
TITLES = {
    "orders.placed": "Order[ {order}] placed: {total}[, {items}]",
    "orders.updated": "Order[ {order}] changed[: {financial_status}][, {fulfillment_status}]",
    "orders.paid": "Order[ {order}] paid",
    "orders.fulfilled": "Order[ {order}] sent out or handed over",
    "orders.cancelled": "Order[ {order}] cancelled[: {reason}]",
    "orders.refunded": "{amount} given back[ for order {order}]",
    "orders.returned": "Return {return_id}[ of order {order}]: {status}",
    "orders.parcel_moved": "Parcel[ of order {order}]: {status}",
    "orders.edited": "Order[ {order}] edited[, {lines_added} lines added]"
    "[, {lines_removed} lines taken away]",
    "orders.deleted": "Order[ {order}] deleted",
    "checkouts.opened": "Checkout begun[: {total}][, {items}]",
    "checkouts.updated": "Checkout changed[: {total}][, {items}]",
    "checkouts.abandoned": "Checkout left behind",
    "checkouts.completed": "Checkout became an order",
    "checkouts.recovered": "Checkout that had been left behind became an order",
    "checkouts.deleted": "Checkout deleted",
    "drafts.opened": "Draft order[ {name}] written: {total}[, {items}]",
    "drafts.updated": "Draft order[ {name}] changed: {total}[, {status}]",
    "drafts.completed": "Draft order {draft_id} became an order",
    "drafts.deleted": "Draft order {draft_id} deleted",
    "visits.started": "Came to the shop[, at {landing_page}][, from {referrer}]",
    "visits.page_seen": "Looked at a page[: {page}]",
    "visits.product_viewed": "Looked at a product: {product}[, {price}]",
    "visits.cart_updated": "Cart changed[: {items}][, {total}]",
    "visits.checkout_step": "Reached a step of the checkout: {step}",
    "visits.searched": "Searched[ for {query}]",
    "messages.reserved": "{message} may go out[, for {source_id}]",
    "messages.blocked": "{message} was blocked[, for {source_id}]",
    "messages.missed": "{message} would have come too late[, for {source_id}]",
    "messages.sent": "{message} sent[: {subject}][, for {source_id}]",
    "messages.failed": "{message} never left",
    "messages.released": "{message} is not going to be sent",
    "messages.delivered": "{message} delivered",
    "messages.opened": "{message} opened",
    "messages.clicked": "{message}: clicked[ {url}]",
    "messages.replied": "{message} replied to",
    "messages.dismissed": "{message} dismissed unread",
    "messages.bounced": "{message} bounced[ ({bounce})]",
    "messages.complained": "{message} was called unwanted",
    "consent.granted": "Agreed to {channel}[ to {address}]",
    "consent.requested": "Asked to confirm {channel}[ to {address}]",
    "consent.withdrawn": "Unsubscribed[ from {channel}][, {address}]",
    "consent.suppressed": "No more {channel}[ to {address}]: {reason}",
    "consent.suppression_lifted": "{channel} may go out again[ to {address}]",
    "consent.redacted": "Consent for {channel} erased where it was collected",
    "contact.given": "Contact details given[: {given}]",
    "contact.tags_replaced": "Tags are now[: {tags}]",
    "contact.tags_added": "Tagged[ {tags}]",
    "contact.tags_removed": "Tags taken away[: {tags}]",
    "properties.set": "Properties set[: {values}]",
    "identity.linked": "Recognised[ by {identifiers}]",
    "identity.unlinked": "No longer recognised[ by {identifiers}]",
    "identity.device_switched": "A device speaks for this customer now",
    "identity.demoted": "Seen, but not linked[: {identifiers}]",
    "identity.seen_elsewhere": "Somebody else came with the same[ {identifiers}]",
    "identity.flagged_shared": "Shared by too many[: {identifiers}]",
    "identity.conflict_seen": "One signal named several customers",
    "identity.candidate_opened": "Customer {other} may be the same person",
    "identity.candidate_closed": "Whether customer {other} is the same person: {outcome}",
    "lineage.absorbed": "Customer {absorbed} was merged into this one",
    "lineage.absorbed_into": "Merged into customer {survivor}",
    "lineage.released": "The merge with customer {released} was undone",
    "lineage.restored": "The merge into customer {survivor} was undone",
    "lineage.kept_apart": "Somebody said that customers {one} and {other} are two people",
    "lifecycle.stage_changed": "Became {to}, was {from}",
}
CHANNELS = {"email": "E-mail", "sms": "SMS", "whatsapp": "WhatsApp message", "push": "Push message"}
CODES = frozenset(
    {"status", "financial_status", "fulfillment_status", "reason", "outcome", "bounce", "step"}
    | {"to", "from"}
)
LONGEST = 200  # characters
SHOWN = 5  # of several names
_WORD = re.compile(r"\{(\w+)\}")
_OPTIONAL = re.compile(r"\[([^\]]*)\]")


class Names(NamedTuple):
    """What an event names by its id only: orders by what people call them, channels of messages."""

    order: Callable[[str], str | None] = lambda _: None
    channel: Callable[[str], str | None] = lambda _: None


def title(event: Event, names: Names = Names()) -> str:  # noqa: B008 - it never changes
    told = _words(event, names)
    text = _OPTIONAL.sub(lambda part: _if_known(part[1], told), TITLES[_topic(event)])
    return _WORD.sub(lambda word: told.get(word[1], ""), text)[:LONGEST]


def _if_known(part: str, told: Mapping[str, str]) -> str:
    return part if all(told.get(word) for word in _WORD.findall(part)) else ""


def _words(event: Event, names: Names) -> dict[str, str]:
    fields = zip(event.__struct_fields__, event.__struct_encode_fields__, strict=True)
    told = {word: _said(getattr(event, name)) for name, word in fields}
    told |= {word: told[word].replace("_", " ") for word in CODES & told.keys()}
    if isinstance(event, Given):
        told["given"] = _listed([n for n in event.__struct_fields__ if getattr(event, n)])
    if order := getattr(event, "order_id", None):
        told["order"] = getattr(event, "number", None) or names.order(order) or order
    if message := getattr(event, "message_id", None):
        channel = getattr(event, "channel", None) or names.channel(message)
        told["message"] = CHANNELS.get(channel or "", "Message")
    if "product_id" in told:
        told["product"] = told["title"] or told["product_id"]
    if "channel" in told and "message" not in told:
        told["channel"] = CHANNELS.get(told["channel"], told["channel"])
    return told


def _said(value: object) -> str:  # noqa: PLR0911 - one a kind of value
    match value:
        case None | False | 0:
            return ""
        case Money():
            return _said(price(value))
        case Price(amount, currency):
            return f"{amount} {currency}"
        case tuple():
            return _several(value)
        case dict():
            return _listed([str(name) for name in value])
        case datetime():
            return value.isoformat()
        case str() | int() | float() | UUID():
            return str(value)
        case _:
            return ""


def _several(values: tuple[object, ...]) -> str:
    if values and isinstance(values[0], Item):
        pieces = sum(item.quantity for item in values if isinstance(item, Item))
        return f"{pieces} piece{'s' if pieces != 1 else ''}"
    kinds = dict.fromkeys(value.kind for value in values if isinstance(value, Identifier))
    return named(kinds) if kinds else _listed([str(value) for value in values])


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]).replace("_", " ") + more


def _topic(event: Event) -> str:
    return str(event.__struct_config__.tag)
