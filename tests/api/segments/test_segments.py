"""Segments over HTTP: named rules, checked before they are kept."""

from typing import Any
from uuid import uuid4

import psycopg
import pytest

from tests.api.merges.store import ok
from tests.api.segments.counter import Counter
from tests.fuzz.world import Answer, asked, bearer

SARAH, TOM = {"email": "sarah@shop.example"}, {"email": "tom@shop.example"}
BUYERS = "bought at least 1 time"
VIP = {"kind": "tag", "tag": "vip"}


def post(shop: Counter, **body: object) -> Answer:
    return shop.ask("POST", "/v1/segments", body)


def fault(answer: Answer) -> dict[str, str]:
    assert answer.status == 422
    return {one["field"]: one["problem"] for one in answer.json()["errors"]}


def test_a_rule_may_be_said_in_words(shop: Counter) -> None:
    segment = shop.made(f'{BUYERS} in the last 90 days and tagged "vip"', "Regulars")
    told = shop.get(f"/v1/segments/{segment}")
    assert told["name"] == "Regulars"
    assert told["text"] == 'bought at least 1 time in the last 90 days and tagged "vip"'
    window = {"kind": "orders", "compare": "at_least", "count": 1, "window": {"days": 90}}
    assert told["rule"] == {"kind": "all", "all": [window, VIP]}
    assert (told["members"], told["settled_at"] is not None) == (0, True)


def test_what_is_wrong_with_a_rule_is_told_with_its_place(shop: Counter) -> None:
    window = {"kind": "orders", "compare": "over", "count": 1, "window": {"days": -3}}
    rule: dict[str, Any] = {"kind": "all", "all": [VIP, VIP, window]}
    assert fault(post(shop, name="x", rule=rule)).keys() == {"rule.all[2].window.days"}
    wrong = {"kind": "text", "field": "visits", "test": "is", "value": "3"}
    assert "takes the kind visits" in fault(post(shop, name="x", rule=wrong))["rule.field"]
    for amount in ("many", 3, "NaN", "1e400", "0.0000001"):
        spend = {"kind": "spend", "compare": "over", "amount": amount}
        assert fault(post(shop, name="x", rule=spend)).keys() == {"rule.amount"}
    unknown = {"kind": "all", "all": [{"kind": "horoscope"}]}
    assert "segment" in fault(post(shop, name="x", rule=unknown))["rule.all[0].kind"]
    deep: dict[str, Any] = VIP
    for _ in range(25):
        deep = {"kind": "not", "not": deep}
    assert "nested" in next(iter(fault(post(shop, name="x", rule=deep)).values()))
    assert "character 9" in fault(post(shop, name="x", text="city is Wien"))["text"]
    assert "either" in fault(post(shop, name="x"))["rule"]
    assert "rule" in fault(post(shop, name="x", rule=VIP, text=BUYERS))
    assert "name" in fault(post(shop, name="a\nb", rule=VIP))


def test_what_is_said_is_limited_as_what_is_written(shop: Counter) -> None:
    """Or it could be kept, and no segment of the shop be read again."""
    many = " and ".join(['tagged "vip"'] * 101)
    for text in (many, 'bought sku "m" at least 0 times', "stage is " + ", ".join(["new"] * 7)):
        assert "expected" in fault(post(shop, name="x", text=text))["text"]
    shop.noticed()
    assert shop.get("/v1/segments")["items"] == []


def test_rules_nested_beyond_all_reason_are_answered_too(shop: Counter) -> None:
    rule = '{"kind":"not","not":' * 9_000 + '{"kind":"all","all":[]}' + "}" * 9_000
    body = f'{{"name":"x","rule":{rule}}}'.encode()
    headers = bearer(shop.world.shop.live.api_key)
    assert shop.world.call("POST", "/v1/segments", headers, body).status == 400


def test_two_segments_have_two_names(shop: Counter) -> None:
    ok(post(shop, name="x", text=BUYERS))
    answer = post(shop, name="x", text="nobody")
    assert (answer.status, answer.json()["code"]) == (409, "name_taken")


def test_a_changed_rule_changes_the_members(shop: Counter) -> None:
    sarah, tom = shop.store.ordered("1", **SARAH), shop.store.seen(**TOM)
    segment = shop.made(BUYERS)
    assert shop.members(segment) == [sarah]
    changed = {"name": "Visitors", "text": "visits at least 1"}
    told = ok(shop.ask("PUT", f"/v1/segments/{segment}", changed))
    assert told["settled_at"] is None
    shop.noticed()
    assert shop.members(segment) == [tom]
    renamed = {"name": "Guests", "text": "visits at least 1"}
    told = ok(shop.ask("PUT", f"/v1/segments/{segment}", renamed))
    assert (told["name"], told["settled_at"] is not None) == ("Guests", True)


def test_segments_may_name_each_other_but_not_themselves(shop: Counter) -> None:
    sarah, _ = shop.store.ordered("1", **SARAH), shop.store.seen(**TOM)
    inner = shop.made(BUYERS, "inner")
    outer = shop.made(f"in segment {inner} and visits exactly 0", "outer")
    assert shop.members(outer) == [sarah]
    circle = {"name": "inner", "text": f"{BUYERS} or in segment {outer}"}
    answer = shop.ask("PUT", f"/v1/segments/{inner}", circle)
    assert "depend on itself" in fault(answer)["rule.any[1].segment_id"]
    used = shop.ask("DELETE", f"/v1/segments/{inner}")
    assert (used.status, used.json()["code"]) == (409, "segment_in_use")
    ok(shop.ask("PUT", f"/v1/segments/{inner}", {"name": "inner", "text": "nobody"}))
    shop.noticed()
    assert shop.members(outer) == []


def test_a_segment_that_was_thrown_away_is_gone(shop: Counter) -> None:
    segment = shop.made("everybody")
    ok(shop.ask("DELETE", f"/v1/segments/{segment}"))
    for path in ("", "/members", "/changes", f"/why/{uuid4()}"):
        answer = shop.ask("GET", f"/v1/segments/{segment}{path}")
        assert (answer.status, answer.json()["code"]) == (404, "no_such_segment")


def test_what_is_no_id_is_no_segment(shop: Counter) -> None:
    answer = shop.ask("GET", "/v1/segments/regulars")
    assert (answer.status, answer.json()["code"]) == (404, "no_such_segment")
    assert shop.ask("PUT", "/v1/segments/preview", {}).status == 405


def test_the_list_is_sorted_by_name(shop: Counter) -> None:
    for name in ("c", "a", "b"):
        ok(post(shop, name=name, text="nobody"))
    shop.noticed()
    pages = shop.pages("/v1/segments", limit=2)
    assert [[one["name"] for one in page] for page in pages] == [["a", "b"], ["c"]]


def test_a_preview_counts_and_shows_some(shop: Counter) -> None:
    for number in range(12):
        shop.store.ordered(str(number), email=f"p{number}@shop.example")
    shop.store.seen(**TOM)
    shop.noticed()
    seen = ok(shop.ask("POST", "/v1/segments/preview", {"text": BUYERS}))
    assert (seen["count"], len(seen["sample"]), seen["text"]) == (12, 10, BUYERS)
    assert seen["sample"][0].keys() == {"profile_id", "name", "email"}
    assert shop.get("/v1/segments")["items"] == []


def test_a_preview_that_takes_too_long_is_refused(
    shop: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.store.seen(**TOM)
    shop.noticed()
    monkeypatch.setattr("api.segments.lists.PATIENCE", "50ms")
    with psycopg.connect(shop.world.dsn) as blocking:  # as slow as can be
        blocking.execute("LOCK TABLE rm_customers.customers IN ACCESS EXCLUSIVE MODE")
        answer = shop.ask("POST", "/v1/segments/preview", {"text": BUYERS})
    assert (answer.status, answer.json()["code"]) == (422, "too_expensive")


def test_another_world_sees_nothing_of_it(shop: Counter) -> None:
    segment, foreign = shop.made("everybody"), shop.world.shop.sandbox.api_key
    for method, path, body in (
        ("GET", "", None),
        ("PUT", "", {"name": "mine", "text": "nobody"}),
        ("DELETE", "", None),
        ("GET", "/members", None),
        ("GET", "/changes", None),
        ("GET", f"/why/{uuid4()}", None),
    ):
        answer = shop.ask(method, f"/v1/segments/{segment}{path}", body, foreign)
        assert (answer.status, answer.json()["code"]) == (404, "no_such_segment")
    named = {"name": "x", "text": f"in segment {segment}"}
    assert (
        "no such segment"
        in fault(shop.ask("POST", "/v1/segments", named, foreign))["rule.segment_id"]
    )
    assert ok(shop.ask("GET", "/v1/segments", None, foreign))["items"] == []
    assert ok(shop.ask("POST", "/v1/segments", {"name": "Some", "text": "nobody"}, foreign))


def test_only_who_may_write_makes_segments(shop: Counter) -> None:
    shop.world.rows("UPDATE api_keys SET scopes = '{read}' RETURNING 1")
    shop.noticed()
    assert post(shop, name="x", text=BUYERS).status == 403
    assert shop.ask("POST", "/v1/segments/preview", {"text": BUYERS}).status == 200


def test_before_the_read_models_are_made_one_is_asked_to_wait(shop: Counter) -> None:
    headers = bearer(shop.world.shop.live.api_key)
    asking = asked(shop.world.app, "GET", "/v1/segments", headers, ())
    answer: Answer = shop.world.loop.run(asking)
    assert (answer.status, answer.json()["code"]) == (503, "catching_up")
