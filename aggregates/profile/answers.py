"""What a sender hears besides the names of the events: what the gate said."""

from collections.abc import Iterable

import msgspec

from aggregates.profile.events.messages import Blocked, Reserved
from aggregates.profile.profile import Event


def answer_of(events: Iterable[Event]) -> bytes | None:
    """As JSON."""
    for event in events:
        if isinstance(event, (Reserved, Blocked)):
            return _encode(event.decision)
    return None


_encode = msgspec.json.Encoder().encode
