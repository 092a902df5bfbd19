"""The registry of personas: every mixture ever fitted, as rows of `persona_mixture`.

A version is four kinds of row, told apart by `component` and `feature`:

    component  feature  holds
    -1         *        the version: customers it was fitted on, criterion, share moved
    -1         <name>   the feature: how it is transformed, or why it was left out
    <id>       *        the component: persona, distance to its name, weight, levels
    <id>       <name>   mean, variance and zero probability of the feature in it

What belongs to the version (status, reason, date, settings) is repeated on each of its
rows. Rows are added and never changed. A component keeps its id across versions, and no
id is given twice; 0 is the noise, which has only a weight.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from arcana.errors import ArcanaError
from arcana.mixture.parameters import Mixture
from arcana.mixture.transforms import KINDS, Transform

# The row of the version or of a feature, not of a component.
NO_COMPONENT = -1

# The component of customers that fit no other.
NOISE = 0

# The row of the version or of a component, not of a feature.
ALL_FEATURES = "*"

LEVELS = ("size", "value", "loyalty", "engagement")

ACCEPTED, REFUSED = "accepted", "refused"

SCHEMA = {
    "mixture_version": "bigint",
    "status": "text",
    "reason": "text",
    "fitted_because": "text",
    "is_synthetic": "boolean",
    "as_of_date": "date",
    "persona_model": "text",
    "settings": "text",
    "fingerprint": "text",
    "component": "bigint",
    "feature": "text",
    "persona_id": "bigint",
    "name_distance": "double",
    "weight": "double",
    "zero_probability": "double",
    "mean": "double",
    "variance": "double",
    "transform": "text",
    "centre": "double",
    "scale": "double",
    "impute": "double",
    "smallest": "double",
    "implied_by": "text",
    "excluded": "text",
    "size_level": "double",
    "value_level": "double",
    "loyalty_level": "double",
    "engagement_level": "double",
    "customer_count": "bigint",
    "customers_needed": "bigint",
    "moved_share": "double",
    "changes": "text",
    "criterion": "double",
    "stability": "double",
    "checks": "text",
}


# Columns that were added later: an older registry is read without them.
ADDED = ("smallest", "implied_by", "changes", "checks", "customers_needed")


class RegistryError(ArcanaError):
    """The registry is damaged or of another layout; nothing is scored with it."""


@dataclass(frozen=True)
class Version:
    """One fit, in use or refused, and what was found out about it.

    Attributes
    ----------
    number : int
        Counts all versions, real and synthetic ones alike.
    reason : str or None
        Why it was refused.
    fitted_because : str
        What asked for the fit.
    settings, fingerprint : str
        What the fit depends on besides the customers; a hash of all that it saw.
    excluded : dict[str, str]
        Feature -> why it was left out of this fit.
    mixture : Mixture or None
        None if refused: what is not in use is not kept.
    personas : tuple of (int or None)
        Of each of K components; None is near no catalogue entry.
    name_distance : ndarray of shape (K,)
        To the nearest catalogue entry, in standard deviations of customers.
    levels : ndarray of shape (K, 4)
        As in `LEVELS`.
    component_customers : ndarray of shape (K,)
        Customers most likely in each component.
    stability : ndarray of shape (K,)
        Of each component's persona: mean Jaccard index over bootstraps of the fit.
    moved_share : float or None
        Share of customers that had another persona in the version before.
    changes : str or None
        Personas that were born, split, merged or died since the version before.
    checks : str or None
        What the gate measured.
    customers_needed : int or None
        For a fit of as many features as told customers apart; None where that was not looked at.
    """

    number: int
    status: str
    reason: str | None
    fitted_because: str
    is_synthetic: bool
    as_of_date: datetime.date
    persona_model: str
    settings: str
    fingerprint: str
    customer_count: int
    excluded: dict[str, str] = field(default_factory=dict)
    mixture: Mixture | None = None
    personas: tuple = ()
    name_distance: np.ndarray | None = None
    levels: np.ndarray | None = None
    component_customers: np.ndarray | None = None
    stability: np.ndarray | None = None
    moved_share: float | None = None
    changes: str | None = None
    checks: str | None = None
    customers_needed: int | None = None

    @property
    def kept_mixture(self) -> Mixture:
        """The mixture of a version that may be used; a refused one keeps none."""
        if self.mixture is None:
            raise RegistryError(f"version {self.number} was refused and keeps no mixture")
        return self.mixture


def append(registry: pd.DataFrame, version: Version) -> pd.DataFrame:
    """Return the rows there are and, after them, those of one more version."""
    rows = pd.DataFrame(_version_rows(version), columns=list(SCHEMA), dtype=object)
    return pd.concat([registry[list(SCHEMA)].astype(object), rows], ignore_index=True)


def check(registry: pd.DataFrame) -> pd.DataFrame:
    """Return the registry with every column; refuse one of another layout."""
    missing = [name for name in SCHEMA if name not in registry.columns]
    unknown = [name for name in missing if name not in ADDED]
    if unknown:
        raise RegistryError(
            f"persona_mixture lacks the columns {', '.join(unknown)}: it is damaged or of another"
            " layout. Restore it from data/serve/persona_mixture.parquet; to give up the identity"
            " of the personas and start anew, drop it there and in the build."
        )
    return registry.assign(**dict.fromkeys(missing))[list(SCHEMA)] if missing else registry


def next_number(registry: pd.DataFrame) -> int:
    """Return the number after the highest there is; the first is 1."""
    return int(registry["mixture_version"].max()) + 1 if len(registry) else 1


def next_component(registry: pd.DataFrame) -> int:
    """Return the id after the highest ever given to a component; the first is 1."""
    return max(int(registry["component"].max()), 0) + 1 if len(registry) else 1


def in_use(registry: pd.DataFrame, is_synthetic: bool) -> Version | None:
    """Return the newest accepted version of real or of synthetic customers, if there is one."""
    return _newest(registry, is_synthetic, {ACCEPTED})


def newest(registry: pd.DataFrame, is_synthetic: bool) -> Version | None:
    """Return the newest version of real or of synthetic customers, in use or refused."""
    return _newest(registry, is_synthetic, {ACCEPTED, REFUSED})


def _newest(registry, is_synthetic, statuses):
    registry = check(registry)
    if not len(registry):
        return None
    of_kind = registry["is_synthetic"].astype(bool) == bool(is_synthetic)
    numbers = registry.loc[of_kind & registry["status"].isin(statuses), "mixture_version"]
    return _read(registry, int(numbers.max())) if len(numbers) else None


def _read(registry, number) -> Version:
    rows = registry[registry["mixture_version"].astype("int64") == number]
    component = rows["component"].astype("int64")
    is_whole = rows["feature"] == ALL_FEATURES
    version_row = rows[(component == NO_COMPONENT) & is_whole]
    if len(version_row) != 1:
        raise _damaged_error(number, f"{len(version_row)} rows of the version itself instead of 1")
    row = version_row.iloc[0]
    feature_rows = rows[(component == NO_COMPONENT) & ~is_whole].sort_values("feature")
    left_out = feature_rows["excluded"].notna()
    fields = {
        "number": number,
        "status": row["status"],
        "reason": _or_none(row["reason"]),
        "fitted_because": row["fitted_because"],
        "is_synthetic": bool(row["is_synthetic"]),
        "as_of_date": row["as_of_date"],
        "persona_model": row["persona_model"],
        "settings": row["settings"],
        "fingerprint": row["fingerprint"],
        "customer_count": int(row["customer_count"]),
        "moved_share": _or_none(row["moved_share"]),
        "changes": _or_none(row["changes"]),
        "checks": _or_none(row["checks"]),
        "customers_needed": _int_or_none(row["customers_needed"]),
        "excluded": dict(
            feature_rows.loc[left_out, ["feature", "excluded"]].itertuples(index=False)
        ),
    }
    if row["status"] == REFUSED:
        return Version(**fields)
    noise_rows = rows[(component == NOISE) & is_whole]
    component_rows = rows[(component > NOISE) & is_whole].sort_values("component")
    value_rows = rows[(component > NOISE) & ~is_whole]
    return Version(
        **fields,
        mixture=_read_mixture(
            number, row, feature_rows[~left_out], noise_rows, component_rows, value_rows
        ),
        personas=tuple(
            None if pd.isna(persona) else int(persona) for persona in component_rows["persona_id"]
        ),
        name_distance=component_rows["name_distance"].to_numpy(float),
        levels=component_rows[[f"{level}_level" for level in LEVELS]].to_numpy(float),
        component_customers=component_rows["customer_count"].to_numpy(float).astype(np.int64),
        stability=component_rows["stability"].to_numpy(float),
    )


def _read_mixture(number, row, feature_rows, noise_rows, component_rows, value_rows) -> Mixture:
    features = tuple(feature_rows["feature"])
    components = component_rows["component"].to_numpy(float).astype(np.int64)
    if not features or not len(components):
        raise _damaged_error(number, "no row of a feature or none of a component")
    keys = pd.MultiIndex.from_product([components, features])
    found = pd.MultiIndex.from_arrays(
        [value_rows["component"].astype("int64"), value_rows["feature"]]
    )
    if not found.is_unique or len(components) != len(set(components)):
        raise _damaged_error(number, "rows twice")
    for told, these in (("missing", keys.difference(found)), ("unknown", found.difference(keys))):
        if len(these):
            raise _damaged_error(
                number,
                f"{len(these)} {told} rows, the first of component {these[0][0]},"
                f" feature {these[0][1]}",
            )
    values = value_rows.set_index(found).reindex(keys)
    shape = (len(components), len(features))
    mixture = Mixture(
        model=row["persona_model"],
        features=features,
        transform=Transform(
            kind=tuple(feature_rows["transform"]),
            smallest=feature_rows["smallest"].astype(float).fillna(0.0).to_numpy(),
            implied=_read_implied(number, features, feature_rows["implied_by"]),
            centre=feature_rows["centre"].to_numpy(float),
            scale=feature_rows["scale"].to_numpy(float),
            impute=feature_rows["impute"].to_numpy(float),
        ),
        components=components,
        weight=component_rows["weight"].to_numpy(float),
        noise_weight=float(noise_rows["weight"].iloc[0]) if len(noise_rows) else 0.0,
        zero_probability=values["zero_probability"].to_numpy(float).reshape(shape),
        mean=values["mean"].to_numpy(float).reshape(shape),
        variance=values["variance"].to_numpy(float).reshape(shape),
        criterion=float(row["criterion"]),
    )
    _check_numbers(number, mixture)
    return mixture


def _read_implied(number, features, implied_by):
    implied = np.zeros((len(features), len(features)), dtype=bool)
    for j, names in enumerate(implied_by):
        for name in [] if pd.isna(names) else names.split(","):
            if name not in features:
                raise _damaged_error(
                    number, f"{features[j]} is implied by {name}, which is no feature"
                )
            implied[features.index(name), j] = True
    return implied


def _check_numbers(number, mixture):
    unknown = sorted(set(mixture.transform.kind) - set(KINDS), key=str)
    if unknown:
        raise _damaged_error(number, f"transform {unknown[0]!r} is not known")
    hurdle = mixture.transform.is_hurdle
    numbers = {
        "centre": mixture.transform.centre,
        "scale": mixture.transform.scale,
        "smallest": mixture.transform.smallest,
        "weight": np.append(mixture.weight, mixture.noise_weight),
        "mean": mixture.mean,
        "variance": mixture.variance,
        "zero_probability": mixture.zero_probability[:, hurdle],
    }
    for name, values in numbers.items():
        if not np.isfinite(values).all():
            raise _damaged_error(number, f"{name} is not a number in some row")
    numbers["weight"] = mixture.weight
    for name in ("scale", "weight", "variance"):
        if not (numbers[name] > 0).all():
            raise _damaged_error(number, f"{name} is not above zero in some row")
    p = numbers["zero_probability"]
    if not ((p > 0) & (p < 1)).all():
        raise _damaged_error(number, "zero_probability is not between zero and one in some row")
    total = mixture.weight.sum() + mixture.noise_weight
    if abs(total - 1) > 1e-6:
        raise _damaged_error(
            number, f"weights sum to {total:.6f} and not to 1: a component is gone"
        )


def _damaged_error(number, what):
    return RegistryError(
        f"persona_mixture: version {number} is damaged ({what}); no customer is scored with it."
        " Restore the table from data/serve/persona_mixture.parquet of an earlier build."
    )


def _version_rows(version: Version) -> list[dict]:
    common = {
        "mixture_version": version.number,
        "status": version.status,
        "reason": version.reason,
        "fitted_because": version.fitted_because,
        "is_synthetic": version.is_synthetic,
        "as_of_date": version.as_of_date,
        "persona_model": version.persona_model,
        "settings": version.settings,
        "fingerprint": version.fingerprint,
    }
    mixture = version.mixture
    whole = {"component": NO_COMPONENT, "feature": ALL_FEATURES}
    rows = [
        {
            **whole,
            "customer_count": version.customer_count,
            "customers_needed": version.customers_needed,
            "moved_share": version.moved_share,
            "changes": version.changes,
            "checks": version.checks,
            "criterion": mixture.criterion if mixture else None,
        }
    ]
    rows += [
        {"component": NO_COMPONENT, "feature": name, "excluded": why}
        for name, why in sorted(version.excluded.items())
    ]
    if mixture:
        rows += _feature_rows(mixture)
        rows += _component_rows(version)
    return [{**dict.fromkeys(SCHEMA), **common, **row} for row in rows]


def _feature_rows(mixture):
    transform = mixture.transform
    for j, name in enumerate(mixture.features):
        implied_by = [mixture.features[g] for g in np.flatnonzero(transform.implied[:, j])]
        yield {
            "component": NO_COMPONENT,
            "feature": name,
            "transform": transform.kind[j],
            "centre": float(transform.centre[j]),
            "scale": float(transform.scale[j]),
            "impute": _or_none(float(transform.impute[j])),
            "smallest": float(transform.smallest[j]),
            "implied_by": ",".join(implied_by) or None,
        }


def _component_rows(version):
    mixture = version.mixture
    if mixture.noise_weight:
        yield {"component": NOISE, "feature": ALL_FEATURES, "weight": mixture.noise_weight}
    for k, component in enumerate(mixture.components):
        yield {
            "component": int(component),
            "feature": ALL_FEATURES,
            "persona_id": version.personas[k],
            "name_distance": _or_none(float(version.name_distance[k])),
            "weight": float(mixture.weight[k]),
            "customer_count": int(version.component_customers[k]),
            "stability": None if version.stability is None else _or_none(version.stability[k]),
            **{
                f"{level}_level": _or_none(float(version.levels[k, axis]))
                for axis, level in enumerate(LEVELS)
            },
        }
        for j, name in enumerate(mixture.features):
            yield {
                "component": int(component),
                "feature": name,
                "mean": float(mixture.mean[k, j]),
                "variance": float(mixture.variance[k, j]),
                "zero_probability": _or_none(float(mixture.zero_probability[k, j])),
            }


def _int_or_none(value):
    return None if pd.isna(value) else int(value)


def _or_none(value):
    return None if pd.isna(value) else value
