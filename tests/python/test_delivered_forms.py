"""Landing takes the forms in which people really have their files, or says what they are.

Inputs are made here, after files that people have met: see decision 33.
"""

from __future__ import annotations

import gzip
import shutil
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from landed import files, read, refused, table
from raw_files import CONTRACT, REQUIRED, contents, record, write_extract, write_family

from arcana.landing import LandingError, land, reader
from arcana.landing.reasons import RejectedFileError

MRR, TICKETS = CONTRACT["mrr"], CONTRACT["tickets"]
SPINE, PRODUCT = CONTRACT["clientes_desde"], CONTRACT["nps_transacional_produto"]
ONBOARDING, SUPPORT = CONTRACT["nps_transacional_onboarding"], CONTRACT["nps_transacional_suporte"]
HEAD = b"CLIENTE;MRR_12M\n"


@pytest.fixture
def raw(tmp_path):
    return write_extract(tmp_path / "raw", REQUIRED)


@pytest.fixture
def data(tmp_path):
    return tmp_path / "data"


def told(folder: Path, family, body: bytes) -> str:
    with pytest.raises(RejectedFileError) as raised:
        read(folder, family, body)
    return "\n".join(map(str, raised.value.problems))


# Keys


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ("{}", None),
        ('="{}"', "key_quoted"),
        ('"{}"', "key_quoted"),
        ('"=""{}"""', "key_quoted"),
        ("'{}", "key_quoted"),
        ("\u200b{}", "key_invisible"),
        ("{}\ufeff", "key_invisible"),
        ("{}\xad", "key_invisible"),
        ("\xa0{} ", "key"),
    ],
)
def test_a_key_in_another_form_is_the_same_customer_and_counted(tmp_path, form, code):
    keys = [f"TEW2H{letter}" for letter in "ABCDE"]
    lines = [f"{form.format(key)};{number}\n" for number, key in enumerate(keys)]
    rows, bad, coerced = read(tmp_path, MRR, HEAD + "".join(lines).encode())

    assert [row["customer_key"] for row in rows] == keys
    assert [row["cliente"] for row in rows] == [form.format(key) for key in keys]
    assert not bad
    assert coerced == ({code: 5} if code else {})


def test_a_byte_order_mark_before_the_first_key_only_is_counted_as_one(tmp_path):
    rows, _, coerced = read(tmp_path, MRR, HEAD + "\ufeffT1;1\nT2;2\n".encode())

    assert [row["customer_key"] for row in rows] == ["T1", "T2"]
    assert coerced == {"bom": 1}


@pytest.mark.parametrize("word", ["None", "nan", "NaN", "#N/D", "#REF!", "null", "<NA>", '="-"'])
def test_a_word_for_nothing_is_no_key(tmp_path, word):
    rows, _, _ = read(tmp_path, MRR, HEAD + f"{word};1\nT1;2\n".encode())

    assert [row["customer_key"] for row in rows] == [None, "T1"]


def test_telemetry_keys_are_split_after_their_form_is_taken_off(tmp_path):
    family = CONTRACT["telemetria"]
    row = record(family)
    row[0] = '="T0000099"'
    rows, _, _ = read(tmp_path, family, contents(family, [row]))

    assert (rows[0]["customer_key"], rows[0]["store_id"]) == ("T00000", "99")


# The last line without its end


@pytest.mark.parametrize(
    ("family", "last", "is_taken"),
    [
        (SPINE, "T00009;2025-03-2", False),
        (SPINE, "T00009;2025-03-25", True),
        (SPINE, "T00009;", False),
        (SPINE, "T00009", False),
        (PRODUCT, "3/25/2025 1:45:00 PM;A;B;7;T0000", False),
        (PRODUCT, "3/25/2025 1:45:00 PM;A;B;7;T00009", True),
        (MRR, "T00009;12.5", False),
        (replace(MRR, may_lack_line_end=True), "T00009;12.5", True),
        (replace(MRR, may_lack_line_end=True), "T00009", False),
        (TICKETS, "T00009;A;B;C;2025-03-25;2025-03-25;1;Normal", False),
        (ONBOARDING, '2025-03-25;T00009;7;7;7;7;"7;', False),
    ],
)
@pytest.mark.parametrize("block", [48, 1 << 20])
def test_a_last_line_without_end_is_taken_only_when_it_shows_that_it_is_whole(
    tmp_path, monkeypatch, family, last, is_taken, block
):
    monkeypatch.setattr(reader, "BLOCK_BYTES", max(block, 400 * (family is ONBOARDING)))
    whole = contents(family, [record(family, row) for row in range(8)])
    rows, bad, coerced = read(tmp_path, family, whole + last.encode(family.encoding))

    line = str(10)
    assert len(rows) == 8 + is_taken
    assert ([row["_line"] for row in rows][-1] == line) is is_taken
    assert bad == ([] if is_taken else [(10, "no_final_line_end")])
    assert coerced == ({"no_final_line_end": 1} if is_taken else {})


@pytest.mark.parametrize(
    ("tail", "rows", "bad", "coerced"),
    [
        (b"T2;2\r", 2, [], {"no_final_line_end": 1}),
        (b"  ", 1, [], {"blank_line": 1}),
        (b"\x1a", 1, [], {"blank_line": 1}),
        (b"Total;3", 1, [(3, "trailer")], {}),
        (b"T2;\xc3", 1, [(3, "no_final_line_end")], {}),
    ],
)
def test_other_ends_without_line_end(tmp_path, tail, rows, bad, coerced):
    body = b"CLIENTE;MRR_12M\r\nT1;1\r\n" + tail
    found = read(tmp_path, MRR, body)

    assert (len(found[0]), found[1], found[2]) == (rows, bad, coerced)


def test_a_quoted_last_record_without_line_end_is_taken_where_the_contract_allows(tmp_path):
    rows = [record(ONBOARDING), ["x", "T1", "a\nb", *"12345"]]
    body = contents(ONBOARDING, rows)[:-1]

    landed, bad, _ = read(tmp_path, ONBOARDING, body)
    assert (len(landed), bad) == (1, [(3, "no_final_line_end")])
    landed, bad, coerced = read(tmp_path, replace(ONBOARDING, may_lack_line_end=True), body)
    assert (len(landed), bad, coerced) == (2, [], {"no_final_line_end": 1})


@pytest.mark.parametrize("family", [SPINE, PRODUCT, SUPPORT], ids=lambda family: family.name)
def test_wherever_a_file_is_cut_no_half_record_lands(tmp_path, family):
    records = [record(family, row) for row in range(12)]
    whole = contents(family, records)
    header = whole.index(b"\n") + 1
    wanted = read(tmp_path, family, whole)[0]
    for end in range(whole.index(b"\n", header) + 1, len(whole)):
        begun = whole.count(b"\n", 0, end) - 1 + (whole[end - 1 : end] != b"\n")
        rows, bad, _ = read(tmp_path, family, whole[:end])
        assert rows == wanted[: len(rows)]
        assert len(rows) + len(bad) == begun
        assert {code for _, code in bad} <= {"no_final_line_end"}


def test_the_rest_of_a_required_file_lands_and_the_cut_record_is_in_quarantine(raw, data):
    whole = (raw / "mrr.csv").read_bytes()
    (raw / "mrr.csv").write_bytes(whole[:-1])
    land(raw, data)

    (listed,) = files(data, "mrr")
    assert (listed["records"], listed["landed"], listed["quarantined"]) == ("3", "2", "1")
    (row,) = table(data, "mrr", "quarantine")
    assert (row["reason_code"], row["record"]) == ("no_final_line_end", "T00002;12.5")


# Lines before, delimiters behind, files of another kind


@pytest.mark.parametrize("line", [b"sep=;\n", b"SEP=;\r\n", b'"sep=;"\n', b"\xef\xbb\xbfsep=;\n"])
def test_a_line_that_names_the_delimiter_is_skipped_and_counted(tmp_path, line):
    rows, bad, coerced = read(tmp_path, MRR, line + HEAD + b"T1;1\nT2\n")

    assert [row["_line"] for row in rows] == ["3"]
    assert bad == [(4, "field_count")]
    assert coerced["sep_line"] == 1


def test_a_line_that_names_another_delimiter_is_told(tmp_path):
    said = told(tmp_path, MRR, b"sep=,\nCLIENTE,MRR_12M\nT1,1\n")
    assert "header_mismatch: Line 1, sep=,, says that the delimiter is ',' and not ';'" in said
    said = told(tmp_path, MRR, b"sep=;\nCLIENTE,MRR_12M\nT1,1\n")
    assert "mrr.csv, line 2: header_mismatch" in said


@pytest.mark.parametrize(
    ("start", "form"),
    [
        (b"PK\x03\x04\x14\x00 [Content_Types].xml xl/worksheets", "an Excel workbook (.xlsx)"),
        (
            b"PK\x03\x04 mimetypeapplication/vnd.oasis.opendocument.spreadsheet",
            "an OpenDocument spreadsheet (.ods)",
        ),
        (b"PK\x03\x04\x14\x00 mrr.csv", "a zip archive"),
        (b"PK\x05\x06", "an empty zip archive"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an Excel workbook of the old form (.xls)"),
        (gzip.compress(HEAD, mtime=0), "compressed by gzip"),
        (b"BZh91AY", "compressed by bzip2"),
        (b"\x28\xb5\x2f\xfd\x00", "compressed by zstd"),
        (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
        (b"PAR1\x15\x04", "a Parquet file"),
        (b"%PDF-1.7", "a PDF"),
        (b"SQLite format 3\x00", "a SQLite database"),
        (b"<!DOCTYPE html><html>", "a web page (HTML)"),
        (b"\xef\xbb\xbf \n<html lang='pt'>", "a web page (HTML)"),
        ("<html>".encode("utf-16-le"), "a web page (HTML)"),
        (b"<table><tr><td>CLIENTE", "a web page (HTML)"),
        (b"<?xml version='1.0'?><Error><Code>AccessDenied", "an XML document"),
        (
            b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet">',
            "an Excel workbook (XML)",
        ),
        (b'{"error": "expired"}', "a JSON document"),
        (b"[{", "a JSON document"),
    ],
)
@pytest.mark.parametrize("end", [b"", b"\nmore\n"])
def test_a_file_of_another_kind_is_named_with_what_to_do(tmp_path, start, form, end):
    said = told(tmp_path, MRR, start + end)

    assert said.startswith(f"mrr, mrr.csv: not_csv: It is {form}. ")
    assert len(said) > len(f"mrr, mrr.csv: not_csv: It is {form}. ") + 8


def test_old_macintosh_line_ends_are_named(tmp_path):
    assert "lone carriage return" in told(tmp_path, MRR, b"CLIENTE;MRR_12M\rT1;1\rT2;2\r")


@pytest.mark.parametrize("block", [32, 1 << 20])
@pytest.mark.parametrize("more", [1, 3])
def test_a_delimiter_at_the_end_of_every_row_is_counted(tmp_path, monkeypatch, more, block):
    monkeypatch.setattr(reader, "BLOCK_BYTES", block)
    ends = ";" * more
    lines = [f"T{number};{number}{ends}\n" for number in range(40)]
    rows, bad, coerced = read(tmp_path, MRR, HEAD + "".join(lines).encode())

    assert [row["mrr_12m"] for row in rows] == [str(number) for number in range(40)]
    assert (bad, coerced) == ([], {"trailing_delimiter": 1})


def test_a_delimiter_at_the_end_of_the_header_only_is_counted(tmp_path):
    rows, bad, coerced = read(tmp_path, MRR, b"CLIENTE;MRR_12M;;\nT1;1\nT2;2\n")

    assert [row["customer_key"] for row in rows] == ["T1", "T2"]
    assert bad == []
    assert coerced["trailing_delimiter"] == 1


def test_a_delimiter_at_the_end_of_some_rows_is_not_guessed(tmp_path):
    _, bad, coerced = read(tmp_path, MRR, HEAD + b"T1;1\nT2;2;\n")
    assert (bad, coerced) == ([(3, "field_count")], {})

    said = told(tmp_path, MRR, HEAD + b"T1;1;x\nT2;2;y\n")
    assert "All 2 records would be quarantined: rows have 3 fields, the header 2." in said


def test_rows_that_stop_ending_in_a_delimiter_are_quarantined(tmp_path, monkeypatch):
    monkeypatch.setattr(reader, "BLOCK_BYTES", 32)
    body = HEAD + b"T1;1;\n" * 20 + b"T2;2\n" + b"T3;3;x\n" + b"T4;4;\n"
    rows, bad, _ = read(tmp_path, MRR, body)

    assert len(rows) == 21
    assert bad == [(22, "field_count"), (23, "field_count")]


def test_rows_and_header_of_different_widths_are_told(tmp_path):
    said = told(tmp_path, MRR, HEAD + b"T1;2025;1;\nT2;2025;2;\n")
    assert "rows have 4 fields, the header 2; each row ends with a delimiter" in said


# Nothing to say


@pytest.mark.parametrize("body", [b"", b"\n \n"])
def test_a_survey_without_answers_is_landed_with_zero_rows(raw, data, body):
    head = contents(PRODUCT, [])
    (raw / "nps_transacional_produto.csv").write_bytes(head + body)
    report = land(raw, data)

    (listed,) = files(data, "nps_transacional_produto")
    assert (listed["status"], listed["landed"]) == ("landed", "0")
    assert "no records" in listed["message"]
    assert table(data, "nps_transacional_produto") == []
    assert report.is_changed
    assert not land(raw, data).is_changed


def test_a_header_without_line_end_is_no_answers_either(tmp_path):
    assert read(tmp_path, TICKETS, contents(TICKETS, [])[:-1])[0] == []


@pytest.mark.parametrize("family", [SPINE, MRR, CONTRACT["telemetria"]], ids=lambda one: one.name)
def test_a_family_that_may_not_be_empty_is_refused(tmp_path, family):
    assert "no_records" in told(tmp_path, family, contents(family, []))


def test_the_contract_decides_which_family_may_be_empty_and_lack_its_end(raw, data):
    whole = (raw / "mrr.csv").read_bytes()
    for name, body in (("may_be_empty", HEAD), ("may_lack_line_end", whole[:-1])):
        (raw / "mrr.csv").write_bytes(body)
        for allowed in (False, True):
            contract = {**CONTRACT, "mrr": replace(MRR, **{name: allowed})}
            try:
                land(raw, data, contract=contract)
            except LandingError as error:
                assert (name, allowed) == ("may_be_empty", False)
                assert "no_records" in str(error)
                continue
            assert (
                len(table(data, "mrr"))
                == {
                    ("may_be_empty", True): 0,
                    ("may_lack_line_end", False): 2,
                    ("may_lack_line_end", True): 3,
                }[name, allowed]
            )


def test_no_required_family_may_be_empty():
    assert not [one.name for one in CONTRACT.values() if one.required and one.may_be_empty]


# Names and archives


@pytest.mark.parametrize(
    "name", ["mrr (1).csv", "mrr(2).csv", "mrr.csv.txt", "MRR.CSV", "Mrr.csv", "mrr (1).csv.txt"]
)
def test_a_renamed_file_is_taken_where_none_has_the_right_name(raw, data, name):
    shutil.copy(raw / "mrr.csv", raw / name)
    assert any("is there under its right name" in note for note in land(raw, data).notes)
    assert len(files(data, "mrr")) == 1

    (raw / "mrr.csv").unlink()
    report = land(raw, data)
    assert f"{name} is taken as mrr.csv" in report.notes
    assert [row["_file"] for row in table(data, "mrr")] == [name] * 3
    assert not land(raw, data).is_changed


def test_a_part_is_taken_by_its_renamed_name(tmp_path, data):
    raw = write_extract(tmp_path / "raw", (*REQUIRED, "telemetria"))
    (raw / "telemetria_3.csv").rename(raw / "TELEMETRIA_3.CSV")
    land(raw, data)

    assert len(table(data, "telemetria")) == 33
    assert (data / "landing/telemetria/delivery=2025-03-25/telemetria_3.parquet").exists()
    assert not land(raw, data).is_changed


def test_two_renamed_files_that_differ_are_not_chosen_from(raw, data):
    (raw / "mrr.csv").rename(raw / "mrr (1).csv")
    (raw / "mrr (2).csv").write_bytes(HEAD + b"T7;1\n")
    assert "ambiguous_files: mrr (1).csv and mrr (2).csv" in refused(raw, data)

    shutil.copy(raw / "mrr (1).csv", raw / "mrr (2).csv")
    land(raw, data)
    assert len(table(data, "mrr")) == 3


@pytest.mark.parametrize(
    ("name", "do"),
    [
        ("mrr_20250325.csv", "name it mrr.csv"),
        ("MRR - final.csv", "name it mrr.csv"),
        ("mrr.txt", "name it mrr.csv"),
        ("mrr", "name it mrr.csv"),
        ("mrr.xlsx", "save it as CSV named mrr.csv"),
        ("mrr.csv.xz", "unpack it"),
    ],
)
def test_a_file_with_a_similar_name_is_named_where_its_family_is_missing(raw, data, name, do):
    (raw / "mrr.csv").rename(raw / name)

    said = refused(raw, data)
    assert f"{name} lies there: if that is it, {do}." in said
    assert "missing_family" in said


def test_a_name_like_that_of_no_family_is_not_guessed_at(raw, data):
    (raw / "notes.txt").write_bytes(b"x")
    assert (
        "notes.txt is ignored: no family of families.yml has such a file" in land(raw, data).notes
    )


def test_a_misspelt_optional_family_is_named(raw, data):
    write_family(raw, "historico")
    (raw / "historico.csv").rename(raw / "histórico.csv")
    (note,) = [note for note in land(raw, data).notes if note.startswith("histórico")]
    assert "it is nearest to historico.csv: if it is that, name it historico.csv" in note


def pack(path: Path, *names: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("__MACOSX/._x", b"x")
        for name in names:
            archive.write(name, f"export/{name.name}")
            name.unlink()


def compressed(raw: Path) -> None:
    """The extract with one family under gzip, one in an archive, one with the name only."""
    body = (raw / "mrr.csv").read_bytes()
    (raw / "mrr.csv.gz").write_bytes(gzip.compress(body[:20]) + gzip.compress(body[20:]))
    (raw / "mrr.csv").unlink()
    pack(raw / "export 17.zip", raw / "dados_clientes.csv")
    (raw / "clientes_desde.csv").rename(raw / "clientes_desde.csv.gz")


def test_compressed_files_land_as_what_is_in_them(raw, data, tmp_path, monkeypatch):
    land(raw, tmp_path / "plain")
    compressed(raw)
    monkeypatch.setattr(reader, "BLOCK_BYTES", 64)
    land(raw, data)

    for name in REQUIRED:
        assert table(data, name) == table(tmp_path / "plain", name)
    assert [row["file"] for row in files(data, "mrr")] == ["mrr.csv"]
    assert not land(raw, data).is_changed
    # The same contents, packed or not, are the same file.
    land(write_extract(tmp_path / "again", REQUIRED), data)
    assert not land(raw, data).is_changed


def test_a_packed_copy_beside_its_file_is_taken_once(raw, data):
    (raw / "mrr.csv.gz").write_bytes(gzip.compress((raw / "mrr.csv").read_bytes()))
    land(raw, data)
    assert {row["file"]: row["status"] for row in files(data, "mrr")} == {
        "mrr.csv": "landed",
        "mrr.csv.gz": "same_as_earlier",
    }
    assert not land(raw, data).is_changed

    (raw / "mrr.csv.gz").write_bytes(gzip.compress(HEAD + b"T9;1\n"))
    assert "ambiguous_files: mrr.csv and mrr.csv.gz" in refused(raw, data)


def test_an_archive_of_several_files_is_told_to_be_unpacked(raw, data):
    pack(raw / "extract.zip", raw / "mrr.csv", raw / "dados_clientes.csv")
    said = refused(raw, data)
    assert "export/mrr.csv lies in extract.zip: unpack it." in said
    assert "export/dados_clientes.csv lies in extract.zip: unpack it." in said

    pack(raw / "rest.zip", raw / "clientes_desde.csv", *raw.glob("extract.zip"))
    assert "rest.zip is ignored: it holds 2 files (export/clientes_desde.csv" in refused(raw, data)


@pytest.mark.parametrize("spoil", [lambda raw: raw[:-30], lambda raw: raw[:40] + b"xx" + raw[42:]])
def test_a_damaged_compressed_file_is_told(raw, data, spoil):
    body = HEAD + b"".join(b"T%05d;%d\n" % (n, n * n) for n in range(400))
    (raw / "mrr.csv").unlink()
    (raw / "mrr.csv.gz").write_bytes(spoil(gzip.compress(body)))
    said = refused(raw, data)
    assert "mrr.csv in mrr.csv.gz: unreadable" in said


def test_a_damaged_archive_is_told(raw, data):
    pack(raw / "mrr.zip", raw / "mrr.csv")
    (raw / "mrr.zip").write_bytes((raw / "mrr.zip").read_bytes()[:-60])
    assert "mrr.zip lies there: if that is it, copy it again" in refused(raw, data)
