"""Seconds and memory of the model `customer_personas` for a million customers.

    python benchmarks/scoring_speed.py --serve data/serve --customers 1000000

The customers of a served build are repeated under new ids, in no order, and take the way
they take in a build: read from DuckDB, scored with the version in use, handed back. Run
on one thread; the least of `--repeats` is told, for the machine may be shared.
"""

from __future__ import annotations

import argparse
import resource
import time
from pathlib import Path

import duckdb
import pandas as pd

from arcana import personas
from arcana.engine import frames
from arcana.personas import Context, registry

CATALOGUE = Path(__file__).parents[1] / "seeds" / "persona_catalogue.csv"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--serve", type=Path, default=Path("data/serve"))
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--repeats", type=int, default=3)
    arguments = parser.parse_args()
    connection = duckdb.connect(config={"threads": 1})
    tables = {
        name: connection.read_parquet(str(arguments.serve / f"{name}.parquet"))
        for name in ("customer_360", "persona_mixture")
    }
    mixture = frames.to_pandas(tables["persona_mixture"])
    context = Context(mixture["as_of_date"].iloc[0], bool(mixture["is_synthetic"].iloc[0]))
    version = registry.in_use(mixture, context.is_synthetic)
    catalogue = pd.read_csv(CATALOGUE)
    times = -(-arguments.customers // len(tables["customer_360"]))
    connection.sql(
        f"""
        create table customers as
        select * replace (customer_id || '-' || copy as customer_id)
        from read_parquet('{arguments.serve / "customer_360.parquet"}'), range({times}) as t(copy)
        order by hash(customer_id, copy)
        limit {arguments.customers}
        """
    )
    before = _peak()
    best = None
    for _ in range(arguments.repeats):
        started = time.perf_counter()
        customers = frames.to_pandas(
            connection.table("customers"), personas.score_columns(version), "customer_id"
        )
        read = time.perf_counter()
        assigned = personas.assign(customers, version, catalogue, context)
        scored = time.perf_counter()
        frames.to_engine(assigned, personas.SCHEMA, connection)
        written = time.perf_counter()
        seconds = (written - started, read - started, scored - read, written - scored)
        best = min(best or seconds, seconds)
    print(
        f"{len(assigned):,} customers, {len(version.mixture.features)} features,"
        f" {len(version.mixture.components)} components: {best[0]:.2f} s in the model (read"
        f" {best[1]:.2f}, assign {best[2]:.2f}, hand back {best[3]:.2f});"
        f" {_peak() - before:,.0f} MB"
    )


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
