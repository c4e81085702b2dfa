"""What a shop's people do, as signals in the order of time, of every kind whose order of arrival
must not matter.

Each tells either of a shopper by the shop's own id, or of a visitor by nothing but his cookie, or
of something that leads to its owner (a refund to its order), or is what Shopify itself would send.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from random import Random

from actors.signals import Signal
from aggregates.profile.decide import Command
from aggregates.profile.decisions.checkouts import RecordCheckout, RecordCheckoutDeletion
from aggregates.profile.decisions.contact import (
    AddTags,
    RemoveTags,
    SetAddress,
    SetContact,
    SetTimeZone,
)
from aggregates.profile.decisions.drafts import RecordDraftDeletion, RecordDraftOrder
from aggregates.profile.decisions.orders import (
    RecordFulfillment,
    RecordOrder,
    RecordOrderDeletion,
    RecordOrderEdit,
    RecordRefund,
    RecordReturn,
    ReturnStatus,
)
from aggregates.profile.decisions.visits import (
    RecordCart,
    RecordCheckoutStep,
    RecordProductView,
    RecordSearch,
    RecordVisit,
)
from aggregates.profile.events.contact import Address
from aggregates.profile.identifiers import Identifier
from aggregates.profile.items import Item
from aggregates.profile.money import Price
from aggregates.profile.source import Source
from aggregates.shop.identity_rules import IdentityRules
from api.demo.generated import rows
from api.demo.history import store_of
from api.demo.seeds import chance
from api.demo.store import Store
from api.demo.webhooks import Webhook, plan, sign
from api.webhooks.shopify.delivery import delivery
from api.webhooks.shopify.translate import translate
from tests.actors.shopping import SHOP, signal

OPENED = datetime(2025, 3, 1, 9, tzinfo=UTC)
SOURCES = tuple(map(Source, ("shopify", "api", "pixel", "import")))
# they name nobody: until profiles are merged, who owns such a thing may depend on what came first
ANONYMOUS = frozenset({"carts/create", "checkouts/create"})
MUG = Item(quantity=2, product_id="mug", title="Mug", price=Price("9.95", "EUR"))
RETURNED: tuple[ReturnStatus, ...] = ("requested", "open", "closed")
Told = tuple[timedelta, Command, bool]  # how long after it began, what, and whether of a thing only


def everything(seed: int, stories: int, shoppers: int) -> list[Signal]:
    """`stories` of our own making, and what Shopify sends of `shoppers` more."""
    dice, numbers = chance("news", seed), count(1)
    told = [one for _ in range(stories) for one in _story(dice, str(next(numbers)))]
    store = store_of_few(seed, shoppers)
    told += [_translated(webhook) for webhook in webhooks_of(store, "news.myshopify.com")]
    return sorted(told, key=lambda one: one.occurred_at)


def permuted(signals: Sequence[Signal], window: int, dice: Random) -> list[Signal]:
    """Each arrives up to `window` places late."""
    places = [(place + dice.uniform(0, window), place) for place in range(len(signals))]
    return [signals[place] for _, place in sorted(places)]


def store_of_few(seed: int, shoppers: int) -> Store:
    made = rows(seed)
    some = sorted({row.customer for row in made if row.customer})[:shoppers]
    return store_of([row for row in made if row.customer in some])


def webhooks_of(store: Store, domain: str) -> list[Webhook]:
    """Each once, in the order of time, all about somebody."""
    sent = (w for w in plan(store, domain, seed=0) if not w.again and w.topic not in ANONYMOUS)
    return sorted(sent, key=lambda webhook: webhook.at)


def _translated(webhook: Webhook) -> Signal:
    headers, body = sign(webhook, "nobody checks")
    said = delivery([(name.lower().encode(), text.encode()) for name, text in headers.items()])
    return translate(said, body, SHOP, webhook.at, IdentityRules())


def _story(dice: Random, name: str) -> Iterator[Signal]:
    """All of one story is about one shopper, or about one visitor."""
    began = OPENED + timedelta(minutes=10 * int(name))
    shopper, source = dice.randint(1, 20), dice.choice(SOURCES)
    story, by = dice.choice(STORIES), _shopper(shopper)
    if story is _visit and dice.random() < 0.5:
        by = (Identifier("cookie", f"cookie-{shopper}"),)
    for after, command, of_a_thing in story(dice, name, began):
        at = began + after
        if of_a_thing:
            yield signal(command, by=(), at=at, source=source, creates=False)
        else:
            yield signal(command, by=by, at=at, source=source)


def _shopper(number: int) -> tuple[Identifier, ...]:
    email = Identifier("email", f"shopper-{number}@shop.example")
    return (Identifier("shopify_customer_id", str(7_000 + number)), email)


def _order(dice: Random, name: str, began: datetime) -> Iterator[Told]:
    order, token, cart = f"order-{name}", f"checkout-{name}", f"cart-{name}"
    total = Price(f"{dice.randint(5, 500)}.00", "EUR")

    def picture(paid: str, sent: str | None = None, cancelled: datetime | None = None) -> Command:
        return RecordOrder(
            order_id=order,
            placed_at=began,
            total=total,
            financial_status=paid,
            fulfillment_status=sent,
            cancelled_at=cancelled,
            checkout_token=token,
            cart_token=cart,
            items=(MUG,),
        )

    yield -_minutes(9), RecordCart(cart_token=cart, items=(MUG,), total=total), False
    yield -_minutes(8), RecordCheckoutStep(checkout_token=token, step="started"), False
    yield -_minutes(7), RecordCheckout(token=token, started_at=began, total=total), False
    yield _minutes(0), picture("pending"), False
    yield _minutes(1), picture("paid"), False
    match dice.randint(0, 5):
        case 0:
            yield _minutes(3), picture("voided", cancelled=began + _minutes(3)), False
        case 1:
            refund = RecordRefund(order_id=order, refund_id=f"refund-{name}", amount=total)
            yield _minutes(60), refund, True
            yield _minutes(60), picture("refunded"), False
        case 2:
            for nth, status in enumerate(RETURNED):
                back = RecordReturn(return_id=f"return-{name}", status=status, order_id=order)
                yield _minutes(50 + 20 * nth), back, True
        case 3:
            yield _minutes(5), RecordOrderEdit(order_id=order, edit_id=name, lines_added=1), True
        case 4:
            yield _minutes(9), RecordOrderDeletion(order_id=order), True
        case _:
            sent = RecordFulfillment(order_id=order, fulfillment_id=name, status="success")
            yield _minutes(40), sent, True
            yield _minutes(40), picture("paid", "fulfilled"), False


def _abandoned(_: Random, name: str, began: datetime) -> Iterator[Told]:
    token = f"checkout-{name}"
    for after, abandoned in ((0, False), (60, True)):
        left = RecordCheckout(token=token, started_at=began, abandoned=abandoned, items=(MUG,))
        yield _minutes(after), left, False
    yield _minutes(90), RecordCheckoutDeletion(token=token), True


def _draft(_: Random, name: str, began: datetime) -> Iterator[Told]:
    for after, status in ((0, "open"), (20, "invoice_sent"), (45, "completed")):
        draft = RecordDraftOrder(
            draft_id=f"draft-{name}", status=status, total=Price("80.00", "EUR"), created_at=began
        )
        yield _minutes(after), draft, False
    if int(name) % 2:
        yield _minutes(50), RecordDraftDeletion(draft_id=f"draft-{name}"), True


def _contact(dice: Random, name: str, _: datetime) -> Iterator[Told]:
    who = SetContact(first_name=f"First {name}", last_name="Last", phone=f"+4930{name:0>7}")
    yield _minutes(0), who, False
    yield _minutes(1), SetContact(locale=dice.choice(("de-DE", "en-GB")), birthday="--05-01"), False
    yield _minutes(2), AddTags(tuple(dice.sample("abcde", 2))), False
    yield _minutes(3), RemoveTags(tuple(dice.sample("abcde", 2))), False
    yield _minutes(4), SetContact(tags=tuple(dice.sample("abcde", 3))), False
    yield _minutes(5), SetAddress("shipping", Address(city=f"City {name}")), False
    yield _minutes(6), SetTimeZone(dice.choice(("Europe/Berlin", "Europe/Dublin"))), False


def _visit(_: Random, name: str, __: datetime) -> Iterator[Told]:
    visit = f"visit-{name}"
    yield _minutes(0), RecordVisit(visit_id=visit, landing_page="/"), False
    yield _minutes(1), RecordVisit(visit_id=visit, landing_page="/mugs"), False
    yield _minutes(2), RecordProductView(product_id="mug", visit_id=visit), False
    yield _minutes(3), RecordSearch(query="mug", visit_id=visit), False
    yield _minutes(4), RecordCart(cart_token=f"cart-{name}", items=(MUG,), visit_id=visit), False


STORIES = (_order, _order, _abandoned, _draft, _contact, _visit)


def _minutes(number: int) -> timedelta:
    return timedelta(minutes=number)
