"""Score rows: joint log densities, block by block, and all that follows from them.

The estimator scores with expected log densities, a mixture read from the registry with
posterior means. They differ in their `Density` and in nothing else, so both score here.
(The E-step of a fit, `variational.e_step`, is the same sum over columns that are
worked out once and used a hundred times.)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.special import entr, softmax

from arcana.mixture.density import (
    BLOCK_ROWS,
    Density,
    StatisticsLayout,
    blocks,
    log_sum,
)
from arcana.mixture.transforms import Transform


@dataclass(frozen=True)
class Scores:
    """What a mixture says of n rows whose components are grouped, before rounding.

    Attributes
    ----------
    groups : tuple
        Their names, as given.
    best, runner_up : ndarray of shape (n,)
        Positions in `groups`; a runner-up of -1 is none, where one group is all.
    component : ndarray of shape (n,)
        Position of the likeliest component within the best group; K is the noise.
    probability, runner_up_probability, log_odds : ndarray of shape (n,)
        Summed over a group's components; without a runner-up NaN.
    share, runner_up_share : ndarray of shape (n,)
        How common customers of this kind are among all: the weight of the components of a
        group that the row belongs to. The logarithm of their ratio begins the log-odds.
    reason_feature, reason_value : ndarray of shape (n, r)
        Positions of features, -1 for none, and their part of the log-odds, largest first.
    reason_rest : ndarray of shape (n,)
        Log-odds less the logarithm of the two shares and those r: the other features.
    """

    groups: tuple
    best: np.ndarray
    runner_up: np.ndarray
    component: np.ndarray
    probability: np.ndarray
    runner_up_probability: np.ndarray
    log_odds: np.ndarray
    share: np.ndarray
    runner_up_share: np.ndarray
    reason_feature: np.ndarray
    reason_value: np.ndarray
    reason_rest: np.ndarray


@dataclass(frozen=True)
class Scorer:
    """Components, and the transform of the rows that they score."""

    density: Density
    layout: StatisticsLayout
    transform: Transform
    block_rows: int = BLOCK_ROWS

    @cached_property
    def _compiled(self) -> tuple[np.ndarray, np.ndarray]:
        return self.density.compiled(self.layout)

    def log_joint(self, Z: np.ndarray) -> np.ndarray:
        """Log of weight times density under every component and the noise, (K [+ 1], n)."""
        coefficients, constants = self._compiled
        return coefficients @ self.layout.expand(Z) + constants[:, None]

    def blocks(self, X: np.ndarray) -> Iterator[tuple[slice, np.ndarray, np.ndarray]]:
        """Yield rows, what they are standardised, and their log joint; one block at the least."""
        for rows in blocks(max(len(X), 1), self.block_rows):
            Z = self.transform(X[rows])
            yield rows, Z, self.log_joint(Z)

    def responsibilities(self, X: np.ndarray) -> np.ndarray:
        """Probability of every component and the noise for raw values, (n, K [+ 1])."""
        result = np.empty((len(X), len(self.density.log_weight)))
        for rows, _, joint in self.blocks(X):
            result[rows] = softmax(joint, axis=0).T
        return result

    def score_samples(self, X: np.ndarray) -> np.ndarray:
        """Log density of raw values, on the standardised scale, (n,)."""
        return np.concatenate([log_sum(joint) for _, _, joint in self.blocks(X)])

    def score_groups(self, X: np.ndarray, groups: Mapping, reasons: int) -> Scores:
        """Compare groups of components for raw values.

        Parameters
        ----------
        X : ndarray of shape (n, d)
        groups : mapping of a name to the positions of its components
        reasons : int
            How many features are named.
        """
        members = list(groups.values())
        parts = [
            _score_block(self.density, Z, joint, members, reasons) for _, Z, joint in self.blocks(X)
        ]
        return Scores(tuple(groups), *(np.concatenate(part) for part in zip(*parts, strict=True)))


def _score_block(density, Z, joint, groups, reasons):
    """The arrays of `Scores` for rows Z (n, d) whose log joint (K, n) is known.

    With r the responsibilities of a group's components, the log density of the group is
    sum r (log weight + log density of each feature) + the entropy of r. So the log-odds of
    two groups are a sum over features without a remainder, and what is left of it are the
    two shares: exp(sum r log weight + entropy), which is the weight of the group for a row
    that all its components claim alike, and that of the one that claims it alone.
    """
    n, d = Z.shape
    rows = np.arange(n)
    by_group = np.empty((len(groups), n))
    likeliest = np.empty((len(groups), n), dtype=np.int64)
    group_of = np.full(len(joint), -1)
    for g, members in enumerate(groups):
        group_of[members] = g
        if len(members) == 1:
            by_group[g], likeliest[g] = joint[members[0]], members[0]
            continue
        part = joint[members]
        by_group[g], likeliest[g] = log_sum(part), members[part.argmax(axis=0)]
    best = by_group.argmax(axis=0)
    component = likeliest[best, rows]
    probability = softmax(by_group, axis=0)
    if len(groups) == 1:
        runner_up = np.full(n, -1)
        runner_up_probability, log_odds, share, runner_up_share = np.full((4, n), np.nan)
        terms, prior = np.full((n, d), np.nan), share
    else:
        top = by_group[best, rows]
        within = _within(joint, group_of, best, top)
        by_group[best, rows] = -np.inf
        runner_up = by_group.argmax(axis=0)
        second = by_group[runner_up, rows]
        within_runner_up = _within(joint, group_of, runner_up, second)
        runner_up_probability = probability[runner_up, rows]
        log_odds = top - second
        share = _log_share(within, density.log_weight)
        runner_up_share = _log_share(within_runner_up, density.log_weight)
        prior = share - runner_up_share
        share, runner_up_share = np.exp(share), np.exp(runner_up_share)
        terms = density.weighted_terms(Z, (within - within_runner_up).T)
    return (
        best,
        runner_up,
        component,
        probability[best, rows],
        runner_up_probability,
        log_odds,
        share,
        runner_up_share,
        *_take_largest(terms, log_odds - prior, reasons),
    )


def _within(joint, group_of, group, log_density):
    """Responsibilities within a group of each row, (K, n): 0 for components of others."""
    within = np.where(group_of[:, None] == group, joint - log_density, -np.inf)
    return np.exp(within, out=within)


def _log_share(within, log_weight):
    """Sum over components of r log weight, plus the entropy of r, (n,)."""
    # Rounding may leave the entropy of a single component a hair below zero.
    return log_weight @ within + np.maximum(entr(within).sum(axis=0), 0.0)


def _take_largest(terms, total, reasons):
    """Positions and values of the largest terms, (n, reasons) each, and the rest, (n,)."""
    d = terms.shape[1]
    largest = np.argsort(-np.abs(terms), axis=1, kind="stable")[:, :reasons]
    values = np.take_along_axis(terms, largest, axis=1)
    rest = total - values.sum(axis=1)
    if d < reasons:
        padding = ((0, 0), (0, reasons - d))
        largest = np.pad(largest, padding, constant_values=-1)
        values = np.pad(values, padding, constant_values=np.nan)
    return np.where(np.isnan(values), -1, largest), values, rest
