"""The rules of the house, read off the manifest of dbt: layers, names, descriptions.

One `dbt parse` for the whole file; no connection and no data. What a rule is for is
in docs/decisions.md and CONTRIBUTING.md.
"""

from __future__ import annotations

import ast
import csv
import graphlib
import json
import re
from pathlib import Path

import pytest
import yaml
from conftest import ROOT, new_project

from arcana import families
from arcana.personas import Settings

MAXIMUM_PARENTS = 6
# Too many records to be read by a test and by more than one model; counting is for free.
READ_ONCE = "model.arcana.stg_erp__telemetry"
RECONCILIATION = {"model.arcana.quality_reconciliation"}
# Columns of the files that hold nothing: staging does not read them.
DEAD_COLUMNS = {"telemetria": {"tcloud", "clienteprime"}}
# Columns that landing adds and staging reads.
LANDING_COLUMNS = {"customer_key", "store_id"}
# The last one asks for a var of an old name, and refuses it.
VAR_MACROS = {
    "var_date.sql",
    "var_int.sql",
    "var_names.sql",
    "var_number.sql",
    "check_environment.sql",
}
CHECKS = "macros/check_environment.sql"
OLD_VARS = {"accept_drift"}
# Values of the environment that no macro needs to check, and who does.
CHECKED_ELSEWHERE = {
    "ARCANA_DATA": "src/arcana/settings.py",
    "ARCANA_DUCKDB": "src/arcana/dbt_plugin.py",
    # These reach no SQL: dbt knows its targets and reads numbers, AWS its regions and groups.
    "ARCANA_TARGET": "dbt",
    "ARCANA_THREADS": "dbt",
    "AWS_REGION": "AWS",
    "ARCANA_ATHENA_WORK_GROUP": "AWS",
    "ARCANA_ATHENA_SPARK_WORK_GROUP": "AWS",
}
# What reads the tables of the page.
PAGE_READERS = (ROOT / "src/arcana/page/cube.py", ROOT / "src/arcana/page/exploration.py")
# Every staging model of a family looks up how its values are written.
CONTRACT = "source.arcana.erp.contract"
# Texts after THEN in the screened models that are no reason.
NOT_REASONS = {"unknown"}


def test_packages_know_only_those_below_them():
    known: dict[str, set[str]] = {}
    package = ROOT / "src/arcana"
    for path in package.rglob("*.py"):
        own = path.relative_to(package).parts[0].removesuffix(".py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("arcana"):
                below = node.module.split(".")[1:2] or [name.name for name in node.names]
                known.setdefault(own, set()).update(set(below) - {own})
    assert known["mixture"] == set()
    assert known["personas"] == {"mixture", "errors"}
    # Raises CycleError, which names a circle.
    assert list(graphlib.TopologicalSorter(known).static_order())


def test_a_source_has_exactly_one_reader(manifest):
    for source in manifest["sources"]:
        readers = [
            child for child in manifest["child_map"][source] if not child.startswith("test.")
        ]
        if source == CONTRACT:
            assert len(readers) == len(families.load()), readers
        else:
            assert len(readers) == 1, f"{source} is read by {readers}"


def test_staging_reads_sources_only_and_joins_nothing(models):
    for model in layer(models, "staging"):
        parents = [*{*model["depends_on"]["nodes"]} - {CONTRACT}]
        assert len(parents) == 1 and parents[0].startswith("source."), model["name"]
        assert not re.search(r"\bjoin\b", model["raw_code"]), model["name"]


def test_no_layer_reads_round_the_one_below(models):
    forbidden = {
        "intermediate": ("source", "marts", "quality"),
        "marts": ("source", "staging", "quality"),
        "python_models": ("source", "staging", "quality"),
        "quality": ("source",),
        "page": ("source", "staging"),
    }
    for name, out_of_reach in forbidden.items():
        for model in layer(models, name):
            read = {layer_of(models, parent) for parent in model["depends_on"]["nodes"]}
            assert not read & set(out_of_reach), f"{model['name']} reads {read}"


def test_models_and_seeds_say_their_grain(models, seeds):
    for node in [*models.values(), *seeds.values()]:
        assert "**Grain:**" in node["description"], node["name"]


def test_models_and_seeds_prove_their_key(manifest, models, seeds):
    keyed = {
        node["attached_node"] for node in data_tests(manifest) if generic_name(node) == "unique_key"
    }
    assert {*models, *seeds} - keyed == {READ_ONCE}
    # What reads it proves the key of what it makes of it.
    (reader,) = {*manifest["child_map"][READ_ONCE]} - RECONCILIATION
    assert reader in keyed


def test_gold_columns_are_described_and_labelled(models):
    for model in gold(models):
        assert model["columns"], model["name"]
        for column in model["columns"].values():
            place = f"{model['name']}.{column['name']}"
            assert column["description"].strip(), place
            assert column["config"]["meta"].get("label_pt"), place


def test_sql_gold_is_under_contract_and_python_gold_has_columns(manifest, models):
    listed = {
        node["attached_node"]: node["test_metadata"]["kwargs"]["columns"]
        for node in data_tests(manifest)
        if generic_name(node) == "has_columns"
    }
    for model in gold(models):
        if model["language"] == "sql":
            assert model["config"]["contract"]["enforced"], model["name"]
            assert all(column["data_type"] for column in model["columns"].values()), model["name"]
        else:
            assert listed[model["unique_id"]] == list(model["columns"]), model["name"]


def test_no_model_has_too_many_parents(models):
    for model in models.values():
        # A union has one parent for every family that it unites.
        if layer_of(models, model["unique_id"]) != "quality" and "__unioned" not in model["name"]:
            assert len(set(model["depends_on"]["nodes"])) <= MAXIMUM_PARENTS, model["name"]


def test_no_model_is_left_unused(manifest, models):
    for model in [
        model for name in ("staging", "intermediate", "page") for model in layer(models, name)
    ]:
        readers = [
            child
            for child in manifest["child_map"][model["unique_id"]]
            if child.startswith(("model.", "exposure."))
        ]
        assert readers, f"{model['name']} is read by no model"


def test_the_page_is_exposed_with_every_table_that_it_reads(manifest):
    code = "".join(path.read_text(encoding="utf-8") for path in PAGE_READERS)
    read = set(re.findall(r"\b(?:page|gold|quality)\.(\w+)", code))
    nodes = manifest["exposures"]["exposure.arcana.page"]["depends_on"]["nodes"]
    assert {node.rpartition(".")[2] for node in nodes} == read


def test_no_sql_asks_for_its_target_or_the_clock(manifest, models, macros):
    forbidden = {
        r"\btarget\s*\.": "models ask for no target; dialect lives in macros",
        r"\bcurrent_(date|time|timestamp)\b": "the clock is as_of_date()",
        r"\b(now|today|localtimestamp)\s*\(": "the clock is as_of_date()",
        r"\brun_started_at\b|\bmodules\.datetime\b": "the clock is as_of_date()",
        r"::": "cast() works on both engines",
    }
    codes = {node["name"]: node["raw_code"] for node in [*models.values(), *data_tests(manifest)]}
    analyses = manifest["nodes"].values()
    codes |= {node["name"]: node["raw_code"] for node in analyses if kind(node) == "analysis"}
    codes |= {
        macro["name"]: macro["macro_sql"]
        for macro in macros.values()
        if not macro["name"].endswith("generate_schema_name")
    }
    for name, code in codes.items():
        for pattern, reason in forbidden.items():
            assert not re.search(pattern, without_comments(code)), f"{name}: {reason}"


def test_each_macro_has_a_file_and_a_docstring(macros):
    by_file: dict[Path, set[str]] = {}
    for macro in macros.values():
        if not macro["name"].startswith("test_"):
            path = Path(macro["original_file_path"])
            by_file.setdefault(path, set()).add(macro["name"])
    for path, names in by_file.items():
        assert path.stem in names, path
        helpers = {name for name in names - {path.stem} if not re.match("default__|athena__", name)}
        assert not helpers, f"{path} defines {helpers} as well"
    for path in [*(ROOT / "macros").glob("*.sql"), *(ROOT / "tests/generic").glob("*.sql")]:
        assert path.read_text(encoding="utf-8").startswith("{#\n"), path.name


def test_each_dialect_macro_speaks_for_both_engines(macros):
    names = {macro["name"] for macro in macros.values()}
    for macro in macros.values():
        for name in re.findall(r"adapter\.dispatch\('(\w+)', 'arcana'\)", macro["macro_sql"]):
            assert {f"default__{name}", f"athena__{name}"} <= names, name


def test_every_numeric_feature_says_what_it_is_called_and_belongs_to(models):
    for column in models["model.arcana.customer_360"]["columns"].values():
        if re.match("bigint|double|decimal", column["data_type"]):
            meta = column["config"]["meta"]
            assert {"label_pt", "label_en", "block"} <= set(meta), column["name"]


def test_every_family_has_a_source(manifest, contract):
    names = {source["name"] for source in manifest["sources"].values()}
    assert names == {*contract, "extract", "landed_files", "contract"}


def test_staging_reads_every_column_of_the_contract(staging_of, contract):
    for name, family in contract.items():
        # The key is read as customer_key, its canonical form.
        expected = {*family.column_names} - DEAD_COLUMNS.get(name, set()) - {family.key}
        read = re.findall(r"\{\{ read_value\(contract, '(\w+)'\) \}\} as", staging_of[name])
        assert sorted(read) == sorted(expected), name


def test_staging_says_nothing_of_how_values_are_written(staging_of, contract):
    for name, family in contract.items():
        code = staging_of[name]
        assert f"contract_of('{name}')" in code, name
        assert not re.search(r"\b(parse_\w+|clean_text)\(|[^\w']cast\(", code), name
        assert "{{ unreadable_value(contract) }} as unreadable_value" in code, name
        assert "{{ null_word_count(contract" in code, name
        unread = re.search(r"unread=\[(.*?)\]", code)
        listed = re.findall(r"'(\w+)'", unread.group(1)) if unread else []
        assert {*listed} == DEAD_COLUMNS.get(name, set()), name
        has_money = any(column.type == "decimal" for column in family.columns)
        assert ("is_too_large(contract)" in code) == (has_money and name != "telemetria"), name
        assert ("answer_content(contract)" in code) == name.startswith("nps"), name


def test_the_forms_of_dates_are_those_of_the_contract(macros):
    code = macros["macro.arcana.date_forms"]["macro_sql"]
    assert sorted(re.findall(r"'(\w+)': \{", code)) == sorted(families.FORMATS)


def test_survey_items_are_numbered_as_the_questions(models):
    code = models["model.arcana.int_nps_responses__unioned"]["raw_code"]
    numbered = set()
    for block in code.split("union all")[0].split("select\n")[1:]:
        survey = re.search(r"'(\w+)' as survey", block)
        if survey:
            numbered.add((survey.group(1), 0, "recommend"))
            for question, number in re.findall(r"(\w+)_score as item_(\d)_score", block):
                numbered.add((survey.group(1), int(number), question))
    assert numbered == {
        (row["survey"], int(row["question_number"]), row["question"])
        for row in seed("survey_questions")
    }


def test_every_screened_model_is_reconciled_and_shown(models):
    screened = {name for name in models if name.endswith("__screened")}
    for reader in ("quality_reconciliation", "quality_rows_set_aside"):
        assert screened <= set(models[f"model.arcana.{reader}"]["depends_on"]["nodes"]), reader


def test_reason_codes_are_those_in_use(models, macros):
    codes = [node["raw_code"] for name, node in models.items() if name.endswith("__screened")]
    codes += [macro["macro_sql"] for macro in macros.values() if macro["name"].endswith("_reason")]
    in_sql = {code for text in codes for code in re.findall(r"\bthen '(\w+)'", text)}
    assert in_sql - NOT_REASONS == {row["reason_code"] for row in seed("reason_codes")}


def test_vars_are_declared_and_declared_vars_are_used(models, macros):
    declared = set(yaml.safe_load((ROOT / "dbt_project.yml").read_text(encoding="utf-8"))["vars"])
    texts = [node["raw_code"] for node in models.values()]
    texts += [macro["macro_sql"] for macro in macros.values()]
    texts += [
        path.read_text(encoding="utf-8")
        for folder in ("models", "python_models", "seeds")
        for path in (ROOT / folder).rglob("*.yml")
    ]
    used = {name for text in texts for name in re.findall(r"\bvar(?:_\w+)?\(['\"](\w+)['\"]", text)}
    assert used - OLD_VARS == declared


def test_only_checking_macros_read_a_var():
    """Everywhere else a var would be pasted into SQL whatever it holds."""
    for path in dbt_files():
        bare = set(re.findall(r"(?<!\w)var\s*[.(]\s*['\"]?(\w*)", without_notes(path)))
        if path.parent.name == "macros" and path.name in VAR_MACROS:
            continue
        # A Python model reads no var: its config brings them to `Settings`, which checks them.
        allowed = set(vars(Settings())) if path.name == "_python_models.yml" else set()
        assert bare <= allowed, path


def test_every_value_of_the_environment_is_checked():
    checked = set(re.findall(r"'(ARCANA_\w+)': [\[\w]", (ROOT / CHECKS).read_text("utf-8")))
    for path in [*dbt_files(), ROOT / "profiles.yml.example"]:
        for name in re.findall(r"env_var\s*\(\s*([^,)]*)", without_notes(path)):
            if path == ROOT / CHECKS:
                continue
            assert name.strip("'\"") in {*checked, *CHECKED_ELSEWHERE}, path
    for name, where in CHECKED_ELSEWHERE.items():
        if where.endswith(".py"):
            assert f"{name} must" in (ROOT / where).read_text("utf-8"), name


def test_every_decision_cited_in_sql_exists(models):
    text = (ROOT / "docs/decisions.md").read_text(encoding="utf-8")
    numbers = set(re.findall(r"^## (\d+)\.", text, re.MULTILINE))
    paths = [path for path in (ROOT / "models").rglob("*") if path.suffix in (".sql", ".yml")]
    cited = {
        number
        for path in paths
        for number in re.findall(r"[Dd]ecision (\d+)", path.read_text(encoding="utf-8"))
    }
    assert cited <= numbers


def test_unit_tests_are_named_after_their_model_and_claim(manifest):
    assert manifest["unit_tests"]
    for node in manifest["unit_tests"].values():
        assert node["name"].startswith(f"{node['model']}__"), node["name"]
        assert node["description"], node["name"]


@pytest.fixture(scope="module")
def manifest(tmp_path_factory) -> dict:
    """What dbt understands of the project."""
    folder = tmp_path_factory.mktemp("manifest")
    project = new_project(folder, raw=folder)
    done = project.dbt("parse", "--target", "duckdb")
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads((project.data / "target/manifest.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def models(manifest) -> dict[str, dict]:
    return {name: node for name, node in manifest["nodes"].items() if kind(node) == "model"}


@pytest.fixture(scope="module")
def seeds(manifest) -> dict[str, dict]:
    return {name: node for name, node in manifest["nodes"].items() if kind(node) == "seed"}


@pytest.fixture(scope="module")
def macros(manifest) -> dict[str, dict]:
    return {
        name: macro
        for name, macro in manifest["macros"].items()
        if name.startswith("macro.arcana.")
    }


@pytest.fixture(scope="module")
def contract() -> dict[str, families.Family]:
    return families.load()


@pytest.fixture(scope="module")
def staging_of(manifest, models) -> dict[str, str]:
    """Code of the staging model of each source."""
    return {
        manifest["sources"][source]["name"]: model["raw_code"]
        for model in layer(models, "staging")
        for source in model["depends_on"]["nodes"]
        if source != CONTRACT
    }


def kind(node: dict) -> str:
    return node["resource_type"]


def data_tests(manifest: dict) -> list[dict]:
    return [node for node in manifest["nodes"].values() if kind(node) == "test"]


def generic_name(node: dict) -> str | None:
    return (node.get("test_metadata") or {}).get("name")


def layer_of(models: dict[str, dict], name: str) -> str:
    """Folder that says a node's layer; the resource type where it is no model."""
    if name not in models:
        return name.partition(".")[0]
    first, second, *_ = Path(models[name]["original_file_path"]).parts
    return first if first == "python_models" else second


def layer(models: dict[str, dict], folder: str) -> list[dict]:
    return [model for name, model in models.items() if layer_of(models, name) == folder]


def gold(models: dict[str, dict]) -> list[dict]:
    return [*layer(models, "marts"), *layer(models, "python_models")]


def dbt_files() -> list[Path]:
    """Every file that dbt renders."""
    folders = ("models", "python_models", "macros", "tests", "analyses", "seeds")
    paths = [path for folder in folders for path in (ROOT / folder).rglob("*")]
    rendered = [path for path in paths if path.suffix in (".sql", ".yml")]
    assert rendered
    return [*rendered, ROOT / "dbt_project.yml"]


def without_notes(path: Path) -> str:
    """The text without what is a comment to Jinja or to YAML."""
    text = re.sub(r"\{#.*?#\}", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    return re.sub(r"(?m)^\s*#.*$", "", text)


def seed(name: str) -> list[dict[str, str]]:
    with (ROOT / f"seeds/{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def without_comments(code: str) -> str:
    return re.sub(r"\{#.*?#\}|--[^\n]*|'[^'\n]*'", "", code, flags=re.DOTALL)
