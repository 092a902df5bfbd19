"""Read DAX as far as a check needs it: its grammar, what it names, what it calls.

Of M only the brackets are read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

STRING = re.compile(r'"(?:[^"]|"")*"')
QUOTED = r"'(?:[^']|'')+'"
TABLE_COLUMN = re.compile(rf"({QUOTED}|\b[^\W\d]\w*)\[([^\]]+)\]")
MEASURE = re.compile(r"\[([^\]]+)\]")
# What a table made of braces calls its columns.
BRACE_COLUMNS = {"Value", "Value1", "Value2", "Value3"}
PAIRS = {")": "(", "]": "[", "}": "{"}
TOKEN = re.compile(
    r"""
    (?P<comment>//[^\n]*|--[^\n]*|/\*.*?\*/)
  | (?P<text>"(?:[^"]|"")*")
  | (?P<table>'(?:[^']|'')*')
  | (?P<bracket>\[(?:[^\]]|\]\])*\])
  | (?P<number>\d+(?:\.\d+)?)
  | (?P<word>[^\W\d]\w*(?:\.[^\W\d]\w*)*)
  | (?P<open>[({])
  | (?P<close>[)}])
  | (?P<operator>&&|\|\||<=|>=|<>|==|[-+*/^&=<>,;:])
  | (?P<space>\s+)
    """,
    re.VERBOSE | re.DOTALL,
)
# Words that no value is, and words that are one without a bracket.
OPENING = {"VAR", "RETURN", "IN", "NOT"}
CONSTANTS = {"ASC", "BOTH", "DESC", "FALSE", "NONE", "ONEWAY", "TRUE"}
VARIABLE = re.compile(r"_{0,2}[A-Za-z][A-Za-z0-9_]*")
OPERATORS = {"&&", "||", "<=", ">=", "<>", "==", "-", "+", "*", "/", "^", "&", "=", "<", ">"}
MANY = 99
# What measures may call, by least and most arguments; one that is missing here is added
# when it is needed.
ARGUMENTS = {
    (0, 0): ("BLANK", "FALSE", "TODAY", "TRUE", "USERPRINCIPALNAME"),
    (0, 1): ("ALLSELECTED",),
    (0, MANY): ("ALL", "REMOVEFILTERS"),
    (1, 1): (
        *("ABS", "AVERAGE", "COUNT", "COUNTBLANK", "COUNTROWS", "DISTINCT", "DISTINCTCOUNT"),
        *("HASONEFILTER", "HASONEVALUE", "INT", "ISBLANK", "ISEMPTY", "ISFILTERED", "ISINSCOPE"),
        *("KEEPFILTERS", "LASTDATE", "LEN", "LOWER", "MEDIAN", "MONTH", "NOT", "RELATED"),
        *("RELATEDTABLE", "SUM", "TRIM", "UNICHAR", "UPPER", "VALUE", "VALUES", "YEAR"),
    ),
    (1, 2): ("LEFT", "MAX", "MIN", "RIGHT", "SELECTEDVALUE"),
    (1, MANY): ("CALCULATE", "CALCULATETABLE"),
    (2, 2): (
        *("AND", "AVERAGEX", "COUNTX", "EOMONTH", "EXCEPT", "FILTER", "INTERSECT", "MAXX"),
        *("MEDIANX", "MINX", "OR", "ROUND", "SUMX", "USERELATIONSHIP"),
    ),
    (2, 3): ("DIVIDE", "FORMAT", "IF"),
    (2, 5): ("RANKX",),
    (2, MANY): (
        *("ALLEXCEPT", "COALESCE", "CONCATENATEX", "ROW", "SUMMARIZE", "SUMMARIZECOLUMNS"),
        *("TOPN", "TREATAS", "UNION"),
    ),
    (3, 3): ("CROSSFILTER", "DATE", "DATEADD", "DATEDIFF"),
    (3, 4): ("DATESINPERIOD", "SUBSTITUTE"),
    (3, MANY): ("ADDCOLUMNS", "LOOKUPVALUE", "SELECTCOLUMNS", "SWITCH"),
}
FUNCTIONS = {name: counts for counts, names in ARGUMENTS.items() for name in names}
# These take a column as it stands, no expression.
OF_A_COLUMN = {
    *("AVERAGE", "COUNT", "COUNTBLANK", "DISTINCTCOUNT", "HASONEFILTER", "HASONEVALUE"),
    *("ISFILTERED", "ISINSCOPE", "LOOKUPVALUE", "MEDIAN", "RELATED", "SELECTEDVALUE", "SUM"),
}
OF_A_TABLE = {"ADDCOLUMNS", "COUNTROWS", "FILTER", "RELATEDTABLE", "SELECTCOLUMNS", "UNION"}
COLUMN, TABLE, SCALAR = "column", "table", "scalar"
TABLE_FUNCTIONS = {
    *("ADDCOLUMNS", "ALL", "ALLEXCEPT", "ALLSELECTED", "CALCULATETABLE", "DATEADD"),
    *("DATESINPERIOD", "DISTINCT", "EXCEPT", "FILTER", "INTERSECT", "KEEPFILTERS", "LASTDATE"),
    *("RELATEDTABLE", "REMOVEFILTERS", "ROW", "SELECTCOLUMNS", "SUMMARIZE"),
    *("SUMMARIZECOLUMNS", "TOPN", "TREATAS", "UNION", "VALUES"),
}


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


class _SyntaxError(Exception):
    """The expression ends, or goes on, where it may not."""


def faults(text: str, columns: dict[str, set[str]], measures: set[str]) -> Iterator[str]:
    """Say what an expression names that does not exist, and where it is no DAX.

    What passes may still mean something else; what does not pass is refused by Power BI.

    Parameters
    ----------
    text : DAX
    columns : the columns of each table of the model
    measures : names of all measures
    """
    tokens = []
    position = 0
    while position < len(text):
        match = TOKEN.match(text, position)
        if not match:
            kind = {'"': "string", "'": "table name", "[": "bracket"}.get(text[position])
            rest = text[position : position + 30]
            yield f"a {kind} is not closed at {rest!r}." if kind else f"{rest!r} is no DAX."
            return
        position = match.end()
        if match.lastgroup not in ("comment", "space"):
            tokens.append((match.lastgroup, match[0]))
    parser = _Parser(tokens, columns, measures)
    try:
        parser.block(())
        if parser.position < len(tokens):
            raise _SyntaxError(f"{parser.text!r} where the expression should end.")
    except _SyntaxError as error:
        yield str(error)
    yield from parser.faults


class _Parser:
    """Reads an expression from left to right, once, and notes what does not exist."""

    def __init__(self, tokens, columns, measures):
        self.tokens = tokens
        self.columns = columns
        # A column made by SELECTCOLUMNS or ADDCOLUMNS has its name in a text.
        made = {text[1:-1] for kind, text in tokens if kind == "text"}
        self.alone = {*measures, *made, *BRACE_COLUMNS}
        self.position = 0
        self.faults: list[str] = []

    @property
    def kind(self) -> str:
        return self.tokens[self.position][0] if self.position < len(self.tokens) else "end"

    @property
    def text(self) -> str:
        return self.tokens[self.position][1] if self.position < len(self.tokens) else "the end"

    @property
    def word(self) -> str:
        return self.text.upper() if self.kind == "word" else ""

    def take(self, *expected: str) -> str:
        """The next token, which must be one of those expected."""
        text = self.text
        if expected and text.upper() not in expected:
            raise _SyntaxError(f"{text!r} where {' or '.join(expected)} should stand.")
        self.position += 1
        return text

    def block(self, variables: tuple[str, ...]) -> str:
        """Variables and RETURN, or a plain expression; says whether it is a table."""
        if self.word != "VAR":
            return self.expression(variables)
        while self.word == "VAR":
            self.take()
            name = self.take()
            self.take("=")
            if not VARIABLE.fullmatch(name) or name in self.columns:
                self.faults.append(f"{name} is no name for a variable.")
            self.block(variables)
            variables = (*variables, name)
        if self.word != "RETURN":
            raise _SyntaxError(f"{self.text!r} where RETURN should stand.")
        self.take()
        return self.block(variables)

    def expression(self, variables: tuple[str, ...]) -> str:
        is_plain = True
        while self.word == "NOT" or self.text in ("-", "+"):
            self.take()
            is_plain = False
        found = self.operand(variables)
        while self.text in OPERATORS or self.word == "IN":
            self.take()
            while self.word == "NOT" or self.text in ("-", "+"):
                self.take()
            self.operand(variables)
            is_plain = False
        return found if is_plain else SCALAR

    def operand(self, variables: tuple[str, ...]) -> str:
        kind, text = self.kind, self.text
        if kind in ("number", "text"):
            self.take()
            return SCALAR
        if kind == "bracket":
            self.take()
            if _inner(text) not in self.alone:
                self.faults.append(f"there is no measure [{_inner(text)}].")
            return SCALAR
        if kind == "open":
            self.take()
            self.arguments("}" if text == "{" else ")", variables)
            return TABLE if text == "{" else SCALAR
        if kind == "table" or (kind == "word" and self.word not in OPENING):
            return self.name(variables)
        raise _SyntaxError(f"{text!r} where a value should stand.")

    def name(self, variables: tuple[str, ...]) -> str:
        """A call, a column of a table, a table, or a variable."""
        is_quoted = self.kind == "table"
        text = self.take()
        if not is_quoted and self.text == "(":
            return self.call(text.upper(), variables)
        if not is_quoted and text.upper() in CONSTANTS:
            return SCALAR
        table = text[1:-1].replace("''", "'") if is_quoted else text
        if self.kind == "bracket":
            column = _inner(self.take())
            if table not in self.columns:
                self.faults.append(f"there is no table {table}.")
            elif column not in self.columns[table]:
                self.faults.append(f"there is no column {table}[{column}].")
            return COLUMN
        if not is_quoted and text in variables:
            return "variable"
        if table not in self.columns:
            self.faults.append(f"there is no table {table}.")
        return TABLE

    def call(self, function: str, variables: tuple[str, ...]) -> str:
        self.take("(")
        found = self.arguments(")", variables)
        if function not in FUNCTIONS:
            self.faults.append(f"{function} is no function of dax.ARGUMENTS.")
            return SCALAR
        least, most = FUNCTIONS[function]
        if not least <= len(found) <= most:
            self.faults.append(f"{function} has {len(found)} arguments, not {least} to {most}.")
        elif function in OF_A_COLUMN and found[0] != COLUMN:
            self.faults.append(f"{function} takes a column, not a {found[0]}.")
        elif function in OF_A_TABLE and found[0] not in (TABLE, "variable"):
            self.faults.append(f"{function} takes a table, not a {found[0]}.")
        return TABLE if function in TABLE_FUNCTIONS else SCALAR

    def arguments(self, end: str, variables: tuple[str, ...]) -> list[str]:
        found = []
        if self.text != end:
            found.append(self.block(variables))
            while self.text == ",":
                self.take()
                found.append(self.block(variables))
        self.take(end)
        return found


def _name(text: str) -> str:
    return text[1:-1].replace("''", "'") if text.startswith("'") else text


def _inner(bracket: str) -> str:
    return bracket[1:-1].replace("]]", "]")
