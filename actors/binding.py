"""Whom a yes or a no is about while a profile stands for several.

If the merge is undone, a no binds both sides, and a yes only the side of its address. So each is
written about those whom it shall bind, when it is said.
"""

from collections.abc import Iterator
from uuid import UUID

from aggregates.log.residents import Resident
from aggregates.profile.channels import Scope
from aggregates.profile.decisions.consent import (
    Command,
    GrantConsent,
    WithdrawConsent,
    scope_of,
)
from aggregates.profile.events.consent import key_of
from aggregates.profile.events.identity import is_live
from aggregates.profile.identifiers import Identifier
from aggregates.profile.permission import REACHED_BY
from aggregates.profile.profile import Profile


def bound(
    command: Command, held: Resident, subject: UUID, link: Scope = "global"
) -> Iterator[tuple[UUID, Command]]:
    """The members of `held` that the command binds, and what it says about each of them; `subject`
    is the one whom the signal is about, `link` how far an unsubscribe link reaches."""
    theirs = _theirs(command, held, subject)
    if isinstance(command, GrantConsent):
        yield theirs[0], command
        return
    for one in theirs:
        yield one, command
    if isinstance(command, WithdrawConsent) and (scope := scope_of(command, link)) != "address":
        # what it came by is nobody else's business
        bare = WithdrawConsent(
            scope=scope,
            channel=command.channel if scope == "channel" else None,
            source=command.source,
        )
        for one, member in sorted(held.members.items()):
            if one not in theirs and member.sealer is not None:
                yield one, bare


def _theirs(command: Command, held: Resident, subject: UUID) -> list[UUID]:
    """Those whose address it is, the likeliest first; else the subject."""
    known = {
        one: how_well
        for one, member in held.members.items()
        if member.sealer is not None and (how_well := _knows(member.profile, command))
    }
    found = sorted(known, key=lambda one: (-known[one], one != subject, one))
    return found or [subject]


def _knows(profile: Profile, command: Command) -> int:
    """By its owner, by a yes or no of theirs, by what they once gave."""
    channel, address = command.channel, command.address
    if channel is None or address is None:
        return 0
    if channel in REACHED_BY and is_live(
        profile.identity, Identifier(REACHED_BY[channel], address)
    ):
        return 3
    if key_of(channel, address) in profile.consent.addresses:
        return 2
    return int(address in profile.contact.emails | profile.contact.phones)
