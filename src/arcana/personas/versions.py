"""Decide when a fit is due, and make the next version of the personas from it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from arcana.mixture import parameters
from arcana.mixture.parameters import FitError
from arcana.personas import gate, naming
from arcana.personas import registry as registries
from arcana.personas.context import Context, Settings
from arcana.personas.fitting import fit_mixture, sum_by_group
from arcana.personas.population import Population
from arcana.personas.registry import Version
from arcana.personas.scoring import score


def update(
    registry: pd.DataFrame,
    customers: pd.DataFrame,
    features: pd.DataFrame,
    catalogue: pd.DataFrame,
    context: Context,
    settings: Settings,
) -> pd.DataFrame:
    """Return the registry, with one version more if a fit was due.

    A refused version is added as well. Until one is accepted, no customer is scored.

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
    registry = registries.check(registry)
    population = Population.of(customers, features, catalogue)
    wanted = _describe_settings(population, settings)
    previous = registries.in_use(registry, context.is_synthetic)
    because = _reason_to_fit(previous, wanted, context, settings)
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
    version = _fit_version(version, previous, population, settings, registry)
    return registries.append(registry, version)


def _describe_settings(population, settings):
    features = ",".join(
        f"{name}:{kind}"
        for name, kind in population.fit_features[["feature", "kind"]].itertuples(index=False)
    )
    return f"{settings.persona_model}; n_personas {settings.n_personas}; {features}"


def _reason_to_fit(previous, wanted, context, settings):
    """Why a fit is due, or None."""
    if previous is None:
        return "no version was in use"
    if settings.refit:
        return "a refit was asked for"
    if previous.settings != wanted:
        return "the features or the model changed"
    age = _count_months(previous.as_of_date, context.as_of_date)
    if age >= settings.refit_after_months:
        return f"version {previous.number} is {age} months old"
    return None


def _was_refused(registry, context, fingerprint):
    """Whether the same fit was tried last and refused; it would be refused again."""
    newest = registries.newest(registry, context.is_synthetic)
    return (
        newest is not None
        and newest.status == registries.REFUSED
        and newest.fingerprint == fingerprint
    )


def _count_months(start, end):
    """Whole calendar months from one day to another."""
    months = 12 * (end.year - start.year) + end.month - start.month
    return months - (end.day < start.day)


def _fit_version(version, previous, population, settings, registry):
    """Fit, name and judge: the version with its mixture, names and figures, or why not."""
    if np.isinf(population.X).any():
        return replace(version, reason=gate.describe_infinite(population.X, population.features))
    excluded = gate.find_uninformative(population)
    needed = gate.count_customers_needed(population, excluded)
    version = replace(version, excluded=excluded, customers_needed=needed)
    reason = gate.reason_unfit(population, excluded)
    if reason:
        return replace(version, reason=reason)
    keep = tuple(name for name in population.features if name not in excluded)
    chosen = population.sample()
    sample = population.take(chosen)
    try:
        mixture, group = fit_mixture(sample, keep, settings, previous)
    except FitError as error:
        return replace(version, reason=str(error))

    responsibilities = mixture.scorer.responsibilities(population.values(keep))
    share = sum_by_group(responsibilities, group)
    levels = naming.measure_levels(population, share)
    personas, distance = naming.name_components(population, share, levels)
    mixture, personas = naming.carry_over_claimable(
        mixture, group, personas, previous, registries.next_component(registry), population, levels
    )
    order = np.argsort(mixture.components)
    held = responsibilities.argmax(axis=1)
    found = replace(
        version,
        mixture=parameters.select_components(mixture, order),
        personas=tuple(personas[group[k]] for k in order),
        name_distance=distance[group[order]],
        levels=levels[group[order]],
        component_customers=np.bincount(held, minlength=len(order) + 1)[order],
    )
    found = _compare_with_previous(found, previous, population)
    reason = gate.reason_degenerate(found, population) or gate.reason_many_moved(found, settings)
    if reason is None:
        found, reason = gate.check_structure(
            found, share[chosen].argmax(axis=1), sample, keep, settings
        )
    if reason:
        return replace(
            version,
            reason=reason,
            moved_share=found.moved_share,
            changes=found.changes,
            checks=found.checks,
        )
    return replace(found, status=registries.ACCEPTED)


def _compare_with_previous(found, previous, population):
    """The version with the share of customers that moved, and changed personas."""
    if previous is None or not set(previous.mixture.features) <= set(population.features):
        return found
    before, after = (_label_customers(version, population) for version in (previous, found))
    return replace(
        found,
        moved_share=float(np.mean(before != after)),
        changes="; ".join(_describe_changes(before, after)) or None,
    )


def _label_customers(version, population):
    """Persona of each customer, -1 for none, (n,)."""
    scores = score(version, population.values(version.mixture.features))
    return np.array([-1 if group is None else group for group in scores.groups])[scores.best]


def _describe_changes(before, after):
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
