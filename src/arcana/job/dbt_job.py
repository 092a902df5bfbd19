"""The dbt of one build, in a process of its own: parse once, build, then what people read.

    python -m arcana.job.dbt_job VARS COMMAND [ARGUMENT...]

VARS are dbt vars as JSON; COMMAND is `build` or `test`. To start dbt, to parse the project and
to import what the models call takes seconds, in which the caller lands files; so the job does
that at once and then waits for a line on its standard input. When that input ends, the caller
is gone, and so is the job. The documentation comes from the parsed project and from what the
command compiled, into the target folder. Ends with 0, or with 1 as soon as a step failed.
"""

from __future__ import annotations

import importlib
import sys

from dbt.cli.main import dbtRunner
from dbt.contracts.graph.manifest import Manifest

from arcana import families
from arcana.job import lifeline
from arcana.job.references import unknown_references

PLAIN = "--no-use-colors"
# dbt imports the first when it opens its file, the Python models the others.
NEEDED_LATER = ("arcana.dbt_plugin", "arcana.engine.frames", "arcana.personas")


def main(arguments: list[str]) -> int:
    """Run the job."""
    variables, *command = arguments
    may_go_on = lifeline.end_with_starter()
    with_vars = ["--vars", variables]
    parsed = dbtRunner().invoke([PLAIN, "parse", *with_vars])
    if not parsed.success or not isinstance(parsed.result, Manifest):
        return 1
    if unknown := list(unknown_references(parsed.result, list(families.load()))):
        print("Error in references:", *unknown, sep="\n  ")
        return 1
    for name in NEEDED_LATER:
        importlib.import_module(name)
    may_go_on.wait()
    # What a step compiles stays in the manifest, where the documentation finds it.
    runner = dbtRunner(manifest=parsed.result)
    for step in (command, ["docs", "generate", "--static", "--no-compile"]):
        if not runner.invoke([PLAIN, *step, *with_vars]).success:
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
