"""Lists as files: what a spreadsheet and a program read in them."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from decimal import Decimal
from xml.etree import ElementTree

import duckdb
import pytest
from click.testing import CliRunner

from arcana import cli, lists
from arcana.errors import UsageError

SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
ROWS = [
    # list, rank, is_within_capacity, customer, persona, name, probability, segment, size, mrr, ...
    (
        "em-risco",
        1,
        True,
        "T00001",
        3,
        "Clientes Padrão",
        0.987654,
        "VAREJO",
        "Grande",
        "6791.376025",
    ),
    ("em-risco", 2, True, "T00002", -1, None, None, None, "Pequena", "0.000087"),
    ("em-risco", 3, False, "T00003", 3, "Clientes Padrão", 0.5, "VAREJO", "Pequena", None),
]


@pytest.fixture
def served(tmp_path):
    """A database with two lists; the second has no customer."""
    connection = duckdb.connect(str(tmp_path / "arcana.duckdb"))
    connection.execute("create schema gold")
    connection.execute(
        "create table gold.lists as select * from (values"
        " ('em-risco', 1, 'Em risco', 'MRR em risco (R$)'),"
        " ('reconquista', 2, 'Reconquista', 'Contrato a recuperar (R$)'))"
        " as lists (list_name, sort_order, label_pt, priority_label_pt)"
    )
    connection.execute(
        "create table gold.customer_lists (list_name varchar, list_rank bigint,"
        " is_within_capacity boolean, customer_id varchar, persona_id bigint,"
        " persona_name varchar, probability double, segment varchar, size_group varchar,"
        " mrr_brl decimal(18, 6), priority_brl decimal(18, 6), score bigint,"
        " reason_1_pt varchar, reason_2_pt varchar, reason_3_pt varchar, action_pt varchar)"
    )
    for row in ROWS:
        connection.execute(
            f"insert into gold.customer_lists values ({', '.join('?' * 16)})",
            [*row, "12.5", 50, "sem uso", "cancelou 30 % ou mais", None, "Ligar"],
        )
    yield connection
    connection.close()


def read_csv(path, encoding="utf-8-sig", delimiter=";"):
    return list(csv.reader(path.read_text(encoding=encoding).splitlines(), delimiter=delimiter))


def read_workbook(path):
    """The name of the sheet, its rows as texts and numbers, and its XML."""
    with zipfile.ZipFile(path) as archive:
        texts = [
            "".join(part.text or "" for part in item.iter(f"{SHEET}t"))
            for item in ElementTree.fromstring(archive.read("xl/sharedStrings.xml"))
        ]
        book = ElementTree.fromstring(archive.read("xl/workbook.xml"))
        sheet = ElementTree.fromstring(archive.read("xl/worksheets/sheet1.xml"))
    rows = []
    for line in sheet.iter(f"{SHEET}row"):
        cells = {}
        for cell in line:
            assert cell.find(f"{SHEET}f") is None, "a formula"
            value = cell.find(f"{SHEET}v").text
            column = cell.get("r").rstrip("0123456789")
            cells[column] = texts[int(value)] if cell.get("t") == "s" else float(value)
        rows.append(cells)
    return book.find(f"{SHEET}sheets")[0].get("name"), rows, sheet


def test_a_list_is_read_by_a_brazilian_spreadsheet(served, tmp_path):
    (found,) = lists.read_lists(served, ["em-risco"])
    lists.write_lists([found], tmp_path / "out", is_synthetic=False)
    path = tmp_path / "out/em-risco.csv"
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    head, first, second = read_csv(path)
    assert head[:8] == [
        "Posição", "Cliente", "Persona", "Probabilidade", "Segmento", "Porte", "MRR (R$)",
        "MRR em risco (R$)",
    ]  # fmt: skip
    assert first == [
        "1", "T00001", "Clientes Padrão", "0,99", "VAREJO", "Grande", "6791,38", "12,50", "50",
        "sem uso", "cancelou 30 % ou mais", "", "Ligar",
    ]  # fmt: skip
    assert second[1:7] == ["T00002", "Sem persona", "", "Sem informação", "Pequena", "0,00"]


def test_a_workbook_has_numbers_texts_a_fixed_head_and_a_filter(served, tmp_path):
    (found,) = lists.read_lists(served, ["em-risco"])
    lists.write_lists([found], tmp_path, is_synthetic=False)
    name, rows, sheet = read_workbook(tmp_path / "em-risco.xlsx")
    assert name == "Em risco"
    assert [rows[1][column] for column in "ABCDG"] == [
        1, "T00001", "Clientes Padrão", 0.99, 6791.38,
    ]  # fmt: skip
    assert "D" not in rows[2], "an unknown probability is an empty cell"
    (pane,) = sheet.iter(f"{SHEET}pane")
    assert (pane.get("topLeftCell"), pane.get("state")) == ("C2", "frozen")
    (auto_filter,) = sheet.iter(f"{SHEET}autoFilter")
    assert auto_filter.get("ref") == "A1:M3"


def test_equal_lists_are_equal_files(served, tmp_path):
    for folder in ("one", "other"):
        lists.write_lists(lists.read_lists(served), tmp_path / folder, is_synthetic=False)
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "other" / path.name).read_bytes(), path.name


@pytest.mark.parametrize(
    "text", ["=1+1", "+cmd", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "=cmd|'/c'!A0"]
)
def test_formula_text_stays_text(served, tmp_path, text):
    served.execute("update gold.customer_lists set customer_id = ? where list_rank = 1", [text])
    (found,) = lists.read_lists(served, ["em-risco"])
    lists.write_lists([found], tmp_path, is_synthetic=False)
    cell = read_csv(tmp_path / "em-risco.csv")[1][1]
    assert cell == "'" + " ".join(text.split())
    _, rows, _ = read_workbook(tmp_path / "em-risco.xlsx")
    assert rows[1]["B"] == cell


def test_a_line_break_or_html_in_a_label_breaks_no_row(served, tmp_path):
    served.execute(
        "update gold.customer_lists set segment = ? where list_rank = 1",
        ['<b>VAREJO;\r\n"x"</b>'],
    )
    (found,) = lists.read_lists(served, ["em-risco"])
    lists.write_lists([found], tmp_path, is_synthetic=False)
    rows = read_csv(tmp_path / "em-risco.csv")
    assert len(rows) == 3
    assert rows[1][4] == '<b>VAREJO; "x"</b>'


def test_negative_numbers_are_no_formulas(served, tmp_path):
    served.execute("update gold.customer_lists set mrr_brl = -5.5 where list_rank = 1")
    (found,) = lists.read_lists(served, ["em-risco"])
    lists.write_lists([found], tmp_path, is_synthetic=False)
    assert read_csv(tmp_path / "em-risco.csv")[1][6] == "-5,50"
    assert read_workbook(tmp_path / "em-risco.xlsx")[1][1]["G"] == -5.5


def test_an_empty_list_says_so_under_its_head(served, tmp_path):
    (found,) = lists.read_lists(served, ["reconquista"])
    lists.write_lists([found], tmp_path, is_synthetic=False)
    head, only = read_csv(tmp_path / "reconquista.csv")
    assert "Contrato a recuperar (R$)" in head
    assert only == [lists.NO_CUSTOMER]
    assert read_workbook(tmp_path / "reconquista.xlsx")[1][1] == {"A": lists.NO_CUSTOMER}


def test_a_synthetic_extract_says_so_in_each_name(served, tmp_path):
    written = lists.write_lists(lists.read_lists(served), tmp_path / "out", is_synthetic=True)
    assert {path.name for path in written} == {
        "synthetic-em-risco.csv", "synthetic-em-risco.xlsx",
        "synthetic-reconquista.csv", "synthetic-reconquista.xlsx",
    }  # fmt: skip
    assert {path.name for path in (tmp_path / "out").iterdir()} == {path.name for path in written}


def test_plain_is_for_programs(served, tmp_path):
    (found,) = lists.read_lists(served, ["em-risco"])
    (path,) = lists.write_lists([found], tmp_path / "out", is_synthetic=False, plain=True)
    assert not path.read_bytes().startswith(b"\xef\xbb\xbf")
    first = next(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))))
    assert Decimal(first["MRR (R$)"]) == Decimal("6791.38")


@pytest.mark.parametrize(
    ("choice", "customers"),
    [
        ({}, ["T00001", "T00002"]),
        ({"top": 3}, ["T00001", "T00002", "T00003"]),
        ({"top": 1}, ["T00001"]),
        ({"persona": "clientes padrão", "top": 9}, ["T00001", "T00003"]),
        ({"persona": "3"}, ["T00001"]),
        ({"persona": "sem persona"}, ["T00002"]),
        ({"segment": "varejo", "size": "PEQUENA", "top": 9}, ["T00003"]),
        ({"segment": "Sem informação"}, ["T00002"]),
    ],
)
def test_a_choice_takes_these_customers_in_their_order(served, choice, customers):
    (found,) = lists.read_lists(served, ["em-risco"], lists.Choice(**choice))
    assert [row[1] for row in found.rows] == customers


@pytest.mark.parametrize(
    ("names", "choice", "told"),
    [
        (["foo"], {}, "There is no list 'foo'; there are em-risco, reconquista."),
        (None, {"persona": "Outra"}, "--persona 'Outra'; there are Clientes Padrão, Sem persona."),
        (None, {"segment": "x' or 1=1 --"}, "--segment"),
        (None, {"size": "Enorme"}, "--size 'Enorme'; there are Grande, Pequena."),
    ],
)
def test_what_is_not_there_is_named_with_what_is(served, names, choice, told):
    with pytest.raises(UsageError) as error:
        lists.read_lists(served, names, lists.Choice(**choice))
    assert told in str(error.value)


def test_export_writes_what_is_served_with_a_manifest(served, tmp_path, monkeypatch):
    serve = tmp_path / "data/serve"
    serve.mkdir(parents=True)
    served.close()
    (tmp_path / "arcana.duckdb").rename(serve / "arcana.duckdb")
    (serve / "build.json").write_text(
        '{"build_id": "abc", "as_of_date": "2025-03-25", "is_synthetic": false}', encoding="utf-8"
    )
    (tmp_path / "dbt_project.yml").touch()
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("ARCANA_DATA", raising=False)
    for _ in range(2):
        ended = CliRunner().invoke(cli.commands, ["export", "em-risco", "--size", "grande"])
        assert ended.exit_code == 0, ended.output
    folder = tmp_path / "data/exports"
    assert sorted(path.name for path in folder.iterdir()) == [
        "em-risco.csv", "em-risco.xlsx", "manifest.json",
    ]  # fmt: skip
    assert json.loads((folder / "manifest.json").read_text(encoding="utf-8")) == {
        "build_id": "abc",
        "as_of_date": "2025-03-25",
        "is_synthetic": False,
        "chosen": {"persona": None, "segment": None, "size": "grande", "top": None},
        "rows": {"em-risco": 1},
        "files": ["em-risco.csv", "em-risco.xlsx"],
    }


def test_export_before_any_build_says_what_to_do(tmp_path, monkeypatch):
    (tmp_path / "dbt_project.yml").touch()
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("ARCANA_DATA", raising=False)
    ended = CliRunner().invoke(cli.commands, ["export"])
    assert isinstance(ended.exception, UsageError)
    assert "run `arcana build` first" in str(ended.exception)
    assert not (tmp_path / "data").exists()
