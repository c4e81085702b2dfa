"""Merges and reversals that cannot be: each is refused for its reason, and nothing is half done."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from uuid import uuid4

import pytest

from tests.api.merges.store import Store, ok
from tests.fuzz.world import Answer

ADA, BOB, EVE = ({"email": f"{name}@shop.example"} for name in ("ada", "bob", "eve"))
SOMEBODY = "0198c000-0000-7000-8000-00000000000a"
MERGE = {"survivor": SOMEBODY, "absorbed": SOMEBODY}


@pytest.fixture
def ada(store: Store) -> str:
    return store.ordered("1", **ADA)


@pytest.fixture
def bob(store: Store) -> str:
    return store.ordered("2", **BOB)


@contextmanager
def nothing_done(store: Store) -> Iterator[None]:
    before = store.everything()
    yield
    assert store.everything() == before


def refused(store: Store, survivor: str, absorbed: str) -> Answer:
    """A merge that is asked for and, with the same answer, only looked at."""
    asked = {"survivor": survivor, "absorbed": absorbed}
    with nothing_done(store):
        seen, answer = (store.post(f"/v1/merges{query}", asked) for query in ("?preview=true", ""))
    assert answer.status in (404, 409)
    assert seen.json() == answer.json()
    return answer


def not_undone(store: Store, merge: str, body: object = None) -> Answer:
    with nothing_done(store):
        return store.post(f"/v1/merges/{merge}/reversal", body)


def code(answer: Answer) -> tuple[int, str]:
    return answer.status, answer.json()["code"]


# --- two who cannot become one ---


def test_with_itself(store: Store, ada: str) -> None:
    answer = refused(store, ada, ada)
    assert code(answer) == (409, "already_one")
    assert answer.fields() == {"survivor", "absorbed"}


def test_with_nobody(store: Store, ada: str) -> None:
    nobody = str(uuid4())
    assert refused(store, ada, nobody).fields() == {"absorbed"}
    assert refused(store, nobody, ada).fields() == {"survivor"}
    assert refused(store, nobody, nobody).fields() == {"survivor", "absorbed"}


def test_somebody_of_another_namespace_is_nobody(store: Store, ada: str) -> None:
    other = store.in_the_sandbox()
    assert refused(store, ada, other).json() == refused(store, ada, str(uuid4())).json()
    assert refused(store, other, ada).fields() == {"survivor"}


def test_with_one_who_was_erased(store: Store, ada: str, bob: str) -> None:
    store.erased(bob)
    for survivor, absorbed, field in ((ada, bob, "absorbed"), (bob, ada, "survivor")):
        answer = refused(store, survivor, absorbed)
        assert code(answer) == (409, "erased")
        assert answer.fields() == {field}


def test_with_one_who_is_part_of_another(store: Store, ada: str, bob: str) -> None:
    eve = store.ordered("3", **EVE)
    store.merged(ada, bob)
    for survivor, absorbed, field in ((eve, bob, "absorbed"), (bob, eve, "survivor")):
        answer = refused(store, survivor, absorbed)
        assert code(answer) == (409, "already_absorbed")
        assert answer.fields() == {field}


def test_with_one_who_is_part_of_it_already(store: Store, ada: str, bob: str) -> None:
    store.merged(ada, bob)
    for survivor, absorbed in ((ada, bob), (bob, ada)):
        assert code(refused(store, survivor, absorbed)) == (409, "already_one")


def test_with_one_who_was_said_to_be_somebody_else(store: Store, ada: str, bob: str) -> None:
    merge = store.merged(ada, bob)
    ok(store.post(f"/v1/merges/{merge}/reversal"))
    for survivor, absorbed in ((ada, bob), (bob, ada)):
        answer = refused(store, survivor, absorbed)
        assert code(answer) == (409, "kept_apart")
        assert answer.fields() == {"survivor", "absorbed"}


# --- what cannot be undone ---


def test_undoing_twice(store: Store, ada: str, bob: str) -> None:
    merge = store.merged(ada, bob)
    ok(store.post(f"/v1/merges/{merge}/reversal"))
    assert code(not_undone(store, merge)) == (409, "already_reversed")
    store.ahead = timedelta(days=2)  # whether it could still be undone is not the reason
    assert code(not_undone(store, merge)) == (409, "already_reversed")


def test_a_repeated_reversal_is_answered_as_before_however_late(
    store: Store, ada: str, bob: str
) -> None:
    merge = store.merged(ada, bob)
    first = ok(store.post(f"/v1/merges/{merge}/reversal", key="r-1"))
    store.ahead = timedelta(days=2)
    with nothing_done(store):
        assert ok(store.post(f"/v1/merges/{merge}/reversal", key="r-1")) == first


def test_undoing_too_late(store: Store, ada: str, bob: str) -> None:
    merge = store.merged(ada, bob)
    until = ok(store.get(f"/v1/merges/{merge}"))["merge"]["reversible_until"]
    store.ahead = timedelta(hours=24, seconds=1)
    answers = (not_undone(store, merge), store.get(f"/v1/merges/{merge}/reversal"))
    for answer in answers:
        assert code(answer) == (409, "window_closed")
        assert until.removesuffix("Z") in answer.json()["detail"]


def test_the_window_is_that_of_the_plan_which_the_shop_has_now(
    store: Store, ada: str, bob: str
) -> None:
    merge = store.merged(ada, bob)
    store.ahead = timedelta(days=6)
    assert code(not_undone(store, merge)) == (409, "window_closed")
    store.on_plan("pro")
    ok(store.post(f"/v1/merges/{merge}/reversal"))
    assert store.orders(bob) == 1


@pytest.mark.parametrize("whose", ["survivor", "absorbed"])
def test_undoing_when_one_was_erased(store: Store, ada: str, bob: str, whose: str) -> None:
    merge = store.merged(ada, bob)
    gone = {"survivor": ada, "absorbed": bob}[whose]
    store.erased(gone)
    answer = not_undone(store, merge)
    assert code(answer) == (409, "erased")
    assert gone in answer.json()["detail"]


def test_a_merge_of_another_namespace_is_none(store: Store, ada: str, bob: str) -> None:
    merge = store.merged(ada, bob)
    with nothing_done(store):
        answers = [
            store.get(f"/v1/merges/{merge}", by=store.sandbox_key),
            store.get(f"/v1/merges/{merge}/reversal", by=store.sandbox_key),
            store.post(f"/v1/merges/{merge}/reversal", by=store.sandbox_key),
        ]
    assert {code(answer) for answer in answers} == {(404, "no_such_merge")}
    assert store.get(f"/v1/profiles/{ada}/merges", by=store.sandbox_key).status == 404


# --- ids that were used for something else ---


def test_the_same_key_for_two_reversals(store: Store, ada: str, bob: str) -> None:
    eve, dan = (store.ordered(n, email=f"{n}@shop.example") for n in ("3", "4"))
    first, second = store.merged(ada, bob), store.merged(eve, dan)
    ok(store.post(f"/v1/merges/{first}/reversal", key="r"))
    with nothing_done(store):
        assert code(store.post(f"/v1/merges/{second}/reversal", key="r")) == (422, "id_reused")


def test_the_same_key_for_two_merges(store: Store, ada: str, bob: str) -> None:
    eve = store.ordered("3", **EVE)
    ok(store.post("/v1/merges", {"survivor": ada, "absorbed": bob}, key="m"))
    with nothing_done(store):
        answer = store.post("/v1/merges", {"survivor": ada, "absorbed": eve}, key="m")
    assert code(answer) == (422, "id_reused")


def test_a_key_besides_another_id(store: Store, ada: str, bob: str) -> None:
    asked = {"survivor": ada, "absorbed": bob, "id": "one"}
    with nothing_done(store):
        answer = store.post("/v1/merges", asked, key="other")
    assert (answer.status, answer.fields()) == (422, {"id"})


# --- what is no request of ours ---


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "survivor"),
        ({"survivor": SOMEBODY}, "absorbed"),
        ({**MERGE, "survivor": "ada"}, "survivor"),
        ({**MERGE, "survivor": 1}, "survivor"),
        ({**MERGE, "survivor": None}, "survivor"),
        ({**MERGE, "absorbed": [SOMEBODY]}, "absorbed"),
        ({**MERGE, "absorbed": f"{SOMEBODY}0"}, "absorbed"),
        ({**MERGE, "reason": 7}, "reason"),
        ({**MERGE, "reason": "x" * 501}, "reason"),
        ({**MERGE, "reason": "a\x00b"}, "reason"),
        ({**MERGE, "id": ""}, "id"),
        ({**MERGE, "id": "x" * 256}, "id"),
        ({**MERGE, "merge_id": SOMEBODY}, "merge_id"),
        ({**MERGE, "rule": "same_email"}, "rule"),
        ([MERGE], ""),
        ("merge", ""),
    ],
)
def test_what_is_no_merge(store: Store, body: object, field: str) -> None:
    answer = store.post("/v1/merges", body)
    assert (answer.status, answer.fields()) == (422, {field})


@pytest.mark.parametrize(
    ("body", "field"),
    [({"reason": 7}, "reason"), ({"id": ["r"]}, "id"), ({"why": "x"}, "why"), ([], ""), (7, "")],
)
def test_what_is_no_reason(store: Store, ada: str, bob: str, body: object, field: str) -> None:
    answer = not_undone(store, store.merged(ada, bob), body)
    assert (answer.status, answer.fields()) == (422, {field})


@pytest.mark.parametrize("body", [b"{", b"\xff", b'{"reason"}'])
def test_what_is_no_json(store: Store, ada: str, bob: str, body: bytes) -> None:
    merge = store.merged(ada, bob)
    for answer in (store.post("/v1/merges", body), not_undone(store, merge, body)):
        assert code(answer) == (400, "malformed_json")


def test_whether_to_preview_is_yes_or_no(store: Store, ada: str, bob: str) -> None:
    with nothing_done(store):
        asked = {"survivor": ada, "absorbed": bob}
        answer = store.post("/v1/merges?preview=perhaps", asked)
    assert (answer.status, answer.fields()) == (422, {"preview"})


@pytest.mark.parametrize("known", ["x", "0", SOMEBODY, f"{SOMEBODY}0", "%00", "..%2Fprofiles"])
@pytest.mark.parametrize(
    ("what", "doors"),
    [("merge", ("reversal",)), ("merge-candidate", ("acceptance", "rejection"))],
)
def test_whatever_is_no_id_is_nobodys(
    store: Store, known: str, what: str, doors: tuple[str, ...]
) -> None:
    for door in doors:
        assert store.post(f"/v1/{what}s/{known}/{door}").status == 404
    assert store.get(f"/v1/{what}s/{known}").status == 404
