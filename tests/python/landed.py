"""What landed, as the tests look at it."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from arcana.landing import LandingError, land
from arcana.landing.reader import RecordReader, fingerprint
from arcana.landing.storage import locate


def table(data: Path, name: str, part: str = "landing", delivery: str = "*") -> list[dict]:
    """Rows of a landed table, in the order of files and lines."""
    paths = sorted((data / part / name).glob(f"delivery={delivery}/*.parquet"))
    return [row for path in paths for row in pq.ParquetFile(path).read().to_pylist()]


def files(data: Path, name: str, delivery: str = "*") -> list[dict]:
    """What the ledger says of a family's files."""
    return [row for row in table(data, "landed_files", delivery=delivery) if row["family"] == name]


def read(folder: Path, family, raw_bytes: bytes):
    """Read one file: landed rows, (line, code) of quarantined ones, what was coerced."""
    path = folder / family.file_names()[0]
    path.write_bytes(raw_bytes)
    file = locate(path)
    found = RecordReader(file, family, fingerprint(file, family, lambda _: None))
    pieces = list(found.pieces(lambda _: None))
    rows = [row for piece in pieces for row in piece.table.to_pylist()]
    bad = [(record.line, record.code) for piece in pieces for record in piece.bad]
    return rows, bad, found.coerced


def refused(raw: Path, data: Path, **options) -> str:
    """What a landing says that does not take place."""
    with pytest.raises(LandingError) as raised:
        land(raw, data, **options)
    return str(raised.value)
