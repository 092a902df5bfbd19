"""A Bayesian Gaussian mixture for customers: hurdles, unknown values, noise, and how many.

Money and counts of customers are mostly zero and otherwise log-normal; answers are
mostly unknown. A Gaussian mixture on such columns spends its components on the shape
of the columns. Here each component is a product over features of

    ordinary feature    Normal, with a Normal-Gamma prior
    hurdle feature      Bernoulli(zero), Beta prior, x Normal on the log of what is above
    unknown value       no term: only what is known of a row counts

fitted by variational Bayes. The log density is a sum over features, so each feature's
part of a score can be named. With no hurdle, nothing unknown, and noise and selection off
it is scikit-learn's `BayesianGaussianMixture(covariance_type="diag")`, number for number.

The module knows nothing of names, versions or tables; `arcana.personas` does. The values
go through `arcana.mixture.transforms`, the iterations are in `arcana.mixture.variational`, how many
components there are is found in `arcana.mixture.search`.
"""

from __future__ import annotations

import warnings
from numbers import Integral, Real

import numpy as np
from scipy.special import softmax
from sklearn.base import BaseEstimator, ClusterMixin, DensityMixin
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.validation import check_is_fitted, validate_data

from arcana.mixture import search
from arcana.mixture.density import BLOCK_ROWS, StatisticsLayout
from arcana.mixture.scoring import Scorer
from arcana.mixture.transforms import IDENTITY, LOG, LOG_COUNT, Transform, infer_kinds
from arcana.mixture.variational import (
    NOISE_PRIOR,
    Posterior,
    Prior,
    Rows,
    gather_statistics,
    iterate,
    start_from_kmeans,
)

# Seed of the stream that spreads counts over their unit interval; used for nothing else.
COUNT_STREAM = 0xC0047

# A search uses at most so many customers: more change almost nothing and cost seconds.
MAX_FIT_ROWS = 20_000


class BayesianHurdleMixture(ClusterMixin, DensityMixin, BaseEstimator):
    """Variational Bayesian mixture of diagonal Gaussians with hurdles.

    Parameters
    ----------
    n_components : int, default=12
        Components to start from. With `selection` it is where the search starts, so be
        generous; without it the number there are, of which the prior may empty some.
    hurdle_features : array-like of bool, int or str, default=None
        Mask, positions or names of the features where zero means "none" and the rest is
        taken as its logarithm. What is below zero (a credit) counts as none.
    count_features : array-like of bool, int or str, default=None
        Hurdle features that are whole numbers; in fitting they are spread evenly over
        the unit below them, in scoring lowered by a half. None: every hurdle feature
        whose known values are all whole.
    weight_concentration_prior_type : {"dirichlet_process", "dirichlet_distribution"}
        As in scikit-learn.
    weight_concentration_prior : float, default=None
        Higher keeps more components alive. None is 1 / n_components.
    mean_precision_prior : float, default=None
        Customers that the prior's mean is worth; more draws means to the centre. 1.
    mean_prior : array-like of shape (d,), default=None
        On the standardised scale. None is the mean.
    degrees_of_freedom_prior : float, default=None
        Customers that the prior's variance is worth. None is d.
    covariance_prior : array-like of shape (d,), default=None
        Times 1 / degrees_of_freedom_prior the variance expected. None is the variance.
    reg_covar : float, default=0.05
        Added to every variance, on the standardised scale: keeps a component from
        shrinking onto a value that many customers share.
    selection : bool, default=True
        Search for the number of components and join those that are one persona.
    noise : bool, default=True
        Add one uniform component for what fits nowhere.
    n_personas : int or None, default=None
        With `selection`, join components until so many personas are left, instead of
        finding their number.
    merge_threshold : float, default=0.15
        Share of a component's customers that another one claims, from which on the two
        are one persona unless two are far more evident. Higher keeps more personas.
    min_weight : float, default=0.01
        With `selection`, components lighter than this are given up: too few customers to
        be told from chance.
    standardize : bool, default=True
        Standardise over known values above zero and clip at 6. False takes ordinary
        features as they are.
    n_init : int, default=4
        Starts.
    max_iter : int, default=500
    tol : float, default=1e-6
        Gain of the lower bound *per row* below which the fit has converged. (In
        scikit-learn it is over all rows, and so tightens as customers grow.)
    max_fit_rows : int or None, default=20000
        Search on so many rows, evenly spaced; then `full_passes` over all.
    full_passes : int, default=3
    block_size : int, default=4096
        Rows worked on at a time; memory beyond X and a copy of it is bounded by this.
    random_state : int, RandomState or None, default=None

    Attributes
    ----------
    weights_ : ndarray of shape (K,)
        Of the components, noise apart; sums to one.
    noise_weight_ : float
    means_, covariances_, mean_precision_, degrees_of_freedom_ : ndarray of shape (K, d)
        On the standardised scale.
    zero_probability_ : ndarray of shape (K, d)
        NaN for what is no hurdle.
    persona_of_ : ndarray of shape (K,)
        Persona of each component; personas are numbered from the largest on.
    n_personas_ : int
    labels_ : ndarray of shape (n,)
        Persona of each row fitted on, -1 for noise.
    lower_bound_, converged_, n_iter_ : float, bool, int
    transform_ : arcana.mixture.transforms.Transform
        What turns raw values into standardised ones.
    density_ : arcana.mixture.density.Density
        Expected log densities on the standardised scale, the noise last.
    n_features_in_, feature_names_in_
    """

    _parameter_constraints: dict = {  # noqa: RUF012
        "n_components": [Interval(Integral, 1, None, closed="left")],
        "hurdle_features": ["array-like", None],
        "count_features": ["array-like", None],
        "weight_concentration_prior_type": [
            StrOptions({"dirichlet_process", "dirichlet_distribution"})
        ],
        "weight_concentration_prior": [Interval(Real, 0, None, closed="neither"), None],
        "mean_precision_prior": [Interval(Real, 0, None, closed="neither"), None],
        "mean_prior": ["array-like", None],
        "degrees_of_freedom_prior": [Interval(Real, 0, None, closed="neither"), None],
        "covariance_prior": ["array-like", None],
        "reg_covar": [Interval(Real, 0, None, closed="left")],
        "selection": ["boolean"],
        "noise": ["boolean"],
        "n_personas": [Interval(Integral, 1, None, closed="left"), None],
        "merge_threshold": [Interval(Real, 0, 1, closed="right")],
        "min_weight": [Interval(Real, 0, 1, closed="left")],
        "standardize": ["boolean"],
        "n_init": [Interval(Integral, 1, None, closed="left")],
        "max_iter": [Interval(Integral, 1, None, closed="left")],
        "tol": [Interval(Real, 0, None, closed="left")],
        "max_fit_rows": [Interval(Integral, 2, None, closed="left"), None],
        "full_passes": [Interval(Integral, 0, None, closed="left")],
        "block_size": [Interval(Integral, 1, None, closed="left")],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        n_components=12,
        *,
        hurdle_features=None,
        count_features=None,
        weight_concentration_prior_type="dirichlet_process",
        weight_concentration_prior=None,
        mean_precision_prior=None,
        mean_prior=None,
        degrees_of_freedom_prior=None,
        covariance_prior=None,
        reg_covar=0.05,
        selection=True,
        noise=True,
        n_personas=None,
        merge_threshold=0.15,
        min_weight=0.01,
        standardize=True,
        n_init=4,
        max_iter=500,
        tol=1e-6,
        max_fit_rows=MAX_FIT_ROWS,
        full_passes=3,
        block_size=BLOCK_ROWS,
        random_state=None,
    ):
        self.n_components = n_components
        self.hurdle_features = hurdle_features
        self.count_features = count_features
        self.weight_concentration_prior_type = weight_concentration_prior_type
        self.weight_concentration_prior = weight_concentration_prior
        self.mean_precision_prior = mean_precision_prior
        self.mean_prior = mean_prior
        self.degrees_of_freedom_prior = degrees_of_freedom_prior
        self.covariance_prior = covariance_prior
        self.reg_covar = reg_covar
        self.selection = selection
        self.noise = noise
        self.n_personas = n_personas
        self.merge_threshold = merge_threshold
        self.min_weight = min_weight
        self.standardize = standardize
        self.n_init = n_init
        self.max_iter = max_iter
        self.tol = tol
        self.max_fit_rows = max_fit_rows
        self.full_passes = full_passes
        self.block_size = block_size
        self.random_state = random_state

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags

    def fit(self, X, y=None, responsibilities=None):
        """Learn the transform, the components and which of them are one persona.

        Parameters
        ----------
        X : array-like of shape (n, d)
            In the features' own units; NaN where unknown.
        y : ignored
        responsibilities : array-like of shape (n, K), default=None
            With `selection`, one start more: from how an earlier mixture sees these rows.

        Returns
        -------
        self
        """
        self._validate_params()
        X = validate_data(
            self, X, dtype=np.float64, ensure_all_finite="allow-nan", ensure_min_samples=2
        )
        components = min(self.n_components, len(X)) if self.selection else self.n_components
        if len(X) < components:
            raise ValueError(
                f"Expected n_samples >= n_components but got n_components = {components},"
                f" n_samples = {len(X)}"
            )
        random_state = check_random_state(self.random_state)
        stands_for_all = self.max_fit_rows is None or len(X) <= self.max_fit_rows
        chosen: slice | np.ndarray = slice(None)
        if not stands_for_all:
            chosen = np.linspace(0, len(X) - 1, self.max_fit_rows).astype(np.int64)
        self.transform_ = Transform.learn(X[chosen], self._find_kinds(X), self.standardize)
        # The sample and all rows must have the same columns.
        layout = None if stands_for_all else StatisticsLayout.of(self.transform_.is_hurdle)
        stream = self._make_count_stream(random_state)
        sample = Rows(X[chosen], self.transform_, self.block_size, layout, stream)
        prior = self._build_prior(sample, components)
        if self.selection:
            start = None
            if responsibilities is not None:
                start = np.asarray(responsibilities, dtype=float)[chosen]
            best = self._search(sample, prior, components, random_state, start)
        else:
            best = self._fit_starts(sample, prior, components, random_state)
        if not best.converged:
            warnings.warn(
                f"The fit did not converge within {self.max_iter} iterations; raise max_iter"
                " or tol, or look for degenerate features.",
                ConvergenceWarning,
                stacklevel=2,
            )
        n_iter, converged = best.n_iter, best.converged
        if not stands_for_all and self.full_passes:
            every = Rows(X, self.transform_, self.block_size, layout)
            scaled = best.statistics.scale(every.n / sample.n)
            best = iterate(every, prior, scaled, self.full_passes, 0.0)
        self._keep(best, prior, sample, X[chosen])
        self.n_iter_, self.converged_ = n_iter, converged
        self.labels_ = self.predict(X)
        return self

    def predict(self, X):
        """Persona of each row, -1 for noise, (n,)."""
        X = self._check(X)
        labels = np.empty(len(X), dtype=np.int64)
        for rows, probability in self._score_personas(X):
            labels[rows] = probability.argmax(axis=0)
        labels[labels == self.n_personas_] = -1
        return labels

    def predict_proba(self, X):
        """Probability of each persona and, with `noise`, last of the noise, (n, P [+ 1])."""
        X = self._check(X)
        result = np.empty((len(X), len(self._group_components())))
        for rows, probability in self._score_personas(X):
            result[rows] = probability.T
        return result

    def _score_personas(self, X):
        """Rows and the probability of each persona, and last of the noise, (P [+ 1], rows)."""
        groups = self._group_components()
        for rows, _, joint in self._scorer().blocks(X):
            share = softmax(joint, axis=0)
            yield rows, np.stack([share[members].sum(axis=0) for members in groups])

    def responsibilities(self, X):
        """Probability of each component and, with `noise`, last of the noise, (n, K [+ 1])."""
        return self._scorer().responsibilities(self._check(X))

    def score_samples(self, X):
        """Log density of each row, on the standardised scale, (n,)."""
        return self._scorer().score_samples(self._check(X))

    def score(self, X, y=None):
        """Mean log density of the rows."""
        return float(self.score_samples(X).mean())

    def _search(self, rows, prior, components, random_state, responsibilities):
        best = search.search_components(
            rows, prior, components, self.n_init, random_state, self.n_personas or 1
        )
        if responsibilities is not None:
            start = gather_statistics(
                rows,
                responsibilities.shape[1],
                prior.noise,
                lambda block: responsibilities[block].T,
            )
            warm = search.iterate_and_score(rows, prior, start.sort_by_weight())
            if warm.criterion > best.criterion and (self.n_personas or 1) <= warm.statistics.K:
                best = warm
        best = search.drop_light(rows, prior, best, self.min_weight, self.n_personas or 1)
        return iterate(rows, prior, best.statistics, self.max_iter, self.tol)

    def _fit_starts(self, rows, prior, components, random_state):
        best = None
        for _ in range(self.n_init):
            start = start_from_kmeans(rows, components, self.noise, random_state)
            found = iterate(rows, prior, start, self.max_iter, self.tol)
            if best is None or found.lower_bound > best.lower_bound:
                best = found
        return best

    def _check(self, X):
        check_is_fitted(self)
        return validate_data(self, X, dtype=np.float64, ensure_all_finite="allow-nan", reset=False)

    def _group_components(self):
        """Components of each persona, and last of the noise."""
        groups = [np.flatnonzero(self.persona_of_ == p) for p in range(self.n_personas_)]
        return groups + [np.array([len(self.persona_of_)])] * self.noise

    def _scorer(self):
        """What scores checked rows."""
        layout = StatisticsLayout.of(self.transform_.is_hurdle)
        return Scorer(self.density_, layout, self.transform_, self.block_size)

    def _make_count_stream(self, random_state):
        if LOG_COUNT not in self.transform_.kind:
            return None
        seed = self.random_state
        if not isinstance(seed, Integral):
            seed = random_state.randint(np.iinfo(np.int32).max)
        return np.random.default_rng([COUNT_STREAM, int(seed)])

    def _find_kinds(self, X):
        is_hurdle = self._as_mask(self.hurdle_features, "hurdle_features")
        if self.count_features is None:
            return infer_kinds(X, is_hurdle)
        is_count = self._as_mask(self.count_features, "count_features")
        above_zero = np.where(is_count, LOG_COUNT, LOG)
        return tuple(np.where(is_hurdle, above_zero, IDENTITY).tolist())

    def _as_mask(self, chosen, name):
        """Mask of the features chosen by mask, by position or by name, (d,)."""
        d = self.n_features_in_
        mask = np.zeros(d, dtype=bool)
        if chosen is None:
            return mask
        chosen = np.asarray(chosen)
        if chosen.dtype == bool:
            if chosen.shape != (d,):
                raise ValueError(f"{name}: a mask of {d} features is needed, not {chosen.shape}")
            return chosen.copy()
        if chosen.dtype.kind in "UOT" and chosen.size:
            names = list(getattr(self, "feature_names_in_", ()))
            unknown = sorted(set(map(str, chosen)) - set(map(str, names)))
            if unknown:
                raise ValueError(f"{name}: X has no feature {', '.join(unknown)}")
            chosen = np.array([names.index(feature) for feature in chosen])
        chosen = chosen.astype(np.int64)
        if chosen.size and (chosen.min() < -d or chosen.max() >= d):
            raise ValueError(f"{name}: positions must lie in 0..{d - 1}, not {chosen.tolist()}")
        mask[chosen] = True
        return mask

    def _build_prior(self, rows, components):
        d = self.n_features_in_
        mean, variance = rows.moments()

        def given(value, default):
            if value is None:
                return default
            value = np.asarray(value, dtype=float)
            if value.shape != (d,):
                raise ValueError(f"a prior of {d} features is needed, not of shape {value.shape}")
            return value

        degrees = d if self.degrees_of_freedom_prior is None else self.degrees_of_freedom_prior
        if degrees <= d - 1:
            raise ValueError(f"degrees_of_freedom_prior must be above {d - 1}, not {degrees}")
        precision = self.mean_precision_prior
        concentration = self.weight_concentration_prior
        return Prior(
            kind=self.weight_concentration_prior_type,
            concentration=1.0 / components if concentration is None else concentration,
            mean=given(self.mean_prior, mean),
            mean_precision=1.0 if precision is None else precision,
            degrees=float(degrees),
            covariance=given(self.covariance_prior, variance),
            floor=self.reg_covar,
            noise=self.noise,
        )

    def _keep(self, best, prior, sample, X):
        """Fitted attributes, components from the heaviest persona on."""
        statistics = best.statistics
        personas = np.arange(statistics.K)
        if self.selection:
            personas = search.join_components(
                sample,
                prior,
                statistics,
                self.merge_threshold,
                self.transform_(X),
                self.n_personas,
            )
            size = np.bincount(personas, statistics.counts[: statistics.K])
            rank = np.argsort(np.argsort(-size, kind="stable"), kind="stable")
            order = np.lexsort((-statistics.counts[: statistics.K], rank[personas]))
            personas = rank[personas][order]
            statistics = statistics.reorder(order)
        posterior = Posterior.of(sample.layout, prior, statistics)
        K, d = posterior.mean.shape
        self.persona_of_, self.n_personas_ = personas, int(personas.max()) + 1
        self.weight_concentration_ = posterior.concentration
        self.weights_ = posterior.weights()
        total = statistics.counts.sum() + sum(NOISE_PRIOR)
        self.noise_weight_ = (
            float((statistics.counts[K] + NOISE_PRIOR[0]) / total) if self.noise else 0.0
        )
        self.means_, self.covariances_ = posterior.mean, posterior.variance
        self.mean_precision_, self.degrees_of_freedom_ = posterior.precision, posterior.degrees
        self.zero_probability_ = np.full((K, d), np.nan)
        a, b = posterior.zero, posterior.above
        self.zero_probability_[:, sample.layout.hurdles] = a / (a + b)
        self.density_ = posterior.density(sample.layout, prior)
        self.lower_bound_ = best.lower_bound
