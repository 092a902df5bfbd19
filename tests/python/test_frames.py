"""Tables cross between engine and pandas with their types and their unknowns whole."""

import datetime
from types import SimpleNamespace

import duckdb
import numpy as np
import pandas as pd
import pytest

from arcana.engine import frames

SCHEMA = {
    "id": "text",
    "count": "bigint",
    "share": "double",
    "is_it": "boolean",
    "day": "date",
}
ROWS = """
    select 'a' as id, 1::bigint as count, 0.5::double as share, true as is_it,
        date '2025-03-25' as day
    union all select 'b', null, null, null, null
    order by id
"""


@pytest.fixture
def session():
    with duckdb.connect() as connection:
        yield connection


def test_text_and_days_that_are_unknown_are_none_and_numbers_are_nan(session):
    frame = frames.to_pandas(session.sql(ROWS))
    assert frame["id"].dtype == object
    assert frame["is_it"].tolist() == [True, None]
    assert frame["day"].tolist() == [datetime.date(2025, 3, 25), None]
    assert frame["count"].dtype == np.float64
    assert np.isnan(frame["count"][1])


def test_money_arrives_as_float(session):
    frame = frames.to_pandas(session.sql("select 0.004::decimal(18, 6) as amount_brl"))
    assert frame["amount_brl"].dtype == np.float64
    assert frame["amount_brl"][0] == 0.004


def test_a_table_goes_round_unchanged(session):
    frame = frames.to_pandas(session.sql(ROWS))
    written = frames.to_engine(frame, SCHEMA, session)
    assert session.from_arrow(written).fetchall() == session.sql(ROWS).fetchall()
    assert written.column("count").to_pylist() == [1, None]


def test_pandas_own_types_are_taken_too(session):
    frame = pd.DataFrame(
        {
            "id": pd.Series(["a", None]),
            "count": pd.Series([2**60, None], dtype="Int64"),
            "share": pd.Series([np.nan, 1], dtype="Float64"),
            "is_it": pd.Series([None, False], dtype="boolean"),
            "day": pd.to_datetime(pd.Series(["2025-03-25", None])),
        }
    )
    assert frames.to_engine(frame, SCHEMA, session).to_pylist() == [
        {
            "id": "a",
            "count": 2**60,
            "share": None,
            "is_it": None,
            "day": datetime.date(2025, 3, 25),
        },
        {"id": None, "count": None, "share": 1.0, "is_it": False, "day": None},
    ]


def test_columns_without_a_value_keep_their_type(session):
    frame = pd.DataFrame({name: [None, None] for name in SCHEMA})
    for rows in (frame, frame.iloc[:0], frames.empty(SCHEMA)):
        types = session.from_arrow(frames.to_engine(rows, SCHEMA, session)).types
        assert [str(kind) for kind in types] == ["VARCHAR", "BIGINT", "DOUBLE", "BOOLEAN", "DATE"]


def test_categories_are_written_as_their_values(session):
    frame = frames.to_pandas(session.sql(ROWS))
    written = frames.to_engine(frame.astype("category"), SCHEMA, session)
    assert written.equals(frames.to_engine(frame, SCHEMA, session))
    assert [str(kind) for kind in written.schema.types][:2] == ["string", "int64"]


def test_the_order_asked_for_is_that_of_python(session):
    ids = ["b", "Z", "é", "a-1", "a", "\U0001f600", "ﬀ"]
    values = ", ".join(f"('{value}', 1)" for value in ids)
    relation = session.sql(f"select * from (values {values}) as t(id, n)")
    assert frames.to_pandas(relation, ["id"], by="id")["id"].tolist() == sorted(ids)
    plain = pd.DataFrame({"id": ids})
    assert frames.to_pandas(plain, by="id")["id"].tolist() == sorted(ids)


def test_infinity_and_fractions_are_named(session):
    whole = frames.to_pandas(session.sql(ROWS))
    with pytest.raises(frames.FrameError, match="share: 1 infinite"):
        frames.to_engine(whole.assign(share=[np.inf, 0.0]), SCHEMA, session)
    with pytest.raises(frames.FrameError, match="count: a whole number is needed"):
        frames.to_engine(whole.assign(count=[0.5, np.nan]), SCHEMA, session)


def test_a_frame_that_is_not_its_schema_is_refused(session):
    frame = frames.to_pandas(session.sql(ROWS)).rename(columns={"share": "part"})
    with pytest.raises(frames.FrameError, match="missing share, surplus part"):
        frames.to_engine(frame, SCHEMA, session)


def test_only_the_columns_asked_for_are_read(session):
    assert list(frames.to_pandas(session.sql(ROWS), ["day", "id"]).columns) == ["day", "id"]
    with pytest.raises(frames.FrameError, match="lacks the columns nowhere"):
        frames.to_pandas(session.sql(ROWS), ["nowhere"])


def test_a_model_reads_what_it_wrote_last_or_nothing(session):
    dbt = SimpleNamespace(
        this=SimpleNamespace(database="memory", schema="gold", identifier="own table")
    )
    assert frames.read_own_last(dbt, session, SCHEMA).shape == (0, len(SCHEMA))
    session.execute("create schema gold")
    session.execute(f'create table gold."own table" as {ROWS}')
    assert frames.read_own_last(dbt, session, SCHEMA)["id"].tolist() == ["a", "b"]


def test_spark_is_given_python_values_and_types_only(monkeypatch):
    """A stand-in for Spark: what reaches createDataFrame is what Spark can type."""
    names = ("StringType", "LongType", "DoubleType", "BooleanType", "DateType")
    types = SimpleNamespace(
        **{name: (lambda name=name: name) for name in names},
        StructField=lambda name, kind, nullable: (name, kind),
        StructType=list,
    )
    modules = {"pyspark": SimpleNamespace(), "pyspark.sql": SimpleNamespace(types=types)}
    for name, module in modules.items():
        monkeypatch.setitem(__import__("sys").modules, name, module)
    spark = SimpleNamespace(createDataFrame=lambda rows, schema: (rows, schema))
    frame = pd.DataFrame(
        {"id": ["a", None], "count": [1.0, np.nan], "share": [np.nan, 0.5]}
        | {"is_it": [True, None], "day": [datetime.date(2025, 3, 25), None]}
    )
    rows, schema = frames.to_engine(frame, SCHEMA, spark)
    assert rows == [
        ("a", 1, None, True, datetime.date(2025, 3, 25)),
        (None, None, 0.5, None, None),
    ]
    assert [type(value) for value in rows[0]] == [str, int, type(None), bool, datetime.date]
    assert schema == list(zip(SCHEMA, names, strict=True))
