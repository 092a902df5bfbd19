"""The simulator: the outside of every file, the quirks, the population, repeatability."""

import dataclasses
import hashlib
import importlib.util
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from arcana import families
from arcana.errors import UsageError
from arcana.simulate import MARKER, SAMPLE, activity, blocks, keys, simulate

ROOT = Path(__file__).parents[2]
SMALL = {"customers": 300, "seed": 3, "telemetry_rows": 2_000, "contract_lines": 0.3}
CP1252 = ("aquisicao", "implantacao", "onboarding", "produto")
KEY = r"T[0-9A-Z]{5}|\d{5}|[A-Z]{6}"

DECIMAL = {",": r"-?\d+(,\d+)?", ".": r"-?\d+(\.\d+)?"}
DATES = {
    "iso_date": r"\d{4}-\d\d-\d\d",
    "iso_timestamp": r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}",
    "us_timestamp": r"[1-9]\d?/[1-9]\d?/\d{4} ([1-9]|1[0-2]):\d\d:\d\d (AM|PM)",
}
# What a text column may hold, beyond being text.
SHAPES = {
    "nr_proposta": r"A[0-9A-Z]{5}",
    "bk_ticket": r"\d{8}",
    "ticket": r"\d{8}",
    "cd_prod": r"[0-9A-Z.\-]{9,13}",
    "periodicidade": r"\d\d - [A-Z][a-z]+",
    "cidade": r"[A-Z]+",
    "uf": r"[A-Z]{2}",
    "clienteid": rf"({KEY})00",
    "moduloid": r"\d+",
    "slotid": r"\d+",
    "statuslicenca": r"Desconectado|Conectado|Negado",
    "tcloud": r"",
    "clienteprime": r"",
    "grupo_nps": r"promotor|passivo|detrator",
    "status_ticket": r"closed|solved|hold|pending|open",
    "prioridade_ticket": r"low|normal|high|urgent",
    "tipo_ticket": r"question|problem|task|incident",
    "hospedagem": r"ON PREMISES|TOTVS CLOUD",
}
# Columns that are empty in some rows; every other column never is.
MAY_BE_EMPTY = {
    "dados_clientes": {
        "ds_subsegmento",
        "marca_totvs",
        "modal_comerc",
        "periodicidade",
        "situacao_contrato",
    },
    "tickets": {"codigo_organizacao", "nome_grupo"},
    "nps_transacional_implantacao": {"cod_cliente"},
    "nps_transacional_onboarding": {"cod_cliente"},
    "nps_transacional_produto": {"nome_do_produto"},
    "telemetria": {"statuslicenca", "tcloud", "clienteprime"},
}


@pytest.fixture(scope="module")
def extract(tmp_path_factory):
    """An extract of the default size; its folder, its truth and the report."""
    folder = tmp_path_factory.mktemp("simulated")
    return simulate(folder / "raw", folder / "truth.csv")


@pytest.fixture(scope="module")
def table(extract):
    """Read a family of the default extract as text, columns by landed name."""
    read = {}

    def table(name):
        if name not in read:
            read[name] = read_family(extract.destination, name)
        return read[name]

    return table


@pytest.fixture(scope="module")
def three(tmp_path_factory):
    """Three deliveries."""
    folder = tmp_path_factory.mktemp("three")
    simulate(folder / "raw", folder / "truth.csv", deliveries=3, **SMALL)
    return folder


def read_family(folder, name):
    family = families.load()[name]
    parts = []
    for file in family.file_names():
        part = pd.read_csv(
            folder / file,
            sep=family.delimiter,
            encoding="utf-8-sig" if family.encoding == "utf-8" else family.encoding,
            dtype=str,
            keep_default_na=False,
        )
        parts.append(part.set_axis(list(family.column_names), axis=1))
    return pd.concat(parts, ignore_index=True)


def hashes(folder):
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def numbers(texts):
    return texts.str.replace(",", ".").astype(float)


# --- the outside -----------------------------------------------------------


def test_every_file_and_no_other_is_written(extract):
    expected = {name for family in families.load().values() for name in family.file_names()}
    assert {path.name for path in extract.destination.iterdir()} == expected | {MARKER}
    marker = json.loads((extract.destination / MARKER).read_text(encoding="utf-8"))
    assert marker == {"id": extract.extract_id, "seed": 2025, "customers": 4000}


@pytest.mark.parametrize("name", list(families.load()))
def test_file_has_the_vendors_header_encoding_and_delimiter(extract, name):
    family = families.load()[name]
    assert (family.encoding == "cp1252") == name.endswith(CP1252)
    for file in family.file_names():
        content = (extract.destination / file).read_bytes()
        assert content.startswith(b"\xef\xbb\xbf") == (name == "clientes_desde")
        lines = content.removeprefix(b"\xef\xbb\xbf").decode(family.encoding).split("\n")
        assert lines.pop() == ""
        expected = [
            f'"{column.header}"' if family.delimiter in column.header else column.header
            for column in family.columns
        ]
        assert lines[0] == family.delimiter.join(expected)
        assert {line.count(family.delimiter) for line in lines[1:]} == {len(family.columns) - 1}
        assert '"' not in "".join(lines[1:])
        assert extract.rows["2025-03-25"][file] == len(lines) - 1


def test_accented_headers_are_one_byte_a_letter(extract):
    first = (extract.destination / "nps_transacional_aquisicao.csv").read_bytes().split(b";")[0]
    assert first == b"C\xf3d. Cliente"


@pytest.mark.parametrize("name", list(families.load()))
def test_values_have_the_declared_forms(table, name):
    family = families.load()[name]
    may_be_empty = MAY_BE_EMPTY.get(name, set())
    for column in family.columns:
        values = table(name)[column.name]
        if column.type == "decimal":
            shape = DECIMAL[family.decimal_mark]
        elif column.type == "integer":
            shape = r"\d+"
        else:
            shape = DATES.get(column.format) or SHAPES.get(column.name)
        if column.name == family.key and name != "telemetria":
            shape = rf"{KEY}|t[0-9a-z]{{5}}" if name == "nps_relacional" else KEY
        is_empty = values == ""
        optional_answer = name.startswith("nps_") and column.name.startswith(("nota_", "resposta_"))
        if column.name not in may_be_empty and not optional_answer:
            assert not is_empty.any(), column.name
        if shape:
            distinct = values[~is_empty].drop_duplicates()
            wrong = distinct[~distinct.str.fullmatch(shape)]
            assert wrong.empty, (column.name, wrong.head())
        if name.startswith("nps_") and column.type == "integer":
            assert pd.to_numeric(values[~is_empty]).between(0, 10).all()


def test_numbers_are_written_as_the_vendor_does(table):
    values = table("dados_clientes")["vl_total_contrato"]
    digits = values.str.replace(r"[-,]", "", regex=True).str.lstrip("0").str.len()
    assert digits.max() <= 15 and digits.median() >= 12
    for name in ("vl_pct_desconto", "vl_desconto", "vl_pct_desc_temp"):
        assert (table("historico")[name] == "0").any()
        assert not table("historico")[name].str.fullmatch(r"0,0*").any()
    assert set(table("historico")["qtd"]) >= {"1", "4,5"}
    assert (table("telemetria")["eventduration"] == "0").any()


# --- quirks ----------------------------------------------------------------


def test_amounts_are_whole_centavos_times_a_constant_of_its_own(table):
    values = numbers(table("dados_clientes")["vl_total_contrato"])
    centavo = values.mode()[0]
    assert 0.002 <= centavo <= 0.006
    assert centavo == values[values > 0].min()
    assert (values == centavo).mean() > 0.1
    assert -31 * centavo < values.min() < 0
    for amounts in (
        values,
        numbers(table("historico")["prc_unitario"]),
        numbers(table("contratacoes_ultimos_12_meses")["vlr_contratacoes_12m"]),
    ):
        units = (amounts / centavo)[amounts < 1e5]
        assert np.allclose(units, units.round(), atol=1e-3)
    # Percentages carry the same constant: 15, 20 and 30 per cent are the usual discounts.
    percent = (numbers(table("historico")["vl_pct_desconto"]) / centavo / 100).round(6)
    assert set(percent[percent > 0].value_counts().index[:3]) == {15.0, 20.0, 30.0}


def test_another_seed_draws_another_constant(table, three):
    other = read_family(three / "raw" / "2025-03-25", "dados_clientes")["vl_total_contrato"]
    assert table("dados_clientes")["vl_total_contrato"].mode()[0] != other.mode()[0]


def test_keys_are_shaped_as_the_vendors(table):
    signups = table("clientes_desde")
    key = signups["cliente"]
    assert key.is_unique
    assert key.str.fullmatch(r"\d{5}").sum() == 1
    assert key.str.fullmatch(r"[A-SU-Z][A-Z]{5}").sum() == 1
    assert key.str.fullmatch(r"T\d{5}").mean() == pytest.approx(0.204, abs=0.02)
    newest = signups[key.str.startswith("TF")].sort_values("cliente_desde")
    assert newest["cliente"].is_monotonic_increasing
    blocks_of_newest = pd.to_datetime(newest["cliente_desde"]).groupby(newest["cliente"].str[:3])
    assert blocks_of_newest.median().is_monotonic_increasing


def test_keys_are_consistent_across_families(table):
    known = set(table("clientes_desde")["cliente"])
    assert set(table("dados_clientes")["cd_cliente"]) == known
    for name, family in families.load().items():
        found = table(name)[family.key]
        if family.key_suffix:
            found = found.str[: -family.key_suffix]
        unknown = set(found) - known - {""}
        assert len(unknown) == (name == "nps_relacional")
        assert {key.upper() for key in unknown} <= known


def test_missing_keys_are_as_few_as_the_vendors(table):
    assert (table("nps_transacional_implantacao")["cod_cliente"] == "").sum() == 1
    assert (table("nps_transacional_onboarding")["cod_cliente"] == "").sum() == 1
    assert 0 < (table("tickets")["codigo_organizacao"] == "").mean() < 0.01


def test_labels_carry_the_vendors_noise(table):
    lines = table("dados_clientes")
    found = {column: set(lines[column]) for column in lines.columns[:14]}
    assert {"UTILITIES", "UTILITES", "PROVEDOR SERVICOS", "PROVEDOR DE SERVICOS"} <= found[
        "ds_subsegmento"
    ]
    assert {"SAAS CMNET HOTAL", "CLOUD COMPUTING.", "SAAS TECHFIN\xa0FAT\xa0MANUAL"} <= found[
        "ds_lin_rec"
    ]
    assert "Servicos auxiliares … educacao" in found["ds_cnae"]
    assert {"TOTVS", "SUPERMERCADOS"} <= found["ds_segmento"]
    assert {"MODALIDADE TRADICIONAL", "MODALIDADE ASSINATURA (INTERA 17/18)"} <= found[
        "marca_totvs"
    ]
    assert len(found["fat_faixa"]) == 13 and len(found["periodicidade"] - {""}) == 6
    assert found["uf"] & {"EX", "CF", "ME", "SF", "CR", "CH", "CO", "JU", "TU", "SA", "SL", "SJ"}
    assert lines["ds_prod"].str.len().max() == 30
    assert 0.05 < (lines["ds_prod"].str.len() == 30).mean() < 0.2
    assert lines["ds_prod"].str.contains("  ").any()
    assert lines["ds_prod"].mode()[0] == "SMS TOTVS TEC USER"
    assert (lines["pais"] != "105").any() and (lines["pais"] == "105").mean() > 0.98
    assert (lines["modal_comerc"] == "").mean() == pytest.approx(0.049, abs=0.02)
    assert lines.groupby("cd_cliente")["fat_faixa"].nunique().max() == 2
    assert lines.duplicated().mean() == pytest.approx(0.01, abs=0.005)


def test_relational_items_are_null_by_era(table):
    answers = table("nps_relacional")
    year = answers["responded_at"].str[:4].astype(int)
    items = [name for name in answers if name.startswith("nota_")]
    assert (answers.loc[year < 2022, items] == "").all(axis=None)
    assert ((answers.loc[year >= 2022, items] == "").mean() < 0.6).all()
    assert (answers.loc[year == 2025, "nota_suptec_atendimento"] == "").all()
    assert answers.duplicated().mean() == pytest.approx(0.045, abs=0.015)
    assert answers["responded_at"].str.endswith(".000").mean() > 0.7


@pytest.mark.parametrize(
    ("name", "items", "share"),
    [
        ("nps_transacional_aquisicao", slice(3, 8), 0.5),
        ("nps_transacional_implantacao", slice(3, 9), 0.37),
        ("nps_transacional_onboarding", slice(4, 8), 0.38),
        ("nps_transacional_suporte", slice(3, 8), 0.215),
    ],
)
def test_items_of_a_survey_are_null_together(table, name, items, share):
    is_null = table(name).iloc[:, items] == ""
    assert (is_null.all(axis=1) == is_null.any(axis=1)).all()
    assert is_null.iloc[:, 0].mean() == pytest.approx(share, abs=0.15)


def test_support_groups_follow_the_score(table):
    answers = table("nps_transacional_suporte")
    score = answers["resposta_nps"].astype(int)
    expected = np.select([score >= 9, score >= 7], ["promotor", "passivo"], "detrator")
    assert (answers["grupo_nps"] == expected).all()
    assert answers["ticket"].is_unique


def test_acquisition_is_newest_first(table):
    assert table("nps_transacional_aquisicao")["data_da_resposta"].is_monotonic_decreasing


def test_proposal_amounts_hang_together_as_the_vendors(table):
    items = table("historico")
    total, full = numbers(items["vl_total"]), numbers(items["vl_full"])
    discount = numbers(items["vl_desconto"])
    quantity, price = numbers(items["qtd"]), numbers(items["prc_unitario"])
    assert np.allclose(total, quantity * price)
    consistent = np.isclose(full, total + discount)
    assert consistent.mean() == pytest.approx(0.63, abs=0.05)
    assert (full[~consistent] < total[~consistent]).mean() > 0.7
    assert "999" in set(items["meses_bonif"])
    assert (numbers(items["vl_pct_desc_temp"])[items["meses_bonif"] == "999"] > 0).all()
    assert items["cd_prod"].str.startswith("0").any()
    assert not items.duplicated(["nr_proposta", "item_proposta"]).any()
    by_date = items.drop_duplicates("nr_proposta").sort_values("nr_proposta")["dt_upload"]
    assert by_date.iloc[0] < "2024-05" and by_date.iloc[-1] > "2025-03"
    assert (
        np.corrcoef(np.arange(len(by_date)), pd.to_datetime(by_date).astype("int64"))[0, 1] > 0.98
    )


def test_tickets_are_plausible(table):
    tickets = table("tickets")
    assert tickets["bk_ticket"].is_unique
    assert (tickets["dt_atualizacao"] >= tickets["dt_criacao"]).all()
    assert tickets["dt_criacao"].min() >= "2024-01-04"
    assert (tickets["status_ticket"] == "closed").mean() == pytest.approx(0.90, abs=0.03)
    assert tickets["nome_grupo"].str.contains("Ã§|Ã©").sum() == 0
    assert (tickets["nome_grupo"] == "Datasul Recursos Humanos").any()


def test_telemetry_is_a_week_of_mostly_repeated_rows(extract, table):
    events = table("telemetria")
    assert 300_000 <= len(events) <= 400_000
    assert set(events["referencedatestart"]) == {f"2025-03-{day}" for day in range(17, 22)}
    duration = numbers(events["eventduration"])
    assert duration.min() == -811_819 and duration.max() == 1.24e11
    assert duration.median() == pytest.approx(198, rel=0.25)
    distinct = 0
    for part in range(1, 12):
        lines = (extract.destination / f"telemetria_{part}.csv").read_bytes().splitlines()
        distinct += len(set(lines[1:]))
        assert len({line.split(b",")[4] for line in lines[1:50]}) == 1
    assert 1 - distinct / len(events) == pytest.approx(0.65, abs=0.02)
    assert events.groupby("moduloid")["productlineid"].nunique().max() == 1
    assert 0 < (events["statuslicenca"] == "").mean() < 0.01


def test_the_files_say_when_they_were_taken(table):
    newest = [
        table(name)[column.name].max()[:10]
        for name, family in families.load().items()
        for column in family.columns
        if column.dates_delivery and column.format != "us_timestamp"
    ]
    assert sorted(newest) == ["2025-03-24", *["2025-03-25"] * 4]
    assert (table("nps_transacional_produto")["data_da_resposta"].str[:10] == "3/25/2025 ").any()


# --- the population --------------------------------------------------------


def test_marginals_and_overlaps_follow_the_dictionary(extract):
    path = ROOT / "benchmarks" / "simulator_fidelity.py"
    spec = importlib.util.spec_from_file_location("simulator_fidelity", path)
    fidelity = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(fidelity)
    customers, _ = fidelity.load(extract.destination)
    off = [row for row in fidelity.comparisons(customers) if abs(row[3] - row[2]) > 5]
    assert not off


def test_truth_has_every_customer_once_in_order(extract, table):
    lines = extract.truth.read_bytes().decode("utf-8").splitlines()
    assert lines[0] == "customer_id,persona_id"
    rows = [line.split(",") for line in lines[1:]]
    found = [row[0] for row in rows]
    assert found == sorted(table("clientes_desde")["cliente"])
    shares = pd.Series([row[1] for row in rows]).value_counts(normalize=True)
    assert set(shares.index) == {"", *"01234567"}
    assert shares[""] == pytest.approx(0.03, abs=0.002)
    assert shares.drop("").between(0.02, 0.35).all()
    assert shares[["1", "5"]].max() <= 0.04
    odd = {key: persona for key, persona in rows if not re.fullmatch("T[0-9A-Z]{5}", key)}
    assert set(odd.values()) == {""}


def test_surveys_say_little_about_the_persona(extract, table):
    truth = pd.read_csv(extract.truth, dtype=str).set_index("customer_id")["persona_id"]
    answers = table("nps_relacional")
    persona = answers["metadata_codcliente"].str.upper().map(truth)
    score = answers["resposta_nps"].astype(int)
    assert score.groupby(persona).mean().std() < 0.35


# --- repeatability ---------------------------------------------------------


def test_same_arguments_same_bytes_in_any_environment(tmp_path):
    script = (
        "import sys; from pathlib import Path; from arcana.simulate import simulate;"
        f"simulate(Path(sys.argv[1]), Path(sys.argv[1] + '.csv'), **{SMALL!r})"
    )
    environments = (
        {"PYTHONHASHSEED": "1", "TZ": "Asia/Tokyo", "OMP_NUM_THREADS": "2", "LC_ALL": "C"},
        {"PYTHONHASHSEED": "2", "TZ": "America/Sao_Paulo", "OMP_NUM_THREADS": "1"},
    )
    found = []
    for number, settings in enumerate(environments):
        folder = tmp_path / str(number) / "raw"
        subprocess.run(
            [sys.executable, "-c", script, str(folder)], env={**os.environ, **settings}, check=True
        )
        found.append(hashes(folder.parent))
    assert found[0] == found[1]
    simulate(tmp_path / "2" / "raw", tmp_path / "2" / "raw.csv", **{**SMALL, "seed": 4})
    other = hashes(tmp_path / "2")
    assert all(other[name] != found[0][name] for name in other)


def test_blocks_do_not_change_the_shape(tmp_path, monkeypatch):
    monkeypatch.setattr("arcana.simulate.BLOCK_CUSTOMERS", 70)
    monkeypatch.setattr("arcana.simulate.activity.ROWS_AT_ONCE", 150)
    report = simulate(tmp_path / "raw", tmp_path / "truth.csv", deliveries=2, **SMALL)
    for day, rows in report.rows.items():
        folder = tmp_path / "raw" / day
        assert rows["clientes_desde.csv"] == len(read_family(folder, "clientes_desde"))
        assert read_family(folder, "clientes_desde")["cliente"].is_unique
        assert read_family(folder, "tickets")["bk_ticket"].is_unique
        items = read_family(folder, "historico")
        assert not items.duplicated(["nr_proposta", "item_proposta"]).any()
        acquisition = read_family(folder, "nps_transacional_aquisicao")
        assert acquisition["data_da_resposta"].is_monotonic_decreasing
    first = report.rows["2025-03-25"]
    telemetry = sum(count for name, count in first.items() if name.startswith("telemetria"))
    assert telemetry == pytest.approx(SMALL["telemetry_rows"], rel=0.15)


def test_a_heavy_customer_is_written_in_pieces(monkeypatch):
    monkeypatch.setattr(activity, "ROWS_AT_ONCE", 100)
    counts = np.array([0, 30, 1_050, 70, 0, 99])
    pieces = list(activity._pieces(counts))
    assert max(rows.sum() for _, rows in pieces) <= 200
    total = np.zeros(len(counts), dtype=int)
    for owners, rows in pieces:
        np.add.at(total, owners, rows)
    assert (total == counts).all()


def test_the_bundled_sample_is_what_the_simulator_makes(tmp_path):
    report = simulate(tmp_path / "raw", tmp_path / "truth.csv", **SAMPLE)
    assert hashes(ROOT / "sample" / "raw") == hashes(tmp_path / "raw")
    assert report.customers >= 295
    assert sum(path.stat().st_size for path in (tmp_path / "raw").iterdir()) < 2_000_000


# --- deliveries ------------------------------------------------------------

DAYS = ["2025-03-25", "2025-04-25", "2025-05-25"]


def test_the_first_of_many_deliveries_is_the_only_one(three, tmp_path):
    assert sorted(path.name for path in (three / "raw").iterdir()) == [*DAYS, MARKER]
    simulate(tmp_path / "raw", tmp_path / "truth.csv", **SMALL)
    alone = hashes(tmp_path / "raw")
    assert alone.pop(MARKER) == hashes(three / "raw").pop(MARKER)
    assert hashes(three / "raw" / DAYS[0]) == alone


def test_customers_join_and_none_vanishes(three):
    known = [set(read_family(three / "raw" / day, "clientes_desde")["cliente"]) for day in DAYS]
    assert [len(keys) for keys in known] == [300, 303, 306]
    assert known[0] < known[1] < known[2]
    truth = pd.read_csv(three / "truth.csv", dtype=str)["customer_id"]
    assert set(truth) == known[2] and truth.is_unique
    for day, keys_of_day in zip(DAYS, known, strict=True):
        folder = three / "raw" / day
        assert set(read_family(folder, "dados_clientes")["cd_cliente"]) == keys_of_day
        newest = read_family(folder, "clientes_desde")["cliente_desde"].max()
        assert newest < day


def test_snapshots_change_a_little(three):
    mrr = [
        read_family(three / "raw" / day, "mrr").set_index("cliente")["mrr_12m"].astype(float)
        for day in DAYS
    ]
    both = mrr[0].index.intersection(mrr[1].index)
    assert 0.9 < len(both) / len(mrr[0]) <= 1
    ratio = mrr[1][both] / mrr[0][both].replace(0, np.nan)
    assert ratio.median() == pytest.approx(1, abs=0.02)
    statuses = [
        read_family(three / "raw" / day, "dados_clientes")["situacao_contrato"].value_counts()
        for day in DAYS
    ]
    assert statuses[0]["CANCELADO"] < statuses[1]["CANCELADO"] < statuses[2]["CANCELADO"]


def test_tickets_come_again_with_news(three):
    first, second = (
        read_family(three / "raw" / day, "tickets").set_index("bk_ticket") for day in DAYS[:2]
    )
    both = first.index.intersection(second.index)
    assert 0 < len(both) < len(first) and len(second.index.difference(first.index)) > 0
    assert (first.loc[both, "dt_criacao"] == second.loc[both, "dt_criacao"]).all()
    changed = first.loc[both, "dt_atualizacao"] < second.loc[both, "dt_atualizacao"]
    assert changed.any()
    assert (second.loc[both, "status_ticket"][changed] == "closed").all()
    assert second["dt_atualizacao"].max() == DAYS[1]


def test_answers_and_proposals_come_again_unchanged(three):
    for name, day_column in (("nps_relacional", "responded_at"), ("historico", "dt_upload")):
        first, second = (read_family(three / "raw" / day, name) for day in DAYS[:2])
        again = second[second[day_column].str[:10] <= DAYS[0]]
        assert 0 < len(again) < len(first)
        assert not len(
            again.merge(first.drop_duplicates(), how="left", indicator=True).query(
                "_merge != 'both'"
            )
        )
        assert (second[day_column].str[:10] > DAYS[0]).any()


def test_telemetry_holds_the_last_day_again(three):
    first, second = (read_family(three / "raw" / day, "telemetria") for day in DAYS[:2])
    days = set(second["referencedatestart"])
    assert days == {"2025-03-21", *(f"2025-04-{day}" for day in range(14, 19))}
    friday = [events[events["referencedatestart"] == "2025-03-21"] for events in (first, second)]
    assert len(friday[0]) <= len(friday[1]) < 1.1 * len(friday[0])
    assert len(friday[0].drop_duplicates()) == len(friday[1].drop_duplicates())


def test_delivery_days_are_a_month_apart():
    assert [str(day) for day in blocks.calendar(12)][9:] == [
        "2025-12-25",
        "2026-01-25",
        "2026-02-25",
    ]
    assert str(activity.week_start(blocks.FIRST_DELIVERY)) == "2025-03-17"


# --- refusals --------------------------------------------------------------


@pytest.mark.parametrize(
    "wrong",
    [
        {"customers": 10},
        {"customers": keys.MOST_CUSTOMERS + 1},
        {"seed": -1},
        {"deliveries": 0},
        {"telemetry_rows": 5},
        {"contract_lines": 0},
    ],
)
def test_arguments_out_of_range_are_refused(tmp_path, wrong):
    name = next(iter(wrong))
    with pytest.raises(UsageError, match=name.replace("_", "[-_]")):
        simulate(tmp_path / "raw", tmp_path / "truth.csv", **wrong)
    assert not list(tmp_path.iterdir())


def test_a_folder_with_other_files_is_never_overwritten(tmp_path):
    folder = tmp_path / "raw"
    folder.mkdir()
    (folder / "mrr.csv").write_text("CLIENTE;MRR_12M\n", encoding="utf-8")
    with pytest.raises(UsageError, match=r"mrr\.csv"):
        simulate(folder, tmp_path / "truth.csv", **SMALL)
    assert [path.name for path in tmp_path.rglob("*.csv")] == ["mrr.csv"]
    with pytest.raises(UsageError, match="is a file"):
        simulate(folder / "mrr.csv", tmp_path / "truth.csv", **SMALL)
    with pytest.raises(UsageError, match="--truth"):
        simulate(tmp_path / "new", folder, **SMALL)


def test_an_earlier_simulation_is_replaced_whole(tmp_path):
    folder = tmp_path / "raw"
    folder.mkdir()
    (folder / ".gitkeep").touch()
    simulate(folder, tmp_path / "truth.csv", deliveries=2, **SMALL)
    simulate(folder, tmp_path / "truth.csv", **SMALL)
    assert (folder / ".gitkeep").exists() and (folder / "mrr.csv").exists()
    assert not (folder / DAYS[0]).exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["raw", "truth.csv"]


def test_a_failure_leaves_what_was_there(tmp_path, monkeypatch):
    simulate(tmp_path / "raw", tmp_path / "truth.csv", **SMALL)
    before = hashes(tmp_path)

    def fails(block):
        raise OSError("disk full")

    monkeypatch.setattr("arcana.simulate.activity.telemetry", fails)
    with pytest.raises(OSError, match="disk full"):
        simulate(tmp_path / "raw", tmp_path / "truth.csv", **{**SMALL, "seed": 9})
    assert hashes(tmp_path) == before


def test_the_smallest_extract_has_every_file(tmp_path):
    report = simulate(tmp_path / "raw", tmp_path / "truth.csv", customers=50, deliveries=2)
    files = {name for family in families.load().values() for name in family.file_names()}
    assert all(set(rows) == files for rows in report.rows.values())
    assert report.customers == 51


def test_progress_ends_at_all_customers(tmp_path):
    done = []
    simulate(tmp_path / "raw", tmp_path / "truth.csv", progress=done.append, **SMALL)
    assert sum(done) == SMALL["customers"]


def test_the_report_is_complete(extract):
    files = list(extract.destination.glob("*.csv"))
    assert extract.bytes == sum(path.stat().st_size for path in files)
    assert dataclasses.asdict(extract)["customers"] == 4000
