{#
    The deliveries of a carried table, as a query: delivery_date and `made_from`, which
    stands for the rows of that day (their own `made_from`) and the code that reads them.

    rows: relation or CTE with delivery_date and `made_from`, as of `landed_deliveries`.
#}
{% macro carried_deliveries(rows, code) -%}
    select
        delivery_date,
        {{ text_hash("min(made_from) || '; " ~ code ~ "'") }} as made_from

    from {{ rows }}

    group by delivery_date
{%- endmacro %}
