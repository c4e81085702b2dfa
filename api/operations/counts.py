"""What this API process has counted since it started: plain integers, cheap to raise."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass
class Counts:
    """By result or code, both from a fixed set, so that no series grows with what people send."""

    webhooks: Counter[str] = field(default_factory=Counter)
    commands: Counter[str] = field(default_factory=Counter)
    pixel_events: Counter[str] = field(default_factory=Counter)
    imports: Counter[str] = field(default_factory=Counter)
    letters_retried: Counter[str] = field(default_factory=Counter)
    refused_at_the_door: int = 0
