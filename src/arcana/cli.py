"""The command line: what a user types, turned into calls of the package.

Each command imports what it needs, because dbt, DuckDB and scipy take seconds to load:
`arcana --help` and a misspelt option are answered at once.
"""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import click

from arcana import __version__, console, settings
from arcana.errors import ArcanaError, UsageError
from arcana.settings import DEFAULT_CUSTOMERS, DEFAULT_SEED

INTERRUPTED = 130


class Day(click.ParamType):
    """A day written YYYY-MM-DD."""

    name = "YYYY-MM-DD"

    def convert(self, value, param, ctx):
        """Parse the day or say what is expected."""
        if isinstance(value, date):
            return value
        try:
            return datetime.strptime(value, "%Y-%m-%d").date()
        except ValueError:
            return self.fail(f"{value!r} is not a day as YYYY-MM-DD", param, ctx)


class Judged(click.ParamType):
    """What the checks of a delivery judge: a family, or another of `deliveries.names`."""

    name = "NAME"

    def convert(self, value, param, ctx):
        """Take a name that there is; the contract is read only when one is given."""
        from arcana.job import deliveries

        known = deliveries.names()
        if value in known:
            return value
        return self.fail(f"{value!r} is none of {', '.join(known)}", param, ctx)


FOLDER = click.Path(path_type=Path)
raw_option = click.option(
    "--raw", type=FOLDER, help="Folder with the raw files. [default: ARCANA_RAW, or data/raw]"
)
extract_date_option = click.option(
    "--extract-date",
    type=Day(),
    help="Day of a delivery whose folder does not say it; or confirms one that differs.",
)


def _renamed(name: str):
    """Answer an option of an old name with the new one."""

    def answer(context, option, value):
        if value:
            raise click.UsageError(f"{option.opts[0]} is called {name} now.", context)

    return answer


def _folders(raw: Path | None) -> settings.Folders:
    settings.require_project_folder()
    folders = settings.folders()
    return replace(folders, raw=raw, raw_is_configured=True) if raw else folders


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
def commands() -> None:
    """From a vendor's raw extracts to a customer 360 and its personas.

    Exit codes: 0 good; 1 failed, nothing published; 2 wrong use; 3 published, but a
    fit of personas was refused, and those of the version in use were kept, if there is
    one; 75 another build is running; 130 interrupted.
    """


@commands.command("build")
@raw_option
@extract_date_option
@click.option("--as-of-date", type=Day(), help="Day to look back from. [default: newest delivery]")
@click.option("--refit", is_flag=True, help="Fit the personas anew.")
@click.option("--accept-refit", is_flag=True, help="Accept a refit that moves many customers.")
@click.option("--accept-drift", is_flag=True, hidden=True, callback=_renamed("--accept-refit"))
@click.option("--full-refresh", is_flag=True, help="As in dbt; the registry of personas stays.")
@click.option(
    "--accept-data",
    type=Judged(),
    multiple=True,
    help="Take this delivery of a family, of the customer list (spine) or the personas as they"
    " are, although a check stops them. Repeatable.",
)
@click.option(
    "--or-simulate",
    is_flag=True,
    help="With nothing in the raw folder and nothing ever served, simulate an extract first.",
)
def build_command(raw, extract_date, as_of_date, or_simulate, accept_drift, **options):
    """Land the raw files, build and test every layer, and publish."""
    from arcana.job.build import Options, build

    folders = _folders(raw)
    if or_simulate:
        folders = _with_simulation(folders)
    sys.exit(build(folders, Options(extract_date, as_of_date, **options)))


def _with_simulation(folders: settings.Folders) -> settings.Folders:
    """The same folders, the raw one replaced by a simulated extract if there is none."""
    from arcana.job.publish import served_build

    if folders.raw_is_configured or settings.holds_files(folders.raw):
        return folders
    served = served_build(folders.serve)
    if served and not served["is_synthetic"]:
        return folders
    if not settings.holds_files(folders.simulated):
        console.say(
            f"NO RAW FILES IN {folders.raw}: SIMULATING AN EXTRACT IN {folders.simulated}."
            " EVERYTHING BUILT FROM IT IS SYNTHETIC."
        )
        _simulate(folders.simulated, folders.truth, customers=DEFAULT_CUSTOMERS)
    else:
        console.say(f"NO RAW FILES IN {folders.raw}: USING THE SIMULATED {folders.simulated}.")
    return replace(folders, raw=folders.simulated, raw_is_configured=True)


@commands.command("land")
@raw_option
@extract_date_option
@click.option("--forget", "forgotten", type=Day(), help="Take a landed delivery out; land nothing.")
def land_command(raw, extract_date, forgotten):
    """Read the raw files strictly and write them as Parquet, every record counted."""
    from arcana.job import locks
    from arcana.landing import forget, land

    folders = _folders(raw)
    if forgotten and extract_date:
        raise UsageError("--forget lands nothing: leave --extract-date out.")
    with locks.exclusive(folders.lock):
        if forgotten:
            forget(forgotten, folders.raw, folders.data)
            return
        console.show(land(folders.raw, folders.data, extract_date=extract_date).table())


@commands.command("publish")
def publish_command():
    """Test the last plain `dbt build` and publish it to data/serve/."""
    from arcana.job.build import publish_last

    sys.exit(publish_last(_folders(None)))


@commands.command("page")
def page_command():
    """Write the page, data/serve/index.html, once more, with the last `arcana compare`.

    Every build writes it anyway: one page without server and network, with personas,
    certainty, exploration, models, data and insights, in Portuguese and English.
    """
    from arcana.job.build import write_page

    console.say(f"Written: {write_page(_folders(None))}.")


@commands.command("export")
@click.argument("names", metavar="[LIST]...", nargs=-1)
@click.option("--persona", help="Only customers of this persona: its name or its number.")
@click.option("--segment", help="Only customers of this segment.")
@click.option("--size", help="Only customers of this size: Pequena, Média, Grande.")
@click.option(
    "--top",
    type=click.IntRange(min=1),
    help="So many customers of each list. [default: those within capacity, var list_capacity]",
)
@click.option("--plain", is_flag=True, help="CSV for programs: commas, decimal points, no BOM.")
@click.option("--output", type=FOLDER, help="Folder to write to. [default: data/exports]")
def export_command(names, persona, segment, size, top, plain, output):
    """Write lists to work from: customers in order, with reasons and what to do.

    All lists, or those named, as CSV for Brazilian spreadsheets and as XLSX, with a
    manifest beside them. Each build writes the same to data/serve/lists/.
    """
    from arcana.job.build import export_lists
    from arcana.lists import Choice

    folders = _folders(None)
    target = output or folders.exports
    choice = Choice(persona=persona, segment=segment, size=size, top=top)
    for each in export_lists(folders, names, choice, target, plain):
        console.say(f"{each.label} ({each.name}): {len(each.rows):,} customers.")
    console.say(f"Written to {target}; manifest.json says what was chosen.")


@commands.command("compare")
def compare_command():
    """Fit other models to the served customers and show them beside ours.

    k-means, Gaussian mixtures, scikit-learn's Bayesian one, Ward and HDBSCAN, on at most
    4,000 customers: how many groups each finds, whether resamples give the same, what it
    finds in shuffled columns, how sure it is, and how far they agree. Takes a few minutes
    and changes nothing; the result is kept in data/compare/models.json.
    """
    from arcana.compare import judging

    folders = _folders(None)
    with console.progress("Comparing", total=len(judging.NOTES)) as advance:
        found = judging.compare(folders.serve, advance)
    judging.write(found, folders.comparison)
    console.show(judging.table(found))
    console.say(f"Kept in {folders.comparison}; `arcana page` shows it on the page.")


@commands.command("powerbi")
@click.option("--check", is_flag=True, help="Write nothing; say what is not in order.")
def powerbi_command(check):
    """Write what the marts say into the Power BI project, and check all of it."""
    from arcana import powerbi

    sys.exit(powerbi.run(_folders(None).serve, check))


@commands.command("simulate")
@click.option(
    "--customers", type=click.IntRange(min=50), default=DEFAULT_CUSTOMERS, show_default=True
)
@click.option("--seed", type=int, default=DEFAULT_SEED, show_default=True)
@click.option("--deliveries", type=click.IntRange(min=1), default=1, show_default=True)
@click.option("--telemetry-rows", type=click.IntRange(min=0), help="About how many in all.")
@click.option("--output", type=FOLDER, help="[default: data/simulated]")
@click.option("--truth", type=FOLDER, help="[default: data/truth/customer_personas.csv]")
def simulate_command(customers, seed, deliveries, telemetry_rows, output, truth):
    """Write a synthetic extract that looks like the vendor's from outside."""
    folders = _folders(None)
    _simulate(
        output or folders.simulated,
        truth or folders.truth,
        customers=customers,
        seed=seed,
        deliveries=deliveries,
        telemetry_rows=telemetry_rows,
    )


def _simulate(output: Path, truth: Path, *, customers: int, deliveries: int = 1, **options) -> None:
    """Simulate with a bar, and say what was written."""
    from arcana.simulate import simulate

    with console.progress("Simulating", customers * deliveries) as advance:
        report = simulate(
            output, truth, customers=customers, deliveries=deliveries, progress=advance, **options
        )
    rows = sum(count for files in report.rows.values() for count in files.values())
    console.say(
        f"{report.customers:,} customers, {rows:,} rows, {report.bytes / 1e6:.1f} MB in {output};"
        f" their personas in {truth}."
    )


def main() -> None:
    """Run a command; tell what a user can mend in a line, without a traceback."""
    try:
        commands(standalone_mode=False)
    except (click.exceptions.Abort, KeyboardInterrupt):
        console.say("Interrupted: nothing was published; what was served before still is.")
        sys.exit(INTERRUPTED)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except ArcanaError as error:
        console.say(str(error))
        sys.exit(error.exit_code)
    except BrokenPipeError:
        # The reader of our output went away; nothing to tell it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except Exception as error:
        import duckdb

        from arcana.engine import database

        is_of_a_machine = isinstance(error, (OSError, duckdb.Error))
        known = is_of_a_machine and database.advice(str(error), settings.folders().data)
        if not known:
            raise
        console.say(f"Nothing was published; what was served before still is.\n  {known}")
        sys.exit(1)


if __name__ == "__main__":
    main()
