"""Between records and stored bytes: names we chose, personal fields under the subject's key.

Stored state is a JSON envelope that auditors can read in psql; only `sealed` is ciphertext.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any, get_args
from uuid import UUID

import msgspec
from eventsourcing.persistence import JSONTranscoder, Mapper, StoredEvent
from msgspec import Raw, Struct
from msgspec.structs import fields

from aggregates.log.keys import Sealer, Unreadable
from aggregates.log.record import Record
from aggregates.profile.profile import Event
from aggregates.profile.source import Source


class UnknownTopic(Exception):
    """A stored event whose name this version of the code does not know."""


class Envelope(Struct, omit_defaults=True):
    """What is stored in `events.state`, as JSON."""

    subject: UUID
    occurred_at: datetime
    recorded_at: datetime
    command_id: str
    by: str
    source: Source
    data: Raw
    sealed: bytes | None = None


class Shape:
    """How events of one class are taken apart and put together again."""

    __slots__ = ("_decoder", "_personal", "_plain", "topic")

    def __init__(self, kind: type[Any]) -> None:
        self.topic = str(kind.__struct_config__.tag)
        self._decoder = msgspec.json.Decoder(kind)
        named = [(f.name, f.encode_name, _default(f)) for f in fields(kind)]
        self._plain = [each for each in named if each[0] not in kind.PERSONAL]
        self._personal = [each for each in named if each[0] in kind.PERSONAL]

    def split(self, event: Event) -> tuple[bytes, bytes | None]:
        """The event's open part and its personal part, defaults left out; JSON objects both."""
        personal = _given(event, self._personal)
        return _encode(_given(event, self._plain)), _encode(personal) if personal else None

    def join(self, data: bytes, personal: bytes | None) -> Event:
        whole = data if personal is None else _united(data, personal)
        event: Event = self._decoder.decode(whole)
        return event


class ProfileMapper(Mapper[UUID]):
    """The library's mapper for our records: one namespace, a key for each subject.

    `sealer_of` answers None for a subject whose key was destroyed: its personal fields then read
    as absent.
    """

    def __init__(self, namespace: int, sealer_of: Callable[[UUID], Sealer | None]) -> None:
        super().__init__(_TRANSCODER)
        self._namespace = namespace
        self._sealer_of = sealer_of

    def to_stored_event(self, domain_event: Record) -> StoredEvent:  # type: ignore[override]  # the library types events by its own protocol; a Record is ours
        record = domain_event
        shape = SHAPES[type(record.event)]
        data, personal = shape.split(record.event)
        envelope = Envelope(
            record.subject,
            record.occurred_at,
            record.recorded_at,
            record.command_id,
            record.by,
            record.source,
            Raw(data),
            self._sealed(record, shape.topic, personal),
        )
        return StoredEvent(record.stream, record.version, shape.topic, _encode(envelope))

    def to_domain_event(self, stored_event: StoredEvent) -> Record:
        """Raises UnknownTopic for an event that this version of the code cannot read."""
        shape = TOPICS.get(stored_event.topic)
        if shape is None:
            raise UnknownTopic(stored_event.topic)
        envelope = _ENVELOPE.decode(stored_event.state)
        personal, erased = self._opened(envelope, stored_event)
        stream = stored_event.originator_id
        return Record(
            stream=stream if isinstance(stream, UUID) else UUID(stream),
            version=stored_event.originator_version,
            subject=envelope.subject,
            event=shape.join(bytes(envelope.data), personal),
            occurred_at=envelope.occurred_at,
            recorded_at=envelope.recorded_at,
            command_id=envelope.command_id,
            by=envelope.by,
            source=envelope.source,
            erased=erased,
        )

    def _sealed(self, record: Record, topic: str, personal: bytes | None) -> bytes | None:
        if personal is None:
            return None
        sealer = self._sealer_of(record.subject)
        assert sealer is not None, "an event about an erased subject must not be written"
        return sealer.seal(personal, self._about(record.subject, topic, record.version))

    def _opened(self, envelope: Envelope, stored: StoredEvent) -> tuple[bytes | None, bool]:
        if envelope.sealed is None:
            return None, False
        if (sealer := self._sealer_of(envelope.subject)) is None:
            return None, True
        about = self._about(envelope.subject, stored.topic, stored.originator_version)
        try:
            return sealer.open(envelope.sealed, about), False
        except Unreadable as error:
            where = f"{stored.originator_id} version {stored.originator_version}"
            raise Unreadable(f"{where}: the personal fields do not open: {error}") from error

    def _about(self, subject: UUID, topic: str, version: int) -> bytes:
        return b"%d|%b|%b|%d" % (self._namespace, subject.bytes, topic.encode(), version)


def subject_of(stored: StoredEvent) -> UUID:
    """Whom the event is about."""
    return _ENVELOPE.decode(stored.state).subject


def _default(field: msgspec.structs.FieldInfo) -> object:
    if field.default is not msgspec.NODEFAULT:
        return field.default
    return field.default_factory() if field.default_factory is not msgspec.NODEFAULT else _NO_VALUE


def _given(event: Event, named: list[tuple[str, str, object]]) -> dict[str, object]:
    """By the name it is stored under: some words are taken in Python, such as `from`."""
    return {
        stored: value
        for name, stored, default in named
        if (value := getattr(event, name)) != default
    }


def _united(data: bytes, personal: bytes) -> bytes:
    return personal if data == b"{}" else data[:-1] + b"," + personal[1:]


_NO_VALUE = object()
_TRANSCODER = JSONTranscoder()  # the library wants one; ours is the Shape of each event
_encode = msgspec.json.Encoder().encode
_ENVELOPE = msgspec.json.Decoder(Envelope)
SHAPES: dict[type, Shape] = {kind: Shape(kind) for kind in get_args(Event)}
TOPICS: dict[str, Shape] = {shape.topic: shape for shape in SHAPES.values()}
