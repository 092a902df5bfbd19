"""A block of customers in one delivery: what every family is written from.

A later delivery draws a block again, stream by stream exactly as it was, and
applies what changed in each delivery since; nothing is kept between deliveries.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from arcana.simulate.disguise import Disguise
from arcana.simulate.keys import increasing
from arcana.simulate.population import Customers
from arcana.simulate.streams import Streams

FIRST_DELIVERY = np.datetime64("2025-03-25")

# Of all customers, in every later delivery: those that leave, and those that
# start to do much more. Of the rest only amounts drift.
SHARE_LEAVING = 0.008
SHARE_GROWING = 0.012
GROWTH = 2.5
MRR_DRIFT = 0.02

MONTH_DAYS = 30.4


def calendar(deliveries: int) -> list[np.datetime64]:
    """Return the reference days: the first delivery's, then one month apart."""
    month, day = FIRST_DELIVERY.astype("datetime64[M]"), FIRST_DELIVERY.astype(object).day
    return [(month + step).astype("datetime64[D]") + day - 1 for step in range(deliveries)]


@dataclass
class Change:
    """What changed for the customers of a block from one delivery to the next."""

    leaving: np.ndarray
    growing: np.ndarray
    mrr_drift: np.ndarray


@dataclass
class Block:
    """Customers written together, as of delivery number `step`.

    `number` is unique among blocks; `born` is the delivery in which these
    customers first appear; `first_lanes` counts the blocks of the first delivery.
    """

    customers: Customers
    number: int
    born: int
    step: int
    first_lanes: int
    extract_size: int
    days: list[np.datetime64]
    streams: Streams
    disguise: Disguise
    event_factor: float = 1.0

    def __len__(self) -> int:
        return len(self.customers)

    def rng(self, purpose: str, step: int | None = None) -> np.random.Generator:
        """Return this block's generator for a purpose, as of a delivery (the block's first)."""
        return self.streams.rng(purpose, self.number, self.born if step is None else step)

    @property
    def day(self) -> np.datetime64:
        """Reference day of the delivery being written."""
        return self.days[self.step]

    @property
    def later_steps(self) -> range:
        """Deliveries in which these customers could change."""
        return range(self.born + 1, self.step + 1)

    def since(self, step: int, first: np.datetime64) -> np.datetime64:
        """Day before the records that appear in a delivery: `first` in the first one."""
        return self.days[step - 1] if step else first

    def change(self, step: int) -> Change:
        """What changes with this delivery."""
        rng = self.rng("change", step)
        draws = rng.random(len(self))
        return Change(
            leaving=draws < SHARE_LEAVING,
            growing=draws > 1 - SHARE_GROWING,
            mrr_drift=np.exp(MRR_DRIFT * rng.standard_normal(len(self))),
        )

    def has_left(self, step: int) -> np.ndarray:
        """Customers that have left by this delivery."""
        left = np.zeros(len(self), dtype=bool)
        for earlier in range(self.born + 1, step + 1):
            left |= self.change(earlier).leaving
        return left

    def growth(self, step: int) -> np.ndarray:
        """Factor on what customers do by this delivery; 0 for those that have left."""
        factor = np.ones(len(self))
        for earlier in range(self.born + 1, step + 1):
            factor[self.change(earlier).growing] *= GROWTH
        return np.where(self.has_left(step), 0.0, factor)

    def owners(self, counts: np.ndarray) -> np.ndarray:
        """Position of the customer of every record, given how many each has."""
        return np.repeat(np.arange(len(self)), counts)

    def pin_newest(self, dates: np.ndarray, step: int) -> np.ndarray:
        """Move the newest date of the first block to the delivery's own day.

        So the files say by themselves, at any size, when they were taken.
        """
        if self.number == 0 and len(dates):
            dates = dates.copy()
            dates[np.argmax(dates)] = self.days[step]
        return dates

    def serials(self, dates: np.ndarray, step: int, first: np.datetime64, numbers: range):
        """Numbers that grow with the date and that no other block draws, shape of `dates`.

        `numbers` is the range of the delivery; each block has every n-th of it.
        """
        lanes = self.first_lanes + step
        lane = self.number if self.born == 0 else self.first_lanes + self.born - 1
        since, until = self.since(step, first), self.days[step]
        slots = len(numbers) // lanes
        order = np.argsort(dates, kind="stable")
        place = (dates[order] - since).astype(int) / ((until - since).astype(int) + 1)
        jitter = self.rng("serials", step).random(len(dates))
        jitter /= (until - since).astype(int) + 1
        place = increasing(np.sort(np.floor((place + jitter) * slots * 0.98)).astype(int))
        serial = np.empty(len(dates), dtype=np.int64)
        serial[order] = numbers.start + place * lanes + lane
        return serial
