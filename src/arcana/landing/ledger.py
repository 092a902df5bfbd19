"""What is landed already: the tables `extract` and `landed_files`, read and written.

The ledger is these two tables themselves. A file whose hash stands there for its
family is not read again, as long as it was landed under the same contract and by
the same code; that is kept in the metadata of `landed_files`.

Beside them lies the table `contract`, the family contract as staging looks it up: one
for all deliveries, because what is landed is text that any contract can be tried on.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import date

import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import fs

from arcana.families import Family
from arcana.landing.dating import NO_DAYS, NewestDays
from arcana.landing.storage import Location

# Raise it when the same raw bytes would land as other rows; everything is then
# landed anew.
LANDING_VERSION = 3

LANDED, MISSING, REPEATED, REJECTED = "landed", "missing", "same_as_earlier", "rejected"

EXTRACT_SCHEMA = pa.schema(
    [
        (name, pa.string())
        for name in ("delivery_date", "is_synthetic", "extract_id", "landed_files")
    ]
)
_COUNTS = ("bytes", "records", "landed", "quarantined", "coerced", "landed_bytes")
_CONTRACT = "contract_hash"
FILES_SCHEMA = pa.schema(
    [
        (name, pa.string())
        for name in (
            "family",
            "file",
            "status",
            "file_hash",
            *_COUNTS,
            "landed_hash",
            "message",
            _CONTRACT,
        )
    ]
)
_METADATA = b"arcana_landing"

CONTRACT = "contract"
# What was taken out: a record for people, no table.
FORGOTTEN = "forgotten"
CONTRACT_SCHEMA = pa.schema(
    [
        (name, pa.string())
        for name in (
            "family",
            "column_number",
            "column_name",
            "is_key",
            "type",
            "formats",
            "decimal_mark",
            "null_words",
        )
    ]
)
# What these settings say is for staging to obey; no landed row hangs on them.
_OF_STAGING_ONLY = ("decimal_mark", "null_words")


@dataclass(frozen=True)
class LandedFile:
    """One file of a delivery, or one that was expected and is missing.

    `records` = `landed` + `quarantined`. `landed_bytes` and `landed_hash` are of the
    Parquet file with its rows. `days` are the newest in the file's column that dates
    deliveries.
    """

    family: str
    file: str
    status: str
    file_hash: str | None = None
    bytes: int = 0
    records: int = 0
    landed: int = 0
    quarantined: int = 0
    coerced: int = 0
    landed_bytes: int = 0
    landed_hash: str | None = None
    message: str | None = None
    days: NewestDays = NO_DAYS


@dataclass
class LandedDelivery:
    """A delivery that is landed, with all its files."""

    day: date
    extract_id: str
    is_current: bool
    files: list[LandedFile] = field(default_factory=list)

    @property
    def is_synthetic(self) -> bool:
        """Whether the simulator wrote it."""
        return self.extract_id != "real"


def contract_hash(contract: Mapping[str, Family]) -> str:
    """Hash of everything that decides how raw bytes become rows."""
    decisive = {
        name: {**asdict(family), "pattern": family.pattern.pattern}
        for name, family in contract.items()
    }
    for settings in decisive.values():
        for name in _OF_STAGING_ONLY:
            del settings[name]
    text = json.dumps([LANDING_VERSION, decisive], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def table_folder(landing: Location, table: str, day: date) -> Location:
    """Folder of one delivery of a landed table."""
    return landing / table / f"delivery={day.isoformat()}"


def read_ledger(landing: Location, contract: Mapping[str, Family]) -> dict[date, LandedDelivery]:
    """Deliveries that are landed, from old to new."""
    current = contract_hash(contract)
    deliveries = {}
    for info in (landing / "extract").entries():
        name = Location(landing.filesystem, info.path).name
        if info.type != fs.FileType.Directory or not name.startswith("delivery="):
            continue
        day = date.fromisoformat(name.removeprefix("delivery="))
        extract = _read(table_folder(landing, "extract", day) / "extract.parquet")
        files = _read(table_folder(landing, "landed_files", day) / "landed_files.parquet")
        if extract is None or files is None:
            continue
        days = json.loads((files.schema.metadata or {}).get(_METADATA, b"{}")).get("days", {})
        rows = files.to_pylist()
        contracts = {row.pop(_CONTRACT, None) for row in rows}
        deliveries[day] = LandedDelivery(
            day,
            extract.to_pylist()[0]["extract_id"],
            contracts == {current},
            [_landed_file(row, days) for row in rows],
        )
    return dict(sorted(deliveries.items()))


def write_ledger(
    staged: Location, delivery: LandedDelivery, contract: Mapping[str, Family]
) -> None:
    """Write both tables of a delivery, each into a folder of its own under `staged`."""
    landed = sum(file.status in (LANDED, REPEATED) for file in delivery.files)
    row = {
        "delivery_date": delivery.day.isoformat(),
        "is_synthetic": str(delivery.is_synthetic).lower(),
        "extract_id": delivery.extract_id,
        "landed_files": str(landed),
    }
    _write(staged / "extract" / "extract.parquet", pa.Table.from_pylist([row], EXTRACT_SCHEMA))
    contract_of_all = {_CONTRACT: contract_hash(contract)}
    rows = [
        {**asdict(file), **{name: str(getattr(file, name)) for name in _COUNTS}, **contract_of_all}
        for file in delivery.files
    ]
    days = {
        f"{file.family} {file.file_hash}": {
            "dated": file.days.dated,
            "counts": [[day.isoformat(), count] for day, count in file.days.counts],
        }
        for file in delivery.files
        if file.days
    }
    metadata = {_METADATA: json.dumps({"days": days})}
    schema = FILES_SCHEMA.with_metadata(metadata)
    table = pa.Table.from_pylist(rows, schema)
    _write(staged / "landed_files" / "landed_files.parquet", table)


def contract_rows(contract: Mapping[str, Family]) -> list[dict[str, str]]:
    """The contract as rows of text, one per family and column; lists are JSON."""
    return [
        {
            "family": family.name,
            "column_number": str(number),
            "column_name": column.name,
            "is_key": str(column.name == family.key).lower(),
            "type": column.type,
            "formats": json.dumps(column.formats),
            "decimal_mark": family.decimal_mark,
            "null_words": json.dumps(family.null_words, ensure_ascii=False),
        }
        for family in contract.values()
        for number, column in enumerate(family.columns, start=1)
    ]


def landed_contract(landing: Location) -> list[dict[str, str]] | None:
    """Rows of the contract as it is landed; None when there is none that can be read."""
    try:
        table = _read(landing / CONTRACT / f"{CONTRACT}.parquet")
    except pa.ArrowInvalid:
        return None
    return None if table is None else table.to_pylist()


def write_contract(staged: Location, contract: Mapping[str, Family]) -> None:
    """Write the contract into a folder of its own under `staged`."""
    rows = pa.Table.from_pylist(contract_rows(contract), CONTRACT_SCHEMA)
    _write(staged / CONTRACT / f"{CONTRACT}.parquet", rows)


def _landed_file(row: dict, days: dict[str, dict]) -> LandedFile:
    # A ledger of an earlier version lacks what was added since; it is not current then.
    counts = {name: int(row.get(name, 0)) for name in _COUNTS}
    file = LandedFile(**{**row, **counts})
    found = days.get(f"{row['family']} {row['file_hash']}")
    if found is None:
        return file
    kept = tuple((date.fromisoformat(day), count) for day, count in found["counts"])
    return replace(file, days=NewestDays(kept, found["dated"]))


def _read(location: Location) -> pa.Table | None:
    if not location.exists():
        return None
    with location.filesystem.open_input_file(location.path) as file:
        return pq.ParquetFile(file).read()


def _write(location: Location, table: pa.Table) -> None:
    location.parent().create()
    with location.filesystem.open_output_stream(location.path, compression=None) as stream:
        pq.write_table(table, stream)


def total(files: Iterable[LandedFile], name: str) -> int:
    """Sum of one count over files."""
    return sum(getattr(file, name) for file in files)
