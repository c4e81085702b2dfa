"""Events as they are stored: readable by auditors, personal only under the shopper's key."""

import json
from pathlib import Path
from typing import get_args

import msgspec
import pytest
from eventsourcing.persistence import StoredEvent
from msgspec.structs import FieldInfo, fields

from aggregates.log.codec import UnknownTopic
from aggregates.log.keys import Unreadable
from aggregates.profile.events import contact, identity, orders, visits
from aggregates.profile.profile import Event
from tests.aggregates.log import golden
from tests.aggregates.log.samples import (
    OTHER_SHOP,
    OTHER_SHOPPER,
    SAMPLES,
    SHOPPER,
    SUBJECT_KEY,
    mapper,
    record,
    topic_of,
)

CANARY = b"canary"
each_event = pytest.mark.parametrize("event", SAMPLES, ids=topic_of)
each_golden = pytest.mark.parametrize(
    "file", sorted(golden.FOLDER.glob("*.json")), ids=lambda file: file.stem
)
LINKED = SAMPLES[0]


def _stored(event: Event) -> StoredEvent:
    return mapper().to_stored_event(record(event))


def _with_state(stored: StoredEvent, **changes: object) -> StoredEvent:
    state = json.dumps({**json.loads(stored.state), **changes}).encode()
    return StoredEvent(stored.originator_id, stored.originator_version, stored.topic, state)


def _absent(field: FieldInfo) -> object:
    """What a field holds that was not given."""
    made = field.default_factory
    return field.default if made is msgspec.NODEFAULT else made()


def test_there_is_a_sample_of_every_event() -> None:
    assert {type(event) for event in SAMPLES} == set(get_args(Event))


@each_event
def test_a_sample_sets_every_field(event: Event) -> None:
    assert all(getattr(event, field.name) != _absent(field) for field in fields(event))


@each_event
def test_an_event_comes_back_as_it_was(event: Event) -> None:
    assert mapper().to_domain_event(_stored(event)) == record(event)


def test_an_event_with_nothing_but_what_it_needs_comes_back_too() -> None:
    for event in (contact.Given(), visits.Searched(), identity.Linked(), contact.TagsAdded()):
        assert mapper().to_domain_event(_stored(event)) == record(event)


@each_event
def test_no_personal_text_is_stored_in_clear(event: Event) -> None:
    assert CANARY not in _stored(event).state
    assert (CANARY in msgspec.json.encode(event)) == bool(event.PERSONAL)


@each_event
def test_what_is_not_personal_is_readable_without_a_key(event: Event) -> None:
    envelope = json.loads(_stored(event).state)
    plain = {f.encode_name for f in fields(event) if f.name not in event.PERSONAL}
    whole = msgspec.to_builtins(event)
    assert envelope["data"] == json.loads(json.dumps({n: whole[n] for n in whole if n in plain}))
    assert ("sealed" in envelope) == bool(event.PERSONAL)


@each_event
def test_without_the_key_the_personal_fields_are_absent(event: Event) -> None:
    read = mapper(key=None).to_domain_event(_stored(event))
    personal = {f.name: _absent(f) for f in fields(event) if f.name in event.PERSONAL}
    assert read == record(msgspec.structs.replace(event, **personal), erased=bool(personal))


def test_nothing_personal_is_written_about_an_erased_shopper() -> None:
    with pytest.raises(AssertionError, match="erased subject"):
        mapper(key=None).to_stored_event(record(LINKED))


def test_another_key_does_not_open_it() -> None:
    with pytest.raises(Unreadable, match=f"{SHOPPER} version 3"):
        mapper(key=SUBJECT_KEY[::-1]).to_domain_event(_stored(LINKED))


def test_sealed_fields_do_not_open_in_another_shop() -> None:
    with pytest.raises(Unreadable):
        mapper(OTHER_SHOP).to_domain_event(_stored(LINKED))


def test_sealed_fields_do_not_open_about_another_shopper() -> None:
    swapped = _with_state(_stored(LINKED), subject=str(OTHER_SHOPPER))
    with pytest.raises(Unreadable):
        mapper().to_domain_event(swapped)


def test_sealed_fields_do_not_open_at_another_version() -> None:
    stored = _stored(LINKED)
    with pytest.raises(Unreadable):
        mapper().to_domain_event(StoredEvent(SHOPPER, 4, stored.topic, stored.state))


def test_sealed_fields_do_not_open_under_another_name() -> None:
    searched = _stored(visits.Searched("canary query", "visit-1"))
    with pytest.raises(Unreadable):
        mapper().to_domain_event(StoredEvent(SHOPPER, 3, "visits.started", searched.state))


def test_sealed_fields_do_not_open_when_changed() -> None:
    sealed = json.loads(_stored(LINKED).state)["sealed"]
    changed = ("A" if sealed[30] != "A" else "B").join((sealed[:30], sealed[31:]))
    with pytest.raises(Unreadable):
        mapper().to_domain_event(_with_state(_stored(LINKED), sealed=changed))


def test_an_unknown_name_is_named() -> None:
    with pytest.raises(UnknownTopic, match=r"orders\.teleported"):
        mapper().to_domain_event(StoredEvent(SHOPPER, 3, "orders.teleported", b"{}"))


def test_a_field_of_a_later_version_is_passed_over() -> None:
    """So that a version taken back still reads what the newer one wrote."""
    stored = _with_state(_stored(orders.Paid("1001")), data={"order_id": "1001", "mood": "good"})
    assert mapper().to_domain_event(stored).event == orders.Paid("1001")


@each_golden
def test_what_was_once_stored_reads_the_same_for_ever(file: Path) -> None:
    stored, reads = golden.read(file)
    assert golden.reading(mapper().to_domain_event(stored)) == reads


def test_there_is_a_golden_file_of_every_event() -> None:
    """Missing one? See `write_golden.py`."""
    kept = {golden.read(file)[0].topic for file in golden.FOLDER.glob("*.json")}
    assert {topic_of(event) for event in get_args(Event)} <= kept


def test_a_golden_file_is_never_written_twice(tmp_path: Path) -> None:
    file = golden.write(LINKED, tmp_path)
    before = file.read_bytes()
    with pytest.raises(FileExistsError):
        golden.write(LINKED, tmp_path)
    assert file.read_bytes() == before
