"""Find what is wrong with the Power BI project without opening it.

JSON schemas accept any field and any role, and a parser of TMDL accepts broken DAX; this
reads model and report together. A fault is a sentence: which file, what, and what to do.
"""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path

from arcana.powerbi import dax, tmdl
from arcana.powerbi.graph import Relationship, ambiguous
from arcana.powerbi.model import DEFINITION, MART, TYPES

REPORT = Path("Arcana.Report")
WIDTH, HEIGHT, GRID = 1280, 720, 8
# Folders and names are ASCII: other names have been known to get lost between systems.
SAFE_NAME = re.compile(r"[A-Za-z0-9_-]{1,50}")
TAG = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
NO_PERSONA = ("Sem persona", "#9E9E9E")
# Drawn in the theme's first colour, a persona's, unless they say another.
WITH_COLOUR = {"clusteredBarChart", "clusteredColumnChart", "lineChart"}

# Roles of each kind of visual: those it needs, and those it may have besides.
_BARS = ({"Category", "Y"}, {"Series", "Tooltips", "Gradient"})
VISUALS: dict[str, tuple[set[str], set[str]]] = {
    "actionButton": (set(), set()),
    "card": ({"Values"}, set()),
    "clusteredBarChart": _BARS,
    "clusteredColumnChart": _BARS,
    "lineChart": ({"Category", "Y"}, {"Series", "Tooltips", "Y2"}),
    "multiRowCard": ({"Values"}, set()),
    "pivotTable": ({"Rows", "Values"}, {"Columns"}),
    "scatterChart": ({"Category", "X", "Y"}, {"Series", "Size", "Tooltips"}),
    "slicer": ({"Values"}, set()),
    "tableEx": ({"Values"}, set()),
    "textbox": (set(), set()),
}
# Slightly behind the newest: Desktop upgrades an old file, an old Desktop refuses a new one.
SCHEMAS = {
    "item/report/definition/visualContainer/2.7.0",
    "item/report/definition/page/2.1.0",
    "item/report/definition/pagesMetadata/1.0.0",
    "item/report/definition/report/3.2.0",
    "item/report/definition/versionMetadata/1.0.0",
    "item/report/definitionProperties/2.0.0",
    "item/semanticModel/definitionProperties/1.0.0",
    "gitIntegration/platformProperties/2.0.0",
    "pbip/pbipProperties/1.0.0",
}
SCHEMA = "https://developer.microsoft.com/json-schemas/fabric/{}/schema.json"


@dataclass
class Project:
    """Model and report as read; `files` holds JSON by its path below the folder."""

    folder: Path
    tables: dict[str, tmdl.Node] = field(default_factory=dict)
    texts: dict[Path, tmdl.Node] = field(default_factory=dict)
    files: dict[Path, dict] = field(default_factory=dict)

    def column(self, table: str, name: str) -> tmdl.Node | None:
        """A column of the model, None if there is none of the name."""
        node = self.tables.get(table)
        return node and next((c for c in node.all("column") if c.name == name), None)

    @property
    def measures(self) -> dict[str, tmdl.Node]:
        """Every measure of the model by its name."""
        return {m.name: m for table in self.tables.values() for m in table.all("measure")}

    @property
    def relationships(self) -> list[tmdl.Node]:
        """Every relationship of the model."""
        path = DEFINITION / "relationships.tmdl"
        return list(self.texts[path].all("relationship")) if path in self.texts else []

    def model(self) -> tmdl.Node:
        """What is said of the model as a whole."""
        return self.texts[DEFINITION / "model.tmdl"]


def faults(folder: Path, root: Path) -> list[str]:
    """Everything that is wrong with the project in a folder; empty when nothing is.

    Parameters
    ----------
    folder : the powerbi folder
    root : the folder of the dbt project, for the catalogue of personas and the SQL of measures
    """
    project = Project(folder)
    # A file that cannot be read makes every other finding doubtful.
    unreadable = [*_read_model(project), *_read_report(project)]
    if unreadable:
        return unreadable
    return [
        *_model_faults(project),
        *_table_faults(project),
        *_query_faults(project),
        *_relationship_faults(project),
        *_dax_faults(project),
        *_measure_faults(project, sql_pairs(root)),
        *_culture_faults(project),
        *_place_faults(project),
        *_page_faults(project),
        *_visual_faults(project, _personas(root)),
        *_theme_faults(project, _personas(root)),
    ]


def sql_pairs(root: Path) -> set[str]:
    """The measures that an analysis works out in SQL, by the names it gives them."""
    texts = [path.read_text(encoding="utf-8") for path in (root / "analyses").glob("powerbi_*.sql")]
    return {name for text in texts for name in re.findall(r"^\s*'([^']+)': ", text, re.MULTILINE)}


def _personas(root: Path) -> list[tuple[str, str]]:
    """Name and colour of every persona in the order of the catalogue, no persona last."""
    with (root / "seeds/persona_catalogue.csv").open(encoding="utf-8", newline="") as file:
        rows = sorted(csv.DictReader(file), key=lambda row: int(row["sort_order"]))
    return [*((row["name_pt"], row["color"]) for row in rows), NO_PERSONA]


def _read_model(project: Project) -> Iterator[str]:
    for path in sorted(project.folder.rglob("*.tmdl")):
        inside = path.relative_to(project.folder)
        try:
            project.texts[inside] = tmdl.parse(path.read_text(encoding="utf-8"))
        except tmdl.TmdlError as error:
            yield f"{inside}: {error}."
            continue
        for table in project.texts[inside].all("table"):
            if table.name in project.tables:
                yield f"{inside}: there is another table {table.name}."
            if path.stem != table.name:
                yield f"{inside}: holds table {table.name}; Power BI would rename the file."
            project.tables[table.name] = table
    for needed in ("model.tmdl", "database.tmdl", "expressions.tmdl", "relationships.tmdl"):
        if not (project.folder / DEFINITION / needed).is_file():
            yield f"{DEFINITION / needed} is missing."


def _read_report(project: Project) -> Iterator[str]:
    for path in sorted(project.folder.rglob("*")):
        if path.suffix not in (".json", ".pbip", ".pbir", ".pbism") and path.name != ".platform":
            continue
        inside = path.relative_to(project.folder)
        try:
            project.files[inside] = json.loads(path.read_text(encoding="utf-8"))
        except json.JSONDecodeError as error:
            yield f"{inside}: no JSON, {error}."
            continue
        if "StaticResources" in inside.parts:
            continue
        schema = project.files[inside].get("$schema")
        if schema not in {SCHEMA.format(known) for known in SCHEMAS}:
            yield f"{inside}: of schema {schema}; the project keeps to those of checking.SCHEMAS."
    for needed in ("definition/report.json", "definition/pages/pages.json", "definition.pbir"):
        if not (project.folder / REPORT / needed).is_file():
            yield f"{REPORT / needed} is missing."


def _model_faults(project: Project) -> Iterator[str]:
    root = project.model()
    model = next(root.all("model"))
    place = DEFINITION / "model.tmdl"
    listed = [tmdl.unquote(ref.name.partition(" ")[2]) for ref in root.all("ref")]
    parts = {*project.tables, "en-US"}
    parts |= {node.name for text in project.texts.values() for node in text.all("role")}
    for name in sorted(parts ^ set(listed)):
        yield f"{place}: {name} is listed without being there, or there without being listed."
    if "discourageImplicitMeasures" not in model.properties:
        yield f"{place}: implicit measures are not discouraged; every number has a measure."
    if root.annotation("__PBI_TimeIntelligenceEnabled") != "0":
        yield f"{place}: automatic tables of dates are on; there is a table of dates."
    if model.properties.get("culture") != "pt-BR":
        yield f"{place}: the culture is not pt-BR."
    calendars = [
        table.name
        for table in project.tables.values()
        if table.properties.get("dataCategory") == "Time"
        and [c.properties["dataType"] for c in table.all("column") if "isKey" in c.properties]
        == ["dateTime"]
    ]
    if len(calendars) != 1:
        yield f"{place}: {len(calendars)} tables of dates with a day for a key; there is to be one."


def _table_faults(project: Project) -> Iterator[str]:
    tags: Counter[str] = Counter()
    for table in project.tables.values():
        names = Counter(
            child.name.lower() for kind in ("column", "measure") for child in table.all(kind)
        )
        for name, count in names.items():
            if count > 1:
                yield f"{table.name}: {count} columns or measures are called {name}."
        for node in (table, *table.all("column"), *table.all("measure")):
            tag = node.properties.get("lineageTag", "")
            tags[tag] += 1
            if not TAG.fullmatch(tag):
                yield f"{table.name}, {node.name}: no lineageTag, or one that is no UUID."
        for column in table.all("column"):
            yield from (f"{table.name}[{column.name}]: {fault}" for fault in _column(table, column))
    for tag, count in tags.items():
        if count > 1:
            yield f"lineageTag {tag} is used {count} times; reports tell parts apart by it."


def _column(table: tmdl.Node, column: tmdl.Node) -> Iterator[str]:
    said = column.properties
    if said.get("dataType") not in TYPES.values():
        yield f"type {said.get('dataType')} is none of the model's."
    if said.get("summarizeBy") != "none":
        yield "is summed by itself; summarizeBy is to be none, measures sum."
    if said.get("dataType") in ("int64", "double", "dateTime") and not said.get("formatString"):
        yield "a number or a day without a formatString."
    if not column.description:
        yield "has no description."
    by = said.get("sortByColumn")
    if by and tmdl.unquote(by) not in {other.name for other in table.all("column")} - {column.name}:
        yield f"is sorted by {by}, which is no other column of the table."


def _query_faults(project: Project) -> Iterator[str]:
    """The queries: balanced, and of parts that are there on either source."""
    home = DEFINITION / "expressions.tmdl"
    for path in (home, Path("athena/expressions.tmdl")):
        text = project.texts.get(path)
        if text is None:
            yield f"{path} is missing."
            continue
        expressions = {node.name: node.value for node in text.all("expression")}
        for name, value in expressions.items():
            if wrong := dax.unbalanced(value):
                yield f"{path}: {name}: {wrong}."
        for table in project.tables.values():
            mart = table.annotation(MART)
            source = next(table.all("partition")).properties.get("source", "")
            if wrong := dax.unbalanced(source):
                yield f"{table.name}: its query: {wrong}."
            asked = re.search(r'(\w+)\{\[Name="(\w+)"\]\}', source)
            if mart and (not asked or asked[2] != mart):
                yield f"{table.name}: its query does not ask for {mart}."
            if mart and asked and asked[1] not in expressions:
                yield f"{table.name}: asks {asked[1]}, which is not in {path}."


def _ends(relationship: tmdl.Node) -> list[tuple[str, str]]:
    ends = []
    for end in ("fromColumn", "toColumn"):
        text = relationship.properties.get(end, "")
        parts = re.findall(r"'(?:[^']|'')*'|[^.']+", text)
        if len(parts) == 2:
            ends.append((tmdl.unquote(parts[0]), tmdl.unquote(parts[1])))
        else:
            ends.append(("", text))
    return ends


def _relationship_faults(project: Project) -> Iterator[str]:
    found = []
    asked_for = {
        pair
        for measure in project.measures.values()
        for call in re.findall(r"USERELATIONSHIP\((.*?\],.*?\])\s*\)", measure.value)
        for pair in [frozenset(dax.columns(call))]
    }
    for node in project.relationships:
        (from_table, from_column), (to_table, to_column) = _ends(node)
        place = f"{from_table}[{from_column}] → {to_table}[{to_column}]"
        origin = project.column(from_table, from_column)
        target = project.column(to_table, to_column)
        if origin is None or target is None:
            yield f"relationships: {place}: one of the columns is not in the model."
            continue
        if origin.properties.get("dataType") != target.properties.get("dataType"):
            yield f"relationships: {place}: the columns are of different types."
        if "isHidden" not in origin.properties:
            yield f"{from_table}[{from_column}]: a key that looks elsewhere is to be hidden."
        active = node.properties.get("isActive") != "false"
        if not active and frozenset(_ends(node)) not in asked_for:
            yield f"relationships: {place}: inactive, and no measure asks for it."
        both = node.properties.get("crossFilteringBehavior") == "bothDirections"
        found.append(
            Relationship(from_table, from_column, to_table, to_column, both, active=active)
        )
    if pair := ambiguous(found):
        yield f"relationships: a filter has two ways from {pair[0]} to {pair[1]}."


def _dax_faults(project: Project) -> Iterator[str]:
    texts = {f"measure {name}": measure.value for name, measure in project.measures.items()}
    for text in project.texts.values():
        for role in text.all("role"):
            for permission in role.all("tablePermission"):
                texts[f"role {role.name}"] = permission.value
                if permission.name not in project.tables:
                    yield f"role {role.name}: there is no table {permission.name}."
    columns = {
        name: {node.name for kind in ("column", "measure") for node in table.all(kind)}
        for name, table in project.tables.items()
    }
    for place, expression in texts.items():
        for fault in dax.faults(expression, columns, set(project.measures)):
            yield f"{place}: {fault}"
    needs = {name: dax.measures(measure.value) for name, measure in project.measures.items()}
    for name, near in needs.items():
        reached: set[str] = set()
        waiting = set(near)
        while waiting:
            reached |= waiting
            waiting = {far for one in waiting for far in needs.get(one, ())} - reached
        if name in reached:
            yield f"measure {name} needs itself."


def _measure_faults(project: Project, pairs: set[str]) -> Iterator[str]:
    for name, measure in project.measures.items():
        said = measure.properties
        if not measure.value:
            yield f"measure {name} says nothing."
        if not measure.description:
            yield f"measure {name} has no description (/// above it)."
        if not re.match(r"\d+\. \w", said.get("displayFolder", "")):
            yield f"measure {name}: its folder has no number, so folders come in no order."
        if "formatString" not in said and "CONCATENATEX" not in measure.value:
            yield f"measure {name}: a number without a formatString."
        if not measure.annotation("NameEn") or not measure.annotation("DescriptionEn"):
            yield f"measure {name}: no annotation NameEn or DescriptionEn."
        if name not in pairs:
            yield f"measure {name}: no analysis powerbi_*.sql works it out in SQL."
    for name in sorted(pairs - set(project.measures)):
        yield f"analyses: {name} is worked out in SQL, and there is no such measure."


def _culture_faults(project: Project) -> Iterator[str]:
    place = DEFINITION / "cultures/en-US.tmdl"
    if place not in project.texts:
        yield f"{place} is missing."
        return
    culture = next(project.texts[place].all("cultureInfo"))
    model = next(next(culture.all("translations")).all("model"))
    said = {}
    for table in model.all("table"):
        said[table.name, ""] = table
        said |= {(table.name, child.name): child for child in table.children}
    parts = {(table.name, "") for table in project.tables.values()}
    for table in project.tables.values():
        for node in (*table.all("column"), *table.all("measure")):
            # A table of measures must have a column, and it must be hidden.
            if table.annotation(MART) or node.kind == "measure":
                parts.add((table.name, node.name))
    for holder, name in sorted(parts ^ set(said)):
        yield f"{place}: {holder} {name}: translated without being there, or the other way round."
    for (holder, name), node in said.items():
        if not node.properties.get("caption") or (name and not node.properties.get("description")):
            yield f"{place}: {holder} {name}: no caption or no description."


def _place_faults(project: Project) -> Iterator[str]:
    """Whether the parts find each other."""
    path = project.files[REPORT / "definition.pbir"]["datasetReference"].get("byPath", {})
    if not (project.folder / REPORT / path.get("path", "?")).is_dir():
        yield f"{REPORT / 'definition.pbir'}: there is no model in {path.get('path')}."
    for artifact in project.files[Path("Arcana.pbip")]["artifacts"]:
        if not (project.folder / artifact["report"]["path"]).is_dir():
            yield f"Arcana.pbip: there is no report in {artifact['report']['path']}."
    identities = Counter(
        content["config"]["logicalId"]
        for inside, content in project.files.items()
        if inside.name == ".platform"
    )
    for identity, count in identities.items():
        if count > 1:
            yield f".platform: {count} parts have the logicalId {identity}."


def _page_faults(project: Project) -> Iterator[str]:
    pages = project.files[REPORT / "definition/pages/pages.json"]
    home = REPORT / "definition/pages"
    folders = {path.name for path in (project.folder / home).iterdir() if path.is_dir()}
    for name in sorted(folders ^ set(pages["pageOrder"])):
        yield f"{home}/pages.json: page {name} is listed without a folder, or the other way round."
    if pages["activePageName"] not in pages["pageOrder"]:
        yield f"{home}/pages.json: opens on {pages['activePageName']}, which is no page."
    names: Counter[str] = Counter()
    drill_through = []
    for inside, content in project.files.items():
        if inside.name in ("page.json", "visual.json"):
            if not SAFE_NAME.fullmatch(inside.parent.name):
                yield f"{inside.parent}: a name is of letters without accents, digits, _ and -."
            if content["name"] != inside.parent.name:
                yield f"{inside}: is named {content['name']}, its folder {inside.parent.name}."
            names[content["name"]] += 1
        if inside.name == "page.json":
            if (content["width"], content["height"]) != (WIDTH, HEIGHT):
                yield f"{inside}: a page is {WIDTH} by {HEIGHT}."
            if content.get("type") == "Drillthrough":
                drill_through.append(inside)
                yield from _drill_through_faults(project, inside, content)
    for name, count in names.items():
        if count > 1:
            yield f"{home}: {count} pages or visuals are named {name}."
    if len(drill_through) != 1:
        yield f"{home}: {len(drill_through)} pages to drill through to; there is to be one."


def _drill_through_faults(project: Project, inside: Path, page: dict) -> Iterator[str]:
    filters = {f["name"]: f["field"] for f in page.get("filterConfig", {}).get("filters", [])}
    binding = page.get("pageBinding")
    if not binding or binding["type"] != "Drillthrough" or not binding.get("parameters"):
        yield f"{inside}: a drill-through page without a pageBinding and its parameter."
        return
    for parameter in binding["parameters"]:
        bound = filters.get(parameter.get("boundFilter"))
        if bound is None:
            yield f"{inside}: bound to filter {parameter.get('boundFilter')}, which is not there."
        elif bound != parameter.get("fieldExpr"):
            yield f"{inside}: the parameter and its filter are of different fields."
    for expression in filters.values():
        yield from (f"{inside}: {fault}" for fault in _field_faults(project, expression))


def _field_faults(project: Project, expression: dict) -> Iterator[str]:
    """Whether a field of a report is in the model, as what the report takes it for."""
    (kind, said), *_ = expression.items()
    table, name = said["Expression"]["SourceRef"]["Entity"], said["Property"]
    if kind == "Measure":
        node = project.tables.get(table)
        if node is None or name not in {measure.name for measure in node.all("measure")}:
            yield f"there is no measure {table}[{name}]."
    elif kind != "Column" or project.column(table, name) is None:
        yield f"there is no column {table}[{name}]."


def _visual_faults(project: Project, personas: list[tuple[str, str]]) -> Iterator[str]:
    pages: dict[Path, list[dict]] = {}
    for inside, content in project.files.items():
        if inside.name == "visual.json":
            pages.setdefault(inside.parents[2], []).append(content)
            yield from (f"{inside}: {fault}" for fault in _visual(project, content, personas))
    for page, visuals in pages.items():
        orders = Counter(visual["position"].get("tabOrder") for visual in visuals)
        for order, count in orders.items():
            if order is None or count > 1:
                yield f"{page}: {count} visuals with tabOrder {order}; each has its own."
        for one, other in combinations(visuals, 2):
            if _overlap(one["position"], other["position"]):
                yield f"{page}: {one['name']} and {other['name']} overlap."


def _overlap(one: dict, other: dict) -> bool:
    return all(
        one[start] < other[start] + other[size] and other[start] < one[start] + one[size]
        for start, size in (("x", "width"), ("y", "height"))
    )


def _visual(project: Project, content: dict, personas: list[tuple[str, str]]) -> Iterator[str]:
    place, visual = content["position"], content["visual"]
    if (
        min(place["x"], place["y"]) < 0
        or place["x"] + place["width"] > WIDTH
        or place["y"] + place["height"] > HEIGHT
    ):
        yield f"reaches beyond the page of {WIDTH} by {HEIGHT}."
    if any(place[side] % GRID for side in ("x", "y", "width", "height")):
        yield f"is off the grid of {GRID}."
    words = visual.get("visualContainerObjects", {}).get("general", [{}])[0]
    text = words.get("properties", {}).get("altText", {}).get("expr", {}).get("Literal", {})
    if len(text.get("Value", "")) <= len("''"):
        yield "has no altText, for those who cannot see it."
    kind = visual["visualType"]
    if kind not in VISUALS:
        yield f"{kind} is no visual of checking.VISUALS."
        return
    needed, possible = VISUALS[kind]
    query = visual.get("query", {})
    state = query.get("queryState", {})
    if needed - set(state) or set(state) - needed - possible:
        yield f"a {kind} takes {sorted(needed)}, perhaps {sorted(possible)}; has {sorted(state)}."
    fields = [p["field"] for role in state.values() for p in role["projections"]]
    fields += [sort["field"] for sort in query.get("sortDefinition", {}).get("sort", [])]
    for expression in fields:
        yield from _field_faults(project, expression)
    for role in state.values():
        for projection in role["projections"]:
            (said,) = projection["field"].values()
            name = f"{said['Expression']['SourceRef']['Entity']}.{said['Property']}"
            if projection["queryRef"] != name:
                yield f"{name} goes by queryRef {projection['queryRef']}."
    yield from _colour_faults(visual, dict(personas))


def _colour_faults(visual: dict, colours: dict[str, str]) -> Iterator[str]:
    """Whether each persona is drawn in its colour of the catalogue."""
    points = visual.get("objects", {}).get("dataPoint", [])
    drawn = {}
    for point in points:
        fill = point["properties"]["fill"]["solid"]["color"]["expr"]["Literal"]["Value"][1:-1]
        if "metadata" in point["selector"]:
            if fill in colours.values():
                yield f"{fill} is a persona's colour, and this shows none."
            if point["selector"]["metadata"] not in _query_references(visual):
                yield f"a colour for {point['selector']['metadata']}, which it does not show."
            continue
        comparison = point["selector"]["data"][0]["scopeId"]["Comparison"]
        drawn[comparison["Right"]["Literal"]["Value"][1:-1].replace("''", "'")] = fill
    if not points and visual["visualType"] in WITH_COLOUR:
        yield "has no colour of its own, so it takes that of the first persona."
    if drawn and drawn != colours:
        wrong = sorted(name for name, _ in set(drawn.items()) ^ set(colours.items()))
        names = ", ".join(dict.fromkeys(wrong))
        yield f"not in the colour of seeds/persona_catalogue.csv: {names}."


def _query_references(visual: dict) -> set[str]:
    """What a visual shows, by the references of its query."""
    state = visual.get("query", {}).get("queryState", {})
    return {shown["queryRef"] for role in state.values() for shown in role["projections"]}


def _theme_faults(project: Project, personas: list[tuple[str, str]]) -> Iterator[str]:
    report = project.files[REPORT / "definition/report.json"]
    items = {
        item["name"]: REPORT / "StaticResources" / package["type"] / item["path"]
        for package in report.get("resourcePackages", [])
        for item in package["items"]
    }
    place = f"{REPORT}/definition/report.json"
    for item, path in items.items():
        if path not in project.files:
            yield f"{place}: {item} is registered and not there; Desktop may not open it."
    base = report["themeCollection"].get("baseTheme", {}).get("name")
    if base not in items:
        yield f"{place}: the base theme {base} is not registered."
    name = report["themeCollection"].get("customTheme", {}).get("name")
    path = items.get(name)
    if path not in project.files:
        yield f"{REPORT}/definition/report.json: theme {name} is not used, registered and there."
        return
    theme = project.files[path]
    if theme["name"] != name:
        yield f"{path}: is called {theme['name']} inside."
    if theme["dataColors"] != [colour for _, colour in personas]:
        yield f"{path}: dataColors are not those of seeds/persona_catalogue.csv, in its order."
