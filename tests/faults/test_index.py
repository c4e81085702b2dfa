"""The check of the look-up tables: silent about what is right, and it notices what is not."""

from collections import defaultdict
from random import Random
from uuid import UUID

import pytest
from msgspec.structs import replace
from uuid_utils.compat import uuid7

from aggregates.log.keys import Sealer
from aggregates.log.record import Record
from aggregates.profile.events.orders import Placed
from tests.actors.merges import Town, at
from tests.actors.shopping import KEYRING, SHOP, known, order, signal
from tests.faults.index import Book, Tables, differences
from tests.faults.ledger import Stream

SHOPPERS, TURNS = 8, 60
AT_LAST = 2  # merges that hold in the end


def lively(seed: int) -> Town:
    """Shoppers united, parted and served in any order, now and then on another one's device."""
    dice, town = Random(seed), Town()  # noqa: S311  # it must be repeatable
    ids = [_bought(town, nth, nth, hours=0) for nth in range(SHOPPERS)]
    for turn in range(1, TURNS):
        match dice.choice(("order", "order", "merge", "reversal")):
            case "order":
                _bought(town, dice.randrange(SHOPPERS), dice.randrange(SHOPPERS), hours=turn)
            case "merge":
                _united(town, dice.sample(ids, 2))  # some are refused
            case _ if town.merges:
                town.part(dice.choice(town.merges))
    while len(town.merges) < AT_LAST:
        _united(town, dice.sample(town.heads, 2))
    return town


def _bought(town: Town, whose: int, device: int, hours: int) -> UUID:
    by = known(email=f"m{whose}@shop.example", cookie=f"c{device}")
    return town.send(signal(order(str(uuid7())), by=by, at=at(hours))).profile_id


def _united(town: Town, pair: list[UUID]) -> None:
    survivor, absorbed = pair
    town.unite(survivor, absorbed, uuid7())


def book_of(town: Town) -> Book:
    records: defaultdict[UUID, list[Record]] = defaultdict(list)
    for record in sorted(town.records(), key=lambda record: record.version):
        records[record.stream].append(record)
    sealer = Sealer(bytes(32))  # everything is opened already
    streams = [Stream(one, sealer, told, records) for one, told in records.items()]
    return Book(SHOP, KEYRING.namespace(SHOP), streams)


def tables_of(town: Town) -> Tables:
    index = town.tables.index
    merges, candidates = index.merges.values(), index.candidates.values()
    return Tables(
        redirects=set(index.redirects.items()),
        merges={(m.merge_id, m.survivor, m.absorbed, m.merge_id in index.reversed) for m in merges},
        candidates={
            (c.candidate_id, c.one, c.other, c.candidate_id in index.closed) for c in candidates
        },
        identifiers={
            (key[1], owner, key in index.shared) for key, owner in index.identifiers.items()
        },
    )


@pytest.mark.parametrize("seed", range(10))
def test_whatever_happened_the_tables_are_as_the_log_says(seed: int) -> None:
    town = lively(seed)
    tables = tables_of(town)
    assert all(tables), "something of each kind has happened"
    assert set(differences(book_of(town), tables).values()) == {0}


@pytest.mark.parametrize("table", Tables._fields)
def test_a_row_too_few_is_noticed(table: str) -> None:
    town = lively(1)
    tables = tables_of(town)
    fewer = set(list(getattr(tables, table))[1:])
    found = differences(book_of(town), tables._replace(**{table: fewer}))
    name = "wrong owners" if table == "identifiers" else f"wrong {table}"
    assert {what for what, number in found.items() if number} == {name}


def test_another_owner_is_noticed() -> None:
    town = lively(1)
    tables = tables_of(town)
    digest, owner, shared = min(tables.identifiers, key=str)
    others = (tables.identifiers - {(digest, owner, shared)}) | {(digest, uuid7(), shared)}
    found = differences(book_of(town), tables._replace(identifiers=others))
    assert found["wrong owners"] == 1


def test_an_event_that_nobody_reads_is_noticed() -> None:
    """As where something about one who was absorbed meanwhile came to their own stream."""
    town = lively(1)
    book = book_of(town)
    absorbed = min(book.heads)
    stream = next(one for one in book.streams if one.profile_id == absorbed)
    placed = next(r for r in stream.records if isinstance(r.event, Placed))
    late = replace(placed.event, order_id="late")
    stream.records.append(replace(placed, version=len(stream.records) + 1, event=late))
    assert differences(book, tables_of(town))["wrong profiles"] == 1
