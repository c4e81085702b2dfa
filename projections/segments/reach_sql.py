"""Conditions on consent and the gate as SQL."""

from aggregates.gate.facts import WEEK
from aggregates.gate.fatigue import MOST, hundredths
from aggregates.profile.sending import AHEAD
from projections.places import ANYWHERE
from projections.segments.local_day import local_day
from projections.segments.rule import Channel, Consent, Fatigue, MayReceive
from projections.segments.written import SIGNS, Written

DAY = (
    "(SELECT * FROM unnest({}::text[], {}::timestamptz[], {}::timestamptz[], {}::boolean[],"
    " {}::timestamptz[]) AS day(place, begins, ends, is_quiet, quiet_turns_at))"
)


def consent(rule: Consent, work: Written) -> str:
    stand = _stand(rule.channel, work)
    work.dues.append(f"{stand}.until")
    wanted = work.value(list(rule.any_of))
    if "never" not in rule.any_of:
        work.needs_row(stand, f"{{0}}.state = ANY({wanted}) OR {{0}}.until IS NOT NULL")
    return f"(COALESCE({stand}.state, 'never') = ANY({wanted}))"


def fatigue(rule: Fatigue, work: Written) -> str:
    sums = work.joins_with(
        f"(SELECT profile_id, {_count('true', work)} AS week, {_leaving(work)} AS due"  # noqa: S608  # ours
        f" FROM {work.tables.messages} AS messages WHERE {_lately(work)} GROUP BY profile_id)",
        "{0}.profile_id = customers.profile_id",
    )
    work.dues.append(f"{sums}.due")
    score = f"LEAST(COALESCE({sums}.week, 0), {MOST})"
    return f"({score} {SIGNS[rule.compare]} {work.value(rule.score)}::numeric * {MOST})"


def may_receive(rule: MayReceive, work: Written) -> str:
    rules, stand = work.setting.shop.messaging, _stand(rule.channel, work)
    days = _days(rule.channel, work)
    day = work.joins_with(days, f"{{0}}.place = {stand}.place")
    sums = _sums(rule, days, work)
    is_yes = f"{stand}.state = 'subscribed'"
    work.needs_row(stand, "{0}.state = 'subscribed' OR {0}.until IS NOT NULL")
    work.dues.append(f"{stand}.until")
    work.dues.append(f"CASE WHEN {is_yes} THEN {sums}.due END")
    work.dues.append(f"CASE WHEN {is_yes} AND {sums}.today > 0 THEN {day}.ends END")
    checks = [is_yes]
    for limit, count in ((rules.daily_cap, "today"), (rules.cap_of(rule.channel), "here")):
        if limit is not None:
            checks.append(f"COALESCE({sums}.{count}, 0) < {work.value(limit)}")
    if rules.fatigue_threshold is not None:
        most = work.value(hundredths(rules.fatigue_threshold))
        checks.append(f"LEAST(COALESCE({sums}.week, 0), {MOST}) * 10 < {most}")
    if rule.quiet_hours == "kept":
        checks.append(f"NOT {day}.is_quiet")
        work.dues.append(f"CASE WHEN {is_yes} THEN {day}.quiet_turns_at END")
    return f"COALESCE({' AND '.join(checks)}, false)"


def _stand(channel: Channel, work: Written) -> str:
    return work.joins_with(work.tables.standings, _stands("customers", channel, work))


def _stands(whose: str, channel: Channel, work: Written) -> str:
    return (
        f"{{0}}.profile_id = {whose}.profile_id AND {{0}}.channel = {work.value(channel)}"
        f" AND {{0}}.since <= {work.now()}"
        f" AND ({{0}}.until > {work.now()} OR {{0}}.until IS NULL)"
    )


def _days(channel: Channel, work: Written) -> str:
    """What day it is in each place that matters, as a table."""
    shop, now, places = work.setting.shop, work.setting.now, {*work.setting.places, ANYWHERE}
    days = [local_day(place, channel, shop, now) for place in sorted(places)]
    return DAY.format(*(work.value(list(each)) for each in zip(*days, strict=True)))


def _sums(rule: MayReceive, days: str, work: Written) -> str:
    """How many messages count for those who may receive any at all."""
    seen, on = f"LEAST(messages.at, {work.now()})", work.value(rule.channel)
    today = f"(messages.until IS NOT NULL OR {seen} >= day.begins AND {seen} < day.ends)"
    stands = _stands("messages", rule.channel, work).format("stand")
    lately = f"(SELECT * FROM {work.tables.messages} AS messages WHERE {_lately(work)})"  # noqa: S608  # ours
    return work.joins_with(
        f"(SELECT messages.profile_id, {_count(today, work)} AS today,"  # noqa: S608  # ours
        f" {_count(f'{today} AND messages.channel = {on}', work)} AS here,"
        f" {_count('true', work)} AS week, {_leaving(work)} AS due"
        f" FROM {lately} AS messages JOIN {work.tables.standings} AS stand ON {stands}"
        f" JOIN {days} AS day ON day.place = stand.place"
        " WHERE stand.state = 'subscribed' GROUP BY 1)",
        "{0}.profile_id = customers.profile_id",
    )


def _count(wanted: str, work: Written) -> str:
    known = f"messages.at <= {work.value(work.setting.now + AHEAD)}"
    return f"count(*) FILTER (WHERE {known} AND {wanted})"


def _leaving(work: Written) -> str:
    """As `reaching.fatigue_turns`."""
    is_unknown = f"messages.at > {work.value(work.setting.now + AHEAD)}"
    leaves = f"COALESCE(messages.until, messages.at + {work.span(WEEK)})"
    return f"min(CASE WHEN {is_unknown} THEN messages.at - {work.span(AHEAD)} ELSE {leaves} END)"


def _lately(work: Written) -> str:
    conditions = [
        "messages.namespace_id = %(namespace)s",
        f"messages.at > {work.ago(WEEK)}",
        f"(messages.until IS NULL OR messages.until > {work.now()})",
    ]
    if not work.setting.shop.messaging.transactional_counts:
        conditions.append("messages.marketing")
    return " AND ".join(conditions)
