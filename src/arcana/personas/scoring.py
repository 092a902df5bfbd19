"""Who belongs to which persona, how sure that is, and why."""

from __future__ import annotations

import numpy as np
import pandas as pd

from arcana.mixture.scoring import Scores
from arcana.personas import registry as registries
from arcana.personas.context import Context, PersonaError
from arcana.personas.population import read_names, read_numbers, sort_customers
from arcana.personas.registry import Version

# A persona is certain if it is at least this probable, and this much more than the next.
MIN_PROBABILITY = 0.6
MIN_LEAD = 0.2

REASON_COUNT = 5

ASSIGNED, AMBIGUOUS, UNASSIGNED, NOT_SCORED = "assigned", "ambiguous", "unassigned", "not_scored"

SCHEMA = {
    "customer_id": "text",
    "persona_id": "bigint",
    "persona_name": "text",
    "persona_status": "text",
    "component": "bigint",
    "probability": "double",
    "runner_up_persona_id": "bigint",
    "runner_up_persona_name": "text",
    "runner_up_probability": "double",
    "is_ambiguous": "boolean",
    **{f"reason_{number}_feature": "text" for number in range(1, REASON_COUNT + 1)},
    **{f"reason_{number}_value": "double" for number in range(1, REASON_COUNT + 1)},
    "reason_rest": "double",
    "mixture_version": "bigint",
    "as_of_date": "date",
}


def score_columns(version: Version | None) -> list[str]:
    """Return the columns of `customer_360` that `assign` reads."""
    used = () if version is None else version.kept_mixture.features
    return ["customer_id", "is_internal", *used]


def assign(
    customers: pd.DataFrame, version: Version | None, catalogue: pd.DataFrame, context: Context
) -> pd.DataFrame:
    """Give every customer its persona, how sure that is, and why.

    The log-odds of the persona against the runner-up are split by feature. A feature's
    value is its log density in the persona's likeliest component for this customer, minus
    that in the runner-up's. The five largest are named. The rest (other features, the
    weights, further components of both) is one number, so that reasons and rest sum to
    the log-odds exactly.

    Internal customers are not used in the fit and get no persona, nor do customers of
    whom no feature is known.

    Parameters
    ----------
    customers, catalogue : pandas.DataFrame
        `customer_360`, at least `score_columns`, and the seed `persona_catalogue`.
    version : Version or None
        The version in use, as read from the registry; None: no customer is scored.
    context : Context
        The day that is written beside each row.

    Returns
    -------
    pandas.DataFrame
        Columns as in `SCHEMA`, one row per customer, by customer_id. Text and whatever is
        the same for many is categorical: a million names are one byte each.
    """
    names = read_names(catalogue)
    customers = sort_customers(customers)
    if version is None:
        return _build_frame(
            {"customer_id": customers["customer_id"], "persona_status": NOT_SCORED},
            len(customers), None, context,
        )  # fmt: skip
    unknown = sorted({persona for persona in version.personas if persona is not None} - set(names))
    if unknown:
        raise PersonaError(
            f"persona_catalogue lacks persona_id {unknown[0]}, which version {version.number} of"
            " persona_mixture uses; put it back into seeds/persona_catalogue.csv"
        )
    X = read_numbers(customers, version.kept_mixture.features, f"version {version.number}")
    # An infinite value is clipped like any other; only a fit must not see one.
    is_scored = ~(np.isnan(X).all(axis=1) | customers["is_internal"].to_numpy(dtype=bool))
    scores = score(version, X)
    columns = _published_columns(scores, version, names, is_scored)
    columns["customer_id"] = customers["customer_id"]
    return _build_frame(columns, len(customers), version.number, context)


def score(version: Version, X: np.ndarray) -> Scores:
    """Score raw values, (n, d) in the order of the mixture's features, persona by persona.

    The groups are personas found, ascending; None, the last if there, is near no
    catalogue entry.
    """
    return version.kept_mixture.scorer.score_groups(X, _group_components(version), REASON_COUNT)


def _group_components(version):
    """Components of each persona found, None last; the noise is near no name."""
    personas = version.personas
    if version.kept_mixture.noise_weight:
        personas = (*personas, None)
    groups = tuple(sorted({persona for persona in personas if persona is not None}))
    groups += (None,) if None in personas else ()
    return {group: np.flatnonzero([p == group for p in personas]) for group in groups}


def is_unsure(probability, runner_up_probability):
    """Whether the best persona is not certain, (n,)."""
    return (probability < MIN_PROBABILITY) | (probability - runner_up_probability < MIN_LEAD)


def _published_columns(scores, version, names, is_scored):
    """Scores as columns of `SCHEMA`: ids, names, status, and numbers as they are published."""
    # One place more, for "no runner-up" at position -1.
    ids = np.array([np.nan if group is None else group for group in (*scores.groups, None)])
    labels = [names.get(group) for group in scores.groups]
    second = np.nan_to_num(scores.runner_up_probability)
    is_named = is_scored & ~np.isnan(ids[scores.best])
    is_ambiguous = is_named & is_unsure(scores.probability, second)
    components = np.append(version.kept_mixture.components, registries.NOISE)
    columns = {
        "persona_id": np.where(is_scored, ids[scores.best], np.nan),
        "persona_name": _as_categorical(scores.best, labels, is_scored),
        "persona_status": _as_categorical(
            np.where(is_ambiguous, 1, np.where(is_named, 0, 2)), (ASSIGNED, AMBIGUOUS, UNASSIGNED)
        ),
        "component": np.where(is_scored, components[scores.component], np.nan),
        "probability": _round_published(scores.probability, is_scored),
        "runner_up_persona_id": np.where(is_scored, ids[scores.runner_up], np.nan),
        "runner_up_persona_name": _as_categorical(scores.runner_up, labels, is_scored),
        "runner_up_probability": _round_published(scores.runner_up_probability, is_scored),
        "is_ambiguous": is_ambiguous,
        "reason_rest": _round_published(scores.reason_rest, is_scored),
    }
    for number in range(REASON_COUNT):
        columns[f"reason_{number + 1}_feature"] = _as_categorical(
            scores.reason_feature[:, number], version.kept_mixture.features, is_scored
        )
        columns[f"reason_{number + 1}_value"] = _round_published(
            scores.reason_value[:, number], is_scored
        )
    return columns


def _as_categorical(codes, texts, is_known=True):
    """Texts by position; none where the position is -1, the text is None or it is not known."""
    known = [text for text in texts if text is not None]
    # One place more, for -1.
    position = np.array([-1 if text is None else known.index(text) for text in (*texts, None)])
    return pd.Categorical.from_codes(np.where(is_known, position[codes], -1), known)


def _round_published(values, is_scored):
    # The last bits differ between processors; the sum turns a minus zero into a zero.
    return np.where(is_scored, np.round(values, 6) + 0.0, np.nan)


def _build_frame(columns, n, version, context):
    same = {"mixture_version": version, "as_of_date": context.as_of_date, "is_ambiguous": False}
    columns = {**dict.fromkeys(SCHEMA), **same, **columns}
    return pd.DataFrame({name: _build_series(columns[name], n) for name in SCHEMA}, copy=False)


def _build_series(values, n):
    if isinstance(values, (np.ndarray, pd.Categorical, pd.Series)):
        # The type is said: given objects, pandas guesses.
        return pd.Series(values, dtype=values.dtype, copy=False)
    same = [] if values is None else [values]
    codes = np.full(n, len(same) - 1, dtype=np.int8)
    return pd.Series(pd.Categorical.from_codes(codes, pd.Index(same, dtype=object)))
