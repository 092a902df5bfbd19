"""What the tests share: one real build of the bundled sample, made once."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pytest

from arcana.engine.dbt_command import DBT

ROOT = Path(__file__).parents[2]


@dataclass
class Project:
    """The project run on a data folder of its own, as a user would run it."""

    data: Path
    raw: Path
    environment: dict[str, str] = field(default_factory=dict)

    def run(self, *command: str, **environment: str) -> subprocess.CompletedProcess:
        """Run a command from the project's folder."""
        return subprocess.run(
            command,
            cwd=ROOT,
            env=self.full_environment(**environment),
            capture_output=True,
            text=True,
            check=False,
        )

    def full_environment(self, **environment: str) -> dict[str, str]:
        """The environment in which the project sees only its own folders."""
        return {
            **os.environ,
            "ARCANA_DATA": str(self.data),
            "ARCANA_RAW": str(self.raw),
            "DBT_PROFILES_DIR": str(self.data),
            "DBT_TARGET_PATH": str(self.data / "target"),
            "DBT_LOG_PATH": str(self.data / "logs"),
            **self.environment,
            **environment,
        }

    def arcana(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess:
        """Run the console command."""
        return self.run(sys.executable, "-m", "arcana", *arguments, **environment)

    def dbt(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess:
        """Run dbt."""
        return self.run(*DBT, "--no-use-colors", *arguments, **environment)

    @property
    def serve(self) -> Path:
        """The served folder."""
        return self.data / "serve"

    def served_hashes(self) -> dict[str, str]:
        """Content of each served Parquet file as a hash."""
        return {
            path.stem: hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(self.serve.glob("*.parquet"))
        }

    def copy(self, folder: Path) -> Project:
        """The same project in another folder."""
        data = shutil.copytree(self.data, folder / "data")
        return Project(data, shutil.copytree(self.raw, folder / "raw"), self.environment)

    def put_back(self, kept: Project) -> None:
        """Make this project what it was when `kept` was copied from it."""
        for own, other in ((self.data, kept.data), (self.raw, kept.raw)):
            shutil.rmtree(own)
            shutil.copytree(other, own)

    def query(self, sql: str, file: Path | None = None) -> list[tuple]:
        """Ask the served DuckDB file, or another."""
        with duckdb.connect(
            str(file or self.serve / "arcana.duckdb"), read_only=True
        ) as connection:
            return connection.execute(sql).fetchall()


def new_project(folder: Path, raw: Path | None = None) -> Project:
    """A project with empty data and, by default, a copy of the sample."""
    data = folder / "data"
    data.mkdir(parents=True)
    shutil.copyfile(ROOT / "profiles.yml.example", data / "profiles.yml")
    if raw is None:
        raw = folder / "raw"
        shutil.copytree(ROOT / "sample/raw", raw)
    return Project(data=data, raw=raw)


@pytest.fixture(scope="session")
def built(tmp_path_factory) -> Project:
    """The sample, built and published once. Read only: tests that change take `project`."""
    project = new_project(tmp_path_factory.mktemp("a built project"))
    done = project.arcana("build")
    assert done.returncode == 0, done.stdout + done.stderr
    return project


@pytest.fixture(scope="session")
def kept(built, tmp_path_factory) -> Project:
    """What `built` is put back to."""
    return built.copy(tmp_path_factory.mktemp("kept"))


@pytest.fixture
def project(built, kept) -> Iterator[Project]:
    """The built project, for a test that changes and breaks it; put back afterwards.

    A copy elsewhere would cost each build seconds: dbt parses a project anew when its
    database lies at another place.
    """
    yield built
    built.put_back(kept)
