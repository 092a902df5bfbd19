"""Names that must be known elsewhere: what a seed refers to, which families SQL reads.

dbt tests the same relationships, but only once the tables are there, and says no line. So a
build looks at the files first.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

FEATURES = "dim_features"
NUMERIC = re.compile(r"bigint|double|decimal")
REFERRED = re.compile(r"ref\('(\w+)'\)")
FAMILIES_MACRO = "macro.arcana.screened_families"


def unknown_references(manifest: Any, families: list[str]) -> Iterator[str]:
    """Yield a sentence for each name that nothing knows, with the file and the line.

    Parameters
    ----------
    manifest : dbt's parsed project
    families : names of the families of the contract
    """
    seeds = {
        node.name: Path(node.root_path) / node.original_file_path
        for node in manifest.nodes.values()
        if node.resource_type == "seed"
    }
    for test in manifest.nodes.values():
        seed = (getattr(test, "attached_node", None) or "").removeprefix("seed.arcana.")
        metadata = getattr(test, "test_metadata", None)
        if seed not in seeds or metadata is None or metadata.name != "relationships":
            continue
        column, field = metadata.kwargs["column_name"], metadata.kwargs["field"]
        (referred,) = REFERRED.findall(metadata.kwargs["to"])
        if referred == FEATURES:
            known, kind = _numeric_columns(manifest), "numeric column of customer_360"
        elif referred in seeds:
            known = {row[field] for _, row in _rows(seeds[referred])}
            kind = f"{field} of seeds/{seeds[referred].name}"
        else:
            continue
        for line, row in _rows(seeds[seed]):
            if row[column] and row[column] not in known:
                name = f"{column} {row[column]!r}"
                yield f"seeds/{seeds[seed].name}, line {line}: {name} is no {kind}."
    in_sql = re.findall(r"'(\w+)': \{", manifest.macros[FAMILIES_MACRO].macro_sql)
    for family in sorted({*families} - {*in_sql}):
        yield (
            f"src/arcana/families.yml: no model reads the family {family}: add it to"
            " macros/screened_families.sql."
        )
    for family in sorted({*in_sql} - {*families}):
        yield f"macros/screened_families.sql: {family} is no family of src/arcana/families.yml."


def _numeric_columns(manifest: Any) -> set[str]:
    columns = manifest.nodes["model.arcana.customer_360"].columns.values()
    return {column.name for column in columns if NUMERIC.match(column.data_type)}


def _rows(file: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Each row of a seed with the line of the file where it ends."""
    with file.open(encoding="utf-8", newline="") as lines:
        reader = csv.DictReader(lines)
        for row in reader:
            yield reader.line_num, row
