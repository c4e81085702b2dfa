"""Whatever comes, translating ends in a signal a host can read or in one of three refusals."""

from collections.abc import Callable, Iterator
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from api.webhooks.shopify.topics import NOT_YET
from api.webhooks.shopify.translate import TRANSLATORS
from tests.api.webhooks.said import WHOLE, Json, assert_sound, outcome

Said = tuple[str, Json]
TOPICS = st.sampled_from(sorted(TRANSLATORS))

odd_texts = st.sampled_from(
    [
        "",
        "\x00",
        "\x00\x00x",
        "x" * 1_000,
        "0",
        "null",
        "NaN",
        "1e400",
        "-0",
        "9" * 5_000,
        "9999999999999.9999999",
        "EUR",
        "0001-01-01T00:00:00Z",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59Z",
        "9999-12-31T23:59:59-14:00",
        "2026-11-20T10:00:00",
        "gid://shopify/Order/1",
        "https://[::1/?utm_source=%ff%00",
        "ada@lane.shop",
        "+32470123456",
    ]
)
texts = st.text(max_size=20) | odd_texts
numbers = (
    st.integers()
    | st.integers(min_value=-(10**40), max_value=10**40)
    | st.floats(allow_nan=False, allow_infinity=False)
)
leaves = st.none() | st.booleans() | numbers | texts
trees = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4)
    ),
    max_leaves=10,
)


def alike(member: object) -> st.SearchStrategy[Any]:
    """Null, or another value of the same type, which is what true bodies may hold there."""
    if isinstance(member, dict | list):
        return st.none() | st.just(type(member)())
    return st.none() | (texts if isinstance(member, str) else numbers)


@st.composite
def mutated(draw: st.DrawFn, change: Callable[[object], st.SearchStrategy[Any]]) -> Said:
    """A true body in which a few members, at any depth, became something else."""
    topic = draw(st.sampled_from(sorted(WHOLE)))
    body: Json = msgspec.json.decode(msgspec.json.encode(WHOLE[topic]))
    for _ in range(draw(st.integers(1, 4))):
        holder, key = draw(st.sampled_from(list(places(body))))
        holder[key] = draw(change(holder[key]))
    return topic, body


def places(tree: Any) -> Iterator[tuple[Any, Any]]:
    """Every member at every depth, as its holder and its key."""
    keys = list(tree) if isinstance(tree, dict) else range(len(tree))
    for key in keys:
        if isinstance(tree[key], dict | list):
            yield from places(tree[key])
        yield tree, key


@settings(max_examples=500, deadline=None)
@given(mutated(alike))
def test_a_body_with_odd_values_is_translated_or_refused(said: Said) -> None:
    assert_sound(outcome(*said))


@settings(max_examples=500, deadline=None)
@given(mutated(lambda _: trees))
def test_a_body_with_wrong_members_is_translated_or_refused(said: Said) -> None:
    assert_sound(outcome(*said))


@settings(max_examples=300, deadline=None)
@given(TOPICS, trees)
def test_any_json_is_translated_or_refused(topic: str, body: Any) -> None:
    assert_sound(outcome(topic, msgspec.json.encode(body)))


@settings(max_examples=300, deadline=None)
@given(TOPICS | st.sampled_from(sorted(NOT_YET)) | st.text(max_size=20), st.binary())
def test_any_bytes_are_translated_or_refused(topic: str, body: bytes) -> None:
    assert_sound(outcome(topic, body))


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(sorted(WHOLE)),
    st.integers(0, 3_000),
    st.binary(max_size=3),
    st.integers(0, 3),
)
def test_a_body_damaged_on_its_way_is_translated_or_refused(
    topic: str, place: int, put: bytes, dropped: int
) -> None:
    body = msgspec.json.encode(WHOLE[topic])
    place %= len(body)
    assert_sound(outcome(topic, body[:place] + put + body[place + dropped :]))
