"""The page: aggregates only, both languages whole, and something to read whatever is missing."""

import json
import re
import shutil
from importlib.resources import files

import duckdb
import pytest

from arcana import page
from arcana.page import PageError, exploration

MOST_BYTES = 2_000_000


def embedded(html):
    return json.loads(re.search(r'id="data">(.*?)</script>', html, re.DOTALL)[1])


@pytest.fixture(scope="module")
def compiled(built, tmp_path_factory):
    """The analyses as they are asked of the built file."""
    target = tmp_path_factory.mktemp("compiled")
    done = built.dbt("compile", "--target-path", str(target))
    assert done.returncode == 0, done.stdout
    return target / "compiled" / "arcana" / "analyses"


@pytest.fixture
def changed(built, compiled, tmp_path):
    """Write the page of a copy of the build that some SQL has changed; returns its data."""

    def write(*statements):
        file = tmp_path / "arcana.duckdb"
        shutil.copyfile(built.data / "build" / "arcana.duckdb", file)
        with duckdb.connect(str(file)) as connection:
            for statement in statements:
                connection.execute(statement)
        page.write(file, compiled, tmp_path / "none.json", tmp_path / "index.html")
        return embedded((tmp_path / "index.html").read_text("utf-8"))

    return write


def test_a_build_serves_it_small_and_without_a_customer(built):
    file = built.serve / "index.html"
    html = file.read_text("utf-8")
    assert file.stat().st_size < MOST_BYTES
    data = json.dumps(embedded(html))
    for (customer,) in built.query("select customer_id from gold.customer_360"):
        assert f'"{customer}"' not in data
    assert "http://" not in html.split('id="data"')[0]


def test_no_group_is_smaller_than_may_be_told(changed):
    data = changed()
    assert data["cells"]
    customers = cube_column(data, "customers")
    assert min(customers) >= data["smallest_cell"] == 10
    groups = [
        group
        for answer in data["exploration"]
        for each in answer["comparisons"]
        for group in each["groups"]
    ]
    assert min(group["customers"] for group in groups) >= 10
    assert all(row["customers"] >= 10 for row in data["certainty"] + data["signals"])


def cube_column(data, name):
    return [cell[4 + data["measures"].index(name)] for cell in data["cells"]]


def test_cells_of_every_filter_and_what_they_hide_are_all_customers(built, changed):
    data = changed()
    everybody = built.query("select count(*) from gold.customer_360 where not is_internal")[0][0]
    unfiltered = [cell for cell in data["cells"] if cell[:3] == [None, None, None]]
    assert sum(cell[4] for cell in unfiltered) + data["hidden"].get("||", 0) == everybody
    for position in range(3):
        by = [c for c in data["cells"] if [at for at in range(3) if c[at]] == [position]]
        hidden = sum(
            count
            for key, count in data["hidden"].items()
            if [at for at, part in enumerate(key.split("|")) if part] == [position]
        )
        assert sum(cell[4] for cell in by) + hidden == everybody


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
        page.write(tmp_path / "arcana.duckdb", tmp_path, tmp_path, tmp_path / "index.html")


def test_the_command_without_a_build_says_what_to_run(tmp_path):
    from conftest import new_project  # noqa: PLC0415

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
    )
    assert data["versions"] == {"in_use": None, "all": [], "stability": []}
    assert {cell[3] for cell in data["cells"]} == {-1}
    assert data["certainty"] == data["insights"] == []
    assert data["data"]["families"]


def test_one_persona_alone_is_told(changed):
    data = changed("update gold.customer_personas set persona_id = 4 where persona_id is not null")
    assert {cell[3] for cell in data["cells"]} <= {4, -1}


def test_a_survey_never_asked_and_a_family_without_rows_are_said(changed):
    data = changed(
        "update gold.customer_360 set nps_last_score = null, nps_relational_response_count = null,"
        " usage_distinct_event_count = null, usage_event_count = null",
        "update silver.int_families__delivered set is_delivered = false, delivery_in_force = null"
        " where family like 'telemetria%'",
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
        "create table landed as from bronze.stg_erp__landed_files",
        "insert into landed select * replace"
        " (date '2025-02-25' as delivery_date, 7 as landed_count) from landed where family = 'mrr'",
        "create or replace view bronze.stg_erp__landed_files as from landed",
    )
    (change,) = data["data"]["changes"]
    assert (change["family"], change["before_day"], change["before"]) == ("mrr", "2025-02-25", 7)
    assert change["records"] > 7


def test_every_question_is_a_file_and_every_answer_has_its_shape(changed):
    data = changed()
    assert [answer["key"] for answer in data["exploration"]] == list(exploration.QUESTIONS)
    for answer in data["exploration"]:
        for each in answer["comparisons"]:
            assert {"effect", "p", "p_adjusted", "groups", "suppressed"} <= set(each)
            for group in each["groups"]:
                assert 0 <= group["share"] <= 1
                if group["low"] is not None:
                    assert group["low"] <= group["share"] <= group["high"]


def test_holm_keeps_the_order_and_never_exceeds_one():
    rows = [("segment", name, 100, met) for name, met in (("A", 20), ("B", 80))]
    same = [("segment", name, 100, 50) for name in "AB"]
    asked = [
        exploration.Answer(str(n), "", "", "", "", None, None, exploration._compared(these))
        for n, these in enumerate((same, rows))
    ]
    corrected = exploration._corrected(asked)
    one, other = (answer.comparisons[0] for answer in corrected)
    assert (one.p, one.p_adjusted) == (1, 1)
    assert other.p_adjusted == pytest.approx(2 * other.p)
    assert other.effect == pytest.approx(0.6)
