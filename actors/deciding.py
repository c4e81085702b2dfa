"""One signal: who it turns out to be about, and what it makes happen."""

from collections.abc import Callable, Iterable
from uuid import UUID

from msgspec.structs import replace

from actors.binding import bound
from actors.judging import LISTS, Judging
from actors.merging import Merging, Stale
from actors.signals import Routed, Step
from actors.writing import Writing
from aggregates.profile.claims import holds
from aggregates.profile.concerning import concerns
from aggregates.profile.decide import brought_to_light, decide
from aggregates.profile.decisions.consent import ConsentCommand
from aggregates.profile.decisions.context import Context
from aggregates.profile.decisions.identity import Recognise
from aggregates.profile.decisions.lifecycle import LifecycleCommand
from aggregates.profile.decisions.lineage import LineageCommand
from aggregates.profile.events.identity import conflict_key, key_of, live
from aggregates.profile.events.messages import Reserved, Sent
from aggregates.profile.identifiers import STRENGTH, Identifier
from aggregates.profile.profile import Profile
from aggregates.resolution import (
    PERSONAL_KINDS,
    Link,
    Seen,
    judge,
    over_limits,
    standing,
)

WEAK = frozenset({"phone", "cookie"})


class SomebodyElse(Exception):
    """What leads to the profile is not enough to say that the signal is about it: the `dropped` of
    its identifiers must not say so again."""

    def __init__(self, dropped: Iterable[Identifier]) -> None:
        super().__init__("the signal may be about somebody else")
        self.dropped = tuple(dropped)


class Deciding:
    """Of one signal that was routed to a profile."""

    def __init__(
        self, routed: Routed, writing: Writing, merging: Merging, mint: Callable[[], UUID]
    ) -> None:
        self._routed = routed
        self._writing = writing
        self._merging = merging
        self._judging = Judging(routed, writing, merging, mint)

    def decide(self) -> None:
        """Raises Rejected; SomebodyElse and Stale where the signal must be routed again."""
        self._check_nobody_came_first()
        at, subject = self._routed.signal.occurred_at, self._routed.subject
        recognise = self._recognise()
        if recognise.identifiers or recognise.demoted:  # none where the profile is named by id
            self._step(Step(at, replace(recognise, others=(), disputed=())), subject)
        if self._is_news(recognise):
            self._judging.judge()
            self._check_nobody_came_first()
            self._step(Step(at, self._still_disputed(recognise)), subject)
        self._seen_again()
        for step in self._routed.signal.steps:
            for subject, about in self._addressed(step):
                self._step(about, subject)

    def _check_nobody_came_first(self) -> None:
        """Raises Stale where one of whom the profile consists has come by something meanwhile that
        was nobody's when the signal was routed: it must not become another one's as well."""
        routed = self._routed
        new = routed.claimable
        if not new:
            return
        held = self._merging.held(routed.profile)
        mine = held.about(routed.subject)
        others = [told.profile for one, told in held.members.items() if one != routed.subject]
        if any(holds(o, known) and not holds(mine, known) for known in new for o in others):
            raise Stale

    def _recognise(self) -> Recognise:
        """Without what would be too many of a kind for one person."""
        routed, given = self._routed, self._routed.recognise
        if not routed.signal.identifiers:
            return given
        held = self._merging.held(routed.profile).profile
        seen = Seen(routed.signal.identifiers, routed.signal.powerless)
        elsewhere = routed.owned_elsewhere

        def weight(one: Identifier) -> tuple[int, int, str, bool, str]:
            """Of one kind what is new counts less: without it the customer is the same."""
            has_no_say, strength, kind, value = seen.weight(one)
            return has_no_say, strength, kind, not holds(held, one), value

        mine = [
            known
            for known in sorted(seen.identifiers, key=weight)
            if known not in elsewhere and known not in given.demoted
        ]
        led = [known for known in mine if holds(held, known)]
        if routed.signal.profile is None and led and self._is_another(held, mine, led):
            raise SomebodyElse((*given.demoted, *led))
        leading = led if routed.signal.profile is None else []
        at = routed.signal.occurred_at
        dropped = over_limits(held.identity, mine, routed.rules, at, leading)
        if not dropped:
            return given
        if leading and {*leading} <= {*dropped}:
            raise SomebodyElse((*given.demoted, *dropped))
        kept = tuple(known for known in given.identifiers if known not in dropped)
        return replace(given, identifiers=kept, demoted=(*given.demoted, *dropped))

    def _is_another(self, held: Profile, mine: list[Identifier], led: list[Identifier]) -> bool:
        """Whether a phone or a device leads here, but stronger ones were never seen with it.

        Two who each had come before would not be one for that; so it must not be a matter of who
        comes first.
        """
        new = [known for known in mine if known.kind in PERSONAL_KINDS and known not in led]
        link = led[0]
        if link.kind not in WEAK or not new or STRENGTH[new[0].kind] <= STRENGTH[link.kind]:
            return False
        told = Link(
            kind=link.kind,
            together=self._routed.signal.source.kind not in LISTS,
            has_history=bool(held.identity.former.get(key_of(link))),
        )
        ones, theirs = standing(map(key_of, new)), standing(live(held.identity))
        return judge(ones, theirs, told, self._routed.rules.limits) != "merge"

    def _is_news(self, recognise: Recognise) -> bool:
        """Whether it was not noted before that these are others'; judged once is enough."""
        if not recognise.others:
            return False
        held = self._merging.held(self._routed.profile)
        noted = held.about(self._routed.subject).identity.conflicts
        return any(conflict_key(o, recognise.disputed) not in noted for o in recognise.others)

    def _still_disputed(self, recognise: Recognise) -> Recognise:
        left = [o for o in self._routed.owned if not self._judging.is_ours(o)]
        return Recognise(
            others=tuple(sorted({str(o.head) for o in left})),
            disputed=tuple(sorted({o.identifier.kind for o in left})),
            decided_by=recognise.decided_by,
        )

    def _seen_again(self) -> None:
        """Those of the signal's identifiers that are others' of whom the profile consists."""
        for owned in self._routed.owned:
            if self._judging.is_ours(owned):
                again = Recognise(identifiers=(owned.identifier,))
                self._step(Step(self._routed.signal.occurred_at, again), owned.subject)

    def _addressed(self, step: Step) -> list[tuple[UUID, Step]]:
        """Whom a step is about, and what it says about each."""
        command, subject = step.command, self._routed.subject
        if isinstance(command, LifecycleCommand):
            return [(self._routed.profile, step)]  # stages are of a customer as a whole
        held = self._merging.held(self._routed.profile)
        if not held.members:
            return [(subject, step)]
        if isinstance(command, ConsentCommand):
            link = self._routed.rules.messaging.unsubscribe_scope
            return [(one, Step(step.at, said)) for one, said in bound(command, held, subject, link)]
        owners = [one for one, m in held.members.items() if concerns(m.profile, command)]
        return [((*owners, subject)[0], step)]

    def _step(self, step: Step, subject: UUID) -> None:
        if isinstance(step.command, LineageCommand):
            self._merging.obey(step.command)
            return
        routed, signal = self._routed, self._routed.signal
        elsewhere = frozenset([o.identifier for o in routed.owned if o.subject != subject])
        held = self._merging.held(routed.profile)
        whole = held.profile if held.members else None
        context = Context(
            step.at,
            self._writing.now,
            signal.source,
            elsewhere,
            command_id=signal.id,
            whole=whole,
            messaging=routed.rules.messaging,
            time_zone=routed.rules.time_zone,
        )
        of_all = isinstance(step.command, LifecycleCommand)
        told = held.profile if of_all else held.about(subject)
        for event in decide(told, step.command, context):
            self._writing.write(routed.profile, subject, event, step.at)
            if isinstance(event, Sent | Reserved):
                self._bring_to_light(event, subject)

    def _bring_to_light(self, event: Sent | Reserved, subject: UUID) -> None:
        whole = self._merging.held(self._routed.profile).profile
        for at, command in brought_to_light(whole, event):
            self._step(Step(at, command), subject)
