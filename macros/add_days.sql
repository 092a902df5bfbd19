{#
    A day so many days later, as DATE.

    DuckDB adds an integer to a date, Trino wants date_add with a unit.
#}
{% macro add_days(date, days) -%}
    {{ adapter.dispatch('add_days', 'arcana')(date, days) }}
{%- endmacro %}

{% macro default__add_days(date, days) -%}
    ({{ date }} + cast({{ days }} as integer))
{%- endmacro %}

{% macro athena__add_days(date, days) -%}
    date_add('day', {{ days }}, {{ date }})
{%- endmacro %}
