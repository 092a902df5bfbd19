"""Whether customers can be fitted, and whether what was found may be used."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from arcana.mixture import parameters
from arcana.mixture.parameters import FitError
from arcana.personas import naming
from arcana.personas.fitting import fit_mixture, sum_by_group
from arcana.personas.naming import MAX_NAME_DISTANCE
from arcana.personas.population import MIN_STANDARD_DEVIATION, Population
from arcana.personas.scoring import is_unsure, score

# Customers needed for a fit: with fewer, a component has too few customers to be estimated.
MIN_CUSTOMERS = 200
MIN_CUSTOMERS_PER_FEATURE = 20

# If more than this share of the features has no information, the extract has probably
# changed, and personas would rest on the few features that are left.
MAX_UNINFORMATIVE_SHARE = 1 / 3
MIN_FEATURES = 3
MAX_CORRELATION = 0.999

# Smaller personas are not actionable; a larger one does not tell customers apart.
MIN_PERSONA_SHARE = 0.02
MAX_PERSONA_SHARE = 0.95

# A refit that moves more customers than this is accepted only if a person asks for it.
MAX_MOVED_SHARE = 0.25

# Stability is the mean Jaccard index of a persona over so many resamples. Below the minimum
# the persona is probably chance (Hennig 2007). A fit is refused only if such personas hold
# many customers: a persona of a hundred customers is often unstable, and the others are not.
RESAMPLES = 5
MIN_STABILITY = 0.6
MAX_SHAKY_SHARE = 0.1

# Starts of a fit that only tests another fit.
TEST_STARTS = 2

# Dependence between features that the personas explain, in nats per customer, above what a
# fit of shuffled columns explains. Shuffling each column by itself removes all dependence
# and keeps the shape of each column. Planted personas explain 1.3 and more.
MIN_DEPENDENCE = 0.3

# From this normalised mutual information on, personas only repeat which features are zero.
MAX_PATTERN_INFORMATION = 0.7

# Largest share of customers whose persona may be ambiguous.
MAX_AMBIGUOUS_SHARE = 1 / 3


def find_uninformative(population: Population) -> dict[str, str]:
    """Return features without information, and why: unknown, constant, a copy of another."""
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
    # On logarithms, as in the fit: on amounts, one very large customer makes any two
    # features correlate.
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


def count_customers_needed(population: Population, excluded: dict[str, str]) -> int:
    """Return how many customers a fit of the features that are left needs."""
    left = len(population.features) - len(excluded)
    return max(MIN_CUSTOMERS, MIN_CUSTOMERS_PER_FEATURE * left)


def reason_unfit(population: Population, excluded: dict[str, str]) -> str | None:
    """Return why these customers cannot be fitted, or None."""
    d = len(population.features)
    # Checked first: with few customers many features are constant, which is not their fault.
    needed = count_customers_needed(population, excluded)
    if len(population.ids) < needed:
        return (
            f"{len(population.ids)} customers, at least {needed} are needed for"
            f" {d - len(excluded)} features"
        )
    unknown = [name for name, why in excluded.items() if why.startswith("unknown")]
    # A family that was not delivered leaves its features unknown; that is allowed.
    faulty = len(excluded) - len(unknown)
    told = "; ".join(f"{name} is {why}" if name in unknown else f"{name}: {why}"
                     for name, why in sorted(excluded.items()))  # fmt: skip
    if faulty > MAX_UNINFORMATIVE_SHARE * (d - len(unknown)):
        return f"{faulty} of {d - len(unknown)} features tell no customers apart: {told}"
    if d - len(excluded) < MIN_FEATURES:
        return f"{d - len(excluded)} features are left, at least {MIN_FEATURES} are needed: {told}"
    return None


def describe_infinite(X, features):
    """Say which features have infinite values, and how many."""
    counts = np.isinf(X).sum(axis=0)
    return "; ".join(
        f"{name} has {count} infinite values"
        for name, count in zip(features, counts)  # noqa: B905
        if count
    )


def reason_degenerate(found, population):
    """Why these personas do not tell customers apart, or None."""
    if all(persona is None for persona in found.personas):
        return (
            f"no component is within {MAX_NAME_DISTANCE:g} of any persona of the catalogue"
            f" (distances {', '.join(f'{gap:.2f}' for gap in found.name_distance)})"
        )
    scores = score(found, population.values(found.mixture.features))
    shares = np.bincount(scores.best, minlength=len(scores.groups)) / len(population.ids)
    # Customers without a persona are not counted.
    shares = shares[[group is not None for group in scores.groups]]
    if shares.max() > MAX_PERSONA_SHARE:
        return f"one persona holds {shares.max():.1%} of the customers: nothing to tell apart"
    if (shares >= MIN_PERSONA_SHARE).sum() < 2:
        return f"fewer than 2 personas hold {MIN_PERSONA_SHARE:.0%} of the customers"
    return None


def reason_many_moved(found, settings):
    """Why a person has to look at this refit first, or None."""
    if settings.accept_refit or found.moved_share is None:
        return None
    if found.moved_share > MAX_MOVED_SHARE:
        return (
            f"{found.moved_share:.1%} of the customers would change persona, more than"
            f" {MAX_MOVED_SHARE:.0%}; accept_refit accepts it"
        )
    return None


def check_structure(found, groups, sample, keep, settings):
    """The version with what was measured, and why it is refused, or None."""
    scores = score(found, sample.values(found.mixture.features))
    labels = np.array([-1 if group is None else group for group in scores.groups])[scores.best]
    # Groups, not names: several groups may have the same name.
    information = _measure_pattern_information(groups, sample)
    second = np.nan_to_num(scores.runner_up_probability)
    ambiguous = float(np.mean((labels >= 0) & is_unsure(scores.probability, second)))
    dependence = parameters.measure_dependence(found.mixture, sample.values(found.mixture.features))
    null_personas, null_dependence = _fit_shuffled(sample, keep, settings)
    stability = _measure_stability(found, labels, sample, keep, settings)
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
        # The reference model would fail these limits: it finds personas in shuffled columns.
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
    # With a fixed number of personas, unstable ones are accepted: the user asked for them.
    if shaky_share > MAX_SHAKY_SHARE and not settings.n_personas:
        told = ", ".join(f"persona {persona} {value:.2f}" for persona, value in shaky.items())
        return found, (
            f"{shaky_share:.1%} of the customers are in personas that resamples of the customers"
            f" do not find again, at most {MAX_SHAKY_SHARE:.0%}: {told}"
            f" (mean Jaccard index, at least {MIN_STABILITY:g})"
        )
    return found, None


def _measure_pattern_information(groups, sample):
    """Normalised mutual information of groups and the joint pattern of what is zero."""
    # Imported here, because only a fit needs it.
    from sklearn.metrics import normalized_mutual_info_score  # noqa: PLC0415

    is_zero = ~(sample.X[:, sample.is_hurdle] > 0)
    _, pattern = np.unique(is_zero, axis=0, return_inverse=True)
    return float(normalized_mutual_info_score(groups, pattern.ravel()))


def _fit_shuffled(sample, keep, settings):
    """Fit shuffled columns: how many personas are found, and the dependence they explain."""
    stream = np.random.default_rng([parameters.SEED, 1])
    shuffled = replace(sample, X=stream.permuted(sample.X, axis=0))
    try:
        mixture, group = fit_mixture(shuffled, keep, settings, starts=TEST_STARTS)
    except FitError:
        return 0, 0.0
    X = shuffled.values(keep)
    share = sum_by_group(mixture.scorer.responsibilities(X), group)
    sizes = np.bincount(share.argmax(axis=1), minlength=share.shape[1]) / len(share)
    return int((sizes >= MIN_PERSONA_SHARE).sum()), parameters.measure_dependence(mixture, X)


def _measure_stability(version, labels, sample, keep, settings):
    """Persona -> mean Jaccard index with the persona that continues it in fits of resamples."""
    stream = np.random.default_rng([parameters.SEED, 2])
    found: dict[int, list[float]] = {
        int(persona): [] for persona in np.unique(labels) if persona >= 0
    }
    for _ in range(RESAMPLES):
        # Sorted, so that equal customers stand together, as in the fit that is tested.
        resample = sample.take(np.sort(stream.integers(len(labels), size=len(labels))))
        try:
            mixture, group = fit_mixture(resample, keep, settings, starts=TEST_STARTS)
        except FitError:
            again = np.full(len(labels), -1)
        else:
            share = sum_by_group(mixture.scorer.responsibilities(sample.values(keep)), group)
            levels = naming.measure_levels(sample, share)
            personas, _ = naming.name_components(sample, share, levels)
            # As in a refit, a name stays even if the catalogue would now give another.
            _, personas = naming.carry_over_claimable(
                mixture, group, personas, version, 1, sample, levels
            )
            names = np.array([-1 if persona is None else persona for persona in personas])
            again = np.where(share.max(axis=1) > 0, names[share.argmax(axis=1)], -1)
        for persona, values in found.items():
            one, other = labels == persona, again == persona
            values.append((one & other).sum() / (one | other).sum())
    return {persona: float(np.mean(values)) for persona, values in found.items()}
