"""What a scenario found, beside what must hold."""

from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

from tests.measured import Limit, shown


class Finding(Struct, frozen=True, kw_only=True):
    """One row. `counts` are facts, bound everywhere by `firm`; `figures` are times and shares of
    this machine, bound by `timed` where the whole thing runs, not in the tests' short form.
    """

    fault: str
    done: str
    counts: Mapping[str, int]
    variant: str = ""
    firm: Sequence[Limit] = ()
    figures: Mapping[str, float] = {}
    timed: Sequence[Limit] = ()

    @property
    def broken(self) -> list[str]:
        """The firm limits that do not hold, with what was counted instead."""
        return _missed(self.firm, self.counts)

    @property
    def late(self) -> list[str]:
        """The timed limits that do not hold."""
        return _missed(self.timed, self.figures)

    @property
    def verdict(self) -> str:
        return "BROKEN" if self.broken else "MISS" if self.late else "holds"


def exactly(figure: str, number: float) -> Limit:
    return Limit(figure, at_least=number, at_most=number)


def _missed(limits: Iterable[Limit], measured: Mapping[str, float]) -> list[str]:
    return [
        f"{limit} (was {shown(measured[limit.figure])})"
        for limit in limits
        if not limit.holds(measured[limit.figure])
    ]
