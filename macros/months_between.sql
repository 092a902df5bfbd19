{#
    Complete calendar months from one day to a later one, as BIGINT.

    Spelled out because date_diff('month', …) counts month ends crossed on DuckDB
    and complete months on Trino.
#}
{% macro months_between(start_date, end_date) -%}
    cast(
        (extract(year from {{ end_date }}) - extract(year from {{ start_date }})) * 12
        + (extract(month from {{ end_date }}) - extract(month from {{ start_date }}))
        - case when extract(day from {{ end_date }}) < extract(day from {{ start_date }}) then 1 else 0 end
        as bigint
    )
{%- endmacro %}
