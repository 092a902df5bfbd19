"""Amounts as the vendor writes them: true centavos times one secret constant.

The vendor multiplies every amount and every percentage by a constant of its own
before handing files over. A simulated extract draws another one from its seed;
nothing here knows the vendor's.
"""

from __future__ import annotations

import numpy as np

from arcana.simulate.streams import Streams

SMALLEST, LARGEST = 0.2, 0.6


class Disguise:
    """The constant of one simulated extract, and how it is applied."""

    def __init__(self, streams: Streams):
        drawn = streams.rng("disguise").uniform(SMALLEST, LARGEST)
        self._constant = round(float(drawn), 12)

    def centavos(self, amounts: np.ndarray) -> np.ndarray:
        """Whole true centavos nearest to amounts on the scale of the files."""
        return np.rint(np.asarray(amounts) / self._constant * 100)

    def amounts(self, centavos: np.ndarray) -> np.ndarray:
        """Amounts on the scale of the files."""
        return np.asarray(centavos) * self._constant / 100

    def percentages(self, true_percentages: np.ndarray) -> np.ndarray:
        """Percentages on the scale of the files: 100 is written as 100 times the constant."""
        return np.asarray(true_percentages) * self._constant
