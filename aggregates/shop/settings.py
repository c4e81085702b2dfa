"""A shop's settings: one document with a member for each part, and every change to it an event.

A change names only the members that changed, by their path, so that two people who set different
things do not undo each other's work, and the history says who set what.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import reduce
from typing import Annotated, ClassVar, TypeAlias, TypeVar, assert_never

from msgspec import Meta, Struct
from msgspec.structs import replace

from aggregates.shop.identity_rules import IdentityRules
from aggregates.shop.lifecycle_rules import LifecycleRules
from aggregates.shop.messaging_rules import MessagingRules
from aggregates.shop.quiet_hours import Entry, RegionHours, entry_of, hours_of, no_dates

Value: TypeAlias = str | int | float | bool | tuple[str, ...] | Entry | None
Leaf: TypeAlias = str | int | float | bool | frozenset[str] | None
Regions: TypeAlias = Mapping[str, RegionHours | None]
Reason: TypeAlias = Annotated[str, Meta(max_length=500)]
Part = TypeVar("Part", bound=Struct)


class Clock(Struct, frozen=True, forbid_unknown_fields=True):
    """`time_zone` is that of customers of whom no better one is known, an IANA name."""

    time_zone: Annotated[str, Meta(max_length=100)] | None = None


class Settings(Struct, frozen=True, forbid_unknown_fields=True):
    """Every member is a part with defaults for all it holds: a shop that says nothing has them.

    What a part holds, at whatever depth, is a text, a number, a yes or no, a set of texts, or the
    hours of regions, by their names.
    """

    identity: IdentityRules = IdentityRules()
    lifecycle: LifecycleRules = LifecycleRules()
    messaging: MessagingRules = MessagingRules()
    clock: Clock = Clock()


class Change(Struct, frozen=True):
    """`field` is a path such as `identity.limits.email`.

    Of a set, `before` are the values that went and `after` those that came, both in order. The
    hours of a region, such as `messaging.quiet_hours.regions.FR`, change as a whole.
    """

    field: str
    before: Value
    after: Value


class SettingsChanged(Struct, frozen=True, tag="shop.settings_changed"):
    """`PERSONAL` are the fields whose values may name a person; so may the `reason`."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset({"identity.blocked"})
    changes: tuple[Change, ...]
    reason: str | None = None


Event: TypeAlias = SettingsChanged


class ChangeSettings(Struct, frozen=True):
    """How they are to be from now on."""

    wanted: Settings
    reason: Reason | None = None


def contradictions(settings: Settings) -> Iterator[tuple[str, str]]:
    """The field at fault and what would be right, where two settings do not go together."""
    windows = settings.lifecycle
    if windows.at_risk_days >= windows.churned_days:
        yield "lifecycle.at_risk_days", "expected less than lifecycle.churned_days"
    for field, date in no_dates(settings.messaging.quiet_hours):
        yield f"messaging.quiet_hours.{field}", f"{date} is in no calendar"


def decide(settings: Settings, command: ChangeSettings) -> Iterator[Event]:
    if changes := tuple(_changes(settings, command.wanted)):
        yield SettingsChanged(changes, command.reason)


def evolve(settings: Settings, event: Event) -> Settings:
    match event:
        case SettingsChanged(changes):
            return reduce(_changed, changes, settings)
        case _:
            assert_never(event)


def fold(events: Iterable[Event]) -> Settings:
    """In the order of their versions."""
    return reduce(evolve, events, Settings())


def _changes(before: Struct, after: Struct, under: str = "") -> Iterator[Change]:
    for name in sorted(before.__struct_fields__):
        field, was, now = under + name, getattr(before, name), getattr(after, name)
        if isinstance(was, Struct):
            yield from _changes(was, now, f"{field}.")
        elif isinstance(was, dict):
            yield from _of_regions(was, now, f"{field}.")
        elif was != now:
            yield _change(field, was, now)


def _of_regions(before: Regions, after: Regions, under: str) -> Iterator[Change]:
    for name in sorted(before.keys() | after.keys()):
        was, now = before.get(name), after.get(name)
        if was != now:
            yield Change(under + name, entry_of(was), entry_of(now))


def _change(field: str, before: Leaf, after: Leaf) -> Change:
    if isinstance(before, frozenset) and isinstance(after, frozenset):
        return Change(field, tuple(sorted(before - after)), tuple(sorted(after - before)))
    assert not isinstance(before, frozenset), field
    assert not isinstance(after, frozenset), field
    return Change(field, before, after)


def _changed(settings: Settings, change: Change) -> Settings:
    return _put(settings, change.field.split("."), change)


def _put(part: Part, path: list[str], change: Change) -> Part:
    name, *below = path
    if name not in part.__struct_fields__:  # a setting of another version of this code
        return part
    held = getattr(part, name)
    if isinstance(held, Struct):
        return replace(part, **{name: _put(held, below, change)})
    if isinstance(held, dict):
        return replace(part, **{name: _put_region(held, ".".join(below), change.after)})
    if isinstance(held, frozenset):
        return replace(part, **{name: held - _texts(change.before) | _texts(change.after)})
    return replace(part, **{name: change.after})


def _put_region(held: Regions, region: str, after: Value) -> dict[str, RegionHours | None]:
    others = {name: hours for name, hours in held.items() if name != region}
    return others | {region: hours_of(after)} if isinstance(after, dict) else others


def _texts(value: Value) -> frozenset[str]:
    assert isinstance(value, tuple)
    return frozenset(value)
