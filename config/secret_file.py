"""Files that only their owner may read, written once."""

import os
from pathlib import Path

MODE = 0o600


def keep_secret(file: Path, secret: str) -> None:
    """Write `secret` unless the file is there. Of several processes at once the first decides."""
    if file.exists():
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    # link() refuses an existing name, and whoever reads the file finds it whole
    partial = file.with_name(f".{file.name}.{os.urandom(8).hex()}")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, MODE)
    try:
        with os.fdopen(descriptor, "w") as out:
            out.write(secret)
            out.flush()
            os.fsync(out.fileno())
        os.link(partial, file)
    except FileExistsError:
        pass
    finally:
        partial.unlink()
