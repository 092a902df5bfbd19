{#
    Take out of an incremental model what would be made otherwise today: rows whose
    `made_from` is not in `current`, a query with that column. Nothing on a first build.

    For a pre-hook outside of the model's transaction, in which DuckDB changes no columns
    of a table with deleted rows. What is current and missing the model then adds; a build
    killed in between has only less to begin with.
#}
{% macro delete_outdated(current) -%}
    {%- if is_incremental() -%}
        delete from {{ this }}
        where made_from not in (select current_rows.made_from from ({{ current }}) as current_rows)
    {%- endif -%}
{%- endmacro %}
