"""Where tests run servers of their own: fresh folders, free ports, chosen settings."""

import os
import shutil
import socket
import ssl
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from config.settings import PREFIX

# our servers speak none; httpx would read all the world's certificates anew for each request
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
DISK = Path("/var/tmp")  # noqa: S108 - a disk also where /tmp is memory; the folder inside is ours


@contextmanager
def scratch(prefix: str) -> Iterator[Path]:
    """A folder that PostgreSQL's own user may enter too; after an error it stays, with its logs."""
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir=DISK if DISK.is_dir() else None))
    folder.chmod(0o711)
    try:
        yield folder
    except Exception as error:
        error.add_note(f"the logs are in {folder}")
        raise
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    shutil.rmtree(folder, ignore_errors=True)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number: int = probe.getsockname()[1]
        return number


@contextmanager
def environment(variables: Mapping[str, str]) -> Iterator[None]:
    """For children started within the block; afterwards everything is as it was."""
    before = dict(os.environ)
    os.environ.update(variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def forget_settings() -> None:
    """Whatever the caller's shell says, a test uses its own servers and folders."""
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        del os.environ[name]
