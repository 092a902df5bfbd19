"""The page: aggregates only, both languages whole, and something to read whatever is missing."""

import csv
import json
import re
import shutil
from importlib.resources import files

import duckdb
import pytest
from conftest import ROOT, new_project

from arcana import page
from arcana.page import PageError, exploration

MOST_BYTES = 2_000_000
# The models of the page.
PAGE = "path:models/page"


def embedded(html):
    return json.loads(re.search(r'id="data">(.*?)</script>', html, re.DOTALL)[1])


@pytest.fixture(scope="module")
def workshop(tmp_path_factory):
    """Always the same folder: dbt parses the project anew when its database moves."""
    return tmp_path_factory.mktemp("page")


@pytest.fixture
def changed(built, workshop):
    """Write the page of a copy of the build that some SQL has changed; returns its data.

    rebuilt : models that dbt builds anew after that, as for `--select`; variables : with these
    """

    def write(*statements, rebuilt=None, variables=None):
        file = workshop / "arcana.duckdb"
        shutil.copyfile(built.data / "build" / "arcana.duckdb", file)
        with duckdb.connect(str(file)) as connection:
            for statement in statements:
                connection.execute(statement)
        if rebuilt:
            chosen = json.dumps(variables or {})
            done = built.dbt(
                *["run", "--select", rebuilt, "--vars", chosen],
                ARCANA_DUCKDB=str(file),
                DBT_TARGET_PATH=str(workshop / "target"),
            )
            assert done.returncode == 0, done.stdout
        page.write(file, workshop / "none.json", workshop / "index.html")
        return embedded((workshop / "index.html").read_text("utf-8"))

    return write


def test_a_build_serves_it_small_and_without_a_customer(built):
    file = built.serve / "index.html"
    html = file.read_text("utf-8")
    assert file.stat().st_size < MOST_BYTES
    data = json.dumps(embedded(html))
    for (customer,) in built.query("select customer_id from gold.customer_360"):
        assert f'"{customer}"' not in data
    assert "http://" not in html.split('id="data"')[0]


def test_no_group_is_smaller_than_may_be_shown(changed):
    data = changed()
    assert data["cells"]
    assert data["smallest_cell"] == 10
    assert min(shown_groups(data)) >= 10


def test_another_smallest_cell_holds_for_page_and_findings(changed):
    usual = changed()
    data = changed(rebuilt=f"persona_insights {PAGE}", variables={"smallest_cell": 50})
    assert data["smallest_cell"] == 50
    assert min(shown_groups(data)) >= 50
    assert 0 < len(data["cells"]) < len(usual["cells"])
    assert 0 < len(data["insights"]) < len(usual["insights"])
    hidden = [
        each["suppressed"] for answer in data["exploration"] for each in answer["comparisons"]
    ]
    assert sum(hidden) > 0
    unanswered = {answer["why_not_pt"] for answer in data["exploration"]} - {None}
    assert all("ao menos 50 clientes" in why for why in unanswered)


def shown_groups(data):
    """How many customers each group has that the page tells anything of."""
    yield from cube_column(data, "customers")
    for answer in data["exploration"]:
        for each in answer["comparisons"]:
            yield from (group["customers"] for group in each["groups"])
    for part in (data["certainty"], data["insights"]):
        yield from (row["customers"] for row in part)
    yield from (total[0] for total in data["totals"].values())
    # Zero customers are no group; of too few there is no number.
    for part in (data["personas"], data["data"]["overlap"]):
        yield from (row["customers"] for row in part if row["customers"])
    yield from (row["listed"] for row in data["lists"] if row["listed"])
    of = {persona["id"]: persona["customers"] for persona in data["personas"]}
    yield from (of[row["persona"]] or 0 for row in data["features"])
    yield from (
        of[persona["id"]] or 0 for persona in data["personas"] if persona["median_mrr"] is not None
    )


def cube_column(data, name):
    return [cell[4 + data["measures"].index(name)] for cell in data["cells"]]


def test_sums_hold_the_customers_of_small_cells(built, changed):
    data = changed()
    everybody = built.query("select count(*) from gold.customer_360 where not is_internal")[0][0]
    assert data["totals"]["||"][0] == everybody
    shown = {}
    for segment, size, state, _, customers, *_ in data["cells"]:
        key = "|".join(value or "" for value in (segment, size, state))
        shown[key] = shown.get(key, 0) + customers
    assert all(customers <= data["totals"][key][0] for key, customers in shown.items())
    assert any(customers < data["totals"][key][0] for key, customers in shown.items())
    # Sizes are few and large: the sum over them is everybody.
    by_size = [total[0] for key, total in data["totals"].items() if re.fullmatch(r"\|[^|]+\|", key)]
    assert sum(by_size) == everybody


def test_every_text_is_there_in_both_languages():
    room = files("arcana.page")
    texts = json.loads(room.joinpath("texts.json").read_text("utf-8"))
    for key, text in texts.items():
        assert set(text) == {"pt", "en"}, key
        assert set(re.findall(r"\{\w+\}", text["pt"])) == set(re.findall(r"\{\w+\}", text["en"]))
    script = room.joinpath("page.js").read_text("utf-8")
    template = room.joinpath("template.html").read_text("utf-8")
    used = set(re.findall(r'\btext\("(\w+)"', script))
    used |= set(re.findall(r'data-(?:text|label)="(\w+)"', template))
    assert used <= set(texts), used - set(texts)


def test_what_is_embedded_ends_no_script():
    assert "</script" not in page._embedded({"a": "</script><script>alert(1)</script>"})


def test_without_a_build_it_says_what_to_run(tmp_path):
    with pytest.raises(PageError, match="run `arcana build` first"):
        page.write(tmp_path / "arcana.duckdb", tmp_path, tmp_path / "index.html")


def test_a_build_without_the_tables_of_the_page_says_what_to_run(changed):
    with pytest.raises(PageError, match="no tables of the page: run `arcana build` first"):
        changed("drop schema page cascade")


def test_the_command_writes_it_once_more(project):
    before = (project.serve / "index.html").read_text("utf-8")
    (project.serve / "index.html").unlink()
    done = project.arcana("page")
    assert done.returncode == 0, done.stderr
    assert (project.serve / "index.html").read_text("utf-8") == before


def test_the_command_without_a_build_says_what_to_run(tmp_path):
    done = new_project(tmp_path).arcana("page")
    assert done.returncode == 2
    assert "run `arcana build` first" in done.stderr


def test_nobody_scored_leaves_the_customers_and_the_data(changed):
    data = changed(
        "update gold.customer_personas set persona_id = null, probability = null,"
        " persona_status = 'not_scored', is_ambiguous = false, mixture_version = null",
        "delete from gold.persona_mixture",
        "delete from gold.persona_insights",
        "update gold.persona_profiles set is_found = false, customer_count = 0",
        rebuilt=PAGE,
    )
    assert data["versions"] == {"in_use": None, "all": [], "stability": []}
    assert {cell[3] for cell in data["cells"]} == {-1}
    assert data["certainty"] == data["insights"] == []
    assert data["data"]["families"]


def test_a_survey_never_asked_and_a_family_without_rows_are_said(changed):
    data = changed(
        "update gold.customer_360 set nps_last_score = null, nps_relational_response_count = null,"
        " usage_distinct_event_count = null, usage_event_count = null",
        "update quality.quality_reconciliation set is_delivered = false, delivery_in_force = null"
        " where family like 'telemetria%'",
        rebuilt=PAGE,
    )
    answers = {answer["key"]: answer for answer in data["exploration"]}
    for key in ("does_satisfaction_differ", "do_tickets_go_with_usage"):
        assert answers[key]["why_not_pt"] and answers[key]["why_not_en"]
    reached = answers["which_surveys_reach_whom"]["comparisons"]
    assert "nps_relational" not in {each["dimension"] for each in reached}
    assert not all(family["delivered"] for family in data["data"]["families"])
    assert set(cube_column(data, "answered")) == {0}


def test_a_label_never_seen_is_shown(changed):
    data = changed(
        "insert into quality.quality_unknown_labels values ('segment', 'ESPACIAL </script>', 3, 2)"
    )
    assert data["data"]["labels"][0]["label"] == "ESPACIAL </script>"


def test_what_changed_since_the_delivery_before_is_told(changed):
    assert changed()["data"]["changes"] == []
    data = changed(
        "insert into quality.quality_delivery_changes"
        " values ('mrr', date '2025-03-25', 8, date '2025-02-25', 7)"
    )
    (change,) = data["data"]["changes"]
    assert change == {
        "family": "mrr",
        "day": "2025-03-25",
        "records": 8,
        "before_day": "2025-02-25",
        "before": 7,
    }


def test_every_question_is_asked_and_every_answer_has_its_shape(changed):
    data = changed()
    with (ROOT / "seeds/page_questions.csv").open(encoding="utf-8", newline="") as file:
        asked = [row["question"] for row in csv.DictReader(file)]
    assert [answer["key"] for answer in data["exploration"]] == asked
    for answer in data["exploration"]:
        for each in answer["comparisons"]:
            assert {"effect", "p", "p_adjusted", "groups", "suppressed"} <= set(each)
            for group in each["groups"]:
                assert 0 <= group["share"] <= 1
                if group["low"] is not None:
                    assert group["low"] <= group["share"] <= group["high"]


def test_holm_keeps_the_order_and_never_exceeds_one():
    labels = ("segment", "Segmento", "Segment")
    rows = [(*labels, name, 100, met, met / 100) for name, met in (("A", 20), ("B", 80))]
    same = [(*labels, name, 100, 50, 0.5) for name in "AB"]
    asked = [
        exploration.Answer(str(n), "", "", "", "", None, None, exploration._compared(these))
        for n, these in enumerate((same, rows))
    ]
    corrected = exploration._corrected(asked)
    one, other = (answer.comparisons[0] for answer in corrected)
    assert (one.p, one.p_adjusted) == (1, 1)
    assert other.p_adjusted == pytest.approx(2 * other.p)
    assert other.effect == pytest.approx(0.6)
