"""What a condition found on a customer, and whether that is what it wants."""

from datetime import datetime
from decimal import Decimal
from operator import eq, ge, gt, le, lt
from typing import NamedTuple, TypeAlias

Shown: TypeAlias = str | int | Decimal | datetime | list[str] | bool | None
COMPARED = {"at_least": ge, "at_most": le, "exactly": eq, "over": gt, "under": lt}


class Look(NamedTuple):
    found: Shown
    passed: bool
