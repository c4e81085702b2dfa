"""The customer profile: one consistency boundary made of facets.

This file is the map of the aggregate. It holds no business rules.
"""

from collections.abc import Iterable
from functools import reduce
from typing import TypeAlias, assert_never

from msgspec import Struct
from msgspec.structs import replace

from aggregates.profile.events import (
    checkouts,
    consent,
    contact,
    drafts,
    identity,
    lifecycle,
    lineage,
    messages,
    orders,
    properties,
    visits,
)
from aggregates.profile.events.checkouts import Checkouts
from aggregates.profile.events.consent import Consent
from aggregates.profile.events.contact import Contact
from aggregates.profile.events.drafts import Drafts
from aggregates.profile.events.identity import Identity
from aggregates.profile.events.lifecycle import Lifecycle
from aggregates.profile.events.lineage import Lineage
from aggregates.profile.events.messages import Messages
from aggregates.profile.events.orders import Orders
from aggregates.profile.events.properties import Properties
from aggregates.profile.events.visits import Visits
from aggregates.profile.latest import Stamp

Event: TypeAlias = (
    identity.Event
    | contact.Event
    | consent.Event
    | properties.Event
    | orders.Event
    | checkouts.Event
    | drafts.Event
    | visits.Event
    | lineage.Event
    | lifecycle.Event
    | messages.Event
)


class Profile(Struct, frozen=True):
    identity: Identity = Identity()
    contact: Contact = Contact()
    orders: Orders = Orders()
    checkouts: Checkouts = Checkouts()
    drafts: Drafts = Drafts()
    visits: Visits = Visits()
    lineage: Lineage = Lineage()
    properties: Properties = Properties()
    lifecycle: Lifecycle = Lifecycle()
    messages: Messages = Messages()
    consent: Consent = Consent()


class Happened(Struct, frozen=True):
    """An event and the stamp that decides what it outweighs."""

    event: Event
    stamp: Stamp


EMPTY = Profile()


def evolve(profile: Profile, event: Event, stamp: Stamp) -> Profile:  # noqa: PLR0911 - one a facet
    match event:
        case identity.IdentityEvent():
            return replace(profile, identity=identity.evolve(profile.identity, event, stamp))
        case contact.ContactEvent():
            return replace(profile, contact=contact.evolve(profile.contact, event, stamp))
        case orders.OrderEvent():
            return replace(profile, orders=orders.evolve(profile.orders, event, stamp))
        case checkouts.CheckoutEvent():
            return replace(profile, checkouts=checkouts.evolve(profile.checkouts, event, stamp))
        case drafts.DraftEvent():
            return replace(profile, drafts=drafts.evolve(profile.drafts, event, stamp))
        case visits.VisitEvent():
            return replace(profile, visits=visits.evolve(profile.visits, event, stamp))
        case lineage.LineageEvent():
            return replace(profile, lineage=lineage.evolve(profile.lineage, event))
        case consent.ConsentEvent():
            return replace(profile, consent=consent.evolve(profile.consent, event, stamp))
        case properties.PropertiesEvent():
            return replace(profile, properties=properties.evolve(profile.properties, event, stamp))
        case lifecycle.LifecycleEvent():
            return replace(profile, lifecycle=lifecycle.evolve(profile.lifecycle, event))
        case messages.MessageEvent():
            return replace(profile, messages=messages.evolve(profile.messages, event, stamp))
        case _:
            assert_never(event)


def fold(history: Iterable[Happened], start: Profile = EMPTY) -> Profile:
    return reduce(lambda profile, past: evolve(profile, past.event, past.stamp), history, start)
