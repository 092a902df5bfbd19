"""What Arcana says while it works: plain lines, and a bar on long work.

On a terminal the bar moves; in a log (CI, cron) it is left out, so that a log
holds sentences and nothing else. Everything goes to standard error but what a
command is asked for, which it prints itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

_stderr = Console(stderr=True, highlight=False, soft_wrap=True)
_stdout = Console(highlight=False, soft_wrap=True)


def say(text: str) -> None:
    """Tell the user one thing, on a line of its own."""
    _stderr.print(text, markup=False)


def show(renderable) -> None:
    """Print what the command was asked for, a table for instance, to standard output."""
    _stdout.print(renderable)


@contextmanager
def progress(description: str, total: float) -> Iterator[Callable[[float], None]]:
    """Show how far long work has come; yields a function that takes what was just done."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
    )
    with Progress(
        *columns, console=_stderr, transient=True, disable=not _stderr.is_terminal
    ) as bar:
        task = bar.add_task(description, total=total)
        yield lambda done: bar.advance(task, done)
