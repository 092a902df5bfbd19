{#
    Regular expression of a number with this decimal mark, as `parse_decimal` reads it.
#}
{% macro number_form(decimal_mark) -%}
    ^-?[0-9]+([{{ decimal_mark }}][0-9]+)?([eE]-[0-9]{1,2})?$
{%- endmacro %}
