"""Publish a tested build: write every gold table, check it, swap the folder.

Readers never see half a build. Everything is written beside `data/serve/` and the
two folders change places in one step of the file system; a reader that holds an old
file keeps it. Where the system cannot exchange folders, the files are replaced one
by one and a start after a crash finishes the work; `build_id`, a column of every
table, tells a read that fell in between.
"""

from __future__ import annotations

import ctypes
import hashlib
import json
import os
import platform
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import duckdb

from arcana.engine import database
from arcana.errors import ArcanaError
from arcana.job.carried import REMEMBERED

# What a build's outcome depends on besides the raw files and the day.
CODE = ("models", "macros", "python_models", "seeds", "src/arcana", "dbt_project.yml")
CODE_SUFFIXES = {".sql", ".yml", ".csv", ".py"}
TOOLS = ("dbt-core", "dbt-duckdb", "duckdb", "numpy", "pandas", "pyarrow", "scikit-learn", "scipy")

COMPLETE = "COMPLETE"
RENAME_EXCHANGE = 2
AT_FDCWD = -100


class PublishError(ArcanaError):
    """The build is not fit to be read; what was served stays."""


@dataclass(frozen=True)
class Published:
    """What was published: its id, its folder, rows per table, and what build.json says."""

    build_id: str
    folder: Path
    rows: dict[str, int]
    description: dict


def publish(
    build_file: Path, serve: Path, extras: Callable[[], dict[str, Path]] = dict
) -> Published:
    """Write the gold tables of a build file and make them the served ones.

    Beside them go the tables that the next build reads (see `carried.REMEMBERED`).

    Parameters
    ----------
    build_file : path of the DuckDB file of a build whose tests have passed
    serve : the served folder; its content is replaced as a whole
    extras : gives further files to serve, by name, `folder/name` where they have one of their
        own; called when the tables are written

    Raises PublishError when a written table differs from the built one or holds a
    number that is none; the served folder is then as it was.
    """
    following = _following(serve)
    shutil.rmtree(following, ignore_errors=True)
    following.mkdir(parents=True)
    with database.connect(build_file, read_only=True) as connection:
        description = _describe(connection)
        rows = {
            table: _write_table(connection, "gold", table, description["build_id"], following)
            for table in _gold_tables(connection)
        }
        for table, schema in REMEMBERED.items():
            if table not in rows:
                _write_table(connection, schema, table, description["build_id"], following)
    _write_database(build_file, rows, following / "arcana.duckdb")
    for name, source in extras().items():
        (following / name).parent.mkdir(exist_ok=True)
        shutil.copyfile(source, following / name)
    text = json.dumps(description, indent=2, sort_keys=True, ensure_ascii=False)
    (following / "build.json").write_text(text + "\n", encoding="utf-8")
    (following / ".gitkeep").touch()
    names = sorted(_files(following))
    (following / COMPLETE).write_text("\n".join(names), encoding="utf-8")
    _swap(following, serve)
    return Published(description["build_id"], serve, rows, description)


def recover(serve: Path) -> None:
    """Finish, or forget, a publish that was cut off."""
    following = _following(serve)
    if (following / COMPLETE).is_file():
        _replace_files(following, serve)
    (serve / COMPLETE).unlink(missing_ok=True)
    shutil.rmtree(following, ignore_errors=True)


def served_build(serve: Path) -> dict | None:
    """The description of what is served, or None when nothing ever was."""
    try:
        return json.loads((serve / "build.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None


def _following(serve: Path) -> Path:
    return serve.with_name(f"{serve.name}.next")


def _gold_tables(connection: duckdb.DuckDBPyConnection) -> list[str]:
    return [
        name
        for (name,) in connection.execute(
            "select table_name from information_schema.tables"
            " where table_schema = 'gold' and table_name not like '%\\_\\_dbt\\_%' escape '\\'"
            " order by table_name"
        ).fetchall()
    ]


def _describe(connection: duckdb.DuckDBPyConnection) -> dict:
    as_of_date, is_synthetic = database.only_row(
        connection.execute(
            "select cast(as_of_date as varchar), is_synthetic from silver.int_build__context"
        )
    )
    (mixture_version,) = database.only_row(
        connection.execute("select max(mixture_version) from gold.customer_personas")
    )
    (newest_version,) = database.only_row(
        connection.execute("select max(mixture_version) from gold.persona_mixture")
    )
    columns = ("record_count", "quarantined_count", "landed_count", "kept_count")
    families = {
        family: dict(zip(columns, counts, strict=True))
        for family, *counts in connection.execute(
            f"select family, {', '.join(columns)} from quality.quality_reconciliation"
        ).fetchall()
    }
    files = connection.execute(
        "select delivery_date, family, file_name, file_hash from bronze.stg_erp__landed_files"
        " order by all"
    ).fetchall()
    return {
        "build_id": _build_id(files, as_of_date, newest_version),
        "as_of_date": as_of_date,
        "is_synthetic": is_synthetic,
        "mixture_version": mixture_version,
        "families": families,
        "versions": {
            "python": platform.python_version(),
            **{tool: metadata.version(tool) for tool in TOOLS},
        },
    }


def _build_id(files: list[tuple], as_of_date: str, newest_version: int | None) -> str:
    """Sixteen letters that are equal for equal inputs, day, registry and code."""
    digest = hashlib.sha256()
    digest.update(repr((files, as_of_date, newest_version)).encode())
    for root in map(Path, CODE):
        for path in sorted(root.rglob("*")) if root.is_dir() else [root]:
            if path.suffix in CODE_SUFFIXES and path.is_file():
                digest.update(path.as_posix().encode())
                digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _write_table(
    connection: duckdb.DuckDBPyConnection, schema: str, table: str, build_id: str, folder: Path
) -> int:
    target = folder / f"{table}.parquet"
    # Sorted by everything, so that equal tables are equal files.
    connection.execute(
        f"copy (select *, '{build_id}' as build_id from {schema}.{table} order by all)"
        f" to '{_quoted(target)}' (format parquet, compression zstd)"
    )
    doubles = [
        name
        for name, kind in connection.execute(
            "select column_name, data_type from information_schema.columns"
            " where table_schema = ? and table_name = ? and data_type in ('DOUBLE', 'FLOAT')",
            [schema, table],
        ).fetchall()
    ]
    not_finite = " + ".join(f"count(*) filter (not isfinite({name}))" for name in doubles) or "0"
    (built,) = database.only_row(connection.execute(f"select count(*) from {schema}.{table}"))
    written, faults = database.only_row(
        connection.execute(f"select count(*), {not_finite} from read_parquet('{_quoted(target)}')")
    )
    if written != built:
        raise PublishError(
            f"{table}: {built} rows were built, {written} written. Nothing published."
        )
    if faults:
        raise PublishError(
            f"{table}: {faults} values are NaN or infinite in one of {', '.join(doubles)}."
            " Nothing published."
        )
    return written


def _write_database(build_file: Path, rows: dict[str, int], target: Path) -> None:
    """One DuckDB file of the gold tables, with their descriptions, and nothing else."""
    with database.connect(target) as connection:
        connection.execute(f"attach '{_quoted(build_file)}' as build (read_only)")
        connection.execute("create schema gold")
        for table in rows:
            parquet = _quoted(target.with_name(f"{table}.parquet"))
            connection.execute(
                f"create table gold.{table} as select * from read_parquet('{parquet}')"
            )
        comments = connection.execute(
            "select table_name, null, comment from duckdb_tables()"
            " where database_name = 'build' and schema_name = 'gold' and comment is not null"
            " union all select table_name, column_name, comment from duckdb_columns()"
            " where database_name = 'build' and schema_name = 'gold' and comment is not null"
        ).fetchall()
        for table, column, comment in comments:
            if table in rows:
                kind, name = ("column", f"{table}.{column}") if column else ("table", table)
                text = comment.replace("'", "''")
                connection.execute(f"comment on {kind} gold.{name} is '{text}'")


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")


def _swap(following: Path, serve: Path) -> None:
    serve.mkdir(parents=True, exist_ok=True)
    if not _exchange(following, serve):
        _replace_files(following, serve)
    (serve / COMPLETE).unlink(missing_ok=True)
    shutil.rmtree(following, ignore_errors=True)


def _exchange(one: Path, other: Path) -> bool:
    """Let two folders change places in one step; False where the system cannot."""
    try:
        renameat2 = ctypes.CDLL(None, use_errno=True).renameat2
    except (AttributeError, OSError):
        return False
    names = (os.fsencode(one), os.fsencode(other))
    return renameat2(AT_FDCWD, names[0], AT_FDCWD, names[1], RENAME_EXCHANGE) == 0


def _replace_files(following: Path, serve: Path) -> None:
    """Replace file by file; the description last, so that it never runs ahead."""
    names = (following / COMPLETE).read_text(encoding="utf-8").split("\n")
    for name in sorted(names, key=lambda name: (name == "build.json", name)):
        # Absent when an earlier, interrupted attempt has moved it already.
        if (following / name).exists():
            (serve / name).parent.mkdir(exist_ok=True)
            (following / name).replace(serve / name)
    for name in _files(serve):
        if name not in names:
            (serve / name).unlink()


def _files(folder: Path) -> list[str]:
    """Paths of all files of a folder and of those in it, as it names them."""
    return [path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()]
