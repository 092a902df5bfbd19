"""Populations of customers with planted personas, as `customer_360` would hold them.

Log-normal money, counts with many zeros, values that are unknown: the shape of
the vendor's extract, small enough to be fitted within a test.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

SEEDS = Path(__file__).parents[2] / "seeds"

# Per persona: share, revenue band, log of money, months of tenure, share cancelled,
# (probability of usage, log of events), log of tickets (None: none), segment.
PERSONAS = {
    0: (0.24, 1.0, 3.6, 48, 0.45, (0.02, 1.0), (0.05, 0.0), "SERVICOS"),
    1: (0.05, 8.5, 8.2, 180, 0.08, (0.97, 6.0), (0.90, 2.2), "MANUFATURA"),
    2: (0.15, 4.0, 5.8, 190, 0.10, (0.04, 1.0), (0.15, 0.2), "DISTRIBUICAO"),
    3: (0.06, 9.5, 9.6, 185, 0.08, (0.50, 3.0), (0.45, 0.8), "LOGISTICA"),
    4: (0.18, 1.5, 5.6, 110, 0.15, (0.90, 4.6), (0.65, 1.2), "SERVICOS"),
    5: (0.05, 8.5, 8.4, 215, 0.05, (0.99, 9.5), (0.97, 3.6), "EDUCACIONAL"),
    6: (0.14, 8.0, 7.0, 150, 0.12, (0.98, 7.6), (0.92, 2.7), "MANUFATURA"),
    7: (0.13, 1.0, 4.4, 8, 0.30, (0.92, 7.0), (0.85, 2.2), "VAREJO"),
}
SEGMENTS = ("SERVICOS", "VAREJO", "MANUFATURA", "DISTRIBUICAO", "LOGISTICA", "EDUCACIONAL")


def customers(n=1500, seed=1, personas=PERSONAS):
    """Draw customers and the persona planted in each.

    Returns
    -------
    tuple[pandas.DataFrame, numpy.ndarray]
        Customers, one row each, and their planted persona_id.
    """
    random = np.random.default_rng(seed)
    shares = np.array([persona[0] for persona in personas.values()])
    truth = random.choice(list(personas), size=n, p=shares / shares.sum())
    rows = [_customer(random, personas[persona]) for persona in truth]
    frame = pd.DataFrame(rows)
    frame.insert(0, "customer_id", [f"T{number:06d}" for number in range(n)])
    return frame, truth


def _customer(random, persona):
    _, band, money, tenure, cancelled, (uses, events), (asks, tickets), segment = persona
    value = np.exp(random.normal(money, 0.7))
    is_user = random.random() < uses
    events_seen = 1 + int(np.exp(random.normal(events, 0.9))) if is_user else 0
    products = 1 + random.poisson(1.0 + band)
    return {
        "segment": segment if random.random() < 0.5 else random.choice(SEGMENTS),
        "revenue_band_rank": np.nan
        if random.random() < 0.47
        else float(np.clip(np.rint(random.normal(band, 1.5)), 0, 11)),
        "product_count": products,
        "mrr_brl": np.nan if random.random() < (0.4 if money < 5 else 0.05) else value,
        "active_contract_value_brl": 12 * value * np.exp(random.normal(0, 0.5))
        if random.random() > cancelled / 2
        else 0.0,
        "purchase_value_last_12_months_brl": 5 * value * np.exp(random.normal(0, 1.0))
        if random.random() < 0.45
        else 0.0,
        "proposal_item_count_last_12_months": random.poisson(0.4 * products)
        if random.random() < 0.4
        else 0,
        "tenure_months": max(0, int(random.normal(tenure, 6 + 0.15 * tenure))),
        "cancelled_contract_share": float(np.clip(random.beta(1 + 8 * cancelled, 9), 0, 1))
        if random.random() < 0.6
        else 0.0,
        "ticket_count_last_12_months": 1 + int(np.exp(random.normal(tickets, 0.8)))
        if random.random() < asks
        else 0,
        "usage_distinct_event_count": events_seen,
        "usage_module_count": 1 + random.binomial(min(events_seen, 30), 0.3) if is_user else 0,
        "nps_mean_score": float(np.clip(random.normal(8.2, 1.5), 0, 10))
        if random.random() < 0.4
        else np.nan,
        "is_internal": False,
    }
