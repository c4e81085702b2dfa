"""The Ray actor: a shell around `Hosting`.

It closes over nothing: what does the work is imported in the worker process, because Ray pickles
the class together with everything it mentions.
"""

from typing import Any

import ray


@ray.remote(concurrency_groups={"control": 1})  # type: ignore[call-overload]  # Ray's stubs lack this option
class Host:
    """One thread for batches, one more so that health is answered while a batch is under way."""

    def __init__(self, dsn: str, master_key_file: str, serves: str) -> None:
        from actors.hosting import Hosting  # in the worker process; see above
        from config import logs
        from config.settings import load_settings

        settings = load_settings()
        logs.configure(settings.log_level, settings.log_format, "host")
        self._hosting = Hosting(dsn, master_key_file)
        self._about = {"serves": serves, "node": ray.get_runtime_context().get_node_id()}

    def apply(self, batch: bytes) -> bytes:
        return self._hosting.apply(batch)

    @ray.method(concurrency_group="control")
    def stats(self) -> dict[str, Any]:
        return self._hosting.stats() | self._about
