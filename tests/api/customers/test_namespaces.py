"""Two worlds of a shop, with the same people in both: neither hears of the other's."""

from collections.abc import Mapping

import pytest

from tests.api.merges.store import ok
from tests.api.segments.counter import Counter

PATH = "/v1/profiles"
MAILS = ("ann@shop.example", "ben@shop.example", "cai@shop.example")


@pytest.fixture
def twins(shop: Counter) -> Counter:
    for number, mail in enumerate(MAILS):
        shop.store.seen(email=mail)
        with shop.store.in_sandbox():
            shop.store.ordered(f"{number}", email=mail)
    shop.noticed()
    return shop


def test_each_lists_its_own_under_every_filter(twins: Counter) -> None:
    live, sandbox = (_ids(twins, key, {}) for key in _keys(twins))
    assert len(live) == len(sandbox) == len(MAILS)
    assert not live & sandbox
    queries = ({"q": "shop"}, {"q": MAILS[0]}, {"source": "api"}, {"sort": "name"})
    for query in queries:
        for key, own in zip(_keys(twins), (live, sandbox), strict=True):
            assert _ids(twins, key, query) <= own
    assert _ids(twins, _keys(twins)[0], {"stage": "converted"}) == set()


def test_an_exact_email_leads_to_its_own(twins: Counter) -> None:
    exact = [ok(twins.ask("GET", PATH, None, k, {"q": MAILS[0]}))["exact"] for k in _keys(twins)]
    assert None not in exact
    assert len(set(exact)) == 2


def test_a_cursor_of_the_other_leads_nowhere(twins: Counter) -> None:
    for own, other in (_keys(twins), _keys(twins)[::-1]):
        cursor = ok(twins.ask("GET", PATH, None, own, {"limit": 1}))["next_cursor"]
        answer = twins.ask("GET", PATH, None, other, {"limit": 1, "cursor": cursor})
        assert (answer.status, answer.json()["code"]) == (404, "no_such_cursor")


def test_a_segment_of_the_other_is_not_there(twins: Counter) -> None:
    segment = twins.made("everybody")
    live, sandbox = _keys(twins)
    assert len(_ids(twins, live, {"segment": segment})) == len(MAILS)
    answer = twins.ask("GET", PATH, None, sandbox, {"segment": segment})
    assert (answer.status, answer.json()["code"]) == (404, "no_such_segment")


def _keys(twins: Counter) -> tuple[str, str]:
    return twins.world.shop.live.api_key, twins.world.shop.sandbox.api_key


def _ids(twins: Counter, key: str, query: Mapping[str, object]) -> set[str]:
    return {one["id"] for one in ok(twins.ask("GET", PATH, None, key, query))["items"]}
