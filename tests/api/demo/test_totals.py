import asyncio
from pathlib import Path

import pytest
from rich.console import Console

from api.demo import run, totals
from api.demo.store import Store, Tally
from tests.api.demo.fake_server import Answer, Handler, Request, said, serving
from tests.api.demo.shop import SHOP, SIGNING, csv_of, history

MUGS = "536527,21071,MUG,6,12/1/2010 13:04,1.25,12662,Germany"
CLOCK = "540001,22727,CLOCK,1,2/4/2011 9:00,30,12470,Germany"
MUG_BACK = "C540500,21071,MUG,-2,3/4/2011 9:00,1.25,12662,Germany"
KEY = "c360_live_test"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return history(tmp_path, MUGS, CLOCK, MUG_BACK)


class Api:
    """Answers for every shopper what the history adds up to, unless told otherwise."""

    def __init__(self, store: Store, currency: str = "GBP") -> None:
        self.numbers = {str(customer.id): customer.number for customer in store.customers}
        self.tallies = store.tallies()
        self.currency = currency
        self.asked = 0

    def __call__(self, request: Request) -> Answer:
        if request.path == "/webhooks/shopify":
            return Answer()
        assert request.path == "/v1/profiles"
        if request.headers["authorization"] != f"Bearer {KEY}":
            return Answer(401)
        self.asked += 1
        [shopify_id] = request.query["shopify_customer_id"]
        tally = self.tallies.get(self.numbers[shopify_id])
        return said({"items": [self.profile(tally)] if tally else [], "next_cursor": None})

    def profile(self, tally: Tally) -> object:
        return {
            "id": "0199",
            "commerce": {
                "order_count": tally.orders,
                "gross": self.price(tally.gross_minor),
                "refunded": self.price(tally.refunded_minor),
                "lifetime_spend": self.price(tally.net_minor),
                "last_order": None,
            },
        }

    def price(self, minor: int) -> object:
        return {"amount": f"{minor / 100:.2f}", "currency": self.currency}


def compared(
    handler: Handler, store: Store, deadline_s: float = 0, key: str = KEY
) -> totals.Comparison:
    async def compare() -> totals.Comparison:
        async with serving(handler) as url:
            return await totals.compare(url, key, store, deadline_s)

    return asyncio.run(compare())


def test_gross_less_refunds_is_what_was_spent() -> None:
    both = Tally(1, 1000, 250) + Tally(2, 500, 0)
    assert (both, both.net_minor) == (Tally(3, 1500, 250), 1250)


def test_totals_agree_when_every_shopper_does(store: Store) -> None:
    assert compared(Api(store), store).equal


def test_sums_that_agree_by_chance_do_not_hide_two_wrong_shoppers(store: Store) -> None:
    api = Api(store)
    api.tallies = {"12662": api.tallies["12470"], "12470": api.tallies["12662"]}
    assert sorted(compared(api, store).differing) == ["12470", "12662"]


def test_spending_that_is_not_gross_less_refunds_differs(store: Store) -> None:
    class Wrong(Api):
        def profile(self, tally: Tally) -> object:
            commerce = {"order_count": tally.orders, "gross": self.price(tally.gross_minor)}
            refunded = self.price(tally.refunded_minor)
            spent = self.price(tally.gross_minor)
            return {"commerce": {**commerce, "refunded": refunded, "lifetime_spend": spent}}

    assert compared(Wrong(store), store).differing == ["12662"]


def test_whoever_differs_is_asked_for_again_until_nobody_does(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(totals, "POLL_S", 0.01)

    class Late(Api):
        def __call__(self, request: Request) -> Answer:
            if self.asked < 5:
                self.asked += 1
                return said({"items": [], "next_cursor": None}) if self.asked % 2 else Answer(503)
            return super().__call__(request)

    assert compared(Late(store), store, deadline_s=10).equal


def test_waiting_ends_at_the_deadline(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(totals, "POLL_S", 0.01)
    api = Api(store)
    del api.tallies["12470"]
    comparison = compared(api, store, deadline_s=0.05)
    assert comparison.differing == ["12470"]
    assert list(comparison.seen) == ["12662"]


def test_a_key_that_is_not_accepted_ends_the_comparison_at_once(store: Store) -> None:
    with pytest.raises(totals.CannotRead, match="401"):
        compared(Api(store), store, deadline_s=10, key="c360_live_wrong")


def test_amounts_in_another_currency_are_not_compared(store: Store) -> None:
    with pytest.raises(totals.CannotRead, match="EUR"):
        compared(Api(store, "EUR"), store, deadline_s=10)


def test_the_table_shows_both_sides(store: Store) -> None:
    console = Console(width=100)
    with console.capture() as shown:
        console.print(totals.table(compared(Api(store), store)))
    assert "37.50 GBP" in shown.get()
    assert "35.00 GBP" in shown.get()
    assert "no" not in shown.get()


def demonstrated(handler: Handler, orders: Path, key: str = KEY) -> bool:
    async def demonstrate() -> bool:
        async with serving(handler) as url:
            return await run.demo(url, SHOP, SIGNING, key, orders, 1)

    return asyncio.run(demonstrate())


def test_the_demo_holds_when_everything_was_taken_and_adds_up(
    tmp_path: Path, store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    orders = csv_of(tmp_path, MUGS, CLOCK, MUG_BACK)
    assert demonstrated(Api(store), orders)
    shown = capsys.readouterr().out
    refunder = next(customer for customer in store.customers if customer.number == "12662")
    assert f"curl -H 'Authorization: Bearer {KEY}'" in shown
    assert f"shopify_customer_id={refunder.id}" in shown


def test_the_demo_fails_when_a_shopper_is_missing(
    tmp_path: Path,
    store: Store,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(totals, "DEADLINE_S", 0.05)
    api = Api(store)
    del api.tallies["12470"]
    assert not demonstrated(api, csv_of(tmp_path, MUGS, CLOCK, MUG_BACK))
    assert "12470" in capsys.readouterr().out


def test_the_demo_says_what_is_wrong_with_its_file(
    tmp_path: Path, store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    assert not demonstrated(Api(store), tmp_path / "nowhere.csv")
    assert "nowhere.csv" in capsys.readouterr().out
