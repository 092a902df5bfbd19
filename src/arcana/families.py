"""The family contract as Python objects: what each raw file looks like.

`families.yml` is the one place that says it; this module only reads it. Landing
and the simulator stand on it, so neither knows the other.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from importlib import resources

import yaml


@dataclass(frozen=True)
class Column:
    """One column of a raw file: its verbatim header and its landed name."""

    header: str
    name: str
    type: str = "text"
    format: str | None = None
    aliases: tuple[str, ...] = ()
    dates_delivery: bool = False


@dataclass(frozen=True)
class Family:
    """One family of raw files. Field by field as explained in families.yml."""

    name: str
    pattern: re.Pattern[str]
    key: str
    columns: tuple[Column, ...]
    required: bool
    delivery: str
    delimiter: str
    quoting: str
    encoding: str
    decimal_mark: str
    may_be_empty: bool
    may_lack_line_end: bool
    parts: tuple[str, ...] = ()
    append_by: tuple[str, ...] = ()
    replace_by: str | None = None
    key_suffix: int = 0

    @property
    def column_names(self) -> tuple[str, ...]:
        """Landed names, in the order of the vendor's file."""
        return tuple(column.name for column in self.columns)

    def file_names(self) -> tuple[str, ...]:
        """Names under which the vendor delivers this family, one per part."""
        stems = [f"{self.name}_{part}" for part in self.parts] or [self.name]
        return tuple(f"{stem}.csv" for stem in stems)


def _family(name: str, fields: dict) -> Family:
    columns = tuple(
        Column(**{**column, "aliases": tuple(column.get("aliases", ()))})
        for column in fields.pop("columns")
    )
    for listed in ("parts", "append_by"):
        fields[listed] = tuple(fields.get(listed, ()))
    pattern = re.compile(fields.pop("pattern"))
    return Family(name=name, pattern=pattern, columns=columns, **fields)


@functools.cache
def load() -> dict[str, Family]:
    """Read the contract, family by family in its order."""
    text = resources.files("arcana").joinpath("families.yml").read_text(encoding="utf-8")
    contract = yaml.safe_load(text)
    defaults = contract["defaults"]
    return {
        name: _family(name, {**defaults, **fields}) for name, fields in contract["families"].items()
    }
