"""The mixture as numbers: what is fitted, and what the numbers alone give back."""

from dataclasses import replace

import numpy as np
import persona_population as population
import pytest
from scipy.stats import norm
from sklearn.metrics import adjusted_rand_score

from arcana.mixture import BayesianHurdleMixture
from arcana.mixture import parameters as mixtures
from arcana.mixture.transforms import Transform

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


@pytest.fixture(scope="module", params=["hurdle", "sklearn"])
def fitted(planted, request):
    return mixtures.FITS[request.param](planted[0], FEATURES, IS_HURDLE)[0]


@pytest.mark.parametrize(("model", "least"), [("hurdle", 0.85), ("sklearn", 0.4)])
def test_planted_personas_are_found(planted, model, least):
    mixture, group = mixtures.FITS[model](planted[0], FEATURES, IS_HURDLE)
    share = mixture.scorer.responsibilities(planted[0])[:, : len(group)]
    assert adjusted_rand_score(planted[1], group[share.argmax(axis=1)]) > least


def test_the_numbers_say_what_the_estimator_says(planted):
    """Posterior means in place of the posterior move nobody who is sure."""
    mixture, group = mixtures.fit_hurdle(planted[0], FEATURES, IS_HURDLE)
    estimator = BayesianHurdleMixture(
        hurdle_features=IS_HURDLE,
        n_init=mixtures.STARTS,
        random_state=mixtures.SEED,
        max_iter=mixtures.MAX_ITERATIONS,
    ).fit(planted[0])
    held = mixture.scorer.responsibilities(planted[0]).argmax(axis=1)
    assert np.mean(np.append(group, -1)[held] == estimator.labels_) > 0.995


def test_an_earlier_mixture_is_a_start_and_a_number_can_be_asked_for(planted):
    first, group = mixtures.fit_hurdle(planted[0], FEATURES, IS_HURDLE)
    again, _ = mixtures.fit_hurdle(planted[0], FEATURES, IS_HURDLE, previous=first)
    assert again.criterion >= first.criterion - 1
    for wanted in (2, int(group.max()) + 2):
        _, fixed = mixtures.fit_hurdle(planted[0], FEATURES, IS_HURDLE, n_personas=wanted)
        assert fixed.max() + 1 == wanted


def test_the_same_customers_give_the_same_numbers(planted, fitted):
    again, _ = mixtures.FITS[fitted.model](planted[0], FEATURES, IS_HURDLE)
    for name in ("weight", "mean", "variance", "zero_probability"):
        np.testing.assert_array_equal(getattr(again, name), getattr(fitted, name))
    for name in ("centre", "scale", "impute", "smallest", "implied"):
        np.testing.assert_array_equal(
            getattr(again.transform, name), getattr(fitted.transform, name)
        )


def test_log_joint_is_weight_times_densities(planted, fitted):
    Z = fitted.transform(planted[0][:50])
    z, K = np.nan_to_num(Z, posinf=0.0), len(fitted.weight)
    hurdle = ~np.isnan(fitted.zero_probability[0])
    p = np.where(hurdle, fitted.zero_probability, 0.0)
    terms = np.log1p(-p) + norm.logpdf(z[:, None], fitted.mean, np.sqrt(fitted.variance))
    terms = np.where(np.isposinf(Z)[:, None], np.log(np.where(hurdle, p, 1.0)), terms)
    expected = np.where(np.isnan(Z)[:, None], 0.0, terms).sum(axis=2) + np.log(fitted.weight)
    joint = fitted.scorer.log_joint(Z)
    np.testing.assert_allclose(joint[:K].T, expected, rtol=1e-9)
    if fitted.noise_weight:
        known = (~np.isnan(Z)).sum(axis=1) * -np.log(6.0)
        known += np.where(np.isposinf(Z), np.log(6.0), 0).sum(axis=1)
        known -= np.log(2.0) * (hurdle & ~np.isnan(Z)).sum(axis=1)
        np.testing.assert_allclose(joint[K], known + np.log(fitted.noise_weight), rtol=1e-9)


def test_differences_of_features_sum_to_that_of_the_log_densities(planted, fitted):
    Z = fitted.transform(planted[0][:50])
    joint = fitted.scorer.log_joint(Z)
    first, second = joint.argmax(axis=0), joint.argmin(axis=0)
    rows, weight = np.arange(len(Z)), fitted.density.log_weight
    weights = np.zeros((len(Z), len(joint)))
    weights[rows, first] += 1
    weights[rows, second] -= 1
    differences = fitted.density.weighted_terms(Z, weights).sum(axis=1)
    np.testing.assert_allclose(
        differences + weight[first] - weight[second],
        joint[first, rows] - joint[second, rows],
        atol=1e-9,
    )


def test_with_groups_of_one_component_the_shares_are_the_weights(planted, fitted):
    X, d = planted[0][:200].copy(), len(FEATURES)
    X[:, 3] = np.nan
    weight = fitted.scorer.density.log_weight
    groups = {k: np.array([k]) for k in range(len(weight))}
    scores = fitted.scorer.score_groups(X, groups, d)
    np.testing.assert_allclose(scores.share, np.exp(weight[scores.best]), rtol=1e-9)
    np.testing.assert_allclose(scores.runner_up_share, np.exp(weight[scores.runner_up]), rtol=1e-9)
    np.testing.assert_allclose(scores.reason_rest, 0, atol=1e-9)
    if fitted.model == "hurdle":
        assert (scores.reason_value[scores.reason_feature == 3] == 0).all()


def test_with_groups_of_several_components_nothing_is_left_over(planted, fitted):
    X, d = planted[0][:200], len(FEATURES)
    weight = np.exp(fitted.scorer.density.log_weight)
    groups = {0: np.arange(2), 1: np.arange(2, len(weight))}
    scores = fitted.scorer.score_groups(X, groups, d)
    total = np.log(scores.share / scores.runner_up_share) + scores.reason_value.sum(axis=1)
    np.testing.assert_allclose(total, scores.log_odds, atol=1e-8)
    np.testing.assert_allclose(scores.reason_rest, 0, atol=1e-8)
    # Between the weight of the component that claims the row alone and that of the group.
    for at, members in groups.items():
        share = scores.share[scores.best == at]
        assert (share <= weight[members].sum() + 1e-12).all()
        assert (share >= weight[members].min() - 1e-12).all()


def test_one_group_has_no_runner_up_and_no_reasons(planted, fitted):
    groups = {0: np.arange(len(fitted.scorer.density.log_weight))}
    scores = fitted.scorer.score_groups(planted[0][:20], groups, 3)
    assert (scores.runner_up == -1).all()
    assert (scores.reason_feature == -1).all()
    np.testing.assert_allclose(scores.probability, 1)
    assert np.isnan(scores.share).all()


def test_dependence_is_that_of_the_joint_against_the_marginals(planted, fitted):
    """Against the definition: every feature scored alone, by a mixture of it alone."""
    X = planted[0][:200]
    Z, K = fitted.transform(X), len(fitted.weight)
    whole = np.logaddexp.reduce(fitted.scorer.log_joint(Z), axis=0)
    alone = np.zeros(len(Z))
    for j in range(Z.shape[1]):
        only = np.full(Z.shape, np.nan)
        only[:, j] = Z[:, j]
        alone += np.logaddexp.reduce(fitted.scorer.log_joint(only), axis=0)
    assert K > 1
    expected = (whole - alone).mean()
    np.testing.assert_allclose(mixtures.measure_dependence(fitted, X), expected, rtol=1e-9)
    assert expected > 0.3


def test_responsibilities_sum_to_one_whatever_the_blocks(planted, fitted):
    whole = fitted.scorer.responsibilities(planted[0])
    np.testing.assert_allclose(whole.sum(axis=1), 1, atol=1e-12)
    in_blocks = replace(fitted.scorer, block_rows=100).responsibilities(planted[0])
    np.testing.assert_allclose(in_blocks, whole, atol=1e-12)


def test_far_values_stay_finite(fitted):
    X = np.array([[1e300] * len(FEATURES), [-1e300] * len(FEATURES), [np.inf] * len(FEATURES)])
    assert np.isfinite(fitted.scorer.log_joint(fitted.transform(X))).all()


def test_to_scikit_learn_unknown_means_none_of_a_hurdle_and_the_median_of_others(planted):
    mixture, _ = mixtures.fit_sklearn(planted[0], FEATURES, IS_HURDLE)
    mrr, band = FEATURES.index("mrr_brl"), FEATURES.index("revenue_band_rank")
    assert mixture.transform.impute[mrr] == 0
    assert mixture.transform.impute[band] == np.nanmedian(planted[0][:, band])
    row, filled = planted[0][:1].copy(), planted[0][:1].copy()
    row[0, [mrr, band]] = np.nan
    filled[0, [mrr, band]] = mixture.transform.impute[[mrr, band]]
    np.testing.assert_array_equal(
        mixture.scorer.responsibilities(row), mixture.scorer.responsibilities(filled)
    )


def test_no_component_is_light_and_weights_sum_to_one(fitted):
    assert fitted.components.tolist() == list(range(1, len(fitted.weight) + 1))
    assert fitted.weight.min() >= mixtures.MIN_WEIGHT / 2
    assert fitted.weight.sum() + fitted.noise_weight == pytest.approx(1)


def test_pooled_has_the_moments_of_its_components(fitted):
    one = mixtures.pool_components(fitted, [np.arange(len(fitted.weight))])
    share = fitted.weight / fitted.weight.sum()
    above = np.nan_to_num(1 - fitted.zero_probability, nan=1.0)
    there = (share[:, None] * above) / (share @ above)
    np.testing.assert_allclose(one.mean[0], (there * fitted.mean).sum(axis=0))
    spread = (there * (fitted.variance + (fitted.mean - one.mean) ** 2)).sum(axis=0)
    np.testing.assert_allclose(one.variance[0], spread)
    np.testing.assert_allclose(
        np.nan_to_num(one.zero_probability[0]), 1 - share @ above, atol=1e-12
    )


def test_light_components_leave_their_weight_to_the_others(fitted):
    light = replace(
        fitted, noise_weight=0.0, weight=np.append(np.full(len(fitted.weight) - 1, 0.5), 0.001)
    )
    kept = mixtures.drop_light_components(light)
    assert len(kept.weight) == len(fitted.weight) - 1
    assert kept.weight.sum() == pytest.approx(1)
    with pytest.raises(mixtures.FitError, match="no component holds"):
        mixtures.drop_light_components(replace(fitted, weight=fitted.weight * 1e-6))


@pytest.mark.parametrize("model", ["hurdle", "sklearn"])
def test_a_fit_that_does_not_converge_is_told(planted, monkeypatch, model):
    monkeypatch.setattr(mixtures, "MAX_ITERATIONS", 1)
    with pytest.raises(mixtures.FitError, match="did not converge"):
        mixtures.FITS[model](planted[0], FEATURES, IS_HURDLE)


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
    shuffled = mixtures.select_components(fitted, order)
    rescaled = replace(
        shuffled,
        transform=replace(
            fitted.transform, centre=fitted.transform.centre + 1, scale=fitted.transform.scale * 2
        ),
        mean=(shuffled.mean * fitted.transform.scale - 1) / (2 * fitted.transform.scale),
        variance=shuffled.variance / 4,
    )
    pairs = mixtures.match_components(fitted, rescaled, max_distance=0.9)
    assert [pairs[k] for k in range(len(order))] == order.tolist()


def test_a_component_too_far_from_any_is_no_pair():
    first = _two_components()
    second = replace(first, mean=first.mean + np.array([[0.0], [50.0]]))
    assert mixtures.match_components(first, second, max_distance=0.9) == {0: 0}


def _two_components(scale=1.0):
    return mixtures.Mixture(
        model="sklearn",
        features=("x",),
        transform=replace(
            Transform.plain(("identity",)), centre=np.array([1.0]), scale=np.array([scale])
        ),
        components=np.array([1, 2]),
        weight=np.array([0.5, 0.5]),
        noise_weight=0.0,
        zero_probability=np.full((2, 1), np.nan),
        mean=np.array([[0.0], [9.0]]),
        variance=np.array([[1.0], [1.0]]),
        criterion=0.0,
    )
