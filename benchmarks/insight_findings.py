"""Whether persona_insights finds what was planted, and nothing in shuffled personas.

    python benchmarks/insight_findings.py --build data/build/arcana.duckdb

Reads the last build. Customers get personas at random, of the sizes that were found, so
nothing sets one apart: every finding is false. Then one persona at a time is given one
condition more often than the others, by `--effect` of its customers who do not meet it
already, and the SQL of the model has to tell it.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import tempfile
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

from arcana.engine.dbt_command import DBT

MODEL = "persona_insights"
RELATION = re.compile(r'"[^"]+"\."[^"]+"\."([^"]+)"')

# Smaller personas are left out of the planting: a quarter of them is a handful of people.
LEAST_CUSTOMERS = 80


def compiled() -> str:
    """The SQL of the model, its relations by their bare names."""
    with tempfile.TemporaryDirectory() as target:
        subprocess.run(
            [*DBT, "--quiet", "compile", "--select", MODEL, "--target-path", target],
            check=True,
            capture_output=True,
        )
        (file,) = Path(target).glob(f"compiled/**/{MODEL}.sql")
        return RELATION.sub(r"\1", file.read_text())


def connected(build: Path) -> duckdb.DuckDBPyConnection:
    """A database in memory with the tables that the model reads."""
    connection = duckdb.connect()
    connection.execute(f"attach '{build}' as build (read_only)")
    for schema, name in (
        *(("gold", name) for name in ("customer_360", "dim_personas", "customer_personas")),
        *(("silver", name) for name in ("conditions", "insight_rules", "persona_features")),
    ):
        connection.execute(f"create table {name} as from build.{schema}.{name}")
    connection.execute("delete from customer_360 where is_internal")
    connection.execute("detach build")
    return connection


def shuffled(connection, stream) -> pd.DataFrame:
    """Give customers personas at random; returns who has which."""
    people = connection.execute(
        "select customer_id, persona_id, as_of_date from customer_personas"
        " semi join customer_360 using (customer_id) order by customer_id"
    ).df()
    people["persona_id"] = stream.permutation(people["persona_id"].to_numpy())
    connection.execute("create or replace table customer_personas as from people")
    return people


def planted(connection, people, persona, rule, effect, stream) -> None:
    """Make `effect` of a persona's customers meet a condition that they did not meet."""
    feature, threshold = rule["feature"], rule["threshold"]
    members = people.loc[people["persona_id"] == persona, "customer_id"].to_numpy(dtype=object)
    meets = f"{feature} {'>=' if rule['comparison'] == 'at_least' else '<='} {threshold}"
    free = connection.execute(
        f"select customer_id from customer_360 where customer_id in (select unnest(?))"
        f" and ({meets}) is not true order by customer_id",
        [members.tolist()],
    ).df()["customer_id"]
    count = min(len(free), int(np.ceil(effect * len(members))))
    chosen = stream.permutation(free.to_numpy(dtype=object))[:count].tolist()
    connection.execute(
        f"update customer_360 set {feature} = {threshold} where customer_id in (select unnest(?))",
        [chosen],
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--build", type=Path, default=Path("data/build/arcana.duckdb"))
    parser.add_argument("--permutations", type=int, default=40)
    parser.add_argument("--effect", type=float, default=0.3)
    arguments = parser.parse_args()
    sql = compiled()
    false_runs = false_findings = 0
    for seed in range(arguments.permutations):
        with connected(arguments.build) as connection:
            shuffled(connection, np.random.default_rng([seed, 1]))
            count = len(connection.execute(sql).fetchall())
        false_findings += count
        false_runs += count > 0
    print(
        f"Shuffled personas: {false_findings} findings in {arguments.permutations} permutations,"
        f" {false_runs} of them with any ({false_runs / arguments.permutations:.1%})."
    )
    found = tried = 0
    with connected(arguments.build) as connection:
        rules = connection.execute(
            "select * from conditions semi join insight_rules using (condition) order by condition"
        ).df()
        sizes = connection.execute(
            "select persona_id, count(*) as n from customer_personas where persona_id is not null"
            " group by all having n >= ? order by all",
            [LEAST_CUSTOMERS],
        ).df()
    for seed, rule in enumerate(rules.to_dict("records")):
        for persona in sizes["persona_id"].astype(int):
            stream = np.random.default_rng([seed, persona, 2])
            with connected(arguments.build) as connection:
                people = shuffled(connection, stream)
                planted(connection, people, persona, rule, arguments.effect, stream)
                told = connection.execute(f"select condition, persona_id from ({sql})").fetchall()
            tried += 1
            if (rule["condition"], persona) in told:
                found += 1
            else:
                print(f"  not found: {rule['condition']} of persona {persona}")
    print(f"Planted in {arguments.effect:.0%} of a persona: {found} of {tried} found"
          f" ({found / tried:.1%}).")  # fmt: skip


if __name__ == "__main__":
    main()
