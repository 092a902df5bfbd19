{#
    The first column of a query's result, as a list of texts in its order.

    Empty while dbt parses, and where it is to ask the engine nothing.
#}
{% macro query_values(sql) -%}
    {%- set values = [] -%}
    {%- if execute and flags.INTROSPECT -%}
        {%- for value in run_query(sql).columns[0].values() -%}
            {%- do values.append(value | string) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(values) }}
{%- endmacro %}
