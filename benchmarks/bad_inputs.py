"""Does every kind of bad input get the treatment that is stated for it, and is a row lost?

Each trial makes a clean extract, puts one fault into it, lands or builds it, and holds what
comes of it against what is stated: stopped, rejected, quarantined, put right and counted, set
aside, or published as it is. Records are counted by the project's own ledger and
reconciliation, and against what was written.

    python benchmarks/bad_inputs.py
    python benchmarks/bad_inputs.py --case 18 --case 33
    python benchmarks/bad_inputs.py --no-faults

With --no-faults the same trials are made without their fault, and none may end as stated: it
shows that every one of them can fail. Nothing is written then.
"""

from __future__ import annotations

import csv
import sys
import tempfile
import time
import traceback
from pathlib import Path

import click

import bad_files  # noqa: F401
import bad_values  # noqa: F401
from trials import ROOT, TRIALS, Bench, OtherTreatmentError, Trial

RESULTS = ROOT / "benchmarks/results/bad_inputs.csv"


def tried(trial: Trial, bench: Bench) -> dict:
    """Make one trial: what happened, whether that is what is stated, seconds."""
    started = time.perf_counter()
    try:
        happened, is_ok = trial.run(bench), True
    except OtherTreatmentError as other:
        happened, is_ok = str(other), False
    except Exception as error:
        happened, is_ok = f"{type(error).__name__}: {error}", False
        if bench.has_faults:
            traceback.print_exc()
    return {
        "case": trial.case,
        "tried": trial.tried,
        "stated": trial.stated,
        "happened": " ".join(happened.split())[:300],
        "ok": int(is_ok),
        "seconds": round(time.perf_counter() - started, 1),
    }


@click.command()
@click.option("--case", "cases", type=int, multiple=True, help="Only these. [default: all]")
@click.option("--no-faults", is_flag=True, help="Leave the faults out: no trial may pass.")
def main(cases: tuple[int, ...], no_faults: bool) -> None:
    """Try every kind of bad input."""
    chosen = sorted(
        (trial for trial in TRIALS if not cases or trial.case in cases), key=lambda one: one.case
    )
    found = []
    started = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="bad-inputs-") as folder:
        bench = Bench(Path(folder), has_faults=not no_faults)
        for trial in chosen:
            row = tried(trial, bench)
            found.append(row)
            click.echo(
                f"{row['case']:>2} {'ok    ' if row['ok'] else 'NOT OK'} {row['tried']}\n"
                f"          stated: {row['stated']}\n          happened: {row['happened']}"
            )
    passed = sum(row["ok"] for row in found)
    numbers = {row["case"] for row in found}
    failed = sorted({row["case"] for row in found if not row["ok"]})
    if no_faults:
        click.echo(f"{passed} of {len(found)} trials pass without a fault; none may.")
        sys.exit(1 if passed else 0)
    click.echo(
        f"{len(numbers) - len(failed)} of {len(numbers)} cases, {passed} of {len(found)} trials,"
        f" got their stated treatment. Not: {', '.join(map(str, failed)) or 'none'}.\n"
        f"{bench.lost} of {bench.records:,} records lost."
        f" {time.perf_counter() - started:.0f} s."
    )
    if not cases:
        with RESULTS.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(found[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(found)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
