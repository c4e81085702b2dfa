"""GET /v1/profiles/{id}/orders: found by words and states, with lines, badges and sums."""

from datetime import timedelta
from typing import Any

import pytest

from tests.api.merges.store import ok
from tests.api.segments.counter import Counter

SARAH, TOM = {"email": "sarah@shop.example"}, {"email": "tom@shop.example"}
MUG = {"product_id": "42", "sku": "MUG-B", "title": "Becher, blau", "quantity": 2}
TEA = {"product_id": "43", "sku": "TEA-1", "title": "Grüner Tee", "quantity": 1}


def eur(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "EUR"}


MUG["price"], TEA["price"] = eur("9.95"), eur("4.50")


def ordered(shop: Counter, name: str, day: int = 1, **more: object) -> str:
    at = f"2026-11-{day:02}T10:00:00Z"
    whole = {"placed_at": at, "occurred_at": at, "total": eur("19.90"), "items": [MUG], **more}
    told = shop.store.told("RecordOrder", SARAH, order_id=name, number=f"#{name}", **whole)
    return str(told["profile_id"])


def left_behind(shop: Counter, token: str, day: int = 1) -> str:
    at = f"2026-11-{day:02}T09:00:00Z"
    opened = {"token": token, "started_at": at, "occurred_at": at, "items": [TEA]}
    told = shop.store.told("RecordCheckout", SARAH, total=eur("4.50"), abandoned=True, **opened)
    return str(told["profile_id"])


def drafted(shop: Counter, name: str, day: int = 1) -> str:
    at = f"2026-11-{day:02}T08:00:00Z"
    whole = {"created_at": at, "occurred_at": at, "status": "invoice_sent", "items": [MUG]}
    told = shop.store.told(
        "RecordDraftOrder", SARAH, draft_id=name, name=f"#D{name}", total=eur("19.90"), **whole
    )
    return str(told["profile_id"])


def path(known: str) -> str:
    return f"/v1/profiles/{known}/orders"


def orders(shop: Counter, known: str, **query: object) -> list[dict[str, Any]]:
    shop.noticed()
    return list(shop.get(path(known), **query)["items"])


def ids(shop: Counter, known: str, **query: object) -> list[str]:
    return [order["id"] for order in orders(shop, known, **query)]


def test_an_order_has_its_lines(shop: Counter) -> None:
    sarah = ordered(shop, "1001", items=[MUG, TEA], financial_status="paid")
    (order,) = orders(shop, sarah)
    assert (order["kind"], order["number"], order["total"]) == ("order", "#1001", eur("19.90"))
    assert (order["status"], order["badges"], order["counts"]) == ("paid", [], True)
    mug, tea = order["lines"]
    assert mug == {**MUG, "variant_id": None, "shop_href": None}
    assert (tea["sku"], tea["title"], tea["quantity"], tea["price"]) == tuple(
        TEA[part] for part in ("sku", "title", "quantity", "price")
    )


def test_the_last_ten_come_first_then_more(shop: Counter) -> None:
    for day in range(1, 14):
        sarah = ordered(shop, str(1000 + day), day)
    shop.noticed()
    pages = [[one["id"] for one in page] for page in shop.pages(path(sarah))]
    assert pages == [[str(1000 + day) for day in range(13, 3, -1)], ["1003", "1002", "1001"]]


@pytest.mark.parametrize(
    ("text", "found"),
    [("#1001", ["1001"]), ("mug", ["1001"]), ("GRÜNER", ["1002"]), ("TEA-1", ["1002"]),
     ("er", ["1002", "1001"]), ("100_", []), ("%", [])],
)  # fmt: skip
def test_orders_are_found_by_number_title_and_sku(
    shop: Counter, text: str, found: list[str]
) -> None:
    sarah = ordered(shop, "1001", 1)
    ordered(shop, "1002", 2, items=[TEA])
    assert ids(shop, sarah, q=text) == found


def test_orders_are_filtered_by_every_kind_of_status(shop: Counter) -> None:
    sarah = ordered(shop, "1", 1, financial_status="paid", fulfillment_status="fulfilled")
    ordered(shop, "2", 2, financial_status="pending")
    ordered(shop, "3", 3, cancelled_at="2026-11-04T10:00:00Z")
    drafted(shop, "4", 4)
    assert ids(shop, sarah, status="paid") == ["1"]
    assert ids(shop, sarah, status="unfulfilled") == ["3", "2"]
    assert ids(shop, sarah, status="cancelled") == ["3"]
    assert ids(shop, sarah, status="invoice_sent") == ["4"]
    assert shop.ask("GET", path(sarah), query={"status": "Paid!"}).fields() == {"status"}


def test_refunds_returns_and_parcels_are_told_with_their_order(shop: Counter) -> None:
    sarah = ordered(shop, "1", 1, financial_status="paid")
    for refund, amount in (("r1", "5.00"), ("r2", "14.90")):
        shop.store.told("RecordRefund", SARAH, order_id="1", refund_id=refund, amount=eur(amount))
        (order,) = orders(shop, sarah)
        badge = "partially_refunded" if refund == "r1" else "refunded"
        assert order["badges"] == [badge]
        assert ids(shop, sarah, status=badge) == ["1"]
    shop.store.told("RecordReturn", SARAH, return_id="ret", order_id="1", status="open")
    shop.store.told("RecordFulfillment", SARAH, order_id="1", fulfillment_id="p", status="success")
    (order,) = orders(shop, sarah)
    assert order["badges"] == ["refunded", "returned"]
    assert [refund["amount"] for refund in order["refunds"]] == [eur("5.00"), eur("14.90")]
    assert (order["refunded"], order["net"]) == (eur("19.90"), eur("0.00"))
    assert [(one["id"], one["status"]) for one in order["returns"]] == [("ret", "open")]
    assert [(one["id"], one["status"]) for one in order["parcels"]] == [("p", "success")]


def test_what_was_left_behind_and_drafts_are_among_the_orders(shop: Counter) -> None:
    sarah = ordered(shop, "1", 2)
    left_behind(shop, "cart", 3)
    drafted(shop, "d", 1)
    cart, order, draft = orders(shop, sarah)
    assert [one["kind"] for one in (cart, order, draft)] == ["checkout", "order", "draft"]
    assert (cart["badges"], cart["status"], cart["counts"]) == (["abandoned"], "abandoned", False)
    assert (cart["total"], cart["lines"][0]["title"]) == (eur("4.50"), "Grüner Tee")
    assert (draft["number"], draft["status"], draft["lines"][0]["sku"]) == (
        "#Dd",
        "invoice_sent",
        "MUG-B",
    )
    assert ids(shop, sarah, kind="order") == ["1"]
    assert ids(shop, sarah, kind="checkout") == ids(shop, sarah, status="abandoned") == ["cart"]
    assert ids(shop, sarah, q="grüner") == ["cart"]
    pages = shop.pages(path(sarah), limit=1)
    assert [page[0]["id"] for page in pages] == ["cart", "1", "d"]


def test_an_order_from_a_checkout_that_was_left_behind_is_recovered(shop: Counter) -> None:
    sarah = left_behind(shop, "cart", 1)
    assert ids(shop, sarah) == ["cart"]
    ordered(shop, "1", 2, checkout_token="cart")  # noqa: S106 - it opens nothing
    (order,) = orders(shop, sarah)
    assert (order["kind"], order["badges"]) == ("order", ["recovered"])
    assert ids(shop, sarah, status="recovered") == ["1"]


def test_a_draft_that_became_an_order_is_that_order(shop: Counter) -> None:
    sarah = drafted(shop, "d", 1)
    ordered(shop, "1", 2)
    shop.store.told(
        "RecordDraftOrder", SARAH, draft_id="d", status="completed", total=eur("19.90"),
        created_at="2026-11-01T08:00:00Z", completed_at="2026-11-02T08:00:00Z", order_id="1",
    )  # fmt: skip
    assert ids(shop, sarah) == ["1"]


def test_one_order_is_read_by_its_id(shop: Counter) -> None:
    sarah = ordered(shop, "till/7 42")
    (order,) = orders(shop, sarah)
    assert shop.get(order["href"]) == order
    for name in ("1", "a%00b"):
        answer = shop.ask("GET", f"{path(sarah)}/{name}")
        assert (answer.status, answer.json()["code"]) == (404, "no_such_order")


def test_the_summary_adds_up(shop: Counter) -> None:
    sarah = ordered(shop, "1", 1, discount_total=eur("2.00"), items=[MUG, TEA])
    ordered(shop, "2", 2, items=[TEA])
    ordered(shop, "3", 3, cancelled_at="2026-11-03T11:00:00Z", items=[MUG])
    shop.store.told("RecordRefund", SARAH, order_id="1", refund_id="r", amount=eur("9.90"))
    shop.store.seen(**SARAH)
    shop.noticed()
    told = shop.get(f"{path(sarah)}/summary")
    profile = shop.store.profile(sarah)["commerce"]
    assert told["order_count"] == profile["order_count"] == 2
    assert told["total_spent"] == told["net_revenue"] == profile["lifetime_spend"] == eur("29.90")
    assert (told["gross"], told["refunded"]) == (eur("39.80"), eur("9.90"))
    assert told["average_order_value"] == eur("19.90")
    assert (told["discounted_orders"], told["undiscounted_orders"]) == (1, 1)
    assert told["discounts"] == eur("2.00")
    assert (told["visits"], told["joined_at"]) == (1, "2026-11-01T10:00:00Z")
    assert told["first_order_at"] == "2026-11-01T10:00:00Z"
    assert told["last_order_at"] == "2026-11-02T10:00:00Z"
    assert told["last_order"]["id"] == "2"
    assert told["last_order"]["lines"][0]["title"] == "Grüner Tee"
    assert [(one["title"], one["orders"], one["quantity"]) for one in told["top_products"]] == [
        ("Grüner Tee", 2, 2),
        ("Becher, blau", 1, 2),
    ]


def test_at_most_five_products_are_the_top(shop: Counter) -> None:
    for number in range(7):
        sarah = ordered(shop, str(number), items=[{**TEA, "product_id": str(number)}])
    shop.noticed()
    assert len(shop.get(f"{path(sarah)}/summary")["top_products"]) == 5


def test_the_days_since_the_last_order_pass(shop: Counter) -> None:
    sarah = shop.store.ordered("1", **SARAH)
    shop.noticed()
    days = shop.get(f"{path(sarah)}/summary")["days_since_last_order"]
    shop.store.ahead = timedelta(days=7)
    assert shop.get(f"{path(sarah)}/summary")["days_since_last_order"] == days + 7


def test_who_never_ordered_has_an_empty_summary(shop: Counter) -> None:
    sarah = shop.store.seen(**SARAH)
    shop.noticed()
    told = shop.get(f"{path(sarah)}/summary")
    assert (told["order_count"], told["total_spent"], told["last_order"]) == (0, None, None)
    assert (told["days_since_last_order"], told["top_products"]) == (None, [])
    assert orders(shop, sarah) == []


def test_nothing_crosses_a_namespace_and_no_cursor_a_list(shop: Counter) -> None:
    sarah = ordered(shop, "1", 1)
    ordered(shop, "2", 2)
    shop.noticed()
    cursor = shop.get(path(sarah), limit=1)["next_cursor"]
    other = shop.ask("GET", path(sarah), query={"cursor": cursor, "q": "1"})
    assert (other.status, other.fields()) == (422, {"cursor"})
    sandbox = shop.world.shop.sandbox.api_key
    for address in (path(sarah), f"{path(sarah)}/summary", f"{path(sarah)}/1"):
        assert shop.ask("GET", address, None, sandbox).status == 404
    foreign = shop.store.in_the_sandbox()
    mine = shop.ask("GET", path(foreign), None, sandbox, {"cursor": cursor})
    assert (mine.status, mine.json()["code"]) == (404, "no_such_cursor")


def test_after_a_merge_both_sides_orders_are_there_and_after_its_reversal_each_has_its_own(
    shop: Counter,
) -> None:
    sarah, tom = ordered(shop, "s"), shop.store.ordered("t", **TOM)
    merge = shop.store.merged(sarah, tom)
    assert ids(shop, sarah) == ids(shop, tom) == ["t", "s"]
    assert shop.get(f"{path(tom)}/summary")["order_count"] == 2
    ok(shop.store.post(f"/v1/merges/{merge}/reversal", {"reason": "two people"}))
    assert (ids(shop, sarah), ids(shop, tom)) == (["s"], ["t"])
    assert shop.get(f"{path(tom)}/summary")["order_count"] == 1
