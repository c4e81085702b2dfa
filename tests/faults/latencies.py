"""How long senders waited, for a yes or a no, and until it was as usual again."""

from collections.abc import Callable
from statistics import quantiles

from tests.faults.attempts import AGAIN, Attempt
from tests.faults.journal import Journal, Window

STRETCH_S = 1.0
NEVER = 1e6  # in the time that was watched


def turned_away(attempt: Attempt) -> bool:
    return attempt.status in (503, *AGAIN)


def answered(attempt: Attempt) -> bool:
    return attempt.status is not None


def waited_s(journal: Journal, which: Callable[[Attempt], bool], window: Window) -> list[float]:
    """Shortest first."""
    chosen = (attempt for attempt in journal.within(window) if which(attempt))
    return sorted(attempt.answered_at - attempt.sent_at for attempt in chosen)


def p99_ms(waits_s: list[float]) -> float:
    return quantiles(waits_s, n=100)[98] * 1_000 if len(waits_s) > 1 else sum(waits_s) * 1_000


def normal_again_s(journal: Journal, before: Window, since: float) -> float:
    """Until the first stretch of time in which nobody failed and half were answered as usual."""
    usual_ms = journal.latency_ms(50, before)
    last = max(attempt.sent_at for attempt in journal.attempts)
    at = since
    while at + STRETCH_S <= last:
        stretch = Window(at, at + STRETCH_S)
        if not journal.failures(stretch) and journal.latency_ms(50, stretch) <= 2 * usual_ms:
            return at - since
        at += STRETCH_S
    return NEVER
