"""Whether customers can be fitted, and whether what was found may be used."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from arcana.mixture import parameters
from arcana.mixture.parameters import FitError
from arcana.personas import naming
from arcana.personas.fitting import fit_mixture, sum_by_group
from arcana.personas.naming import FURTHEST_NAME
from arcana.personas.population import MIN_STANDARD_DEVIATION, Population
from arcana.personas.scoring import is_unsure, score

# Customers needed for a fit: below this a component is a handful of people.
MIN_CUSTOMERS = 200
MIN_CUSTOMERS_PER_FEATURE = 20

# More than this share of the features without information: the extract is not what
# it was, and what is found would be named after the few that are left.
MAX_UNINFORMATIVE_SHARE = 1 / 3
MIN_FEATURES = 3
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
    kept: list[int] = []
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


def infinite(X, features):
    """Say which features have infinite values, and how many."""
    counts = np.isinf(X).sum(axis=0)
    return "; ".join(
        f"{name} has {count} infinite values"
        for name, count in zip(features, counts)  # noqa: B905
        if count
    )


def unconvincing(found, population):
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


def drifted(found, settings):
    """Why a person has to look at this refit first, or None."""
    if settings.accept_drift or found.moved_share is None:
        return None
    if found.moved_share > MAX_MOVED_SHARE:
        return (
            f"{found.moved_share:.1%} of the customers would change persona, more than"
            f" {MAX_MOVED_SHARE:.0%}; accept_drift accepts it"
        )
    return None


def tested(found, groups, sample, keep, settings):
    """The version with what the tests measured, and why it is refused, or None."""
    scores = score(found, sample.values(found.mixture.features))
    labels = np.array([-1 if group is None else group for group in scores.groups])[scores.best]
    # Of groups and not of names: several of them may share one.
    information = _pattern_information(groups, sample)
    second = np.nan_to_num(scores.runner_up_probability)
    ambiguous = float(np.mean((labels >= 0) & is_unsure(scores.probability, second)))
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
        mixture, group = fit_mixture(shuffled, keep, settings, starts=TEST_STARTS)
    except FitError:
        return 0, 0.0
    X = shuffled.values(keep)
    share = sum_by_group(mixture.scorer.responsibilities(X), group)
    sizes = np.bincount(share.argmax(axis=1), minlength=share.shape[1]) / len(share)
    return int((sizes >= MIN_PERSONA_SHARE).sum()), parameters.dependence(mixture, X)


def _stability(version, labels, sample, keep, settings):
    """Persona -> mean Jaccard index with what continues it in fits of resamples."""
    stream = np.random.default_rng([parameters.SEED, 2])
    found: dict[int, list[float]] = {
        int(persona): [] for persona in np.unique(labels) if persona >= 0
    }
    for _ in range(RESAMPLES):
        # In order: equal customers stand together, as they do in what was fitted.
        resample = sample.take(np.sort(stream.integers(len(labels), size=len(labels))))
        try:
            mixture, group = fit_mixture(resample, keep, settings, starts=TEST_STARTS)
        except FitError:
            again = np.full(len(labels), -1)
        else:
            share = sum_by_group(mixture.scorer.responsibilities(sample.values(keep)), group)
            levels = naming.component_levels(sample, share)
            personas, _ = naming.named(sample, share, levels)
            # As a refit would: a name stays, whatever the catalogue says today.
            _, personas = naming.continue_identities(
                mixture, group, personas, version, 1, sample, levels
            )
            names = np.array([-1 if persona is None else persona for persona in personas])
            again = np.where(share.max(axis=1) > 0, names[share.argmax(axis=1)], -1)
        for persona, values in found.items():
            one, other = labels == persona, again == persona
            values.append((one & other).sum() / (one | other).sum())
    return {persona: float(np.mean(values)) for persona, values in found.items()}
