{#
    Where a bronze row comes from: delivery, file and line, as every staging model
    ends. A person who doubts a number finds the line with them.
#}
{% macro landing_columns() -%}
    cast(delivery as date) as delivery_date,
    _file as file_name,
    cast(_line as bigint) as file_line
{%- endmacro %}
