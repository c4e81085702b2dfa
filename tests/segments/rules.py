"""Random rules that pass every check, about what the customers of `crowd` are made of."""

from datetime import datetime, timedelta
from typing import get_args
from uuid import UUID

from hypothesis import strategies as st

from aggregates.profile.channels import CHANNELS
from aggregates.shop.lifecycle_rules import LifecycleRules
from aggregates.shop.messaging_rules import ChannelCaps, MessagingRules
from aggregates.shop.quiet_hours import QuietHours, RegionHours
from aggregates.shop.settings import Clock, Settings
from projections.segments.rule import (
    KINDS,
    AllOf,
    AnyOf,
    Bought,
    ComesFrom,
    Consent,
    ConsentState,
    Date,
    Deed,
    Engagement,
    Fatigue,
    InSegment,
    MayReceive,
    Messages,
    Not,
    OrderCount,
    OrderValue,
    Rule,
    Spend,
    Stage,
    StageName,
    Tagged,
    TextIs,
    Visits,
    Window,
)
from tests.given import NOON

COMPARES = ("at_least", "at_most", "exactly", "over", "under")
WORDS = ("Ada", "ÖK", "ök", "a", "wien", "Wien", "DE", "eur", "@", "%", "_", "+49", "'", "\\", '"')
OTHER_SEGMENT = UUID("0198c000-0000-7000-8000-0000000000c1")

compares = st.sampled_from(COMPARES)
days = st.integers(1, 200)
counts = st.integers(0, 4)
amounts = st.one_of(
    st.sampled_from(["0", "10", "20.5", "15.005", "15.00"]),
    st.decimals(-100, 10**6, places=2).map(str),
)
instants = st.one_of(
    st.integers(-200 * 24, 20 * 24).map(lambda hours: NOON + timedelta(hours=hours)),
    st.integers(-3 * 24 * 60, 24 * 60).map(lambda minutes: NOON + timedelta(minutes=minutes)),
)
BY_REGION = QuietHours(
    days=frozenset({"sunday"}),
    regions={
        "US": RegionHours("20:00", "08:00", frozenset()),
        "AT": RegionHours(exempt=frozenset(CHANNELS)),
        "DE": RegionHours("12:00", "12:00", dates=frozenset({f"{NOON:%m-%d}"})),
    },
)
shops = st.sampled_from(
    [
        Settings(),
        Settings(
            lifecycle=LifecycleRules(7, 45),
            messaging=MessagingRules(
                daily_cap=2,
                channel_caps=ChannelCaps(1, None, None, None),
                fatigue_threshold=0.3,
                quiet_hours=QuietHours("13:30", "15:00", frozenset()),
                transactional_counts=True,
            ),
            clock=Clock("America/New_York"),
        ),
        Settings(messaging=MessagingRules(None, fatigue_threshold=None), clock=Clock("nowhere")),
        Settings(messaging=MessagingRules(quiet_hours=BY_REGION), clock=Clock("Europe/Berlin")),
    ]
)
texts = st.one_of(
    st.sampled_from(WORDS),
    st.text(st.characters(exclude_characters="\0", codec="utf-8"), min_size=1, max_size=5),
)


def _window(days: int | None, start: datetime, end: datetime, which: int) -> Window:
    start, end = min(start, end), max(start, end) + timedelta(hours=1)
    return (Window(days=days), Window(), Window(None, start, end), Window(None, start))[which]


tests = st.sampled_from(["is", "contains", "starts_with"])
windows = st.builds(_window, days, instants, instants, st.integers(0, 3))
products = st.sampled_from(["mug", "pen", "cap", "none"])
titles = st.sampled_from(["A ", "MUG", "%"])
stages = st.sampled_from(get_args(StageName))
channels = st.sampled_from(CHANNELS)
states = st.sampled_from(get_args(ConsentState))
LEAVES: list[st.SearchStrategy[Rule]] = [
    st.builds(TextIs, st.sampled_from(KINDS["text"]), tests, texts),
    st.builds(TextIs, st.sampled_from(KINDS["text"]), st.just("is_known")),
    st.builds(Visits, compares, counts, windows),
    st.builds(Spend, compares, amounts),
    st.builds(Date, st.sampled_from(KINDS["date"]), st.sampled_from(["before", "after"]), instants),
    st.builds(
        Date, st.sampled_from(KINDS["date"]), st.sampled_from(["within", "beyond"]), days=days
    ),
    st.builds(Date, st.sampled_from(KINDS["date"]), st.just("is_known")),
    st.builds(OrderCount, compares, counts, windows),
    st.builds(OrderValue, st.sampled_from(["total", "average"]), compares, amounts, windows),
    st.builds(Bought, product_id=products, times=st.integers(1, 3), window=windows),
    st.builds(Bought, sku=products, times=st.integers(1, 3), window=windows),
    st.builds(Bought, title=titles, times=st.integers(1, 3), window=windows),
    st.builds(
        Stage, st.lists(st.sampled_from(get_args(StageName)), min_size=1, max_size=3).map(tuple)
    ),
    st.builds(Consent, channels, st.lists(states, min_size=1, max_size=2).map(tuple)),
    st.builds(Consent, channels, st.just(("subscribed",))),
    st.builds(MayReceive, channels, st.sampled_from(["kept", "ignored"])),
    st.builds(Fatigue, compares, st.sampled_from(["0", "0.1", "0.30", "0.25", "1"])),
    st.builds(Engagement, compares, st.integers(0, 100)),
    st.builds(
        Messages,
        st.sampled_from(get_args(Deed)),
        compares,
        counts,
        st.integers(1, 90),
        st.none() | channels,
        st.sampled_from([None, None, "spring", "autumn"]),
    ),
    st.builds(Tagged, st.sampled_from(["vip", "Vip", "new"])),
    st.builds(ComesFrom, st.sampled_from(["shopify", "klaviyo", "none"])),
    st.just(InSegment(OTHER_SEGMENT)),
]
leaves = st.one_of(LEAVES)


def _joined(parts: st.SearchStrategy[Rule]) -> st.SearchStrategy[Rule]:
    some = st.lists(parts, max_size=3).map(tuple)
    return st.one_of(st.builds(AllOf, some), st.builds(AnyOf, some), st.builds(Not, parts))


rules: st.SearchStrategy[Rule] = st.recursive(leaves, _joined, max_leaves=6)
