"""Phone numbers in E.164: what a shopper dials at home and what a shop exports are one number.

A number must be one its country could assign; anything else stays a detail and recognises nobody.
"""

import re
import unicodedata
from functools import cache, lru_cache

from phonenumbers import (
    COUNTRY_CODE_TO_REGION_CODE,
    SUPPORTED_REGIONS,
    NumberParseException,
    PhoneMetadata,
    PhoneNumber,
    is_valid_number,
    national_significant_number,
    parse,
)
from phonenumbers.phonemetadata import PhoneNumberDesc

LONGEST = 40  # characters, however it is written
REMEMBERED = 8_192  # numbers as written; an order is told of several times within minutes
_CODES = frozenset(str(code) for code in COUNTRY_CODE_TO_REGION_CODE)
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_WRITTEN = re.compile(r"\+?[0-9 ().\-/]+")
_DASHES = re.compile(r"[\u2010-\u2015\u2212]")
# 555-0100 to 555-0199 are kept free for films in North America
_FILMED = re.compile(r"\+1[0-9]{3}55501[0-9]{2}")


def phone(raw: str, country: str | None = None) -> str | None:
    """`country` (ISO 3166 alpha-2) is where a number without country code is dialled."""
    return _dialled(raw, country) if len(raw) <= LONGEST else None


def made_up(e164: str) -> bool:
    """What is typed into a form that insists on a number."""
    if e164.endswith("1234567890") or e164.count(e164[-1], -5) == 5:
        national = e164[1 + len(_calling_code(e164) or "") :]
        return national == "1234567890" or len(set(national)) == 1
    return "55501" in e164 and _FILMED.fullmatch(e164) is not None


def is_region(country: str) -> bool:
    """Whether numbers can be dialled there, by ISO 3166 alpha-2 in capitals."""
    return country in SUPPORTED_REGIONS


@lru_cache(REMEMBERED)
def _dialled(raw: str, country: str | None) -> str | None:
    if raw.startswith("+") and (code := _calling_code(raw)) and _plan(code).match(raw):
        return raw
    return _parsed(raw, country)


def _calling_code(e164: str) -> str | None:
    """No code begins another."""
    for end in (2, 3, 4):
        if (code := e164[1:end]) in _CODES:
            return code
    return None


@cache
def _plan(code: str) -> re.Pattern[str]:
    """All fixed and mobile numbers of a country: what nearly every number is, told in a fiftieth
    of the time the library takes. One that is neither is left to the library."""
    found = [
        PhoneMetadata.metadata_for_region_or_calling_code(int(code), region)
        for region in COUNTRY_CODE_TO_REGION_CODE[int(code)]
    ]
    kinds = [_numbers(kind) for plan in found if plan for kind in (plan.fixed_line, plan.mobile)]
    return re.compile(
        rf"\+(?=\d{{7,15}}\Z){code}(?:{'|'.join(filter(None, kinds)) or '(?!)'})\Z", re.ASCII
    )


def _numbers(kind: PhoneNumberDesc | None) -> str | None:
    if kind is None or not kind.national_number_pattern:
        return None
    lengths = "|".join(rf"\d{{{length}}}" for length in kind.possible_length if length > 0)
    return rf"(?=(?:{lengths or '.*'})\Z)(?:{kind.national_number_pattern})"


def _parsed(raw: str, country: str | None) -> str | None:
    text = _cleaned(raw)
    if text is None:
        return None
    if text.startswith("00"):  # whatever is dialled before a country code where the shopper lives
        return _valid(f"+{text[2:]}", None) or _valid(text, country)
    return _valid(text, country)


def _cleaned(raw: str) -> str | None:
    """Without what only typesetters see, and without the zero that is for callers at home."""
    seen = "".join(c for c in unicodedata.normalize("NFKC", raw) if unicodedata.category(c) != "Cf")
    text = _DASHES.sub("-", seen).strip().removeprefix("tel:").replace("(0)", "")
    return text if _WRITTEN.fullmatch(text) else None


def _valid(text: str, country: str | None) -> str | None:
    try:
        number: PhoneNumber = parse(text, country)
    except NumberParseException:
        return None
    if not is_valid_number(number) or number.extension:
        return None
    value = f"+{number.country_code}{national_significant_number(number)}"
    return value if _E164.fullmatch(value) else None
