"""How well planted personas are found again, over families of customers unlike one another.

    python benchmarks/persona_quality.py run --only lognormal --estimators ours k-means
    python benchmarks/persona_quality.py table
    python benchmarks/persona_quality.py picture

`run` fits what results/persona_quality.csv does not hold yet and adds a row for each fit
(`--again` fits anew); `table` and `picture` show what the file holds. Seeds are counted
from 1000, and extracts from 3001: smaller ones were looked at while thresholds were chosen.

The planted families are in populations.py; `extract` simulates raw files, builds them with
`arcana build` and takes ours from the served table, the rivals from the same features of
customer_360 (its ceiling: a cross-validated forest that is told the truth). Figures:

    ari, ceiling  adjusted Rand index over the customers that have a persona
    found         personas found, beside the number planted
    named         customers under the right name, a persona found being called after the
                  planted one that most of it comes from (extract: after the catalogue)
    small_1, _2   recall of the smallest and the second smallest persona: the share of its
                  customers under its name
    calibration   expected calibration error of the probability of the persona given, in
                  ten bins, over everybody; only of ours

StepMix is a rival where its package is installed (benchmarks/requirements.txt), the
picture needs matplotlib.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from rich.progress import Progress
from sklearn.metrics import adjusted_rand_score

from arcana.compare import baselines
from arcana.mixture import BayesianHurdleMixture
from persona_agreement import NO_PERSONA
from populations import FAMILIES, FIRST_REPORTED_SEED
from simulator_ceiling import FEATURES, fit_features, numeric, predictions

RESULTS = Path(__file__).parent / "results" / "persona_quality.csv"
PICTURE = Path(__file__).parents[1] / "docs" / "persona_quality.png"

EXTRACT = "extract"
FIRST_REPORTED_EXTRACT = 3001

OURS, STEPMIX, CEILING = "ours", "StepMix + BIC", "ceiling"
ESTIMATORS = (OURS, *baselines.RIVALS, STEPMIX)

# StepMix is fitted for each number of classes up to this; it takes minutes.
STEPMIX_CLASSES = 12

# Ward and StepMix are quadratic or slow; they are left out above this.
SLOW_CUSTOMERS = 10_000
SLOW = ("Ward", STEPMIX)

BINS = 10

# Of the picture, in the order of ESTIMATORS.
COLOURS = (
    *("#0b6e4f", "#9aa5b1", "#e07a5f", "#3d5a80"),
    *("#f2cc8f", "#81b29a", "#c9ada7", "#6d597a"),
)


@dataclass(frozen=True)
class Task:
    """Customers X (n, d), which features are hurdles, who they are; what ours said if it ran."""

    X: np.ndarray
    hurdle: np.ndarray
    truth: np.ndarray
    ceiling: np.ndarray
    labels: np.ndarray | None = None
    probability: np.ndarray | None = None
    is_named: bool = False


def planted(family: str, seed: int) -> Task:
    """Draw the customers of a family."""
    drawn = FAMILIES[family](np.random.default_rng(FIRST_REPORTED_SEED + seed))
    return Task(drawn.X, drawn.hurdle, drawn.truth, drawn.ceiling)


def extracted(seed: int) -> Task:
    """Simulate raw files, build them as anybody would, read what is served."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        raw, truth_file = data / "raw", data / "truth.csv"
        environment = {**os.environ, "ARCANA_DATA": str(data), "ARCANA_RAW": str(raw)}
        number = ["--seed", str(FIRST_REPORTED_EXTRACT + seed)]
        for command in (
            ["simulate", *number, "--output", str(raw), "--truth", str(truth_file)],
            ["build"],
        ):
            done = subprocess.run(
                [sys.executable, "-m", "arcana", *command],
                env=environment,
                capture_output=True,
                text=True,
                check=False,
            )
            if done.returncode:
                sys.exit(f"arcana {command[0]} failed:\n{done.stdout[-3000:]}{done.stderr[-3000:]}")
        customers = pd.read_parquet(data / "serve" / "customer_360.parquet")
        personas = pd.read_parquet(data / "serve" / "customer_personas.parquet")
        truth = pd.read_csv(truth_file, dtype={"customer_id": str})
    customers = customers[~customers["is_internal"].astype(bool)].set_index("customer_id")
    customers = customers.sort_index()
    personas, truth = (
        each.set_index("customer_id").reindex(customers.index) for each in (personas, truth)
    )
    features = numeric(customers)[fit_features(FEATURES)]
    planted_as = truth["persona_id"].fillna(NO_PERSONA).astype(int).to_numpy()
    told = planted_as >= 0
    ceiling = np.full(len(planted_as), NO_PERSONA)
    ceiling[told] = predictions(features[told], pd.Series(planted_as[told]))
    kinds = pd.read_csv(FEATURES).set_index("feature")["kind"]
    return Task(
        features.to_numpy(),
        (kinds[features.columns] == "hurdle").to_numpy(),
        planted_as,
        ceiling,
        personas["persona_id"].fillna(NO_PERSONA).astype(int).to_numpy(),
        personas["probability"].fillna(0).to_numpy(),
        is_named=True,
    )


def ours(task: Task, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """What the project fits: labels, and the probability of each."""
    if task.labels is not None:
        return task.labels, task.probability
    model = BayesianHurdleMixture(hurdle_features=task.hurdle, n_init=8, random_state=seed)
    labels = model.fit(task.X).labels_
    return labels, model.predict_proba(task.X).max(axis=1)


def stepmix(task: Task, seed: int) -> np.ndarray:
    """StepMix with zeros as yes or no and logarithms as normal, both with unknowns, by BIC."""
    from stepmix.stepmix import StepMix  # noqa: PLC0415, an extra of this command alone

    X, hurdle = task.X, task.hurdle
    is_zero = np.where(np.isnan(X[:, hurdle]), np.nan, X[:, hurdle] <= 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        values = np.where(hurdle, np.where(X > 0, np.log(X), np.nan), X)
    values = (values - np.nanmean(values, axis=0)) / np.nanstd(values, axis=0)
    parts = {
        "zero": {"model": "binary_nan", "n_columns": is_zero.shape[1]},
        "value": {"model": "gaussian_diag_nan", "n_columns": values.shape[1]},
    }
    both = np.c_[is_zero, values]
    models = [
        StepMix(k, measurement=parts, n_init=2, max_iter=200, random_state=seed, progress_bar=0)
        for k in range(1, STEPMIX_CLASSES + 1)
    ]
    fitted = [model.fit(both) for model in models]
    return min(fitted, key=lambda model: model.bic(both)).predict(both)


def agreement(truth: np.ndarray, labels: np.ndarray) -> float:
    """Adjusted Rand index over the customers that have a persona."""
    known = truth >= 0
    return adjusted_rand_score(truth[known], labels[known])


def named(truth: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Labels replaced by the planted persona that most of each comes from."""
    names = np.full(len(labels), NO_PERSONA)
    for label in np.unique(labels[labels >= 0]):
        of = truth[(labels == label) & (truth >= 0)]
        names[labels == label] = np.bincount(of).argmax() if len(of) else NO_PERSONA
    return names


def recall_of_smallest(truth: np.ndarray, names: np.ndarray, how_many: int = 2) -> list[float]:
    """Share under the right name of each of the smallest personas, smallest first."""
    sizes = np.bincount(truth[truth >= 0])
    smallest = np.argsort(sizes, kind="stable")[:how_many]
    return [float((names[truth == persona] == persona).mean()) for persona in smallest]


def calibration_error(probability: np.ndarray, is_right: np.ndarray) -> float:
    """Expected calibration error: how far a probability is from how often it is right."""
    bins = np.minimum((probability * BINS).astype(int), BINS - 1)
    sums = [np.bincount(bins, values, BINS) for values in (probability, is_right)]
    return float(np.abs(sums[0] - sums[1]).sum() / len(probability))


def measured(task: Task, estimator: str, seed: int) -> dict:
    """Fit and compare with the truth: one row of the results."""
    started = time.perf_counter()
    probability = None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if estimator == CEILING:
            labels = task.ceiling
        elif estimator == OURS:
            labels, probability = ours(task, seed)
        elif estimator == STEPMIX:
            labels = stepmix(task, seed)
        else:
            labels = baselines.RIVALS[estimator](task.X, task.hurdle, seed).labels
    seconds = time.perf_counter() - started
    is_named = task.is_named and estimator == OURS
    names = labels if is_named else named(task.truth, labels)
    known = task.truth >= 0
    small = [*recall_of_smallest(task.truth, names), np.nan][:2]
    return {
        "customers": len(task.X),
        "ceiling": agreement(task.truth, task.ceiling),
        "ari": agreement(task.truth, labels),
        "planted": int(task.truth.max()) + 1,
        "found": len(set(labels[labels >= 0].tolist())),
        "named": float((names == task.truth)[known].mean()),
        "small_1": small[0],
        "small_2": small[1],
        "calibration": (
            np.nan if probability is None else calibration_error(probability, names == task.truth)
        ),
        "seconds": seconds,
    }


def run(arguments: argparse.Namespace) -> None:
    """Fit what is not in the results yet, a row at a time."""
    RESULTS.parent.mkdir(exist_ok=True)
    results = pd.read_csv(RESULTS) if RESULTS.exists() else pd.DataFrame()
    done = set()
    if len(results) and not arguments.again:
        done = set(results[["family", "estimator", "seed"]].itertuples(index=False, name=None))
    wanted = [
        (family, seed)
        for family in (*FAMILIES, EXTRACT)
        for seed in range(arguments.seeds)
        if family.startswith(arguments.only)
    ]
    with Progress() as progress:
        bar = progress.add_task("Fitting", total=len(wanted))
        for family, seed in wanted:
            missing = [
                each
                for each in (CEILING, *arguments.estimators)
                if (family, each, seed) not in done
            ]
            if missing:
                results = pd.concat([results, _rows(family, seed, missing)])
                results = results.drop_duplicates(["family", "estimator", "seed"], keep="last")
                results.sort_values(["family", "estimator", "seed"]).to_csv(
                    RESULTS, index=False, float_format="%.4f"
                )
            progress.advance(bar)
    table(arguments)


def _rows(family: str, seed: int, estimators: list[str]) -> pd.DataFrame:
    task = extracted(seed) if family == EXTRACT else planted(family, seed)
    return pd.DataFrame(
        {"family": family, "estimator": each, "seed": seed, **measured(task, each, seed)}
        for each in estimators
        if not (each in SLOW and len(task.X) > SLOW_CUSTOMERS)
    )


def table(arguments: argparse.Namespace) -> None:
    """Print two tables as Markdown: ours in detail, and everybody's share of the ceiling."""
    rows = [row for row in summary() if row["family"].startswith(arguments.only)]
    print(
        "| family | runs | ceiling | ARI | of ceiling | least | found | within 1 | named"
        " | smallest | second | calibration | s |\n|---|" + "---|" * 12
    )
    for row in rows:
        if row["estimator"] == OURS:
            line = (
                "| {family} | {runs} | {ceiling:.3f} | {ari:.3f} | {ratio:.2f} | {least:.2f}"
                " | {found:.1f} | {near:.0%} | {named:.1%} | {small_1:.2f} | {small_2:.2f}"
                " | {calibration:.3f} | {seconds:.1f} |"
            )
            print(line.format(**row).replace("nan", ""))
    print("\n| family | " + " | ".join(ESTIMATORS) + " |\n|---|" + "---|" * len(ESTIMATORS))
    told = {(row["family"], row["estimator"]): row for row in rows}
    for family in dict.fromkeys(row["family"] for row in rows):
        of = [told.get((family, estimator)) for estimator in ESTIMATORS]
        cells = [f"{row['ratio']:.2f} ({row['found']:.1f})" if row else "" for row in of]
        print(f"| {family} | " + " | ".join(cells).replace("nan ", "") + " |")


def summary() -> Iterator[dict]:
    """One dictionary per family and estimator, in the order of this file."""
    results = pd.read_csv(RESULTS)
    # The index says nothing where there is one persona only.
    results["ratio"] = (results["ari"] / results["ceiling"]).where(results["planted"] > 1)
    results["near"] = (results["found"] - results["planted"]).abs() <= 1
    for family in (*FAMILIES, EXTRACT):
        for estimator in (CEILING, *ESTIMATORS):
            rows = results[(results["family"] == family) & (results["estimator"] == estimator)]
            if len(rows):
                yield {
                    "family": family,
                    "estimator": estimator,
                    "runs": len(rows),
                    "least": rows["ratio"].min(),
                    **rows.drop(columns=["family", "estimator", "seed"]).mean().to_dict(),
                }


def picture(arguments: argparse.Namespace) -> None:
    """Draw a dot per family and estimator: its share of the ceiling."""
    import matplotlib  # noqa: PLC0415, an extra of this command alone

    matplotlib.use("Agg")
    from matplotlib import pyplot  # noqa: PLC0415

    rows = pd.DataFrame(summary())
    # One persona has no agreement to draw.
    rows = rows[(rows["planted"] > 1) & (rows["estimator"] != CEILING)]
    families = list(dict.fromkeys(rows["family"]))
    figure, axes = pyplot.subplots(figsize=(9, 0.36 * len(families) + 1.4), layout="constrained")
    colours = dict(
        zip(
            ESTIMATORS,
            [
                "#0b6e4f",
                "#9aa5b1",
                "#e07a5f",
                "#3d5a80",
                "#f2cc8f",
                "#81b29a",
                "#c9ada7",
                "#6d597a",
            ],
            strict=True,
        )
    )
    for estimator in reversed(ESTIMATORS):
        of = rows[rows["estimator"] == estimator]
        axes.scatter(
            of["ratio"].clip(lower=0),
            [families.index(family) for family in of["family"]],
            s=80 if estimator == OURS else 34,
            marker="D" if estimator == OURS else "o",
            color=colours[estimator],
            edgecolor="white",
            linewidth=0.6,
            label=estimator,
            zorder=3 if estimator == OURS else 2,
        )
    axes.axvline(1, color="#444444", linewidth=1, linestyle=":")
    axes.set_yticks(range(len(families)), families)
    axes.invert_yaxis()
    axes.grid(axis="x", color="#e5e5e5")
    axes.set_axisbelow(True)
    axes.set_xlim(-0.02, 1.04)
    axes.set_xlabel("agreement with the planted personas, as a share of what can be reached")
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.tick_params(left=False)
    handles, labels = axes.get_legend_handles_labels()
    figure.legend(
        handles[::-1], labels[::-1], ncols=4, frameon=False, loc="outside upper left", fontsize=9
    )
    figure.savefig(PICTURE, dpi=110)
    print(f"Drawn to {PICTURE}.")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("command", choices=("run", "table", "picture"))
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--only", default="", help="families whose name starts so")
    parser.add_argument("--estimators", nargs="+", choices=ESTIMATORS, default=list(ESTIMATORS))
    parser.add_argument("--again", action="store_true", help="fit also what was fitted before")
    arguments = parser.parse_args()
    {"run": run, "table": table, "picture": picture}[arguments.command](arguments)


if __name__ == "__main__":
    main()
