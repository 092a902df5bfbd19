"""Match the header of a raw file with its family, by name.

The contract says how a file is written; nothing is guessed. When the header does
not fit, the other ways of reading it are tried only to tell the user which one
would.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from arcana.families import Family
from arcana.landing.reasons import Problem, RejectedFileError

BOM = b"\xef\xbb\xbf"

# What a suggestion may name. cp1252 stands before UTF-16, because every file
# decodes in one of them and only one of them gives the family's column names.
OTHER_ENCODINGS = ("utf-8", "cp1252", "utf-16")
OTHER_DELIMITERS = (";", ",", "\t", "|")

# A line that names the delimiter for spreadsheets; no family has such a column.
_SEP_LINE = re.compile(rb'"?sep=(.)"?[ \t]*\r?\n', re.IGNORECASE)

# How files begin that are no CSV files, whatever they are called, and what to do.
_UNPACK = "Unpack it."
_EXPORT = "Export it as CSV."
_SAVE = "Open it and save it as CSV, with the delimiter and encoding that families.yml declares."
_AGAIN = "Download it again: an error or login page often comes in place of a file."
_FOREIGN = tuple(
    (re.compile(beginning, re.DOTALL), form, action)
    for beginning, form, action in (
        (rb"PK\x03\x04.*(xl/|\[Content_Types\])", "an Excel workbook (.xlsx)", _SAVE),
        (rb"PK\x03\x04.*opendocument", "an OpenDocument spreadsheet (.ods)", _SAVE),
        (rb"PK\x03\x04", "a zip archive", "Unpack it, or name it .zip."),
        (rb"PK\x05\x06", "an empty zip archive", "Pack it again."),
        (rb"\x1f\x8b", "compressed by gzip", "Unpack it, or name it .csv.gz."),
        (rb"\xd0\xcf\x11\xe0", "an Excel workbook of the old form (.xls)", _SAVE),
        (rb"BZh", "compressed by bzip2", _UNPACK),
        (rb"\xfd7zXZ", "compressed by xz", _UNPACK),
        (rb"\x28\xb5\x2f\xfd", "compressed by zstd", _UNPACK),
        (rb"7z\xbc\xaf\x27\x1c", "a 7z archive", _UNPACK),
        (rb"Rar!", "a rar archive", _UNPACK),
        (rb"PAR1", "a Parquet file", _EXPORT),
        (rb"%PDF", "a PDF", _EXPORT),
        (rb"SQLite format 3", "a SQLite database", _EXPORT),
        (rb"{\\rtf", "a text document (RTF)", _EXPORT),
    )
)
_FOREIGN_TEXT = tuple(
    (re.compile(beginning, re.DOTALL | re.IGNORECASE), form, action)
    for beginning, form, action in (
        (rb"<\?xml.*urn:schemas-microsoft-com:office", "an Excel workbook (XML)", _SAVE),
        (rb"<\?xml.*<html\b", "a web page (HTML)", _AGAIN),
        (rb"<\?xml", "an XML document", _AGAIN),
        (rb"<(!--|(!doctype|html|head|body|table|meta|style)\b)", "a web page (HTML)", _AGAIN),
        (rb"[{\[]\s*[\"{\[]", "a JSON document", _AGAIN),
    )
)
_BEGINNING = 64 << 10


class StrayQuoteError(ValueError):
    """Something other than a delimiter follows a closing quote."""


@dataclass(frozen=True)
class Layout:
    """How the fields of a file map to the columns of its family.

    `width` is the number of fields of every record, `named_width` that of the header;
    fields beyond it are empty. `blank_end` counts empty names at the header's end.
    `positions` is the field of each contract column. `lines` is how many physical lines
    the header takes, `length` how many bytes with its line end (and what stands before it).
    """

    width: int
    named_width: int
    blank_end: int
    positions: tuple[int, ...]
    lines: int
    length: int
    coerced: Counter = field(default_factory=Counter)
    notes: tuple[str, ...] = ()


def match_header(start: bytes, family: Family, file: str) -> Layout:
    """Read the header from the first bytes of a file.

    Raises
    ------
    RejectedFileError
        With one problem for each column that is missing or stands there twice,
        or with the one reason why no column can be recognised.
    """
    coerced: Counter = Counter()
    body = start
    if start[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise RejectedFileError(_wrong_encoding(family, file, "utf-16"))
    if start.startswith(BOM):
        if family.encoding != "utf-8":
            raise RejectedFileError(_wrong_encoding(family, file, "utf-8"))
        coerced["bom"] = 1
        body = start[len(BOM) :]
    said = _SEP_LINE.match(body)
    if said:
        delimiter = said[1].decode("latin-1")
        if delimiter != family.delimiter:
            what = (
                f"Line 1, {said[0].decode('latin-1').strip()}, says that the delimiter is"
                f" {delimiter!r} and not {family.delimiter!r} as the contract declares."
            )
            raise RejectedFileError(Problem("header_mismatch", what, family.name, file, 1))
        coerced["sep_line"] = 1
        body = body[said.end() :]

    raw, fields = _header_record(body, family)
    if fields is None or not _accepted(fields, family):
        problems = _explain(raw, fields, family, file)
        raise RejectedFileError(
            *(replace(problem, line=2) if said else problem for problem in problems)
        )

    positions, aliases = [], 0
    for column in family.columns:
        spelling = next(name for name in (column.header, *column.aliases) if name in fields)
        aliases += spelling != column.header
        positions.append(fields.index(spelling))
    coerced["column_alias"] = aliases
    coerced["column_order"] = int(positions != sorted(positions))
    extra = [name for at, name in enumerate(fields) if at not in positions]
    coerced["extra_column"] = len(extra)
    notes = [f"ignored column {name!r}" for name in extra]
    return Layout(
        width=len(fields),
        named_width=len(fields),
        blank_end=len(fields) - max(at for at, name in enumerate(fields, 1) if name),
        positions=tuple(positions),
        lines=raw.count(b"\n") + (not raw.endswith(b"\n")) + bool(said),
        length=len(start) - len(body) + len(raw),
        coerced=+coerced,
        notes=tuple(notes),
    )


def foreign_form(start: bytes) -> tuple[str, str] | None:
    """What a file is that is no CSV file, by how it begins, and what to do; else None."""
    start = start[:_BEGINNING]
    text = start.removeprefix(BOM).replace(b"\x00", b"").lstrip()
    for contents, forms in ((start, _FOREIGN), (text, _FOREIGN_TEXT)):
        for beginning, form, action in forms:
            if beginning.match(contents):
                return form, action
    return None


def split_quoted(text: str, delimiter: str) -> list[str] | None:
    """Split one record as RFC 4180 says; None while a quoted field is still open.

    A quote inside a field that did not start with one is a letter.

    Raises
    ------
    StrayQuoteError
        When text follows a closing quote.
    """
    fields: list[str] = []
    at = 0
    while True:
        if not text.startswith('"', at):
            end = text.find(delimiter, at)
            if end < 0:
                return [*fields, text[at:]]
            fields.append(text[at:end])
            at = end + 1
            continue
        end = text.find('"', at + 1)
        while end >= 0 and text.startswith('""', end):
            end = text.find('"', end + 2)
        if end < 0:
            return None
        fields.append(text[at + 1 : end].replace('""', '"'))
        at = end + 1
        if at == len(text):
            return fields
        if text[at] != delimiter:
            raise StrayQuoteError(f"{text[at]!r} follows the closing quote of field {len(fields)}")
        at += 1


def _header_record(body: bytes, family: Family) -> tuple[bytes, list[str] | None]:
    """Header as bytes with its line end, and its fields, if it can be decoded and split."""
    end = body.find(b"\n") + 1 or len(body)
    while True:
        raw = body[:end]
        fields = _fields(raw, family.encoding, family.delimiter, family.quoting)
        longer = body.find(b"\n", end) + 1
        # A quoted header cell may hold a line end; ten lines are more than any has.
        if fields is not None or family.quoting == "none" or not longer or raw.count(b"\n") > 10:
            return raw, fields
        end = longer


def _fields(raw: bytes, encoding: str, delimiter: str, quoting: str) -> list[str] | None:
    try:
        text = raw.decode(encoding).rstrip("\r\n")
        return text.split(delimiter) if quoting == "none" else split_quoted(text, delimiter)
    except (UnicodeDecodeError, StrayQuoteError):
        return None


def _accepted(fields: Sequence[str], family: Family) -> bool:
    counts = Counter(fields)
    return all(
        sum(counts[name] for name in (column.header, *column.aliases)) == 1
        for column in family.columns
    )


def _known(fields: Sequence[str] | None, family: Family) -> int:
    """How many of the family's columns are among the fields."""
    if fields is None:
        return -1
    return sum(
        any(name in fields for name in (column.header, *column.aliases))
        for column in family.columns
    )


def _explain(raw: bytes, fields: list[str] | None, family: Family, file: str) -> list[Problem]:
    """Why the header does not fit, with the reading under which it would."""
    declared = (family.encoding, family.delimiter, family.quoting)
    readings = sorted(
        itertools.product(
            dict.fromkeys((family.encoding, *OTHER_ENCODINGS)),
            dict.fromkeys((family.delimiter, *OTHER_DELIMITERS)),
            dict.fromkeys((family.quoting, "none", "rfc4180")),
        ),
        # Among readings that explain equally much the one that departs least.
        key=lambda reading: (
            -_known(_fields(raw, *reading), family),
            sum(a != b for a, b in zip(reading, declared, strict=True)),
        ),
    )
    encoding, delimiter, quoting = best = readings[0]
    if b"\x00" in raw:
        return [_wrong_encoding(family, file, "utf-16")]
    if _known(_fields(raw, *best), family) > _known(fields, family):
        if encoding != family.encoding:
            return [_wrong_encoding(family, file, encoding)]
        found = []
        if delimiter != family.delimiter:
            found.append(f"delimiter is {delimiter!r} and not {family.delimiter!r}")
        if quoting != family.quoting:
            found.append(f"quoting is {quoting} and not {family.quoting}")
        what = f"The {' and the '.join(found)} as the contract declares."
        return [Problem("header_mismatch", what, family.name, file, 1)]
    if b"\r" in raw.rstrip(b"\r\n"):
        what = "Lines end in a lone carriage return (old Macintosh form) and not in a line feed."
        return [Problem("header_mismatch", what, family.name, file, 1)]
    if fields is None:
        what = "The header cannot be read as the contract declares."
        return [Problem("header_mismatch", what, family.name, file, 1)]
    return [*_missing(fields, family, file), *_repeated(fields, family, file)]


def _missing(fields: Sequence[str], family: Family, file: str) -> list[Problem]:
    problems = []
    accepted = {name for column in family.columns for name in (column.header, *column.aliases)}
    unknown = {_folded(name): name for name in fields if name not in accepted}
    for column in family.columns:
        if any(name in fields for name in (column.header, *column.aliases)):
            continue
        what = f"Column {column.header!r} is not in the header."
        similar = unknown.get(_folded(column.header))
        if similar is not None:
            what = f"Column {column.header!r} is not in the header, which has {similar!r}."
        problems.append(Problem("missing_column", what, family.name, file, 1))
    return problems


def _repeated(fields: Sequence[str], family: Family, file: str) -> list[Problem]:
    counts = Counter(fields)
    problems = []
    for column in family.columns:
        spellings = [name for name in (column.header, *column.aliases) if counts[name]]
        if sum(counts[name] for name in spellings) > 1:
            what = f"Column {' / '.join(spellings)!r} stands in the header more than once."
            problems.append(Problem("duplicate_column", what, family.name, file, 1))
    return problems


def _folded(name: str) -> str:
    """Without accents, case and anything but letters and digits: for suggestions only."""
    plain = unicodedata.normalize("NFKD", name).casefold()
    return "".join(letter for letter in plain if letter.isalnum())


def _wrong_encoding(family: Family, file: str, fitting: str) -> Problem:
    what = f"The contract declares {family.encoding}; this file reads as {fitting}."
    return Problem("wrong_encoding", what, family.name, file, 1)
