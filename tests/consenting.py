"""A customer who said yes everywhere, so that it is the rest of the gate that decides."""

from aggregates.profile.decisions.consent import GrantConsent

MAILS = ("ada@example.com", "bob@example.com")
PHONE, TOKEN = "+4915112345678", "a token of a phone"


def yes_to(*mails: str) -> tuple[GrantConsent, ...]:
    """On every channel."""
    return (
        *(GrantConsent(channel="email", address=mail) for mail in mails),
        GrantConsent(channel="sms", address=PHONE),
        GrantConsent(channel="whatsapp", address=PHONE),
        GrantConsent(channel="push", address=TOKEN),
    )
