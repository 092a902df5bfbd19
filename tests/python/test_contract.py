"""The family contract decides how values are read: each setting is changed, and staging obeys."""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal

import pytest
from conftest import ROOT, Project, new_project
from raw_files import CONTRACT, contents, record, write_extract

from arcana.families import Family
from arcana.landing import land

STAGING = {
    "dados_clientes": "stg_erp__contract_lines",
    "historico": "stg_erp__proposal_items",
    "mrr": "stg_erp__mrr",
    "nps_relacional": "stg_erp__nps_relational",
    "nps_transacional_produto": "stg_erp__nps_product",
    "nps_transacional_suporte": "stg_erp__nps_support",
    "telemetria": "stg_erp__telemetry",
    "tickets": "stg_erp__tickets",
}


@dataclass(frozen=True)
class Case:
    """A cell, how the contract as it is reads it, and how it is read with settings changed."""

    column: str
    text: str
    read_as: str
    before: object
    after: object
    # Whether the cell counts as unreadable, and as holding a null word: before and after.
    unreadable: tuple[bool, bool] = (False, False)
    null_word: tuple[int, int] = (0, 0)


@dataclass(frozen=True)
class Change:
    """Settings of a family, of one of its columns, and the cells that show their effect."""

    family: str
    cases: tuple[Case, ...]
    settings: dict = field(default_factory=dict)
    columns: dict = field(default_factory=dict)

    def changed(self) -> Family:
        family = replace(CONTRACT[self.family], **self.settings)
        columns = (replace(c, **self.columns.get(c.name, {})) for c in family.columns)
        return replace(family, columns=tuple(columns))


READ, LOST = (True, False), (False, True)
CHANGES = [
    Change(
        "mrr",
        (
            Case("mrr_12m", "600,5", "mrr_brl", None, Decimal("600.5"), unreadable=READ),
            Case("mrr_12m", "600.5", "mrr_brl", Decimal("600.5"), None, unreadable=LOST),
            Case("mrr_12m", "600", "mrr_brl", Decimal(600), Decimal(600)),
        ),
        {"decimal_mark": ","},
    ),
    Change(
        "dados_clientes",
        (
            Case("ds_segmento", "N/A", "segment_label", "N/A", None, null_word=(0, 1)),
            Case("ds_segmento", "NULL", "segment_label", None, "NULL", null_word=(1, 0)),
            Case("ds_segmento", " N/A ", "segment_label", "N/A", None, null_word=(0, 1)),
            Case("ds_segmento", "n/a", "segment_label", "n/a", "n/a"),
            Case("uf", "d'água", "state", "d'água", None, null_word=(0, 1)),
            Case("vl_total_contrato", "-", "contract_value_brl", None, None, READ, (0, 1)),
            Case("vl_total_contrato", "NULL", "contract_value_brl", None, None, LOST, (1, 0)),
            Case("dt_assinatura_contrato", "N/A", "signature_date", None, None, READ, (0, 1)),
            Case("pais", "999", "country_code", 999, "999"),
            Case("pais", "BR", "country_code", None, "BR", unreadable=READ),
        ),
        {"null_words": ("N/A", "-", "d'água")},
        {"pais": {"type": "text"}},
    ),
    Change(
        "nps_transacional_suporte",
        (
            Case("resposta_nps", "99", "score", 99, None, null_word=(0, 1)),
            Case("resposta_nps", "9", "score", 9, 9),
            Case("nota_solucao", "[NULL]", "solution_score", None, None, LOST, (1, 0)),
        ),
        {"null_words": ("99",)},
    ),
    Change(
        "nps_relacional",
        (
            Case("resposta_nps", "7.0", "score", 7, 7),
            Case("resposta_nps", "7,0", "score", 7, 7),
            Case("resposta_nps", "7.000", "score", None, 7, unreadable=READ),
            Case("resposta_nps", "7,000", "score", 7, None, unreadable=LOST),
            Case("resposta_nps", "7.5", "score", None, None, unreadable=(True, True)),
            Case("resposta_nps", r"\N", "score", None, None, null_word=(1, 1)),
            Case("resposta_nps", "", "score", None, None),
        ),
        {"decimal_mark": "."},
    ),
    Change(
        "tickets",
        (
            Case("dt_criacao", "04/03/2025", "created_date", None, date(2025, 3, 4), READ),
            Case("dt_criacao", "2025-03-04", "created_date", date(2025, 3, 4), date(2025, 3, 4)),
            Case("dt_criacao", "3/25/2025", "created_date", None, None, (True, True)),
        ),
        columns={"dt_criacao": {"formats": ("iso_date", "br_date")}},
    ),
    Change(
        "historico",
        (Case("dt_upload", "2025-03-04 10:00:00", "uploaded_date", None, date(2025, 3, 4), READ),),
        columns={"dt_upload": {"formats": ("iso_date", "iso_timestamp")}},
    ),
    Change(
        "nps_transacional_produto",
        (
            Case(
                "data_da_resposta", "04/03/2025 13:45", "answered_at",
                None, datetime(2025, 3, 4, 13, 45), READ,
            ),
            Case(
                "data_da_resposta", "3/4/2025 1:45:00 PM", "answered_at",
                datetime(2025, 3, 4, 13, 45), None, LOST,
            ),
        ),
        columns={"data_da_resposta": {"formats": ("br_timestamp", "br_date")}},
    ),
    Change(
        "telemetria",
        (Case("moduloid", "17", "module_id", "17", None, null_word=(0, 1)),),
        {"null_words": ("17",)},
    ),
]  # fmt: skip
CASES = [(change, number) for change in CHANGES for number in range(len(change.cases))]


def write_cases(folder, change: Change) -> None:
    """The family's file with one record per case, in which only that cell is special."""
    family = CONTRACT[change.family]
    rows = [record(family, row) for row in range(len(change.cases))]
    for row, case in zip(rows, change.cases, strict=True):
        row[family.column_names.index(case.column)] = case.text
    (folder / family.file_names()[0]).write_bytes(contents(family, rows))


@dataclass
class Readings:
    """What staging made of each case: value, unreadable_value, null_word_count, by case."""

    project: Project
    before: dict
    after: dict
    carried: list


@pytest.fixture(scope="module")
def readings(tmp_path_factory) -> Readings:
    folder = tmp_path_factory.mktemp("contract")
    raw = write_extract(folder / "raw")
    for change in CHANGES:
        write_cases(raw, change)
    project = new_project(folder / "project", raw)
    carried = []

    def read_with(contract) -> dict:
        land(raw, project.data, contract=contract, extract_date=date(2025, 3, 25))
        done = project.dbt("run", "--select", "path:models/staging", "int_telemetry__folded")
        assert done.returncode == 0, done.stdout
        file = project.data / "build/arcana.duckdb"
        sql = "select distinct made_from from silver.int_telemetry__folded"
        carried.append(project.query(sql, file))
        return {
            (change.family, number): project.query(
                f"select {case.read_as}, unreadable_value, null_word_count"
                f" from bronze.{STAGING[change.family]} where file_line = {number + 2}"
                f" and file_name = '{CONTRACT[change.family].file_names()[0]}'",
                file,
            )
            for change in CHANGES
            for number, case in enumerate(change.cases)
        }

    before = read_with(CONTRACT)
    changed = {change.family: change.changed() for change in CHANGES}
    after = read_with({**CONTRACT, **changed})
    return Readings(project, before, after, carried)


@pytest.mark.parametrize(
    ("change", "number"),
    CASES,
    ids=[f"{change.family}-{change.cases[n].column}-{change.cases[n].text}" for change, n in CASES],
)
def test_a_value_is_read_as_the_contract_says(readings, change, number):
    case = change.cases[number]
    for read, value, is_unreadable, words in (
        (readings.before, case.before, case.unreadable[0], case.null_word[0]),
        (readings.after, case.after, case.unreadable[1], case.null_word[1]),
    ):
        ((found, unreadable, count),) = read[change.family, number]
        assert found == value
        assert unreadable == (f"{case.column}={case.text}" if is_unreadable else None)
        assert count == words


def test_carried_telemetry_is_worked_out_again_when_its_contract_changes(readings):
    (before,), (after,) = readings.carried
    assert before != after
    assert readings.project.query(
        "select null_word_count, count(*) from silver.int_telemetry__folded"
        " where null_word_count > 0 group by all",
        readings.project.data / "build/arcana.duckdb",
    ) == [(1, 1)]


def copy_with(folder, *edits: tuple[str, str]) -> str:
    """A copy of the package with its families.yml edited; what PYTHONPATH must name."""
    shutil.copytree(ROOT / "src", folder / "src")
    file = folder / "src/arcana/families.yml"
    text = file.read_text(encoding="utf-8")
    for old, new in edits:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    file.write_text(text, encoding="utf-8")
    return str(folder / "src")


def test_what_the_message_advises_works(tmp_path):
    """Amounts with the other mark stop a build; the setting that it names lets them through."""
    raw = write_extract(tmp_path / "raw")
    amounts = [[f"T{row:05d}", f"{row},25"] for row in range(5)]
    (raw / "mrr.csv").write_bytes(contents(CONTRACT["mrr"], amounts))
    project = new_project(tmp_path, raw)
    told = project.arcana("land")
    assert told.returncode == 0, told.stderr
    done = project.dbt("build", "--select", "stg_erp__mrr")
    assert done.returncode == 1
    assert "accepted_share_stg_erp__mrr" in done.stdout

    source = copy_with(
        tmp_path,
        ('    decimal_mark: "."\n    key: cliente\n', '    decimal_mark: ","\n    key: cliente\n'),
    )
    told = project.arcana("land", PYTHONPATH=source)
    assert "contract has changed" in told.stderr
    done = project.dbt("build", "--select", "stg_erp__mrr")
    assert done.returncode == 0, done.stdout
    assert project.query(
        "select sum(mrr_brl), count(unreadable_value) from bronze.stg_erp__mrr",
        project.data / "build/arcana.duckdb",
    ) == [(Decimal("11.25"), 0)]


@pytest.fixture(scope="module")
def share_sql(readings) -> str:
    """The test `accepted_share` as dbt compiles it, over a RELATION to be put in."""
    name = "accepted_share_stg_erp__mrr_unreadable_value__0_99"
    done = readings.project.dbt("compile", "--select", name)
    assert done.returncode == 0, done.stdout
    (file,) = (readings.project.data / "target/compiled").rglob(f"{name}.sql")
    relation = '"arcana"."bronze"."stg_erp__mrr"'
    assert file.read_text().count(relation) == 1
    return file.read_text().replace(relation, "RELATION")


@pytest.mark.parametrize(
    ("rows", "unreadable", "passes"),
    [
        *[(5, 1, True), (5, 2, True), (4, 2, True), (5, 3, False), (1, 1, False)],
        *[(100, 19, True), (100, 20, False), (3000, 30, True), (3000, 31, False), (0, 0, True)],
    ],
)
def test_a_share_has_a_floor_of_rows(readings, share_sql, rows, unreadable, passes):
    """At most 1 % of the rows, or fewer than 20 as long as most rows are read."""
    relation = (
        f"(select case when i < {unreadable} then 'x' end as unreadable_value"
        f" from range({rows}) as numbers (i))"
    )
    found = readings.project.query(
        share_sql.replace("RELATION", relation), readings.project.data / "build/arcana.duckdb"
    )
    assert bool(found) != passes


def test_few_odd_cells_and_null_words_stop_no_build(project):
    """Five answers with one N/A, NULL in scores and in labels, an amount of fourteen digits."""
    file = project.data / "build/arcana.duckdb"
    raw = project.raw
    acquisition = raw / "nps_transacional_aquisicao.csv"
    lines = acquisition.read_text(encoding="cp1252").splitlines(keepends=True)[:6]
    fields = lines[1].split(";")
    lines[1] = ";".join([*fields[:2], "N/A", *fields[3:]])
    acquisition.write_text("".join(lines), encoding="cp1252")

    relational = raw / "nps_relacional.csv"
    header, *lines = relational.read_text(encoding="utf-8").splitlines()
    empty = sum(cell == "" for line in lines for cell in line.split(";")[2:])
    lines = [";".join(cell or "NULL" for cell in line.split(";")) for line in lines]
    relational.write_text("\n".join([header, *lines, ""]), encoding="utf-8")

    contracts = raw / "dados_clientes.csv"
    header, *lines = contracts.read_text(encoding="utf-8").splitlines()
    at = header.lstrip("\ufeff").split(";").index("DS_SEGMENTO")
    for number, line in enumerate(lines[::10]):
        fields = line.split(";")
        lines[number * 10] = ";".join([*fields[:at], "NULL", *fields[at + 1 :]])
    labels = len(lines[::10])
    contracts.write_text("\n".join([header, *lines, ""]), encoding="utf-8")

    amounts = raw / "mrr.csv"
    header, line, *lines = amounts.read_text(encoding="utf-8").splitlines()
    line = f"{line.split(';')[0]};99999999999999.5"
    amounts.write_text("\n".join([header, line, *lines, ""]), encoding="utf-8")

    before = project.query(
        "select survey, score, item_1_score, item_8_score, answered_at, customer_id, row_status"
        " from silver.int_nps_responses__screened where survey = 'relational' order by all",
        file,
    )
    done = project.arcana("build")
    assert done.returncode == 0, done.stdout + done.stderr
    told = done.stderr.replace("\n", " ")

    assert "Set aside: 1 records of nps_transacional_aquisicao, not_readable" in told
    assert project.query(
        "select unreadable_value, file_line from quality.quality_rows_set_aside"
        " where family = 'nps_transacional_aquisicao' and reason_code = 'not_readable'",
        file,
    ) == [("nota_nps=N/A", 2)]
    assert project.query(
        "select unreadable_value, reason_code from quality.quality_rows_set_aside"
        " where family = 'mrr'",
        file,
    ) == [("mrr_12m=99999999999999.5", "above_maximum")]

    assert empty > 0
    assert f"No value: {empty:,} cells of nps_relacional hold a null word" in told
    assert f"No value: {labels:,} cells of dados_clientes hold a null word" in told
    assert before == project.query(
        "select survey, score, item_1_score, item_8_score, answered_at, customer_id, row_status"
        " from silver.int_nps_responses__screened where survey = 'relational' order by all",
        file,
    )
    assert "'NULL'" not in told
    assert project.query(
        "select count(*) from bronze.stg_erp__contract_lines where segment_label = 'NULL'", file
    ) == [(0,)]


def test_an_answer_written_in_another_way_is_the_same_answer(tmp_path):
    """By an export that writes 7.0 for 7, NULL for nothing and one more form of dates."""
    family = CONTRACT["nps_transacional_aquisicao"]
    first = record(family)
    first[1], first[4] = "2025-03-04", ""
    again = [first[0], "04/03/2025", *("NULL" if cell == "" else f"{cell}.0" for cell in first[2:])]
    other = [*first[:2], "8", *first[3:]]
    raw = write_extract(tmp_path / "raw", ("clientes_desde", "dados_clientes", "mrr"))
    (raw / family.file_names()[0]).write_bytes(contents(family, [first, again, other]))
    columns = tuple(
        replace(c, formats=("iso_date", "br_date")) if c.type == "date" else c
        for c in family.columns
    )
    project = new_project(tmp_path, raw)
    contract = {**CONTRACT, family.name: replace(family, columns=columns)}
    land(raw, project.data, contract=contract)
    done = project.dbt("run", "--select", "stg_erp__nps_acquisition")
    assert done.returncode == 0, done.stdout
    (one, two, three) = project.query(
        "select answer_content from bronze.stg_erp__nps_acquisition order by file_line",
        project.data / "build/arcana.duckdb",
    )
    assert one == two != three


def test_the_command_line_reads_no_contract_before_a_command_does():
    """A setting that is refused is told in a line then, and `--help` does not need it."""
    code = "from arcana import families; families.load = None; import arcana.cli"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
