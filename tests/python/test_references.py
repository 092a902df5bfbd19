"""A name that nothing knows is told with file and line before anything is built."""

from __future__ import annotations

import shutil
from types import SimpleNamespace

import pytest
from conftest import ROOT

from arcana import families
from arcana.job.references import FAMILIES_MACRO, unknown_references

CONTRACT = list(families.load())
KWARGS = {"column_name": "feature", "to": "ref('dim_features')", "field": "feature"}


@pytest.fixture
def project(tmp_path):
    """A copy of the seeds, and what dbt would know of the project."""
    shutil.copytree(ROOT / "seeds", tmp_path / "seeds")
    nodes = {
        f"seed.arcana.{name}": SimpleNamespace(
            name=name,
            resource_type="seed",
            root_path=str(tmp_path),
            original_file_path=f"seeds/{name}.csv",
        )
        for name in ("persona_features", "conditions", "signal_rules")
    }
    nodes["model.arcana.customer_360"] = SimpleNamespace(
        resource_type="model",
        columns={
            row.split(",")[0]: SimpleNamespace(name=row.split(",")[0], data_type="bigint")
            for row in (tmp_path / "seeds/persona_features.csv").read_text().splitlines()
        },
    )
    nodes["test.features"] = relationship("persona_features", KWARGS)
    rule = {"column_name": "condition", "to": "ref('conditions')", "field": "condition"}
    nodes["test.rules"] = relationship("signal_rules", rule)
    listed = "".join(f"'{name}': {{}}," for name in CONTRACT)
    macros = {FAMILIES_MACRO: SimpleNamespace(macro_sql=listed)}
    return SimpleNamespace(nodes=nodes, macros=macros, seeds=tmp_path / "seeds")


def relationship(seed: str, kwargs: dict) -> SimpleNamespace:
    metadata = SimpleNamespace(name="relationships", kwargs=kwargs)
    attached = f"seed.arcana.{seed}"
    return SimpleNamespace(resource_type="test", attached_node=attached, test_metadata=metadata)


def change(file, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_a_project_in_order_is_silent(project):
    assert not list(unknown_references(project, CONTRACT))


def test_a_feature_that_is_no_column_is_told_with_its_line(project):
    change(project.seeds / "persona_features.csv", "\nmrr_brl,", "\nmrr_in_brl,")
    (told,) = unknown_references(project, CONTRACT)
    assert told == (
        "seeds/persona_features.csv, line 7: feature 'mrr_in_brl' is no numeric column of"
        " customer_360."
    )


def test_a_condition_that_nobody_defines_is_told_with_its_line(project):
    change(project.seeds / "signal_rules.csv", "at_risk,", "at_risk,un")
    (told,) = unknown_references(project, CONTRACT)
    assert told.startswith("seeds/signal_rules.csv, line 2: condition 'un")
    assert told.endswith("is no condition of seeds/conditions.csv.")


def test_a_family_in_one_list_only_is_told(project):
    (told,) = unknown_references(project, [*CONTRACT, "boletos"])
    assert "no model reads the family boletos" in told
    (told,) = unknown_references(project, CONTRACT[1:])
    assert f"{CONTRACT[0]} is no family" in told
