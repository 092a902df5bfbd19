"""Customers as the fit and the naming see them, and the seeds they are read with.

The tables are checked here, once; all later code works on arrays.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy.special import ndtri
from scipy.stats import rankdata

from arcana.personas.context import Context, PersonaError, Settings
from arcana.personas.registry import LEVELS

# A fit uses at most so many customers: more change almost nothing and cost seconds.
MAX_FIT_CUSTOMERS = 20_000
MIN_STANDARD_DEVIATION = 1e-9


def fit_columns(features: pd.DataFrame) -> list[str]:
    """Return the columns of `customer_360` that `update` reads."""
    _check_features(features)
    return ["customer_id", "is_internal", *sorted({"segment", *features["feature"]})]


@dataclass(frozen=True)
class Population:
    """Customers as the fit and the naming see them: sorted, internal ones left out.

    Attributes
    ----------
    ids : ndarray of shape (n,)
        Ascending.
    X : ndarray of shape (n, d)
        Values of the features of role `fit`, NaN where unknown.
    fit_features : pandas.DataFrame
        Rows of the seed for the columns of X.
    levels : ndarray of shape (n, 4)
        Normal scores per level of the catalogue; NaN where nothing is known.
    segment : ndarray of shape (n,)
    catalogue : pandas.DataFrame
    """

    ids: np.ndarray
    X: np.ndarray
    fit_features: pd.DataFrame
    levels: np.ndarray
    segment: np.ndarray
    catalogue: pd.DataFrame

    @classmethod
    def of(cls, customers, features, catalogue) -> Population:
        """Check the three tables against one another and put them in order."""
        _check_features(features)
        read_names(catalogue)
        customers = sort_customers(customers)
        customers = customers[~customers["is_internal"].to_numpy(dtype=bool)]
        # Sorted by name: sums over features must not depend on the order of the file.
        features = features.sort_values("feature")
        fit_features = features[features["role"] == "fit"]
        naming = features[features["level"].isin(LEVELS)]
        return cls(
            ids=customers["customer_id"].to_numpy(dtype=object),
            X=read_numbers(customers, tuple(fit_features["feature"]), "persona_features"),
            fit_features=fit_features.reset_index(drop=True),
            levels=_score_levels(customers, naming),
            segment=customers["segment"].to_numpy(dtype=object),
            catalogue=catalogue.sort_values("persona_id").reset_index(drop=True),
        )

    @property
    def features(self) -> tuple:
        """Names of the columns of X."""
        return tuple(self.fit_features["feature"])

    @property
    def is_hurdle(self) -> np.ndarray:
        """True where zero means none."""
        return (self.fit_features["kind"] == "hurdle").to_numpy()

    def values(self, features: tuple) -> np.ndarray:
        """Return the named columns of X, in that order."""
        return self.X[:, [self.features.index(name) for name in features]]

    def sample(self) -> np.ndarray:
        """Return positions of the customers that a fit uses, the same for the same customers."""
        if len(self.ids) <= MAX_FIT_CUSTOMERS:
            return np.arange(len(self.ids))
        hashes = [hashlib.blake2b(str(key).encode(), digest_size=8).digest() for key in self.ids]
        return np.sort(np.argsort(np.array(hashes), kind="stable")[:MAX_FIT_CUSTOMERS])

    def take(self, which: np.ndarray) -> Population:
        """Return some of the customers, by position."""
        return replace(
            self,
            ids=self.ids[which],
            X=self.X[which],
            levels=self.levels[which],
            segment=self.segment[which],
        )

    def fingerprint(self, wanted: str, context: Context, settings: Settings) -> str:
        """Hash all that a fit depends on; equal fingerprints would fit the same again."""
        told = (wanted, context, settings.accept_refit, self.catalogue.to_csv(index=False))
        sha = hashlib.sha256(repr(told).encode())
        sha.update("\n".join(map(str, self.ids)).encode())
        sha.update(np.ascontiguousarray(self.X).tobytes())
        return sha.hexdigest()[:16]


def _score_levels(customers, naming):
    """Normal scores of every customer per level: the mean over the features of that level.

    Ranks, not amounts: money and counts are too skewed for a mean.
    """
    sums, weights = np.zeros((2, len(customers), len(LEVELS)))
    X = read_numbers(customers, tuple(naming["feature"]), "persona_features")
    for j, row in enumerate(naming.itertuples(index=False)):
        x = X[:, j]
        if np.isnan(x).all():
            continue
        x = np.where(np.isnan(x), 0.0, x) if row.kind == "hurdle" else x
        known = ~np.isnan(x)
        axis = LEVELS.index(row.level)
        normal_score = ndtri((rankdata(x[known]) - 0.5) / known.sum())
        sums[known, axis] += row.sign * row.level_weight * normal_score
        weights[known, axis] += row.level_weight
    return np.divide(sums, weights, out=np.full(sums.shape, np.nan), where=weights > 0)


def sort_customers(customers):
    """Sort customers by customer_id; each may be there only once."""
    for name in ("customer_id", "is_internal"):
        if name not in customers.columns:
            raise PersonaError(f"customer_360 lacks the column {name}")
    ids = customers["customer_id"]
    if not ids.is_monotonic_increasing:
        customers = customers.sort_values("customer_id", kind="stable").reset_index(drop=True)
    ids = customers["customer_id"].to_numpy(dtype=object)
    is_wrong = pd.isna(ids)
    is_wrong[1:] |= ids[1:] == ids[:-1]
    if is_wrong.any():
        raise PersonaError(
            f"customer_360 must have one row per customer_id; {ids[is_wrong][0]!r} has not"
        )
    return customers


def read_numbers(customers, features, whose):
    """Values of the named columns of customer_360, (n, d), NaN where unknown."""
    missing = [name for name in features if name not in customers.columns]
    if missing:
        raise PersonaError(
            f"customer_360 lacks {', '.join(missing)}, which {whose} relies on; correct"
            " seeds/persona_features.csv or build customer_360 first"
        )
    X = np.empty((len(customers), len(features)))
    for j, name in enumerate(features):
        try:
            X[:, j] = pd.to_numeric(customers[name]).to_numpy(dtype=float, na_value=np.nan)
        except (TypeError, ValueError) as error:
            raise PersonaError(f"customer_360.{name} is not a number: {error}") from error
    return X


def read_names(catalogue):
    """Check the catalogue; return persona_id -> Portuguese name."""
    needed = ["persona_id", "name_pt", "segments", *(f"{level}_level" for level in LEVELS)]
    missing = [name for name in needed if name not in catalogue.columns]
    if missing:
        raise PersonaError(f"seeds/persona_catalogue.csv lacks the columns {', '.join(missing)}")
    if catalogue["persona_id"].duplicated().any():
        raise PersonaError("seeds/persona_catalogue.csv has a persona_id twice")
    levels = catalogue[[f"{level}_level" for level in LEVELS]].to_numpy(dtype=float)
    if (np.abs(levels) > 2).any() or np.isnan(levels).all(axis=1).any():
        raise PersonaError(
            "seeds/persona_catalogue.csv: a level must be a number from -2 to 2, or empty where a"
            " persona claims nothing of it, and not all four may be empty"
        )
    return {
        int(persona): name
        for persona, name in catalogue[["persona_id", "name_pt"]].itertuples(index=False)
    }


def _check_features(features):
    needed = ["feature", "kind", "role", "level", "sign", "level_weight"]
    missing = [name for name in needed if name not in features.columns]
    if missing:
        raise PersonaError(f"seeds/persona_features.csv lacks the columns {', '.join(missing)}")
    where = "seeds/persona_features.csv"
    twice = features.loc[features["feature"].duplicated(), "feature"]
    if len(twice):
        raise PersonaError(f"{where}: {twice.iloc[0]} stands there twice")
    for row in features[needed].itertuples(index=False):
        if row.role not in ("fit", "name"):
            raise PersonaError(f"{where}: {row.feature} has the role {row.role!r}; fit or name is"
                               " needed")  # fmt: skip
        if row.kind not in ("normal", "hurdle"):
            raise PersonaError(f"{where}: {row.feature} has the kind {row.kind!r}; normal or"
                               " hurdle is needed")  # fmt: skip
        if isinstance(row.level, str) and not (row.sign in (-1, 1) and row.level_weight > 0):
            raise PersonaError(f"{where}: {row.feature} has the sign {row.sign!r} and the"
                               f" level_weight {row.level_weight!r}; 1 or -1 and a number above 0"
                               " are needed beside a level")  # fmt: skip
    if not (features["role"] == "fit").any():
        raise PersonaError(f"{where}: no feature has the role fit")
