"""One ground on which something was decided about two customers, and the event that says so."""

from collections.abc import Iterable
from typing import TypeVar
from uuid import UUID

from msgspec import Struct

from aggregates.log.record import Record
from aggregates.profile.identifiers import STRENGTH

T = TypeVar("T")


class Reason(Struct, frozen=True, kw_only=True):
    """`said` is a sentence for people that holds no value of anybody's; `kinds` are those of the
    identifiers that it was about. `record` is None where nothing was ever written."""

    rule: str
    said: str
    record: Record | None = None
    kinds: tuple[str, ...] = ()
    merge_id: UUID | None = None
    candidate_id: UUID | None = None
    score: float | None = None


NAMES = {
    "shopify_customer_id": "account at the shop",
    "external_id": "account elsewhere",
    "email": "e-mail address",
    "phone": "phone",
    "cookie": "device",
}


def named(kinds: Iterable[str]) -> str:
    """What people call these, such as "phone and device"."""
    return " and ".join(NAMES.get(kind, kind) for kind in kinds)


def kinds_of(evidence: Iterable[str]) -> tuple[str, ...]:
    """Of rules such as `same_phone`."""
    found = (rule.removeprefix("same_") for rule in evidence)
    return tuple(kind for kind in found if kind in STRENGTH)


def in_order(records: Iterable[Record]) -> list[Record]:
    """As they were written; those of one moment by stream."""
    return sorted(records, key=lambda r: (r.recorded_at, r.stream, r.version))
