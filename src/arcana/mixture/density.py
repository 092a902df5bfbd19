"""Log densities of components, as sums over features; `scoring` says what comes of them.

Within a component the features are independent, so a log density is a sum with one term
per feature. So an E-step is two matrix products, and the part of a feature in the
log-odds of one persona against another is exact: the difference of two terms.

A standardised value is a number, NaN where it is unknown (no term at all) or +inf where
a hurdle feature is zero. Matrices here are (K, rows): a component's row is contiguous.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

# Rows computed at a time, so that a block stays in the processor's cache.
BLOCK_ROWS = 4096

# The noise is uniform over so many standard deviations of each feature, and half of its
# hurdles are zero.
NOISE_RANGE = 6.0
NOISE_ZERO_PROBABILITY = 0.5

# Stands for the logarithm of zero where it is multiplied by a weight that is zero too.
LOWEST_LOG = -1e6


@dataclass(frozen=True)
class StatisticsLayout:
    """Columns of the sufficient statistics of d features.

    z and z squared of each feature, whether it is there (only of features that are not
    always), whether it is zero (of hurdles): c columns in all.
    """

    d: int
    partial: np.ndarray
    hurdles: np.ndarray

    @classmethod
    def of(cls, is_hurdle: np.ndarray) -> StatisticsLayout:
        """Return the layout for rows of which anything may be unknown."""
        return cls(len(is_hurdle), np.arange(len(is_hurdle)), np.flatnonzero(is_hurdle))

    @property
    def always(self) -> np.ndarray:
        """Features that every row has, (d,) of bool."""
        mask = np.ones(self.d, dtype=bool)
        mask[self.partial] = False
        return mask

    @property
    def columns(self) -> int:
        """How many columns there are."""
        return 2 * self.d + len(self.partial) + len(self.hurdles)

    def expand(self, Z: np.ndarray) -> np.ndarray:
        """Columns for rows of standardised values, (c, rows)."""
        d, p = self.d, len(self.partial)
        block = np.empty((self.columns, len(Z)))
        block[:d] = Z.T
        if p or len(self.hurdles):
            z = block[self.partial]
            there = np.isfinite(z)
            block[2 * d + p :] = np.isposinf(block[self.hurdles])
            block[self.partial] = np.where(there, z, 0.0)
            block[2 * d : 2 * d + p] = there
        np.multiply(block[:d], block[:d], out=block[d : 2 * d])
        return block

    def split(self, sums: np.ndarray, counts: np.ndarray):
        """Rows, sum, sum of squares, zeros: (K, d) thrice and (K, hurdles)."""
        d, p = self.d, len(self.partial)
        rows = np.repeat(counts[:, None], d, axis=1)
        rows[:, self.partial] = sums[:, 2 * d : 2 * d + p]
        return rows, sums[:, :d], sums[:, d : 2 * d], sums[:, 2 * d + p :]


@dataclass(frozen=True)
class Density:
    """K components, the noise last if there is one.

    The log density of a value z is `quadratic z^2 + linear z + constant`, of a hurdle's
    zero it is `zero`.

    Attributes
    ----------
    quadratic, linear, constant, zero : ndarray of shape (K, d)
    log_weight : ndarray of shape (K,)
    """

    quadratic: np.ndarray
    linear: np.ndarray
    constant: np.ndarray
    zero: np.ndarray
    log_weight: np.ndarray

    @classmethod
    def of(cls, mean, variance, zero_probability, log_weight) -> Density:
        """Normal components (K, d); a zero probability of NaN is no hurdle."""
        hurdle = ~np.isnan(zero_probability)
        p = np.where(hurdle, zero_probability, 0.0)
        with np.errstate(divide="ignore"):
            zero = np.where(hurdle, np.log(np.where(hurdle, p, 1.0)), 0.0)
            above = np.log1p(-p)
        return cls(
            quadratic=-0.5 / variance,
            linear=mean / variance,
            constant=above - 0.5 * (np.log(2 * np.pi * variance) + mean**2 / variance),
            zero=zero,
            log_weight=log_weight,
        )

    def with_noise(self, layout: StatisticsLayout, log_weight: float) -> Density:
        """Add the noise, a uniform density."""
        flat, none = noise_terms(layout)
        nothing = np.zeros((1, layout.d))
        return Density(
            quadratic=np.vstack([self.quadratic, nothing]),
            linear=np.vstack([self.linear, nothing]),
            constant=np.vstack([self.constant, flat]),
            zero=np.vstack([self.zero, none]),
            log_weight=np.append(self.log_weight, log_weight),
        )

    def compiled(self, layout: StatisticsLayout) -> tuple[np.ndarray, np.ndarray]:
        """Coefficients (K, c) and constants (K,): coefficients @ columns + constants."""
        coefficients = np.hstack(
            [
                self.linear,
                self.quadratic,
                self.constant[:, layout.partial],
                self.zero[:, layout.hurdles],
            ]
        )
        return coefficients, self.log_weight + self.constant[:, layout.always].sum(axis=1)

    def feature(self, j: int, z: np.ndarray) -> np.ndarray:
        """Log density of one feature under every component, (K, n), zero where unknown."""
        there = np.isfinite(z)
        value = np.where(there, z, 0.0)
        terms = np.outer(self.quadratic[:, j], value**2) + np.outer(self.linear[:, j], value)
        terms += self.constant[:, j, None]
        return np.where(there, terms, np.where(np.isposinf(z), self.zero[:, j, None], 0.0))

    def weighted_terms(self, Z: np.ndarray, weights: np.ndarray) -> np.ndarray:
        """Log density of each feature, summed over components with weights (n, K), (n, d).

        Unknown values have the term 0. Weights of +1 and -1 give the difference of two
        components, feature by feature.
        """
        there = np.isfinite(Z)
        z = np.where(there, Z, 0.0)
        terms = weights @ self.quadratic
        terms *= z
        terms += weights @ self.linear
        terms *= z
        terms += weights @ self.constant
        if there.all():
            return terms
        # A component that rules a zero out has no weight where there is one.
        zero = weights @ np.maximum(self.zero, LOWEST_LOG)
        return np.where(there, terms, np.where(np.isposinf(Z), zero, 0.0))


def noise_terms(layout: StatisticsLayout) -> tuple[np.ndarray, np.ndarray]:
    """Log density of the noise: of a value, and of a zero, (d,) each."""
    flat, none = np.full(layout.d, -np.log(NOISE_RANGE)), np.zeros(layout.d)
    flat[layout.hurdles] += np.log1p(-NOISE_ZERO_PROBABILITY)
    none[layout.hurdles] = np.log(NOISE_ZERO_PROBABILITY)
    return flat, none


def log_sum(logs: np.ndarray) -> np.ndarray:
    """Log of the sum of exponentials along the first axis.

    scipy's `logsumexp` gives the same and takes seven times as long.
    """
    top = logs.max(axis=0)
    return top + np.log(np.exp(logs - top).sum(axis=0))


def blocks(n: int, size: int = BLOCK_ROWS):
    """Cut n rows into slices."""
    for start in range(0, n, size):
        yield slice(start, min(start + size, n))
