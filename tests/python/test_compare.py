"""Other models beside ours, on the customers that are served."""

import json

import numpy as np
import pytest

from arcana.compare import baselines, judging
from arcana.compare.judging import CompareError


@pytest.fixture(scope="module")
def groups():
    """Three groups far apart, and which is whose."""
    stream = np.random.default_rng(0)
    label = stream.integers(3, size=600)
    X = np.exp(stream.normal(size=(600, 4)) / 3 + 4 * label[:, None] + [0, 1, 0, 1])
    return X, label


@pytest.mark.parametrize("name", ["k-means", "Ward", "sklearn on logs", "GMM + BIC"])
def test_a_rival_finds_groups_that_are_far_apart(groups, name):
    X, label = groups
    found = baselines.RIVALS[name](X, np.ones(4, bool), 0)
    # They may cut a group in two; none may pour two into one.
    for cluster in np.unique(found.labels):
        assert len(np.unique(label[found.labels == cluster])) == 1
    if found.probability is not None:
        assert ((found.probability > 0) & (found.probability <= 1)).all()


def test_overlap_is_one_for_the_same_groups_under_other_numbers_and_less_for_halves():
    labels = np.array([0] * 10 + [1] * 10 + [-1] * 5)
    again = np.array([7] * 10 + [3] * 10 + [0] * 5)
    assert judging._overlap(labels, again) == 1
    again[:5] = 9
    assert judging._overlap(labels, again) == pytest.approx((0.5 + 1) / 2)
    assert judging._overlap(np.full(4, -1), np.zeros(4, int)) == 0


def test_nothing_served_is_told(tmp_path):
    with pytest.raises(CompareError, match="run `arcana build` first"):
        judging.compare(tmp_path)


def test_the_command_keeps_and_shows_what_it_found(project):
    done = project.arcana("compare")
    assert done.returncode == 0, done.stderr
    found = json.loads((project.data / "compare" / "models.json").read_text())
    assert [row["model"] for row in found["rows"]] == list(judging.NOTES)
    assert found["build_id"] == json.loads((project.serve / "build.json").read_text())["build_id"]
    matrix = np.array(found["agreement"]["ari"])
    np.testing.assert_allclose(matrix, matrix.T)
    np.testing.assert_allclose(np.diag(matrix), 1)
    for row in found["rows"]:
        assert row["model"] in done.stdout
        assert 0 <= row["stability"] <= 1
