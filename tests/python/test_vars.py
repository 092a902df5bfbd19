"""Vars and values of the environment that reach SQL: each has its form, or nothing compiles.

Most payloads go through the text of the macros, rendered here as dbt renders it; some go
through dbt, to see that the macros are where the values are.
"""

from __future__ import annotations

import json
import re
from types import SimpleNamespace

import jinja2
import pytest
import yaml
from conftest import ROOT, new_project

from arcana import settings
from arcana.errors import UsageError
from arcana.personas import PersonaError, Settings

INJECTIONS = [
    "10 or 1=1",
    "10; drop table gold.customer_360",
    "10 -- ",
    "10/**/or/**/1=1",
    "3.5 + (select count(*) from read_text('/etc/hostname'))",
    "(select 1)",
    "' or ''='",
    "10) union all select 1",
    "{{ env_var('HOME') }}",
    "$$10$$",
    "1e3",
    "0x10",
    "-10",
    "+10",
    "1_0",
    "10\n11",
    "１０",
    "10,5",
    "nan",
    "inf",
    "None",
    "",
    "99999999999999999999",
    True,
    None,
    [10],
    {"value": 10},
]
NO_NUMBERS = [*INJECTIONS, "10.5.1", ".5", "5.", "0.9", "10.01", 1e300]
NO_INTEGERS = [*INJECTIONS, "10.5", 10.5, "1", 0, 1000001]
NO_DAYS = [
    *(payload for payload in INJECTIONS if payload != ""),
    "2025-02-29",
    "1900-02-29",
    "2025-04-31",
    "2025-13-01",
    "2025-00-10",
    "2025-01-00",
    "2025-1-1",
    "0000-01-01",
    "2025-03-25'; select 1 --",
    "2025-03-25 00:00:00",
    "25/03/2025",
    "20250325",
    "current_date",
    20250325,
]
NO_SCHEMAS = [
    "",
    "Landing",
    "a-b",
    "a b",
    "a.b",
    'a"; drop schema gold; --',
    'a"."b',
    "a';--",
    "a;b",
    "1a",
    "a\n",
    "a`b",
    "á",
    "(select 1)",
    "a/*b*/",
    "a--b",
    "{{ target }}",
    "$a",
    "a" * 200,
    " a",
]
NO_S3 = [
    "",
    "data",
    "/data",
    "file:///data",
    "s3://",
    "s3://a'",
    "s3://bucket/it's",
    "s3://bucket/a'); drop table x; --",
    's3://bucket/"',
    "s3://bucket/a b",
    "s3://bucket/;",
    "s3://Bucket/",
    "s3://bucket/\n",
    "s3://bucket/{x}",
    "s3://bucket/*",
    "s3://bucket/a?b",
    "s3://bucket/`",
    "s3://bucket/$x",
    "s3://bucket/\\",
    "https://bucket/",
]


class CompilerError(Exception):
    pass


class ReturnedError(Exception):
    """How dbt's `return` leaves a macro."""

    def __init__(self, value):
        self.value = value


class Macros:
    """The macros of the project, callable, with the vars and the environment of a test."""

    def __init__(self, variables=None, environment=None):
        chosen = variables or {}
        self.context = {
            "var": lambda name, *default: chosen.get(name, *default) if default else chosen[name],
            "env_var": (environment or {}).get,
            "modules": SimpleNamespace(re=re),
            "exceptions": SimpleNamespace(raise_compiler_error=self.stop),
            "return": self.give,
            "var_bounds": lambda: self.call("var_bounds"),
        }

    def call(self, name, *arguments):
        text = (ROOT / f"macros/{name}.sql").read_text(encoding="utf-8")
        template = jinja2.Environment(extensions=["jinja2.ext.do"]).from_string(text)
        try:
            return getattr(template.make_module(self.context), name)(*arguments).strip()
        except ReturnedError as returned:
            return returned.value

    @staticmethod
    def stop(message):
        raise CompilerError(message)

    @staticmethod
    def give(value):
        raise ReturnedError(value)


def told(value):
    return re.escape(f", not '{str(value).strip()}'")


@pytest.mark.parametrize("value", NO_INTEGERS, ids=repr)
def test_what_is_no_whole_number_in_its_bounds_stops_the_compilation(value):
    message = f"var 'smallest_cell' must be a whole number from 2 to 1000000{told(value)}"
    with pytest.raises(CompilerError, match=message):
        Macros({"smallest_cell": value}).call("var_int", "smallest_cell")


@pytest.mark.parametrize("value", NO_NUMBERS, ids=repr)
def test_what_is_no_number_in_its_bounds_stops_the_compilation(value):
    message = f"var 'insight_z' must be a number from 1 to 10{told(value)}"
    with pytest.raises(CompilerError, match=message):
        Macros({"insight_z": value}).call("var_number", "insight_z")


@pytest.mark.parametrize("value", NO_DAYS, ids=repr)
def test_what_is_no_day_of_the_calendar_stops_the_compilation(value):
    message = f"var 'as_of_date' must be a day as YYYY-MM-DD, or empty{told(value)}"
    with pytest.raises(CompilerError, match=message):
        Macros({"as_of_date": value}).call("var_date", "as_of_date")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("ARCANA_LANDING_SCHEMA", value) for value in NO_SCHEMAS),
        *(("ARCANA_ATHENA_PREFIX", value) for value in NO_SCHEMAS),
        *(
            ("ARCANA_ATHENA_CATALOG", value)
            for value in NO_SCHEMAS
            if value not in ("Landing", "a-b", "a" * 200)
        ),
        *(("ARCANA_ATHENA_STAGING", value) for value in NO_S3),
        *(("ARCANA_ATHENA_DATA", value) for value in NO_S3),
    ],
    ids=repr,
)
def test_a_value_of_the_environment_without_its_form_stops_the_compilation(name, value):
    message = f"environment variable '{name}' must be a .*, not '{re.escape(value)}'"
    with pytest.raises(CompilerError, match=message):
        Macros(environment={name: value}).call("check_environment")


@pytest.mark.parametrize(
    ("macro", "name", "value", "sql"),
    [
        ("var_int", "smallest_cell", 10, "10"),
        ("var_int", "smallest_cell", " 25 ", "25"),
        ("var_int", "maximum_amount_brl", "999999999999", "999999999999"),
        ("var_int", "usage_window_days", "007", "7"),
        ("var_number", "insight_z", 3.5, "3.5"),
        ("var_number", "insight_z", 2, "2"),
        ("var_number", "insight_z", "10", "10"),
        ("var_date", "as_of_date", "", "cast(null as date)"),
        ("var_date", "as_of_date", "2024-02-29", "cast('2024-02-29' as date)"),
        ("var_date", "as_of_date", "2000-02-29", "cast('2000-02-29' as date)"),
        ("var_date", "as_of_date", "2025-12-31", "cast('2025-12-31' as date)"),
    ],
)
def test_what_has_its_form_is_taken(macro, name, value, sql):
    assert Macros({name: value}).call(macro, name) == sql


def test_the_environment_of_the_docs_is_taken():
    assert Macros(environment={}).call("check_environment") == ""
    taken = {
        "ARCANA_LANDING_SCHEMA": "arcana_landing",
        "ARCANA_ATHENA_PREFIX": "arcana",
        "ARCANA_ATHENA_CATALOG": "awsdatacatalog",
        "ARCANA_ATHENA_STAGING": "s3://arcana-staging/athena/",
        "ARCANA_ATHENA_DATA": "s3://arcana-data/tables/",
    }
    assert Macros(environment=taken).call("check_environment") == ""


def test_a_var_of_an_old_name_is_answered_with_the_new_one():
    with pytest.raises(CompilerError, match="'accept_drift' is called 'accept_refit' now"):
        Macros({"accept_drift": False}).call("check_environment")


@pytest.mark.parametrize("name", list(vars(Settings())))
@pytest.mark.parametrize(
    "value",
    [*INJECTIONS[:-4], 0.5, -1, 1000, "hurdle'; import os", "True", [True], ["hurdle"], {}],
    ids=repr,
)
def test_a_var_of_the_python_models_has_its_form(name, value):
    message = re.escape(f"not {value!r}")
    with pytest.raises(PersonaError, match=f"var '{name}' must be .*{message}"):
        Settings.from_vars(**{**vars(Settings()), name: value})


@pytest.mark.parametrize("mark", [*"*?[]{}", "\n", "\t"])
def test_a_data_folder_that_sql_would_read_as_a_pattern_is_refused(monkeypatch, mark):
    monkeypatch.setenv("ARCANA_DATA", f"some{mark}where")
    with pytest.raises(UsageError, match="ARCANA_DATA must be a path without"):
        settings.folders()


def test_every_var_with_a_number_has_bounds_that_hold_its_default():
    declared = yaml.safe_load((ROOT / "dbt_project.yml").read_text(encoding="utf-8"))["vars"]
    bounds = Macros().call("var_bounds")
    assert set(declared) - {"as_of_date", "accept_data"} - set(vars(Settings())) == set(bounds)
    for name, (least, most) in bounds.items():
        assert least <= declared[name] <= most, name
    assert Settings.from_vars(**{name: declared[name] for name in vars(Settings())}) == Settings()


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    folder = tmp_path_factory.mktemp("vars")
    return new_project(folder, raw=folder)


@pytest.mark.parametrize(
    ("name", "value", "form"),
    [
        ("insight_z", "3.5 + (select count(*) from read_text('x'))", "a number from 1 to 10"),
        ("smallest_cell", "10 or 1=1", "a whole number from 2 to 1000000"),
        ("as_of_date", "2025-02-30", "a day as YYYY-MM-DD, or empty"),
        ("maximum_amount_brl", "1 or 1=1", "a whole number from 1 to 999999999999"),
        ("maximum_event_duration", "1; select 1", "a whole number from 1 to 999999999999"),
        ("usage_window_days", "28 or 1=1", "a whole number from 1 to 3660"),
    ],
)
def test_dbt_stops_at_a_var_without_its_form(project, name, value, form):
    done = project.dbt("parse", "--vars", json.dumps({name: value}))
    assert done.returncode != 0
    assert f"var '{name}' must be {form}, not '{value}'" in " ".join(done.stdout.split())


def test_dbt_stops_at_a_landing_schema_without_its_form(project):
    done = project.dbt("parse", ARCANA_LANDING_SCHEMA='landing" where 1=1 --')
    assert done.returncode != 0
    assert "environment variable 'ARCANA_LANDING_SCHEMA' must be a schema name" in " ".join(
        done.stdout.split()
    )


@pytest.mark.parametrize("name", ['a".duckdb', "a;b.duckdb", "a'b.duckdb"])
def test_dbt_stops_at_a_file_whose_name_would_end_its_quotes(project, tmp_path, name):
    (project.data / "landing/landed_files").mkdir(parents=True, exist_ok=True)
    done = project.dbt("show", "--inline", "select 1", ARCANA_DUCKDB=str(tmp_path / name))
    assert done.returncode != 0
    assert "ARCANA_DUCKDB must name a file" in " ".join(done.stdout.split())
    assert not (tmp_path / name).exists()
