"""Where things are: the folders of one Arcana, as the environment names them."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from arcana.errors import UsageError

# Of a simulated extract.
DEFAULT_CUSTOMERS = 4_000
DEFAULT_SEED = 2025

SAMPLE = Path("sample/raw")

# In a path of landed files DuckDB takes these for a pattern, dbt for a place to fill in.
NOT_IN_PATHS = re.compile(r"[*?\[\]{}\x00-\x1f]")


@dataclass(frozen=True)
class Folders:
    """The raw folder and all that Arcana keeps, below one data folder.

    `raw_is_configured` tells an explicit ARCANA_RAW from the default, because an
    empty default folder may be answered by a simulation, an empty chosen one never.
    """

    raw: Path
    data: Path
    raw_is_configured: bool = False

    @property
    def landing(self) -> Path:
        """Landed families as Parquet, by delivery."""
        return self.data / "landing"

    @property
    def build(self) -> Path:
        """Where builds happen; `arcana.duckdb` in it is the last one, all layers."""
        return self.data / "build"

    @property
    def target(self) -> Path:
        """What dbt writes during a build; its parsed project is used by the next one."""
        return self.build / "target"

    @property
    def serve(self) -> Path:
        """What people and Power BI read; swapped whole, never written in place."""
        return self.data / "serve"

    @property
    def simulated(self) -> Path:
        """The synthetic extract."""
        return self.data / "simulated"

    @property
    def truth(self) -> Path:
        """The personas that a synthetic extract was made with."""
        return self.data / "truth" / "customer_personas.csv"

    @property
    def comparison(self) -> Path:
        """What `arcana compare` found last."""
        return self.data / "compare" / "models.json"

    @property
    def exports(self) -> Path:
        """Where `arcana export` writes lists by default."""
        return self.data / "exports"

    @property
    def lock(self) -> Path:
        """Held by whoever writes below the data folder."""
        return self.build / ".lock"

    @property
    def build_file(self) -> Path:
        """The DuckDB file that a plain `dbt build` and `dbt show` work on."""
        return self.build / "arcana.duckdb"


def folders() -> Folders:
    """Read ARCANA_RAW (default data/raw) and ARCANA_DATA (default data).

    Raises UsageError when the path of the data folder holds what SQL reads as something else.
    """
    data = Path(os.environ.get("ARCANA_DATA") or "data")
    if NOT_IN_PATHS.search(str(data)):
        raise UsageError(
            f"ARCANA_DATA must be a path without *, ?, [, ], {{, }} and control characters, not"
            f" {str(data)!r}: DuckDB would read them as a pattern."
        )
    raw = os.environ.get("ARCANA_RAW")
    return Folders(raw=Path(raw or "data/raw"), data=data, raw_is_configured=bool(raw))


def require_project_folder() -> None:
    """Stop with a clear word unless the current folder is the dbt project's."""
    if not Path("dbt_project.yml").is_file():
        raise UsageError(
            f"No dbt_project.yml in {Path.cwd()}: run arcana from the project's top folder."
        )


def holds_files(folder: Path) -> bool:
    """Whether a folder holds anything but git's placeholder."""
    return folder.is_dir() and any(entry.name != ".gitkeep" for entry in folder.iterdir())
