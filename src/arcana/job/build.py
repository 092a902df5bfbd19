"""The whole of a build: land, let dbt build and test, publish, say what came of it.

Everything happens in a file of its own. What people read changes in one step at the
end, and only when every test has passed; a build that fails or is killed leaves what
was served. The registry of personas comes along from what is served (see dbt_plugin).
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
from rich.table import Table

from arcana import console, landing, lists, page, settings
from arcana.engine import database
from arcana.errors import ArcanaError, UsageError
from arcana.job import carried, deliveries, locks, publish

FIT_REFUSED = 3
LISTS = "lists"
PAGE = "index.html"
NODE_DONE = re.compile(r"\b(\d+) of (\d+) (OK|PASS|ERROR|FAIL|SKIP|WARN|NO-OP)\b")
# What dbt prints of a failure starts with one of these.
FAILURE = re.compile(r"\b(Failure in|Compilation Error|Runtime Error|Database Error|Error in)\b")
NOISE = re.compile(r"^\d\d:\d\d:\d\d$|compiled code at|Traceback")
UNREADABLE = re.compile(r"Failure in test accepted_share_(\w+?)_unreadable_value")
EXAMPLES = 5
EXCEPTION = re.compile(r"^\s*(?:arcana\.\w+(?:\.\w+)*\.)?\w*Error: (?P<message>.+)$")


class BuildError(ArcanaError):
    """dbt could not build, or a test failed; nothing was published."""


@dataclass(frozen=True)
class Options:
    """What a user may ask of one build, beside the environment."""

    extract_date: date | None = None
    as_of_date: date | None = None
    refit: bool = False
    accept_refit: bool = False
    full_refresh: bool = False
    accept_data: tuple[str, ...] = ()

    def variables(self) -> dict[str, object]:
        """The same as dbt vars, those that differ from their default."""
        chosen: dict[str, object] = {}
        if self.as_of_date:
            chosen["as_of_date"] = self.as_of_date.isoformat()
        if self.refit:
            chosen["refit"] = True
        if self.accept_refit:
            chosen["accept_refit"] = True
        if self.accept_data:
            chosen["accept_data"] = sorted(set(self.accept_data))
        return chosen


def build(folders: settings.Folders, options: Options = Options()) -> int:
    """Land, build, test, publish; returns the exit code (0, or 3 for a refused fit).

    Raises ArcanaError when anything stands in the way; what was served then stays.
    """
    _require_duckdb()
    started = time.monotonic()
    with locks.exclusive(folders.lock), _workshop(folders) as workshop:
        publish.recover(folders.serve)
        build_file = workshop / "arcana.duckdb"
        # Unit tests judge the code, not the data: CI runs them, not every morning.
        command = ["build", "--exclude-resource-type", "unit_test"]
        command += ["--full-refresh"] if options.full_refresh else []
        with _Dbt(folders, build_file, command, options.variables()) as dbt:
            report = landing.land(folders.raw, folders.data, extract_date=options.extract_date)
            console.show(report.table())
            _check_day(options.as_of_date, sorted(found.day for found in report.deliveries))
            if not options.full_refresh:
                carried.carry_over(folders.build_file, build_file)
            console.say("Building and testing every layer with dbt.")
            # What the page needs takes seconds to load, and this process has nothing to do.
            with ThreadPoolExecutor(1) as idle:
                idle.submit(page.load)
                dbt.run()
        published = _published(folders, build_file)
        shutil.move(build_file, folders.build_file)
    code = summarise(folders, published)
    console.say(f"Done in {time.monotonic() - started:.0f} s.")
    return code


def publish_last(folders: settings.Folders) -> int:
    """Test the file that a plain `dbt build` left, and publish it."""
    _require_duckdb()
    if not folders.build_file.is_file():
        raise UsageError(f"There is no build in {folders.build_file}: run `dbt build` first.")
    with locks.exclusive(folders.lock), _workshop(folders):
        publish.recover(folders.serve)
        command = ["test", "--exclude-resource-type", "unit_test"]
        with _Dbt(folders, folders.build_file, command) as dbt:
            dbt.run()
        published = _published(folders, folders.build_file)
    return summarise(folders, published)


def write_page(folders: settings.Folders) -> Path:
    """Write the page of what is served once more, with the last comparison of models."""
    _require_duckdb()
    served = publish.served_build(folders.serve)
    if served is None or not folders.build_file.is_file():
        raise UsageError(f"Nothing is served in {folders.serve}: run `arcana build` first.")
    target = folders.serve / PAGE
    with locks.exclusive(folders.lock):
        day = page.day_of(folders.build_file)
        if day != served["as_of_date"]:
            raise UsageError(
                f"{folders.build_file} is as of {day} and what is served of"
                f" {served['as_of_date']}: run `arcana publish` or `arcana build` first."
            )
        page.write(folders.build_file, folders.comparison, target)
    return target


def _published(folders: settings.Folders, build_file: Path) -> publish.Published:
    """Publish a tested build; the page is written while the tables are."""
    with ThreadPoolExecutor(1) as pool:
        extras = pool.submit(_to_read, folders, build_file)
        return publish.publish(build_file, folders.serve, extras.result)


def _to_read(folders: settings.Folders, build_file: Path) -> dict[str, Path]:
    """What people read besides the tables: documentation, the page, and the lists."""
    written = folders.target / PAGE
    page.write(build_file, folders.comparison, written)
    with database.connect(build_file, read_only=True) as connection:
        files = lists.write_lists(
            lists.read_lists(connection),
            build_file.with_name(LISTS),
            is_synthetic=_is_synthetic(connection),
        )
    return {
        "docs.html": folders.target / "static_index.html",
        PAGE: written,
        **{f"{LISTS}/{path.name}": path for path in files},
    }


def _is_synthetic(connection: duckdb.DuckDBPyConnection) -> bool:
    (is_synthetic,) = database.only_row(
        connection.execute("select is_synthetic from silver.int_build__context")
    )
    return is_synthetic


def export_lists(
    folders: settings.Folders,
    names: Sequence[str],
    choice: lists.Choice,
    target: Path,
    plain: bool,
) -> list[lists.CustomerList]:
    """Write lists of what is served to a folder, with a manifest; returns them."""
    served = publish.served_build(folders.serve)
    if served is None:
        raise UsageError(f"Nothing is served in {folders.serve}: run `arcana build` first.")
    with database.connect(folders.serve / "arcana.duckdb", read_only=True) as connection:
        chosen = lists.read_lists(connection, names or None, choice)
    files = lists.write_lists(chosen, target, is_synthetic=served["is_synthetic"], plain=plain)
    lists.write_manifest(target, chosen, files, served, choice)
    return chosen


def _require_duckdb() -> None:
    """Stop before anything is done where the settings cannot lead to a build."""
    database.memory()
    target = os.environ.get("ARCANA_TARGET", "duckdb")
    if target != "duckdb":
        raise UsageError(
            f"arcana build publishes from DuckDB, and ARCANA_TARGET is {target!r}."
            " On Athena run `dbt build`; Power BI reads the serving schema there."
        )


@contextmanager
def _workshop(folders: settings.Folders) -> Iterator[Path]:
    """A folder for one build; leftovers of killed builds are swept first."""
    for leftover in folders.build.glob("run-*"):
        shutil.rmtree(leftover, ignore_errors=True)
    # Always the same name: dbt parses the project anew when its database moves.
    workshop = folders.build / "run-build"
    workshop.mkdir(parents=True)
    try:
        yield workshop
    finally:
        shutil.rmtree(workshop, ignore_errors=True)


class _Dbt:
    """The dbt of one build (see `dbt_job`); use as a context manager, then `run` it.

    It starts to parse the project when the block begins; a block that ends without
    `run`, or by an error, ends it.
    """

    def __init__(
        self,
        folders: settings.Folders,
        build_file: Path,
        command: list[str],
        variables: dict[str, object] | None = None,
    ):
        self.build_file = build_file
        self.name = command[0]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "arcana.job.dbt_job", json.dumps(variables or {}), *command],
            env={
                **os.environ,
                "ARCANA_DUCKDB": str(build_file),
                "DBT_TARGET_PATH": str(folders.target),
                # dbt's own default, every statement it runs, costs seconds to write.
                "DBT_LOG_LEVEL_FILE": os.environ.get("DBT_LOG_LEVEL_FILE", "info"),
                # A small fit is ten times slower when the linear algebra fights over two cores.
                "OMP_NUM_THREADS": os.environ.get("OMP_NUM_THREADS", "1"),
                "OPENBLAS_NUM_THREADS": os.environ.get("OPENBLAS_NUM_THREADS", "1"),
            },
            # Should this process be killed, the next build waits for the end of its dbt.
            pass_fds=locks.held(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
        )

    def __enter__(self) -> _Dbt:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.terminate()
        self.process.communicate()

    def run(self) -> None:
        """Let dbt work on the build file, with a bar; raises BuildError with what it said."""
        stdin, stdout = self.process.stdin, self.process.stdout
        assert stdin and stdout, "both are pipes"
        # It may have ended already, with a project that does not parse.
        with contextlib.suppress(BrokenPipeError):
            stdin.write("go\n")
            stdin.flush()
        lines = []
        with console.progress(f"dbt {self.name}", total=1) as advance:
            done = 0.0
            for line in stdout:
                lines.append(line.rstrip())
                if found := NODE_DONE.search(line):
                    share = int(found[1]) / int(found[2])
                    advance(max(0.0, share - done))
                    done = max(done, share)
        if self.process.wait() != 0:
            known = database.advice("\n".join(lines), self.build_file.parent)
            causes = [known] if known else list(_explained(self.build_file, lines))
            raise BuildError(
                f"dbt {self.name} failed, and nothing was published; what was served before"
                " still is.\n  " + "\n  ".join(causes) + "\nThe full log is logs/dbt.log."
            )


def _explained(build_file: Path, lines: list[str]) -> Iterator[str]:
    """Why dbt failed, in words that a user can act on."""
    failed = [
        test for test in EXPLANATIONS if any(f"Failure in test {test}" in line for line in lines)
    ]
    for test in failed:
        yield from EXPLANATIONS[test](build_file)
    if not failed:
        yield from _told(lines, _unreadable(build_file, lines))


def _breaches(build_file: Path) -> Iterator[str]:
    with database.connect(build_file, read_only=True) as connection:
        yield from deliveries.breaches(connection)


# Tests whose failure says more, or something else, than dbt prints of it.
EXPLANATIONS: dict[str, Callable[[Path], Iterable[str]]] = {
    "carried_events_hold_every_landed_record": lambda _: [
        "What was carried over from the last build does not add up to what is landed: build"
        " with --full-refresh, which works it out again."
    ],
    "deliveries_are_like_those_accepted": _breaches,
    "most_customers_keep_a_persona": lambda _: [deliveries.PERSONAS_LOST],
}


def _unreadable(build_file: Path, lines: list[str]) -> Iterator[str]:
    """Where the values stand that a cast could not read, for the tests that failed on them."""
    models = dict.fromkeys(UNREADABLE.findall("\n".join(lines)))
    if not models:
        return
    with database.connect(build_file, read_only=True) as connection:
        for model in models:
            # Equal telemetry records are one row there, with their number and first line.
            schema, line, number = ("bronze", "file_line", "1")
            if model.startswith("int_"):
                schema, line, number = ("silver", "first_line", "row_count")
            rows, unreadable = database.only_row(
                connection.execute(
                    f"select sum({number}), sum({number}) filter (unreadable_value is not null)"
                    f" from {schema}.{model}"
                )
            )
            yield f"{model}: {unreadable:,} of {rows:,} records hold a value of another form:"
            for example in connection.execute(
                f"select file_name, {line}, unreadable_value"
                f" from {schema}.{model} where unreadable_value is not null"
                f" order by all limit {EXAMPLES}"
            ).fetchall():
                yield "  {}, line {}: {}".format(*example)
            yield (
                "  Correct them at the source, or declare their form (decimal_mark, format,"
                " null_words) in src/arcana/families.yml."
            )


def _check_day(as_of_date: date | None, delivered: list[date]) -> None:
    """Refuse a day for which there can be no sensible build: a slip of the year, mostly."""
    if as_of_date is None or not delivered:
        return
    earliest = delivered[0].replace(day=1, year=delivered[0].year - 1)
    if not earliest <= as_of_date <= delivered[-1]:
        raise UsageError(
            f"--as-of-date {as_of_date} is outside {earliest} to {delivered[-1]}: from a year"
            " before the oldest delivery to the newest one."
        )


def _told(lines: list[str], examples: Iterator[str]) -> list[str]:
    """What dbt said of the failure, without the rest of its log."""
    stamped = [re.sub(r"^\d\d:\d\d:\d\d\s+", "", line) for line in lines]
    causes = [m["message"] for line in stamped if (m := EXCEPTION.match(line))]
    blocks, block = [], []
    for line in stamped:
        if FAILURE.search(line):
            block = [line]
            blocks.append(block)
        elif block and line.strip() and len(block) < 4 and not NOISE.search(line):
            block.append(line)
        else:
            block = []
    shown = causes or ["\n  ".join(block) for block in blocks] or stamped[-15:]
    return [*dict.fromkeys(shown), *examples]


def summarise(folders: settings.Folders, published: publish.Published) -> int:
    """Print the personas, what was left out and where the tables are; the exit code."""
    description = published.description
    with database.connect(folders.build_file, read_only=True) as connection:
        console.show(_persona_table(connection))
        for line in _left_out(connection, folders.data / "quarantine"):
            console.say(line)
        refused = _refused(connection)
    if description["is_synthetic"]:
        console.say("SYNTHETIC DATA: none of these customers exists.")
    console.say(
        f"{len(published.rows)} tables in {published.folder}/ (Parquet, and all in arcana.duckdb),"
        f" as of {description['as_of_date']}, build {published.build_id}."
    )
    console.say(f"To look at: {published.folder / PAGE}")
    return _told_of_fit(refused, description["mixture_version"]) if refused else 0


def _refused(connection: duckdb.DuckDBPyConnection) -> tuple | None:
    """Version, reason, customers and customers needed of the fit that was refused last.

    An older refusal, or one of a synthetic extract, is no news of this build.
    """
    return connection.execute(
        "select mixture_version, reason, customer_count, customers_needed"
        " from gold.persona_mixture"
        " inner join silver.int_build__context using (as_of_date, is_synthetic)"
        " where status = 'refused' and component = -1 and feature = '*' and mixture_version ="
        " (select max(mixture_version) from gold.persona_mixture)"
    ).fetchone()


def _told_of_fit(refused: tuple, in_use: int | None) -> int:
    """Say what a refused fit means for the personas; the exit code."""
    version, reason, customers, needed = refused
    if in_use is not None:
        console.say(
            f"REFIT REFUSED: version {version} ({reason})."
            f" The personas of version {in_use} stay in use."
        )
        return FIT_REFUSED
    if needed is not None and customers < needed:
        console.say(
            f"NO PERSONAS YET: a fit needs at least {needed:,} customers, and there are"
            f" {customers:,}, internal ones left out. Everything else is published."
        )
        return 0
    console.say(
        f"FIRST FIT REFUSED: version {version} ({reason}). No customer has a persona; everything"
        " else is published. What helps: more customers; a number of personas of your own, var"
        " n_personas in dbt_project.yml; fewer features with the role fit in"
        " seeds/persona_features.csv."
    )
    return FIT_REFUSED


def _persona_table(connection: duckdb.DuckDBPyConnection) -> Table:
    table = Table(title="Personas")
    table.add_column("")
    table.add_column("persona", no_wrap=True)
    for heading in ("customers", "share", "median MRR (R$)", "mean certainty"):
        table.add_column(heading, justify="right")
    for persona, name, customers, share, mrr, certainty in connection.execute(
        "select persona_id, persona_name, customer_count, customer_share, median_mrr_brl,"
        " mean_probability from gold.persona_profiles"
        # While no version is in use, the other personas were not looked for.
        " where is_found or (select max(mixture_version) from gold.customer_personas) is not null"
        " order by sort_order"
    ).fetchall():
        table.add_row(
            str(persona) if persona >= 0 else "–",
            name,
            f"{customers:,}",
            f"{share:.1%}",
            "–" if mrr is None else f"{mrr:,.0f}",
            "–" if certainty is None else f"{certainty:.2f}",
        )
    return table


def _left_out(connection: duckdb.DuckDBPyConnection, quarantine: Path) -> Iterator[str]:
    quarantined = connection.execute(
        "select family, quarantined_count from quality.quality_reconciliation"
        " where quarantined_count > 0 order by family"
    ).fetchall()
    aside = connection.execute(
        "select family, reason_code, sum(row_count) from quality.quality_rows_set_aside"
        " group by all order by all"
    ).fetchall()
    words = connection.execute(
        "select family, null_word_count from quality.quality_reconciliation"
        " where null_word_count > 0 order by family"
    ).fetchall()
    unknown = connection.execute(
        "select column_name, label, row_count from quality.quality_unknown_labels order by all"
    ).fetchall()
    for family, delivery, status, message in connection.execute(
        "select family, cast(max(delivery_date) as varchar),"
        " max_by(file_status, delivery_date), max_by(message, delivery_date)"
        " from bronze.stg_erp__landed_files where file_status in ('missing', 'rejected')"
        " group by family order by family"
    ).fetchall():
        reason = f": {message}" if message else ""
        yield f"{status.capitalize()}: {family} in the delivery of {delivery}{reason}"
    for family, count in quarantined:
        yield (
            f"Quarantined: {count:,} records of {family} that could not be read;"
            f" line, reason and text are in {quarantine / family}/."
        )
    if not quarantined:
        yield "Quarantined: nothing."
    for family, reason, count in aside:
        yield f"Set aside: {count:,} records of {family}, {reason}; see quality_rows_set_aside."
    if not aside:
        yield "Set aside: nothing."
    for family, count in words:
        yield f"No value: {count:,} cells of {family} hold a null word of the family contract."
    for column, label, count in unknown:
        yield f"Unknown label: {label!r} in {column}, {count:,} records; add it to its seed."
