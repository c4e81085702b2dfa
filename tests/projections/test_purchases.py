"""Every order once, with the lines of its newest picture, led by whoever stands for its buyer."""

from collections.abc import Iterator
from datetime import timedelta
from random import Random
from uuid import UUID

import pytest
from msgspec.structs import replace

from aggregates.log.port import SHARDS
from aggregates.profile.decisions.orders import RecordOrder, RecordRefund
from aggregates.profile.items import Item
from aggregates.profile.money import Price
from projections.purchases import Purchases
from projections.runner import FEWEST, Runner
from tests.actors.shopping import ADA, BOB, EVE, signal, to
from tests.given import NOON
from tests.projections.store import Store, catch_up, running

MERGE = UUID("0198c000-0000-7000-8000-0000000000f1")
AGAIN = UUID("0198c000-0000-7000-8000-0000000000f2")
ORDERS = "SELECT * FROM rm_purchases.orders ORDER BY subject, order_id"
LINES = "SELECT * FROM rm_purchases.lines ORDER BY subject, order_id, line"


@pytest.fixture
def reader(store: Store) -> Iterator[Runner]:
    with running(store, Purchases()) as runner:
        yield runner


def bought(number: str, *products: str, total: str = "20.00") -> RecordOrder:
    items = tuple(
        Item(quantity=1, product_id=p, title=p, price=Price("5.00", "EUR")) for p in products
    )
    return RecordOrder(order_id=number, placed_at=NOON, total=Price(total, "EUR"), items=items)


def products(store: Store) -> list[tuple[str, str]]:
    return store.rows("SELECT order_id, product_id FROM rm_purchases.lines ORDER BY 1, line")


def test_an_order_has_its_sums_and_lines(store: Store, reader: Runner) -> None:
    store.tell(ADA, bought("1", "mug", "pen"))
    store.tell(ADA, RecordRefund(order_id="1", refund_id="r", amount=Price("5.00", "EUR")))
    catch_up(reader)
    query = "SELECT profile_id, total, refunded, currency, counts FROM rm_purchases.orders"
    assert store.rows(query) == [(ADA, 2000, 500, "EUR", True)]
    assert products(store) == [("1", "mug"), ("1", "pen")]


def test_the_newest_picture_tells_the_lines_whenever_it_comes(store: Store, reader: Runner) -> None:
    later = NOON + timedelta(hours=1)
    store.tell(ADA, bought("1", "mug", "pen"), at=later)
    catch_up(reader)
    store.tell(ADA, bought("1", "mug"), at=NOON)
    catch_up(reader)
    assert products(store) == [("1", "mug"), ("1", "pen")]
    store.tell(ADA, bought("1", "pen"), at=later + timedelta(hours=1))
    catch_up(reader)
    assert products(store) == [("1", "pen")]


def test_a_merge_leads_orders_to_the_survivor_and_its_reversal_back(
    store: Store, reader: Runner
) -> None:
    store.tell(ADA, bought("1", "mug"))
    store.tell(BOB, bought("2", "pen"))
    catch_up(reader)
    heads = "SELECT DISTINCT profile_id FROM rm_purchases.{} ORDER BY 1"
    store.unite(ADA, BOB, MERGE)
    catch_up(reader)
    assert [store.rows(heads.format(table)) for table in ("orders", "lines")] == [[(ADA,)]] * 2
    store.part(ADA, MERGE)
    catch_up(reader)
    both = [(ADA,), (BOB,)]
    assert [store.rows(heads.format(table)) for table in ("orders", "lines")] == [both] * 2


def test_a_survivor_whose_news_are_read_later_has_the_orders_too(
    store: Store, reader: Runner
) -> None:
    for number in range(2 * FEWEST):  # the merge is on a later page of the survivor's shard
        store.tell(ADA, bought(f"a{number}"))
    store.tell(BOB, bought("b", "pen"))
    store.unite(ADA, BOB, MERGE)
    catch_up(reader)
    orders = "SELECT profile_id FROM rm_purchases.orders WHERE order_id = 'b'"
    assert store.rows(orders) == [(ADA,)]
    assert products(store) == [("b", "pen")]


@pytest.mark.parametrize("seed", range(4))
def test_made_anew_it_is_equal_to_the_byte(store: Store, reader: Runner, seed: int) -> None:
    dice = Random(seed)  # noqa: S311 - it must be repeatable
    merged = False
    for number in range(60):
        whom = dice.choice((ADA, BOB, EVE))
        if whom == BOB and merged:
            continue
        at = NOON + timedelta(minutes=dice.randint(-500, 500))
        named = dice.sample(("mug", "pen", "cap", "bag"), dice.randint(0, 3))
        store.tell(whom, bought(f"{whom.hex[-1]}{dice.randint(1, 9)}", *named), at=at)
        if number % 20 == 15:
            if merged:
                store.part(ADA, MERGE)
            elif number < 20:
                store.unite(ADA, BOB, MERGE)
            merged = number < 20
        if dice.random() < 0.1:
            catch_up(reader)
    catch_up(reader)
    kept = store.rows(ORDERS), store.rows(LINES)
    store.execute("DROP SCHEMA rm_purchases CASCADE")
    with running(store, Purchases()) as anew:
        catch_up(anew)
    assert (store.rows(ORDERS), store.rows(LINES)) == kept


@pytest.mark.parametrize("seed", range(3))
def test_whoever_stands_for_a_buyer_after_many_merges_has_the_orders(
    store: Store, seed: int
) -> None:
    dice = Random(seed)  # noqa: S311 - it must be repeatable
    halves = (range(0, SHARDS, 2), range(1, SHARDS, 2))
    readers = [store.runner(Purchases(), shards=half) for half in halves]
    crowd = [UUID(int=ADA.int + number) for number in range(32, 38)]
    for whom in crowd:
        store.tell(whom, bought(f"of {whom}", "mug"))
    above = dict(zip(crowd, crowd, strict=True))

    def agrees() -> bool:
        for reader in readers:
            catch_up(reader)
        told = store.rows("SELECT subject, profile_id FROM rm_purchases.orders")
        return dict(told) == {one: _head(above, one) for one in crowd}

    assert agrees()
    united = []
    for number in range(1, len(crowd)):
        survivor, absorbed = dice.sample([one for one in crowd if above[one] == one], 2)
        store.unite(survivor, absorbed, UUID(int=MERGE.int + number))
        united.append((survivor, absorbed, UUID(int=MERGE.int + number)))
        above[absorbed] = survivor
        assert agrees()
    for survivor, absorbed, merge_id in reversed(united):
        store.part(survivor, merge_id)
        above[absorbed] = absorbed
        assert agrees()
    for reader in readers:
        reader.close()


def _head(above: dict[UUID, UUID], one: UUID) -> UUID:
    return one if above[one] == one else _head(above, above[one])


def test_who_was_looked_up_once_is_known_to_be_part_of_another_since(
    store: Store, reader: Runner
) -> None:
    store.tell(ADA, *(bought(f"of Ada {number}") for number in range(20)))
    store.tell(BOB, bought("3"))
    store.unite(ADA, BOB, MERGE)
    store.part(ADA, MERGE)
    for _ in range(6):  # then pages are so small that one is about the survivor alone
        reader.begin_again()
    catch_up(reader)
    store.tell(EVE, bought("0"))
    store.unite(EVE, BOB, AGAIN)
    catch_up(reader)
    (outcome,) = store.host.apply(replace(to(EVE, signal(bought("4"), by=())), subject=BOB))
    assert outcome.refused is None
    catch_up(reader)
    heads = {order_id: head for _, order_id, head, *_ in store.rows(ORDERS)}
    assert (heads["3"], heads["4"]) == (EVE, EVE)
