"""What lies in the raw folder: deliveries, and the files of each by family.

Only names are looked at here, never contents. A raw folder holds either loose
files, which are one delivery, or one folder per delivery named by its day.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from pyarrow import fs

from arcana.errors import UsageError
from arcana.families import Family
from arcana.landing.reasons import LandingError, Problem
from arcana.landing.storage import Location

SYNTHETIC_MARKER = "_synthetic.json"
REAL = "real"

# Files that come with the vendor's extract and hold no records of a family.
KNOWN_OTHERS = frozenset(
    {"dicionario.xlsx", "clientes_junto.csv", "codigos_paises.csv", SYNTHETIC_MARKER}
)

_COMPRESSED = (".gz", ".zip", ".bz2", ".xz", ".zst", ".7z", ".rar")
_DAY_SHAPED = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True)
class RawFile:
    """A regular file whose name matches a family; `part` only where it comes in parts."""

    family: Family
    location: Location
    size: int
    part: str | None = None

    @property
    def name(self) -> str:
        """Name as delivered."""
        return self.location.name

    @property
    def label(self) -> str:
        """Name as told in messages: with its delivery folder, where it lies in one."""
        folder = self.location.parent().name
        return f"{folder}/{self.name}" if _DAY_SHAPED.fullmatch(folder) else self.name

    @property
    def stem(self) -> str:
        """Name under which it lands, whatever the file was called."""
        return f"{self.family.name}_{self.part}" if self.part else self.family.name


@dataclass
class Delivery:
    """Files of one delivery; `day` is None while nobody has said it."""

    folder: Location
    day: date | None
    files: dict[str, list[RawFile]] = field(default_factory=dict)


@dataclass
class Extract:
    """A raw folder as found: its deliveries from old to new, and whose it is."""

    extract_id: str
    deliveries: list[Delivery]
    notes: list[str]
    problems: list[Problem]

    @property
    def is_synthetic(self) -> bool:
        """Whether the simulator wrote it."""
        return self.extract_id != REAL


def survey(raw: Location, contract: Mapping[str, Family], extract_date: date | None) -> Extract:
    """Look through a raw folder.

    Raises
    ------
    LandingError
        When there is no such folder, or nothing in it that could be a delivery.
    UsageError
        When a day is given for delivery folders that say their own.
    """
    infos = raw.entries()
    if not infos:
        state = "is empty" if raw.exists() else "does not exist"
        raise LandingError([Problem("no_raw_folder", f"The raw folder {raw} {state}.")])

    notes: list[str] = []
    problems: list[Problem] = []
    loose = Delivery(raw, extract_date)
    dated: list[Delivery] = []
    for info in infos:
        location = Location(raw.filesystem, info.path)
        name = location.name
        if info.type != fs.FileType.Directory or location.is_link():
            _take_file(location, info, contract, loose, notes)
        elif _DAY_SHAPED.fullmatch(name):
            try:
                dated.append(Delivery(location, date.fromisoformat(name)))
            except ValueError:
                what = f"The delivery folder {name} is no calendar day."
                problems.append(Problem("bad_delivery_name", what))
        elif not name.startswith("."):
            notes.append(f"{name}/ is ignored: a delivery folder is named YYYY-MM-DD")

    for delivery in dated:
        _fill(delivery, contract, notes)
    if dated and extract_date:
        raise UsageError(
            f"--extract-date is for loose files; the delivery folders in {raw} say their day. "
            "Leave it out."
        )
    if dated and loose.files:
        names = [file.name for files in loose.files.values() for file in files]
        what = f"Beside the delivery folders in {raw} lie {', '.join(names)}."
        problems.append(Problem("mixed_layout", what))
    if not dated and not loose.files and not problems:
        what = f"The raw folder {raw} holds no file of any family."
        raise LandingError([Problem("no_raw_folder", what)])

    extract_id = _extract_id(raw / SYNTHETIC_MARKER, problems)
    deliveries = sorted(dated, key=lambda delivery: delivery.day) if dated else [loose]
    for delivery in deliveries:
        problems.extend(_missing(delivery, contract))
    return Extract(extract_id, deliveries, notes, problems)


def _fill(delivery: Delivery, contract: Mapping[str, Family], notes: list[str]) -> None:
    """Take the files of a delivery folder; folders inside it hold nothing."""
    for info in delivery.folder.entries():
        location = Location(delivery.folder.filesystem, info.path)
        if info.type == fs.FileType.Directory and not location.is_link():
            notes.append(f"{delivery.folder.name}/{location.name}/ is ignored: a folder")
        else:
            _take_file(location, info, contract, delivery, notes)


def _take_file(
    location: Location,
    info: fs.FileInfo,
    contract: Mapping[str, Family],
    delivery: Delivery,
    notes: list[str],
) -> None:
    """Give a file to the family whose pattern its whole name matches, or say that it is ignored."""
    name = location.name
    if name in KNOWN_OTHERS or name.startswith("."):
        return
    if location.is_link() or info.type != fs.FileType.File:
        notes.append(f"{name} is ignored: only regular files are read, no links")
        return
    for family in contract.values():
        found = family.pattern.fullmatch(name)
        if found:
            part = found.groupdict().get("part") if family.parts else None
            of_family = delivery.files.setdefault(family.name, [])
            of_family.append(RawFile(family, location, info.size, part))
            return
    why = "no family of families.yml has such a file"
    if name.lower().endswith(_COMPRESSED):
        why = "compressed files are not read; unpack it"
    elif any(family.pattern.fullmatch(name.lower()) for family in contract.values()):
        why = f"names are taken as they are; the contract expects {name.lower()}"
    notes.append(f"{name} is ignored: {why}")


def _missing(delivery: Delivery, contract: Mapping[str, Family]) -> list[Problem]:
    problems = []
    for family in contract.values():
        files = delivery.files.get(family.name, [])
        if not files:
            if family.required:
                what = (
                    f"No file in {delivery.folder} matches {family.pattern.pattern}, "
                    "and the family is required."
                )
                problems.append(Problem("missing_family", what, family.name))
            continue
        parts = {file.part for file in files}
        absent = [part for part in family.parts if part not in parts]
        if absent:
            names = ", ".join(f"{family.name}_{part}.csv" for part in absent)
            what = f"{names} not in {delivery.folder}, where other parts are."
            problems.append(Problem("missing_part", what, family.name))
    return problems


def _extract_id(marker: Location, problems: list[Problem]) -> str:
    if not marker.exists():
        return REAL
    try:
        found = json.loads(marker.read_bytes())["id"]
        if not isinstance(found, str) or not found or found == REAL:
            raise ValueError(f"id {found!r}")
    except (ValueError, KeyError, TypeError, OSError) as error:
        what = f"{marker} does not say whose extract this is ({error})."
        problems.append(Problem("bad_synthetic_marker", what))
        return REAL
    return found
