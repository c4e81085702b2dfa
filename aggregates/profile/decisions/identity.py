"""When an identifier becomes a customer's."""

from collections.abc import Iterator
from typing import Annotated, TypeAlias, assert_never

from msgspec import Meta, Struct

from aggregates.profile.decisions.context import Context
from aggregates.profile.decisions.rejection import Rejected
from aggregates.profile.events.identity import (
    ConflictSeen,
    Demoted,
    Event,
    Identity,
    Linked,
    Unlinked,
    conflict_key,
    day_of,
    is_live,
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


class UnlinkIdentifier(IdentityCommand, frozen=True, tag="UnlinkIdentifier"):
    """Somebody says that this identifier is not the customer's. It leads here no more."""

    kind: Kind
    value: Annotated[str, Meta(max_length=500)]
    reason: Annotated[str, Meta(max_length=500)] | None = None


class Recognise(IdentityCommand, frozen=True, tag="Recognise"):
    """Every signal begins so: what it was recognised by, and who else its identifiers named.

    `demoted` would break a limit, and stay whose they are. Minted by resolution, never sent by a
    client.
    """

    identifiers: tuple[Identifier, ...] = ()
    others: tuple[str, ...] = ()
    disputed: tuple[str, ...] = ()
    decided_by: str = ""
    demoted: tuple[Identifier, ...] = ()


Command: TypeAlias = LinkIdentifier | UnlinkIdentifier | Recognise


def decide(profile: Profile, command: Command, context: Context) -> Iterator[Event]:
    held = profile.identity
    match command:
        case LinkIdentifier(kind, value):
            yield from _linked(held, (checked(kind, value),), context, by_hand=True)
        case UnlinkIdentifier(kind, value, reason):
            known = checked(kind, value)
            if not is_live(held, known):
                raise Rejected("not_linked", f"the customer is not recognised by this {kind}")
            turn = held.sightings[key_of(known)].turn + 1
            yield Unlinked(turn, (known,), reason=reason)
        case Recognise():
            yield from _linked(held, command.identifiers, context)
            nobodys = tuple(i for i in command.demoted if i not in context.owned_elsewhere)
            yield from _demoted(held, nobodys, "limit")
            yield from _conflict(profile, command)
        case _:
            assert_never(command)


def checked(kind: Kind, value: str) -> Identifier:
    """Raises Rejected for what is not written as it is everywhere."""
    if not is_normal(kind, value):
        raise Rejected("not_normal", f"this value is not the normal form of any {kind}")
    return Identifier(kind, value)


def _linked(
    held: Identity, identifiers: tuple[Identifier, ...], context: Context, by_hand: bool = False
) -> Iterator[Event]:
    """What was taken away by hand comes back by hand only."""
    mine = [known for known in identifiers if known not in context.owned_elsewhere]
    barred = tuple(
        known for known in mine if key_of(known) in held.left and not is_live(held, known)
    )
    for known in barred if by_hand else ():
        yield Linked((known,), context.source.kind, held.left[key_of(known)])
    if not by_hand:
        yield from _demoted(held, barred, "unlinked")
    news = tuple(known for known in mine if known not in barred and _is_news(held, known, context))
    if news:
        yield Linked(news, context.source.kind)


def _is_news(identity: Identity, known: Identifier, context: Context) -> bool:
    """Whether `seen_again` would change the sighting."""
    held = identity.sightings.get(key_of(known))
    if held is None or day_of(context.occurred_at) > held.last:
        return True
    return (context.occurred_at, context.source.kind) < (held.first, held.source)


def _demoted(held: Identity, some: tuple[Identifier, ...], why: str) -> Iterator[Event]:
    news = tuple(known for known in some if key_of(known) not in held.demoted)
    if news:
        yield Demoted(news, why)


def _conflict(profile: Profile, command: Recognise) -> Iterator[Event]:
    noted = profile.identity.conflicts
    others = tuple(o for o in command.others if conflict_key(o, command.disputed) not in noted)
    if others:
        yield ConflictSeen(others, command.disputed, command.decided_by)
