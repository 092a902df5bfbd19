"""Lists that people work from, as files: CSV for Brazilian spreadsheets, and XLSX.

The lists are rows of the mart `customer_lists` in their order; here they are chosen, given
headings, and written. Nothing is counted and nothing is ranked.
"""

from __future__ import annotations

import csv
import datetime
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from pathlib import Path

import duckdb
import xlsxwriter

from arcana.errors import UsageError

# What a spreadsheet reads as the beginning of a formula (OWASP ASVS 1.2.10).
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
NO_CUSTOMER = "Nenhum cliente nesta lista."
# Characters of the widest column of a workbook; longer text is cut on screen only.
WIDEST = 60

Cell = str | int | float | Decimal | None


@dataclass(frozen=True)
class Column:
    """A column of a list: its heading, its expression in SQL, and the digits of a number."""

    heading: str
    expression: str
    digits: int | None = None


def _columns(priority: str) -> tuple[Column, ...]:
    return (
        Column("Posição", "list_rank", 0),
        Column("Cliente", "customer_id"),
        Column("Persona", "coalesce(persona_name, 'Sem persona')"),
        Column("Probabilidade", "probability", 2),
        Column("Segmento", "coalesce(segment, 'Sem informação')"),
        Column("Porte", "size_group"),
        Column("MRR (R$)", "mrr_brl", 2),
        Column(priority, "priority_brl", 2),
        Column("Nota", "score", 0),
        Column("Motivo 1", "reason_1_pt"),
        Column("Motivo 2", "reason_2_pt"),
        Column("Motivo 3", "reason_3_pt"),
        Column("Ação", "action_pt"),
    )


@dataclass(frozen=True)
class Choice:
    """Which customers of a list are wanted: those within capacity, or the first `top`.

    Names are compared without regard to case; a persona may be given by its number.
    """

    persona: str | None = None
    segment: str | None = None
    size: str | None = None
    top: int | None = None


@dataclass(frozen=True)
class CustomerList:
    """A list as it is written: its names, its columns, its rows in order."""

    name: str
    label: str
    columns: tuple[Column, ...]
    rows: list[tuple[Cell, ...]]


def list_names(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Names of all lists, in their order."""
    found = connection.execute("select list_name from gold.lists order by sort_order").fetchall()
    return [name for (name,) in found]


def read_lists(
    connection: duckdb.DuckDBPyConnection,
    names: Sequence[str] | None = None,
    choice: Choice = Choice(),
) -> list[CustomerList]:
    """Read lists from a database with the gold tables; None: all of them.

    Raises UsageError for a list, a persona, a segment or a size that is not there.
    """
    known = list_names(connection)
    for name in names or ():
        if name not in known:
            raise UsageError(f"There is no list {name!r}; there are {', '.join(known)}.")
    conditions, values = _conditions(connection, choice)
    return [_read_list(connection, name, conditions, values, choice.top) for name in names or known]


def _conditions(
    connection: duckdb.DuckDBPyConnection, choice: Choice
) -> tuple[list[str], list[str]]:
    """SQL conditions of a choice, and the values of their parameters."""
    conditions, values = [], []
    given = (
        (
            "persona",
            choice.persona,
            ("coalesce(persona_name, 'Sem persona')", "cast(persona_id as varchar)"),
        ),
        ("segment", choice.segment, ("coalesce(segment, 'Sem informação')",)),
        ("size", choice.size, ("size_group",)),
    )
    for option, value, columns in given:
        if value is None:
            continue
        known = {
            text.casefold()
            for column in columns
            for (text,) in connection.execute(
                f"select distinct {column} from gold.customer_lists"
            ).fetchall()
        }
        if value.casefold() not in known:
            named = connection.execute(
                f"select distinct {columns[0]} from gold.customer_lists order by 1"
            ).fetchall()
            raise UsageError(
                f"No customer of a list has --{option} {value!r}; there are"
                f" {', '.join(name for (name,) in named) or 'none'}."
            )
        conditions.append(f"({' or '.join(f'lower({each}) = lower(?)' for each in columns)})")
        values += [value] * len(columns)
    return conditions, values


def _read_list(connection, name, conditions, values, top) -> CustomerList:
    label, priority = connection.execute(
        "select label_pt, priority_label_pt from gold.lists where list_name = ?", [name]
    ).fetchone()
    columns = _columns(priority)
    wanted = ["list_name = ?", *conditions]
    if top is None:
        wanted.append("is_within_capacity")
    rows = connection.execute(
        f"select {', '.join(column.expression for column in columns)} from gold.customer_lists"
        f" where {' and '.join(wanted)} order by list_rank"
        + (f" limit {int(top)}" if top is not None else ""),
        [name, *values],
    ).fetchall()
    return CustomerList(name, label, columns, [_rounded(columns, row) for row in rows])


def _rounded(columns: tuple[Column, ...], row: tuple) -> tuple[Cell, ...]:
    return tuple(
        _clean(value)
        if column.digits is None
        else (None if value is None else round(Decimal(str(value)), column.digits))
        for column, value in zip(columns, row, strict=True)
    )


def _clean(text: str | None) -> str | None:
    """Text on one line that no spreadsheet reads as a formula."""
    if text is None:
        return None
    line = " ".join(text.split())
    return f"'{line}" if text.startswith(FORMULA_STARTS) else line


def write_lists(
    lists: Sequence[CustomerList], folder: Path, *, is_synthetic: bool, plain: bool = False
) -> list[Path]:
    """Write each list as `<name>.csv` and `<name>.xlsx`; plain: only a CSV for programs.

    Parameters
    ----------
    lists : as `read_lists` gives them
    folder : made where it is not there; files of the same name are replaced
    is_synthetic : put `synthetic-` before each name
    plain : commas, decimal points and no byte-order mark, and no workbook

    Returns the files written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for each in lists:
        stem = f"{'synthetic-' if is_synthetic else ''}{each.name}"
        files = {f"{stem}.csv": _as_csv(each, plain)}
        if not plain:
            files[f"{stem}.xlsx"] = _as_workbook(each)
        for name, content in files.items():
            # Renamed when it is complete: a program that watches the folder reads whole files.
            beside = folder / f".{name}.tmp"
            beside.write_bytes(content)
            written.append(beside.replace(folder / name))
    return written


def _lines(each: CustomerList) -> Iterator[tuple[Cell, ...]]:
    yield tuple(column.heading for column in each.columns)
    yield from each.rows or [(NO_CUSTOMER,)]


def _as_csv(each: CustomerList, plain: bool) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter="," if plain else ";", lineterminator="\r\n")
    for line in _lines(each):
        writer.writerow(_as_text(cell, "." if plain else ",") for cell in line)
    return text.getvalue().encode("utf-8" if plain else "utf-8-sig")


def _as_text(cell: Cell, decimal_mark: str) -> str:
    if cell is None:
        return ""
    return str(cell).replace(".", decimal_mark) if isinstance(cell, Decimal) else str(cell)


def _as_workbook(each: CustomerList) -> bytes:
    made = io.BytesIO()
    book = xlsxwriter.Workbook(made, {"in_memory": True})
    # The day it was written would make equal lists unequal files.
    book.set_properties({"created": datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC)})
    sheet = book.add_worksheet(each.label[:31])
    heading = book.add_format(
        {"bold": True, "font_color": "#FFFFFF", "bg_color": "#1F3A5F", "text_wrap": True}
    )
    for place, column in enumerate(each.columns):
        cells = [row[place] for row in each.rows]
        shown = [column.heading, *(_as_shown(cell, column.digits) for cell in cells)]
        digits = column.digits
        form = book.add_format(
            {}
            if digits is None
            else {"num_format": "#,##0" + ("." + "0" * digits if digits else "")}
        )
        sheet.set_column(place, place, min(max(map(len, shown)) + 3, WIDEST), form)
        sheet.write_string(0, place, column.heading, heading)
        for line, cell in enumerate(cells, start=1):
            if isinstance(cell, str):
                # As text, whatever it begins with.
                sheet.write_string(line, place, cell)
            elif cell is not None:
                sheet.write_number(line, place, float(cell))
    if not each.rows:
        sheet.write_string(1, 0, NO_CUSTOMER)
    sheet.set_row(0, 30)
    # The place and the customer stay in sight.
    sheet.freeze_panes(1, 2)
    sheet.autofilter(0, 0, max(len(each.rows), 1), len(each.columns) - 1)
    book.close()
    return made.getvalue()


def _as_shown(cell: Cell, digits: int | None) -> str:
    if cell is None:
        return ""
    return str(cell) if digits is None else f"{cell:,.{digits}f}"


def write_manifest(
    folder: Path,
    lists: Sequence[CustomerList],
    files: Sequence[Path],
    build: dict,
    choice: Choice,
) -> Path:
    """Say beside exported files of which build and day they are, what was chosen, and rows."""
    target = folder / "manifest.json"
    content = {
        "build_id": build["build_id"],
        "as_of_date": build["as_of_date"],
        "is_synthetic": build["is_synthetic"],
        "chosen": asdict(choice),
        "rows": {each.name: len(each.rows) for each in lists},
        "files": [path.name for path in files],
    }
    text = json.dumps(content, indent=2, sort_keys=True, ensure_ascii=False)
    target.write_text(text + "\n", encoding="utf-8")
    return target
