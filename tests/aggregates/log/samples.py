"""One event of each class with every field set, and records of them.

Every personal text says `canary`, so that a test can look for it where it must not be.
"""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from msgspec.structs import replace

from aggregates.gate.checks import Check
from aggregates.gate.decision import Decision, Reservation
from aggregates.log.codec import ProfileMapper
from aggregates.log.keys import Keyring, Sealer
from aggregates.log.record import Record
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
from aggregates.profile.events.contact import Address
from aggregates.profile.identifiers import Identifier
from aggregates.profile.items import Item
from aggregates.profile.money import Money, Price
from aggregates.profile.profile import Event
from aggregates.profile.source import Source

SHOP, OTHER_SHOP = 7, 8
KEYRING = Keyring(bytes(range(32)))
SUBJECT_KEY = bytes(range(100, 132))
SHOPPER = UUID("0198c000-0000-7000-8000-000000000001")
OTHER_SHOPPER = UUID("0198c000-0000-7000-8000-000000000002")
AT = datetime(2026, 11, 21, 12, 0, 0, 123456, tzinfo=UTC)
LATER = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)

TOTAL, PRESENTED = Money(1990, "EUR"), Money(2150, "USD")
MUG = Item(2, "mug", "mug-blue", "MUG-B", "Mug, blue", Price("9.95", "EUR"))
ADDRESS = Address(
    name="canary name",
    company="canary company",
    line1="canary line 1",
    line2="canary line 2",
    city="canary city",
    region="canary region",
    postcode="canary postcode",
    country="canary country",
    phone="canary phone",
)
ORDER = {
    "order_id": "1001",
    "placed_at": AT,
    "total": TOTAL,
    "number": "#1001",
    "presentment_total": PRESENTED,
    "discount_total": Money(100, "EUR"),
    "discount_codes": ("WELCOME",),
    "financial_status": "paid",
    "fulfillment_status": "fulfilled",
    "cancelled_at": LATER,
    "cancel_reason": "customer",
    "channel": "pos",
    "source_name": "web",
    "location_id": "berlin",
    "acquisition_channel": "newsletter",
    "test": True,
    "checkout_token": "checkout-1",
    "cart_token": "cart-1",
    "items": (MUG,),
}
CHECKOUT = {
    "token": "checkout-1",
    "started_at": AT,
    "total": TOTAL,
    "cart_token": "cart-1",
    "completed_at": LATER,
    "abandoned": True,
    "items": (MUG,),
}
DRAFT = {
    "draft_id": "draft-1",
    "created_at": AT,
    "status": "open",
    "total": TOTAL,
    "name": "#D1",
    "order_id": "1001",
    "completed_at": LATER,
    "items": (MUG,),
}
AGREEMENT = {
    "channel": "email",
    "address": "canary@example.com",
    "text": "Yes, write to me.",
    "text_sha256": "1f1ca9b4",
    "text_version": "v3",
    "language": "en",
    "source": "popup",
    "source_detail": "https://shop.example/?q=canary",
    "ip": "canary ip",
    "user_agent": "canary browser",
    "region": "canary region",
    "basis": "soft_opt_in",
    "expires_at": LATER,
    "evidence": "canary form",
    "actor": "canary clerk",
    "imported": True,
}
PAGE = {"visit_id": "visit-1", "referrer": "https://r.example/canary", "campaign": "autumn"}

MESSAGE = {
    "message_id": "message-1",
    "channel": "whatsapp",
    "message_class": "marketing",
    "source": "journey",
    "source_id": "welcome",
    "address": "+49 canary",
}
CHECKS = (
    Check(check="consent", passed=True),
    Check(
        check="caps",
        passed=True,
        channel="whatsapp",
        count=1,
        held=1,
        limit=2,
        day="2026-11-21",
        time_zone="Europe/Berlin",
        time_zone_from="explicit",
    ),
    Check(check="fatigue", passed=True, count=6, held=1, score=0.6, threshold=0.7),
)
QUIET = Check(
    check="quiet_hours",
    passed=False,
    reason="quiet_hours",
    start="21:00",
    end="09:00",
    local_time="23:15:00",
    time_zone="Europe/Berlin",
    time_zone_from="explicit",
)
GRANTED = Decision(True, None, None, None, CHECKS, Reservation("reservation-1", LATER))
REFUSED = Decision(False, "quiet_hours", LATER, "wait", (*CHECKS, QUIET))

CANARY = (Identifier("email", "canary@example.com"),)
MERGE = UUID("0198c000-0000-7000-8000-0000000000aa")
SAMPLES: tuple[Event, ...] = (
    identity.Linked(CANARY, "shopify", 1),
    identity.Unlinked(2, CANARY, OTHER_SHOPPER, "canary was a typing error"),
    identity.DeviceSwitched(2, CANARY, (OTHER_SHOPPER,), "shopify"),
    identity.Demoted(CANARY, "limit"),
    identity.SeenElsewhere(OTHER_SHOPPER, CANARY),
    identity.FlaggedShared(CANARY, (OTHER_SHOPPER,), (MERGE,)),
    identity.ConflictSeen((str(OTHER_SHOPPER),), ("email",), "shopify_customer_id"),
    identity.CandidateOpened(MERGE, OTHER_SHOPPER, 0.5, "same_phone", ("same_phone",)),
    identity.CandidateClosed(MERGE, OTHER_SHOPPER, "rejected", "canary is her sister"),
    lineage.Absorbed(
        merge_id=MERGE,
        absorbed=OTHER_SHOPPER,
        subjects=(OTHER_SHOPPER,),
        parts=(lineage.Part(OTHER_SHOPPER, 1, 3),),
        since=4,
        rule="same_email",
        evidence=(lineage.Evidence("email", SHOPPER, OTHER_SHOPPER),),
        reason="canary said so",
    ),
    lineage.AbsorbedInto(MERGE, OTHER_SHOPPER),
    lineage.Released(MERGE, OTHER_SHOPPER, (OTHER_SHOPPER,), "canary said so"),
    lineage.Restored(MERGE, OTHER_SHOPPER, (lineage.Part(OTHER_SHOPPER, 5, 9),), "canary said so"),
    lineage.KeptApart(SHOPPER, OTHER_SHOPPER, "canary is her sister"),
    lifecycle.StageChanged(
        before="loyal", to="at_risk", since=AT, turn=3, at_risk_days=30, churned_days=90
    ),
    contact.Given(
        email="canary@example.com",
        phone="+49 canary",
        first_name="canary first",
        last_name="canary last",
        company="canary company",
        birthday="canary birthday",
        locale="de-DE",
        time_zone="Europe/Berlin",
        shipping=ADDRESS,
        billing=replace(ADDRESS, city="canary billing city"),
        letter=replace(ADDRESS, city="canary letter city"),
    ),
    contact.TagsReplaced(("vip", "wholesale")),
    contact.TagsAdded(("vip",)),
    contact.TagsRemoved(("wholesale",)),
    consent.Granted(**AGREEMENT, level="confirmed"),
    consent.Requested(**AGREEMENT, level="single"),
    consent.Withdrawn(
        scope="global",
        channel="email",
        address="canary@example.com",
        source="unsubscribe_link",
        source_detail="https://shop.example/?q=canary",
        reason="canary has too much mail",
        ip="canary ip",
        user_agent="canary browser",
        evidence="canary form",
        actor="canary clerk",
    ),
    consent.Suppressed("email", "hard_bounce", "canary@example.com", "550 canary unknown"),
    consent.SuppressionLifted("email", "canary@example.com", "canary has room again"),
    consent.Redacted("email", "canary@example.com"),
    properties.PropertiesSet(
        {
            "canary name": "canary text",
            "number": 12.5,
            "flag": True,
            "instant": properties.Moment(LATER),
        }
    ),
    orders.Placed(**ORDER),
    orders.Updated(**ORDER),
    orders.Paid("1001"),
    orders.Fulfilled("1001"),
    orders.Cancelled("1001", LATER, "customer"),
    orders.Refunded("1001", "refund-1", Money(500, "EUR"), PRESENTED, (MUG,)),
    orders.Returned("return-1", "open", "1001", (MUG,)),
    orders.ParcelMoved("1001", "parcel-1", "success", (MUG,)),
    orders.Edited("1001", "edit-1", 2, 1),
    orders.Deleted("1001"),
    checkouts.Opened(**CHECKOUT),
    checkouts.Updated(**CHECKOUT),
    checkouts.Abandoned("checkout-1", AT),
    checkouts.Completed("checkout-1", AT, LATER),
    checkouts.Recovered("checkout-1", AT, LATER),
    checkouts.Deleted("checkout-1"),
    drafts.Opened(**DRAFT),
    drafts.Updated(**DRAFT),
    drafts.Completed("draft-1", AT, LATER, "1001"),
    drafts.Deleted("draft-1"),
    visits.Started(**PAGE, landing_page="https://shop.example/?q=canary"),
    visits.PageSeen(**PAGE, page="https://shop.example/canary"),
    visits.ProductViewed("mug", "mug-blue", "Mug, blue", Price("9.95", "EUR"), "visit-1"),
    visits.CartUpdated("cart-1", (MUG,), TOTAL, "visit-1"),
    visits.CheckoutStepReached("checkout-1", "payment", "visit-1"),
    visits.Searched("canary query", "visit-1"),
    messages.Reserved(**MESSAGE, decision=GRANTED, expires_at=LATER),
    messages.Blocked(**MESSAGE, decision=REFUSED),
    messages.Missed(
        message_id="message-1",
        channel="whatsapp",
        source="journey",
        deadline=AT,
        reason="quiet_hours",
        retry_at=LATER,
        source_id="welcome",
    ),
    messages.Sent(
        **MESSAGE, reservation="reservation-1", subject="canary subject", preview="canary preview"
    ),
    messages.Failed("message-1", "550", "canary@example.com has no mailbox"),
    messages.Released("message-1"),
    messages.Delivered("message-1"),
    messages.Opened("message-1"),
    messages.Clicked("message-1", "https://shop.example/?who=canary"),
    messages.Replied("message-1", "canary says no"),
    messages.Dismissed("message-1"),
    messages.Bounced("message-1", "hard", "canary@example.com", "canary is unknown here"),
    messages.Complained("message-1", "canary@example.com"),
)


def topic_of(event: Event | type[Event]) -> str:
    return str(event.__struct_config__.tag)


def record(event: Event, **changes: Any) -> Record:
    """Our shopper's third event, with everything a record can say."""
    first = Record(
        stream=SHOPPER,
        version=3,
        subject=SHOPPER,
        event=event,
        occurred_at=AT,
        recorded_at=LATER,
        command_id="delivery-1",
        by="webhook",
        source=Source("shopify", "orders/create", "webhook-1", "event-1", AT, "2026-07"),
    )
    return replace(first, **changes)


def mapper(namespace: int = SHOP, key: bytes | None = SUBJECT_KEY) -> ProfileMapper:
    """Everybody's personal fields under one `key`; None is a destroyed one."""
    sealer = Sealer(key) if key else None
    return ProfileMapper(namespace, lambda _subject: sealer)
