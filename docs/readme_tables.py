"""The tables of README.md that the project itself knows; `make format` writes them by cog."""

from __future__ import annotations

import re
from pathlib import Path

import click
import yaml

from arcana.cli import commands

PROJECT = Path(__file__).parents[1] / "dbt_project.yml"


def command_table() -> str:
    """Each command with what its help says first, and its options."""
    rows = ["| command | what it does | options |", "|---|---|---|"]
    for name, command in commands.commands.items():
        options = [option.opts[0] for option in command.params if isinstance(option, click.Option)]
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
