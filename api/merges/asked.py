"""What somebody wants with two profiles becomes a signal like any other."""

from hashlib import blake2b
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct
from msgspec.json import Decoder

from actors.signals import Signal, Step
from aggregates.profile.decisions.lineage import (
    Command,
    MergeProfiles,
    Reason,
    RejectCandidate,
    ReverseMerge,
)
from aggregates.profile.source import Source
from api import wire
from api.intake.command import FINGERPRINT_BYTES, Caller, checked_id

Name = Annotated[str, Meta(min_length=1, max_length=255)]


class MergeAsked(Struct, frozen=True, forbid_unknown_fields=True):
    """POST /v1/merges: `absorbed` becomes part of `survivor`."""

    survivor: UUID
    absorbed: UUID
    reason: Reason | None = None
    id: Name | None = None

    @property
    def pair(self) -> dict[str, UUID]:
        """By field."""
        return {"survivor": self.survivor, "absorbed": self.absorbed}


class Reasoned(Struct, frozen=True, forbid_unknown_fields=True):
    """Why a merge is undone, a candidate accepted or rejected."""

    reason: Reason | None = None
    id: Name | None = None


_MERGE, _REASONED = Decoder(MergeAsked), Decoder(Reasoned)


def merge_asked(body: bytes) -> MergeAsked:
    """Raises Problem."""
    return wire.whole(_MERGE, body)


def reasoned(body: bytes) -> Reasoned:
    """An empty body gives no reason. Raises Problem."""
    return wire.whole(_REASONED, body) if body.strip() else Reasoned()


def signal_of(command: Command, whom: UUID, name: str, body: bytes, caller: Caller) -> Signal:
    """Under the idempotency key `name`; sent to the profile `whom`."""
    return Signal(
        id=checked_id(name),
        namespace=caller.namespace,
        occurred_at=caller.received_at,
        source=Source("api"),
        by=caller.by,
        identifiers=(),
        steps=(Step(caller.received_at, command),),
        fingerprint=_fingerprint(command, body),
        profile=whom,
        creates=False,
    )


def _fingerprint(command: Command, body: bytes) -> bytes:
    """Of the body with what the address names besides: two merges are undone by the same words."""
    told = b"|".join((type(command).__name__.encode(), _about(command), body.strip()))
    return blake2b(told, digest_size=FINGERPRINT_BYTES).digest()


def _about(command: Command) -> bytes:
    match command:
        case ReverseMerge():
            return command.merge_id.bytes
        case MergeProfiles(candidate_id=UUID() as known) | RejectCandidate(candidate_id=known):
            return known.bytes
        case _:
            return b""
