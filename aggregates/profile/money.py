"""Money: a decimal string at the edge, integer minor units inside."""

from typing import Annotated

from msgspec import Meta, Struct

# `(?!\n)`: a bare `$` would also match before a final line break
Currency = Annotated[str, Meta(pattern=r"^[A-Z]{3}(?!\n)$", description="ISO 4217 code")]
Amount = Annotated[
    str, Meta(pattern=r"^-?[0-9]{1,13}(\.[0-9]{1,6})?(?!\n)$", description="Decimal string")
]

_WITHOUT_DECIMALS = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_WITH_THREE = "BHD IQD JOD KWD LYD OMR TND"
_WITH_FOUR = "CLF UYW"
# ISO 4217 exponents that are not 2
EXPONENTS = {
    **dict.fromkeys(_WITHOUT_DECIMALS.split(), 0),
    **dict.fromkeys(_WITH_THREE.split(), 3),
    **dict.fromkeys(_WITH_FOUR.split(), 4),
}


class Price(Struct, frozen=True, forbid_unknown_fields=True):
    """Money as people and platforms write it: `{"amount": "199.60", "currency": "EUR"}`."""

    amount: Amount
    currency: Currency


class Money(Struct, frozen=True, order=True):
    """Money as it is stored and added: minor units of `currency` (cents for EUR)."""

    minor: int
    currency: str


def money(price: Price) -> Money:
    """Minor units of a price; digits beyond the currency's own are rounded half away from zero."""
    return Money(minor_units(price.amount, price.currency), price.currency)


def minor_units(amount: str, currency: str) -> int:
    exponent = EXPONENTS.get(currency, 2)
    whole, _, fraction = amount.partition(".")
    digits = (fraction + "0" * exponent)[:exponent]
    minor = int(whole.lstrip("-") + digits)
    if len(fraction) > exponent and fraction[exponent] >= "5":
        minor += 1
    return -minor if amount.startswith("-") else minor


def price(amount: Money) -> Price:
    """The price that `money` came from, with as many decimals as the currency has."""
    exponent = EXPONENTS.get(amount.currency, 2)
    digits = str(abs(amount.minor)).rjust(exponent + 1, "0")
    sign = "-" if amount.minor < 0 else ""
    if not exponent:
        return Price(f"{sign}{digits}", amount.currency)
    return Price(f"{sign}{digits[:-exponent]}.{digits[-exponent:]}", amount.currency)
