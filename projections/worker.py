"""A process that keeps its share of the read models up to date until it is told to stop:
`python -m … SHARE`."""

import gc
import os
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path

from aggregates.log.keys import Keyring, read_keyring
from config import logs
from config.settings import load_settings
from projections.likeness import Likeness
from projections.models import looked_at
from projections.readmodel import ReadModel
from projections.runner import PAUSE_S, Runner
from projections.segments.clock import Clock
from projections.shares import LIKENESS, WITH_CLOCK, shards_of

GC_THRESHOLD = 50_000  # profiles are many objects and no cycles: it is half of the work else
GIVES_WAY = 10  # what is acknowledged to senders comes before what is shown to readers
# Whoever is new is told of by several events: what is found out of all at once is compared once.
UNHURRIED_S = 1.0
AUTOGROUP = Path("/proc/self/autogroup")  # Linux shares processors among sessions, by this


def main() -> None:
    settings = load_settings()
    if settings.database_url is None:
        sys.exit("a projections process needs C360_DATABASE_URL; see c360 serve")
    logs.configure(settings.log_level, settings.log_format, "projections")
    give_way()
    collect_seldom()
    stopped = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopped.set())
    keyring = read_keyring(settings.master_key_file)
    share = sys.argv[1]
    shards = shards_of(share, settings.readers)
    runner = Runner(settings.database_url, keyring, models_of(share, keyring), shards)
    with _clock(settings.database_url, stopped) if share == WITH_CLOCK else nullcontext():
        try:
            runner.run(stopped, UNHURRIED_S if share == LIKENESS else PAUSE_S)
        finally:
            runner.close()


def models_of(share: str, keyring: Keyring) -> Sequence[ReadModel]:
    return [Likeness(keyring)] if share == LIKENESS else looked_at()


@contextmanager
def _clock(dsn: str, stopped: threading.Event) -> Iterator[None]:
    """Beside what is done meanwhile, and no longer."""
    running = threading.Thread(target=Clock(dsn).run, args=(stopped,))
    running.start()
    try:
        yield
    finally:
        stopped.set()
        running.join()


def give_way() -> None:
    """To all other processes of this machine. For a process in a session of its own."""
    os.nice(GIVES_WAY)
    with suppress(OSError):  # there is no such thing, or it is not ours to say
        AUTOGROUP.write_text(str(GIVES_WAY))


def collect_seldom() -> None:
    """For processes that hold many profiles."""
    gc.freeze()
    gc.set_threshold(GC_THRESHOLD)


if __name__ == "__main__":
    main()
