"""Where a signal came from and how far that place is trusted."""

from datetime import datetime

from msgspec import Struct

# when two signals speak of the same instant the more trusted source wins
TRUST: dict[str, int] = {"shopify": 30, "api": 20, "import": 15, "pixel": 10}


class Source(Struct, frozen=True, omit_defaults=True):
    """The provenance kept with every event. Holds no personal data."""

    kind: str
    topic: str | None = None
    webhook_id: str | None = None
    event_id: str | None = None
    triggered_at: datetime | None = None
    api_version: str | None = None


def trust(source: Source) -> int:
    return TRUST.get(source.kind, 0)
