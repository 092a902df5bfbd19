"""Answers to the questions of `page_questions`, with an effect and how sure it is.

`page_answers` counts, by question and dimension, the customers of each group and those who
meet what is asked; groups too small to be shown are one row without a name. Whether the groups
of a dimension differ is measured by Cramér's V and a chi-squared test, corrected for all that
were asked (Holm 1979); the interval of a group's share is Wilson's (1927). Where there is nothing
to meet, as in `where_is_the_revenue`, the shares are a description without a test.
"""

from __future__ import annotations

import importlib
from dataclasses import asdict, dataclass, field
from types import ModuleType

import duckdb
import numpy as np

# Of the interval of a share.
CONFIDENCE = 0.95


@dataclass(frozen=True)
class Comparison:
    """One dimension of a question.

    Attributes
    ----------
    groups : list of dict
        name, customers, share, low, high (95 %); largest share first.
    suppressed : int
        Customers in groups too small to be shown.
    effect : float or None
        Cramér's V; None where there is nothing to compare.
    p, p_adjusted : float or None
    """

    dimension: str
    label_pt: str
    label_en: str
    groups: list
    suppressed: int
    effect: float | None = None
    p: float | None = None
    p_adjusted: float | None = None


@dataclass(frozen=True)
class Answer:
    """A question, what was counted, and its dimensions; why not, where it has no answer."""

    key: str
    question_pt: str
    question_en: str
    measure_pt: str
    measure_en: str
    why_not_pt: str | None = None
    why_not_en: str | None = None
    comparisons: list = field(default_factory=list)

    def plain(self) -> dict:
        """The same as dictionaries and lists."""
        return asdict(self)


def load() -> ModuleType:
    """scipy's statistics: two seconds to import, which only the page needs."""
    return importlib.import_module("scipy.stats")


def answers(connection: duckdb.DuckDBPyConnection, smallest_cell: int) -> list[Answer]:
    """Read what was counted for every question and compare its groups.

    Parameters
    ----------
    connection : to a build
    smallest_cell : a group of fewer customers is not shown
    """
    nothing = (
        f"Sem dados: nenhum grupo com ao menos {smallest_cell} clientes de que se saiba.",
        f"No data: no group of at least {smallest_cell} customers of whom it is known.",
    )
    rows = connection.execute(
        "select question, dimension, label_pt, label_en, group_name, customer_count, met_count,"
        " group_share from page.page_answers order by question, dimension, group_name"
    ).fetchall()
    asked = []
    for key, question_pt, question_en, measure_pt, measure_en in connection.execute(
        "select question, question_pt, question_en, measure_pt, measure_en"
        " from page.page_questions order by sort_order"
    ).fetchall():
        comparisons = _compared([of for question, *of in rows if question == key])
        why_not = (None, None) if any(each.groups for each in comparisons) else nothing
        question = (question_pt, question_en, measure_pt, measure_en)
        asked.append(Answer(key, *question, why_not[0], why_not[1], comparisons))
    return _corrected(asked)


def _compared(rows):
    """A comparison of each dimension; rows: dimension, two labels, group, three figures."""
    found = []
    for dimension, label_pt, label_en in dict.fromkeys(row[:3] for row in map(tuple, rows)):
        of = [row[3:] for row in rows if row[0] == dimension]
        shown = [row for row in of if row[0] is not None and row[3] is not None]
        groups = [
            {"name": name, "customers": n, "share": share, **_interval(met, n)}
            for name, n, met, share in shown
        ]
        groups.sort(key=_place)
        hidden = sum(n for name, n, *_ in of if name is None)
        effect = _difference([(met, n) for _, n, met, _ in shown if met is not None])
        found.append(Comparison(dimension, label_pt, label_en, groups, hidden, *effect))
    return found


def _place(group):
    """Order of the groups: largest share first; of equal ones tenths by number, others by name."""
    name = group["name"]
    return -group["share"], int(name) if name.isdecimal() else 0, name


def _difference(groups):
    """Cramér's V and p of groups (met, customers); (None, None) where it says nothing."""
    counts = np.array([(met, n - met) for met, n in groups], dtype=np.int64).reshape(-1, 2)
    if len(counts) < 2 or (counts.sum(axis=0) == 0).any():
        return None, None
    stats = load()
    test = stats.chi2_contingency(counts, correction=False)
    return float(stats.contingency.association(counts, "cramer")), float(test.pvalue)


def _interval(met, n):
    if met is None:
        return {"low": None, "high": None}
    interval = load().binomtest(met, n).proportion_ci(CONFIDENCE, "wilson")
    return {"low": float(interval.low), "high": float(interval.high)}


def _corrected(asked):
    """Holm's correction over every comparison that was tested."""
    tested = sorted(
        (each.p, a, c)
        for a, answer in enumerate(asked)
        for c, each in enumerate(answer.comparisons)
        if each.p is not None
    )
    adjusted, highest = {}, 0.0
    for rank, (p, a, c) in enumerate(tested):
        highest = max(highest, min(1.0, p * (len(tested) - rank)))
        adjusted[a, c] = highest
    return [
        Answer(
            **{
                **vars(answer),
                "comparisons": [
                    Comparison(**{**vars(each), "p_adjusted": adjusted.get((a, c))})
                    for c, each in enumerate(answer.comparisons)
                ],
            }
        )
        for a, answer in enumerate(asked)
    ]
