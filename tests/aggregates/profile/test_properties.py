"""Properties: what a shop knows under names of its own, as last heard."""

from datetime import UTC, datetime, timedelta, timezone

import msgspec
import pytest
from msgspec.structs import replace

from aggregates.profile.decisions.properties import MAX_NAME, SetProperties, Values
from aggregates.profile.events import properties
from aggregates.profile.events.properties import (
    MAX_PROPERTIES,
    MAX_TEXT,
    Moment,
    PropertiesSet,
    Value,
    values_of,
)
from aggregates.profile.profile import Happened, fold
from aggregates.profile.source import Source
from tests.aggregates.profile.signals import HOUR, Signal, after, heard, history, said
from tests.given import CONTEXT, NOON, given

SIZE, VIP = SetProperties({"size": "M"}), SetProperties({"vip": True})


def known_after(signals: list[Signal]) -> dict[str, Value]:
    return values_of(heard(signals).properties)


def test_properties_are_set() -> None:
    told: dict[str, Value] = {"vip": True, "size": "M", "points": 12.5, "joined": Moment(NOON)}
    given().when(SetProperties(told)).then(PropertiesSet(told))


def test_an_instant_is_kept_in_utc() -> None:
    in_berlin = datetime(2026, 7, 1, 14, tzinfo=timezone(timedelta(hours=2)))
    given().when(SetProperties({"joined": Moment(in_berlin)})).then(
        PropertiesSet({"joined": Moment(datetime(2026, 7, 1, 12, tzinfo=UTC))})
    )


def test_an_instant_outside_the_years_of_utc_is_rejected() -> None:
    long_ago = datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=2)))
    given().when(SetProperties({"joined": Moment(long_ago)})).then_rejected("malformed_instant")


def test_only_news_is_recorded() -> None:
    past = PropertiesSet({"size": "M"})
    given(past).when(SetProperties({"size": "M", "vip": True})).then(PropertiesSet({"vip": True}))
    given(past).when(SIZE).then_nothing()
    given(past).when(SIZE, NOON + HOUR).then(past)


@pytest.mark.parametrize(("held", "told"), [(True, 1.0), ("1", 1.0), ("true", True), (0.0, False)])
def test_a_text_a_number_and_a_flag_are_never_the_same(held: Value, told: Value) -> None:
    given(PropertiesSet({"x": held})).when(SetProperties({"x": told})).then(
        PropertiesSet({"x": told})
    )


def test_what_is_not_named_stays_as_it_is() -> None:
    assert known_after(said(SIZE, VIP)) == {"size": "M", "vip": True}


def test_the_newest_value_stands_whatever_came_last() -> None:
    signals = said(SIZE, SetProperties({"size": "L"}))
    assert known_after(signals) == known_after(signals[::-1]) == {"size": "L"}


def test_at_one_moment_the_more_trusted_source_wins() -> None:
    imported = replace(CONTEXT, source=Source("import"))
    signals: list[Signal] = [(SIZE, CONTEXT), (SetProperties({"size": "L"}), imported)]
    assert known_after(signals) == known_after(signals[::-1]) == {"size": "M"}


def test_a_history_read_twice_says_nothing_more() -> None:
    past = history(said(SIZE, VIP, SetProperties({"size": "L"})))
    assert fold([*past, *past]) == fold(past)


def test_of_too_many_the_ones_set_last_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(properties, "MAX_PROPERTIES", 2)
    signals = said(*(SetProperties({name: "x"}) for name in "abc"))
    assert list(known_after(signals)) == list(known_after(signals[::-1])) == ["b", "c"]


def test_a_whole_command_fits_into_a_profile() -> None:
    most = SetProperties({f"name {n}": "x" for n in range(MAX_PROPERTIES)})
    assert len(after(most).properties.by_name) == MAX_PROPERTIES


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"": "x"},
        {"n" * (MAX_NAME + 1): "x"},
        {"x": "t" * (MAX_TEXT + 1)},
        {"x": None},
        {"x": ["a"]},
        {"x": {"at": "2026-11-21T12:00:00"}},
        {f"name {n}": "x" for n in range(MAX_PROPERTIES + 1)},
    ],
)
def test_what_is_too_much_or_no_value_is_refused_at_the_edge(given: object) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(msgspec.json.encode(given), type=Values)


def test_properties_are_stored_as_they_are() -> None:
    past = fold([Happened(PropertiesSet({"n": 1.0, "t": "1", "f": True}), CONTEXT.stamp)])
    stored = msgspec.msgpack.encode(past)
    assert msgspec.msgpack.decode(stored, type=type(past)) == past
