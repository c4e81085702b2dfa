"""A process that keeps read models up to date until it is told to stop: `python -m … NUMBER`, one
for each number below the settings' `readers`. They share the shards."""

import gc
import os
import signal
import sys
import threading
from contextlib import suppress
from pathlib import Path

from aggregates.log.keys import read_keyring
from aggregates.log.port import SHARDS
from config import logs
from config.settings import load_settings
from projections.models import read_models
from projections.runner import Runner
from projections.segments.clock import Clock

GC_THRESHOLD = 50_000  # profiles are many objects and no cycles: it is half of the work else
GIVES_WAY = 10  # what is acknowledged to senders comes before what is shown to readers
WITH_CLOCK = 0  # which of several workers
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
    number = int(sys.argv[1])
    shards = range(number, SHARDS, settings.readers)
    runner = Runner(settings.database_url, keyring, read_models(keyring), shards)
    clock = threading.Thread(target=Clock(settings.database_url).run, args=(stopped,))
    if number == WITH_CLOCK:
        clock.start()
    try:
        runner.run(stopped)
    finally:
        stopped.set()
        runner.close()
        if number == WITH_CLOCK:
            clock.join()


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
