"""One build at a time in one data folder."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from arcana.errors import AlreadyRunningError

# Seconds that the dbt of a killed build may take to notice it and end.
LONGEST_END = 15
HOLDER = "process "

_HELD: list[int] = []


@contextmanager
def exclusive(path: Path) -> Iterator[None]:
    """Hold the lock file, or raise AlreadyRunningError at once when another does.

    The kernel frees the lock when its holder and those it was given to (see `held`) are
    dead, however they died, so a stale file never stands in the way. Where the holder is
    dead and its dbt is about to be, this waits for it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+") as file:
        started = time.monotonic()
        while not _locked(file):
            file.seek(0)
            holder = file.read().strip()
            if _is_dead(holder) and time.monotonic() - started < LONGEST_END:
                time.sleep(0.1)
                continue
            raise AlreadyRunningError(
                f"Another build is running in {path.parent} ({holder or 'another process'}):"
                " try again when it is done."
            )
        file.seek(0)
        file.truncate()
        file.write(f"{HOLDER}{os.getpid()}")
        file.flush()
        _HELD.append(file.fileno())
        try:
            yield
        finally:
            _HELD.remove(file.fileno())


def held() -> tuple[int, ...]:
    """Return the file descriptors of the locks that this process holds.

    A child that gets one holds the lock as well, until it ends.
    """
    return tuple(_HELD)


def _locked(file) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_dead(holder: str) -> bool:
    number = holder.removeprefix(HOLDER)
    if not number.isdigit():
        return False
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False
