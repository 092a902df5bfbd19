"""Small raw extracts, written from the family contract itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path

from arcana import families
from arcana.families import Family

CONTRACT = families.load()
REQUIRED = tuple(name for name, family in CONTRACT.items() if family.required)
FILE_COUNT = sum(len(family.file_names()) for family in CONTRACT.values())
SAMPLES = {
    "integer": "7",
    "decimal": "12{mark}5",
    "text": "Ação {row}",
    "date": "{day}",
    "timestamp": "{day} 10:00:00.000",
}
DAY = date(2025, 3, 25)


def record(family: Family, row: int = 0, day: date = DAY) -> list[str]:
    """One believable record in the vendor's column order."""
    values = []
    for column in family.columns:
        text = SAMPLES[column.type].format(mark=family.decimal_mark, row=row, day=day)
        if column.format == "us_timestamp":
            text = f"{day.month}/{day.day}/{day.year} 1:45:00 PM"
        if column.name == family.key:
            text = f"T{row:05d}" + "00" * bool(family.key_suffix)
        values.append(text)
    return values


def contents(
    family: Family, records: Iterable[Sequence[str]], header: Sequence[str] | None = None
) -> bytes:
    """A file as the vendor would write it."""
    header = [column.header for column in family.columns] if header is None else header
    lines = [family.delimiter.join(_cell(cell, family) for cell in header)]
    lines += [family.delimiter.join(_cell(cell, family) for cell in row) for row in records]
    return "".join(f"{line}\n" for line in lines).encode(family.encoding)


def write_family(folder: Path, name: str, rows: int = 3, day: date = DAY) -> None:
    """All files of a family, each part with records of its own."""
    family = CONTRACT[name]
    for number, file in enumerate(family.file_names()):
        records = [record(family, number * rows + row, day) for row in range(rows)]
        (folder / file).write_bytes(contents(family, records))


def write_extract(
    folder: Path, names: Iterable[str] = tuple(CONTRACT), rows: int = 3, day: date = DAY
) -> Path:
    """A whole extract, or the named families of one; its records are of `day`."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        write_family(folder, name, rows, day)
    return folder


def _cell(text: str, family: Family) -> str:
    if family.quoting == "rfc4180" and any(mark in text for mark in f'{family.delimiter}"\n'):
        return '"' + text.replace('"', '""') + '"'
    return text
