"""Write the part of the Power BI model that the marts already say.

Tables, columns, types, labels, descriptions and relationships come from the manifest of
dbt; which marts are shown, and as what, stands in `powerbi/model.yml`. Measures, roles,
the connection and the report are files of their own and are never written here.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from arcana.errors import ArcanaError
from arcana.powerbi import tmdl
from arcana.powerbi.graph import Relationship, ambiguous

DEFINITION = Path("Arcana.SemanticModel/definition")
SETTINGS = "model.yml"
MEASURES = DEFINITION / "tables/Medidas.tmdl"
# Says of a table that `arcana powerbi` wrote it, and of which mart.
MART = "ArcanaMart"
# Desktop's own form of an amount in reais.
REAIS = '"R$"\\ #,0.00;-"R$"\\ #,0.00;"R$"\\ #,0.00'
# DECIMAL loads as a double: the fixed decimal of Power BI ends after four places, and the
# vendor's amounts do not.
TYPES = {
    "varchar": "string",
    "bigint": "int64",
    "double": "double",
    "decimal": "double",
    "date": "dateTime",
    "timestamp": "dateTime",
    "boolean": "boolean",
}
WIDEST_DECIMAL = 18
# What a column's name does not say in English by itself.
ENGLISH = {"brl": "(R$)", "en": "(English)", "id": "ID", "mrr": "MRR", "nps": "NPS"}
SENTENCE_END = re.compile(r"(?<=\.) (?=[A-Z0-9-])")
NAMESPACE = uuid.uuid5(uuid.NAMESPACE_DNS, "arcana")


class ModelError(ArcanaError):
    """The marts, or powerbi/model.yml, do not say what the model needs."""


@dataclass(frozen=True)
class Column:
    """A column of a mart as Power BI shows it."""

    source: str
    sql_type: str
    name: str
    name_en: str
    description: str
    description_en: str
    sort_by: str | None
    folder: str | None

    @property
    def data_type(self) -> str:
        """Its type in the model."""
        return TYPES[self.sql_type.partition("(")[0]]


@dataclass(frozen=True)
class Table:
    """A mart as Power BI shows it."""

    mart: str
    name: str
    name_en: str
    description: str
    description_en: str
    columns: dict[str, Column]
    key: tuple[str, ...]
    calendar: str | None = None
    date: str | None = None
    hide_numbers: bool = False


@dataclass(frozen=True)
class Model:
    """What is shown: tables by mart, relationships, folders in English, what has no Portuguese."""

    tables: dict[str, Table]
    relationships: list[Relationship] = field(default_factory=list)
    folders: dict[str, str] = field(default_factory=dict)
    untranslated: list[str] = field(default_factory=list)


class Portuguese:
    """Descriptions in Portuguese, from translations by sentence; keeps what was not found."""

    def __init__(self, sentences: dict[str, str]) -> None:
        self.sentences = sentences
        self.missing: dict[str, None] = {}

    def of(self, description: str) -> str:
        """A description in Portuguese; a sentence without translation stays as it is."""
        said = SENTENCE_END.split(description)
        self.missing |= dict.fromkeys(one for one in said if one not in self.sentences)
        return " ".join(self.sentences.get(one, one) for one in said)


def identity(*parts: str) -> str:
    """A tag that stays when a label changes, and differs from every other."""
    return str(uuid.uuid5(NAMESPACE, "/".join(parts)))


def read(manifest: dict, folder: Path) -> Model:
    """What the marts say of the tables that the settings list.

    Parameters
    ----------
    manifest : dbt's manifest.json
    folder : powerbi/, which holds model.yml and portuguese.yml

    Raises ModelError that names the mart and the column where something is missing.
    """
    settings = folder / SETTINGS
    shown = yaml.safe_load(settings.read_text(encoding="utf-8"))
    portuguese = Portuguese(yaml.safe_load((folder / "portuguese.yml").read_text(encoding="utf-8")))
    tests = [node for node in manifest["nodes"].values() if node["resource_type"] == "test"]
    tables = {}
    for mart, said in shown["tables"].items():
        node = manifest["nodes"].get(f"model.arcana.{mart}")
        if node is None:
            raise ModelError(f"{settings} shows {mart}, and there is no model of that name.")
        folders = shown["blocks"] if said.get("folders") else {}
        tables[mart] = Table(
            mart=mart,
            name=said["name"],
            name_en=said["name_en"],
            description=portuguese.of(_one_line(node["description"])),
            description_en=_one_line(node["description"]),
            columns={
                name: _column(mart, column, folders, portuguese)
                for name, column in node["columns"].items()
            },
            key=next(
                tuple(test["test_metadata"]["kwargs"]["columns"])
                for test in tests
                if _tests(test, "unique_key", node["unique_id"])
            ),
            calendar=said.get("calendar"),
            date=said.get("date"),
            hide_numbers=said.get("hide_numbers", False),
        )
        _check_columns(settings, tables[mart])
    relationships = list(_relationships(tables, tests))
    return Model(tables, relationships, shown["folders"], list(portuguese.missing))


def _tests(test: dict, name: str, node: str) -> bool:
    return (test.get("test_metadata") or {}).get("name") == name and test["attached_node"] == node


def _column(mart: str, column: dict, folders: dict[str, str], portuguese: Portuguese) -> Column:
    meta = column["config"]["meta"]
    place = f"{mart}.{column['name']}"
    if not meta.get("label_pt") or not column["description"].strip():
        raise ModelError(f"{place} has no description or no meta.label_pt: say both in its YAML.")
    sql_type = (column["data_type"] or "").lower().replace(" ", "")
    digits = re.fullmatch(r"decimal\((\d+),\d+\)", sql_type)
    if sql_type.partition("(")[0] not in TYPES or (digits and int(digits[1]) > WIDEST_DECIMAL):
        raise ModelError(
            f"{place} is {sql_type or 'of no declared type'}; Power BI loads {', '.join(TYPES)},"
            f" decimals up to {WIDEST_DECIMAL} digits. Cast it in the mart."
        )
    description_en = _one_line(column["description"])
    return Column(
        source=column["name"],
        sql_type=sql_type,
        name=meta["label_pt"],
        name_en=meta.get("label_en") or english(column["name"]),
        description=portuguese.of(description_en),
        description_en=description_en,
        sort_by=meta.get("sort_by"),
        folder=folders.get(meta.get("block")),
    )


def english(name: str) -> str:
    """A column's name as English words: `mrr_brl` is MRR (R$)."""
    words = " ".join(ENGLISH.get(word, word) for word in name.split("_"))
    return words[0].upper() + words[1:]


def _one_line(text: str) -> str:
    return " ".join(text.replace("**", "").split())


def _check_columns(settings: Path, table: Table) -> None:
    """Names that the YAML gives must be columns, and labels must differ in a table."""
    seen: dict[str, str] = {}
    for column in table.columns.values():
        other = seen.setdefault(column.name.lower(), column.source)
        if other != column.source:
            raise ModelError(
                f"{table.mart}: {other} and {column.source} are both called {column.name!r};"
                " Power BI tells columns apart by their label."
            )
        if column.sort_by and column.sort_by not in table.columns:
            raise ModelError(f"{table.mart}.{column.source}: no column {column.sort_by} to sort by")
    for name in (table.calendar, table.date):
        if name and name not in table.columns:
            raise ModelError(f"{settings}: {table.mart} has no column {name}.")


def _relationships(tables: dict[str, Table], tests: list[dict]) -> Iterator[Relationship]:
    """The relationships that dbt tests, and each fact's day; a second way is inactive.

    Where a filter would reach a table twice, the relationship found later stays inactive
    and waits for a measure that asks for it.
    """
    calendar = next(table for table in tables.values() if table.calendar)
    looked_up = {}
    for test in tests:
        metadata = test.get("test_metadata") or {}
        if metadata.get("name") == "relationships":
            kwargs = metadata["kwargs"]
            to = kwargs["to"].partition("ref('")[2].partition("'")[0]
            mart = test["attached_node"].rpartition(".")[2]
            looked_up[mart, kwargs["column_name"]] = (to, kwargs["field"])
    found: list[Relationship] = []
    for table in tables.values():
        for column in table.columns:
            to, to_column = looked_up.get((table.mart, column), (None, None))
            if column == table.date:
                to, to_column = calendar.mart, calendar.calendar
            if to not in tables:
                continue
            one_to_one = table.key == (column,)
            active = Relationship(table.mart, column, to, to_column, one_to_one)
            inactive = Relationship(table.mart, column, to, to_column, False, False)
            found.append(inactive if ambiguous([*found, active]) else active)
            yield found[-1]


def files(model: Model, folder: Path) -> dict[Path, str]:
    """The text of every file that is written, by its path below the powerbi folder."""
    measures = next(tmdl.parse((folder / MEASURES).read_text(encoding="utf-8")).all("table"))
    roles = sorted(path.stem for path in (folder / DEFINITION / "roles").glob("*.tmdl"))
    texts = {
        DEFINITION / f"tables/{table.name}.tmdl": _table(table, model)
        for table in model.tables.values()
    }
    texts[DEFINITION / "relationships.tmdl"] = _relationship_texts(model)
    texts[DEFINITION / "model.tmdl"] = _model(model, measures.name, roles)
    texts[DEFINITION / "cultures/en-US.tmdl"] = _culture(model, measures)
    return texts


def _is_hidden(column: Column, table: Table, model: Model) -> bool:
    """Keys, what others are sorted by, and numbers that measures stand for are hidden."""
    looks_up = any(
        (relation.from_table, relation.from_column) == (table.mart, column.source)
        for relation in model.relationships
    )
    is_number = column.data_type in ("int64", "double")
    looked_into = is_number and any(
        (relation.to_table, relation.to_column) == (table.mart, column.source)
        for relation in model.relationships
    )
    sorts = any(other.sort_by == column.source for other in table.columns.values())
    return looks_up or looked_into or sorts or (is_number and table.hide_numbers)


def _format(column: Column) -> str | None:
    if column.data_type == "dateTime":
        return "dd/mm/yyyy"
    if column.data_type not in ("int64", "double"):
        return None
    if column.source.endswith("_brl"):
        return REAIS
    if column.source.endswith(("_share", "probability")):
        return "0.0%"
    if column.data_type == "double":
        return "#,0.00"
    return "#,0" if column.source.endswith(("_count", "_months", "_days")) else "0"


def _table(table: Table, model: Model) -> str:
    lines = [f"/// {table.description}", f"table {tmdl.quote(table.name)}"]
    lines.append(f"\tlineageTag: {identity(table.mart)}")
    if table.calendar:
        lines.append("\tdataCategory: Time")
    for column in table.columns.values():
        lines += ["", f"\t/// {column.description}", f"\tcolumn {tmdl.quote(column.name)}"]
        said = {
            "dataType": column.data_type,
            "isHidden": _is_hidden(column, table, model),
            "isKey": column.source == table.calendar,
            "formatString": _format(column),
            "displayFolder": column.folder,
            "lineageTag": identity(table.mart, column.source),
            "summarizeBy": "none",
            "sourceColumn": column.source,
            "sortByColumn": column.sort_by and tmdl.quote(table.columns[column.sort_by].name),
        }
        for name, value in said.items():
            if value:
                lines.append(f"\t\t{name}" if value is True else f"\t\t{name}: {value}")
        lines += ["", "\t\tannotation SummarizationSetBy = User"]
        if column.sql_type == "date":
            lines += ["", "\t\tannotation UnderlyingDateTimeDataType = Date"]
        if _format(column) == REAIS:
            lines += ["", '\t\tannotation PBI_FormatHint = {"currencyCulture":"pt-BR"}']
    lines += [
        "",
        f"\tpartition {tmdl.quote(table.name)} = m",
        "\t\tmode: import",
        "\t\tsource =",
        "\t\t\t\tlet",
        f'\t\t\t\t\tTabela = Origem{{[Name="{table.mart}"]}}[Data]',
        "\t\t\t\tin",
        "\t\t\t\t\tTabela",
        "",
        f"\tannotation {MART} = {table.mart}",
        "",
    ]
    return "\n".join(lines)


def _relationship_texts(model: Model) -> str:
    lines = []
    for relation in model.relationships:
        origin, target = model.tables[relation.from_table], model.tables[relation.to_table]
        lines.append(
            "relationship " + identity(relation.from_table, relation.from_column, relation.to_table)
        )
        if not relation.active:
            lines.append("\tisActive: false")
        if relation.one_to_one:
            # Many to one filters the same, and Desktop has been seen to drop one to one.
            lines.append("\tcrossFilteringBehavior: bothDirections")
        for end, table, column in (
            ("fromColumn", origin, relation.from_column),
            ("toColumn", target, relation.to_column),
        ):
            name = tmdl.quote(table.columns[column].name)
            lines.append(f"\t{end}: {tmdl.quote(table.name)}.{name}")
        lines.append("")
    return "\n".join(lines)


def _model(model: Model, measures: str, roles: list[str]) -> str:
    names = [measures, *(table.name for table in model.tables.values())]
    order = ", ".join(f'"{name}"' for name in ("Pasta", "Origem", *names))
    return "\n".join(
        [
            "model Model",
            "\tculture: pt-BR",
            "\tdefaultPowerBIDataSourceVersion: powerBI_V3",
            "\tdiscourageImplicitMeasures",
            "\tsourceQueryCulture: pt-BR",
            "\tdataAccessOptions",
            "\t\tlegacyRedirects",
            "\t\treturnErrorValuesAsNull",
            "",
            # Off: there is a table of dates; Power BI would add a hidden one per date column.
            "annotation __PBI_TimeIntelligenceEnabled = 0",
            "",
            f"annotation PBI_QueryOrder = [{order}]",
            "",
            *(f"ref table {tmdl.quote(name)}" for name in names),
            "",
            *(f"ref role {tmdl.quote(name)}" for name in roles),
            "",
            "ref cultureInfo en-US",
            "",
        ]
    )


def _culture(model: Model, measures: tmdl.Node) -> str:
    lines = ["cultureInfo en-US", "", "\ttranslations", "\t\tmodel Model"]
    lines.append(f"\t\t\ttable {tmdl.quote(measures.name)}")
    lines.append("\t\t\t\tcaption: Measures")
    for measure in measures.all("measure"):
        folder = measure.properties.get("displayFolder", "")
        lines += [
            f"\t\t\t\tmeasure {tmdl.quote(measure.name)}",
            f"\t\t\t\t\tcaption: {measure.annotation('NameEn')}",
            f"\t\t\t\t\tdescription: {measure.annotation('DescriptionEn')}",
            f"\t\t\t\t\tdisplayFolder: {model.folders.get(folder, folder)}",
        ]
    for table in model.tables.values():
        lines.append(f"\t\t\ttable {tmdl.quote(table.name)}")
        lines.append(f"\t\t\t\tcaption: {table.name_en}")
        lines.append(f"\t\t\t\tdescription: {table.description_en}")
        for column in table.columns.values():
            lines += [
                f"\t\t\t\tcolumn {tmdl.quote(column.name)}",
                f"\t\t\t\t\tcaption: {column.name_en}",
                f"\t\t\t\t\tdescription: {column.description_en}",
            ]
            if column.folder:
                lines.append(f"\t\t\t\t\tdisplayFolder: {model.folders[column.folder]}")
    return "\n".join([*lines, ""])
