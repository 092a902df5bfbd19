"""What happens when dbt opens its DuckDB file, before any model runs.

A fresh clone has nothing landed, so the bundled sample is landed first: `dbt build`
then works as anyone who knows dbt expects. And a new file knows no personas yet, so
the registry of the last published build is brought in: with it would go the
identity of the personas. dbt-duckdb finds this class through profiles.yml.
"""

from __future__ import annotations

from pathlib import Path

from dbt.adapters.duckdb.plugins import BasePlugin

from arcana import console, landing, settings

REGISTRY = "persona_mixture"


class Plugin(BasePlugin):
    """The hooks that dbt-duckdb calls."""

    def update_connection_config(self, creds, config):
        """Before the file is opened: its folder exists and something is landed."""
        if creds.path != ":memory:":
            Path(creds.path).parent.mkdir(parents=True, exist_ok=True)
        data = settings.folders().data
        if not (data / "landing" / "landed_files").is_dir():
            console.say(f"Nothing is landed yet: landing the bundled sample, {settings.SAMPLE}.")
            landing.land(settings.SAMPLE, data)

    def configure_connection(self, conn):
        """After it is opened: a file without a registry gets the published one."""
        published = settings.folders().serve / f"{REGISTRY}.parquet"
        known = conn.execute(
            "select 1 from information_schema.tables"
            " where table_schema = 'gold' and table_name = ?",
            [REGISTRY],
        ).fetchall()
        if known or not published.is_file():
            return
        conn.execute("create schema if not exists gold")
        conn.execute(
            f"create table gold.{REGISTRY} as select * exclude (build_id) from read_parquet(?)",
            [str(published)],
        )
