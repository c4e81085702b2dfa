"""A shop's settings, and what was changed when by whom, as clients read them."""

from datetime import datetime

from msgspec import Struct
from msgspec.structs import asdict

from aggregates.log.shops import ShopRecord
from aggregates.shop.messaging_rules import warnings
from aggregates.shop.settings import Change, Settings
from api.cursors import Pages
from api.shops.rules import Known


class SettingsView(Settings, frozen=True, kw_only=True):
    """The whole. `version` counts the changes; before the first one `changed_at` is null.

    `warnings` say what can be set, but hardly be meant.
    """

    version: int
    changed_at: datetime | None
    warnings: list[str]


class SettingsChange(Struct, frozen=True, kw_only=True):
    """Of a set, `before` holds the values that went, and `after` those that came."""

    version: int
    changed_at: datetime
    by: str
    reason: str | None
    changes: tuple[Change, ...]


class SettingsHistory(Struct, frozen=True):
    items: list[SettingsChange]
    next_cursor: str | None = None


def settings_view(known: Known) -> SettingsView:
    return SettingsView(
        **asdict(known.settings),
        version=known.version,
        changed_at=known.changed_at,
        warnings=[f"messaging.{one}" for one in warnings(known.settings.messaging)],
    )


def history_view(found: list[ShopRecord], pages: Pages[int]) -> SettingsHistory:
    """Versions have no holes: before each but the first there is another one."""
    more = found[-1].version - 1 if found else 0
    return SettingsHistory([_change(record) for record in found], pages.cursor(more or None))


def _change(record: ShopRecord) -> SettingsChange:
    return SettingsChange(
        version=record.version,
        changed_at=record.recorded_at,
        by=record.by,
        reason=record.event.reason,
        changes=record.event.changes,
    )
