"""Read the records of one raw file, block by block, and count every one of them.

A file is read twice. `fingerprint` hashes it and counts its line ends; then
`RecordReader` yields its records as Arrow tables of text. The second reading must
give the first one's hash, so every record carries the hash of the very bytes it
was read from, and what was read must add up to the lines counted before.

A block is first given to `pyarrow.csv`, strictly. Only where that disagrees with
the block's line count, or something else is off (a lone carriage return, an
undecodable byte), the block is halved, and what is small enough is read line by
line here, where each line is either a record or has a reason code.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv

from arcana.families import Family
from arcana.landing.dating import NO_DAYS, NewestDays
from arcana.landing.derive import WHOLE_FORM, key_columns, newest_days
from arcana.landing.header import (
    BOM,
    OTHER_ENCODINGS,
    Layout,
    StrayQuoteError,
    foreign_form,
    match_header,
    split_quoted,
)
from arcana.landing.reasons import Problem, RejectedFileError
from arcana.landing.storage import Location

# Bytes read at a time. A block becomes a row group, about 80,000 rows of telemetry;
# twice as much is no faster, and takes a third more memory.
BLOCK_BYTES = 4 << 20

# A block in which something is off is halved down to this before it is read line
# by line, so that one bad line costs a moment and not a block.
SLOW_BYTES = 64 << 10

# Nothing the vendor writes comes near these; beyond them the file is no CSV file,
# or a quote was never closed.
MAX_LINE_BYTES = 32 << 20
MAX_QUOTED_BYTES = 64 << 10

# Above this share of undecodable records the declared encoding is the fault.
MAX_BAD_ENCODING_SHARE = 0.01

# Quarantine keeps the raw record for a person to read, not to restore it.
MAX_RECORD_LETTERS = 10_000

_ENCODED = pa.dictionary(pa.int32(), pa.string())
_TRAILER = re.compile(r"\W*(sub)?tota(l|is)\b", re.IGNORECASE)
_WHOLE_TRAILER = re.compile(r"\W*(sub)?tota(l|is)( geral)?\W*", re.IGNORECASE)


@dataclass(frozen=True)
class Fingerprint:
    """What a file was when it was first read: its hash, size, time and line ends."""

    sha256: str
    size: int
    mtime_ns: int | None
    line_ends: int
    last_byte: bytes

    @property
    def is_ended(self) -> bool:
        """Whether the last line has a line end."""
        return self.last_byte == b"\n"

    @property
    def lines(self) -> int:
        """Lines, of which the last may lack its end."""
        return self.line_ends + (not self.is_ended)


@dataclass
class BadRecord:
    """A record that cannot be read, as it goes to quarantine."""

    line: int
    code: str
    detail: str
    record: str


@dataclass
class Piece:
    """What became of one block: landed records, quarantined ones, and everything counted.

    `table` holds the contract's columns, `customer_key`, `store_id` where the
    family has one, and `_line`. `passed_lines` are physical lines that are no
    record of their own: blank ones and the further lines of a quoted record.
    """

    table: pa.Table
    bad: list[BadRecord]
    coerced: Counter
    passed_lines: int
    days: NewestDays


@dataclass
class _Rows:
    """Records of a stretch of lines before they are a table."""

    tables: list[pa.Table] = field(default_factory=list)
    bad: list[BadRecord] = field(default_factory=list)
    coerced: Counter = field(default_factory=Counter)
    passed_lines: int = 0


def fingerprint(file: Location, family: Family, advance: Callable[[float], None]) -> Fingerprint:
    """Hash a file and count its line ends.

    Raises
    ------
    RejectedFileError
        When it was written to meanwhile.
    """
    before = file.info()
    digest, size, line_ends, last = hashlib.sha256(), 0, 0, b""
    with file.open() as stream:
        while chunk := stream.read(BLOCK_BYTES):
            digest.update(chunk)
            size += len(chunk)
            line_ends += _line_ends(chunk)
            last = chunk[-1:]
            advance(len(chunk))
    after = file.info()
    # A packed file has another size than what is in it, and its own check of that.
    grown = not file.is_packed and size != after.size
    if (before.size, before.mtime_ns) != (after.size, after.mtime_ns) or grown:
        raise RejectedFileError(_changed(family, file))
    return Fingerprint(digest.hexdigest(), size, after.mtime_ns, line_ends, last)


class RecordReader:
    """The records of one file of a family; iterate over `pieces()` once.

    Attributes that are complete after the last piece: `layout`, `coerced`.
    """

    def __init__(self, file: Location, family: Family, print_: Fingerprint):
        self.file = file
        self.family = family
        self.print = print_
        self._layout: Layout | None = None
        # The key as a dictionary, because its distinct values are looked at.
        self.schema = pa.schema(
            [
                (name, _ENCODED if name == family.key else pa.string())
                for name in family.column_names
            ]
        )
        self.coerced: Counter = Counter()
        self._crlf = 0
        self._widths: Counter = Counter()
        self._bad_encoding = 0
        self._first_bad: BadRecord | None = None

    @property
    def layout(self) -> Layout:
        """What the header says of the columns; known from the first piece on."""
        if self._layout is None:
            raise RuntimeError(f"the header of {self.file} was not read yet")
        return self._layout

    def pieces(self, advance: Callable[[float], None]) -> Iterator[Piece]:
        """Read the file to its end.

        Raises
        ------
        RejectedFileError
            When the file as a whole cannot be taken, or does not add up.
        """
        if self.print.size == 0:
            raise RejectedFileError(self._problem("empty_file", "The file has 0 bytes."))
        landed = bad = passed = 0
        digest = hashlib.sha256()
        with self.file.open() as stream:
            blocks = self._blocks(stream, digest, advance)
            for piece in self._parsed(blocks):
                landed += piece.table.num_rows
                bad += len(piece.bad)
                passed += piece.passed_lines
                self.coerced += piece.coerced
                self._watch_encoding(piece.bad, self.print.lines)
                yield piece
        info = self.file.info()
        if digest.hexdigest() != self.print.sha256 or info.mtime_ns != self.print.mtime_ns:
            raise RejectedFileError(_changed(self.family, self.file))
        self._check_counts(landed, bad, passed)

    def _check_counts(self, landed: int, bad: int, passed: int) -> None:
        """Hold what was read against the lines counted before anything was parsed."""
        lines = self.layout.lines + landed + bad + passed
        if lines != self.print.lines:
            what = (
                f"{self.print.lines} lines in the file, but {self.layout.lines} of header, "
                f"{landed} landed, {bad} quarantined and {passed} passed over make {lines}."
            )
            raise RejectedFileError(self._problem("count_mismatch", what))
        if landed + bad == 0 and not self.family.may_be_empty:
            raise RejectedFileError(self._problem("no_records", "There is only a header.", 1))
        self._watch_encoding([], landed + bad)
        if landed == 0 and bad:
            what = f"All {bad} records would be quarantined{self._of_another_width(bad)}."
            raise RejectedFileError(self._problem("no_readable_records", what))
        mixed = max(0, min(self._crlf, self.print.line_ends - self._crlf))
        self.coerced += Counter(line_end=mixed)

    def _of_another_width(self, bad: int) -> str:
        """What to say when no record has the header's number of fields, but all the same."""
        for (width, ends), count in self._widths.most_common(1):
            if count == bad:
                widths = f": rows have {width} fields, the header {self.layout.named_width}"
                return widths + ("; each row ends with a delimiter" if ends else "")
        return ""

    def _watch_encoding(self, bad: list[BadRecord], of_records: int) -> None:
        """Reject the file once too many records are undecodable."""
        found = [record for record in bad if record.code == "bad_encoding"]
        if found and not self._bad_encoding:
            self._first_bad = found[0]
        self._bad_encoding += len(found)
        first = self._first_bad
        if first and self._bad_encoding > MAX_BAD_ENCODING_SHARE * of_records:
            what = f"Over 1 % of the records are not {self.family.encoding}: {first.detail}."
            raise RejectedFileError(self._problem("bad_encoding", what, first.line))

    def _blocks(self, stream, digest, advance) -> Iterator[tuple[bytes, bool]]:
        """Body of the file in blocks that end with a line, and whether it is the last one."""
        pending, carry = None, b""
        while chunk := stream.read(BLOCK_BYTES):
            if self._layout is None and not carry and (foreign := foreign_form(chunk)):
                form, action = foreign
                problem = self._problem("not_csv", f"It is {form}.")
                raise RejectedFileError(replace(problem, action=action))
            digest.update(chunk)
            advance(len(chunk))
            end = chunk.rfind(b"\n") + 1
            if not end:
                carry += chunk
                if len(carry) > MAX_LINE_BYTES:
                    what = f"A line goes on for more than {MAX_LINE_BYTES >> 20} MiB."
                    raise RejectedFileError(self._problem("line_too_long", what))
                continue
            block, carry = carry + chunk[:end], chunk[end:]
            if self._layout is None:
                block = self._take_header(block)
            if pending:
                yield pending, False
            pending = block
        if self._layout is None:
            carry = self._take_header(carry)
        # A last line without its end gets one, and is looked at in `_parsed`.
        last = (pending or b"") + carry + (b"" if self.print.is_ended else b"\n" * bool(carry))
        if last:
            yield last, True

    def _take_header(self, block: bytes) -> bytes:
        """Match the header and give back what follows it; decide how columns are kept."""
        layout = match_header(block, self.family, self.file.name)
        body = block[layout.length :]
        self._layout = _with_row_width(layout, self.family, body)
        self.coerced += self.layout.coerced
        self._crlf += block[: self.layout.length].count(b"\r\n")
        return body

    def _parsed(self, blocks: Iterator[tuple[bytes, bool]]) -> Iterator[Piece]:
        """Parse block after block; a quoted record may run into the next one."""
        line, carry, state = 0, b"", _QuoteState()
        for block, last in blocks:
            line = line or self.layout.lines + 1
            self._crlf += _crlf(block)
            rows = _Rows()
            if b"\x00" in block:
                rows.coerced["nul_byte"] = block.count(b"\x00")
                block = block.replace(b"\x00", b"")  # noqa: PLW2901
            whole = carry + block if carry else block
            body, tail = _cut_trailer(whole, self.family) if last else (whole, b"")
            is_trailer, is_quoted = bool(tail), self.family.quoting != "none" and b'"' in body
            cut = last and not self.print.is_ended
            if cut and not tail and not is_quoted:
                start = body.rfind(b"\n", 0, -1) + 1
                body, tail = body[:start], body[start:]
            used = len(body)
            if is_quoted:
                used = self._read_quoted(body, line, last, rows, state, cut and not tail)
            else:
                self._read_unquoted(body, line, rows)
            if tail:
                number = line + body.count(b"\n")
                self._read_lines(tail, number, rows, is_trailer, cut and not is_trailer)
            carry = b"" if last else whole[used:]
            piece = self._piece(rows)
            line += piece.table.num_rows + len(piece.bad) + piece.passed_lines
            yield piece

    def _read_unquoted(self, block: bytes, line: int, rows: _Rows) -> None:
        """Read a block strictly, or its halves, or its lines."""
        table = _read_strictly(block, self.family, self.layout, self.schema)
        if table is not None:
            numbers = np.arange(line, line + table.num_rows)
            rows.tables.append(table.append_column("_line", pa.array(numbers).cast(pa.string())))
            return
        middle = block.find(b"\n", len(block) // 2) + 1
        if len(block) > SLOW_BYTES and 0 < middle < len(block):
            self._read_unquoted(block[:middle], line, rows)
            self._read_unquoted(block[middle:], line + block.count(b"\n", 0, middle), rows)
        else:
            self._read_lines(block, line, rows)

    def _read_lines(
        self, block: bytes, line: int, rows: _Rows, trailer: bool = False, cut: bool = False
    ) -> None:
        """Read line by line.

        `trailer` says that what is read is a closing line, `cut` that it is the last line
        of a file, whose end it lacks.
        """
        records: list[list[str | None]] = []
        numbers: list[int] = []
        for number, raw in enumerate(block.split(b"\n")[:-1], line):
            text = self._decoded(raw, number, rows, cut)
            if text is None:
                continue
            is_cut = cut and not self._is_ended(raw, rows)
            fields = text.split(self.family.delimiter)
            self._sort_out(fields, text, number, rows, records, numbers, trailer, is_cut)
        self._add_records(records, numbers, rows)

    def _read_quoted(
        self,
        block: bytes,
        line: int,
        last: bool,
        rows: _Rows,
        state: _QuoteState,
        cut: bool = False,
    ) -> int:
        """Read records that may be quoted; gives back how many bytes were used up.

        An open quote at the end of a block waits for the next block. One that is
        never closed, or closed by the opening quote of a later field, costs its own
        line only: reading goes on at the line after it.
        """
        lines = block.split(b"\n")[:-1]
        records: list[list[str | None]] = []
        numbers: list[int] = []
        at = used = 0
        while at < len(lines):
            number = line + at
            text = self._decoded(lines[at], number, rows, cut and at + 1 == len(lines))
            if text is None:
                used += len(lines[at]) + 1
                at += 1
                continue
            fields, taken = self._quoted_record(text, lines, at, last)
            if taken == 0:
                # Still open where the block ends: the record comes again, whole.
                rows.coerced["bom"] -= lines[at].startswith(BOM)
                break
            if fields is None:
                if state.unclosed:
                    what = f"Line {state.unclosed} opens a quote, and line {number} cannot be read."
                    raise RejectedFileError(self._problem("unclosed_quote", what, state.unclosed))
                state.unclosed = number
                code = "unclosed_quote"
                detail = "a quoted field is not closed, or goes on after its quote"
                if cut and at + 1 == len(lines):
                    code, detail = "no_final_line_end", "cut inside quotes"
                rows.bad.append(_bad(number, code, detail, text))
            else:
                if len(fields) == self.layout.width:
                    state.unclosed = 0
                elif state.unclosed:
                    what = f"Line {state.unclosed} opens a quote, and line {number} cannot be read."
                    raise RejectedFileError(self._problem("unclosed_quote", what, state.unclosed))
                is_cut = cut and at + taken == len(lines) and not self._is_ended(lines[-1], rows)
                self._sort_out(fields, text, number, rows, records, numbers, cut=is_cut)
                rows.passed_lines += taken - 1
            used += sum(len(raw) + 1 for raw in lines[at : at + taken])
            at += taken
        self._add_records(records, numbers, rows)
        return used

    def _quoted_record(
        self, text: str, lines: list[bytes], at: int, last: bool
    ) -> tuple[list[str] | None, int]:
        """Fields of the record that starts at a line, and how many lines it takes.

        No fields: its quotes are wrong. No lines: it goes on beyond the block.
        """
        size, taken = len(text), 1
        while True:
            try:
                fields = split_quoted(text, self.family.delimiter)
            except StrayQuoteError:
                return None, 1
            if fields is not None:
                if taken > 1 and len(fields) != self.layout.width:
                    return None, 1
                return fields, taken
            if size > MAX_QUOTED_BYTES:
                return None, 1
            if at + taken == len(lines):
                return None, int(last)
            raw = lines[at + taken].removesuffix(b"\r")
            try:
                text = f"{text}\n{raw.decode(self.family.encoding)}"
            except UnicodeDecodeError:
                return None, 1
            size += len(raw)
            taken += 1

    def _decoded(self, raw: bytes, number: int, rows: _Rows, cut: bool = False) -> str | None:
        """One line as text; None when it is blank or undecodable, which is recorded."""
        raw = raw.removesuffix(b"\r")
        if raw.startswith(BOM) and self.family.encoding == "utf-8":
            rows.coerced["bom"] += 1
            raw = raw[len(BOM) :]
        # DOS programs close a text with Ctrl-Z.
        if not raw.strip() or (cut and not raw.strip(b"\x1a \t\r")):
            rows.coerced["blank_line"] += 1
            rows.passed_lines += 1
            return None
        try:
            return raw.decode(self.family.encoding)
        except UnicodeDecodeError as error:
            if cut:
                text = raw.decode(self.family.encoding, errors="replace")
                rows.bad.append(_bad(number, "no_final_line_end", "cut inside a letter", text))
                return None
            fitting = [name for name in OTHER_ENCODINGS[:2] if _decodes(raw, name)]
            reads = f"; the line reads as {fitting[0]}" if fitting else ""
            detail = f"byte 0x{raw[error.start]:02X} at column {error.start + 1}{reads}"
            text = raw.decode(self.family.encoding, errors="replace")
            rows.bad.append(_bad(number, "bad_encoding", detail, text))
            return None

    def _sort_out(
        self, fields, text, number, rows, records, numbers, trailer=False, cut=False
    ) -> None:
        """Take a record, or say why not."""
        width, named = self.layout.width, self.layout.named_width
        is_wide = len(fields) == width and not any(fields[named:])
        if trailer or (not is_wide and _TRAILER.match(_first_cell(fields))):
            rows.bad.append(_bad(number, "trailer", "a closing line", text))
        elif cut and not (is_wide and self._ends_whole(fields, rows, records)):
            detail = f"{len(fields)} of {width} fields"
            if is_wide:
                detail = "its last field may go on, which nothing in the file can tell"
            rows.bad.append(_bad(number, "no_final_line_end", detail, text))
        elif not is_wide:
            self._widths[len(fields), not fields[-1]] += 1
            detail = f"{len(fields)} fields instead of {width}"
            if len(fields) == width:
                detail = f"a field after the {named} of the header is not empty, as in other rows"
            rows.bad.append(_bad(number, "field_count", detail, text))
        else:
            rows.coerced["no_final_line_end"] += cut
            records.append([fields[position] or None for position in self.layout.positions])
            numbers.append(number)

    def _is_ended(self, raw: bytes, rows: _Rows) -> bool:
        """Whether the first half of its line end, which all others have, proves a line whole."""
        is_ended = raw.endswith(b"\r") and self._crlf > 1
        rows.coerced["no_final_line_end"] += is_ended
        return is_ended

    def _ends_whole(self, fields: list[str], rows: _Rows, records: list[list]) -> bool:
        """Whether a last record without line end is whole, by the form of its last field.

        A date or timestamp is whole when it has every letter of its form; a key when it is
        as long as all others near it.
        """
        if self.family.may_lack_line_end or self.layout.width > self.layout.named_width:
            return True
        at_end = self.layout.width - 1
        if at_end not in self.layout.positions:
            return False
        place = self.layout.positions.index(at_end)
        column = self.family.columns[place]
        if column.formats:
            # A whole date may be a cut timestamp where both are accepted.
            (form, *others) = column.formats
            return not others and WHOLE_FORM[form].fullmatch(fields[at_end]) is not None
        if column.name != self.family.key:
            return False
        keys = {record[place] for record in records}
        for table in rows.tables:
            keys.update(table[column.name].unique().to_pylist())
        return {len(key) for key in keys if key} == {len(fields[at_end])}

    def _add_records(self, records: list[list], numbers: list[int], rows: _Rows) -> None:
        if not records:
            return
        columns = [
            pa.array(values, pa.string()).cast(column.type)
            for values, column in zip(zip(*records, strict=True), self.schema, strict=True)
        ]
        table = pa.Table.from_arrays(columns, schema=self.schema)
        lines = pa.array([str(number) for number in numbers], pa.string())
        rows.tables.append(table.append_column("_line", lines))

    def _piece(self, rows: _Rows) -> Piece:
        """Add what is worked out of the records: customer key, store, newest date."""
        family = self.family
        empty = self.schema.append(pa.field("_line", pa.string())).empty_table()
        table = pa.concat_tables(rows.tables or [empty])
        if len(rows.tables) > 1:
            table = table.unify_dictionaries().combine_chunks()
        customers, stores, changed = key_columns(table[family.key], family.key_suffix)
        rows.coerced += changed
        lines = table["_line"]
        table = table.drop_columns(["_line"]).append_column("customer_key", customers)
        if family.key_suffix:
            table = table.append_column("store_id", stores)
        dated = next((column for column in family.columns if column.dates_delivery), None)
        days = newest_days(table[dated.name], dated) if dated else NO_DAYS
        table = table.append_column("_line", lines)
        return Piece(table, rows.bad, +rows.coerced, rows.passed_lines, days)

    def _problem(self, rule: str, what: str, line: int | None = None) -> Problem:
        return Problem(rule, what, self.family.name, self.file.name, line)


@dataclass
class _QuoteState:
    """Line of the last record whose quotes were wrong, until one after it is read."""

    unclosed: int = 0


def _read_strictly(
    block: bytes, family: Family, layout: Layout, schema: pa.Schema
) -> pa.Table | None:
    """Read a block with pyarrow, or None when anything in it is off.

    Off is: bytes that do not decode, a carriage return that ends no line, a byte
    order mark inside, a record of another width, a quote in a quoted family, or a
    number of records that is not the number of lines (blank ones among them).
    """
    text = _as_utf8(block, family.encoding)
    if not text or (
        (b"\r" in block and block.count(b"\r") != _crlf(block))
        or (family.quoting != "none" and b'"' in block)
        or (BOM in text and not block.isascii())
    ):
        return None
    fields = [str(at) for at in range(layout.width)]
    wanted = [fields[position] for position in layout.positions]
    beyond = fields[layout.named_width :]
    try:
        table = pa_csv.read_csv(
            pa.BufferReader(text),
            read_options=pa_csv.ReadOptions(
                column_names=fields, use_threads=False, block_size=len(text) + 1
            ),
            parse_options=pa_csv.ParseOptions(
                delimiter=family.delimiter, quote_char=False, double_quote=False
            ),
            convert_options=pa_csv.ConvertOptions(
                column_types={
                    **dict.fromkeys(beyond, pa.string()),
                    **dict(zip(wanted, schema.types, strict=True)),
                },
                include_columns=[*wanted, *beyond],
                # An empty cell lands as null, everything else as it stands.
                strings_can_be_null=True,
                null_values=[""],
                check_utf8=False,
            ),
        )
    except pa.ArrowInvalid:
        return None
    if table.num_rows != _line_ends(block):
        return None
    if any(table[name].null_count < table.num_rows for name in beyond):
        return None
    return table.select(wanted).rename_columns(schema.names)


def _with_row_width(layout: Layout, family: Family, body: bytes) -> Layout:
    """Give the layout the number of fields that rows have, where only empty ones tell it apart.

    Some programs end each row with a delimiter and the header without, or the other way
    round. Where every record of the first block has the same number of fields, and every
    field that has no column is empty, nothing is guessed by leaving those out.
    """
    width = None
    for raw in io.BytesIO(body):
        line = raw.decode(family.encoding, errors="replace").rstrip("\r\n")
        if not line.strip("\x00 \t"):
            continue
        fields = _split(line, family)
        width = len(fields) if width is None else width
        if width == layout.width or len(fields) != width or any(fields[layout.named_width :]):
            return layout
    if width is None or width < layout.named_width - layout.blank_end:
        return layout
    return replace(
        layout,
        width=width,
        named_width=min(width, layout.named_width),
        coerced=layout.coerced + Counter(trailing_delimiter=1),
    )


def _split(line: str, family: Family) -> list[str]:
    """Fields of a line, as far as one line can tell."""
    if family.quoting != "none" and '"' in line:
        with contextlib.suppress(StrayQuoteError):
            return split_quoted(line, family.delimiter) or line.split(family.delimiter)
    return line.split(family.delimiter)


def _line_ends(block: bytes) -> int:
    # Six times as fast as bytes.count, and without the interpreter's lock.
    return int(np.count_nonzero(np.frombuffer(block, np.uint8) == ord("\n")))


def _crlf(block: bytes) -> int:
    return block.count(b"\r\n") if b"\r" in block else 0


def _as_utf8(block: bytes, encoding: str) -> bytes | None:
    if block.isascii():
        return block
    try:
        text = block.decode(encoding)
    except UnicodeDecodeError:
        return None
    return block if encoding == "utf-8" else text.encode()


def _decodes(raw: bytes, encoding: str) -> bool:
    try:
        raw.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _cut_trailer(block: bytes, family: Family) -> tuple[bytes, bytes]:
    """Split the file's last block before its last record when that is a line of totals."""
    start = block.rstrip(b"\r\n \t").rfind(b"\n") + 1
    line = block[start:].decode(family.encoding, errors="replace").strip("\r\n \t")
    if _WHOLE_TRAILER.fullmatch(_first_cell(line.split(family.delimiter))):
        return block[:start], block[start:]
    return block, b""


def _first_cell(fields: list[str]) -> str:
    return next((cell.strip() for cell in fields if cell.strip()), "")


def _bad(line: int, code: str, detail: str, record: str) -> BadRecord:
    if len(record) > MAX_RECORD_LETTERS:
        detail = f"{detail} (record of {len(record)} letters, cut here)"
        record = record[:MAX_RECORD_LETTERS]
    return BadRecord(line, code, detail, record)


def _changed(family: Family, file: Location) -> Problem:
    what = "Its size, time or contents changed."
    return Problem("changed_while_reading", what, family.name, file.name)
