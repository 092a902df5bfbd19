"""Tables in and out of a dbt Python model, on DuckDB and on Athena for Apache Spark.

Both engines hand over something of their own, and plain pandas would guess types:
an unknown count becomes a float, an unknown text a NaN, an all-null column nothing
that Spark can type. Everything that crosses goes through here, with its types said.

On the way in: numbers with anything unknown are float64 with NaN, DECIMAL is float64
(for arithmetic, never for sums that are published), yes/no and text are objects with
None. On the way out: what the schema says; a column of few values for many rows goes
fastest as a pandas Categorical.
"""

from __future__ import annotations

import datetime

import numpy as np
import pandas as pd

from arcana.errors import ArcanaError

# Types a schema may name. Athena knows no unsigned, nested or zoned ones; neither do we.
TYPES = ("text", "bigint", "double", "boolean", "date")


class FrameError(ArcanaError):
    """A table does not have the columns or the values that its reader relies on."""


def to_pandas(relation, columns=None, by: str | None = None) -> pd.DataFrame:
    """Read what `dbt.ref` gave: a DuckDB relation, a Spark frame or a pandas frame.

    Parameters
    ----------
    relation
        The table.
    columns : sequence of str, optional
        Only these, in this order; a wide table need not be read whole.
    by : str, optional
        A column that says the order of the rows, of text by code point as Python does.
        Engines sort many times faster than pandas.

    Raises
    ------
    FrameError
        If a column is not there.
    """
    if columns is not None:
        missing = [name for name in columns if name not in relation.columns]
        if missing:
            raise FrameError(f"a table lacks the columns {', '.join(missing)}; build it first")
    if hasattr(relation, "toPandas"):
        relation = relation.orderBy(by) if by else relation
        return _from_spark(relation.select(*columns) if columns is not None else relation)
    if hasattr(relation, "to_arrow_table"):
        relation = relation.order(f'"{by}"') if by else relation
        if columns is not None:
            relation = relation.project(", ".join(f'"{name}"' for name in columns))
        return _from_arrow(relation.to_arrow_table())
    relation = relation.sort_values(by, kind="stable", ignore_index=True) if by else relation
    return relation if columns is None else relation[list(columns)]


def to_engine(frame: pd.DataFrame, schema: dict[str, str], session):
    """Give an engine a frame with the columns, order and types of a schema.

    Parameters
    ----------
    frame : pandas.DataFrame
        Holds every column of the schema; others are an error, as they would be lost.
    schema : dict[str, str]
        Column -> one of `TYPES`.
    session
        What dbt gives a Python model: a DuckDB connection or a Spark session.

    Returns
    -------
    pyarrow.Table or pyspark.sql.DataFrame
        Infinity and NaN never get through: the first is an error, the second is null.
    """
    _check_columns(frame, schema)
    if hasattr(session, "createDataFrame"):
        return _to_spark(frame, schema, session)
    return _to_arrow(frame, schema)


def read_own_last(dbt, session, schema: dict[str, str]) -> pd.DataFrame:
    """Read the table that a model wrote last time; empty, with its columns, if never.

    A model of materialisation `table` is swapped in only after it has run, on DuckDB
    and as an Iceberg table on Athena, so its last state can still be read. Whether it
    exists is asked of the catalogue: to try and to catch would take a table that
    cannot be read for one that was never written.
    """
    database, name, table = dbt.this.database, dbt.this.schema, dbt.this.identifier
    if hasattr(session, "createDataFrame"):
        found = table in {known.name for known in session.catalog.listTables(name)}
        # Spark has one catalogue only, so the name of Glue's stays away.
        return to_pandas(session.table(f"{name}.{table}")) if found else empty(schema)
    found = session.execute(
        "select count(*) from information_schema.tables"
        " where table_catalog = ? and table_schema = ? and table_name = ?",
        [database, name, table],
    ).fetchone()[0]
    if not found:
        return empty(schema)
    return to_pandas(session.sql(f'select * from "{database}"."{name}"."{table}"'))


def empty(schema: dict[str, str]) -> pd.DataFrame:
    """Build a frame of no rows with the columns of a schema."""
    return pd.DataFrame({name: pd.Series([], dtype=object) for name in schema})


def _check_columns(frame, schema):
    unknown = sorted(set(schema.values()) - set(TYPES))
    if unknown:
        raise ValueError(f"no such type in a schema: {', '.join(unknown)}")
    missing = [name for name in schema if name not in frame.columns]
    surplus = [name for name in frame.columns if name not in schema]
    if missing or surplus:
        raise FrameError(
            "a Python model built a table that is not its schema:"
            f" missing {', '.join(missing) or 'nothing'}, surplus {', '.join(surplus) or 'nothing'}"
        )


def _categories(series):
    return pd.Series(series.cat.categories.to_numpy(), name=series.name)


def _column(series, kind):
    """Values and the mask of the unknown ones, as two arrays."""
    unknown = pd.isna(series).to_numpy(dtype=bool)
    if kind == "double":
        values = pd.to_numeric(series).to_numpy(dtype=float, na_value=np.nan)
        if np.isinf(values).any():
            raise FrameError(f"{series.name}: {np.isinf(values).sum()} infinite values")
        return values, unknown
    if kind == "bigint":
        return _whole_numbers(series, unknown), unknown
    values = series.to_numpy(dtype=object, na_value=None)
    if kind == "boolean":
        return np.where(unknown, False, values).astype(bool), unknown
    if kind == "date":
        return np.array([_day(value) for value in values], dtype=object), unknown
    return values, unknown


def _whole_numbers(series, unknown):
    if series.dtype.kind in "iu" and not unknown.any():
        return series.to_numpy(dtype=np.int64)
    known = series[~unknown]
    as_float = known.to_numpy(dtype=float)
    is_whole = as_float == np.round(as_float)
    if not is_whole.all():
        raise FrameError(f"{series.name}: a whole number is needed, found {as_float[~is_whole][0]}")
    values = np.zeros(len(series), dtype=np.int64)
    # Python's own integers may be larger than a float can tell apart.
    values[~unknown] = as_float if series.dtype.kind == "f" else [int(value) for value in known]
    return values


def _day(value):
    if value is None or value is pd.NaT:
        return None
    if isinstance(value, datetime.datetime):
        return value.date()
    if isinstance(value, np.datetime64):
        return pd.Timestamp(value).date()
    if isinstance(value, str):
        return datetime.date.fromisoformat(value)
    return value


def _to_arrow(frame, schema):
    import pyarrow as pa  # noqa: PLC0415

    types = {
        "text": pa.string(),
        "bigint": pa.int64(),
        "double": pa.float64(),
        "boolean": pa.bool_(),
        "date": pa.date32(),
    }

    def array(series, kind):
        if not isinstance(series.dtype, pd.CategoricalDtype):
            values, unknown = _column(series, kind)
            return pa.array(values, type=types[kind], mask=unknown)
        codes = series.cat.codes.to_numpy()
        of = array(_categories(series), kind)
        return pa.DictionaryArray.from_arrays(
            pa.array(codes, mask=codes < 0), of
        ).dictionary_decode()

    arrays = [array(frame[name], kind) for name, kind in schema.items()]
    fields = [pa.field(name, types[kind]) for name, kind in schema.items()]
    return pa.Table.from_arrays(arrays, schema=pa.schema(fields))


def _to_spark(frame, schema, session):
    from pyspark.sql import types  # noqa: PLC0415

    spark_types = {
        "text": types.StringType(),
        "bigint": types.LongType(),
        "double": types.DoubleType(),
        "boolean": types.BooleanType(),
        "date": types.DateType(),
    }

    def values_of(series, kind):
        if isinstance(series.dtype, pd.CategoricalDtype):
            # The last one is for the code -1, which is unknown.
            of = [*values_of(_categories(series), kind), None]
            return [of[code] for code in series.cat.codes]
        values, unknown = _column(series, kind)
        # Spark takes Python's own values only, and takes NaN for a number; None is null.
        return [None if gone else value for value, gone in zip(values.tolist(), unknown.tolist())]  # noqa: B905

    lists = [values_of(frame[name], kind) for name, kind in schema.items()]
    fields = [types.StructField(name, spark_types[kind], True) for name, kind in schema.items()]
    rows = list(zip(*lists))  # noqa: B905
    return session.createDataFrame(rows, types.StructType(fields))


def _from_arrow(table):
    import pyarrow as pa  # noqa: PLC0415

    columns = {}
    for name in table.column_names:
        column = table.column(name)
        if pa.types.is_decimal(column.type) or pa.types.is_floating(column.type):
            columns[name] = column.cast(pa.float64()).to_numpy()
        elif pa.types.is_integer(column.type):
            # With nulls pyarrow gives float64 and NaN, without int64.
            columns[name] = column.to_numpy()
        elif pa.types.is_string(column.type) or pa.types.is_boolean(column.type):
            columns[name] = column.to_numpy().astype(object, copy=False)
        else:
            columns[name] = np.array(column.to_pylist(), dtype=object)
    return _frame(columns, table.num_rows)


def _from_spark(relation):
    from pyspark.sql import functions, types  # noqa: PLC0415

    # A DECIMAL would arrive as one Python object a value.
    relation = relation.select(
        *[
            functions.col(field.name).cast("double").alias(field.name)
            if isinstance(field.dataType, types.DecimalType)
            else functions.col(field.name)
            for field in relation.schema.fields
        ]
    )
    numbers = (types.LongType, types.IntegerType, types.ShortType, types.DoubleType)
    frame = relation.toPandas()
    columns = {}
    for field in relation.schema.fields:
        series = frame[field.name]
        if isinstance(field.dataType, numbers):
            columns[field.name] = pd.to_numeric(series).to_numpy()
        else:
            values = series.to_numpy(dtype=object)
            columns[field.name] = np.where(pd.isna(series).to_numpy(), None, values)
    return _frame(columns, len(frame))


def _frame(columns, rows):
    # Each column as its own series of a said type: given objects, pandas would guess again.
    return pd.DataFrame(
        {name: pd.Series(values, dtype=values.dtype) for name, values in columns.items()},
        index=pd.RangeIndex(rows),
        copy=False,
    )
