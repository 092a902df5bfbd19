"""What lies in the raw folder: deliveries, and the files of each by family.

Only names are looked at here, those inside zip archives too, never contents. A raw
folder holds either loose files, which are one delivery, or one folder per delivery
named by its day.

A file is taken by its exact name. Where a family has none such, one that a browser, a
desktop or an archive has renamed without a doubt is taken as well (`_RENAMED`); what
is only similar is named in the messages, with the name it should have (decision 33).
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from pyarrow import fs

from arcana.errors import UsageError
from arcana.families import Family
from arcana.landing.reasons import LandingError, Problem
from arcana.landing.storage import Location, Packed, zip_members

SYNTHETIC_MARKER = "_synthetic.json"
REAL = "real"

# Files that come with the vendor's extract and hold no records of a family.
KNOWN_OTHERS = frozenset(
    {"dicionario.xlsx", "clientes_junto.csv", "codigos_paises.csv", SYNTHETIC_MARKER}
)

_COMPRESSED = (".gz", ".bz2", ".xz", ".zst", ".7z", ".rar", ".tar", ".tgz")
_WORKBOOKS = (".xlsx", ".xls", ".xlsm", ".xlsb", ".ods")
_DAY_SHAPED = re.compile(r"\d{4}-\d{2}-\d{2}")

# Other ways to write a day: 25-03-2025, 2025_03_25, 20250325.
_OTHER_DAY_FIRST = re.compile(r"(\d{1,2})[-_. ](\d{1,2})[-_. ](\d{4})")
_OTHER_YEAR_FIRST = re.compile(r"(\d{4})[-_. ]?(\d{1,2})[-_. ]?(\d{1,2})")

# ` (1)` of a browser, `.txt` of a desktop that hides `.csv`.
_RENAMED = re.compile(r"(?P<stem>.*?)( ?\(\d+\))?(?P<csv>\.csv)(\.txt)?")
_SIMILAR = 0.8
_NAMES_SHOWN = 5


@dataclass(frozen=True)
class RawFile:
    """A regular file whose name matches a family; `part` only where it comes in parts."""

    family: Family
    location: Location
    size: int
    part: str | None = None

    @property
    def place(self) -> str:
        """Name of the file that lies there: of the compressed one, where it is in one."""
        return self.location.path.rstrip("/").rsplit("/", 1)[-1]

    @property
    def name(self) -> str:
        """Name as delivered."""
        return self.location.name

    @property
    def label(self) -> str:
        """Name as messages show it: with its delivery folder and archive, if any."""
        folder = self.location.parent().name
        place = f"{folder}/{self.place}" if _DAY_SHAPED.fullmatch(folder) else self.place
        return f"{self.name} in {place}" if self.location.is_packed else place

    @property
    def stem(self) -> str:
        """Name under which it lands, whatever the file was called."""
        return f"{self.family.name}_{self.part}" if self.part else self.family.name


@dataclass
class Delivery:
    """Files of one delivery; `day` is None as long as it is not known.

    `similar` is what was said, by family, of files that are perhaps meant for it,
    `is_dated` whether its folder says the day.
    """

    folder: Location
    day: date | None
    files: dict[str, list[RawFile]] = field(default_factory=dict)
    similar: dict[str, list[str]] = field(default_factory=dict)
    is_dated: bool = False


@dataclass
class Extract:
    """A raw folder as found: its deliveries from old to new, and whose it is.

    `confirmed` is the day of a delivery folder of which the user says that it is right.
    """

    extract_id: str
    deliveries: list[Delivery]
    notes: list[str]
    problems: list[Problem]
    confirmed: date | None = None

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
    loose_infos = []
    for info in infos:
        location = Location(raw.filesystem, info.path)
        name = location.name
        if info.type != fs.FileType.Directory or location.is_link():
            loose_infos.append(info)
        elif _DAY_SHAPED.fullmatch(name):
            try:
                dated.append(Delivery(location, date.fromisoformat(name), is_dated=True))
            except ValueError:
                what = f"The delivery folder {name} is no calendar day."
                problems.append(Problem("bad_delivery_name", what))
        elif not name.startswith("."):
            _pass_over(location, contract, notes, problems)

    _take_files(loose_infos, contract, loose, notes)
    for delivery in dated:
        _fill(delivery, contract, notes)
    days = [delivery.day for delivery in dated]
    if dated and extract_date and extract_date not in days:
        raise UsageError(
            f"--extract-date {extract_date} is no delivery folder in {raw}. It is for loose files, "
            "or confirms the day of a folder that differs from its files."
        )
    if dated and loose.files:
        names = [file.name for files in loose.files.values() for file in files]
        what = f"Beside the delivery folders in {raw} lie {', '.join(names)}."
        problems.append(Problem("mixed_layout", what))
    if not dated and not loose.files and problems:
        raise LandingError(problems)
    if not dated and not loose.files:
        listed = "".join(f"\n    {note}." for note in notes)
        what = f"The raw folder {raw} holds no file of any family.{listed}"
        raise LandingError([Problem("no_raw_folder", what)])

    extract_id = _extract_id(raw / SYNTHETIC_MARKER, problems)
    deliveries = sorted(dated, key=lambda delivery: delivery.day or date.min) if dated else [loose]
    for delivery in deliveries:
        problems.extend(_missing(delivery, contract))
    return Extract(extract_id, deliveries, notes, problems, extract_date if dated else None)


def plain_name(name: str) -> str:
    """Name without what browsers and desktops make of it, in small letters."""
    found = _RENAMED.fullmatch(name.strip().lower())
    return f"{found['stem']}{found['csv']}" if found else name.lower()


def _pass_over(
    folder: Location, contract: Mapping[str, Family], notes: list[str], problems: list[Problem]
) -> None:
    """Say why a folder is no delivery; one that is meant to be one stops the run."""
    wanted = _other_day(folder.name)
    inside = Delivery(folder, None)
    if wanted:
        _fill(inside, contract, [])
    if inside.files:
        what = f"{folder.name}/ holds a delivery, and its name is no day as YYYY-MM-DD."
        action = f"Name it {wanted}."
        problems.append(Problem("bad_delivery_name", what, action=action))
    else:
        notes.append(f"{folder.name}/ is ignored: a delivery folder is named YYYY-MM-DD")


def _other_day(name: str) -> str | None:
    """The day that a folder's name writes in another form; both where two can be meant."""
    year_first = _OTHER_YEAR_FIRST.fullmatch(name)
    day_first = _OTHER_DAY_FIRST.fullmatch(name)
    if year_first:
        year, month, day = map(int, year_first.groups())
        readings = [(year, month, day)]
    elif day_first:
        day, month, year = map(int, day_first.groups())
        readings = [(year, month, day), (year, day, month)]
    else:
        return None
    days = []
    for reading in readings:
        try:
            days.append(date(*reading).isoformat())
        except ValueError:
            continue
    return " or ".join(dict.fromkeys(days)) or None


def _fill(delivery: Delivery, contract: Mapping[str, Family], notes: list[str]) -> None:
    """Take the files of a delivery folder; folders inside it hold nothing."""
    infos = []
    for info in delivery.folder.entries():
        location = Location(delivery.folder.filesystem, info.path)
        if info.type == fs.FileType.Directory and not location.is_link():
            notes.append(f"{delivery.folder.name}/{location.name}/ is ignored: a folder")
        else:
            infos.append(info)
    _take_files(infos, contract, delivery, notes)


def _take_files(
    infos: list[fs.FileInfo],
    contract: Mapping[str, Family],
    delivery: Delivery,
    notes: list[str],
) -> None:
    """Give each file to its family, or say that it is ignored."""
    renamed: list[RawFile] = []
    for info in infos:
        location = Location(delivery.folder.filesystem, info.path)
        name = location.name
        if name in KNOWN_OTHERS or name.startswith("."):
            continue
        if location.is_link() or info.type != fs.FileType.File:
            notes.append(f"{name} is ignored: only regular files are read, no links")
            continue
        members = zip_members(location) if name.lower().endswith(".zip") else None
        inside = _inside(location, members)
        found = _recognised(inside, info.size, contract) if inside else None
        if found is None:
            notes.append(_why_ignored(name, inside, members, contract, delivery))
        elif found.family.pattern.fullmatch(found.name):
            delivery.files.setdefault(found.family.name, []).append(found)
        else:
            renamed.append(found)
    exact = {file.stem for files in delivery.files.values() for file in files}
    for file in renamed:
        wanted = plain_name(file.name)
        if file.stem in exact:
            notes.append(f"{file.label} is ignored: {wanted} is there under its right name")
            continue
        notes.append(f"{file.label} is taken as {wanted}")
        delivery.files.setdefault(file.family.name, []).append(file)


def _inside(location: Location, members: list[str] | None) -> Location | None:
    """What is to be read of a file: itself, or the one file in it."""
    if members is not None:
        return Packed(*_of(location), member=members[0]) if len(members) == 1 else None
    if location.name.lower().endswith(".gz"):
        return Packed(*_of(location))
    return location


def _of(location: Location) -> tuple[fs.FileSystem, str]:
    return location.filesystem, location.path


def _recognised(location: Location, size: int, contract: Mapping[str, Family]) -> RawFile | None:
    """The raw file under its exact name, or its name before it was renamed."""
    for name in (location.name, plain_name(location.name)):
        for family in contract.values():
            found = family.pattern.fullmatch(name)
            if found:
                part = found.groupdict().get("part") if family.parts else None
                return RawFile(family, location, size, part)
    return None


def _why_ignored(
    name: str,
    inside: Location | None,
    members: list[str] | None,
    contract: Mapping[str, Family],
    delivery: Delivery,
) -> str:
    """Why a file is not read; where a family is missing, the message names files that it may be."""
    stems = {
        file.removesuffix(".csv"): family.name
        for family in contract.values()
        for file in family.file_names()
    }
    if members is not None and len(members) != 1:
        named = ", ".join(members[:_NAMES_SHOWN]) + (", …" if len(members) > _NAMES_SHOWN else "")
        why = f"it holds {len(members)} files ({named}); unpack it" if members else "it is empty"
        meant = {member: _nearest(member.rsplit("/", 1)[-1], stems) for member in members}
        for member, stem in meant.items():
            if stem:
                advice = f"{member} lies in {name}: unpack it"
                delivery.similar.setdefault(stems[stem], []).append(advice)
        return f"{name} is ignored: {why}"
    inner = inside.name if inside else name
    stem = _nearest(inner, stems)
    why = "no family of families.yml has such a file"
    do = f"name it {stem}.csv"
    if name.lower().endswith(_WORKBOOKS):
        why, do = "workbooks are not read", f"save it as CSV named {stem}.csv"
    elif name.lower().endswith(".zip") and members is None:
        why = "the archive cannot be opened"
        do = f"copy it again, or deliver {stem}.csv"
    elif name.lower().endswith(_COMPRESSED) and not (inside and inside.is_packed):
        why, do = "of compressed files only .gz and .zip are read", "unpack it"
    elif inner != name:
        why = f"no family of families.yml has a file {inner}, which is in it"
    if not stem:
        return f"{name} is ignored: {why}" + (f"; {do}" if do == "unpack it" else "")
    advice = f"{name} lies there: if that is it, {do}"
    delivery.similar.setdefault(stems[stem], []).append(advice)
    return f"{name} is ignored: {why}; it is nearest to {stem}.csv: if it is that, {do}"


def _nearest(name: str, stems: Mapping[str, str]) -> str | None:
    """Name of a family's file, without .csv, that a file is perhaps meant for."""
    said = re.sub(r"[\W_]+", "_", name.lower().split(".")[0]).strip("_")
    if said in stems:
        return said
    begins = [stem for stem in stems if said.startswith(f"{stem}_")]
    if begins:
        return max(begins, key=len)
    return next(iter(difflib.get_close_matches(said, stems, 1, _SIMILAR)), None)


def _missing(delivery: Delivery, contract: Mapping[str, Family]) -> list[Problem]:
    problems = []
    for family in contract.values():
        files = delivery.files.get(family.name, [])
        if not files:
            if family.required:
                similar = "".join(f" {advice}." for advice in delivery.similar.get(family.name, []))
                what = (
                    f"No file in {delivery.folder} matches {family.pattern.pattern}, "
                    f"and the family is required.{similar}"
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
