"""What may be said about a shop: its domain, plan, environment, time zone, currency."""

import re
from typing import Literal, get_args
from zoneinfo import available_timezones

from api.shops.keys import Environment

Plan = Literal["free", "starter", "pro", "agency", "enterprise"]
PLANS: tuple[Plan, ...] = get_args(Plan)
ENVIRONMENTS: tuple[Environment, ...] = get_args(Environment)
_DOMAIN = re.compile(r"(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}")
_CURRENCY = re.compile(r"[A-Z]{3}")


class BadShop(ValueError):
    """Something about a shop is not as it must be; the message says what would be right."""


def looks_like_a_domain(text: str) -> bool:
    return _DOMAIN.fullmatch(text) is not None


def checked_domain(given: str) -> str:
    domain = given.strip().lower().removeprefix("https://").removeprefix("http://").rstrip("/")
    if not looks_like_a_domain(domain):
        raise BadShop("a shop is named by its domain, such as quiet-store.myshopify.com")
    return domain


def checked_plan(given: str) -> Plan:
    for plan in PLANS:
        if plan == given:
            return plan
    raise BadShop(f"the plan must be one of {', '.join(PLANS)}")


def checked_environment(given: str) -> Environment:
    for environment in ENVIRONMENTS:
        if environment == given:
            return environment
    raise BadShop(f"the environment must be one of {', '.join(ENVIRONMENTS)}")


def checked_timezone(given: str) -> str:
    if given not in available_timezones():
        raise BadShop("the time zone must be an IANA name, such as Europe/Berlin")
    return given


def checked_currency(given: str) -> str:
    if not _CURRENCY.fullmatch(given.upper()):
        raise BadShop("the currency must be an ISO 4217 code, such as EUR")
    return given.upper()


def checked_secret(given: str) -> str:
    if not given.strip():
        raise BadShop("a webhook secret must not be empty")
    return given.strip()


def no_such_shop(domain: str) -> BadShop:
    return BadShop(f"there is no shop {domain}; c360 shop create makes one")
