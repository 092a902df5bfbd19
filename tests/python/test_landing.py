"""Landing: every record counted, bad files told, nothing half done.

The bad files are built here, in code, from the family contract. Set
ARCANA_HYPOTHESIS_EXAMPLES to look further than the default.
"""

from __future__ import annotations

import json
import os
import shutil
import threading
from dataclasses import replace
from datetime import date, timedelta
from importlib import resources
from pathlib import Path

import fsspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import raw_files
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from landed import files, read, table
from pyarrow import fs
from raw_files import CONTRACT, FILE_COUNT, REQUIRED, contents, record, write_extract

from arcana import families
from arcana.errors import UsageError
from arcana.families import Column
from arcana.landing import REASONS, LandingError, land, publish, reader
from arcana.landing.dating import NewestDays, agree_on_day
from arcana.landing.derive import canonical_key, newest_days
from arcana.landing.reader import RecordReader, fingerprint
from arcana.landing.reasons import RejectedFileError
from arcana.landing.storage import Location, locate
from arcana.landing.writing import landed_names

DAY = date(2025, 3, 25)
EARLIER = date(2025, 2, 25)
MRR, TICKETS = CONTRACT["mrr"], CONTRACT["tickets"]
ONBOARDING = CONTRACT["nps_transacional_onboarding"]
ACQUISITION = CONTRACT["nps_transacional_aquisicao"]

generated = settings(
    max_examples=int(os.environ.get("ARCANA_HYPOTHESIS_EXAMPLES", "60")),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@pytest.fixture
def raw(tmp_path):
    """The smallest raw folder that lands."""
    return write_extract(tmp_path / "raw", REQUIRED)


@pytest.fixture
def data(tmp_path):
    return tmp_path / "data"


def everything(data: Path) -> dict[str, tuple[int, bytes]]:
    """Every file below a folder with its time and contents."""
    return {
        str(path.relative_to(data)): (path.stat().st_mtime_ns, path.read_bytes())
        for path in sorted(data.rglob("*"))
        if path.is_file()
    }


def rules(raised) -> list[str]:
    return [problem.rule for problem in raised.value.problems]


def rejected(folder: Path, family, raw_bytes: bytes):
    with pytest.raises(RejectedFileError) as raised:
        read(folder, family, raw_bytes)
    return raised.value.problems


# What lands


def test_a_whole_extract_lands_as_text_and_adds_up(tmp_path, data):
    report = land(write_extract(tmp_path / "raw"), data)

    assert len(report.files) == FILE_COUNT
    for family in CONTRACT.values():
        rows = table(data, family.name)
        assert len(rows) == 3 * len(family.file_names())
        assert tuple(rows[0]) == landed_names(family)
        assert {type(value) for row in rows for value in row.values()} <= {str, type(None)}
    for row in table(data, "landed_files"):
        assert row["status"] == "landed"
        assert int(row["records"]) == int(row["landed"]) + int(row["quarantined"]) == 3
    assert table(data, "extract") == [
        {
            "delivery_date": "2025-03-25",
            "is_synthetic": "false",
            "extract_id": "real",
            "landed_files": str(FILE_COUNT),
        }
    ]


def test_the_report_prints_a_line_per_family(raw, data):
    table_ = land(raw, data).table()

    assert table_.row_count == len(CONTRACT) + 1


def test_telemetry_keys_lose_their_store(tmp_path, data):
    land(write_extract(tmp_path / "raw", (*REQUIRED, "telemetria")), data)

    first = table(data, "telemetria")[0]
    assert (first["clienteid"], first["customer_key"], first["store_id"]) == (
        "T0000000",
        "T00000",
        "00",
    )


def test_a_column_that_the_family_does_not_know_is_named(raw, data):
    (raw / "mrr.csv").write_bytes(b"CLIENTE;NEW;MRR_12M\nT1;x;1\n")

    notes = land(raw, data).notes
    assert "mrr: mrr.csv: ignored column 'NEW'" in notes
    assert files(data, "mrr")[0]["message"] == "ignored column 'NEW'; extra_column 1"


def test_an_empty_cell_lands_as_null_and_quotes_are_letters(tmp_path):
    rows, bad, _ = read(tmp_path, MRR, b'CLIENTE;MRR_12M\nT00001;\n"T1";"a\n')

    assert not bad
    assert [row["mrr_12m"] for row in rows] == [None, '"a']
    assert rows[1]["cliente"] == '"T1"'


def test_a_missing_optional_family_lands_as_zero_rows(raw, data):
    land(raw, data)

    path = data / "landing/tickets/delivery=2025-03-25/tickets.parquet"
    assert pq.read_schema(path).names == list(landed_names(TICKETS))
    assert table(data, "tickets") == []
    assert [row["status"] for row in files(data, "tickets")] == ["missing"]
    assert len(files(data, "telemetria")) == 11


@pytest.mark.parametrize("name", REQUIRED)
def test_a_missing_required_family_is_named(raw, data, name):
    (raw / f"{name}.csv").unlink()

    with pytest.raises(LandingError) as raised:
        land(raw, data, extract_date=DAY)
    assert rules(raised) == ["missing_family"]
    assert name in str(raised.value)
    assert str(raw) in str(raised.value)


def test_all_problems_are_told_at_once(tmp_path, data):
    raw = write_extract(tmp_path / "raw", ("clientes_desde", "mrr", "telemetria"))
    (raw / "mrr.csv").write_bytes(b"CLIENTE,MRR_12M\nT1,2\n")
    (raw / "telemetria_7.csv").unlink()

    with pytest.raises(LandingError) as raised:
        land(raw, data)
    assert rules(raised) == ["missing_family", "missing_part", "header_mismatch"]
    assert "telemetria_7.csv" in str(raised.value)
    assert "mrr.csv, line 1" in str(raised.value)
    assert not (data / "landing/mrr").exists()


@pytest.mark.parametrize("make", [lambda raw: None, Path.mkdir])
def test_a_raw_folder_without_files_is_told(tmp_path, data, make):
    make(tmp_path / "raw")

    with pytest.raises(LandingError, match="no_raw_folder"):
        land(tmp_path / "raw", data)


# One bad file of each kind


@pytest.mark.parametrize(
    ("body", "rule", "says"),
    [
        (b"", "empty_file", "0 bytes"),
        (b"CLIENTE;MRR_12M\n", "no_records", "only a header"),
        (b"CLIENTE;MRR_12M\nT1\nT2\n", "no_readable_records", "All 2"),
        (b"CLIENTE,MRR_12M\nT1,1\n", "header_mismatch", "','"),
        (b"CLIENTE\tMRR_12M\nT1\t1\n", "header_mismatch", r"'\t'"),
        (b'"CLIENTE";"MRR_12M"\nT1;1\n', "header_mismatch", "rfc4180"),
        (b"CLIENTE;MRR\nT1;1\n", "missing_column", "'MRR_12M'"),
        (b"CLIENTE; mrr_12m\nT1;1\n", "missing_column", "' mrr_12m'"),
        (b"CLIENTE;MRR_12M;CLIENTE\nT1;1;T1\n", "duplicate_column", "'CLIENTE'"),
        ("CLIENTE;MRR_12M\nT1;1\n".encode("utf-16"), "wrong_encoding", "utf-16"),
        ("CLIENTE;MRR_12M\nT1;1\n".encode("utf-16-le"), "wrong_encoding", "utf-16"),
        (b"\n", "missing_column", "'CLIENTE'"),
    ],
)
def test_a_file_that_cannot_be_taken_says_why(tmp_path, body, rule, says):
    problems = rejected(tmp_path, MRR, body)

    assert rule in [problem.rule for problem in problems]
    told = "\n".join(map(str, problems))
    assert says in told
    assert "mrr.csv" in told
    assert REASONS[rule].action in told


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_another_encoding_is_named_from_the_header(tmp_path, encoding):
    body = contents(ACQUISITION, [record(ACQUISITION)]).decode("cp1252").encode(encoding)

    (problem,) = rejected(tmp_path, ACQUISITION, body)
    assert problem.rule == "wrong_encoding"
    assert encoding.removesuffix("-sig") in problem.what


@pytest.mark.parametrize("column", TICKETS.columns, ids=lambda column: column.header)
def test_every_missing_column_is_named(tmp_path, column):
    kept = [other for other in TICKETS.columns if other is not column]
    body = contents(TICKETS, [["x"] * len(kept)], [other.header for other in kept])

    (problem,) = rejected(tmp_path, TICKETS, body)
    assert (problem.rule, repr(column.header) in problem.what) == ("missing_column", True)


@pytest.mark.parametrize(
    ("body", "kept", "bad", "coerced"),
    [
        (b"\xef\xbb\xbfCLIENTE;MRR_12M\nT1;1\n", "T1", [], {"bom": 1}),
        (b"MRR_12M;CLIENTE\n1;T1\n", "T1", [], {"column_order": 1}),
        (b"CLIENTE;NEW;MRR_12M\nT1;x;1\n", "T1", [], {"extra_column": 1}),
        (b"CLIENTE;MRR_12M\nT1;1;2\nT2;2\n", "T2", [(2, "field_count")], {}),
        (b"CLIENTE;MRR_12M\nT1\nT2;2\n", "T2", [(2, "field_count")], {}),
        (b"CLIENTE;MRR_12M\nT1;1\n\n \nT2;2\n\n", "T1 T2", [], {"blank_line": 3}),
        (b"CLIENTE;MRR_12M\nT1;1\nTotal;1\n", "T1", [(3, "trailer")], {}),
        (b"CLIENTE;MRR_12M\nT1;1\nTOTAL GERAL:;1\n\n", "T1", [(3, "trailer")], {"blank_line": 1}),
        (b"CLIENTE;MRR_12M\nTotal: 1\nT1;1\n", "T1", [(2, "trailer")], {}),
        (b"CLIENTE;MRR_12M\nTOTAL;1\nT1;1\n", "TOTAL T1", [], {}),
        (b"CLIENTE;MRR_12M\r\nT1;1\r\nT2;2\n", "T1 T2", [], {"line_end": 1}),
        (b"CLIENTE;MRR_12M\r\nT1;1\r\n", "T1", [], {}),
        (b"CLIENTE;MRR_12M\nT\x001;\x001\n", "T1", [], {"nul_byte": 2}),
        (b"CLIENTE;MRR_12M\nT1;a\rb\n", "T1", [], {}),
        (b"CLIENTE;MRR_12M\n t1 ;1\nT2.0;2\n", "T1 T2", [], {"key": 2}),
    ],
)
def test_what_can_be_put_right_is_counted_and_the_rest_quarantined(
    tmp_path, body, kept, bad, coerced
):
    rows, found, counted = read(tmp_path, MRR, body)

    assert [row["customer_key"] for row in rows] == kept.split()
    assert found == bad
    assert dict(counted) == coerced


def test_a_lone_carriage_return_stays_in_its_cell(tmp_path):
    rows, _, _ = read(tmp_path, MRR, b"CLIENTE;MRR_12M\nT1;a\rb\n")

    assert rows[0]["mrr_12m"] == "a\rb"


def test_cp1252_letters_that_latin_1_lacks_are_read(tmp_path):
    family = CONTRACT["nps_transacional_produto"]
    row = record(family)
    row[1] = "R$ 10 € “já”"

    rows, bad, _ = read(tmp_path, family, contents(family, [row]))
    assert (rows[0]["linha_de_produto"], bad) == ("R$ 10 € “já”", [])


def test_a_stray_undecodable_record_is_quarantined_and_many_reject_the_file(tmp_path):
    good = b"CLIENTE;MRR_12M\n" + b"T1;1\n" * 200
    rows, bad, _ = read(tmp_path, MRR, good + b"T2;\xe7\n")
    assert (len(rows), bad) == (200, [(202, "bad_encoding")])

    (problem,) = rejected(tmp_path, MRR, good + b"T2;\xe7\n" * 3)
    assert (problem.rule, problem.line) == ("bad_encoding", 202)
    assert "column 4" in problem.what
    assert "cp1252" in problem.what


def test_lines_stay_exact_after_everything_that_is_no_record(tmp_path, monkeypatch):
    monkeypatch.setattr(reader, "BLOCK_BYTES", 64)
    monkeypatch.setattr(reader, "SLOW_BYTES", 8)
    lines = [f"T{number};{number}" if number % 7 else "" for number in range(2, 400)]
    lines[100] = "ragged"
    body = "\n".join(["CLIENTE;MRR_12M", *lines, ""]).encode()

    rows, bad, _ = read(tmp_path, MRR, body)
    assert bad == [(102, "field_count")]
    assert len(rows) == 398 - 57 - 1
    assert all(row["_line"] == row["mrr_12m"] for row in rows)


@pytest.mark.parametrize("block", [40, 200, 1 << 20])
def test_quoted_line_ends_and_delimiters_belong_to_the_field(tmp_path, monkeypatch, block):
    monkeypatch.setattr(reader, "BLOCK_BYTES", block)
    cells = ['a;b "c"', "one\ntwo\n\nthree", "plain", ""]
    body = contents(ONBOARDING, [[cell] * 8 for cell in cells])

    rows, bad, _ = read(tmp_path, ONBOARDING, body)
    assert not bad
    assert [row["nota_ajuda"] for row in rows] == [*cells[:3], None]
    assert [row["_line"] for row in rows] == ["2", "3", str(3 + 8 * 3 + 1), str(3 + 8 * 3 + 2)]


def test_an_unclosed_quote_costs_its_own_line_only(tmp_path):
    good = contents(ONBOARDING, [record(ONBOARDING)])
    line = good.splitlines(keepends=True)[-1]
    opened = line.replace(b"7;7", b'7;"7', 1)

    for after in (line * 2, line + line.replace(b";7;", b';"7";', 1), b""):
        rows, bad, _ = read(tmp_path, ONBOARDING, good + opened + after)
        assert bad == [(3, "unclosed_quote")]
        assert len(rows) == 1 + after.count(b"\n")

    (problem,) = rejected(tmp_path, ONBOARDING, good + opened + opened + line)
    assert (problem.rule, problem.line) == ("unclosed_quote", 3)


def test_quarantine_says_where_and_why(raw, data):
    with (raw / "mrr.csv").open("ab") as file:
        file.write(b"T9;1;2\n")
    report = land(raw, data)

    (row,) = table(data, "mrr", "quarantine")
    (listed,) = files(data, "mrr")
    assert row == {
        "family": "mrr",
        "file": "mrr.csv",
        "file_hash": listed["file_hash"],
        "line": "5",
        "reason_code": "field_count",
        "detail": "3 fields instead of 2",
        "record": "T9;1;2",
    }
    assert (listed["records"], listed["landed"], listed["quarantined"]) == ("4", "3", "1")
    assert sum(file.quarantined for file in report.files) == 1


def test_reason_codes_are_one_closed_list():
    assert {reason.scope for reason in REASONS.values()} == {
        "record",
        "file",
        "delivery",
        "coerced",
    }


# Properties


text = st.text(st.characters(exclude_characters=";\n\r\x00", exclude_categories=["Cs"]), max_size=8)


@generated
@given(order=st.permutations(range(8)), cells=st.lists(st.lists(text, min_size=8, max_size=8)))
def test_the_order_of_columns_does_not_matter(tmp_path, order, cells):
    cells = [record(TICKETS), *cells]
    headers = [column.header for column in TICKETS.columns]
    straight = read(tmp_path, TICKETS, contents(TICKETS, cells, headers))
    shuffled = [[row[at] for at in order] for row in cells]
    other = read(tmp_path, TICKETS, contents(TICKETS, shuffled, [headers[at] for at in order]))

    assert straight[:2] == other[:2]


line = st.one_of(
    st.tuples(text, text).map(";".join),
    st.sampled_from(["", " ", "a", "a;b;c", "Total;1", '"a;b', '"a";"b"', "\x00", "a;b\r"]),
).map(str.encode) | st.binary(max_size=6).map(lambda raw: raw.replace(b"\n", b""))


@generated
@given(lines=st.lists(line, max_size=60), block=st.sampled_from([32, 100, 1 << 20]))
def test_records_are_landed_or_quarantined_and_never_lost(tmp_path, lines, block):
    body = b"CLIENTE;MRR_12M\n" + b"T1;1\n" * 2 + b"".join(raw + b"\n" for raw in lines)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reader, "BLOCK_BYTES", block)
        patch.setattr(reader, "SLOW_BYTES", 16)
        patch.setattr(reader, "MAX_BAD_ENCODING_SHARE", 1.0)
        rows, bad, _ = read(tmp_path, MRR, body)

    blank = sum(
        not raw.replace(b"\x00", b"").removesuffix(b"\r").removeprefix(b"\xef\xbb\xbf").strip()
        for raw in lines
    )
    assert len(rows) + len(bad) == 2 + len(lines) - blank
    numbers = [int(row["_line"]) for row in rows] + [number for number, _ in bad]
    assert len(set(numbers)) == len(numbers)


@generated
@given(cells=st.lists(st.lists(text | st.just('x"\n;y'), min_size=8, max_size=8), max_size=12))
def test_any_quoted_text_comes_back(tmp_path, cells):
    family = replace(ONBOARDING, encoding="utf-8")
    cells = [record(family), *cells]
    # A field that begins with a quote must itself be quoted, whatever else is in it.
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reader, "BLOCK_BYTES", 256)
        rows, bad, _ = read(tmp_path, family, contents(family, cells))

    blank = [row for row in cells if not ";".join(row).strip()]
    assert not bad
    assert not blank
    assert [list(row.values())[:8] for row in rows] == [
        [cell or None for cell in row] for row in cells
    ]


@generated
@given(data=st.data())
def test_a_file_cut_off_is_never_silently_short(tmp_path, data):
    whole = contents(TICKETS, [record(TICKETS, row) for row in range(20)])
    offset = data.draw(st.integers(0, len(whole) - 1))
    part = whole[:offset]
    begun = part.count(b"\n") - 1 + (not part.endswith(b"\n"))
    try:
        rows, bad, _ = read(tmp_path, TICKETS, part)
    except RejectedFileError as error:
        found = {problem.rule for problem in error.problems}
        assert found <= {"empty_file", "missing_column", "no_readable_records"}
        assert begun <= 1
        return
    assert len(rows) + len(bad) == begun
    # The last field of a ticket is a word, which may be cut off anywhere.
    cut = [(begun + 1, "no_final_line_end")] * (not part.endswith(b"\n") and begun > 0)
    assert bad == cut


@generated
@given(
    delimiter=st.sampled_from(",\t|:"),
    name=st.sampled_from([name for name in CONTRACT if name != "telemetria"]),
)
def test_another_delimiter_is_rejected(tmp_path, delimiter, name):
    family = CONTRACT[name]
    body = contents(replace(family, delimiter=delimiter), [record(family)])

    problems = rejected(tmp_path, family, body)
    assert {problem.rule for problem in problems} <= {"header_mismatch", "missing_column"}


key_text = st.text(st.sampled_from("T1a.0 =\"'#-N\u200b\u00a0ßﬁ\ufe0f"), max_size=9)


@given(text | key_text | st.text(max_size=9))
def test_a_canonical_key_stays_as_it_is(key):
    once = canonical_key(key)
    assert once is None or canonical_key(once) == once


@pytest.mark.parametrize(
    ("raw_key", "canonical"),
    [
        (" t1a2b3 ", "T1A2B3"),
        ('="TEW2HW"', "TEW2HW"),
        ('"TEW2HW"', "TEW2HW"),
        ('"=""TEW2HW"""', "TEW2HW"),
        ('= "tew2hw" ', "TEW2HW"),
        ('="00123"', "00123"),
        ('"123.0"', "123"),
        ("'00123", "00123"),
        ("'TEW2HW'", "TEW2HW"),
        ('TE"W', 'TE"W'),
        ('"T1"T2"', '"T1"T2"'),
        ("\ufeffT1", "T1"),
        ("T1\u200b", "T1"),
        ("T\u200c1\u200d", "T1"),
        ("T\u20601", "T1"),
        ("T\xad1", "T1"),
        ("T\x001\x1b", "T1"),
        ("\u202aT1\u202c", "T1"),
        ("T1\ufe0f\u3164", "T1"),
        ('\u200b="T1"\u00a0', "T1"),
        ("T1 A", "T1 A"),
        ('""', None),
        ('="NULL"', None),
        ("None", None),
        ("nan", None),
        ("NaN", None),
        ("null", None),
        ("<NA>", None),
        ("NaT", None),
        ("\\N", None),
        ("#N/D", None),
        ("#N/A", None),
        ("#REF!", None),
        ("#VALOR!", None),
        ("#VALUE!", None),
        ("#NOME?", None),
        ("#NÚM!", None),
        ("#DIV/0!", None),
        ("######", None),
        ("\u2014", None),
        ("\u200b", None),
        ("Ｔ１２３４５", "T12345"),
        ("00123", "00123"),
        ("123.0", "123"),
        ("\u00a0T1\u00a0", "T1"),
        ("NULL", None),
        ("n/a", None),
        ("-", None),
        ("  ", None),
    ],
)
def test_keys_have_one_form(raw_key, canonical):
    assert canonical_key(raw_key) == canonical


# The ledger


def test_landing_twice_changes_nothing(raw, data, monkeypatch):
    land(raw, data)
    before = everything(data)
    monkeypatch.setattr(RecordReader, "pieces", lambda *_: pytest.fail("read again"))

    report = land(raw, data)
    assert not report.is_changed
    assert everything(data) == before


def test_a_changed_file_is_landed_again_alone(raw, data):
    land(raw, data)
    before = files(data, "clientes_desde")
    (raw / "mrr.csv").write_bytes(b"CLIENTE;MRR_12M\nT7;1\n")

    report = land(raw, data)
    assert report.is_changed
    assert any("landed again" in note for note in report.notes)
    assert [row["cliente"] for row in table(data, "mrr")] == ["T7"]
    assert files(data, "clientes_desde") == before
    assert set(report.deliveries[0].seconds) == {"mrr"}


def test_another_contract_lands_everything_anew(raw, data):
    land(raw, data)
    contract = {**CONTRACT, "mrr": replace(MRR, key_suffix=2)}

    report = land(raw, data, contract=contract)
    assert set(report.deliveries[0].seconds) >= set(REQUIRED)


def landed_contract(data: Path) -> list[dict]:
    return pq.ParquetFile(data / "landing/contract/contract.parquet").read().to_pylist()


def test_the_contract_is_landed_as_it_is_declared(raw, data):
    land(raw, data)
    rows = landed_contract(data)
    assert [(row["family"], row["column_name"]) for row in rows] == [
        (family.name, name) for family in CONTRACT.values() for name in family.column_names
    ]
    assert {type(value) for row in rows for value in row.values()} == {str}
    (amount,) = (row for row in rows if row["column_name"] == "mrr_12m")
    assert (amount["type"], amount["decimal_mark"], amount["formats"]) == ("decimal", ".", "[]")
    assert "NULL" in json.loads(amount["null_words"])


@pytest.mark.parametrize("changed", [{"decimal_mark": ","}, {"null_words": ("N/A",)}])
def test_how_values_are_read_is_landed_without_reading_a_file_again(raw, data, changed):
    land(raw, data)
    before = everything(data)

    report = land(raw, data, contract={**CONTRACT, "mrr": replace(MRR, **changed)})
    assert report.is_changed
    assert not report.deliveries[0].is_changed
    assert any("contract has changed" in note for note in report.notes)
    after = everything(data)
    assert {name for name in after if after[name] != before[name]} == {
        "landing/contract/contract.parquet"
    }
    assert not land(raw, data, contract={**CONTRACT, "mrr": replace(MRR, **changed)}).is_changed


@pytest.mark.parametrize("damage", [None, b"", b"PAR1 no more"])
def test_a_landed_contract_that_is_lost_is_landed_again(raw, data, damage):
    land(raw, data)
    before = landed_contract(data)
    file = data / "landing/contract/contract.parquet"
    file.unlink() if damage is None else file.write_bytes(damage)

    assert land(raw, data).is_changed
    assert landed_contract(data) == before


def test_a_landing_that_stops_leaves_the_contract_that_was_landed(raw, data):
    land(raw, data)
    before = landed_contract(data)
    (raw / "mrr.csv").write_bytes(b"")

    with pytest.raises(LandingError):
        land(raw, data, contract={**CONTRACT, "mrr": replace(MRR, decimal_mark=",")})
    assert landed_contract(data) == before


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("iso_date", "2025-03-25"),
        ("iso_timestamp", "2025-03-25 13:45:00"),
        ("br_date", "25/03/2025"),
        ("br_timestamp", "25/03/2025 13:45"),
        ("us_date", "3/25/2025"),
        ("us_timestamp", "3/25/2025 1:45:00 PM"),
    ],
)
def test_a_delivery_is_dated_by_the_form_that_its_column_declares(form, text):
    column = Column("DIA", "dia", "date", (form,), dates_delivery=True)
    assert newest_days(pa.array([text, "total", ""]), column) == NewestDays(((DAY, 1),), 1)
    other = Column("DIA", "dia", "date", ("us_date" if form[:2] == "br" else "br_date",))
    assert not newest_days(pa.array([text]), other)


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ('    decimal_mark: ";"', "decimal_mark is one of ',', '.', not ';'"),
        ("    decimal_marks: '.'", "decimal_marks"),
        ("    delivery: snapshot", "delivery"),
    ],
)
def test_a_setting_that_a_family_cannot_have_is_refused_by_name(line, word):
    text = resources.files("arcana").joinpath("families.yml").read_text(encoding="utf-8")
    assert text.count("  tickets:\n") == 1
    with pytest.raises(UsageError) as raised:
        families.read(text.replace("  tickets:\n", f"  tickets:\n{line}\n"))
    assert "tickets" in str(raised.value)
    assert word in str(raised.value)


@pytest.mark.parametrize(
    ("declared", "word"),
    [
        ("type: date, format: dmy", "format is one of"),
        ("type: day", "type is one of"),
        ("format: iso_date", "only a date"),
        ("type: date, format: [br_date, us_date]", "two days"),
    ],
)
def test_a_form_that_a_column_cannot_have_is_refused_by_name(declared, word):
    text = resources.files("arcana").joinpath("families.yml").read_text(encoding="utf-8")
    column = "name: cliente_desde, type: date, format: iso_date"
    assert text.count(column) == 1
    with pytest.raises(UsageError) as raised:
        families.read(text.replace(column, f"name: cliente_desde, {declared}"))
    assert "clientes_desde.cliente_desde" in str(raised.value)
    assert word in str(raised.value)


def test_the_same_contents_in_a_newer_delivery_are_that_delivery_too(tmp_path, data):
    raw = tmp_path / "raw"
    for day in ("2025-02-25", "2025-03-25"):
        write_extract(raw / day, REQUIRED, day=EARLIER)
    (raw / "2025-03-25/mrr.csv").write_bytes(b"CLIENTE;MRR_12M\nT7;1\n")

    land(raw, data)
    old, new = (
        files(data, "clientes_desde", delivery=day)[0] for day in ("2025-02-25", "2025-03-25")
    )
    assert (old["status"], new["status"]) == ("landed", "same_as_earlier")
    assert old["file_hash"] == new["file_hash"]
    assert table(data, "clientes_desde", delivery="2025-02-25") == table(
        data, "clientes_desde", delivery="2025-03-25"
    )
    assert len(table(data, "mrr")) == 3 + 1
    before = everything(data)
    land(raw, data)
    assert everything(data) == before


def test_older_deliveries_stay(tmp_path, data):
    raw = tmp_path / "raw"
    write_extract(raw / "2025-02-25", REQUIRED, day=EARLIER)
    land(raw, data)
    shutil.move(raw / "2025-02-25", raw / "2025-03-25")
    land(raw, data)

    assert [row["delivery_date"] for row in table(data, "extract")] == ["2025-02-25", "2025-03-25"]


def test_two_names_for_one_file(raw, data):
    shutil.copy(raw / "clientes_desde.csv", raw / "clientes_desde (1).csv")
    land(raw, data)
    assert {row["file"]: row["status"] for row in files(data, "clientes_desde")} == {
        "clientes_desde.csv": "landed",
        "clientes_desde (1).csv": "same_as_earlier",
    }
    assert len(table(data, "clientes_desde")) == 3

    (raw / "clientes_desde (1).csv").write_bytes(b"CLIENTE;CLIENTE_DESDE\nT1;2025-01-01\n")
    with pytest.raises(LandingError) as raised:
        land(raw, data)
    assert rules(raised) == ["ambiguous_files"]
    assert "clientes_desde.csv and clientes_desde (1).csv" in str(raised.value)


def test_a_part_that_nobody_expects_is_told(tmp_path, data):
    raw = write_extract(tmp_path / "raw", (*REQUIRED, "telemetria"))
    body = contents(CONTRACT["telemetria"], [record(CONTRACT["telemetria"], 77)])
    (raw / "telemetria_12.csv").write_bytes(body)

    with pytest.raises(LandingError) as raised:
        land(raw, data)
    assert rules(raised) == ["unexpected_part"]


# Optional families


def test_a_rejected_optional_file_leaves_the_last_good_one_in_force(tmp_path, data):
    raw = tmp_path / "raw"
    write_extract(raw / "2025-02-25", (*REQUIRED, "tickets"), day=EARLIER)
    write_extract(raw / "2025-03-25", (*REQUIRED, "tickets"))
    (raw / "2025-03-25/tickets.csv").write_bytes(b"")

    report = land(raw, data)
    (row,) = files(data, "tickets", delivery="2025-03-25")
    assert row["status"] == "rejected"
    assert "empty_file" in row["message"]
    assert any("2025-02-25 stays in force" in note for note in report.notes)
    assert len(table(data, "tickets")) == 3
    before = everything(data)
    assert not land(raw, data).is_changed
    assert everything(data) == before


def test_a_rejected_file_keeps_what_its_own_delivery_had_landed(tmp_path, data):
    raw = write_extract(tmp_path / "raw", (*REQUIRED, "tickets"))
    land(raw, data)
    (raw / "tickets.csv").write_bytes(b"cut off")

    land(raw, data)
    assert [row["status"] for row in files(data, "tickets")] == ["rejected", "landed"]
    assert len(table(data, "tickets")) == 3
    assert not land(raw, data).is_changed


def test_a_rejected_part_sets_its_family_aside(tmp_path, data):
    raw = write_extract(tmp_path / "raw", (*REQUIRED, "telemetria"))
    (raw / "telemetria_4.csv").write_bytes(b"")

    land(raw, data)
    assert {row["status"] for row in files(data, "telemetria")} == {"rejected"}
    assert table(data, "telemetria") == []


# The day of a delivery


def test_the_day_is_the_one_most_families_end_on(tmp_path, data):
    raw = write_extract(tmp_path / "raw", (*REQUIRED, "tickets"))
    row = record(CONTRACT["clientes_desde"])
    row[1] = "2025-03-24"
    (raw / "clientes_desde.csv").write_bytes(contents(CONTRACT["clientes_desde"], [row]))

    report = land(raw, data)
    assert report.deliveries[0].day == DAY
    assert any("dados_clientes, tickets" in note for note in report.notes)


@pytest.mark.parametrize(
    "newest",
    [
        {},
        {"mrr": DAY, "tickets": DAY - timedelta(1)},
        {"mrr": DAY, "historico": DAY, "tickets": DAY + timedelta(2)},
    ],
)
def test_a_day_that_is_not_clear_is_asked_for(newest):
    day, problem = agree_on_day({name: NewestDays.of({found: 5}) for name, found in newest.items()})

    assert day is None
    assert problem.rule == "unknown_delivery_date"
    assert all(f"{name} {found}" in problem.what for name, found in newest.items())
    assert "--extract-date" in str(problem)


def test_a_day_that_is_no_folder_is_refused_beside_folders(tmp_path, data):
    write_extract(tmp_path / "raw/2025-03-25", REQUIRED)

    with pytest.raises(UsageError, match="--extract-date"):
        land(tmp_path / "raw", data, extract_date=EARLIER)


def test_a_problem_names_the_delivery_of_its_file(tmp_path, data):
    raw = write_extract(tmp_path / "raw/2025-03-25", REQUIRED).parent
    (raw / "2025-03-25/mrr.csv").write_bytes(b"")

    with pytest.raises(LandingError, match=r"mrr, 2025-03-25/mrr\.csv: empty_file"):
        land(raw, data)


def test_the_day_can_be_said(raw, data):
    assert land(raw, data, extract_date=date(2025, 4, 1)).deliveries[0].day == date(2025, 4, 1)


def test_loose_files_beside_delivery_folders_are_refused(raw, data):
    write_extract(raw / "2025-03-25", REQUIRED)

    with pytest.raises(LandingError) as raised:
        land(raw, data)
    assert rules(raised) == ["mixed_layout"]


def test_only_regular_files_of_a_family_are_read(raw, data, tmp_path):
    (tmp_path / "elsewhere.csv").write_bytes(b"x")
    (raw / "tickets.csv").symlink_to(tmp_path / "elsewhere.csv")
    for name in ("historico.csv.xz", "MRR.csv", "notes.txt", "dicionario.xlsx", ".hidden"):
        (raw / name).write_bytes(b"x")

    notes = [note for note in land(raw, data).notes if "ignored" in note]
    assert sorted(note.split()[0] for note in notes) == [
        "MRR.csv",
        "historico.csv.xz",
        "notes.txt",
        "tickets.csv",
    ]
    assert [row["status"] for row in files(data, "tickets")] == ["missing"]


# All or nothing


def test_a_failed_run_leaves_the_landing_as_it_was(tmp_path, data):
    raw = tmp_path / "raw"
    write_extract(raw / "2025-02-25", REQUIRED, day=EARLIER)
    land(raw, data)
    before = everything(data)
    write_extract(raw / "2025-03-25", REQUIRED)
    write_extract(raw / "2025-04-25", REQUIRED[:2])

    with pytest.raises(LandingError):
        land(raw, data)
    assert everything(data) == before
    assert not list((data / "landing").glob(".incoming-*"))


@pytest.mark.parametrize("moves", range(0, 15, 3))
def test_a_publish_that_was_cut_off_is_completed_by_the_next_run(
    raw, data, tmp_path, monkeypatch, moves
):
    land(raw, tmp_path / "whole")
    calls = []

    def dying(source, target):
        if len(calls) == moves:
            raise KeyboardInterrupt
        calls.append(target)
        real(source, target)

    real = publish.move_folder
    monkeypatch.setattr(publish, "move_folder", dying)
    with pytest.raises(KeyboardInterrupt):
        land(raw, data)
    monkeypatch.setattr(publish, "move_folder", real)

    publish.settle(locate(data))
    assert {name: body for name, (_, body) in everything(data).items()} == {
        name: body for name, (_, body) in everything(tmp_path / "whole").items()
    }
    assert not land(raw, data).is_changed


def test_what_a_dead_run_left_is_swept(raw, data):
    left = data / "landing/.incoming-1/0/landing/mrr/mrr.parquet"
    left.parent.mkdir(parents=True)
    left.write_bytes(b"half")

    land(raw, data)
    assert not list((data / "landing").glob(".incoming-*"))


def test_a_file_that_is_written_to_meanwhile_is_refused(raw, data, monkeypatch):
    honest = RecordReader.pieces

    def appended(self, advance):
        with Path(self.file.path).open("ab") as file:
            file.write(b"T9;9\n")
        return honest(self, advance)

    monkeypatch.setattr(RecordReader, "pieces", appended)
    with pytest.raises(LandingError) as raised:
        land(raw, data)
    assert set(rules(raised)) == {"changed_while_reading"}
    assert not (data / "landing/mrr").exists()


# Synthetic extracts


def mark(raw: Path, extract_id: str) -> Path:
    (raw / "_synthetic.json").write_text(json.dumps({"id": extract_id, "seed": 1, "customers": 3}))
    return raw


def test_a_synthetic_extract_gives_way_to_any_other(tmp_path, data):
    first = mark(write_extract(tmp_path / "first"), "aaa")
    with (first / "mrr.csv").open("ab") as file:
        file.write(b"ragged\n")
    land(first, data, extract_date=date(2025, 1, 1))
    land(first, data, extract_date=date(2025, 2, 1))
    assert {row["extract_id"] for row in table(data, "extract")} == {"aaa"}
    assert len(table(data, "mrr", "quarantine")) == 2

    land(mark(write_extract(tmp_path / "second"), "bbb"), data)
    assert table(data, "extract") == [
        {
            "delivery_date": "2025-03-25",
            "is_synthetic": "true",
            "extract_id": "bbb",
            "landed_files": str(FILE_COUNT),
        }
    ]
    assert table(data, "mrr", "quarantine") == []

    report = land(write_extract(tmp_path / "real", REQUIRED), data)
    assert [row["is_synthetic"] for row in table(data, "extract")] == ["false"]
    assert any("taken away" in note for note in report.notes)


def test_a_synthetic_extract_never_joins_real_deliveries(raw, data):
    land(raw, data)
    before = everything(data)

    with pytest.raises(LandingError) as raised:
        land(mark(raw, "aaa"), data)
    assert rules(raised) == ["synthetic_over_real"]
    assert everything(data) == before


def test_a_synthetic_marker_that_says_nothing_is_refused(raw, data):
    (raw / "_synthetic.json").write_text("{}")

    with pytest.raises(LandingError, match="bad_synthetic_marker"):
        land(raw, data)


# Elsewhere, and large


def test_another_file_system_needs_no_other_code(tmp_path, data):
    memory = fsspec.filesystem("memory", skip_instance_cache=True)
    memory.store.clear()
    remote = fs.PyFileSystem(fs.FSSpecHandler(memory))
    local = tmp_path / "raw"
    for day in ("2025-02-25", "2025-03-25"):
        write_extract(local / day, REQUIRED, day=EARLIER)
        for path in (local / day).iterdir():
            memory.pipe(f"/bucket/raw/{day}/{path.name}", path.read_bytes())

    bucket = Location(remote, "/bucket")
    report = land(bucket / "raw", bucket / "data")
    land(local, data)
    there = {name: memory.cat(name) for name in memory.find("/bucket/data")}
    here = {f"/bucket/data/{name}": contents_ for name, (_, contents_) in everything(data).items()}
    assert report.is_changed
    assert there == here
    assert not land(bucket / "raw", bucket / "data").is_changed


def test_memory_does_not_follow_the_size_of_a_file(tmp_path, monkeypatch):
    monkeypatch.setattr(reader, "BLOCK_BYTES", 1 << 20)
    family = CONTRACT["telemetria"]
    body = contents(family, [record(family, row) for row in range(2000)])
    head, records = body.split(b"\n", 1)
    path = tmp_path / "telemetria_1.csv"
    path.write_bytes(head + b"\n" + records * 240)
    file = locate(path)
    found = RecordReader(file, family, fingerprint(file, family, lambda _: None))

    most = count = 0
    start = pa.total_allocated_bytes()
    for piece in found.pieces(lambda _: None):
        count += piece.table.num_rows
        most = max(most, pa.total_allocated_bytes() - start)
    assert path.stat().st_size > 20e6
    assert count == 480_000
    assert most < 12e6


def test_hashing_in_another_thread_changes_nothing(raw, data):
    before = threading.active_count()
    land(raw, data)
    assert threading.active_count() == before


# What was landed and is lost


def remove(path: Path) -> None:
    path.unlink()


def cut(path: Path) -> None:
    _replace(path, path.read_bytes()[:-40])


def flip(path: Path) -> None:
    contents = bytearray(path.read_bytes())
    contents[len(contents) // 2] ^= 0xFF
    _replace(path, bytes(contents))


def _replace(path: Path, contents: bytes) -> None:
    # The same contents in two deliveries are one file with two names.
    path.unlink()
    path.write_bytes(contents)


@pytest.mark.parametrize("spoil", [remove, cut, flip])
def test_a_landed_file_that_is_lost_is_read_again(tmp_path, data, capsys, spoil):
    raw = write_extract(tmp_path / "raw", (*REQUIRED, "telemetria"))
    land(raw, data)
    before = {name: contents for name, (_, contents) in everything(data).items()}
    (lost,) = (data / "landing/telemetria").glob("*/telemetria_4.parquet")
    spoil(lost)
    capsys.readouterr()

    land(raw, data)
    assert {name: contents for name, (_, contents) in everything(data).items()} == before
    told = capsys.readouterr().err.replace("\n", "")
    assert "telemetria_4.parquet is missing or damaged; telemetria_4.csv is read again" in told


def test_a_landed_table_without_rows_that_is_lost_comes_back(tmp_path, data):
    raw = write_extract(tmp_path / "raw", REQUIRED)
    land(raw, data)
    before = {name: contents for name, (_, contents) in everything(data).items()}
    shutil.rmtree(data / "landing/tickets")

    land(raw, data)
    assert {name: contents for name, (_, contents) in everything(data).items()} == before


def test_a_landed_file_that_is_lost_with_its_raw_file_stops_the_run(tmp_path, data):
    raw = tmp_path / "raw"
    write_extract(raw / "2025-02-25", REQUIRED, day=EARLIER)
    land(raw, data)
    (lost,) = (data / "landing/mrr").glob("*/mrr.parquet")
    cut(lost)
    shutil.move(raw / "2025-02-25", tmp_path / "elsewhere")
    write_extract(raw / "2025-03-25", REQUIRED, rows=4)
    with pytest.raises(LandingError) as raised:
        land(raw, data)
    assert rules(raised) == ["landed_file_lost"]
    assert "landed from mrr.csv on 2025-02-25" in str(raised.value)

    shutil.move(tmp_path / "elsewhere", raw / "2025-02-25")
    land(raw, data)
    assert len(table(data, "mrr")) == 3 + 4


def test_raw_files_of_the_tests_follow_the_contract():
    assert set(raw_files.CONTRACT) == set(CONTRACT)
