"""Write what was read: landed records and quarantined ones, each file on its own.

Both are streamed block by block into Parquet, every column text, so memory does
not grow with the file.
"""

from __future__ import annotations

import hashlib

import pyarrow as pa
import pyarrow.parquet as pq

from arcana.families import Family
from arcana.landing.reader import BadRecord, Piece
from arcana.landing.storage import Location

QUARANTINE_SCHEMA = pa.schema(
    [
        (name, pa.string())
        for name in ("family", "file", "file_hash", "line", "reason_code", "detail", "record")
    ]
)

# Columns with more distinct values than this share are written plainly: building
# a dictionary of them would take time and save nothing.
_MAX_DISTINCT_SHARE = 0.5
_SAMPLE_ROWS = 10_000

# Landing is read whole and by name, never by range: minima and maxima of text
# would only cost time. Without the Arrow schema dictionaries are plain text to
# every reader.
_OPTIONS = {
    "compression": "snappy",
    "write_statistics": False,
    "store_schema": False,
}


def landed_names(family: Family) -> tuple[str, ...]:
    """Columns of a landed family, in order."""
    store = ("store_id",) if family.key_suffix else ()
    return (*family.column_names, "customer_key", *store, "_file", "_line", "_file_hash")


class FileWriter:
    """Writes the pieces of one raw file; use as a context manager.

    The quarantine file is made with the first record that goes there.
    """

    def __init__(
        self, family: Family, file: str, sha256: str, landed: Location, quarantined: Location
    ):
        self.family = family
        self.file = file
        self.sha256 = sha256
        self.landed = landed
        self.quarantined = quarantined
        self.landed_count = 0
        self.quarantined_count = 0
        self._landed: pq.ParquetWriter | None = None
        self._quarantined: pq.ParquetWriter | None = None

    def __enter__(self) -> FileWriter:
        return self

    def __exit__(self, *_: object) -> None:
        for writer in (self._landed, self._quarantined):
            if writer is not None:
                writer.close()

    def write(self, piece: Piece) -> None:
        """Append one piece; each becomes a row group."""
        if piece.table.num_rows:
            table = self._completed(piece.table)
            if self._landed is None:
                self._landed = _open(self.landed, table.schema, _repeating(table))
            self._landed.write_table(table, row_group_size=table.num_rows)
            self.landed_count += table.num_rows
        if piece.bad:
            if self._quarantined is None:
                self._quarantined = _open(self.quarantined, QUARANTINE_SCHEMA)
            self._quarantined.write_table(self._quarantine(piece.bad))
            self.quarantined_count += len(piece.bad)

    def _completed(self, table: pa.Table) -> pa.Table:
        table = table.append_column("_file", _repeated(self.file, table.num_rows))
        table = table.append_column("_file_hash", _repeated(self.sha256, table.num_rows))
        return table.select(landed_names(self.family))

    def _quarantine(self, bad: list[BadRecord]) -> pa.Table:
        rows = [
            {
                "family": self.family.name,
                "file": self.file,
                "file_hash": self.sha256,
                "line": str(record.line),
                "reason_code": record.code,
                "detail": record.detail,
                "record": record.record,
            }
            for record in bad
        ]
        return pa.Table.from_pylist(rows, QUARANTINE_SCHEMA)


def write_zero_rows(family: Family, location: Location) -> None:
    """Land a family that has no records, so that its table exists with all its columns."""
    schema = pa.schema([(name, pa.string()) for name in landed_names(family)])
    _open(location, schema).close()


def count_rows(location: Location) -> int:
    """Rows of a Parquet file by its own account; 0 when there is none."""
    if not location.exists():
        return 0
    with location.filesystem.open_input_file(location.path) as file:
        return pq.ParquetFile(file).metadata.num_rows


def size_and_hash(location: Location) -> tuple[int, str]:
    """Size and SHA-256 of a file that is there."""
    digest = hashlib.sha256()
    with location.filesystem.open_input_stream(location.path, compression=None) as stream:
        while chunk := stream.read(1 << 20):
            digest.update(chunk)
    return location.info().size, digest.hexdigest()


def is_whole(location: Location, size: int, sha256: str | None) -> bool:
    """Whether a landed file is there as it was written.

    A store such as S3 checks its bytes itself, so only the size is asked for there.
    """
    if location.info().size != size:
        return False
    return not location.is_local or size_and_hash(location) == (size, sha256)


def _open(
    location: Location, schema: pa.Schema, repeating: list[str] | bool = True
) -> pq.ParquetWriter:
    location.parent().create()
    return pq.ParquetWriter(
        location.path,
        schema,
        filesystem=location.filesystem,
        use_dictionary=repeating,
        **_OPTIONS,
    )


def _repeating(table: pa.Table) -> list[str]:
    """Columns whose values repeat, by the first records."""
    sample = table.slice(0, _SAMPLE_ROWS)
    limit = max(1, _MAX_DISTINCT_SHARE * sample.num_rows)
    return [name for name in table.column_names if len(sample[name].unique()) <= limit]


def _repeated(text: str, count: int) -> pa.DictionaryArray:
    indices = pa.repeat(pa.scalar(0, pa.int32()), count)
    return pa.DictionaryArray.from_arrays(indices, pa.array([text]))
