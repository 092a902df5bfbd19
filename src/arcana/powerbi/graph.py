"""Which way filters flow between the tables of a model."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Relationship:
    """A column of one table that looks into a column of another.

    A filter on the `to` table reaches the `from` table, and back where it is one to one.
    """

    from_table: str
    from_column: str
    to_table: str
    to_column: str
    one_to_one: bool = False
    active: bool = True


def ambiguous(relationships: Iterable[Relationship]) -> tuple[str, str] | None:
    """The first pair of tables between which a filter has two ways; None if there is none.

    Power BI refuses a model in which two active paths lead from one table to another.
    """
    edges: list[tuple[str, str]] = []
    for relationship in relationships:
        if relationship.active:
            edges.append((relationship.to_table, relationship.from_table))
            if relationship.one_to_one:
                edges.append((relationship.from_table, relationship.to_table))
    for start in dict.fromkeys(source for source, _ in edges):
        ways = Counter(_ends(start, edges, (start,)))
        for end, count in ways.items():
            if count > 1:
                return start, end
    return None


def _ends(table: str, edges: list[tuple[str, str]], been: tuple[str, ...]) -> Iterator[str]:
    """The last table of every path that starts at a table and visits none twice."""
    for source, target in edges:
        if source == table and target not in been:
            yield target
            yield from _ends(target, edges, (*been, target))
