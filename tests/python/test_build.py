"""From raw files to served tables, as a user runs it."""

from __future__ import annotations

import contextlib
import csv
import json
import os
import random
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from conftest import ROOT, new_project

from arcana import families
from arcana.engine.dbt_command import DBT

GOLD = {
    "customer_360",
    "customer_conditions",
    "customer_features",
    "customer_lists",
    "customer_personas",
    "customer_reasons",
    "customer_signal_reasons",
    "customer_signals",
    "dim_customers",
    "dim_dates",
    "dim_features",
    "dim_personas",
    "fct_contract_lines",
    "fct_nps_responses",
    "fct_proposal_items",
    "fct_tickets",
    "fct_usage_daily",
    "lists",
    "persona_feature_profiles",
    "persona_insights",
    "persona_mixture",
    "persona_profiles",
}
# What the next build reads, beside the registry, which is gold as well.
REMEMBERED = {"accepted_customers", "accepted_deliveries"}
POWER_BI_TYPES = {"BIGINT", "DOUBLE", "DECIMAL(18,6)", "DATE", "TIMESTAMP", "VARCHAR", "BOOLEAN"}


def test_every_gold_table_is_served_with_its_build_id(built):
    assert set(built.served_hashes()) == GOLD | REMEMBERED
    build = json.loads((built.serve / "build.json").read_text())
    assert build["is_synthetic"] is True
    assert build["as_of_date"] == "2025-03-25"
    for table in GOLD | REMEMBERED:
        parquet = built.serve / f"{table}.parquet"
        ids = built.query(f"select distinct build_id from read_parquet('{parquet}')")
        assert ids == [(build["build_id"],)], table
    assert (built.serve / "docs.html").stat().st_size > 100_000


def test_power_bi_knows_every_served_type(built):
    types = built.query(
        "select table_name, column_name, data_type from duckdb_columns() where schema_name = 'gold'"
    )
    assert {row for row in types if row[2] not in POWER_BI_TYPES} == set()


def test_customer_features_are_those_columns_of_customer_360_that_seeds_name(built):
    wanted = {
        row["feature"]
        for name in ("persona_features", "conditions")
        for row in csv.DictReader((ROOT / f"seeds/{name}.csv").open(encoding="utf-8", newline=""))
    }
    for feature in sorted(wanted):
        ((customers, differing),) = built.query(
            "select count(*), count(case when feature_value is distinct from"
            f" cast({feature} as double) then 1 end) from gold.customer_360 left join"
            f" (from gold.customer_features where feature = '{feature}') using (customer_id)"
            " where not is_internal"
        )
        assert (customers > 0, differing) == (True, 0), feature
    found = built.query("select distinct feature from gold.customer_features")
    assert {feature for (feature,) in found} == wanted


def test_records_add_up_for_all_families(built):
    rows = built.query(
        "select family, record_count, landed_count, quarantined_count, bronze_count,"
        " kept_count + duplicate_count + superseded_count + later_count + set_aside_count"
        " from quality.quality_reconciliation",
        built.data / "build/arcana.duckdb",
    )
    assert {row[0] for row in rows} == set(families.load())
    for family, records, landed, quarantined, bronze, silver in rows:
        assert records == landed + quarantined, family
        assert landed == bronze == silver > 0, family


def test_all_eight_personas_stay_visible(built):
    for table in ("dim_personas", "persona_profiles"):
        ids = [row[0] for row in built.query(f"select persona_id from gold.{table} order by all")]
        assert ids == [-1, 0, 1, 2, 3, 4, 5, 6, 7], table


def test_every_customer_has_one_row_and_a_status(built):
    assert built.query(
        "select count(*), count(distinct customer_id),"
        " count(*) filter (persona_status not in"
        " ('assigned', 'ambiguous', 'unassigned', 'not_scored')) from gold.customer_personas"
    ) == [(*built.query("select count(*), count(*) from gold.customer_360")[0], 0)]


def test_a_second_build_into_a_new_file_is_equal_hash_by_hash(built, tmp_path):
    again = new_project(tmp_path, built.raw)
    done = again.arcana("build", OMP_NUM_THREADS="2", ARCANA_THREADS="4", TZ="Asia/Tokyo")
    assert done.returncode == 0, done.stdout + done.stderr
    assert again.served_hashes() == built.served_hashes()


def test_what_the_build_prints(project):
    before = project.served_hashes()
    done = project.arcana("build")
    assert done.returncode == 0, done.stderr
    assert project.served_hashes() == before
    names = [row[0] for row in project.query("select persona_name from gold.dim_personas")]
    for name in names:
        assert name in done.stdout
    assert "SYNTHETIC" in done.stderr
    assert "Quarantined" in done.stderr
    assert "Set aside" in done.stderr
    assert str(project.serve) in done.stderr.replace("\n", "")


def test_the_registry_survives_a_full_refresh_and_a_new_file(project):
    versions = "select count(*), max(mixture_version) from gold.persona_mixture"
    before = project.query(versions)
    done = project.dbt("build", "--full-refresh", "--select", "persona_mixture+")
    assert done.returncode == 0, done.stdout
    assert project.query(versions, project.data / "build/arcana.duckdb") == before
    (project.data / "build/arcana.duckdb").unlink()
    done = project.dbt("build", "--exclude-resource-type", "test")
    assert done.returncode == 0, done.stdout
    assert project.query(versions, project.data / "build/arcana.duckdb") == before


def test_a_refit_adds_a_version_and_keeps_the_old_one(project):
    done = project.arcana("build", "--refit")
    assert done.returncode in (0, 3), done.stderr
    rows = project.query(
        "select mixture_version, min(status) from gold.persona_mixture group by all order by all"
    )
    assert [version for version, _ in rows] == [1, 2]
    in_use = max(version for version, status in rows if status == "accepted")
    assert project.query("select distinct mixture_version from gold.customer_personas") == [
        (in_use,)
    ]


@pytest.mark.parametrize("selection", [[], ["--select", "customer_360+"]])
def test_plain_dbt_build_lands_the_sample_first_and_says_so(tmp_path, selection):
    """With its unit tests; the second selection is what an analyst might type on a fresh clone."""
    fresh = new_project(tmp_path)
    done = fresh.dbt("build", *selection)
    assert done.returncode == 0, done.stdout
    assert "WARN=0" in done.stdout
    assert "bundled sample" in done.stderr + done.stdout
    shown = fresh.dbt("show", "--inline", "select count(*) as n from {{ ref('customer_360') }}")
    assert shown.returncode == 0, shown.stdout


@pytest.mark.parametrize("family", [f.name for f in families.load().values() if f.required])
def test_a_missing_required_family_stops_the_build(project, family):
    served = project.served_hashes()
    (project.raw / f"{family}.csv").unlink()
    done = project.arcana("build")
    assert done.returncode == 1
    assert family in done.stderr
    assert "Traceback" not in done.stderr
    assert project.served_hashes() == served


def test_a_missing_telemetry_part_is_named(project):
    (project.raw / "telemetria_7.csv").unlink()
    done = project.arcana("build")
    assert done.returncode == 1
    assert "telemetria" in done.stderr
    assert "7" in done.stderr


def test_a_telemetry_part_copied_over_another_is_named(project):
    parts = [project.raw / f"telemetria_{number}.csv" for number in (1, 7)]
    parts[1].write_bytes(parts[0].read_bytes())
    done = project.arcana("land")
    assert done.returncode == 1
    assert "telemetria_7.csv has the same contents as telemetria_1.csv" in done.stderr


def test_an_apostrophe_in_the_data_folder_is_no_harm(tmp_path):
    fresh = new_project(tmp_path / "it's here")
    done = fresh.dbt("run", "--select", "+stg_erp__extract")
    assert done.returncode == 0, done.stdout


def test_a_missing_optional_family_makes_nulls_not_zeros(tmp_path):
    fresh = new_project(tmp_path)
    (fresh.raw / "tickets.csv").unlink()
    done = fresh.arcana("build")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Missing: tickets" in done.stderr
    assert fresh.query(
        "select count(ticket_count), count(*) filter (in_tickets), count(*) > 0"
        " from gold.customer_360"
    ) == [(0, 0, True)]


def test_a_failing_test_blocks_the_publish(project):
    """More unreadable amounts than a cast may lose: dbt's test fails, nothing is swapped."""
    served = project.served_hashes()
    path = project.raw / "mrr.csv"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    spoilt = [line.replace(".", ",") for line in lines]
    path.write_text("".join(spoilt), encoding="utf-8")
    done = project.arcana("build")
    assert done.returncode == 1
    assert "accepted_share_stg_erp__mrr" in done.stderr
    assert "mrr.csv, line 2: mrr_12m=" in done.stderr
    assert "Traceback" not in done.stderr
    assert project.served_hashes() == served


def test_an_empty_raw_folder_is_told_plainly(tmp_path):
    empty = tmp_path / "empty"
    empty.mkdir()
    fresh = new_project(tmp_path / "project", empty)
    for command in ("build", "land"):
        done = fresh.arcana(command)
        assert done.returncode == 1
        assert str(empty) in done.stderr.replace("\n", "")
        assert "Traceback" not in done.stderr


def start_refit(project, **options) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-m", "arcana", "build", "--refit"],
        cwd=ROOT,
        env=project.full_environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        **options,
    )


@pytest.mark.parametrize("moment", ["first table", "fit"])
def test_killed_in_the_middle_what_was_served_stays(project, moment):
    served = project.served_hashes()
    log = project.data / "logs" / "dbt.log"
    log.unlink(missing_ok=True)

    def has_come():
        if not list((project.data / "build").glob("run-*/arcana.duckdb")):
            return False
        fits = "START python table model gold.persona_mixture"
        return moment == "first table" or (log.exists() and fits in log.read_text())

    process = start_refit(project, start_new_session=True)
    deadline = time.monotonic() + 300
    while not has_come():
        assert time.monotonic() < deadline
        assert process.poll() is None
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert project.served_hashes() == served
    done = project.arcana("build")
    assert done.returncode == 0, done.stderr
    assert project.served_hashes() == served
    assert not list((project.data / "build").glob("run-*"))


def children_of(process: int) -> list[int]:
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            # The name, in brackets, may hold blanks.
            state, parent = stat.read_text().rpartition(")")[2].split()[:2]
            if int(parent) == process and state != "Z":
                found.append(int(stat.parent.name))
    return found


def ends_soon(process: int) -> bool:
    """Whether a process that is no child of ours ends within seconds; a zombie has ended."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            return True
        if state == "Z":
            return True
        time.sleep(0.05)
    return False


@pytest.mark.parametrize("moment", ["parse", "first table", "fit"])
def test_dbt_ends_with_a_build_that_is_killed(project, moment):
    """The main process alone is killed; its dbt must not go on beside the next build."""
    served = project.served_hashes()
    log = project.data / "logs" / "dbt.log"
    log.unlink(missing_ok=True)
    process = start_refit(project)
    said = {
        "parse": "Running with dbt",
        "first table": "START sql table model",
        "fit": "START python table model gold.persona_mixture",
    }
    deadline = time.monotonic() + 300
    while not (log.exists() and said[moment] in log.read_text()):
        assert time.monotonic() < deadline
        assert process.poll() is None
        time.sleep(0.05)
    (dbt,) = children_of(process.pid)
    process.kill()
    process.wait()
    assert ends_soon(dbt)
    done = project.arcana("build")
    assert done.returncode == 0, done.stderr
    assert project.served_hashes() == served


def test_parents_that_dbt_builds_end_with_it(tmp_path):
    fresh = new_project(tmp_path)
    process = subprocess.Popen(
        [*DBT, "build", "--select", "customer_360"],
        cwd=ROOT,
        env=fresh.full_environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 300
    while not ((fresh.data / "build/arcana.duckdb").exists() and children_of(process.pid)):
        assert time.monotonic() < deadline
        assert process.poll() is None
        time.sleep(0.05)
    # Python's tracker of resources is one as well.
    children = children_of(process.pid)
    process.kill()
    process.wait()
    assert all(ends_soon(child) for child in children)


def test_a_second_build_at_once_is_refused(project):
    import fcntl  # noqa: PLC0415 - only here

    with (project.data / "build/.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = project.arcana("build")
    assert done.returncode == 75
    assert "running" in done.stderr


def test_as_of_date_is_a_day_or_nothing(built):
    done = built.dbt("compile", "--select", "int_build__context", "--vars", "as_of_date: 1 or 1=1")
    assert done.returncode != 0
    assert "YYYY-MM-DD" in done.stdout
    done = built.arcana("build", "--as-of-date", "tomorrow")
    assert done.returncode == 2


@pytest.mark.parametrize("day", ["2015-03-25", "2025-03-26"])
def test_a_day_that_cannot_be_meant_is_refused(project, day):
    served = project.served_hashes()
    done = project.arcana("build", "--as-of-date", day)
    assert done.returncode == 2
    assert "2024-03-01 to 2025-03-25" in done.stderr
    assert project.served_hashes() == served


@pytest.mark.parametrize("command", ["build", "compare", "land", "publish", "simulate"])
def test_help_of_each_command(built, command):
    done = built.arcana(command, "--help")
    assert done.returncode == 0
    assert "Usage" in done.stdout


def test_an_option_of_an_old_name_is_answered_with_the_new_one(built):
    done = built.arcana("build", "--accept-drift")
    assert done.returncode == 2
    assert "--accept-refit" in done.stderr


LINES = "select * from gold.fct_contract_lines order by contract_line_id"


@pytest.fixture
def rebuilt_lines(tmp_path, built):
    """The contract lines of the sample after a change of its file, by contract_line_id."""

    def rebuild(change):
        changed = new_project(tmp_path)
        path = changed.raw / "dados_clientes.csv"
        header, *rows = path.read_text(encoding="utf-8").splitlines(keepends=True)
        path.write_text("".join([header, *change(rows)]), encoding="utf-8")
        done = changed.arcana("land")
        assert done.returncode == 0, done.stderr
        build = ("build", "--exclude-resource-type", "test", "unit_test", "--select")
        done = changed.dbt(*build, "+fct_contract_lines")
        assert done.returncode == 0, done.stdout
        return changed.query(LINES, changed.data / "build/arcana.duckdb")

    return rebuild


def test_shuffled_contract_lines_keep_their_ids(built, rebuilt_lines):
    def shuffled(rows):
        moved = random.Random(1).sample(rows, len(rows))
        assert moved != rows
        return moved

    lines = built.query(LINES, built.data / "build/arcana.duckdb")
    assert len({line[0] for line in lines}) == len(lines) > 4_000
    assert rebuilt_lines(shuffled) == lines


def test_contract_lines_keep_their_ids_when_status_and_value_change(built, rebuilt_lines):
    lines = built.query(LINES, built.data / "build/arcana.duckdb")
    again = rebuilt_lines(
        lambda rows: [re.sub(r";ATIVO;(\w*);[^;]*;", r";CANCELADO;\1;1,5;", row) for row in rows]
    )
    assert [line[0] for line in again] == [line[0] for line in lines]
    assert {line[7] for line in lines} - {line[7] for line in again} == {"active"}
    assert again != lines
