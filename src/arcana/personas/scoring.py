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
# Features that are named one by one where the whole sum is written.
CONTRIBUTION_COUNT = 10
# What stands first and last in the sum.
PRIOR, REST = "prior", "rest"

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
    "reason_prior": "double",
    "reason_rest": "double",
    "mixture_version": "bigint",
    "as_of_date": "date",
}

CONTRIBUTION_SCHEMA = {
    "customer_id": "text",
    "position": "bigint",
    "term": "text",
    "contribution": "double",
    "customer_share": "double",
    "runner_up_share": "double",
}


def score_columns(version: Version | None) -> list[str]:
    """Return the columns of `customer_360` that `assign` reads."""
    used = () if version is None else version.kept_mixture.features
    return ["customer_id", "is_internal", *used]


def assign(
    customers: pd.DataFrame, version: Version | None, catalogue: pd.DataFrame, context: Context
) -> pd.DataFrame:
    """Give every customer its persona, how sure that is, and why.

    The log-odds of the persona against the runner-up are a sum: how common customers of
    this kind are in each (`reason_prior`), one value for every feature, of which the five
    largest are named, and the other features together (`reason_rest`).

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
    X, is_scored = _read_scored(customers, version)
    scores = score(version, X)
    columns = _published_columns(scores, version, names, is_scored)
    columns["customer_id"] = customers["customer_id"]
    return _build_frame(columns, len(customers), version.number, context)


def contributions(customers: pd.DataFrame, version: Version | None) -> pd.DataFrame:
    """Write the log-odds of persona against runner-up as the sum that they are, term by term.

    Parameters are those of `assign`.

    Returns
    -------
    pandas.DataFrame
        Columns as in `CONTRIBUTION_SCHEMA`, at most twelve rows per scored customer: `prior`,
        the ten features that add most, and `rest`. A feature that is unknown adds nothing
        and has no row. Shares (of all customers, 0 to 1) are in the row of the prior.
        Without a runner-up there are no log-odds, and no rows.
    """
    customers = sort_customers(customers)
    if version is None:
        return _build_contributions([])
    X, is_scored = _read_scored(customers, version)
    scores = score(version, X, CONTRIBUTION_COUNT)
    rows = np.flatnonzero(is_scored & (scores.runner_up >= 0))
    keys = customers["customer_id"].to_numpy()[rows]
    count = scores.reason_value.shape[1]
    names = np.array([*version.kept_mixture.features, ""], dtype=object)
    parts = [
        {
            "customer_id": keys,
            "position": 1,
            "term": PRIOR,
            "contribution": np.log(scores.share / scores.runner_up_share)[rows],
            "customer_share": scores.share[rows],
            "runner_up_share": scores.runner_up_share[rows],
        }
    ]
    for number in range(count):
        there = np.nan_to_num(scores.reason_value[rows, number]) != 0
        parts.append(
            {
                "customer_id": keys[there],
                "position": number + 2,
                "term": names[scores.reason_feature[rows, number][there]],
                "contribution": scores.reason_value[rows, number][there],
            }
        )
    parts.append(
        {
            "customer_id": keys,
            "position": CONTRIBUTION_COUNT + 2,
            "term": REST,
            "contribution": scores.reason_rest[rows],
        }
    )
    return _build_contributions(parts)


def _build_contributions(parts: list[dict]) -> pd.DataFrame:
    frames = [pd.DataFrame(part, columns=list(CONTRIBUTION_SCHEMA)) for part in parts]
    if not frames:
        return pd.DataFrame(
            {
                name: pd.Series(dtype=object if kind == "text" else float)
                for name, kind in CONTRIBUTION_SCHEMA.items()
            }
        )
    whole = pd.concat(frames, ignore_index=True)
    for name in ("contribution", "customer_share", "runner_up_share"):
        # As customer_personas rounds them.
        whole[name] = whole[name].astype(float).round(6) + 0.0
    return whole.sort_values(["customer_id", "position"], ignore_index=True)


def _read_scored(customers: pd.DataFrame, version: Version) -> tuple[np.ndarray, np.ndarray]:
    """Raw values (n, d) of sorted customers, and which of them are scored, (n,)."""
    X = read_numbers(customers, version.kept_mixture.features, f"version {version.number}")
    # An infinite value is clipped like any other; only a fit must not see one.
    is_internal = customers["is_internal"].to_numpy(dtype=bool)
    return X, ~(np.isnan(X).all(axis=1) | is_internal)


def score(version: Version, X: np.ndarray, reasons: int = REASON_COUNT) -> Scores:
    """Score raw values, (n, d) in the order of the mixture's features, persona by persona.

    The groups are personas found, ascending; None, the last if there, is near no
    catalogue entry.
    """
    return version.kept_mixture.scorer.score_groups(X, _group_components(version), reasons)


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
        "reason_prior": _round_published(np.log(scores.share / scores.runner_up_share), is_scored),
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
