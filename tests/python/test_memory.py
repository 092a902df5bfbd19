"""Memory is bounded for every DuckDB, what does not fit is spilled, a full disk is told."""

from __future__ import annotations

import re
import resource
import subprocess
import sys
import threading

import pytest
from conftest import ROOT, Project, new_project

from arcana.engine import database
from arcana.errors import UsageError
from arcana.simulate import simulate

# Telemetry enough that its fold does not fit into SMALL.
TELEMETRY_ROWS = 6_000_000
SMALL = "300MB"


@pytest.fixture(scope="module")
def large(tmp_path_factory) -> Project:
    """A project with much telemetry of few customers, not built yet."""
    folder = tmp_path_factory.mktemp("large")
    simulate(
        folder / "raw", folder / "truth.csv",
        customers=300, seed=11, telemetry_rows=TELEMETRY_ROWS, contract_lines=0.6,
    )  # fmt: skip
    return new_project(folder / "project", folder / "raw")


def test_a_build_that_does_not_fit_into_memory_spills_and_is_equal(large, tmp_path):
    """The same tables from little memory and from much; the spill was there, and is gone."""
    spilled = threading.Event()
    ended = threading.Event()

    def watch():
        while not ended.wait(0.02):
            if list((large.data / "build").glob("run-build/*.tmp/*")):
                spilled.set()

    watcher = threading.Thread(target=watch)
    watcher.start()
    done = large.arcana("build", ARCANA_MEMORY=SMALL)
    ended.set()
    watcher.join()
    assert done.returncode == 0, done.stdout + done.stderr
    assert spilled.is_set()
    assert not list((large.data / "build").rglob("*.tmp"))

    roomy = new_project(tmp_path, large.raw)
    done = roomy.arcana("build", ARCANA_MEMORY="4GB")
    assert done.returncode == 0, done.stdout + done.stderr
    assert roomy.served_hashes() == large.served_hashes()


def test_a_full_disk_is_told_in_a_line_and_publishes_nothing(project):
    """No file may grow beyond a few MB: what a full disk does, at a place that can be chosen."""
    served = project.served_hashes()
    (project.data / "build/arcana.duckdb").unlink()

    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (6 << 20, 6 << 20))

    done = subprocess.run(
        [sys.executable, "-m", "arcana", "build"],
        cwd=ROOT,
        env=project.full_environment(),
        preexec_fn=limit,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    assert "is full" in done.stderr
    assert "ARCANA_DATA" in done.stderr
    assert "Traceback" not in done.stderr
    assert project.served_hashes() == served
    done = project.arcana("build")
    assert done.returncode == 0, done.stderr
    assert project.served_hashes() == served


def test_what_a_killed_dbt_build_spilled_is_swept(project):
    left = database.spill_folder(project.data / "build/arcana.duckdb")
    left.mkdir()
    (left / "duckdb_temp_block-1.block").write_bytes(b"left")
    done = project.dbt("show", "--inline", "select 1 as one")
    assert done.returncode == 0, done.stdout
    assert not left.exists()


@pytest.mark.parametrize("told", ["4", "lots", "-1GB", "10MB", "80%"])
def test_a_memory_that_cannot_be_meant_is_refused_first(built, told):
    done = built.arcana("build", ARCANA_MEMORY=told)
    assert done.returncode == 2
    assert "ARCANA_MEMORY" in done.stderr
    assert "Traceback" not in done.stderr


def test_every_connection_has_the_memory_that_was_set(monkeypatch, tmp_path):
    monkeypatch.setenv("ARCANA_MEMORY", "300MiB")
    for file in (None, tmp_path / "some.duckdb"):
        with database.connect(file) as connection:
            (limit,) = connection.execute("select current_setting('memory_limit')").fetchone()
        assert limit == "300.0 MiB"
    opened = {
        path.name
        for path in (ROOT / "src").rglob("*.py")
        if re.search(r"\bduckdb\.connect\(", path.read_text(encoding="utf-8"))
    }
    assert opened == {"database.py"}


def test_the_default_memory_is_one_that_is_accepted(monkeypatch):
    monkeypatch.delenv("ARCANA_MEMORY", raising=False)
    assert database.memory() == database.MEMORY
    monkeypatch.setenv("ARCANA_MEMORY", "nonsense")
    with pytest.raises(UsageError, match="such as"):
        database.memory()


@pytest.mark.parametrize(
    ("message", "wanted"),
    [
        ("IO Error: Could not write all 4 bytes: No space left on device", "is full"),
        (
            "Out of Memory Error: failed to offload data block of size 64.0 KiB\n"
            "This limit was set by the 'max_temp_directory_size' setting.",
            "is full",
        ),
        ("[Errno 28] No space left on device", "is full"),
        ("Out of Memory Error: could not allocate block of size 256.0 KiB", "ARCANA_MEMORY=2GB"),
        ("[Errno 13] Permission denied: '/srv/data/build/.lock'", "/srv/data/build/.lock cannot"),
        (
            'IO Error: Cannot open file "/srv/a.duckdb": Permission denied',
            "/srv/a.duckdb cannot be written",
        ),
        (
            "Invalid Input Error: No magic bytes found at end of file 'data/landing/mrr/m.parquet'",
            "data/landing/mrr/m.parquet is damaged",
        ),
        ("Binder Error: Referenced column not found", None),
    ],
)
def test_errors_that_a_user_can_mend_are_told_with_what_to_do(tmp_path, message, wanted):
    told = database.advice(message, tmp_path)
    assert (told is None) == (wanted is None)
    if wanted:
        assert wanted in told
        assert "\n" not in told
