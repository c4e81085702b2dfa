"""Whatever is asked of the list of customers, what is wrong is named, and it is never us."""

from collections.abc import Iterator
from uuid import uuid4

import psycopg
import pytest

from config.embedded import EmbeddedPostgres
from tests.api.merges.store import opened
from tests.api.segments.counter import Counter, counter
from tests.databases import empty_database

PATH = "/v1/profiles"
RIGHT_TO_LEFT = "\u200f\u202eann\u202c"
LAST_BYTE = -2  # the last letter has bits that mean nothing


@pytest.fixture(scope="module")
def pair(postgres: EmbeddedPostgres) -> Iterator[Counter]:
    """Two customers, each of whom is a page. What is asked of the list changes nothing."""
    with empty_database(postgres) as dsn, opened(dsn) as store, counter(store, dsn) as made:
        for name in ("ann", "ben"):
            store.seen(email=f"{name}@shop.example")
        store.told("SetContact", {"email": "ann@shop.example"}, phone="+493012345678")
        made.noticed()
        yield made


def next_cursor(pair: Counter, **query: object) -> str:
    return str(pair.get(PATH, limit=1, **query)["next_cursor"])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("sort", sort) for sort in ("", "age", "+name", "--name", "name,email", "name; DROP")),
        *(("stage", stage) for stage in ("", "lost", "NEW", "new,loyal")),
        *(("limit", limit) for limit in (0, 201, -1, "many", 1e9)),
        *(("cursor", cursor) for cursor in ("", "x", "é", "A" * 5_000)),
        *(("after", after) for after in ("", "17", "17:345:1", "-1:5", "1:" + "9" * 20)),
        *(("after", after) for after in ("999:1", "0:999999", "1:" + "9" * 19)),
        *(("source", source) for source in ("", "s" * 101, "a\0b")),
        *(("q", q) for q in ("a" * 201, "a" * 10_000, "a\0b", "a\x1bb@shop.example", "w " * 9)),
    ],
)
def test_what_the_list_does_not_take_is_named(pair: Counter, name: str, value: object) -> None:
    answer = pair.ask("GET", PATH, query={name: value})
    assert (answer.status, answer.fields()) == (422, {name})


def test_values_that_are_taken_are_told(pair: Counter) -> None:
    for name, one in (("sort", "-lifetime_spend"), ("stage", "at_risk")):
        (fault,) = pair.ask("GET", PATH, query={name: "other"}).json()["errors"]
        assert one in fault["problem"]


@pytest.mark.parametrize("query", ["stagee=churned", "q=ann&q=ben", "Stage=churned"])
def test_a_filter_that_nobody_reads_is_refused(pair: Counter, query: str) -> None:
    answer = pair.ask("GET", f"{PATH}?{query}")
    assert (answer.status, answer.json()["code"]) == (422, "invalid")


@pytest.mark.parametrize(
    "q",
    [
        *("%", "*", "ann%", "'", "'' & !x", '"', "\\", "a\\'b@c", "'|!*:&@", "<->", "a:*b", "$1"),
        *("%s", "{}", "\ufdfa", "\U0001f600", "e\u0301" * 90, "\ufffd", "@", "@@", "ann@", "@shop"),
    ],
)
def test_no_sign_in_a_search_means_anything_to_the_database(pair: Counter, q: str) -> None:
    assert pair.ask("GET", PATH, query={"q": q}).status == 200


def test_marks_of_right_to_left_text_are_not_looked_for(pair: Counter) -> None:
    assert len(pair.get(PATH, q=RIGHT_TO_LEFT)["items"]) == 1


@pytest.mark.parametrize("q", ["(+49)-30/12.34", "00493012", "٣٤٥٦", "1" * 200])
def test_a_number_is_looked_for_however_it_is_written(pair: Counter, q: str) -> None:
    assert len(pair.get(PATH, q=q)["items"]) == (1 if "49" in q else 0)


def test_a_cursor_that_was_tampered_with_is_refused(pair: Counter) -> None:
    cursor = next_cursor(pair)
    for place in (0, len(cursor) // 2, LAST_BYTE):
        other = "A" if cursor[place] != "A" else "B"
        forged = cursor[:place] + other + cursor[place:][1:]
        assert pair.ask("GET", PATH, query={"cursor": forged}).fields() <= {"cursor"}
        assert pair.ask("GET", PATH, query={"cursor": forged}).status == 422


@pytest.mark.parametrize(
    "other", [{"sort": "name"}, {"q": "shop"}, {"stage": "new"}, {"source": "api"}]
)
def test_a_cursor_is_good_for_its_own_query_only(pair: Counter, other: dict[str, str]) -> None:
    plain, narrowed = next_cursor(pair), next_cursor(pair, **other)
    assert pair.ask("GET", PATH, query={"cursor": plain, **other}).fields() == {"cursor"}
    assert pair.ask("GET", PATH, query={"cursor": narrowed}).fields() == {"cursor"}
    assert len(pair.get(PATH, cursor=narrowed, limit=200, **other)["items"]) == 1


def test_a_cursor_of_another_list_is_refused(pair: Counter) -> None:
    segment = pair.made("everybody")
    foreign = pair.get(f"/v1/segments/{segment}/members", limit=1)["next_cursor"]
    assert pair.ask("GET", PATH, query={"cursor": foreign}).fields() == {"cursor"}


def test_a_segment_there_is_not_has_no_members(pair: Counter) -> None:
    for segment in (uuid4(), "none", "", "\0"):
        answer = pair.ask("GET", PATH, query={"segment": segment})
        assert (answer.status, answer.json()["code"]) == (404, "no_such_segment")


def test_a_search_that_takes_too_long_is_broken_off(pair: Counter) -> None:
    lock = "LOCK TABLE rm_customers.customers"
    with psycopg.connect(pair.world.dsn) as holder:
        holder.execute(lock)
        answer = pair.ask("GET", PATH, query={"q": "ann"})
    assert (answer.status, answer.fields()) == (422, {"q"})


def test_nothing_is_told_without_a_key(pair: Counter) -> None:
    for query in ("", "?q=ann", "?sort=wrong", f"?segment={uuid4()}", "?email=ann@shop.example"):
        assert pair.world.call("GET", PATH + query).status == 401
