"""What this API process has counted since it started: plain integers, cheap to raise."""

from collections import Counter
from dataclasses import dataclass, field

from api.operations.requests import Requests

BUSY = "busy"  # the code of the answer to what is one too many


@dataclass
class Counts:
    """By result or code, both from a fixed set, so that no series grows with what people send.

    `turned_away` are requests that the process did not even look at, by the code they got.
    """

    webhooks: Counter[str] = field(default_factory=Counter)
    commands: Counter[str] = field(default_factory=Counter)
    pixel_events: Counter[str] = field(default_factory=Counter)
    imports: Counter[str] = field(default_factory=Counter)
    contacts: Counter[str] = field(default_factory=Counter)
    letters_retried: Counter[str] = field(default_factory=Counter)
    turned_away: Counter[str] = field(default_factory=Counter)
    requests: Requests = field(default_factory=Requests)

    def shed(self) -> dict[str, int]:
        """Everything that was not taken because there was too much of it or no room, by reason."""
        signals = self.webhooks[BUSY] + self.commands[BUSY] + self.pixel_events[BUSY]
        others = {code: count for code, count in self.turned_away.items() if code != BUSY}
        return {
            "too_many_requests": self.turned_away[BUSY],
            "too_many_signals": signals,
            **others,
        }
