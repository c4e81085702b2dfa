"""The shoppers of the resolution benchmark differ in what recognises them, and only in that."""

from uuid import UUID

import pytest
from msgspec import json

from actors.signals import Signal
from aggregates.profile.decisions.visits import RecordVisit
from aggregates.profile.identifiers import Identifier
from aggregates.resolution import PERSONAL_KINDS
from aggregates.shop.identity_rules import IdentityRules
from api.demo.bench import OPENED
from api.webhooks.shopify.delivery import delivery
from api.webhooks.shopify.translate import translate
from tests.actors.merges import Town
from tests.actors.shopping import SHOP, known, signal
from tests.bench.acquainted import KINDS, MOST, ONE, THREE, UNITED, Kind, introductions, ordered


def bought(kind: Kind, nth: int, seed: str = "1") -> Signal:
    headers, body = ordered(kind, kind.shopper(nth), seed, nth)
    said = delivery((name.lower().encode(), value.encode()) for name, value in headers.items())
    return translate(said, body, SHOP, OPENED, IdentityRules())


def recognised_by(sent: Signal) -> list[Identifier]:
    return [one for one in sent.identifiers if one.kind in PERSONAL_KINDS]


@pytest.mark.parametrize("nth", [0, MOST - 1])
def test_one_kind_is_recognised_by_its_account_alone(nth: int) -> None:
    found = {kind: [one.kind for one in recognised_by(bought(kind, nth))] for kind in KINDS}
    everything = ["shopify_customer_id", "email", "phone"]
    assert found == {ONE: everything[:1], THREE: everything, UNITED: everything}


def test_all_write_as_much() -> None:
    """The same events; in bytes, a name is longer than another."""
    written = {kind: first_and_next(kind) for kind in (ONE, THREE)}
    assert [topics for topics, _ in written[ONE]] == [topics for topics, _ in written[THREE]]
    sizes = [sum(size for _, size in written[kind]) for kind in (ONE, THREE)]
    assert abs(sizes[0] / sizes[1] - 1) < 0.1


def first_and_next(kind: Kind) -> list[tuple[tuple[str, ...], int]]:
    """Of twenty shoppers: the topics of their second order, and how large its events are."""
    town = Town()
    for nth in range(20):
        town.send(bought(kind, nth, "first"))
    before = set(town.tables.events)
    told = [town.send(bought(kind, nth)) for nth in range(20)]
    stored = [placed.stored for key, placed in town.tables.events.items() if key not in before]
    size = sum(len(event.state) for event in stored)
    return [(outcome.events, size) for outcome in told]


def test_who_came_apart_is_made_one_by_the_first_order() -> None:
    town, shopper = Town(), UNITED.shopper(7)
    for by in (known(email=shopper.email), known(phone=str(shopper.phone))):
        town.send(signal(RecordVisit(visit_id=by[0].kind), by=by, at=OPENED))
    assert len(town.heads) == 2
    head: UUID = town.send(bought(UNITED, 7, "first")).profile_id
    assert town.heads == [head]
    owners = town.door.owners(bought(UNITED, 7))
    assert len({owner.subject for owner in owners.values()}) == 2


def test_introductions_come_in_order() -> None:
    (first,) = introductions(THREE, 3, "key")
    visits, calls, orders = introductions(UNITED, 3, "key")
    assert [len(some) for some in (first, visits, calls, orders)] == [3, 3, 3, 3]
    assert b'"email":' in visits[0]
    assert json.decode(calls[2].partition(b"\r\n\r\n")[2])["profile"].keys() == {"phone"}
