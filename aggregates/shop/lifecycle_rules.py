"""How long a customer may be quiet before a shop worries, and before it gives up."""

from collections.abc import Callable
from typing import Annotated, TypeAlias

from msgspec import Meta, Struct

Days: TypeAlias = Annotated[int, Meta(ge=1, le=3_650)]


class LifecycleRules(Struct, frozen=True, forbid_unknown_fields=True):
    """One shop's windows, in days of 24 hours. Customers are at risk before they are churned."""

    at_risk_days: Days = 30
    churned_days: Days = 90


LifecycleRulesOf: TypeAlias = Callable[[int], LifecycleRules]  # of a namespace
_DEFAULT = LifecycleRules()


def default_rules(_: int) -> LifecycleRules:
    """Every shop's are the same where shops cannot set their own."""
    return _DEFAULT
