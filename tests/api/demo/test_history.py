import csv
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from api.demo import history as histories
from api.demo.online_retail import BadOrdersFile, read
from api.demo.people import FIRST_NUMBER, customer
from api.demo.store import Store, Tally
from tests.api.demo.shop import csv_of, history

MUGS = "536527,21071,MUG,6,12/1/2010 13:04,1.25,12662,Germany"
POSTAGE = "536527,POST,POSTAGE,1,12/1/2010 13:04,18,12662,Germany"
MORE_MUGS = "540000,21071,MUG,2,1/4/2011 9:00,1.25,12662,Germany"
CLOCK = "540001,22727,CLOCK,1,2/4/2011 9:00,30,12662,Germany"


def refunds(store: Store) -> list[tuple[str, int]]:
    numbers = {order.id: order.number for order in store.orders}
    return [(numbers[refund.order_id], refund.amount_minor) for refund in store.refunds]


def test_an_invoice_is_one_order_and_postage_is_a_line_like_any_other(tmp_path: Path) -> None:
    store = history(tmp_path, MUGS, POSTAGE)
    assert [(order.number, order.total_minor) for order in store.orders] == [("536527", 2550)]
    assert store.total() == Tally(1, 2550, 0)


def test_a_byte_order_mark_is_not_part_of_the_first_column(tmp_path: Path) -> None:
    assert csv_of(tmp_path, MUGS).read_bytes().startswith(b"\xef\xbb\xbf")
    assert read(csv_of(tmp_path, MUGS))[0][0].invoice == "536527"


def test_dates_are_month_first_on_the_clock_of_the_shop(tmp_path: Path) -> None:
    winter, summer = read(
        csv_of(
            tmp_path,
            "1,A,MUG,1,12/1/2010 8:04,1,12662,Germany",
            "2,A,MUG,1,7/1/2011 8:04,1,12662,Germany",
        )
    )[0]
    assert winter.at == datetime(2010, 12, 1, 8, 4, tzinfo=UTC)
    assert summer.at == datetime(2011, 7, 1, 7, 4, tzinfo=UTC)


def test_rows_without_a_customer_are_counted_and_left_out(tmp_path: Path) -> None:
    store = history(tmp_path, MUGS, "536528,22139,TEA SET,56,12/1/2010 11:52,0,,Germany")
    assert (len(store.orders), store.left_out.without_customer) == (1, 1)


def test_goods_given_away_are_a_line_over_nothing(tmp_path: Path) -> None:
    store = history(tmp_path, MUGS, "536527,22841,CAKE TIN,1,12/1/2010 13:04,0,12662,Germany")
    assert (len(store.orders[0].lines), store.total()) == (2, Tally(1, 750, 0))


@pytest.mark.parametrize("invoice", ["C540500", "540500"])
def test_a_negative_quantity_is_a_return_on_whatever_invoice(tmp_path: Path, invoice: str) -> None:
    back = f"{invoice},21071,MUG,-2,1/2/2011 10:00,1.25,12662,Germany"
    assert history(tmp_path, MUGS, back).total() == Tally(1, 750, 250)


def test_a_return_belongs_to_the_newest_earlier_order_with_enough_of_the_goods(
    tmp_path: Path,
) -> None:
    few = "C540500,21071,MUG,-2,3/4/2011 9:00,1.25,12662,Germany"
    many = "C540501,21071,MUG,-5,3/4/2011 9:00,1.25,12662,Germany"
    assert refunds(history(tmp_path, MUGS, MORE_MUGS, CLOCK, few)) == [("540000", 250)]
    assert refunds(history(tmp_path, MUGS, MORE_MUGS, CLOCK, many)) == [("536527", 625)]


def test_goods_come_back_once(tmp_path: Path) -> None:
    first = "C540500,21071,MUG,-2,3/4/2011 9:00,1.25,12662,Germany"
    second = "C540501,21071,MUG,-2,3/5/2011 9:00,1.25,12662,Germany"
    store = history(tmp_path, MUGS, MORE_MUGS, first, second)
    assert refunds(store) == [("540000", 250), ("536527", 250)]


def test_goods_nobody_bought_are_refunded_on_the_latest_order_with_money_left(
    tmp_path: Path,
) -> None:
    lamp = "C540500,77777,LAMP,-1,3/4/2011 9:00,20,12662,Germany"
    assert refunds(history(tmp_path, MUGS, POSTAGE, CLOCK, MORE_MUGS, lamp)) == [("540001", 2000)]


def test_goods_bought_before_the_history_are_settled_with_the_next_order(tmp_path: Path) -> None:
    early = "C536000,22077,RIBBONS,-1,11/1/2010 9:00,1.65,12662,Germany"
    store = history(tmp_path, early, MUGS)
    assert refunds(store) == [("536527", 165)]
    assert store.refunds[0].at > store.orders[0].placed_at


def test_a_return_by_somebody_without_orders_is_counted_and_left_out(tmp_path: Path) -> None:
    store = history(tmp_path, MUGS, "C538123,22956,CASES,-2,12/9/2010 15:41,2.1,12605,Germany")
    assert (store.left_out.without_order, store.left_out.without_order_minor) == (1, 420)
    assert store.tallies() == {"12662": Tally(1, 750, 0), "12605": Tally()}


def test_lines_of_one_credit_note_make_one_refund_an_order(tmp_path: Path) -> None:
    mug = "C540500,21071,MUG,-1,3/4/2011 9:00,1.25,12662,Germany"
    post = "C540500,POST,POSTAGE,-1,3/4/2011 9:00,18,12662,Germany"
    store = history(tmp_path, MUGS, POSTAGE, mug, post)
    assert refunds(store) == [("536527", 1925)]


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        ("1,A,MUG,six,12/1/2010 8:04,1,12662,Germany", "line 2"),
        ("1,A,MUG,6,2010-12-01,1,12662,Germany", "line 2"),
        ("1,A,DEBT,1,12/1/2010 8:04,-11062.06,12662,Germany", "-11062.06"),
    ],
)
def test_a_row_that_cannot_be_read_is_named(tmp_path: Path, row: str, complaint: str) -> None:
    with pytest.raises(BadOrdersFile, match=complaint):
        read(csv_of(tmp_path, row))


def test_a_file_that_is_no_orders_file_says_what_is_missing(tmp_path: Path) -> None:
    (tmp_path / "other.csv").write_text("InvoiceNo,Quantity\n1,2\n")
    with pytest.raises(BadOrdersFile, match="CustomerID"):
        read(tmp_path / "other.csv")
    with pytest.raises(BadOrdersFile, match="no row names a customer"):
        read(csv_of(tmp_path))
    with pytest.raises(BadOrdersFile, match=r"nowhere\.csv"):
        read(tmp_path / "nowhere.csv")


def test_a_shopper_is_the_same_person_every_time_and_shares_no_telephone() -> None:
    now = datetime(2026, 11, 22, tzinfo=UTC)
    people = [customer(str(FIRST_NUMBER + n), "Germany", now) for n in range(6_000)]
    assert people[5] == customer(people[5].number, "Germany", now)
    phones = [person.phone for person in people if person.phone]
    assert len(phones) == len(set(phones)) == 5_000
    assert len({person.email for person in people}) == len({person.id for person in people}) == 6000
    assert all(person.email.isascii() and person.id > 2**53 for person in people)


def test_without_a_file_a_shop_is_made_up_from_the_seed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(histories, "GERMANY_CSV", tmp_path / "absent.csv")
    store = histories.load(None, seed=7)
    assert store == histories.load(None, seed=7) != histories.load(None, seed=8)
    assert (len(store.customers), len(store.orders)) == (100, 600)
    assert store.refunds
    assert max(tally.orders for tally in store.tallies().values()) > 10


def test_a_refund_never_exceeds_its_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(histories, "GERMANY_CSV", tmp_path / "absent.csv")
    assert_no_order_gives_back_more_than_it_took(histories.load(None, seed=7))


def assert_no_order_gives_back_more_than_it_took(store: Store) -> None:
    left = {order.id: order.total_minor for order in store.orders}
    for refund in store.refunds:
        left[refund.order_id] -= refund.amount_minor
    assert min(left.values()) >= 0


@pytest.mark.skipif(
    not histories.GERMANY_CSV.exists(), reason=f"{histories.GERMANY_CSV} is not here"
)
def test_the_german_extract_adds_up_to_what_its_rows_say() -> None:
    with histories.GERMANY_CSV.open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.DictReader(lines))
    bought = [row for row in rows if not row["InvoiceNo"].startswith("C")]
    returned = [row for row in rows if row["InvoiceNo"].startswith("C")]

    def minor(some: list[dict[str, str]]) -> int:
        return int(sum(100 * int(row["Quantity"]) * Decimal(row["UnitPrice"]) for row in some))

    store = histories.load(None, seed=1)
    total = store.total()
    assert len(store.customers) == len({row["CustomerID"] for row in rows}) == 95
    assert total.orders == len({row["InvoiceNo"] for row in bought}) == 457
    assert total.gross_minor == minor(bought) == 228_867_14
    assert total.refunded_minor + store.left_out.without_order_minor == -minor(returned)
    assert (total.refunded_minor, store.left_out.without_order_minor) == (7_161_43, 7_50)
    assert_no_order_gives_back_more_than_it_took(store)
