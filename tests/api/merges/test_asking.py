"""Whom the read model finds alike, people are asked about: once, and nobody is united by it."""

from collections.abc import Iterator
from typing import Any

import pytest

from projections.likeness import Likeness
from projections.runner import Runner
from tests.api.merges.store import KEYRING, Store, ok
from tests.projections.store import catch_up

HOME = {"line1": "Lindenallee 14", "city": "Potsdam", "postcode": "14467", "country": "DE"}


class Looking:
    """The read model and those who ask, one step at a time."""

    def __init__(self, store: Store, dsn: str) -> None:
        self._store = store
        self._runner = Runner(dsn, KEYRING, [Likeness(KEYRING)])

    def read(self) -> None:
        catch_up(self._runner)

    def looked(self) -> list[dict[str, Any]]:
        """The open candidates, once everything is read and asked."""
        self.read()
        self._store.ask_about_the_alike()
        return list(ok(self._store.get("/v1/merge-candidates"))["items"])

    def close(self) -> None:
        self._runner.close()


@pytest.fixture
def looking(store: Store, database: str) -> Iterator[Looking]:
    made = Looking(store, database)
    yield made
    made.close()


def named(store: Store, mail: str, first: str, born: str = "1984-05-17") -> str:
    by = {"email": mail}
    told = {"first_name": first, "last_name": "Wendland", "birthday": born}
    store.told("SetContact", by, **told)
    return str(store.told("SetAddress", by, kind="shipping", address=HOME)["profile_id"])


def test_two_who_are_alike_are_asked_about_once(store: Store, looking: Looking) -> None:
    pair = [named(store, "kw@web.example.net", "Katharina")]
    pair.append(named(store, "wendland@post.example.net", "Katarina"))
    (candidate,) = looking.looked()
    assert sorted(candidate["profiles"]) == sorted(pair)
    assert (candidate["rule"], candidate["outcome"]) == ("alike", None)
    assert candidate["score"] > 0.9
    named(store, "kw@web.example.net", "Kathi")
    assert [one["id"] for one in looking.looked()] == [candidate["id"]]


def test_accepting_makes_them_one_and_says_why(store: Store, looking: Looking) -> None:
    named(store, "kw@web.example.net", "Katharina")
    named(store, "wendland@post.example.net", "Katarina")
    (candidate,) = looking.looked()
    merge = ok(store.post(f"/v1/merge-candidates/{candidate['id']}/acceptance"))
    assert merge["rule"] == "alike"
    assert looking.looked() == []


def test_who_was_said_to_be_somebody_else_is_not_asked_about_again(
    store: Store, looking: Looking
) -> None:
    named(store, "kw@web.example.net", "Katharina")
    named(store, "wendland@post.example.net", "Katarina")
    (candidate,) = looking.looked()
    ok(store.post(f"/v1/merge-candidates/{candidate['id']}/rejection"))
    named(store, "wendland@post.example.net", "Katharina")
    assert looking.looked() == []


def test_who_has_become_one_meanwhile_is_not_asked_about(store: Store, looking: Looking) -> None:
    one = named(store, "kw@web.example.net", "Katharina")
    other = named(store, "wendland@post.example.net", "Katarina")
    looking.read()
    store.merged(one, other)
    assert looking.looked() == []
