"""A host's work, in plain Python: load, decide, commit, and only then remember.

One batch at a time. Memory is changed after the log has been; where memory is in doubt it is
dropped, the log remembers.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import chain
from uuid import UUID

from uuid_utils.compat import uuid7

from actors.blockades import Blockades, Waiting, by_shard
from actors.drafting import Draft, Drafting, Shelf
from actors.placement import shard_of
from actors.remembered import Remembered, again, decode, encode, memories_of, outcome_of
from actors.residence import Residence
from actors.signals import Outcome, Routed, Signal
from aggregates.log.keys import Keyring, new_subject_key
from aggregates.log.port import ClaimsRefused, EventLog, LogBlocked, StoredEvent, StreamMoved, Unit
from aggregates.log.residents import Residents
from config.failpoints import reach

ATTEMPTS = 3  # at one batch, when somebody else wrote first
MOST_BLOCKED = 2  # shards in one batch, each for as long as we wait for a lock


class Contended(Exception):
    """Others kept writing to the same profiles; nothing of the batch was written by us."""


class ShardWork:
    """The single writer of its shards. Not thread-safe: a host calls it from one thread."""

    def __init__(
        self,
        log: EventLog,
        keyring: Keyring,
        residents: Residents | None = None,
        mint_key: Callable[[], bytes] = new_subject_key,
        mint: Callable[[], UUID] = uuid7,
    ) -> None:
        self._log = log
        self._keyring = keyring
        self._residence = Residence(log, keyring, residents)
        self._shelf = Shelf(self._residence.one, self._residence.told, mint_key, mint)
        self._blockades = Blockades()
        self.fenced = 0  # batches refused because somebody else wrote first
        self.residents = self._residence.residents

    def apply(self, batch: Sequence[Routed], now: datetime) -> list[Outcome]:
        """Decide and commit a batch; one outcome for each signal, in order.

        Raises LogUnreachable (the outcome may be unknown) or Contended. Applying the same batch
        again is then harmless, because its ids are looked up before anything is decided.
        """
        waiting = [Waiting(n, r, self._keys_of(r.signal)) for n, r in enumerate(batch)]
        answers: dict[int, Outcome] = {}
        for some in self._blockades.parted(waiting, now):
            try:
                answers.update(self._apply(some, now))
            except LogBlocked:
                answers.update(self._around(some, now))
        return [
            answers.get(w.place) or Outcome(profile_id=w.routed.profile, version=0, blocked=True)
            for w in waiting
        ]

    def _apply(self, some: Sequence[Waiting], now: datetime) -> dict[int, Outcome]:
        answers: dict[int, Outcome] = {}
        waiting, failures = some, 0
        while waiting and failures < ATTEMPTS:
            answered = self._attempt(waiting, now, trust_fresh=failures == 0)
            failures += not answered
            answers.update(answered)
            waiting = [w for w in waiting if w.place not in answers]
        if waiting:
            raise Contended(f"{ATTEMPTS} attempts at {len(waiting)} signals")
        return answers

    def _around(self, some: Sequence[Waiting], now: datetime) -> dict[int, Outcome]:
        """Shard by shard, so that a locked one does not hold up the others.

        Raises LogBlocked where it is not one shard alone: then nobody can write.
        """
        answers: dict[int, Outcome] = {}
        blocked = 0
        for shard, group in by_shard(some).items():
            try:
                answers.update(self._apply(group, now))
            except LogBlocked:
                self._blockades.note(shard, now)
                blocked += 1
                if blocked > MOST_BLOCKED:
                    raise
        return answers

    def save_snapshots(self) -> int:
        """Write the snapshots that have become due. Call after the reply; says how many."""
        return self._residence.save_snapshots()

    def _attempt(
        self, waiting: Sequence[Waiting], now: datetime, trust_fresh: bool
    ) -> dict[int, Outcome]:
        """The outcomes of all that wait, of some where others claimed first, or of none."""
        try:
            return self._answered(waiting, now, trust_fresh)
        except StreamMoved:
            self.fenced += 1
            self._doubt(waiting)
            return {}
        except Exception:  # LogUnreachable, or a bug; it may have come after the commit
            self._doubt(waiting)
            raise

    def _answered(
        self, waiting: Sequence[Waiting], now: datetime, trust_fresh: bool
    ) -> dict[int, Outcome]:
        remembered = self._remembered(waiting)
        from_memory = {w.routed.profile for w in waiting if w.routed.profile in self.residents}
        held, unreadable = self._residence.held(
            w.routed.profile
            for w in waiting
            if w.place not in remembered and not (trust_fresh and w.routed.fresh)
        )
        drafting = Drafting(held, self._keyring, self._shelf, now)
        answers: dict[int, Outcome] = {}
        drafts: dict[int, Draft] = {}
        first: dict[bytes, int] = {}
        repeats: dict[int, int] = {}
        for place, routed, keys in waiting:
            if place in remembered:
                answers[place] = again(remembered[place], routed)
            elif (known := next((first[k] for k in keys if k in first), None)) is not None:
                repeats[place] = known
            elif routed.profile in unreadable:
                answers[place] = _unreadable(routed)
            elif isinstance(result := drafting.draft(routed), Outcome):
                if result.outrun or routed.profile in from_memory:  # others may have written since
                    self.residents.drop((routed.profile,))
                if result.outrun or routed.profile not in from_memory:
                    answers[place] = result
            else:
                drafts[place] = result
                first.update(dict.fromkeys(keys, place))
        try:
            committed = self._commit(drafts, drafting, first)
        except ClaimsRefused as refused:
            self._doubt(waiting)
            return _outrun(drafts, refused)
        answers.update({place: outcome_of(memory) for place, memory in committed.items()})
        by_place = {w.place: w.routed for w in waiting}
        answers.update({n: again(committed[m], by_place[n]) for n, m in repeats.items()})
        return answers

    def _commit(
        self, drafts: Mapping[int, Draft], drafting: Drafting, first: Mapping[bytes, int]
    ) -> dict[int, Remembered]:
        others = frozenset[UUID]().union(*(draft.others for draft in drafts.values()))
        if others:  # of whose shards another host may be the writer
            self._log.forget_heads({shard_of(other) for other in others})
        placed = self._log.place(
            (shard_of(_stream(stored)), draft.namespace, stored)
            for draft in drafts.values()
            for stored in draft.stored
        )
        memories = memories_of(drafts, placed)
        encoded = {place: encode(memory) for place, memory in memories.items()}
        if drafts:
            claims = [claim for draft in drafts.values() for claim in draft.claims]
            outcomes = [(key, encoded[place]) for key, place in first.items()]
            changes = [change for draft in drafts.values() for change in draft.changes]
            self._log.append(Unit(placed, claims, outcomes, drafting.keys, changes))
            reach("host.before_adopt")
        doubtful = others | drafting.parted
        for profile, resident in drafting.tentative.items():
            if profile not in doubtful:
                self._residence.adopt(profile, resident)
        self.residents.drop(doubtful)
        return memories

    def _remembered(self, waiting: Sequence[Waiting]) -> dict[int, Remembered]:
        found = self._log.outcomes(list(chain.from_iterable(w.keys for w in waiting)))
        if not found:
            return {}
        return {w.place: decode(found[key]) for w in waiting for key in w.keys if key in found}

    def _keys_of(self, signal: Signal) -> tuple[bytes, ...]:
        digest = self._keyring.namespace(signal.namespace).digest
        by_id = digest("command", signal.id)
        return (by_id, digest("content", signal.content)) if signal.content else (by_id,)

    def _doubt(self, waiting: Iterable[Waiting]) -> None:
        self.residents.drop(w.routed.profile for w in waiting)
        self._log.forget_heads()


def _unreadable(routed: Routed) -> Outcome:
    why = "its events need another version of the code or another key"
    return Outcome(profile_id=routed.profile, version=0, refused="unreadable", detail=why)


def _outrun(drafts: Mapping[int, Draft], refused: ClaimsRefused) -> dict[int, Outcome]:
    """The signals that claimed what others own by now; they must be resolved again."""
    return {
        place: Outcome(profile_id=draft.profile, version=0, outrun=True)
        for place, draft in drafts.items()
        if any(
            refused.owners.get((claim.namespace, claim.digest), draft.profile) != draft.profile
            for claim in draft.claims
        )
    }


def _stream(stored: StoredEvent) -> UUID:
    assert isinstance(stored.originator_id, UUID)
    return stored.originator_id
