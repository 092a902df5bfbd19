"""Fit a mixture to a population: one way for a version and for the fits that test it."""

from __future__ import annotations

import numpy as np

from arcana.mixture import parameters


def fit_mixture(sample, keep, settings, previous=None, **options):
    """Fit the kept features of a population; the mixture, and which components are one group."""
    is_kept = np.isin(sample.features, keep)
    return parameters.FITS[settings.persona_model](
        sample.values(keep),
        keep,
        sample.is_hurdle[is_kept],
        n_personas=settings.n_personas,
        previous=previous.mixture if previous else None,
        **options,
    )


def sum_by_group(responsibilities, group):
    """Responsibilities of K components, the noise left out, summed by group, (n, G)."""
    one_hot = (group[:, None] == np.arange(group.max() + 1)).astype(float)
    return responsibilities[:, : len(group)] @ one_hot
