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
MEMORY = "1GB"
SMALLEST_MEMORY = 200 << 20

_MEMORY = re.compile(r"(\d+(?:\.\d+)?)\s*([KMGT])(i?)B", re.IGNORECASE)


def memory() -> str:
    """Memory of one DuckDB: ARCANA_MEMORY, or the default.

    Raises UsageError when it is not written as a number with a unit, or is too little.
    """
    told = os.environ.get("ARCANA_MEMORY") or MEMORY
    found = _MEMORY.fullmatch(told.strip())
    if found is None:
        raise UsageError(
            f"ARCANA_MEMORY is {told!r}; write a number with KB, MB, GB or TB, such as {MEMORY}."
        )
    number, unit, binary = found.groups()
    base = 1024 if binary else 1000
    size = float(number) * base ** ("KMGT".index(unit.upper()) + 1)
    if size < SMALLEST_MEMORY:
        raise UsageError(
            f"ARCANA_MEMORY is {told}; DuckDB needs {SMALLEST_MEMORY >> 20} MiB at the least."
        )
    return told.strip()


def options(file: Path | None) -> dict[str, str]:
    """What `duckdb.connect` is told in `config` for a file, or for none (in memory).

    The spill folder of a file is DuckDB's own default; it is said here so that what is
    swept and named in messages is the same one.
    """
    spill = spill_folder(file) if file else settings.folders().build / "spill"
    return {"memory_limit": memory(), "temp_directory": str(spill)}


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
        str(file or ":memory:"), read_only=read_only, config=options(file)
    ) as connection:
        yield connection
