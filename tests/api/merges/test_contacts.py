"""A list of contacts that names people who are there already, some of them twice."""

from pathlib import Path

from api.contacts.report import ContactsReport
from tests.api.contacts.files import csv
from tests.api.merges.store import Store, ok

ADA, BOB = {"email": "ada@lane.shop"}, {"email": "bob@lane.shop"}
PHONES = ("+4915112345678", "+4915112345679")
COUNTED = ("created", "attached", "merged", "candidates_opened", "unchanged", "rejected")


def counts(report: ContactsReport) -> dict[str, int]:
    return {name: count for name in COUNTED if (count := getattr(report, name))}


def merges(store: Store, who: str) -> list[str]:
    return [merge["absorbed"] for merge in ok(store.get(f"/v1/profiles/{who}/merges"))["items"]]


def test_two_lines_name_two_who_are_there_one_each_way(store: Store, tmp_path: Path) -> None:
    """Ada's phone was known by itself, so it is hers; Bob's is a known customer's."""
    ada, bob = store.ordered("1", **ADA), store.ordered("2", **BOB)
    caller, eve = (
        store.seen(phone=PHONES[0]),
        store.ordered("3", phone=PHONES[1], email="e@lane.shop"),
    )
    file = csv(
        tmp_path, "email,phone", f"{ADA['email']},{PHONES[0]}", f"{BOB['email']},{PHONES[1]}"
    )
    report = store.imported(file)
    assert counts(report) == {"attached": 2, "merged": 1, "candidates_opened": 1}
    assert (merges(store, ada), merges(store, bob)) == ([caller], [])
    (asked,) = ok(store.get("/v1/merge-candidates"))["items"]
    assert asked["profiles"] == [bob, eve]


def test_running_it_again_changes_nothing(store: Store, tmp_path: Path) -> None:
    store.ordered("1", **ADA)
    store.seen(phone=PHONES[0])
    store.ordered("2", **BOB, phone=PHONES[1])
    rows = (f"{ADA['email']},{PHONES[0]}", f"new@lane.shop,{PHONES[1]}", "not an address,")
    file = csv(tmp_path, "email,phone", *rows)
    first = store.imported(file)
    assert counts(first) == {
        "created": 1, "attached": 1, "merged": 1, "candidates_opened": 1, "rejected": 1
    }  # fmt: skip
    again = store.imported(file)
    assert (counts(again), again.events) == ({"unchanged": 2, "rejected": 1}, 0)
    assert again.rejections == first.rejections


def test_who_is_new_is_new_though_somebody_else_hears_of_it(store: Store, tmp_path: Path) -> None:
    """It is noted with Bob that his phone was seen with another."""
    bob = store.ordered("1", **BOB, phone=PHONES[0])
    before = store.profile(bob)["version"]
    report = store.imported(csv(tmp_path, "email,phone", f"new@lane.shop,{PHONES[0]}"))
    assert counts(report) == {"created": 1, "candidates_opened": 1}
    assert store.profile(bob)["version"] > before


def test_known_with_new_details_and_known_without_any(store: Store, tmp_path: Path) -> None:
    store.imported(csv(tmp_path, "email,first_name", f"{ADA['email']},Ada", f"{BOB['email']},Bob"))
    rows = (f"{ADA['email']},Augusta", f"{BOB['email']},Bob")
    report = store.imported(csv(tmp_path, "email,first_name", *rows))
    assert counts(report) == {"attached": 1, "unchanged": 1}
