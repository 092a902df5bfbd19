"""The Power BI project: written as far as the marts say it, checked as far as text allows.

`powerbi/` is a project that Power BI Desktop opens. Its tables follow the marts; its
measures and pages are authored. Nothing here opens Desktop or reads a customer's data.
"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

from arcana import console
from arcana.engine import database
from arcana.engine.dbt_command import DBT
from arcana.errors import ArcanaError
from arcana.powerbi import checking, model

FOLDER = Path("powerbi")
# What the manifest depends on.
SOURCES = ("models", "python_models", "seeds", "macros", "tests", "dbt_project.yml")
# The one column of the served tables that is not the mart's.
BUILD_ID = "build_id"


class PowerBIError(ArcanaError):
    """The Power BI project cannot be written, or is not in order."""


def run(serve: Path, check: bool) -> int:
    """Write what the marts say, unless it only checks, and check the project.

    Parameters
    ----------
    serve : the served folder; its tables are compared with the model where there are any
    check : write nothing, and count a file that would change as a fault

    Returns 0, or 1 when there is a fault.
    """
    shown = model.read(read_manifest(), FOLDER)
    texts = model.files(shown, FOLDER)
    drifted = drift(texts, FOLDER)
    found = []
    if check:
        found += [f"{path}: {reason}; run arcana powerbi." for path, reason in drifted.items()]
    else:
        write(texts, FOLDER, drifted)
        console.say(f"Wrote {len(drifted)} of {len(texts)} files that the marts say.")
    found += checking.faults(FOLDER, Path())
    if any(serve.glob("*.parquet")):
        found += served_faults(shown, serve)
    else:
        console.say(f"Nothing is served in {serve}: only compared with the marts. Run make build.")
    for sentence in shown.untranslated:
        console.say(f"Shown in English, as powerbi/portuguese.yml does not hold it: {sentence}")
    for fault in found:
        console.say(fault)
    if not found:
        columns = sum(len(table.columns) for table in shown.tables.values())
        console.say(
            f"{len(shown.tables)} tables, {columns} columns: model and report are in order."
        )
    return 1 if found else 0


def read_manifest() -> dict:
    """dbt's manifest of the project, made anew when a file is newer than it."""
    path = Path(os.environ.get("DBT_TARGET_PATH") or "target") / "manifest.json"
    newest = max(
        file.stat().st_mtime
        for root in map(Path, SOURCES)
        for file in (root.rglob("*") if root.is_dir() else [root])
        if file.is_file()
    )
    if not path.is_file() or path.stat().st_mtime < newest:
        done = subprocess.run(
            [*DBT, "--no-use-colors", "parse"], capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            raise PowerBIError(f"dbt cannot read the project:\n{done.stdout}{done.stderr}")
    return json.loads(path.read_text(encoding="utf-8"))


def drift(texts: dict[Path, str], folder: Path) -> dict[Path, str]:
    """Files that are not as the marts say, with what is wrong, by path below the folder.

    Raises PowerBIError where a file would be written over one that was written by hand.
    """
    found = {}
    for path, text in texts.items():
        there = folder / path
        if not there.is_file():
            found[path] = "is missing"
        elif there.read_text(encoding="utf-8") != text:
            if path.parent.name == "tables" and not _is_written(there):
                raise PowerBIError(
                    f"{there} was authored, and {model.SETTINGS} calls a mart so: rename one."
                )
            found[path] = "is not as the marts say"
    for there in sorted((folder / model.DEFINITION / "tables").glob("*.tmdl")):
        path = there.relative_to(folder)
        if path not in texts and _is_written(there):
            found[path] = f"is of no mart that {model.SETTINGS} shows"
    return found


def _is_written(path: Path) -> bool:
    return f"annotation {model.MART} = " in path.read_text(encoding="utf-8")


def write(texts: dict[Path, str], folder: Path, drifted: dict[Path, str]) -> None:
    """Bring the drifted files in line; what is in line is not touched."""
    for path in drifted:
        if path in texts:
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(texts[path], encoding="utf-8")
        else:
            (folder / path).unlink()


def served_faults(shown: model.Model, serve: Path) -> list[str]:
    """Where the served tables are not what the model would load."""
    found = []
    for table in shown.tables.values():
        path = serve / f"{table.mart}.parquet"
        if not path.is_file():
            found.append(f"{path} is not there, and the model shows it: {_OLDER}")
            continue
        with database.connect() as connection:
            types = {
                name: kind.lower().replace(" ", "")
                for name, kind, *_ in connection.execute(
                    "describe select * from read_parquet(?)", [str(path)]
                ).fetchall()
            }
        expected = {column.source: column.sql_type for column in table.columns.values()}
        types.pop(BUILD_ID, None)
        for name in sorted({*expected, *types}):
            if expected.get(name) != types.get(name):
                found.append(
                    f"{path}: {name} is {types.get(name, 'absent')}, and in the model"
                    f" {expected.get(name, 'absent')}: {_OLDER}"
                )
    return found


_OLDER = (
    "an older build, or another project's. Run make build; and arcana powerbi if marts changed."
)
