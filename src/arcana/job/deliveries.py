"""Tell why a delivery was not accepted: the breached checks of a build, in sentences.

The checks themselves are the model `quality_delivery_checks`, their limits the seed
`delivery_checks`.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import NamedTuple

import duckdb

from arcana import families

SPINE, PERSONAS = "spine", "personas"

# More breaches of one subject say the same thing again.
TOLD_PER_SUBJECT = 2

# Where keys do not fit, everything that is looked up by them fails as well: what other
# families know of the spine's keys, and what the spine knows of a family's.
SPINE_KEYS, FAMILY_KEYS = "met_key_share", "known_key_share"

PERSONAS_LOST = (
    "personas: over half of the customers who had a persona have none now. Look at the features"
    " that changed (quality_delivery_figures); if the new state is right:"
    " arcana build --accept-data personas."
)


class Breach(NamedTuple):
    """A breached check, as columns of quality_delivery_checks."""

    subject: str
    figure: str
    column_name: str
    meaning: str
    compared_with: str
    figure_value: float
    baseline_value: float | None
    lowest_before: float | None
    highest_before: float | None
    compared_count: int
    likely_cause: str
    what_to_do: str
    example: str | None
    file_name: str | None
    file_line: int | None


def names() -> list[str]:
    """What --accept-data may name."""
    return [*families.load(), SPINE, PERSONAS]


def breaches(connection: duckdb.DuckDBPyConnection) -> Iterator[str]:
    """The breached checks that are not accepted, as lines, the spine's first.

    Parameters
    ----------
    connection : open on a build file in which quality_delivery_checks is built
    """
    # A figure may be beyond two limits at once; the comparison says more.
    rows = connection.execute(
        f"select {', '.join(Breach._fields)} from quality.quality_delivery_checks"
        " where is_breached and not is_accepted"
        " qualify row_number() over (partition by subject, figure, column_name"
        " order by compared_with = 'nothing', lowest, highest) = 1"
        " order by subject != 'spine', subject, figure not like '%key_share',"
        " figure in ('unknown_share', 'zero_share'), figure, column_name"
    ).fetchall()
    found = itertools.groupby(map(Breach._make, rows), key=lambda breach: breach.subject)
    by_subject = {subject: list(own) for subject, own in found}
    others = [subject for subject in by_subject if subject != SPINE]
    explained = by_subject
    if any(breach.figure == SPINE_KEYS for breach in by_subject.get(SPINE, ())):
        explained = {SPINE: by_subject[SPINE]}
    for subject, own in explained.items():
        shown = 1 if own[0].figure == FAMILY_KEYS else TOLD_PER_SUBJECT
        yield from map(_sentence, own[:shown])
        if len(own) > shown:
            yield f"{subject}: {len(own) - shown} more in quality_delivery_checks."
    if others and explained is not by_subject:
        yield f"Because of it {', '.join(others)} fail as well."
    options = " ".join(f"--accept-data {subject}" for subject in by_subject)
    yield f"If the data are right as they are: arcana build {options}"


def _sentence(breach: Breach) -> str:
    of_column = f" ({breach.column_name})" if breach.column_name else ""
    before = ""
    if breach.compared_count:
        spread = f"{_number(breach.lowest_before)} to {_number(breach.highest_before)}"
        which = f"{breach.compared_count} deliveries accepted last"
        if breach.compared_count == 1:
            spread, which = _number(breach.baseline_value), "delivery accepted last"
        before = f"; {spread} in the {which}"
    place = f"{breach.file_name}, line {breach.file_line}" if breach.file_name else ""
    shown = f' "{breach.example}" (A: a letter, 9: a digit)' if breach.example else ""
    evidence = f" Example:{shown}{' in ' if shown else ' '}{place}." if place else ""
    return (
        f"{breach.subject}: {breach.meaning}{of_column} is {_number(breach.figure_value)}{before}."
        f" Likeliest cause: {breach.likely_cause}.{evidence} {breach.what_to_do}."
    )


def _number(value: float | None) -> str:
    if value is None:
        return "unknown"
    return f"{value:,.0f}" if value >= 1_000 else f"{value:.4g}"
