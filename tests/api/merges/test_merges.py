"""Two profiles become one, and two again, over HTTP."""

import pytest

from tests.api.merges.store import Store, ok

ADA, BOB = {"email": "ada@shop.example"}, {"email": "bob@shop.example"}


@pytest.fixture
def ada(store: Store) -> str:
    return store.ordered("1", **ADA)


@pytest.fixture
def bob(store: Store) -> str:
    return store.ordered("2", **BOB)


def test_an_old_id_answers_with_the_survivor_and_says_so(store: Store, ada: str, bob: str) -> None:
    store.merged(ada, bob)
    found = store.profile(bob)
    assert (found["id"], found["redirected_from"], found["stands_for"]) == (ada, bob, [bob])
    assert found["commerce"]["order_count"] == 2
    assert store.profile(ada)["redirected_from"] is None


def test_what_comes_for_the_absorbed_goes_to_the_survivor(store: Store, ada: str, bob: str) -> None:
    store.merged(ada, bob)
    assert store.ordered("3", **BOB) == ada
    assert store.orders(ada) == 3


def test_a_preview_does_nothing(store: Store, ada: str, bob: str) -> None:
    asked = {"survivor": ada, "absorbed": bob}
    united = ok(store.post("/v1/merges?preview=true", asked))["united"]
    assert (united["id"], united["commerce"]["order_count"]) == (ada, 2)
    assert store.orders(ada) == 1
    assert store.profile(bob)["id"] == bob


def test_undone_both_are_back_with_what_happened_to_each(store: Store, ada: str, bob: str) -> None:
    merge = store.merged(ada, bob)
    store.ordered("3", **BOB)
    store.ordered("4", **ADA)
    ok(store.post(f"/v1/merges/{merge}/reversal", {"reason": "another Bob"}))
    assert (store.orders(ada), store.orders(bob)) == (2, 2)
    assert store.ordered("5", **BOB) == bob


def test_who_got_what_meanwhile_is_told_before_and_after(store: Store, ada: str, bob: str) -> None:
    merge = store.merged(ada, bob)
    store.ordered("3", **BOB)
    (undone,) = ok(store.get(f"/v1/merges/{merge}/reversal"))["undone"]
    assert undone["merge"]["id"] == merge
    ok(store.post(f"/v1/merges/{merge}/reversal"))
    store.ordered("4", **BOB)
    after = ok(store.get(f"/v1/merges/{merge}"))["meanwhile"]
    assert undone["meanwhile"] == after
    assert (after["survivor"]["orders"], after["absorbed"]["orders"]) == (0, 1)
    assert after["absorbed"]["spent"] == {"amount": "10.00", "currency": "EUR"}
    assert {one["side"] for one in after["happenings"]} == {"absorbed"}


def test_a_merge_made_on_the_ground_of_another_goes_with_it(
    store: Store, ada: str, bob: str
) -> None:
    """Eve's phone was Bob's, not Ada's."""
    store.seen(**BOB, phone="+4915112345678")
    first = store.merged(ada, bob)
    eve = store.seen(cookie="eve")
    assert store.seen(cookie="eve", phone="+4915112345678") == ada
    undone = ok(store.get(f"/v1/merges/{first}/reversal"))["undone"]
    assert [one["merge"]["absorbed"] for one in undone] == [eve, bob]
    ok(store.post(f"/v1/merges/{first}/reversal"))
    assert store.profile(eve)["id"] == eve


def test_a_repeat_under_the_same_key_is_the_same_merge(store: Store, ada: str, bob: str) -> None:
    asked = {"survivor": ada, "absorbed": bob}
    first, again = (ok(store.post("/v1/merges", asked, key="m-1")) for _ in range(2))
    assert first == again
    assert len(ok(store.get(f"/v1/profiles/{ada}/merges"))["items"]) == 1


def test_a_command_may_name_the_profile_by_an_id_old_or_new(
    store: Store, ada: str, bob: str
) -> None:
    store.merged(ada, bob)
    for known in (ada, bob):
        told = store.told("RecordVisit", {"id": known}, visit_id=f"by-{known}")
        assert told["profile_id"] == ada
