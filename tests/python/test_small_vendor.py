"""A vendor with few customers gets everything but personas, and is told what a fit needs."""

from __future__ import annotations

import json
import re
import shutil

import pytest
import small_vendor
from conftest import ROOT, new_project

BUILD = ("build", "--extract-date", "2025-03-25")
STATUS = "select persona_status, count(*) from gold.customer_personas group by all"
VERSIONS = (
    "select mixture_version, min(status), max(customer_count) filter (component = -1)"
    " from gold.persona_mixture group by all order by all"
)


def in_one_line(done) -> str:
    return " ".join(done.stderr.split())


def on_the_page(project) -> dict:
    html = (project.serve / "index.html").read_text(encoding="utf-8")
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', html, re.DOTALL)
    return json.loads(found[1])


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """The first 60 customers of the sample, built."""
    project = new_project(tmp_path_factory.mktemp("small"))
    small_vendor.keep(project.raw, 60)
    done = project.arcana(*BUILD)
    return project, done


def test_everything_but_personas_is_published(small):
    project, done = small
    assert done.returncode == 0, done.stdout + done.stderr
    assert "NO PERSONAS YET: a fit needs at least 240 customers, and there are 5" in in_one_line(
        done
    )
    assert project.query(STATUS) == [("not_scored", 60)]
    for table in ("customer_360", "dim_customers"):
        ((rows,),) = project.query(f"select count(*) from gold.{table}")
        assert 50 <= rows <= 60, table
    ((listed,),) = project.query("select count(*) from gold.customer_lists")
    assert listed > 10
    assert len([*(project.serve / "lists").glob("*.xlsx")]) == 4
    assert project.query("select count(*) from gold.persona_insights") == [(0,)]
    presence = "select persona_id >= 0, presence, count(*) from gold.persona_profiles group by all"
    assert set(project.query(presence)) == {(True, "Não avaliada", 8), (False, "Encontrada", 1)}
    build = json.loads((project.serve / "build.json").read_text(encoding="utf-8"))
    assert build["mixture_version"] is None


def test_the_refused_fit_is_recorded_with_the_customers_it_needs(small):
    project, _ = small
    ((status, reason, customers, needed),) = project.query(
        "select status, reason, customer_count, customers_needed from gold.persona_mixture"
        " where component = -1 and feature = '*'"
    )
    assert (status, needed) == ("refused", 240)
    assert reason == f"{customers} customers, at least 240 are needed for 12 features"


def test_the_page_says_how_many_customers_a_fit_needs(small):
    project, _ = small
    versions = on_the_page(project)["versions"]
    assert versions["in_use"] is None
    assert versions["all"][0]["needed"] == 240
    assert 50 <= versions["all"][0]["customers"] <= 60
    html = (project.serve / "index.html").read_text(encoding="utf-8")
    assert "o modelo precisa de pelo menos {needed} clientes" in html


def test_a_first_fit_that_is_refused_for_what_it_found_publishes_the_rest(small, tmp_path):
    """What customers have of one family says nothing of what they have of another."""
    project = new_project(tmp_path)
    small_vendor.keep(project.raw, 300)
    small_vendor.mix_up(project.raw)
    done = project.arcana(*BUILD)
    assert done.returncode == 3, done.stderr
    assert "FIRST FIT REFUSED: version 1 (" in in_one_line(done)
    assert "What helps: more customers" in in_one_line(done)
    assert project.query(STATUS) == [("not_scored", 300)]
    assert project.query(VERSIONS)[0][:2] == (1, "refused")
    newest = on_the_page(project)["versions"]["all"][0]
    assert newest["reason"]
    assert newest["customers"] >= newest["needed"]


def test_without_use_no_persona_claims_it(tmp_path):
    """Contracts, MRR and dates only."""
    project = new_project(tmp_path)
    (project.raw / "_synthetic.json").unlink()
    for path in project.raw.glob("*.csv"):
        if path.stem not in ("clientes_desde", "dados_clientes", "mrr"):
            path.unlink()
    done = project.arcana(*BUILD)
    assert done.returncode == 0, done.stderr
    told = project.query(
        "select persona_id, profile from gold.persona_profiles"
        " where customer_count > 0 and persona_id >= 0"
    )
    assert len(told) >= 2
    assert {persona for persona, _ in told} <= {8, 9, 10, 11}
    assert all("o uso dos produtos não foi medido" in profile for _, profile in told)
    # What was not delivered is unknown: it puts nobody on a list, and lowers what is known.
    known = project.query("select max(known_share) from gold.customer_lists")
    assert 0 < known[0][0] < 1
    reasons = project.query("select distinct condition from gold.customer_signal_reasons")
    assert {condition for (condition,) in reasons} <= {
        "cancelled_much", "no_active_contract", "few_products", "no_cloud", "long_customer",
    }  # fmt: skip


def test_the_same_build_again_says_the_same_and_enough_customers_are_fitted(small):
    project, _ = small
    served = project.served_hashes()
    again = project.arcana(*BUILD)
    assert again.returncode == 0
    assert "NO PERSONAS YET" in in_one_line(again)
    assert project.served_hashes() == served

    shutil.rmtree(project.raw)
    shutil.copytree(ROOT / "sample/raw", project.raw)
    (project.raw / "_synthetic.json").unlink()
    # Five times as many customers at once is another export, as long as nobody says so.
    families = ("clientes_desde", "contratacoes_ultimos_12_meses", "mrr", "telemetria")
    accepted = [word for family in families for word in ("--accept-data", family)]
    grown = project.arcana(*BUILD, *accepted)
    assert grown.returncode == 0, grown.stderr
    assert "NO PERSONAS" not in in_one_line(grown)
    assert [row[:2] for row in project.query(VERSIONS)] == [(1, "refused"), (2, "accepted")]
    assert on_the_page(project)["versions"]["in_use"] == 2
