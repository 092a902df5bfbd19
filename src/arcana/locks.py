"""One build at a time in one data folder."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from arcana.errors import AlreadyRunningError


@contextmanager
def exclusive(path: Path) -> Iterator[None]:
    """Hold the lock file, or raise AlreadyRunningError at once when another does.

    The kernel frees the lock when its holder dies, however it dies, so a stale file
    never stands in the way.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            holder = file.read().strip() or "another process"
            raise AlreadyRunningError(
                f"Another build is running in {path.parent} ({holder}): try again when it is done."
            ) from None
        file.seek(0)
        file.truncate()
        file.write(f"process {os.getpid()}")
        file.flush()
        yield
