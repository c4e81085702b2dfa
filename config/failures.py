"""An error as a log may tell it: kind and place, never its message, which may quote anything."""

import os
import traceback
from pathlib import Path

FRAMES = 5  # of a traceback, the innermost
ROOT = f"{Path(__file__).parents[1]}{os.sep}"


def failure(error: BaseException) -> dict[str, str]:
    """Fields of a log line."""
    told = {"error": type(error).__name__, "places": places(error)}
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if cause is not None:
        told["cause"] = type(cause).__name__
    if isinstance(code := getattr(error, "sqlstate", None), str):
        told["code"] = code
    return told


def places(error: BaseException) -> str:
    """Where it came from, outermost first: `api/front.py:40,api/intake/hooks.py:51`."""
    frames = traceback.extract_tb(error.__traceback__)
    return ",".join(place(frame.filename, frame.lineno or 0) for frame in frames[-FRAMES:])


def place(file: str, line: int) -> str:
    if file.startswith(ROOT) and "site-packages" not in file:
        return f"{file.removeprefix(ROOT)}:{line}"
    return f"{'/'.join(Path(file).parts[-3:])}:{line}"
