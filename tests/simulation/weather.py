"""What goes wrong in a run and how often, drawn from its seed."""

from collections import Counter
from collections.abc import Collection
from random import Random
from typing import NamedTuple


class Fault(NamedTuple):
    """`odds` are those of one occasion, where a run knows this fault at all."""

    what: str
    odds: tuple[float, float]


KNOWN = 0.35  # how likely a run knows a fault: with all of them at once little else would happen
RARELY = (0.001, 0.01)  # at a question to the database
SOMETIMES = (0.005, 0.04)
OFTEN = (0.05, 0.3)  # at a batch or a commit

FAULTS = {
    "unreachable": Fault("a question never reaches the database", SOMETIMES),
    "outage": Fault("the database answers nobody for a while", RARELY),
    "slow": Fault("the database takes its time over a question", SOMETIMES),
    "answer lost": Fault("an answer of the database is lost", SOMETIMES),
    "bug": Fault("the database's driver fails in a way nobody thought of", SOMETIMES),
    "host dies": Fault("between two questions to the database", SOMETIMES),
    "host replaced": Fault("a new owner of its shards starts, the old one goes on", SOMETIMES),
    "stale owners": Fault("a look-up of owners is answered long after it was made", SOMETIMES),
    "commit unknown": Fault("it took effect, and its answer is lost", OFTEN),
    "commit bug": Fault("it took effect, and the driver fails so that nobody thought of it", OFTEN),
    "commit later": Fault("its connection broke; it takes effect later or never", OFTEN),
    "host dies after": Fault("just when it has committed", OFTEN),
    "snapshot now": Fault("a snapshot is due at once", OFTEN),
    "batch lost": Fault("a batch never reaches its host", OFTEN),
    "batch twice": Fault("a batch reaches its host, and again later", OFTEN),
    "reply lost": Fault("the host's reply is lost", OFTEN),
    "reply late": Fault("the host's reply comes when nobody is patient any more", OFTEN),
    "process dies": Fault("an API process dies with all it has minted", SOMETIMES),
    "caller leaves": Fault("a caller gives up early", OFTEN),
    "clock steps": Fault("a host's clock jumps, forwards or back", OFTEN),
}


class Weather:
    """Bad until it is `calm`; a run then has to come to its end.

    Its faults are drawn, too, unless `only` these are asked for, and then as often as can be.
    """

    def __init__(self, random: Random, only: Collection[str] | None) -> None:
        self._random = random
        self._odds = {name: fault.odds[1] for name, fault in FAULTS.items() if name in (only or ())}
        if only is None:
            known = [fault for fault in FAULTS.items() if random.random() < KNOWN]
            self._odds = {name: random.uniform(*fault.odds) for name, fault in known}
        self.calm = False
        self.struck: Counter[str] = Counter()

    def strikes(self, fault: str) -> bool:
        odds = self._odds.get(fault)
        if odds is None or self.calm or self._random.random() >= odds:
            return False
        self.struck[fault] += 1
        return True

    def __contains__(self, fault: str) -> bool:
        """Whether this run knows it."""
        return fault in self._odds
