{#
    dbt's own, but false where dbt is to ask the engine nothing (`--no-introspect`):
    dbt's would look for the table all the same, and fail without a connection.
#}
{% macro is_incremental() -%}
    {{ return(flags.INTROSPECT and dbt.is_incremental()) }}
{%- endmacro %}
