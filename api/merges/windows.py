"""How long a merge can be undone, by plan."""

from datetime import datetime, timedelta

from api.errors import Problem

WINDOWS = {
    "free": timedelta(hours=24),
    "starter": timedelta(days=7),
    "pro": timedelta(days=7),
    "agency": timedelta(days=30),
    "enterprise": timedelta(days=90),
}


def closes_at(merged_at: datetime, plan: str) -> datetime:
    """From then on it cannot: the plan counts that the shop has when somebody asks."""
    return merged_at + WINDOWS[plan]


def checked(merged_at: datetime, plan: str, now: datetime) -> None:
    """Raises Problem (409) where the window has closed."""
    if now >= (closed := closes_at(merged_at, plan)):
        detail = f"a merge can be undone for {WINDOWS[plan]} on the plan {plan};"
        raise Problem(409, "window_closed", f"{detail} this one could until {closed.isoformat()}")
