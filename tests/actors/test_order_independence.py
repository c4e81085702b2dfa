"""However signals come — in any order, any number of times, in any batches — the same shoppers
come out, and every acknowledged event is in the log exactly once."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import chain, repeat
from random import Random

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from actors.signals import Signal
from aggregates.log.memory import MemoryTables
from aggregates.profile.decide import Command
from aggregates.profile.decisions.checkouts import RecordCheckout
from aggregates.profile.decisions.contact import AddTags, RemoveTags, SetContact
from aggregates.profile.decisions.orders import RecordOrder, RecordRefund, RecordReturn
from aggregates.profile.decisions.visits import RecordCart, RecordProductView, RecordVisit
from aggregates.profile.identifiers import Identifier
from aggregates.profile.money import Price
from aggregates.profile.source import Source
from tests.actors.doorstep import Door
from tests.actors.shopping import KEYRING, SHOP, each_once, folded, holds_together, signal
from tests.given import NOON

SHOPPERS = ("ada", "bob", "eve")

few = st.sampled_from
shoppers = few(SHOPPERS)
numbers = few(["1", "2", "3"])
moments = few([0, 1, 30, 60, 90, 1500]).map(lambda minutes: NOON + timedelta(minutes=minutes))
prices = st.builds(Price, few(["10.00", "19.90"]), few(["EUR", "EUR", "USD"]))
sources = few(["shopify", "api", "pixel"]).map(Source)
tags = st.lists(few("pqr"), max_size=2).map(tuple)


def _of(shopper: str, number: str) -> str:
    """A name for a thing that nobody else has."""
    return f"{shopper}-{number}"


@st.composite
def news(draw: st.DrawFn) -> Signal:
    """Something about one of three shoppers, who have no identifier in common."""
    shopper, number = draw(shoppers), draw(numbers)
    command = draw(few([_order, _refund, _return, _checkout, _contact, _visit]))(
        draw, shopper, _of(shopper, number)
    )
    # a shop tells of refunds and returns by the order alone
    anonymous = isinstance(command, RecordRefund | RecordReturn)
    return signal(
        command,
        by=() if anonymous else draw(_identifiers(shopper)),
        at=draw(moments),
        source=draw(sources),
        creates=not anonymous,
    )


def _identifiers(shopper: str) -> "st.SearchStrategy[tuple[Identifier, ...]]":
    mail = Identifier("email", f"{shopper}@example.com")
    more = [Identifier("cookie", f"{shopper}-1"), Identifier("cookie", f"{shopper}-2")]
    return st.lists(few(more), max_size=2, unique=True).map(lambda extra: (mail, *extra))


def _order(draw: st.DrawFn, _: str, name: str) -> Command:
    status = draw(few([None, "paid", "refunded", "voided"]))
    return RecordOrder(order_id=name, placed_at=NOON, total=draw(prices), financial_status=status)


def _refund(draw: st.DrawFn, _: str, name: str) -> Command:
    return RecordRefund(order_id=name, refund_id=f"r-{name}", amount=draw(prices))


def _return(draw: st.DrawFn, _: str, name: str) -> Command:
    return RecordReturn(order_id=name, return_id=f"b-{name}", status=draw(few(["open", "closed"])))


def _checkout(draw: st.DrawFn, _: str, name: str) -> Command:
    return RecordCheckout(
        token=name, started_at=NOON, total=draw(prices), abandoned=draw(st.booleans())
    )


def _contact(draw: st.DrawFn, shopper: str, _: str) -> Command:
    first = draw(few([None, "X", "Y"]))
    told = SetContact(email=f"{shopper}@example.com", first_name=first, tags=draw(st.none() | tags))
    return draw(few([told, AddTags(draw(tags)), RemoveTags(draw(tags))]))


def _visit(draw: st.DrawFn, _: str, name: str) -> Command:
    looked = RecordProductView(product_id="mug", visit_id=name)
    cart = RecordCart(cart_token=name, total=draw(prices))
    return draw(few([RecordVisit(visit_id=name, landing_page="/"), looked, cart]))


def _shoppers(tables: MemoryTables) -> dict[str, bytes]:
    """Every shopper as the log tells of them."""
    digest = KEYRING.namespace(SHOP).digest
    owned = {
        name: tables.identifiers.get((SHOP, digest("email", f"{name}@example.com")))
        for name in SHOPPERS
    }
    return {
        name: msgspec.json.encode(folded(tables, profile), order="deterministic")
        for name, profile in owned.items()
        if profile is not None
    }


def _with_their_orders(signals: list[Signal]) -> list[Signal]:
    """Every order that a refund or a return is about is placed, too, once and first of all."""
    lost = {
        sent.steps[0].command.order_id: None
        for sent in signals
        if not sent.creates and isinstance(sent.steps[0].command, RecordRefund | RecordReturn)
    }
    return [_placed(name) for name in lost] + signals


def _placed(name: str) -> Signal:
    mail = Identifier("email", f"{name.partition('-')[0]}@example.com")
    total = Price("50.00", "EUR")
    return signal(RecordOrder(order_id=name, placed_at=NOON, total=total), by=[mail])


def _often(signals: Sequence[Signal], random: Random) -> list[Signal]:
    often = list(chain.from_iterable(repeat(sent, random.randint(1, 5)) for sent in signals))
    random.shuffle(often)
    return often


@settings(deadline=None, max_examples=60)
@given(st.lists(news(), min_size=1, max_size=15).map(_with_their_orders), st.integers(0, 2**32))
def test_however_signals_come_the_same_shoppers_come_out(signals: list[Signal], seed: int) -> None:
    random = Random(seed)  # noqa: S311  # Hypothesis chooses the seed and prints it
    plainly, wildly = Door(), Door()
    plainly.deliver(signals)
    wildly.deliver(_often(signals, random), cuts=random)
    assert _shoppers(wildly.host.tables) == _shoppers(plainly.host.tables)
    for door in (plainly, wildly):
        _keeps_its_word(door)


def _keeps_its_word(door: Door) -> None:
    tables = door.host.tables
    holds_together(tables)
    each_once(tables, door.delivered)
    assert all(outcome.refused is None for _, outcome in door.delivered)
    assert len(tables.keys) == len(_shoppers(tables))
    for profile in tables.keys:
        assert door.host.remembers(profile) == folded(tables, profile)
