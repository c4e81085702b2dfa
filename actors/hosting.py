"""What a host process does around `ShardWork`: decode, time, encode, and tidy afterwards."""

import gc
import os
import threading
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import Any

import msgspec

from actors.build import build
from actors.shard import ShardWork
from actors.signals import Routed
from actors.watchdog import Watchdog
from aggregates.log.keys import read_keyring
from aggregates.log.postgres import PostgresLog
from config.edges import Outage
from config.failpoints import reach
from config.failures import failure
from config.logs import logger

GC_THRESHOLD = 50_000  # residents are many objects and no cycles; looking through them is slow
TIDY_S = 0.2  # how long after a reply due snapshots are written
STUCK_S = 20.0  # with one batch; waiting for its turn included; by then no caller waits any more

log = logger()
_BATCH = msgspec.msgpack.Decoder(list[Routed])
_encode = msgspec.msgpack.Encoder().encode


class Hosting:
    def __init__(self, dsn: str, master_key_file: str) -> None:
        gc.freeze()
        gc.set_threshold(GC_THRESHOLD)
        keyring = read_keyring(Path(master_key_file))
        self._work = ShardWork(PostgresLog(dsn), keyring)
        self._turn = threading.Lock()  # between batches and the tidying thread
        self._counts = {"batches": 0, "signals": 0, "events": 0, "snapshots": 0, "failures": 0}
        self._fenced = 0
        self._outage = Outage("batches_fail", "batches_succeed")
        self._apply_s = 0.0
        self._pid = os.getpid()
        self._watchdog = Watchdog(STUCK_S)
        self._stirred = threading.Event()
        threading.Thread(target=self._tidy, name="snapshots", daemon=True).start()

    def apply(self, batch: bytes) -> bytes:
        """Encoded `Routed`s in, encoded `Outcome`s out."""
        started = perf_counter()
        routed = _BATCH.decode(batch)
        try:
            with self._watchdog.watching(), self._turn:
                outcomes = self._work.apply(routed, datetime.now(UTC))
        except Exception as error:
            self._counts["failures"] += 1
            self._outage.failed(**failure(error))
            raise
        self._outage.over()
        self._note_fencing()
        self._counts["batches"] += 1
        self._counts["signals"] += len(routed)
        self._counts["events"] += sum(len(o.events) for o in outcomes if not o.duplicate)
        self._apply_s += perf_counter() - started
        self._stirred.set()
        reach("host.before_answer")
        return _encode(outcomes)

    def _note_fencing(self) -> None:
        if (fenced := self._work.fenced) > self._fenced:
            log.warning("fenced", count=fenced - self._fenced)
            self._fenced = fenced

    def stats(self) -> dict[str, Any]:
        residents = self._work.residents
        return {
            "pid": self._pid,
            "residents": len(residents),
            "resident_bytes": residents.bytes,
            "apply_seconds": self._apply_s,
            "fenced": self._work.fenced,
            "build": build(),
            **self._counts,
        }

    def _tidy(self) -> None:
        pause = threading.Event()
        while True:
            self._stirred.wait()
            self._stirred.clear()
            pause.wait(TIDY_S)
            try:
                with self._turn:
                    self._counts["snapshots"] += self._work.save_snapshots()
            except Exception as error:  # noqa: BLE001  # it only saves time; the next one will do
                self._counts["failures"] += 1
                log.warning("snapshot_failed", **failure(error))
