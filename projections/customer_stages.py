"""In which stage listed customers are at an instant: computed, so that it is true to the second.

The read model keeps the last sign of life; what follows from it is a matter of the shop's windows.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from psycopg import AsyncConnection

from aggregates.profile.events.lifecycle import Stage
from aggregates.profile.lifecycle import Run, course, told
from aggregates.shop.lifecycle_rules import LifecycleRules
from projections.customer_list import Condition

SIGNS = (
    "SELECT profile_id, active_stage, active_at FROM rm_stages.stages WHERE profile_id = ANY(%s)"
)
IN_STAGE = (
    "profile_id IN (SELECT profile_id FROM rm_stages.stages"
    " WHERE namespace_id = %(namespace)s AND {})"
)
LIVELY = "active_stage = %(stage)s AND active_at > %(at_risk_by)s AND active_at > %(churned_by)s"
TESTS: Mapping[str, str] = {  # as `course` has them; each can be answered from an index
    "churned": "active_at <= %(churned_by)s",
    "at_risk": "active_stage <> 'new' AND active_at <= %(at_risk_by)s"
    " AND active_at > %(churned_by)s",
    "new": "active_stage = 'new' AND (active_at IS NULL OR active_at > %(churned_by)s)",
}
LATELY = "last_activity_at > %(at_risk_by)s"
ACTIVE: Mapping[str, str] = {
    "churned": "last_activity_at <= %(churned_by)s",
    "at_risk": "last_activity_at <= %(at_risk_by)s AND last_activity_at > %(churned_by)s",
    "new": "last_activity_at > %(churned_by)s",
    **dict.fromkeys(("engaged", "converted", "loyal"), LATELY),
}
BOUGHT: Mapping[str, Mapping[str, str]] = {
    "orders": {
        **dict.fromkeys(("new", "engaged"), "orders = 0"),
        "converted": "orders = 1",
        "loyal": "orders > 1",
    },
    "spend": dict.fromkeys(("new", "engaged"), "spend = 0"),
}


class Calendar(NamedTuple):
    """An instant and a shop's windows: what decides on a stage besides the customer."""

    rules: LifecycleRules
    now: datetime


def in_stage(stage: Stage, calendar: Calendar) -> Condition:
    return Condition(IN_STAGE.format(TESTS.get(stage, LIVELY)), _values(stage, calendar))


def within(stage: Stage, order: str, calendar: Calendar) -> Condition | None:
    """Where in a list of this order customers of the stage are, if not all over it."""
    bounds = ACTIVE if order == "last_activity_at" else BOUGHT.get(order, {})
    sql = bounds.get(stage)
    return Condition(sql, _values(stage, calendar)) if sql else None


def _values(stage: Stage, calendar: Calendar) -> Mapping[str, object]:
    return {
        "stage": stage,
        "at_risk_by": calendar.now - timedelta(days=calendar.rules.at_risk_days),
        "churned_by": calendar.now - timedelta(days=calendar.rules.churned_days),
    }


async def stages_of(
    connection: AsyncConnection[Any], profiles: Sequence[UUID], calendar: Calendar
) -> Mapping[UUID, Stage]:
    cursor = await connection.execute(SIGNS, (list(profiles),))
    return {one: _stage(sign, at, calendar) for one, sign, at in await cursor.fetchall()}


def _stage(sign: Stage, at: datetime | None, calendar: Calendar) -> Stage:
    stages = course(Run(at, sign), calendar.rules) if at else ()
    return told(list(stages), calendar.now).stage
