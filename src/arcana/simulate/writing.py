"""Write rows in the outside that the family contract declares.

Header, delimiter, encoding and the forms of numbers and dates come from
families.yml, so the simulator writes by the same contract as landing reads by.
"""

from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as arrow_csv

from arcana.families import Column, Family

# The vendor delivers this family with a byte order mark.
FAMILIES_WITH_BOM = ("clientes_desde",)


class CsvFile:
    """One raw file, written block by block."""

    def __init__(self, path: Path, family: Family):
        self.family = family
        self.rows = 0
        self._file = path.open("wb")
        if family.name in FAMILIES_WITH_BOM:
            self._file.write(b"\xef\xbb\xbf")
        self._file.write(_header(family).encode(family.encoding))
        self._options = arrow_csv.WriteOptions(
            include_header=False, delimiter=family.delimiter, quoting_style="none"
        )

    def write(self, columns: dict) -> None:
        """Append rows: landed column name -> array, all of one length."""
        texts = [
            _as_text(columns[column.name], column, self.family) for column in self.family.columns
        ]
        table = pa.table(texts, names=list(self.family.column_names))
        self.rows += table.num_rows
        if self.family.encoding == "utf-8":
            arrow_csv.write_csv(table, self._file, self._options)
            return
        buffer = io.BytesIO()
        arrow_csv.write_csv(table, buffer, self._options)
        self._file.write(buffer.getvalue().decode("utf-8").encode(self.family.encoding))

    def close(self) -> None:
        """Finish the file."""
        self._file.close()


def _header(family: Family) -> str:
    headers = [column.header for column in family.columns]
    if family.quoting == "none":
        return family.delimiter.join(headers) + "\n"
    line = io.StringIO()
    csv.writer(line, delimiter=family.delimiter, lineterminator="\n").writerow(headers)
    return line.getvalue()


def _as_text(values, column: Column, family: Family) -> pa.Array:
    """Write one column in the form its contract declares; text passes as it is."""
    if isinstance(values, np.ndarray):
        if column.type == "decimal":
            return decimal_text(values, family.decimal_mark)
        if column.type == "date":
            return pa.array(values.astype("datetime64[D]")).cast(pa.string())
        if column.type == "timestamp":
            return _TIMESTAMPS[column.formats[0]](values.astype("datetime64[ms]"))
        return pa.array(values)
    return values


def decimal_text(values: np.ndarray, decimal_mark: str) -> pa.Array:
    """Write numbers with up to 15 significant digits; whole ones without a mark."""
    texts = [f"{value:.15g}" for value in values.tolist()]
    # The vendor writes no exponents.
    texts = [f"{float(text):.18f}".rstrip("0") if "e" in text else text for text in texts]
    return pa.array([text.replace(".", decimal_mark) for text in texts])


def exact_text(values: np.ndarray) -> pa.Array:
    """Write floats with every digit they hold, with a dot; whole ones without."""
    return pa.array([np.format_float_positional(value, trim="-") for value in values])


def thousandths_text(thousandths: np.ndarray) -> pa.Array:
    """Write whole numbers of thousandths with at most three decimals, with a dot."""
    scaled = pa.array(thousandths.astype(np.int64)).cast(pa.decimal128(19, 0))
    units = pc.multiply(scaled, pa.scalar("0.001", pa.string()).cast(pa.decimal128(4, 3)))
    return pc.replace_substring_regex(units.cast(pa.string()), r"\.?0+$", "")


def _iso_timestamp(values: np.ndarray) -> pa.Array:
    return pa.array(values).cast(pa.string())


def _us_timestamp(values: np.ndarray) -> pa.Array:
    """M/D/YYYY h:mm:ss AM/PM, not padded."""
    moments = pa.array(values)
    hour = pc.hour(moments)
    half_day = pc.if_else(pc.less(hour, 12), "AM", "PM")
    hour = pc.subtract(hour, pc.multiply(pc.cast(pc.greater(hour, 12), pa.int64()), 12))
    hour = pc.if_else(pc.equal(hour, 0), 12, hour)

    def digits(numbers, width=0):
        return pc.utf8_lpad(pc.cast(numbers, pa.string()), width, "0")

    date = pc.binary_join_element_wise(
        digits(pc.month(moments)), digits(pc.day(moments)), digits(pc.year(moments)), "/"
    )
    time = pc.binary_join_element_wise(
        digits(hour), digits(pc.minute(moments), 2), digits(pc.second(moments), 2), ":"
    )
    return pc.binary_join_element_wise(date, time, half_day, " ")


_TIMESTAMPS = {"iso_timestamp": _iso_timestamp, "us_timestamp": _us_timestamp}
