"""A family of processes that stands and falls together; small programs stand in for Ray."""

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from actors.local_ray import JoinedRay, LocalRay
from tests.faults.waiting import until
from tests.processes import words_of

WITHIN_S = 20.0
# `ray start --block` has children, some in sessions of their own
MARK = f"# family of {os.getpid()}"
FAMILY = f"""
import subprocess, sys, time
child = "import time; time.sleep(60) {MARK}"
for own in (True, False):
    subprocess.Popen([sys.executable, "-c", child], start_new_session=own)
time.sleep(60)
"""


class Stand(LocalRay):
    def _command(self) -> list[str]:
        return [sys.executable, "-c", FAMILY]


@pytest.fixture
def ray(tmp_path: Path) -> Iterator[LocalRay]:
    with Stand(tmp_path, tmp_path) as running:
        until(lambda: len(family()) == 3, WITHIN_S, "the family is not complete")
        assert not running.ensure_running()
        yield running
    assert not family()


def family() -> set[psutil.Process]:
    """Also of those whose head has died; zombies have no command line."""
    return {one for one in psutil.process_iter() if any(MARK in word for word in words_of(one))}


def head() -> psutil.Process:
    return next(one for one in family() if one.ppid() == os.getpid())


def test_while_it_runs_it_is_left_alone(ray: LocalRay) -> None:
    before = family()
    assert not ray.ensure_running()
    assert family() == before


def test_when_it_has_ended_another_starts_at_the_same_address(ray: LocalRay) -> None:
    before, address = family(), ray.address
    os.kill(head().pid, signal.SIGKILL)
    until(ray.ensure_running, WITHIN_S, "nobody notices")
    until(lambda: len(family()) == 3, WITHIN_S, "no other family")
    assert not before & family()
    assert ray.address == address
    assert not ray.ensure_running()


def test_what_its_head_left_behind_ends_before_another_starts(ray: LocalRay) -> None:
    orphans = family() - {head()}
    os.kill(head().pid, signal.SIGKILL)
    until(ray.ensure_running, WITHIN_S, "nobody notices")
    assert not any(one.is_running() for one in orphans)


def test_one_that_was_stopped_by_a_signal_ends_as_well(ray: LocalRay) -> None:
    before = family()
    for one in before:
        one.suspend()
    ray.restart()
    until(lambda: len(family()) == 3, WITHIN_S, "no other family")
    assert not before & family()


def test_stopping_what_never_ran_is_fine(tmp_path: Path) -> None:
    Stand(tmp_path, tmp_path).stop()


def test_somebody_elses_ray_is_neither_started_nor_stopped() -> None:
    ray = JoinedRay("10.0.0.1:6379")
    ray.restart()
    assert not ray.ensure_running()
    assert ray.address == "10.0.0.1:6379"
