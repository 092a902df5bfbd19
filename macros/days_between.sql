{#
    Days from one date to a later one, as BIGINT; negative when it is earlier.

    date_diff means the same on both engines for days, and only for days.
#}
{% macro days_between(start_date, end_date) -%}
    date_diff('day', {{ start_date }}, {{ end_date }})
{%- endmacro %}
