"""Why two are not one customer: all that was ever decided about them."""

from collections.abc import Iterable, Iterator
from uuid import UUID

from aggregates.explaining import sentences
from aggregates.explaining.reason import Reason, kinds_of
from aggregates.explaining.recognised import recognised_by
from aggregates.explaining.side import Side
from aggregates.explaining.thirds import used_by_both
from aggregates.log.record import Record
from aggregates.profile.events import identity
from aggregates.profile.events.identity import key_of
from aggregates.profile.events.lineage import KeptApart, Released
from aggregates.profile.identifiers import Identifier
from aggregates.resolution import breaks, standing
from aggregates.shop.identity_rules import Limits

# what weighs most comes first
ORDER = (
    *("kept_apart", "open_candidate", "device_switched", "shared_value", "limit", "unlinked"),
    *("two_accounts", "seen_with_both", "named_together", "used_by_both"),
)
FAINT = frozenset({"seen_with_both", "named_together"})  # something was seen, nothing followed


def reasons(one: Side, other: Side, limits: Limits, thirds: Iterable[Side] = ()) -> list[Reason]:
    """What weighs most comes first. Never empty. `thirds` are others who were named by both."""
    found = _weighty([*_decided(one, other), *_decided(other, one)])
    found += (reason for third in thirds for reason in used_by_both(third, one, other))
    if not found:
        return [Reason(rule="nothing_links_them", said=sentences.NOTHING)]
    told = {reason.rule for reason in found}
    found += (reason for reason in _barriers(one, other, limits) if reason.rule not in told)
    return sorted(found, key=_rank)


def _rank(reason: Reason) -> int:
    return ORDER.index(reason.rule)


def _weighty(found: Iterable[Reason]) -> list[Reason]:
    """Each once, though some events are in the streams of both; and what is faint only where its
    signal led to nothing else."""
    once: dict[tuple[str, str, tuple[str, ...]], Reason] = {}
    best: dict[str, int] = {}
    for reason in found:
        command = reason.record.command_id if reason.record else ""
        once.setdefault((command, reason.rule, reason.kinds), reason)
        best[command] = min(best.get(command, len(ORDER)), _rank(reason))
    return [
        reason
        for (command, rule, _), reason in once.items()
        if rule not in FAINT or _rank(reason) == best[command]
    ]


def _decided(here: Side, there: Side) -> Iterator[Reason]:
    """By what is told of the one."""
    closed = _closed(here, there)
    for record in here.records:
        match record.event:
            case KeptApart() as lock if _are_two(lock, here, there):
                yield _lock(record, [*here.records, *there.records])
            case identity.CandidateOpened() as asked if asked.other in there.members:
                if asked.candidate_id not in closed:
                    yield _candidate(record, asked)
            case identity.IdentityEvent() as event:
                if (rule := _rule(event, there)) is not None:
                    yield _by_rule(rule, record, event)


def _rule(event: identity.IdentityEvent, there: Side) -> str | None:  # noqa: PLR0911 - one arm an event
    match event:
        case identity.DeviceSwitched() if there.members.intersection(event.owners):
            return "device_switched"
        case identity.FlaggedShared() if there.members.intersection(event.users):
            return "shared_value"
        case identity.Demoted(why="limit") if _is_theirs(event.identifiers, there):
            return "limit"
        case identity.Unlinked(to=None) if _is_theirs(event.identifiers, there):
            return "unlinked"
        case identity.SeenElsewhere() if event.by in there.members:
            return "seen_with_both"
        case identity.ConflictSeen() if not set(event.others).isdisjoint(map(str, there.members)):
            return "named_together"
        case _:
            return None


def _by_rule(rule: str, record: Record, event: identity.IdentityEvent) -> Reason:
    given = getattr(event, "identifiers", ())
    kinds = tuple(sorted({known.kind for known in given})) or getattr(event, "kinds", ())
    return Reason(rule=rule, said=sentences.of(rule, kinds), record=record, kinds=kinds)


def _is_theirs(identifiers: Iterable[Identifier], there: Side) -> bool:
    return not there.keys.isdisjoint(map(key_of, identifiers))


def _are_two(lock: KeptApart, here: Side, there: Side) -> bool:
    pair = {lock.one, lock.other}
    return bool(pair & here.members and pair & there.members)


def _lock(record: Record, told: Iterable[Record]) -> Reason:
    """With what it was said by: a merge undone or a candidate rejected."""
    said = [r.event for r in told if r.command_id == record.command_id]
    merge = next((e.merge_id for e in said if isinstance(e, Released)), None)
    closed = (e.candidate_id for e in said if isinstance(e, identity.CandidateClosed))
    return Reason(
        rule="kept_apart",
        said=sentences.KEPT_APART,
        record=record,
        merge_id=merge,
        candidate_id=next(closed, None),
    )


def _candidate(record: Record, asked: identity.CandidateOpened) -> Reason:
    kinds = kinds_of((asked.rule,))
    return Reason(
        rule="open_candidate",
        said=sentences.candidate(kinds, asked.score),
        record=record,
        kinds=kinds,
        candidate_id=asked.candidate_id,
        score=asked.score,
    )


def _closed(*sides: Side) -> frozenset[UUID]:
    told = (record.event for side in sides for record in side.records)
    return frozenset(e.candidate_id for e in told if isinstance(e, identity.CandidateClosed))


def _barriers(one: Side, other: Side, limits: Limits) -> Iterator[Reason]:
    """What keeps the rules from uniting two who have met."""
    ones, others = standing(one.keys), standing(other.keys)
    if ones.accounts and others.accounts:
        said, kinds = sentences.TWO_ACCOUNTS, ("shopify_customer_id",)
        yield Reason(rule="two_accounts", said=said, record=_account(other), kinds=kinds)
    if breaks(ones, others, limits):
        yield Reason(rule="limit", said=sentences.TOGETHER_TOO_MANY)


def _account(side: Side) -> Record | None:
    known = recognised_by(side.records)
    accounts = (k.record for k in known if k.identifier.kind == "shopify_customer_id" and k.live)
    return next(accounts, None)
