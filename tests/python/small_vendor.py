"""Raw extracts of a vendor with few customers, taken out of the bundled sample."""

from __future__ import annotations

import csv
import random
import re
from pathlib import Path

from arcana import families


def keep(raw: Path, count: int) -> None:
    """Leave the records of the first `count` customers in a folder of raw files.

    The marker of a synthetic extract goes: it tells the number of records.
    """
    (raw / "_synthetic.json").unlink(missing_ok=True)
    spine = (raw / "clientes_desde.csv").read_text(encoding="utf-8-sig").splitlines()[1:]
    kept = {line.split(";")[0].strip().upper() for line in spine[:count]}
    for family in families.load().values():
        for path in sorted(raw.glob(f"{family.name}*.csv")):
            _keep_records(path, family, kept)


def mix_up(raw: Path) -> None:
    """Give what each customer has of a family to another customer, in every family anew."""
    spine = (raw / "clientes_desde.csv").read_text(encoding="utf-8-sig").splitlines()[1:]
    customers = sorted({line.split(";")[0].strip().upper() for line in spine})
    for number, family in enumerate(families.load().values()):
        others = random.Random(number).sample(customers, len(customers))
        given = dict(zip(customers, others, strict=True))
        for path in sorted(raw.glob(f"{family.name}*.csv")):
            lines = path.read_bytes().decode(family.encoding).splitlines(keepends=True)
            mixed = [lines[0], *(_given(line, family, given) for line in lines[1:])]
            path.write_bytes("".join(mixed).encode(family.encoding))


def _given(record, family, given):
    customer = _customer(record, family)
    if customer not in given:
        return record
    return re.sub(re.escape(customer), given[customer], record, count=1, flags=re.IGNORECASE)


def _keep_records(path, family, kept):
    header, *records = path.read_bytes().decode(family.encoding).splitlines(keepends=True)
    left = [record for record in records if _customer(record, family) in kept]
    path.write_bytes("".join([header, *left]).encode(family.encoding))


def _customer(record, family):
    (cells,) = csv.reader([record], delimiter=family.delimiter)
    key = cells[family.column_names.index(family.key)].strip().upper()
    return key[: len(key) - family.key_suffix]
