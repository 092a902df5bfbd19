"""Does a ruined delivery ever get published, and is an honest one ever stopped?

For each seed an extract of two deliveries is simulated and the first one built. Then the
second is ruined, in each of the kinds below, and built on a copy of that. The same is
tried as a first build, where there is nothing to compare with. Honest deliveries are those
of another simulation, built one after the other.

    python benchmarks/delivery_gate.py --seeds 5
    python benchmarks/delivery_gate.py --seeds 0 --extracts 5 --honest 20

A build takes a quarter to half a minute: 13 kinds of 5 seeds, or 100 honest deliveries, take
half an hour. Results that are in the file already are not measured again: remove it to begin
anew.
"""

from __future__ import annotations

import csv
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import click

from arcana import families
from arcana.simulate import simulate

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "benchmarks/results/delivery_gate.csv"
CUSTOMERS = 400
SIZE = {"customers": CUSTOMERS, "telemetry_rows": 6_000}
FIRST_SEED = 9_100
HONEST_SEED = 9_900
PLACES = ("after one accepted", "first build")
HONEST = "honest"
Change = Callable[[list[str], int], list[str] | None]


def _results() -> list[dict]:
    if not RESULTS.exists():
        return []
    with RESULTS.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _known(**place) -> bool:
    """Whether a result is there already: a run that was cut off is taken up where it ended."""
    wanted = {name: str(value) for name, value in place.items()}
    return any(wanted.items() <= row.items() for row in _results())


def _record(**row) -> None:
    click.echo(row, err=True)
    is_new = not RESULTS.exists()
    with RESULTS.open("a", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(row), lineterminator="\n")
        if is_new:
            writer.writeheader()
        writer.writerow(row)


def _rewrite(family: str, change: Change) -> Callable[[Path], None]:
    """A ruin that changes every record of a family: fields and number in, fields or None out."""
    contract = families.load()[family]

    def ruin(delivery: Path) -> None:
        for name in contract.file_names():
            file = delivery / name
            header, *lines = file.read_text(encoding=contract.encoding).splitlines()
            changed = (change(line.split(contract.delimiter), at) for at, line in enumerate(lines))
            kept = [contract.delimiter.join(fields) for fields in changed if fields is not None]
            text = "\n".join([header, *kept, ""])
            file.write_text(text, encoding=contract.encoding, newline="\n")

    return ruin


def _field(family: str, column: str, change: Callable[[str], str]) -> Callable[[Path], None]:
    at = families.load()[family].column_names.index(column)

    def changed(fields: list[str], _: int) -> list[str]:
        return [*fields[:at], change(fields[at]), *fields[at + 1 :]]

    return _rewrite(family, changed)


def _kept(family: str, every: int) -> Callable[[Path], None]:
    return _rewrite(family, lambda fields, at: fields if at % every == 0 else None)


def _times(factor: int, mark: str = ".", least: float = 0.0) -> Callable[[str], str]:
    def change(text: str) -> str:
        if not text:
            return text
        number = float(text.replace(mark, "."))
        return text if abs(number) < least else f"{number * factor:.4f}".replace(".", mark)

    return change


KINDS: dict[str, Callable[[Path], None]] = {
    "keys of the customer list in another form": _field(
        "clientes_desde", "cliente", lambda key: f"BR-{key}"
    ),
    "customer list cut to a fifth": _kept("clientes_desde", 5),
    "customer list of another system": _field(
        "clientes_desde", "cliente", lambda key: key[::-1] + "0"
    ),
    "MRR in centavos": _field("mrr", "mrr_12m", _times(100)),
    "only large MRR without its mark": _field("mrr", "mrr_12m", _times(1_000, least=1_000)),
    "keys of MRR in another form": _field("mrr", "cliente", lambda key: f"0{key}"),
    "MRR all zero": _field("mrr", "mrr_12m", lambda _: "0"),
    "contract values in thousands": _field(
        "dados_clientes", "vl_total_contrato", _times(1_000, ",")
    ),
    "contract lines cut to a tenth": _kept("dados_clientes", 10),
    "durations in milliseconds": _field("telemetria", "eventduration", _times(1_000)),
    "keys of telemetry in another form": _field("telemetria", "clienteid", lambda key: f"X{key}"),
    "tickets cut to a tenth": _kept("tickets", 10),
    "contract statuses renamed": _field(
        "dados_clientes", "situacao_contrato", lambda status: f"EM {status}"
    ),
}


def build(raw: Path, data: Path) -> int:
    """Exit code of a build."""
    done = subprocess.run(
        [sys.executable, "-m", "arcana", "build"],
        cwd=ROOT,
        env={
            **os.environ,
            "ARCANA_DATA": str(data),
            "ARCANA_RAW": str(raw),
            "DBT_LOG_PATH": str(data / "logs"),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode not in (0, 1, 3) or "another build" in done.stderr:
        raise SystemExit(done.stdout + done.stderr)
    return done.returncode


def ruined(seed: int, folder: Path, kinds: list[str]) -> None:
    """Build each kind of ruin after an accepted delivery; with the first seed as a first build too.

    Every build is at the same place, because dbt keeps a parsed project only there.
    """
    now, accepted = folder / "now", folder / "accepted"
    raw, data = now / "raw", now / "data"
    simulate(raw, folder / "truth.csv", seed=seed, deliveries=2, **SIZE)
    first, second = sorted(path for path in raw.iterdir() if path.is_dir())
    shutil.move(second, folder / second.name)
    data.mkdir()
    if (code := build(raw, data)) not in (0, 3):
        raise SystemExit(f"seed {seed}: the first delivery is honest and ends with {code}")
    shutil.move(now, accepted)
    for kind in kinds:
        for where in PLACES[: 1 if seed > FIRST_SEED else None]:
            if _known(what=kind, where=where, seed=seed):
                continue
            shutil.copytree(accepted, now)
            if where == "first build":
                shutil.rmtree(data)
                shutil.copytree(accepted / "data/build/target", data / "build/target")
                KINDS[kind](first)
            else:
                shutil.copytree(folder / second.name, raw / second.name)
                KINDS[kind](raw / second.name)
            published = build(raw, data) != 1
            _record(what=kind, where=where, seed=seed, published=int(published))
            shutil.rmtree(now)


def honest(seed: int, count: int, folder: Path) -> None:
    """Build the honest deliveries of an extract one after the other, as they come."""
    raw, all_raw, data = folder / "raw", folder / "all", folder / "data"
    simulate(all_raw, folder / "truth.csv", seed=seed, deliveries=count, **SIZE)
    raw.mkdir()
    data.mkdir()
    shutil.copy(all_raw / "_synthetic.json", raw)
    for number, delivery in enumerate(sorted(path for path in all_raw.iterdir() if path.is_dir())):
        shutil.move(delivery, raw / delivery.name)
        published = build(raw, data) != 1
        place = f"delivery {number + 1}"
        _record(what=HONEST, where=place, seed=seed, published=int(published))
        if not published:
            # Its figures are in the log; the next one is compared with those before it.
            shutil.rmtree(raw / delivery.name)


@click.command()
@click.option("--seeds", default=1, show_default=True, help="Simulated extracts to ruin.")
@click.option("--extracts", default=1, show_default=True, help="Simulated honest extracts.")
@click.option("--honest", "count", default=0, show_default=True, help="Deliveries of each.")
@click.option("--kind", "kinds", type=click.Choice(list(KINDS)), multiple=True, default=list(KINDS))
def main(seeds: int, extracts: int, count: int, kinds: tuple[str, ...]) -> None:
    """Count ruined deliveries that were published, and honest ones that were not."""
    for seed in range(FIRST_SEED, FIRST_SEED + seeds):
        with tempfile.TemporaryDirectory(prefix="delivery-gate-") as folder:
            ruined(seed, Path(folder), list(kinds))
    for seed in range(HONEST_SEED, HONEST_SEED + (extracts if count else 0)):
        if not _known(what=HONEST, where=f"delivery {count}", seed=seed):
            with tempfile.TemporaryDirectory(prefix="delivery-gate-") as folder:
                honest(seed, count, Path(folder))
    found = _results()
    for where in PLACES:
        own = [row for row in found if row["where"] == where]
        published = sum(int(row["published"]) for row in own)
        click.echo(f"ruined, {where}: {published} of {len(own)} published")
    own = [row for row in found if row["what"] == HONEST]
    stopped = sum(1 - int(row["published"]) for row in own)
    click.echo(f"honest: {stopped} of {len(own)} stopped")


if __name__ == "__main__":
    main()
