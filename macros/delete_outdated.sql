{#
    Take out of an incremental model what would be made otherwise today: rows whose
    `made_from` is not in `current`, a query with that column. Nothing on a first build.

    For a pre-hook: what is current and missing is then added by the model itself.
#}
{% macro delete_outdated(current) -%}
    {%- if is_incremental() -%}
        delete from {{ this }}
        where made_from not in (select current_rows.made_from from ({{ current }}) as current_rows)
    {%- endif -%}
{%- endmacro %}
