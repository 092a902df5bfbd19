"""Read and write TMDL, the text form of a Power BI model, as far as Arcana uses it.

A line is an object (`table Clientes`, `measure MRR = …`), a property (`dataType: int64`,
`isHidden`) or part of an expression; what belongs to a line stands deeper, by tabs. An
expression of several lines stands two tabs deeper than what it belongs to.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from arcana.errors import ArcanaError

OBJECTS = (
    "annotation|column|cultureInfo|database|expression|measure|model|partition|ref|relationship"
    "|role|table|tablePermission|translations"
)
# A flag that opens a block of flags.
BLOCK = "dataAccessOptions"
FLAGS = {"isHidden", "isKey", "discourageImplicitMeasures", "legacyRedirects"}
FLAGS |= {"returnErrorValuesAsNull", BLOCK}
PLAIN_NAME = re.compile(r"\w+")
NAME = r"(?:'(?:[^']|'')*'|[^\s=']+)"
DECLARATION = re.compile(rf"({OBJECTS})(?: ({NAME}(?: {NAME})?))?(?:\s*=\s*(.*))?$")
PROPERTY = re.compile(r"(\w+):\s*(.*)$")
EXPRESSION_PROPERTY = re.compile(r"(source)\s*=\s*(.*)$")


class TmdlError(ArcanaError):
    """A text is not TMDL of the kind Arcana writes."""


@dataclass
class Node:
    """One object of the model; `value` is its expression, `name` is without quotes."""

    kind: str
    name: str = ""
    value: str = ""
    description: str = ""
    line: int = 0
    depth: int = -1
    properties: dict[str, str] = field(default_factory=dict)
    children: list[Node] = field(default_factory=list)

    def all(self, kind: str) -> Iterator[Node]:
        """Direct children of a kind, in the order of the text."""
        return (child for child in self.children if child.kind == kind)

    def annotation(self, name: str) -> str | None:
        """The value of an annotation, None where there is none."""
        return next((child.value for child in self.all("annotation") if child.name == name), None)


def quote(name: str) -> str:
    """A name as TMDL and DAX want it: in quotes unless it is one plain word."""
    return name if PLAIN_NAME.fullmatch(name) else "'" + name.replace("'", "''") + "'"


def unquote(text: str) -> str:
    """The name that a text of TMDL stands for."""
    return text[1:-1].replace("''", "'") if text.startswith("'") else text


def parse(text: str) -> Node:
    """Read a file into a tree below a node of kind `file`.

    Raises TmdlError with the number of the line that is not understood.
    """
    root = Node("file")
    path = [root]
    description: list[str] = []
    lines = text.split("\n")
    number = 0
    while number < len(lines):
        line = lines[number]
        number += 1
        content = line.strip()
        if not content:
            continue
        depth = len(line) - len(line.lstrip("\t"))
        if line[depth] == " ":
            raise TmdlError(f"line {number}: indented by blanks; TMDL wants tabs")
        if content.startswith("///"):
            description.append(content[3:].strip())
            continue
        while path[-1].depth >= depth:
            path.pop()
        if depth != path[-1].depth + 1:
            raise TmdlError(f"line {number}: {content!r} stands too deep")
        node, number = _read_line(path[-1], content, lines, number, depth)
        if node:
            node.description = " ".join(description)
            path.append(node)
        description = []
    return root


def _read_line(
    parent: Node, content: str, lines: list[str], number: int, depth: int
) -> tuple[Node | None, int]:
    """Give a property to its object, or open an object; and the number of the next line."""
    if found := EXPRESSION_PROPERTY.match(content):
        parent.properties[found[1]], number = _expression(found[2], lines, number, depth)
    elif found := PROPERTY.match(content):
        if found[1] in parent.properties:
            raise TmdlError(f"line {number}: {found[1]} is said twice")
        parent.properties[found[1]] = found[2].strip()
    elif content in FLAGS:
        parent.properties[content] = "true"
        if content == BLOCK:
            return Node(content, line=number, depth=depth), number
    elif found := DECLARATION.match(content):
        node = Node(found[1], unquote(found[2] or ""), line=number, depth=depth)
        if found[3] is not None:
            node.value, number = _expression(found[3], lines, number, depth)
        parent.children.append(node)
        return node, number
    else:
        raise TmdlError(f"line {number}: {content!r} is no object, property or flag")
    return None, number


def _expression(first: str, lines: list[str], number: int, depth: int) -> tuple[str, int]:
    """An expression that begins on a line and may go on, two tabs deeper; and the next line."""
    parts = [first.strip()]
    while number < len(lines):
        line = lines[number]
        deeper = len(line) - len(line.lstrip("\t")) >= depth + 2
        goes_on = not line.strip() and any(
            len(later) - len(later.lstrip("\t")) >= depth + 2
            for later in _next_written(lines, number)
        )
        if not (line.strip() and deeper) and not goes_on:
            break
        parts.append(line[depth + 2 :])
        number += 1
    return "\n".join(part for part in parts if part.strip()), number


def _next_written(lines: list[str], number: int) -> list[str]:
    return next(([line] for line in lines[number:] if line.strip()), [])
