"""What landing works out of the records: canonical customer keys and the newest days.

Both look at each distinct value once per block, so their cost does not follow
the number of records.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections import Counter
from datetime import date

import numpy as np
import pyarrow as pa

from arcana.families import Column
from arcana.landing.dating import NewestDays

# How exports write a key that is not there, in upper case.
NULL_KEYS = frozenset(
    {
        *("", "NULL", "(NULL)", "<NULL>", "\\N", "NONE", "NIL", "NAN", "NAT", "NA", "<NA>"),
        *("N/A", "N/D", "-", "--", "–", "—"),
        # What a spreadsheet shows for a formula that failed, in English, Portuguese, Spanish.
        *("#N/A", "#N/D", "#REF!", "#¡REF!", "#VALUE!", "#VALOR!", "#¡VALOR!", "#NAME?"),
        *("#NOME?", "#¿NOMBRE?", "#DIV/0!", "#¡DIV/0!", "#NUM!", "#NÚM!", "#¡NUM!"),
        *("#NULL!", "#NULO!", "#¡NULO!", "#SPILL!", "#DESPEJAR!", "#CALC!", "#CÁLC!"),
    }
)

# A spreadsheet that took the key for a number writes T-less keys as 123.0.
_SPREADSHEET_TAIL = re.compile(r"(\s*\.0)+$")

# ="T12345" keeps a spreadsheet from taking the key for a number; exporters quote that once
# more ("=""T12345"""), or quote the key alone. A leading apostrophe says the same. No key
# holds a quote, so nothing of it is lost.
_WRAPPED = re.compile(r"""=?\s*"+\s*=?\s*"*([^"]*)"+|'([^']*)'?""")

# A column too narrow for its value.
_HASHES = re.compile(r"#+")

# Letters without a shape that are of no format or control category.
_SHAPELESS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0") | {
    *map(chr, range(0x180B, 0x180E)),
    *map(chr, range(0xFE00, 0xFE10)),
}


@functools.lru_cache(maxsize=1 << 16)
def canonical_key(value: str) -> str | None:
    """Bring a customer key to the one form in which keys are compared.

    Unicode NFKC (full-width digits become digits), no invisible characters, no blanks
    around it, upper case, without the quotes, the formula (`="T12345"`) and the `.0` of a
    spreadsheet; None when it says that there is no key. Leading zeros stay. Applying it
    twice changes nothing.
    """
    key, before = value, None
    # What one step takes off can uncover work for another, as in `"123.0"`.
    while key != before:
        before = key
        key = unicodedata.normalize("NFKC", _visible(key)).strip().upper()
        wrapped = _WRAPPED.fullmatch(key)
        if wrapped:
            key = wrapped[1] if wrapped[2] is None else wrapped[2]
        key = _SPREADSHEET_TAIL.sub("", key)
    return None if key in NULL_KEYS or _HASHES.fullmatch(key) else key


def key_change(raw: str) -> str | None:
    """Code under which the change of a raw key to its canonical form is counted, if any."""
    if canonical_key(raw) == raw:
        return None
    if _visible(raw) != raw:
        return "key_invisible"
    return "key_quoted" if _WRAPPED.fullmatch(raw.strip()) else "key"


def _visible(text: str) -> str:
    """Without control and format characters, such as a zero-width space; blanks stay."""
    if text.isprintable() and text.isascii():
        return text
    return "".join(
        letter
        for letter in text
        if letter not in _SHAPELESS
        and (letter.isspace() or unicodedata.category(letter) not in ("Cc", "Cf"))
    )


def key_columns(
    keys: pa.Array | pa.ChunkedArray, suffix: int
) -> tuple[pa.DictionaryArray, pa.DictionaryArray, Counter]:
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
    changed : Counter
        Records whose key was not canonical as delivered, by code.
    """
    encoded = _dictionary(keys)
    raw = encoded.dictionary.to_pylist()
    canonical = [canonical_key(value) for value in raw]
    split = [_split(key, suffix) for key in canonical]
    changes = [key_change(value) for value in raw]
    changed: Counter = Counter()
    if any(changes):
        for change, count in zip(changes, _counts(encoded), strict=True):
            if change:
                changed[change] += count
    customers = _spread([key for key, _ in split], encoded.indices)
    stores = _spread([store for _, store in split], encoded.indices)
    return customers, stores, changed


def newest_days(values: pa.Array | pa.ChunkedArray, column: Column) -> NewestDays:
    """Newest days of a column; values in none of its formats are passed over."""
    encoded = _dictionary(values)
    found: Counter = Counter()
    for text, count in zip(encoded.dictionary.to_pylist(), _counts(encoded), strict=True):
        day = next(filter(None, (_READ_DAY[form](text) for form in column.formats)), None)
        if day is not None:
            found[day] += count
    return NewestDays.of(found)


def _counts(encoded: pa.DictionaryArray) -> list[int]:
    """Records per distinct value."""
    indices = encoded.indices.drop_null().to_numpy()
    return np.bincount(indices, minlength=len(encoded.dictionary)).tolist()


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


# How a value of a form looks when none of its letters is missing.
WHOLE_FORM = {
    "iso_date": re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}"),
    "iso_timestamp": re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}"),
    "us_date": re.compile(r"[0-9]{1,2}/[0-9]{1,2}/[0-9]{4}"),
    "us_timestamp": re.compile(
        r"[0-9]{1,2}/[0-9]{1,2}/[0-9]{4} [0-9]{1,2}:[0-9]{2}:[0-9]{2} [AP]M"
    ),
    "br_date": re.compile(r"[0-9]{1,2}/[0-9]{1,2}/[0-9]{4}"),
    "br_timestamp": re.compile(r"[0-9]{1,2}/[0-9]{1,2}/[0-9]{4} [0-9]{1,2}:[0-9]{2}:[0-9]{2}"),
}

_READ_DAY = {
    "iso_date": _iso_day,
    "iso_timestamp": _timestamp_day,
    "us_date": _us_day,
    "us_timestamp": _us_day,
    "br_date": _br_day,
    "br_timestamp": _br_day,
}
