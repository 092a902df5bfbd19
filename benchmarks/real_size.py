"""What a build costs at the vendor's size, beside the notebook that it replaces.

For each size an extract is simulated, then measured in one run, each in processes of
its own: `benchmarks/notebook.py` (pandas and scikit-learn) and `arcana build`, on the
first delivery (cold), on it and one new day of telemetry with new snapshots, and on it
and a whole new delivery. Wall and processor seconds, peak memory of all processes
together (proportional set size), bytes written.

    python benchmarks/real_size.py --size tenth
    python benchmarks/real_size.py --size vendor --size triple --size customers

The vendor's size takes 8 GB of disk and ten minutes. Three times its telemetry is measured
without the notebook, which would need 22 GB of memory.
Ratios within one run are what counts: say what else the machine was doing.
"""

from __future__ import annotations

import csv
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path

import click

from arcana.simulate import simulate

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "benchmarks/results/real_size.csv"
SEED = 77
# name: customers, telemetry rows (none: the simulator's default), deliveries
SIZES = {
    "tenth": (1_062, 3_080_000, 2),
    "vendor": (10_615, 30_800_000, 2),
    "triple": (10_615, 92_400_000, 1),
    "customers": (100_000, None, 1),
}
# Snapshots and telemetry: what a vendor sends every day.
DAILY = ("clientes_desde", "dados_clientes", "mrr", "contratacoes_ultimos_12_meses")
# To look at the memory of a process costs it time: not oftener than needed.
SECONDS_BETWEEN_LOOKS = 0.2


@dataclass
class Measure:
    """One command: seconds, megabytes."""

    size: str
    what: str
    way: str
    input_mb: float
    wall: float
    processor: float
    peak_mb: float
    written_mb: float
    exit_code: int


class _Memory(threading.Thread):
    """Looks at the memory of a process and its descendants until it ends."""

    def __init__(self, pid: int):
        super().__init__(daemon=True)
        self.pid = pid
        self.peak_kb = 0
        self.ended = threading.Event()

    def run(self) -> None:
        while not self.ended.wait(SECONDS_BETWEEN_LOOKS):
            self.peak_kb = max(self.peak_kb, sum(map(_memory_kb, _family(self.pid))))


def _family(pid: int) -> Iterator[int]:
    yield pid
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            children = task.read_text().split()
        except OSError:
            continue
        for child in children:
            yield from _family(int(child))


def _memory_kb(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))


def measure(size: str, what: str, way: str, raw: Path, command: list, **environment) -> Measure:
    """Run a command on a raw folder and measure it with all its processes."""
    started = time.monotonic()
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(
            list(map(str, command)),
            cwd=ROOT,
            env={**os.environ, **{name: str(value) for name, value in environment.items()}},
            stdout=output,
            stderr=output,
        )
        memory = _Memory(process.pid)
        memory.start()
        _, status, usage = os.wait4(process.pid, 0)
        memory.ended.set()
        memory.join()
        process.returncode = code = os.waitstatus_to_exitcode(status)
        if code not in (0, 3):
            output.seek(0)
            raise SystemExit(f"{what}, {way} failed:\n{output.read().decode()[-3000:]}")
    return Measure(
        size,
        what,
        way,
        round(sum(file.stat().st_size for file in raw.rglob("*.csv")) / 1e6, 1),
        round(time.monotonic() - started, 1),
        round(usage.ru_utime + usage.ru_stime, 1),
        round(memory.peak_kb / 1e3, 0),
        # In blocks of 512 bytes, whatever the file system's are.
        round(usage.ru_oublock * 512 / 1e6, 0),
        code,
    )


def both_ways(size: str, what: str, raw: Path, data: Path) -> Iterator[Measure]:
    """Measure the notebook and the build, one after the other."""
    notebook = [sys.executable, ROOT / "benchmarks/notebook.py", raw, data.parent / "notebook.pq"]
    yield measure(size, what, "notebook", raw, notebook)
    yield build(size, what, raw, data)


def build(size: str, what: str, raw: Path, data: Path) -> Measure:
    """Measure a build with every default."""
    command = [sys.executable, "-m", "arcana", "build"]
    environment = {"ARCANA_DATA": data, "ARCANA_RAW": raw, "DBT_LOG_PATH": data / "logs"}
    return measure(size, what, "arcana", raw, command, **environment)


def run(size: str, folder: Path) -> Iterator[Measure]:
    """Simulate an extract and measure everything on it."""
    customers, telemetry_rows, deliveries = SIZES[size]
    raw, data = folder / "raw", folder / "data"
    options = {"customers": customers, "telemetry_rows": telemetry_rows, "seed": SEED}
    simulate(raw, folder / "truth.csv", deliveries=deliveries, **options)
    data.mkdir()
    if size == "triple":
        # The notebook would need more memory than most machines have.
        yield build(size, "cold", raw, data)
        return
    if deliveries == 1:
        yield from both_ways(size, "cold", raw, data)
        return
    first, second = sorted(path for path in raw.iterdir() if path.is_dir())
    new_day, only_first = folder / "new_day", folder / "first"
    _write_day(second, new_day / second.name)
    for other in (only_first, new_day):
        shutil.copytree(first, other / first.name, copy_function=os.link)
        shutil.copy(raw / "_synthetic.json", other)
    yield from both_ways(size, "cold", only_first, data)
    shutil.copytree(data, folder / "kept")
    yield from both_ways(size, "nothing new", only_first, data)
    yield from both_ways(size, "one new day", new_day, data)
    yield from both_ways(size, "a new delivery", raw, folder / "kept")


def _write_day(delivery: Path, target: Path) -> None:
    """The snapshots of a delivery, and the last day of its telemetry."""
    target.mkdir(parents=True)
    for family in DAILY:
        os.link(delivery / f"{family}.csv", target / f"{family}.csv")
    parts = sorted(delivery.glob("telemetria_*.csv"))
    day = max(line.split(b",")[4] for line in parts[0].read_bytes().splitlines()[1:])
    for part in parts:
        lines = part.read_bytes().splitlines(keepends=True)
        kept = [lines[0], *(line for line in lines[1:] if line.split(b",")[4] == day)]
        (target / part.name).write_bytes(b"".join(kept))


def table(measures: list[Measure]) -> str:
    """Measures as a table of docs/performance.md, with ratios to the notebook of the same run."""
    lines = [
        "| size | what | input MB | s (notebook) | × | processor s | peak MB (notebook) | ×"
        " | written MB | × input |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    notebooks = {(each.size, each.what): each for each in measures if each.way == "notebook"}
    for found in (each for each in measures if each.way == "arcana"):
        beside = notebooks.get((found.size, found.what))
        wall, peak, processor, slower, larger = (
            f"{found.wall:.1f}",
            f"{found.peak_mb:,.0f}",
            "",
            "–",
            "–",
        )
        if beside:
            wall, peak = f"{wall} ({beside.wall:.1f})", f"{peak} ({beside.peak_mb:,.0f})"
            processor = f" ({beside.processor:.0f})"
            slower = f"**{found.wall / beside.wall:.2f}**"
            larger = f"**{found.peak_mb / beside.peak_mb:.2f}**"
        lines.append(
            f"| {found.size} | {found.what} | {found.input_mb:,.0f} | {wall} | {slower}"
            f" | {found.processor:.0f}{processor} | {peak} | {larger}"
            f" | {found.written_mb:,.0f} | {found.written_mb / found.input_mb:.2f} |"
        )
    return "\n".join(lines)


def _read(row: Measure) -> Measure:
    """The same with numbers for texts."""
    numbers = {f.name: float(getattr(row, f.name)) for f in fields(Measure) if f.type == "float"}
    return replace(row, **numbers, exit_code=int(row.exit_code))


@click.command()
@click.option("--size", "sizes", type=click.Choice(list(SIZES)), multiple=True, default=["tenth"])
@click.option("--folder", type=click.Path(path_type=Path), help="Where to work. [default: /tmp]")
def main(sizes: tuple[str, ...], folder: Path | None) -> None:
    """Measure builds beside the notebook; keep the figures in benchmarks/results/."""
    measures = []
    for size in sizes:
        with tempfile.TemporaryDirectory(prefix="real-size-", dir=folder) as temporary:
            for found in run(size, Path(temporary)):
                click.echo(asdict(found), err=True)
                measures.append(found)
    # A run of some sizes leaves the figures of the others.
    if RESULTS.exists():
        with RESULTS.open(encoding="utf-8", newline="") as file:
            kept = [Measure(**row) for row in csv.DictReader(file) if row["size"] not in sizes]
        measures = [*map(_read, kept), *measures]
    with RESULTS.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(
            file, [field.name for field in fields(Measure)], lineterminator="\n"
        )
        writer.writeheader()
        writer.writerows(asdict(each) for each in measures)
    click.echo(table(measures))


if __name__ == "__main__":
    main()
