"""What the hurdle mixture promises: identity with scikit-learn, unknowns, sums, order."""

import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.datasets import load_breast_cancer, load_iris, load_wine, make_blobs
from sklearn.metrics import adjusted_rand_score
from sklearn.mixture import BayesianGaussianMixture
from sklearn.utils.estimator_checks import parametrize_with_checks

from arcana.mixture import BayesianHurdleMixture

DATA = {
    "iris": load_iris().data,
    "wine": load_wine().data,
    "breast cancer": load_breast_cancer().data,
    "blobs": make_blobs(3000, 8, centers=6, cluster_std=4.0, random_state=1)[0],
}


@parametrize_with_checks([BayesianHurdleMixture()])
def test_scikit_learn_accepts_it(estimator, check):
    check(estimator)


@pytest.mark.parametrize("prior", ["dirichlet_process", "dirichlet_distribution"])
@pytest.mark.parametrize("n_components", [1, 7])
@pytest.mark.parametrize("name", DATA)
def test_without_hurdles_it_is_scikit_learns(name, n_components, prior):
    X = DATA[name]
    same = {
        "n_components": n_components,
        "weight_concentration_prior_type": prior,
        "n_init": 2,
        "max_iter": 60,
        "reg_covar": 1e-6,
        "random_state": 3,
    }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = BayesianGaussianMixture(covariance_type="diag", tol=1e-3, **same).fit(X)
        ours = BayesianHurdleMixture(
            tol=1e-3 / len(X), noise=False, selection=False, standardize=False, **same
        ).fit(X)
    assert ours.n_iter_ == theirs.n_iter_
    np.testing.assert_allclose(ours.lower_bound_, theirs.lower_bound_, rtol=1e-8)
    np.testing.assert_allclose(ours.weights_, theirs.weights_, rtol=1e-8)
    np.testing.assert_allclose(ours.means_, theirs.means_, rtol=1e-8)
    np.testing.assert_allclose(ours.covariances_, theirs.covariances_, rtol=1e-8)
    np.testing.assert_allclose(
        ours.predict_proba(X), theirs.predict_proba(X), rtol=1e-8, atol=1e-10
    )
    np.testing.assert_allclose(ours.score_samples(X), theirs.score_samples(X), rtol=1e-8)


def customers(n=1500, seed=0):
    """Three personas over money, a count, months and an answer that is mostly unknown."""
    rng = np.random.default_rng(seed)
    persona = rng.choice(3, size=n, p=(0.5, 0.35, 0.15))
    money = np.exp(rng.normal(np.array([4.0, 7.0, 10.0])[persona], 0.7))
    money *= rng.uniform(size=n) > np.array([0.6, 0.2, 0.0])[persona]
    events = rng.poisson(np.array([2.0, 30.0, 300.0])[persona]) * (rng.uniform(size=n) > 0.2)
    months = rng.normal(np.array([20.0, 90.0, 60.0])[persona], 15)
    answer = np.where(rng.uniform(size=n) < 0.7, np.nan, rng.normal(8, 1, size=n))
    return np.column_stack([money, events, months, answer]), persona


HURDLES = [0, 1]


@pytest.fixture(scope="module")
def fitted():
    X, _ = customers()
    return BayesianHurdleMixture(hurdle_features=HURDLES, random_state=0).fit(X)


def test_planted_personas_are_found(fitted):
    X, persona = customers(seed=1)
    assert fitted.n_personas_ == 3
    assert adjusted_rand_score(persona, fitted.predict(X)) > 0.9


def test_a_customer_of_whom_nothing_is_known_is_as_likely_as_the_weights(fitted):
    nothing = np.full((1, 4), np.nan)
    expected = np.exp(fitted.density_.log_weight - np.logaddexp.reduce(fitted.density_.log_weight))
    personas = np.append(fitted.persona_of_, fitted.n_personas_)
    found = np.bincount(personas, expected)
    np.testing.assert_allclose(fitted.predict_proba(nothing)[0], found, atol=1e-12)


def test_the_same_seed_gives_the_same_fit_and_blocks_do_not_matter(fitted):
    X, _ = customers()
    again = clone(fitted).fit(X)
    np.testing.assert_array_equal(again.means_, fitted.means_)
    blocks = clone(fitted).set_params(block_size=97).fit(X)
    np.testing.assert_allclose(blocks.means_, fitted.means_, rtol=1e-6, atol=1e-8)
    np.testing.assert_array_equal(blocks.labels_, fitted.labels_)


def test_personas_are_numbered_from_the_largest():
    X, _ = customers()
    labels = BayesianHurdleMixture(hurdle_features=HURDLES, random_state=0).fit_predict(X)
    sizes = np.bincount(labels[labels >= 0])
    assert (np.diff(sizes) <= 0).all()


def test_what_repeats_a_zero_counts_once():
    rng = np.random.default_rng(0)
    active = rng.uniform(size=2000) < 0.5
    columns = [np.exp(rng.normal(3, 1, size=2000)) * active for _ in range(6)]
    X = np.column_stack([*columns, rng.normal(size=2000)])
    model = BayesianHurdleMixture(hurdle_features=range(6), random_state=0).fit(X)
    assert model.transform_.implied[0, 1:6].all()
    assert model.n_personas_ == 1


def test_tokens_are_zeros():
    X, _ = customers()
    token = X.copy()
    token[X[:, 0] == 0, 0] = 0.01
    plain = BayesianHurdleMixture(hurdle_features=HURDLES, random_state=0).fit(X)
    tokens = BayesianHurdleMixture(hurdle_features=HURDLES, random_state=0).fit(token)
    np.testing.assert_array_equal(plain.labels_, tokens.labels_)


def test_strays_are_noise():
    X, persona = customers()
    rng = np.random.default_rng(5)
    X[:40, 2] = rng.uniform(400, 900, size=40) * rng.choice([-1, 1], size=40)
    X[:40, 0] = np.exp(rng.uniform(14, 20, size=40))
    labels = BayesianHurdleMixture(hurdle_features=HURDLES, random_state=0).fit_predict(X)
    assert (labels[:40] == -1).mean() > 0.5
    assert (labels[40:] == -1).mean() < 0.02
    assert adjusted_rand_score(persona[40:], labels[40:]) > 0.9


def test_a_sample_stands_for_all():
    X, persona = customers(n=9000)
    model = BayesianHurdleMixture(hurdle_features=HURDLES, max_fit_rows=1000, random_state=0)
    assert adjusted_rand_score(persona, model.fit(X).predict(X)) > 0.9


def test_features_by_mask_position_or_name_are_the_same():
    X, _ = customers(n=400)
    frame = pd.DataFrame(X, columns=["money", "events", "months", "answer"])
    for chosen in ([True, True, False, False], [0, 1], ["money", "events"]):
        model = BayesianHurdleMixture(hurdle_features=chosen, random_state=0).fit(frame)
        np.testing.assert_array_equal(model.transform_.is_hurdle, [True, True, False, False])
        assert model.transform_.kind == ("log", "log_count", "identity", "identity")


def test_a_wrong_feature_is_named():
    frame = pd.DataFrame(customers(n=400)[0], columns=["money", "events", "months", "answer"])
    with pytest.raises(ValueError, match="hurdle_features: X has no feature mony"):
        BayesianHurdleMixture(hurdle_features=["mony"]).fit(frame)


def test_a_feature_of_which_nothing_is_known_or_that_never_changes_does_not_break_it():
    X, _ = customers(n=600)
    X = np.column_stack([X, np.full(600, np.nan), np.full(600, 3.0), np.zeros(600)])
    model = BayesianHurdleMixture(hurdle_features=[0, 1, 6], random_state=0).fit(X)
    assert np.isfinite(model.predict_proba(X)).all()
    assert np.isfinite(model.means_).all()
