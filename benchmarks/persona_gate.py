"""What the gate lets through: planted personas, shuffled columns, patterns of zeros.

    python benchmarks/persona_gate.py --seeds 2

Each population of populations.py goes through `personas.update` as a first fit, three times:
as it was drawn (it should be accepted), with each column shuffled by itself (nothing is left
to find: refused, or one persona), and with four patterns of what is zero and otherwise all
alike (the partition is that pattern and no persona: refused). Seeds are counted from 1000.
"""

from __future__ import annotations

import argparse
import datetime
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
from rich.progress import Progress

from arcana import personas
from arcana.engine import frames
from arcana.personas import Context, Settings, registry
from populations import FAMILIES, FIRST_REPORTED_SEED, MONEY, Customers

CATALOGUE = Path(__file__).parents[1] / "seeds" / "persona_catalogue.csv"
CONTEXT = Context(datetime.date(2025, 3, 25), is_synthetic=True)
MOST_CUSTOMERS = 4000
PATTERNS = 4

ACCEPTED, ONE, REFUSED = "accepted", "one persona", "refused"


def shuffled(drawn: Customers, stream: np.random.Generator) -> np.ndarray:
    """Every column in an order of its own."""
    return stream.permuted(drawn.X, axis=0)


def patterns(drawn: Customers, stream: np.random.Generator) -> np.ndarray:
    """The same positive values for everybody alike, on or off in a few ways."""
    X = stream.permuted(drawn.X, axis=0)
    pattern = stream.integers(PATTERNS, size=len(X))
    for j in np.flatnonzero(drawn.hurdle):
        positive = drawn.X[drawn.X[:, j] > 0, j]
        is_on = (pattern + j) % PATTERNS < PATTERNS // 2
        X[:, j] = stream.choice(positive, size=len(X)) * is_on
    return X


def judged(X: np.ndarray, hurdle: np.ndarray) -> tuple[str, str]:
    """What became of a first fit of X, and why."""
    names = [f"feature_{j:02d}" for j in range(X.shape[1])]
    levels = ["value" if j < MONEY else "engagement" for j in range(hurdle.sum())]
    levels += [("loyalty", "size")[j % 2] for j in range(len(names) - len(levels))]
    features = pd.DataFrame(
        {
            "feature": names,
            "kind": np.where(hurdle, "hurdle", "normal"),
            "role": "fit",
            "level": levels,
            "sign": 1,
            "level_weight": 1.0,
        }
    )
    customers = pd.DataFrame(X, columns=names).assign(
        customer_id=[f"T{row:06d}" for row in range(len(X))], is_internal=False, segment=None
    )
    empty = frames.empty(registry.SCHEMA)
    catalogue = pd.read_csv(CATALOGUE)
    rows = personas.update(empty, customers, features, catalogue, CONTEXT, Settings())
    version = registry.newest(rows, is_synthetic=True)
    if version.status == registry.REFUSED:
        return REFUSED, version.reason
    found = {persona for persona in version.personas if persona is not None}
    return (ACCEPTED if len(found) > 1 else ONE), ""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--only", default="", help="families whose name starts so")
    arguments = parser.parse_args()
    kinds = {"as drawn": lambda drawn, stream: drawn.X, "shuffled": shuffled, "zeros": patterns}
    counts = {kind: Counter() for kind in kinds}
    chosen = [
        (family, seed)
        for family in FAMILIES
        if family.startswith(arguments.only) and "n50000" not in family
        for seed in range(arguments.seeds)
    ]
    with Progress(transient=True) as progress:
        bar = progress.add_task("Populations", total=len(chosen) * len(kinds))
        for family, seed in chosen:
            number = FIRST_REPORTED_SEED + seed
            drawn = FAMILIES[family](np.random.default_rng(number))
            for kind, changed in kinds.items():
                verdict, why = judged(
                    changed(drawn, np.random.default_rng([number, 7])), drawn.hurdle
                )
                # One skewed persona is nothing to tell apart either.
                expected = ACCEPTED if kind == "as drawn" and drawn.truth.max() else REFUSED
                counts[kind][verdict] += 1
                if verdict not in {expected, ONE}:
                    progress.print(f"{family}, seed {number}, {kind}: {verdict} {why}")
                progress.advance(bar)
    for kind, of in counts.items():
        told = ", ".join(f"{verdict} {count}" for verdict, count in sorted(of.items()))
        print(f"{kind}: {told} of {of.total()}")


if __name__ == "__main__":
    main()
