"""Customer keys in the vendor's shapes, drawn freely: `T` and five of 0-9, A-Z.

Old keys are `T` and five digits; later blocks open with a letter, and within the
newest block, TF, the code grows with the day of sign-up. A handful of keys have
another shape, which is how the vendor's internal customers show.
"""

from __future__ import annotations

import numpy as np

ALPHABET = np.array(list("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
# Customers whose key is not T and five characters: numbers, and one word.
NUMERIC_KEYS = 3
ODD_KEYS = NUMERIC_KEYS + 1
WORD_KEY = "PADRAO"
# More customers than this would not find room among the old five-digit keys.
MOST_CUSTOMERS = 200_000
MOST_DELIVERIES = 24

# Block, its share of customers, and the median tenure in days of its customers.
BLOCKS = (
    ("T0", 4.2, 8_320),
    ("T1", 4.2, 6_480),
    ("T2", 12.0, 5_320),  # and T3 to T9
    ("TA", 2.8, 5_110),
    ("TB", 4.8, 3_760),
    ("TC", 2.6, 3_350),
    ("TD", 18.3, 1_030),
    ("TE", 10.8, 4_020),
    ("TF", 40.2, 850),
)
# How far, as a deviation of the log, tenures scatter around their block's median.
SCATTER = 0.3
# Where TF's third character stands at these tenures in days: B.5 is the middle of TFB.
TF_TENURES = np.array([0, 230, 630, 1_200, 1_730, 2_250, 2_770, 4_500, 14_000])
TF_PLACES = np.array([14.7, 14.0, 13.5, 13.0, 12.5, 12.0, 11.5, 10.6, 10.0])
PLACE = 36**3
# Codes of TF that newcomers of one delivery have to themselves.
PER_DELIVERY = PLACE // 10


def base36(numbers: np.ndarray, width: int) -> np.ndarray:
    """Write whole numbers in base 36 with leading zeros, as an array of texts."""
    digits = (np.asarray(numbers)[:, None] // 36 ** np.arange(width)[::-1]) % 36
    return np.ascontiguousarray(ALPHABET[digits]).view(f"<U{width}").ravel()


def increasing(numbers: np.ndarray) -> np.ndarray:
    """Raise whole numbers as little as needed for each to exceed the one before."""
    steps = np.arange(len(numbers))
    return np.maximum.accumulate(numbers - steps) + steps


def first_keys(
    rng: np.random.Generator, start: np.ndarray, reference: np.datetime64, odd: np.ndarray
) -> np.ndarray:
    """Draw distinct keys of the customers of the first delivery.

    `odd` are positions of customers that may have a key of another shape.
    """
    tenure = (reference - start).astype(int)
    block = _blocks(rng, tenure)
    key = np.empty(len(start), dtype="<U6")
    for number, (name, _, _) in enumerate(BLOCKS):
        rows = np.flatnonzero(block == number)
        rows = rows[np.argsort(-tenure[rows], kind="stable")]
        key[rows] = _codes_of_block(rng, name, tenure[rows])
    numeric = max(1, round(NUMERIC_KEYS * len(start) / 10_615))
    numeric = min(numeric, NUMERIC_KEYS, max(len(odd) - 1, 0))
    for place, number in enumerate(rng.choice(90_000, numeric, replace=False) + 10_000):
        key[odd[place]] = str(number)
    key[odd[NUMERIC_KEYS:ODD_KEYS]] = WORD_KEY
    return key


def later_keys(rng: np.random.Generator, cohort: int, count: int) -> np.ndarray:
    """Draw distinct keys for customers that joined in a later delivery, oldest first."""
    first = round(TF_PLACES[0] * PLACE) + cohort * PER_DELIVERY
    codes = np.sort(rng.choice(PER_DELIVERY, count, replace=False)) + first
    return np.char.add("TF", base36(codes, 4))


def _blocks(rng: np.random.Generator, tenure: np.ndarray) -> np.ndarray:
    """Draw the block of every customer, the likelier the nearer its tenure is."""
    share = np.array([block[1] for block in BLOCKS])
    median = np.array([block[2] for block in BLOCKS])
    distance = (np.log(tenure + 100)[:, None] - np.log(median + 100)) / SCATTER
    # Shares are met by scaling the blocks' weights a few times (iterative
    # proportional fitting); the tail keeps odd pairs possible.
    likelihood = np.exp(-0.5 * distance**2) + 1e-3
    weight = share / share.sum()
    for _ in range(30):
        chances = likelihood * weight
        chances /= chances.sum(axis=1, keepdims=True)
        weight *= share / share.sum() / chances.mean(axis=0)
    chances = likelihood * weight
    cumulated = np.cumsum(chances / chances.sum(axis=1, keepdims=True), axis=1)
    draws = rng.random(len(tenure))[:, None]
    return np.minimum((draws > cumulated).sum(axis=1), len(BLOCKS) - 1)


def _codes_of_block(rng: np.random.Generator, name: str, tenure: np.ndarray) -> np.ndarray:
    """Distinct keys of one block for customers from the oldest to the newest."""
    count = len(tenure)
    if name == "TF":
        place = np.interp(tenure, TF_TENURES, TF_PLACES) * PLACE
        return np.char.add("TF", base36(increasing(np.rint(place).astype(int)), 4))
    if name[1].isdigit():
        first, last = (20_000, 100_000) if name == "T2" else (0, 10_000)
        first, last = (10_000, 20_000) if name == "T1" else (first, last)
        codes = first + rng.choice(last - first, count, replace=False)
        return np.array([f"T{code:05d}" for code in codes], dtype="<U6")
    codes = np.sort(rng.choice(36**4, count, replace=False))
    return np.char.add(name, base36(codes, 4))
