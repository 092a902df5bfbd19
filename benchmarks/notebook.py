"""The notebook that Arcana replaces, as a script: pandas and scikit-learn, no checks.

Reads the same raw files as they come, keeps the newest snapshots, folds the telemetry
to customer, day and module, joins everything to one row per customer and fits
scikit-learn's Bayesian Gaussian mixture as such notebooks do: scaled logarithms, ten
components, those above one per cent counted, a second fit with that number. What
`benchmarks/real_size.py` measures builds against.

    python benchmarks/notebook.py RAW_FOLDER RESULT.parquet
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.mixture import BayesianGaussianMixture
from sklearn.preprocessing import StandardScaler

SURVEYS = {
    # file: encoding, customer, score
    "nps_relacional": ("utf-8", "metadata_codcliente", "resposta_NPS"),
    "nps_transacional_aquisicao": ("latin-1", 0, 2),
    "nps_transacional_implantacao": ("latin-1", 0, 2),
    "nps_transacional_onboarding": ("latin-1", 1, 2),
    "nps_transacional_produto": ("latin-1", 4, 3),
    "nps_transacional_suporte": ("utf-8", "cliente", "resposta_NPS"),
}
COMPONENTS = 10
SMALLEST_WEIGHT = 0.01


def customers_of(raw: Path) -> pd.DataFrame:
    """One row per customer from the files of a folder, or of its dated folders."""
    deliveries = sorted(path for path in raw.iterdir() if path.is_dir()) or [raw]
    newest = deliveries[-1]
    customers = pd.read_csv(newest / "clientes_desde.csv", sep=";", encoding="utf-8-sig")
    customers.columns = ["customer", "since"]
    customers = customers.set_index("customer")
    since = pd.to_datetime(customers.pop("since"))
    customers["days"] = (since.max() - since).dt.days

    lines = pd.read_csv(newest / "dados_clientes.csv", sep=";", decimal=",", low_memory=False)
    lines["value"] = pd.to_numeric(lines["VL_TOTAL_CONTRATO"], errors="coerce")
    by_customer = lines.groupby("CD_CLIENTE")
    customers["contract_value"] = by_customer["value"].sum()
    customers["products"] = by_customer["DS_PROD"].nunique()
    customers["segment"] = by_customer["DS_SEGMENTO"].first()

    mrr = pd.read_csv(newest / "mrr.csv", sep=";").set_index("CLIENTE")
    customers["mrr"] = mrr["MRR_12M"].groupby(level=0).sum()
    bought = pd.read_csv(newest / "contratacoes_ultimos_12_meses.csv", sep=";", decimal=",")
    bought = bought.groupby("CD_CLIENTE")[["QTD_CONTRATACOES_12M", "VLR_CONTRATACOES_12M"]].sum()
    customers[["purchases", "purchase_value"]] = bought

    proposals = _all_of(deliveries, "historico", sep=";", decimal=",").drop_duplicates()
    customers["proposals"] = proposals.groupby("CD_CLI")["NR_PROPOSTA"].nunique()
    tickets = _all_of(deliveries, "tickets", sep=";").drop_duplicates("BK_TICKET", keep="last")
    customers["tickets"] = tickets.groupby("CODIGO_ORGANIZACAO").size()
    for survey, (encoding, key, score) in SURVEYS.items():
        answers = _all_of(deliveries, survey, sep=";", encoding=encoding).drop_duplicates()
        key_name, score_name = (
            answers.columns[name] if isinstance(name, int) else name for name in (key, score)
        )
        customers[survey] = answers.groupby(answers[key_name].str.upper())[score_name].mean()

    usage = _usage_of(deliveries).groupby("customer")
    customers["events"] = usage["events"].sum()
    customers["distinct_events"] = usage["distinct_events"].sum()
    customers["active_days"] = usage["referencedatestart"].nunique()
    customers["modules"] = usage["moduloid"].nunique()
    return customers


def _usage_of(deliveries: list[Path]) -> pd.DataFrame:
    """Telemetry by customer, day and module."""
    files = [file for day in deliveries for file in sorted(day.glob("telemetria_*.csv"))]
    events = pd.concat([pd.read_csv(file) for file in files], ignore_index=True)
    keys = ["clienteid", "referencedatestart", "moduloid"]
    usage = events.groupby(keys).size().rename("events").to_frame()
    distinct = events.drop_duplicates().groupby(keys)
    usage["distinct_events"] = distinct.size()
    usage["duration"] = distinct["eventduration"].sum()
    usage = usage.reset_index()
    usage["customer"] = usage["clienteid"].str[:-2]
    return usage


def _all_of(deliveries: list[Path], family: str, **options) -> pd.DataFrame:
    files = [day / f"{family}.csv" for day in deliveries]
    found = [pd.read_csv(file, **options) for file in files if file.exists()]
    return pd.concat(found, ignore_index=True)


def segment_of(customers: pd.DataFrame) -> np.ndarray:
    """Fit twice, as the notebook does, and number everybody's segment."""
    numbers = customers.drop(columns="segment").astype(float).fillna(0).clip(lower=0)
    scaled = StandardScaler().fit_transform(np.log1p(numbers))
    options = {
        "covariance_type": "diag",
        "weight_concentration_prior": 0.1,
        "max_iter": 500,
        "random_state": 42,
    }
    first = BayesianGaussianMixture(n_components=COMPONENTS, **options).fit(scaled)
    found = int((first.weights_ > SMALLEST_WEIGHT).sum())
    return BayesianGaussianMixture(n_components=found, **options).fit_predict(scaled)


def main() -> None:
    raw, target = map(Path, sys.argv[1:3])
    customers = customers_of(raw)
    customers["segment_found"] = segment_of(customers)
    customers.to_parquet(target)
    print(customers.groupby("segment_found").size().to_string())


if __name__ == "__main__":
    main()
