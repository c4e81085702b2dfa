"""A process takes on as much as it can answer soon, and learns by answering how much that is."""

from collections.abc import Callable
from math import inf

from api.room import FEWEST, MOST, SOON_S, Room


class Silence:
    """Of a host that some of the requests wait for."""

    held_up = 0
    silent_until = -inf


class Machine:
    """Answers so many requests a second, each after as long as it takes with a full room."""

    def __init__(self) -> None:
        self.now = 0.0
        self.silence = Silence()
        self.room = Room(silences=self.silence, clock=lambda: self.now)

    def overloaded(self, per_s: float, seconds: float) -> None:
        self._answers(per_s, seconds, lambda: self.room.limit / per_s, inside=MOST)

    def at_leisure(self, seconds: float) -> None:
        self._answers(10, seconds, lambda: 0.01, inside=1)

    def _answers(
        self, per_s: float, seconds: float, latency_s: Callable[[], float], inside: int
    ) -> None:
        self.room.inside = inside
        until = self.now + seconds
        while self.now < until:
            self.now += 1 / per_s
            self.room.is_full()
            self.room.answered(latency_s())


def slow() -> Machine:
    """It has learnt that it is."""
    machine = Machine()
    machine.overloaded(per_s=20, seconds=5)
    return machine


def test_a_fast_machine_takes_on_many_but_not_without_end() -> None:
    machine = Machine()
    machine.overloaded(per_s=10_000, seconds=5)
    assert machine.room.limit == MOST


def test_under_overload_there_is_room_for_what_can_be_answered_soon() -> None:
    machine = Machine()
    machine.overloaded(per_s=1_200, seconds=10)
    assert 0.9 <= machine.room.limit / (1_200 * SOON_S) <= 1.6, "it feels its way around that"


def test_however_slow_a_machine_is_a_burst_over_many_connections_is_taken() -> None:
    assert slow().room.limit == FEWEST


def test_a_machine_that_becomes_fast_takes_on_more() -> None:
    machine = slow()
    machine.overloaded(per_s=10_000, seconds=5)
    assert machine.room.limit == MOST


def test_what_was_learnt_under_load_holds_when_there_is_little_to_do() -> None:
    machine = slow()
    machine.at_leisure(seconds=60)
    assert machine.room.limit == FEWEST


def test_one_who_was_let_in_and_one_who_is_inside_both_take_up_room() -> None:
    room = Room(most=1)
    assert not room.is_full()
    assert room.is_full(at_the_door=1)
    room.inside += 1
    assert room.is_full()


def test_those_held_up_by_a_silent_host_take_no_room_from_the_others() -> None:
    silence = Silence()
    room = Room(most=3, silences=silence)
    room.inside = 4
    assert room.is_full()
    silence.held_up = 2
    assert not room.is_full()
    assert room.is_full(at_the_door=5)


def test_how_long_they_waited_for_it_says_nothing_about_our_speed() -> None:
    machine = Machine()
    machine.now = machine.silence.silent_until = 10.0
    for _ in range(200):
        machine.now += 0.01
        machine.room.answered(3.8)
    assert machine.room.limit == MOST
    machine.now = 20.0
    machine.overloaded(per_s=1_200, seconds=10)
    assert machine.room.limit < MOST, "what came after it does"


def test_who_is_slow_but_not_full_sends_nobody_away() -> None:
    machine = Machine()
    for _ in range(2_000):
        machine.now += 0.0025
        machine.room.inside = 400
        assert not machine.room.is_full()
        machine.room.answered(1.0)
    assert machine.room.limit == MOST
