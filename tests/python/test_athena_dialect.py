"""The SQL of the Athena target, compiled and read without an account.

dbt compiles every SQL model, analysis and test for the target `athena`, and each
statement is held to what Trino accepts: it parses, calls known functions only, uses
no reserved word as a name and nothing that DuckDB alone understands.

A parse proves little. Not seen here: types (Trino compares no varchar with a number,
and adds no integer to a date unless it can be told by its name), functions called
with the wrong arguments, what Athena's own DDL refuses, and the two Python models.
Only a Trino that has run the statements knows that.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import sqlglot
from conftest import ROOT, new_project
from sqlglot import exp

from arcana import families
from arcana.landing.ledger import contract_rows

# What DuckDB accepts and Trino does not, as it looks in SQL without comments and
# texts, in lower case; and what to write instead.
DENIED = {
    r"::": "cast(x as type): Trino has no ::",
    r"//": "integer division is / between integers",
    r"\bqualify\b": "rank in a CTE and filter in the next: no QUALIFY",
    r"\b(group|order) by all\b": "name the columns",
    r"\bilike\b": "lower(x) like: no ILIKE",
    r"~~|!~|\bsimilar to\b|\bglob\b": "regexp_like, through the macro matches",
    r"\bexclude\s*\(|\*\s*replace\s*\(": "name the columns: no star with exceptions",
    r"\b(select|from)\s+columns\s*\(": "name the columns: no COLUMNS()",
    r"\basof join\b|\b(semi|anti|positional) join\b": "not in Trino",
    r"\bpivot\b|\bunpivot\b": "case expressions",
    r"\[": "no list literals, slices or subscripts in what both engines run",
    r"\{": "no struct literals",
    r"\blambda\b": "not shared between the engines",
    r"(^|\()\s*from\b": "select first: no FROM without it",
    r"\bas (text|string|hugeint|uhugeint|u?int64|u?int32|float[48]?|blob|json|uuid|datetime)\b": (
        "varchar, bigint, double, varbinary"
    ),
    r"\bas (enum|struct|union|list)\b": "no nested types in what Power BI reads",
    r"\btimestamp_(s|ms|ns|us)\b|\btimestamptz\b": "timestamp, without a zone",
    r"\binterval\s+\d|\binterval\s+\(": "add_days: DuckDB's bare interval is not Trino's",
    r"\bmd5\((?!to_utf8)": "Trino hashes bytes: through the macro text_hash",
    r"\bdate_add\((?!'day', )": "date_add(unit, number, date), through the macro add_days",
    r"\bdate_diff\((?!'day', )": "units other than days differ between the engines",
    r"\bconcat_ws\(": "row_content: DuckDB's leaves nulls out otherwise",
    r"\bcurrent_(date|time|timestamp)\b|\blocaltime(stamp)?\b": "the clock is as_of_date()",
    r";\s*\S": "one statement a file",
    r"\brange\s+between\s+interval\b": "differs between the engines",
    r"\bfrom\s+range\b|\bfrom\s+read_\w+": "tables only",
    r"\blimit\s+\S+\s+offset\b": "Trino wants OFFSET first, and pages are not models",
}
# Functions that Trino's documentation lists and that mean the same on DuckDB, or are
# written for Trino by a macro. Look a new one up on both sides before it goes here.
ALLOWED_FUNCTIONS = set(
    re.findall(
        r"\w+",
        """
    abs any_value array_agg array_join array_sort avg ceiling chr coalesce count date_add
    date_diff date_parse date_trunc dense_rank element_at extract first_value floor greatest lag
    last_value lead least length ln lower max md5 min mod nullif ntile percent_rank power rank
    regexp_like regexp_replace replace round row_number sign sqrt stddev_samp substr sum to_hex
    to_utf8 trim try upper
    cast try_cast decimal varchar
    """,
    )
)
# Words that stand before an opening bracket and are no function.
_NOT_FUNCTIONS = set(
    re.findall(
        r"\w+",
        """
    all and any as by case cube distinct else except exists filter from having in intersect is
    join like not on or over partition select some then union using values when where with
    """,
    )
)
# https://trino.io/docs/current/language/reserved.html, and FIRST and LAST, which
# Athena reserves beside them.
RESERVED = set(
    re.findall(
        r"\w+",
        """
    ALTER AND AS AUTO BETWEEN BY CASE CAST CONSTRAINT CREATE CROSS CUBE CURRENT_CATALOG
    CURRENT_DATE CURRENT_PATH CURRENT_ROLE CURRENT_SCHEMA CURRENT_TIME CURRENT_TIMESTAMP
    CURRENT_USER DEALLOCATE DELETE DESCRIBE DISTINCT DROP ELSE END ESCAPE EXCEPT EXECUTE
    EXISTS EXTRACT FALSE FIRST FOR FROM FULL GROUP GROUPING HAVING IN INNER INSERT
    INTERSECT INTO IS JOIN JSON_ARRAY JSON_EXISTS JSON_OBJECT JSON_QUERY JSON_TABLE
    JSON_VALUE LAST LEFT LIKE LISTAGG LOCALTIME LOCALTIMESTAMP NATURAL NORMALIZE NOT NULL
    ON OR ORDER OUTER PREPARE RECURSIVE RIGHT ROLLUP SELECT SKIP TABLE THEN TRIM TRUE
    UESCAPE UNION UNNEST USING VALUES WHEN WHERE WITH
    """,
    )
)
# Athena refuses longer statements.
MAXIMUM_BYTES = 262_144
# Types of a contract that both engines know by this name.
CONTRACT_TYPES = {"varchar", "bigint", "double", "boolean", "date", "decimal(18,6)"}


def test_every_statement_is_accepted(statements):
    faults = {name: found for name, sql in statements.items() if (found := faults_of(sql))}
    assert not faults, "\n".join(f"{name}: {found}" for name, found in faults.items())


def test_the_whole_project_was_compiled(statements):
    names = {Path(name).stem for name in statements}
    missing = {
        path.stem
        for folder in ("models", "analyses", "tests")
        for path in (ROOT / folder).rglob("*.sql")
        if "generic" not in path.parts
    } - names
    assert not missing
    assert len(statements) > 200


def test_every_dispatched_macro_speaks_for_athena(statements):
    compiled = "\n".join(statements.values())
    assert "regexp_like(" in compiled
    assert "lower(to_hex(md5(to_utf8(" in compiled
    assert "date_parse(" in compiled
    assert "read_parquet" not in compiled


def test_contracts_use_types_of_both_engines():
    declared = {
        (path.name, kind)
        for path in (ROOT / "models/marts").rglob("*.yml")
        for kind in re.findall(r"data_type: *(.+)", path.read_text(encoding="utf-8"))
    }
    assert {kind for _, kind in declared} <= CONTRACT_TYPES, declared


@pytest.mark.parametrize(
    "sql",
    [
        "select a::bigint from t",
        "select a // 2 as half from t",
        "select a from t qualify row_number() over (partition by a order by b) = 1",
        "select a, count(*) as n from t group by all",
        "select a from t order by all",
        "select a from t where a ilike 'x%'",
        "select * exclude (a) from t",
        "select * replace (a + 1 as a) from t",
        "select regexp_matches(a, 'x') as m from t",
        "select strptime(a, '%d') as d from t",
        "select try_strptime(a, '%d') as d from t",
        "select strftime(a, '%d') as d from t",
        "select list_sum(a) as s from t",
        "select string_agg(a, ',') as s from t",
        "select median(a) as m from t",
        "select quantile_cont(a, 0.5) as m from t",
        "select len(a) as n from t",
        "select epoch(a) as n from t",
        "select md5(a) as h from t",
        "select date_add(a, interval 1 day) as d from t",
        "select date_diff('month', a, b) as n from t",
        "select a_date + 1 as d from t",
        "select cast(a as date) - 1 as d from t",
        "select cast(a as text) as b from t",
        "select [1, 2] as numbers",
        "select {'a': 1} as s",
        "select i from generate_series(1, 3) as s (i)",
        "select i from range(3) as s (i)",
        "select to_json(a) as j from t",
        "select sum(a) as total, total / 2 as half from t",
        "select a + 1 as b from t where b > 1",
        "select count(*) as n from t group by a having n > 1",
        "with extract as (select 1 as a) select a from extract",
        "select extract.a from t as extract",
        "select a as end from t",
        "select current_date as today",
        "from t select a",
        "select a from t where",
    ],
)
def test_what_only_duckdb_accepts_is_refused(sql):
    assert faults_of(sql)


@pytest.mark.parametrize(
    "sql",
    [
        "select '::' as a, a.\"end\" from t as a -- // ilike",
        "select extract(year from a_date) as y from t",
        "select date_add('day', n + 1, a_date) as d from t",
        "select is_x = 'true' as is_x from t",
        "select count(*) as n from t group by a having count(*) > 1 order by n",
        "select try_cast(a as decimal(18, 6)) as b from (values (1), (2)) as v (a)",
        "select lower(to_hex(md5(to_utf8(a)))) as h from t where a is distinct from b",
        "select count(*) filter (where a > 1) as n from t",
    ],
)
def test_what_trino_accepts_passes(sql):
    assert not faults_of(sql)


@pytest.fixture(scope="session")
def statements(tmp_path_factory) -> dict[str, str]:
    """Compiled SQL for Athena by its path, from one run of dbt without a connection."""
    folder = tmp_path_factory.mktemp("athena")
    project = new_project(folder, raw=folder)
    shutil.copyfile(ROOT / "dbt_project.yml", folder / "dbt_project.yml")
    for name in ("macros", "models", "python_models", "seeds", "tests", "analyses"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("python"))
    # Nobody can be asked for the landed contract, and staging is what it says.
    (folder / "macros/contract_of.sql").write_text(
        "{% macro contract_of(family) -%}\n"
        f"{{{{ source('erp', 'contract') and return({json.dumps(_contract())}[family]) }}}}\n"
        "{%- endmacro %}\n",
        encoding="utf-8",
    )
    done = subprocess.run(
        [
            *[sys.executable, "-m", "dbt.cli.main", "--no-use-colors", "compile"],
            *["--target", "athena", "--no-introspect", "--no-populate-cache"],
            # The Python models themselves need a connection, their tests do not.
            *["--select", "resource_type:model", "resource_type:test", "resource_type:analysis"],
            *["--exclude", "resource_type:model,path:python_models"],
            *["--indirect-selection", "empty"],
        ],
        cwd=folder,
        env={
            **project.full_environment(),
            "ARCANA_TARGET": "athena",
            # Nobody listens there: a call of AWS fails at once instead of leaving.
            "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_ACCESS_KEY_ID": "nobody",
            "AWS_SECRET_ACCESS_KEY": "nothing",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    compiled = project.data / "target/compiled/arcana"
    return {
        str(path.relative_to(compiled)): path.read_text(encoding="utf-8")
        for path in sorted(compiled.rglob("*.sql"))
    }


def _contract() -> dict[str, dict[str, dict]]:
    """The contract as `contract_of` returns it, by family, with every form of a date in it."""
    contract: dict[str, dict[str, dict]] = {}
    for row in contract_rows(families.load()):
        declared = {name: row[name] for name in ("type", "decimal_mark")}
        declared |= {name: json.loads(row[name]) for name in ("formats", "null_words")}
        declared["is_key"] = row["is_key"] == "true"
        contract.setdefault(row["family"], {})[row["column_name"]] = declared
    contract["tickets"]["dt_criacao"]["formats"] = [*families.FORMATS]
    return contract


def faults_of(sql: str) -> list[str]:
    """Everything in one statement that Trino would refuse, as far as can be told."""
    bare = _without_texts_and_comments(sql)
    found = [
        f"{match.group(0)!r}: {instead}"
        for pattern, instead in DENIED.items()
        if (match := re.search(pattern, bare.strip()))
    ]
    called = set(re.findall(r"\b([a-z_][a-z0-9_]*)\s*\(", bare)) - _NOT_FUNCTIONS
    columns_of_values = set(re.findall(r"\)\s*as\s+([a-z_][a-z0-9_]*)\s*\(", bare))
    found += [
        f"{name}(): not among the functions known to mean the same"
        for name in sorted(called - ALLOWED_FUNCTIONS - columns_of_values)
    ]
    if len(sql.encode()) > MAXIMUM_BYTES:
        found.append(f"longer than the {MAXIMUM_BYTES} bytes of an Athena statement")
    try:
        tree = sqlglot.parse_one(sql, dialect="athena")
    except sqlglot.errors.SqlglotError as error:
        return [*found, f"does not parse: {str(error).splitlines()[0]}"]
    if tree is None:
        return [*found, "is empty"]
    return [*found, *_reserved_names(tree), *_lateral_aliases(tree), *_sums_of_dates(tree)]


def _without_texts_and_comments(sql: str) -> str:
    """The statement in lower case, its texts (but for short words), names and comments out."""
    pattern = r"--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'|\"[^\"]*\""

    def shorten(match: re.Match) -> str:
        text = match.group(0)
        return text if text == "'day'" else "''" if text[0] == "'" else " "

    return re.sub(pattern, shorten, sql, flags=re.DOTALL).lower()


def _reserved_names(tree: exp.Expression) -> list[str]:
    return [
        f"{name.name}: a reserved word of Trino, not to be used as a name"
        for name in tree.find_all(exp.Identifier)
        if not name.quoted and name.name.upper() in RESERVED
    ]


def _lateral_aliases(tree: exp.Expression) -> list[str]:
    """Aliases used beside or below the SELECT list that gives them; DuckDB allows it.

    An alias whose own expression reads a column of that name may mean that column.
    """
    found = []
    for select in tree.find_all(exp.Select):
        given: set[str] = set()
        for projection in select.expressions:
            found += _uses(projection, given, select)
            if isinstance(projection, exp.Alias) and not _reads(projection, projection.alias):
                given.add(projection.alias)
        for clause in ("where", "group", "having"):
            if select.args.get(clause):
                found += _uses(select.args[clause], given, select)
    return found


def _uses(expression: exp.Expression, aliases: set[str], select: exp.Select) -> list[str]:
    return [
        f"{column.name}: an alias of the same SELECT"
        for column in expression.find_all(exp.Column)
        if not column.table
        and column.name in aliases
        and column.find_ancestor(exp.Select) is select
    ]


def _reads(expression: exp.Expression, name: str) -> bool:
    return any(column.name == name for column in expression.find_all(exp.Column))


def _sums_of_dates(tree: exp.Expression) -> list[str]:
    return [
        f"{sum_.sql()}: a date and a number, through the macros add_days and days_between"
        for sum_ in tree.find_all(exp.Add, exp.Sub)
        if _is_date(sum_.left) or _is_date(sum_.right)
    ]


def _is_date(expression: exp.Expression) -> bool:
    if isinstance(expression, exp.Paren):
        return _is_date(expression.this)
    if isinstance(expression, exp.Cast):
        return expression.to.this in (exp.DataType.Type.DATE, exp.DataType.Type.TIMESTAMP)
    return isinstance(expression, exp.Column) and expression.name.endswith(("_date", "_at"))
