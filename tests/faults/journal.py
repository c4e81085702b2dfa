"""What became of every attempt to send something, and what that adds up to."""

from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from statistics import quantiles
from types import TracebackType
from typing import Self

import msgspec
from msgspec.structs import replace

from tests.faults.attempts import ALWAYS, Attempt
from tests.faults.attempts import Window as Window
from tests.faults.sendings import Sending
from tests.faults.waiting import until

MOVES_S = 60.0  # by then a burst has got somewhere


class Journal:
    """Every attempt in memory and, a JSON object a line, in a file. Fed from one event loop."""

    def __init__(self, file: Path) -> None:
        self.told: dict[str, Sending] = {}
        self.attempts: list[Attempt] = []
        self.groups: dict[str, int] = {}
        self.last_taken_at = 0.0
        self._taken = 0
        self._out = file.open("ab")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._out.close()

    def tell(self, sending: Sending) -> None:
        """That it is about to be sent; a repeat changes nothing."""
        if sending.id not in self.told:
            self.told[sending.id] = replace(sending, body=b"", headers={})

    def note(self, attempt: Attempt) -> None:
        self.attempts.append(attempt)
        if attempt.accepted:
            self._taken += 1
            self.last_taken_at = attempt.answered_at
        self._out.write(msgspec.json.encode(attempt) + b"\n")

    def group(self, members: Mapping[str, int]) -> None:
        """To which group, such as a host, each profile key belongs; what is known stays."""
        self.groups.update(members)

    def until_taken(self, more: int) -> None:
        """Waits until so many more acceptances are noted, while a client sends."""
        wanted = self._taken + more
        until(lambda: self._taken >= wanted, MOVES_S, f"fewer than {more} were taken")

    @property
    def acknowledged(self) -> dict[str, str]:
        """What each id that was taken was answered first: accepted, duplicate or kept."""
        found: dict[str, str] = {}
        for attempt in self.attempts:
            if attempt.accepted:
                found.setdefault(attempt.id, attempt.result or "")
        return found

    @property
    def refused(self) -> dict[str, int]:
        """The status that refused each id for good, if nothing ever took it."""
        taken = self.acknowledged
        refusals = {a.id: a.status for a in self.attempts if a.refused and a.id not in taken}
        return {name: status for name, status in refusals.items() if status is not None}

    @property
    def unanswered(self) -> set[str]:
        """Ids whose sender lost patience: written or not, nobody was told."""
        return self.told.keys() - self.acknowledged.keys() - self.refused.keys()

    def within(self, window: Window) -> Iterator[Attempt]:
        for attempt in self.attempts:
            if window.since <= attempt.sent_at < window.until and self._is_of(attempt, window):
                yield attempt

    def statuses(self, window: Window = ALWAYS) -> Counter[str]:
        """How often each status was answered, and each kind of failure met."""
        return Counter(str(a.status or a.error) for a in self.within(window))

    def reasons(self, window: Window = ALWAYS) -> Counter[str]:
        """How often each kind of failure was met, and each code answered that was no success."""
        return Counter(a.error or str(a.status) for a in self.within(window) if not a.accepted)

    def server_errors(self, window: Window = ALWAYS) -> int:
        """Answers 500 and above."""
        return sum(1 for attempt in self.within(window) if (attempt.status or 0) >= 500)

    def failures(self, window: Window = ALWAYS) -> int:
        """Attempts that must be repeated: broken connections, silence, 5xx, 429."""
        return sum(attempt.failed for attempt in self.within(window))

    def error_rate(self, window: Window = ALWAYS) -> float:
        """The share of failures; 0 where nothing was sent at all."""
        sent = sum(1 for _ in self.within(window))
        return self.failures(window) / sent if sent else 0.0

    def first_success_s(self, window: Window) -> float | None:
        """From `window.since` to the first acceptance of something sent after it."""
        answered = (a.answered_at for a in self.within(window) if a.accepted)
        first = min(answered, default=None)
        return None if first is None else first - window.since

    def longest_silence_s(self, window: Window) -> float:
        """The longest time without any acceptance, between two of them in the window."""
        at = sorted(a.answered_at for a in self.within(window) if a.accepted)
        return max((later - sooner for sooner, later in pairwise(at)), default=0.0)

    def latency_ms(self, percent: int, window: Window = ALWAYS) -> float:
        """Of accepted attempts, each for itself: what came before it does not count."""
        taken = [(a.answered_at - a.sent_at) * 1_000 for a in self.within(window) if a.accepted]
        return quantiles(taken, n=100)[percent - 1] if len(taken) > 1 else sum(taken)

    def _is_of(self, attempt: Attempt, window: Window) -> bool:
        if window.group is None:
            return True
        return self.groups.get(self.told[attempt.id].profile_key) == window.group
