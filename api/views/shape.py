"""The JSON of a profile. Every member is always there; what is not known is null."""

from datetime import datetime

from msgspec import Struct

from aggregates.profile.channels import Channel
from aggregates.profile.events.contact import Address
from aggregates.profile.events.lifecycle import Stage
from aggregates.profile.events.properties import Value
from aggregates.profile.money import Price


class Name(Struct, frozen=True):
    first: str | None
    last: str | None
    display: str | None


class Sighted(Struct, frozen=True):
    """`last_seen_at` is exact to the day."""

    kind: str
    value: str
    source: str
    first_seen_at: datetime
    last_seen_at: datetime


class Addresses(Struct, frozen=True):
    shipping: Address | None
    billing: Address | None
    letter: Address | None


class LastOrder(Struct, frozen=True):
    order_id: str
    number: str | None
    placed_at: datetime
    total: Price
    channel: str
    financial_status: str | None
    fulfillment_status: str | None


class Commerce(Struct, frozen=True, kw_only=True):
    order_count: int
    gross: Price | None
    refunded: Price | None
    lifetime_spend: Price | None
    average_order_value: Price | None
    first_order_at: datetime | None
    last_order_at: datetime | None
    acquisition_channel: str | None
    channels: dict[str, int]
    last_order: LastOrder | None


class VisitCount(Struct, frozen=True):
    count: int
    first_at: datetime | None
    last_at: datetime | None


class Consent(Struct, frozen=True):
    """`state`: never, pending, subscribed, unsubscribed, suppressed, redacted or expired."""

    state: str = "never"
    since: datetime | None = None
    address: str | None = None


class Consents(Struct, frozen=True):
    email: Consent = Consent()
    sms: Consent = Consent()
    whatsapp: Consent = Consent()
    push: Consent = Consent()


class EngagementParts(Struct, frozen=True, kw_only=True):
    """What the score is made of: points, and the marketing messages of 90 days they are from."""

    opens: float
    actions: float
    recency: float
    dismissals: float
    sent: int
    opened: int
    acted: int
    dismissed: int
    complained: int


class Engagement(Struct, frozen=True, kw_only=True):
    """`score`: 0 to 100 = opens + actions + recency - dismissals, 0 after a complaint, null where
    nothing was sent. `fatigue`: a tenth for each message of `sent_7d`."""

    score: int | None
    parts: EngagementParts
    last_contact: dict[Channel, datetime]
    sent_today: int
    sent_7d: int
    fatigue: float


class Lifecycle(Struct, frozen=True):
    """`since` is null for somebody who has done nothing yet, `next_change_at` where the stage
    will stay."""

    stage: Stage = "new"
    since: datetime | None = None
    next_change_at: datetime | None = None


class ProfileView(Struct, frozen=True, kw_only=True):
    """`stands_for`: who was merged into it. `redirected_from`: the id that was asked for, where
    that is one of them."""

    id: str
    namespace: str
    version: int
    created_at: datetime
    first_seen_at: datetime | None
    last_activity_at: datetime | None
    stands_for: list[str]
    redirected_from: str | None = None
    name: Name
    email: str | None
    phone: str | None
    birthday: str | None
    company: str | None
    time_zone: str | None
    locale: str | None
    tags: list[str]
    identifiers: list[Sighted]
    addresses: Addresses
    sources: list[str]
    commerce: Commerce
    visits: VisitCount
    consents: Consents
    engagement: Engagement
    lifecycle: Lifecycle = Lifecycle()
    properties: dict[str, Value]


class FoundProfiles(Struct, frozen=True):
    """At most one; after a merge it is the survivor."""

    items: list[ProfileView]
    next_cursor: str | None = None
