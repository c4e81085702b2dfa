"""What every event must be, whichever facet it is of."""

from types import ModuleType
from typing import get_args

import msgspec
import pytest
from msgspec.structs import FieldInfo, fields

from aggregates.profile.events import (
    checkouts,
    contact,
    drafts,
    identity,
    lifecycle,
    messages,
    orders,
    properties,
    visits,
)
from aggregates.profile.profile import Event, Profile
from tests.aggregates.profile.signals import (
    CHECKOUT,
    DRAFT,
    MESSAGE,
    OPENED,
    ORDER,
    PROPERTIES,
    REFUND,
    after,
    history,
    said,
)

FACETS = (checkouts, contact, drafts, identity, lifecycle, messages, orders, properties, visits)
EVENTS: tuple[type[msgspec.Struct], ...] = get_args(Event)


@pytest.mark.parametrize("event", EVENTS)
def test_personal_fields_can_be_erased(event: type[msgspec.Struct]) -> None:
    known = {field.name: field for field in fields(event)}
    personal: frozenset[str] = event.PERSONAL  # type: ignore[attr-defined]  # that it is there is the test
    assert all(not known[name].required for name in personal)


@pytest.mark.parametrize("facet", FACETS, ids=lambda facet: facet.__name__.rpartition(".")[2])
def test_every_event_is_stored_under_its_facets_name(facet: ModuleType) -> None:
    name = facet.__name__.rpartition(".")[2]
    assert all(_tag(event).startswith(f"{name}.") for event in _events_of(facet))


def test_no_two_events_share_a_name() -> None:
    assert len({_tag(event) for event in EVENTS}) == len(EVENTS)


@pytest.mark.parametrize("event", EVENTS)
def test_events_never_change(event: type[msgspec.Struct]) -> None:
    assert event.__struct_config__.frozen
    assert event.__struct_config__.omit_defaults


def test_events_and_state_survive_being_stored() -> None:
    commands = (ORDER, REFUND, CHECKOUT, DRAFT, PROPERTIES, MESSAGE, OPENED)
    for happened in history(said(*commands)):
        stored = msgspec.json.encode(happened.event)
        assert msgspec.json.decode(stored, type=Event) == happened.event
    profile = after(*commands)
    assert msgspec.json.decode(msgspec.json.encode(profile), type=Profile) == profile


def test_the_state_has_a_default_for_everything() -> None:
    missing: list[FieldInfo] = [field for field in fields(Profile) if field.required]
    assert not missing


def _events_of(facet: ModuleType) -> tuple[type[msgspec.Struct], ...]:
    return get_args(facet.Event) or (facet.Event,)  # a union of one is that one


def _tag(event: type[msgspec.Struct]) -> str:
    tag = event.__struct_config__.tag
    assert isinstance(tag, str)
    return tag
