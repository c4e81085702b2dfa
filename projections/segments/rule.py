"""What a segment's rule may say: conditions, joined by all, any and not.

A new kind of condition is a Struct here, an arm in `compile`, one in `evaluate`, one in `wording`.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Literal, TypeAlias
from uuid import UUID

from msgspec import Meta, Struct, field

StageName = Literal["new", "engaged", "converted", "loyal", "at_risk", "churned"]
Field = Literal[
    "name",
    "email",
    "phone",
    "company",
    "city",
    "country",
    "currency",
    "visits",
    "spend",
    "first_order_at",
    "last_order_at",
    "created_at",
    "last_activity_at",
]
KINDS: Mapping[str, tuple[Field, ...]] = {
    "text": ("name", "email", "phone", "company", "city", "country", "currency"),
    "date": ("first_order_at", "last_order_at", "created_at", "last_activity_at"),
}
Compare = Literal["at_least", "at_most", "exactly", "over", "under"]
MOST_COUNTED = 999_999_999
Days = Annotated[int, Meta(ge=1, le=36_500)]
Count = Annotated[int, Meta(ge=0, le=MOST_COUNTED)]
Text = Annotated[str, Meta(min_length=1, max_length=500)]
Instant = Annotated[datetime, Meta(tz=True)]
Amount = Annotated[
    str, Meta(pattern=r"^-?[0-9]{1,12}(\.[0-9]{1,6})?(?!\n)$", description="Decimal string")
]
Channel = Literal["email", "sms", "whatsapp", "push"]
ConsentState = Literal[
    "never", "pending", "subscribed", "unsubscribed", "suppressed", "redacted", "expired"
]
Deed = Literal["sent", "opened", "clicked", "replied"]
MESSAGE_DAYS = 90  # single messages are not remembered for longer
MessageDays = Annotated[int, Meta(ge=1, le=MESSAGE_DAYS)]
Score = Annotated[int, Meta(ge=0, le=100)]
Share = Annotated[
    str, Meta(pattern=r"^(0(\.[0-9]{1,2})?|1(\.0{1,2})?)(?!\n)$", description="Between 0 and 1")
]
MOST_PARTS = 100  # of one all or any


class Condition(Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind"):
    """Marks every part of a rule."""


class AllOf(Condition, frozen=True, tag="all"):
    """Of nothing: everybody."""

    all: "Parts"


class AnyOf(Condition, frozen=True, tag="any"):
    """Of nothing: nobody."""

    any: "Parts"


class Not(Condition, frozen=True, tag="not"):
    rule: "Rule" = field(name="not")


class Window(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """The last `days` (of 24 hours) up to now, or from one instant up to before another; empty is
    ever."""

    days: Days | None = None
    start: Instant | None = field(default=None, name="from")
    end: Instant | None = field(default=None, name="until")


EVER = Window()


class TextIs(Condition, frozen=True, tag="text", omit_defaults=True):
    """Whether A is a capital makes no difference; in names, nor does Ä."""

    field: Field
    test: Literal["is", "contains", "starts_with", "is_known"]
    value: Text | None = None


class Visits(Condition, frozen=True, tag="visits", omit_defaults=True):
    """How many visits, each at the moment it was last heard of."""

    compare: Compare
    count: Count
    window: Window = EVER


class Spend(Condition, frozen=True, tag="spend"):
    """What was ever paid and not given back, in the customer's own currency."""

    compare: Compare
    amount: Amount


class Date(Condition, frozen=True, tag="date", omit_defaults=True):
    """`within` the last `days`, or longer ago: `beyond` them."""

    field: Field
    test: Literal["before", "after", "within", "beyond", "is_known"]
    at: Instant | None = None
    days: Days | None = None


class OrderCount(Condition, frozen=True, tag="orders", omit_defaults=True):
    """How many orders that count: neither tests nor cancelled ones."""

    compare: Compare
    count: Count
    window: Window = EVER


class OrderValue(Condition, frozen=True, tag="order_value", omit_defaults=True):
    """Total or average of the orders in the customer's own currency, refunds not taken off; who
    has none has no average."""

    measure: Literal["total", "average"]
    compare: Compare
    amount: Amount
    window: Window = EVER


class Bought(Condition, frozen=True, tag="bought", omit_defaults=True):
    """In at least so many orders: a product by exactly one of its id, its SKU and words of its
    title."""

    product_id: Text | None = None
    sku: Text | None = None
    title: Text | None = None
    times: Annotated[int, Meta(ge=1, le=MOST_COUNTED)] = 1
    window: Window = EVER


class Stage(Condition, frozen=True, tag="stage"):
    any_of: Annotated[tuple[StageName, ...], Meta(min_length=1, max_length=6)]


class Consent(Condition, frozen=True, tag="consent"):
    """How things stand with the address that messages on the channel would go to."""

    channel: Channel
    any_of: Annotated[tuple[ConsentState, ...], Meta(min_length=1, max_length=7)]


class MayReceive(Condition, frozen=True, tag="may_receive", omit_defaults=True):
    """What the gate would say now to a campaign. It changes with the customer's clock, so most
    leave each evening and come back each morning, unless quiet hours do not matter."""

    channel: Channel
    quiet_hours: Literal["kept", "ignored"] = "kept"


class Fatigue(Condition, frozen=True, tag="fatigue"):
    """A tenth for each message of the last seven days, at most 1: what the gate reckons with."""

    compare: Compare
    score: Share


class Engagement(Condition, frozen=True, tag="engagement"):
    """How the customer takes marketing messages, 0 to 100; who got none lately has no score."""

    compare: Compare
    score: Score


class Messages(Condition, frozen=True, tag="messages", omit_defaults=True):
    """How many messages of the last `days` were sent, or opened and so on within them. Who clicks
    or replies has opened."""

    did: Deed
    compare: Compare
    count: Count
    days: MessageDays = MESSAGE_DAYS
    channel: Channel | None = None
    campaign: Text | None = None


class Tagged(Condition, frozen=True, tag="tag"):
    tag: Text


class ComesFrom(Condition, frozen=True, tag="source"):
    """A system that has told of the customer, such as `shopify`."""

    source: Text


class InSegment(Condition, frozen=True, tag="segment"):
    segment_id: UUID


Rule: TypeAlias = (
    AllOf
    | AnyOf
    | Not
    | TextIs
    | Visits
    | Spend
    | Date
    | OrderCount
    | OrderValue
    | Bought
    | Stage
    | Consent
    | MayReceive
    | Fatigue
    | Engagement
    | Messages
    | Tagged
    | ComesFrom
    | InSegment
)
Parts: TypeAlias = Annotated[tuple[Rule, ...], Meta(max_length=MOST_PARTS)]


def parts_of(rule: Rule) -> tuple[tuple[str, Rule], ...]:
    """Its parts with the names of their places."""
    match rule:
        case AllOf():
            return tuple((f"all[{n}]", part) for n, part in enumerate(rule.all))
        case AnyOf():
            return tuple((f"any[{n}]", part) for n, part in enumerate(rule.any))
        case Not():
            return (("not", rule.rule),)
    return ()
