"""Transform values in their own units to the standardised values of a mixture.

The transform is learned with the mixture, so it is plain numbers too, and a table can
hold it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

# Standardised values are clipped here: without a limit, one extreme customer of a million
# would get a component of its own.
CLIP = 6.0

# Positive values below a gap of this factor are tokens and mean none: a centavo is typed
# where the system accepts no empty price. A log-normal has no gap so wide.
TOKEN_GAP = 30.0

# If a hurdle feature varies less than this where another is zero, it only repeats that
# zero: no contract, so no product. Relative to its largest possible variance. A repeated
# zero would count several times, and the mixture would find patterns of zeros instead of
# personas.
IMPLIED_SPREAD = 0.5
MIN_ROWS = 50

# The smallest difference between a count and what it is lowered by.
MIN_COUNT = 1e-3

MAX_VALUE = 1e300

IDENTITY, LOG1P, LOG, LOG_COUNT = "identity", "log1p", "log", "log_count"
KINDS = (IDENTITY, LOG1P, LOG, LOG_COUNT)


@dataclass(frozen=True)
class Transform:
    """What is done to d features. In the result NaN is unknown, +inf a hurdle's zero.

    Attributes
    ----------
    kind : tuple[str, ...]
        `identity`; `log1p`; `log` of a hurdle, whose zero is no number; `log_count`, the
        same of whole numbers, which are spread over the unit below them first.
    smallest : ndarray of shape (d,)
        Of a hurdle; what is below is zero. Credits are, and tokens.
    implied : ndarray of bool of shape (d, d)
        [g, j]: where g is zero, j only repeats it and is taken as unknown.
    centre, scale : ndarray of shape (d,)
        Of the known values, of a hurdle of the logarithm of those above zero.
    impute : ndarray of shape (d,)
        In the feature's own unit, what stands for an unknown value; NaN: nothing does.
    clip : float
    """

    kind: tuple[str, ...]
    smallest: np.ndarray
    implied: np.ndarray
    centre: np.ndarray
    scale: np.ndarray
    impute: np.ndarray
    clip: float = CLIP

    @classmethod
    def plain(cls, kind, clip: float = CLIP) -> Transform:
        """Return the transform that neither scales, fills nor relates anything."""
        d = len(kind)
        return cls(
            kind=tuple(kind),
            smallest=np.zeros(d),
            implied=np.zeros((d, d), dtype=bool),
            centre=np.zeros(d),
            scale=np.ones(d),
            impute=np.full(d, np.nan),
            clip=clip,
        )

    @classmethod
    def learn(cls, X: np.ndarray, kind, standardize: bool = True) -> Transform:
        """Learn everything but `impute` from raw values (n, d).

        Parameters
        ----------
        X : ndarray of shape (n, d)
            NaN where unknown.
        kind : sequence of str
        standardize : bool
            False takes ordinary features as they are.
        """
        transform = cls.plain(kind, CLIP if standardize else np.inf)
        hurdle = transform.is_hurdle
        if not (standardize or hurdle.any()):
            return transform
        smallest = np.zeros(len(kind))
        for j in np.flatnonzero(hurdle).tolist():
            smallest[j] = _find_smallest(X[:, j])
        transform = replace(transform, smallest=smallest)
        centre, scale = transform.centre.copy(), transform.scale.copy()
        for j in range(len(kind)):
            value = transform.transform_column(X, j)
            value = value[np.isfinite(value)]
            if (standardize or hurdle[j]) and len(value):
                centre[j] = value.mean()
                # A constant has no spread to divide by; what remains is rounding.
                spread = value.std()
                scale[j] = spread if spread > 1e-12 * max(1.0, abs(centre[j])) else 1.0
        transform = replace(transform, centre=centre, scale=scale)
        if not hurdle.any():
            return transform
        return replace(transform, implied=_find_implied(transform(X), hurdle))

    @property
    def is_hurdle(self) -> np.ndarray:
        """True where zero means none, (d,)."""
        return np.array([kind in (LOG, LOG_COUNT) for kind in self.kind], dtype=bool)

    def __call__(self, X: np.ndarray, stream: np.random.Generator | None = None) -> np.ndarray:
        """Transform raw values (n, d).

        A count stands for an interval, and a value that many customers share would attract
        a component of its own. So a fit spreads counts evenly over the unit below them. It
        uses its own stream, because a stream that also drew the population would tie the
        spread to the personas. Without a stream, as in scoring, counts are lowered by a half.
        """
        if self.clip == np.inf and set(self.kind) == {IDENTITY}:
            return X
        Z = np.empty(X.shape)
        for j in range(X.shape[1]):
            z = self.transform_column(X, j, stream)
            zero = np.isposinf(z) if self.is_hurdle[j] else None
            z = (z - self.centre[j]) / self.scale[j]
            z = np.clip(z, -self.clip, self.clip)
            Z[:, j] = z if zero is None else np.where(zero, np.inf, z)
        if self.implied.any():
            zero = np.isposinf(Z)
            for g, j in np.argwhere(self.implied):
                Z[zero[:, g], j] = np.nan
        return Z

    def transform_column(self, X: np.ndarray, j: int, stream: np.random.Generator | None = None):
        """Return one feature before it is scaled, (n,)."""
        x = X[:, j]
        if not np.isnan(self.impute[j]):
            x = np.where(np.isnan(x), self.impute[j], x)
        kind = self.kind[j]
        if kind == IDENTITY:
            return x
        if kind == LOG1P:
            # A credit makes a sum negative; its absolute value is what is skewed.
            return np.sign(x) * np.log1p(np.abs(x))
        none = (x <= 0) | (x < self.smallest[j])
        if kind == LOG_COUNT:
            x = x - (0.5 if stream is None else stream.uniform(size=len(x)))
            x = np.maximum(x, MIN_COUNT)
        # Infinity means zero here, so no number may become infinite.
        x = np.minimum(x, MAX_VALUE)
        return np.where(none, np.inf, np.log(np.where(none, 1.0, x)))


def infer_kinds(X: np.ndarray, is_hurdle: np.ndarray) -> tuple[str, ...]:
    """Return the kind of each feature; a hurdle whose known values are whole is a count."""
    found = []
    for j, hurdle in enumerate(is_hurdle):
        x = X[:, j]
        known = x[np.isfinite(x)]
        whole = bool((known == np.floor(known)).all())
        found.append((LOG_COUNT if whole else LOG) if hurdle else IDENTITY)
    return tuple(found)


def _find_smallest(x):
    """Smallest value of a hurdle feature that is no token, 0 if there are no tokens."""
    positive = np.sort(x[x > 0])
    if len(positive) < MIN_ROWS:
        return 0.0
    lower = positive[: len(positive) // 2]
    gap = positive[1 : len(lower) + 1] / lower
    widest = int(gap.argmax())
    return float(positive[widest + 1]) if gap[widest] >= TOKEN_GAP else 0.0


def _find_implied(Z, is_hurdle):
    """Find which features only repeat the zero of which hurdle, (d, d)."""
    d = Z.shape[1]
    implied = np.zeros((d, d), dtype=bool)
    known, zero = ~np.isnan(Z), np.isposinf(Z)

    def spread(rows, j):
        rows = rows & known[:, j]
        n = rows.sum()
        if n < MIN_ROWS:
            return np.inf
        p = zero[rows, j].mean()
        value = Z[rows & ~zero[:, j], j]
        # Variance of being zero over its largest, 1/4, plus that of the value.
        return 4 * p * (1 - p) + (value.var() * (1 - p) if len(value) else 0.0)

    for g in np.flatnonzero(is_hurdle):
        # Only hurdles can repeat a zero; another feature that is narrow there shows a persona.
        for j in np.flatnonzero(is_hurdle):
            # Of two that imply each other, the first is kept.
            if j == g or implied[j, g]:
                continue
            where_zero = spread(zero[:, g], j)
            elsewhere = spread(known[:, g] & ~zero[:, g], j)
            implied[g, j] = where_zero < IMPLIED_SPREAD and elsewhere > 3 * where_zero
    return implied
