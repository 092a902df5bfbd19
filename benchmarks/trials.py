"""What the trials of bad_inputs.py share: how a trial is written, and a folder to land from.

A trial makes a clean extract, puts its fault into it through `Bench.fault` (and through
nothing else), and holds what comes of it against what is stated. Without faults
(`bad_inputs.py --no-faults`) the same trials must all end otherwise: a trial that does not is
one that cannot fail.
"""

from __future__ import annotations

import contextlib
import io
import sys
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow.parquet as pq

from arcana.families import Family
from arcana.landing import REASONS, LandingError, LandingReport, land

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests" / "python"))
from raw_files import CONTRACT, DAY, REQUIRED, contents, record, write_extract  # noqa: E402

OPTIONAL = tuple(name for name in CONTRACT if name not in REQUIRED)
ROWS = 6
# Columns of a landed row that tell of its file and not of its record.
OF_THE_FILE = ("_file", "_line", "_file_hash")


class OtherTreatmentError(Exception):
    """What happened is not what is stated."""


@dataclass(frozen=True)
class Trial:
    """A case of bad input: what is tried, what is stated of it, and how it is tried.

    `run` gives back what happened, in words, or raises OtherTreatmentError.
    """

    case: int
    tried: str
    stated: str
    run: Callable[[Bench], str]


TRIALS: list[Trial] = []


def trial(case: int, tried: str, stated: str):
    """Register a function as the trial of a case."""

    def register(run: Callable[[Bench], str]):
        TRIALS.append(Trial(case, tried, stated, run))
        return run

    return register


def expect(is_so: bool, otherwise: str) -> None:
    """Go on only if it is so."""
    if not is_so:
        raise OtherTreatmentError(otherwise)


def expect_equal(what: str, found: object, wanted: object) -> None:
    """Go on only if what was found is what is wanted."""
    expect(found == wanted, f"{what}: {found!r} and not {wanted!r}")


def expect_told(text: str, words: Iterable[str]) -> None:
    """Go on only if a message holds all words."""
    for word in words:
        expect(word in text, f"{word!r} is not in the message: {text.strip()[-400:]!r}")


@dataclass
class Bench:
    """The folder in which trials take place, and the records that went astray in it."""

    folder: Path
    has_faults: bool = True
    records: int = 0
    lost: int = 0
    shared: dict = field(default_factory=dict)

    def fault(self, do: Callable[[], object]) -> None:
        """Put a fault in, unless this is a run without faults."""
        if self.has_faults:
            do()

    def raw(self, *families: str, rows: int = ROWS) -> Raw:
        """A clean extract of the required families and those named."""
        folder = Path(tempfile.mkdtemp(dir=self.folder))
        names = tuple(dict.fromkeys((*REQUIRED, *families)))
        return Raw(self, write_extract(folder / "raw", names, rows), folder / "data")

    def count(self, records: int, found: int) -> None:
        """Add records that went in, and how many of them can be accounted for."""
        self.records += records
        self.lost += abs(records - found)


@dataclass
class Raw:
    """A raw folder, and where it is landed."""

    bench: Bench
    folder: Path
    data: Path

    def file(self, family: str) -> Path:
        """The family's file, the fourth part where it comes in parts."""
        names = CONTRACT[family].file_names()
        return self.folder / names[min(3, len(names) - 1)]

    def spoil(self, family: str, body: bytes | Callable[[bytes], bytes]) -> None:
        """Give the family's file another content: the fault."""
        file = self.file(family)
        self.bench.fault(
            lambda: file.write_bytes(body if isinstance(body, bytes) else body(file.read_bytes()))
        )

    def land(self, **options) -> LandingReport:
        """Land; every file of the ledger must add up, and the tables hold what it says."""
        with contextlib.redirect_stderr(io.StringIO()), _silence():
            report = land(self.folder, self.data, **options)
        for file in report.files:
            self.bench.count(file.records, file.landed + file.quarantined)
        return report

    def stopped(self, **options) -> str:
        """What a landing says that does not take place; nothing landed may change."""
        before = self.everything()
        try:
            self.land(**options)
        except LandingError as error:
            expect(self.everything() == before, "the landing has changed although it stopped")
            return str(error)
        raise OtherTreatmentError("it was landed")

    def everything(self) -> dict[str, bytes]:
        """Every landed file and its content."""
        return {
            str(path.relative_to(self.data)): path.read_bytes()
            for path in self.data.rglob("*")
            if path.is_file()
        }

    def table(self, name: str, part: str = "landing", delivery: str = "*") -> list[dict]:
        """Rows of a landed table."""
        paths = sorted((self.data / part / name).glob(f"delivery={delivery}/*.parquet"))
        return [row for path in paths for row in pq.ParquetFile(path).read().to_pylist()]

    def rows(self, family: str, *beside: str) -> list[dict]:
        """Landed rows of a family without what tells of their file, or other columns."""
        out = {*OF_THE_FILE, *beside}
        return [
            {name: value for name, value in row.items() if name not in out}
            for row in self.table(family)
        ]

    def quarantined(self, family: str) -> dict[int, str]:
        """Reason code of each quarantined line; each must say file, hash, detail and record."""
        rows = self.table(family, "quarantine")
        for row in rows:
            expect(all(row.values()), f"a quarantined record without a cell: {row}")
            expect(REASONS[row["reason_code"]].scope == "record", row["reason_code"])
        return {int(row["line"]): row["reason_code"] for row in rows}

    def listed(self, family: str) -> list[dict]:
        """What the ledger says of the family's files."""
        return [row for row in self.table("landed_files") if row["family"] == family]

    def expect_coerced(self, family: str, counts: dict[str, int]) -> None:
        """Go on only if the ledger counts exactly this as put right."""
        told = "; ".join(row["message"] or "" for row in self.listed(family))
        for code, count in counts.items():
            expect(f"{code} {count}" in told, f"{code} {count} is not counted: {told!r}")
        total = sum(int(row["coerced"]) for row in self.listed(family))
        expect_equal(f"{family}, coerced in all", total, sum(counts.values()))


def refused(
    bench: Bench,
    family: str,
    body: bytes | Callable[[bytes], bytes],
    rule: str,
    words: Iterable[str] = (),
    action: str | None = None,
    **options,
) -> None:
    """Spoil a file: the run stops if its family is required, else the last one stays in force."""
    raw = bench.raw(family)
    raw.land(**options)
    before = raw.table(family)
    raw.spoil(family, body)
    told = [f"{rule}: ", raw.file(family).name, action or REASONS[rule].action, *words]
    if CONTRACT[family].required:
        expect_told(raw.stopped(**options), [family, "Nothing was landed", *told])
        return
    report = raw.land(**options)
    notes = "\n".join(report.notes)
    expect_told(notes, ["Rejected: ", family, *told, "stays in force"])
    statuses = {row["status"] for row in raw.listed(family)}
    expect("rejected" in statuses, f"{family}: status {statuses}")
    expect(raw.table(family) == before, f"{family}: other rows than those accepted last")


def header(family: Family) -> list[str]:
    """Header of a family as the vendor writes it."""
    return [column.header for column in family.columns]


def records(family: Family, rows: int = ROWS, first: int = 0) -> list[list[str]]:
    """Believable records."""
    return [record(family, first + row, DAY) for row in range(rows)]


def file_of(family: Family, rows: int = ROWS) -> bytes:
    """A clean file, the fourth part of a family that comes in parts."""
    return contents(family, records(family, rows, 3 * rows if family.parts else 0))


@contextlib.contextmanager
def _silence():
    # The console writes to the stream it was made with.
    from arcana import console  # noqa: PLC0415

    kept = console._stderr.quiet
    console._stderr.quiet = True
    try:
        yield
    finally:
        console._stderr.quiet = kept
