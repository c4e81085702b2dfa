"""What a list says of consent: by which column, on which channel, and what its cells mean.

Only what is clear counts, and no is not the same as no longer: who never subscribed withdrew
nothing.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Literal, NamedTuple

from aggregates.profile.events.consent import Level, Suppression
from api.contacts.cells import instant
from api.contacts.contact import ListedChannel, ListedConsent
from api.contacts.words import key_of

Kind = Literal["state", "ended", "suppressed", "moment"]
CHANNELS: Mapping[str, ListedChannel] = {
    "email": "email",
    "mail": "email",
    "sms": "sms",
    "whatsapp": "whatsapp",
}
# a column of nothing but these words, and perhaps a channel, says so
SUPPRESSED = frozenset({"suppressed", "suppression", "suppressions"})
ENDED = frozenset({"unsubscribed", "opt", "opted", "optout", "out", "marketing"})
STATE = frozenset(
    {"consent", "consented", "accepts", "marketing", "opt", "opted", "optin", "in"}
    | {"subscribed", "status", "state"}
)
MOMENT = frozenset({"timestamp", "date", "at", "time"})
YES: Mapping[str, Level] = {
    **dict.fromkeys(("subscribed", "subscribe", "yes", "y", "true", "1", "ja"), "unknown"),
    **dict.fromkeys(("opted_in", "opt_in"), "unknown"),
    "single_opt_in": "single",
    "confirmed_opt_in": "confirmed",
    "double_opt_in": "confirmed",
}
NO_LONGER = frozenset({"unsubscribed", "unsubscribe", "opted_out", "opt_out", "revoked"})
NEVER = frozenset({"never_subscribed", "not_subscribed", "never", "no", "n", "false", "0", "nein"})
REASONS: Mapping[str, Suppression] = {
    "bounce": "hard_bounce",
    "invalid": "invalid",
    "spam": "complaint",
    "complaint": "complaint",
}


class Meaning(NamedTuple):
    """Of a column."""

    channel: ListedChannel
    kind: Kind


class NotUnderstood(Exception):
    """What stands in a cell says nothing to us."""


def meaning(key: str) -> Meaning | None:
    """Of the column that is called so; as shops and newsletters call it, it is about mail if it
    does not say."""
    if key == "accepts_marketing":
        return Meaning("email", "state")
    words = key.replace("e_mail", "email").split("_")
    channels = {CHANNELS[word] for word in words if word in CHANNELS}
    if len(channels) > 1:
        return None
    rest = {word for word in words if word not in CHANNELS}
    kind = _kind(rest)
    if kind is None or (not channels and kind not in ("ended", "suppressed")):
        return None
    return Meaning(next(iter(channels), "email"), kind)


def _kind(words: set[str]) -> Kind | None:
    if words <= SUPPRESSED:
        return "suppressed" if words else None
    if words & {"unsubscribed", "out", "optout"}:
        return "ended" if words <= ENDED else None
    if words <= STATE:
        return "state"
    told = words - MOMENT
    return "moment" if told and told <= STATE else None


def consents_of(told: Meaning, cell: str) -> Iterator[ListedConsent]:
    """None where the cell says that nothing ever happened. Raises NotUnderstood."""
    word = key_of(cell)
    if word and word not in NEVER and told.kind != "moment":
        yield from _READ[told.kind](told.channel, cell, word)


def _state(channel: ListedChannel, cell: str, word: str) -> Iterator[ListedConsent]:
    if at := instant(cell):
        yield ListedConsent(channel, "subscribed", at=at)
    elif word in YES:
        yield ListedConsent(channel, "subscribed", level=YES[word])
    elif word == "pending":
        yield ListedConsent(channel, "pending")
    elif word in NO_LONGER:
        yield ListedConsent(channel, "unsubscribed")
    else:
        raise NotUnderstood


def _ended(channel: ListedChannel, cell: str, word: str) -> Iterator[ListedConsent]:
    at = instant(cell)
    if at is None and word not in YES and word not in NO_LONGER:
        raise NotUnderstood
    yield ListedConsent(channel, "unsubscribed", at=at)


def _suppressed(channel: ListedChannel, cell: str, word: str) -> Iterator[ListedConsent]:
    """For every reason it names. If we know none of them it is suppressed all the same."""
    reasons: set[Suppression] = {reason for name, reason in REASONS.items() if name in word}
    if "unsubscribe" in word:
        yield ListedConsent(channel, "unsubscribed")
    elif not reasons:
        reasons = {"manual"}
    for reason in sorted(reasons):
        yield ListedConsent(channel, "suppressed", reason=reason)


_READ: Mapping[str, Callable[[ListedChannel, str, str], Iterator[ListedConsent]]] = {
    "state": _state,
    "ended": _ended,
    "suppressed": _suppressed,
}
