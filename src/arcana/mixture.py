"""Gaussian mixtures over customers: fitted once, then nothing but numbers.

A fitted `Mixture` is a handful of arrays that a table can hold, so that scoring
needs neither the estimator that found it nor a pickle. What a mixture is *called*
and how it lives on from month to month is the business of `arcana.personas`.

The conventions below hold for every estimator. A feature enters in its own unit
(money, counts, months) and NaN is "unknown". The transform is part of what is
fitted. Within a component the features are independent, so the log density is a
plain sum over features and each term of the sum explains itself.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import linear_sum_assignment

# A standardised value beyond this says no more about a customer than this does,
# and one customer of a million would otherwise own a component.
CLIP = 6.0

# Start wide: the Dirichlet process empties what it does not need, and Gaussians need
# several components for one skewed persona. With 12 the personas of 3 % go under.
N_COMPONENTS = 16

# Components lighter than this hold too few customers to be told from chance.
MIN_WEIGHT = 0.01

# Keeps a component from shrinking onto a spike of zeros, on standardised data: at 0.05
# the components tell patterns of zeros apart, at 0.5 they blur what is beside them.
MIN_VARIANCE = 0.2

# Rows whose density is worked out at a time: the block stays in the processor's cache.
BLOCK_ROWS = 8192

MAX_ITERATIONS = 1000

SEED = 20250325


class FitError(Exception):
    """The fit gave nothing that could be used; the message says what is wrong with it."""


@dataclass(frozen=True)
class Mixture:
    """The numbers of a fitted mixture: K components over d features.

    Attributes
    ----------
    model : str
        Which estimator found it.
    features : tuple[str, ...]
        Names, d of them.
    transform : tuple[str, ...]
        `identity` or `log1p`, per feature, before standardising.
    centre, scale, impute : ndarray of shape (d,)
        Mean and standard deviation of the transformed values; the value, in the
        feature's own unit, that stands for an unknown one.
    components : ndarray of shape (K,)
        Ids, ascending or not, that stay with a component across versions.
    weight : ndarray of shape (K,)
        Sums to one.
    zero_probability : ndarray of shape (K, d)
        Of hurdle features; NaN where zero is a value like any other.
    mean, variance : ndarray of shape (K, d)
        On the standardised scale.
    criterion : float
        Lower bound of the log likelihood at the end of the fit.
    """

    model: str
    features: tuple[str, ...]
    transform: tuple[str, ...]
    centre: np.ndarray
    scale: np.ndarray
    impute: np.ndarray
    components: np.ndarray
    weight: np.ndarray
    zero_probability: np.ndarray
    mean: np.ndarray
    variance: np.ndarray
    criterion: float


def fit_sklearn(
    X: np.ndarray,
    features: tuple[str, ...],
    is_hurdle: np.ndarray,
    n_components: int = N_COMPONENTS,
    seed: int = SEED,
) -> Mixture:
    """Fit scikit-learn's `BayesianGaussianMixture` on the logarithm of what is skewed.

    A hurdle feature (money, counts) is taken as log1p and unknown means none of it;
    of any other an unknown value becomes the median. The posterior's means stand for
    the posterior in the numbers kept, so that scoring is plain arithmetic.

    Parameters
    ----------
    X : ndarray of shape (n, d)
        Values in their own units, NaN where unknown, no infinity, no constant column.
    features : tuple[str, ...]
        Names of the d columns.
    is_hurdle : ndarray of shape (d,)
        True where zero means "none".
    n_components : int
        The most components there can be.
    seed : int
        Of the starts.

    Raises
    ------
    FitError
        If the fit does not converge.
    """
    # Only a fit needs them, and to import them takes longer than to score.
    from sklearn.mixture import BayesianGaussianMixture  # noqa: PLC0415
    from threadpoolctl import threadpool_limits  # noqa: PLC0415

    transform = transforms(is_hurdle)
    impute = np.where(is_hurdle, 0.0, np.nanmedian(X, axis=0))
    known = transformed(np.where(np.isnan(X) & is_hurdle, 0.0, X), transform)
    centre, scale = np.nanmean(known, axis=0), np.nanstd(known, axis=0)
    Z = standardised(X, transform, centre, scale, impute)

    estimator = BayesianGaussianMixture(
        n_components=n_components,
        covariance_type="diag",
        weight_concentration_prior_type="dirichlet_process",
        reg_covar=MIN_VARIANCE,
        # The bound is a sum over rows: a tolerance per row means the same for any n.
        tol=max(1e-3, 1e-5 * len(Z)),
        max_iter=MAX_ITERATIONS,
        n_init=2,
        random_state=seed,
    )
    # One thread: several are slower on so little, and sums may differ in their last bits.
    with threadpool_limits(limits=1), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        estimator.fit(Z)
    if not estimator.converged_:
        raise FitError(f"the fit did not converge within {MAX_ITERATIONS} iterations")

    fitted = Mixture(
        model="sklearn",
        features=tuple(features),
        transform=transform,
        centre=centre,
        scale=scale,
        impute=impute,
        components=np.arange(1, n_components + 1),
        weight=estimator.weights_,
        zero_probability=np.full(estimator.means_.shape, np.nan),
        mean=estimator.means_,
        variance=estimator.covariances_,
        criterion=float(estimator.lower_bound_),
    )
    return _in_order(without_light_components(fitted))


FITS = {"sklearn": fit_sklearn}


def standardised(X, transform, centre, scale, impute) -> np.ndarray:
    """Values as the components see them: unknown filled, transformed, scaled, clipped."""
    Z = transformed(np.where(np.isnan(X), impute, X), transform)
    Z -= centre
    Z /= scale
    return np.clip(Z, -CLIP, CLIP, out=Z)


def feature_terms(mixture: Mixture, Z: np.ndarray, component: np.ndarray) -> np.ndarray:
    """Log density of each feature under the component named for each row, (n, d)."""
    variance = mixture.variance[component]
    return -0.5 * (np.log(2 * np.pi * variance) + (Z - mixture.mean[component]) ** 2 / variance)


def log_joint(mixture: Mixture, Z: np.ndarray) -> np.ndarray:
    """Log of weight times density, of every row under every component, (n, K)."""
    precision = 1 / mixture.variance
    constant = np.log(mixture.weight) - 0.5 * (
        np.log(2 * np.pi * mixture.variance).sum(axis=1) + (mixture.mean**2 * precision).sum(axis=1)
    )
    return constant + Z @ (mixture.mean * precision).T - 0.5 * (Z**2) @ precision.T


def responsibilities(mixture: Mixture, X: np.ndarray) -> np.ndarray:
    """Probability of every component for every row of raw values, (n, K), blocked."""
    result = np.empty((len(X), len(mixture.components)))
    for rows in blocks(len(X)):
        Z = scaled(mixture, X[rows])
        result[rows] = normalised(log_joint(mixture, Z))
    return result


def scaled(mixture: Mixture, X: np.ndarray) -> np.ndarray:
    """Raw values on the mixture's own scale."""
    return standardised(X, mixture.transform, mixture.centre, mixture.scale, mixture.impute)


def normalised(log_probability: np.ndarray) -> np.ndarray:
    """Probabilities that sum to one along the last axis, from logs known up to a constant."""
    shifted = np.exp(log_probability - log_probability.max(axis=1, keepdims=True))
    return shifted / shifted.sum(axis=1, keepdims=True)


def blocks(n: int):
    """Cut n rows into slices that fit the processor's cache."""
    for start in range(0, n, BLOCK_ROWS):
        yield slice(start, min(start + BLOCK_ROWS, n))


def without_light_components(mixture: Mixture, least: float = MIN_WEIGHT) -> Mixture:
    """Leave out components below a weight; the others share what they held."""
    keep = mixture.weight >= least
    if not keep.any():
        raise FitError(f"no component holds {least:.0%} of the customers")
    return select(replace(mixture, weight=mixture.weight / mixture.weight[keep].sum()), keep)


def select(mixture: Mixture, which: np.ndarray) -> Mixture:
    """Take components by mask or by position, in the order given."""
    return replace(
        mixture,
        components=mixture.components[which],
        weight=mixture.weight[which],
        zero_probability=mixture.zero_probability[which],
        mean=mixture.mean[which],
        variance=mixture.variance[which],
    )


def hellinger(first: Mixture, second: Mixture) -> np.ndarray:
    """Hellinger distance of every component of one mixture to every one of another.

    Exact for diagonal Gaussians (0: the same, 1: nothing shared), in the features'
    transformed units, over the features that both hold with the same transform.

    Returns
    -------
    ndarray of shape (K, L)
        All ones where the two share no feature.
    """
    shared = [
        (i, second.features.index(name))
        for i, name in enumerate(first.features)
        if name in second.features
        and first.transform[i] == second.transform[second.features.index(name)]
    ]
    if not shared:
        return np.ones((len(first.components), len(second.components)))
    mean_1, variance_1 = _unscaled(first, [i for i, _ in shared])
    mean_2, variance_2 = _unscaled(second, [j for _, j in shared])
    total = variance_1[:, None] + variance_2[None]
    log_affinity = (
        0.5 * np.log(2 * np.sqrt(variance_1[:, None] * variance_2[None]) / total)
        - 0.25 * (mean_1[:, None] - mean_2[None]) ** 2 / total
    ).sum(axis=2)
    return np.sqrt(np.clip(1 - np.exp(log_affinity), 0, 1))


def match_components(previous: Mixture, current: Mixture, furthest: float) -> dict[int, int]:
    """Pair the components of two fitted mixtures.

    A mixture numbers its components arbitrarily, so a refit may call last month's
    component 3 number 0. Pairs minimise the summed Hellinger distance (Kuhn 1955 for
    the assignment); a pair further apart than `furthest` is no pair.

    Returns
    -------
    dict[int, int]
        Position in `current` -> position in `previous`. Absent: born in `current`.
    """
    distance = hellinger(current, previous)
    rows, columns = linear_sum_assignment(distance)
    return {
        int(row): int(column)
        for row, column in zip(rows, columns)  # noqa: B905
        if distance[row, column] <= furthest
    }


def transforms(is_hurdle: np.ndarray) -> tuple[str, ...]:
    """Return the transform of each feature: what is skewed is taken as its logarithm."""
    return tuple("log1p" if hurdle else "identity" for hurdle in is_hurdle)


def transformed(X: np.ndarray, transform: tuple[str, ...]) -> np.ndarray:
    """Return values before they are standardised, unknown ones still NaN."""
    Z = np.array(X, dtype=float)
    logs = [i for i, name in enumerate(transform) if name == "log1p"]
    # A credit makes a sum negative; its size is what is skewed, so the sign stays outside.
    Z[:, logs] = np.sign(Z[:, logs]) * np.log1p(np.abs(Z[:, logs]))
    return Z


def _unscaled(mixture, columns):
    scale = mixture.scale[columns]
    return (
        mixture.mean[:, columns] * scale + mixture.centre[columns],
        mixture.variance[:, columns] * scale**2,
    )


def _in_order(mixture):
    """Number the components from the heaviest on, so that numbers do not hang on chance."""
    order = np.lexsort((*mixture.mean.T, -mixture.weight))
    ordered = select(mixture, order)
    return replace(ordered, components=np.arange(1, len(order) + 1))
