"""Of the MRR that is lost within three months, how much was on the list of customers at risk?

Simulates an extract of monthly deliveries, looks back as of each of them (`arcana build
--as-of-date`), and follows the first customers of the list for three deliveries: what of their
MRR is gone by then, beside that of as many customers drawn by their MRR alone, and what
drawing at random would hold. A customer without an MRR row has lost all of it.

    python benchmarks/list_recall.py
    python benchmarks/list_recall.py --customers 1000 --seed 7

Takes about five minutes.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from datetime import date
from pathlib import Path

import click
import duckdb

from arcana.simulate import simulate

ROOT = Path(__file__).parents[1]
# What is called of a hundred customers: 120 of 4,000.
CALLED_SHARE = 0.03
AHEAD = 3


def build(raw: Path, data: Path, day: date) -> None:
    """Build as of a day."""
    done = subprocess.run(
        [sys.executable, "-m", "arcana", "build", "--as-of-date", day.isoformat()],
        cwd=ROOT,
        env={**os.environ, "ARCANA_RAW": str(raw), "ARCANA_DATA": str(data)},
        capture_output=True,
        text=True,
        check=False,
    )
    # 3: a refit was refused; the lists are published.
    if done.returncode not in (0, 3):
        raise click.ClickException(done.stdout + done.stderr)


def read(data: Path) -> tuple[list[str], dict[str, float]]:
    """Customers in the order of the list, and the MRR of each customer who has any."""
    with duckdb.connect(str(data / "serve/arcana.duckdb"), read_only=True) as connection:
        listed = connection.execute(
            "select customer_id from gold.customer_lists where list_name = 'em-risco'"
            " order by list_rank"
        ).fetchall()
        paying = connection.execute(
            "select customer_id, cast(mrr_brl as double) from gold.customer_360"
            " where mrr_brl > 0 and not is_internal"
        ).fetchall()
    return [customer for (customer,) in listed], dict(paying)


@click.command()
@click.option("--customers", type=int, default=1000, show_default=True)
@click.option("--deliveries", type=int, default=12, show_default=True)
@click.option("--seed", type=int, default=42, show_default=True)
def main(customers: int, deliveries: int, seed: int) -> None:
    """Follow the list of customers at risk for three deliveries."""
    with tempfile.TemporaryDirectory(prefix="list-recall-") as folder:
        raw, data = Path(folder, "raw"), Path(folder, "data")
        simulate(
            raw,
            Path(folder, "truth.csv"),
            customers=customers,
            seed=seed,
            deliveries=deliveries,
            telemetry_rows=customers * 40 * deliveries,
        )
        days = sorted(date.fromisoformat(path.name) for path in raw.iterdir() if path.is_dir())
        seen = []
        for number, day in enumerate(days, start=1):
            build(raw, data, day)
            seen.append(read(data))
            click.echo(f"{number} of {len(days)}: as of {day}", err=True)
    called = round(CALLED_SHARE * customers)
    totals = {"listed": 0.0, "largest": 0.0, "at_random": 0.0, "lost": 0.0}
    click.echo(f"{'as of':10} {'lost':>9}  listed  by MRR  random")
    for at, day in enumerate(days[:-AHEAD]):
        listed, now = seen[at]
        later = seen[at + AHEAD][1]
        lost = {each: max(mrr - later.get(each, 0.0), 0.0) for each, mrr in now.items()}
        largest = sorted(now, key=lambda each: (-now[each], each))[:called]
        found = {
            "listed": sum(lost[each] for each in listed[:called]),
            "largest": sum(lost[each] for each in largest),
            "at_random": sum(lost.values()) * called / len(now),
            "lost": sum(lost.values()),
        }
        for name, value in found.items():
            totals[name] += value
        _show(str(day), found)
    _show("all", totals)


def _show(name: str, found: dict[str, float]) -> None:
    shares = (found[which] / found["lost"] for which in ("listed", "largest", "at_random"))
    click.echo(f"{name:10} {found['lost']:9,.0f} " + " ".join(f"{share:7.1%}" for share in shares))


if __name__ == "__main__":
    main()
