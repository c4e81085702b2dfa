"""Windows of time as SQL, for sums over whatever has a moment: of all customers at once."""

from datetime import timedelta

from projections.segments.rule import Window
from projections.segments.written import Written


def bounds(at: str, window: Window, work: Written) -> list[str]:
    """What can be left out before it is summed up."""
    found = []
    if window.days is not None:
        found.append(f"{at} > {work.ago(timedelta(days=window.days))}")
    if window.start is not None:
        found.append(f"{at} >= {work.value(window.start)}")
    if window.end is not None:
        found.append(f"{at} < {work.value(window.end)}")
    return found


def sums(held: str, at: str, window: Window, work: Written) -> str:
    """`held` over what is in the window and, where time changes that, `due`: when it does."""
    if window.days is None:
        return f"{held} AS held"
    # what is yet to come is not in the last days
    lately = f"{held} FILTER (WHERE {at} <= {work.now()})"
    return f"{lately} AS held, {_leaves(at, timedelta(days=window.days), work)} AS due"


def falls_due(name: str, window: Window, work: Written) -> None:
    """For sums that are joined under this name."""
    if window.days is not None:
        work.dues.append(f"{name}.due")


def _leaves(at: str, window: timedelta, work: Written) -> str:
    """When the first falls out of the window or, being in the future, into it."""
    first, now = f"min({at}) FILTER (WHERE {at}", work.now()
    return f"LEAST({first} <= {now}) + {work.span(window)}, {first} > {now}))"
