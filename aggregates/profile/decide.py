"""Route a command to the facets that answer to it."""

from collections.abc import Iterator
from datetime import datetime
from typing import TypeAlias, assert_never

from aggregates.profile.decisions import (
    checkouts,
    consent,
    contact,
    drafts,
    identity,
    lifecycle,
    messages,
    orders,
    properties,
    visits,
)
from aggregates.profile.decisions.context import Context
from aggregates.profile.events.messages import Reserved, Sent
from aggregates.profile.profile import Event, Profile

Command: TypeAlias = (
    identity.Command
    | contact.Command
    | consent.Command
    | properties.Command
    | orders.Command
    | checkouts.Command
    | drafts.Command
    | visits.Command
    | lifecycle.Command
    | messages.Command
)


def decide(profile: Profile, command: Command, context: Context) -> Iterator[Event]:
    """The events that `command` makes happen; none means that nothing changed.

    Raises `Rejected` where the profile's state does not allow the command.
    """
    match command:
        case identity.IdentityCommand():
            yield from identity.decide(profile, command, context)
        case contact.ContactCommand():
            yield from contact.decide(profile, command, context)
        case consent.ConsentCommand():
            yield from consent.decide(profile, command, context)
        case properties.PropertiesCommand():
            yield from properties.decide(profile, command, context)
        case orders.OrderCommand():
            yield from orders.decide(profile, command, context)
            if isinstance(command, orders.RecordOrder):
                yield from checkouts.completed_by(profile, command)
        case checkouts.CheckoutCommand():
            yield from checkouts.decide(profile, command, context)
        case drafts.DraftCommand():
            yield from drafts.decide(profile, command, context)
        case visits.VisitCommand():
            yield from visits.decide(profile, command, context)
        case lifecycle.LifecycleCommand():
            yield from lifecycle.decide(profile, command, context)
        case messages.MessageCommand():
            yield from _message(profile, command, context)
        case _:
            assert_never(command)


def brought_to_light(
    profile: Profile, event: Sent | Reserved
) -> Iterator[tuple[datetime, consent.SuppressAddress]]:
    """What is to be decided on, as of another time, now that the `profile` knows of the event: the
    message may have bounced before anybody knew where it went."""
    for at, gone in messages.suppressed_before(profile, event):
        yield at, consent.SuppressAddress(**gone._asdict())


def _message(profile: Profile, command: messages.Command, context: Context) -> Iterator[Event]:
    """An address that bounced for good, or complained, is written to no more."""
    yield from messages.decide(profile, command, context)
    if gone := messages.suppressed_by(context.whole or profile, command):
        yield from consent.decide(profile, consent.SuppressAddress(**gone._asdict()), context)
