"""Telemetry is worked out once and carried: sooner done, and never another result."""

from __future__ import annotations

import re
import shutil

import pytest
from conftest import Project, new_project

from arcana.engine import database
from arcana.job import carried
from arcana.simulate import simulate

EVENTS = "silver.int_telemetry__folded"
DAYS = ("2025-03-25", "2025-04-25")


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> Project:
    """Two deliveries, built after each. The tests change it one after the other."""
    folder = tmp_path_factory.mktemp("deliveries")
    raw, later = folder / "raw", folder / "later"
    simulate(
        raw, folder / "truth.csv",
        customers=300, seed=11, telemetry_rows=3_000, contract_lines=0.6, deliveries=2,
    )  # fmt: skip
    project = new_project(folder / "project", raw)
    shutil.move(raw / DAYS[1], later)
    build(project)
    shutil.move(later, raw / DAYS[1])
    build(project)
    return project


def build(project: Project, *arguments: str, code: int = 0) -> str:
    done = project.arcana("build", *arguments)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stderr


def build_file(project: Project):
    return project.data / "build/arcana.duckdb"


def made_from(project: Project) -> dict:
    """What the events of each delivery were made from."""
    sql = f"select distinct cast(delivery_date as varchar), made_from from {EVENTS}"
    return dict(project.query(sql, build_file(project)))


def change(project: Project, *statements: str) -> None:
    with database.connect(build_file(project)) as connection:
        for statement in statements:
            connection.execute(statement)


def test_carried_events_are_used_and_held_against_what_is_landed(project):
    """A number spoilt in what is carried comes into the next build, and no further."""
    served = project.served_hashes()
    change(
        project,
        f"update {EVENTS} set row_count = row_count + 1 where delivery_date = '{DAYS[0]}'"
        f" and file_name || first_line in (select min(file_name || first_line) from {EVENTS}"
        f" where delivery_date = '{DAYS[0]}')",
    )
    told = build(project, code=1)
    assert "--full-refresh" in told
    assert project.served_hashes() == served
    build(project, "--full-refresh")
    assert project.served_hashes() == served


def test_cold_carried_and_full_refresh_are_equal_hash_by_hash(project):
    carried_over, before = project.served_hashes(), made_from(project)
    assert sorted(before) == list(DAYS)
    build_file(project).unlink()
    build(project)
    assert (project.served_hashes(), made_from(project)) == (carried_over, before)
    build(project, "--full-refresh")
    assert (project.served_hashes(), made_from(project)) == (carried_over, before)


def test_a_data_folder_that_moved_is_not_worked_out_again(project, tmp_path):
    served, before = project.served_hashes(), made_from(project)
    moved = Project(shutil.copytree(project.data, tmp_path / "it's moved"), project.raw)
    build(moved)
    assert (moved.served_hashes(), made_from(moved)) == (served, before)


def test_events_of_another_code_version_are_worked_out_again(project):
    served, before = project.served_hashes(), made_from(project)
    change(
        project,
        f"update {EVENTS} set made_from = 'old', row_count = row_count + 1"
        f" where delivery_date = '{DAYS[0]}'",
        f"alter table {EVENTS} add column of_another_version integer",
        "update silver.int_usage__by_delivery set made_from = 'old', event_count = 7",
    )
    build(project)
    assert project.served_hashes() == served
    assert made_from(project) == before


@pytest.mark.parametrize("spoil", ["torn", "foreign", "damaged"])
def test_a_last_build_that_cannot_be_read_is_told_and_does_no_harm(project, tmp_path, spoil):
    last = tmp_path / "last.duckdb"
    contents = bytearray(build_file(project).read_bytes())
    if spoil == "torn":
        contents = contents[: len(contents) // 2]
    elif spoil == "foreign":
        contents[8:12] = b"WHAT"
    else:
        contents[4096 : len(contents) // 2] = bytes(len(contents) // 2 - 4096)
    last.write_bytes(contents)
    told: list[str] = []
    new = tmp_path / "new.duckdb"
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("arcana.console.say", told.append)
        carried.carry_over(last, new)
    assert not new.exists()
    assert len(told) == 1
    assert "all files are read anew" in told[0]


def test_what_is_not_carried_is_not_in_the_new_file(project, tmp_path):
    new = tmp_path / "new.duckdb"
    carried.carry_over(build_file(project), new)
    with database.connect(new) as connection:
        left = connection.execute(
            "select schema_name, table_name from duckdb_tables() union all"
            " select schema_name, view_name from duckdb_views() where not internal order by all"
        ).fetchall()
    assert left == [("silver", "int_telemetry__folded"), ("silver", "int_usage__by_delivery")]


def test_a_corrected_part_works_out_its_delivery_again_and_counts_every_record(project):
    """Raw files changed under their names: an event less; repeated, unreadable and nobody's
    records more, which are set aside as events with their number."""
    before = made_from(project)
    events = "select sum(event_count) from gold.fct_usage_daily"
    ((counted,),) = project.query(events)
    april = project.raw / DAYS[1]
    lines = (april / "telemetria_3.csv").read_bytes().splitlines(keepends=True)
    (april / "telemetria_3.csv").write_bytes(b"".join(lines[:-1]))
    fields = (april / "telemetria_1.csv").read_text().splitlines()[1].split(",")
    nobody = ",".join(["T9ZZZ900", *fields[1:]])
    unreadable = ",".join([fields[0], "1e5", *fields[2:]])
    for part, added in (("1", [nobody, nobody, unreadable]), ("2", [nobody])):
        with (april / f"telemetria_{part}.csv").open("a") as file:
            file.writelines(f"{line}\n" for line in added)

    told = build(project)
    after = made_from(project)
    assert "has changed and is landed again" in told
    assert after[DAYS[0]] == before[DAYS[0]]
    assert after[DAYS[1]] != before[DAYS[1]]
    assert project.query(events) == [(counted - 1,)]
    assert "3 records of telemetria, orphan" in told
    assert "1 records of telemetria, not_readable" in told
    assert project.query(
        "select file_name, row_count, reason_code, unreadable_value"
        " from quality.quality_rows_set_aside where family = 'telemetria' order by all",
        build_file(project),
    ) == [
        ("telemetria_1.csv", 1, "not_readable", "eventduration=1e5"),
        ("telemetria_1.csv", 3, "orphan", None),
    ]
    ((bronze, silver),) = project.query(
        "select landed_count, kept_count + superseded_count + later_count + set_aside_count"
        " from quality.quality_reconciliation where family = 'telemetria'",
        build_file(project),
    )
    assert bronze == silver


def test_unreadable_telemetry_stops_the_build_and_is_shown(project):
    served = project.served_hashes()
    for part in (project.raw / DAYS[1]).glob("telemetria_*.csv"):
        part.write_text(re.sub(r"\.(\d+),", r"e\1,", part.read_text()))
    told = build(project, code=1)
    assert "int_telemetry__folded" in told
    assert re.search(r"telemetria_\d+\.csv, line \d+: eventduration=", told)
    assert project.served_hashes() == served


def test_a_delivery_that_is_taken_out_leaves_nothing_in_the_carried_tables(project, tmp_path):
    before = made_from(project)
    copied = Project(
        shutil.copytree(project.data, tmp_path / "data"),
        shutil.copytree(project.raw, tmp_path / "raw"),
    )
    assert "still lies there" in copied.arcana("land", "--forget", DAYS[1]).stderr
    shutil.rmtree(copied.raw / DAYS[1])
    done = copied.arcana("land", "--forget", DAYS[1])
    assert done.returncode == 0, done.stderr
    assert f"The delivery of {DAYS[1]} is taken out" in done.stderr

    build(copied)
    assert made_from(copied) == {DAYS[0]: before[DAYS[0]]}
    for table in (EVENTS, "silver.int_usage__by_delivery"):
        sql = f"select count(*) from {table} where delivery_date = '{DAYS[1]}'"
        assert copied.query(sql, build_file(copied)) == [(0,)]
    carried_over = copied.served_hashes()
    build(copied, "--full-refresh")
    assert copied.served_hashes() == carried_over
    assert "nothing to take out" in copied.arcana("land", "--forget", DAYS[1]).stderr
