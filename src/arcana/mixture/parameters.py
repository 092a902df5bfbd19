"""Fitted mixtures as plain arrays.

A table can hold a `Mixture`, so scoring needs neither the estimator nor a pickle; the
posterior means are kept instead of the posterior. `arcana.personas` names mixtures and
carries their components over from version to version; `arcana.mixture.estimator` fits.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import linear_sum_assignment

from arcana.mixture.density import Density, StatisticsLayout, log_sum
from arcana.mixture.scoring import Scorer
from arcana.mixture.transforms import IDENTITY, LOG1P, Transform

# scikit-learn's Gaussians need several components for one skewed persona; with 12,
# personas of 3 % of the customers are not found.
SKLEARN_COMPONENTS = 16

# Keeps scikit-learn's components from shrinking onto a spike of zeros. At 0.05 they
# separate patterns of zeros, at 0.5 they merge neighbouring personas.
SKLEARN_MIN_VARIANCE = 0.2

# Components lighter than this have too few customers to differ from chance.
MIN_WEIGHT = 0.01

MAX_ITERATIONS = 1000

# Starts of a fit that is used; a fit that only tests another has fewer.
STARTS = 8

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
    transform : Transform
        From the features' own units to the scale of the components.
    components : ndarray of shape (K,)
        Ids, ascending or not, that stay with a component across versions.
    weight : ndarray of shape (K,)
        With `noise_weight` they sum to one.
    noise_weight : float
        Of the uniform component for what fits nowhere; 0: there is none.
    zero_probability : ndarray of shape (K, d)
        Of hurdle features; NaN where zero is a value like any other.
    mean, variance : ndarray of shape (K, d)
        On the standardised scale, of a hurdle of what is above zero.
    criterion : float
        Lower bound of the log likelihood at the end of the fit.
    """

    model: str
    features: tuple[str, ...]
    transform: Transform
    components: np.ndarray
    weight: np.ndarray
    noise_weight: float
    zero_probability: np.ndarray
    mean: np.ndarray
    variance: np.ndarray
    criterion: float

    @property
    def layout(self) -> StatisticsLayout:
        """Columns of the rows that it scores."""
        return StatisticsLayout.of(self.transform.is_hurdle)

    @property
    def density(self) -> Density:
        """Log densities of the components, the noise last if there is one."""
        density = Density.of(self.mean, self.variance, self.zero_probability, np.log(self.weight))
        if not self.noise_weight:
            return density
        return density.with_noise(self.layout, np.log(self.noise_weight))

    @property
    def scorer(self) -> Scorer:
        """What scores raw rows."""
        return Scorer(self.density, self.layout, self.transform)


def fit_hurdle(
    X: np.ndarray,
    features: tuple[str, ...],
    is_hurdle: np.ndarray,
    n_personas: int = 0,
    previous: Mixture | None = None,
    starts: int = STARTS,
    seed: int = SEED,
) -> tuple[Mixture, np.ndarray]:
    """Fit `arcana.mixture.BayesianHurdleMixture`, cold and, after `previous`, warm.

    Parameters
    ----------
    X : ndarray of shape (n, d)
        Values in their own units, NaN where unknown, no infinity, no constant column.
    features : tuple[str, ...]
        Names of the d columns.
    is_hurdle : ndarray of shape (d,)
        True where zero means "none".
    n_personas : int
        How many there must be; 0 finds it.
    previous : Mixture, default=None
        The version in use; a start more if it has the same features.
    starts, seed : int
        How many there are, and what they are drawn from.

    Returns
    -------
    tuple[Mixture, ndarray of shape (K,)]
        The mixture, and which components are one persona.

    Raises
    ------
    FitError
        If the fit does not converge.
    """
    # Imported here, because only a fit needs it and the import takes longer than scoring.
    from arcana.mixture.estimator import BayesianHurdleMixture  # noqa: PLC0415

    estimator = BayesianHurdleMixture(
        hurdle_features=np.asarray(is_hurdle, dtype=bool),
        n_personas=n_personas or None,
        n_init=starts,
        max_iter=MAX_ITERATIONS,
        random_state=seed,
    )
    start = None
    if previous is not None and previous.features == tuple(features):
        start = previous.scorer.responsibilities(X)
        if not previous.noise_weight:
            start = np.column_stack([start, np.zeros(len(X))])
    _fit(estimator, X, **({} if start is None else {"responsibilities": start}))
    noise_weight = float(estimator.noise_weight_)
    mixture = Mixture(
        model="hurdle",
        features=tuple(features),
        transform=estimator.transform_,
        components=np.arange(1, len(estimator.weights_) + 1),
        weight=estimator.weights_ * (1 - noise_weight),
        noise_weight=noise_weight,
        zero_probability=estimator.zero_probability_,
        mean=estimator.means_,
        variance=estimator.covariances_,
        criterion=float(estimator.lower_bound_),
    )
    return mixture, estimator.persona_of_


def fit_sklearn(
    X: np.ndarray,
    features: tuple[str, ...],
    is_hurdle: np.ndarray,
    n_personas: int = 0,
    previous: Mixture | None = None,
    starts: int = 2,
    seed: int = SEED,
) -> tuple[Mixture, np.ndarray]:
    """Fit scikit-learn's `BayesianGaussianMixture` on the logarithm of what is skewed.

    A hurdle feature (money, counts) is taken as log1p and unknown means none of it;
    of any other an unknown value becomes the median. It knows no start but its own.
    Parameters, result and errors as `fit_hurdle`; `n_personas` is the most there can be.
    """
    from sklearn.mixture import BayesianGaussianMixture  # noqa: PLC0415

    is_hurdle = np.asarray(is_hurdle, dtype=bool)
    kind = tuple(np.where(is_hurdle, LOG1P, IDENTITY).tolist())
    # Of ordinary features only what is known is standardised, then the rest is filled.
    transform = Transform.learn(np.where(np.isnan(X) & is_hurdle, 0.0, X), kind)
    impute = np.where(is_hurdle, 0.0, np.nanmedian(X, axis=0))
    transform = replace(transform, impute=impute)

    n_components = n_personas or SKLEARN_COMPONENTS
    estimator = BayesianGaussianMixture(
        n_components=n_components,
        covariance_type="diag",
        weight_concentration_prior_type="dirichlet_process",
        reg_covar=SKLEARN_MIN_VARIANCE,
        # The bound is a sum over rows, so the tolerance grows with the rows.
        tol=max(1e-3, 1e-5 * len(X)),
        max_iter=MAX_ITERATIONS,
        n_init=starts,
        random_state=seed,
    )
    _fit(estimator, transform(X))
    mixture = Mixture(
        model="sklearn",
        features=tuple(features),
        transform=transform,
        components=np.arange(1, n_components + 1),
        weight=estimator.weights_,
        noise_weight=0.0,
        zero_probability=np.full(estimator.means_.shape, np.nan),
        mean=estimator.means_,
        variance=estimator.covariances_,
        criterion=float(estimator.lower_bound_),
    )
    mixture = _sort_by_weight(drop_light_components(mixture))
    return mixture, np.arange(len(mixture.components))


FITS = {"hurdle": fit_hurdle, "sklearn": fit_sklearn}


def _fit(estimator, X, **options):
    from threadpoolctl import threadpool_limits  # noqa: PLC0415

    # One thread: more are slower on so few rows, and sums could differ in their last bits.
    with threadpool_limits(limits=1), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        estimator.fit(X, **options)
    if not estimator.converged_:
        raise FitError(f"the fit did not converge within {estimator.max_iter} iterations")


def measure_dependence(mixture: Mixture, X: np.ndarray) -> float:
    """Measure the dependence between features that a mixture explains, in nats per row.

    The mean log density of rows less that of the mixture's own marginals: an estimate of
    the multi-information (Studený & Vejnarová 1998) that the components explain. For
    independent features it is zero, whatever their shapes.
    """
    total = 0.0
    scorer = mixture.scorer
    density = scorer.density
    for _, Z, joint in scorer.blocks(X):
        total += log_sum(joint).sum()
        for j in range(Z.shape[1]):
            terms = density.feature(j, Z[:, j]) + density.log_weight[:, None]
            total -= log_sum(terms).sum()
    return float(total / max(len(X), 1))


def drop_light_components(mixture: Mixture, min_weight: float = MIN_WEIGHT) -> Mixture:
    """Leave out components below a weight; the others share what they held."""
    keep = mixture.weight >= min_weight
    if not keep.any():
        raise FitError(f"no component holds {min_weight:.0%} of the customers")
    return select_components(
        replace(mixture, weight=mixture.weight / mixture.weight[keep].sum()), keep
    )


def select_components(mixture: Mixture, which: np.ndarray) -> Mixture:
    """Take components by mask or by position, in the order given."""
    return replace(
        mixture,
        components=mixture.components[which],
        weight=mixture.weight[which],
        zero_probability=mixture.zero_probability[which],
        mean=mixture.mean[which],
        variance=mixture.variance[which],
    )


def pool_components(mixture: Mixture, groups: list[np.ndarray]) -> Mixture:
    """Return one component for each group of components, with the group's own moments."""
    weight = np.array([mixture.weight[members].sum() for members in groups])
    share = np.zeros((len(groups), len(mixture.weight)))
    for g, members in enumerate(groups):
        share[g, members] = mixture.weight[members] / weight[g]
    hurdle = ~np.isnan(mixture.zero_probability)
    above = np.where(hurdle, 1 - mixture.zero_probability, 1.0)
    present = share @ above
    mean = share @ (above * mixture.mean) / present
    square = share @ (above * (mixture.variance + mixture.mean**2)) / present
    return replace(
        mixture,
        components=np.arange(len(groups)),
        weight=weight,
        zero_probability=np.where(hurdle[:1], 1 - present, np.nan),
        mean=mean,
        variance=square - mean**2,
    )


def hellinger(first: Mixture, second: Mixture) -> np.ndarray:
    """Hellinger distance of every component of one mixture to every one of another.

    Exact for independent Normal and hurdle features (0: the same, 1: nothing shared), in
    the features' transformed units, over the features that both transform alike.

    Returns
    -------
    ndarray of shape (K, L)
        All ones where the two share no feature.
    """
    shared = [
        (i, second.features.index(name))
        for i, name in enumerate(first.features)
        if name in second.features
        and first.transform.kind[i] == second.transform.kind[second.features.index(name)]
    ]
    if not shared:
        return np.ones((len(first.components), len(second.components)))
    mean_1, variance_1, zero_1 = _undo_scale(first, [i for i, _ in shared])
    mean_2, variance_2, zero_2 = _undo_scale(second, [j for _, j in shared])
    total = variance_1[:, None] + variance_2[None]
    affinity = np.sqrt(2 * np.sqrt(variance_1[:, None] * variance_2[None]) / total) * np.exp(
        -0.25 * (mean_1[:, None] - mean_2[None]) ** 2 / total
    )
    affinity *= np.sqrt((1 - zero_1)[:, None] * (1 - zero_2)[None])
    affinity += np.sqrt(zero_1[:, None] * zero_2[None])
    return np.sqrt(np.clip(1 - affinity.prod(axis=2), 0, 1))


def match_components(previous: Mixture, current: Mixture, max_distance: float) -> dict[int, int]:
    """Pair the components of two fitted mixtures.

    A mixture numbers its components arbitrarily, so a refit may call last month's
    component 3 number 0. Pairs minimise the summed Hellinger distance (Kuhn 1955 for
    the assignment); a pair further apart than `max_distance` is no pair.

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
        if distance[row, column] <= max_distance
    }


def _undo_scale(mixture, columns):
    scale = mixture.transform.scale[columns]
    return (
        mixture.mean[:, columns] * scale + mixture.transform.centre[columns],
        mixture.variance[:, columns] * scale**2,
        np.nan_to_num(mixture.zero_probability[:, columns]),
    )


def _sort_by_weight(mixture):
    """Number the components from the heaviest on, so that numbers do not depend on chance."""
    order = np.lexsort((*mixture.mean.T, -mixture.weight))
    ordered = select_components(mixture, order)
    return replace(ordered, components=np.arange(1, len(order) + 1))
