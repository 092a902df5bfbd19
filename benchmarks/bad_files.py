"""Trials that landing decides: files, their structure, and customer keys."""

from __future__ import annotations

import gzip
import random
import shutil
import threading
import time
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from unittest import mock

from arcana.landing.derive import canonical_key
from arcana.landing.reader import RecordReader
from trials import (
    CONTRACT,
    DAY,
    OPTIONAL,
    REQUIRED,
    ROWS,
    Bench,
    Raw,
    contents,
    expect,
    expect_equal,
    expect_told,
    file_of,
    header,
    record,
    records,
    refused,
    trial,
    write_extract,
)

MRR, TICKETS = CONTRACT["mrr"], CONTRACT["tickets"]
ONBOARDING = CONTRACT["nps_transacional_onboarding"]
PRODUCT = CONTRACT["nps_transacional_produto"]
HEAD = b"CLIENTE;MRR_12M\n"
CUTS = 100
ORDERS = 20
# A cut may take this away without a word: the header alone, or one record of a few letters.
KEYS = ("T00001", " T00002 ", "t00003", "Ｔ００００４", "\u00a0T00005", "T00006\u200b")


def appended(lines: bytes) -> Callable[[bytes], bytes]:
    """A fault at the end of a file."""
    return lambda body: body + lines


def landed_as_clean(bench: Bench, family: str, spoilt: bytes, coerced: dict[str, int]) -> None:
    """Spoil a file: its rows are those of the clean file, and what was put right is counted."""
    clean, raw = bench.raw(family), bench.raw(family)
    clean.land()
    raw.spoil(family, spoilt)
    raw.land()
    expect(raw.rows(family) == clean.rows(family), f"{family}: other rows than the clean file")
    raw.expect_coerced(family, coerced)


def quarantined(bench: Bench, family: str, spoilt: bytes, kept: int, codes: dict[int, str]) -> Raw:
    """Spoil a file: so many records are landed, and these lines are in quarantine."""
    raw = bench.raw(family)
    raw.spoil(family, spoilt)
    report = raw.land()
    expect_equal(f"{family}, quarantined", raw.quarantined(family), codes)
    parts = len(CONTRACT[family].file_names())
    rows = len(raw.table(family)) - (parts - 1) * ROWS
    bench.count(kept + len(codes), rows + len(raw.quarantined(family)))
    expect_equal(f"{family}, landed", rows, kept)
    counted = sum(file.quarantined for file in report.files)
    expect_equal("counted as quarantined", counted, len(codes))
    return raw


# A. Files and structure


@trial(1, "each of the 3 required families left out", "stops, naming family, pattern and folder")
def _(bench):
    for name in REQUIRED:
        raw = bench.raw()
        bench.fault(raw.file(name).unlink)
        told = raw.stopped(extract_date=DAY)
        expect_told(told, ["missing_family", name, CONTRACT[name].pattern.pattern, str(raw.folder)])
        expect_told(told, ["Put the file into the delivery"])
    return "stopped and named, 3 of 3"


@trial(2, "each of the 10 optional families left out", "landed as zero rows, and said")
def _(bench):
    for name in OPTIONAL:
        raw = bench.raw(*OPTIONAL)
        for file in CONTRACT[name].file_names():
            bench.fault((raw.folder / file).unlink)
        report = raw.land()
        expect_equal(f"{name}, rows", raw.table(name), [])
        expect((raw.data / "landing" / name).is_dir(), f"{name}: no landed table")
        expect_equal(f"{name}, status", {row["status"] for row in raw.listed(name)}, {"missing"})
        expect_told("\n".join(report.notes), [f"{name} is not in the delivery of {DAY}"])
    return "zero rows and said, 10 of 10"


@trial(2, "each of the 11 parts of telemetria left out", "stops, naming the part")
def _(bench):
    raw = bench.raw("telemetria")
    for name in CONTRACT["telemetria"].file_names():
        body = (raw.folder / name).read_bytes()
        bench.fault((raw.folder / name).unlink)
        expect_told(raw.stopped(), ["missing_part", name, "Put the missing parts"])
        (raw.folder / name).write_bytes(body)
    return "stopped and named, 11 of 11"


@trial(3, "a file of 0 bytes, in each of the 13 families", "rejected: empty_file")
def _(bench):
    for name in CONTRACT:
        refused(bench, name, b"", "empty_file", ["0 bytes"])
    return "rejected, 13 of 13"


@trial(
    4,
    "a header without records, in each of the 13 families",
    "rejected: no_records; decision 33: no answers where the family may be empty",
)
def _(bench):
    for name, family in CONTRACT.items():
        if not family.may_be_empty:
            refused(bench, name, contents(family, []), "no_records", ["only a header"])
            continue
        raw = bench.raw(name)
        raw.spoil(name, contents(family, []))
        report = raw.land()
        (listed,) = raw.listed(name)
        expect_equal(f"{name}, landed", (listed["status"], listed["landed"]), ("landed", "0"))
        expect_told("\n".join(report.notes), [f"{name}: ", "there is nothing to say"])
    return "rejected 5, zero rows and said 8"


@trial(5, "a byte order mark, in each UTF-8 family", "put right: bom 1; the same rows")
def _(bench):
    names = [name for name, family in CONTRACT.items() if family.encoding == "utf-8"]
    for name in names:
        body = file_of(CONTRACT[name])
        landed_as_clean(bench, name, b"\xef\xbb\xbf" + body, {"bom": 1})
    return f"the same rows and counted, {len(names)} of {len(names)}"


@trial(
    6,
    "5 other delimiters, in each of the 13 families",
    "rejected: header_mismatch, which is in use",
)
def _(bench):
    tries = 0
    for name, family in CONTRACT.items():
        for other in ",;\t|":
            if other == family.delimiter:
                continue
            body = contents(replace(family, delimiter=other), records(family))
            refused(bench, name, body, "header_mismatch", [repr(other)])
            tries += 1
        # A delimiter that nobody uses: no column is recognised.
        body = contents(replace(family, delimiter="~"), records(family))
        refused(bench, name, body, "missing_column", [repr(family.columns[0].header)])
        tries += 1
    return f"rejected, {tries} of {tries}"


@trial(7, "columns in another order, in each of the 13 families", "read by name; column_order 1")
def _(bench):
    for name, family in CONTRACT.items():
        first = 3 * ROWS if family.parts else 0
        rows = [row[::-1] for row in records(family, first=first)]
        body = contents(family, rows, header(family)[::-1])
        landed_as_clean(bench, name, body, {"column_order": 1})
    return "the same rows and counted, 13 of 13"


@trial(8, "a column more, in each of the 13 families", "ignored, said by name, extra_column 1")
def _(bench):
    for at, (name, family) in enumerate(CONTRACT.items()):
        place = at % (len(family.columns) + 1)
        first = 3 * ROWS if family.parts else 0
        rows = [[*row[:place], "x", *row[place:]] for row in records(family, first=first)]
        names = [*header(family)[:place], "NOVA_COLUNA", *header(family)[place:]]
        landed_as_clean(bench, name, contents(family, rows, names), {"extra_column": 1})
        raw = bench.raw(name)
        raw.spoil(name, contents(family, rows, names))
        expect_told("\n".join(raw.land().notes), [name, raw.file(name).name, "'NOVA_COLUNA'"])
    return "ignored, said and counted, 13 of 13"


@trial(9, "each column of each family left out, one by one", "rejected: missing_column, naming it")
def _(bench):
    tries = 0
    for name, family in CONTRACT.items():
        for at, column in enumerate(family.columns):
            rows = [row[:at] + row[at + 1 :] for row in records(family)]
            names = [other.header for other in family.columns if other is not column]
            body = contents(family, rows, names)
            refused(bench, name, body, "missing_column", [f"{column.header!r} is not in"])
            tries += 1
    return f"rejected and named, {tries} of {tries}"


@trial(
    10,
    "a column in other case, without accents, with blanks, under another name",
    "rejected: missing_column with what is there; only a listed alias is taken",
)
def _(bench):
    for family, old, new in (
        (TICKETS, "BK_TICKET", "bk_ticket"),
        (MRR, "MRR_12M", " MRR_12M"),
        (MRR, "MRR_12M", "MRR 12M "),
        (CONTRACT["nps_transacional_aquisicao"], "Cód. Cliente", "Cod. Cliente"),
        (CONTRACT["historico"], "CD_CLI", "CD CLI"),
    ):
        body = file_of(family).replace(old.encode(family.encoding), new.encode(family.encoding), 1)
        words = [f"{old!r} is not in the header, which has {new!r}"]
        refused(bench, family.name, body, "missing_column", words)
    body = file_of(MRR).replace(b"MRR_12M", b"RECEITA")
    refused(bench, "mrr", body, "missing_column", ["'MRR_12M' is not in the header."])

    amount = replace(MRR.columns[1], aliases=("RECEITA",))
    contract = {**CONTRACT, "mrr": replace(MRR, columns=(MRR.columns[0], amount))}
    clean, raw = bench.raw(), bench.raw()
    clean.land()
    raw.spoil("mrr", body)
    raw.land(contract=contract)
    expect_equal("rows under a listed alias", raw.rows("mrr"), clean.rows("mrr"))
    raw.expect_coerced("mrr", {"column_alias": 1})
    return "rejected with what is there, 6 of 6; alias taken and counted"


@trial(11, "a header name twice, in each of the 13 families", "rejected: duplicate_column")
def _(bench):
    for name, family in CONTRACT.items():
        rows = [[*row, row[0]] for row in records(family)]
        body = contents(family, rows, [*header(family), family.columns[0].header])
        refused(bench, name, body, "duplicate_column", [repr(family.columns[0].header)])
    return "rejected, 13 of 13"


@trial(
    12,
    "each family in another encoding than declared; the same text in another declared one",
    "rejected with line, column and the encoding that fits; the same rows where declared",
)
def _(bench):
    tries = 0
    for name, family in CONTRACT.items():
        text = file_of(family).decode(family.encoding)
        refused(bench, name, text.encode("utf-16"), "wrong_encoding", ["utf-16"])
        tries += 1
        if family.encoding == "cp1252":
            refused(bench, name, text.encode("utf-8"), "wrong_encoding", ["reads as utf-8"])
            tries += 1
        elif "Ação" in text:
            words = ["byte 0xE7", "column ", "cp1252", ", line 2"]
            refused(bench, name, text.encode("cp1252"), "bad_encoding", words, "utf-8")
            tries += 1
    clean, raw = bench.raw("tickets"), bench.raw("tickets")
    clean.land()
    raw.spoil("tickets", lambda body: body.decode().encode("cp1252"))
    raw.land(contract={**CONTRACT, "tickets": replace(TICKETS, encoding="cp1252")})
    expect(raw.file("tickets").read_bytes() != clean.file("tickets").read_bytes(), "no fault")
    expect_equal("rows", raw.rows("tickets"), clean.rows("tickets"))
    return f"rejected with the right encoding, {tries} of {tries}; the same rows where declared"


@trial(
    13,
    "1 and 3 undecodable records of 200",
    "quarantined: bad_encoding; above 1 % the file is rejected",
)
def _(bench):
    good = HEAD + b"".join(b"T%05d;1\n" % row for row in range(199))
    quarantined(bench, "mrr", good + b"T2;\xe7\n", 199, {201: "bad_encoding"})
    words = ["Over 1 %", "byte 0xE7 at column 4", "line 201", "cp1252"]
    refused(bench, "mrr", good + b"T2;\xe7\n" * 3, "bad_encoding", words)
    return "1 quarantined; 3 reject the file"


@trial(14, "letters of cp1252 that latin-1 lacks (€, “”, …)", "read as cp1252, letter by letter")
def _(bench):
    wanted = "R$ 10 € “já” – Š…"
    raw = bench.raw(PRODUCT.name)
    rows = records(PRODUCT)
    bench.fault(lambda: rows[0].__setitem__(1, wanted))
    raw.file(PRODUCT.name).write_bytes(contents(PRODUCT, rows))
    raw.land()
    expect_equal("the cell", raw.table(PRODUCT.name)[0]["linha_de_produto"], wanted)
    return "read"


@trial(15, "line ends and delimiters inside quotes", "one record each; none more, none less")
def _(bench):
    cells = ['a;b "c"', "one\ntwo\n\nthree", "x\r\ny"]
    raw = bench.raw(ONBOARDING.name)
    rows = records(ONBOARDING, 5)
    bench.fault(lambda: [row.__setitem__(3, cell) for row, cell in zip(rows, cells, strict=False)])
    raw.file(ONBOARDING.name).write_bytes(contents(ONBOARDING, rows))
    raw.land()
    landed = raw.table(ONBOARDING.name)
    bench.count(5, len(landed))
    expect_equal("quarantined", raw.quarantined(ONBOARDING.name), {})
    found = [row["nota_ajuda"].replace("\r\n", "\n") for row in landed][:3]
    expect_equal("cells", found, [cell.replace("\r\n", "\n") for cell in cells])
    expect_equal("records", len(landed), 5)
    return "3 of 5 records with line ends inside, 5 landed"


@trial(
    16,
    "a quote that is not closed; two of them",
    "its line quarantined: unclosed_quote, if the next one reads; else rejected",
)
def _(bench):
    good = contents(ONBOARDING, records(ONBOARDING, 1))
    line = good.splitlines(keepends=True)[-1]
    opened = line.replace(b"7;7", b'7;"7', 1)
    quarantined(bench, ONBOARDING.name, good + opened + line * 2, 3, {3: "unclosed_quote"})
    body = good + opened * 2 + line
    refused(bench, ONBOARDING.name, body, "unclosed_quote", ["Line 3 opens a quote", "line 3"])
    # Where quotes are letters none swallows anything.
    raw = bench.raw()
    raw.spoil("mrr", appended(b'"T00077;1\nT00078;2\n'))
    raw.land()
    expect_equal("rows of mrr", len(raw.table("mrr")), ROWS + 2)
    return "1 line quarantined, 2 reject the file; a letter in other families"


@trial(
    17, "a field too many and one too few, in each of the 13 families", "quarantined: field_count"
)
def _(bench):
    for name, family in CONTRACT.items():
        first = 3 * ROWS if family.parts else 0
        rows = records(family, first=first)
        spoilt = [*rows[:2], [*rows[2], "x"], rows[3][:-1], *rows[4:]]
        codes = {4: "field_count", 5: "field_count"}
        quarantined(bench, name, contents(family, spoilt), ROWS - 2, codes)
    return "26 of 26 quarantined, the others landed"


@trial(
    18,
    f"files cut off at {CUTS} places inside a record",
    "decision 33: the last record is landed whole and counted, or it alone is quarantined",
)
def _(bench):
    draw = random.Random(18)
    taken = 0
    for number in range(CUTS):
        name = list(CONTRACT)[number % len(CONTRACT)]
        family = CONTRACT[name]
        whole = file_of(family)
        begin = whole.index(b"\n", whole.index(b"\n") + 1) + 2
        ends = [at for at in range(begin, len(whole)) if whole[at - 1 : at] != b"\n"]
        part = whole[: draw.choice(ends)]
        clean, raw = bench.raw(name), bench.raw(name)
        clean.land()
        raw.spoil(name, part)
        raw.land()
        begun = part.count(b"\n")
        others = (len(family.file_names()) - 1) * ROWS
        rows, bad = raw.rows(name), raw.quarantined(name)
        bench.count(begun, len(rows) - others + len(bad))
        expect_equal(f"{name}, records", len(rows) - others + len(bad), begun)
        expect(all(row in clean.rows(name) for row in rows), f"{name}: half a record landed")
        counted = any("no_final_line_end 1" in (row["message"] or "") for row in raw.listed(name))
        told = bad == {begun + 1: "no_final_line_end"} or (not bad and counted)
        expect(told, f"{name}: cut off without a word, {bad}")
        taken += counted
    return f"{CUTS} of {CUTS} told: {taken} last records whole, {CUTS - taken} quarantined"


@trial(19, "a line of totals; blank lines", "quarantined: trailer; blank_line counted")
def _(bench):
    for line in (b"Total;123.45\n", b"TOTAL GERAL:;1\n\n", b"Subtotal;\n", b"Total: 5\n"):
        body = file_of(MRR) + line
        quarantined(bench, "mrr", body, ROWS, {ROWS + 2: "trailer"})
    lines = file_of(MRR).splitlines(keepends=True)
    landed_as_clean(bench, "mrr", b"\n \n".join(lines), {"blank_line": 2 * ROWS})
    return "4 of 4 totals quarantined; 12 blank lines counted"


@trial(20, "CRLF and LF mixed, in each of the 13 families", "put right: line_end; the same rows")
def _(bench):
    for name, family in CONTRACT.items():
        lines = file_of(family).splitlines(keepends=True)
        mixed = b"".join(
            line.replace(b"\n", b"\r\n") if at % 3 else line for at, line in enumerate(lines)
        )
        odd = min(mixed.count(b"\r\n"), len(lines) - mixed.count(b"\r\n"))
        landed_as_clean(bench, name, mixed, {"line_end": odd})
    return "the same rows and counted, 13 of 13"


@trial(21, "NUL bytes inside and around keys", "taken out and counted; a key of NULs only is none")
def _(bench):
    lines = file_of(MRR).replace(b"T00001", b"T\x000000\x001").replace(b"T00002", b"\x00T00002")
    landed_as_clean(bench, "mrr", lines, {"nul_byte": 3})
    raw = bench.raw()
    raw.spoil("mrr", appended(b"\x00\x00;7\n"))
    raw.land()
    expect_equal("key", [row["customer_key"] for row in raw.table("mrr")][ROWS:], [None])
    return "3 of 3 taken out; the key that held nothing else is null"


@trial(22, "each file once more under another name, and in a later delivery", "taken once, counted")
def _(bench):
    clean = bench.raw()
    clean.land()
    raw = bench.raw()
    copy = raw.folder / "clientes_desde (1).csv"
    bench.fault(lambda: shutil.copy(raw.file("clientes_desde"), copy))
    packed = gzip.compress(raw.file("mrr").read_bytes())
    bench.fault(lambda: (raw.folder / "mrr.csv.gz").write_bytes(packed))
    report = raw.land()
    for name in REQUIRED:
        expect_equal(f"{name}, rows", raw.rows(name), clean.rows(name))
    for name in ("clientes_desde", "mrr"):
        statuses = sorted(row["status"] for row in raw.listed(name))
        expect_equal(f"{name}, statuses", statuses, ["landed", "same_as_earlier"])
    expect_told("\n".join(report.notes), ["clientes_desde (1).csv has the same contents as"])
    # In the delivery after it: known by its hash, and not read again.
    raw = bench.raw()
    days = [raw.folder / day.isoformat() for day in (DAY, DAY + timedelta(days=7))]
    _into_folders(raw, days)
    changed = file_of(MRR).replace(b"12.5", b"13.5")
    bench.fault(lambda: (days[1] / "mrr.csv").write_bytes(changed))
    report = raw.land()
    expect_equal("mrr", [row["status"] for row in raw.listed("mrr")], ["landed", "landed"])
    statuses = [row["status"] for row in raw.listed("clientes_desde")]
    expect_equal("clientes_desde", statuses, ["landed", "same_as_earlier"])
    return "once each, and said"


@trial(
    23, "two different files for one family or part; a part nobody expects", "stops, naming both"
)
def _(bench):
    for name, second in (
        ("clientes_desde", "clientes_desde (1).csv"),
        ("mrr", "mrr.csv.gz"),
    ):
        raw = bench.raw()
        body = file_of(CONTRACT[name], ROWS + 1)
        body = gzip.compress(body) if second.endswith(".gz") else body
        bench.fault(lambda to=raw.folder / second, body=body: to.write_bytes(body))
        told = raw.stopped()
        expect_told(told, ["ambiguous_files", f"{name}.csv and {second}", "Leave only the right"])
    raw = bench.raw("telemetria")
    unknown = raw.folder / "telemetria_12.csv"
    other = contents(CONTRACT["telemetria"], records(CONTRACT["telemetria"], first=990))
    bench.fault(lambda: unknown.write_bytes(other))
    expect_told(raw.stopped(), ["unexpected_part", "telemetria_12.csv", "under `parts`"])
    unknown.unlink(missing_ok=True)
    copied = raw.folder / "telemetria_5.csv"
    bench.fault(lambda: shutil.copy(raw.folder / "telemetria_4.csv", copied))
    expect_told(raw.stopped(), ["repeated_part", "telemetria_5.csv", "telemetria_4.csv"])
    return "stopped and named, 4 of 4"


@trial(24, f"4 deliveries landed in {ORDERS} orders", "the same landed rows as all at once")
def _(bench):
    days = [DAY - timedelta(days=30 * back) for back in (3, 2, 1, 0)]
    at_once = bench.raw()
    source = _deliveries(at_once, days)
    at_once.land()
    tables = [*CONTRACT, "extract"]
    wanted = {name: at_once.table(name) for name in tables}
    draw = random.Random(24)
    for _ in range(ORDERS):
        order = draw.sample(source, len(source))
        raw = bench.raw()
        shutil.rmtree(raw.folder)
        raw.folder.mkdir()
        # Without the fault only one of them comes at all.
        for folder in order if bench.has_faults else order[:1]:
            shutil.copytree(folder, raw.folder / folder.name)
            raw.land()
        for name in tables:
            expect(raw.table(name) == wanted[name], f"{name} differs in order {order}")
    return f"the same rows, {ORDERS} of {ORDERS}"


@trial(25, "a file that grows, and one replaced, while it is read", "stops: changed_while_reading")
def _(bench):
    honest = RecordReader.pieces
    for change in (
        lambda path: path.open("ab").write(b"T9;9\n"),
        lambda path: path.write_bytes(file_of(MRR).replace(b"12.5", b"99.9")),
    ):
        raw = bench.raw()

        def meanwhile(self, advance, change=change):
            if self.family.name == "mrr":
                # Some clocks of file systems tick no faster than this.
                time.sleep(0.02)
                writer = threading.Thread(target=change, args=(Path(self.file.path),))
                bench.fault(writer.start)
                bench.fault(writer.join)
            return honest(self, advance)

        with mock.patch.object(RecordReader, "pieces", meanwhile):
            told = raw.stopped()
        expect_told(told, ["mrr.csv: changed_while_reading", "Wait until the copy is complete"])
    return "stopped, 2 of 2"


@trial(
    27,
    "links, folders, odd names, paths inside archives; .csv.gz, .zip of one and of two files",
    "decision 33: only regular files of a family are read; .gz and .zip of one file as well",
)
def _(bench):
    raw = bench.raw("tickets")
    outside = raw.folder.parent / "elsewhere.csv"
    outside.write_bytes(file_of(TICKETS))

    def tricks():
        raw.file("tickets").unlink()
        raw.file("tickets").symlink_to(outside)
        (raw.folder / "historico.csv").mkdir()
        for name in ("historico.csv.xz", "historico.exe", "nps relacional.csv"):
            (raw.folder / name).write_bytes(b"x")
        with zipfile.ZipFile(raw.folder / "two.zip", "w") as archive:
            archive.writestr("../../evil.csv", b"x")
            archive.writestr("historico.csv", file_of(CONTRACT["historico"]))

    bench.fault(tricks)
    notes = raw.land().notes
    for name, why in (
        ("tickets.csv", "no links"),
        ("historico.csv/", "a folder"),
        ("historico.csv.xz", "only .gz and .zip"),
        ("two.zip", "holds 2 files"),
        ("nps relacional.csv", "no family"),
    ):
        found = [note for note in notes if note.startswith(f"{name} is ignored")]
        expect(bool(found), f"{name} is not named as ignored")
        expect(why in found[0] or why == "a folder", f"{name}: {found[0]}")
    for name in ("tickets", "historico"):
        expect_equal(f"{name}, rows", raw.table(name), [])
    expect(not list(raw.folder.parent.parent.rglob("evil.csv")), "a file was written outside")

    clean, packed = bench.raw(), bench.raw()
    clean.land()

    def pack():
        mrr = packed.file("mrr")
        (packed.folder / "mrr.csv.gz").write_bytes(gzip.compress(mrr.read_bytes()))
        mrr.unlink()
        spine = packed.file("clientes_desde")
        with zipfile.ZipFile(packed.folder / "spine.zip", "w") as archive:
            archive.writestr("../../clientes_desde.csv", spine.read_bytes())
        spine.unlink()

    bench.fault(pack)
    packed.land()
    for name in REQUIRED:
        expect_equal(f"{name}, rows of the packed file", packed.rows(name), clean.rows(name))
    expect(not packed.file("mrr").exists(), "nothing was packed")
    return "5 ignored and named, nothing written outside; .gz and .zip read as what is in them"


def _into_folders(raw: Raw, days: list[Path]) -> None:
    """Move loose files into delivery folders, the same into each."""
    files = list(raw.folder.iterdir())
    for folder in days:
        folder.mkdir()
        for file in files:
            shutil.copy(file, folder)
    for file in files:
        file.unlink()


def _deliveries(raw: Raw, days: list[date]) -> list[Path]:
    """Write delivery folders of several days, each with records of its own; two share a file."""
    shutil.rmtree(raw.folder)
    folders = [
        write_extract(raw.folder / day.isoformat(), (*REQUIRED, "tickets"), ROWS + number, day)
        for number, day in enumerate(days)
    ]
    shutil.copy(folders[1] / "mrr.csv", folders[2])
    return folders


# C. Keys, as far as landing decides


@trial(
    45,
    "keys with blanks, in small letters, full-width, with invisible letters",
    "canonical, counted",
)
def _(bench):
    raw = bench.raw()
    wanted = [f"T{number:05d}" for number in range(1, 7)]
    keys = KEYS if bench.has_faults else wanted
    raw.file("mrr").write_bytes(contents(MRR, [[key, "1"] for key in keys]))
    raw.land()
    rows = raw.table("mrr")
    expect_equal("canonical", [row["customer_key"] for row in rows], wanted)
    expect_equal("raw beside it", [row["cliente"] for row in rows], list(keys))
    raw.expect_coerced("mrr", {"key": 4, "key_invisible": 1})
    draw = random.Random(45)
    letters = "T1aé.0 =\"'#-N\u200b\u00a0ßﬁ\ufe0f１Ｔ\x00\t"
    for _ in range(20_000):
        key = "".join(draw.choices(letters, k=draw.randint(0, 9)))
        once = canonical_key(key)
        expect(once is None or canonical_key(once) == once, f"{key!r} changes twice")
    return "5 of 5 canonical and counted; 20,000 drawn keys stay as they are the second time"


@trial(
    47, "keys that a spreadsheet made numbers of (123.0, 4567.00)", "landing takes .0 off, counted"
)
def _(bench):
    raw = bench.raw()
    for key, wanted in (("123.0", "123"), ("00123.0", "00123"), ("1.5", "1.5")):
        expect_equal(f"canonical {key}", canonical_key(key), wanted)
    keys = ["123.0", "00123.0"] if bench.has_faults else ["123", "00123"]
    raw.file("mrr").write_bytes(contents(MRR, [[key, "1"] for key in keys]))
    raw.land()
    expect_equal("keys", [row["customer_key"] for row in raw.table("mrr")], ["123", "00123"])
    raw.expect_coerced("mrr", {"key": 2})
    return "taken off and counted, 2 of 2"


@trial(
    48,
    "5 store codes behind the customer's key",
    "decision 38: split into key and store; every code is kept",
)
def _(bench):
    family = CONTRACT["telemetria"]
    raw = bench.raw(family.name)
    stores = ["00", "01", "02", "AB", "ZZ"]
    given = stores if bench.has_faults else ["00"] * 5
    rows = [[f"T00001{store}", *record(family)[1:]] for store in given]
    raw.file(family.name).write_bytes(contents(family, rows))
    raw.land()
    landed = [row for row in raw.table(family.name) if row["_file"] == raw.file(family.name).name]
    expect_equal("customers", {row["customer_key"] for row in landed}, {"T00001"})
    expect_equal("stores", [row["store_id"] for row in landed], stores)
    return "split, 5 of 5"
