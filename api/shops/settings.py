"""Where a shop's settings are read and changed."""

import asyncio
from collections.abc import Iterator
from datetime import datetime
from itertools import starmap

from msgspec.structs import replace

from actors.signals import Busy
from aggregates.gate.zones import is_region
from aggregates.log.port import StreamMoved
from aggregates.log.shops import ShopLog, ShopRecord
from aggregates.shop.settings import ChangeSettings, Settings, contradictions, decide
from api.errors import Fault, Problem, invalid
from api.plain_json import NAME_AT_MOST
from api.recognition.shop_rules import BadRule, in_normal_form
from api.shops.asked import REGIONS, Asked
from api.shops.names import BadShop, checked_timezone
from api.shops.rules import Known, Rules

EXPECTED_REGION = "expected ISO 3166 codes of a country such as GB, or of its region such as US-FL"
ATTEMPTS = 10  # against others who change the same settings at the same moment


class SettingsDesk:
    """Every method may raise LogUnreachable."""

    def __init__(self, log: ShopLog, rules: Rules) -> None:
        self._log = log
        self._rules = rules

    async def read(self, namespace: int) -> Known:
        """The newest, whoever wrote it."""
        await self._rules.catch_up()
        return self._rules.known(namespace)

    async def change(self, namespace: int, asked: Asked, by: str, now: datetime) -> Known:
        """All of it or nothing. Raises Problem, Busy."""
        for _ in range(ATTEMPTS):
            held = await self.read(namespace)
            _check_seen(asked, held)
            wanted = await _checked(asked.over(held.settings), held.settings)
            event = next(decide(held.settings, ChangeSettings(wanted, asked.reason)), None)
            if event is None:
                return held
            record = ShopRecord(
                namespace=namespace, version=held.version + 1, event=event, recorded_at=now, by=by
            )
            try:
                await self._log.append(record)
            except StreamMoved:
                continue
            return await self.read(namespace)
        raise Busy

    async def history(self, namespace: int, version: int, limit: int) -> list[ShopRecord]:
        """Changes from this version back, newest first."""
        return await self._log.history(namespace, version, limit)


def _check_seen(asked: Asked, held: Known) -> None:
    if asked.seen is not None and held.version not in asked.seen:
        detail = f"they are at version {held.version} now; read them and decide again"
        raise Problem(409, "settings_changed", detail)


async def _checked(wanted: Settings, held: Settings) -> Settings:
    """What recognition compares with is stored as it compares it; that may take half a second."""
    if faults := [*starmap(Fault, contradictions(wanted)), *_place_faults(wanted)]:
        raise invalid(*faults)
    if wanted.identity == held.identity:
        return wanted
    try:
        identity = await asyncio.to_thread(in_normal_form, wanted.identity)
    except BadRule as bad:
        raise invalid(Fault(f"identity.{bad.field}", bad.problem)) from bad
    return replace(wanted, identity=identity)


def _place_faults(wanted: Settings) -> Iterator[Fault]:
    for region in sorted(wanted.messaging.quiet_hours.regions):
        if not is_region(region):
            yield Fault(f"{REGIONS}.{region[:NAME_AT_MOST]}", EXPECTED_REGION)
    zone = wanted.clock.time_zone
    try:
        if zone is not None:
            checked_timezone(zone)
    except BadShop:
        yield Fault("clock.time_zone", "expected an IANA name such as Europe/Berlin")
