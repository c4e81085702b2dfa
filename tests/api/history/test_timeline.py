"""GET /v1/profiles/{id}/timeline: everything in one list, also of those who were merged."""

from typing import Any

from api.shops.keys import prefix_of
from tests.api.merges.store import ok
from tests.api.segments.counter import Counter
from tests.fuzz.world import asked, bearer

SARAH, TOM = {"email": "sarah@shop.example"}, {"email": "tom@shop.example"}
MAIL = {"channel": "email", "address": SARAH["email"], "source": "campaign", "source_id": "autumn"}


def path(known: str) -> str:
    return f"/v1/profiles/{known}/timeline"


def timeline(shop: Counter, known: str, **query: object) -> list[dict[str, Any]]:
    """All pages."""
    shop.noticed()
    return [dict(one) for page in shop.pages(path(known), **query) for one in page]


def of(entries: list[dict[str, Any]], *kinds: str) -> list[str]:
    return [entry["title"] for entry in entries if entry["kind"] in kinds]


def test_what_happened_last_is_first_and_says_where_it_came_from(shop: Counter) -> None:
    sarah = shop.store.ordered("1001", **SARAH)
    visit = shop.store.told("RecordVisit", SARAH, visit_id="v", occurred_at="2026-11-21T09:00:00Z")
    entries = timeline(shop, sarah)
    assert entries == sorted(entries, key=lambda entry: str(entry["at"]), reverse=True)
    (seen,) = (entry for entry in entries if entry["kind"] == "visit")
    assert seen["title"] == "Came to the shop"
    assert seen["at"] == "2026-11-21T09:00:00Z"
    assert seen["by"] == f"key:{prefix_of(shop.world.shop.live.api_key)}"
    assert (seen["source"]["kind"], seen["status"], seen["why"]) == ("api", None, None)
    event = {"id": sarah, "version": visit["version"], "topic": "visits.started"}
    assert seen["event"].items() >= event.items()
    (told,) = shop.get(seen["event"]["href"])["items"]
    assert (told["type"], told["version"]) == (event["topic"], event["version"])


def test_an_entry_leads_to_what_it_is_about(shop: Counter) -> None:
    sarah = shop.store.ordered("1001", **SARAH)
    (order,) = timeline(shop, sarah, kind="order")
    assert order["title"] == "Order 1001 placed: 10.00 EUR"
    assert order["about"]["type"] == "order"
    assert order["about"]["href"] == f"/v1/profiles/{sarah}/orders/1001"


def test_only_the_kinds_asked_for(shop: Counter) -> None:
    sarah = shop.store.ordered("1001", **SARAH)
    shop.store.seen(**SARAH)
    shop.noticed()
    shown = shop.get(f"{path(sarah)}?kind=order&kind=visit")["items"]
    assert sorted(entry["kind"] for entry in shown) == ["order", "visit"]
    assert shop.ask("GET", path(sarah), query={"kind": "orders"}).fields() == {"kind.0"}


def test_pages_follow_each_other_without_a_gap(shop: Counter) -> None:
    for number in range(7):
        sarah = shop.store.ordered(str(number), **SARAH)
    shop.noticed()
    pages = shop.pages(path(sarah), limit=3, kind="order")
    assert [len(page) for page in pages] == [3, 3, 1]
    assert len({entry["about"]["id"] for page in pages for entry in page}) == 7


def test_a_cursor_is_good_for_its_own_timeline_only(shop: Counter) -> None:
    sarah, tom = shop.store.ordered("1", **SARAH), shop.store.ordered("2", **TOM)
    shop.noticed()
    cursor = shop.get(path(sarah), limit=1)["next_cursor"]
    assert shop.ask("GET", path(tom), query={"cursor": cursor}).fields() == {"cursor"}
    narrowed = shop.ask("GET", path(sarah), query={"cursor": cursor, "kind": "order"})
    assert narrowed.fields() == {"cursor"}
    tampered = shop.ask("GET", path(sarah), query={"cursor": cursor[:-4] + "AAAA"})
    assert (tampered.status, tampered.fields()) == (422, {"cursor"})
    sandbox = shop.world.shop.sandbox.api_key
    assert shop.ask("GET", path(sarah), None, sandbox, {"cursor": cursor}).status == 404


def test_another_namespace_has_no_such_customer(shop: Counter) -> None:
    sarah = shop.store.ordered("1", **SARAH)
    shop.noticed()
    assert shop.ask("GET", path(sarah), None, shop.world.shop.sandbox.api_key).status == 404
    assert shop.ask("GET", path(shop.store.in_the_sandbox())).status == 404


def test_a_message_shows_how_it_stands_today(shop: Counter) -> None:
    told = shop.store.told("RecordMessageSent", SARAH, message_id="m-1", subject="20 % off", **MAIL)
    sarah = str(told["profile_id"])
    shop.store.told("RecordMessageOpened", SARAH, message_id="m-1")
    opened, sent = timeline(shop, sarah, kind="message")
    assert (opened["title"], sent["title"]) == (
        "E-mail opened",
        "E-mail sent: 20 % off, for autumn",
    )
    assert (opened["status"], sent["status"]) == ("opened", "opened")
    assert sent["about"]["href"] == f"/v1/profiles/{sarah}/messages/m-1"


def test_a_blocked_message_says_why(shop: Counter) -> None:
    sarah = shop.store.seen(**SARAH)
    shop.store.told("RequestSend", SARAH, message_id="m-1", **MAIL)
    (blocked,) = timeline(shop, sarah, kind="message")
    assert blocked["status"] == "blocked"
    assert blocked["why"]["rule"] == "no_consent:email"
    assert blocked["why"]["said"] == "The customer has not agreed to messages on this channel."
    assert blocked["why"]["decision"]["checks"][0] == {
        "check": "consent",
        "passed": False,
        "reason": "no_consent:email",
    }


def test_the_merged_have_one_timeline_and_each_their_own_again_afterwards(shop: Counter) -> None:
    sarah, tom = shop.store.ordered("1", **SARAH), shop.store.ordered("2", **TOM)
    apart = {known: of(timeline(shop, known), "order") for known in (sarah, tom)}
    merge = shop.store.merged(sarah, tom, reason="the same person")
    shop.store.ordered("3", **TOM)
    both = of(timeline(shop, sarah), "order")
    assert sorted(both) == [f"Order {n} placed: 10.00 EUR" for n in (1, 2, 3)]
    assert of(timeline(shop, tom), "order") == both, "the absorbed one leads to the survivor"
    told = timeline(shop, sarah, kind="merge")
    assert {entry["about"]["href"] for entry in told} == {f"/v1/merges/{merge}"}
    assert {entry["why"] and entry["why"]["rule"] for entry in told} == {"by_hand", None}
    ok(shop.store.post(f"/v1/merges/{merge}/reversal", {"reason": "two people"}))
    assert of(timeline(shop, sarah), "order") == apart[sarah] == ["Order 1 placed: 10.00 EUR"]
    titles = ["Order 3 placed: 10.00 EUR", "Order 2 placed: 10.00 EUR"]
    assert sorted(of(timeline(shop, tom), "order")) == sorted(titles)
    undone = f"The merge into customer {sarah} was undone"
    assert undone in of(timeline(shop, tom), "merge")


def test_before_the_read_models_are_made_one_is_asked_to_wait(shop: Counter) -> None:
    sarah = shop.store.ordered("1", **SARAH)
    headers = bearer(shop.world.shop.live.api_key)
    answer = shop.world.loop.run(asked(shop.world.app, "GET", path(sarah), headers, ()))
    assert (answer.status, answer.json()["code"]) == (503, "catching_up")
