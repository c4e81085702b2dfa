"""Consent over HTTP while two are taken for one, and after they have parted."""

from typing import Any

from tests.api.merges.store import Store, ok

ADA, BOB = {"email": "ada@mail.example"}, {"email": "bob@mail.example"}


def yes(store: Store, profile: dict[str, str]) -> str:
    told = store.told("GrantConsent", profile, channel="email", address=profile["email"], text="OK")
    return str(told["profile_id"])


def state(store: Store, known: str) -> str:
    return str(store.profile(known)["consents"]["email"]["state"])


def records(store: Store, known: str) -> list[dict[str, Any]]:
    return list(ok(store.get(f"/v1/profiles/{known}/consents"))["items"])


def test_the_united_profile_tells_the_consents_of_both(store: Store) -> None:
    ada, bob = yes(store, ADA), yes(store, BOB)
    store.merged(ada, bob)
    for known in (ada, bob):
        told = {record["address"]: record["subject"] for record in records(store, known)}
        assert told == {ADA["email"]: ada, BOB["email"]: bob}


def test_a_click_meanwhile_binds_both_when_they_part(store: Store) -> None:
    ada, bob = yes(store, ADA), yes(store, BOB)
    merge_id = store.merged(ada, bob)
    told = store.told("WithdrawConsent", BOB, source="unsubscribe_link")
    assert told["events"] == ["consent.withdrawn"] * 2
    ok(store.post(f"/v1/merges/{merge_id}/reversal", {"reason": "two people"}))
    for known in (ada, bob):
        assert state(store, known) == "unsubscribed"
        assert [record["state"] for record in records(store, known)] == [
            "unsubscribed",
            "subscribed",
        ]


def test_where_the_link_ends_one_address_only_a_click_meanwhile_stays_with_it(store: Store) -> None:
    store.settles(messaging={"unsubscribe_scope": "address"})
    ada, bob = yes(store, ADA), yes(store, BOB)
    merge_id = store.merged(ada, bob)
    bobs = {"channel": "email", "address": BOB["email"]}
    told = store.told("WithdrawConsent", ADA, source="unsubscribe_link", **bobs)
    assert told["events"] == ["consent.withdrawn"]
    ok(store.post(f"/v1/merges/{merge_id}/reversal", {"reason": "two people"}))
    assert (state(store, ada), state(store, bob)) == ("subscribed", "unsubscribed")
    assert records(store, bob)[0]["scope"] == "address"


def test_a_yes_meanwhile_stays_with_its_address(store: Store) -> None:
    ada, bob = store.seen(**ADA), store.seen(**BOB)
    merge_id = store.merged(ada, bob)
    yes(store, BOB)
    assert state(store, ada) == "subscribed"
    ok(store.post(f"/v1/merges/{merge_id}/reversal", {"reason": "two people"}))
    assert (state(store, ada), state(store, bob)) == ("never", "subscribed")
    assert records(store, ada) == []
