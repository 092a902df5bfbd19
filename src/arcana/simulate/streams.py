"""Random streams: one per purpose, block of customers and delivery.

Nothing shares a stream with anything else, so a family can be added or changed
without moving a byte of the others, and a block of customers can be drawn again
in a later delivery exactly as it was.
"""

from __future__ import annotations

import zlib

import numpy as np


class Streams:
    """Independent generators from one seed."""

    def __init__(self, seed: int):
        self.seed = seed

    def rng(self, purpose: str, block: int = 0, step: int = 0) -> np.random.Generator:
        """Return the generator of this purpose, block and delivery, from its beginning.

        The child of a numpy SeedSequence: the purpose enters as a checksum,
        because Python's own hash of a text changes from run to run.
        """
        key = (zlib.crc32(purpose.encode()), block, step)
        return np.random.Generator(
            np.random.PCG64(np.random.SeedSequence(self.seed, spawn_key=key))
        )
