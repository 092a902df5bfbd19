"""The mixture: how it is fitted (`estimator`), what is kept of it (`parameters`), its sums.

It knows features and numbers; names, versions and tables are the business of
`arcana.personas`. The estimator takes longer to import than scoring takes, and scoring
does not need it, so it is imported only when it is used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from arcana.mixture.estimator import BayesianHurdleMixture

__all__ = ["BayesianHurdleMixture"]


def __getattr__(name: str):
    if name == "BayesianHurdleMixture":
        from arcana.mixture.estimator import BayesianHurdleMixture  # noqa: PLC0415

        return BayesianHurdleMixture
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
