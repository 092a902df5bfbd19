"""Simulate the vendor's raw extract: same outside, invented customers, planted personas.

Reading order: population.py (who the customers are, from population.yml),
blocks.py (customers in one delivery), contracts.py, activity.py and surveys.py
(the rows of each family, in the words of vocabulary.yml), writing.py (the form of
the files, from families.yml). This module puts them together.

The true personas go to a file of their own, which only tests and benchmarks
read. Same seed and arguments, same bytes. The bundled sample is

    simulate(Path("sample/raw"), Path("truth.csv"), **SAMPLE)
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from arcana import families
from arcana.errors import UsageError
from arcana.settings import DEFAULT_CUSTOMERS, DEFAULT_SEED
from arcana.simulate import activity, blocks, contracts, keys, population, surveys
from arcana.simulate.blocks import Block
from arcana.simulate.disguise import Disguise
from arcana.simulate.population import FITS_NONE, Customers
from arcana.simulate.streams import Streams
from arcana.simulate.writing import CsvFile

MARKER = "_synthetic.json"
# Part of an extract's identity: raise it when the same arguments give other bytes.
SIMULATOR_VERSION = 1
FEWEST_CUSTOMERS = 50
# Telemetry of the vendor is 2,900 rows a customer; the default thins it so that
# a build takes seconds. Shares and shapes stay.
TELEMETRY_ROWS_PER_CUSTOMER = 90
# Memory is bounded by a block: some 45,000 contract lines.
BLOCK_CUSTOMERS = 2_000
NEW_CUSTOMERS_PER_DELIVERY = 0.01
# What sample/raw holds: fewer contract lines and little telemetry, to stay under 2 MB.
SAMPLE = {"customers": 300, "seed": 11, "telemetry_rows": 3_000, "contract_lines": 0.6}

# nps_transacional_aquisicao and telemetria are written in ways of their own.
FAMILIES = {
    "clientes_desde": contracts.signups,
    "dados_clientes": contracts.contract_lines,
    "mrr": contracts.recurring_revenue,
    "contratacoes_ultimos_12_meses": contracts.purchases,
    "historico": activity.proposal_items,
    "tickets": activity.tickets,
    "nps_relacional": surveys.relational,
    "nps_transacional_implantacao": surveys.implementation,
    "nps_transacional_onboarding": surveys.onboarding,
    "nps_transacional_produto": surveys.product,
    "nps_transacional_suporte": surveys.support,
}


@dataclass
class SimulationReport:
    """What was written: where, how many customers, and rows per file of each delivery."""

    destination: Path
    truth: Path
    extract_id: str
    customers: int
    rows: dict[str, dict[str, int]] = field(default_factory=dict)
    bytes: int = 0


def simulate(
    destination: Path,
    truth: Path,
    *,
    customers: int = DEFAULT_CUSTOMERS,
    seed: int = DEFAULT_SEED,
    deliveries: int = 1,
    telemetry_rows: int | None = None,
    contract_lines: float = 1.0,
    progress: Callable[[float], None] | None = None,
) -> SimulationReport:
    """Write a synthetic extract, and the true personas beside it.

    Parameters
    ----------
    destination
        Folder of the raw files. An earlier synthetic extract in it is replaced;
        anything else is refused.
    truth
        CSV file `customer_id,persona_id`, sorted; the persona is empty for
        customers that fit none.
    customers
        Customers of the first delivery.
    deliveries
        With more than one, a folder per delivery, a month apart, the first with
        exactly the files that a single delivery has. Later ones hold 1 % more
        customers each, and what changed.
    telemetry_rows
        Telemetry rows of the first delivery, about; default 90 a customer.
    contract_lines
        Factor on the number of contract lines.
    progress
        Called with the number of customers written, again and again, up to
        `customers` times `deliveries`.

    Raises
    ------
    UsageError
        When an argument is out of range, or the destination holds other files.
    """
    _check_arguments(customers, seed, deliveries, telemetry_rows, contract_lines)
    check_destination(destination)
    if truth.is_dir():
        raise UsageError(f"{truth} is a folder. Give a file with --truth.")
    rows_wanted = telemetry_rows or TELEMETRY_ROWS_PER_CUSTOMER * customers
    options = {
        "simulator": SIMULATOR_VERSION,
        "seed": seed,
        "customers": customers,
        "telemetry_rows": rows_wanted,
        "contract_lines": float(contract_lines),
    }
    streams = Streams(seed)
    days = blocks.calendar(deliveries)
    cohorts = _cohorts(streams, customers, days, contract_lines)
    first = cohorts[0]
    in_full = float(np.sum(first.event_weight * first.has_usage))
    common = {
        "first_lanes": -(-customers // BLOCK_CUSTOMERS),
        "extract_size": customers,
        "days": days,
        "streams": streams,
        "disguise": Disguise(streams),
        "event_factor": rows_wanted / in_full if in_full else 1.0,
    }
    report = SimulationReport(destination, truth, _extract_id(options), 0)
    place = destination.resolve()
    place.parent.mkdir(parents=True, exist_ok=True)
    # A sibling, so that the rename at the end stays within one file system.
    with tempfile.TemporaryDirectory(prefix=f".{place.name}-", dir=place.parent) as scratch:
        folder = Path(scratch) / "extract"
        folder.mkdir()
        for step, day in enumerate(days):
            in_delivery = folder / str(day) if deliveries > 1 else folder
            in_delivery.mkdir(exist_ok=True)
            cohorts_so_far = cohorts[: step + 1]
            report.rows[str(day)] = _write_delivery(
                in_delivery, _blocks(cohorts_so_far, step, common), progress
            )
        marker = {"id": report.extract_id, "seed": seed, "customers": customers}
        (folder / MARKER).write_text(json.dumps(marker) + "\n", encoding="utf-8")
        report.bytes = sum(path.stat().st_size for path in folder.rglob("*.csv"))
        _put_in_place(folder, place)
    report.customers = _write_truth(truth, cohorts)
    return report


def check_destination(destination: Path) -> None:
    """Refuse a destination that holds anything but an earlier synthetic extract."""
    if destination.is_dir():
        names = {path.name for path in destination.iterdir()} - {".gitkeep"}
        if not names or MARKER in names:
            return
        raise UsageError(
            f"{destination} holds files that no simulation wrote ({_some(names)}); they would be "
            f"lost. Give another folder with --output, or move them away."
        )
    if destination.exists():
        raise UsageError(f"{destination} is a file. Give a folder with --output.")


def _some(names: set[str]) -> str:
    listed = sorted(names)
    return ", ".join(listed[:3]) + (f" and {len(listed) - 3} more" if len(listed) > 3 else "")


def _check_arguments(customers, seed, deliveries, telemetry_rows, contract_lines) -> None:
    ranges = (
        ("--customers", customers, FEWEST_CUSTOMERS, keys.MOST_CUSTOMERS),
        ("--seed", seed, 0, 2**63 - 1),
        ("--deliveries", deliveries, 1, keys.MOST_DELIVERIES),
        ("--telemetry-rows", telemetry_rows, 100, 1_000_000_000),
        ("contract_lines", contract_lines, 0.05, 10),
    )
    for name, value, least, most in ranges:
        if value is not None and not least <= value <= most:
            raise UsageError(f"{name} is {value:,}; it must be from {least:,} to {most:,}.")


def _extract_id(options: dict) -> str:
    """Identity of the first delivery: a hash of everything that its bytes depend on."""
    text = json.dumps(options, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _cohorts(streams: Streams, customers: int, days: list, contract_lines: float):
    """Customers by the delivery in which they first appear."""
    first = population.draw_customers(streams, customers, days[0], contract_lines)
    newcomers = max(1, round(NEW_CUSTOMERS_PER_DELIVERY * customers))
    return [first] + [
        population.draw_newcomers(
            streams, step, newcomers, days[step - 1 : step + 1], contract_lines
        )
        for step in range(1, len(days))
    ]


def _blocks(cohorts: list[Customers], step: int, common: dict) -> Iterator[Block]:
    """Blocks of a delivery: those of the first customers, then one per later cohort."""
    number = 0
    for start in range(0, len(cohorts[0]), BLOCK_CUSTOMERS):
        part = cohorts[0].part(start, start + BLOCK_CUSTOMERS)
        yield Block(customers=part, number=number, born=0, step=step, **common)
        number += 1
    for born, cohort in enumerate(cohorts[1:], start=1):
        yield Block(customers=cohort, number=number, born=born, step=step, **common)
        number += 1


def _write_delivery(folder: Path, in_blocks: Iterator[Block], progress) -> dict[str, int]:
    """Write every file of one delivery block by block; return rows per file."""
    contract = families.load()
    with ExitStack() as stack:
        files = {}
        for family in contract.values():
            for name in family.file_names():
                files[name] = CsvFile(folder / name, family)
                stack.callback(files[name].close)
        parts = [files[name] for name in contract["telemetria"].file_names()]
        acquisition = []
        for block in in_blocks:
            for name, rows_of in FAMILIES.items():
                files[f"{name}.csv"].write(rows_of(block))
            acquisition.append(surveys.acquisition(block))
            for part, rows in activity.telemetry(block):
                parts[part].write(rows)
            if progress:
                progress(len(block))
        # A few rows in all, and the only file whose order runs through the whole of it.
        files["nps_transacional_aquisicao.csv"].write(surveys.newest_first(acquisition))
    return {name: file.rows for name, file in files.items()}


def _put_in_place(folder: Path, destination: Path) -> None:
    """Rename the finished extract to its place; the earlier one goes only then."""
    kept = destination / ".gitkeep"
    if kept.exists():
        shutil.copy2(kept, folder / ".gitkeep")
    if destination.exists():
        destination.rename(folder.parent / "earlier")
    folder.rename(destination)


def _write_truth(truth: Path, cohorts: list[Customers]) -> int:
    """Write the planted personas, sorted by customer; return how many customers."""
    rows = sorted(
        (key, "" if persona == FITS_NONE else str(persona))
        for cohort in cohorts
        for key, persona in zip(cohort.key.tolist(), cohort.persona.tolist(), strict=True)
    )
    truth.parent.mkdir(parents=True, exist_ok=True)
    lines = ["customer_id,persona_id", *(f"{key},{persona}" for key, persona in rows)]
    unfinished = truth.with_name(f".{truth.name}.part")
    unfinished.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")
    unfinished.replace(truth)
    return len(rows)
