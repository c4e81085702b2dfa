"""What is remembered of a signal, so that it is answered again as before."""

from collections.abc import Mapping, Sequence
from uuid import UUID

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from actors.drafting import Draft
from actors.signals import Outcome, Routed
from aggregates.log.port import Placed


class Remembered(Struct, frozen=True, array_like=True):
    """The stored outcome of a signal, answered again whenever its id comes again."""

    profile_id: UUID
    version: int
    events: tuple[str, ...]
    position: str | None
    fingerprint: bytes
    created: bool = False
    answer: bytes | None = None


def memories_of(drafts: Mapping[int, Draft], placed: Sequence[Placed]) -> dict[int, Remembered]:
    """By the signal's place; what was placed is in the order of the drafts."""
    behind, memories = 0, {}
    for place, draft in drafts.items():
        before, behind = behind, behind + len(draft.stored)
        position = _last_of(draft.profile, placed[before:behind])
        names = tuple(stored.topic for stored in draft.stored)
        memories[place] = Remembered(
            draft.profile,
            draft.version,
            names,
            position,
            draft.fingerprint,
            draft.created,
            draft.answer,
        )
    return memories


def outcome_of(memory: Remembered) -> Outcome:
    return Outcome(
        profile_id=memory.profile_id,
        version=memory.version,
        events=memory.events,
        position=memory.position,
        created=memory.created,
        answer=memory.answer,
    )


def again(memory: Remembered, routed: Routed) -> Outcome:
    """For a signal whose id or content came before."""
    if memory.fingerprint != routed.signal.fingerprint:
        return Outcome(
            profile_id=memory.profile_id,
            version=memory.version,
            refused="id_reused",
            detail="this id was already used for something else; use a new id",
        )
    return replace(outcome_of(memory), duplicate=True)


def _last_of(profile: UUID, placed: Sequence[Placed]) -> str | None:
    own = [one.position for one in placed if one.stored.originator_id == profile]
    return str(own[-1]) if own else None


encode = msgspec.msgpack.Encoder().encode
decode = msgspec.msgpack.Decoder(Remembered).decode
