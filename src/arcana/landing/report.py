"""What a landing did, as an object and as the table that the command prints."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby

from rich import box
from rich.console import Console
from rich.table import Table

from arcana.landing.ledger import LANDED, MISSING, REJECTED, REPEATED, LandedFile, total


@dataclass
class DeliveryReport:
    """One delivery: its files, whether anything of it is new, seconds per family."""

    day: date
    files: list[LandedFile]
    is_changed: bool
    seconds: dict[str, float] = field(default_factory=dict)


@dataclass
class LandingReport:
    """All deliveries of a raw folder as they are landed now, and what was said on the way."""

    extract_id: str
    deliveries: list[DeliveryReport]
    notes: list[str] = field(default_factory=list)
    is_other_contract: bool = False
    seconds: float = 0.0

    @property
    def is_changed(self) -> bool:
        """Whether the landing folder is other than before."""
        return self.is_other_contract or any(delivery.is_changed for delivery in self.deliveries)

    @property
    def files(self) -> list[LandedFile]:
        """Files of all deliveries, one after the other."""
        return [file for delivery in self.deliveries for file in delivery.files]

    def table(self) -> Table:
        """One line per family and delivery, and a line of sums."""
        table = Table(box=box.SIMPLE, pad_edge=False)
        for name in ("delivery", "family"):
            table.add_column(name)
        for name in ("files", "records", "landed", "quarantined", "seconds", "MB/s"):
            table.add_column(name, justify="right")
        table.add_column("note")
        for delivery, family, files in self._by_family():
            seconds = delivery.seconds.get(family, 0.0)
            table.add_row(
                delivery.day.isoformat(),
                family,
                str(len(files)),
                *_counts(files),
                f"{seconds:.2f}" if seconds else "",
                f"{total(files, 'bytes') / seconds / 1e6:,.0f}" if seconds else "",
                _note(files),
            )
        table.add_section()
        note = "" if self.is_changed else "nothing new"
        sums = (str(len(self.files)), *_counts(self.files), f"{self.seconds:.2f}", "", note)
        table.add_row("", "all", *sums)
        # As wide as it needs: a log file has no width, and names must not be cut off.
        table.width = Console(width=1000).measure(table).maximum
        return table

    def _by_family(self) -> Iterator[tuple[DeliveryReport, str, list[LandedFile]]]:
        for delivery in self.deliveries:
            for family, files in groupby(delivery.files, key=lambda file: file.family):
                yield delivery, family, list(files)


def _counts(files: list[LandedFile]) -> list[str]:
    return [f"{total(files, name):,}" for name in ("records", "landed", "quarantined")]


def _note(files: list[LandedFile]) -> str:
    """The least good status of the family's files, and what was put right."""
    notes = []
    for status, text in (
        (REJECTED, "rejected"),
        (MISSING, "missing: zero rows"),
        (REPEATED, "same as earlier"),
    ):
        if any(file.status == status for file in files):
            notes.append(text)
    if all(file.status == LANDED and not file.records for file in files):
        notes.append("no records")
    coerced = total(files, "coerced")
    if coerced:
        notes.append(f"{coerced:,} coerced")
    return ", ".join(notes)
