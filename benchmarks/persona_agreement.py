"""How well the served personas agree with the planted ones of a simulated extract.

    python benchmarks/persona_agreement.py --serve data/serve \
        --truth data/truth/customer_personas.csv

Prints the adjusted Rand index, the share of customers under the right name and, for
each planted persona, where its customers went. Customers that fit no persona are left
out. What could at best be reached says benchmarks/simulator_ceiling.py.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import pandas as pd
from sklearn.metrics import adjusted_rand_score

NO_PERSONA = -1


def agreement(served: pd.DataFrame, truth: pd.DataFrame) -> tuple[float, float, pd.DataFrame]:
    """Return ARI, share of customers under the right name, and the cross table of counts."""
    both = served.merge(truth, on="customer_id", suffixes=("", "_planted"))
    both = both[both["persona_id_planted"].notna()]
    planted = both["persona_id_planted"].astype(int)
    found = both["persona_id"].fillna(NO_PERSONA).astype(int)
    table = pd.crosstab(planted, found, rownames=["planted"], colnames=["found"])
    return adjusted_rand_score(planted, found), float((planted == found).mean()), table


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--serve", type=Path, default=Path("data/serve"))
    parser.add_argument("--truth", type=Path, default=Path("data/truth/customer_personas.csv"))
    arguments = parser.parse_args()
    served = pd.read_parquet(arguments.serve / "customer_personas.parquet")
    truth = pd.read_csv(arguments.truth, dtype={"customer_id": str})
    index, right, table = agreement(served, truth)
    print(f"adjusted Rand index {index:.3f}; right name {right:.1%} of {table.values.sum():,}")
    print(table.to_string())


if __name__ == "__main__":
    main()
