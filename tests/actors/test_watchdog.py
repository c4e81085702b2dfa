"""A process whose work hangs is ended; one that only works is left alone."""

import threading

from actors.watchdog import Watchdog

LIMIT_S = 0.05


def test_work_that_hangs_ends_the_process() -> None:
    ended = threading.Event()
    with Watchdog(LIMIT_S, ended.set).watching():
        assert ended.wait(10)


def test_many_short_pieces_of_work_are_not_one_long_one() -> None:
    ended = threading.Event()
    watchdog = Watchdog(LIMIT_S, ended.set)
    for _ in range(10):
        with watchdog.watching():
            ended.wait(LIMIT_S / 5)
    assert not ended.is_set()


def test_idling_between_pieces_is_no_work() -> None:
    ended = threading.Event()
    watchdog = Watchdog(LIMIT_S, ended.set)
    with watchdog.watching():
        pass
    assert not ended.wait(LIMIT_S * 3)
