{#
    The texts of a group as one, in an order, separated by semicolons; null if there are none.
#}
{% macro joined_text(expression, order_by) -%}
    {{ adapter.dispatch('joined_text', 'arcana')(expression, order_by) }}
{%- endmacro %}

{% macro default__joined_text(expression, order_by) -%}
    string_agg({{ expression }}, '; ' order by {{ order_by }})
{%- endmacro %}

{% macro athena__joined_text(expression, order_by) -%}
    nullif(array_join(array_agg({{ expression }} order by {{ order_by }}), '; '), '')
{%- endmacro %}
