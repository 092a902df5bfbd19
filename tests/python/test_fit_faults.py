"""What a fit may be given that it must not use, and that no processor changes what it finds."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import persona_population as population
import pytest
from test_personas import CATALOGUE, FEATURES, FITTED, NONE_YET, refit, refused_first, scored

from arcana import mixture
from arcana.personas import gate, registry, score_columns
from arcana.personas.population import Population

# Kinds of processor that OpenBLAS has code of its own for; one it lacks it replaces.
CORE_TYPES = ("Prescott", "Nehalem", "Haswell", "SkylakeX")


@pytest.fixture(scope="module")
def customers():
    return population.customers(800)[0].astype(dict.fromkeys(FITTED, float))


@pytest.fixture(scope="module")
def first(customers):
    return refit(NONE_YET, customers)


@pytest.mark.parametrize("feature", FITTED)
@pytest.mark.parametrize("value", [np.inf, -np.inf])
def test_infinity_in_any_feature_is_named_and_counted(customers, first, feature, value):
    bad = customers.copy()
    bad.loc[bad.index[[3, 5]], feature] = value
    rows = refit(first, bad, refit=True)
    refused = registry.newest(rows, is_synthetic=True)
    assert (refused.status, refused.reason) == ("refused", f"{feature} has 2 infinite values")
    assigned = scored(bad, rows)
    assert (assigned["mixture_version"] == 1).all()
    assert np.isfinite(assigned["probability"]).all()


@pytest.mark.parametrize("feature", FITTED)
@pytest.mark.parametrize(
    ("value", "told"), [(7.0, "the same for every customer (7)"), (np.nan, "unknown for every")]
)
def test_any_feature_without_information_is_left_out_with_its_reason(
    customers, feature, value, told
):
    people = Population.of(customers.assign(**{feature: value}), FEATURES, CATALOGUE)
    excluded = gate.find_uninformative(people)
    assert list(excluded) == [feature]
    assert excluded[feature].startswith(told)
    assert gate.reason_unfit(people, excluded) is None


def test_a_feature_told_twice_counts_once(customers, first):
    twice = FEATURES.loc[FEATURES["feature"] == "mrr_brl"].assign(feature="mrr_again_brl")
    features = pd.concat([FEATURES, twice], ignore_index=True)
    rows = refit(NONE_YET, customers.assign(mrr_again_brl=customers["mrr_brl"]), features=features)
    version = registry.in_use(rows, is_synthetic=True)
    assert list(version.excluded.values()) in (
        ["says the same as mrr_brl"],
        ["says the same as mrr_again_brl"],
    )
    same = scored(customers.assign(mrr_again_brl=customers["mrr_brl"]), rows)
    assert (same["persona_id"] == scored(customers, first)["persona_id"]).mean() > 0.99


@pytest.mark.parametrize("n", [0, 1, 2, 11, 12, 199, 200, 239])
def test_too_few_customers_are_counted_and_the_version_in_use_stays(customers, first, n):
    assert mixture.BayesianHurdleMixture().n_components == 12
    few = customers.iloc[:n]
    none = refused_first(few)
    assert (none.customer_count, none.customers_needed > n) == (n, True)
    assert none.reason.startswith(f"{n} customers, at least {none.customers_needed} are needed")
    rows = refit(first, few, refit=True)
    refused = registry.newest(rows, is_synthetic=True)
    assert refused.status == "refused"
    assert refused.customer_count == n
    assert (scored(few, rows)["mixture_version"] == 1).all()
    assert len(scored(few, rows)) == n


def test_one_blob_is_refused():
    stream = np.random.default_rng(0)
    blob = population.customers(800)[0].assign(
        **{name: np.exp(stream.normal(3, 1, size=800)) for name in FITTED}
    )
    refused_first(blob)


def test_of_whom_nothing_is_known_is_unassigned_and_of_whom_little_less_sure(customers, first):
    customers = customers.copy()
    before = scored(customers, first)
    customers.loc[0, FITTED] = np.nan
    known = [name for name in FITTED if name.split("_")[0] in ("tenure", "product", "revenue")]
    customers.loc[1:200, [name for name in FITTED if name not in known]] = np.nan
    assigned = scored(customers, first)
    assert assigned.loc[0, "persona_status"] == "unassigned"
    assert np.isnan(assigned.loc[0, "probability"])
    little = assigned.loc[1:200, "probability"]
    assert little.notna().all()
    assert little.mean() < before.loc[1:200, "probability"].mean()


def test_another_feature_in_the_seed_asks_for_a_version_of_its_own_and_says_so(customers, first):
    """One line of the seed; until a fit has passed the gate, the old version scores."""
    line = FEATURES.loc[FEATURES["feature"] == "tenure_months"].assign(
        feature="dice", level=None, kind="normal"
    )
    features = pd.concat([FEATURES, line], ignore_index=True)
    with_dice = customers.assign(dice=np.random.default_rng(0).normal(size=len(customers)))
    rows = refit(first, with_dice, features=features)
    newest = registry.newest(rows, is_synthetic=True)
    assert newest.number == 2
    assert newest.fitted_because == "the features or the model changed"
    assert newest.status == "accepted"
    assert "dice" in newest.mixture.features

    on_or_off = customers.assign(dice=np.inf)
    kept = refit(first, on_or_off, features=features)
    assert "dice has 800 infinite values" in registry.newest(kept, is_synthetic=True).reason
    assert registry.in_use(kept, is_synthetic=True).number == 1
    assert "dice" not in score_columns(registry.in_use(kept, is_synthetic=True))


FINGERPRINT = """
import hashlib, sys
sys.path.insert(0, sys.argv[1])
from test_personas import NONE_YET, refit, scored
import persona_population as population
customers = population.customers(400)[0]
assigned = scored(customers, refit(NONE_YET, customers))
print(hashlib.sha256(assigned.to_csv(index=False).encode()).hexdigest())
print(hashlib.sha256(assigned["persona_name"].astype(str).str.cat().encode()).hexdigest())
"""


def test_another_kind_of_processor_gives_the_same_personas():
    found = {}
    for core in CORE_TYPES:
        done = subprocess.run(
            [sys.executable, "-c", FINGERPRINT, str(Path(__file__).parent)],
            env={**os.environ, "OPENBLAS_CORETYPE": core, "OMP_NUM_THREADS": "1"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        found[core] = done.stdout.split()
    assert len({names for _, names in found.values()}) == 1, found
