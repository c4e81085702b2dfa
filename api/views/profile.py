"""From a profile's state to the JSON that clients read."""

from datetime import datetime

from aggregates.profile import lifecycle
from aggregates.profile.commerce import bought
from aggregates.profile.events.contact import Contact, detail, tags_of
from aggregates.profile.events.identity import Identity, live
from aggregates.profile.events.orders import Orders, Picture
from aggregates.profile.events.properties import values_of
from aggregates.profile.events.visits import visit_count
from aggregates.profile.identifiers import STRENGTH
from aggregates.profile.latest import current
from aggregates.profile.money import Money, Price, price
from aggregates.profile.portrait import contact_by, full_name
from aggregates.profile.profile import Profile
from aggregates.shop.lifecycle_rules import LifecycleRules
from api.ports import Folded
from api.views.consents import of_channels
from api.views.engagement import Sending, engagement
from api.views.shape import (
    Addresses,
    Commerce,
    LastOrder,
    Lifecycle,
    Name,
    ProfileView,
    Sighted,
    VisitCount,
)

PUBLIC_KINDS = ("shopify_customer_id", "external_id", "email", "phone", "cookie")
SALES_CHANNELS = ("online", "pos", "marketplace")


def view(folded: Folded, namespace: str, sending: Sending) -> ProfileView:
    """`sending`: the moment that is asked for, since time alone may end a consent or a stage, and
    by which of the shop's rules."""
    profile = folded.profile
    contact, visits = profile.contact, profile.visits
    sightings = live(profile.identity).values()
    email, phone = (contact_by(profile, kind) for kind in ("email", "phone"))
    return ProfileView(
        id=str(folded.profile_id),
        namespace=namespace,
        version=folded.version,
        created_at=folded.created_at,
        first_seen_at=min((seen.first for seen in sightings), default=None),
        last_activity_at=lifecycle.last_activity_at(profile),
        stands_for=sorted(map(str, profile.lineage.subjects)),
        name=_name(profile, email or phone),
        email=email,
        phone=phone,
        birthday=detail(contact, "birthday"),
        company=detail(contact, "company"),
        time_zone=detail(contact, "time_zone"),
        locale=detail(contact, "locale"),
        tags=sorted(tags_of(contact)),
        identifiers=identifiers(profile.identity),
        addresses=_addresses(contact),
        sources=sorted({seen.source for seen in sightings if seen.source}),
        commerce=_commerce(profile.orders),
        visits=VisitCount(visit_count(visits), visits.first_at, visits.last_at),
        lifecycle=_lifecycle(profile, sending.lifecycle, sending.at),
        consents=of_channels(profile, sending.at),
        engagement=engagement(profile, sending),
        properties=values_of(profile.properties),
    )


def identifiers(identity: Identity) -> list[Sighted]:
    """Those a person is known by, the strongest first; references to things of theirs are not."""
    parted = [(*key.partition(":")[::2], seen) for key, seen in live(identity).items()]
    shown = [
        Sighted(kind, value, seen.source, seen.first, max(seen.first, seen.last))
        for kind, value, seen in parted
        if kind in PUBLIC_KINDS
    ]
    return sorted(shown, key=lambda known: (-STRENGTH[known.kind], known.value))


def _name(profile: Profile, otherwise: str | None) -> Name:
    first, last = (detail(profile.contact, field) for field in ("first_name", "last_name"))
    return Name(first, last, full_name(profile) or otherwise)


def _lifecycle(profile: Profile, rules: LifecycleRules, at: datetime) -> Lifecycle:
    found = lifecycle.standing(profile, rules, at)
    return Lifecycle(found.stage, found.since, found.next_change_at)


def _addresses(contact: Contact) -> Addresses:
    held = contact.addresses
    return Addresses(
        shipping=current(held.get("shipping")),
        billing=current(held.get("billing")),
        letter=current(held.get("letter")),
    )


def _commerce(orders: Orders) -> Commerce:
    sums = bought(orders)
    first, last, counts = sums.first_order, sums.last_order, sums.count_by_channel
    return Commerce(
        order_count=sums.order_count,
        gross=_price(sums.gross),
        refunded=_price(sums.refunded),
        lifetime_spend=_price(sums.lifetime_spend),
        average_order_value=_price(sums.average_order_value),
        first_order_at=first.placed_at if first else None,
        last_order_at=last.placed_at if last else None,
        acquisition_channel=sums.acquisition_channel,
        channels={channel: counts.get(channel, 0) for channel in SALES_CHANNELS},
        last_order=_last_order(last) if last else None,
    )


def _last_order(picture: Picture) -> LastOrder:
    return LastOrder(
        order_id=picture.order_id,
        number=picture.number,
        placed_at=picture.placed_at,
        total=price(picture.total),
        channel=picture.channel,
        financial_status=picture.financial_status,
        fulfillment_status=picture.fulfillment_status,
    )


def _price(amount: Money | None) -> Price | None:
    return price(amount) if amount else None
