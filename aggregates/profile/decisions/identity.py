"""When an identifier becomes a customer's."""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, TypeAlias, assert_never

from msgspec import Meta, Struct

from aggregates.profile.decisions.context import Context
from aggregates.profile.decisions.rejection import Rejected
from aggregates.profile.events.identity import (
    ConflictSeen,
    Event,
    Linked,
    Sighting,
    conflict_key,
    day_of,
    key_of,
)
from aggregates.profile.identifiers import Identifier, Kind, is_normal
from aggregates.profile.profile import Profile


class IdentityCommand(Struct, frozen=True, forbid_unknown_fields=True):
    """Marks every identity command."""


class LinkIdentifier(IdentityCommand, frozen=True, tag="LinkIdentifier"):
    """Somebody says that this identifier is the customer's too."""

    kind: Kind
    value: Annotated[str, Meta(max_length=500)]


class Recognise(IdentityCommand, frozen=True, tag="Recognise"):
    """Every signal begins so: what it was recognised by, and who else its identifiers named.

    Minted by resolution, never sent by a client.
    """

    identifiers: tuple[Identifier, ...] = ()
    others: tuple[str, ...] = ()
    disputed: tuple[str, ...] = ()
    decided_by: str = ""


Command: TypeAlias = LinkIdentifier | Recognise


def decide(profile: Profile, command: Command, context: Context) -> Iterator[Event]:
    match command:
        case LinkIdentifier(kind, value):
            if not is_normal(kind, value):
                raise Rejected("not_normal", f"this value is not the normal form of any {kind}")
            yield from _linked(profile, (Identifier(kind, value),), context)
        case Recognise():
            yield from _linked(profile, command.identifiers, context)
            yield from _conflict(profile, command)
        case _:
            assert_never(command)


def _linked(
    profile: Profile, identifiers: tuple[Identifier, ...], context: Context
) -> Iterator[Event]:
    sightings, day = profile.identity.sightings, day_of(context.occurred_at)
    news = tuple(
        known
        for known in identifiers
        if known not in context.owned_elsewhere
        and _is_news(sightings.get(key_of(known)), day, context)
    )
    if news:
        yield Linked(news, context.source.kind)


def _is_news(held: Sighting | None, day: datetime, context: Context) -> bool:
    """Whether `seen_again` would change the sighting."""
    if held is None or day > held.last:
        return True
    return (context.occurred_at, context.source.kind) < (held.first, held.source)


def _conflict(profile: Profile, command: Recognise) -> Iterator[Event]:
    noted = profile.identity.conflicts
    others = tuple(o for o in command.others if conflict_key(o, command.disputed) not in noted)
    if others:
        yield ConflictSeen(others, command.disputed, command.decided_by)
