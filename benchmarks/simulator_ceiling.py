"""How well a supervised forest recovers the planted personas from customer_360.

    python benchmarks/simulator_ceiling.py --customer-360 data/serve/customer_360.parquet \
        --truth data/truth/customer_personas.csv

The adjusted Rand index of five-fold cross-validated predictions is about the most
that any model can reach on these features: the ceiling for the mixture, which is
not told the answers. It must lie between .88 and .95, otherwise the simulated
personas are too hard or too easy, and the command exits 1.

Customers that fit no persona (an empty persona_id) are left out of training and
of the index; a second figure counts them as a ninth class.
"""

from __future__ import annotations

import argparse
import csv
import sys
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import adjusted_rand_score, confusion_matrix
from sklearn.model_selection import StratifiedKFold, cross_val_predict

LOWEST, HIGHEST = 0.88, 0.95
SEED = 0
TREES = 300
FEATURES = Path(__file__).parents[1] / "seeds" / "persona_features.csv"


def fit_features(path: Path) -> list[str]:
    """Features that the mixture is fitted on, from the seed."""
    with path.open(encoding="utf-8", newline="") as file:
        return [row["feature"] for row in csv.DictReader(file) if row["role"] == "fit"]


def numeric(customers: pd.DataFrame) -> pd.DataFrame:
    """All columns that are numbers or flags, as floats with NaN for unknown; no text or dates.

    Decimals arrive from Parquet as objects.
    """
    columns = {}
    for name in customers.columns:
        values = customers[name]
        if values.dtype == object and isinstance(_first(values), Decimal):
            values = values.astype(float)
        if pd.api.types.is_numeric_dtype(values) or pd.api.types.is_bool_dtype(values):
            columns[name] = values.astype(float)
    return pd.DataFrame(columns, index=customers.index)


def _first(values: pd.Series):
    known = values.dropna()
    return known.iloc[0] if len(known) else None


def predictions(features: pd.DataFrame, persona: pd.Series) -> np.ndarray:
    """Cross-validated predictions of a random forest."""
    forest = RandomForestClassifier(n_estimators=TREES, random_state=SEED, n_jobs=1)
    folds = StratifiedKFold(n_splits=5, shuffle=True, random_state=SEED)
    # Infinities cannot be split on; clipping leaves the order of values alone.
    return cross_val_predict(forest, features.clip(-1e30, 1e30), persona, cv=folds)


def report(title: str, features: pd.DataFrame, persona: pd.Series) -> float:
    """Print the index and who is mistaken for whom; return the index."""
    fits = persona >= 0
    predicted = predictions(features[fits], persona[fits])
    index = adjusted_rand_score(persona[fits], predicted)
    with_none = adjusted_rand_score(persona, predictions(features, persona))
    accuracy = float(np.mean(predicted == persona[fits]))
    print(f"\n{title}: {features.shape[1]} features, {int(fits.sum())} customers")
    print(f"  adjusted Rand index {index:.3f}, right {accuracy:.1%}")
    print(f"  with those that fit none as a class of their own: {with_none:.3f}")
    print("  rows: planted persona, columns: predicted")
    print(pd.DataFrame(confusion_matrix(persona[fits], predicted)).to_string())
    return index


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--customer-360", type=Path, required=True)
    arguments.add_argument("--truth", type=Path, required=True)
    given = arguments.parse_args()
    customers = pd.read_parquet(given.customer_360).set_index("customer_id").sort_index()
    truth = pd.read_csv(given.truth, dtype={"customer_id": str}).set_index("customer_id")
    persona = truth["persona_id"].fillna(-1).astype(int).reindex(customers.index)
    if persona.isna().any():
        sys.exit(
            f"{int(persona.isna().sum())} customers of {given.customer_360} are not in "
            f"{given.truth}: the two are from different simulations."
        )
    persona = persona.astype(int)
    internal = customers.get("is_internal", pd.Series(False, index=customers.index)).astype(bool)
    customers, persona = customers[~internal], persona[~internal]
    print(f"{len(customers)} customers, {int((persona < 0).sum())} of them fit no persona")
    features = numeric(customers)
    fitted = fit_features(FEATURES)
    index = report("fit features", features[fitted], persona)
    report("all numeric columns", features, persona)
    if not LOWEST <= index <= HIGHEST:
        sys.exit(f"\nThe index on the fit features is outside {LOWEST} to {HIGHEST}.")


if __name__ == "__main__":
    main()
