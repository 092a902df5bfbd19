"""Bytes and seconds of the page, at the customers of a build and at many more.

    python benchmarks/page_size.py --build data/build/arcana.duckdb --customers 200000

The customers of the build are repeated under new ids, with all that the page asks of them.
Seconds to write it, its bytes, and, where Playwright and Chromium are at hand (make
test-browser installs the one), seconds from opening it to the first figure and chart.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import duckdb

from arcana import page
from arcana.engine.dbt_command import DBT

# What holds a row per customer, and is asked for the page.
TABLES = (
    "customer_360",
    "customer_features",
    "customer_personas",
    "customer_signals",
    "dim_customers",
    "fct_contract_lines",
)


def grown(build: Path, folder: Path, customers: int) -> Path:
    """A copy of the build with so many customers."""
    folder.mkdir()
    file = folder / "arcana.duckdb"
    shutil.copyfile(build, file)
    with duckdb.connect(str(file)) as connection:
        (there,) = connection.execute("select count(*) from gold.customer_360").fetchone()
        times = -(-customers // there)
        for table in TABLES:
            connection.execute(
                f"insert into gold.{table} select * exclude (copy) replace"
                f" (customer_id || '-' || copy as customer_id) from gold.{table},"
                f" range(1, {times}) as copies(copy)"
            )
    return file


def seconds_to_figure(file: Path) -> float | None:
    """From opening the page to its first figure and chart, in the system's Chromium."""
    try:
        from playwright.sync_api import sync_playwright  # noqa: PLC0415
    except ImportError:
        return None
    found = shutil.which("chromium") or shutil.which("google-chrome")
    if found is None:
        return None
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        opened = browser.new_page()
        started = time.perf_counter()
        opened.goto(file.as_uri())
        opened.wait_for_selector("[data-fact=customers]")
        opened.wait_for_selector(".chart svg")
        seconds = time.perf_counter() - started
        browser.close()
    return seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--build", type=Path, default=Path("data/build/arcana.duckdb"))
    parser.add_argument("--customers", type=int, default=200_000)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        grown_file = grown(arguments.build, folder / "grown", arguments.customers)
        subprocess.run(
            [*DBT, "--quiet", "run", "--select", "path:models/page"],
            env={**os.environ, "ARCANA_DUCKDB": str(grown_file)},
            check=True,
        )
        for file in (arguments.build, grown_file):
            with duckdb.connect(str(file), read_only=True) as connection:
                sql = "select count(*) from gold.customer_360"
                (customers,) = connection.execute(sql).fetchone()
            target = folder / "index.html"
            started = time.perf_counter()
            size = page.write(file, folder / "none.json", target)
            seconds = time.perf_counter() - started
            figure = seconds_to_figure(target)
            told = "no browser here" if figure is None else f"{figure:.1f} s to the first figure"
            print(f"{customers:,} customers: {size:,} bytes, written in {seconds:.1f} s, {told}")


if __name__ == "__main__":
    main()
