"""One build at a time, its dbt included."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import pytest

from arcana.errors import AlreadyRunningError
from arcana.job import locks

# Takes the lock, gives it to a child that sleeps, and is killed or stays.
HOLDER = """
import os, signal, subprocess, sys
from pathlib import Path
from arcana.job import locks
with locks.exclusive(Path(sys.argv[1])):
    child = subprocess.Popen(["sleep", sys.argv[2]], pass_fds=locks.held(), stdout=sys.stderr)
    print("held", flush=True)
    os.kill(os.getpid(), signal.SIGKILL) if sys.argv[3] == "killed" else child.wait()
"""


def held_by(path, seconds, fate):
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(path), str(seconds), fate], stdout=subprocess.PIPE
    )
    assert process.stdout.readline() == b"held\n"
    return process


def test_the_lock_of_a_killed_build_is_its_childs_until_that_ends(tmp_path):
    path = tmp_path / "lock"
    started = time.monotonic()
    process = held_by(path, 3, "killed")
    process.wait()
    with locks.exclusive(path):
        assert time.monotonic() - started > 2.5
        assert path.read_text() == f"process {os.getpid()}"
    assert locks.held() == ()


def test_the_lock_of_a_living_build_is_refused_at_once(tmp_path):
    path = tmp_path / "lock"
    process = held_by(path, 5, "stays")
    started = time.monotonic()
    with pytest.raises(AlreadyRunningError, match=f"process {process.pid}"), locks.exclusive(path):
        pass
    assert time.monotonic() - started < 2
    process.kill()
    process.wait()


def test_a_child_that_does_not_end_is_not_waited_for_for_ever(tmp_path, monkeypatch):
    monkeypatch.setattr(locks, "LONGEST_END", 0.5)
    path = tmp_path / "lock"
    held_by(path, 4, "killed").wait()
    with pytest.raises(AlreadyRunningError, match="Another build"), locks.exclusive(path):
        pass
