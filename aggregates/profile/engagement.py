"""How a customer takes our messages: one score from 0 to 100, and what it is made of."""

from datetime import datetime, timedelta
from typing import NamedTuple

from aggregates.profile.events.messages import KEPT_DAYS, Message, Messages, Moment, dispatched

OPENS, ACTIONS, RECENCY = 40, 40, 20  # points at most
DISMISSALS = 20  # points taken away at most
ACTS = frozenset[Moment]({"clicked", "replied"})
REACTIONS = frozenset[Moment]({"opened", *ACTS})
_DAY = timedelta(days=1)


class Score(NamedTuple):
    """Of the marketing messages of the last `KEPT_DAYS` days. Counts are of messages.

    `total` = `opens` + `actions` + `recency` - `dismissals`, not below 0, and 0 after a complaint:

    - `opens` 40 x share opened (who clicks or replies has opened)
    - `actions` 40 x share clicked or replied to, doubled, at most 40
    - `recency` 20, less for each day since the last reaction, 0 after 90 days
    - `dismissals` 20 x share dismissed

    Null where nothing was sent.
    """

    total: int | None = None
    opens: float = 0.0
    actions: float = 0.0
    recency: float = 0.0
    dismissals: float = 0.0
    sent: int = 0
    opened: int = 0
    acted: int = 0
    dismissed: int = 0
    complained: int = 0


def score(messages: Messages, at: datetime) -> Score:
    went = [m for m in messages.by_id.values() if _counts(m, at)]
    if not went:
        return Score()
    opened = [m for m in went if _did(m, REACTIONS, at)]
    acted = [m for m in opened if _did(m, ACTS, at)]
    dismissed = [m for m in went if _did(m, frozenset({"dismissed"}), at)]
    complained = [m for m in went if _did(m, frozenset({"complained"}), at)]
    opens = OPENS * len(opened) / len(went)
    actions = ACTIONS * min(1.0, 2 * len(acted) / len(went))
    recency = RECENCY * _freshness(opened, at)
    lost = DISMISSALS * len(dismissed) / len(went)
    total = 0 if complained else max(0, round(opens + actions + recency - lost))
    return Score(
        total,
        opens=round(opens, 1),
        actions=round(actions, 1),
        recency=round(recency, 1),
        dismissals=round(lost, 1),
        sent=len(went),
        opened=len(opened),
        acted=len(acted),
        dismissed=len(dismissed),
        complained=len(complained),
    )


def _counts(message: Message, at: datetime) -> bool:
    sent = dispatched(message)
    return sent is not None and sent.message_class == "marketing" and _is_recent(sent.at, at)


def _did(message: Message, moments: frozenset[Moment], at: datetime) -> bool:
    return any(message.moments[name] <= at for name in moments if name in message.moments)


def _freshness(opened: list[Message], at: datetime) -> float:
    reacted = [t for m in opened for name, t in m.moments.items() if name in REACTIONS and t <= at]
    if not reacted:
        return 0.0
    return max(0.0, 1 - (at - max(reacted)) / _DAY / KEPT_DAYS)


def _is_recent(sent: datetime, at: datetime) -> bool:
    return sent <= at and (at - sent).days < KEPT_DAYS
