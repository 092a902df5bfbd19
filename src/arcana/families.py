"""The family contract as Python objects: what each raw file looks like.

`families.yml` is the one place that says it; this module only reads it. Landing
and the simulator stand on it, so neither knows the other; staging looks up what
landing wrote of it into the landed table `contract`.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from importlib import resources

import yaml

from arcana.errors import UsageError

TYPES = ("text", "integer", "decimal", "date", "timestamp")
DECIMAL_MARKS = (",", ".")
# As the macro `date_forms` reads them.
FORMATS = (
    "us_date",
    "br_date",
    "us_timestamp",
    "br_timestamp",
    "iso_date",
    "iso_timestamp",
)
# What a date has where the contract names no form.
_USUAL_FORMAT = {"date": ("iso_date",), "timestamp": ("iso_timestamp",)}


@dataclass(frozen=True)
class Column:
    """One column of a raw file: its verbatim header and its landed name."""

    header: str
    name: str
    type: str = "text"
    formats: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    dates_delivery: bool = False

    @property
    def format(self) -> str | None:
        """The form in which a date is written; others in `formats` are read as well."""
        return self.formats[0] if self.formats else None


@dataclass(frozen=True)
class Family:
    """One family of raw files. Field by field as explained in families.yml."""

    name: str
    pattern: re.Pattern[str]
    key: str
    columns: tuple[Column, ...]
    required: bool
    delimiter: str
    quoting: str
    encoding: str
    decimal_mark: str
    may_be_empty: bool
    may_lack_line_end: bool
    null_words: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
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
    columns = tuple(_column(name, dict(column)) for column in fields.pop("columns"))
    for listed in ("parts", "null_words"):
        fields[listed] = tuple(map(str, fields.get(listed) or ()))
    if fields["decimal_mark"] not in DECIMAL_MARKS:
        raise _refused(name, "decimal_mark", fields["decimal_mark"], DECIMAL_MARKS)
    pattern = re.compile(fields.pop("pattern"))
    try:
        return Family(name=name, pattern=pattern, columns=columns, **fields)
    except TypeError as error:
        raise UsageError(f"families.yml, {name}: {error}.") from error


def _column(family: str, fields: dict) -> Column:
    place = f"{family}.{fields.get('name')}"
    kind = fields.get("type", "text")
    if kind not in TYPES:
        raise _refused(place, "type", kind, TYPES)
    formats = fields.pop("format", None) or _USUAL_FORMAT.get(kind, ())
    formats = (formats,) if isinstance(formats, str) else tuple(formats)
    for name in formats:
        if name not in FORMATS:
            raise _refused(place, "format", name, FORMATS)
    if formats and kind not in _USUAL_FORMAT:
        raise UsageError(f"families.yml, {place}: only a date or timestamp has a format.")
    if {"us", "br"} <= {name.partition("_")[0] for name in formats}:
        raise UsageError(
            f"families.yml, {place}: with American and Brazilian dates in one column 03/04/2025"
            " is two days; keep the one of its file."
        )
    try:
        return Column(**{**fields, "formats": formats, "aliases": tuple(fields.get("aliases", ()))})
    except TypeError as error:
        raise UsageError(f"families.yml, {place}: {error}.") from error


def _refused(place: str, setting: str, value: object, accepted: tuple[str, ...]) -> UsageError:
    listed = ", ".join(map(repr, accepted))
    return UsageError(f"families.yml, {place}: {setting} is one of {listed}, not {value!r}.")


@functools.cache
def load() -> dict[str, Family]:
    """Read the contract, family by family in its order.

    Raises UsageError for a setting that it cannot have, naming family and column.
    """
    text = resources.files("arcana").joinpath("families.yml").read_text(encoding="utf-8")
    return read(text)


def read(text: str) -> dict[str, Family]:
    """Read a contract from the text of a YAML file, as `load` does."""
    contract = yaml.safe_load(text)
    defaults = contract["defaults"]
    return {
        name: _family(name, {**defaults, **fields}) for name, fields in contract["families"].items()
    }
