"""Consent as Shopify keeps it: a state for each address, with its level and its moment.

No words, page or IP ever come along; those are told by whoever showed the form.
"""

from collections.abc import Iterator
from datetime import datetime

from msgspec.json import Decoder

from actors.signals import Step
from aggregates.profile.decisions.consent import (
    Command,
    GrantConsent,
    RedactConsent,
    SuppressAddress,
    WithdrawConsent,
)
from aggregates.profile.events.consent import Channel, Level
from aggregates.profile.identifiers import Identifier
from aggregates.shop.identity_rules import IdentityRules
from api.recognition.emails import email
from api.recognition.phones import phone
from api.webhooks.shopify import bodies
from api.webhooks.shopify.news import Heard, News
from api.webhooks.shopify.people import person
from api.webhooks.shopify.refusals import Untranslatable
from api.webhooks.shopify.scalars import (
    AN_ID,
    MalformedInstant,
    instant,
    instant_of,
    required,
    resource_id,
    text,
)

EMAIL_TOPIC = "customers_email_marketing_consent/update"
SMS_TOPIC = "customers_marketing_consent/update"
NEVER = "not_subscribed"
STATES = f"{NEVER}, pending, subscribed, unsubscribed, redacted or invalid"
LEVELS: dict[str, Level] = {"single_opt_in": "single", "confirmed_opt_in": "confirmed"}
_EMAIL = Decoder(bodies.EmailConsentUpdate)
_SMS = Decoder(bodies.SmsConsentUpdate)


def by_email(body: bytes, heard: Heard) -> News:
    told = bodies.decoded(_EMAIL, body)
    account = required(resource_id(told.customer_id), "$.customer_id", AN_ID)
    known = person(bodies.Customer(id=account), (told.email_address,), (), heard.rules)
    address = email(told.email_address or "")
    return _news("email", address, told.email_marketing_consent, known.identifiers, heard)


def by_sms(body: bytes, heard: Heard) -> News:
    told = bodies.decoded(_SMS, body)
    account = required(resource_id(told.id), "$.id", AN_ID)
    known = person(bodies.Customer(id=account), (), (told.phone,), heard.rules)
    address = phone(told.phone or "", heard.rules.country)
    return _news("sms", address, told.sms_marketing_consent, known.identifiers, heard)


def beside(account: bodies.Account, at: datetime, rules: IdentityRules) -> Iterator[Step]:
    """What an account of before 2025 says of consent; `at` is the account's own moment.

    It repeats what was said long ago. So a yes counts only with a moment of its own, or it would
    seem newer than a no that came since.
    """
    told: tuple[tuple[Channel, bodies.Consent | None], ...] = (
        ("email", account.email_marketing_consent),
        ("sms", account.sms_marketing_consent),
    )
    for channel, said in told:
        address = _address(channel, account, rules) if said else None
        if said is None or address is None:
            continue
        command, moment = _command(channel, address, said), _moment(said)
        undated_yes = moment is None and isinstance(command, GrantConsent)
        if command and not undated_yes:
            yield Step(moment or at, command)


def _address(channel: Channel, account: bodies.Account, rules: IdentityRules) -> str | None:
    if channel == "email":
        return email(account.email or "")
    return phone(account.phone or "", rules.country)


def _news(
    channel: Channel,
    address: str | None,
    said: bodies.Consent | None,
    known: tuple[Identifier, ...],
    heard: Heard,
) -> News:
    member = f"$.{channel}_marketing_consent"
    if said is None or not said.state or said.state.lower() == NEVER:
        return News(heard.at, known, (), timeless=True)
    moment = instant_of(said.consent_updated_at, f"{member}.consent_updated_at")
    at = moment or heard.at
    if (command := _command(channel, address, said)) is None:
        raise Untranslatable(f"{member}: expected {STATES}, and a valid address")
    return News(at, known, (Step(at, command),), timeless=moment is None)


def _command(channel: Channel, address: str | None, said: bodies.Consent) -> Command | None:
    """None for a state that says nothing of the address, or that nobody told us of."""
    state = (said.state or "").lower()
    if address is None:
        ended = state in ("unsubscribed", "redacted")
        return WithdrawConsent(scope="channel", channel=channel) if ended else None
    match state:
        case "subscribed" | "pending":
            return _grant(channel, address, said, state == "pending")
        case "unsubscribed":
            return WithdrawConsent(scope="address", channel=channel, address=address)
        case "redacted":
            return RedactConsent(channel=channel, address=address)
        case "invalid":
            return SuppressAddress(channel=channel, address=address, reason="invalid")
    return None


def _grant(channel: Channel, address: str, said: bodies.Consent, is_asked: bool) -> GrantConsent:
    level = LEVELS.get((said.opt_in_level or "").lower(), "unknown")
    return GrantConsent(
        channel=channel,
        address=address,
        level="pending" if is_asked else level,
        source_detail=text(said.consent_collected_from),
    )


def _moment(said: bodies.Consent) -> datetime | None:
    try:
        return instant(said.consent_updated_at)
    except MalformedInstant:
        return None
