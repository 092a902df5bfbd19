"""Name components, and carry their names over from the version before.

A component takes the name of the nearest entry of the catalogue, on levels of size,
value, loyalty and engagement. Several components may take the same name; one that is
near no entry has none. Once given, a name stays with its component over refits.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from arcana.mixture import parameters
from arcana.mixture.parameters import Mixture
from arcana.personas.population import MIN_STANDARD_DEVIATION, Population
from arcana.personas.registry import LEVELS, Version

# A component further than this from every catalogue entry gets no name. In standard
# deviations of the customers' levels.
MAX_NAME_DISTANCE = 2.0

# How much nearer a persona counts if its segments are twice as frequent in a component.
# Less than the step between two levels, so that segments decide only between near entries.
SEGMENT_LEANING = 0.25

# Components of two versions with a larger Hellinger distance are different ones.
MAX_MATCH_DISTANCE = 0.9


def measure_levels(population: Population, responsibilities: np.ndarray) -> np.ndarray:
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


def name_components(
    population: Population, responsibilities: np.ndarray, levels: np.ndarray
) -> tuple[list, np.ndarray]:
    """Name each component after the nearest catalogue entry, or not at all.

    Distance is Euclidean over the levels that are known; where two are about as near,
    the segments that a persona leans to decide. Nothing is claimed that was not measured,
    see `find_claimable`.

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
    # Over fewer levels a distance is shorter, so it is scaled to four levels.
    stretch = len(LEVELS) / np.maximum(compared.sum(axis=2), 1)
    distance = np.sqrt((gaps**2).sum(axis=2) * stretch)
    distance = np.where(find_claimable(catalogue, levels), distance, np.inf)
    leaning = _measure_leaning(population, responsibilities)
    nearest = (distance - SEGMENT_LEANING * leaning).argmin(axis=1)
    taken = distance[np.arange(len(distance)), nearest]
    taken = np.where(known.any(axis=1), taken, np.inf)
    personas = [
        int(catalogue["persona_id"][entry]) if gap <= MAX_NAME_DISTANCE else None
        for entry, gap in zip(nearest, taken)  # noqa: B905
    ]
    return personas, np.where(np.isfinite(taken), taken, np.nan)


def find_claimable(catalogue: pd.DataFrame, levels: np.ndarray) -> np.ndarray:
    """Return which entries of a catalogue may be claimed of components, (K, E).

    An entry claims every level but 0, the mean of all customers. Where one that it claims
    is unknown, it is not given: the claim was not measured. An entry with an empty level
    claims nothing of it, and is for those of whom that level is unknown.
    """
    entries = catalogue[[f"{level}_level" for level in LEVELS]].to_numpy(float)
    known = ~np.isnan(levels)[:, None]
    is_empty = np.isnan(entries)
    claims_unknown = (~known & ~is_empty & (entries != 0)).any(axis=2)
    says_too_little = (known & is_empty).any(axis=2)
    return ~(claims_unknown | says_too_little)


def _measure_leaning(population, responsibilities):
    """How much more frequent a persona's segments are in a component, in doublings, -1 to 1."""
    leaning = np.zeros((responsibilities.shape[1], len(population.catalogue)))
    size = responsibilities.sum(axis=0)
    for entry, segments in enumerate(population.catalogue["segments"]):
        if not isinstance(segments, str) or not segments:
            continue
        is_in = np.isin(population.segment.astype(str), segments.split("|")).astype(float)
        # A small share is added to both, so that a rare segment does not weigh too much.
        share = (responsibilities.T @ is_in) / np.maximum(size, 1e-12) + 0.02
        leaning[:, entry] = np.clip(np.log2(share / (is_in.mean() + 0.02)), -1, 1)
    return leaning


def carry_over_identities(
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
    earlier: dict[int | str, list[int]] = {}
    for k, persona in enumerate(previous.personas):
        earlier.setdefault(f"component {k}" if persona is None else persona, []).append(k)
    carried = list(personas)
    pairs = parameters.match_components(
        parameters.pool_components(
            previous.kept_mixture, [np.array(ks) for ks in earlier.values()]
        ),
        parameters.pool_components(
            mixture, [np.flatnonzero(group == g) for g in range(len(personas))]
        ),
        MAX_MATCH_DISTANCE,
    )
    names = list(earlier)
    components = np.zeros(K, dtype=np.int64)
    continued = parameters.match_components(previous.kept_mixture, mixture, MAX_MATCH_DISTANCE)
    for k in range(K):
        if k in continued:
            components[k] = previous.kept_mixture.components[continued[k]]
        else:
            components[k], next_id = next_id, next_id + 1
    for g in range(len(personas)):
        name: int | str | None
        if g in pairs:
            name = names[pairs[g]]
        else:
            # A persona may have been split in two: then its heaviest component decides.
            members = [k for k in np.flatnonzero(group == g).tolist() if k in continued]
            heaviest = max(members, key=lambda k: mixture.weight[k], default=None)
            name = None if heaviest is None else previous.personas[continued[heaviest]]
        if name is not None and not isinstance(name, str):
            carried[g] = name
    return replace(mixture, components=components), carried


def carry_over_claimable(mixture, group, personas, previous, next_id, population, levels):
    """Carry over identities, and drop names whose claims and measurements no longer agree.

    A name is kept only if its claims were measured, and all that was measured is claimed.
    """
    catalogue = population.catalogue
    entry_of = {int(persona): entry for entry, persona in enumerate(catalogue["persona_id"])}
    may_be = find_claimable(catalogue, levels)
    mixture, carried = carry_over_identities(mixture, group, personas, previous, next_id)
    return mixture, [
        name if name is None or name not in entry_of or may_be[g, entry_of[name]] else personas[g]
        for g, name in enumerate(carried)
    ]
