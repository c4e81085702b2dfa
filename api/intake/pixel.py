"""Storefront events: one JSON object of a browser becomes one signal of a cookie.

Whoever has the page's source can send these, so they are weak: the cookie recognises least of
all, and any source of the shop's own outweighs them.
"""

from datetime import datetime
from hashlib import blake2b
from itertools import chain

from msgspec.json import Decoder

from actors.signals import Signal, Step
from aggregates.profile.decide import Command
from aggregates.profile.decisions.contact import SetContact
from aggregates.profile.decisions.visits import (
    RecordCart,
    RecordCheckoutStep,
    RecordProductView,
    RecordSearch,
    RecordVisit,
)
from aggregates.profile.identifiers import Identifier
from aggregates.profile.items import Item
from aggregates.profile.references import references_of
from aggregates.profile.source import Source
from aggregates.shop.identity_rules import IdentityRules
from api import wire
from api.intake.command import in_utc, not_ahead
from api.intake.pixel_events import (
    CartLine,
    CartUpdated,
    CheckoutStarted,
    FormSubmitted,
    PixelEvents,
    ProductViewed,
    SearchPerformed,
)
from api.intake.whom import identifiers_of
from api.recognition.forms import normal
from api.recognition.known import identifier, powerless

SOURCE = Source("pixel")
DIGEST_BYTES = 16
_EVENT: Decoder[PixelEvents] = Decoder(PixelEvents)


def signal_of(raw: bytes, namespace: int, received_at: datetime, rules: IdentityRules) -> Signal:
    """Raises Problem."""
    event = wire.whole(_EVENT, raw)
    at = received_at
    if event.occurred_at is not None:
        at = not_ahead(in_utc(event.occurred_at, "occurred_at"), received_at)
    known = _identifiers(event, rules)
    commands = _commands(event, _visit_of(event, at), rules)
    references = chain.from_iterable(references_of(command) for command in commands)
    return Signal(
        id=f"pixel:{_digest(event.cookie.encode())}:{event.id or _content_id(event, raw, at)}",
        namespace=namespace,
        occurred_at=at,
        source=SOURCE,
        by="pixel",
        identifiers=(*known, *references),
        steps=tuple(Step(at, command) for command in commands),
        fingerprint=blake2b(raw.strip(), digest_size=DIGEST_BYTES).digest(),
        powerless=powerless(known, rules),
    )


def _commands(event: PixelEvents, visit_id: str, rules: IdentityRules) -> list[Command]:
    """Each event says that a visit goes on; all but a page view say one thing more."""
    seen = RecordVisit(
        visit_id=visit_id,
        landing_page=event.url,
        referrer=event.referrer,
        campaign=event.campaign,
    )
    more = _more(event, visit_id, rules)
    return [seen] if more is None else [seen, more]


def _more(event: PixelEvents, visit_id: str, rules: IdentityRules) -> Command | None:
    match event:
        case ProductViewed(product=product):
            return RecordProductView(
                product_id=product.id,
                variant_id=product.variant_id,
                title=product.title,
                price=product.price,
                visit_id=visit_id,
            )
        case CartUpdated(cart_token=token, items=items, total=total):
            lines = tuple(_item(line) for line in items)
            return RecordCart(cart_token=token, items=lines, total=total, visit_id=visit_id)
        case CheckoutStarted(checkout_token=token):
            return RecordCheckoutStep(checkout_token=token, step="started", visit_id=visit_id)
        case SearchPerformed(query=query):
            return RecordSearch(query=query, visit_id=visit_id)
        case FormSubmitted():
            return _contact(event, rules)
        case _:
            return None


def _contact(event: FormSubmitted, rules: IdentityRules) -> SetContact:
    mail = normal("email", event.email)
    number = normal("phone", event.phone, rules.country)
    return SetContact(
        email=mail.value if mail and mail.kind == "email" else None,
        phone=number.value if number else event.phone,
        first_name=event.first_name,
        last_name=event.last_name,
    )


def _item(line: CartLine) -> Item:
    return Item(
        quantity=line.quantity,
        product_id=line.product_id,
        variant_id=line.variant_id,
        sku=line.sku,
        title=line.title,
        price=line.price,
    )


def _identifiers(event: PixelEvents, rules: IdentityRules) -> tuple[Identifier, ...]:
    """A cookie must recognise somebody; what was typed into a form may be nonsense.

    A marketplace's account is not taken from a form: it would outweigh what a browser may say.
    """
    cookie = identifiers_of({"cookie": event.cookie}, "", rules)
    if not isinstance(event, FormSubmitted):
        return cookie
    typed = (identifier("email", event.email, rules), identifier("phone", event.phone, rules))
    return cookie + tuple(known for known in typed if known and known.kind in ("email", "phone"))


def _visit_of(event: PixelEvents, at: datetime) -> str:
    """A cookie's UTC day, as a digest: ids are stored in the open and a cookie is personal."""
    return event.visit_id or _digest(f"{event.cookie}\0{at:%Y-%m-%d}".encode())


def _content_id(event: PixelEvents, raw: bytes, at: datetime) -> str:
    """Without id and time of its own, the same event counts once a minute."""
    minute = b"" if event.occurred_at else f"{at:%Y-%m-%dT%H:%M}".encode()
    return _digest(raw.strip() + minute)


def _digest(content: bytes) -> str:
    return blake2b(content, digest_size=DIGEST_BYTES).hexdigest()
