"""Load from `wrk`: a C program, so that what is measured is the server."""

import shutil
import subprocess
import sys
from pathlib import Path

import msgspec
from msgspec import Struct

HERE = Path(__file__).parent
TIMEOUT_S = 10  # for one answer
BURST_PATIENCE_S = 60
MISSING = "the load comes from wrk, which is not installed: apt-get install wrk"


class Load(Struct, frozen=True, kw_only=True):
    """What one run of wrk saw. `broken` counts connections and answers that failed or never came.

    `taken` requests left the file, up to `position` in it; the last of them may be unanswered.
    """

    requests: int
    seconds: float
    not_200: int
    taken: int
    position: int
    broken: int = 0
    exhausted: int = 0
    p50_ms: float = 0.0
    p99_ms: float = 0.0
    max_ms: float = 0.0

    @property
    def per_s(self) -> float:
        return self.requests / self.seconds

    @property
    def failed(self) -> int:
        return self.not_200 + self.broken


def require() -> None:
    if shutil.which("wrk") is None:
        sys.exit(MISSING)


def steady(
    url: str, file: Path, begin: int, connections: int, seconds: int, wraps: bool = False
) -> Load:
    """As many requests as the server answers in `seconds`."""
    end = "wrap" if wraps else "stop"
    return _run("requests.lua", seconds, connections, url, str(file), str(begin), end)


def burst(url: str, file: Path, begin: int, connections: int, count: int) -> Load:
    """`count` requests as fast as they are answered."""
    return _run("burst.lua", BURST_PATIENCE_S, connections, url, str(file), str(begin), str(count))


def read(said: str) -> Load:
    """The line our scripts print among what wrk prints."""
    lines = [line for line in said.splitlines() if line.startswith("{")]
    if not lines:
        raise RuntimeError(f"wrk did not come to its end:\n{said}")
    return msgspec.json.decode(lines[-1], type=Load)


def _run(script: str, seconds: int, connections: int, url: str, *arguments: str) -> Load:
    command = ["wrk", "--threads=1", f"--connections={connections}", f"--duration={seconds}s"]
    command += [f"--timeout={TIMEOUT_S}s", f"--script={HERE / script}", "--", url, *arguments]
    done = subprocess.run(  # noqa: S603 - our own arguments
        command,
        capture_output=True,
        text=True,
        check=False,
        timeout=seconds + TIMEOUT_S + BURST_PATIENCE_S,
    )
    return read(done.stdout + done.stderr)
