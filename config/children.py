"""Child processes that do not outlive us, however we die."""

import ctypes
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

PR_SET_PDEATHSIG = 1  # Linux: the kernel sends this signal when the parent is gone


def start_child(
    command: Sequence[str],
    log: Path,
    environment: Mapping[str, str] | None = None,
    pass_fds: Sequence[int] = (),
) -> "subprocess.Popen[bytes]":
    """A child in a session of its own: a Ctrl-C in the terminal reaches us first, so we drain.

    What it prints goes to the end of `log`. It inherits `pass_fds` under the same numbers.
    """
    with log.open("ab") as out:
        return subprocess.Popen(  # noqa: S603  # commands are our own, never from outside
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            start_new_session=True,
            pass_fds=pass_fds,
            preexec_fn=_die_with_parent,
        )


def _die_with_parent() -> None:
    prctl = getattr(ctypes.CDLL(None), "prctl", None)
    if prctl is not None:  # elsewhere than on Linux children outlive a killed parent
        prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
