"""How fast our mixture is against scikit-learn's, where both fit the same model.

    python benchmarks/mixture_speed.py

Gaussian customers without hurdles, so that scikit-learn's model is the right one too:
10 features, 8 groups, 10 components, the same process, one thread. Ours takes the best of
`--starts` on 20,000 rows and makes 3 passes over all; theirs starts once. Seconds of `fit`,
megabytes that it adds to the peak (tracemalloc, a run of its own), the mean log density of a
row that both reach, and the adjusted Rand index between the two.
"""

from __future__ import annotations

import argparse
import time
import tracemalloc
import warnings

import numpy as np
from sklearn.metrics import adjusted_rand_score
from sklearn.mixture import BayesianGaussianMixture
from threadpoolctl import threadpool_limits

from arcana.mixture import BayesianHurdleMixture

FEATURES, GROUPS, COMPONENTS = 10, 8, 10
ROWS = (10_000, 100_000, 1_000_000, 3_000_000)


def customers(n, seed=0):
    """Overlapping Gaussian groups, (n, 10)."""
    random = np.random.default_rng(seed)
    centre = 3 * random.normal(size=(GROUPS, FEATURES))
    return centre[random.integers(GROUPS, size=n)] + 1.5 * random.normal(size=(n, FEATURES))


def theirs():
    """Return scikit-learn's, with a tolerance per row as ours has."""
    return BayesianGaussianMixture(
        n_components=COMPONENTS, covariance_type="diag", max_iter=500, random_state=0
    )


def ours(starts):
    """Return ours, as near to it as it comes."""
    return BayesianHurdleMixture(
        n_components=COMPONENTS,
        selection=False,
        noise=False,
        standardize=False,
        reg_covar=1e-6,
        n_init=starts,
        max_iter=500,
        random_state=0,
    )


def fitted(estimator, X):
    """Return the estimator, seconds, and megabytes that the fit adds at its peak."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        started = time.perf_counter()
        estimator.fit(X)
        seconds = time.perf_counter() - started
        tracemalloc.start()
        estimator.fit(X)
        peak = tracemalloc.get_traced_memory()[1] / 1e6
        tracemalloc.stop()
    return estimator, seconds, peak


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument(
        "--rows", type=int, nargs="+", default=[10_000, 100_000, 1_000_000, 3_000_000]
    )
    parser.add_argument("--starts", type=int, default=2)
    arguments = parser.parse_args()
    print("| rows | | seconds | MB | log density a row | times | memory | agreement |")
    print("|---|---|---|---|---|---|---|---|")
    for n in arguments.rows:
        X = customers(n)
        with threadpool_limits(limits=1):
            one, one_seconds, one_peak = fitted(theirs().set_params(tol=1e-6 * n), X)
            two, two_seconds, two_peak = fitted(ours(arguments.starts), X)
            sample = X[:: max(1, n // 100_000)]
            index = adjusted_rand_score(one.predict(sample), two.predict(sample))
            print(
                f"| {n:,} | scikit-learn | {one_seconds:.1f} | {one_peak:.0f}"
                f" | {one.score(sample):.4f} | | | |"
            )
            print(
                f"| {n:,} | ours | {two_seconds:.1f} | {two_peak:.0f} | {two.score(sample):.4f}"
                f" | {one_seconds / two_seconds:.1f} | {two_peak / one_peak:.2f} | {index:.3f} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
