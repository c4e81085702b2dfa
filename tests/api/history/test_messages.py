"""GET /v1/profiles/{id}/messages: was it sent, and if not, why not."""

from typing import Any

import pytest

from tests.api.merges.store import ok
from tests.api.segments.counter import Counter

SARAH, TOM = {"email": "sarah@shop.example"}, {"email": "tom@shop.example"}
MAIL = {"channel": "email", "address": SARAH["email"], "source": "campaign", "source_id": "autumn"}
COUPON = {**MAIL, "source": "automated", "source_id": "coupon"}


def sent(shop: Counter, name: str, **more: object) -> str:
    told = shop.store.told("RecordMessageSent", SARAH, message_id=name, **{**MAIL, **more})
    return str(told["profile_id"])


def path(known: str) -> str:
    return f"/v1/profiles/{known}/messages"


def messages(shop: Counter, known: str, **query: object) -> list[dict[str, Any]]:
    shop.noticed()
    return list(shop.get(path(known), **query)["items"])


def test_was_the_coupon_mail_sent(shop: Counter) -> None:
    sarah = sent(shop, "m-1", subject="Your coupon", preview="10 % off", **COUPON)
    (message,) = messages(shop, sarah)
    assert (message["status"], message["campaign"]) == ("sent", "coupon")
    assert message["sent_at"] == message["at"]
    assert (message["subject"], message["preview"]) == ("Your coupon", "10 % off")
    assert message["address"] == SARAH["email"]
    assert message["blocked"] is None


def test_a_blocked_message_tells_the_reason_with_its_numbers(shop: Counter) -> None:
    shop.store.told("GrantConsent", SARAH, channel="email", address=SARAH["email"], text="Yes")
    for number in range(3):
        sarah = sent(shop, f"m-{number}")
    shop.store.told("RequestSend", SARAH, message_id="too-many", **MAIL)
    (message,) = messages(shop, sarah, status="blocked")
    assert (message["id"], message["sent_at"]) == ("too-many", None)
    assert message["blocked"]["reason"] == "daily_cap_reached:3/3"
    assert message["blocked"]["said"].startswith("The customer has had as many messages today")
    (caps,) = (check for check in message["blocked"]["checks"] if check["check"] == "caps")
    assert (caps["count"], caps["limit"]) == (3, 3)
    assert message["blocked"]["retry_at"] is not None


def test_messages_are_filtered_by_status_and_campaign(shop: Counter) -> None:
    sarah = sent(shop, "a")
    sent(shop, "c", **COUPON)
    shop.store.told("RecordMessageOpened", SARAH, message_id="a")
    assert [one["id"] for one in messages(shop, sarah, status="opened")] == ["a"]
    assert [one["id"] for one in messages(shop, sarah, campaign="coupon")] == ["c"]
    assert messages(shop, sarah, campaign="coupon", status="opened") == []
    assert len(shop.get(f"{path(sarah)}?status=opened&status=sent")["items"]) == 2
    assert shop.ask("GET", path(sarah), query={"status": "lost"}).fields() == {"status.0"}
    assert shop.ask("GET", path(sarah), query={"campaign": "a\0"}).fields() == {"campaign"}


def test_pages_follow_each_other_without_a_gap(shop: Counter) -> None:
    for number in range(5):
        sarah = sent(shop, f"m-{number}")
    shop.noticed()
    pages = shop.pages(path(sarah), limit=2)
    assert [[one["id"] for one in page] for page in pages] == [
        ["m-4", "m-3"],
        ["m-2", "m-1"],
        ["m-0"],
    ]
    cursor = shop.get(path(sarah), limit=2)["next_cursor"]
    other = shop.ask("GET", path(sarah), query={"cursor": cursor, "status": "sent"})
    assert (other.status, other.fields()) == (422, {"cursor"})
    sandbox = shop.world.shop.sandbox.api_key
    assert shop.ask("GET", path(sarah), None, sandbox, {"cursor": cursor}).status == 404
    assert shop.ask("GET", path(sarah), None, sandbox).status == 404


def test_a_message_is_told_with_its_whole_history(shop: Counter) -> None:
    sarah = sent(shop, "news/17", subject="News")
    shop.store.told("RecordMessageOpened", SARAH, message_id="news/17")
    shop.store.told("RecordMessageClicked", SARAH, message_id="news/17", url="https://s.example")
    (message,) = messages(shop, sarah)
    told = shop.get(message["href"])
    assert told["message"] == message
    assert list(message["moments"]) == ["sent", "opened", "clicked"]
    topics = [entry["event"]["topic"] for entry in told["history"]]
    assert topics == ["messages.clicked", "messages.opened", "messages.sent"]
    assert {entry["status"] for entry in told["history"]} == {"clicked"}


@pytest.mark.parametrize("name", ["nobody", "a%00b", "%2F", "x" * 300])
def test_a_message_there_is_not_cannot_be_read(shop: Counter, name: str) -> None:
    sarah = sent(shop, "m-1")
    shop.noticed()
    answer = shop.ask("GET", f"{path(sarah)}/{name}")
    assert (answer.status, answer.json()["code"]) == (404, "no_such_message")


def test_another_customers_message_cannot_be_read(shop: Counter) -> None:
    sent(shop, "m-1")
    tom = shop.store.seen(**TOM)
    shop.noticed()
    assert shop.ask("GET", f"{path(tom)}/m-1").status == 404


def test_it_can_be_sent_once_more(shop: Counter) -> None:
    sarah = sent(shop, "m-1", message_class="transactional")
    (message,) = messages(shop, sarah)
    again = {**message["resend"], "id": "again", "message_id": "m-2"}
    assert ok(shop.ask("POST", "/v1/commands", again))["decision"]["allowed"] is True
    (newest, _) = messages(shop, sarah)
    assert (newest["id"], newest["status"], newest["resend"]) == ("m-2", "reserved", None)
    assert (newest["campaign"], newest["address"]) == (message["campaign"], message["address"])


def test_campaigns_tell_what_became_of_their_messages(shop: Counter) -> None:
    sarah = sent(shop, "a-1")
    sent(shop, "a-2")
    sent(shop, "c", **COUPON)
    shop.store.told("RecordMessageClicked", SARAH, message_id="a-1")
    shop.store.told("RequestSend", SARAH, message_id="a-3", **MAIL)
    shop.noticed()
    pages = shop.pages(f"/v1/profiles/{sarah}/campaigns", limit=1)
    autumn, coupon = (page[0] for page in pages)
    counts = {"messages": 3, "sent": 2, "opened": 1, "acted": 1, "blocked": 1}
    assert autumn.items() >= {"source": "campaign", "campaign": "autumn", **counts}.items()
    assert coupon.items() >= {"source": "automated", "campaign": "coupon", "sent": 1}.items()
    assert len(shop.get(autumn["href"])["items"]) == 3


def test_after_a_merge_both_had_their_messages_and_after_its_reversal_each_theirs(
    shop: Counter,
) -> None:
    sarah = sent(shop, "s")
    told = shop.store.told(
        "RecordMessageSent", TOM, message_id="t", channel="email", address=TOM["email"]
    )
    tom = str(told["profile_id"])
    merge = shop.store.merged(sarah, tom)
    assert [one["id"] for one in messages(shop, tom)] == ["t", "s"]
    ok(shop.store.post(f"/v1/merges/{merge}/reversal", {"reason": "two people"}))
    assert [one["id"] for one in messages(shop, sarah)] == ["s"]
    assert [one["id"] for one in messages(shop, tom)] == ["t"]


def test_of_an_erased_customer_only_the_facts_remain(shop: Counter) -> None:
    sarah = sent(shop, "m-1", subject="For Sarah")
    shop.store.erased(sarah)
    (message,) = messages(shop, sarah)
    assert (message["status"], message["subject"], message["address"]) == ("sent", None, None)
