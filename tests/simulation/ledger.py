"""What callers were told, held against what is in the log."""

from collections import Counter, defaultdict
from typing import NamedTuple
from uuid import UUID

from msgspec.structs import replace

from actors.signals import Outcome, Signal
from tests.simulation.shop import is_bad
from tests.simulation.world import World

Key = tuple[int, str]  # a namespace, and an id in it or the content that two ids share


class Fact(NamedTuple):
    """An event by the profile in whose stream it is, its version there and its name."""

    profile: UUID
    version: int
    topic: str


class Ledger:
    """Every answer that a caller got."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._answers: dict[Key, list[tuple[Signal, Outcome]]] = defaultdict(list)
        self._keys: dict[tuple[int, str], Key] = {}
        self._sent: Counter[Key] = Counter()

    @property
    def count(self) -> int:
        return sum(map(len, self._answers.values()))

    def sent(self, signal: Signal) -> None:
        self._sent[_key(signal)] += 1
        self._keys[signal.namespace, signal.id] = _key(signal)

    def answered(self, signal: Signal, outcome: Outcome) -> None:
        """What was answered must be durable at this moment."""
        key = _key(signal)
        self._answers[key].append((signal, outcome))
        if outcome.duplicate and self._sent[key] == 1 and "batch twice" not in self._world.weather:
            self._world.broken(f"{signal.id} was sent once and called a duplicate")
        if outcome.outrun or outcome.refused == "internal":
            self._world.broken(f"{signal.id} was answered with {outcome}")
        if Counter(outcome.events) - Counter(f.topic for f in self._found().get(key, ())):
            self._world.broken(f"{signal.id} was acknowledged before it was durable: {outcome}")

    def check(self) -> None:
        """Each signal's events are in the log once, as its callers were told; and nothing else."""
        found = self._found()
        for key, answers in self._answers.items():
            self._agree(key, answers, found.pop(key, []))
        for key, facts in found.items():
            self._world.broken(f"nobody was told of {key}: {facts}")

    def _agree(self, key: Key, answers: list[tuple[Signal, Outcome]], found: list[Fact]) -> None:
        taken = [(signal, outcome) for signal, outcome in answers if outcome.refused is None]
        told = {replace(outcome, duplicate=False) for _, outcome in taken}
        if len(told) > 1 or len({signal.fingerprint for signal, _ in taken}) > 1:
            self._world.broken(f"callers of {key} were told different things: {told}")
        written = Counter(fact.topic for fact in found)
        if written != Counter(topic for outcome in told for topic in outcome.events):
            self._world.broken(f"callers of {key} were told {told}, in the log are {found}")
        last = {fact.profile: fact.version for fact in found}
        for outcome in told:
            if outcome.events and last.get(outcome.profile_id, outcome.version) > outcome.version:
                self._world.broken(f"callers of {key} were told {outcome}, in the log is more")
        used_twice = len({signal.fingerprint for signal, _ in answers}) > 1
        for signal, outcome in answers:
            allowed = {None, "malformed_email"} if is_bad(signal) else {None}
            if outcome.refused not in (allowed | {"id_reused"} if used_twice else allowed):
                self._world.broken(f"{signal.id} was refused: {outcome}")

    def _found(self) -> dict[Key, list[Fact]]:
        found: dict[Key, list[Fact]] = defaultdict(list)
        for profile, (namespace, _) in self._world.tables.keys.items():
            for record, _ in self._world.truth.of(profile):
                command = namespace, record.command_id
                topic = str(record.event.__struct_config__.tag)
                found[self._keys.get(command, command)].append(Fact(profile, record.version, topic))
        return found


def _key(signal: Signal) -> Key:
    return signal.namespace, signal.content or signal.id
