"""Instants, written as people write them."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def wall(at: datetime, zone: str) -> str:
    """What the clocks there show."""
    return f"{at.astimezone(ZoneInfo(zone)):%Y-%m-%dT%H:%M:%S}"
