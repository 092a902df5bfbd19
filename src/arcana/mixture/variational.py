"""Variational Bayes for mixtures of independent Normal and hurdle features.

Attias 2000; Bishop 2006, chapter 10. The posterior of a component depends on its rows
only through sufficient statistics, which are sums over rows. So a fit works block by
block, and memory does not grow with rows times components.

With no hurdle and nothing unknown it is the algorithm of scikit-learn's
`BayesianGaussianMixture(covariance_type="diag")`, number for number.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.special import betaln, digamma, gammaln
from sklearn.cluster import KMeans

from arcana.mixture.density import BLOCK_ROWS, Density, StatisticsLayout, blocks, noise_terms
from arcana.mixture.transforms import Transform

# Up to this many rows the columns are kept in memory and not computed again.
MAX_KEPT_ROWS = 20_000

# Prior of the share of noise: Beta(1, 19), a mean of 5 %.
NOISE_PRIOR = (1.0, 19.0)

# Jeffreys' prior of the probability of a zero.
ZERO_PRIOR = (0.5, 0.5)

# For k-means, which needs numbers, a zero is so many standard deviations below the mean.
ZERO_AT = -2.0

# scikit-learn's guard against dividing by an empty component: ten roundings.
_TINY = 10 * np.finfo(float).eps


class Rows:
    """Raw rows, handed out in blocks of the columns of a `StatisticsLayout`, (c, rows).

    Parameters
    ----------
    X : ndarray of shape (n, d)
    transform : Transform
    block_size : int
    layout : StatisticsLayout, default=None
        Of the rows a fit began with. None: only what is unknown here may be unknown.
    stream : numpy.random.Generator, default=None
        Spreads counts; only where the rows are few enough to be kept.
    """

    def __init__(self, X, transform: Transform, block_size=BLOCK_ROWS, layout=None, stream=None):
        self.n, self.block_size = len(X), block_size
        self._X, self._transform = X, transform
        self._kept = None
        if self.n <= MAX_KEPT_ROWS:
            # Counts are spread once, for all rows, so that the block size changes nothing.
            Z = transform(X, stream)
            if layout is None:
                layout = self._layout(np.isfinite(Z).all(axis=0))
            self._kept = [layout.expand(Z[rows]) for rows in blocks(self.n, block_size)]
        elif layout is None:
            whole = np.ones(X.shape[1], dtype=bool)
            for rows in blocks(self.n, block_size):
                whole &= np.isfinite(transform(X[rows])).all(axis=0)
            layout = self._layout(whole)
        self.layout = layout

    def _layout(self, whole):
        hurdle = self._transform.is_hurdle
        # A hurdle without a zero in these rows may have one in rows that are scored.
        return StatisticsLayout(len(whole), np.flatnonzero(~whole | hurdle), np.flatnonzero(hurdle))

    def __iter__(self):
        if self._kept is not None:
            return iter(self._kept)
        return (
            self.layout.expand(self._transform(self._X[rows]))
            for rows in blocks(self.n, self.block_size)
        )

    def standardised(self):
        """All of them, (n, d), a zero as a number and an unknown value at the mean."""
        d, p = self.layout.d, len(self.layout.partial)
        Z = np.empty((self.n, d))
        for rows, block in zip(blocks(self.n, self.block_size), self, strict=True):
            Z[rows] = block[:d].T
            Z[rows, self.layout.hurdles] += ZERO_AT * block[2 * d + p :].T
        return Z

    def moments(self):
        """Mean and variance (n - 1) of the values that are there, (d,) each."""
        d = self.layout.d
        count, total = np.zeros((2, d))
        for block in self:
            count += self._there(block).sum(axis=1)
            total += block[:d].sum(axis=1)
        mean = total / np.maximum(count, 1)
        square = np.zeros(d)
        for block in self:
            square += (((block[:d].T - mean).T * self._there(block)) ** 2).sum(axis=1)
        variance = square / np.maximum(count - 1, 1)
        return mean, np.where(variance > 0, variance, 1.0)

    def _there(self, block):
        d, p = self.layout.d, len(self.layout.partial)
        there = np.ones((d, block.shape[1]))
        there[self.layout.partial] = block[2 * d : 2 * d + p]
        return there


@dataclass(frozen=True)
class Prior:
    """Prior parameters; the estimator's docstring explains them."""

    kind: str
    concentration: float
    mean: np.ndarray
    mean_precision: float
    degrees: float
    covariance: np.ndarray
    floor: float
    noise: bool

    def weight_evidence(self, counts):
        """Log of the weights' normaliser, posterior over prior, for counts (..., K)."""
        K = counts.shape[-1]
        if self.kind == "dirichlet_process":
            a, b = _sticks(counts, self.concentration)
            return (betaln(a, b) - betaln(1.0, self.concentration)).sum(axis=-1)
        a = self.concentration
        return (gammaln(a + counts) - gammaln(a)).sum(axis=-1) - (
            gammaln(K * a + counts.sum(axis=-1)) - gammaln(K * a)
        )


@dataclass(frozen=True)
class Statistics:
    """Sufficient statistics of K components and, last, of the noise if there is one."""

    K: int
    counts: np.ndarray
    sums: np.ndarray

    def scale(self, factor):
        """Statistics of so many times the rows."""
        return replace(self, counts=self.counts * factor, sums=self.sums * factor)

    def reorder(self, order):
        """Components in another order, the noise still last."""
        order = np.append(order, np.arange(self.K, len(self.counts)))
        return replace(self, counts=self.counts[order], sums=self.sums[order])

    def merge(self, i, j):
        """Statistics with component j poured into i."""
        counts, sums = self.counts.copy(), self.sums.copy()
        counts[i] += counts[j]
        sums[i] += sums[j]
        return Statistics(self.K - 1, np.delete(counts, j), np.delete(sums, j, axis=0))

    def split_component(self, k, counts, sums):
        """Statistics with component k replaced by two."""
        rest = np.delete(self.counts, k), np.delete(self.sums, k, axis=0)
        return Statistics(
            self.K + 1,
            np.concatenate([counts, rest[0]]),
            np.concatenate([sums, rest[1]]),
        ).sort_by_weight()

    def sort_by_weight(self):
        """Heavy components first, as a Dirichlet process expects them."""
        return self.reorder(np.argsort(-self.counts[: self.K], kind="stable"))


@dataclass(frozen=True)
class Posterior:
    """Variational posterior of K components.

    The Normal-Gamma is scikit-learn's diagonal "Wishart": the digammas of its d rows
    are averaged over the features, which sums to the same and does not depend on the
    features' order; with unknown values each feature has degrees of freedom of its own.
    """

    counts: np.ndarray
    concentration: tuple[np.ndarray, np.ndarray] | np.ndarray
    mean: np.ndarray
    precision: np.ndarray
    degrees: np.ndarray
    variance: np.ndarray
    rows: np.ndarray
    zero: np.ndarray
    above: np.ndarray
    noise_count: float

    @classmethod
    def of(cls, layout: StatisticsLayout, prior: Prior, statistics: Statistics) -> Posterior:
        """M-step."""
        K = statistics.K
        counts = statistics.counts[:K] + _TINY
        rows, total, squares, zeros = layout.split(statistics.sums[:K], counts)
        rows = rows + _TINY * (rows == 0)
        centre = total / rows
        # Rounding must not make a variance smaller than the floor.
        spread = np.maximum(squares / rows - centre**2, 0.0) + prior.floor
        precision = prior.mean_precision + rows
        mean = (prior.mean_precision * prior.mean + total) / precision
        degrees = prior.degrees + rows
        shrunk = prior.mean_precision / precision * (centre - prior.mean) ** 2
        variance = (prior.covariance + rows * (spread + shrunk)) / degrees
        if prior.kind == "dirichlet_process":
            concentration = _sticks(counts, prior.concentration)
        else:
            concentration = prior.concentration + counts
        noise = statistics.counts[K] if prior.noise else 0.0
        return cls(
            counts,
            concentration,
            mean,
            precision,
            degrees,
            variance,
            rows,
            ZERO_PRIOR[0] + zeros,
            ZERO_PRIOR[1] + rows[:, layout.hurdles],
            noise,
        )

    def weights(self) -> np.ndarray:
        """Expected weights, (K,)."""
        if isinstance(self.concentration, tuple):
            a, b = self.concentration
            left = np.append(1.0, np.cumprod(b / (a + b))[:-1])
            weights = a / (a + b) * left
        else:
            weights = self.concentration
        return weights / weights.sum()

    def log_weights(self) -> np.ndarray:
        """Expected log weights, (K,)."""
        if isinstance(self.concentration, tuple):
            a, b = self.concentration
            total = digamma(a + b)
            return digamma(a) - total + np.append(0.0, np.cumsum(digamma(b) - total)[:-1])
        return digamma(self.concentration) - digamma(self.concentration.sum())

    def density(self, layout: StatisticsLayout, prior: Prior) -> Density:
        """Expected log densities, the noise last if there is one."""
        half = 0.5 * (self.degrees[:, :, None] - np.arange(layout.d))
        log_precision = digamma(half).mean(axis=2) + np.log(2.0)
        constant = (
            -0.5 * np.log(2 * np.pi)
            - 0.5 * np.log(self.variance)
            - 0.5 * np.log(self.degrees)
            + 0.5 * (log_precision - 1 / self.precision)
            - 0.5 * self.mean**2 / self.variance
        )
        zero = np.zeros_like(constant)
        total = digamma(self.zero + self.above)
        zero[:, layout.hurdles] = digamma(self.zero) - total
        constant[:, layout.hurdles] += digamma(self.above) - total
        density = Density(
            quadratic=-0.5 / self.variance,
            linear=self.mean / self.variance,
            constant=constant,
            zero=zero,
            log_weight=self.log_weights(),
        )
        if not prior.noise:
            return density
        a, b = NOISE_PRIOR[0] + self.noise_count, NOISE_PRIOR[1] + self.counts.sum()
        total = digamma(a + b)
        density = replace(density, log_weight=density.log_weight + digamma(b) - total)
        return density.with_noise(layout, digamma(a) - total)

    def lower_bound(self, layout, prior, statistics, entropy):
        """scikit-learn's lower bound (constants left out), and what hurdles and noise add."""
        d = layout.d
        half = 0.5 * (self.degrees[:, :, None] - np.arange(d))
        bound = (
            -0.5 * self.degrees * (np.log(self.variance) + np.log(self.degrees))
            + 0.5 * np.log(2.0) * self.degrees
            + gammaln(half).mean(axis=2)
            - 0.5 * np.log(self.precision)
        ).sum()
        bound += entropy + betaln(self.zero, self.above).sum()
        if isinstance(self.concentration, tuple):
            bound += betaln(*self.concentration).sum()
        else:
            bound += gammaln(self.concentration).sum() - gammaln(self.concentration.sum())
        if prior.noise:
            bound -= 0.5 * np.log(2 * np.pi) * self.rows.sum()
            bound += noise_evidence(layout, statistics)
        return float(bound)


def _sticks(counts, concentration):
    """Beta parameters of the sticks of a Dirichlet process, for counts (..., K)."""
    after = np.cumsum(counts[..., ::-1], axis=-1)[..., ::-1] - counts
    return 1.0 + counts, concentration + after


def noise_evidence(layout, statistics):
    """Log likelihood of the rows that are noise, and of their number."""
    K = statistics.K
    n, n_noise = statistics.counts[:K].sum(), statistics.counts[K]
    flat, none = noise_terms(layout)
    rows, _, _, zeros = layout.split(statistics.sums[K:], statistics.counts[K:])
    return (
        betaln(NOISE_PRIOR[0] + n_noise, NOISE_PRIOR[1] + n)
        - betaln(*NOISE_PRIOR)
        + rows[0] @ flat
        + zeros[0] @ none[layout.hurdles]
    )


def evidence(layout, prior, sums, counts, factor=1.0) -> np.ndarray:
    """Log evidence of each component, with `factor` times its rows, (K,)."""
    statistics = Statistics(len(counts), np.append(counts, 0.0), sums).scale(factor)
    p = Posterior.of(layout, replace(prior, noise=False), statistics)
    normal = (
        gammaln(0.5 * p.degrees)
        - gammaln(0.5 * prior.degrees)
        + 0.5 * prior.degrees * np.log(0.5 * prior.covariance)
        - 0.5 * p.degrees * np.log(0.5 * p.degrees * p.variance)
        + 0.5 * np.log(prior.mean_precision / p.precision)
        - 0.5 * np.log(2 * np.pi) * p.rows
    )
    hurdle = betaln(p.zero, p.above) - betaln(*ZERO_PRIOR)
    return normal.sum(axis=1) + hurdle.sum(axis=1)


@dataclass(frozen=True)
class Fit:
    """Result of an iteration."""

    statistics: Statistics
    lower_bound: float
    converged: bool
    n_iter: int
    criterion: float = -np.inf
    responsibilities: np.ndarray | None = None


def start_from_kmeans(rows, K, noise, random_state) -> Statistics:
    """Statistics of a start by k-means, without noise."""
    kmeans = KMeans(n_clusters=K, n_init=1, random_state=random_state)
    labels = kmeans.fit(rows.standardised()).labels_

    def one_hot(block):
        return (labels[block] == np.arange(K)[:, None]).astype(float)

    return gather_statistics(rows, K, noise, one_hot)


def gather_statistics(rows, K, noise, share) -> Statistics:
    """Statistics of given responsibilities: `share(slice)` is (K, rows) or, with noise, K + 1."""
    counts = np.zeros(K + noise)
    sums = np.zeros((K + noise, rows.layout.columns))
    for where, block in zip(blocks(rows.n, rows.block_size), rows, strict=True):
        part = share(where)
        counts[: len(part)] += part.sum(axis=1)
        sums[: len(part)] += part @ block.T
    return Statistics(K, counts, sums)


def e_step(rows, coefficients, constants, keep=False):
    """E-step: statistics and entropy of the responsibilities, block by block."""
    K = len(constants)
    counts, sums = np.zeros(K), np.zeros(coefficients.shape)
    log_total = 0.0
    kept = []
    buffer = np.empty((K, min(rows.block_size, rows.n)))
    for block in rows:
        share = np.matmul(coefficients, block, out=buffer[:, : block.shape[1]])
        share += constants[:, None]
        top = share.max(axis=0)
        share -= top
        np.exp(share, out=share)
        total = share.sum(axis=0)
        share /= total
        log_total += top.sum() + np.log(total).sum()
        counts += share.sum(axis=1)
        sums += share @ block.T
        if keep:
            kept.append(share.copy())
    # The mean log joint is linear in the statistics, so it needs no second pass over rows.
    entropy = log_total - np.vdot(coefficients, sums) - constants @ counts
    return counts, sums, float(entropy), np.hstack(kept) if keep else None


def iterate(rows, prior, statistics, max_iter, tol) -> Fit:
    """Variational Bayes from statistics until the bound gains less than tol a row."""
    layout = rows.layout
    bound, converged, n_iter = -np.inf, False, 0
    posterior = Posterior.of(layout, prior, statistics)
    for n_iter in range(1, max_iter + 1):  # noqa: B007
        compiled = posterior.density(layout, prior).compiled(layout)
        counts, sums, entropy, _ = e_step(rows, *compiled)
        statistics = Statistics(statistics.K, counts, sums)
        posterior = Posterior.of(layout, prior, statistics)
        before, bound = bound, posterior.lower_bound(layout, prior, statistics, entropy)
        if abs(bound - before) < tol * rows.n:
            converged = True
            break
    return Fit(statistics, bound, converged, n_iter)
