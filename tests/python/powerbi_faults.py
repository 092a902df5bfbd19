"""Faults that somebody could make in the Power BI project, each as an edit of a copy.

They were written before the check that has to find them.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

MODEL = "Arcana.SemanticModel/definition"
PAGES = "Arcana.Report/definition/pages"
REPORT = "Arcana.Report/definition/report.json"
THEME = "Arcana.Report/StaticResources/RegisteredResources/ArcanaTheme.json"
MEASURES = f"{MODEL}/tables/Medidas.tmdl"
CHART = f"{PAGES}/visao_geral/visuals/visao_geral_clientes/visual.json"
CARD = f"{PAGES}/visao_geral/visuals/visao_geral_card_1/visual.json"
SURVEYS = f"{PAGES}/suporte_satisfacao/visuals/suporte_nps_pesquisa/visual.json"
CUSTOMER = f"{PAGES}/cliente/page.json"

Fault = Callable[[Path], None]


def text(path: str, old: str, new: str) -> Fault:
    """Replace the first of a text that must be there."""

    def edit(folder: Path) -> None:
        content = (folder / path).read_text(encoding="utf-8")
        assert old in content, f"{path} holds no {old!r}: the fault would be none"
        (folder / path).write_text(content.replace(old, new, 1), encoding="utf-8")

    return edit


def change(path: str, edit_content: Callable[[dict], object]) -> Fault:
    """Edit a JSON file in place."""

    def edit(folder: Path) -> None:
        content = json.loads((folder / path).read_text(encoding="utf-8"))
        before = json.dumps(content)
        edit_content(content)
        assert json.dumps(content) != before, f"{path}: the fault would be none"
        (folder / path).write_text(json.dumps(content), encoding="utf-8")

    return edit


def remove(path: str) -> Fault:
    """Remove a file or a folder."""

    def edit(folder: Path) -> None:
        if (folder / path).is_dir():
            shutil.rmtree(folder / path)
        else:
            (folder / path).unlink()

    return edit


def append(path: str, addition: str) -> Fault:
    """Add a text to the end of a file."""

    def edit(folder: Path) -> None:
        with (folder / path).open("a", encoding="utf-8") as file:
            file.write(addition)

    return edit


def rename(path: str, name: str) -> Fault:
    """Rename a file or a folder."""

    def edit(folder: Path) -> None:
        (folder / path).rename((folder / path).with_name(name))

    return edit


def repeat_tag(folder: Path) -> None:
    """Give a column the tag of its table."""
    path = folder / MODEL / "tables/Clientes.tmdl"
    lines = path.read_text(encoding="utf-8").split("\n")
    tags = [number for number, line in enumerate(lines) if "lineageTag:" in line]
    lines[tags[1]] = "\t" + lines[tags[0]]
    path.write_text("\n".join(lines), encoding="utf-8")


def _visual(content: dict) -> dict:
    return content["visual"]


def _roles(content: dict) -> dict:
    return content["visual"]["query"]["queryState"]


SECOND_WAY = """relationship second-way
	fromColumn: Tickets.Cliente
	toColumn: Clientes.Cliente
"""

FAULTS: dict[str, Fault] = {
    # The text of the model
    "blanks instead of tabs": text(MEASURES, "\tmeasure MRR =", "  measure MRR ="),
    "a word that is no TMDL": text(MEASURES, "\tmeasure MRR =", "\tmesure MRR ="),
    "a property said twice": text(
        MEASURES, "\t\tdisplayFolder: 2.", "\t\tdisplayFolder: 2. A\n\t\tdisplayFolder: 2."
    ),
    "a column twice": text(
        f"{MODEL}/tables/Clientes.tmdl", "\tcolumn Subsegmento", "\tcolumn Segmento"
    ),
    "a file named otherwise than its table": rename(f"{MODEL}/tables/Uso.tmdl", "Usos.tmdl"),
    "a table gone from the list": text(f"{MODEL}/model.tmdl", "ref table Tickets\n", ""),
    "automatic tables of dates": text(
        f"{MODEL}/model.tmdl", "TimeIntelligenceEnabled = 0", "TimeIntelligenceEnabled = 1"
    ),
    "implicit measures": text(f"{MODEL}/model.tmdl", "\tdiscourageImplicitMeasures\n", ""),
    "no table of dates": text(f"{MODEL}/tables/Datas.tmdl", "\tdataCategory: Time\n", ""),
    "a type that is none": text(
        f"{MODEL}/tables/Tickets.tmdl", "dataType: string", "dataType: text"
    ),
    "a column that is summed": text(
        f"{MODEL}/tables/Clientes.tmdl", "summarizeBy: none", "summarizeBy: sum"
    ),
    "a number without a form": text(f"{MODEL}/tables/Clientes.tmdl", "\t\tformatString: #,0\n", ""),
    "sorted by a column that is not there": text(
        f"{MODEL}/tables/Personas.tmdl", "sortByColumn: Ordem", "sortByColumn: Posicao"
    ),
    "a tag twice": repeat_tag,
    "no tag": text(f"{MODEL}/tables/Clientes.tmdl", "\t\tlineageTag: ", "\t\tlineage: "),
    "a tag that is no UUID": text(MEASURES, "lineageTag: ", "lineageTag: 0"),
    "a mart that does not exist": text(
        f"{MODEL}/tables/Uso.tmdl", '[Name="fct_usage_daily"]', '[Name="fct_usage"]'
    ),
    "a query that is not there": text(
        f"{MODEL}/tables/Uso.tmdl", "Tabela = Origem{", "Tabela = Fonte{"
    ),
    "M with an open bracket": text(
        f"{MODEL}/expressions.tmdl",
        'each [Extension] = ".parquet")',
        'each [Extension] = ".parquet"',
    ),
    "the variant for Athena without its query": text(
        "athena/expressions.tmdl", "expression Origem =", "expression Fonte ="
    ),
    # Relationships
    "a relationship to no column": text(
        f"{MODEL}/relationships.tmdl", "toColumn: Clientes.Cliente", "toColumn: Clientes.Codigo"
    ),
    "a relationship between types": text(
        f"{MODEL}/relationships.tmdl", "toColumn: Clientes.Cliente", "toColumn: Datas.Data"
    ),
    "two ways for one filter": append(f"{MODEL}/relationships.tmdl", SECOND_WAY),
    "a second way made active": text(f"{MODEL}/relationships.tmdl", "\tisActive: false\n", ""),
    "a key that is shown": text(f"{MODEL}/tables/Tickets.tmdl", "\t\tisHidden\n", ""),
    "an inactive relationship nobody asks for": text(MEASURES, "USERELATIONSHIP(", "TREATAS("),
    # DAX
    "an open parenthesis": text(MEASURES, "COUNTROWS(Clientes)", "COUNTROWS(Clientes"),
    "an open string": text(MEASURES, '= "promoter")', '= "promoter)'),
    "a column that is not there": text(MEASURES, "SUM(Clientes[MRR (R$)])", "SUM(Clientes[MRR])"),
    "a table that is not there": text(MEASURES, "COUNTROWS(Tickets)", "COUNTROWS(Chamados)"),
    "a measure that is not there": text(MEASURES, "DIVIDE([Clientes ativos]", "DIVIDE([Ativos]"),
    "a function that is none": text(MEASURES, "COUNTROWS(Tickets)", "COUNTLINES(Tickets)"),
    "an argument left out": text(
        MEASURES, "DIVIDE([Clientes ativos], ", "DIVIDE([Clientes ativos], , "
    ),
    "a comma left out": text(MEASURES, "DIVIDE([Clientes ativos], ", "DIVIDE([Clientes ativos] "),
    "too few arguments": text(MEASURES, "COUNTROWS(Tickets)", "DIVIDE([MRR])"),
    "a sum of a measure": text(MEASURES, "SUM(Clientes[MRR (R$)])", "SUM([NPS])"),
    "rows of a column": text(MEASURES, "COUNTROWS(Tickets)", "COUNTROWS(Tickets[Ticket])"),
    "no operator": text(MEASURES, "[Promotores] - [Detratores]", "[Promotores] [Detratores]"),
    "a variable without RETURN": text(MEASURES, "\t\t\tRETURN\n", ""),
    "a variable called as a table": text(MEASURES, "VAR motivos", "VAR Tickets"),
    "a measure that needs itself": text(MEASURES, "COUNTROWS(Clientes)", "[Clientes sem persona]"),
    "a measure without a form": text(MEASURES, "\t\tformatString: 0.0%\n", ""),
    "a folder without a number": text(
        MEASURES, "displayFolder: 1. Clientes", "displayFolder: Clientes"
    ),
    "a measure without a description": text(
        MEASURES, "\t/// Clientes da base, sem os internos.\n", ""
    ),
    "a measure without English": text(
        MEASURES, "annotation NameEn = MRR\n", "annotation X = MRR\n"
    ),
    "a measure without its pair in SQL": text(
        MEASURES, "measure 'Nota média'", "measure 'Nota mediana'"
    ),
    "a role for a column that is not there": text(
        f"{MODEL}/roles/Manufatura.tmdl", "Clientes[Segmento]", "Clientes[Ramo]"
    ),
    "a translation of nothing": text(
        f"{MODEL}/cultures/en-US.tmdl", "column Subsegmento", "column Subsegmentos"
    ),
    "a column without translation": text(
        f"{MODEL}/cultures/en-US.tmdl", "\t\t\t\t\tcaption: Sub segment\n", ""
    ),
    # The report
    "no JSON": append(CHART, "}"),
    "the model elsewhere": text(
        "Arcana.Report/definition.pbir", "../Arcana.SemanticModel", "../Arcana.Model"
    ),
    "the report elsewhere": text("Arcana.pbip", "Arcana.Report", "Arcana.Relatorio"),
    "a page that is not listed": change(
        f"{PAGES}/pages.json", lambda pages: pages["pageOrder"].pop()
    ),
    "a page that is gone": remove(f"{PAGES}/suporte_satisfacao"),
    "opens on a page that is not there": change(
        f"{PAGES}/pages.json", lambda pages: pages.update(activePageName="inicio")
    ),
    "a page named otherwise than its folder": change(
        CUSTOMER, lambda page: page.update(name="clientes")
    ),
    "a visual named otherwise than its folder": change(
        CARD, lambda visual: visual.update(name="outro")
    ),
    "a folder with a blank and an accent": rename(
        f"{PAGES}/visao_geral/visuals/visao_geral_card_1", "cartão 1"
    ),
    "a kind of visual that is none": change(
        CHART, lambda content: _visual(content).update(visualType="barrasAgrupadas")
    ),
    "a role the visual has not": change(
        CARD, lambda content: _roles(content).update(Y=_roles(content).pop("Values"))
    ),
    "a role the visual needs": change(CHART, lambda content: _roles(content).pop("Y")),
    "a field that is not there": text(CARD, '"Property": "Clientes"', '"Property": "Contas"'),
    "a measure taken for a column": text(CARD, '"Measure"', '"Column"'),
    "a field called otherwise than it is": text(
        CARD, '"queryRef": "Medidas.Clientes"', '"queryRef": "Medidas.MRR"'
    ),
    "sorted by a field that is not there": change(
        CHART,
        lambda content: _visual(content)["query"]["sortDefinition"]["sort"][0]["field"][
            "Column"
        ].update(Property="Nome"),
    ),
    "a visual over another": change(CARD, lambda content: content["position"].update(x=200)),
    "a visual beyond the page": change(
        f"{PAGES}/visao_geral/visuals/visao_geral_card_6/visual.json",
        lambda content: content["position"].update(width=240),
    ),
    "a visual off the grid": change(CARD, lambda content: content["position"].update(y=83)),
    "a place in the tab order twice": change(
        CARD, lambda content: content["position"].update(tabOrder=0)
    ),
    "no words for who cannot see": change(
        CARD, lambda content: _visual(content)["visualContainerObjects"].pop("general")
    ),
    "a colour of another persona": text(CHART, "#882255", "#117733"),
    "a colour for a persona that is not there": text(
        CHART, "'Parceiros Estratégicos'", "'Parceiros'"
    ),
    "a theme in another order": change(THEME, lambda theme: theme["dataColors"].reverse()),
    "a theme that is gone": remove(THEME),
    "a base theme that is gone": remove(
        "Arcana.Report/StaticResources/SharedResources/BaseThemes/CY24SU10.json"
    ),
    "a base theme that is not registered": change(
        REPORT, lambda report: report["resourcePackages"].pop(0)
    ),
    "a persona's colour for what is none": text(SURVEYS, "#54657A", "#882255"),
    "no colour, and so the first persona's": change(
        SURVEYS, lambda content: _visual(content)["objects"].pop("dataPoint")
    ),
    "a colour for what is not shown": text(
        SURVEYS, '"metadata": "Medidas.NPS"', '"metadata": "Medidas.MRR"'
    ),
    "a theme that is not used": change(
        REPORT, lambda report: report["themeCollection"].pop("customTheme")
    ),
    "a drill-through bound to no filter": change(
        CUSTOMER,
        lambda page: page["pageBinding"]["parameters"][0].update(boundFilter="filtro"),
    ),
    "a drill-through by another field": change(
        CUSTOMER,
        lambda page: page["pageBinding"]["parameters"][0]["fieldExpr"]["Column"].update(
            Property="UF"
        ),
    ),
    "no page for the drill-through": change(CUSTOMER, lambda page: page.pop("pageBinding")),
    "a newer schema than the others": text(CARD, "visualContainer/2.7.0", "visualContainer/2.9.0"),
    "two parts with one identity": text(
        "Arcana.Report/.platform",
        "8b1f6a52-6a0e-5d3c-9f52-3f8f0c1d2e02",
        "8b1f6a52-6a0e-5d3c-9f52-3f8f0c1d2e01",
    ),
}
