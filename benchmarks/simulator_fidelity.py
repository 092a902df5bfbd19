"""How near a simulated extract is to the data dictionary.

    python benchmarks/simulator_fidelity.py data/simulated

Prints dictionary, extract and difference for segments, revenue bands, contract
statuses, tenures and the overlap of families, and exits 1 when one of them is
off by more than five points. Amounts, and participation by tenure and segment,
are printed for the eye.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import pandas as pd
from rich.console import Console
from rich.table import Table

TOLERANCE = 5.0
REFERENCE = pd.Timestamp("2025-03-25")

# Per cent of customers, or of lines for statuses, from the data dictionary.
SEGMENTS = {
    "SERVICOS": 22.8, "VAREJO": 20.6, "MANUFATURA": 19.5, "DISTRIBUICAO": 8.1,
    "CONSTRUCAO E PROJETOS": 6.6, "LOGISTICA": 6.1, "HOSPITALITY": 5.3, "EDUCACIONAL": 5.0,
    "SAUDE": 2.8, "AGROINDUSTRIA": 1.9, "JURIDICO": 1.1, "FINANCIAL SERVICES": 0.09,
    "TOTVS": 0.02, "SUPERMERCADOS": 0.02,
}  # fmt: skip
BANDS = {
    "Sem Informações de Faturamento": 5058, "Faixa 00 - Ate 4,5 M": 1624,
    "Faixa 01 - De 4,5 M ate 7,5 M": 520, "Faixa 02 - De 7,5 M ate 15 M": 734,
    "Faixa 03 - De 15 M ate 25 M": 580, "Faixa 04 - De 25 M ate 35 M": 365,
    "Faixa 05 - De 35 M ate 50 M": 311, "Faixa 06 - De 50 M ate 75 M": 346,
    "Faixa 07 - De 75 M ate 150 M": 442, "Faixa 08 - De 150 M ate 300 M": 303,
    "Faixa 09 - De 300 M ate 500 M": 141, "Faixa 10 - De 500 M ate 850 M": 76,
    "Faixa 11 - Acima de 850 M": 115,
}  # fmt: skip
STATUSES = {
    "ATIVO": 52.27, "CANCELADO": 23.84, "GRATUITO": 15.34, "TROCADO": 7.36, "PENDENTE": 1.00,
    "SUSPENSO": 0.17, "FATURAR": 0.012,
}  # fmt: skip
TENURE_YEARS = [0, 1, 3, 5, 10, 20, 100]
TENURES = [1221, 1912, 1510, 1963, 3301, 708]
FAMILIES = {
    "mrr": ("mrr", 68.9), "telemetria": ("tele", 42.1), "historico": ("hist", 38.2),
    "nps_relacional": ("nps", 45.8), "contratacoes_ultimos_12_meses": ("c12", 40.6),
}  # fmt: skip
ALL_FIVE, NONE_OF_FIVE = 16.4, 20.6
OVERLAP = {
    "mrr": {"tele": 58.9, "hist": 47.5, "nps": 62.3, "c12": 47.8},
    "tele": {"mrr": 96.4, "hist": 55.6, "nps": 77.4, "c12": 55.0},
    "hist": {"mrr": 85.6, "tele": 61.3, "nps": 54.5, "c12": 95.9},
    "nps": {"mrr": 93.7, "tele": 71.0, "hist": 45.4, "c12": 44.9},
    "c12": {"mrr": 80.9, "tele": 56.9, "hist": 90.1, "nps": 50.6},
}
BY_TENURE = pd.DataFrame(
    {
        "mrr": [53, 56, 52, 71, 85, 85],
        "hist": [80, 24, 22, 29, 42, 45],
        "c12": [100, 26, 23, 29, 42, 44],
    }
)
BY_SEGMENT = pd.DataFrame.from_dict(
    {
        "SERVICOS": [28, 25, 49, 37], "VAREJO": [31, 43, 76, 37], "MANUFATURA": [69, 62, 83, 46],
        "DISTRIBUICAO": [53, 67, 86, 42], "CONSTRUCAO E PROJETOS": [46, 45, 60, 41],
        "LOGISTICA": [52, 53, 70, 38], "HOSPITALITY": [2, 41, 73, 33],
        "EDUCACIONAL": [43, 43, 57, 52], "SAUDE": [45, 38, 56, 46],
        "AGROINDUSTRIA": [71, 66, 84, 48], "JURIDICO": [25, 63, 76, 65],
    },
    orient="index", columns=["tele", "nps", "mrr", "c12"],
)  # fmt: skip
# Amounts: dictionary quantiles.
QUANTILES = {
    "contract sum": {5: 58, 10: 96, 25: 349, 50: 5403, 75: 33290, 90: 110900, 95: 207900,
                     99: 745000},
    "contract line": {25: 5.21, 50: 177.3, 75: 1051},
    "mrr": {1: 18, 5: 34, 10: 54, 25: 133, 50: 348, 75: 773, 90: 1467, 95: 2245, 99: 4806},
    "12-month value": {5: 0.008, 10: 35, 25: 182, 50: 1544, 75: 8228, 90: 27200, 95: 48750,
                       99: 132600},
    "proposal item": {25: 111.7, 50: 518.8, 75: 2352.8},
    "items per customer": {25: 2, 50: 4, 75: 7, 90: 12, 95: 17, 99: 31},
    "event duration": {25: 10.65, 50: 197.9, 75: 1025.9},
}  # fmt: skip
CORRELATIONS = {
    ("contract", "mrr"): 0.61, ("contract", "events"): 0.58, ("contract", "c12 value"): 0.53,
    ("contract", "tenure"): 0.52, ("contract", "c12 count"): 0.47, ("c12 count", "items"): 0.58,
    ("c12 value", "items"): 0.58, ("c12 count", "c12 value"): 0.43, ("mrr", "c12 value"): 0.35,
    ("tenure", "events"): 0.31, ("mrr", "events"): 0.31, ("tenure", "c12 count"): 0.29,
    ("mrr", "tenure"): 0.24, ("nps", "contract"): 0.0, ("nps", "mrr"): 0.0,
    ("nps", "tenure"): 0.0, ("nps", "events"): 0.0,
}  # fmt: skip


def read(folder: Path, family: str, decimal: str = ",", columns: list[str] | None = None):
    return pd.read_csv(
        folder / f"{family}.csv", sep=";", decimal=decimal, encoding="utf-8-sig", usecols=columns
    )


def load(folder: Path) -> tuple[pd.DataFrame, dict[str, pd.Series]]:
    """One row per customer with what is compared, and the columns whose quantiles are."""
    customers = read(folder, "clientes_desde").set_index("CLIENTE")
    lines = read(folder, "dados_clientes")
    mrr = read(folder, "mrr", ".").set_index("CLIENTE")["MRR_12M"]
    bought = read(folder, "contratacoes_ultimos_12_meses").set_index("CD_CLIENTE")
    items = read(folder, "historico", columns=["CD_CLI", "VL_TOTAL"])
    answers = read(folder, "nps_relacional", columns=["metadata_codcliente", "resposta_NPS"])
    parts = [
        pd.read_csv(path, usecols=["clienteid", "eventduration"])
        for path in sorted(folder.glob("telemetria_*.csv"))
    ]
    events = pd.concat(parts)
    modal = lines.groupby("CD_CLIENTE")[["DS_SEGMENTO", "FAT_FAIXA"]].first()
    since = pd.to_datetime(customers["CLIENTE_DESDE"])
    table = pd.DataFrame(
        {
            "segment": modal["DS_SEGMENTO"],
            "band": modal["FAT_FAIXA"],
            "tenure": (REFERENCE - since).dt.days / 365.25,
            "contract": lines.groupby("CD_CLIENTE")["VL_TOTAL_CONTRATO"].sum(),
            "mrr": mrr,
            "c12 value": bought["VLR_CONTRATACOES_12M"],
            "c12 count": bought["QTD_CONTRATACOES_12M"],
            "items": items.groupby("CD_CLI").size(),
            "events": events.groupby(events["clienteid"].str[:6]).size(),
            "nps": answers.groupby(answers["metadata_codcliente"].str.upper())[
                "resposta_NPS"
            ].mean(),
        },
        index=customers.index,
    )
    amounts = {
        "contract sum": table["contract"],
        "contract line": lines["VL_TOTAL_CONTRATO"],
        "mrr": mrr,
        "12-month value": table["c12 value"].dropna(),
        "proposal item": items["VL_TOTAL"],
        "items per customer": table["items"].dropna(),
        "event duration": events["eventduration"],
    }
    table.attrs["status"] = 100 * lines["SITUACAO_CONTRATO"].value_counts(normalize=True)
    return table, amounts


def percent(series: pd.Series) -> float:
    return 100 * float(series.mean())


def comparisons(table: pd.DataFrame) -> list[tuple[str, str, float, float]]:
    """(group, what, dictionary, extract) in per cent, of all that is held to the tolerance."""
    rows = []
    shares = 100 * table["segment"].value_counts(normalize=True)
    rows += [("segment", name, value, shares.get(name, 0.0)) for name, value in SEGMENTS.items()]
    total = sum(BANDS.values())
    shares = 100 * table["band"].value_counts(normalize=True)
    rows += [
        ("revenue band", name, 100 * count / total, shares.get(name, 0.0))
        for name, count in BANDS.items()
    ]
    status = table.attrs["status"]
    rows += [("status", name, value, status.get(name, 0.0)) for name, value in STATUSES.items()]
    bands = pd.cut(table["tenure"], TENURE_YEARS, right=False, labels=range(len(TENURES)))
    for number, count in enumerate(TENURES):
        label = f"{TENURE_YEARS[number]} to {TENURE_YEARS[number + 1]} years"
        rows.append(("tenure", label, 100 * count / sum(TENURES), percent(bands == number)))
    present = presence(table)
    for name, value in FAMILIES.values():
        rows.append(("family", name, value, percent(present[name])))
    rows.append(("family", "all five", ALL_FIVE, percent(present.all(axis=1))))
    rows.append(("family", "none of the five", NONE_OF_FIVE, percent(~present.any(axis=1))))
    for given, others in OVERLAP.items():
        for name, value in others.items():
            rows.append(
                ("overlap", f"{name}, given {given}", value, percent(present[name][present[given]]))
            )
    return rows


def presence(table: pd.DataFrame) -> pd.DataFrame:
    columns = {"mrr": "mrr", "tele": "events", "hist": "items", "nps": "nps", "c12": "c12 value"}
    return pd.DataFrame({name: table[column].notna() for name, column in columns.items()})


def print_comparisons(console: Console, rows: list[tuple[str, str, float, float]]) -> None:
    shown = Table("group", "what", "dictionary %", "extract %", "points off")
    for group, what, expected, found in rows:
        off = found - expected
        style = "red" if abs(off) > TOLERANCE else None
        shown.add_row(group, what, f"{expected:.2f}", f"{found:.2f}", f"{off:+.2f}", style=style)
    console.print(shown)


def print_for_the_eye(console: Console, table: pd.DataFrame, amounts: dict[str, pd.Series]) -> None:
    shown = Table("amount", "quantile", "dictionary", "extract", "ratio")
    for name, quantiles in QUANTILES.items():
        for quantile, expected in quantiles.items():
            found = amounts[name].quantile(quantile / 100)
            ratio = found / expected
            shown.add_row(name, f"p{quantile}", f"{expected:,}", f"{found:,.3f}", f"{ratio:.2f}")
    console.print(shown)

    shown = Table("rank correlation", "dictionary", "extract")
    for (one, other), expected in CORRELATIONS.items():
        found = table[one].corr(table[other], method="spearman")
        shown.add_row(f"{one} - {other}", f"{expected:.2f}", f"{found:.2f}")
    console.print(shown)

    present = presence(table)
    bands = pd.cut(table["tenure"], TENURE_YEARS, right=False, labels=range(len(TENURES)))
    for title, groups, expected in (
        ("tenure", bands, BY_TENURE),
        ("segment", table["segment"], BY_SEGMENT),
    ):
        found = 100 * present.groupby(groups, observed=True).mean()
        shown = Table(f"points off by {title}", *expected.columns)
        for group in expected.index:
            off = found.loc[group, expected.columns] - expected.loc[group]
            shown.add_row(str(group), *(f"{value:+.1f}" for value in off))
        console.print(shown)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("extract", type=Path, help="folder with the raw files of one delivery")
    folder = arguments.parse_args().extract
    console = Console(width=110)
    table, amounts = load(folder)
    rows = comparisons(table)
    print_comparisons(console, rows)
    print_for_the_eye(console, table, amounts)
    off = [row for row in rows if abs(row[3] - row[2]) > TOLERANCE]
    worst = max(rows, key=lambda row: abs(row[3] - row[2]))
    console.print(
        f"{len(rows)} figures compared; {len(off)} off by more than {TOLERANCE:g} points; "
        f"the furthest is {worst[1]}, {worst[3] - worst[2]:+.1f}."
    )
    sys.exit(1 if off else 0)


if __name__ == "__main__":
    main()
