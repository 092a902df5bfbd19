"""Open DuckDB files: one place for the memory that Arcana may take and where it spills.

DuckDB works within `ARCANA_MEMORY` and writes what does not fit beside its file, into
`<file>.tmp`. dbt opens the build file itself, through profiles.yml; the plugin of
`dbt_plugin` gives it the same settings.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from arcana import settings
from arcana.errors import UsageError

# Enough for the vendor's size with little to spill, a fifth of what pandas takes for it:
# see docs/performance.md.
MEMORY = "800MB"
SMALLEST_MEMORY = 200 << 20

# What DuckDB says of a full disk, in the middle of a spill or of a write.
_DISK_FULL = re.compile(
    r"No space left on device|File too large|max_temp_directory_size|Disk quota exceeded", re.I
)
_NO_MEMORY = re.compile(r"Out of Memory Error|could not allocate block", re.I)
_NOT_WRITABLE = re.compile(
    r"(?:Permission denied|Read-only file system|Not a directory|File exists"
    r"|Failed to create directory)[^'\"]*['\"](?P<path>[^'\"]+)['\"]"
    r"|['\"](?P<before>[^'\"]+)['\"][^'\"]*(?:Permission denied|Read-only|Not a directory)",
    re.I,
)
# DuckDB and Arrow on a Parquet file whose bytes are not what was written.
_DAMAGED = re.compile(r"(?P<path>[^\s'\"]+\.parquet)['\"]?", re.I)
_DAMAGE = re.compile(
    r"No magic bytes|corrupt|decompress|thrift|footer|metadata|Invalid Input", re.I
)

_MEMORY = re.compile(r"(\d+(?:\.\d+)?)\s*([KMGT])(i?)B", re.IGNORECASE)


def memory() -> str:
    """Memory of one DuckDB: ARCANA_MEMORY, or the default.

    Raises UsageError when it is not written as a number with a unit, or is too little.
    """
    given = os.environ.get("ARCANA_MEMORY") or MEMORY
    found = _MEMORY.fullmatch(given.strip())
    if found is None:
        raise UsageError(
            f"ARCANA_MEMORY is {given!r}; write a number with KB, MB, GB or TB, such as {MEMORY}."
        )
    number, unit, binary = found.groups()
    base = 1024 if binary else 1000
    size = float(number) * base ** ("KMGT".index(unit.upper()) + 1)
    if size < SMALLEST_MEMORY:
        raise UsageError(
            f"ARCANA_MEMORY is {given}; DuckDB needs {SMALLEST_MEMORY >> 20} MiB at the least."
        )
    return given.strip()


def options(file: Path | None) -> dict[str, str]:
    """The `config` of `duckdb.connect` for a file, or for none (in memory).

    The spill folder of a file is DuckDB's own default; it is said here so that what is
    swept and named in messages is the same one.
    """
    spill = spill_folder(file) if file else settings.folders().build / "spill"
    return {"memory_limit": memory(), "temp_directory": str(spill)}


def advice(message: str, folder: Path) -> str | None:
    """What a user can do about an error of DuckDB or of the system, in a line; None if unknown.

    message : everything that was said; folder : where the build was writing
    """
    if _DISK_FULL.search(message):
        free = shutil.disk_usage(folder).free / 1e6
        return (
            f"The disk of {folder} is full ({free:,.0f} MB are free now). A first build writes up"
            " to twice the size of its raw files there: free some space, or set ARCANA_DATA to a"
            " folder on another disk, and build again."
        )
    if _NO_MEMORY.search(message):
        return (
            f"DuckDB needs more than the {memory()} of ARCANA_MEMORY: give it more,"
            " ARCANA_MEMORY=2GB for instance, and build again."
        )
    if found := _NOT_WRITABLE.search(message):
        path = found["path"] or found["before"]
        return f"{path} cannot be written: check its permissions, and build again."
    if (found := _DAMAGED.search(message)) and _DAMAGE.search(message):
        return (
            f"{found['path']} is damaged: delete it and build again; it is landed anew from its"
            " raw file."
        )
    return None


def spill_folder(file: Path) -> Path:
    """Where DuckDB writes what does not fit into memory while it works on a file."""
    return file.with_name(f"{file.name}.tmp")


def sweep_spill(file: Path) -> None:
    """Delete what a killed process left beside a file. The caller has the file open."""
    shutil.rmtree(spill_folder(file), ignore_errors=True)


@contextmanager
def connect(
    file: Path | None = None, *, read_only: bool = False
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a DuckDB file, or a database in memory, within Arcana's memory; closed at the end."""
    with duckdb.connect(
        str(file or ":memory:"), read_only=read_only, config={**options(file)}
    ) as connection:
        yield connection


def only_row(result: duckdb.DuckDBPyConnection) -> tuple:
    """Return the one row of a query that cannot come back empty, such as a count."""
    row = result.fetchone()
    if row is None:
        raise LookupError("a query that must give one row gave none")
    return row
