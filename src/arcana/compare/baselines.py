"""What others would fit to the same customers, for comparison; nothing is scored with it.

Each takes X (n, d) in raw units with NaN where unknown, `hurdle` (d,) that is true where a
feature may be zero, and a seed; it returns what it found: the cluster of each row, -1 for
none, and where it has one the probability of that cluster. All but
the first pipeline see what a careful analyst would give them: logarithms, standardised,
unknown values filled with the median.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from sklearn.cluster import HDBSCAN, AgglomerativeClustering, KMeans
from sklearn.metrics import silhouette_score
from sklearn.mixture import BayesianGaussianMixture, GaussianMixture

# As many clusters as are tried where a criterion chooses.
MOST_CLUSTERS = 15

# The silhouette is quadratic in the rows.
SILHOUETTE_ROWS = 2000

# Of the customers, the smallest cluster that HDBSCAN may report.
SMALLEST_SHARE = 0.01


class Found(NamedTuple):
    """Clusters: labels (n,), -1 for none, and their probability (n,) where there is one."""

    labels: np.ndarray
    probability: np.ndarray | None = None


def first_pipeline(X: np.ndarray, hurdle: np.ndarray, seed: int) -> Found:
    """Standardise raw values, count weights above 0.01, fit again with so many."""
    Z = filled(X)
    options = {"covariance_type": "diag", "weight_concentration_prior": 0.1, "random_state": seed}
    weights = BayesianGaussianMixture(n_components=10, **options).fit(Z).weights_
    n_components = int((weights > 0.01).sum())
    return _of_mixture(BayesianGaussianMixture(n_components=n_components, **options).fit(Z), Z)


def sklearn_on_logs(X: np.ndarray, hurdle: np.ndarray, seed: int) -> Found:
    """scikit-learn's Bayesian mixture on logarithms."""
    Z = logs(X, hurdle)
    model = BayesianGaussianMixture(
        n_components=12,
        covariance_type="diag",
        reg_covar=0.05,
        max_iter=300,
        tol=0.04,
        random_state=seed,
    )
    return _of_mixture(model.fit(Z), Z)


def gmm_bic(X: np.ndarray, hurdle: np.ndarray, seed: int) -> Found:
    """Diagonal Gaussian mixture on logarithms, as many components as BIC says."""
    Z = logs(X, hurdle)
    models = [
        GaussianMixture(k, covariance_type="diag", reg_covar=0.05, random_state=seed).fit(Z)
        for k in range(1, MOST_CLUSTERS + 1)
    ]
    return _of_mixture(min(models, key=lambda model: model.bic(Z)), Z)


def kmeans(X: np.ndarray, hurdle: np.ndarray, seed: int) -> Found:
    """k-means on logarithms, as many as the silhouette says."""
    Z = logs(X, hurdle)
    found = [
        KMeans(k, n_init=3, random_state=seed).fit_predict(Z) for k in range(2, MOST_CLUSTERS + 1)
    ]
    return _best_silhouette(Z, found, seed)


def ward(X: np.ndarray, hurdle: np.ndarray, seed: int) -> Found:
    """Ward's linkage on logarithms, as many as the silhouette says; quadratic in the rows."""
    Z = logs(X, hurdle)
    found = [AgglomerativeClustering(k).fit_predict(Z) for k in range(2, MOST_CLUSTERS + 1)]
    return _best_silhouette(Z, found, seed)


def hdbscan(X: np.ndarray, hurdle: np.ndarray, seed: int) -> Found:
    """HDBSCAN on logarithms."""
    smallest = max(5, int(SMALLEST_SHARE * len(X)))
    return Found(HDBSCAN(min_cluster_size=smallest, copy=True).fit_predict(logs(X, hurdle)))


def _of_mixture(model, Z):
    probability = model.predict_proba(Z)
    return Found(probability.argmax(axis=1), probability.max(axis=1))


def _best_silhouette(Z, found, seed):
    rows = min(SILHOUETTE_ROWS, len(Z))

    def silhouette(labels):
        return silhouette_score(Z, labels, sample_size=rows, random_state=seed)

    return Found(max(found, key=silhouette))


def logs(X: np.ndarray, hurdle: np.ndarray) -> np.ndarray:
    """Logarithms of hurdles, the rest as it is, without unknown values, standardised."""
    return filled(np.where(hurdle, np.log1p(np.maximum(X, 0)), X))


def filled(X: np.ndarray) -> np.ndarray:
    """Medians in place of unknown values, then standardised."""
    X = np.where(np.isnan(X), np.nanmedian(X, axis=0), X)
    return (X - X.mean(axis=0)) / X.std(axis=0)


RIVALS = {
    "first pipeline": first_pipeline,
    "sklearn on logs": sklearn_on_logs,
    "GMM + BIC": gmm_bic,
    "k-means": kmeans,
    "Ward": ward,
    "HDBSCAN": hdbscan,
}
