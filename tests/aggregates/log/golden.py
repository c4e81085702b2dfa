"""Stored events as this product once wrote them; they must be readable for ever.

A golden file holds an event as stored and what it reads as. Never change one: a file that no
longer reads the same is a shop's history that no longer reads the same.
"""

import json
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
from eventsourcing.persistence import StoredEvent

from aggregates.log.record import Record
from aggregates.profile.profile import Event
from tests.aggregates.log.samples import mapper, record, topic_of

FOLDER = Path(__file__).parent / "golden"


def write(event: Event, folder: Path = FOLDER) -> Path:
    """A golden file of the event as it is stored today. Raises FileExistsError."""
    written = record(event)
    stored = mapper().to_stored_event(written)
    content = {
        "profile_id": str(stored.originator_id),
        "version": stored.originator_version,
        "topic": stored.topic,
        "state": stored.state.decode(),
        "reads": reading(written),
    }
    file = folder / f"{topic_of(event)}.json"
    with file.open("x") as out:
        out.write(json.dumps(content, indent=2) + "\n")
    return file


def read(file: Path) -> tuple[StoredEvent, dict[str, Any]]:
    """The event as stored, and what it reads as."""
    content = json.loads(file.read_text())
    stored = StoredEvent(
        UUID(content["profile_id"]),
        content["version"],
        content["topic"],
        content["state"].encode(),
    )
    return stored, content["reads"]


def reading(read: Record) -> dict[str, Any]:
    """All that a record says, in plain JSON; defaults left out, so that new fields may come."""
    said: dict[str, Any] = msgspec.to_builtins(
        {
            "subject": read.subject,
            "event": read.event,
            "occurred_at": read.occurred_at,
            "recorded_at": read.recorded_at,
            "command_id": read.command_id,
            "by": read.by,
            "source": read.source,
        }
    )
    return json.loads(json.dumps(said))
