"""Customers made up of random events: as read models have them, and as one folds them by hand."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

import psycopg
from msgspec import Struct
from psycopg import Connection
from psycopg.rows import TupleRow

from aggregates.gate.decision import Decision
from aggregates.log.following import Changes
from aggregates.log.keys import Sealer
from aggregates.log.record import Record
from aggregates.log.residents import Resident
from aggregates.profile import commerce
from aggregates.profile.channels import CHANNELS, MessageClass
from aggregates.profile.events import consent, messages
from aggregates.profile.events.contact import Address, Given, TagsReplaced
from aggregates.profile.events.identity import Linked
from aggregates.profile.events.orders import Cancelled, Pictured, Placed, Refunded
from aggregates.profile.events.visits import PageSeen, ProductViewed
from aggregates.profile.identifiers import Identifier
from aggregates.profile.items import Item
from aggregates.profile.lifecycle import NOTHING, last_sign, signs
from aggregates.profile.money import Money
from aggregates.profile.profile import Event, Profile, fold
from aggregates.profile.source import Source
from projections.customers import BETWEEN, Customers, row_of
from projections.purchases import Purchases
from projections.reach import Reach, mails, stands
from projections.readmodel import ReadModel
from projections.segments.facts import Facts, Line, Purchase
from projections.stages import Stages
from projections.visits import VisitTimes
from tests.actors.shopping import SHOP
from tests.given import NOON

LONG_AGO = 200  # days
AFTERWARDS = NOON + timedelta(days=3)  # whatever is told has happened


class Shopper(Struct, frozen=True):
    profile_id: UUID
    records: list[Record]
    resident: Resident

    @property
    def profile(self) -> Profile:
        return self.resident.profile


def crowd(size: int, seed: int) -> list[Shopper]:
    dice = Random(seed)  # noqa: S311 - it must be repeatable
    return [_shopper(dice, number) for number in range(size)]


def facts_by_hand(shopper: Shopper) -> Facts:
    """Not as the read models tell, but as the folded profile does."""
    row, profile = row_of(shopper.profile_id, shopper.resident)._asdict(), shopper.profile
    told = {name: row[name] for name in Facts.__struct_fields__ if name in row}
    lists = {name: row[name].split(BETWEEN) if row[name] else [] for name in ("sources", "tags")}
    lines = _lines(shopper)
    bought = [
        Purchase(id_, one.placed_at, one.total.minor, one.total.currency, lines[id_])
        for one in commerce.counting(profile.orders)
        for id_ in [one.order_id]
    ]
    active_at, active_stage = last_sign(signs(profile), AFTERWARDS) or NOTHING
    return Facts(
        **{**told, **lists},
        active_at=active_at,
        active_stage=active_stage,
        purchases=bought,
        stands=list(stands(profile)),
        mails=[mail for _, mail in mails(profile)],
        visited=_visited(shopper),
    )


def stored(dsn: str, shoppers: list[Shopper]) -> None:
    """Into the tables of the read models that segments are made of."""
    changes = Changes(
        [record for one in shoppers for record in one.records],
        {one.profile_id: one.resident for one in shoppers},
        {},
    )
    with psycopg.connect(dsn) as connection:
        stages = Stages(now=lambda: AFTERWARDS)
        for model in (stages, Customers(), Purchases(), Reach(), VisitTimes()):
            prepared(connection, model)
            model.absorb(connection, changes)


def prepared(connection: Connection[TupleRow], model: ReadModel) -> None:
    schema = f"rm_{model.name}"
    connection.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}".encode())
    connection.execute(f"SET LOCAL search_path = {schema}, public".encode())
    connection.execute(model.tables.encode())


def _shopper(dice: Random, number: int) -> Shopper:
    minted = NOON - timedelta(hours=dice.randint(0, LONG_AGO * 24))
    milliseconds = int(minted.timestamp() * 1000)
    profile_id = UUID(int=(milliseconds << 80) | (0x7 << 76) | (0x2 << 62) | number)
    records = [
        Record(
            stream=profile_id, version=version, subject=profile_id, event=event,
            occurred_at=_moment(dice, event),
            recorded_at=NOON, command_id=f"c{version}", by="test", source=Source("shopify"),
        )
        for version, event in enumerate(_events(dice), start=1)
    ]  # fmt: skip
    profile = fold(record.happened for record in records)
    return Shopper(profile_id, records, Resident(profile, len(records), SHOP, Sealer(bytes(32))))


def _moment(dice: Random, event: Event) -> datetime:
    """Many messages at about the same time, so that they become too many."""
    lately = isinstance(event, messages.MessageEvent) and dice.random() < 0.7
    if lately or isinstance(event, messages.Reserved):  # nothing is reserved for weeks
        return NOON - timedelta(minutes=dice.randint(-24 * 60, 3 * 24 * 60))
    return NOON - timedelta(hours=dice.randint(-48, LONG_AGO * 24))


def _events(dice: Random) -> Iterator[Event]:
    email = Identifier("email", f"{dice.choice('aB')}{dice.randint(1, 99)}@Mail.example")
    yield Linked((email,), source=dice.choice(("shopify", "klaviyo")))
    if dice.random() < 0.7:
        home = Address(
            city=dice.choice(("Wien", "Köln", "wien", None)),
            country=dice.choice(("AT", "DE", "US")),
        )
        first = dice.choice(("Ada", "ada", "Jörg", None))
        last = dice.choice(("ÖK", "Lane", None))
        yield Given(
            first_name=first,
            last_name=last,
            phone=dice.choice(("+4930123", None)),
            shipping=home,
            time_zone=dice.choice(("Asia/Tokyo", "America/New_York", None, None)),
        )
    yield from _consents(dice, email.value)
    for message in range(dice.choice((0, 0, 1, 3, 8))):
        yield from _message(dice, str(message))
    if dice.random() < 0.4:
        yield TagsReplaced(tuple(dice.sample(("vip", "new", "Vip"), dice.randint(0, 3))))
    for visit in range(dice.choice((0, 0, 1, 2, 3))):
        for _ in range(dice.choice((1, 1, 2))):
            yield PageSeen(visit_id=str(visit))
        if dice.random() < 0.2:
            yield ProductViewed("mug", visit_id=dice.choice((None, str(visit))))
    for order in range(dice.choice((0, 0, 1, 1, 2, 3, 5))):
        yield from _order(dice, str(order))


def _consents(dice: Random, email: str) -> Iterator[Event]:
    for _ in range(dice.choice((0, 1, 1, 2, 3))):
        channel = dice.choice(CHANNELS)
        address = {"email": email, "push": "device"}.get(channel, "+4930123")
        ends = NOON - timedelta(hours=dice.randint(-100, 40 * 24))
        yield consent.Granted(
            channel=channel,
            address=address,
            level="confirmed",
            expires_at=dice.choice((None, None, None, ends)),
        )
        if dice.random() < 0.2:
            yield consent.Withdrawn(scope="channel", channel=channel)
        if dice.random() < 0.1:
            yield consent.Suppressed(channel, "hard_bounce", address)
        if dice.random() < 0.2:
            yield consent.Requested(channel=channel, address=address)


def _message(dice: Random, name: str) -> Iterator[Event]:
    channel, campaign = dice.choice(CHANNELS), dice.choice((None, "spring", "autumn"))
    kind: MessageClass = "transactional" if dice.random() < 0.3 else "marketing"
    if dice.random() < 0.3:
        until = NOON + timedelta(minutes=dice.randint(-300, 900))
        yield messages.Reserved(
            name, channel=channel, message_class=kind, source="campaign", source_id=campaign,
            expires_at=until, decision=Decision(True, None, None, None, ()),
        )  # fmt: skip
    if dice.random() < 0.8:
        yield messages.Sent(
            name, channel=channel, message_class=kind, source="campaign", source_id=campaign
        )
    for told in (messages.Opened, messages.Clicked, messages.Replied, messages.Dismissed):
        if dice.random() < 0.25:
            yield told(name)
    if dice.random() < 0.05:
        yield dice.choice((messages.Complained(name), messages.Failed(name)))


def _order(dice: Random, order_id: str) -> Iterator[Event]:
    currency = dice.choice(("EUR", "EUR", "EUR", "JPY", "KWD"))
    items = tuple(
        Item(dice.randint(0, 2), product_id=name, sku=name, title=f"a {name.title()}")
        for name in dice.sample(("mug", "pen", "cap"), dice.randint(0, 3))
    )
    yield Placed(
        order_id=order_id,
        placed_at=NOON - timedelta(hours=dice.randint(-48, LONG_AGO * 24)),
        total=Money(dice.choice((0, 1000, 1500, 2050, dice.randint(1, 10**6))), currency),
        test=dice.random() < 0.1,
        items=items,
    )
    if dice.random() < 0.1:
        yield Cancelled(order_id=order_id, cancelled_at=NOON)
    if dice.random() < 0.2:
        yield Refunded(order_id=order_id, refund_id=order_id, amount=Money(500, currency))


def _visited(shopper: Shopper) -> list[datetime]:
    """As nobody drops any, simply the last moment of each."""
    last: dict[str, datetime] = {}
    for record in shopper.records:
        if isinstance(record.event, PageSeen | ProductViewed) and (visit := record.event.visit_id):
            last[visit] = max(record.occurred_at, last.get(visit, record.occurred_at))
    return list(last.values())


def _lines(shopper: Shopper) -> Mapping[str, list[Line]]:
    pictures = (r.event for r in shopper.records if isinstance(r.event, Pictured))
    return {
        picture.order_id: [Line(i.product_id, i.sku, i.title) for i in picture.items if i.quantity]
        for picture in pictures
    }
