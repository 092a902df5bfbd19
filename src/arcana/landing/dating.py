"""Of which day a delivery is, by the newest days in its files (decision 34).

A single wrong date must not decide it, nor stop a delivery: what it follows from is
how many records lie on each of the newest days, not the newest day alone.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median

from arcana.landing.reasons import Problem

# Days kept of a file, from its newest on: enough to see past stray ones.
_KEPT_DAYS = 40

# So many records of a family, or this share if that is more, but never over half, may lie
# after the day of a delivery: they are stray dates, which silver sets aside one by one.
STRAY_RECORDS = 3
STRAY_SHARE = 0.001

# A newest day is isolated when the gap before it is so many times the usual one between
# the newest days of the family; with few days to go by, when it is over a year.
_ISOLATED_GAPS = 10
_FEW_DAYS = 5
_FEW_DAYS_GAP = 366

# A folder may be named so many days after everything in it: a small vendor has months
# without a new customer. A slip of the year is beyond it.
MAX_DAYS_AFTER_FILES = 183

# What is written on the day after the extract began is no sign of a wrong date.
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class NewestDays:
    """Records on each of the newest days of a column, newest first; `dated` counts all days."""

    counts: tuple[tuple[date, int], ...] = ()
    dated: int = 0

    @classmethod
    def of(cls, counts: Mapping[date, int]) -> NewestDays:
        """Keep the newest of these days."""
        newest = sorted(counts.items(), reverse=True)[:_KEPT_DAYS]
        return cls(tuple(newest), sum(counts.values()))

    def __bool__(self) -> bool:
        return bool(self.counts)

    def __add__(self, other: NewestDays) -> NewestDays:
        both = Counter(dict(self.counts))
        both.update(dict(other.counts))
        return NewestDays(NewestDays.of(both).counts, self.dated + other.dated)

    @property
    def newest(self) -> date | None:
        """Newest day, be it a stray one."""
        return self.counts[0][0] if self.counts else None

    def after(self, day: date) -> int:
        """How many records are of a later day; all of them when every kept day is later."""
        if self.counts and self.counts[-1][0] > day and len(self.counts) == _KEPT_DAYS:
            return self.dated
        return sum(count for found, count in self.counts if found > day)

    def are_stray_after(self, day: date) -> bool:
        """Whether no more than a handful of records is later than a day after it."""
        return self.after(day + _DAY) <= self._handful()

    def end(self) -> date | None:
        """Newest day, leaving out a handful of records far beyond all others."""
        days = [day for day, _ in self.counts]
        gaps = [(newer - older).days for newer, older in itertools.pairwise(days)]
        passed = 0
        for at, (day, count) in enumerate(self.counts[:-1]):
            usual = gaps[at + 1 :]
            limit: float = _FEW_DAYS_GAP
            if len(usual) >= _FEW_DAYS:
                limit = _ISOLATED_GAPS * median(usual)
            passed += count
            if gaps[at] <= limit or passed > self._handful():
                return day
        return days[-1] if days else None

    def _handful(self) -> int:
        return min(max(STRAY_RECORDS, int(STRAY_SHARE * self.dated)), self.dated // 2)


NO_DAYS = NewestDays()


def agree_on_day(newest: Mapping[str, NewestDays]) -> tuple[date | None, Problem | None]:
    """Day of a delivery that does not say its own: on which most families end.

    Families vote with their newest day; when that gives no day, or one that is far beyond
    all other records of each family that ends on it, with their newest day but for stray
    dates. No day when two lead equally, or when a family has more than a handful of
    records later than the day after it; the problem then names where each family ends.
    """
    newest = {name: days for name, days in newest.items() if days}
    last = {name: found for name, days in newest.items() if (found := days.newest)}
    ends = {name: found for name, days in newest.items() if (found := days.end())}
    day = _leading(last)
    # Families without a stray date end on their newest day: nothing changes for them.
    if day is None or all(ends[name] < day for name, found in last.items() if found == day):
        day = _leading(ends)
    if day is None:
        what = f"No day leads among the newest dates of the families ({_named(newest)})."
        return None, Problem("unknown_delivery_date", what)
    later = [name for name, days in newest.items() if not days.are_stray_after(day)]
    if later:
        what = f"Most families end on {day}, but {', '.join(later)} later ({_named(newest)})."
        return None, Problem("unknown_delivery_date", what)
    return day, None


def contradiction(day: date, newest: Mapping[str, NewestDays]) -> str | None:
    """Why a delivery cannot be of the day its folder says; None when it can.

    It cannot when most families go on after it, or when all end long before it.
    """
    newest = {name: days for name, days in newest.items() if days}
    later = [name for name, days in newest.items() if not days.are_stray_after(day)]
    if 2 * len(later) > len(newest):
        return f"its files go on after that day ({_named(newest)})"
    ends = [end for days in newest.values() if (end := days.end())]
    if ends and max(ends) + timedelta(days=MAX_DAYS_AFTER_FILES) < day:
        return (
            f"all its files end more than {MAX_DAYS_AFTER_FILES} days before it ({_named(newest)})"
        )
    return None


def likely_day(newest: Mapping[str, NewestDays]) -> date | None:
    """The day a delivery seems to be of: the one families agree on, else the last they end on."""
    day, _ = agree_on_day(newest)
    return day or max((end for days in newest.values() if (end := days.end())), default=None)


def _leading(days: Mapping[str, date]) -> date | None:
    counts = Counter(days.values()).most_common(2)
    if not counts or (len(counts) == 2 and counts[0][1] == counts[1][1]):
        return None
    return counts[0][0]


def _named(newest: Mapping[str, NewestDays]) -> str:
    ends = []
    for name, days in newest.items():
        end, last = days.end(), days.newest
        stray = f" but for {days.after(end)} later up to {last}" if end and end != last else ""
        ends.append(f"{name} {end}{stray}")
    return ", ".join(ends) or "none"
