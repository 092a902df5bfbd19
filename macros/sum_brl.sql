{#
    Sum money, exact and cast back to DECIMAL(18,6): equal on every run and number
    of threads, and a type Power BI reads.
#}
{% macro sum_brl(expression) -%}
    cast(sum({{ expression }}) as decimal(18, 6))
{%- endmacro %}
