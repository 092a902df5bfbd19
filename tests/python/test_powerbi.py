"""The Power BI project: in order, of the marts, and checked by a check that finds faults.

Nothing here opens Power BI; docs/powerbi.md says what that leaves open.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner
from conftest import ROOT, new_project
from powerbi_faults import CARD, FAULTS, MEASURES

from arcana import powerbi
from arcana.cli import commands
from arcana.powerbi import checking, dax, model, tmdl
from arcana.powerbi.graph import Relationship, ambiguous

FOLDER = ROOT / "powerbi"


ANALYSES = ("powerbi_measures", "powerbi_reasons")


@pytest.fixture(scope="module")
def target(tmp_path_factory) -> Path:
    """What dbt makes of the project and of the SQL pairs of the measures."""
    project = new_project(tmp_path_factory.mktemp("compiled"))
    done = project.dbt("compile", "--target", "duckdb", "--select", *ANALYSES)
    assert done.returncode == 0, done.stdout + done.stderr
    return project.data / "target"


@pytest.fixture(scope="module")
def manifest(target) -> dict:
    return json.loads((target / "manifest.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def pairs(target, manifest) -> dict[str, list[tuple]]:
    """Rows of the SQL pairs over two customers of persona 0, one without, and an internal one.

    A and B: MRR 100 and 300, B ambiguous and of persona 1 otherwise. C: no persona, no MRR.
    The internal customer I counts nowhere.
    """
    shown = read(manifest)
    rows = {
        "dim_personas": [
            {"persona_id": number, "persona_name": name, "sort_order": order}
            for number, name, order in ((0, "Zero", 1), (1, "Um", 2), (-1, "Sem persona", 99))
        ],
        "dim_customers": [
            {
                "customer_id": customer,
                "is_internal": customer == "I",
                "persona_id": persona,
                "persona_status": status,
                "probability": probability,
                "mrr_brl": mrr,
                "tenure_months": months,
                "usage_active_day_count": days,
                "nps_last_score": score,
                "ticket_count_last_12_months": tickets,
            }
            for customer, persona, status, probability, mrr, months, days, score, tickets in (
                ("A", 0, "assigned", 0.9, 100, 10, 3, 0, 0),
                ("B", 0, "ambiguous", 0.5, 300, 20, 0, None, 2),
                ("C", -1, "unassigned", 0.8, None, 30, None, 9, None),
                ("I", -1, "unassigned", None, 7000, 70, 9, 10, 50),
            )
        ],
        "customer_personas": [
            {
                "customer_id": customer,
                "persona_id": persona,
                "persona_status": status,
                "probability": probability,
                "is_ambiguous": status == "ambiguous",
                "runner_up_persona_id": runner_up,
                "as_of_date": "2025-03-25",
                "reason_1_feature": "mrr_brl",
                "reason_1_value": value,
                "reason_2_feature": "tenure_months",
                "reason_2_value": 0.5,
            }
            for customer, persona, status, probability, runner_up, value in (
                ("A", 0, "assigned", 0.9, 1, 2.0),
                ("B", 0, "ambiguous", 0.5, 1, -2.0),
                ("C", None, "unassigned", 0.8, None, None),
            )
        ],
        "fct_nps_responses": [
            {
                "response_id": str(number),
                "question_number": question,
                "customer_id": "A",
                "survey": survey,
                "score": score,
                "promoter_group": group,
            }
            for number, (question, survey, score, group) in enumerate(
                [
                    (0, "relational", 10, "promoter"),
                    (0, "relational", 7, "passive"),
                    (0, "support", 0, "detractor"),
                    (3, "support", 4, None),
                ]
            )
        ],
        "fct_tickets": [
            {
                "ticket_id": str(number),
                "customer_id": "B",
                "priority": priority,
                "is_closed": days is not None,
                "days_to_last_update": days,
            }
            for number, (priority, days) in enumerate([("high", 4), ("low", 0), ("urgent", None)])
        ],
        "persona_feature_profiles": [
            {
                "persona_id": persona,
                "feature": feature,
                "feature_label": label,
                "difference_from_rest": 0.25 * persona,
                "median": 8,
            }
            for persona in (0, 1)
            for feature, label in (("mrr_brl", "Receita"), ("tenure_months", "Meses"))
        ],
    }
    with duckdb.connect(str(target / "arcana.duckdb")) as connection:
        connection.execute("create schema gold")
        for mart, said in rows.items():
            types = {c.source: c.sql_type for c in shown.tables[mart].columns.values()}
            columns = ", ".join(f"{name} {kind}" for name, kind in types.items())
            connection.execute(f"create table gold.{mart} ({columns})")
            for row in said:
                connection.execute(
                    f"insert into gold.{mart} ({', '.join(row)})"
                    f" values ({', '.join('?' * len(row))})",
                    list(row.values()),
                )
        return {
            name: connection.execute(
                (target / f"compiled/arcana/analyses/{name}.sql").read_text(encoding="utf-8")
            ).fetchall()
            for name in ANALYSES
        }


@pytest.fixture(scope="module")
def shown(manifest) -> model.Model:
    return read(manifest)


@pytest.fixture
def copy(tmp_path) -> Path:
    """A copy of the Power BI project that a test may break."""
    return Path(shutil.copytree(FOLDER, tmp_path / "powerbi"))


def read(manifest: dict, folder: Path = FOLDER) -> model.Model:
    return model.read(manifest, folder)


def with_settings(copy: Path, old: str, new: str) -> Path:
    """The copy with another model.yml."""
    text = (copy / model.SETTINGS).read_text(encoding="utf-8")
    assert old in text
    (copy / model.SETTINGS).write_text(text.replace(old, new), encoding="utf-8")
    return copy


def changed(manifest: dict, mart: str, column: str, **meta) -> dict:
    """The manifest with another word in one column."""
    copied = json.loads(json.dumps(manifest))
    copied["nodes"][f"model.arcana.{mart}"]["columns"][column].update(meta)
    return copied


def serve(shown: model.Model, folder: Path) -> Path:
    """Empty served tables of the layout that the model expects."""
    folder.mkdir()
    with duckdb.connect() as connection:
        for table in shown.tables.values():
            columns = ", ".join(
                f"cast(null as {column.sql_type}) as {column.source}"
                for column in table.columns.values()
            )
            connection.execute(
                f"copy (select {columns}, 'build' as build_id)"
                f" to '{folder / table.mart}.parquet' (format parquet)"
            )
    return folder


def test_the_project_is_in_order():
    assert checking.faults(FOLDER, ROOT) == []


def test_the_model_is_what_the_marts_say(shown):
    drifted = powerbi.drift(model.files(shown, FOLDER), FOLDER)
    assert drifted == {}, "run `arcana powerbi`"


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_found(name, copy):
    FAULTS[name](copy)
    assert checking.faults(copy, ROOT)


def test_a_fault_is_told_with_its_place(copy):
    FAULTS["a field that is not there"](copy)
    assert f"{CARD}: there is no measure Medidas[Contas]." in checking.faults(copy, ROOT)


def test_files_are_of_their_schemas():
    folder = os.environ.get("ARCANA_POWERBI_SCHEMAS")
    if not folder:
        pytest.skip(
            "ARCANA_POWERBI_SCHEMAS is not set: the JSON files were not held against the schemas"
            " of Microsoft (github.com/microsoft/json-schemas); docs/powerbi.md"
        )
    assert schema_faults(FOLDER, Path(folder)) == []


def test_the_schemas_find_a_fault(copy):
    folder = os.environ.get("ARCANA_POWERBI_SCHEMAS")
    if not folder:
        pytest.skip("ARCANA_POWERBI_SCHEMAS is not set")
    card = json.loads((copy / CARD).read_text(encoding="utf-8"))
    del card["position"]["height"]
    (copy / CARD).write_text(json.dumps(card), encoding="utf-8")
    assert schema_faults(copy, Path(folder))


def schema_faults(project: Path, schemas: Path) -> list[str]:
    """What the JSON schemas say of a project; themes name none and are left out."""
    from jsonschema import Draft7Validator  # noqa: PLC0415
    from referencing import Registry, Resource  # noqa: PLC0415
    from referencing.jsonschema import DRAFT7  # noqa: PLC0415

    home = "https://developer.microsoft.com/json-schemas/"

    def retrieve(uri: str) -> Resource:
        text = (schemas / uri.removeprefix(home)).read_text(encoding="utf-8")
        return Resource.from_contents(json.loads(text), default_specification=DRAFT7)

    registry = Registry(retrieve=retrieve)
    found, count = [], 0
    for path in sorted(project.rglob("*")):
        if path.suffix in (".json", ".pbip", ".pbir", ".pbism") or path.name == ".platform":
            content = json.loads(path.read_text(encoding="utf-8"))
            if "StaticResources" not in path.parts:
                validator = Draft7Validator({"$ref": content["$schema"]}, registry=registry)
                found += [f"{path}: {error.message}" for error in validator.iter_errors(content)]
                count += 1
    assert count > 50
    return found


def test_every_measure_has_its_pair_in_sql_and_the_pair_runs(pairs):
    said = (FOLDER / model.MEASURES).read_text(encoding="utf-8")
    measures = {measure.name for measure in next(tmdl.parse(said).all("table")).all("measure")}
    assert len(measures) >= 15
    assert {row[0] for row in pairs["powerbi_measures"]} | {
        row[1] for row in pairs["powerbi_reasons"]
    } | NOT_ASKED == measures


# No answer of these surveys is among the rows.
NOT_ASKED = {"NPS de aquisição", "NPS de implantação", "NPS de onboarding", "NPS de produto"}


@pytest.mark.parametrize(
    ("measure", "of_all", "of_persona_0"),
    [
        ("Clientes", 3, 2),
        ("Participação de clientes", 1, 2 / 3),
        ("Clientes ativos", 1, 1),
        ("Participação de ativos", 1 / 3, 1 / 2),
        ("Tempo de casa médio (meses)", 20, 15),
        ("MRR", 400, 400),
        ("MRR médio", 200, 200),
        ("Participação no MRR", 1, 1),
        ("Respostas", 3, 3),
        ("Promotores", 1, 0),
        ("Detratores", 1, 1),
        ("NPS", 0, -100),
        ("NPS de todas as respostas", 0, 0),
        ("NPS relacional", 50, 50),
        ("NPS de suporte", -100, -100),
        ("Nota média", 17 / 3, 17 / 3),
        ("Clientes que responderam", 2, 1),
        ("Taxa de resposta", 2 / 3, 1 / 2),
        ("Quantidade de tickets", 3, 3),
        ("Tickets em 12 meses", 2, 2),
        ("Tickets por cliente em 12 meses", 2 / 3, 1),
        ("Tickets em aberto", 1, 1),
        ("Participação de altos e urgentes", 2 / 3, 2 / 3),
        ("Dias médios até a última atualização", 2, 2),
        ("Certeza média", 0.7, 0.7),
        ("Participação de ambíguos", 1 / 3, 1 / 2),
        ("Clientes sem persona", 1, 0),
        ("MRR de ambíguos e sem persona", 300, 300),
        ("Clientes com esta segunda persona", 2, None),
        ("Diferença média", 0.125, 0),
        # Days since 1899-12-30.
        ("Data de referência", 45741, 45741),
    ],
)
def test_a_pair_counts_what_the_measure_says(pairs, measure, of_all, of_persona_0):
    values = {row[1]: row[2] for row in pairs["powerbi_measures"] if row[0] == measure}
    assert values["Todas"] == pytest.approx(of_all)
    assert values.get("Zero") == (None if of_persona_0 is None else pytest.approx(of_persona_0))


def test_a_persona_without_customers_has_no_number_and_breaks_none(pairs):
    of_nobody = {row[0]: row[2] for row in pairs["powerbi_measures"] if row[1] == "Um"}
    assert of_nobody == {
        "Clientes com esta segunda persona": 2,
        "Diferença média": 0.25,
        "Mediana da característica": 8,
    }


def test_reasons_are_told_in_words_and_order(pairs):
    assert {row[0]: row[2] for row in pairs["powerbi_reasons"]} == {
        "A": "Receita; Meses",
        "B": "Receita (contra); Meses",
        "C": "Receita; Meses",
    }


def test_the_exposure_names_an_owner_and_the_marts_that_are_shown(manifest, shown):
    exposure = manifest["exposures"]["exposure.arcana.power_bi_report"]
    assert exposure["owner"]["name"]
    assert {node.rpartition(".")[2] for node in exposure["depends_on"]["nodes"]} == set(
        shown.tables
    )


def test_every_table_of_the_model_is_a_star_of_single_ways(shown):
    assert ambiguous(shown.relationships) is None
    inactive = [relation for relation in shown.relationships if not relation.active]
    assert [(r.from_table, r.from_column) for r in inactive] == [
        ("customer_personas", "runner_up_persona_id")
    ]
    related = {relation.from_table for relation in shown.relationships}
    related |= {relation.to_table for relation in shown.relationships}
    assert related == set(shown.tables)


def test_a_filter_with_two_ways_is_found():
    star = [Relationship("fact", "a", "one", "a"), Relationship("fact", "b", "two", "b")]
    assert ambiguous(star) is None
    assert ambiguous([*star, Relationship("two", "a", "one", "a")]) == ("one", "fact")
    both = Relationship("two", "a", "one", "a", one_to_one=True)
    assert ambiguous([star[0], both]) is None
    assert ambiguous([*star, both]) == ("one", "fact")


def test_writing_again_changes_nothing(shown, copy):
    texts = model.files(shown, copy)
    powerbi.write(texts, copy, powerbi.drift(texts, copy))
    assert powerbi.drift(model.files(shown, copy), copy) == {}
    assert model.files(shown, copy) == texts


def test_a_changed_mart_is_drift_and_is_written(manifest, copy):
    label = {"config": {"meta": {"label_pt": "Receita mensal (R$)"}}}
    texts = model.files(read(changed(manifest, "dim_customers", "mrr_brl", **label)), copy)
    assert {path.name for path in powerbi.drift(texts, copy)} == {"Clientes.tmdl", "en-US.tmdl"}
    before = (copy / MEASURES).read_bytes()
    powerbi.write(texts, copy, powerbi.drift(texts, copy))
    assert powerbi.drift(texts, copy) == {}
    assert (copy / MEASURES).read_bytes() == before
    # The measures still speak of the old column, and the check says which.
    assert any("Clientes[MRR (R$)]" in fault for fault in checking.faults(copy, ROOT))


def test_every_table_and_column_is_described_in_portuguese(shown):
    assert shown.untranslated == []


def test_a_sentence_without_portuguese_is_shown_in_english_and_named(manifest):
    said = {"description": "Tickets of type task. Said anew."}
    shown = read(changed(manifest, "fct_tickets", "priority", **said))
    column = shown.tables["fct_tickets"].columns["priority"]
    assert column.description == "Tickets do tipo tarefa. Said anew."
    assert shown.untranslated == ["Said anew."]


def test_a_tag_outlives_its_label(manifest, shown, copy):
    label = {"config": {"meta": {"label_pt": "Outro nome"}}}
    path = model.DEFINITION / "tables/Tickets.tmdl"
    tags = [
        re.findall(r"lineageTag: (.*)", model.files(one, copy)[path])
        for one in (shown, read(changed(manifest, "fct_tickets", "priority", **label)))
    ]
    assert tags[0] == tags[1]


def test_a_table_more_is_one_line(manifest, copy):
    line = "  fct_usage_daily: {name: Uso"
    new = f"  persona_mixture: {{name: Modelo, name_en: Model}}\n{line}"
    texts = model.files(read(manifest, with_settings(copy, line, new)), copy)
    powerbi.write(texts, copy, powerbi.drift(texts, copy))
    assert checking.faults(copy, ROOT) == []


def test_a_table_no_longer_shown_is_removed(manifest, copy):
    line = next(
        line
        for line in (FOLDER / "model.yml").read_text(encoding="utf-8").split("\n")
        if "fct_usage_daily" in line
    )
    texts = model.files(read(manifest, with_settings(copy, line + "\n", "")), copy)
    powerbi.write(texts, copy, powerbi.drift(texts, copy))
    assert not (copy / model.DEFINITION / "tables/Uso.tmdl").exists()
    assert checking.faults(copy, ROOT) == []


def test_an_authored_table_is_never_written_over(manifest, copy):
    with_settings(copy, "name: Uso,", "name: Medidas,")
    with pytest.raises(powerbi.PowerBIError, match=r"Medidas\.tmdl was authored"):
        powerbi.drift(model.files(read(manifest, copy), copy), copy)


@pytest.mark.parametrize(
    ("meta", "message"),
    [
        ({"description": " "}, "fct_tickets.priority has no description"),
        ({"config": {"meta": {}}}, "fct_tickets.priority has no description or no meta.label_pt"),
        ({"data_type": "decimal(38,6)"}, "fct_tickets.priority is decimal"),
        ({"data_type": "struct(a int)"}, "fct_tickets.priority is struct"),
        ({"data_type": None}, "fct_tickets.priority is of no declared type"),
        (
            {"config": {"meta": {"label_pt": "Tipo"}}},
            "ticket_type_label and priority are both called",
        ),
        (
            {"config": {"meta": {"label_pt": "Prioridade", "sort_by": "rank"}}},
            "fct_tickets.priority: no column rank to sort by",
        ),
    ],
)
def test_a_mart_that_says_too_little_is_named(manifest, meta, message):
    with pytest.raises(model.ModelError, match=re.escape(message)):
        read(changed(manifest, "fct_tickets", "priority", **meta))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("fct_tickets:", "fct_calls:", "shows fct_calls, and there is no model"),
        ("date: created_date", "date: opened_date", "fct_tickets has no column opened_date"),
    ],
)
def test_settings_that_name_nothing_are_refused(manifest, copy, old, new, message):
    with pytest.raises(model.ModelError, match=message):
        read(manifest, with_settings(copy, old, new))


def test_the_served_layout_is_the_models(shown, tmp_path):
    assert powerbi.served_faults(shown, serve(shown, tmp_path / "serve")) == []


def test_an_older_layout_is_named_column_by_column(shown, tmp_path):
    served = serve(shown, tmp_path / "serve")
    (served / "dim_dates.parquet").unlink()
    with duckdb.connect() as connection:
        connection.execute(
            "copy (select * exclude (priority) replace (1 as is_closed), 'x' as queue"
            f" from read_parquet('{served}/fct_tickets.parquet'))"
            f" to '{served}/newer.parquet' (format parquet)"
        )
    (served / "newer.parquet").replace(served / "fct_tickets.parquet")
    told = powerbi.served_faults(shown, served)
    assert [fault.removeprefix(f"{served}/").partition(": an older")[0] for fault in told] == [
        "dim_dates.parquet is not there, and the model shows it",
        "fct_tickets.parquet: is_closed is integer, and in the model boolean",
        "fct_tickets.parquet: priority is absent, and in the model varchar",
        "fct_tickets.parquet: queue is varchar, and in the model absent",
    ]
    assert all("make build" in fault for fault in told)


def test_the_command_checks_without_a_build_and_writes_nothing(manifest, tmp_path, monkeypatch):
    """On a fresh clone there is nothing served: the command says so and goes on."""
    project = Path(shutil.copytree(FOLDER, tmp_path / "powerbi")).parent
    for name in ("analyses", "seeds"):
        shutil.copytree(ROOT / name, project / name)
    shutil.copyfile(ROOT / "dbt_project.yml", project / "dbt_project.yml")
    monkeypatch.chdir(project)
    monkeypatch.setenv("ARCANA_DATA", str(tmp_path / "data"))
    monkeypatch.setattr(powerbi, "read_manifest", lambda: manifest)
    done = CliRunner().invoke(commands, ["powerbi", "--check"])
    assert done.exit_code == 0, done.output
    assert "Nothing is served" in done.output and "make build" in done.output

    table = project / "powerbi" / model.DEFINITION / "tables/Uso.tmdl"
    right = table.read_text(encoding="utf-8")
    table.write_text(right.replace("Eventos distintos", "Eventos"), encoding="utf-8")
    done = CliRunner().invoke(commands, ["powerbi", "--check"])
    assert done.exit_code == 1
    assert "Uso.tmdl: is not as the marts say; run arcana powerbi" in done.output
    assert table.read_text(encoding="utf-8") != right
    assert CliRunner().invoke(commands, ["powerbi"]).exit_code == 0
    assert table.read_text(encoding="utf-8") == right


def test_tmdl_says_the_line_it_does_not_understand():
    with pytest.raises(tmdl.TmdlError, match="line 2: 'colunm A'"):
        tmdl.parse("table T\n\tcolunm A\n")
    with pytest.raises(tmdl.TmdlError, match="line 2: 'column A' stands too deep"):
        tmdl.parse("table T\n\t\tcolumn A\n")


def test_tmdl_reads_names_expressions_and_descriptions():
    text = (
        "/// Um.\ntable 'D''água'\n\n\tmeasure M =\n\t\t\tVAR a = 1\n\n\t\t\tRETURN a\n\t\tx: 1\n"
    )
    table = next(tmdl.parse(text).all("table"))
    measure = next(table.all("measure"))
    assert (table.name, table.description) == ("D'água", "Um.")
    assert measure.value == "VAR a = 1\nRETURN a" and measure.properties == {"x": "1"}


def test_dax_is_read_through_its_strings_and_variables():
    text = "VAR a = SUM('T 1'[C (R$)]) RETURN IF(a > [M], COUNTROWS(F), \"[X] (\")"
    assert dax.unbalanced(text) is None
    assert dax.columns(text) == {("T 1", "C (R$)")}
    assert dax.measures(text) == {"M"}
    assert list(dax.faults(text, {"T 1": {"C (R$)"}, "F": set()}, {"M"})) == []
    told = list(dax.faults(text, {"T 1": set()}, set()))
    assert told == [
        "there is no column T 1[C (R$)].",
        "there is no measure [M].",
        "there is no table F.",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "SUM(F[x]",
        "SUM(F[x]))",
        "SUM(F[x]) SUM(F[x])",
        "SUM(F[x]) +",
        "SUM(F[x], 1)",
        "SUM([M])",
        "COUNTROWS(F[x])",
        "DIVIDE([M], , 1)",
        "VAR a = 1",
        "VAR F = 1 RETURN F",
        "VAR ação = 1 RETURN 1",
        "RETURN 1",
        "IF([M] > 1 2)",
        "{1, 2",
        "[M] IN",
        "MEAN(F[x])",
        '"aberto',
    ],
)
def test_what_is_no_dax_is_found(text):
    assert list(dax.faults(text, {"F": {"x"}}, {"M"}))


@pytest.mark.parametrize(
    "text",
    [
        "-SUM(F[x]) * 2 / (1 + [M])",
        "VAR a = [M] VAR b = a RETURN IF(NOT ISBLANK(b) && b > -1, b)",
        "CALCULATE([M], F[x] IN {1, 2}, NOT ISBLANK(F[x])) // sum",
        'CONCATENATEX(FILTER(F, F[x] > 1), VAR y = F[x] RETURN y & "(", "; ", F[x], ASC)',
        'CONCATENATEX({(1, "a")}, [Value2], "; ", [Value1])',
        "SELECTEDVALUE(F[x], FALSE())",
    ],
)
def test_what_is_dax_passes(text):
    assert list(dax.faults(text, {"F": {"x"}}, {"M"})) == []


@pytest.mark.parametrize("text", ["SUM(a", "SUM a)", 'IF("a, b)', "{[a}]"])
def test_dax_out_of_balance_is_found(text):
    assert dax.unbalanced(text)


def test_english_names_come_from_the_columns():
    assert model.english("mrr_brl") == "MRR (R$)"
    assert model.english("nps_relational_last_score") == "NPS relational last score"
    assert model.english("customer_id") == "Customer ID"
    assert model.english("profile_en") == "Profile (English)"
