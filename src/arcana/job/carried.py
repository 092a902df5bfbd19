"""Bring what earlier builds worked out or decided into the file of the next one.

Telemetry is worked out once for each landed file, by incremental models. Their rows say
in `made_from` what they were made from, and the models themselves delete what is out
of date and add what is missing. So nothing here decides what is right: whatever is
carried, or not, the build comes to the same tables, only sooner or later.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb

from arcana import console
from arcana.engine import database

# A table with this column is carried; the macro `delete_outdated` reads it.
MARK = "made_from"

# Tables in which a build reads what it said itself before, with their schema: who the personas
# are, which deliveries were accepted. They come from what was published, not from the last
# build file, so that a build that failed leaves no trace in them.
REMEMBERED = {
    "persona_mixture": "gold",
    "accepted_deliveries": "quality",
    "accepted_customers": "quality",
}


def carry_over(last: Path, new: Path) -> None:
    """Start a new build file from the carried tables of the last build.

    The last file is copied whole, ten times as fast as its rows, and everything that is
    not carried is dropped from the copy. Where that cannot be done, the new build
    starts from nothing and says why.
    """
    if not last.is_file():
        return
    try:
        # Held open, so that no other process writes to it while it is copied.
        with database.connect(last, read_only=True):
            shutil.copyfile(last, new)
        with database.connect(new) as connection:
            _drop_all_but_carried(connection)
    except (duckdb.Error, OSError) as error:
        new.unlink(missing_ok=True)
        new.with_name(f"{new.name}.wal").unlink(missing_ok=True)
        reason = str(error).splitlines()[0]
        console.say(f"Nothing is carried over from {last}, all files are read anew: {reason}")


def remember(connection: duckdb.DuckDBPyConnection, serve: Path) -> None:
    """Bring the remembered tables that a build file lacks from the served folder."""
    for table, schema in REMEMBERED.items():
        published = serve / f"{table}.parquet"
        known = connection.execute(
            "select 1 from information_schema.tables where table_schema = ? and table_name = ?",
            [schema, table],
        ).fetchall()
        if known or not published.is_file():
            continue
        connection.execute(f"create schema if not exists {schema}")
        connection.execute(
            f"create table {schema}.{table} as select * exclude (build_id) from read_parquet(?)",
            [str(published)],
        )


def _drop_all_but_carried(connection: duckdb.DuckDBPyConnection) -> None:
    carried = set(
        connection.execute(
            "select schema_name, table_name from duckdb_columns()"
            " where database_name = current_database() and column_name = ? and not internal",
            [MARK],
        ).fetchall()
    )
    kept = {schema for schema, _ in carried}
    views = "select schema_name, view_name from duckdb_views()"
    tables = "select schema_name, table_name from duckdb_tables()"
    own = " where database_name = current_database() and not internal"
    for kind, listed in (("view", views), ("table", tables)):
        for schema, name in connection.execute(listed + own).fetchall():
            if (schema, name) not in carried:
                connection.execute(f'drop {kind} "{schema}"."{name}"')
    for (schema,) in connection.execute(
        "select schema_name from duckdb_schemas() where database_name = current_database()"
        " and not internal and schema_name != 'main'"
    ).fetchall():
        if schema not in kept:
            connection.execute(f'drop schema "{schema}"')
