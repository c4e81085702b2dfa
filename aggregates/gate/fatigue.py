"""Too many messages in seven days make people tired, whatever the channel.

Whole numbers decide: a message is a tenth, the threshold so many hundredths.
"""

from datetime import datetime

from aggregates.gate.facts import WEEK, ZERO, Facts

MOST = 10  # messages; more cannot make anybody more tired


def sent_7d(facts: Facts, at: datetime) -> int:
    """Those in the 604,800 s before `at`, with `at` and without the instant they begin with, and
    all that are still held."""
    gone = [one for one in facts.sent if ZERO <= at - one.at < WEEK]
    return len(gone) + len(facts.still_held(at))


def score(count: int) -> float:
    return min(count, MOST) / MOST


def is_tired(count: int, threshold: float) -> bool:
    return min(count, MOST) * 10 >= hundredths(threshold)


def hundredths(threshold: float) -> int:
    return round(threshold * 100)


def rested(facts: Facts, threshold: float, at: datetime) -> datetime | None:
    """The first instant after `at` at which it is below the threshold, if nothing more is sent."""
    leaving = {one.at + WEEK for one in facts.sent} | {one.until for one in facts.held}
    instants = sorted(one for one in leaving if one > at)
    return next((one for one in instants if not is_tired(sent_7d(facts, one), threshold)), None)
