"""Tell why a delivery was not accepted: the breached checks of a build, in sentences.

The checks themselves are the model `quality_delivery_checks`, their limits the seed
`delivery_checks`.
"""

from __future__ import annotations

from collections.abc import Iterator

import duckdb

from arcana import families

SPINE, PERSONAS = "spine", "personas"

# More breaches of one subject say the same thing again.
TOLD_PER_SUBJECT = 2

# Where keys do not fit, everything that is looked up by them fails as well.
KEY_FIGURES = ("met_key_share", "known_key_share")

PERSONAS_LOST = (
    "personas: over half of the customers who had a persona have none now. Look at the features"
    " that changed (quality_delivery_figures); if the new state is right:"
    " arcana build --accept-data personas."
)


def names() -> list[str]:
    """What --accept-data may name."""
    return [*families.load(), SPINE, PERSONAS]


def breaches(connection: duckdb.DuckDBPyConnection) -> Iterator[str]:
    """The breached checks that are not accepted, as lines, the spine's first.

    Parameters
    ----------
    connection : open on a build file in which quality_delivery_checks is built
    """
    rows = connection.execute(
        "select subject, figure, column_name, meaning, compared_with, figure_value,"
        " baseline_value, lowest_before, highest_before, compared_count, likely_cause,"
        " what_to_do, example, file_name, file_line from quality.quality_delivery_checks"
        " where is_breached and not is_accepted"
        " order by subject != 'spine', subject, figure not like '%key_share',"
        " figure in ('unknown_share', 'zero_share'), figure, column_name, compared_with"
    ).fetchall()
    # A figure may be beyond two limits at once; the comparison says more.
    breached = {(row[0], row[1], row[2]): row for row in sorted(rows, key=_is_compared)}
    by_subject = {}
    for row in rows:
        by_subject.setdefault(row[0], {})[row[1], row[2]] = breached[row[0], row[1], row[2]]
    keys_of_spine = (SPINE, KEY_FIGURES[0], "") in breached
    for subject, found in by_subject.items():
        if keys_of_spine and subject != SPINE:
            continue
        own = list(found.values())
        shown = 1 if own[0][1] == KEY_FIGURES[1] else TOLD_PER_SUBJECT
        for row in own[:shown]:
            yield _sentence(*row)
        if len(own) > shown:
            yield f"{subject}: {len(own) - shown} more in quality_delivery_checks."
    others = [subject for subject in by_subject if subject != SPINE]
    if keys_of_spine and others:
        yield f"Because of it {', '.join(others)} fail as well."
    options = " ".join(f"--accept-data {subject}" for subject in by_subject)
    yield f"If the data are right as they are: arcana build {options}"


def _is_compared(row: tuple) -> bool:
    return row[4] != "nothing"


def _sentence(
    subject, figure, column, meaning, compared_with, now, median, lowest, highest, count, cause,
    action, example, file, line,
) -> str:  # fmt: skip
    of_column = f" ({column})" if column else ""
    before = ""
    if compared_with != "nothing":
        spread = _number(median) if count == 1 else f"{_number(lowest)} to {_number(highest)}"
        which = "delivery accepted last" if count == 1 else f"{count} deliveries accepted last"
        before = f"; {spread} in the {which}"
    place = f"{file}, line {line}" if file else ""
    shown = f' "{example}" (A: a letter, 9: a digit)' if example else ""
    evidence = f" Example:{shown}{' in ' if shown else ' '}{place}." if place else ""
    return (
        f"{subject}: {meaning}{of_column} is {_number(now)}{before}."
        f" Likeliest cause: {cause}.{evidence} {action}."
    )


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 1_000 else f"{value:.4g}"
