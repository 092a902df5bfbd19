"""The mixture as numbers: what is fitted, and what the numbers alone give back."""

from dataclasses import replace

import numpy as np
import persona_population as population
import pytest
from scipy.special import logsumexp
from scipy.stats import norm
from sklearn.metrics import adjusted_rand_score

from arcana import mixture as mixtures

HURDLES = (
    "mrr_brl",
    "active_contract_value_brl",
    "product_count",
    "usage_distinct_event_count",
    "ticket_count_last_12_months",
)
NORMALS = ("nps_mean_score", "revenue_band_rank", "tenure_months")
FEATURES = HURDLES + NORMALS
IS_HURDLE = np.array([name in HURDLES for name in FEATURES])


@pytest.fixture(scope="module")
def planted():
    customers, truth = population.customers(1500)
    return customers[list(FEATURES)].to_numpy(float), truth


@pytest.fixture(scope="module")
def fitted(planted):
    return mixtures.fit_sklearn(planted[0], FEATURES, IS_HURDLE)


def test_planted_personas_are_found_to_the_degree_that_gaussians_can(planted, fitted):
    found = mixtures.responsibilities(fitted, planted[0]).argmax(axis=1)
    assert adjusted_rand_score(planted[1], found) > 0.4


def test_the_same_customers_give_the_same_numbers(planted, fitted):
    again = mixtures.fit_sklearn(planted[0], FEATURES, IS_HURDLE)
    for name in ("weight", "mean", "variance", "centre", "scale", "impute"):
        np.testing.assert_array_equal(getattr(again, name), getattr(fitted, name))


def test_log_joint_is_weight_times_normal_densities(planted, fitted):
    Z = mixtures.scaled(fitted, planted[0][:50])
    expected = np.log(fitted.weight) + norm.logpdf(
        Z[:, None], fitted.mean, np.sqrt(fitted.variance)
    ).sum(axis=2)
    np.testing.assert_allclose(mixtures.log_joint(fitted, Z), expected, rtol=1e-10)


def test_feature_terms_sum_to_the_log_density(planted, fitted):
    Z = mixtures.scaled(fitted, planted[0][:50])
    joint = mixtures.log_joint(fitted, Z)
    component = joint.argmax(axis=1)
    terms = mixtures.feature_terms(fitted, Z, component).sum(axis=1)
    np.testing.assert_allclose(
        terms + np.log(fitted.weight[component]), joint.max(axis=1), atol=1e-9
    )


def test_responsibilities_sum_to_one_whatever_the_blocks(planted, fitted, monkeypatch):
    whole = mixtures.responsibilities(fitted, planted[0])
    np.testing.assert_allclose(whole.sum(axis=1), 1, atol=1e-12)
    monkeypatch.setattr(mixtures, "BLOCK_ROWS", 100)
    np.testing.assert_allclose(mixtures.responsibilities(fitted, planted[0]), whole, atol=1e-12)


def test_far_values_stay_finite(fitted):
    X = np.array([[1e300] * len(FEATURES), [-1e300] * len(FEATURES), [np.inf] * len(FEATURES)])
    assert np.isfinite(mixtures.log_joint(fitted, mixtures.scaled(fitted, X))).all()


def test_unknown_means_none_of_a_hurdle_and_the_median_of_others(planted, fitted):
    mrr, band = FEATURES.index("mrr_brl"), FEATURES.index("revenue_band_rank")
    assert fitted.impute[mrr] == 0
    assert fitted.impute[band] == np.nanmedian(planted[0][:, band])
    row, filled = planted[0][:1].copy(), planted[0][:1].copy()
    row[0, [mrr, band]] = np.nan
    filled[0, [mrr, band]] = fitted.impute[[mrr, band]]
    np.testing.assert_array_equal(
        mixtures.responsibilities(fitted, row), mixtures.responsibilities(fitted, filled)
    )


def test_components_are_numbered_from_the_heaviest_and_none_is_light(fitted):
    assert (np.diff(fitted.weight) <= 0).all()
    assert fitted.components.tolist() == list(range(1, len(fitted.weight) + 1))
    assert fitted.weight.min() >= mixtures.MIN_WEIGHT
    assert fitted.weight.sum() == pytest.approx(1)


def test_light_components_leave_their_weight_to_the_others(fitted):
    light = replace(fitted, weight=np.append(np.full(len(fitted.weight) - 1, 0.5), 0.001))
    kept = mixtures.without_light_components(light)
    assert len(kept.weight) == len(fitted.weight) - 1
    assert kept.weight.sum() == pytest.approx(1)
    with pytest.raises(mixtures.FitError, match="no component holds"):
        mixtures.without_light_components(replace(fitted, weight=fitted.weight * 1e-6))


def test_a_fit_that_does_not_converge_is_told(planted, monkeypatch):
    monkeypatch.setattr(mixtures, "MAX_ITERATIONS", 1)
    with pytest.raises(mixtures.FitError, match="did not converge"):
        mixtures.fit_sklearn(planted[0], FEATURES, IS_HURDLE)


def test_hellinger_is_zero_for_the_same_and_one_for_nothing_shared(fitted):
    distance = mixtures.hellinger(fitted, fitted)
    np.testing.assert_allclose(np.diag(distance), 0, atol=1e-7)
    assert ((distance >= 0) & (distance <= 1)).all()
    renamed = replace(fitted, features=tuple(f"other_{name}" for name in FEATURES))
    assert (mixtures.hellinger(fitted, renamed) == 1).all()


def test_hellinger_is_that_of_the_densities():
    """One feature: against the integral itself."""
    grid = np.linspace(-30, 30, 20001)
    one = _two_components(scale=2.0)
    moved = replace(one, mean=one.mean + 0.4, variance=one.variance * 1.7)
    density = [
        norm.pdf(grid, m.mean[0, 0] * 2 + 1, np.sqrt(m.variance[0, 0]) * 2) for m in (one, moved)
    ]
    affinity = np.trapezoid(np.sqrt(density[0] * density[1]), grid)
    assert mixtures.hellinger(one, moved)[0, 0] == pytest.approx(np.sqrt(1 - affinity), abs=1e-6)


def test_components_are_found_again_in_another_order_and_on_another_scale(fitted):
    order = np.random.default_rng(1).permutation(len(fitted.weight))
    shuffled = mixtures.select(fitted, order)
    rescaled = replace(
        shuffled,
        centre=fitted.centre + 1,
        scale=fitted.scale * 2,
        mean=(shuffled.mean * fitted.scale - 1) / (2 * fitted.scale),
        variance=shuffled.variance / 4,
    )
    pairs = mixtures.match_components(fitted, rescaled, furthest=0.9)
    assert [pairs[k] for k in range(len(order))] == order.tolist()


def test_a_component_too_far_from_any_is_no_pair():
    first = _two_components()
    second = replace(first, mean=first.mean + np.array([[0.0], [50.0]]))
    assert mixtures.match_components(first, second, furthest=0.9) == {0: 0}


def test_normalised_is_the_softmax():
    logs = np.array([[-1000.0, -1001.0], [5.0, -2000.0]])
    expected = np.exp(logs - logsumexp(logs, axis=1, keepdims=True))
    np.testing.assert_allclose(mixtures.normalised(logs), expected)


def _two_components(scale=1.0):
    return mixtures.Mixture(
        model="sklearn",
        features=("x",),
        transform=("identity",),
        centre=np.array([1.0]),
        scale=np.array([scale]),
        impute=np.array([0.0]),
        components=np.array([1, 2]),
        weight=np.array([0.5, 0.5]),
        zero_probability=np.full((2, 1), np.nan),
        mean=np.array([[0.0], [9.0]]),
        variance=np.array([[1.0], [1.0]]),
        criterion=0.0,
    )
