{#
    The statement with which dbt makes a table, as dbt-duckdb writes it, but for the rows that
    an incremental model appends.

    dbt-duckdb puts these into a temporary table first, which DuckDB keeps uncompressed, in
    memory or spilled: a delivery of 31 million telemetry records writes 8 GB more that way.
    As a view they are worked out while they are inserted. Only for `append`, which
    reads them once, and before anything is deleted.
#}
{% macro duckdb__create_table_as(
    temporary, relation, compiled_code, language='sql', partitioned_by=none, sorted_by=none
) -%}
    {%- if temporary and language == 'sql' and config.get('incremental_strategy') == 'append' -%}
        create or replace temporary view {{ relation.include(database=false, schema=false) }} as (
            {{ compiled_code }}
        )
    {%- else -%}
        {{ return(dbt.duckdb__create_table_as(
            temporary, relation, compiled_code, language, partitioned_by, sorted_by
        )) }}
    {%- endif -%}
{%- endmacro %}
