"""The words of the vendor's ERP, with their frequencies, as things to draw from."""

from __future__ import annotations

import functools
import itertools
from importlib import resources

import numpy as np
import pyarrow as pa
import yaml

# The vendor cuts product names here.
PRODUCT_NAME_LENGTH = 30
# Products of each kind, and how their frequency falls off: a long tail.
PRODUCTS_OF_A_KIND = 1_850
PRODUCT_TAIL = 0.75

BANDS = (
    "Faixa 00 - Ate 4,5 M",
    "Faixa 01 - De 4,5 M ate 7,5 M",
    "Faixa 02 - De 7,5 M ate 15 M",
    "Faixa 03 - De 15 M ate 25 M",
    "Faixa 04 - De 25 M ate 35 M",
    "Faixa 05 - De 35 M ate 50 M",
    "Faixa 06 - De 50 M ate 75 M",
    "Faixa 07 - De 75 M ate 150 M",
    "Faixa 08 - De 150 M ate 300 M",
    "Faixa 09 - De 300 M ate 500 M",
    "Faixa 10 - De 500 M ate 850 M",
    "Faixa 11 - Acima de 850 M",
    "Sem Informações de Faturamento",
)
UNKNOWN_BAND = len(BANDS) - 1

STATUSES = ("ATIVO", "CANCELADO", "TROCADO", "GRATUITO", "PENDENTE", "SUSPENSO", "FATURAR", None)
ACTIVE, CANCELLED, SWAPPED, FREE, PENDING, SUSPENDED, TO_BILL, NO_STATUS = range(len(STATUSES))

TICKET_STATUSES = ("closed", "solved", "hold", "pending", "open")


class Labels:
    """A closed list of labels and how often each occurs.

    Drawn as positions in the list (`draw`), turned into text last (`text`).
    A label of None is written as an empty field.
    """

    def __init__(self, weights: dict):
        self.names = [name if name is None else str(name) for name in weights]
        shares = np.array([float(weight) for weight in weights.values()])
        self._cumulated = np.cumsum(shares / shares.sum())
        self._cumulated[-1] = 1.0

    def draw(self, rng: np.random.Generator, count: int) -> np.ndarray:
        """Draw positions by frequency, shape (count,)."""
        return np.searchsorted(self._cumulated, rng.random(count), side="right")

    def text(self, positions: np.ndarray) -> pa.Array:
        """Turn positions into text."""
        return text(self.names, positions)


def text(names, positions: np.ndarray) -> pa.Array:
    """Labels at these positions; None where the label is None or the position negative."""
    positions = np.asarray(positions)
    return pa.array(names, pa.string()).take(pa.array(positions, mask=positions < 0))


def with_nulls(weights: dict, share: float) -> dict:
    """Add an empty label that takes this share of the draws."""
    return {**weights, None: share / (1 - share) * sum(weights.values())}


def zipf_weights(count: int, exponent: float = 1.0) -> np.ndarray:
    """Weights of a long tail: the n-th is 1 / n ** exponent, summing to one."""
    weights = np.arange(1, count + 1, dtype=float) ** -exponent
    return weights / weights.sum()


def draw_given(
    rng: np.random.Generator, groups: np.ndarray, labels: dict[int, Labels], offsets: dict[int, int]
) -> np.ndarray:
    """Draw for every row from the labels of its group, as positions in the joint list."""
    drawn = np.zeros(len(groups), dtype=np.int64)
    for group, group_labels in labels.items():
        rows = np.flatnonzero(groups == group)
        drawn[rows] = offsets[group] + group_labels.draw(rng, len(rows))
    return drawn


class Grouped:
    """Labels that depend on a group, such as the sub-segments of a segment."""

    def __init__(self, weights_by_group: dict):
        self._labels: dict[int, Labels] = {}
        self._offsets: dict[int, int] = {}
        self.names: list[str | None] = []
        for group, weights in weights_by_group.items():
            self._labels[group] = Labels(weights)
            self._offsets[group] = len(self.names)
            self.names += self._labels[group].names

    def draw(self, rng: np.random.Generator, groups: np.ndarray) -> np.ndarray:
        """Draw a position for every row of `groups`; a group without labels gives the first."""
        return draw_given(rng, groups, self._labels, self._offsets)

    def text(self, positions: np.ndarray) -> pa.Array:
        """Turn positions into text."""
        return text(self.names, positions)


@functools.cache
def raw() -> dict:
    """Return vocabulary.yml as it stands."""
    source = resources.files("arcana.simulate").joinpath("vocabulary.yml")
    return yaml.safe_load(source.read_text(encoding="utf-8"))


@functools.cache
def products() -> tuple[Grouped, dict[str, int]]:
    """Product names by kind of product line, and the number of each kind.

    Names are prefix, term and ending, cut as the vendor cuts them; a kind's own
    first products come first.
    """
    words = raw()["products"]
    weights, kinds = {}, {}
    for number, kind in enumerate(("CDU", "SMS", "SAAS", "OTHER")):
        prefixes = words[kind]["prefixes"]
        combined = itertools.product(words["endings"], words["terms"], prefixes)
        made = (f"{prefix} {term}{ending}" for ending, term, prefix in combined)
        cut = (name.replace("- ", "-")[:PRODUCT_NAME_LENGTH].rstrip() for name in made)
        names = list(dict.fromkeys([*words[kind]["first"], *cut]))[:PRODUCTS_OF_A_KIND]
        tail = zipf_weights(len(names), PRODUCT_TAIL)
        weights[number] = dict(zip(names, tail, strict=True))
        kinds[kind] = number
    return Grouped(weights), kinds
