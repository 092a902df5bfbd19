"""How many components there are, and which of them are one persona.

The search starts with too many components and merges the cheapest pair until one is
left. It keeps the number with the best criterion, then tries splits and merges around
it. Last, components that claim each other's customers are joined, because a persona need
not have the shape of one component.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.special import gammaln

from arcana.mixture.variational import (
    ZERO_PRIOR,
    Fit,
    Posterior,
    Statistics,
    e_step,
    evidence,
    iterate,
    noise_evidence,
    start_from_kmeans,
)

# The criterion counts at most so many customers. With more it would split a persona
# wherever its shape differs slightly from a component.
MAX_CRITERION_ROWS = 5000

# While searching, an iteration ends when the bound gains less than this per row.
TOLERANCE = 1e-5
ITERATIONS = 60

# Each half of a split component must keep at least so many customers.
MIN_SPLIT_CUSTOMERS = 15.0
SPLIT_ROUNDS = 10

# Added to the criterion per component, in nats. The evidence charges each component the
# prior of all its features, which would lose personas of about a hundred customers. A
# component too many costs little: it is joined again afterwards.
COMPONENT_CREDIT = 10.0

# Two components are tested for being one persona (with heavy tails and one factor for
# size) if one claims at least this share of the other's customers. Above the threshold
# of the estimator, the evidence for two must be JOIN_DOUBT times what two cost. The test
# uses at most so many customers, these degrees of freedom and so many rounds of EM.
MIN_CLAIMED_SHARE = 0.02
JOIN_DOUBT = 3.0
MAX_JOIN_ROWS = 1500
JOIN_DEGREES = 5.0
JOIN_ITERATIONS = 10

_TINY = 10 * np.finfo(float).eps


def iterate_and_score(rows, prior, statistics):
    """Iterate with a loose tolerance, then compute the criterion and the responsibilities."""
    layout = rows.layout
    fit = iterate(rows, prior, statistics, ITERATIONS, TOLERANCE)
    posterior = Posterior.of(layout, prior, fit.statistics)
    compiled = posterior.density(layout, prior).compiled(layout)
    counts, sums, entropy, share = e_step(rows, *compiled, keep=True)
    statistics = Statistics(fit.statistics.K, counts, sums)
    factor = min(1.0, MAX_CRITERION_ROWS / rows.n)
    K = statistics.K
    criterion = (
        evidence(layout, prior, sums[:K], counts[:K], factor).sum()
        + prior.weight_evidence(np.sort(counts[:K])[::-1] * factor)
        + factor * entropy
        + COMPONENT_CREDIT * (counts[:K] * factor >= MIN_SPLIT_CUSTOMERS).sum()
    )
    if prior.noise:
        criterion += noise_evidence(layout, statistics.scale(factor))
    return replace(fit, statistics=statistics, criterion=float(criterion), responsibilities=share)


def search_components(rows, prior, K, n_init, random_state, min_components=1):
    """Find components by the criterion: backwards from n_init starts, then splits and merges.

    Never fewer than `min_components`.
    """
    starts = (start_from_kmeans(rows, K, prior.noise, random_state) for _ in range(n_init))
    best = max(
        (_search_backwards(rows, prior, start, min_components) for start in starts),
        key=lambda fit: fit.criterion,
    )
    for _ in range(SPLIT_ROUNDS):
        better = _find_split(rows, prior, best)
        if min_components < best.statistics.K and better is None:
            merged = iterate_and_score(rows, prior, _merge_cheapest(rows, prior, best))
            better = merged if merged.criterion > best.criterion else None
        if better is None:
            break
        best = better
    return best


def _search_backwards(rows, prior, start, min_components) -> Fit:
    """Merge the cheapest pair until few are left; return the fit with the best criterion."""
    best = fit = iterate_and_score(rows, prior, start.sort_by_weight())
    while min_components < fit.statistics.K:
        fit = iterate_and_score(rows, prior, _merge_cheapest(rows, prior, fit))
        if fit.criterion > best.criterion:
            best = fit
    return best


def drop_light(rows, prior, fit, min_share, min_components=1):
    """Drop components with less than a share of the customers, lightest first, and refit."""
    while min_components < fit.statistics.K:
        counts = fit.statistics.counts[: fit.statistics.K]
        light, K = int(counts.argmin()), fit.statistics.K
        if counts[light] >= max(
            min_share * counts.sum(), min(2 * MIN_SPLIT_CUSTOMERS, counts.sum() / K)
        ):
            break
        kept = np.delete(np.arange(fit.statistics.K), light)
        fewer = replace(fit.statistics.reorder(kept), K=fit.statistics.K - 1)
        fit = iterate_and_score(rows, prior, fewer)
    return fit


def _merge_cheapest(rows, prior, fit):
    """Statistics in which the pair that costs the criterion least is merged."""
    layout, K = rows.layout, fit.statistics.K
    factor = min(1.0, MAX_CRITERION_ROWS / rows.n)
    counts, sums = fit.statistics.counts[:K], fit.statistics.sums[:K]
    alone = evidence(layout, prior, sums, counts, factor)
    i, j = np.triu_indices(K, 1)
    together = evidence(layout, prior, sums[i] + sums[j], counts[i] + counts[j], factor)
    share = fit.responsibilities[:K]
    own = _x_log_x(share).sum(axis=1)
    cost = np.empty(len(i))
    for pair, (a, b) in enumerate(zip(i, j, strict=True)):
        lost = _x_log_x(share[a] + share[b]).sum() - own[a] - own[b]
        left = np.delete(counts, b)
        left[a] += counts[b]
        cost[pair] = factor * lost - prior.weight_evidence(np.sort(left)[::-1] * factor)
    cost += alone[i] + alone[j] - together
    cheapest = int(cost.argmin())
    return fit.statistics.merge(i[cheapest], j[cheapest]).sort_by_weight()


def _find_split(rows, prior, fit):
    """Try splits, the most promising first; the first that raises the criterion, or None."""
    layout, K = rows.layout, fit.statistics.K
    columns = np.hstack(list(rows))
    promising = []
    for k in range(K):
        found = _split_component(layout, prior, columns, fit.responsibilities[k], rows.n)
        if found is not None:
            promising.append((-found[0], k, found[1], found[2]))
    promising.sort(key=lambda one: one[:2])
    for _, k, counts, sums in promising:
        other = iterate_and_score(rows, prior, fit.statistics.split_component(k, counts, sums))
        if other.criterion > fit.criterion + 1e-6 * abs(fit.criterion):
            return other
    return None


def _split_component(layout, prior, columns, share, n):
    """Cut one component in two along its widest directions, and iterate on the halves.

    Returns
    -------
    tuple of (gain, counts (2,), sums (2, c)) or None
    """
    factor = min(1.0, MAX_CRITERION_ROWS / n)
    member = share > 0.05
    columns, share = columns[:, member], share[member]
    if share.sum() < 2 * MIN_SPLIT_CUSTOMERS:
        return None
    alone_prior = replace(prior, noise=False)
    d, p = layout.d, len(layout.partial)
    weighted = columns * share
    total, count = weighted.sum(axis=1), share.sum()
    rows, linear, _, zeros = layout.split(total[None], np.array([count]))
    there = np.ones((d, columns.shape[1]))
    there[layout.partial] = columns[2 * d : 2 * d + p]
    residual = np.vstack(
        [
            (columns[:d] - (linear / np.maximum(rows, _TINY)).T) * there,
            columns[2 * d + p :] - zeros.T / count,
        ]
    )
    covariance = (residual * share) @ residual.T / count
    deviation = np.sqrt(np.maximum(np.diag(covariance), 0.02))
    _, vectors = np.linalg.eigh(covariance / deviation / deviation[:, None])
    alone = evidence(layout, prior, total[None], np.array([count]), factor)[0]
    best = None
    for vector in vectors.T[-3:]:
        # The sign of an eigenvector depends on the library, so it is fixed here.
        along = (vector * np.sign(vector[np.abs(vector).argmax()]) / deviation) @ residual
        width = np.sqrt((share * along**2).sum() / count)
        for shift in (-1.0, 0.0, 1.0):
            side = np.vstack([along > shift * width, along <= shift * width]) * share
            for _ in range(8):
                counts, sums = side.sum(axis=1), side @ columns.T
                if counts.min() < MIN_SPLIT_CUSTOMERS:
                    break
                half = Posterior.of(layout, alone_prior, Statistics(2, counts, sums))
                density = replace(
                    half.density(layout, alone_prior), log_weight=np.log(counts / count)
                )
                coefficients, constants = density.compiled(layout)
                joint = coefficients @ columns + constants[:, None]
                odds = 1 / (1 + np.exp(np.clip(joint[1] - joint[0], -50, 50)))
                side = np.vstack([odds, 1 - odds]) * share
            if counts.min() < MIN_SPLIT_CUSTOMERS:
                continue
            counts, sums = side.sum(axis=1), side @ columns.T
            if counts.min() < MIN_SPLIT_CUSTOMERS:
                continue
            entropy = -(share * (_x_log_x(odds) + _x_log_x(1 - odds))).sum()
            gain = evidence(layout, prior, sums, counts, factor).sum() - alone
            gain += factor * (entropy + _x_log_x(counts).sum() - count * np.log(count))
            if best is None or gain > best[0]:
                best = gain, counts, sums
    return best


def join_components(rows, prior, statistics, threshold, Z, n_personas=None):
    """Persona of each component: those that claim each other's customers are one.

    Directly estimated misclassification probabilities (Hennig 2010): of two groups, the
    share of the one's customers that go to the other. From the pair with the largest
    share on, a pair is joined if one persona explains the customers of both as well as
    two do. From the threshold on, two must explain them `JOIN_DOUBT` times better than
    they cost; below `MIN_CLAIMED_SHARE` no pair is joined. Where n_personas is given, the pair with
    the largest share is joined until so many are left.

    Parameters
    ----------
    rows : Rows
    prior : Prior
    statistics : Statistics
    threshold : float
    Z : ndarray of shape (n, d)
        The same rows, standardised as in scoring.
    n_personas : int or None

    Returns
    -------
    ndarray of shape (K,)
    """
    layout, K = rows.layout, statistics.K
    compiled = Posterior.of(layout, prior, statistics).density(layout, prior).compiled(layout)
    share = e_step(rows, *compiled, keep=True)[3][:K]
    groups = [[k] for k in range(K)]
    kept = {}
    while len(groups) > (n_personas or 1):
        winner = share.argmax(axis=0)
        claimed = (
            np.stack([_sum_by_label(one[None], winner, len(groups), axis=1)[0] for one in share])
            / np.maximum(share.sum(axis=1), _TINY)[:, None]
        )
        claimed = np.triu(np.maximum(claimed, claimed.T), 1)
        for pair in np.argsort(-claimed, axis=None, kind="stable"):
            i, j = np.unravel_index(pair, claimed.shape)
            if n_personas is not None:
                break
            if claimed[i, j] < MIN_CLAIMED_SHARE:
                return _number_groups(groups, K)
            both = frozenset(groups[i]), frozenset(groups[j])
            if both not in kept:
                kept[both] = _evidence_for_two(layout, prior, Z, share[[i, j]])
            if kept[both] < (JOIN_DOUBT if claimed[i, j] >= threshold else 1.0):
                break
        else:
            break
        share[i] += share[j]
        share = np.delete(share, j, axis=0)
        groups[i] += groups.pop(j)
    return _number_groups(groups, K)


def _number_groups(groups, K):
    """Group of each of K components, (K,)."""
    numbers = np.empty(K, dtype=np.int64)
    for number, members in enumerate(groups):
        numbers[members] = number
    return numbers


def _evidence_for_two(layout, prior, Z, share):
    """Gain of two personas over one, divided by the cost of the second.

    A component is Normal and its features are independent. So a persona with heavy tails,
    or whose features grow together with the customer's size, gets several components.
    Here a persona may have both: a t distribution with one factor. The cost is half the
    log of the smaller persona's customers per parameter (BIC).
    """
    members = np.flatnonzero(share.sum(axis=0) > 0.1)
    most = min(MAX_JOIN_ROWS, int(np.ceil(len(members) * min(1.0, MAX_CRITERION_ROWS / len(Z)))))
    members = members[np.linspace(0, len(members) - 1, most).astype(np.int64)]
    share, Z = share[:, members], Z[members]
    together = _factor_likelihood(Z, layout.hurdles, share.sum(axis=0)[None], prior.floor)
    gain = _factor_likelihood(Z, layout.hurdles, share, prior.floor) - together
    parameters = 3 * layout.d + len(layout.hurdles) + 1
    return gain / (0.5 * parameters * np.log(max(share.sum(axis=1).min(), 2.0)))


def _factor_likelihood(Z, hurdles, share, floor):
    """Log likelihood of a mixture of t distributions with one factor each, by EM.

    Value = centre + loading x size + rest, all of a row divided by the root of one
    gamma variable (Rubin 1983); zeros are Bernoulli, what is unknown drops out.

    Parameters
    ----------
    Z : ndarray of shape (n, d)
        Standardised rows, +inf for zero, NaN for unknown.
    share : ndarray of shape (K, n)
        Of each component to begin with; their sum is the weight of the row throughout.
    """
    there = np.isfinite(Z)
    z = np.where(there, Z, 0.0)
    there = there.astype(float)
    zero = np.isposinf(Z[:, hurdles]).astype(float)
    weight, values = share.sum(axis=0), there.sum(axis=1)
    nu, floor = JOIN_DEGREES, max(floor, 1e-6)
    flat = gammaln((nu + values) / 2) - gammaln(nu / 2) - values / 2 * np.log(nu * np.pi)
    parts: dict[int, tuple[np.ndarray, np.ndarray, np.ndarray]] = {}
    joint = np.empty(share.shape)
    for iteration in range(JOIN_ITERATIONS):
        for k, part in enumerate(share):
            rows = part @ there + _TINY
            if iteration == 0:
                centre = part @ z / rows
                spread = np.maximum(part @ z**2 / rows - centre**2, 0.0) + floor
                # Start: half of each variance is from the factor, half is the feature's own.
                loading, rest = np.sqrt(spread / 2), spread / 2
            else:
                scale, size, precision = parts[k]
                scale, first = part * scale, part * scale * size
                second = (first * size + part / precision) @ there + _TINY
                a, b, x, xb = scale @ there + _TINY, first @ there, scale @ z, first @ z
                loading = (a * xb - b * x) / np.maximum(a * second - b**2, _TINY)
                centre = (x - loading * b) / a
                rest = np.maximum(scale @ z**2 - centre * x - loading * xb, 0.0) / rows + floor
            none = (part @ zero + ZERO_PRIOR[0]) / (
                part @ (zero + there[:, hurdles]) + sum(ZERO_PRIOR)
            )
            residual = (z - centre) * there
            precision = 1 + there @ (loading**2 / rest)
            size = residual @ (loading / rest) / precision
            distance = np.maximum(residual**2 @ (1 / rest) - size**2 * precision, 0.0)
            parts[k] = (nu + values) / (nu + distance), size, precision
            joint[k] = (
                np.log(part.sum() / weight.sum() + _TINY)
                + flat
                - 0.5 * (there @ np.log(rest) + np.log(precision))
                - 0.5 * (nu + values) * np.log1p(distance / nu)
                + zero @ np.log(none)
                + there[:, hurdles] @ np.log1p(-none)
            )
        top = joint.max(axis=0)
        total = top + np.log(np.exp(joint - top).sum(axis=0))
        share = np.exp(joint - total) * weight
    return float(weight @ total)


def _sum_by_label(values, labels, how_many, axis=0):
    """Sums of rows (axis 0) or columns (axis 1) of values by label."""
    one_hot = np.zeros((how_many, len(labels)))
    one_hot[labels, np.arange(len(labels))] = 1.0
    return one_hot @ values if axis == 0 else values @ one_hot.T


def _x_log_x(x):
    """x log x, zero at zero."""
    return x * np.log(np.maximum(x, 1e-300))
