"""Registers: the newest signal decides, whatever order the signals came in."""

from datetime import timedelta
from functools import reduce
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from aggregates.profile.latest import Latest, Stamp, newest, says_more
from tests.given import NOON

stamps = st.builds(
    Stamp, st.integers(0, 3).map(lambda hour: NOON + timedelta(hours=hour)), st.integers(0, 1)
)
signals = st.lists(st.tuples(st.sampled_from("abc"), stamps), min_size=1)


def register(news: list[tuple[str, Stamp]]) -> Latest[str] | None:
    empty: Latest[str] | None = None
    return reduce(lambda held, one: newest(held, *one), news, empty)


@given(signals, st.randoms())
def test_the_order_of_arrival_does_not_matter(
    news: list[tuple[str, Stamp]], random: Random
) -> None:
    shuffled = news * 2
    random.shuffle(shuffled)
    assert register(shuffled) == register(news)


@given(signals, signals)
def test_what_says_no_more_never_will(
    news: list[tuple[str, Stamp]], later: list[tuple[str, Stamp]]
) -> None:
    held = register(news)
    for value, stamp in news:
        if not says_more(held, value, stamp):
            assert register([*news, *later, (value, stamp)]) == register([*news, *later])


def test_a_later_repeat_says_more() -> None:
    later = Stamp(NOON + timedelta(hours=1))
    assert says_more(Latest("a", Stamp(NOON)), "a", later)
    assert newest(Latest("a", Stamp(NOON)), "a", later) == Latest("a", later)
