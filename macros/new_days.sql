{#
    Condition that a delivery has no rows in an incremental model yet: its days as
    literals, so that either engine opens the files of these days only. Always true on a
    first build, never where nothing is new.

    current: a query with delivery_date and `made_from`, as of `landed_deliveries`.
#}
{% macro new_days(column, current) -%}
    {%- if is_incremental() -%}
        {%- set days = query_values(
            "select cast(delivery_date as varchar) from (" ~ current ~ ") as deliveries"
            ~ " where made_from not in (select distinct made_from from " ~ this ~ ")"
            ~ " order by delivery_date"
        ) -%}
        {%- if days -%}
            {{ column }} in (
            {%- for day in days %}cast('{{ day }}' as date){% if not loop.last %}, {% endif %}{% endfor -%}
            )
        {%- else -%}
            1 = 0
        {%- endif -%}
    {%- else -%}
        1 = 1
    {%- endif -%}
{%- endmacro %}
