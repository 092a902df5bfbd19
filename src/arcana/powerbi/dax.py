"""Read what a DAX or M expression refers to; no more grammar than a check needs."""

from __future__ import annotations

import re

# The functions the project uses; a new one is added here, a slip of the pen is found.
FUNCTIONS = set(
    re.findall(
        r"\w+",
        """
        ALL AVERAGE CALCULATE COALESCE CONCATENATEX COUNT COUNTROWS CROSSFILTER DISTINCTCOUNT
        DIVIDE FALSE FILTER FORMAT HASONEVALUE IF ISBLANK KEEPFILTERS LOOKUPVALUE MAX MEDIAN
        MIN NOT REMOVEFILTERS SELECTEDVALUE SUM SUMX SWITCH TREATAS TRUE USERELATIONSHIP
        USERPRINCIPALNAME VALUES
        """,
    )
)
WORDS = {"AND", "ASC", "BLANK", "BOTH", "DESC", "IN", "NONE", "NOT", "ONEWAY", "OR"}
WORDS |= {"RETURN", "VAR"}
STRING = re.compile(r'"(?:[^"]|"")*"')
QUOTED = r"'(?:[^']|'')+'"
TABLE_COLUMN = re.compile(rf"({QUOTED}|\b[^\W\d]\w*)\[([^\]]+)\]")
MEASURE = re.compile(r"\[([^\]]+)\]")
CALL = re.compile(r"\b([A-Za-z][A-Za-z.]*)\s*\(")
WORD = re.compile(rf"({QUOTED}|\b[^\W\d]\w*)")
VARIABLE = re.compile(r"\bVAR\s+(\w+)")
# What a table made of braces calls its columns.
BRACE_COLUMNS = {"Value", "Value1", "Value2", "Value3"}
PAIRS = {")": "(", "]": "[", "}": "{"}


def unbalanced(text: str) -> str | None:
    """What is open or closed once too often, outside strings and quoted names; else None."""
    bare = STRING.sub('""', text)
    if '"' in bare.replace('""', ""):
        return "a string is not closed"
    bare = re.sub(QUOTED, "''", bare)
    opened: list[str] = []
    for character in bare:
        if character in "([{":
            opened.append(character)
        elif character in PAIRS and (not opened or opened.pop() != PAIRS[character]):
            return f"{character!r} closes nothing"
    return f"{opened[-1]!r} is not closed" if opened else None


def columns(text: str) -> set[tuple[str, str]]:
    """Columns named with their table."""
    return {(_name(table), column) for table, column in TABLE_COLUMN.findall(STRING.sub("", text))}


def measures(text: str) -> set[str]:
    """Names in brackets without a table: measures, but for the columns of braces."""
    bare = TABLE_COLUMN.sub("", STRING.sub("", text))
    return set(MEASURE.findall(bare)) - BRACE_COLUMNS


def calls(text: str) -> set[str]:
    """Functions that are called."""
    return set(CALL.findall(_bare(text))) - WORDS


def tables(text: str) -> set[str]:
    """Names that stand alone: tables, but for variables and words of the language."""
    bare = CALL.sub("(", _bare(text))
    variables = set(VARIABLE.findall(bare))
    names = {_name(word) for word in WORD.findall(bare)}
    return {name for name in names - variables if name.upper() not in WORDS}


def _bare(text: str) -> str:
    return MEASURE.sub("", TABLE_COLUMN.sub("", STRING.sub("", text)))


def _name(text: str) -> str:
    return text[1:-1].replace("''", "'") if text.startswith("'") else text
