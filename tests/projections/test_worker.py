"""Read models give way to what is acknowledged to senders."""

import subprocess
import sys

import pytest

from projections.worker import AUTOGROUP, GIVES_WAY

SAID = """
import os
from projections.worker import AUTOGROUP, give_way
give_way()
print(os.nice(0), AUTOGROUP.read_text() if AUTOGROUP.exists() else "")
"""


def asked() -> list[str]:
    command = [sys.executable, "-c", SAID]
    said = subprocess.run(command, capture_output=True, check=True, start_new_session=True)  # noqa: S603  # our own
    return said.stdout.decode().split()


def test_a_worker_is_nice_to_other_processes() -> None:
    assert int(asked()[0]) >= GIVES_WAY


@pytest.mark.skipif(not AUTOGROUP.exists(), reason="this kernel does not share among sessions")
def test_its_session_is_nice_to_other_sessions() -> None:
    assert asked()[-2:] == ["nice", str(GIVES_WAY)]
