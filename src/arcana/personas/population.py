"""Personas: what the components of a mixture are called, and who belongs to them.

`update` decides whether a fit is due, fits, judges the fit and adds it to the
registry; `assign` gives every customer its persona with the version in use. Between
the two stands nothing but the rows of the table `persona_mixture`.

A name is a claim: a component takes the nearest entry of the catalogue, on levels of
size, value, loyalty and engagement, several may take the same one, and one that is
near none has no name. Once given, a name stays with its component over refits.
"""

from __future__ import annotations

import datetime
import hashlib
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy.special import ndtri
from scipy.stats import rankdata

from arcana.errors import ArcanaError
from arcana.mixture import density as densities
from arcana.mixture import parameters
from arcana.mixture.parameters import FitError, Mixture
from arcana.personas import registry as registries
from arcana.personas.registry import LEVELS, Version

# Customers needed for a fit: below this a component is a handful of people.
MIN_CUSTOMERS = 200
MIN_CUSTOMERS_PER_FEATURE = 20

# More than this share of the features without information: the extract is not what
# it was, and what is found would be named after the few that are left.
MAX_UNINFORMATIVE_SHARE = 1 / 3
MIN_FEATURES = 3
MIN_STANDARD_DEVIATION = 1e-9
MAX_CORRELATION = 0.999

# A persona of fewer than this is nobody's job; one of more than that tells nobody apart.
MIN_PERSONA_SHARE = 0.02
MAX_PERSONA_SHARE = 0.95

# A refit that moves more customers than this needs a person who says yes.
MAX_MOVED_SHARE = 0.25

# Resamples that say how stable a persona is, the mean Jaccard index below which it is an
# accident of these customers (Hennig 2007), and how many may be in such personas: one of
# a hundred customers is often shaky, and no reason to refuse the seven that are not.
RESAMPLES = 5
MIN_STABILITY = 0.6
MAX_SHAKY_SHARE = 0.1

# Of each fit that only tests another one.
TEST_STARTS = 2

# Of customers whose columns were shuffled each by itself, nothing is left to find but the
# shapes of columns. What personas must know of how features go together, in nats a customer
# and above what a fit of shuffled columns does: planted ones know 1.3 and more.
MIN_DEPENDENCE = 0.3

# Normalised mutual information with the joint pattern of what is zero, from which on
# personas are that pattern told again.
MAX_PATTERN_INFORMATION = 0.7

# Who is nearly as likely somebody else; more than this and nobody knows who is who.
MAX_AMBIGUOUS_SHARE = 1 / 3

# Customers a fit looks at; more change next to nothing and cost seconds.
FIT_CUSTOMERS = 20_000

# A component further than this from every catalogue entry, in standard deviations of
# the customers' levels, is called nothing.
FURTHEST_NAME = 2.0

# How much nearer a persona is whose segments are twice as frequent in a component.
# Less than the step between two levels: segments lean, they do not decide.
SEGMENT_LEANING = 0.25

# Components of two versions with a larger Hellinger distance are not the same.
FURTHEST_MATCH = 0.9

# A persona is sure if it is at least this probable and this far ahead of the next.
MIN_PROBABILITY = 0.6
MIN_LEAD = 0.2

# What may be asked for: ten years, and more personas than anybody can tell apart.
MOST_REFIT_MONTHS = 120
MOST_PERSONAS = 50

REASONS = 5

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
    **{f"reason_{number}_feature": "text" for number in range(1, REASONS + 1)},
    **{f"reason_{number}_value": "double" for number in range(1, REASONS + 1)},
    "reason_rest": "double",
    "mixture_version": "bigint",
    "as_of_date": "date",
}


class PersonaError(ArcanaError):
    """Personas cannot be found or given; the message says what is wrong and where."""


@dataclass(frozen=True)
class Settings:
    """What a user may ask of the personas: the dbt vars, with their types made sure of."""

    refit: bool = False
    refit_after_months: int = 3
    accept_drift: bool = False
    persona_model: str = "hurdle"
    n_personas: int = 0

    @classmethod
    def from_vars(cls, **values) -> Settings:
        """Take dbt vars as YAML or the command line gave them; the message names the var."""
        models = sorted(parameters.FITS)
        months, most = MOST_REFIT_MONTHS, MOST_PERSONAS
        wanted = {
            "refit": ("true or false", lambda value: isinstance(value, bool)),
            "accept_drift": ("true or false", lambda value: isinstance(value, bool)),
            "refit_after_months": (
                f"a whole number from 1 to {months}",
                lambda value: type(value) is int and 1 <= value <= months,
            ),
            "n_personas": (
                f"0 (as many as are found) or a whole number from 2 to {most}",
                lambda value: type(value) is int and (value == 0 or 2 <= value <= most),
            ),
            "persona_model": (
                f"one of {', '.join(models)}",
                lambda value: isinstance(value, str) and value in models,
            ),
        }
        for name, (form, is_met) in wanted.items():
            if not is_met(values[name]):
                raise PersonaError(f"var '{name}' must be {form}, not {values[name]!r}")
        return cls(**values)


@dataclass(frozen=True)
class Context:
    """The day and the kind of extract that a build is about."""

    as_of_date: datetime.date
    is_synthetic: bool

    @classmethod
    def from_frame(cls, frame: pd.DataFrame) -> Context:
        """Take the one row of `int_build__context`."""
        if len(frame) != 1 or frame[["as_of_date", "is_synthetic"]].isna().any(axis=None):
            raise PersonaError(
                f"int_build__context has {len(frame)} rows or an unknown value;"
                " one row with as_of_date and is_synthetic is needed"
            )
        row = frame.iloc[0]
        return cls(pd.Timestamp(row["as_of_date"]).date(), bool(row["is_synthetic"]))


def update(
    registry: pd.DataFrame,
    customers: pd.DataFrame,
    features: pd.DataFrame,
    catalogue: pd.DataFrame,
    context: Context,
    settings: Settings,
) -> pd.DataFrame:
    """Return the registry, with one version more if a fit was due.

    A refused one is added as well. While no version was accepted, nobody is scored.

    Parameters
    ----------
    registry : pandas.DataFrame
        What `persona_mixture` held; no rows if there was none.
    customers, features, catalogue : pandas.DataFrame
        `customer_360` and the seeds `persona_features` and `persona_catalogue`.
    context, settings
        The day, the kind of extract, and what was asked.

    Raises
    ------
    PersonaError
        If the seeds and the customers do not fit together.
    registry.RegistryError
        If the registry is damaged.
    """
    registry = registries.checked(registry)
    population = Population.of(customers, features, catalogue)
    wanted = _settings_text(population, settings)
    previous = registries.in_use(registry, context.is_synthetic)
    because = _due(previous, wanted, context, settings)
    if because is None:
        return registry
    fingerprint = population.fingerprint(wanted, context, settings)
    if not settings.refit and _was_refused(registry, context, fingerprint):
        return registry
    version = Version(
        number=registries.next_number(registry),
        status=registries.REFUSED,
        reason=None,
        fitted_because=because,
        is_synthetic=context.is_synthetic,
        as_of_date=context.as_of_date,
        persona_model=settings.persona_model,
        settings=wanted,
        fingerprint=fingerprint,
        customer_count=len(population.ids),
    )
    version = _fitted(version, previous, population, settings, registry)
    return registries.append(registry, version)


def fit_columns(features: pd.DataFrame) -> list[str]:
    """Return the columns of `customer_360` that `update` reads."""
    _check_features(features)
    used = features.loc[features["role"].isin(["fit", "name"]), "feature"]
    return ["customer_id", "is_internal", *sorted({"segment", *used})]


def score_columns(version: Version | None) -> list[str]:
    """Return the columns of `customer_360` that `assign` reads."""
    used = () if version is None else version.mixture.features
    return ["customer_id", "is_internal", *used]


def assign(
    customers: pd.DataFrame, version: Version | None, catalogue: pd.DataFrame, context: Context
) -> pd.DataFrame:
    """Give every customer its persona, how sure that is, and why.

    The log-odds of the persona against the runner-up are told apart by feature: a
    value is the log density of the feature in the persona's likeliest component for
    this customer less that in the runner-up's. The five largest are named; the rest
    (the other features, the weights, further components of either) is one number, so
    that reasons and rest sum to the log-odds exactly.

    Internal customers take no part in the fit and get no persona; neither does one of
    whom no feature is known.

    Parameters
    ----------
    customers, catalogue : pandas.DataFrame
        `customer_360`, at least `score_columns`, and the seed `persona_catalogue`.
    version : Version or None
        The version in use, as read from the registry; None: nobody is scored.
    context : Context
        The day that is written beside each row.

    Returns
    -------
    pandas.DataFrame
        Columns as in `SCHEMA`, one row per customer, by customer_id. Text and whatever is
        the same for many is categorical: a million names are one byte each.
    """
    names = _names(catalogue)
    customers = _sorted(customers)
    if version is None:
        return _frame(
            {"customer_id": customers["customer_id"], "persona_status": NOT_SCORED},
            len(customers), None, context,
        )  # fmt: skip
    unknown = sorted({persona for persona in version.personas if persona is not None} - set(names))
    if unknown:
        raise PersonaError(
            f"persona_catalogue lacks persona_id {unknown[0]}, which version {version.number} of"
            " persona_mixture uses; put it back into seeds/persona_catalogue.csv"
        )
    X = _numbers(customers, version.mixture.features, f"version {version.number}")
    # An infinite value is clipped like any other; only a fit must not see one.
    is_scored = ~(np.isnan(X).all(axis=1) | customers["is_internal"].to_numpy(dtype=bool))
    scores = score(version, X)
    return _frame(
        {"customer_id": customers["customer_id"], **_described(scores, version, names, is_scored)},
        len(customers), version.number, context,
    )  # fmt: skip


@dataclass(frozen=True)
class Scores:
    """What the mixture says of n customers, before anything is rounded.

    Attributes
    ----------
    groups : tuple of (int or None)
        Personas found, ascending; None, the last if there, is near no catalogue entry.
    best, runner_up : ndarray of shape (n,)
        Positions in `groups`; a runner-up of -1 is none, where one group is all.
    component : ndarray of shape (n,)
        Position of the likeliest component within the best group; K is the noise.
    probability, runner_up_probability, log_odds : ndarray of shape (n,)
        Summed over a group's components.
    reason_feature, reason_value : ndarray of shape (n, 5)
        Positions in the mixture's features and their part of the log-odds, largest first.
    reason_rest : ndarray of shape (n,)
        Log-odds less the five.
    """

    groups: tuple
    best: np.ndarray
    runner_up: np.ndarray
    component: np.ndarray
    probability: np.ndarray
    runner_up_probability: np.ndarray
    log_odds: np.ndarray
    reason_feature: np.ndarray
    reason_value: np.ndarray
    reason_rest: np.ndarray


def score(version: Version, X: np.ndarray) -> Scores:
    """Score raw values, (n, d) in the order of the mixture's features, block by block."""
    groups, members = _groups(version)
    density, layout = version.mixture.density, version.mixture.layout
    compiled = density.compiled(layout)
    parts = []
    for rows in densities.blocks(len(X)) if len(X) else [slice(0, 0)]:
        Z = version.mixture.transform(X[rows])
        joint = compiled[0] @ layout.expanded(Z) + compiled[1][:, None]
        parts.append(_described_block(densities.compared(density, Z, joint, members)))
    return Scores(groups, *(np.concatenate(part) for part in zip(*parts)))  # noqa: B905


def _groups(version):
    """Personas found, None last, and the components of each; the noise is near no name."""
    personas = version.personas
    if version.mixture.noise_weight:
        personas = (*personas, None)
    groups = tuple(sorted({persona for persona in personas if persona is not None}))
    groups += (None,) if None in personas else ()
    return groups, [np.flatnonzero([p == group for p in personas]) for group in groups]


@dataclass(frozen=True)
class Population:
    """Customers as the fit and the naming see them: sorted, internal ones left out.

    Attributes
    ----------
    ids : ndarray of shape (n,)
        Ascending.
    X : ndarray of shape (n, d)
        Values of the features of role `fit`, NaN where unknown.
    fit_features : pandas.DataFrame
        Rows of the seed for the columns of X.
    levels : ndarray of shape (n, 4)
        Normal scores per level of the catalogue; NaN where nothing is known.
    segment : ndarray of shape (n,)
    catalogue : pandas.DataFrame
    """

    ids: np.ndarray
    X: np.ndarray
    fit_features: pd.DataFrame
    levels: np.ndarray
    segment: np.ndarray
    catalogue: pd.DataFrame

    @classmethod
    def of(cls, customers, features, catalogue) -> Population:
        """Check the three tables against one another and put them in order."""
        _check_features(features)
        _names(catalogue)
        customers = _sorted(customers)
        customers = customers[~customers["is_internal"].to_numpy(dtype=bool)]
        # By name: sums over features must not depend on the order of a file.
        numeric = features[features["kind"].isin(["normal", "hurdle"])].sort_values("feature")
        fit_features = numeric[numeric["role"] == "fit"]
        naming = numeric[numeric["role"].isin(["fit", "name"]) & numeric["level"].isin(LEVELS)]
        return cls(
            ids=customers["customer_id"].to_numpy(dtype=object),
            X=_numbers(customers, tuple(fit_features["feature"]), "persona_features"),
            fit_features=fit_features.reset_index(drop=True),
            levels=_levels(customers, naming),
            segment=customers["segment"].to_numpy(dtype=object),
            catalogue=catalogue.sort_values("persona_id").reset_index(drop=True),
        )

    @property
    def features(self) -> tuple:
        """Names of the columns of X."""
        return tuple(self.fit_features["feature"])

    @property
    def is_hurdle(self) -> np.ndarray:
        """True where zero means none."""
        return (self.fit_features["kind"] == "hurdle").to_numpy()

    def values(self, features: tuple) -> np.ndarray:
        """Return the named columns of X, in that order."""
        return self.X[:, [self.features.index(name) for name in features]]

    def sample(self) -> np.ndarray:
        """Return positions of the customers a fit looks at, the same for the same customers."""
        if len(self.ids) <= FIT_CUSTOMERS:
            return np.arange(len(self.ids))
        hashes = [hashlib.blake2b(str(key).encode(), digest_size=8).digest() for key in self.ids]
        return np.sort(np.argsort(np.array(hashes), kind="stable")[:FIT_CUSTOMERS])

    def take(self, which: np.ndarray) -> Population:
        """Return some of the customers, by position."""
        return replace(
            self,
            ids=self.ids[which],
            X=self.X[which],
            levels=self.levels[which],
            segment=self.segment[which],
        )

    def fingerprint(self, wanted: str, context: Context, settings: Settings) -> str:
        """Hash all that a fit depends on; equal fingerprints would fit the same again."""
        told = (wanted, context, settings.accept_drift, self.catalogue.to_csv(index=False))
        sha = hashlib.sha256(repr(told).encode())
        sha.update("\n".join(map(str, self.ids)).encode())
        sha.update(np.ascontiguousarray(self.X).tobytes())
        return sha.hexdigest()[:16]


def _settings_text(population, settings):
    features = ",".join(
        f"{name}:{kind}"
        for name, kind in population.fit_features[["feature", "kind"]].itertuples(index=False)
    )
    return f"{settings.persona_model}; n_personas {settings.n_personas}; {features}"


def _due(previous, wanted, context, settings):
    """Why a fit is due, or None."""
    if previous is None:
        return "no version was in use"
    if settings.refit:
        return "a refit was asked for"
    if previous.settings != wanted:
        return "the features or the model changed"
    age = _months_between(previous.as_of_date, context.as_of_date)
    if age >= settings.refit_after_months:
        return f"version {previous.number} is {age} months old"
    return None


def _was_refused(registry, context, fingerprint):
    """Whether the very same fit was tried last and refused: it would be refused again."""
    newest = registries.newest(registry, context.is_synthetic)
    return (
        newest is not None
        and newest.status == registries.REFUSED
        and newest.fingerprint == fingerprint
    )


def _months_between(start, end):
    """Whole calendar months from one day to another."""
    months = 12 * (end.year - start.year) + end.month - start.month
    return months - (end.day < start.day)


def _fitted(version, previous, population, settings, registry):
    """The version with its mixture, names and figures, accepted or refused."""
    if np.isinf(population.X).any():
        return replace(version, reason=_infinite(population.X, population.features))
    excluded = uninformative(population)
    needed = customers_needed(population, excluded)
    version = replace(version, excluded=excluded, customers_needed=needed)
    reason = unfit(population, excluded)
    if reason:
        return replace(version, reason=reason)
    keep = tuple(name for name in population.features if name not in excluded)
    chosen = population.sample()
    sample = population.take(chosen)
    try:
        mixture, group = _fit(sample, keep, settings, previous)
    except FitError as error:
        return replace(version, reason=str(error))

    responsibilities = parameters.responsibilities(mixture, population.values(keep))
    share = _by_group(responsibilities, group)
    levels = component_levels(population, share)
    personas, distance = named(population, share, levels)
    mixture, personas = _continued(
        mixture, group, personas, previous, registries.next_component(registry), population, levels
    )
    order = np.argsort(mixture.components)
    held = responsibilities.argmax(axis=1)
    found = replace(
        version,
        mixture=parameters.select(mixture, order),
        personas=tuple(personas[group[k]] for k in order),
        name_distance=distance[group[order]],
        levels=levels[group[order]],
        component_customers=np.bincount(held, minlength=len(order) + 1)[order],
    )
    found = _compared(found, previous, population)
    reason = _unconvincing(found, population) or _drifted(found, settings)
    if reason is None:
        found, reason = _tested(found, share[chosen].argmax(axis=1), sample, keep, settings)
    if reason:
        return replace(
            version,
            reason=reason,
            moved_share=found.moved_share,
            changes=found.changes,
            checks=found.checks,
        )
    return replace(found, status=registries.ACCEPTED)


def _fit(sample, keep, settings, previous=None, **options):
    is_kept = np.isin(sample.features, keep)
    return parameters.FITS[settings.persona_model](
        sample.values(keep),
        keep,
        sample.is_hurdle[is_kept],
        n_personas=settings.n_personas,
        previous=previous.mixture if previous else None,
        **options,
    )


def _by_group(responsibilities, group):
    """Responsibilities of K components, the noise left out, summed by group, (n, G)."""
    one_hot = (group[:, None] == np.arange(group.max() + 1)).astype(float)
    return responsibilities[:, : len(group)] @ one_hot


def _tested(found, groups, sample, keep, settings):
    """The version with what the tests measured, and why it is refused, or None."""
    scores = score(found, sample.values(found.mixture.features))
    labels = np.array([-1 if group is None else group for group in scores.groups])[scores.best]
    # Of groups and not of names: several of them may share one.
    information = _pattern_information(groups, sample)
    second = np.nan_to_num(scores.runner_up_probability)
    ambiguous = float(np.mean((labels >= 0) & _is_unsure(scores.probability, second)))
    dependence = parameters.dependence(found.mixture, sample.values(found.mixture.features))
    null_personas, null_dependence = _null_test(sample, keep, settings)
    stability = _stability(found, labels, sample, keep, settings)
    found = replace(
        found,
        stability=np.array([stability.get(persona, np.nan) for persona in found.personas]),
        checks=(
            f"dependence told {dependence:.2f} nats, in shuffled columns {null_dependence:.2f}"
            f" with {null_personas} personas; information shared with the pattern of zeros"
            f" {information:.2f}; ambiguous {ambiguous:.1%}; stability "
            + ", ".join(f"{persona}: {value:.2f}" for persona, value in sorted(stability.items()))
        ),
    )
    shaky = {p: value for p, value in sorted(stability.items()) if value < MIN_STABILITY}
    shaky_share = float(np.isin(labels, list(shaky)).mean())
    if settings.persona_model == "sklearn":
        # The reference, asked for by name: it finds personas in shuffled columns too.
        return found, None
    if dependence - null_dependence < MIN_DEPENDENCE:
        return found, (
            f"the personas tell {dependence:.2f} nats a customer of how features go together,"
            f" personas of shuffled columns {null_dependence:.2f}; at least {MIN_DEPENDENCE:g}"
            " more are needed"
        )
    if information >= MAX_PATTERN_INFORMATION:
        return found, (
            f"the personas repeat which features are zero (shared information {information:.2f},"
            f" at most {MAX_PATTERN_INFORMATION:g})"
        )
    if ambiguous > MAX_AMBIGUOUS_SHARE:
        return found, (
            f"{ambiguous:.1%} of the customers are nearly as likely somebody else, at most"
            f" {MAX_AMBIGUOUS_SHARE:.0%}"
        )
    # Who fixes the number of personas has said which risk to take.
    if shaky_share > MAX_SHAKY_SHARE and not settings.n_personas:
        told = ", ".join(f"persona {persona} {value:.2f}" for persona, value in shaky.items())
        return found, (
            f"{shaky_share:.1%} of the customers are in personas that resamples of the customers"
            f" do not find again, at most {MAX_SHAKY_SHARE:.0%}: {told}"
            f" (mean Jaccard index, at least {MIN_STABILITY:g})"
        )
    return found, None


def _pattern_information(groups, sample):
    """Normalised mutual information of groups and the joint pattern of what is zero."""
    # Only a fit needs it.
    from sklearn.metrics import normalized_mutual_info_score  # noqa: PLC0415

    is_zero = ~(sample.X[:, sample.is_hurdle] > 0)
    _, pattern = np.unique(is_zero, axis=0, return_inverse=True)
    return float(normalized_mutual_info_score(groups, pattern.ravel()))


def _null_test(sample, keep, settings):
    """Personas of some size found in shuffled columns, and what they tell of dependence."""
    stream = np.random.default_rng([parameters.SEED, 1])
    shuffled = replace(sample, X=stream.permuted(sample.X, axis=0))
    try:
        mixture, group = _fit(shuffled, keep, settings, starts=TEST_STARTS)
    except FitError:
        return 0, 0.0
    X = shuffled.values(keep)
    share = _by_group(parameters.responsibilities(mixture, X), group)
    sizes = np.bincount(share.argmax(axis=1), minlength=share.shape[1]) / len(share)
    return int((sizes >= MIN_PERSONA_SHARE).sum()), parameters.dependence(mixture, X)


def _stability(version, labels, sample, keep, settings):
    """Persona -> mean Jaccard index with what continues it in fits of resamples."""
    stream = np.random.default_rng([parameters.SEED, 2])
    found = {int(persona): [] for persona in np.unique(labels) if persona >= 0}
    for _ in range(RESAMPLES):
        # In order: equal customers stand together, as they do in what was parameters.
        resample = sample.take(np.sort(stream.integers(len(labels), size=len(labels))))
        try:
            mixture, group = _fit(resample, keep, settings, starts=TEST_STARTS)
        except FitError:
            again = np.full(len(labels), -1)
        else:
            share = _by_group(parameters.responsibilities(mixture, sample.values(keep)), group)
            levels = component_levels(sample, share)
            personas, _ = named(sample, share, levels)
            # As a refit would: a name stays, whatever the catalogue says today.
            _, personas = _continued(mixture, group, personas, version, 1, sample, levels)
            names = np.array([-1 if persona is None else persona for persona in personas])
            again = np.where(share.max(axis=1) > 0, names[share.argmax(axis=1)], -1)
        for persona, values in found.items():
            one, other = labels == persona, again == persona
            values.append((one & other).sum() / (one | other).sum())
    return {persona: float(np.mean(values)) for persona, values in found.items()}


def uninformative(population: Population) -> dict[str, str]:
    """Return features that tell no two customers apart, and why: unknown, constant, twice."""
    excluded = {}
    columns = []
    X = np.where(np.isnan(population.X) & population.is_hurdle, 0.0, population.X)
    for j, name in enumerate(population.features):
        known = ~np.isnan(population.X[:, j])
        if not known.any():
            excluded[name] = "unknown for every customer"
        elif np.nanstd(X[:, j]) < MIN_STANDARD_DEVIATION:
            excluded[name] = f"the same for every customer ({np.nanmax(X[:, j]):g})"
        else:
            columns.append(j)
    kept = []
    # As the fit sees them: on amounts one giant customer makes any two features alike.
    X = np.where(population.is_hurdle, np.sign(X) * np.log1p(np.abs(X)), X)
    for j in columns:
        twin = next((i for i in kept if _are_twins(X[:, i], X[:, j])), None)
        if twin is None:
            kept.append(j)
        else:
            excluded[population.features[j]] = f"says the same as {population.features[twin]}"
    return excluded


def _are_twins(first, second):
    both = ~(np.isnan(first) | np.isnan(second))
    if both.sum() < 3 or min(np.std(first[both]), np.std(second[both])) < MIN_STANDARD_DEVIATION:
        return False
    return abs(np.corrcoef(first[both], second[both])[0, 1]) > MAX_CORRELATION


def customers_needed(population: Population, excluded: dict[str, str]) -> int:
    """Return how many customers a fit of the features that are left needs."""
    left = len(population.features) - len(excluded)
    return max(MIN_CUSTOMERS, MIN_CUSTOMERS_PER_FEATURE * left)


def unfit(population: Population, excluded: dict[str, str]) -> str | None:
    """Return why these customers cannot be fitted, or None."""
    d = len(population.features)
    # First: of few customers many features are constant, and that is no fault of theirs.
    needed = customers_needed(population, excluded)
    if len(population.ids) < needed:
        return (
            f"{len(population.ids)} customers, at least {needed} are needed for"
            f" {d - len(excluded)} features"
        )
    unknown = [name for name, why in excluded.items() if why.startswith("unknown")]
    # A family that was not delivered leaves its features unknown and is no fault.
    faulty = len(excluded) - len(unknown)
    told = "; ".join(f"{name} is {why}" if name in unknown else f"{name}: {why}"
                     for name, why in sorted(excluded.items()))  # fmt: skip
    if faulty > MAX_UNINFORMATIVE_SHARE * (d - len(unknown)):
        return f"{faulty} of {d - len(unknown)} features tell no customers apart: {told}"
    if d - len(excluded) < MIN_FEATURES:
        return f"{d - len(excluded)} features are left, at least {MIN_FEATURES} are needed: {told}"
    return None


def _infinite(X, features):
    counts = np.isinf(X).sum(axis=0)
    return "; ".join(
        f"{name} has {count} infinite values"
        for name, count in zip(features, counts)  # noqa: B905
        if count
    )


def _levels(customers, naming):
    """Normal scores of every customer per level, meaned over the features that speak for it.

    Ranks and not amounts: money and counts are skewed beyond what a mean can say.
    """
    sums, weights = np.zeros((2, len(customers), len(LEVELS)))
    X = _numbers(customers, tuple(naming["feature"]), "persona_features")
    for j, row in enumerate(naming.itertuples(index=False)):
        x = X[:, j]
        if np.isnan(x).all():
            continue
        x = np.where(np.isnan(x), 0.0, x) if row.kind == "hurdle" else x
        known = ~np.isnan(x)
        axis = LEVELS.index(row.level)
        normal_score = ndtri((rankdata(x[known]) - 0.5) / known.sum())
        sums[known, axis] += row.sign * row.level_weight * normal_score
        weights[known, axis] += row.level_weight
    return np.divide(sums, weights, out=np.full(sums.shape, np.nan), where=weights > 0)


def component_levels(population: Population, responsibilities: np.ndarray) -> np.ndarray:
    """Mean level of each component's customers, in standard deviations of all, (K, 4).

    NaN where nothing is known of a level.
    """
    known = ~np.isnan(population.levels)
    sums = responsibilities.T @ np.where(known, population.levels, 0)
    weights = responsibilities.T @ known
    spread = np.full(len(LEVELS), np.nan)
    for axis in range(len(LEVELS)):
        if known[:, axis].any():
            spread[axis] = population.levels[known[:, axis], axis].std()
    spread = np.where(spread > MIN_STANDARD_DEVIATION, spread, np.nan)
    return np.divide(sums, weights, out=np.full(sums.shape, np.nan), where=weights > 0) / spread


def named(
    population: Population, responsibilities: np.ndarray, levels: np.ndarray
) -> tuple[list, np.ndarray]:
    """Name each component after the nearest catalogue entry, or not at all.

    Distance is Euclidean over the levels that are known; where two are about as near,
    the segments that a persona leans to decide. Nothing is claimed that was not measured,
    see `claimable`.

    Returns
    -------
    tuple[list of (int or None), ndarray of shape (K,)]
        persona_id, and the distance to the entry taken (to the nearest, if too far).
    """
    catalogue = population.catalogue
    entries = catalogue[[f"{level}_level" for level in LEVELS]].to_numpy(float)
    known = ~np.isnan(levels)
    compared = known[:, None] & ~np.isnan(entries)
    gaps = np.where(compared, np.nan_to_num(levels)[:, None] - np.nan_to_num(entries), 0)
    # Over fewer levels a distance is shorter: it is stretched to what four would give.
    stretch = len(LEVELS) / np.maximum(compared.sum(axis=2), 1)
    distance = np.sqrt((gaps**2).sum(axis=2) * stretch)
    distance = np.where(claimable(catalogue, levels), distance, np.inf)
    leaning = _segment_leaning(population, responsibilities)
    nearest = (distance - SEGMENT_LEANING * leaning).argmin(axis=1)
    taken = distance[np.arange(len(distance)), nearest]
    taken = np.where(known.any(axis=1), taken, np.inf)
    personas = [
        int(catalogue["persona_id"][entry]) if gap <= FURTHEST_NAME else None
        for entry, gap in zip(nearest, taken)  # noqa: B905
    ]
    return personas, np.where(np.isfinite(taken), taken, np.nan)


def claimable(catalogue: pd.DataFrame, levels: np.ndarray) -> np.ndarray:
    """Return which entries of a catalogue may be claimed of components, (K, E).

    An entry claims every level but 0, the mean of all customers. Where one that it claims
    is unknown, nobody is called so: nobody measured it. An entry with an empty level
    claims nothing of it, and is for those of whom that level is unknown.
    """
    entries = catalogue[[f"{level}_level" for level in LEVELS]].to_numpy(float)
    known = ~np.isnan(levels)[:, None]
    is_empty = np.isnan(entries)
    claims_unknown = (~known & ~is_empty & (entries != 0)).any(axis=2)
    says_too_little = (known & is_empty).any(axis=2)
    return ~(claims_unknown | says_too_little)


def _segment_leaning(population, responsibilities):
    """How much more frequent a persona's segments are in a component, in doublings, -1 to 1."""
    leaning = np.zeros((responsibilities.shape[1], len(population.catalogue)))
    size = responsibilities.sum(axis=0)
    for entry, segments in enumerate(population.catalogue["segments"]):
        if not isinstance(segments, str) or not segments:
            continue
        is_in = np.isin(population.segment.astype(str), segments.split("|")).astype(float)
        # A little is added to both shares, so that a rare segment cannot shout.
        share = (responsibilities.T @ is_in) / np.maximum(size, 1e-12) + 0.02
        leaning[:, entry] = np.clip(np.log2(share / (is_in.mean() + 0.02)), -1, 1)
    return leaning


def carried_over(
    mixture: Mixture, group: np.ndarray, personas: list, previous: Version | None, next_id: int
) -> tuple[Mixture, list]:
    """Give groups the names, and components the ids, of those they continue.

    Groups are paired with the personas of the version before, whatever the components
    each is made of; a group that continues none, or one without a name, keeps what the
    catalogue calls it. A component that continues none gets an id never given before.

    Parameters
    ----------
    mixture : Mixture
    group : ndarray of shape (K,)
        Which group each component belongs to.
    personas : list of (int or None)
        Of each group, by the catalogue.
    previous : Version or None
    next_id : int

    Returns
    -------
    tuple[Mixture, list of (int or None)]
        The mixture with its ids, and the persona of each group.
    """
    K = len(mixture.components)
    if previous is None:
        return replace(mixture, components=next_id + np.arange(K)), list(personas)
    earlier = {}
    for k, persona in enumerate(previous.personas):
        earlier.setdefault(f"component {k}" if persona is None else persona, []).append(k)
    carried = list(personas)
    pairs = parameters.match_components(
        parameters.pooled(previous.mixture, [np.array(ks) for ks in earlier.values()]),
        parameters.pooled(mixture, [np.flatnonzero(group == g) for g in range(len(personas))]),
        FURTHEST_MATCH,
    )
    names = list(earlier)
    components = np.zeros(K, dtype=np.int64)
    continued = parameters.match_components(previous.mixture, mixture, FURTHEST_MATCH)
    for k in range(K):
        if k in continued:
            components[k] = previous.mixture.components[continued[k]]
        else:
            components[k], next_id = next_id, next_id + 1
    for g in range(len(personas)):
        if g in pairs:
            name = names[pairs[g]]
        else:
            # One persona may have been two groups: then its components tell.
            members = [k for k in np.flatnonzero(group == g) if k in continued]
            heaviest = max(members, key=lambda k: mixture.weight[k], default=None)
            name = None if heaviest is None else previous.personas[continued[heaviest]]
        if name is not None and not isinstance(name, str):
            carried[g] = name
    return replace(mixture, components=components), carried


def _continued(mixture, group, personas, previous, next_id, population, levels):
    """`carried_over`, without names that claim what nobody measures, or no longer must do without.

    A name without a claim of use ends when use is measured, and the other way round.
    """
    catalogue = population.catalogue
    entry_of = {int(persona): entry for entry, persona in enumerate(catalogue["persona_id"])}
    may_be = claimable(catalogue, levels)
    mixture, carried = carried_over(mixture, group, personas, previous, next_id)
    return mixture, [
        name if name is None or name not in entry_of or may_be[g, entry_of[name]] else personas[g]
        for g, name in enumerate(carried)
    ]


def _compared(found, previous, population):
    """The version with who moved and what became of the personas of the version before."""
    if previous is None or not set(previous.mixture.features) <= set(population.features):
        return found
    before, after = (_labels(version, population) for version in (previous, found))
    return replace(
        found,
        moved_share=float(np.mean(before != after)),
        changes="; ".join(_changes(before, after)) or None,
    )


def _labels(version, population):
    """Persona of each customer, -1 for none, (n,)."""
    scores = score(version, population.values(version.mixture.features))
    return np.array([-1 if group is None else group for group in scores.groups])[scores.best]


def _changes(before, after):
    """Yield what became of personas: born or split from another, died or merged into one."""

    def most_went(persona, of, to):
        labels, counts = np.unique(to[of == persona], return_counts=True)
        other = int(labels[counts.argmax()])
        return other if other >= 0 and 2 * counts.max() > counts.sum() else None

    old, new = (set(labels[labels >= 0].tolist()) for labels in (before, after))
    for persona in sorted(new - old):
        source = most_went(persona, after, before)
        is_split = source is not None and source in new
        yield f"{persona} split from {source}" if is_split else f"{persona} born"
    for persona in sorted(old - new):
        target = most_went(persona, before, after)
        is_merged = target is not None and target in old
        yield f"{persona} merged into {target}" if is_merged else f"{persona} died"


def _unconvincing(found, population):
    """Why personas like these help nobody, or None."""
    if all(persona is None for persona in found.personas):
        return (
            f"no component is within {FURTHEST_NAME:g} of any persona of the catalogue"
            f" (distances {', '.join(f'{gap:.2f}' for gap in found.name_distance)})"
        )
    scores = score(found, population.values(found.mixture.features))
    shares = np.bincount(scores.best, minlength=len(scores.groups)) / len(population.ids)
    # Who is nobody is no persona.
    shares = shares[[group is not None for group in scores.groups]]
    if shares.max() > MAX_PERSONA_SHARE:
        return f"one persona holds {shares.max():.1%} of the customers: nothing to tell apart"
    if (shares >= MIN_PERSONA_SHARE).sum() < 2:
        return f"fewer than 2 personas hold {MIN_PERSONA_SHARE:.0%} of the customers"
    return None


def _drifted(found, settings):
    """Why a person has to look at this refit first, or None."""
    if settings.accept_drift or found.moved_share is None:
        return None
    if found.moved_share > MAX_MOVED_SHARE:
        return (
            f"{found.moved_share:.1%} of the customers would change persona, more than"
            f" {MAX_MOVED_SHARE:.0%}; accept_drift accepts it"
        )
    return None


def _described_block(found):
    """What `Scores` holds of a block that was compared."""
    n, d = found.contributions.shape
    rows = np.arange(n)
    probability = densities.normalised(found.log_density)
    runner_up = np.where(found.runner_up >= 0, probability[found.runner_up, rows], np.nan)
    terms = found.contributions
    largest = np.argsort(-np.abs(terms), axis=1, kind="stable")[:, :REASONS]
    values = np.take_along_axis(terms, largest, axis=1)
    rest = found.log_odds - values.sum(axis=1)
    if d < REASONS:
        padding = ((0, 0), (0, REASONS - d))
        largest = np.pad(largest, padding, constant_values=-1)
        values = np.pad(values, padding, constant_values=np.nan)
    return (
        found.best,
        found.runner_up,
        found.component,
        probability[found.best, rows],
        runner_up,
        found.log_odds,
        np.where(np.isnan(values), -1, largest),
        values,
        rest,
    )


def _is_unsure(probability, runner_up_probability):
    return (probability < MIN_PROBABILITY) | (probability - runner_up_probability < MIN_LEAD)


def _described(scores, version, names, is_scored):
    """Scores as columns of `SCHEMA`: ids, names, status, and numbers as they are published."""
    # One place more, for "no runner-up" at position -1.
    ids = np.array([np.nan if group is None else group for group in (*scores.groups, None)])
    labels = [names.get(group) for group in scores.groups]
    second = np.nan_to_num(scores.runner_up_probability)
    is_named = is_scored & ~np.isnan(ids[scores.best])
    is_ambiguous = is_named & _is_unsure(scores.probability, second)
    components = np.append(version.mixture.components, registries.NOISE)
    columns = {
        "persona_id": np.where(is_scored, ids[scores.best], np.nan),
        "persona_name": _texts(scores.best, labels, is_scored),
        "persona_status": _texts(
            np.where(is_ambiguous, 1, np.where(is_named, 0, 2)), (ASSIGNED, AMBIGUOUS, UNASSIGNED)
        ),
        "component": np.where(is_scored, components[scores.component], np.nan),
        "probability": _published(scores.probability, is_scored),
        "runner_up_persona_id": np.where(is_scored, ids[scores.runner_up], np.nan),
        "runner_up_persona_name": _texts(scores.runner_up, labels, is_scored),
        "runner_up_probability": _published(scores.runner_up_probability, is_scored),
        "is_ambiguous": is_ambiguous,
        "reason_rest": _published(scores.reason_rest, is_scored),
    }
    for number in range(REASONS):
        columns[f"reason_{number + 1}_feature"] = _texts(
            scores.reason_feature[:, number], version.mixture.features, is_scored
        )
        columns[f"reason_{number + 1}_value"] = _published(
            scores.reason_value[:, number], is_scored
        )
    return columns


def _texts(codes, texts, is_known=True):
    """Texts by position; none where the position is -1, the text is None or it is not known."""
    known = [text for text in texts if text is not None]
    # One place more, for -1.
    position = np.array([-1 if text is None else known.index(text) for text in (*texts, None)])
    return pd.Categorical.from_codes(np.where(is_known, position[codes], -1), known)


def _published(values, is_scored):
    # The last bits differ between processors; the sum turns a minus zero into a zero.
    return np.where(is_scored, np.round(values, 6) + 0.0, np.nan)


def _frame(columns, n, version, context):
    same = {"mixture_version": version, "as_of_date": context.as_of_date, "is_ambiguous": False}
    columns = {**dict.fromkeys(SCHEMA), **same, **columns}
    return pd.DataFrame({name: _series(columns[name], n) for name in SCHEMA}, copy=False)


def _series(values, n):
    if isinstance(values, (np.ndarray, pd.Categorical, pd.Series)):
        # The type is said: given objects, pandas guesses.
        return pd.Series(values, dtype=values.dtype, copy=False)
    same = [] if values is None else [values]
    codes = np.full(n, len(same) - 1, dtype=np.int8)
    return pd.Series(pd.Categorical.from_codes(codes, pd.Index(same, dtype=object)))


def _sorted(customers):
    for name in ("customer_id", "is_internal"):
        if name not in customers.columns:
            raise PersonaError(f"customer_360 lacks the column {name}")
    ids = customers["customer_id"]
    if not ids.is_monotonic_increasing:
        customers = customers.sort_values("customer_id", kind="stable").reset_index(drop=True)
    ids = customers["customer_id"].to_numpy(dtype=object)
    is_wrong = pd.isna(ids)
    is_wrong[1:] |= ids[1:] == ids[:-1]
    if is_wrong.any():
        raise PersonaError(
            f"customer_360 must have one row per customer_id; {ids[is_wrong][0]!r} has not"
        )
    return customers


def _numbers(customers, features, whose):
    missing = [name for name in features if name not in customers.columns]
    if missing:
        raise PersonaError(
            f"customer_360 lacks {', '.join(missing)}, which {whose} relies on; correct"
            " seeds/persona_features.csv or build customer_360 first"
        )
    X = np.empty((len(customers), len(features)))
    for j, name in enumerate(features):
        try:
            X[:, j] = pd.to_numeric(customers[name]).to_numpy(dtype=float, na_value=np.nan)
        except (TypeError, ValueError) as error:
            raise PersonaError(f"customer_360.{name} is not a number: {error}") from error
    return X


def _names(catalogue):
    """persona_id -> Portuguese name, after a look at the catalogue."""
    needed = ["persona_id", "name_pt", "segments", *(f"{level}_level" for level in LEVELS)]
    missing = [name for name in needed if name not in catalogue.columns]
    if missing:
        raise PersonaError(f"seeds/persona_catalogue.csv lacks the columns {', '.join(missing)}")
    if catalogue["persona_id"].duplicated().any():
        raise PersonaError("seeds/persona_catalogue.csv has a persona_id twice")
    levels = catalogue[[f"{level}_level" for level in LEVELS]].to_numpy(dtype=float)
    if (np.abs(levels) > 2).any() or np.isnan(levels).all(axis=1).any():
        raise PersonaError(
            "seeds/persona_catalogue.csv: a level must be a number from -2 to 2, or empty where a"
            " persona claims nothing of it, and not all four may be empty"
        )
    return {
        int(persona): name
        for persona, name in catalogue[["persona_id", "name_pt"]].itertuples(index=False)
    }


def _check_features(features):
    needed = ["feature", "kind", "role", "level", "sign", "level_weight"]
    missing = [name for name in needed if name not in features.columns]
    if missing:
        raise PersonaError(f"seeds/persona_features.csv lacks the columns {', '.join(missing)}")
    where = "seeds/persona_features.csv"
    twice = features.loc[features["feature"].duplicated(), "feature"]
    if len(twice):
        raise PersonaError(f"{where}: {twice.iloc[0]} stands there twice")
    for row in features[needed].itertuples(index=False):
        if row.role not in ("fit", "name", "describe"):
            raise PersonaError(f"{where}: {row.feature} has the role {row.role!r}; fit, name or"
                               " describe is needed")  # fmt: skip
        if row.role == "fit" and row.kind not in ("normal", "hurdle"):
            raise PersonaError(f"{where}: {row.feature} has the kind {row.kind!r}; normal or"
                               " hurdle is needed")  # fmt: skip
        if row.feature == "segment" and row.role == "fit":
            raise PersonaError(f"{where}: segment names and describes, it is never fitted")
        if isinstance(row.level, str) and not (row.sign in (-1, 1) and row.level_weight > 0):
            raise PersonaError(f"{where}: {row.feature} has the sign {row.sign!r} and the"
                               f" level_weight {row.level_weight!r}; 1 or -1 and a number above 0"
                               " are needed beside a level")  # fmt: skip
    if not (features["role"] == "fit").any():
        raise PersonaError(f"{where}: no feature has the role fit")
