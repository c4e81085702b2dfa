"""When a property is news."""

from collections.abc import Iterator
from datetime import UTC
from typing import Annotated, TypeAlias, assert_never

from msgspec import Meta, Struct

from aggregates.profile.decisions.context import Context
from aggregates.profile.decisions.rejection import Rejected
from aggregates.profile.events.properties import (
    MAX_PROPERTIES,
    Event,
    Moment,
    PropertiesSet,
    Value,
)
from aggregates.profile.latest import says_more
from aggregates.profile.profile import Profile

MAX_NAME = 100
Name = Annotated[str, Meta(min_length=1, max_length=MAX_NAME)]
Values = Annotated[dict[Name, Value], Meta(min_length=1, max_length=MAX_PROPERTIES)]


class PropertiesCommand(Struct, frozen=True, forbid_unknown_fields=True):
    """Marks every command about properties."""


class SetProperties(PropertiesCommand, frozen=True, tag="SetProperties"):
    """Values by name: texts, numbers, true or false, and instants as `{"at": …}`.

    What is not named stays as it is. Names are told apart as they are written.
    """

    properties: Values


Command: TypeAlias = SetProperties


def decide(profile: Profile, command: Command, context: Context) -> Iterator[Event]:
    match command:
        case SetProperties(properties):
            yield from _set(profile, properties, context)
        case _:
            assert_never(command)


def _set(profile: Profile, given: dict[str, Value], context: Context) -> Iterator[Event]:
    held = profile.properties.by_name
    normal = {name: _normal(value) for name, value in sorted(given.items())}
    news = {n: v for n, v in normal.items() if says_more(held.get(n), v, context.stamp)}
    if news:
        yield PropertiesSet(news)


def _normal(value: Value) -> Value:
    """One way to write what is equal, so that equal states are written alike."""
    match value:
        case bool() | str():
            return value
        case int() | float():
            return float(value) + 0.0  # there is no minus zero
        case Moment(at):
            try:
                return Moment(at.astimezone(UTC))
            except OverflowError:
                raise Rejected(
                    "malformed_instant", "an instant lies in the years 1 to 9999"
                ) from None
        case _:
            assert_never(value)
