"""Whether personas keep their identity over a year of monthly refits, while customers drift.

    python benchmarks/persona_identity.py --seeds 5
    python benchmarks/persona_identity.py --extracts data      # serve/ and truth/ of a build

Each month every amount and count moves by a factor of about 5 % of its own, each persona as
a whole by one more of 5 %, everybody grows a month older, and 3 % of the customers leave for
as many new ones of the same personas. Then `personas.update` refits from the registry so
far, as a build that is asked for a refit does every month.

A persona keeps its identity over a month if most of the customers that had its name and are
still there have it again, and if it still stands for a planted persona that it stood for (one
whose customers mostly have the name; personas that were never told apart share one). Where it
does not and the registry's column `changes` names it not, it was renamed in silence. Refused
refits keep the version in use, as in a build.
"""

from __future__ import annotations

import argparse
import datetime
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
from rich.progress import Progress
from sklearn.metrics import adjusted_rand_score

from arcana import personas
from arcana.engine import frames
from arcana.personas import Context, Settings, registry
from persona_agreement import NO_PERSONA

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests" / "python"))

MONTHS = 12
DRIFT = 0.05
REPLACED = 0.03
FIRST_REPORTED_SEED = 1000
CUSTOMERS = 1500


def planted(seed: int) -> tuple[pd.DataFrame, np.ndarray]:
    """Draw customers of the catalogue's personas, as the tests do."""
    import persona_population  # noqa: PLC0415, not a package

    return persona_population.customers(CUSTOMERS, seed=FIRST_REPORTED_SEED + seed)


def extract(folder: Path) -> tuple[pd.DataFrame, np.ndarray]:
    """Read customer_360 of a simulated extract, and the persona of each customer."""
    customers = pd.read_parquet(folder / "serve" / "customer_360.parquet")
    customers = customers[~customers["is_internal"].astype(bool)].reset_index(drop=True)
    truth = pd.read_csv(folder / "truth" / "customer_personas.csv", dtype={"customer_id": str})
    planted_as = truth.set_index("customer_id")["persona_id"].reindex(customers["customer_id"])
    return customers, planted_as.fillna(NO_PERSONA).astype(int).to_numpy()


def drifted(customers, truth, features, stream) -> pd.DataFrame:
    """The same customers a month later, a few of them replaced by others alike."""
    customers = customers.copy()
    amounts = features.loc[features["kind"] == "hurdle", "feature"]
    for name in amounts:
        of_persona = np.exp(DRIFT * stream.normal(size=truth.max() + 2))[truth]
        own = np.exp(DRIFT * stream.normal(size=len(customers)))
        values = customers[name].to_numpy(dtype=float, na_value=np.nan)
        # A count stays whole.
        is_count = np.nanmax(np.abs(values - np.round(values)), initial=0) == 0
        moved = values * of_persona * own
        customers[name] = np.where(values > 0, np.maximum(np.round(moved), 1), values)
        if not is_count:
            customers[name] = moved
    customers["tenure_months"] = customers["tenure_months"].astype(float) + 1
    leaving = np.flatnonzero(stream.uniform(size=len(customers)) < REPLACED)
    for row in leaving:
        alike = np.flatnonzero(truth == truth[row])
        customers.iloc[row] = customers.iloc[stream.choice(alike)]
    ids = customers["customer_id"].to_numpy(dtype=object).copy()
    ids[leaving] = [f"N{stream.integers(10**12):012d}" for _ in leaving]
    return customers.assign(customer_id=ids)


def year(customers, truth, seed) -> dict:
    """Refit every month; count names kept, renames and refusals."""
    features, catalogue = (
        pd.read_csv(ROOT / "seeds" / f"{name}.csv")
        for name in ("persona_features", "persona_catalogue")
    )
    used = features[features["role"] == "fit"]
    stream = np.random.default_rng([seed, 5])
    rows, before = frames.empty(registry.SCHEMA), None
    counted = {"months": 0, "kept": 0, "told": 0, "silent": 0, "refused": 0, "ari": [], "s": []}
    for month in range(MONTHS + 1):
        if month:
            customers = drifted(customers, truth, used, stream)
        day = datetime.date(2025 + (2 + month) // 12, 1 + (2 + month) % 12, 25)
        context = Context(day, is_synthetic=True)
        started = time.perf_counter()
        rows = personas.update(
            rows, customers, features, catalogue, context, Settings(refit=month > 0)
        )
        counted["s"].append(time.perf_counter() - started)
        newest = registry.newest(rows, is_synthetic=True)
        counted["refused"] += newest.status == registry.REFUSED
        version = registry.in_use(rows, is_synthetic=True)
        told = personas.assign(customers, version, catalogue, context).set_index("customer_id")
        now = told["persona_id"].fillna(NO_PERSONA).astype(int)
        planted_as = pd.Series(truth, index=customers["customer_id"]).reindex(now.index)
        counted["ari"].append(adjusted_rand_score(*_with_persona(planted_as, now)))
        name_of = now.groupby(planted_as).agg(lambda names: names.mode().iloc[0])
        meaning = {
            name: set(name_of.index[(name_of == name) & (name_of.index >= 0)])
            for name in sorted(set(now) - {NO_PERSONA})
        }
        changes = (newest.changes or "").split()
        for name, meant in ({} if before is None else before[1]).items():
            stayed = now[before[0].index[before[0] == name].intersection(now.index)]
            is_kept = stayed.mode().iloc[0] == name and (not meant or bool(meaning[name] & meant))
            counted["months"] += 1
            counted["kept"] += is_kept
            if not is_kept:
                counted["told" if str(name) in changes else "silent"] += 1
        before = now, meaning
    return counted


def _with_persona(truth, labels):
    known = truth >= 0
    return truth[known], labels[known]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--extracts", nargs="*", type=Path, default=[])
    arguments = parser.parse_args()
    populations = [(f"planted {seed}", *planted(seed)) for seed in range(arguments.seeds)]
    populations += [(folder.name, *extract(folder)) for folder in arguments.extracts]
    print("| customers | persona-months | kept | renamed, told | silent | refused | ARI | s |")
    print("|---|---|---|---|---|---|---|---|")
    total = dict.fromkeys(("months", "kept", "told", "silent", "refused"), 0)
    with Progress(transient=True) as progress:
        bar = progress.add_task("Years", total=len(populations))
        for seed, (name, customers, truth) in enumerate(populations):
            counted = year(customers, truth, seed)
            for key in total:
                total[key] += counted[key]
            progress.print(
                f"| {name} | {counted['months']} | {counted['kept'] / counted['months']:.1%}"
                f" | {counted['told']} | {counted['silent']} | {counted['refused']}"
                f" | {np.mean(counted['ari']):.3f} | {np.mean(counted['s']):.0f} |"
            )
            progress.advance(bar)
    print(
        f"| all | {total['months']} | {total['kept'] / total['months']:.1%} | {total['told']}"
        f" | {total['silent']} | {total['refused']} | | |"
    )


if __name__ == "__main__":
    main()
