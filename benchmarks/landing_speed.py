"""How fast telemetry lands, and in how much memory, beside pandas.read_csv.

Writes telemetry of the vendor's shape (11 parts, two thirds of the rows repeated),
then reads the same files in three ways, each in a process of its own, one after
the other: `arcana.landing.land`, which hashes twice, checks, writes Parquet and
counts; `pandas.read_csv` as it comes, which reads into memory; and
`pandas.read_csv(dtype=str)`, which reads what landing reads, text.

    python benchmarks/landing_speed.py --rows 3000000
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

import click
import numpy as np
import pandas as pd
from rich import box
from rich.table import Table

from arcana import console, families, landing

TELEMETRY = families.load()["telemetria"]
WAYS = {
    "land": "arcana land",
    "pandas": "pandas.read_csv",
    "pandas_text": "pandas.read_csv(dtype=str)",
}


def write_telemetry(folder: Path, rows: int, seed: int = 1) -> None:
    """Write `rows` records over all parts, skewed over customers as the vendor's are."""
    random = np.random.default_rng(seed)
    customers = np.array([f"T{number:05X}00" for number in range(4465)])
    days = np.array([f"2025-03-{day}" for day in range(17, 22)])
    states = np.array(["Desconectado", "Conectado", "Negado"])
    weight = random.lognormal(0, 1.85, len(customers))
    for part, size in zip(TELEMETRY.parts, _shares(rows, len(TELEMETRY.parts)), strict=True):
        distinct = max(1, int(size * 0.35))
        events = pd.DataFrame(
            {
                "clienteid": random.choice(customers, distinct, p=weight / weight.sum()),
                "eventduration": random.lognormal(5.3, 2.4, distinct).round(3),
                "moduloid": random.integers(0, 7506, 535)[random.integers(0, 535, distinct)],
                "productlineid": random.integers(0, 15, distinct),
                "referencedatestart": random.choice(days, distinct),
                "slotid": random.integers(0, 6501, 339)[random.integers(0, 339, distinct)],
                "statuslicenca": random.choice(states, distinct, p=[0.82, 0.17, 0.01]),
                "tcloud": "",
                "clienteprime": "",
            }
        )
        repeated = events.iloc[np.sort(random.integers(0, distinct, size))]
        repeated.to_csv(folder / f"telemetria_{part}.csv", index=False, lineterminator="\n")


def measure(way: str, folder: Path) -> dict[str, float]:
    """Read all files one way; seconds, records and peak memory in MB of this process."""
    files = sorted((folder / "raw").iterdir())
    if way == "land":
        _land(folder / "warm", folder / "warm_data")
        started = time.perf_counter()
        records = _land(folder / "raw", folder / "data")
    else:
        options = {"dtype": str} if way == "pandas_text" else {}
        pd.read_csv(next((folder / "warm").iterdir()), **options)
        started = time.perf_counter()
        records = sum(len(pd.read_csv(file, **options)) for file in files)
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    # Linux tells kilobytes, macOS bytes.
    peak_mb = peak / (1e6 if sys.platform == "darwin" else 1e3)
    return {"seconds": seconds, "records": records, "peak_mb": peak_mb}


def _land(raw: Path, data: Path) -> int:
    report = landing.land(
        raw, data, extract_date=date(2025, 3, 25), contract={"telemetria": TELEMETRY}
    )
    return sum(file.records for file in report.files)


def _shares(total: int, parts: int) -> list[int]:
    return [total // parts + (part < total % parts) for part in range(parts)]


@click.command()
@click.option("--rows", default=3_000_000, show_default=True, help="Records over all 11 files.")
@click.option("--way", type=click.Choice(list(WAYS)), hidden=True)
@click.option("--folder", type=click.Path(path_type=Path), hidden=True)
def main(rows: int, way: str | None, folder: Path | None) -> None:
    """Measure landing beside pandas on the same files."""
    if way:
        click.echo(json.dumps(measure(way, folder)))
        return
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        for name, count in (("raw", rows), ("warm", 1100)):
            (folder / name).mkdir()
            write_telemetry(folder / name, count)
        size = sum(file.stat().st_size for file in (folder / "raw").iterdir()) / 1e6
        table = Table(title=f"{rows:,} telemetry records, {size:,.0f} MB", box=box.SIMPLE)
        table.add_column("way")
        for name in ("seconds", "MB/s", "records/s", "peak MB"):
            table.add_column(name, justify="right")
        for name, label in WAYS.items():
            command = [sys.executable, __file__, "--way", name, "--folder", str(folder)]
            found = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
            if found["records"] != rows:
                raise SystemExit(f"{label} read {found['records']} of {rows} records")
            seconds = found["seconds"]
            rates = (f"{size / seconds:,.0f}", f"{rows / seconds:,.0f}")
            table.add_row(label, f"{seconds:.2f}", *rates, f"{found['peak_mb']:,.0f}")
        console.show(table)


if __name__ == "__main__":
    main()
