"""Why landing does not take something: the closed list of reasons, and their messages.

A *record* that cannot be read goes to quarantine with its reason code. A *file*
or a *delivery* that cannot be taken is a `Problem`: of a required family it ends
the run, of an optional one the file is rejected and the run goes on. What can be
put right without losing anything is *coerced* and only counted.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from arcana.errors import ArcanaError


@dataclass(frozen=True)
class Reason:
    """What a code means and what a person does about it.

    `scope` is what the code speaks of: record (quarantined), file (rejected),
    delivery (the run ends) or coerced (put right and counted).
    """

    scope: str
    meaning: str
    action: str


REASONS: dict[str, Reason] = {
    # One record: it is in quarantine, the rest of its file is landed.
    "field_count": Reason(
        "record",
        "The record has more or fewer fields than the header.",
        "Ask for the record again; often a delimiter or a line end inside a text.",
    ),
    "bad_encoding": Reason(
        "record",
        "The record holds bytes that do not exist in the family's declared encoding; "
        "above 1 % of a file's records the whole file is rejected.",
        "Ask for the file in the encoding that families.yml declares.",
    ),
    "unclosed_quote": Reason(
        "record",
        "A quoted field is opened and not closed, or goes on after its closing quote; "
        "when the record after it cannot be read either, the whole file is rejected.",
        "Ask for the record again with its quotes doubled inside the field.",
    ),
    "trailer": Reason(
        "record",
        "A closing line such as Total, which is no record.",
        "Nothing to repair; ask for the export without totals.",
    ),
    "no_final_line_end": Reason(
        "record",
        "The last record has no line end, and nothing shows that it is whole: the file was "
        "perhaps cut off while it was copied. Where its last field shows it (a date, a key), "
        "or `may_lack_line_end` is set, it is taken and counted under this code.",
        "Copy or export the file again; if its program never ends the last line, set "
        "`may_lack_line_end` of the family in families.yml.",
    ),
    # One file: nothing of it is landed.
    "empty_file": Reason("file", "The file has no bytes.", "Export the file again."),
    "no_records": Reason(
        "file",
        "The file has a header and no record, and its family may not be empty.",
        "Export the file again.",
    ),
    "not_csv": Reason(
        "file",
        "The file is of another kind than its name says.",
        "Save or export it as CSV; unpack what is compressed, or name it .csv.gz or .zip.",
    ),
    "no_readable_records": Reason(
        "file",
        "Not one record of the file can be read.",
        "Compare the file with its family in families.yml and export it again.",
    ),
    "header_mismatch": Reason(
        "file",
        "The header is not the family's: another delimiter or quoting is in use.",
        "Export the file as families.yml declares it.",
    ),
    "wrong_encoding": Reason(
        "file",
        "The file is in another encoding than the one declared.",
        "Export the file in the declared encoding, or change `encoding` in families.yml.",
    ),
    "missing_column": Reason(
        "file",
        "A column of the family is not in the header.",
        "Export it again, or list the new spelling under `aliases` in families.yml.",
    ),
    "duplicate_column": Reason(
        "file", "A column stands in the header twice.", "Export the file with each column once."
    ),
    "line_too_long": Reason(
        "file", "A line is longer than any record can be.", "Check that the file is a CSV file."
    ),
    "unreadable": Reason(
        "file",
        "The file cannot be opened, read or unpacked.",
        "Check its permissions; copy a damaged one again.",
    ),
    # The delivery, or the run: nothing is published.
    "changed_while_reading": Reason(
        "delivery",
        "The file was written to while it was being read.",
        "Wait until the copy is complete, then land again.",
    ),
    "count_mismatch": Reason(
        "delivery",
        "The records landed and quarantined do not add up to the lines of the file.",
        "This is a defect of Arcana: report it, with the counts and without the data.",
    ),
    "landed_file_lost": Reason(
        "delivery",
        "A landed file is missing or damaged, and its raw file is not in the raw folder.",
        "Put the raw files of that delivery back and land again: what is lost is read anew.",
    ),
    "missing_family": Reason(
        "delivery", "A required family has no file.", "Put the file into the delivery."
    ),
    "repeated_part": Reason(
        "delivery",
        "Two parts of a family are the same file.",
        "Deliver the part that was overwritten.",
    ),
    "missing_part": Reason(
        "delivery",
        "Some parts of a family that comes in parts are there, others are not.",
        "Put the missing parts into the delivery, or take all parts out of it.",
    ),
    "unexpected_part": Reason(
        "delivery",
        "A part that the contract does not list.",
        "List it under `parts` in families.yml, or take the file away.",
    ),
    "ambiguous_files": Reason(
        "delivery",
        "Two different files claim to be the same family or part.",
        "Leave only the right one.",
    ),
    "no_raw_folder": Reason(
        "delivery",
        "The raw folder does not exist or holds no file of any family.",
        "Put the extract there, or point ARCANA_RAW (--raw) to it.",
    ),
    "mixed_layout": Reason(
        "delivery",
        "Dated delivery folders and loose files lie side by side.",
        "Move the loose files into a folder named by the day of their delivery.",
    ),
    "bad_delivery_name": Reason(
        "delivery", "A delivery folder's name is no calendar day.", "Name it YYYY-MM-DD."
    ),
    "wrong_delivery_date": Reason(
        "delivery",
        "The day of a delivery folder is not that of the files in it.",
        "Rename the folder; if its day is right, say so once with --extract-date.",
    ),
    "unknown_delivery_date": Reason(
        "delivery",
        "The day of the delivery does not follow from the files.",
        "Say it with --extract-date YYYY-MM-DD.",
    ),
    "bad_synthetic_marker": Reason(
        "delivery", "_synthetic.json cannot be read.", "Simulate the extract again."
    ),
    "synthetic_over_real": Reason(
        "delivery",
        "A synthetic extract would be mixed with real deliveries that are landed.",
        "Land it into another folder (ARCANA_DATA).",
    ),
    "cannot_write": Reason(
        "delivery", "Landing cannot write to the data folder.", "Check its space and permissions."
    ),
    # Put right and counted; nothing is lost.
    "bom": Reason("coerced", "A byte order mark was taken off.", "Nothing."),
    "blank_line": Reason("coerced", "A blank line was passed over.", "Nothing."),
    "nul_byte": Reason("coerced", "NUL bytes were taken out.", "Ask how they got in."),
    "line_end": Reason("coerced", "CRLF and LF are mixed; read as one.", "Nothing."),
    "column_order": Reason("coerced", "The columns come in another order.", "Nothing."),
    "column_alias": Reason("coerced", "A column came under a listed alias.", "Nothing."),
    "sep_line": Reason("coerced", "A first line that names the delimiter was skipped.", "Nothing."),
    "trailing_delimiter": Reason(
        "coerced",
        "Rows and header differ by empty fields at the end of every one; they were left out.",
        "Nothing.",
    ),
    "extra_column": Reason(
        "coerced", "A column that the family does not know was ignored.", "Say whether it is new."
    ),
    "key": Reason(
        "coerced",
        "A customer key was brought to its canonical form (customer_key).",
        "Nothing; the raw key stays beside it.",
    ),
    "key_quoted": Reason(
        "coerced",
        'Quotes or a formula (="T12345") around a customer key were taken off.',
        "Nothing; the raw key stays beside it.",
    ),
    "key_invisible": Reason(
        "coerced",
        "Invisible characters in a customer key were taken out.",
        "Nothing; the raw key stays beside it.",
    ),
    "repeated_file": Reason(
        "coerced", "The same file lay there twice; it was taken once.", "Nothing."
    ),
}


@dataclass(frozen=True)
class Problem:
    """One thing that stops a file or a run, and what to do about it."""

    rule: str
    what: str
    family: str | None = None
    file: str | None = None
    line: int | None = None
    action: str | None = None

    def __str__(self) -> str:
        place = [self.family, self.file, self.line and f"line {self.line}"]
        where = ", ".join(str(part) for part in place if part)
        action = self.action or REASONS[self.rule].action
        return f"{where + ': ' if where else ''}{self.rule}: {self.what} {action}"


class LandingError(ArcanaError):
    """Nothing was landed; `problems` holds everything that was found, one line each."""

    def __init__(self, problems: Iterable[Problem]):
        self.problems = tuple(problems)
        count = len(self.problems)
        title = f"Nothing was landed: {count} problem{'s' if count > 1 else ''} in the raw files."
        super().__init__("\n".join([title, *(f"  {problem}" for problem in self.problems)]))


class RejectedFileError(Exception):
    """A file cannot be taken; caught by landing, which knows what its family allows."""

    def __init__(self, *problems: Problem):
        self.problems = problems
        super().__init__("; ".join(str(problem) for problem in problems))

    @property
    def ends_the_run(self) -> bool:
        """Whether no family, required or optional, can do without this file."""
        return any(REASONS[problem.rule].scope == "delivery" for problem in self.problems)
