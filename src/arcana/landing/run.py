"""Land a raw folder: the order of things, from looking through it to publishing.

Nothing here reads a record or knows a file system; see `reader` and `storage`.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa

from arcana import console, families
from arcana.families import Family
from arcana.landing.dating import NO_DAYS, NewestDays, agree_on_day, contradiction, likely_day
from arcana.landing.deliveries import Delivery, Extract, RawFile, plain_name, survey
from arcana.landing.ledger import (
    CONTRACT,
    LANDED,
    MISSING,
    REJECTED,
    REPEATED,
    LandedDelivery,
    LandedFile,
    contract_rows,
    landed_contract,
    read_ledger,
    table_folder,
    write_contract,
    write_ledger,
)
from arcana.landing.publish import Plan, staging
from arcana.landing.reader import Fingerprint, RecordReader, fingerprint
from arcana.landing.reasons import LandingError, Problem, RejectedFileError
from arcana.landing.report import DeliveryReport, LandingReport
from arcana.landing.storage import Location, link_or_copy, locate
from arcana.landing.writing import (
    FileWriter,
    count_rows,
    is_whole,
    size_and_hash,
    write_zero_rows,
)

# More days than that are shown as a range.
_DAYS_TOLD = 6


def land(
    raw: Location | Path | str,
    data: Location | Path | str,
    *,
    extract_date: date | None = None,
    contract: Mapping[str, Family] | None = None,
) -> LandingReport:
    """Land everything in a raw folder that is not landed yet.

    Parameters
    ----------
    raw : path or URI
        Loose files, or one folder per delivery named YYYY-MM-DD.
    data : path or URI
        Landed tables go to `landing/` and `quarantine/` in it.
    extract_date : date, optional
        Day of the delivery when the files are loose; otherwise the files tell it.
    contract : mapping of families, optional
        Another contract than families.yml.

    Returns
    -------
    LandingReport
        What lies there now, file by file, also where nothing was new.

    Raises
    ------
    LandingError
        With every problem found. What was landed before is then as it was.
    """
    started = time.perf_counter()
    raw, data = locate(raw), locate(data)
    contract = families.load() if contract is None else contract
    try:
        extract = survey(raw, contract, extract_date)
        with staging(data) as (incoming, plan):
            report = _Landing(data, incoming, plan, contract, extract).run()
    except OSError as error:
        raise LandingError([Problem("cannot_write", f"{error}.")]) from error
    # Arrow keeps what it freed for the next allocation; a build has other use for it.
    pa.default_memory_pool().release_unused()
    report.seconds = time.perf_counter() - started
    return report


@dataclass
class _Known:
    """A file that need not be read again: where its rows are, and what was said of it by day."""

    rows: Location
    quarantine: Location
    by_day: dict[date, LandedFile] = field(default_factory=dict)

    def is_whole(self) -> bool:
        """Whether its rows are still there, all of them."""
        file = next(iter(self.by_day.values()))
        return is_whole(self.rows, file.landed_bytes, file.landed_hash)


@dataclass
class _StagedFamily:
    """What became of a family's files before the day of the delivery is certain.

    `files` are entries that hold whatever the day; `known` are files whose entry
    depends on it; `reading` are those that other threads are reading, `seconds`
    what they took; `is_healed` says that a file is read again because what was landed
    of it is lost.
    """

    family: Family
    delivered: list[RawFile]
    files: list[LandedFile] = field(default_factory=list)
    known: list[tuple[RawFile, _Known]] = field(default_factory=list)
    reading: dict[str, Future[tuple[LandedFile, float, tuple[str, ...]]]] = field(
        default_factory=dict
    )
    rejected: dict[str, RejectedFileError] = field(default_factory=dict)
    days: NewestDays = NO_DAYS
    seconds: float = 0.0
    is_healed: bool = False

    def saw(self, file: LandedFile) -> None:
        """Take a file's newest days into account."""
        self.days += file.days


class _Landing:
    """One run over one raw folder."""

    def __init__(
        self,
        data: Location,
        incoming: Location,
        plan: Plan,
        contract: Mapping[str, Family],
        extract: Extract,
    ):
        self.data = data
        self.incoming = incoming
        self.plan = plan
        self.contract = contract
        self.extract = extract
        self.problems = list(extract.problems)
        self.notes: list[str] = []
        self.landed = read_ledger(data / "landing", contract)
        self.known: dict[tuple[str, str], _Known] = {}
        self.prints: dict[str, Future[Fingerprint]] = {}
        # There while files are read.
        self.advance: Callable[[float], None]
        self.reading: ThreadPoolExecutor

    def run(self) -> LandingReport:
        for note in self.extract.notes:
            self._say(note)
        self._make_room()
        for delivery in self.landed.values():
            if delivery.is_current:
                self._remember(delivery, None)

        files = [
            file
            for delivery in self.extract.deliveries
            for of_family in delivery.files.values()
            for file in of_family
        ]
        # Each new file is read twice: hashed, then parsed; its rows carry the hash. As
        # many files are hashed and parsed at once as there are processors; what is slow
        # in both runs without the interpreter's lock.
        size = sum(file.size for file in files)
        with (
            console.progress("Landing", 2 * size) as self.advance,
            ThreadPoolExecutor(_readers(), thread_name_prefix="hash") as hashing,
            ThreadPoolExecutor(_readers(), thread_name_prefix="read") as self.reading,
        ):
            try:
                self.prints = {
                    file.location.path: hashing.submit(
                        fingerprint, file.location, file.family, self.advance
                    )
                    for file in files
                }
                reports = [
                    report
                    for number, delivery in enumerate(self.extract.deliveries)
                    if (report := self._delivery(delivery, f"{number}"))
                ]
            finally:
                hashing.shutdown(cancel_futures=True)
                self.reading.shutdown(cancel_futures=True)
        self._check_others({report.day for report in reports})
        if self.problems:
            raise LandingError(self.problems)
        is_other_contract = self._land_contract()
        self._remind_of_outdated()
        self._name_those_gone({report.day for report in reports})
        return LandingReport(self.extract.extract_id, reports, self.notes, is_other_contract)

    def _say(self, text: str) -> None:
        self.notes.append(text)
        console.say(text)

    def _land_contract(self) -> bool:
        """Land the contract for staging to read by; whether it is another than before."""
        landed = landed_contract(self.data / "landing")
        if landed == contract_rows(self.contract):
            return False
        write_contract(self.incoming, self.contract)
        source = f"landing/{self.incoming.name}/{CONTRACT}"
        self.plan.move.append((source, f"landing/{CONTRACT}"))
        if landed is not None:
            self._say("The family contract has changed: values are read by the new one from now on")
        return True

    # Which extract, which deliveries

    def _make_room(self) -> None:
        """Keep extracts apart: another synthetic one goes, real deliveries always stay."""
        extract_id = self.extract.extract_id
        real = [day for day, found in self.landed.items() if not found.is_synthetic]
        if self.extract.is_synthetic and real:
            days = ", ".join(day.isoformat() for day in real)
            what = f"Real deliveries are landed in {self.data} ({days})."
            self.problems.append(Problem("synthetic_over_real", what))
        for day, found in list(self.landed.items()):
            if not found.is_synthetic or found.extract_id == extract_id:
                continue
            del self.landed[day]
            self.plan.take_out(self.data, day)
            self._say(
                f"The synthetic delivery of {day} is taken away: it belongs to another "
                f"extract ({found.extract_id})"
            )

    def _check_others(self, days: set[date]) -> None:
        """Deliveries that are not in the raw folder, from which nothing can be read again."""
        for day, found in self.landed.items():
            for file in found.files if found.is_current and day not in days else ():
                family = self.contract.get(file.family)
                if family is None or not file.landed:
                    continue
                name = f"{_stem(family, file.file)}.parquet"
                rows = table_folder(self.data / "landing", file.family, day) / name
                if not is_whole(rows, file.landed_bytes, file.landed_hash):
                    what = f"{rows}, landed from {file.file} on {day}, is missing or damaged."
                    self.problems.append(Problem("landed_file_lost", what, file.family))

    def _remind_of_outdated(self) -> None:
        for day, found in self.landed.items():
            if not found.is_current:
                self._say(
                    f"The delivery of {day} was landed under another contract and is not in "
                    f"the raw folder: it stays as it is; put its files back to land it anew"
                )

    def _name_those_gone(self, days: set[date]) -> None:
        gone = [day.isoformat() for day in self.landed if day not in days]
        if len(gone) > _DAYS_TOLD:
            gone = [f"{len(gone)} deliveries, {gone[0]} to {gone[-1]}"]
        if gone:
            self._say(
                f"Landed, and no longer in the raw folder: {', '.join(gone)}; what is there stays"
                " in use, and arcana land --forget DAY takes a delivery out"
            )

    def _remember(self, delivery: LandedDelivery, staged: Location | None) -> None:
        """Note which files need not be read again, and where their rows are."""
        for file in delivery.files:
            if file.status not in (LANDED, REPEATED) or not file.landed:
                continue
            family = self.contract.get(file.family)
            if family is None:
                continue
            name = f"{_stem(family, file.file)}.parquet"
            if staged is None:
                rows = table_folder(self.data / "landing", file.family, delivery.day) / name
                bad = table_folder(self.data / "quarantine", file.family, delivery.day) / name
            else:
                rows = staged / "landing" / file.family / name
                bad = staged / "quarantine" / file.family / name
            known = self.known.setdefault(
                (file.family, f"{file.file}\n{file.file_hash}"), _Known(rows, bad)
            )
            known.by_day[delivery.day] = file

    def _delivery(self, delivery: Delivery, number: str) -> DeliveryReport | None:
        """Stage one delivery and plan its moves; None when it has problems."""
        before = len(self.problems)
        staged = self.incoming / number
        parts = [
            self._begin(family, delivery.files.get(family.name, []), staged)
            for family in self.contract.values()
        ]
        for part in parts:
            self._end(part, staged)
        if len(self.problems) > before:
            return None
        day = delivery.day or self._agreed_day(parts)
        if day is None:
            return None

        earlier = self.landed.get(day)
        files = [file for part in parts for file in self._settled(part, day, staged)]
        landed = LandedDelivery(day, self.extract.extract_id, True, files)
        seconds = {part.family.name: part.seconds for part in parts if part.seconds}
        # A family without files has a landed one without rows, which the ledger does not list.
        is_healed = any(part.is_healed for part in parts) or not all(
            table_folder(self.data / "landing", family, day).exists() for family in self.contract
        )
        is_changed = earlier != landed or is_healed
        # A day that was accepted once is not asked for again.
        if is_changed and delivery.is_dated and not self._check_day(day, parts):
            return None
        if is_changed:
            if earlier is not None and not is_healed:
                self._say(f"The delivery of {day} has changed and is landed again")
            write_ledger(staged / "landing", landed, self.contract)
            self._plan_moves(day, staged, number)
            self._remember(landed, staged)
        self.landed[day] = landed
        return DeliveryReport(day, files, is_changed, seconds)

    def _plan_moves(self, day: date, staged: Location, number: str) -> None:
        """Tables first, the ledger last: what it names is then there."""
        top = f"landing/{self.incoming.name}/{number}"
        folder = f"delivery={day.isoformat()}"
        for name in self.contract:
            self.plan.move.append((f"{top}/landing/{name}", f"landing/{name}/{folder}"))
            target = f"quarantine/{name}/{folder}"
            if (staged / "quarantine" / name).exists():
                self.plan.move.append((f"{top}/quarantine/{name}", target))
            elif (self.data / target).exists():
                self.plan.remove.append(target)
        for name in ("extract", "landed_files"):
            self.plan.move.append((f"{top}/landing/{name}", f"landing/{name}/{folder}"))

    def _agreed_day(self, parts: list[_StagedFamily]) -> date | None:
        """Day of an undated delivery: on which most families' newest dates agree."""
        newest = {part.family.name: part.days for part in parts if part.days}
        day, problem = agree_on_day(newest)
        if problem:
            self.problems.append(problem)
        if day is None:
            return None
        agreeing = ", ".join(
            name for name, found in newest.items() if day in (found.newest, found.end())
        )
        self._say(f"The delivery is taken as of {day}: the newest date of {agreeing}")
        for name, found in newest.items():
            last = found.newest
            if last and last > day + timedelta(days=1):
                self._say(
                    f"{name}: {found.after(day)} records are of a later day, up to {last};"
                    " so few do not move the day of the delivery"
                )
        return day

    def _check_day(self, day: date, parts: list[_StagedFamily]) -> bool:
        """Hold the day of a delivery folder against its files, unless the user vouches for it."""
        newest = {part.family.name: part.days for part in parts if part.days}
        why = contradiction(day, newest)
        if why is None or day == self.extract.confirmed:
            return True
        what = f"The folder {day} cannot be a delivery of that day: {why}."
        action = (
            f"Rename it, to {likely_day(newest)} for instance; if its day is right, say so once"
            f" with --extract-date {day}."
        )
        self.problems.append(Problem("wrong_delivery_date", what, action=action))
        return False

    # One family of one delivery

    def _begin(self, family: Family, files: list[RawFile], staged: Location) -> _StagedFamily:
        """Set the reading of a family's files going; link what is known already."""
        part = _StagedFamily(family, files)
        for file, sha256 in self._taken(part):
            known = self.known.get((family.name, f"{file.name}\n{sha256}"))
            if known is not None and not known.is_whole():
                self._say(
                    f"{family.name}: {known.rows} is missing or damaged; {file.label} is read again"
                )
                part.is_healed = True
                known = None
            if known is None:
                part.reading[file.label] = self.reading.submit(self._read, file, staged)
                continue
            self.advance(file.size)
            link_or_copy(known.rows, staged / "landing" / family.name / known.rows.name)
            if known.quarantine.exists():
                target = staged / "quarantine" / family.name / known.quarantine.name
                link_or_copy(known.quarantine, target)
            part.known.append((file, known))
            part.saw(next(iter(known.by_day.values())))
        return part

    def _end(self, part: _StagedFamily, staged: Location) -> None:
        """Wait until a family's files are read."""
        for name, reading in part.reading.items():
            try:
                file, seconds, notes = reading.result()
            except RejectedFileError as error:
                part.rejected[name] = error
                continue
            part.files.append(file)
            for note in notes:
                self._say(f"{part.family.name}: {name}: {note}")
            if not file.records:
                self._say(f"{part.family.name}: {name} has only a header: there is nothing to say")
            part.seconds += seconds
            part.saw(file)
        if part.rejected:
            self._reject(part, staged)

    def _taken(self, part: _StagedFamily) -> list[tuple[RawFile, str]]:
        """Files to land with their hashes: one per part, the same contents only once."""
        family = part.family
        taken: dict[str, tuple[RawFile, str]] = {}
        holder: dict[str, str] = {}
        for file in sorted(part.delivered, key=_delivery_order):
            try:
                sha256 = self.prints[file.location.path].result().sha256
            except RejectedFileError as error:
                part.rejected[file.label] = error
                continue
            except OSError as error:
                problem = Problem("unreadable", f"{error}.", family.name, file.label)
                part.rejected[file.label] = RejectedFileError(problem)
                continue
            if sha256 in holder and family.parts and file.stem not in taken:
                what = (
                    f"{file.place} has the same contents as {holder[sha256]}: one part was copied "
                    "over another, whose records are lost."
                )
                self.problems.append(Problem("repeated_part", what, family.name))
            elif sha256 in holder:
                message = f"same contents as {holder[sha256]}, which is taken once"
                self._say(f"{family.name}: {file.place} has the {message}")
                part.files.append(
                    LandedFile(
                        family.name, file.place, REPEATED, sha256, file.size,
                        coerced=1, message=message,
                    )
                )  # fmt: skip
            elif file.stem in taken:
                what = (
                    f"{taken[file.stem][0].place} and {file.place} in {file.location.parent()} "
                    "differ, and both are this family."
                )
                self.problems.append(Problem("ambiguous_files", what, family.name))
            elif family.parts and file.part not in family.parts:
                what = f"Part {file.part} is not among {', '.join(family.parts)}."
                self.problems.append(Problem("unexpected_part", what, family.name, file.label))
            else:
                taken[file.stem] = (file, sha256)
                holder[sha256] = file.place
        return list(taken.values())

    def _read(self, file: RawFile, staged: Location) -> tuple[LandedFile, float, tuple[str, ...]]:
        """Read one file into the staging folder; its entry, seconds taken, what to say of it."""
        started = time.perf_counter()
        family, print_ = file.family, self.prints[file.location.path].result()
        name = f"{file.stem}.parquet"
        rows = staged / "landing" / family.name / name
        bad = staged / "quarantine" / family.name / name
        reader = RecordReader(file.location, family, print_)
        days = NO_DAYS
        with FileWriter(family, file.name, print_.sha256, rows, bad) as writer:
            for piece in reader.pieces(self.advance):
                writer.write(piece)
                days += piece.days
        if not writer.landed_count:
            write_zero_rows(family, rows)
        written = (count_rows(rows), count_rows(bad))
        if written != (writer.landed_count, writer.quarantined_count):
            read = (writer.landed_count, writer.quarantined_count)
            what = f"Parquet holds {written} records landed and quarantined, read were {read}."
            raise RejectedFileError(Problem("count_mismatch", what, family.name, file.name))
        landed_bytes, landed_hash = size_and_hash(rows)
        landed = LandedFile(
            family.name,
            file.name,
            LANDED,
            print_.sha256,
            print_.size,
            records=sum(written),
            landed=written[0],
            quarantined=written[1],
            coerced=sum(reader.coerced.values()),
            landed_bytes=landed_bytes,
            landed_hash=landed_hash,
            message=_message(reader, written[0]),
            days=days,
        )
        return landed, time.perf_counter() - started, reader.layout.notes

    def _reject(self, part: _StagedFamily, staged: Location) -> None:
        """Set a family aside because a file of it cannot be taken, or stop the run."""
        family, rejected = part.family, part.rejected
        stops = family.required or any(error.ends_the_run for error in rejected.values())
        for label, error in rejected.items():
            for found in error.problems:
                problem = replace(found, file=label)
                if stops:
                    self.problems.append(problem)
                else:
                    self._say(f"Rejected: {problem}")
        (staged / "landing" / family.name).remove()
        (staged / "quarantine" / family.name).remove()
        part.known, part.days = [], NO_DAYS
        part.files = [self._rejected_file(part, file) for file in part.delivered]

    def _rejected_file(self, part: _StagedFamily, file: RawFile) -> LandedFile:
        message = f"set aside with {', '.join(part.rejected)}"
        if file.label in part.rejected:
            message = "; ".join(map(str, part.rejected[file.label].problems))
        try:
            sha256 = self.prints[file.location.path].result().sha256
        except (RejectedFileError, OSError):
            sha256 = None
        name = part.family.name
        return LandedFile(name, file.place, REJECTED, sha256, file.size, message=message)

    def _settled(self, part: _StagedFamily, day: date, staged: Location) -> list[LandedFile]:
        """Entries of a family now that the day is certain; zero rows where there are none."""
        family = part.family
        files = list(part.files)
        for file, known in part.known:
            entry = known.by_day.get(day)
            if entry is None:
                since, first = next(iter(known.by_day.items()))
                message = f"same contents as in the delivery of {since}; not read again"
                entry = replace(first, status=REPEATED, message=message)
                self._say(f"{family.name}: {file.place} has the {message}")
            files.append(entry)
        if part.rejected:
            files = [*files, *self._kept(family, day, staged)]
            self._say(f"{family.name}: {self._in_force(family, day)}")
        folder = staged / "landing" / family.name
        if not folder.exists():
            write_zero_rows(family, folder / f"{family.name}.parquet")
        if not files:
            self._say(f"{family.name} is not in the delivery of {day}: landed as zero rows")
            files = [
                LandedFile(family.name, name, MISSING, message="not in the delivery")
                for name in family.file_names()
            ]
        return sorted(files, key=lambda file: (_natural(file.file), file.status != REJECTED))

    def _kept(self, family: Family, day: date, staged: Location) -> list[LandedFile]:
        """Files of the same delivery that were landed before the one now rejected."""
        earlier = self.landed.get(day)
        if earlier is None or not earlier.is_current:
            return []
        kept = [
            file
            for file in earlier.files
            if file.family == family.name and file.status in (LANDED, REPEATED)
        ]
        for part in ("landing", "quarantine") if kept else ():
            for info in table_folder(self.data / part, family.name, day).entries():
                rows = Location(self.data.filesystem, info.path)
                link_or_copy(rows, staged / part / family.name / rows.name)
        return kept

    def _in_force(self, family: Family, day: date) -> str:
        days = [
            found.day
            for found in self.landed.values()
            if found.day <= day
            and any(file.family == family.name and file.landed for file in found.files)
        ]
        if not days:
            return "nothing of it was ever landed; it is treated as missing (zero rows)"
        return f"what was landed with the delivery of {max(days)} stays in force"


def _readers() -> int:
    return min(4, os.cpu_count() or 1)


def _message(reader: RecordReader, landed: int) -> str | None:
    """What was put right in a file, with counts."""
    counts = [f"{code} {count}" for code, count in sorted(reader.coerced.items())]
    counts += [] if landed else ["no records"]
    return "; ".join([*reader.layout.notes, *counts]) or None


def _stem(family: Family, file: str) -> str:
    found = family.pattern.fullmatch(file) or family.pattern.fullmatch(plain_name(file))
    part = found.groupdict().get("part") if found and family.parts else None
    return f"{family.name}_{part}" if part else family.name


def _delivery_order(file: RawFile) -> tuple:
    """Parts by number; of two names for the same file the plain one first."""
    return (_natural(file.stem), len(file.place), file.place)


def _natural(name: str) -> tuple:
    """Sort key under which part 10 follows part 9."""
    pieces = name.replace(".", "_").split("_")
    return tuple((piece.isdigit(), piece.zfill(9)) for piece in pieces)
