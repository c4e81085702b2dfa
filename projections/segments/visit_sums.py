"""Conditions on visits as SQL. A visit is where it was last heard of."""

from projections.segments.rule import EVER, Visits, Window
from projections.segments.window_sql import bounds, falls_due, sums
from projections.segments.written import SIGNS, Written

AT = "visits.at"
MINE = "{0}.profile_id = customers.profile_id"


def visits(rule: Visits, work: Written) -> str:
    held = "customers.visits"
    if rule.window != EVER:
        held = f"COALESCE({_joined(rule.window, work)}.held, 0)"
    return f"({held} {SIGNS[rule.compare]} {work.value(rule.count)})"


def _joined(window: Window, work: Written) -> str:
    wanted = " AND ".join(["visits.namespace_id = %(namespace)s", *bounds(AT, window, work)])
    name = work.joins_with(
        f"(SELECT profile_id, {sums('count(*)', AT, window, work)}"  # noqa: S608  # ours
        f" FROM {work.tables.visits} AS visits WHERE {wanted} GROUP BY profile_id)",
        MINE,
    )
    falls_due(name, window, work)
    return name
