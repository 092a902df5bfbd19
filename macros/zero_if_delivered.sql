{#
    Zero for a customer without rows in a delivered family; null when the family
    was not delivered, because then it is not known.
#}
{% macro zero_if_delivered(column, is_delivered) -%}
    case when {{ is_delivered }} then coalesce({{ column }}, 0) end
{%- endmacro %}
