"""Whatever order signals come in, and however often, the same customer comes out."""

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from itertools import chain, repeat
from random import Random

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from aggregates.profile.decide import Command
from aggregates.profile.decisions.checkouts import RecordCheckout, RecordCheckoutDeletion
from aggregates.profile.decisions.consent import (
    GrantConsent,
    LiftSuppression,
    RedactConsent,
    SuppressAddress,
    WithdrawConsent,
)
from aggregates.profile.decisions.contact import (
    AddTags,
    RemoveTags,
    SetAddress,
    SetContact,
    SetTimeZone,
)
from aggregates.profile.decisions.context import Context
from aggregates.profile.decisions.drafts import RecordDraftDeletion, RecordDraftOrder
from aggregates.profile.decisions.identity import LinkIdentifier, Recognise
from aggregates.profile.decisions.message_commands import (
    MessageCommand,
    RecordMessageBounced,
    RecordMessageClicked,
    RecordMessageComplained,
    RecordMessageDelivered,
    RecordMessageFailed,
    RecordMessageOpened,
    RecordMessageSent,
)
from aggregates.profile.decisions.orders import (
    RecordFulfillment,
    RecordOrder,
    RecordOrderDeletion,
    RecordOrderEdit,
    RecordRefund,
    RecordReturn,
)
from aggregates.profile.decisions.properties import SetProperties
from aggregates.profile.decisions.visits import (
    RecordCart,
    RecordCheckoutStep,
    RecordProductView,
    RecordSearch,
    RecordVisit,
)
from aggregates.profile.events import (
    checkouts,
    consent,
    drafts,
    messages,
    properties,
    visits,
)
from aggregates.profile.events.contact import Address
from aggregates.profile.events.properties import Moment
from aggregates.profile.identifiers import Identifier
from aggregates.profile.money import Price
from aggregates.profile.profile import Profile, fold
from aggregates.profile.source import Source
from tests.aggregates.profile.signals import MUG, Signal, heard, history
from tests.given import NOON

NOON_IN_BERLIN = NOON.astimezone(timezone(timedelta(hours=1)))
# few values of each kind, so that signals meet, tie and contradict each other
few = st.sampled_from
moments = few([0, 0, 1, 30, 59, 60, 61, 90, 180, 1500]).map(lambda m: NOON + timedelta(minutes=m))
maybe_moment = st.none() | moments
ids, maybe_id = few("abcd"), st.none() | few("abcd")
prices = st.builds(Price, few(["0", "10.00", "19.90"]), few(["EUR", "EUR", "USD"]))
items = few([(), (MUG,)])
texts = few(["x", "y", None])
tags = st.lists(few("pqr"), max_size=2).map(tuple)
addresses = st.builds(Address, city=texts)
mail = few(["a@x.io", "b@x.io", None])
known = st.builds(Identifier, few(["email", "cookie"]), ids)

orders = st.builds(
    RecordOrder,
    order_id=ids,
    placed_at=moments,
    total=prices,
    number=texts,
    discount_total=st.none() | prices,
    financial_status=few([None, "pending", "PAID", "refunded", "voided"]),
    fulfillment_status=few([None, "partial", "fulfilled"]),
    cancelled_at=st.none() | maybe_moment,
    cancel_reason=texts,
    channel=few(["online", "pos"]),
    test=few([False, False, True]),
    checkout_token=maybe_id,
    items=items,
)
around_orders = st.one_of(
    st.builds(RecordRefund, order_id=ids, refund_id=ids, amount=prices, presentment_amount=prices),
    st.builds(
        RecordReturn, return_id=ids, status=few(["open", "closed"]), order_id=maybe_id, items=items
    ),
    st.builds(
        RecordFulfillment, order_id=ids, fulfillment_id=ids, status=few(["success", "pending"])
    ),
    st.builds(RecordOrderEdit, order_id=ids, edit_id=ids, lines_added=few([0, 1])),
    st.builds(RecordOrderDeletion, order_id=few("d")),
)
checkout_signals = st.one_of(
    st.builds(
        RecordCheckout,
        token=ids,
        started_at=moments,
        total=prices,
        cart_token=maybe_id,
        completed_at=maybe_moment,
        abandoned=st.booleans(),
        items=items,
    ),
    st.builds(RecordCheckoutDeletion, token=ids),
)
draft_signals = st.one_of(
    st.builds(
        RecordDraftOrder,
        draft_id=ids,
        status=few(["open", "invoice_sent", "completed"]),
        total=prices,
        created_at=moments,
        name=texts,
        order_id=maybe_id,
        completed_at=maybe_moment,
    ),
    st.builds(RecordDraftDeletion, draft_id=ids),
)
browsing = st.one_of(
    st.builds(RecordVisit, visit_id=ids, landing_page=texts),
    st.builds(RecordProductView, product_id=ids, visit_id=maybe_id),
    st.builds(RecordCart, cart_token=ids, items=items, total=prices, visit_id=maybe_id),
    st.builds(RecordCheckoutStep, checkout_token=ids, step=few(["contact", "payment"])),
    st.builds(RecordSearch, query=few(["mug", "cup"]), visit_id=maybe_id),
)
people = st.one_of(
    st.builds(
        SetContact,
        email=mail,
        phone=texts,
        first_name=texts,
        tags=st.none() | tags,
        shipping=st.none() | addresses,
    ),
    st.builds(SetAddress, few(["shipping", "billing"]), addresses),
    st.builds(SetTimeZone, few(["Europe/Berlin", "UTC"])),
    st.builds(AddTags, tags),
    st.builds(RemoveTags, tags),
    st.builds(LinkIdentifier, few(["cookie"]), ids),
    st.builds(
        Recognise, st.lists(known, max_size=2).map(tuple), few([(), ("p1",)]), few([(), ("email",)])
    ),
)
# equal in Python, but not the same: 1 and true, 0 and minus zero, one instant in two zones
values = few(["x", "1", 1, 1.0, True, 0.0, -0.0, False, Moment(NOON), Moment(NOON_IN_BERLIN)])
own_words = st.builds(SetProperties, st.dictionaries(ids, values, min_size=1, max_size=3))
at = {"channel": few(["email", "sms"]), "address": few(["a@x.io", "b@x.io"])}
reports = st.one_of(
    st.builds(
        RecordMessageSent,
        message_id=ids,
        channel=few(["email", "sms"]),
        message_class=few(["marketing", "transactional"]),
        address=texts,
    ),
    st.builds(RecordMessageFailed, message_id=ids),
    st.builds(RecordMessageDelivered, message_id=ids),
    st.builds(RecordMessageOpened, message_id=ids),
    st.builds(RecordMessageClicked, message_id=ids, url=texts),
    st.builds(
        RecordMessageBounced, **at, message_id=ids, bounce=few(["hard", "soft", "never_left"])
    ),
    st.builds(RecordMessageComplained, **at, message_id=ids),
)
permissions = st.one_of(
    st.builds(
        GrantConsent,
        **at,
        level=few(["single", "confirmed", "unknown", "pending"]),
        text=texts,
        evidence=texts,
        source=few([None, "import"]),
        expires_at=few([None, NOON + timedelta(days=9)]),
    ),
    st.builds(WithdrawConsent, **at, scope=few(["address", "channel", "global"]), reason=texts),
    st.builds(SuppressAddress, **at, reason=few(["hard_bounce", "complaint"])),
    st.builds(LiftSuppression, **at),
    st.builds(RedactConsent, **at),
)
contexts = st.builds(
    Context, moments, st.just(NOON), few(["shopify", "api", "import", "other"]).map(Source)
)
# a few kinds of signals at a time, or they would hardly ever meet
KINDS: dict[str, st.SearchStrategy[Command]] = {
    "orders": orders,
    "around orders": around_orders,
    "checkouts": orders | checkout_signals,
    "drafts": draft_signals,
    "visits": browsing,
    "people": people,
    "properties": own_words,
    "messages": reports,
    "consent": permissions,
    "everything": st.one_of(
        *(orders, around_orders, checkout_signals, draft_signals, browsing, people, own_words),
        *(permissions, reports),
    ),
}
randoms = st.randoms(use_true_random=False)
each_kind = pytest.mark.parametrize("kind", KINDS)


def signals(data: st.DataObject, kind: str) -> list[Signal]:
    return data.draw(st.lists(st.tuples(KINDS[kind], contexts), min_size=2, max_size=9))


@each_kind
@settings(deadline=None)
@given(st.data(), randoms)
def test_any_order_of_signals_ends_in_the_same_state(
    kind: str, data: st.DataObject, random: Random
) -> None:
    news = signals(data, kind)
    assert _written(heard(_delivered(news, random))) == _written(heard(news))


@each_kind
@settings(deadline=None)
@given(st.data(), randoms)
def test_any_order_of_events_folds_to_the_same_state(
    kind: str, data: st.DataObject, random: Random
) -> None:
    news = signals(data, kind)
    past = history(news) * 2
    random.shuffle(past)
    assert _written(fold(past)) == _written(heard(news))


@pytest.fixture(scope="module")
def low_limits() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(checkouts, "MAX_CHECKOUTS", 2)
        patch.setattr(checkouts, "MAX_MOMENTS", 3)
        patch.setattr(consent, "MAX_REQUESTS", 1)
        patch.setattr(drafts, "MAX_DRAFTS", 2)
        patch.setattr(messages, "MAX_FACTS", 3)
        patch.setattr(messages, "KEPT_DAYS", 1)
        patch.setattr(properties, "MAX_PROPERTIES", 2)
        patch.setattr(visits, "MAX_VISITS", 2)
        patch.setattr(visits, "MAX_CARTS", 2)
        patch.setattr(visits, "MAX_DAYS", 1)
        yield


@pytest.mark.usefixtures("low_limits")
@pytest.mark.parametrize(
    "kind", ["checkouts", "drafts", "visits", "properties", "consent", "messages"]
)
@settings(deadline=None)
@given(st.data(), randoms)
def test_at_the_limits_it_is_still_the_same(kind: str, data: st.DataObject, random: Random) -> None:
    news = [_begun_once(*signal) for signal in signals(data, kind)]
    assert _written(heard(_delivered(news, random))) == _written(heard(news))


def _begun_once(command: Command, context: Context) -> Signal:
    """What the limits rely on: a thing starts once and is deleted once."""
    match command:
        case RecordCheckout():
            return replace(command, started_at=_moment_of(command.token)), context
        case RecordDraftOrder():
            return replace(command, created_at=_moment_of(command.draft_id)), context
        case RecordCheckoutDeletion():
            return command, replace(context, occurred_at=_moment_of(command.token))
        case RecordDraftDeletion():
            return command, replace(context, occurred_at=_moment_of(command.draft_id))
        case MessageCommand():
            return _told_once(command, context)
        case _:
            return command, context


def _told_once(command: MessageCommand, context: Context) -> Signal:
    """A thing happens to a message once; the kinds of bounces are several things."""
    if isinstance(command, RecordMessageSent):
        command = replace(command, channel="sms", message_class="marketing", address=None)
    name, what = getattr(command, "message_id", ""), type(command).__name__
    if isinstance(command, RecordMessageBounced | RecordMessageComplained):
        command = replace(command, channel="sms", address="b@x.io")
    days = len(what + getattr(command, "bounce", ""))
    return command, replace(context, occurred_at=_moment_of(name) + timedelta(hours=3 * days))


def _moment_of(name: str) -> datetime:
    return NOON + timedelta(minutes=min(ord(name), ord("b")))  # all but the first at once


def _delivered(news: list[Signal], random: Random) -> list[Signal]:
    often = list(chain.from_iterable(repeat(one, random.randint(1, 5)) for one in news))
    random.shuffle(often)
    return often


def _written(profile: Profile) -> bytes:
    return msgspec.json.encode(profile, order="deterministic")
