"""The swap of the served folder, on small files."""

from __future__ import annotations

import threading

import duckdb
import pytest

from arcana.job import publish


@pytest.fixture
def build_file(tmp_path):
    path = tmp_path / "build" / "arcana.duckdb"
    path.parent.mkdir()
    write_build(path, 1)
    return path


def write_build(path, marker):
    path.unlink(missing_ok=True)
    with duckdb.connect(str(path)) as connection:
        for schema in ("bronze", "silver", "gold", "quality"):
            connection.execute(f"create schema {schema}")
        connection.execute(
            "create table silver.int_build__context as"
            " select date '2025-03-25' as as_of_date, true as is_synthetic"
        )
        connection.execute(
            f"create table gold.customer_personas as select {marker} as mixture_version"
        )
        connection.execute(
            f"create table gold.persona_mixture as select {marker} as mixture_version"
        )
        connection.execute(
            f"create table gold.numbers as select i, {marker} as marker, i / 2 as half"
            " from range(1000) as t (i)"
        )
        connection.execute("comment on table gold.numbers is 'It''s a table'")
        connection.execute("comment on column gold.numbers.half is 'Half of it'")
        connection.execute("create table quality.accepted_deliveries as select 'mrr' as subject")
        connection.execute("create table quality.accepted_customers as select 'T1' as customer_id")
        connection.execute(
            "create table quality.quality_reconciliation as select 'mrr' as family,"
            " 1 as record_count, 0 as quarantined_count, 1 as landed_count, 1 as kept_count"
        )
        connection.execute(
            f"create table bronze.stg_erp__landed_files as select '2025-03-25' as delivery_date,"
            f" 'mrr' as family, 'mrr.csv' as file_name, '{marker}' as file_hash"
        )


def test_tables_descriptions_and_build_id_are_served(build_file, tmp_path):
    serve = tmp_path / "serve"
    published = publish.publish(build_file, serve)
    assert published.rows["numbers"] == 1000
    with duckdb.connect(str(serve / "arcana.duckdb"), read_only=True) as connection:
        assert connection.execute("select distinct build_id from gold.numbers").fetchall() == [
            (published.build_id,)
        ]
        assert connection.execute(
            "select comment from duckdb_columns() where column_name = 'half'"
        ).fetchall() == [("Half of it",)]
    assert publish.served_build(serve)["build_id"] == published.build_id
    assert not (serve / publish.COMPLETE).exists()
    assert not serve.with_name("serve.next").exists()


def test_equal_builds_have_equal_ids_and_others_do_not(build_file, tmp_path):
    first = publish.publish(build_file, tmp_path / "serve").build_id
    assert publish.publish(build_file, tmp_path / "other").build_id == first
    write_build(build_file, 2)
    assert publish.publish(build_file, tmp_path / "serve").build_id != first


def test_not_a_number_is_never_published(build_file, tmp_path):
    serve = tmp_path / "serve"
    before = publish.publish(build_file, serve).build_id
    with duckdb.connect(str(build_file)) as connection:
        connection.execute("update gold.numbers set half = 'nan'::double where i = 7")
    with pytest.raises(publish.PublishError, match=r"numbers.*half"):
        publish.publish(build_file, serve)
    assert publish.served_build(serve)["build_id"] == before


def test_without_folder_exchange_files_are_replaced(build_file, tmp_path, monkeypatch):
    serve = tmp_path / "serve"
    publish.publish(build_file, serve)
    (serve / "stale.parquet").touch()
    write_build(build_file, 2)
    monkeypatch.setattr(publish, "_exchange", lambda one, other: False)
    published = publish.publish(build_file, serve)
    assert publish.served_build(serve)["build_id"] == published.build_id
    assert not (serve / "stale.parquet").exists()


@pytest.mark.parametrize("moved", [0, 1, 3])
def test_a_publish_cut_off_while_replacing_is_finished(build_file, tmp_path, monkeypatch, moved):
    serve = tmp_path / "serve"
    publish.publish(build_file, serve)
    write_build(build_file, 2)
    following = serve.with_name("serve.next")

    def cut_off(one, other):
        names = sorted(path.name for path in following.glob("*.parquet"))
        for name in names[:moved]:
            (following / name).replace(serve / name)
        raise KeyboardInterrupt

    monkeypatch.setattr(publish, "_exchange", cut_off)
    with pytest.raises(KeyboardInterrupt):
        publish.publish(build_file, serve)
    publish.recover(serve)
    for path in serve.glob("*.parquet"):
        ids = duckdb.execute(f"select distinct build_id from read_parquet('{path}')").fetchall()
        assert ids == [(publish.served_build(serve)["build_id"],)]
    assert not following.exists()


def test_an_unfinished_publish_is_forgotten(build_file, tmp_path):
    serve = tmp_path / "serve"
    before = publish.publish(build_file, serve).build_id
    following = serve.with_name("serve.next")
    following.mkdir()
    (following / "numbers.parquet").touch()
    publish.recover(serve)
    assert publish.served_build(serve)["build_id"] == before
    assert not following.exists()


def test_readers_never_see_half_a_table(build_file, tmp_path):
    serve = tmp_path / "serve"
    publish.publish(build_file, serve)
    faults, reads, stop = [], [], threading.Event()

    def read():
        connection = duckdb.connect()
        while not stop.is_set():
            try:
                rows = connection.execute(
                    "select count(*), count(distinct build_id) from"
                    f" read_parquet('{serve / 'numbers.parquet'}')"
                ).fetchall()
                reads.append(rows)
                if rows != [(1000, 1)]:
                    faults.append(rows)
            except duckdb.Error as error:
                faults.append(error)

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for marker in range(2, 17):
        write_build(build_file, marker)
        publish.publish(build_file, serve)
    stop.set()
    for reader in readers:
        reader.join()
    assert not faults
    assert len(reads) > 15
