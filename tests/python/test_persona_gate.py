"""What a fit must withstand before it is used, and what the registry says of a refit."""

import re

import numpy as np
import persona_population as population
import pytest
from test_personas import CATALOGUE, FEATURES, FITTED, NONE_YET, SYNTHETIC, refit, refused_first

from arcana.personas import Settings, gate, registry, update, versions


@pytest.fixture(scope="module")
def customers():
    return population.customers(800)[0]


@pytest.fixture(scope="module")
def first(customers):
    return refit(NONE_YET, customers)


@pytest.mark.parametrize("seed", range(3))
def test_shuffled_columns_hold_no_personas(customers, seed):
    stream = np.random.default_rng(seed)
    shuffled = customers.copy()
    for name in FITTED:
        shuffled[name] = stream.permutation(customers[name].to_numpy())
    assert refused_first(shuffled).customers_needed < len(shuffled)


def test_patterns_of_zeros_are_no_personas(customers):
    """On and off in four ways, and otherwise all alike."""
    stream = np.random.default_rng(0)
    alike = customers.astype(dict.fromkeys(FITTED, float))
    hurdles = FEATURES.loc[(FEATURES["role"] == "fit") & (FEATURES["kind"] == "hurdle"), "feature"]
    pattern = stream.integers(4, size=len(alike))
    for number, name in enumerate(sorted(hurdles)):
        is_on = (pattern + number) % 4 < 2
        alike[name] = np.exp(stream.normal(3, 1, size=len(alike))) * is_on
    for name in sorted(set(FITTED) - set(hurdles)):
        alike[name] = stream.normal(5, 1, size=len(alike))
    refused_first(alike)


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        ({"MIN_DEPENDENCE": 100}, "of shuffled columns -?0.\\d\\d; at least 100 more are needed"),
        ({"MAX_PATTERN_INFORMATION": 0}, "repeat which features are zero"),
        ({"MAX_AMBIGUOUS_SHARE": -1}, "nearly as likely somebody else"),
        ({"MIN_STABILITY": 1.1}, r"do not find again, at most 10%: persona \d 0\.\d\d"),
    ],
)
def test_each_check_can_refuse_and_says_so(customers, first, monkeypatch, limits, message):
    monkeypatch.setattr(gate, "RESAMPLES", 1)
    for name, value in limits.items():
        monkeypatch.setattr(gate, name, value)
    rows = refit(first, customers, refit=True)
    version = registry.newest(rows, is_synthetic=True)
    assert version.status == "refused"
    assert re.search(message, version.reason)
    assert version.checks is not None
    assert registry.in_use(rows, is_synthetic=True).number == 1


def test_what_was_measured_is_in_the_registry(first):
    version = registry.in_use(first, is_synthetic=True)
    assert "nats, in shuffled columns" in version.checks
    named = [persona is not None for persona in version.personas]
    stability = version.stability[named]
    assert ((stability >= 0) & (stability <= 1)).all()


def test_the_registry_says_who_was_born_split_merged_or_died():
    before = np.array([0] * 10 + [1] * 10 + [2] * 10 + [-1] * 2)
    after = np.array([0] * 6 + [4] * 4 + [1] * 10 + [1] * 10 + [5] * 2)
    assert list(versions._describe_changes(before, after)) == [
        "4 split from 0",
        "5 born",
        "2 merged into 1",
    ]
    assert list(versions._describe_changes(before, before)) == []
    assert list(versions._describe_changes(before, np.where(before == 2, -1, before))) == ["2 died"]


def test_a_registry_of_before_the_hurdles_is_read_and_followed(customers):
    old = refit(NONE_YET, customers, persona_model="sklearn")
    old = old.drop(columns=list(registry.ADDED))
    assert registry.in_use(old, is_synthetic=True).number == 1
    rows = update(old, customers, FEATURES, CATALOGUE, SYNTHETIC, Settings(accept_refit=True))
    version = registry.newest(rows, is_synthetic=True)
    assert (version.number, version.persona_model) == (2, "hurdle")
    assert version.fitted_because == "the features or the model changed"


def test_a_number_of_personas_can_be_asked_for(customers):
    rows = refit(NONE_YET, customers, n_personas=3)
    assert len({p for p in registry.in_use(rows, True).personas if p is not None}) <= 3
