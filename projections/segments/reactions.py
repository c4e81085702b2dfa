"""How one customer took our messages, in plain Python."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from math import floor

from aggregates.profile import engagement
from aggregates.profile.events.messages import KEPT_DAYS, Dispatch, Message, Messages, Moment
from projections.reach import Mail
from projections.segments import rule

KEPT = timedelta(days=KEPT_DAYS)
DAY_S = 86_400
HALF = 0.5  # scores are rounded
LATE_S = 2  # so that nobody looks at the very moment, where a rounding error decides


def moments(wanted: rule.Messages, mails: Sequence[Mail]) -> list[datetime]:
    """Of the messages that the rule is about."""
    about = (
        mail
        for mail in mails
        if (wanted.channel is None or wanted.channel == mail.channel)
        and (wanted.campaign is None or wanted.campaign == mail.campaign)
    )
    return [at for mail in about if (at := _moment(wanted.did, mail)) is not None]


def score(mails: Sequence[Mail], at: datetime) -> int | None:
    return _scored(mails, at).total


def score_turns(wanted: rule.Engagement, mails: Sequence[Mail], at: datetime) -> Iterator[datetime]:
    """A score changes with every message that goes out or is forgotten and every reaction, and
    fades in between."""
    lately = [mail for mail in _marketing(mails) if mail.at and mail.at > at - KEPT]
    for mail in lately:
        if mail.at is not None:
            yield mail.at if mail.at > at else mail.at + KEPT
        yield from _told(mail).values()
    went = [mail for mail in lately if mail.at and mail.at <= at]
    reacted = [t for mail in went for t in _reactions(mail) if t <= at]
    if reacted:
        base = _lasting(_scored(mails, at))
        yield from (max(reacted) + fade for fade in _fades(wanted.score, base))


def _fades(wanted: int, base: float) -> Iterator[timedelta]:
    """After how long without a reaction it is no longer as much, and no longer more."""
    for edge in (wanted - HALF, wanted + HALF):
        days = KEPT_DAYS * (1 - (edge - base) / engagement.RECENCY)
        if 0 <= days <= KEPT_DAYS:
            yield timedelta(seconds=floor(days * DAY_S) + LATE_S)


def _lasting(found: engagement.Score) -> float:
    """The part that does not fade."""
    opens = engagement.OPENS * found.opened / found.sent
    actions = engagement.ACTIONS * min(1.0, 2 * found.acted / found.sent)
    return opens + actions - engagement.DISMISSALS * found.dismissed / found.sent


def _scored(mails: Sequence[Mail], at: datetime) -> engagement.Score:
    told = {str(number): _message(mail) for number, mail in enumerate(_marketing(mails))}
    return engagement.score(Messages(told), at)


def _message(mail: Mail) -> Message:
    assert mail.at is not None, "it was sent"
    assert mail.channel is not None, "then it is known where"
    sent = Dispatch(mail.at, mail.at, mail.channel, "marketing", "campaign")
    return Message(sent, moments=_told(mail))


def _marketing(mails: Sequence[Mail]) -> list[Mail]:
    return [one for one in mails if one.marketing and one.at is not None and one.until is None]


def _told(mail: Mail) -> dict[Moment, datetime]:
    found: dict[Moment, datetime | None] = {
        "opened": mail.opened_at,
        "clicked": mail.clicked_at,
        "replied": mail.replied_at,
        "dismissed": mail.dismissed_at,
        "complained": mail.complained_at,
    }
    return {name: at for name, at in found.items() if at is not None}


def _reactions(mail: Mail) -> list[datetime]:
    return [at for at in (mail.opened_at, mail.clicked_at, mail.replied_at) if at is not None]


def _moment(did: rule.Deed, mail: Mail) -> datetime | None:
    match did:
        case "sent":
            return mail.at if mail.until is None else None
        case "opened":
            return min(_reactions(mail), default=None)
        case "clicked":
            return mail.clicked_at
        case "replied":
            return mail.replied_at
