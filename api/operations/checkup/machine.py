"""The disk and the files beside the database."""

import os
import shutil
import stat
from pathlib import Path

from config.settings import Settings

LOW_DISK = 2 * 1024**3  # bytes; Postgres needs about one for its log alone
SECRETS_MASK = stat.S_IRWXG | stat.S_IRWXO


def disk_free(settings: Settings, warnings: list[str]) -> int:
    """Bytes free where the data is, or would be."""
    folder = settings.data_dir
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    if free < LOW_DISK:
        warnings.append(f"less than {LOW_DISK // 1024**3} GB free below {folder}: make room")
    return free


def master_key(settings: Settings, warnings: list[str]) -> dict[str, object]:
    file = settings.master_key_file
    try:
        found = file.stat()
    except FileNotFoundError:
        if settings.postgres_dir.exists():
            warnings.append(f"{file} is gone: restore it; nothing personal can be read without it")
        return {"file": str(file), "state": "not there"}
    if found.st_mode & SECRETS_MASK:
        warnings.append(f"others than its owner may use {file}: chmod 600 {file}")
    mode = stat.S_IMODE(found.st_mode)
    return {"file": str(file), "state": "there", "mode": f"{mode:04o}", "owner": found.st_uid}


def log_files(settings: Settings) -> dict[str, float]:
    """Megabytes by path below the data folder."""
    root = settings.data_dir
    found = [*root.glob("*.log"), *root.glob("*/*.log")] if os.access(root, os.R_OK) else []
    return {str(file.relative_to(root)): _megabytes(file) for file in sorted(found)}


def _megabytes(file: Path) -> float:
    return round(file.stat().st_size / 1_000_000, 2)
