"""What landing works out of the records: canonical customer keys and the newest date.

Both look at each distinct value once per block, so their cost does not follow
the number of records.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc

from arcana.families import Column

# How exports write a key that is not there.
NULL_KEYS = frozenset({"", "NULL", "N/A", "-"})

# A spreadsheet that took the key for a number writes T-less keys as 123.0.
_SPREADSHEET_TAIL = re.compile(r"(\s*\.0)+$")


@functools.lru_cache(maxsize=1 << 16)
def canonical_key(value: str) -> str | None:
    """Bring a customer key to the one form in which keys are compared.

    Unicode NFKC (full-width digits become digits), no blanks around it, upper
    case, no `.0` of a spreadsheet; None when it says that there is no key.
    Leading zeros stay. Applying it twice changes nothing.
    """
    key, before = value, None
    # Upper-casing can undo the normal form of a few letters; two rounds settle it.
    while key != before:
        before = key
        key = unicodedata.normalize("NFKC", key).strip().upper()
    key = _SPREADSHEET_TAIL.sub("", key)
    return None if key in NULL_KEYS else key


def key_columns(
    keys: pa.Array | pa.ChunkedArray, suffix: int
) -> tuple[pa.DictionaryArray, pa.DictionaryArray, int]:
    """Canonical key and, with `suffix` characters split off, the store code of each record.

    Parameters
    ----------
    keys : text or dictionary of text
        The raw key column.
    suffix : int
        Length of the store code at the end of a key; 0 when the family has none.
        A key that is not longer than that keeps all of it and has no store.

    Returns
    -------
    customer_key, store_id : dictionary of text
    changed : int
        Records whose key was not canonical as delivered.
    """
    encoded = _dictionary(keys)
    raw = encoded.dictionary.to_pylist()
    canonical = [canonical_key(value) for value in raw]
    split = [_split(key, suffix) for key in canonical]
    differs = pa.array([new != old for new, old in zip(canonical, raw, strict=True)], pa.bool_())
    changed = 0
    if pc.any(differs).as_py():
        changed = pc.sum(differs.take(encoded.indices)).as_py() or 0
    customers = _spread([key for key, _ in split], encoded.indices)
    stores = _spread([store for _, store in split], encoded.indices)
    return customers, stores, changed


def newest_date(values: pa.Array | pa.ChunkedArray, column: Column) -> date | None:
    """Latest calendar day in a column; values in none of its formats are passed over."""
    newest = None
    for text in _dictionary(values).dictionary.to_pylist():
        days = (_READ_DAY[form](text) for form in column.formats)
        day = next(filter(None, days), None)
        if day is not None and (newest is None or day > newest):
            newest = day
    return newest


def _split(key: str | None, suffix: int) -> tuple[str | None, str | None]:
    if key is None or not suffix or len(key) <= suffix:
        return key, None
    return key[:-suffix], key[-suffix:]


def _dictionary(values: pa.Array | pa.ChunkedArray) -> pa.DictionaryArray:
    """One dictionary array, whatever the pieces were."""
    if isinstance(values, pa.ChunkedArray):
        if pa.types.is_dictionary(values.type):
            values = values.unify_dictionaries()
        values = values.combine_chunks()
        if isinstance(values, pa.ChunkedArray):
            values = pa.concat_arrays(values.chunks)
    return values if pa.types.is_dictionary(values.type) else values.dictionary_encode()


def _spread(distinct: list[str | None], indices: pa.Array) -> pa.DictionaryArray:
    """Distinct values laid out over the records again, still as a dictionary."""
    compact = pa.array(distinct, pa.string()).dictionary_encode()
    return pa.DictionaryArray.from_arrays(compact.indices.take(indices), compact.dictionary)


def _iso_day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None


def _timestamp_day(text: str) -> date | None:
    return _iso_day(text[:10])


# A day with slashes, alone or before a time.
_SLASHES = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})( .+)?")


def _us_day(text: str) -> date | None:
    return _slashed_day(text, month_at=1, day_at=2)


def _br_day(text: str) -> date | None:
    return _slashed_day(text, month_at=2, day_at=1)


def _slashed_day(text: str, month_at: int, day_at: int) -> date | None:
    found = _SLASHES.fullmatch(text)
    if found is None:
        return None
    try:
        return date(int(found[3]), int(found[month_at]), int(found[day_at]))
    except ValueError:
        return None


_READ_DAY = {
    "iso_date": _iso_day,
    "iso_timestamp": _timestamp_day,
    "us_date": _us_day,
    "us_timestamp": _us_day,
    "br_date": _br_day,
    "br_timestamp": _br_day,
}
