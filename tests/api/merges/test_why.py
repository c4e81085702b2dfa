"""Why two are one profile or are not, and what a profile is known by, over HTTP."""

from typing import Any
from urllib.parse import quote
from uuid import uuid4

import pytest

from tests.api.merges.store import Store, ok

ADA, BOB = {"email": "ada@shop.example"}, {"email": "bob@shop.example"}
PHONE = "+4915112345678"


def why(store: Store, one: str, other: str) -> dict[str, Any]:
    told = ok(store.get(f"/v1/profiles/{one}/why?other={quote(other, safe='')}"))
    for reason in told["because"]:
        assert "shop.example" not in reason["said"]
        assert PHONE not in reason["said"]
        if reason["event"] is not None:
            stands(store, reason["event"])
    return told


def stands(store: Store, event: dict[str, Any]) -> None:
    """The history tells the same under this stream and version."""
    path = f"/v1/profiles/{event['stream']}/events?from_version={event['version']}&limit=1"
    (found,) = ok(store.get(path))["items"]
    assert (found["type"], found["occurred_at"]) == (event["type"], event["occurred_at"])


def rules(told: dict[str, Any]) -> list[str]:
    return [reason["rule"] for reason in told["because"]]


def known_by(store: Store, who: str) -> list[dict[str, Any]]:
    found = ok(store.get(f"/v1/profiles/{who}/identifiers"))
    assert found["next_cursor"] is None
    for one in found["items"]:
        stands(store, one["event"])
    return list(found["items"])


# --- why they are one ---


def test_merged_by_a_rule_the_merge_and_its_evidence_are_told(store: Store) -> None:
    visitor = store.seen(cookie="k")
    ada = store.ordered("1", **ADA)
    assert store.seen(**ADA, cookie="k") == ada
    told = why(store, ada, visitor)
    (reason,) = told["because"]
    assert told["together"]
    assert (reason["rule"], reason["identifiers"]) == ("same_cookie", ["cookie"])
    assert reason["event"]["type"] == "lineage.absorbed"
    assert ok(store.get(f"/v1/merges/{reason['merge_id']}"))["merge"]["absorbed"] == visitor
    assert why(store, visitor, ada)["because"] == told["because"]


def test_nested_merges_by_hand_are_told_one_after_the_other(store: Store) -> None:
    ada, bob = store.ordered("1", **ADA), store.ordered("2", **BOB)
    eve = store.ordered("3", email="eve@shop.example")
    merges = [store.merged(ada, bob), store.merged(eve, ada)]
    told = why(store, bob, eve)
    assert told["together"]
    assert [reason["merge_id"] for reason in told["because"]] == merges
    assert rules(told) == ["by_hand", "by_hand"]


def test_a_candidate_that_was_accepted_is_named(store: Store) -> None:
    bob, ada = store.ordered("1", **BOB, phone=PHONE), store.ordered("2", **ADA, phone=PHONE)
    (asked,) = why(store, ada, bob)["because"]
    ok(store.post(f"/v1/merge-candidates/{asked['candidate_id']}/acceptance"))
    (reason,) = why(store, ada, bob)["because"]
    assert (reason["rule"], reason["identifiers"]) == ("same_phone", ["phone"])
    assert reason["candidate_id"] == asked["candidate_id"]
    assert reason["said"].startswith("Somebody accepted")


def test_an_identifier_is_led_to_and_then_explained(store: Store) -> None:
    ada, bob = store.ordered("1", **ADA), store.ordered("2", **BOB)
    store.merged(ada, bob)
    told = why(store, ada, f"email={BOB['email']}")
    assert (told["together"], rules(told)) == (True, ["by_hand", "linked"])
    assert told["because"][1]["event"]["stream"] == bob
    assert rules(why(store, ada, f"email={ADA['email'].upper()}")) == ["linked"]


def test_the_same_profile_is_itself(store: Store) -> None:
    ada = store.ordered("1", **ADA)
    assert why(store, ada, ada) == {"together": True, "because": []}


# --- why they are not ---


def test_nothing_links_them(store: Store) -> None:
    told = why(store, store.ordered("1", **ADA), store.ordered("2", **BOB))
    assert (told["together"], rules(told)) == (False, ["nothing_links_them"])
    assert told["because"][0]["event"] is None


def test_a_shared_phone_is_asked_about_then_rejected(store: Store) -> None:
    bob, ada = (
        store.ordered("1", **BOB, phone=PHONE),
        store.ordered("2", **ADA, phone=PHONE),
    )
    (asked,) = why(store, ada, f"phone={PHONE}")["because"]
    assert (asked["rule"], asked["score"], asked["identifiers"]) == (
        "open_candidate",
        0.5,
        ["phone"],
    )
    ok(store.post(f"/v1/merge-candidates/{asked['candidate_id']}/rejection", {"reason": "sisters"}))
    told = why(store, bob, ada)
    assert (told["together"], rules(told)) == (False, ["kept_apart", "seen_with_both"])
    lock, _ = told["because"]
    assert (lock["rule"], lock["candidate_id"]) == ("kept_apart", asked["candidate_id"])
    assert lock["event"]["by"].startswith("key:c360_live_")


def test_a_merge_that_was_undone_keeps_them_apart(store: Store) -> None:
    ada, bob = store.ordered("1", **ADA), store.ordered("2", **BOB)
    merge = store.merged(ada, bob)
    ok(store.post(f"/v1/merges/{merge}/reversal"))
    (lock,) = why(store, ada, bob)["because"]
    assert (lock["rule"], lock["merge_id"]) == ("kept_apart", merge)


def test_two_accounts_with_one_phone(store: Store) -> None:
    one = store.ordered("1", shopify_customer_id="41", phone=PHONE)
    other = store.ordered("2", shopify_customer_id="42", phone=PHONE)
    assert rules(why(store, one, other)) == ["open_candidate", "two_accounts"]


def test_a_device_that_switched(store: Store) -> None:
    one = store.ordered("1", shopify_customer_id="41", cookie="k")
    other = store.ordered("2", shopify_customer_id="42", cookie="k")
    assert rules(why(store, one, other)) == ["device_switched", "two_accounts"]


def test_a_phone_of_a_whole_office(store: Store) -> None:
    first, *_, last = (
        store.ordered(f"{n}", email=f"a{n}@shop.example", phone=PHONE) for n in range(4)
    )
    assert "shared_value" in rules(why(store, first, store.seen(email="a2@shop.example")))
    assert first != last
    (phone,) = (one for one in known_by(store, first) if one["kind"] == "phone")
    assert (phone["live"], phone["shared"]) == (True, True)


def test_a_phone_of_a_family_is_only_one_of_theirs(store: Store) -> None:
    _, daughter, son = (
        store.ordered(f"{n}", email=f"a{n}@shop.example", phone=PHONE) for n in range(3)
    )
    told = why(store, daughter, son)
    assert (told["together"], rules(told)) == (False, ["used_by_both"])


def test_a_sixth_address_was_left_aside(store: Store) -> None:
    account = {"shopify_customer_id": "41"}
    for n in range(6):
        who = store.ordered(f"{n}", **account, email=f"a{n}@shop.example")
    left = known_by(store, who)[-1]
    assert (left["value"], left["live"], left["why_not"]) == ("a5@shop.example", False, "limit")
    assert rules(why(store, who, "email=a5@shop.example")) == ["limit"]
    other = store.ordered("7", email="a5@shop.example")
    assert "limit" in rules(why(store, other, who))


# --- what a profile is known by ---


def test_each_identifier_says_whose_part_it_came_by_and_which_event_says_so(store: Store) -> None:
    ada, bob = store.ordered("1", **ADA), store.ordered("2", **BOB)
    store.merged(ada, bob)
    told = [(one["value"], one["subject"], one["event"]["stream"]) for one in known_by(store, ada)]
    assert told == [(ADA["email"], ada, ada), (BOB["email"], bob, bob)]
    assert known_by(store, bob) == known_by(store, ada)


def test_what_was_unlinked_is_still_told(store: Store) -> None:
    ada = store.ordered("1", **ADA, phone=PHONE)
    store.told("UnlinkIdentifier", ADA, kind="phone", value=PHONE, reason="an old number")
    mail, phone = known_by(store, ada)
    assert (mail["live"], mail["why_not"]) == (True, None)
    assert (phone["live"], phone["why_not"]) == (False, "unlinked")
    assert rules(why(store, ada, f"phone={PHONE}")) == ["unlinked"]


# --- what cannot be asked ---


@pytest.mark.parametrize("query", ["", "?other=", "?other=ada", "?other=email%3Dx", "?other=q%3Dx"])
def test_the_other_must_be_an_id_or_an_identifier(store: Store, query: str) -> None:
    answer = store.get(f"/v1/profiles/{store.ordered('1', **ADA)}/why{query}")
    assert (answer.status, answer.fields()) == (422, {"other"})


def test_nobody_is_found_here(store: Store) -> None:
    ada = store.ordered("1", **ADA)
    for other in (str(uuid4()), "email=nobody@shop.example", "email=noreply@shop.example"):
        answer = store.get(f"/v1/profiles/{ada}/why?other={quote(other)}")
        assert (answer.status, answer.fields()) == (404, {"other"})
    for one in (str(uuid4()), "nonsense"):
        assert store.get(f"/v1/profiles/{one}/why?other={ada}").status == 404


def test_nobody_of_another_namespace_is_found(store: Store) -> None:
    ada = store.ordered("1", **ADA)
    with store.in_sandbox():
        bob = store.ordered("2", **BOB)
        assert store.get(f"/v1/profiles/{ada}/why?other={bob}").status == 404
        assert store.get(f"/v1/profiles/{ada}/identifiers").status == 404
        for other in (ada, f"email={ADA['email']}"):
            answer = store.get(f"/v1/profiles/{bob}/why?other={quote(other)}")
            assert (answer.status, answer.fields()) == (404, {"other"})
