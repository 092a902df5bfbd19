"""What happens when dbt opens its DuckDB file, before any model runs.

The file gets Arcana's memory and spill folder (see `database`), once: repeated on every
cursor, as profiles.yml would have it under `settings`, DuckDB refuses them as soon as
something has spilled.

On a fresh clone nothing is landed and nothing is built. So that `dbt build` works
there as anyone who knows dbt expects, the bundled sample is landed first; and where
only a part is selected (`dbt build --select customer_360+`), what that part reads is
built before it. A new file knows neither the personas nor the deliveries of before, so
what was published of them is brought in (see `carried.REMEMBERED`).
dbt-duckdb finds this class through profiles.yml.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

from dbt.adapters.duckdb.plugins import BasePlugin
from dbt.flags import get_flags

from arcana import console, landing, settings
from arcana.engine import database
from arcana.engine.dbt_command import DBT
from arcana.errors import ArcanaError, UsageError
from arcana.job import carried, lifeline

# Set for the dbt that builds the parents of a selection, which must not do so again.
PARENTS_ONLY = "ARCANA_BUILDS_PARENTS"

FILE_NAME = re.compile(r"[\w .-]+")

# A selector without graph operators in front: a name, a path, a tag, with what follows it.
PLAIN_SELECTOR = re.compile(r"[A-Za-z_][^,]*")


class Plugin(BasePlugin):
    """The hooks that dbt-duckdb calls."""

    def update_connection_config(self, creds, config):
        """Before the file is opened: its folder exists, and there is something to read."""
        if PARENTS_ONLY in os.environ:
            lifeline.end_with_starter()
        file = None if creds.path == ":memory:" else Path(creds.path)
        # dbt names the database after the file, between double quotes.
        if file is not None and not FILE_NAME.fullmatch(file.stem):
            raise UsageError(
                "ARCANA_DUCKDB must name a file with letters, digits, spaces, _, . and -, not"
                f" {file.name!r}."
            )
        data = settings.folders().data
        if not (data / "landing" / "landed_files").is_dir():
            console.say(f"Nothing is landed yet: landing the bundled sample, {settings.SAMPLE}.")
            landing.land(settings.SAMPLE, data)
        if not (data / "landing" / "contract").is_dir():
            raise UsageError(
                f"The files in {data / 'landing'} were landed by an earlier version, without the"
                " family contract: run `arcana land`."
            )
        for option, value in database.options(file).items():
            config.setdefault(option, value)
        if file is None:
            return
        file.parent.mkdir(parents=True, exist_ok=True)
        if not file.exists() and PARENTS_ONLY not in os.environ:
            _build_parents(get_flags())

    def configure_connection(self, conn):
        """After it is opened: leftovers go, and a new file gets what was published."""
        if self.creds is not None and self.creds.path != ":memory:":
            database.sweep_spill(Path(self.creds.path))
        carried.remember(conn, settings.folders().serve)


def _build_parents(flags) -> None:
    """Build what the selected models read, in a dbt of its own, before they are built."""
    selected = [part for text in getattr(flags, "SELECT", None) or () for part in text.split()]
    if not selected or not all(PLAIN_SELECTOR.fullmatch(part) for part in selected):
        return
    console.say("Nothing is built yet: building what the selected models read first.")
    command = [*DBT, "--quiet", "build"]
    command += ["--exclude-resource-type", "test", "unit_test"]
    # With its descendants selected (`name+`), the parents of those are wanted too: `@name`.
    parents = [re.sub(r"^(.*?)\+\d*$", r"@\1", part) for part in selected]
    parents = [part if part.startswith("@") else f"+{part}" for part in parents]
    command += ["--select", *parents, "--exclude", *selected]
    command += ["--vars", json.dumps(flags.VARS), "--profiles-dir", str(flags.PROFILES_DIR)]
    command += ["--target", flags.TARGET] if flags.TARGET else []
    environment = {**os.environ, PARENTS_ONLY: "1"}
    with subprocess.Popen(command, env=environment, stdin=subprocess.PIPE) as child:
        code = child.wait()
    if code != 0:
        raise ArcanaError("What the selected models read could not be built; see above.")
