"""Answers to the questions in `analyses/`, with an effect and how sure it is.

Each question is one SQL file that returns groups: `dimension, group_name, customer_count,
met_count`. Whether the groups of a dimension differ is told by Cramér's V and a chi-squared
test, corrected for all that were asked (Holm 1979); the interval of a group's share is
Wilson's (1927). Groups under `SMALLEST_CELL` customers are never told. One file,
`where_is_the_revenue`, is a description without a test.
"""

from __future__ import annotations

import importlib
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import ModuleType

import duckdb
import numpy as np
from scipy.special import ndtri

SMALLEST_CELL = 10

# From here on a difference is worth a sentence (Cohen 1988: small .1, medium .3, large .5).
LEAST_EFFECT = 0.1
SURE = 0.05
DEVIATES = float(ndtri(1 - SURE / 2))

REVENUE = "where_is_the_revenue"

QUESTIONS = {
    "does_satisfaction_differ": (
        "A satisfação difere por segmento, porte e tempo de casa?",
        "Does satisfaction differ by segment, size and tenure?",
        "promotores na última resposta",
        "promoters in the last answer",
    ),
    "do_tickets_go_with_usage": (
        "Quem usa mais abre mais tickets?",
        "Do tickets go with usage?",
        "abriram ticket em 12 meses",
        "opened a ticket in 12 months",
    ),
    "where_is_the_revenue": (
        "Onde se concentra o valor?",
        "Where is value concentrated?",
        "parte do MRR, por décimo dos clientes",
        "part of MRR, by tenth of customers",
    ),
    "who_buys_again": (
        "Quem compra de novo?",
        "Who buys again?",
        "compraram duas vezes ou mais em 12 meses",
        "bought twice or more in 12 months",
    ),
    "which_surveys_reach_whom": (
        "Que pesquisas alcançam quem?",
        "Which surveys reach whom?",
        "responderam alguma vez",
        "ever answered",
    ),
    "what_distinguishes_cancelled_contracts": (
        "O que distingue os contratos cancelados?",
        "What distinguishes cancelled contracts?",
        "cancelaram um contrato deste tipo",
        "cancelled a contract of this kind",
    ),
    "who_is_left_out_of_telemetry": (
        "Como são os clientes sem telemetria?",
        "What do customers without telemetry look like?",
        "sem telemetria",
        "without telemetry",
    ),
}

DIMENSIONS = {
    "segment": ("Segmento", "Segment"),
    "size_group": ("Porte", "Size"),
    "tenure_band": ("Tempo de casa", "Tenure"),
    "usage_group": ("Eventos diferentes usados", "Different events used"),
    "mrr_tenth": ("Décimo dos clientes por MRR", "Tenth of customers by MRR"),
    "commercial_model": ("Modalidade comercial", "Commercial model"),
    "product_line": ("Linha de produto", "Product line"),
    "billing_period": ("Periodicidade", "Billing period"),
    "nps_relational": ("NPS relacional", "Relational NPS"),
    "nps_acquisition": ("NPS aquisição", "Acquisition NPS"),
    "nps_implementation": ("NPS implantação", "Implementation NPS"),
    "nps_onboarding": ("NPS onboarding", "Onboarding NPS"),
    "nps_product": ("NPS produto", "Product NPS"),
    "nps_support": ("NPS suporte", "Support NPS"),
}


@dataclass(frozen=True)
class Comparison:
    """One dimension of a question.

    Attributes
    ----------
    groups : list of dict
        name, customers, share, low, high (95 %); largest share first.
    suppressed : int
        Customers in groups too small to be told.
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


def answers(connection: duckdb.DuckDBPyConnection, compiled: Path) -> list[Answer]:
    """Run every question's compiled SQL on a build and compare its groups.

    Parameters
    ----------
    connection : to the build file, whose name the compiled SQL holds
    compiled : folder with the compiled analyses
    """
    asked = []
    for key, texts in QUESTIONS.items():
        rows = connection.execute((compiled / f"{key}.sql").read_text("utf-8")).fetchall()
        describe = _revenue if key == REVENUE else _compared
        comparisons = describe(rows)
        nothing = (None, None)
        if not any(each.groups for each in comparisons):
            nothing = (
                "Sem dados: nenhum grupo com ao menos 10 clientes de que se saiba.",
                "No data: no group of at least 10 customers of whom it is known.",
            )
        asked.append(Answer(key, *texts, *nothing, comparisons))
    return _corrected(asked)


def _compared(rows):
    found = []
    for dimension in dict.fromkeys(row[0] for row in rows):
        of = [(name, n, met) for each, name, n, met in rows if each == dimension]
        told = [(name, n, met) for name, n, met in of if n >= SMALLEST_CELL]
        groups = [
            {"name": name, "customers": n, "share": met / n, **_interval(met, n)}
            for name, n, met in told
        ]
        groups.sort(key=lambda group: (-group["share"], group["name"]))
        hidden = sum(n for _, n, _ in of) - sum(n for _, n, _ in told)
        label = DIMENSIONS.get(dimension, (dimension, dimension))
        found.append(Comparison(dimension, *label, groups, hidden, *_difference(told)))
    return found


def _difference(told):
    """Cramér's V and p of a table of groups, met or not; (None, None) where it says nothing."""
    counts = np.array([(met, n - met) for _, n, met in told], dtype=float).reshape(-1, 2)
    if len(counts) < 2 or (counts.sum(axis=0) == 0).any():
        return None, None
    test = load().chi2_contingency(counts, correction=False)
    return float(np.sqrt(test.statistic / counts.sum())), float(test.pvalue)


def _interval(met, n):
    z = DEVIATES
    centre, spread = met + z * z / 2, z * np.sqrt(met * (n - met) / n + z * z / 4)
    return {
        "low": float(max((centre - spread) / (n + z * z), 0.0)),
        "high": float(min((centre + spread) / (n + z * z), 1.0)),
    }


def _revenue(rows):
    groups = [
        {"name": str(tenth), "customers": n, "share": share, "low": None, "high": None}
        for tenth, n, _, share in rows
        if n >= SMALLEST_CELL and share is not None
    ]
    return [Comparison("mrr_tenth", *DIMENSIONS["mrr_tenth"], groups, 0)]


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
