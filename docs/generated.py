"""What `make format` writes into the files of generated.txt by cog, and `make lint` checks.

A fact stands where it belongs; these texts only repeat it where a reader or dbt needs it.
"""

from __future__ import annotations

import inspect
import re
import textwrap
from pathlib import Path

import click
import yaml

from arcana.cli import commands

ROOT = Path(__file__).parents[1]
PROJECT = ROOT / "dbt_project.yml"
CUSTOMER_360 = ROOT / "models/marts/core/customer_360.yml"

# dim_customers says these itself.
NOT_INHERITED = re.compile(r"revenue_band$|in_")


def command_table() -> str:
    """Each command with what its help says first, and its options."""
    rows = ["| command | what it does | options |", "|---|---|---|"]
    for name, command in commands.commands.items():
        options = [
            option.opts[0]
            for option in command.params
            if isinstance(option, click.Option) and not option.hidden
        ]
        told = command.get_short_help_str(200)
        listed = " ".join(f"`{option}`" for option in options)
        rows.append(f"| `arcana {name}` | {told} | {listed} |")
    return "\n".join([*rows, ""])


def var_table() -> str:
    """Each dbt var with its default and the comment that stands above it."""
    text = PROJECT.read_text(encoding="utf-8")
    defaults = yaml.safe_load(text)["vars"]
    block = re.search(r"^vars:\n((?:  .*\n)+)", text, re.MULTILINE)[1]
    rows, comment = ["| dbt var | default | |", "|---|---|---|"], []
    for line in block.splitlines():
        if line.startswith("  #"):
            comment.append(line.removeprefix("  #").strip())
            continue
        name = line.split(":")[0].strip()
        default = defaults[name]
        shown = str(default).lower() if isinstance(default, bool) else default or repr(default)
        rows.append(f"| `{name}` | `{shown}` | {' '.join(comment)} |")
        comment = []
    return "\n".join([*rows, ""])


def inherited_columns() -> str:
    """The columns of customer_360 as dim_customers declares them, without their tests."""
    lines = []
    for column in _columns():
        lines.append(f"- name: {column['name']}")
        for key in ("description", "data_type", "config"):
            lines.append(f"  {key}: {_in_one_line(column[key])}")
    return "\n".join([*lines, ""])


def macro_descriptions() -> str:
    """The comment that each macro begins with, for dbt's documentation, which reads none."""
    entries = []
    for path in sorted((ROOT / "macros").glob("*.sql")):
        comment = re.match(r"\s*\{#-?(.*?)-?#\}", path.read_text(encoding="utf-8"), re.DOTALL)[1]
        entries.append({"name": path.stem, "description": inspect.cleandoc(comment) + "\n"})
    text = yaml.dump(entries, Dumper=_Literal, allow_unicode=True, sort_keys=False, width=10_000)
    return textwrap.indent(text, "  ")


class _Literal(yaml.SafeDumper):
    """Writes a text of several lines as a block, as people write it."""


_Literal.add_representer(
    str,
    lambda dumper, text: dumper.represent_scalar(
        "tag:yaml.org,2002:str", text, style="|" if "\n" in text else None
    ),
)


def _in_one_line(value: object) -> str:
    text = yaml.safe_dump(
        value, allow_unicode=True, sort_keys=False, default_flow_style=True, width=10_000
    )
    return text.removesuffix("...\n").strip()


def inherited_selection() -> str:
    """The same columns in a select list."""
    return "".join(f"customer_360.{column['name']},\n" for column in _columns())


def _columns() -> list[dict]:
    (model,) = yaml.safe_load(CUSTOMER_360.read_text(encoding="utf-8"))["models"]
    return [column for column in model["columns"] if not NOT_INHERITED.match(column["name"])]
