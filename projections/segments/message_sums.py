"""Conditions on what became of messages as SQL."""

from datetime import timedelta

from aggregates.profile.engagement import ACTIONS, DISMISSALS, OPENS, RECENCY
from aggregates.profile.events.messages import KEPT_DAYS
from projections.segments.reactions import DAY_S, HALF, KEPT, LATE_S
from projections.segments.rule import Deed, Engagement, Messages
from projections.segments.written import SIGNS, Written

MOMENTS: dict[Deed, str] = {
    "sent": "CASE WHEN messages.until IS NULL THEN messages.at END",
    "opened": "LEAST(messages.opened_at, messages.clicked_at, messages.replied_at)",
    "clicked": "messages.clicked_at",
    "replied": "messages.replied_at",
}
TOLD = ("opened_at", "clicked_at", "replied_at", "dismissed_at", "complained_at")
MINE = "{0}.profile_id = customers.profile_id"
MICROSECONDS = "(extract(epoch FROM {} - {}) * 1000000)::float8"  # exact, as Python reckons
DAY_US = "86400000000::float8"


def messages(rule: Messages, work: Written) -> str:
    at, window = MOMENTS[rule.did], timedelta(days=rule.days)
    wanted = ["messages.namespace_id = %(namespace)s", f"{at} > {work.ago(window)}"]
    if rule.channel is not None:
        wanted.append(f"messages.channel = {work.value(rule.channel)}")
    if rule.campaign is not None:
        wanted.append(f"messages.campaign = {work.value(rule.campaign)}")
    count = f"count(*) FILTER (WHERE {at} <= {work.now()})"
    turn = f"CASE WHEN {at} > {work.now()} THEN {at} ELSE {at} + {work.span(window)} END"
    sums = work.joins_with(
        f"(SELECT profile_id, {count} AS held, min({turn}) AS due"  # noqa: S608  # ours
        f" FROM {work.tables.messages} AS messages WHERE {' AND '.join(wanted)}"
        " GROUP BY profile_id)",
        MINE,
    )
    work.dues.append(f"{sums}.due")
    return work.count_is(sums, rule.compare, rule.count)


def engagement(rule: Engagement, work: Written) -> str:
    """The same operations on numbers of the same size, in the same order as in
    `aggregates.profile.engagement`: they end in the same score."""
    parts = work.joins_with(f"({_parts(work)})", MINE)
    work.needs_row(parts, "{0}.profile_id IS NOT NULL")
    work.dues.append(f"{parts}.due")
    for edge in (rule.score - HALF, rule.score + HALF):
        work.dues.append(_fades(parts, edge, work))
    quiet = MICROSECONDS.format(work.now(), f"{parts}.reacted_at")
    recency = f"{RECENCY} * GREATEST(0, 1 - {quiet} / {DAY_US} / {KEPT_DAYS})"
    total = f"{parts}.opens + {parts}.actions + {recency} - {parts}.lost"
    score = f"CASE WHEN {parts}.complained > 0 THEN 0 ELSE GREATEST(0, round({total})) END"
    is_right = f"{score} {SIGNS[rule.compare]} {work.value(rule.score)}"
    return f"COALESCE({parts}.went > 0 AND {is_right}, false)"


def _parts(work: Written) -> str:
    return (
        f"SELECT *, ({OPENS} * opened)::float8 / NULLIF(went, 0) AS opens,"  # noqa: S608  # ours
        f" {ACTIONS} * LEAST(1, (2 * acted)::float8 / NULLIF(went, 0)) AS actions,"
        f" ({DISMISSALS} * dismissed)::float8 / NULLIF(went, 0) AS lost"
        f" FROM ({_counts(work)}) AS counted"
    )


def _counts(work: Written) -> str:
    now = work.now()
    known = f"FILTER (WHERE messages.at <= {now} AND {{}} <= {now})"
    reacted = ", ".join(f"CASE WHEN {one} <= {now} THEN {one} END" for one in TOLD[:3])
    later = ", ".join(f"CASE WHEN {one} > {now} THEN {one} END" for one in TOLD)
    return (
        f"SELECT profile_id, count(*) {known.format('messages.at')} AS went,"  # noqa: S608  # ours
        f" count(*) {known.format(MOMENTS['opened'])} AS opened,"
        f" count(*) {known.format('LEAST(clicked_at, replied_at)')} AS acted,"
        f" count(*) {known.format('dismissed_at')} AS dismissed,"
        f" count(*) {known.format('complained_at')} AS complained,"
        f" max(GREATEST({reacted})) {known.format('messages.at')} AS reacted_at,"
        f" min(LEAST(CASE WHEN messages.at > {now} THEN messages.at"
        f" ELSE messages.at + {work.span(KEPT)} END, {later})) AS due"
        f" FROM {work.tables.messages} AS messages WHERE messages.namespace_id = %(namespace)s"
        f" AND marketing AND messages.until IS NULL AND messages.at > {work.ago(KEPT)}"
        " GROUP BY profile_id"
    )


def _fades(parts: str, edge: float, work: Written) -> str:
    """As `reactions._fades`."""
    base = f"({parts}.opens + {parts}.actions - {parts}.lost)"
    days = f"({KEPT_DAYS} * (1 - ({work.value(edge)}::float8 - {base}) / {RECENCY}))"
    fade = f"make_interval(secs => floor({days} * {DAY_S}) + {LATE_S})"
    turn = f"{parts}.reacted_at + {fade}"
    return f"CASE WHEN {days} BETWEEN 0 AND {KEPT_DAYS} AND {turn} > {work.now()} THEN {turn} END"
