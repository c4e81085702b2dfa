"""Who might be one person, and what follows from the answer."""

import pytest

from tests.api.merges.store import Store, ok

ADA, BOB = {"email": "ada@shop.example"}, {"email": "bob@shop.example"}
PHONE = "+4915112345678"


@pytest.fixture
def pair(store: Store) -> tuple[str, str]:
    """Both have given the same phone."""
    bob = store.ordered("1", **BOB, phone=PHONE)
    ada = store.ordered("2", **ADA, phone=PHONE)
    return ada, bob


def candidates(store: Store) -> list[dict[str, object]]:
    return list(ok(store.get("/v1/merge-candidates"))["items"])


def test_two_who_share_a_phone_are_asked_about_once(store: Store, pair: tuple[str, str]) -> None:
    store.ordered("3", **ADA, phone=PHONE)
    (one,) = candidates(store)
    assert one["profiles"] == list(pair)
    assert (one["rule"], one["outcome"]) == ("same_phone", None)
    assert store.profile(pair[0])["id"] != store.profile(pair[1])["id"]


def test_accepted_they_are_one_and_undone_they_are_two(store: Store, pair: tuple[str, str]) -> None:
    ada, bob = pair
    (one,) = candidates(store)
    merge = ok(store.post(f"/v1/merge-candidates/{one['id']}/acceptance", {"reason": "I asked"}))
    assert (merge["survivor"], merge["absorbed"]) == (ada, bob)
    assert candidates(store) == []
    assert store.orders(bob) == 2
    ok(store.post(f"/v1/merges/{merge['id']}/reversal"))
    assert (store.orders(ada), store.orders(bob)) == (1, 1)


def test_rejected_nothing_asks_again_and_no_rule_unites_them(
    store: Store, pair: tuple[str, str]
) -> None:
    ada, bob = pair
    (one,) = candidates(store)
    told = ok(store.post(f"/v1/merge-candidates/{one['id']}/rejection", {"reason": "sisters"}))
    assert told["outcome"] == "rejected"
    store.seen(email="ada@shop.example", cookie="k")
    store.told("RecordVisit", {**ADA, "cookie": "k2"}, visit_id="v")
    both = store.told("RecordVisit", {"email": BOB["email"], "phone": PHONE}, visit_id="w")
    assert both["profile_id"] == bob
    assert candidates(store) == []
    assert store.profile(ada)["id"] == ada


def test_answered_once_it_is_closed(store: Store, pair: tuple[str, str]) -> None:
    (one,) = candidates(store)
    ok(store.post(f"/v1/merge-candidates/{one['id']}/rejection"))
    for answer in ("acceptance", "rejection"):
        said = store.post(f"/v1/merge-candidates/{one['id']}/{answer}")
        assert (said.status, said.json()["code"]) == (409, "already_closed")


def test_later_evidence_closes_it_by_itself(store: Store, pair: tuple[str, str]) -> None:
    """Both addresses in one order: the same person."""
    store.told("RecordVisit", {"shopify_customer_id": "42", "email": ADA["email"]}, visit_id="v1")
    store.told("LinkIdentifier", {"shopify_customer_id": "42"}, kind="email", value=BOB["email"])
    assert candidates(store) == []
    assert store.orders(pair[0]) == 2


def test_a_shared_device_changes_hands_and_is_asked_about(store: Store) -> None:
    """A guest's cookie, and then a mail to somebody else is opened on it."""
    guest = store.ordered("1", **BOB, cookie="b")
    ada = store.seen(**ADA, cookie="a")
    assert store.seen(**ADA, cookie="b") == ada
    assert store.seen(cookie="b") == ada
    assert store.orders(guest) == 1
    (one,) = candidates(store)
    assert one["rule"] == "same_cookie"


def test_a_page_at_a_time(store: Store) -> None:
    for n in range(3):
        store.ordered(f"{n}a", email=f"a{n}@shop.example", phone=f"+49151123456{n}0")
        store.ordered(f"{n}b", email=f"b{n}@shop.example", phone=f"+49151123456{n}0")
    first = ok(store.get("/v1/merge-candidates?limit=2"))
    rest = ok(store.get(f"/v1/merge-candidates?limit=2&cursor={first['next_cursor']}"))
    found = [one["id"] for one in (*first["items"], *rest["items"])]
    assert (len(found), len(set(found)), rest["next_cursor"]) == (3, 3, None)
    assert store.get("/v1/merge-candidates?cursor=x").status == 422
