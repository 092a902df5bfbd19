"""Other models on the user's own customers, beside the one that is in use.

The true personas of real customers are not known, so a model is judged by what it can be
held to: whether resamples of the customers give the same groups, whether it finds nothing
where there is nothing to find (columns shuffled each by itself), and how sure it is. What
`compare` finds is written to `data/compare/models.json` and changes nothing else.
"""

from __future__ import annotations

import json
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from rich.table import Table
from sklearn.metrics import adjusted_rand_score

from arcana.compare.baselines import RIVALS, Found
from arcana.engine import database, frames
from arcana.errors import ArcanaError
from arcana.job.publish import served_build
from arcana.mixture import parameters
from arcana.personas import fit_columns
from arcana.personas.gate import MIN_PERSONA_SHARE, find_uninformative, reason_unfit
from arcana.personas.population import Population

OURS = "hurdle mixture"

# Ward is quadratic in the customers, and more of them tell nothing new about a model.
MOST_CUSTOMERS = 4000
RESAMPLES = 3
SEED = 0

SEEDS = Path("seeds")

NOTES = {
    OURS: (
        "O padrão: zeros, contagens e valores desconhecidos como são.",
        "The default: zeros, counts and unknown values as they are.",
    ),
    "first pipeline": (
        "Valores brutos padronizados; encontra a forma das colunas.",
        "Raw values standardised; it finds the shape of the columns.",
    ),
    "sklearn on logs": (
        "Usa quase todos os componentes que recebe.",
        "Uses nearly all the components it is given.",
    ),
    "GMM + BIC": (
        "Acrescenta componentes até o limite: cada dobra da forma é um grupo.",
        "Adds components up to the limit: every wrinkle of a shape is a group.",
    ),
    "k-means": (
        "Grupos redondos e de tamanho igual; a silhueta prefere poucos.",
        "Round groups of equal size; the silhouette prefers few.",
    ),
    "Ward": (
        "Como k-means, em árvore; quadrático no número de clientes.",
        "Like k-means, as a tree; quadratic in the customers.",
    ),
    "HDBSCAN": (
        "Procura vazios entre grupos; personas se sobrepõem, e quase todos ficam sem grupo.",
        "Looks for gaps between groups; personas overlap, and nearly all are left out.",
    ),
}


class CompareError(ArcanaError):
    """There is nothing that could be compared; the message says what is missing."""


def compare(serve: Path, progress: Callable[[float], None] = lambda done: None) -> dict:
    """Fit every model to the served customers, to resamples and to shuffled columns of them.

    Parameters
    ----------
    serve : path of the served folder
    progress : called with 1 after each model

    Returns
    -------
    dict
        as_of_date, build_id, customers; rows: of each model found, stability (mean Jaccard
        index of its groups over resamples, weighted by size), null_found (groups in shuffled
        columns), certainty (mean probability of the group, null where it has none),
        unassigned (share), seconds, note_pt, note_en; agreement: models and the matrix of
        adjusted Rand indices.

    Raises
    ------
    CompareError
        If nothing is served, or too few customers or features.
    """
    build = served_build(serve)
    if build is None or not (serve / "customer_360.parquet").is_file():
        raise CompareError(f"Nothing is served in {serve}: run `arcana build` first.")
    X, hurdle = _customers(serve)
    models = {OURS: _ours, **RIVALS}
    rows, labels = [], {}
    for name, model in models.items():
        row, labels[name] = _judged(name, model, X, hurdle)
        rows.append(row)
        progress(1)
    return {
        "as_of_date": build["as_of_date"],
        "build_id": build["build_id"],
        "is_synthetic": build["is_synthetic"],
        "customers": len(X),
        "rows": rows,
        "agreement": {
            "models": list(models),
            "ari": [
                [round(float(adjusted_rand_score(labels[a], labels[b])), 4) for b in models]
                for a in models
            ],
        },
    }


def write(found: dict, file: Path) -> None:
    """Write the result in one step: a reader sees the old one or the new one."""
    file.parent.mkdir(parents=True, exist_ok=True)
    beside = file.with_suffix(".tmp")
    beside.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    beside.replace(file)


def table(found: dict) -> Table:
    """Show the result for a terminal."""
    shown = Table(title=f"{found['customers']:,} customers, as of {found['as_of_date']}")
    shown.add_column("model", no_wrap=True)
    for name in ("found", "stable", "shuffled", "sure", "without", "s", "ARI"):
        shown.add_column(name, justify="right", no_wrap=True)
    shown.caption = (
        "found: groups; stable: Jaccard index over resamples; shuffled: groups in shuffled"
        " columns; sure: mean probability; without: customers in no group; ARI: agreement"
        " with the first"
    )
    for row, ari in zip(found["rows"], found["agreement"]["ari"], strict=True):
        certainty = "–" if row["certainty"] is None else f"{row['certainty']:.2f}"
        shown.add_row(
            row["model"],
            str(row["found"]),
            f"{row['stability']:.2f}",
            str(row["null_found"]),
            certainty,
            f"{row['unassigned']:.0%}",
            f"{row['seconds']:.1f}",
            f"{ari[0]:.2f}",
        )
    return shown


def _customers(serve):
    """Values of the fit features, (n, d), of at most `MOST_CUSTOMERS`, and which are hurdles."""
    features, catalogue = (
        pd.read_csv(SEEDS / f"{name}.csv") for name in ("persona_features", "persona_catalogue")
    )
    with database.connect() as connection:
        customers = frames.to_pandas(
            connection.read_parquet(str(serve / "customer_360.parquet")),
            fit_columns(features),
        )
    people = Population.of(customers, features, catalogue)
    excluded = find_uninformative(people)
    reason = reason_unfit(people, excluded)
    if reason:
        raise CompareError(f"These customers cannot be compared: {reason}.")
    keep = [name not in excluded for name in people.features]
    X, hurdle = people.X[:, keep], people.is_hurdle[keep]
    chosen = np.random.default_rng(SEED).permutation(len(X))[:MOST_CUSTOMERS]
    return X[np.sort(chosen)], hurdle


def _ours(X, hurdle, seed):
    mixture, group = parameters.fit_hurdle(X, tuple(map(str, range(X.shape[1]))), hurdle, seed=seed)
    responsibilities = mixture.scorer.responsibilities(X)
    share = np.zeros((len(X), group.max() + 2))
    np.add.at(share.T, group, responsibilities[:, : len(group)].T)
    # The noise last, if there is one.
    share[:, -1] = responsibilities[:, len(group) :].sum(axis=1)
    labels = share.argmax(axis=1)
    return Found(np.where(labels == group.max() + 1, -1, labels), share.max(axis=1))


def _judged(name, model, X, hurdle):
    """One row of the result, and the labels of the customers."""
    stream = np.random.default_rng([SEED, 3])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        started = time.perf_counter()
        found = model(X, hurdle, SEED)
        seconds = time.perf_counter() - started
        null = model(stream.permuted(X, axis=0), hurdle, SEED)
        overlaps = []
        for _ in range(RESAMPLES):
            chosen = np.sort(stream.integers(len(X), size=len(X)))
            again = model(X[chosen], hurdle, SEED)
            overlaps.append(_overlap(found.labels[chosen], again.labels))
    is_in = found.labels >= 0
    certainty = None
    if found.probability is not None and is_in.any():
        certainty = round(float(found.probability[is_in].mean()), 4)
    note_pt, note_en = NOTES[name]
    row = {
        "model": name,
        "found": _groups(found.labels),
        "stability": round(float(np.mean(overlaps)), 4),
        "null_found": _groups(null.labels),
        "certainty": certainty,
        "unassigned": round(float(1 - is_in.mean()), 4),
        "seconds": round(seconds, 2),
        "note_pt": note_pt,
        "note_en": note_en,
    }
    return row, found.labels


def _groups(labels):
    """How many groups hold as much as a persona must."""
    sizes = np.bincount(labels[labels >= 0], minlength=1) / len(labels)
    return int((sizes >= MIN_PERSONA_SHARE).sum())


def _overlap(labels, again):
    """Jaccard index of each group with its likest among others, the mean weighted by size."""
    both = pd.crosstab(labels, again)
    sizes, others = both.sum(axis=1), both.sum(axis=0)
    union = np.add.outer(sizes.to_numpy(), others.to_numpy()) - both.to_numpy()
    best = pd.DataFrame(both.to_numpy() / union, both.index, both.columns)
    best = best.drop(columns=-1, errors="ignore").max(axis=1)
    in_groups = sizes.index >= 0
    if not in_groups.any():
        return 0.0
    return float(np.average(best[in_groups].fillna(0), weights=sizes[in_groups]))
