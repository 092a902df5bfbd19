"""One number a name: a figure is the same on the page, in Power BI's SQL, lists and console."""

from __future__ import annotations

import csv
import json
import re
from decimal import Decimal

import duckdb
import pytest

from arcana.job import build

ALL = "Todas"


@pytest.fixture(scope="module")
def on_page(built):
    html = (built.serve / "index.html").read_text("utf-8")
    return json.loads(re.search(r'id="data">(.*?)</script>', html, re.DOTALL)[1])


@pytest.fixture(scope="module")
def in_power_bi(built):
    """Measure and persona -> value, by the SQL that stands for each measure."""
    done = built.dbt("compile", "--select", "powerbi_measures")
    assert done.returncode == 0, done.stdout
    sql = (built.data / "target/compiled/arcana/analyses/powerbi_measures.sql").read_text("utf-8")
    rows = built.query(sql, built.data / "build/arcana.duckdb")
    return {(measure, persona): value for measure, persona, value in rows}


@pytest.fixture(scope="module")
def on_console(built):
    """Name of a persona -> the cells of its line."""
    with duckdb.connect(str(built.data / "build/arcana.duckdb"), read_only=True) as connection:
        table = build._persona_table(connection)
    _, names, *columns = [list(column.cells) for column in table.columns]
    return dict(zip(names, zip(*columns, strict=True), strict=True))


def figures_of(measures, names):
    """What the page shows of a cell, worked out as its script does."""
    cell = dict(zip(names, measures, strict=True))

    def per(part, whole):
        return cell[part] / cell[whole] if cell[whole] else None

    return {
        "Clientes": cell["customers"],
        "MRR": cell["mrr"],
        "Promotores": cell["promoters"],
        "Detratores": cell["detractors"],
        "Clientes que responderam": cell["answered"],
        "NPS": 100 * (cell["promoters"] - cell["detractors"]) / cell["answered"]
        if cell["answered"]
        else None,
        "Tickets em 12 meses": cell["tickets"],
        "Tickets por cliente em 12 meses": per("tickets", "customers"),
        "Clientes ativos": cell["users"],
        "Participação de ativos": per("users", "customers"),
        "Certeza média": per("certainty", "with_persona"),
        "Clientes ambíguos": cell["ambiguous"],
        "Participação de ambíguos": per("ambiguous", "customers"),
    }


def test_the_page_and_power_bi_show_the_same(on_page, in_power_bi):
    names = {persona["id"]: persona["name_pt"] for persona in on_page["personas"]}
    cells = {ALL: on_page["totals"]["||"]} | {
        names[persona]: measures
        for segment, size, state, persona, *measures in on_page["cells"]
        if (segment, size, state) == (None, None, None)
    }
    assert len(cells) >= 5
    compared = 0
    for name, measures in cells.items():
        for figure, shown in figures_of(measures, on_page["measures"]).items():
            other = in_power_bi[figure, name]
            # Money is whole on the page, and sums of probabilities have two digits.
            near = {"MRR": 0.5, "Certeza média": 0.005 / measures[0]}.get(figure, 1e-9)
            assert shown == pytest.approx(other, abs=near), (figure, name)
            compared += 1
    assert compared == 13 * len(cells)
    total = dict(zip(on_page["measures"], cells[ALL], strict=True))
    without = total["customers"] - total["with_persona"]
    assert without == in_power_bi["Clientes sem persona", ALL]


def test_the_console_shows_the_same(on_console, in_power_bi):
    assert len(on_console) > 5
    for name, (customers, share, _, certainty) in on_console.items():
        # Of a persona without customers Power BI shows nothing.
        assert int(customers.replace(",", "")) == in_power_bi.get(("Clientes", name), 0)
        assert share == f"{in_power_bi.get(('Participação de clientes', name), 0):.1%}"
        known = in_power_bi.get(("Certeza média", name))
        assert certainty == ("–" if known is None else f"{known:.2f}")


def test_the_lists_hold_what_the_page_says_of_them(built, on_page):
    listed = {each["name"]: each for each in on_page["lists"]}
    assert set(listed) == {"em-risco", "expansao", "insatisfeitos", "reconquista"}
    for name, on in listed.items():
        path = built.serve / f"lists/synthetic-{name}.csv"
        head, *rows = csv.reader(path.read_text("utf-8-sig").splitlines(), delimiter=";")
        if on["listed"] is None:
            # Too few for the page; the file is for those who call them.
            assert 0 < len(rows) < on_page["smallest_cell"]
            continue
        rows = rows if on["listed"] else []
        assert len(rows) == on["listed"], name
        for column, key in (("MRR (R$)", "mrr"), (on["priority_label_pt"], "priority")):
            place = head.index(column)
            total = sum(Decimal(row[place].replace(",", ".") or "0") for row in rows)
            assert abs(total - on[key]) <= Decimal("0.5") + Decimal("0.005") * len(rows), name


def test_nobody_internal_is_in_any_figure(built, in_power_bi):
    ((customers, internal),) = built.query(
        "select count(*) filter (not is_internal), count(*) filter (is_internal)"
        " from gold.customer_360"
    )
    assert internal > 0
    assert in_power_bi["Clientes", ALL] == customers
    for table in ("customer_conditions", "customer_signals", "customer_lists"):
        assert built.query(
            f"select count(*) from gold.{table} inner join gold.customer_360 using (customer_id)"
            " where is_internal"
        ) == [(0,)]
    ((profiled,),) = built.query("select sum(customer_count) from gold.persona_profiles")
    assert profiled == customers
