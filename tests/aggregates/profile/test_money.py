"""Money: every currency to its own last digit."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from iso4217 import Currency as IsoCurrency

from aggregates.profile.money import EXPONENTS, Money, Price, minor_units, money, price

CODES = sorted(currency.code for currency in IsoCurrency)


@pytest.mark.parametrize("currency", list(IsoCurrency), ids=lambda currency: currency.code)
def test_each_currency_has_the_decimals_iso_4217_gives_it(currency: IsoCurrency) -> None:
    # None: metals, bonds and the like, in which nobody shops
    if currency.exponent is not None:
        assert EXPONENTS.get(currency.code, 2) == currency.exponent


def test_only_real_currencies_are_listed() -> None:
    assert set(EXPONENTS) <= set(CODES)


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [
        ("404.95", "EUR", 40495),
        ("404.9", "EUR", 40490),
        ("0.005", "EUR", 1),
        ("-0.005", "EUR", -1),
        ("0.0049", "EUR", 0),
        ("-5", "EUR", -500),
        ("1500", "JPY", 1500),
        ("1500.00", "JPY", 1500),
        ("0.5", "JPY", 1),
        ("1.2345", "KWD", 1235),
        ("9999999999999.99", "EUR", 999_999_999_999_999),
    ],
)
def test_an_amount_becomes_minor_units(amount: str, currency: str, minor: int) -> None:
    assert minor_units(amount, currency) == minor


@given(st.integers(-(10**13) + 1, 10**13 - 1), st.sampled_from(CODES))
def test_a_price_and_its_money_say_the_same(minor: int, currency: str) -> None:
    amount = Money(minor, currency)
    assert money(price(amount)) == amount
    assert msgspec.convert(msgspec.to_builtins(price(amount)), Price) == price(amount)


@pytest.mark.parametrize("amount", ["", "1,5", "1e3", "1.", ".5", "--1", "NaN", "12\n", "1.00\n"])
def test_what_is_no_amount_is_refused_at_the_edge(amount: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"amount": amount, "currency": "EUR"}, Price)


@pytest.mark.parametrize("currency", ["eur", "EURO", "EU", "EUR\n", ""])
def test_what_is_no_currency_is_refused_at_the_edge(currency: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"amount": "1.00", "currency": currency}, Price)
